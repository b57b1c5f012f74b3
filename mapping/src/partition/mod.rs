//! Which neurons share a core.

/// Which part every neuron belongs to. A part is a core that has no place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The part of every neuron; `[n_neurons]`.
    pub part: Vec<u32>,
    /// The number of parts; none is empty.
    pub n_parts: u32,
}
