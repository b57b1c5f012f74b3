//! Sequential filling: what vendors' tools do, and what a partition is compared with.

use rheobase_mapping::chip::Limits;
use rheobase_mapping::{Graph, Partition};

/// Fills one core after the other in the order of the neurons, and never looks back.
///
/// A neuron goes to the next core when its compartment, its input axons or the synapses that end at it do not
/// fit any more. Output axons are not looked at: how many a core needs is known only when the targets of
/// its neurons have their places. So the partition may well be illegal. `O(neurons + synapses)`.
pub fn sequential(graph: &Graph, limits: &Limits) -> Partition {
    let incoming = Incoming::of(graph);
    let mut core = Core::new(graph, limits);
    let (mut part, mut now) = (Vec::with_capacity(graph.n_neurons as usize), 0);
    for neuron in 0..graph.n_neurons {
        let sources = incoming.sources(neuron);
        if !core.takes(sources) && core.compartments > 0 {
            core.clear();
            now += 1;
        }
        core.put(sources);
        part.push(now);
    }
    Partition { part, n_parts: now + u32::from(graph.n_neurons > 0) }
}

/// The sources of every neuron.
struct Incoming {
    row_start: Vec<u64>,
    source: Vec<u32>,
}

impl Incoming {
    fn of(graph: &Graph) -> Self {
        let mut row_start = vec![0_u64; graph.n_neurons as usize + 1];
        graph.target.iter().for_each(|target| row_start[*target as usize + 1] += 1);
        (1..row_start.len()).for_each(|i| row_start[i] += row_start[i - 1]);
        let (mut next, mut source) = (row_start.clone(), vec![0; graph.target.len()]);
        for from in 0..graph.n_sources() {
            for &target in graph.targets(from) {
                source[next[target as usize] as usize] = from;
                next[target as usize] += 1;
            }
        }
        Self { row_start, source }
    }

    fn sources(&self, neuron: u32) -> &[u32] {
        let row = self.row_start[neuron as usize]..self.row_start[neuron as usize + 1];
        &self.source[row.start as usize..row.end as usize]
    }
}

/// The core that is being filled.
struct Core<'a> {
    graph: &'a Graph,
    limits: &'a Limits,
    compartments: u32,
    words: u64,
    /// The synapses that each source has here, and the sources that have any.
    synapses: Vec<u32>,
    axons: Vec<u32>,
}

impl<'a> Core<'a> {
    fn new(graph: &'a Graph, limits: &'a Limits) -> Self {
        let synapses = vec![0; graph.n_sources() as usize];
        Self { graph, limits, compartments: 0, words: 0, synapses, axons: Vec::new() }
    }

    /// Whether one more neuron fits.
    fn takes(&mut self, sources: &[u32]) -> bool {
        let (n_axons, words) = (self.axons.len(), self.words);
        self.put(sources);
        let Limits {
            compartments,
            input_axons,
            output_axons: _,
            synapse_words,
            neuron_configs: _,
            memory: _,
        } = *self.limits;
        let fits = self.compartments <= compartments
            && self.axons.len() as u64 <= u64::from(input_axons)
            && self.words <= synapse_words;
        sources.iter().for_each(|source| self.synapses[*source as usize] -= 1);
        self.axons.truncate(n_axons);
        (self.compartments, self.words) = (self.compartments - 1, words);
        fits
    }

    fn put(&mut self, sources: &[u32]) {
        self.compartments += 1;
        for &source in sources {
            let n = &mut self.synapses[source as usize];
            if *n == 0 {
                self.axons.push(source);
            }
            let bits = u32::from(self.graph.synapse_bits[source as usize]);
            let memory = &self.limits.memory;
            self.words = self.words - memory.words(*n, bits) + memory.words(*n + 1, bits);
            *n += 1;
        }
    }

    fn clear(&mut self) {
        self.axons.drain(..).for_each(|source| self.synapses[source as usize] = 0);
        (self.compartments, self.words) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use rheobase_mapping::chip::SynapseMemory;

    use super::*;

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
        let filled = |limits: Limits| sequential(&graph, &limits).part;
        assert_eq!(filled(LIMITS), [0, 0, 1, 1, 1, 2]);
        assert_eq!(filled(Limits { input_axons: 3, ..LIMITS }), [0, 0, 0, 1, 1, 1]);
        assert_eq!(filled(Limits { compartments: 1, ..LIMITS }), [0, 1, 2, 3, 4, 5]);
        // A word holds two synapses of a source: neurons 0 and 2 share that of source 1.
        assert_eq!(filled(Limits { input_axons: 9, synapse_words: 2, ..LIMITS }), [0, 0, 1, 1, 1, 2]);
    }
}
