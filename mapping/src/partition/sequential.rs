//! Neurons into cores in the order of the network, as most tools do it: what a partition is compared with.
//!
//! A core is filled until the next neuron would break its compartments, its input axons or its words of synapse
//! memory. Output axons are not known yet when a core is filled, because they depend on where later neurons will
//! be, so that such a filling is often illegal; [`Sequential::n_over`] says how often. `O(synapses)`.

use super::Partition;
use super::pins::Pins;
use super::state::{Load, loads};
use crate::Graph;
use crate::chip::Limits;

/// A partition in the order of the network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sequential {
    /// The parts.
    pub partition: Partition,
    /// How many of them are beyond some budget of a core.
    pub n_over: u32,
}

/// Fills cores one after the other.
pub fn sequential(graph: &Graph, limits: &Limits) -> Sequential {
    let pins = Pins::of(graph);
    let mut part = Vec::with_capacity(graph.n_neurons as usize);
    let mut n_parts = 0_u32;
    // Synapses of every source in the part that is filled, and the sources that have some.
    let mut here = vec![0_u32; graph.n_sources() as usize];
    let mut reached: Vec<u32> = Vec::new();
    let mut load = Load::default();
    for neuron in 0..graph.n_neurons {
        let incoming = || pins.at(neuron).map(|pin| (pin.source, pin.synapses())).filter(|(_, n)| *n > 0);
        let with = |load: &Load, here: &[u32]| {
            let mut load = Load { neurons: load.neurons + 1, ..*load };
            for (source, n) in incoming() {
                let bits = u32::from(graph.synapse_bits[source as usize]);
                let before = here[source as usize];
                load.input_axons += u32::from(before == 0);
                load.words += limits.memory.words(before + n, bits) - limits.memory.words(before, bits);
            }
            load
        };
        let mut filled = with(&load, &here);
        if n_parts == 0 || !has_room(&filled, limits) {
            n_parts += 1;
            reached.drain(..).for_each(|source| here[source as usize] = 0);
            filled = with(&Load::default(), &here);
        }
        for (source, n) in incoming() {
            if here[source as usize] == 0 {
                reached.push(source);
            }
            here[source as usize] += n;
        }
        load = filled;
        part.push(n_parts - 1);
    }
    let over = loads(graph, limits, &part, n_parts).iter().filter(|load| !load.fits(limits)).count();
    Sequential { partition: Partition { part, n_parts }, n_over: over as u32 }
}

/// Whether the budgets that are known while a core is filled are kept.
fn has_room(load: &Load, limits: &Limits) -> bool {
    let Load { neurons, input_axons, output_axons: _, words, configs: _, events: _ } = *load;
    neurons <= limits.compartments && input_axons <= limits.input_axons && words <= limits.synapse_words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chip::SynapseMemory;

    /// Every neuron of a ring reaches the next two. Filled in order with three input axons a core, the sources of
    /// two neighbors are three; an output axon a core is too little for both, whose targets lie in two cores.
    #[test]
    fn cores_are_filled_in_order_and_counted_over_budget() {
        let n = 8;
        let mut target: Vec<Vec<u32>> = (0..n).map(|i| vec![(i + 1) % n, (i + 2) % n]).collect();
        target.iter_mut().for_each(|row| row.sort_unstable());
        let graph = Graph {
            n_neurons: n,
            row_start: (0..=u64::from(n)).map(|i| 2 * i).collect(),
            target: target.concat(),
            spikes: vec![1; n as usize],
            synapse_bits: vec![8; n as usize],
            config: vec![0; n as usize],
        };
        let memory = SynapseMemory { word: 8, header: 0, block: 1 };
        let limits = Limits {
            compartments: 100,
            input_axons: 3,
            output_axons: 4,
            synapse_words: 1000,
            neuron_configs: 1,
            memory,
        };
        let filled = sequential(&graph, &limits);
        assert_eq!(filled.partition, Partition { part: vec![0, 0, 1, 1, 2, 2, 3, 3], n_parts: 4 });
        // Neuron 0 reaches 1 and 2, and neuron 1 reaches 2 and 3: two cores and one, three output axons.
        assert_eq!(filled.n_over, 0);
        assert_eq!(sequential(&graph, &Limits { output_axons: 2, ..limits }).n_over, 4);
        let words = sequential(&graph, &Limits { synapse_words: 6, input_axons: 100, ..limits });
        assert_eq!(words.partition.part, [0, 0, 0, 1, 1, 1, 2, 2]);
        let neurons = sequential(&graph, &Limits { compartments: 5, input_axons: 100, ..limits });
        assert_eq!(neurons.partition.part, [0, 0, 0, 0, 0, 1, 1, 1]);
    }

    const LIMITS: Limits = Limits {
        compartments: 3,
        input_axons: 2,
        output_axons: u32::MAX,
        synapse_words: 3,
        neuron_configs: u32::MAX,
        memory: SynapseMemory { word: 64, header: 0, block: 64 },
    };

    /// Six neurons; by hand: 0 and 1 have one source between them, a third neuron would bring two more; 2
    /// has both axons of a core alone; 3, 4 and 5 have none and fill the compartments.
    #[test]
    fn a_core_is_filled_until_something_does_not_fit() {
        let rows: [&[u32]; 6] = [&[1], &[0, 2], &[], &[2], &[], &[]];
        let mut row_start = vec![0];
        rows.iter().for_each(|row| row_start.push(row_start[row_start.len() - 1] + row.len() as u64));
        let graph = Graph {
            n_neurons: 6,
            row_start,
            target: rows.concat(),
            spikes: vec![1; 6],
            synapse_bits: vec![32; 6],
            config: vec![0; 6],
        };
        let filled = |limits: Limits| sequential(&graph, &limits).partition.part;
        assert_eq!(filled(LIMITS), [0, 0, 1, 1, 1, 2]);
        assert_eq!(filled(Limits { input_axons: 3, ..LIMITS }), [0, 0, 0, 1, 1, 1]);
        assert_eq!(filled(Limits { compartments: 1, ..LIMITS }), [0, 1, 2, 3, 4, 5]);
        // A word holds two synapses of a source: neurons 0 and 2 share that of source 1.
        assert_eq!(filled(Limits { input_axons: 9, synapse_words: 2, ..LIMITS }), [0, 0, 1, 1, 1, 2]);
    }
}
