//! How often every source spikes: from a recording, from rates, or the same for all.

use std::fmt;

use rheobase_net::{Model, Population, Recording, ValidNetwork};

use crate::graph::Numbers;

/// How often every source spikes in the time that is counted; `[n_sources]` of a [`Graph`](crate::Graph).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity(pub Vec<u32>);

/// Why spikes or rates are not those of a network.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ActivityFault {
    /// The recording has a population that the network has not, or the other way round.
    #[error(
        "population {place} is \"{recorded}\" in the recording and \"{expected}\" in the network: take a recording of this network"
    )]
    Name {
        /// The place in the list of populations.
        place: usize,
        /// Its name in the recording, or `none`.
        recorded: String,
        /// Its name in the network, or `none`.
        expected: String,
    },
    /// A population has another number of nodes.
    #[error(
        "population \"{population}\" has {recorded} nodes in the recording and {expected} in the network: take a recording of this network"
    )]
    Size {
        /// The population.
        population: String,
        /// Its nodes in the recording.
        recorded: u32,
        /// Its nodes in the network.
        expected: u32,
    },
    /// The nodes of a recording are not those that its populations say.
    #[error("the recording is of {nodes} nodes and its populations have {expected}: the file is damaged")]
    Nodes {
        /// The nodes of its spikes.
        nodes: u32,
        /// The nodes of its populations.
        expected: u64,
    },
    /// Spikes were fired and not kept.
    #[error("{fired} spikes of {who} were fired and none is in the recording: record them in the run")]
    NotRecorded {
        /// `neurons` or `sources`.
        who: &'static str,
        /// How many were fired.
        fired: u64,
    },
    /// A rate is given for a population that is not there.
    #[error("a rate is given for \"{population}\", and the network has no such population{}", hint(.nearest))]
    Unknown {
        /// The name.
        population: String,
        /// The name that is most like it.
        nearest: Option<String>,
    },
    /// A population has no rate.
    #[error("population \"{population}\" has no rate: give one, 0 if it is silent")]
    Missing {
        /// The population.
        population: String,
    },
    /// A population has two rates.
    #[error("population \"{population}\" has two rates: give one")]
    Twice {
        /// The population.
        population: String,
    },
    /// A rate is none.
    #[error(
        "the rate of \"{population}\" is {rate} Hz, and must be from 0 to 1e6 and no more than {} spikes in the time that is counted",
        u32::MAX
    )]
    Rate {
        /// The population.
        population: String,
        /// The rate \[Hz\].
        rate: f64,
    },
    /// The time that is counted is none.
    #[error("rates are counted over {duration} ms, which must be finite and above 0")]
    Duration {
        /// The time \[ms\].
        duration: f64,
    },
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |name| format!("; did you mean \"{name}\"?"))
}

/// All that keeps spikes or rates from being those of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct ActivityError {
    /// The faults; at least one.
    pub faults: Vec<ActivityFault>,
}

impl std::error::Error for ActivityError {}

impl fmt::Display for ActivityError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => write!(f, "{fault}"),
            faults => {
                write!(f, "the activity has {} faults:", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
            }
        }
    }
}

/// The highest rate \[Hz\] that is taken for one.
const MAX_RATE_HZ: f64 = 1e6;

impl Activity {
    /// The same for every source: one spike each.
    pub fn uniform(network: &ValidNetwork) -> Self {
        Self(vec![1; Numbers::of(network).n_sources as usize])
    }

    /// The spikes that a run has recorded, of the neurons and of the sources.
    ///
    /// # Errors
    /// All faults, if it is a recording of another network or was made without spikes.
    pub fn of_recording(network: &ValidNetwork, recording: &Recording) -> Result<Self, ActivityError> {
        let faults = recording_faults(network, recording);
        if !faults.is_empty() {
            return Err(ActivityError { faults });
        }
        Ok(Self::numbered(network, &recording.spikes.counts()))
    }

    /// Rates of populations \[Hz\] over `duration` ms. The spikes of a population add up to what the rate says;
    /// where a node's would not be a whole number, some nodes have one more than others.
    ///
    /// # Errors
    /// All faults, if a population has no rate or two, or a rate or the duration is none.
    pub fn of_rates(
        network: &ValidNetwork,
        rates: &[(String, f64)],
        duration: f64,
    ) -> Result<Self, ActivityError> {
        let faults = rate_faults(network, rates, duration);
        if !faults.is_empty() {
            return Err(ActivityError { faults });
        }
        let mut counts = Vec::with_capacity(network.n_nodes() as usize);
        for population in network.populations() {
            // A population that sends no spikes needs no rate.
            let rate = rates.iter().find(|(name, _)| *name == population.name).map_or(0.0, |(_, rate)| *rate);
            let each = rate * duration / 1000.0;
            let until = |node: u32| (f64::from(node) * each).round() as u64;
            counts.extend((0..population.size).map(|node| (until(node + 1) - until(node)) as u32));
        }
        Ok(Self::numbered(network, &counts))
    }

    /// Counts in the order of the network's nodes, as a graph numbers them.
    fn numbered(network: &ValidNetwork, counts: &[u32]) -> Self {
        let numbers = Numbers::of(network);
        let mut spikes = vec![0; numbers.n_sources as usize];
        let mut first = 0;
        for (population, number) in network.populations().iter().zip(&numbers.source) {
            let (number, size) = (*number as usize, population.size as usize);
            spikes[number..number + size].copy_from_slice(&counts[first..first + size]);
            first += size;
        }
        Self(spikes)
    }
}

fn recording_faults(network: &ValidNetwork, recording: &Recording) -> Vec<ActivityFault> {
    let mut faults = Vec::new();
    let (recorded, expected) = (&recording.nodes, network.populations());
    for place in 0..recorded.len().max(expected.len()) {
        match (recorded.get(place), expected.get(place)) {
            (Some(range), Some(population)) if range.population == population.name => {
                if range.size != population.size {
                    let (population, expected) = (population.name.clone(), population.size);
                    faults.push(ActivityFault::Size { population, recorded: range.size, expected });
                }
            }
            (range, population) => {
                let recorded = range.map_or_else(|| "none".to_owned(), |range| range.population.clone());
                let expected = population.map_or_else(|| "none".to_owned(), |p| p.name.clone());
                faults.push(ActivityFault::Name { place, recorded, expected });
            }
        }
    }
    let nodes = recording.spikes.n_nodes();
    let sum: u64 = recorded.iter().map(|range| u64::from(range.size)).sum();
    if u64::from(nodes) != sum {
        faults.push(ActivityFault::Nodes { nodes, expected: sum });
    }
    if faults.is_empty() {
        let counts = recording.spikes.counts();
        let mut seen = [0_u64; 2];
        for range in recorded {
            let (first, size) = (range.first as usize, range.size as usize);
            // The places were compared above, but a damaged file may say anything of the first node.
            let spikes = counts.get(first..first.saturating_add(size)).unwrap_or(&[]);
            seen[usize::from(range.is_source)] += spikes.iter().map(|n| u64::from(*n)).sum::<u64>();
        }
        let fired = [recording.counters.spikes, recording.counters.input_spikes];
        for (i, who) in ["neurons", "sources"].into_iter().enumerate() {
            if fired[i] > 0 && seen[i] == 0 {
                faults.push(ActivityFault::NotRecorded { who, fired: fired[i] });
            }
        }
    }
    faults
}

fn rate_faults(network: &ValidNetwork, rates: &[(String, f64)], duration: f64) -> Vec<ActivityFault> {
    let mut faults = Vec::new();
    let is_duration = duration.is_finite() && duration > 0.0;
    if !is_duration {
        faults.push(ActivityFault::Duration { duration });
    }
    for (at, (name, rate)) in rates.iter().enumerate() {
        let known = network.populations().iter().any(|population| population.name == *name);
        if !known {
            let unlike = |known: &&str| strsim::damerau_levenshtein(known, name);
            let names = network.populations().iter().map(|population| population.name.as_str());
            let nearest = names.min_by_key(unlike).filter(|known| unlike(known) <= 1 + name.len() / 3);
            let nearest = nearest.map(str::to_owned);
            faults.push(ActivityFault::Unknown { population: name.clone(), nearest });
        }
        let each = rate * duration / 1000.0;
        let countable = !is_duration || each <= f64::from(u32::MAX - 1);
        if !((0.0..=MAX_RATE_HZ).contains(rate) && countable) {
            faults.push(ActivityFault::Rate { population: name.clone(), rate: *rate });
        }
        if rates[..at].iter().any(|(earlier, _)| earlier == name) {
            faults.push(ActivityFault::Twice { population: name.clone() });
        }
    }
    for population in network.populations().iter().filter(|population| sends(population)) {
        if !rates.iter().any(|(name, _)| *name == population.name) {
            faults.push(ActivityFault::Missing { population: population.name.clone() });
        }
    }
    faults
}

/// Whether a population sends spikes, and so has a rate.
fn sends(population: &Population) -> bool {
    match &population.model {
        Model::Lif(_) | Model::Izhikevich(_) | Model::SpikeSource(_) | Model::Ltc(_) => true,
        Model::CurrentSource(_) => false,
    }
}
