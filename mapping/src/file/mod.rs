//! The file of a mapping: which core every neuron is on, on which chip, and what that costs.
//!
//! It is one JSON document that says everything by itself: the chip's own file is inside, and the network is named
//! by its fingerprint. Only a [`CheckedMapping`] is written. What is read back is held to the chip and to itself
//! ([`MappingFile::from_json`]), all faults at once; whether it is a mapping of a network at hand is another
//! question, answered by [`MappingFile::fits`] and, budget by budget, by [`check`](crate::check::check).

mod error;
mod faults;

use std::ops::RangeInclusive;

use rheobase_net::{Fingerprint, ValidNetwork};
use serde::{Deserialize, Serialize};

pub use error::{InvalidMappingFile, MappingFileError, MappingFileFault};

use crate::check::CheckedMapping;
use crate::chip::{Budget, Chip, Mesh, Usage};
use crate::{Objective, Placement, Traffic};

/// What the attribute `format` says.
const FORMAT: &str = "rheobase-mapping";
/// The version that is written, and the last that is read.
const VERSION: u32 = 1;
/// More pairs of cores that talk are not written: 10⁶ of them are about 15 MB.
const MOST_PAIRS: usize = 1_000_000;

/// A mapping as a file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MappingFile {
    format: String,
    version: u32,
    made_with: String,
    /// Of the network, in hexadecimal.
    network: String,
    /// The chip's name.
    chip: String,
    /// The chip's file.
    chip_file: String,
    made: Made,
    /// Chips of the board along x and y.
    chips: [u32; 2],
    populations: Vec<PopulationCores>,
    cores: Vec<Core>,
    traffic: TrafficTotals,
    /// Packets from core to core, ascending; `None` if there are too many pairs.
    sent: Option<Vec<(u32, u32, u64)>>,
}

/// How a mapping was made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Made {
    /// The board; `None` for as many chips as the mapping needs.
    pub board: Option<String>,
    /// What a step of the chip means \[ms\].
    pub dt_ms: f64,
    /// Width of a weight \[bits\].
    pub weight_bits: u32,
    /// The seed.
    pub seed: u64,
    /// How long was searched.
    pub effort: f64,
    /// What there was to be least of.
    pub objective: Objective,
}

/// The cores of a population's neurons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopulationCores {
    /// Its name.
    pub name: String,
    /// The core of every neuron, as the mesh numbers them.
    pub core: Vec<u32>,
}

/// What a core uses, and its packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Core {
    /// The core.
    pub core: u32,
    /// Neurons.
    pub compartments: u64,
    /// Distinct sources with at least one target in the core.
    pub input_axons: u64,
    /// Destination cores summed over the core's neurons.
    pub output_axons: u64,
    /// Words of synapse memory.
    pub synapse_words: u64,
    /// Distinct configurations of neurons.
    pub neuron_configs: u64,
    /// Packets to other cores.
    pub packets_out: u64,
    /// Packets from other cores.
    pub packets_in: u64,
}

/// All packets in the time that the activity counts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TrafficTotals {
    /// From core to core.
    pub packets: u64,
    /// From spike sources outside.
    pub packets_from_outside: u64,
    /// Steps from tile to tile.
    pub hops: u64,
    /// Energy of these steps \[pJ\].
    pub hop_energy_pj: f64,
}

/// What a core holds of a population.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held<'a> {
    /// The population.
    pub population: &'a str,
    /// Its neurons there.
    pub ranges: Vec<RangeInclusive<u32>>,
}

impl Core {
    /// What it uses of every budget.
    pub fn usage(&self) -> Usage {
        let Self { compartments, input_axons, output_axons, synapse_words, neuron_configs, .. } = *self;
        Usage { compartments, input_axons, output_axons, synapse_words, neuron_configs }
    }
}

impl MappingFile {
    /// The file of a mapping. `chip_file` is the text that its chip was read from; `traffic` and `placement` are
    /// those that it was placed by.
    pub fn of(
        mapping: &CheckedMapping<'_>,
        chip_file: &str,
        traffic: &Traffic,
        placement: &Placement,
        made: Made,
    ) -> Self {
        let network = mapping.network();
        let core_of = |part: u32| placement.core[part as usize];
        let pairs = (0..traffic.n_parts()).flat_map(|part| {
            traffic.sent(part).map(move |(other, packets)| (core_of(part), core_of(other), packets))
        });
        let mut sent: Vec<(u32, u32, u64)> = pairs.collect();
        sent.sort_unstable();
        let mut cores: Vec<Core> = mapping.cores().iter().map(|of| unheard(of.core, &of.usage)).collect();
        let at = |core: u32| mapping.cores().binary_search_by_key(&core, |of| of.core).ok();
        for (from, to, packets) in &sent {
            at(*from).into_iter().for_each(|i| cores[i].packets_out += packets);
            at(*to).into_iter().for_each(|i| cores[i].packets_in += packets);
        }
        let mut rest = mapping.core_of_neuron();
        let mut populations = Vec::new();
        for population in network.populations().iter().filter(|population| population.model.is_neuron()) {
            let (own, others) = rest.split_at(population.size as usize);
            populations.push(PopulationCores { name: population.name.clone(), core: own.to_vec() });
            rest = others;
        }
        let crate::check::TrafficCount { packets, packets_in, km1: _, hops, hop_energy } = *mapping.traffic();
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            made_with: rheobase_net::VERSION.to_owned(),
            network: format!("{:x}", Fingerprint::of(network)),
            chip: mapping.chip().name().to_owned(),
            chip_file: chip_file.to_owned(),
            made,
            chips: mapping.mesh().chips,
            populations,
            cores,
            traffic: TrafficTotals {
                packets,
                packets_from_outside: packets_in,
                hops,
                hop_energy_pj: hop_energy,
            },
            sent: Some(sent).filter(|sent| sent.len() <= MOST_PAIRS),
        }
    }

    /// The text of the file.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("a mapping has only texts, numbers and lists of these")
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// Where it is no JSON or no mapping; otherwise everything in which it contradicts its chip or itself.
    pub fn from_json(text: &str) -> Result<Self, MappingFileError> {
        /// What every version has.
        #[derive(Deserialize)]
        struct Head {
            format: Option<String>,
            version: Option<u32>,
        }
        let head: Head = serde_json::from_str(text).map_err(|error| error::no_json(&error))?;
        match head {
            Head { format: Some(format), version: Some(VERSION) } if format == FORMAT => {}
            Head { format: Some(format), version: Some(version) } if format == FORMAT => {
                return Err(MappingFileError::Version { version, known: VERSION });
            }
            Head { format, version: _ } => return Err(MappingFileError::Format { format }),
        }
        let file: Self = serde_json::from_str(text).map_err(|error| error::no_json(&error))?;
        let faults = faults::of(&file);
        if faults.is_empty() {
            Ok(file)
        } else {
            Err(MappingFileError::Invalid(InvalidMappingFile { faults }))
        }
    }

    /// Whether it is a mapping of this network.
    pub fn fits(&self, network: &ValidNetwork) -> bool {
        self.network.parse() == Ok(Fingerprint::of(network))
    }

    /// The network's fingerprint.
    pub fn network(&self) -> &str {
        &self.network
    }

    /// The version of the program that made it.
    pub fn made_with(&self) -> &str {
        &self.made_with
    }

    /// How it was made.
    pub fn made(&self) -> &Made {
        &self.made
    }

    /// The chip.
    pub fn chip(&self) -> Chip {
        Chip::from_toml(&self.chip_file).expect("whoever makes a file has read its chip")
    }

    /// The cores of the board.
    pub fn mesh(&self) -> Mesh {
        let mesh = self.chip().mesh(None, 1).expect("every chip has one chip");
        Mesh { chips: self.chips, ..mesh }
    }

    /// The cores of the neurons, by population.
    pub fn populations(&self) -> &[PopulationCores] {
        &self.populations
    }

    /// The cores in use, rising.
    pub fn cores(&self) -> &[Core] {
        &self.cores
    }

    /// A core, if it is in use.
    pub fn core(&self, core: u32) -> Option<&Core> {
        self.cores.binary_search_by_key(&core, |of| of.core).ok().map(|i| &self.cores[i])
    }

    /// All packets.
    pub fn traffic(&self) -> &TrafficTotals {
        &self.traffic
    }

    /// Packets from core to core, ascending; `None` if too many pairs of cores talk.
    pub fn sent(&self) -> Option<&[(u32, u32, u64)]> {
        self.sent.as_deref()
    }

    /// The packets between the cores in use, counted as parts, and where these are.
    pub fn placed(&self) -> Option<(Traffic, Placement)> {
        let part = |core: u32| self.cores.binary_search_by_key(&core, |of| of.core).unwrap_or(0) as u32;
        let sent = self.sent.as_ref()?.iter().map(|(from, to, packets)| (part(*from), part(*to), *packets));
        let traffic = Traffic::from_packets(self.cores.len() as u32, &sent.collect::<Vec<_>>());
        Some((traffic, Placement { core: self.cores.iter().map(|of| of.core).collect() }))
    }

    /// What a core holds, population by population.
    pub fn held(&self, core: u32) -> Vec<Held<'_>> {
        let mut held = Vec::new();
        for population in &self.populations {
            let mut ranges: Vec<RangeInclusive<u32>> = Vec::new();
            for (neuron, _) in (0..).zip(&population.core).filter(|(_, of)| **of == core) {
                match ranges.last_mut() {
                    Some(last) if last.end() + 1 == neuron => *last = *last.start()..=neuron,
                    _ => ranges.push(neuron..=neuron),
                }
            }
            if !ranges.is_empty() {
                held.push(Held { population: &population.name, ranges });
            }
        }
        held
    }

    /// How full the cores in use are of a budget, on average and at most; `None` if the chip does not have it.
    pub fn share(&self, chip: &Chip, budget: Budget) -> Option<[f64; 2]> {
        let limit = chip.limit(budget)? as f64;
        let used = || self.cores.iter().map(|core| core.usage().of(budget) as f64);
        let mean = used().sum::<f64>() / self.cores.len().max(1) as f64;
        Some([mean / limit, used().fold(0.0, f64::max) / limit])
    }
}

fn unheard(core: u32, usage: &Usage) -> Core {
    let Usage { compartments, input_axons, output_axons, synapse_words, neuron_configs } = *usage;
    let (packets_out, packets_in) = (0, 0);
    Core {
        core,
        compartments,
        input_axons,
        output_axons,
        synapse_words,
        neuron_configs,
        packets_out,
        packets_in,
    }
}
