//! Groups with liquid time constants: which shard has which, and the synapses that end at their inputs.
//!
//! A unit listens to its whole group at every moment, so a group is never cut: it belongs to one shard. Groups
//! are dealt to the shards in turn.

use rheobase_net::{Population, PopulationId, Projection, ValidNetwork};

use super::links::{CurrentLink, links_into};
use super::to_steps;
use crate::SimError;

/// A group of a shard.
#[derive(Debug)]
pub(crate) struct GroupPlan {
    pub population: PopulationId,
    pub first_node: u32,
    pub size: u32,
    /// Steps of the grid from tick to tick, if the grid can run it.
    pub steps: u32,
    /// Synapses that spikes go through.
    pub spikes: Vec<SpikeLink>,
    /// Connections of sources of values; the part they end in is the group.
    pub values: Vec<CurrentLink>,
}

/// The synapses of a projection of spikes that end at a group, row after row.
#[derive(Debug)]
pub(crate) struct SpikeLink {
    first_node: u32,
    row_start: Vec<u32>,
    synapses: Vec<InputSynapse>,
}

/// A synapse that ends at an input of a group.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InputSynapse {
    pub input: u32,
    pub weight: f64,
    /// Delay \[ms\].
    pub delay: f64,
    /// Delay in steps of the grid, ≥ 1.
    pub steps: u32,
}

impl SpikeLink {
    /// The synapses of a node.
    #[inline]
    pub fn of(&self, node: u32) -> &[InputSynapse] {
        let row = node.wrapping_sub(self.first_node) as usize;
        match (self.row_start.get(row), self.row_start.get(row.wrapping_add(1))) {
            (Some(start), Some(end)) => &self.synapses[*start as usize..*end as usize],
            (Some(_) | None, Some(_) | None) => &[],
        }
    }

    /// For every node that has a row, the number of its synapses.
    pub fn rows(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (self.first_node..).zip(self.row_start.windows(2).map(|ends| ends[1] - ends[0]))
    }
}

/// The groups of every shard.
pub(super) fn deal(
    network: &ValidNetwork,
    n_shards: usize,
    dt: f64,
) -> Result<Vec<Vec<GroupPlan>>, SimError> {
    let mut of_shard: Vec<Vec<GroupPlan>> = (0..n_shards).map(|_| Vec::new()).collect();
    let groups = (0..).map(PopulationId).zip(network.populations());
    let groups = groups.filter(|(_, population)| population.model.as_ltc().is_some());
    for (k, (id, population)) in groups.enumerate() {
        of_shard[k % n_shards].push(plan(network, id, population, dt)?);
    }
    Ok(of_shard)
}

fn plan(
    network: &ValidNetwork,
    id: PopulationId,
    population: &Population,
    dt: f64,
) -> Result<GroupPlan, SimError> {
    let (mut spikes, mut values) = (Vec::new(), Vec::new());
    for projection in network.projections().iter().filter(|projection| projection.target == id) {
        if network.population(projection.source).model.sends_spikes() {
            spikes.push(spike_link(network, projection, dt)?);
        } else {
            values.extend(links_into(projection, 0..population.n_ends(), 0));
        }
    }
    let interval = population.model.as_ltc().map_or(0.0, |ltc| ltc.interval);
    Ok(GroupPlan {
        population: id,
        first_node: network.first_node(id).0,
        size: population.size,
        steps: to_steps(interval, dt),
        spikes,
        values,
    })
}

fn spike_link(network: &ValidNetwork, projection: &Projection, dt: f64) -> Result<SpikeLink, SimError> {
    let synapses = &projection.synapses;
    let limit = u64::from(u32::MAX);
    if synapses.len() as u64 > limit {
        let needed = synapses.len() as u64;
        return Err(SimError::PlanTooLarge { what: "synapses of a projection into a group", needed, limit });
    }
    let synapse = |i: usize| {
        let delay = synapses.delay.get(i);
        let weight = synapses.weight.get(i);
        InputSynapse { input: synapses.target[i], weight, delay, steps: to_steps(delay, dt) }
    };
    Ok(SpikeLink {
        first_node: network.first_node(projection.source).0,
        row_start: synapses.row_start.iter().map(|start| *start as u32).collect(),
        synapses: (0..synapses.len()).map(synapse).collect(),
    })
}
