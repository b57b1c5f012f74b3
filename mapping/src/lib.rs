//! Sparse networks onto the cores of a chip, under every budget that a core has.
//!
//! The stages, each a free function whose output only it can make:
//!
//! ```text
//! ValidNetwork ─ quantize ► QuantizedNetwork ─ partition ► Partition ─ place ► Placement ─ check ► CheckedMapping
//! ```
//!
//! A [`Chip`](chip::Chip) says what a core can hold; a [`Graph`] is what the partitioner sees of a network:
//! who reaches whom, how often a source spikes, and how many bits its synapses take.
//!
//! The key decision: budgets lie *inside* the refinement. Graph partitioners know one weight a vertex, but
//! a core's output axons depend on where the targets of its neurons are, its input axons on who shares a
//! source, and its synapse memory on how a source's synapses are split. Repairing a partition that is good
//! but too full cascades and ruins it, so every move is priced by what it does to all budgets of all cores.

mod activity;
pub mod check;
pub mod chip;
mod energy;
pub mod file;
pub mod fit;
mod graph;
mod layout;
pub mod liquid;
mod partition;
mod place;
pub mod quantize;

pub use activity::{Activity, ActivityError, ActivityFault};
pub use energy::{Energy, EventCounts};
pub use graph::{Graph, name_of};
pub use layout::{Layout, LayoutError, LayoutFault};
pub use partition::{
    Objective as CutObjective, Partition, PartitionConfig, PartitionError, Sequential, partition, sequential,
};
pub use place::{
    COARSEST, Links, Objective, PlaceConfig, PlaceError, Placement, Routes, Traffic, TreeLinks, Watch, place,
    route, shorten_trees, tree_links,
};
