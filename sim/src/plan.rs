//! The network compiled for running: neurons dealt to shards, synapses sorted by where they end.
//!
//! A shard owns a contiguous range of the neurons and holds, for every node of the network, the
//! synapses from that node to its neurons, cut into *segments*: same delay, same population, same
//! receptor, targets ascending. A spike is one pass over its segments; inside a segment nothing
//! depends on the synapse but the target and, where they differ, the weight.
//!
//! Invariant: the synapses between a node and a neuron keep their order whatever the number of shards.
//! So sums of weights are added in the same order, and a result has the same bits.

use rayon::prelude::*;
use rheobase_lif::Port;
use rheobase_net::{Delays, Model, PopulationId, Projection, Receptor, ValidNetwork, Weights};

use crate::SimError;
use crate::supported::Shape;

/// A network compiled for a number of shards and a step of the grid.
#[derive(Debug)]
pub(crate) struct Plan {
    pub shards: Vec<Shard>,
    /// Shortest delay from neuron to neuron \[ms\], and in steps; infinite and `u32::MAX` if there is none.
    pub min_delay: f64,
    pub min_steps: u32,
    /// Longest delay of any spike \[ms\], and in steps.
    pub max_delay: f64,
    pub max_steps: u32,
    /// How many arrivals a spike of each node causes: groups of synapses of one projection that share
    /// delay and port, whatever shards they end in.
    pub arrivals: Vec<u32>,
    /// Why the grid cannot run this network, if it cannot.
    pub grid_fault: Option<SimError>,
}

/// The neurons of a shard and the synapses that end at them.
#[derive(Debug)]
pub(crate) struct Shard {
    pub parts: Vec<Part>,
    /// Segments of node `n`: `row_start[n] .. row_start[n + 1]`.
    row_start: Vec<u32>,
    /// One more than there are segments, so that a segment ends where the next starts.
    segments: Vec<Segment>,
    /// Target of every synapse, counted inside its part.
    pub targets: Vec<u32>,
    /// Weight of every synapse of the segments that have one each, else unused.
    pub weights: Vec<f64>,
    pub currents: Vec<CurrentLink>,
}

/// The neurons `first .. first + size` of a population, owned by a shard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub population: PopulationId,
    /// First neuron, counted inside the population.
    pub first: u32,
    pub size: u32,
    /// The node of the first neuron.
    pub first_node: u32,
    pub synapse: Shape,
}

/// Synapses of one node with the same delay, part and port.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    /// Delay \[ms\].
    pub delay: f64,
    /// Weight of all synapses, if `shared`.
    pub weight: f64,
    start: u32,
    weights_start: u32,
    /// Delay in steps of the grid, ≥ 1.
    pub steps: u32,
    pub part: u16,
    pub port: Port,
    pub shared: bool,
}

/// The weights of a segment.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SegmentWeights<'a> {
    Shared(f64),
    Each(&'a [f64]),
}

/// The connections of a current source with one delay into one part.
#[derive(Debug)]
pub(crate) struct CurrentLink {
    pub source: PopulationId,
    pub delay: f64,
    pub part: u16,
    /// Channel, target inside the part, weight.
    pub synapses: Vec<(u32, u32, f64)>,
}

impl Shard {
    /// The indices of the segments of a node.
    pub fn row(&self, node: u32) -> std::ops::Range<usize> {
        self.row_start[node as usize] as usize..self.row_start[node as usize + 1] as usize
    }

    /// A segment with its targets and weights.
    #[inline]
    pub fn segment(&self, idx: usize) -> (&Segment, &[u32], SegmentWeights<'_>) {
        let segment = &self.segments[idx];
        let range = segment.start as usize..self.segments[idx + 1].start as usize;
        let targets = &self.targets[range];
        let weights = if segment.shared {
            SegmentWeights::Shared(segment.weight)
        } else {
            let start = segment.weights_start as usize;
            SegmentWeights::Each(&self.weights[start..start + targets.len()])
        };
        (segment, targets, weights)
    }
}

/// Compiles a network for `n_shards` shards.
pub(crate) fn compile(network: &ValidNetwork, n_shards: usize, dt: f64) -> Result<Plan, SimError> {
    let parts = deal(network, n_shards)?;
    let shards: Vec<Shard> =
        parts.into_par_iter().map(|parts| compile_shard(network, parts, dt)).collect::<Result<_, _>>()?;
    let mut plan = Plan {
        shards,
        min_delay: f64::INFINITY,
        min_steps: u32::MAX,
        max_delay: 0.0,
        max_steps: 1,
        arrivals: arrivals(network),
        grid_fault: None,
    };
    for projection in network.projections() {
        if projection.synapses.is_empty() {
            continue;
        }
        let source = &network.population(projection.source).model;
        if matches!(source, Model::CurrentSource(_)) {
            continue;
        }
        let (shortest, longest) = delay_range(&projection.synapses.delay);
        if source.is_neuron() {
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
    Ok(plan)
}

/// A delay in whole steps, the nearest, at least one.
fn to_steps(delay: f64, dt: f64) -> u32 {
    ((delay / dt).round() as u32).max(1)
}

fn delay_range(delays: &Delays) -> (f64, f64) {
    match delays {
        Delays::Shared(delay) => (*delay, *delay),
        Delays::Ticks { tick, n } => {
            let (low, high) = n.iter().fold((u16::MAX, 0), |(low, high), n| (low.min(*n), high.max(*n)));
            (f64::from(low) * tick, f64::from(high) * tick)
        }
        Delays::F64(delays) => delays
            .iter()
            .fold((f64::INFINITY, 0.0), |(low, high), delay| (f64::min(low, *delay), f64::max(high, *delay))),
    }
}

/// Deals the neurons to shards, in order, as evenly as possible.
fn deal(network: &ValidNetwork, n_shards: usize) -> Result<Vec<Vec<Part>>, SimError> {
    let n_neurons = u64::from(network.n_neurons());
    let mut shards = Vec::with_capacity(n_shards);
    for shard in 0..n_shards as u64 {
        let (begin, end) = (n_neurons * shard / n_shards as u64, n_neurons * (shard + 1) / n_shards as u64);
        let (mut parts, mut before) = (Vec::new(), 0);
        for (idx, population) in network.populations().iter().enumerate() {
            let Model::Lif(lif) = &population.model else { continue };
            let synapse = Shape::of(population, lif)?;
            let size = u64::from(population.size);
            let (low, high) = (begin.clamp(before, before + size), end.clamp(before, before + size));
            if low < high {
                let first = (low - before) as u32;
                let population = PopulationId(idx as u32);
                let first_node = network.first_node(population).0 + first;
                let size = (high - low) as u32;
                parts.push(Part { population, first, size, first_node, synapse });
            }
            before += size;
        }
        if parts.len() > usize::from(u16::MAX) {
            let (needed, limit) = (parts.len() as u64, u64::from(u16::MAX));
            return Err(SimError::PlanTooLarge { what: "populations in a shard", needed, limit });
        }
        shards.push(parts);
    }
    Ok(shards)
}

/// One synapse of a row that is being sorted.
#[derive(Clone, Copy)]
struct Loose {
    delay: f64,
    inhibitory: bool,
    target: u32,
    weight: f64,
}

fn compile_shard(network: &ValidNetwork, parts: Vec<Part>, dt: f64) -> Result<Shard, SimError> {
    let mut shard = Shard {
        row_start: vec![0],
        segments: Vec::new(),
        targets: Vec::new(),
        weights: Vec::new(),
        currents: Vec::new(),
        parts,
    };
    let part_of = |population: PopulationId, parts: &[Part]| {
        parts.iter().position(|part| part.population == population).map(|part| part as u16)
    };
    let mut loose = Vec::new();
    for (idx, population) in network.populations().iter().enumerate() {
        let outgoing: Vec<(&Projection, u16)> = network
            .projections()
            .iter()
            .filter(|projection| projection.source.idx() == idx)
            .filter_map(|projection| Some((projection, part_of(projection.target, &shard.parts)?)))
            .collect();
        if matches!(population.model, Model::CurrentSource(_)) {
            outgoing.iter().for_each(|(projection, part)| link_currents(&mut shard, projection, *part));
            shard.row_start.extend(vec![shard.segments.len() as u32; population.size as usize]);
            continue;
        }
        for node in 0..population.size as usize {
            for (projection, part) in &outgoing {
                append_row(&mut shard, projection, *part, node, dt, &mut loose);
            }
            shard.row_start.push(shard.segments.len() as u32);
        }
        let (needed, limit) = (shard.targets.len() as u64, u64::from(u32::MAX));
        if needed > limit {
            return Err(SimError::PlanTooLarge { what: "synapses in a shard", needed, limit });
        }
    }
    let end = Segment {
        delay: 0.0,
        weight: 0.0,
        start: shard.targets.len() as u32,
        weights_start: 0,
        steps: 1,
        part: 0,
        port: Port::Excitatory,
        shared: true,
    };
    shard.segments.push(end);
    Ok(shard)
}

fn is_inhibitory(receptor: Receptor, weight: f64) -> bool {
    match receptor {
        Receptor::BySign => weight < 0.0,
        Receptor::Excitatory => false,
        Receptor::Inhibitory => true,
    }
}

/// Counts for every node the groups of its synapses that share projection, delay and port.
fn arrivals(network: &ValidNetwork) -> Vec<u32> {
    let mut arrivals = vec![0; network.n_nodes() as usize];
    for projection in network.projections() {
        let Projection { source, receptor, synapses, .. } = projection;
        let first = network.first_node(*source).0 as usize;
        let size = network.population(*source).size as usize;
        let is_one = matches!((&synapses.weight, &synapses.delay), (Weights::Shared(_), Delays::Shared(_)));
        arrivals[first..first + size].par_iter_mut().enumerate().for_each(|(node, count)| {
            let row = synapses.row(node);
            if is_one || row.is_empty() {
                *count += u32::from(!row.is_empty());
                return;
            }
            let key = |i| (synapses.delay.get(i).to_bits(), is_inhibitory(*receptor, synapses.weight.get(i)));
            let mut keys: Vec<(u64, bool)> = row.map(key).collect();
            keys.sort_unstable();
            keys.dedup();
            *count += keys.len() as u32;
        });
    }
    arrivals
}

/// Appends the synapses of one node through one projection that end in one part.
fn append_row(
    shard: &mut Shard,
    projection: &Projection,
    part: u16,
    node: usize,
    dt: f64,
    loose: &mut Vec<Loose>,
) {
    let synapses = &projection.synapses;
    let row = synapses.row(node);
    let Part { first, size, .. } = shard.parts[usize::from(part)];
    let mine = first..first + size;
    loose.clear();
    for i in row {
        let target = synapses.target[i];
        if mine.contains(&target) {
            let weight = synapses.weight.get(i);
            let inhibitory = is_inhibitory(projection.receptor, weight);
            loose.push(Loose { delay: synapses.delay.get(i), inhibitory, target: target - first, weight });
        }
    }
    let key = |synapse: &Loose| (synapse.delay, synapse.inhibitory, synapse.target);
    if !loose.is_sorted_by_key(key) {
        loose.sort_by(|a, b| {
            a.delay.total_cmp(&b.delay).then_with(|| (a.inhibitory, a.target).cmp(&(b.inhibitory, b.target)))
        });
    }
    let shared = matches!(synapses.weight, Weights::Shared(_));
    for group in loose.chunk_by(|a, b| a.delay == b.delay && a.inhibitory == b.inhibitory) {
        let Loose { delay, inhibitory, weight, .. } = group[0];
        shard.segments.push(Segment {
            delay,
            weight,
            start: shard.targets.len() as u32,
            weights_start: shard.weights.len() as u32,
            steps: to_steps(delay, dt),
            part,
            port: if inhibitory { Port::Inhibitory } else { Port::Excitatory },
            shared,
        });
        shard.targets.extend(group.iter().map(|synapse| synapse.target));
        if !shared {
            shard.weights.extend(group.iter().map(|synapse| synapse.weight));
        }
    }
}

fn link_currents(shard: &mut Shard, projection: &Projection, part: u16) {
    let synapses = &projection.synapses;
    let Part { first, size, .. } = shard.parts[usize::from(part)];
    let mut links: Vec<CurrentLink> = Vec::new();
    for channel in 0..synapses.row_start.len() - 1 {
        for i in synapses.row(channel) {
            let target = synapses.target[i];
            if !(first..first + size).contains(&target) {
                continue;
            }
            let delay = synapses.delay.get(i);
            let synapse = (channel as u32, target - first, synapses.weight.get(i));
            match links.iter_mut().find(|link| link.delay == delay) {
                Some(link) => link.synapses.push(synapse),
                None => links.push(CurrentLink {
                    source: projection.source,
                    delay,
                    part,
                    synapses: vec![synapse],
                }),
            }
        }
    }
    shard.currents.extend(links);
}
