//! What one core of a chip holds.

use super::file::{Reader, Section, Whole};

/// The budgets of a core; `None` is a budget that the chip does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoreBudgets {
    /// Compartments: neurons.
    pub compartments: u32,
    /// Distinct sources with at least one target in the core, its own neurons included.
    pub input_axons: Option<u32>,
    /// Destination cores, its own included, summed over the core's neurons.
    pub output_axons: Option<u32>,
    /// Words of synapse memory.
    pub synapse_words: Option<u64>,
    /// Distinct configurations of neurons.
    pub neuron_configs: Option<u32>,
    /// Synapses that end at one neuron.
    pub fan_in: Option<u32>,
}

impl CoreBudgets {
    pub(super) fn read<'a>(mut section: Section<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        /// More than any core will hold, and few enough to be added up.
        const COUNT: Whole = Whole(1..=u32::MAX as i64 - 1);
        const WORDS: Whole = Whole(1..=1 << 48);
        let compartments = section.figure("compartments", &COUNT, reader);
        let input_axons = section.optional("input_axons", &COUNT, reader);
        let output_axons = section.optional("output_axons", &COUNT, reader);
        let synapse_words = section.optional("synapse_words", &WORDS, reader);
        let neuron_configs = section.optional("neuron_configs", &COUNT, reader);
        let fan_in = section.optional("fan_in", &COUNT, reader);
        section.close(reader);
        Some(Self {
            compartments: compartments?,
            input_axons: input_axons?,
            output_axons: output_axons?,
            synapse_words: synapse_words?,
            neuron_configs: neuron_configs?,
            fan_in: fan_in?,
        })
    }
}
