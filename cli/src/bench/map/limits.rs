//! The budgets of a core, by the name of a chip.

use rheobase_mapping::chip::{Limits, SynapseMemory};

/// Words of 64 bits, ten bits in front of every 64 synapses: nengo-loihi 1.1.0, `SynapseConfig.bits_per_axon`.
const LOIHI_MEMORY: SynapseMemory = SynapseMemory { word: 64, header: 10, block: 64 };

/// The budgets of a chip, or `None` if there is none of that name.
pub fn named(chip: &str) -> Option<Limits> {
    match chip {
        "loihi1" => Some(Limits {
            compartments: 1024,
            input_axons: 4096,
            output_axons: 4096,
            synapse_words: 16_384,
            neuron_configs: 8,
            memory: LOIHI_MEMORY,
        }),
        _ => None,
    }
}
