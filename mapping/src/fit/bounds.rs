//! The fewest cores that every budget allows.

use super::CoreCount;
use super::tally::{Reach, Tally};
use crate::chip::{Budget, Chip, SynapseMemory};

/// The fewest cores by budget, for those that the chip has. No mapping takes fewer.
pub(super) fn bounds(tally: &Tally, config: &[u32], chip: &Chip) -> Vec<CoreCount> {
    let bound = |budget| {
        let limit = chip.limit(budget)?;
        let cores = match budget {
            Budget::Compartments => (tally.neurons.len() as u64).div_ceil(limit),
            Budget::InputAxons => by_input_axons(&tally.sources, limit, chip),
            Budget::OutputAxons => by_output_axons(tally, limit, chip),
            Budget::SynapseWords => by_synapse_words(&tally.sources, limit, chip.synapse().memory),
            Budget::NeuronConfigs => {
                let mut distinct = config.to_vec();
                distinct.sort_unstable();
                distinct.dedup();
                (distinct.len() as u64).div_ceil(limit)
            }
        };
        // As many cores as neurons are always enough, where every neuron fits alone.
        Some(CoreCount { budget, cores: cores.clamp(1, tally.neurons.len().max(1) as u64) as u32 })
    };
    Budget::ALL.into_iter().filter_map(bound).collect()
}

/// A core serves, with all of its axons, at most the pairs of source and target that the sources with the most
/// targets have, each no more of them than the core has neurons.
fn by_input_axons(sources: &[Reach], limit: u64, chip: &Chip) -> u64 {
    let pairs: u64 = sources.iter().map(|source| u64::from(source.targets)).sum();
    let mut served: Vec<u64> =
        sources.iter().map(|source| u64::from(source.targets.min(chip.core().compartments))).collect();
    served.sort_unstable_by(|a, b| b.cmp(a));
    let most: u64 = served.iter().take(usize::try_from(limit).unwrap_or(usize::MAX)).sum();
    pairs.div_ceil(most.max(1))
}

/// A neuron reaches at least as many cores as its targets fill.
fn by_output_axons(tally: &Tally, limit: u64, chip: &Chip) -> u64 {
    let least = |source: &Reach| u64::from(source.targets.div_ceil(chip.core().compartments));
    tally.sources[..tally.neurons.len()].iter().map(least).sum::<u64>().div_ceil(limit)
}

/// The words that all synapses take, however they are split over cores.
fn by_synapse_words(sources: &[Reach], limit: u64, memory: SynapseMemory) -> u64 {
    let mut cheapest: Vec<Option<[u64; 2]>> = Vec::new();
    let mut words = 0;
    for source in sources.iter().filter(|source| source.synapses > 0) {
        let bits = usize::from(source.bits);
        if bits >= cheapest.len() {
            cheapest.resize(bits + 1, None);
        }
        let [cost, n] = *cheapest[bits].get_or_insert_with(|| cheapest_block(memory, source.bits));
        words += (u64::from(source.synapses) * cost).div_ceil(n);
    }
    words.div_ceil(limit)
}

/// The block that takes the fewest words a synapse: its words and its synapses. Splitting a source can save
/// words, where full blocks just begin another one, so only this is a bound.
fn cheapest_block(memory: SynapseMemory, bits: u16) -> [u64; 2] {
    let words = |n: u32| [memory.words(n, u32::from(bits)), u64::from(n)];
    let cheaper = |best: [u64; 2], other: [u64; 2]| {
        if other[0] * best[1] < best[0] * other[1] { other } else { best }
    };
    (1..memory.block).map(words).fold(words(memory.block), cheaper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheapest_block_of_loihi_is_not_the_full_one() {
        // 35 synapses of 18 bits and a header of 10 are 640 bits, just 10 words: 2/7 a synapse. 64 are 1162 bits,
        // 19 words: 19/64, which is more.
        assert_eq!(cheapest_block(SynapseMemory { word: 64, header: 10, block: 64 }, 18), [10, 35]);
    }

    #[test]
    fn no_split_takes_fewer_words_than_the_cheapest_block_says() {
        for (word, header, block, bits) in [(64, 10, 64, 18), (16, 5, 3, 8), (32, 32, 256, 16), (7, 0, 10, 3)]
        {
            let memory = SynapseMemory { word, header, block };
            let [words, synapses] = cheapest_block(memory, bits);
            let tried =
                (1..=block).map(|n| memory.words(n, u32::from(bits)) * synapses >= words * u64::from(n));
            assert!(tried.into_iter().all(|holds| holds), "{memory:?}");
            assert_eq!(memory.words(synapses as u32, u32::from(bits)), words);
        }
    }
}
