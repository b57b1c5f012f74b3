//! The network: populations and projections, and how they were made.

use serde::{Deserialize, Serialize};

use crate::{Population, Projection};

/// Populations joined by projections. Anyone may build one; [`validate`](crate::validate) checks it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Network {
    /// The populations; a [`PopulationId`](crate::PopulationId) is a place in this list.
    pub populations: Vec<Population>,
    /// The projections; a [`ProjectionId`](crate::ProjectionId) is a place in this list.
    pub projections: Vec<Projection>,
    /// How the network was made.
    pub description: Description,
}

/// How a network was made: enough to make it again.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Description {
    /// What made it: a generator's name, or the tool that a file came from.
    pub generator: String,
    /// The seed of all random numbers.
    pub seed: u64,
    /// The version of the program.
    pub version: String,
    /// The generator's whole configuration, as TOML.
    pub configuration: String,
}
