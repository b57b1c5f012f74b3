//! What the partitioner sees of a liquid network.

use super::{QuantizedLiquid, SourceNode};
use crate::Graph;
use crate::chip::{Chip, Limits};

/// Bits of what is known of a source, which stands in front of its synapses in a core.
pub(super) const VALUE_BITS: u32 = 32;

/// The graph of a liquid network: its neurons are the units and then the answers, its sources are these and then
/// the inputs. `messages` is how often each of them sends, `[n_sources]`; where nobody has counted, `None` is
/// every value in every step.
///
/// A source has synapses of one width, the widest of its own.
///
/// # Panics
/// If there is not a count for every source.
pub fn liquid_graph(liquid: &QuantizedLiquid, chip: &Chip, messages: Option<&[u32]>) -> Graph {
    let (n_units, n_answers) = (liquid.n_units(), liquid.n_answers());
    let n_neurons = n_units + n_answers;
    let n_sources = (n_neurons + liquid.n_inputs) as usize;
    let mut rows = vec![Vec::new(); n_sources];
    for (unit, i) in liquid.units.iter().zip(0..) {
        for synapse in &unit.synapses {
            let source = match synapse.source {
                SourceNode::Unit(source) => source,
                SourceNode::Input(input) => n_neurons + input,
            };
            rows[source as usize].push(i);
        }
    }
    for (weights, row) in liquid.head.weights.chunks_exact(n_answers as usize).zip(&mut rows) {
        let answers = weights.iter().zip(n_units..).filter(|(weight, _)| **weight != 0);
        row.extend(answers.map(|(_, answer)| answer));
    }
    let width = (liquid.synapse_bits() + chip.synapse().index_bits) as u16;
    let spikes = match messages {
        Some(messages) => messages.to_vec(),
        None => {
            let of_source = [(n_units, liquid.format.unfolds), (n_answers, 0), (liquid.n_inputs, 1)];
            of_source.into_iter().flat_map(|(n, times)| std::iter::repeat_n(times, n as usize)).collect()
        }
    };
    assert_eq!(spikes.len(), n_sources, "a count of messages for every source");
    let mut row_start = vec![0];
    let mut target: Vec<u32> = Vec::new();
    for row in &mut rows {
        row.sort_unstable();
        target.extend(row.iter());
        row_start.push(target.len() as u64);
    }
    let config = std::iter::repeat_n(0, n_units as usize).chain(std::iter::repeat_n(1, n_answers as usize));
    Graph {
        n_neurons,
        row_start,
        target,
        spikes,
        synapse_bits: vec![width; n_sources],
        config: config.collect(),
    }
}

/// What a core can hold of a liquid network: its memory has the table once, and what is known of a source in front
/// of every block of its synapses.
pub fn liquid_limits(liquid: &QuantizedLiquid, chip: &Chip) -> Limits {
    let mut limits = chip.limits();
    let table = liquid.table_bits().div_ceil(u64::from(limits.memory.word));
    limits.synapse_words = limits.synapse_words.saturating_sub(table);
    limits.memory.header += VALUE_BITS;
    limits
}
