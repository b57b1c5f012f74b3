//! Which core of the board a part becomes.

/// Where the parts are: every part has a core of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The core of every part, as a [`Mesh`](crate::chip::Mesh) numbers them; `[n_parts]`.
    pub core: Vec<u32>,
}
