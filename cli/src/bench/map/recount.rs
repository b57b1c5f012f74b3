//! What a partition costs, counted from the graph alone.

use rheobase_mapping::chip::Limits;
use rheobase_mapping::{Graph, Partition};
use serde::Serialize;

/// Cores over each budget, and packets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recount {
    /// Cores over any budget.
    pub violating: u32,
    /// Cores with too many compartments, input axons, output axons, words of synapse memory,
    /// configurations.
    pub over: [u32; 5],
    /// Spikes × destination cores other than the source's own.
    pub packets: u64,
    /// Destination cores of a source, its own included where it has targets there; the mean.
    pub destinations: f64,
}

/// What one core holds.
#[derive(Debug, Clone, Default)]
struct Used {
    compartments: u64,
    input_axons: u64,
    output_axons: u64,
    words: u64,
    configs: std::collections::BTreeSet<u32>,
}

/// Counts every budget of every core. `O(synapses)`.
pub fn recount(graph: &Graph, partition: &Partition, limits: &Limits) -> Recount {
    let mut used = vec![Used::default(); partition.n_parts as usize];
    for (neuron, &part) in partition.part.iter().enumerate() {
        used[part as usize].compartments += 1;
        used[part as usize].configs.insert(graph.config[neuron]);
    }
    let mut synapses = vec![0_u32; partition.n_parts as usize];
    let (mut packets, mut destinations) = (0, 0);
    for source in 0..graph.n_sources() {
        let parts = || graph.targets(source).iter().map(|target| partition.part[*target as usize] as usize);
        let home = partition.part.get(source as usize).map(|part| *part as usize);
        parts().for_each(|part| synapses[part] += 1);
        for part in parts() {
            let n = std::mem::take(&mut synapses[part]);
            if n == 0 {
                continue;
            }
            destinations += 1;
            used[part].input_axons += 1;
            used[part].words += limits.memory.words(n, graph.synapse_bits[source as usize].into());
            if let Some(home) = home {
                used[home].output_axons += 1;
            }
            if home != Some(part) {
                packets += u64::from(graph.spikes[source as usize]);
            }
        }
    }
    let Limits { compartments, input_axons, output_axons, synapse_words, neuron_configs, memory: _ } =
        *limits;
    let (mut violating, mut over) = (0, [0; 5]);
    for core in &used {
        let is_over = [
            core.compartments > compartments.into(),
            core.input_axons > input_axons.into(),
            core.output_axons > output_axons.into(),
            core.words > synapse_words,
            core.configs.len() as u64 > neuron_configs.into(),
        ];
        over.iter_mut().zip(is_over).for_each(|(n, is_over)| *n += u32::from(is_over));
        violating += u32::from(is_over.contains(&true));
    }
    let destinations = f64::from(destinations) / f64::from(graph.n_sources().max(1));
    Recount { violating, over, packets, destinations }
}
