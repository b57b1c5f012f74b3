//! What a comparison leaves behind, and why there may be none.

use rheobase_loihi_export::emulate::{EmulateError, InputError, PriceError};
use rheobase_loihi_export::netlist::NetlistError;
use rheobase_mapping::check::InvalidMapping;
use rheobase_mapping::quantize::QuantizeError;
use rheobase_mapping::{PartitionError, PlaceError};
use rheobase_net::generate::GenerateError;
use rheobase_net::{InvalidNetwork, Recording, ValidNetwork};
use rheobase_sim::SimError;
use serde::Serialize;

use crate::encode::EncodeError;
use crate::experiment::Experiment;
use crate::features::FeatureError;
use crate::front_end::{Fitted, FrontEndError};
use crate::protocol::ProtocolError;
use crate::readout::{Readout, ReadoutError};
use crate::score::{ScoreError, Scores, Spread};

/// A liquid and its controls, scored.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// The data set.
    pub dataset: String,
    /// The names of the classes.
    pub classes: Vec<String>,
    /// Liquid, encoder alone, front end alone.
    pub methods: Vec<Method>,
    /// Accuracy of guessing.
    pub chance: f64,
    /// Accuracy of always answering the most frequent class of the training samples, mean over folds.
    pub majority: f64,
    /// What the liquid did for a sample, mean over samples and seeds.
    pub effort: Effort,
    /// The experiment.
    pub experiment: Experiment,
}

/// One way to the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Method {
    /// Its name.
    pub name: &'static str,
    /// The number of features that its readout saw.
    pub n_features: usize,
    /// Accuracy over seeds; a control without random numbers has one.
    pub accuracy: Spread,
    /// Every seed by itself.
    pub seeds: Vec<SeedScore>,
    /// All seeds and folds together.
    pub scores: Scores,
}

/// The scores of one seed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SeedScore {
    /// The seed.
    pub seed: u64,
    /// Mean accuracy over folds.
    pub accuracy: f64,
    /// Every fold by itself.
    pub folds: Vec<FoldScore>,
}

/// The score of one fold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FoldScore {
    /// What was left out.
    pub name: String,
    /// Accuracy on it.
    pub accuracy: f64,
    /// The readout's strength, chosen on the other samples.
    pub strength: f64,
    /// Accuracy of that strength on inner folds of the training samples, if there was a choice: what
    /// experiments may be chosen by without a look at the test samples.
    pub inner_accuracy: Option<f64>,
}

/// What happened in the liquid for one sample, on average.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Effort {
    /// Duration \[ms\].
    pub duration_ms: f64,
    /// Spikes of the encoder.
    pub input_spikes: f64,
    /// Spikes of the liquid.
    pub spikes: f64,
    /// Weights delivered from the encoder to the liquid.
    pub input_events: f64,
    /// Weights delivered inside the liquid.
    pub synaptic_events: f64,
    /// Updates of neurons' states.
    pub neuron_updates: f64,
    /// Mean rate of the liquid's neurons \[Hz\].
    pub rate_hz: f64,
}

/// The first fold of the first seed, to be looked at and used again.
#[derive(Debug)]
pub struct Trained {
    /// The liquid.
    pub network: ValidNetwork,
    /// The front end as it was fitted.
    pub front_end: Fitted,
    /// The readout of the liquid.
    pub readout: Readout,
    /// The first test sample of every class.
    pub examples: Vec<Example>,
}

/// One sample, and what the liquid made of it.
#[derive(Debug)]
pub struct Example {
    /// Which sample of the data set.
    pub sample: usize,
    /// Its class.
    pub label: u32,
    /// The readout's answer.
    pub answer: u32,
    /// The liquid, with its sources, rates in bins of 10 ms and traces of three neurons.
    pub recording: Recording,
}

/// Why a comparison cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// No seed.
    #[error("the experiment has no seed: give one or more")]
    NoSeed,
    /// The liquid has no population that could take the spikes.
    #[error(
        "the liquid has no population \"{input}\" of external spike sources: add one, or name another in liquid.input"
    )]
    NoInput {
        /// The name that was looked for.
        input: String,
    },
    /// The liquid takes another number of channels.
    #[error(
        "the encoder gives {channels} channels, and the liquid's population \"{input}\" has {size} nodes: make it as many"
    )]
    InputSize {
        /// The number of encoded channels.
        channels: u32,
        /// The population.
        input: String,
        /// Its size.
        size: u32,
    },
    /// It was asked to stop.
    #[error("stopped after {done} of {total} steps of work")]
    Stopped {
        /// Steps that were done.
        done: u64,
        /// Steps in all.
        total: u64,
    },
    /// The liquid cannot be made.
    #[error("liquid")]
    Generate(#[from] GenerateError),
    /// The liquid is not valid.
    #[error("liquid")]
    Network(#[from] InvalidNetwork),
    /// The liquid cannot be run.
    #[error("running the liquid")]
    Sim(#[from] SimError),
    /// The liquid cannot be said in a chip's numbers.
    #[error("liquid")]
    Quantize(#[from] QuantizeError),
    /// The liquid cannot come onto the chip, or cannot run there.
    #[error("the liquid on the chip")]
    Chip(#[from] ChipError),
    /// The front end does not fit the data.
    #[error(transparent)]
    FrontEnd(#[from] FrontEndError),
    /// The encoder does not fit the data.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The features cannot be taken.
    #[error(transparent)]
    Features(#[from] FeatureError),
    /// The folds cannot be made.
    #[error(transparent)]
    Protocol(#[from] ProtocolError),
    /// The readout cannot be trained.
    #[error(transparent)]
    Readout(#[from] ReadoutError),
    /// The answers cannot be scored.
    #[error(transparent)]
    Score(#[from] ScoreError),
}

/// Why a liquid cannot be run on a chip in software.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChipError {
    /// The chip does not say in which numbers it counts.
    #[error("{chip} does not say in which numbers it counts, so nothing can run on it: take another chip")]
    NoNumbers {
        /// The chip.
        chip: String,
    },
    /// There are no parts that keep all budgets.
    #[error(transparent)]
    Partition(#[from] PartitionError),
    /// The board is too small.
    #[error(transparent)]
    Board(#[from] rheobase_mapping::chip::ChipError),
    /// The parts cannot be placed.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The mapping is none.
    #[error(transparent)]
    Mapping(#[from] InvalidMapping),
    /// The netlist cannot be written or read.
    #[error(transparent)]
    Netlist(#[from] NetlistError),
    /// The input is not that of the netlist.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The profile cannot run the netlist.
    #[error(transparent)]
    Emulate(#[from] EmulateError),
    /// The architecture cannot price it.
    #[error(transparent)]
    Price(#[from] PriceError),
}

impl Effort {
    pub(super) fn of(recording: &Recording, n_neurons: usize) -> Self {
        let counters = &recording.counters;
        let duration_ms = recording.t_stop - recording.t_start;
        Self {
            duration_ms,
            input_spikes: counters.input_spikes as f64,
            spikes: counters.spikes as f64,
            input_events: counters.input_events as f64,
            synaptic_events: counters.synaptic_events as f64,
            neuron_updates: counters.neuron_updates as f64,
            rate_hz: counters.spikes as f64 / n_neurons as f64 / duration_ms * 1000.0,
        }
    }

    pub(super) fn mean(efforts: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> f64| efforts.iter().map(of).sum::<f64>() / efforts.len() as f64;
        Self {
            duration_ms: mean(|effort| effort.duration_ms),
            input_spikes: mean(|effort| effort.input_spikes),
            spikes: mean(|effort| effort.spikes),
            input_events: mean(|effort| effort.input_events),
            synaptic_events: mean(|effort| effort.synaptic_events),
            neuron_updates: mean(|effort| effort.neuron_updates),
            rate_hz: mean(|effort| effort.rate_hz),
        }
    }
}
