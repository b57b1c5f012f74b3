//! The budgets of a core as plain numbers, for those who count.

/// What one core can hold. A budget that a chip does not have is the type's greatest value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Compartments: neurons.
    pub compartments: u32,
    /// Distinct sources with at least one target in the core, its own neurons included.
    pub input_axons: u32,
    /// Destination cores, its own included, summed over the core's neurons: what a core needs depends on
    /// where the targets of its neurons are.
    pub output_axons: u32,
    /// Words of synapse memory, see [`SynapseMemory`].
    pub synapse_words: u64,
    /// Distinct configurations of neurons.
    pub neuron_configs: u32,
    /// How synapses are laid into words.
    pub memory: SynapseMemory,
}

/// How the synapses of one source in one core are laid into words.
///
/// They are cut into blocks of at most `block` synapses. A block takes `header` bits and the bits of its
/// synapses, rounded up to whole words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SynapseMemory {
    /// Bits of a word, > 0.
    pub word: u32,
    /// Bits in front of a block.
    pub header: u32,
    /// The most synapses of a block, > 0.
    pub block: u32,
}

impl SynapseMemory {
    /// Bits that a source takes in a core beside its synapses, about: the header, and half a word of rounding up.
    pub(crate) fn rounding(&self) -> f32 {
        self.header as f32 + 0.5 * self.word as f32
    }

    /// The words of `n` synapses of `bits` bits each, which one source has in one core.
    pub fn words(&self, n: u32, bits: u32) -> u64 {
        let words =
            |n: u32| (u64::from(n) * u64::from(bits) + u64::from(self.header)).div_ceil(u64::from(self.word));
        let (full, rest) = (n / self.block, n % self.block);
        u64::from(full) * words(self.block) + if rest > 0 { words(rest) } else { 0 }
    }
}
