//! What the partitioner sees of a network.

use rheobase_net::ValidNetwork;

use crate::Activity;

/// Who reaches whom, how often a source spikes and how many bits its synapses take.
///
/// Neurons are numbered from 0 in network order. Sources are the neurons, by the same numbers, and after
/// them the spike sources, which come from outside and lie on no core. A source and its targets are a
/// hyperedge: its spikes travel once to every core that holds a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Graph {
    /// The number of neurons, which have to be put somewhere.
    pub n_neurons: u32,
    /// Where each source's row starts; `[n_sources + 1]`.
    pub row_start: Vec<u64>,
    /// Target neurons, ascending in a row, once for every synapse; `[n_synapses]`.
    pub target: Vec<u32>,
    /// Spikes that the source sends in the time that is counted; `[n_sources]`.
    pub spikes: Vec<u32>,
    /// Bits of a synapse of the source: weight, delay, index; `[n_sources]`.
    pub synapse_bits: Vec<u16>,
    /// Which configuration a neuron has, counted from 0; `[n_neurons]`.
    pub config: Vec<u32>,
}

/// How the neurons and synapses of a network are laid down on a chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Bits of a synapse: weight, delay, index; by projection.
    pub synapse_bits: Vec<u16>,
    /// Which configuration a neuron has, counted from 0; `[n_neurons]`.
    pub config: Vec<u32>,
}

impl Graph {
    /// The graph of a network whose populations are neurons and spike sources.
    ///
    /// A source whose projections have synapses of different widths has the widest for all.
    ///
    /// # Panics
    /// If the layout or the activity is not that of the network.
    pub fn new(network: &ValidNetwork, layout: &Layout, activity: &Activity) -> Self {
        let numbers = Numbers::of(network);
        let n_sources = numbers.n_sources as usize;
        assert_eq!(layout.synapse_bits.len(), network.projections().len(), "a width for every projection");
        assert_eq!(layout.config.len(), numbers.n_neurons as usize, "a configuration for every neuron");
        assert_eq!(activity.0.len(), n_sources, "a count of spikes for every source");
        let mut row_start = vec![0_u64; n_sources + 1];
        let mut synapse_bits = vec![0; n_sources];
        for (projection, bits) in network.projections().iter().zip(&layout.synapse_bits) {
            let first = numbers.source[projection.source.idx()] as usize;
            for source in 0..projection.synapses.row_start.len() - 1 {
                let n = projection.synapses.row(source).len() as u64;
                row_start[first + source + 1] += n;
                if n > 0 {
                    synapse_bits[first + source] = synapse_bits[first + source].max(*bits);
                }
            }
        }
        for source in 0..n_sources {
            row_start[source + 1] += row_start[source];
        }
        let mut target = vec![0; row_start[n_sources] as usize];
        let mut next = row_start.clone();
        for projection in network.projections() {
            let first_source = numbers.source[projection.source.idx()] as usize;
            let first_target = numbers.source[projection.target.idx()];
            for source in 0..projection.synapses.row_start.len() - 1 {
                let next = &mut next[first_source + source];
                for &end in &projection.synapses.target[projection.synapses.row(source)] {
                    target[*next as usize] = first_target + end;
                    *next += 1;
                }
            }
        }
        for source in 0..n_sources {
            target[row_start[source] as usize..row_start[source + 1] as usize].sort_unstable();
        }
        let (n_neurons, spikes, config) = (numbers.n_neurons, activity.0.clone(), layout.config.clone());
        Self { n_neurons, row_start, target, spikes, synapse_bits, config }
    }

    /// The number of sources: neurons and spike sources.
    pub fn n_sources(&self) -> u32 {
        self.spikes.len() as u32
    }

    /// The target neurons of a source, ascending, once for every synapse.
    pub fn targets(&self, source: u32) -> &[u32] {
        &self.target[self.row_start[source as usize] as usize..self.row_start[source as usize + 1] as usize]
    }
}

/// How a [`Graph`] numbers the nodes of a network.
pub(crate) struct Numbers {
    pub n_neurons: u32,
    pub n_sources: u32,
    /// The number of the first node of every population.
    pub source: Vec<u32>,
}

impl Numbers {
    pub fn of(network: &ValidNetwork) -> Self {
        let populations = network.populations();
        let n_neurons = populations.iter().filter(|p| p.model.is_neuron()).map(|p| p.size).sum();
        let (mut neuron, mut outside) = (0, n_neurons);
        let mut source = Vec::new();
        for population in populations {
            let next = if population.model.is_neuron() { &mut neuron } else { &mut outside };
            source.push(*next);
            *next += population.size;
        }
        Self { n_neurons, n_sources: outside, source }
    }
}
