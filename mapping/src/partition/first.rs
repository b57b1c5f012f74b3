//! Where the search begins: a first partition, and the order of neurons that it gives.

use rayon::prelude::*;

use super::affinity::Hierarchy;
use super::estimate::Estimate;
use super::noise::Noise;
use super::pins::Pins;
use super::slots::MOST;
use super::state::{self, Load};
use crate::Graph;
use crate::chip::Limits;

/// Numbers of parts that are tried, until the number suits what they hold.
const TRIES: usize = 5;

/// First partitions of a graph.
pub(super) struct First<'a> {
    graph: &'a Graph,
    limits: &'a Limits,
    /// Pins of all neurons, and synapses of each.
    n_pins: usize,
    synapses: Vec<u32>,
    hierarchy: Hierarchy,
    noise: Noise,
}

impl<'a> First<'a> {
    pub fn new(graph: &'a Graph, limits: &'a Limits, seed: u64) -> Self {
        let mut noise = Noise::new(seed);
        let pins = Pins::of(graph);
        let least = Estimate::new(graph, limits).parts().min(MOST);
        let hierarchy = Hierarchy::new(graph, &pins, least, &mut noise);
        let synapses = (0..graph.n_neurons).map(|neuron| pins.synapses(neuron)).collect();
        Self { graph, limits, n_pins: pins.len(), synapses, hierarchy, noise }
    }

    /// Vertices of a network of twins, the largest groups first: pins are far fewer than those of neurons.
    ///
    /// None where configurations are limited, because a group has one of each.
    pub fn levels(&self) -> Vec<Pins> {
        let n_configs = self.graph.config.iter().max().map_or(0, |most| most + 1);
        if n_configs > self.limits.neuron_configs {
            return Vec::new();
        }
        let pins = |(of, n)| Pins::of_groups(self.graph, of, n);
        self.hierarchy.of_twins().map(pins).filter(|pins| 2 * pins.len() < self.n_pins).collect()
    }

    /// A partition into as many parts as it will take.
    pub fn partition(&mut self) -> Vec<u32> {
        let mut estimate = Estimate::new(self.graph, self.limits);
        let mut n_parts = estimate.parts().min(MOST);
        let mut part = Vec::new();
        for _ in 0..TRIES {
            let (found, loads, in_order) = self.partition_into(n_parts);
            part = found;
            estimate.learn(&loads, in_order);
            let wanted = estimate.parts().min(MOST);
            if wanted.abs_diff(n_parts) <= n_parts / 16 {
                break;
            }
            n_parts = wanted;
        }
        part
    }

    /// Another partition into `n_parts`, from the graph of who talks to whom.
    pub fn another(&mut self, n_parts: u32) -> Vec<u32> {
        self.hierarchy.partition(n_parts, self.noise.word())
    }

    /// A partition into `n_parts`, what the parts hold, and whether it is in the order of the network.
    ///
    /// The one of two with fewer axons: from the graph of who talks to whom, and in the order of the network.
    pub fn partition_into(&mut self, n_parts: u32) -> (Vec<u32>, Vec<Load>, bool) {
        let tries = [Some(self.noise.word()), None].into_par_iter().map(|seed| {
            let part = match seed {
                Some(seed) => self.hierarchy.partition(n_parts, seed),
                None => in_order(&self.synapses, n_parts),
            };
            let loads = state::loads(self.graph, self.limits, &part, n_parts);
            (part, loads, seed.is_none())
        });
        let tries: Vec<_> = tries.collect();
        let axons = |loads: &[Load]| loads.iter().map(|load| u64::from(load.input_axons)).sum::<u64>();
        tries.into_iter().min_by_key(|(_, loads, _)| axons(loads)).expect("there are two")
    }
}

/// Neurons in their order, each part to its share of neurons and synapses: who made the network knew what
/// belongs together.
fn in_order(synapses: &[u32], n_parts: u32) -> Vec<u32> {
    let of_neuron = synapses.iter().map(|n| f64::from(*n));
    let (neurons, synapses) = (synapses.len() as f64, of_neuron.clone().sum::<f64>() + 1.0);
    let whole = 1.0 + (synapses - 1.0) / synapses;
    let mut done = 0.0;
    let part = of_neuron.map(|n| {
        let part = (done / whole * f64::from(n_parts)) as u32;
        done += 1.0 / neurons + n / synapses;
        part.min(n_parts - 1)
    });
    part.collect()
}

/// A graph whose neurons are numbered part by part, so that what is near lies near in memory.
pub(super) struct Renumbered {
    pub graph: Graph,
    /// The number that every neuron had.
    pub old: Vec<u32>,
}

/// Numbers neurons part by part.
pub(super) fn renumber(graph: &Graph, part: &[u32]) -> Renumbered {
    let mut old: Vec<u32> = (0..graph.n_neurons).collect();
    old.sort_by_key(|neuron| part[*neuron as usize]);
    let mut new = vec![0; old.len()];
    old.iter().enumerate().for_each(|(to, from)| new[*from as usize] = to as u32);
    let outside = graph.n_neurons..graph.n_sources();
    let sources: Vec<u32> = old.iter().copied().chain(outside).collect();
    let mut row_start = vec![0];
    let mut target = Vec::with_capacity(graph.target.len());
    for &source in &sources {
        let first = target.len();
        target.extend(graph.targets(source).iter().map(|neuron| new[*neuron as usize]));
        target[first..].sort_unstable();
        row_start.push(target.len() as u64);
    }
    let of = |values: &[u32]| sources.iter().map(|source| values[*source as usize]).collect();
    let synapse_bits = sources.iter().map(|source| graph.synapse_bits[*source as usize]).collect();
    let config = old.iter().map(|neuron| graph.config[*neuron as usize]).collect();
    let graph = Graph {
        n_neurons: graph.n_neurons,
        row_start,
        target,
        spikes: of(&graph.spikes),
        synapse_bits,
        config,
    };
    Renumbered { graph, old }
}
