//! Which neurons share a core.
//!
//! [`partition`] looks for the parts between which the fewest packets travel, each within every budget of a
//! core; how many there are, it finds: a percent more of them must save a percent of the packets. The idea: a
//! plain graph of who talks to whom is coarsened by its heaviest edges, bisected, and refined on the way back, a
//! first partition, which knows no budget; the order of the network gives another, and the one with fewer axons
//! is taken. From then on neurons move alone (where most have twins, which hear the same, groups of them move
//! first), and every move knows the packets that it saves exactly, and the price of the input axons, output axons,
//! words and compartments that it takes and gives, in its own parts and in those of its sources. A few passes tell
//! how many parts are right. Moves are drawn as in annealing, so that they may lose before they win, and room is
//! cheap at first, so that parts may be too full; in the end they must gain, and what is beyond a limit is dear, until
//! every part is within its limits. Then parts are closed for as long as the rest find room, and the best partition is
//! warmed up again; so is a filling in the order of the network, if it is legal and not far worse, and the
//! better one is taken. Where sources reach many parts and parts hold few neurons, what a part has left is less than any
//! neuron takes; there one long descent is followed by exchanges: neurons change places, each with one of the part that
//! draws it most, and parts are closed for as long as the rest find room.
//!
//! Cost: a pass is `O(pins × parts a source touches)`, and there are 24 passes in a large network, up to 90 in a
//! small one, up to four times as many where most neurons are at rest, and more in proportion where sources reach more
//! than ten parts, up to ten times as many; one of exchanges costs several of the others, and there are two or three
//! hundred. The result depends on the graph, the limits, the seed and the effort alone.
//!
//! Sources: prices for congestion are those of negotiated routing (McMurchie & Ebeling 1995,
//! doi 10.1109/FPGA.1995.242049); coarsening and refinement those of multilevel partitioning (Karypis & Kumar
//! 1998, doi 10.1137/S1064827595287997); packets are the connectivity metric of hypergraph partitioning.

mod affinity;
mod anneal;
mod climate;
mod estimate;
mod exchange;
mod first;
mod grouped;
mod noise;
mod open;
mod pins;
mod price;
mod schedule;
mod search;
mod sequential;
mod slots;
mod state;
#[cfg(test)]
mod tests;
mod twins;

use std::ops::ControlFlow;

use crate::Graph;
use crate::chip::Limits;
use first::{First, Renumbered};
use noise::Noise;
use pins::Pins;
use search::{Found, Outcome, Search};
pub use sequential::{Sequential, sequential};
use slots::MOST;
use state::Load;

/// Which part every neuron belongs to. A part is a core that has no place yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    /// The part of every neuron; `[n_neurons]`.
    pub part: Vec<u32>,
    /// The number of parts; none is empty.
    pub n_parts: u32,
}

/// How a network is partitioned.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PartitionConfig {
    /// Names the random numbers.
    pub seed: u64,
    /// How long to search: twice as much is twice the time.
    pub effort: f64,
    /// What is to be least.
    pub objective: Objective,
    /// How many more synaptic events than the mean a part should have at most, as a share of the mean: 0.1 keeps
    /// all parts busy for about the same time. A wish, not a limit: it is weighed against packets.
    pub balance: Option<f64>,
}

impl PartitionConfig {
    fn check(&self) -> Result<(), PartitionError> {
        let Self { seed: _, effort, objective: _, balance } = *self;
        if !(effort > 0.0 && effort <= 1000.0) {
            let must = "above 0 and at most 1000";
            return Err(PartitionError::Config { name: "effort", value: effort, must });
        }
        match balance {
            Some(value) if !(value >= 0.0 && value.is_finite()) => {
                Err(PartitionError::Config { name: "balance", value, must: "0 or above, and finite" })
            }
            _ => Ok(()),
        }
    }
}

/// What a partition is to have least of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Objective {
    /// Packets from part to part: spikes times the parts beyond the own one that they reach or come from.
    #[default]
    Packets,
    /// Messages to all parts, the own one included: energy, on a chip that sends these like all others.
    Messages,
}

impl Default for PartitionConfig {
    fn default() -> Self {
        Self { seed: 1, effort: 1.0, objective: Objective::default(), balance: None }
    }
}

/// Why there is no partition.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PartitionError {
    /// A number of the configuration cannot be used.
    #[error("{name} is {value}, and must be {must}")]
    Config {
        /// The field.
        name: &'static str,
        /// What it has.
        value: f64,
        /// What it may have.
        must: &'static str,
    },
    /// A neuron does not fit a core of its own.
    #[error(
        "neuron {neuron} needs {need} {budget}, and a core has {limit}, so it fits nowhere: give it fewer \
         synapses, or take another chip"
    )]
    Neuron {
        /// The neuron, by its number in the graph.
        neuron: u32,
        /// What is missing.
        budget: &'static str,
        /// What the neuron needs by itself.
        need: u64,
        /// What a core has.
        limit: u64,
    },
    /// A source has more synapses than can be counted.
    #[error(
        "source {source_idx} has {synapses} synapses, and at most {limit} can be mapped: split it in two"
    )]
    Synapses {
        /// The source, by its number in the graph.
        source_idx: u32,
        /// Its synapses.
        synapses: u64,
        /// The most that a source may have.
        limit: u32,
    },
    /// No partition within the limits was found.
    #[error(
        "no partition within the limits of a core was found: in the best one, {n_over} of {n_parts} cores have \
         too much, one of them {need} {budget} where {limit} fit; give neurons fewer synapses, weights fewer \
         bits, the search more effort, or take another chip"
    )]
    NoRoom {
        /// Cores that have too much.
        n_over: u32,
        /// All cores.
        n_parts: u32,
        /// The budget that is exceeded most.
        budget: &'static str,
        /// What the fullest core needs of it.
        need: u64,
        /// What a core has.
        limit: u64,
    },
    /// The caller stopped it.
    #[error("stopped")]
    Stopped,
}

/// Cuts a graph into parts within the limits of a core, with few packets between them.
///
/// `watch` hears between passes which share of the work is done, and may stop it.
///
/// # Errors
/// If a number of the configuration cannot be used, if a neuron fits nowhere, if no partition within the limits was found, or if it was stopped.
pub fn partition(
    graph: &Graph,
    limits: &Limits,
    config: &PartitionConfig,
    watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Result<Partition, PartitionError> {
    config.check()?;
    check_alone(graph, limits)?;
    if graph.n_neurons == 0 {
        return Ok(Partition { part: Vec::new(), n_parts: 0 });
    }
    let mut noise = Noise::new(config.seed);
    let n_tries = (SMALL / (graph.target.len() + graph.n_neurons as usize)).clamp(1, TRIES);
    let mut best: Option<Found> = None;
    for i in 0..PATIENCE * n_tries {
        let legal = best.as_ref().is_some_and(|best| best.n_over == 0);
        if i >= n_tries && (legal || n_tries == 1) {
            break;
        }
        let mut go_on = |done: f64| watch(((i as f64 + done) / n_tries as f64).min(1.0)).is_continue();
        let found = match i {
            0 => search_once(graph, limits, config, noise.word(), &mut go_on),
            _ => {
                search_from_anywhere(graph, limits, config, (i % n_tries, n_tries), noise.word(), &mut go_on)
            }
        };
        let found = found.ok_or(PartitionError::Stopped)?;
        if best.as_ref().is_none_or(|best| found.is_better(best)) {
            best = Some(found);
        }
    }
    let mut best = best.expect("there is a try");
    let filled = sequential(graph, limits);
    if filled.n_over == 0 && filled.partition.n_parts > 1 {
        // Who made the network may have known better than any search where to cut it.
        let pins = Pins::of(graph);
        let mut search = Search::new(graph, limits, &pins, *config, noise.word());
        let improved = search.improve(filled.partition.part, best, &mut |_| watch(1.0).is_continue());
        best = improved.ok_or(PartitionError::Stopped)?;
    }
    let Found { mut part, n_over, .. } = best;
    let n_parts = number_in_order(&mut part);
    if n_over > 0 {
        return Err(too_full(graph, limits, &part, n_parts));
    }
    Ok(Partition { part, n_parts })
}

/// Small networks are searched again and again; this many neurons and synapses once.
const SMALL: usize = 200_000;
/// How many times as many searches there may be of a small network that seems not to fit.
const PATIENCE: usize = 6;
/// Searches of the smallest networks.
const TRIES: usize = 16;

/// One search; `None` if it was stopped.
fn search_once(
    graph: &Graph,
    limits: &Limits,
    config: &PartitionConfig,
    seed: u64,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Option<Found> {
    let mut noise = Noise::new(seed);
    let mut first = First::new(graph, limits, noise.word());
    let mut part = first.partition();
    let levels = first.levels();
    if !levels.is_empty() {
        return grouped::search(graph, limits, config, (&mut first, part, &levels), &mut noise, go_on);
    }
    for may_want in [true, true, true, false] {
        let Renumbered { graph, old } = first::renumber(graph, &part);
        let begin = old.iter().map(|neuron| part[*neuron as usize]).collect();
        let pins = Pins::of(&graph);
        let mut search = Search::new(&graph, limits, &pins, *config, noise.word());
        match search.run(begin, may_want, go_on) {
            Outcome::Found(mut found) => {
                let mut part = vec![0; old.len()];
                old.iter().zip(&found.part).for_each(|(neuron, of)| part[*neuron as usize] = *of);
                found.part = part;
                return Some(found);
            }
            Outcome::Wants(n_parts) => part = first.partition_into(n_parts).0,
            Outcome::Stopped => return None,
        }
    }
    unreachable!("the last search may want nothing else")
}

/// A search from neurons that are dealt at random to a number of parts, from two to as many as there are
/// neurons; `None` if it was stopped.
///
/// Limits of a few axons have no smooth prices, and a first partition may lie far from all that fit.
fn search_from_anywhere(
    graph: &Graph,
    limits: &Limits,
    config: &PartitionConfig,
    (i, n_tries): (usize, usize),
    seed: u64,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Option<Found> {
    let mut noise = Noise::new(seed);
    let n = f64::from(graph.n_neurons.min(MOST));
    let n_parts = libm::pow(n, i as f64 / (n_tries - 1) as f64).ceil().max(2.0).min(n) as u64;
    let order = noise.permutation(graph.n_neurons as usize);
    let part = order.iter().map(|place| (u64::from(*place) * n_parts / u64::from(graph.n_neurons)) as u32);
    let pins = Pins::of(graph);
    let mut search = Search::new(graph, limits, &pins, *config, noise.word());
    match search.run(part.collect(), false, go_on) {
        Outcome::Found(found) => Some(found),
        Outcome::Stopped => None,
        Outcome::Wants(_) => unreachable!("it may want nothing else"),
    }
}

/// Numbers parts by their first neurons, without gaps; gives their number.
fn number_in_order(part: &mut [u32]) -> u32 {
    let mut number = vec![u32::MAX; part.iter().max().map_or(0, |most| *most as usize + 1)];
    let mut n = 0;
    for part in part {
        let number = &mut number[*part as usize];
        if *number == u32::MAX {
            *number = n;
            n += 1;
        }
        *part = *number;
    }
    n
}

/// Whether every neuron would fit a core of its own.
fn check_alone(graph: &Graph, limits: &Limits) -> Result<(), PartitionError> {
    for source in 0..graph.n_sources() {
        let synapses = graph.targets(source).len() as u64;
        if synapses > u64::from(MOST) {
            return Err(PartitionError::Synapses { source_idx: source, synapses, limit: MOST });
        }
    }
    let n = graph.n_neurons as usize;
    let mut alone = vec![Load { neurons: 1, configs: 1, ..Load::default() }; n];
    for source in 0..graph.n_sources() {
        let bits = u32::from(graph.synapse_bits[source as usize]);
        for same in graph.targets(source).chunk_by(|a, b| a == b) {
            let load = &mut alone[same[0] as usize];
            load.input_axons += 1;
            load.words += limits.memory.words(same.len() as u32, bits);
        }
        if source < graph.n_neurons && !graph.targets(source).is_empty() {
            alone[source as usize].output_axons = 1;
        }
    }
    for (neuron, load) in alone.iter().enumerate() {
        if let Some((budget, need, limit)) = load.excess(limits) {
            return Err(PartitionError::Neuron { neuron: neuron as u32, budget, need, limit });
        }
    }
    Ok(())
}

fn too_full(graph: &Graph, limits: &Limits, part: &[u32], n_parts: u32) -> PartitionError {
    let loads = state::loads(graph, limits, part, n_parts);
    let n_over = loads.iter().filter(|load| !load.fits(limits)).count() as u32;
    let by_share = |a: &&Load, b: &&Load| a.share(limits).total_cmp(&b.share(limits));
    let fullest = loads.iter().filter(|load| !load.fits(limits)).max_by(by_share);
    let (budget, need, limit) =
        fullest.and_then(|load| load.excess(limits)).expect("this is called where a part is too full");
    PartitionError::NoRoom { n_over, n_parts, budget, need, limit }
}
