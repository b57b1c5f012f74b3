//! What can be wrong with a mapping.

use std::fmt;

use crate::chip::Budget;

/// One fault of a mapping: the thing, what it uses, the limit and the way out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingFault {
    /// A core uses more than it has.
    #[error("core {core} uses {used} {budget}, and the limit is {limit} ({} too many); it holds {}: {}", used - limit, said(holds), way_out(*budget))]
    OverBudget {
        /// The core.
        core: u32,
        /// What it has too little of.
        budget: Budget,
        /// What it uses.
        used: u64,
        /// What it has.
        limit: u64,
        /// Whose neurons it holds.
        holds: Vec<Share>,
    },
    /// More synapses end at a neuron than the chip lets.
    #[error(
        "population \"{population}\", neuron {neuron}: {used} synapses end at it, and the limit is {limit}: leave out {}{}",
        used - limit, also(*others)
    )]
    FanIn {
        /// The population.
        population: String,
        /// The first neuron that has too many.
        neuron: u32,
        /// How many.
        used: u32,
        /// How many it may have.
        limit: u32,
        /// How many more neurons of the population have too many.
        others: usize,
    },
    /// A population is nothing that a core can hold, and no source of spikes.
    #[error("population \"{population}\" is {problem}, which no core holds: leave it out")]
    NotMappable {
        /// The population.
        population: String,
        /// What it is.
        problem: &'static str,
    },
    /// A list is not as long as it has to be.
    #[error("the {who} has {len} {what}, and there are {expected} {of}: make both from the same network")]
    Length {
        /// `layout`, `activity`, `partition` or `placement`.
        who: &'static str,
        /// What the list holds.
        what: &'static str,
        /// How long it is.
        len: usize,
        /// How long it has to be.
        expected: usize,
        /// What has to be as many.
        of: &'static str,
    },
    /// The mesh is not that of the chip.
    #[error("the mesh has other tiles or costs than {chip}: make it by `Chip::mesh`")]
    OtherMesh {
        /// The chip.
        chip: String,
    },
    /// A step has no length.
    #[error("a step of the chip is {dt} ms, and has to be finite and above 0")]
    Step {
        /// Its length \[ms\].
        dt: f64,
    },
    /// A neuron is in a part that is not there.
    #[error("population \"{population}\", neuron {neuron} is in part {part}, and there are {n_parts} parts{}", also(*others))]
    NoSuchPart {
        /// The population.
        population: String,
        /// The first neuron that is.
        neuron: u32,
        /// Its part.
        part: u32,
        /// How many parts there are.
        n_parts: u32,
        /// How many more neurons are.
        others: usize,
    },
    /// A part has no neuron.
    #[error("part {part} has no neuron: leave it out{}", also(*others))]
    EmptyPart {
        /// The first part that has none.
        part: u32,
        /// How many more have none.
        others: usize,
    },
    /// A part is on a core that the board does not have.
    #[error("part {part} is on core {core}, and the board has {n_cores}: take a larger board")]
    NoSuchCore {
        /// The part.
        part: u32,
        /// Its core.
        core: u32,
        /// How many cores the board has.
        n_cores: u64,
    },
    /// Two parts are on one core.
    #[error("parts {} and {} are both on core {core}: move one", parts[0], parts[1])]
    SharedCore {
        /// The core.
        core: u32,
        /// The parts.
        parts: [u32; 2],
    },
    /// Synapses are so many bits wide as none of the chip are.
    #[error(
        "projection \"{projection}\": its synapses have {bits} bits, and the chip's have {weights} for the weight, {index} for the index and {} to {} for the delay: quantize it for this chip",
        delay[0], delay[1]
    )]
    Width {
        /// The projection.
        projection: String,
        /// Their width.
        bits: u16,
        /// The widths that weights may have.
        weights: String,
        /// Bits of an index.
        index: u32,
        /// The fewest bits that the projection's delays take, and the most that the chip has.
        delay: [u32; 2],
    },
    /// A delay is longer than the chip can wait.
    #[error(
        "projection \"{projection}\": its longest delay is {delay} ms, and the chip's is {limit} ms ({steps} steps beyond the first): shorten it or take a longer step"
    )]
    Delay {
        /// The projection.
        projection: String,
        /// The longest delay \[ms\].
        delay: f64,
        /// The longest that there may be \[ms\].
        limit: f64,
        /// The same in steps beyond the first.
        steps: u32,
    },
}

/// So many neurons of a population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The population.
    pub population: String,
    /// How many of its neurons.
    pub neurons: u32,
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { population, neurons } = self;
        write!(f, "{neurons} neuron{} of \"{population}\"", if *neurons == 1 { "" } else { "s" })
    }
}

/// All faults of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct InvalidMapping {
    /// The faults; at least one.
    pub faults: Vec<MappingFault>,
}

impl std::error::Error for InvalidMapping {}

impl fmt::Display for InvalidMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => write!(f, "{fault}"),
            faults => {
                write!(f, "the mapping has {} faults:", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
            }
        }
    }
}

fn said(holds: &[Share]) -> String {
    holds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn way_out(budget: Budget) -> &'static str {
    match budget {
        Budget::Compartments => "move some of them to another core",
        Budget::InputAxons => "put neurons together that share sources, or move some to another core",
        Budget::OutputAxons => "put neurons nearer to their targets, or move some to another core",
        Budget::SynapseWords => "take narrower weights, or move some neurons to another core",
        Budget::NeuronConfigs => {
            "quantize per population, or put neurons together that share a configuration"
        }
    }
}

fn also(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" (and {others} more)") }
}
