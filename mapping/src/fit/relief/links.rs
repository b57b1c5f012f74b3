//! What the parts of a partition use, and which links between a source and a part it is used by.

use crate::chip::{Budget, Usage};
use crate::{Graph, Partition};

/// The synapses of a source in a part, and the core that has to have room for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    /// The core whose budget it takes from, by its part.
    pub core: u32,
    pub source: u32,
    /// The part of the synapses.
    pub to: u32,
    pub synapses: u32,
    /// What it takes of the budget; at least 1.
    pub takes: u64,
}

/// The words that so many synapses of a source take in one core.
pub(super) type Words<'a> = &'a dyn Fn(u32, u32) -> u64;

/// What every part uses. `O(synapses)`.
pub(super) fn usage(graph: &Graph, partition: &Partition, words: Words<'_>) -> Vec<Usage> {
    let mut all = vec![Usage::default(); partition.n_parts as usize];
    let mut configs: Vec<_> = partition.part.iter().zip(&graph.config).collect();
    configs.sort_unstable();
    configs.dedup();
    configs.iter().for_each(|(part, _)| all[**part as usize].neuron_configs += 1);
    partition.part.iter().for_each(|part| all[*part as usize].compartments += 1);
    each(graph, partition, |source, home, to, synapses| {
        let there = &mut all[to as usize];
        there.input_axons += 1;
        there.synapse_words += words(source, synapses);
        if let Some(home) = home {
            all[home as usize].output_axons += 1;
        }
    });
    all
}

/// All links by which a budget is used; none of budgets that are used by neurons alone.
pub(super) fn links(graph: &Graph, partition: &Partition, budget: Budget, words: Words<'_>) -> Vec<Link> {
    let mut all = Vec::new();
    each(graph, partition, |source, home, to, synapses| {
        let (core, takes) = match budget {
            Budget::InputAxons => (Some(to), 1),
            Budget::SynapseWords => (Some(to), words(source, synapses)),
            Budget::OutputAxons => (home, 1),
            Budget::Compartments | Budget::NeuronConfigs => (None, 0),
        };
        all.extend(core.map(|core| Link { core, source, to, synapses, takes }));
    });
    all
}

/// The neuron of a core that takes most of a budget, and what: sources that reach it, cores of its targets, or
/// synapses that end at it.
pub(super) fn most_of(graph: &Graph, partition: &Partition, budget: Budget, core: u32) -> Option<(u32, u64)> {
    let mut takes = vec![0_u64; graph.n_neurons as usize];
    match budget {
        Budget::OutputAxons => each(graph, partition, |source, home, _, _| {
            if home.is_some() {
                takes[source as usize] += 1;
            }
        }),
        Budget::SynapseWords => graph.target.iter().for_each(|target| takes[*target as usize] += 1),
        Budget::InputAxons => (0..graph.n_sources()).for_each(|source| {
            graph.targets(source).chunk_by(|a, b| a == b).for_each(|same| takes[same[0] as usize] += 1);
        }),
        Budget::Compartments | Budget::NeuronConfigs => takes.fill(1),
    }
    let held = (0_u32..).zip(&takes).filter(|(neuron, _)| partition.part[*neuron as usize] == core);
    let most = held.max_by_key(|(neuron, takes)| (**takes, std::cmp::Reverse(*neuron)));
    most.map(|(neuron, takes)| (neuron, *takes))
}

/// Visits every source and part with synapses: the source, its own part, that of the synapses, and how many.
fn each(graph: &Graph, partition: &Partition, mut visit: impl FnMut(u32, Option<u32>, u32, u32)) {
    let mut here = vec![0_u32; partition.n_parts as usize];
    let mut reached = Vec::new();
    for source in 0..graph.n_sources() {
        for target in graph.targets(source) {
            let part = partition.part[*target as usize];
            if here[part as usize] == 0 {
                reached.push(part);
            }
            here[part as usize] += 1;
        }
        let home = partition.part.get(source as usize).copied();
        for part in reached.drain(..) {
            visit(source, home, part, std::mem::take(&mut here[part as usize]));
        }
    }
}
