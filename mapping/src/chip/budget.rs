//! The budgets of a core by name.

use std::fmt;

/// What a core can run out of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Budget {
    /// Neurons.
    Compartments,
    /// Distinct sources with at least one target in the core, its own neurons included.
    InputAxons,
    /// Destination cores, its own included, summed over the core's neurons.
    OutputAxons,
    /// Words of synapse memory.
    SynapseWords,
    /// Distinct configurations of neurons.
    NeuronConfigs,
}

/// What a core uses of every budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Neurons.
    pub compartments: u64,
    /// Distinct sources with at least one target in the core.
    pub input_axons: u64,
    /// Destination cores summed over the core's neurons.
    pub output_axons: u64,
    /// Words of synapse memory.
    pub synapse_words: u64,
    /// Distinct configurations of neurons.
    pub neuron_configs: u64,
}

impl Budget {
    /// Every one of them.
    pub const ALL: [Self; 5] =
        [Self::Compartments, Self::InputAxons, Self::OutputAxons, Self::SynapseWords, Self::NeuronConfigs];
}

impl Usage {
    /// What is used of one budget.
    pub fn of(&self, budget: Budget) -> u64 {
        match budget {
            Budget::Compartments => self.compartments,
            Budget::InputAxons => self.input_axons,
            Budget::OutputAxons => self.output_axons,
            Budget::SynapseWords => self.synapse_words,
            Budget::NeuronConfigs => self.neuron_configs,
        }
    }
}

impl fmt::Display for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Compartments => "compartments",
            Self::InputAxons => "input axons",
            Self::OutputAxons => "output axons",
            Self::SynapseWords => "words of synapse memory",
            Self::NeuronConfigs => "neuron configurations",
        })
    }
}
