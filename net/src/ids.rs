//! Typed indices: a bare integer cannot be taken for the wrong thing.

use serde::{Deserialize, Serialize};

/// A neuron or a source, counted over the whole network in the order of its populations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct NodeId(pub u32);

/// A population, by its place in [`Network::populations`](crate::Network::populations).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PopulationId(pub u32);

/// A projection, by its place in [`Network::projections`](crate::Network::projections).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProjectionId(pub u32);

impl PopulationId {
    /// The place in the list of populations.
    pub fn idx(self) -> usize {
        self.0 as usize
    }
}

impl ProjectionId {
    /// The place in the list of projections.
    pub fn idx(self) -> usize {
        self.0 as usize
    }
}
