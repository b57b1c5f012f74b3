//! What can be wrong with a file of a mapping.

use std::fmt;

use crate::chip::{Budget, ChipError};

/// Why a file is no mapping.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingFileError {
    /// It is no JSON, or its values are of other types.
    #[error("line {line}, column {column}: {problem}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser says.
        problem: String,
    },
    /// It is something else.
    #[error("the file is {}, and a mapping has \"format\": \"rheobase-mapping\" and a version", found(format.as_ref()))]
    Format {
        /// What it says that it is.
        format: Option<String>,
    },
    /// It is of a later program.
    #[error(
        "the mapping has version {version}, and this program reads version {known}: take a newer program"
    )]
    Version {
        /// Its version.
        version: u32,
        /// The version that can be read.
        known: u32,
    },
    /// It contradicts its chip or itself.
    #[error("{0}")]
    Invalid(InvalidMappingFile),
}

/// One contradiction of a file.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MappingFileFault {
    /// The network's name is none.
    #[error("`network` is no fingerprint, which has 64 hexadecimal digits")]
    Fingerprint,
    /// The chip's file is none.
    #[error("the chip of the mapping: {0}")]
    Chip(ChipError),
    /// The chip's file is that of another chip.
    #[error(
        "the mapping is for the chip \"{named}\", and the file of the chip inside of it says \"{found}\""
    )]
    ChipName {
        /// The name in the mapping.
        named: String,
        /// The name in the chip's file.
        found: String,
    },
    /// A number is out of its range.
    #[error("`{name}` is {value}, and must be {must}")]
    Range {
        /// The field.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it has to be.
        must: &'static str,
    },
    /// Two populations have one name.
    #[error("two populations are named \"{population}\"")]
    Twice {
        /// The name.
        population: String,
    },
    /// The list of cores has no order.
    #[error("`cores[{place}]` is core {core}, and cores are listed once each, rising")]
    Order {
        /// The place in the list.
        place: usize,
        /// The core that stands there.
        core: u32,
    },
    /// A core is not on the board.
    #[error("core {core} is not on the board, which has {n_cores}")]
    NoSuchCore {
        /// The core.
        core: u32,
        /// Cores of the board.
        n_cores: u64,
    },
    /// A neuron is on a core that is not listed.
    #[error("population \"{population}\", neuron {neuron}: its core {core} is not in `cores`{}", also(*others))]
    NotListed {
        /// The population.
        population: String,
        /// The first such neuron.
        neuron: usize,
        /// Its core.
        core: u32,
        /// How many more neurons of the population are on such cores.
        others: usize,
    },
    /// A core holds another number of neurons than it says.
    #[error("core {core} says that it holds {said} neurons, and {found} neurons are on it")]
    Count {
        /// The core.
        core: u32,
        /// What it says.
        said: u64,
        /// What is there.
        found: u64,
    },
    /// A core uses more than the chip has.
    #[error("core {core} uses {used} {budget}, and the limit is {limit}")]
    OverBudget {
        /// The core.
        core: u32,
        /// The budget.
        budget: Budget,
        /// What it uses.
        used: u64,
        /// What it has.
        limit: u64,
    },
    /// The list of packets is none.
    #[error(
        "`sent[{place}]` is {from} to {to}, and pairs of different cores in use are listed once each, rising"
    )]
    Sent {
        /// The place in the list.
        place: usize,
        /// The core that sends.
        from: u32,
        /// The core that hears.
        to: u32,
    },
    /// Packets do not add up.
    #[error("`sent` has {found} packets in all, and `traffic` says {said}")]
    Packets {
        /// What was added up.
        found: u128,
        /// What is said.
        said: u64,
    },
}

/// All contradictions of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct InvalidMappingFile {
    /// The faults; at least one.
    pub faults: Vec<MappingFileFault>,
}

impl std::error::Error for InvalidMappingFile {}

/// More faults are counted, not told: a damaged list is wrong at every place.
const MOST_TOLD: usize = 20;

impl fmt::Display for InvalidMappingFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => write!(f, "{fault}"),
            faults => {
                write!(f, "the mapping has {} faults:", faults.len())?;
                faults.iter().take(MOST_TOLD).try_for_each(|fault| write!(f, "\n  - {fault}"))?;
                match faults.len().saturating_sub(MOST_TOLD) {
                    0 => Ok(()),
                    more => write!(f, "\n  - and {more} more"),
                }
            }
        }
    }
}

/// What the parser says, and where.
pub(super) fn no_json(error: &serde_json::Error) -> MappingFileError {
    let said = error.to_string();
    // The place stands in fields of its own.
    let problem = said.rsplit_once(" at line ").map_or(said.as_str(), |(problem, _)| problem);
    let problem = problem.chars().take(200).collect();
    MappingFileError::Syntax { line: error.line(), column: error.column(), problem }
}

fn found(format: Option<&String>) -> String {
    format.map_or_else(
        || "of no format".to_owned(),
        |format| format!("of the format {:?}", format.chars().take(40).collect::<String>()),
    )
}

fn also(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" (and {others} more)") }
}
