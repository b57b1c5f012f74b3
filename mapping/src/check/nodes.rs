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

    /// Of some parts, rising, how many neurons of every population are in each.
    pub(super) fn shares(&self, network: &ValidNetwork, part: &[u32], wanted: &[u32]) -> Vec<Vec<Share>> {
        let mut shares: Vec<Vec<Share>> = vec![Vec::new(); wanted.len()];
        for (population, first) in network.populations().iter().zip(&self.first) {
            if !population.model.is_neuron() {
                continue;
            }
            for part in &part[*first as usize..(*first + population.size) as usize] {
                let Ok(i) = wanted.binary_search(part) else { continue };
                match shares[i].last_mut() {
                    Some(share) if share.population == population.name => share.neurons += 1,
                    Some(_) | None => {
                        shares[i].push(Share { population: population.name.clone(), neurons: 1 });
                    }
                }
            }
        }
        shares
    }
}
