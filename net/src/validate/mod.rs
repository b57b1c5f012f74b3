//! Checks a network and finds all of its faults at once.

mod fault;
mod ltc;
mod population;
mod projection;

use std::collections::HashMap;

pub use fault::{Fault, InvalidNetwork};

use crate::{Network, NodeId, NodeRange, Population, PopulationId, Projection};

/// A network without faults. Only [`validate`] makes one, so that no later stage has to check again.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidNetwork {
    network: Network,
    /// First node of every population, and the number of all nodes at the end.
    first_node: Vec<u32>,
}

/// Checks everything that can be wrong with a network, in `O(nodes + synapses)`.
///
/// # Errors
/// All faults at once; faults of the same kind in one list are counted, and the first is shown.
pub fn validate(network: Network) -> Result<ValidNetwork, InvalidNetwork> {
    let mut faults = Vec::new();
    check_names(&network, &mut faults);
    let n_nodes: u64 = network.populations.iter().map(|population| u64::from(population.size)).sum();
    if n_nodes > u64::from(u32::MAX) {
        faults.push(Fault::TooManyNodes { n_nodes });
    }
    for population in &network.populations {
        population::check(population, &mut faults);
    }
    for projection in &network.projections {
        projection::check(&network, projection, &mut faults);
    }
    if !faults.is_empty() {
        return Err(InvalidNetwork { faults });
    }
    let mut first_node = vec![0];
    for population in &network.populations {
        first_node.push(first_node[first_node.len() - 1] + population.size);
    }
    Ok(ValidNetwork { network, first_node })
}

fn check_names(network: &Network, faults: &mut Vec<Fault>) {
    if network.populations.is_empty() {
        faults.push(Fault::NoPopulation);
    }
    let populations = network.populations.iter().map(|population| &population.name);
    let projections = network.projections.iter().map(|projection| &projection.name);
    let mut check = |thing, names: &mut dyn Iterator<Item = &String>| {
        let mut seen: HashMap<&String, u32> = HashMap::new();
        for name in names {
            let count = seen.entry(name).or_default();
            *count += 1;
            if *count == 2 {
                faults.push(Fault::Name { thing, name: name.clone(), problem: "is used twice" });
            }
            if name.is_empty() || name.chars().any(|c| c == '/' || c.is_control()) {
                faults.push(Fault::Name { thing, name: name.clone(), problem: "cannot be used" });
            }
        }
    };
    check("population", &mut { populations });
    check("projection", &mut { projections });
}

impl ValidNetwork {
    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Gives the network back, to be changed and validated again.
    pub fn into_network(self) -> Network {
        self.network
    }

    /// The populations.
    pub fn populations(&self) -> &[Population] {
        &self.network.populations
    }

    /// The projections.
    pub fn projections(&self) -> &[Projection] {
        &self.network.projections
    }

    /// A population by its id.
    pub fn population(&self, id: PopulationId) -> &Population {
        &self.network.populations[id.idx()]
    }

    /// The population of that name.
    pub fn population_named(&self, name: &str) -> Option<PopulationId> {
        let idx = self.network.populations.iter().position(|population| population.name == name)?;
        Some(PopulationId(idx as u32))
    }

    /// The first node of a population.
    pub fn first_node(&self, id: PopulationId) -> NodeId {
        NodeId(self.first_node[id.idx()])
    }

    /// The number of all nodes: neurons and sources.
    pub fn n_nodes(&self) -> u32 {
        self.first_node[self.first_node.len() - 1]
    }

    /// The number of neurons.
    pub fn n_neurons(&self) -> u32 {
        let neurons = self.populations().iter().filter(|population| population.model.is_neuron());
        neurons.map(|population| population.size).sum()
    }

    /// The number of synapses.
    pub fn n_synapses(&self) -> u64 {
        self.projections().iter().map(|projection| projection.synapses.len() as u64).sum()
    }

    /// The populations as ranges of nodes.
    pub fn node_ranges(&self) -> Vec<NodeRange> {
        let range = |(population, first): (&Population, &u32)| NodeRange {
            population: population.name.clone(),
            first: *first,
            size: population.size,
            is_source: population.model.is_source(),
        };
        self.populations().iter().zip(&self.first_node).map(range).collect()
    }
}
