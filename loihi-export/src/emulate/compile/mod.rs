//! From a netlist to what goes through time.
//!
//! ```text
//! ValidNetlist ─ check ► what the profile does not have
//!              ─ stages ► which groups have to wait for others within a step
//!              ─ rows ► what a packet adds, where and when     ┐
//!              ─ routes ► where a message goes, and at what toll ┴► cores, dealt to shards
//! ```

mod check;
mod programs;
mod routes;
mod rows;
mod stages;
mod weights;

use super::core::{CoreState, GroupState};
use super::lanes::LANES;
use super::neurons::Neurons;
use super::ring::Ring;
use super::shard::Shard;
use super::{EmulateError, Profile};
use crate::netlist::{Core, Link, Model, ValidNetlist};

pub(super) use programs::ProgramRow;
pub(super) use routes::{Packet, Routes, Toll, Way, mesh_of};
pub(super) use rows::{Mark, Rounding, Rows, blocks_per_stretch};

/// A netlist made ready.
pub(super) struct Plan {
    pub shards: Vec<Shard>,
    /// Where the messages of sources go, by population; `None` for neurons.
    pub sources: Vec<Option<Routes>>,
    /// Where every node is; `None` for a source.
    pub homes: Vec<Option<Home>>,
    pub n_stages: u32,
}

/// The place of a neuron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Home {
    pub shard: u32,
    /// The core in the shard.
    pub core: u32,
    pub group: u32,
    /// The compartment in the group.
    pub compartment: u32,
}

/// Makes a netlist ready for so many threads.
pub(super) fn compile(
    netlist: &ValidNetlist,
    profile: Profile,
    threads: usize,
) -> Result<Plan, EmulateError> {
    let faults = check::unsupported(netlist, profile);
    if !faults.is_empty() {
        return Err(EmulateError::Unsupported { profile, faults });
    }
    let stages = stages::of(netlist)?;
    let places = routes::Places::new(netlist, deal(netlist, threads))?;
    let first_nodes = netlist.first_nodes();
    let n_nodes = *first_nodes.last().expect("one more than populations") as usize;
    let mut homes = vec![None; n_nodes];
    let mut shards: Vec<Shard> = (0..places.n_shards()).map(|_| Shard::new(places.n_shards())).collect();
    for (i, core) in netlist.cores.iter().enumerate() {
        let (shard, place) = places.of(i);
        for (g, group) in core.groups.iter().enumerate() {
            for (compartment, neuron) in (0..).zip(&group.neurons) {
                let node = first_nodes[group.population as usize] + neuron;
                homes[node as usize] = Some(Home { shard, core: place, group: g as u32, compartment });
            }
        }
        let routes = places.routes(&core.output_axons, Some(core.core));
        shards[shard as usize].cores.push(core_state(core, &first_nodes, &stages[i], routes, profile));
    }
    let sources = netlist
        .populations
        .iter()
        .map(|population| population.source.as_ref().map(|axons| places.routes(axons, None)));
    let n_stages = stages.iter().flatten().max().map_or(1, |last| last + 1);
    Ok(Plan { shards, sources: sources.collect(), homes, n_stages })
}

/// The core ready to run.
fn core_state(
    core: &Core,
    first_nodes: &[u32],
    stages: &[u32],
    routes: Routes,
    profile: Profile,
) -> CoreState {
    let mut first_ring = 0;
    let mut first_compartment = 0;
    let mut groups = Vec::with_capacity(core.groups.len());
    let mut rings = Vec::new();
    let rows = Rows::new(core, profile);
    for (g, group) in core.groups.iter().enumerate() {
        let n_blocks = group.neurons.len().div_ceil(LANES);
        let n_ports = usize::from(group.model.n_ports());
        for ring in first_ring..first_ring + n_ports {
            rings.push(Ring::new(n_blocks, rows.most_steps(ring)));
        }
        let scale =
            core.blocks.iter().filter(|block| block.group as usize == g).find_map(|block| match block.link {
                Link::Float { scale } => Some(scale),
                Link::Weights { .. } | Link::Scaled | Link::Direct | Link::Ltc => None,
            });
        let reset = match &group.model {
            Model::LifReset { interval, offset, .. } => Some([*interval, offset % interval]),
            _ => None,
        };
        let first_node = first_nodes[group.population as usize];
        groups.push(GroupState::new(
            Neurons::new(&group.model, profile, scale.unwrap_or(1.0), &programs::blocks(core, g)),
            group.neurons.iter().map(|neuron| first_node + neuron).collect(),
            first_compartment,
            [first_ring, first_ring + n_ports - 1],
            stages[g],
            reset,
        ));
        first_ring += n_ports;
        first_compartment += group.neurons.len();
    }
    CoreState::new(core.core, groups, rings, rows, programs::rows(core), routes)
}

/// The shard of every core: as many consecutive ones each as make the same number of synapses and compartments.
fn deal(netlist: &ValidNetlist, threads: usize) -> Vec<u32> {
    let cost = |core: &Core| core.n_synapses() + core.n_compartments() + 1;
    let total: usize = netlist.cores.iter().map(cost).sum();
    let n_shards = threads.min(netlist.cores.len()).max(1);
    let mut before = 0;
    let mut shards: Vec<u32> = Vec::with_capacity(netlist.cores.len());
    for core in &netlist.cores {
        let middle = before + cost(core) / 2;
        shards.push((middle as u128 * n_shards as u128 / total.max(1) as u128) as u32);
        before += cost(core);
    }
    shards
}
