//! What would have to give where no partition was found: who is in the way, and the smallest change that fits.
//!
//! The idea: a network whose neurons all fit alone lacks a partition because two budgets pull apart. Output axons want
//! the targets of a neuron together, and another budget wants them on many cores. So the search is made again with
//! one budget unlimited, the one that was exceeded and, if it is another, that of output axons, without which there
//! always is a partition. What it finds keeps all other budgets, and shows by how much the one has to give: the
//! fewest synapses that have to be left out of it, weights that are narrow enough, the core that would do. Each of
//! these is a change after which that partition is legal, so nothing is promised that was not found.

mod links;

use std::cmp::Reverse;
use std::fmt;
use std::ops::ControlFlow;

use rheobase_net::ValidNetwork;

use super::{takers, width_on};
use crate::chip::{Budget, Chip, Limits, Usage};
use crate::{Graph, Layout, Partition, PartitionConfig, PartitionError, name_of, partition};
use links::{Link, links, usage};

/// What would have to give so that a network fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Relief {
    /// A partition that keeps all budgets but this one, and this one too after any of the changes.
    pub partition: Partition,
    /// The budget.
    pub budget: Budget,
    /// The population of the neuron that takes most of it in the core that lacks most.
    pub population: String,
    /// The neuron in its population.
    pub neuron: u32,
    /// What it takes of the budget.
    pub takes: u64,
    /// What its core needs.
    pub need: u64,
    /// What a core has.
    pub limit: u64,
    /// Cores that need more than they have.
    pub n_over: u32,
    /// The fewest synapses that have to be left out, as source and target; numbers of a [`Graph`].
    pub leave_out: Vec<[u32; 2]>,
    /// The same two ends of the first of them, by population and node.
    pub first: [(String, u32); 2],
    /// Synapses of the network.
    pub n_synapses: u64,
    /// By how many bits narrower weights would be enough.
    pub narrower: Option<u16>,
    /// Known chips that take the partition as it is.
    pub takers: Vec<String>,
}

/// Looks for what would have to give so that a network fits for which [`partition`](fn@partition) found no room, as
/// it says by `exceeded`. `None` if that cannot be found either, or `watch` ended the search.
///
/// It costs one search or two of half the effort.
///
/// # Panics
/// If layout and graph are not those of the network.
pub fn relieve(
    network: &ValidNetwork,
    layout: &Layout,
    graph: &Graph,
    chip: &Chip,
    config: &PartitionConfig,
    exceeded: &PartitionError,
    watch: &mut dyn FnMut(f64) -> ControlFlow<()>,
) -> Option<Relief> {
    let PartitionError::NoRoom { budget, .. } = exceeded else { return None };
    let exceeded = Budget::ALL.into_iter().find(|known| known.to_string() == *budget);
    // A neuron that is alone needs one compartment and one configuration, so these two never are in the way.
    let one_of_two = |budget: &Budget| matches!(budget, Budget::InputAxons | Budget::SynapseWords);
    let budgets = [exceeded.filter(one_of_two), Some(Budget::OutputAxons)];
    let config = PartitionConfig { effort: config.effort / 2.0, ..*config };
    let mut best: Option<(Budget, Partition, Vec<Link>)> = None;
    for budget in budgets.into_iter().flatten() {
        let limits = without(chip.limits(), budget);
        let Ok(found) = partition(graph, &limits, &config, watch) else { continue };
        let cut = cut(graph, chip, &found, budget);
        let synapses = |cut: &[Link]| cut.iter().map(|link| u64::from(link.synapses)).sum::<u64>();
        if best.as_ref().is_none_or(|(_, _, least)| synapses(&cut) < synapses(least)) {
            best = Some((budget, found, cut));
        }
    }
    let (budget, partition, cut) = best?;
    told(network, layout, graph, chip, budget, partition, &cut)
}

/// Limits without one of them.
fn without(limits: Limits, budget: Budget) -> Limits {
    match budget {
        Budget::Compartments => Limits { compartments: u32::MAX, ..limits },
        Budget::InputAxons => Limits { input_axons: u32::MAX, ..limits },
        Budget::OutputAxons => Limits { output_axons: u32::MAX, ..limits },
        Budget::SynapseWords => Limits { synapse_words: u64::MAX, ..limits },
        Budget::NeuronConfigs => Limits { neuron_configs: u32::MAX, ..limits },
    }
}

/// The links that have to go so that every core keeps a budget: of each core that needs too much, those that take
/// the fewest synapses for what they free.
fn cut(graph: &Graph, chip: &Chip, partition: &Partition, budget: Budget) -> Vec<Link> {
    let memory = chip.limits().memory;
    let words = |source: u32, n: u32| memory.words(n, u32::from(graph.synapse_bits[source as usize]));
    let need = usage(graph, partition, &words);
    let Some(limit) = chip.limit(budget) else { return Vec::new() };
    let mut all = links(graph, partition, budget, &words);
    all.retain(|link| need[link.core as usize].of(budget) > limit);
    let price = |a: &Link, b: &Link| {
        let [of_a, of_b] = [(a, b), (b, a)].map(|(of, other)| u64::from(of.synapses) * other.takes);
        a.core.cmp(&b.core).then(of_a.cmp(&of_b)).then((a.source, a.to).cmp(&(b.source, b.to)))
    };
    all.sort_unstable_by(price);
    let mut left: Vec<u64> = need.iter().map(|usage| usage.of(budget)).collect();
    all.retain(|link| {
        let left = &mut left[link.core as usize];
        let goes = *left > limit;
        *left -= if goes { link.takes } else { 0 };
        goes
    });
    all
}

/// All that is said of a partition that gives up one budget.
fn told(
    network: &ValidNetwork,
    layout: &Layout,
    graph: &Graph,
    chip: &Chip,
    budget: Budget,
    partition: Partition,
    cut: &[Link],
) -> Option<Relief> {
    let limits = chip.limits();
    let narrowed = |by: u16| {
        let bits = |source: u32| graph.synapse_bits[source as usize].saturating_sub(by);
        usage(graph, &partition, &|source, n| limits.memory.words(n, u32::from(bits(source))))
    };
    let need = narrowed(0);
    let limit = chip.limit(budget)?;
    let keeps = |chip: &Chip, need: &[Usage]| {
        let within = |usage: &Usage, budget: &Budget| {
            chip.limit(*budget).is_none_or(|limit| usage.of(*budget) <= limit)
        };
        need.iter().all(|usage| Budget::ALL.iter().all(|budget| within(usage, budget)))
    };
    let (core, most) = (0_u32..).zip(&need).max_by_key(|(core, usage)| (usage.of(budget), Reverse(*core)))?;
    let (who, takes) = links::most_of(graph, &partition, budget, core)?;
    let (population, neuron) = name_of(network, who)?;
    let widths = &chip.synapse().weight_bits;
    let most_narrow = widths.last().zip(widths.first()).map_or(0, |(widest, least)| widest - least) as u16;
    let leave_out: Vec<[u32; 2]> = cut
        .iter()
        .flat_map(|link| {
            let targets = graph.targets(link.source).iter();
            let there = targets.filter(|target| partition.part[**target as usize] == link.to);
            there.map(|target| [link.source, *target])
        })
        .collect();
    let name = |number: u32| name_of(network, number).map(|(population, node)| (population.to_owned(), node));
    let [source, target] = leave_out.first()?.map(name);
    let takes_it = |other: &Chip| {
        let bits = |source: u32| match graph.synapse_bits[source as usize] {
            0 => Some(0),
            bits => width_on(other, bits, chip),
        };
        let Some(bits) = (0..graph.n_sources()).map(bits).collect::<Option<Vec<u16>>>() else { return false };
        let memory = other.limits().memory;
        let words = |source: u32, n: u32| memory.words(n, u32::from(bits[source as usize]));
        keeps(other, &usage(graph, &partition, &words))
    };
    let mut takers = takers(network, layout, chip);
    takers.retain(|name| Chip::named(name).is_ok_and(|other| takes_it(&other)));
    Some(Relief {
        budget,
        population: population.to_owned(),
        neuron,
        takes,
        need: most.of(budget),
        limit,
        n_over: need.iter().filter(|usage| usage.of(budget) > limit).count() as u32,
        first: [source?, target?],
        n_synapses: graph.target.len() as u64,
        narrower: (1..=most_narrow).find(|by| keeps(chip, &narrowed(*by))),
        takers,
        leave_out,
        partition,
    })
}

impl fmt::Display for Relief {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            budget,
            population,
            neuron,
            takes,
            need,
            limit,
            n_over,
            leave_out,
            first,
            n_synapses,
            narrower,
            takers,
        } = self;
        let takes = match budget {
            Budget::InputAxons => format!("spikes reach it from {takes} sources"),
            Budget::OutputAxons => format!("its targets are on {takes} cores"),
            Budget::SynapseWords => format!("{takes} synapses end at it"),
            Budget::Compartments | Budget::NeuronConfigs => format!("it takes {takes}"),
        };
        writeln!(
            f,
            "no partition within the limits of a core was found; in the best that gives up one of them, {n_over} of {} \
             cores need too much, most the one of population \"{population}\", neuron {neuron} ({takes}): it needs \
             {need} {budget}, and a core has {limit}; that would fit with any of these changes:",
            partition.n_parts
        )?;
        let [(source, from), (target, to)] = first;
        let n = leave_out.len();
        writeln!(
            f,
            "  - leave out {n} of {n_synapses} synapses, such as that of population \"{source}\", node {from} to \
             population \"{target}\", neuron {to}"
        )?;
        if let Some(bits) = narrower {
            let s = if *bits == 1 { "" } else { "s" };
            writeln!(f, "  - take weights that are {bits} bit{s} narrower, or more")?;
        }
        write!(f, "  - take a chip whose cores have {need} {budget}")?;
        if takers.is_empty() { Ok(()) } else { write!(f, ", such as {}", takers.join(", ")) }
    }
}
