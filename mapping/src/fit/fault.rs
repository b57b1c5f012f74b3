//! Why a network fits onto no mapping of a chip.

use std::fmt;

use rheobase_net::ValidNetwork;

use super::tally::{Alone, Bundle, Tally, each_source};
use crate::chip::{Budget, Chip, ChipError, SynapseMemory};

/// One reason: the population and neuron, what it needs, what a core has, and the smallest change that fits.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FitFault {
    /// A population is nothing that a core can hold, and no source of spikes.
    #[error("population \"{population}\" is {problem}, which no core holds: leave it out")]
    NotMappable {
        /// The population.
        population: String,
        /// What it is.
        problem: &'static str,
    },
    /// More synapses end at a neuron than the chip lets.
    #[error(
        "population \"{population}\", neuron {neuron}: {need} synapses end at it, and {limit} may: leave out {}{}",
        need - limit, also(*others)
    )]
    FanIn {
        /// The population.
        population: String,
        /// The neuron that has the most.
        neuron: u32,
        /// How many.
        need: u64,
        /// How many there may be.
        limit: u64,
        /// How many more neurons of the population have too many.
        others: usize,
    },
    /// A neuron has more sources than a core has input axons.
    #[error(
        "population \"{population}\", neuron {neuron}: spikes reach it from {need} sources, and a core has {limit} input axons: leave out {} of its sources{}",
        need - limit, also(*others)
    )]
    InputAxons {
        /// The population.
        population: String,
        /// The neuron that has the most.
        neuron: u32,
        /// How many.
        need: u64,
        /// How many a core has.
        limit: u64,
        /// How many more neurons of the population have too many.
        others: usize,
    },
    /// The synapses of a neuron alone take more words than a core has.
    #[error(
        "population \"{population}\", neuron {neuron}: its {synapses} synapses take {need} words of synapse memory, and a core has {limit}: {}leave out {drop} of its sources, the largest first{}",
        narrower(*narrow), also(*others)
    )]
    SynapseWords {
        /// The population.
        population: String,
        /// The neuron that needs the most.
        neuron: u32,
        /// Synapses that end at it.
        synapses: u32,
        /// Words that these take.
        need: u64,
        /// Words that a core has.
        limit: u64,
        /// By how many bits narrower weights would fit, if that is enough.
        narrow: Option<u16>,
        /// How many sources would have to go, those with the most synapses first.
        drop: usize,
        /// How many more neurons of the population need too many.
        others: usize,
    },
    /// The targets of a neuron fill more cores than its core has output axons.
    #[error(
        "population \"{population}\", neuron {neuron}: its {targets} targets fill {need} cores, and its own core has {limit} output axons: leave out {excess} of its targets{}",
        also(*others)
    )]
    OutputAxons {
        /// The population.
        population: String,
        /// The neuron that has the most.
        neuron: u32,
        /// Its targets.
        targets: u32,
        /// How many cores these fill.
        need: u64,
        /// How many output axons a core has.
        limit: u64,
        /// How many targets are too many.
        excess: u64,
        /// How many more neurons of the population have too many.
        others: usize,
    },
    /// There is no such board.
    #[error("{0}")]
    NoBoard(ChipError),
    /// The board is too small for any mapping.
    #[error("no mapping takes fewer cores, by {budget}: {error}")]
    SmallBoard {
        /// The budget that asks for so many cores.
        budget: Budget,
        /// What is wrong with the board.
        error: ChipError,
    },
}

/// All reasons for which no mapping exists.
#[derive(Debug, Clone, PartialEq)]
pub struct Infeasible {
    /// The chip.
    pub chip: String,
    /// The reasons; at least one.
    pub faults: Vec<FitFault>,
    /// The known chips that would take every neuron, if some neuron was too large for this one.
    pub takers: Option<Vec<String>>,
}

impl std::error::Error for Infeasible {}

impl fmt::Display for Infeasible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the network does not fit onto {}:", self.chip)?;
        match self.faults.as_slice() {
            [fault] => write!(f, " {fault}")?,
            faults => faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))?,
        }
        match self.takers.as_deref() {
            None => Ok(()),
            Some([]) => write!(f, "\nno known chip has a core that every neuron fits onto as it is"),
            Some(takers) => {
                write!(f, "\nwithout a change, every neuron fits onto a core of {}", takers.join(", "))
            }
        }
    }
}

fn also(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" (and {others} more neurons need too much)") }
}

fn narrower(bits: Option<u16>) -> String {
    bits.map_or(String::new(), |bits| format!("take weights that are {bits} bits narrower, or "))
}

/// Neurons that need more than a core has for themselves alone: of every population the worst, budget by budget.
pub(super) fn alone(
    network: &ValidNetwork,
    synapse_bits: &[u16],
    chip: &Chip,
    tally: &Tally,
) -> Vec<FitFault> {
    let mut faults = Vec::new();
    // Where in `faults` a neuron stands that needs too many words, and what it needs.
    let mut too_many_words: Vec<(u32, usize)> = Vec::new();
    let mut first = 0;
    for population in network.populations().iter().filter(|population| population.model.is_neuron()) {
        let range = first as usize..(first + population.size) as usize;
        let neurons = &tally.neurons[range.clone()];
        let name = || population.name.clone();
        let worst = |limit: Option<u64>, need: &dyn Fn(usize) -> u64| {
            let limit = limit?;
            let beyond = || (0..neurons.len()).filter(|i| need(*i) > limit);
            let neuron = beyond().max_by_key(|i| (need(*i), std::cmp::Reverse(*i)))?;
            Some((neuron as u32, need(neuron), limit, beyond().count() - 1))
        };
        let fan_in = |i: usize| u64::from(neurons[i].fan_in);
        if let Some((neuron, need, limit, others)) = worst(chip.core().fan_in.map(u64::from), &fan_in) {
            faults.push(FitFault::FanIn { population: name(), neuron, need, limit, others });
        }
        let sources = |i: usize| u64::from(neurons[i].sources);
        if let Some((neuron, need, limit, others)) = worst(chip.limit(Budget::InputAxons), &sources) {
            faults.push(FitFault::InputAxons { population: name(), neuron, need, limit, others });
        }
        if let Some((neuron, need, limit, others)) =
            worst(chip.limit(Budget::SynapseWords), &|i| neurons[i].words)
        {
            let Alone { fan_in: synapses, .. } = neurons[neuron as usize];
            too_many_words.push((first + neuron, faults.len()));
            let (narrow, drop) = (None, 0);
            let population = name();
            faults.push(FitFault::SynapseWords {
                population,
                neuron,
                synapses,
                need,
                limit,
                narrow,
                drop,
                others,
            });
        }
        let reach = &tally.sources[range];
        let room = chip.core().compartments;
        let cores = |i: usize| u64::from(reach[i].targets.div_ceil(room));
        if let Some((neuron, need, limit, others)) = worst(chip.limit(Budget::OutputAxons), &cores) {
            let targets = reach[neuron as usize].targets;
            let excess = u64::from(targets) - limit * u64::from(room);
            let population = name();
            faults.push(FitFault::OutputAxons { population, neuron, targets, need, limit, excess, others });
        }
        first += population.size;
    }
    if !too_many_words.is_empty() {
        mend_words(network, synapse_bits, chip, &too_many_words, &mut faults);
    }
    faults
}

/// Finds the smallest changes by which neurons fit that need too many words.
fn mend_words(
    network: &ValidNetwork,
    synapse_bits: &[u16],
    chip: &Chip,
    neurons: &[(u32, usize)],
    faults: &mut [FitFault],
) {
    let mut incoming: Vec<Vec<Bundle>> = vec![Vec::new(); neurons.len()];
    each_source(network, synapse_bits, |bundles| {
        for bundle in bundles {
            if let Ok(i) = neurons.binary_search_by_key(&bundle.neuron, |(neuron, _)| *neuron) {
                incoming[i].push(*bundle);
            }
        }
    });
    let memory = chip.synapse().memory;
    let weights = &chip.synapse().weight_bits;
    let most_narrow = weights.last().zip(weights.first()).map_or(0, |(widest, least)| widest - least) as u16;
    for (bundles, (_, at)) in incoming.iter().zip(neurons) {
        if let FitFault::SynapseWords { limit, narrow, drop, .. } = &mut faults[*at] {
            *narrow = (1..=most_narrow)
                .find(|narrow| words(memory, bundles, *narrow).iter().sum::<u64>() <= *limit);
            let mut words = words(memory, bundles, 0);
            words.sort_unstable();
            let mut rest: u64 = words.iter().sum();
            while rest > *limit {
                rest -= words.pop().unwrap_or(rest);
                *drop += 1;
            }
        }
    }
}

/// The words of every bundle, with weights that are some bits narrower.
fn words(memory: SynapseMemory, bundles: &[Bundle], narrow: u16) -> Vec<u64> {
    let bits = |bundle: &Bundle| u32::from(bundle.bits.saturating_sub(narrow));
    bundles.iter().map(|bundle| memory.words(bundle.synapses, bits(bundle))).collect()
}
