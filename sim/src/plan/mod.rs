//! The network compiled for running: neurons dealt to shards, synapses sorted by where they end.
//!
//! A shard owns a part of every population and holds, for every node of the network, the synapses from
//! that node to its neurons, cut into *segments* of one [`Kind`]: same delay, same class of targets, same
//! port. A spike is one pass over its segments; inside a segment nothing depends on the synapse but the
//! target and, where they differ, the weight.
//!
//! Invariant: the synapses between a node and a neuron keep their order whatever the number of shards.
//! So sums of weights are added in the same order, and a result has the same bits.

mod build;
mod fused;
mod groups;
mod kinds;
mod layout;
mod links;
mod packed;
mod plastic;
mod table;

use std::borrow::Cow;

use rayon::prelude::*;
use rheobase_net::{CurrentSource, Delays, Model, ValidNetwork, validate};

use crate::SimError;
pub(crate) use fused::Fused;
pub(crate) use groups::{GroupPlan, InputSynapse};
pub(crate) use kinds::Kind;
pub(crate) use layout::{Form, Part, Reception, Response};
pub(crate) use links::CurrentLink;
pub(crate) use packed::{NARROW, Packed, Target, with_packed};
pub(crate) use plastic::Plastic;
pub(crate) use table::{Segment, Span, Table};

/// A network compiled for a number of shards and a step of the grid.
#[derive(Debug)]
pub(crate) struct Plan {
    pub kinds: Vec<Kind>,
    pub classes: Vec<Reception>,
    pub shards: Vec<Shard>,
    /// Shortest delay from a neuron or group \[ms\], and in steps; infinite and `u32::MAX` if there is none.
    pub min_delay: f64,
    pub min_steps: u32,
    /// Longest delay of any spike, or of values of a group \[ms\], and in steps.
    pub max_delay: f64,
    pub max_steps: u32,
    /// Projections whose spikes the grid draws at their targets.
    pub fused: Vec<Fused>,
    /// Projections whose weights change.
    pub plastic: Vec<Plastic>,
    /// The number of synapses of every projection.
    pub n_synapses: Vec<u64>,
    /// How many arrivals a spike of each node causes: groups of synapses that share delay and port,
    /// whatever shards they end in.
    pub arrivals: Vec<u32>,
    /// Why the grid cannot run this network, if it cannot.
    pub grid_fault: Option<SimError>,
}

/// The neurons of a shard and the synapses that end at them.
#[derive(Debug)]
pub(crate) struct Shard {
    pub parts: Vec<Part>,
    /// The lanes of every class.
    pub classes: Vec<std::ops::Range<u32>>,
    pub n_lanes: u32,
    /// Synapses with shared weights, with weights of single and of double precision.
    pub tables: [Table; 3],
    /// Synapses whose weights change.
    pub plastic: Table,
    pub currents: Vec<CurrentLink>,
    pub groups: Vec<GroupPlan>,
}

impl Shard {
    /// Whether targets take two bytes.
    pub fn is_narrow(&self) -> bool {
        self.tables.iter().chain([&self.plastic]).any(Table::is_narrow)
    }

    /// The number of neurons of a part.
    pub fn size(&self, part: u16) -> usize {
        self.parts[usize::from(part)].size as usize
    }

    /// Where a neuron of a part stands in its class.
    pub fn place_in_class(&self, part: &Part, neuron: u32) -> usize {
        (part.first_lane - self.classes[usize::from(part.class)].start + neuron) as usize
    }
}

/// Compiles a network for `n_shards` shards. The synapses of a network that is owned are freed while they
/// are packed; what is left of it is given back.
pub(crate) fn compile<'n>(
    network: Cow<'n, ValidNetwork>,
    n_shards: usize,
    dt: f64,
) -> Result<(Plan, Cow<'n, ValidNetwork>), SimError> {
    let layout = layout::deal(&network, n_shards);
    let groups = groups::deal(&network, n_shards, dt)?;
    let parts = layout.shards.iter().zip(&groups).map(|(shard, groups)| shard.parts.len() + groups.len());
    let most_parts = parts.max().unwrap_or(0);
    if most_parts > usize::from(u16::MAX) {
        let (needed, limit) = (most_parts as u64, u64::from(u16::MAX));
        return Err(SimError::PlanTooLarge { what: "populations in a shard", needed, limit });
    }
    let (kinds, maps) = kinds::kinds(&network, &layout, dt);
    let currents: Vec<_> = layout.shards.iter().map(|shard| links::links(&network, shard)).collect();
    let mut plan = Plan {
        kinds,
        classes: layout.classes.clone(),
        shards: Vec::new(),
        min_delay: f64::INFINITY,
        min_steps: u32::MAX,
        max_delay: 0.0,
        max_steps: 1,
        fused: fused::fused(&network, &layout, dt),
        plastic: Vec::new(),
        n_synapses: network.projections().iter().map(|p| p.synapses.len() as u64).collect(),
        arrivals: Vec::new(),
        grid_fault: None,
    };
    find_delays(&mut plan, &network, dt);
    find_noise(&mut plan, &network, dt);
    find_groups(&mut plan, &network, dt);
    let (tables, network) = match network {
        Cow::Borrowed(network) => {
            let mut synapses = Cow::Borrowed(network.network());
            plan.plastic = plastic::plastic(&mut synapses, dt);
            (build::tables(&mut synapses, &layout, &maps, plan.kinds.len())?, Cow::Borrowed(network))
        }
        Cow::Owned(network) => {
            let mut synapses = Cow::Owned(network.into_network());
            plan.plastic = plastic::plastic(&mut synapses, dt);
            let tables = build::tables(&mut synapses, &layout, &maps, plan.kinds.len())?;
            let rest = validate(synapses.into_owned());
            (tables, Cow::Owned(rest.expect("a valid network without its synapses is valid")))
        }
    };
    plan.arrivals = tables.arrivals;
    for link in groups.iter().flatten().flat_map(|group| &group.spikes) {
        link.rows().for_each(|(node, n)| plan.arrivals[node as usize] += n);
    }
    plan.shards = layout
        .shards
        .into_iter()
        .zip(tables.of_shard)
        .zip(currents)
        .zip(groups)
        .map(|(((shard, tables), currents), groups)| {
            let layout::ShardLayout { parts, classes, offset: _, n_lanes } = shard;
            let [shared, single, double, plastic] = tables;
            Shard { parts, classes, n_lanes, tables: [shared, single, double], plastic, currents, groups }
        })
        .collect();
    Ok((plan, network))
}

fn find_delays(plan: &mut Plan, network: &ValidNetwork, dt: f64) {
    for projection in network.projections() {
        if projection.synapses.is_empty() {
            continue;
        }
        let source = &network.population(projection.source).model;
        if matches!(source, Model::CurrentSource(_)) {
            continue;
        }
        let (shortest, longest) = delay_range(&projection.synapses.delay);
        if !source.is_source() {
            plan.min_delay = plan.min_delay.min(shortest);
            plan.min_steps = plan.min_steps.min(to_steps(shortest, dt));
        }
        plan.max_delay = plan.max_delay.max(longest);
        plan.max_steps = plan.max_steps.max(to_steps(longest, dt));
        if shortest < dt * (1.0 - 1e-9) {
            let projection = projection.name.clone();
            plan.grid_fault.get_or_insert(SimError::DelayBelowGrid { projection, delay: shortest, dt });
        }
    }
}

/// On a grid that is coarser than a noise, values would be left out, and its variance with them.
fn find_noise(plan: &mut Plan, network: &ValidNetwork, dt: f64) {
    for population in network.populations() {
        if let Model::CurrentSource(CurrentSource::Noise { interval, .. }) = population.model
            && interval < dt * (1.0 - 1e-9)
        {
            let population = population.name.clone();
            plan.grid_fault.get_or_insert(SimError::NoiseBelowGrid { population, interval, dt });
        }
    }
}

/// On a grid a group takes its steps at the ends of steps.
fn find_groups(plan: &mut Plan, network: &ValidNetwork, dt: f64) {
    for population in network.populations() {
        let Some(interval) = population.model.as_ltc().map(|ltc| ltc.interval) else { continue };
        let steps = interval / dt;
        if !((steps - steps.round()).abs() <= 1e-9 * steps && (1.0 - 1e-9..1e9).contains(&steps)) {
            let population = population.name.clone();
            plan.grid_fault.get_or_insert(SimError::GroupOffGrid { population, interval, dt });
        }
    }
}

/// A delay in whole steps, the nearest, at least one.
fn to_steps(delay: f64, dt: f64) -> u32 {
    ((delay / dt).round() as u32).max(1)
}

fn delay_range(delays: &Delays) -> (f64, f64) {
    match delays {
        Delays::Shared(delay) => (*delay, *delay),
        Delays::Ticks { tick, n } => {
            let join = |a: (u16, u16), b: (u16, u16)| (a.0.min(b.0), a.1.max(b.1));
            let (low, high) = n.par_iter().map(|n| (*n, *n)).reduce(|| (u16::MAX, 0), join);
            (f64::from(low) * tick, f64::from(high) * tick)
        }
        Delays::F64(delays) => delays
            .iter()
            .fold((f64::INFINITY, 0.0), |(low, high), delay| (f64::min(low, *delay), f64::max(high, *delay))),
    }
}
