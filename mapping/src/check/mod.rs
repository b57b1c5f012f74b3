//! Checks a mapping: every budget of every core, counted anew from the network.
//!
//! The key decision: nothing here is shared with those who make a mapping, neither the graph that they cut nor
//! the sums that they keep, nor the rule by which synapses are laid into words. All is counted from the
//! projections of the network and the figures of the chip, source by source, in `O(synapses)`; so a mapping is
//! legal because two programs agree. Only [`check`] makes a [`CheckedMapping`], and only that can be exported.

mod checked;
mod fault;
mod nodes;
mod recount;
mod shapes;
mod shift;

use rheobase_net::ValidNetwork;

use crate::chip::{Budget, Chip, Mesh, Usage};
use crate::{Activity, Layout, Partition, Placement};

pub use checked::{CheckedMapping, CoreUsage};
pub use fault::{InvalidMapping, MappingFault, Share};
pub use recount::TrafficCount;
pub use shift::{SplitShift, split_shifts};

use nodes::Nodes;

/// A mapping that nobody has checked. What is mapped outlives the search for it.
#[derive(Debug, Clone, Copy)]
pub struct Mapping<'a, 'm> {
    /// The network.
    pub network: &'a ValidNetwork,
    /// How its neurons and synapses are laid down.
    pub layout: &'a Layout,
    /// How often its sources spike.
    pub activity: &'a Activity,
    /// What a step of the chip means \[ms\]: delays are whole numbers of steps.
    pub dt: f64,
    /// The cores of the board.
    pub mesh: &'m Mesh,
    /// Which part every neuron belongs to.
    pub partition: &'m Partition,
    /// Which core every part is.
    pub placement: &'m Placement,
}

/// Checks everything that can be wrong with a mapping.
///
/// # Errors
/// All faults at once. Budgets are counted only if every list has the right length and every neuron is on a core.
pub fn check<'a>(mapping: Mapping<'a, '_>, chip: &'a Chip) -> Result<CheckedMapping<'a>, InvalidMapping> {
    let Mapping { network, layout, activity, dt: _, mesh, partition, placement } = mapping;
    let nodes = Nodes::of(network);
    let mut faults = Vec::new();
    if !shapes::check(&mapping, chip, &nodes, &mut faults) {
        return Err(InvalidMapping { faults });
    }
    let count = recount::recount(&mapping, chip, &nodes);
    let beyond =
        |usage: &Usage, budget: &Budget| chip.limit(*budget).is_some_and(|limit| usage.of(*budget) > limit);
    let parts = (0..).zip(&count.usage);
    let full: Vec<u32> = parts
        .filter(|(_, usage)| Budget::ALL.iter().any(|budget| beyond(usage, budget)))
        .map(|(part, _)| part)
        .collect();
    for (part, holds) in full.iter().zip(nodes.shares(network, &partition.part, &full)) {
        let usage = &count.usage[*part as usize];
        for budget in Budget::ALL.into_iter().filter(|budget| beyond(usage, budget)) {
            let (used, limit) = (usage.of(budget), chip.limit(budget).unwrap_or(u64::MAX));
            let (core, holds) = (placement.core[*part as usize], holds.clone());
            faults.push(MappingFault::OverBudget { core, budget, used, limit, holds });
        }
    }
    recount::fan_in_faults(network, chip, &nodes, &count.fan_in, &mut faults);
    if !faults.is_empty() {
        return Err(InvalidMapping { faults });
    }
    let core = partition.part.iter().map(|part| placement.core[*part as usize]).collect();
    Ok(CheckedMapping::new(network, layout, activity, chip, *mesh, core, &placement.core, count))
}
