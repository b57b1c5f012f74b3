//! Which neuron a number means.

use rheobase_net::ValidNetwork;

use super::fault::Share;

/// The nodes of a network as mappings number them: first the neurons, in network order, then the sources.
#[derive(Debug)]
pub(super) struct Nodes {
    pub n_neurons: u32,
    pub n_nodes: u32,
    /// The number of the first node of every population.
    pub first: Vec<u32>,
}

impl Nodes {
    pub(super) fn of(network: &ValidNetwork) -> Self {
        let mut first = vec![0; network.populations().len()];
        let mut n = 0;
        for neurons in [true, false] {
            for (i, population) in network.populations().iter().enumerate() {
                if population.model.is_neuron() == neurons {
                    first[i] = n;
                    n += population.size;
                }
            }
        }
        Self { n_neurons: network.n_neurons(), n_nodes: n, first }
    }

    /// Population and place in it of a node.
    pub(super) fn name<'a>(&self, network: &'a ValidNetwork, node: u32) -> (&'a str, u32) {
        let sizes = network.populations().iter().zip(&self.first);
        let mut holding =
            sizes.filter(|(population, first)| (**first..**first + population.size).contains(&node));
        holding.next().map_or(("", node), |(population, first)| (population.name.as_str(), node - first))
    }

    /// How many neurons of every population are in a part.
    pub(super) fn shares(&self, network: &ValidNetwork, part: &[u32], wanted: u32) -> Vec<Share> {
        let mut shares = Vec::new();
        for (population, first) in network.populations().iter().zip(&self.first) {
            if population.model.is_neuron() {
                let parts = &part[*first as usize..(*first + population.size) as usize];
                let neurons = parts.iter().filter(|part| **part == wanted).count() as u32;
                if neurons > 0 {
                    shares.push(Share { population: population.name.clone(), neurons });
                }
            }
        }
        shares
    }
}
