//! What can be wrong with a [`NetworkSpec`](super::NetworkSpec).

use std::fmt;
use std::path::PathBuf;

use rheobase_ltc::cell::CellError;
use rheobase_ltc::wiring::WiringError;

use crate::WaveformError;

/// One fault of a network's description: what has it, what it is, what the limit is, the way out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecFault {
    /// Two things of one kind have the same name.
    #[error("the name \"{name}\" of a {thing} is used twice: rename one")]
    DuplicateName {
        /// `population`, `projection` or `space`.
        thing: &'static str,
        /// The name.
        name: String,
    },
    /// Something refers to a population or space that is not there.
    #[error("{user} names the {thing} \"{name}\", and there is none of that name{}", did_you_mean(nearest))]
    UnknownName {
        /// What refers to it.
        user: String,
        /// `population` or `space`.
        thing: &'static str,
        /// The name.
        name: String,
        /// The existing name that is most like it.
        nearest: Option<String>,
    },
    /// A population has no size, or a wrong one.
    #[error("population \"{population}\": {problem}")]
    Size {
        /// The population.
        population: String,
        /// What is wrong, and the way out.
        problem: String,
    },
    /// The steps of a source are no signal.
    #[error("population \"{population}\": {fault}")]
    Waveform {
        /// The population.
        population: String,
        /// What is wrong with them.
        fault: WaveformError,
    },
    /// The wiring of a group cannot be drawn.
    #[error("population \"{population}\": its wiring cannot be drawn: {fault}")]
    Wiring {
        /// The population.
        population: String,
        /// What is wrong.
        fault: WiringError,
    },
    /// The cell of a group cannot run.
    #[error("population \"{population}\": its cell cannot run: {fault}")]
    Cell {
        /// The population.
        population: String,
        /// What is wrong.
        fault: CellError,
    },
    /// The model of a group was not read.
    #[error(
        "population \"{population}\" is the model in {}, which was not read: NetworkSpec::read_models does that",
        file.display()
    )]
    Unread {
        /// The population.
        population: String,
        /// The model's file.
        file: PathBuf,
    },
    /// All nodes together are more than an index can count.
    #[error("the populations have {n_nodes} nodes, and the limit is {}: make them smaller", u32::MAX)]
    TooManyNodes {
        /// The number of nodes.
        n_nodes: u64,
    },
    /// A grid or box is not one, or too small for what is placed in it.
    #[error("{thing}: {problem}")]
    Space {
        /// `space "liquid"` or `population "exc"`.
        thing: String,
        /// What is wrong, and the way out.
        problem: String,
    },
    /// A number is out of its range.
    #[error("{thing}: {name} is {value}, and must be {must}")]
    Range {
        /// `projection "exc-inh"` or `population "exc"`.
        thing: String,
        /// The name of the number.
        name: String,
        /// What it is.
        value: f64,
        /// What it has to be.
        must: String,
    },
    /// A rule does not fit the two populations.
    #[error("projection \"{projection}\": {problem}")]
    Rule {
        /// The projection.
        projection: String,
        /// What is wrong, and the way out.
        problem: String,
    },
    /// A rule of distance joins a population that is nowhere.
    #[error(
        "projection \"{projection}\" depends on distance, and population \"{population}\" has no positions: give it a placement"
    )]
    NoPositions {
        /// The projection.
        projection: String,
        /// The population.
        population: String,
    },
    /// More synapses than one projection may have.
    #[error(
        "projection \"{projection}\" would have {n_synapses:.3e} synapses, and the limit is {limit:.3e}: make it sparser"
    )]
    TooManySynapses {
        /// The projection.
        projection: String,
        /// How many it would have.
        n_synapses: f64,
        /// The limit.
        limit: f64,
    },
    /// The network does not fit into the machine's memory.
    #[error(
        "the network would have {n_nodes} nodes and about {n_synapses:.3e} synapses, which take {bytes} bytes, more \
         than the machine has free: make it smaller or sparser"
    )]
    Memory {
        /// The number of nodes.
        n_nodes: u64,
        /// The number of synapses, as well as it is known.
        n_synapses: f64,
        /// What they take.
        bytes: u64,
    },
    /// The description cannot be kept with the network as TOML.
    #[error("the description cannot be written as TOML: {problem}")]
    Toml {
        /// What the writer says.
        problem: String,
    },
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map(|name| format!("; did you mean \"{name}\"?")).unwrap_or_default()
}

/// All faults of a network's description.
#[derive(Debug, Clone, PartialEq)]
pub struct GenerateError {
    /// The faults; at least one.
    pub faults: Vec<SpecFault>,
}

impl std::error::Error for GenerateError {}

impl fmt::Display for GenerateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => write!(f, "{fault}"),
            faults => {
                write!(f, "the description of the network has {} faults:", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
            }
        }
    }
}
