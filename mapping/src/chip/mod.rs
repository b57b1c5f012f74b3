//! Chips as data: what a core can hold, in which numbers, on which board, at what cost.

mod limits;
mod mesh;

pub use limits::{Limits, SynapseMemory};
pub use mesh::Mesh;
