//! A liquid beside its controls: the same data, folds, windows and readout.
//!
//! ```text
//! for every seed: a liquid is made
//!   for every fold: the front end is fitted to the training samples
//!     drives → spikes → recordings → features       made again only if the fit differs
//!     for liquid, encoder, front end: readout, answers to the test samples, scores
//! ```
//! Samples run in parallel; a comparison has the same bits for any number of threads.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::{Array2, Axis};
use rayon::prelude::*;
use rheobase_net::generate::{GenerateError, generate};
use rheobase_net::{
    InvalidNetwork, Model, NodeId, PopulationId, Recording, SpikeSource, SpikeTrain, ValidNetwork, validate,
};
use rheobase_sim::{Engine, Inputs, Record, Run, SimConfig, SimError, TraceRequest};
use serde::Serialize;

use crate::data::Dataset;
use crate::encode::{EncodeError, Encoder, encode, encode_drives, sample_seed};
use crate::experiment::Experiment;
use crate::features::{
    FeatureError, Features, drive_features, feature_matrix, recording_features, spike_features,
};
use crate::front_end::{self, Drive, Fitted, FrontEndError};
use crate::protocol::{Fold, Protocol, ProtocolError, inner_folds, inner_seed, split};
use crate::readout::{self, Readout, ReadoutError, Training};
use crate::score::{ScoreError, Scores, Spread, chance, majority, pool, score, spread};

/// Is told the fraction that is done, from any thread, and may stop the work.
pub type Progress<'a> = &'a (dyn Fn(f64) -> ControlFlow<()> + Sync);

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

/// What the three methods see of every sample.
struct Views {
    /// Liquid, encoder, front end; `[samples, features]` each.
    features: [Array2<f64>; 3],
    efforts: Vec<Effort>,
}

const METHODS: [&str; 3] = ["liquid", "encoder alone", "front end alone"];

/// Scores a liquid and its controls.
///
/// # Errors
/// A [`CompareError`]; those of the configuration come before the long work.
pub fn compare(
    dataset: &Dataset,
    experiment: &Experiment,
    progress: Progress<'_>,
) -> Result<(Comparison, Trained), CompareError> {
    let Experiment { seeds, protocol, encoder, .. } = experiment;
    let first_seed = *seeds.first().ok_or(CompareError::NoSeed)?;
    let folds_of = |seed| split(dataset, protocol, seed);
    let n_folds = folds_of(first_seed)?.len();
    let work = Work::new(seeds.len() * (dataset.samples().len() + n_folds * READOUT_STEPS), progress);
    // A control that draws nothing is the same for every seed.
    let control_is_random =
        matches!(encoder, Encoder::Poisson(_)) || matches!(protocol, Protocol::KFold { .. });

    let mut scored: [Vec<SeedScore>; 3] = Default::default();
    let mut answers: [Vec<Scores>; 3] = Default::default();
    let (mut n_features, mut efforts, mut majorities) = ([0; 3], Vec::new(), Vec::new());
    let mut trained = None;
    for seed in seeds.iter().copied() {
        let network = validate(generate(&experiment.liquid.network, seed)?)?;
        let input = input_of(&network, &experiment.liquid.input)?;
        let mut views: Option<(Fitted, Views)> = None;
        let mut fold_scores: [Vec<FoldScore>; 3] = Default::default();
        for (k, fold) in folds_of(seed)?.iter().enumerate() {
            let fitted = front_end::fit(dataset, &fold.train, &experiment.front_end)?;
            if views.as_ref().is_none_or(|(known, _)| *known != fitted) {
                let stage = Stage { dataset, experiment, network: &network, input, seed };
                let made = stage.views(&fitted, &work)?;
                efforts.extend_from_slice(&made.efforts);
                views = Some((fitted.clone(), made));
            }
            let (_, views) = views.as_ref().expect("made above");
            let labels = Labels::of(dataset, fold);
            majorities.push(majority(&labels.train, &labels.test, dataset.classes().len())?);
            for (m, features) in views.features.iter().enumerate() {
                if m > 0 && seed != first_seed && !control_is_random {
                    continue;
                }
                n_features[m] = features.ncols();
                let readout = train(dataset, experiment, fold, &labels, features, inner_seed(seed, k))?;
                let test = features.select(Axis(0), &fold.test);
                let scores = score(&labels.test, &readout.answers(test.view())?, dataset.classes().len())?;
                let (accuracy, strength) = (scores.accuracy, readout.strength());
                fold_scores[m].push(FoldScore { name: fold.name.clone(), accuracy, strength });
                answers[m].push(scores);
                if trained.is_none() && m == 0 {
                    let stage = Stage { dataset, experiment, network: &network, input, seed };
                    let examples = stage.examples(&fitted, &readout, &fold.test)?;
                    let network = network.clone();
                    trained = Some(Trained { network, front_end: fitted.clone(), readout, examples });
                }
            }
            work.did(READOUT_STEPS)?;
        }
        for (m, folds) in fold_scores.into_iter().enumerate().filter(|(_, folds)| !folds.is_empty()) {
            let accuracy = folds.iter().map(|fold| fold.accuracy).sum::<f64>() / folds.len() as f64;
            scored[m].push(SeedScore { seed, accuracy, folds });
        }
    }
    let mut methods = Vec::new();
    for (m, seeds) in scored.into_iter().enumerate() {
        let accuracies: Vec<f64> = seeds.iter().map(|seed| seed.accuracy).collect();
        let (accuracy, scores) = (spread(&accuracies)?, pool(&answers[m])?);
        methods.push(Method { name: METHODS[m], n_features: n_features[m], accuracy, seeds, scores });
    }
    let comparison = Comparison {
        dataset: dataset.name().to_owned(),
        classes: dataset.classes().to_vec(),
        methods,
        chance: chance(dataset.classes().len()),
        majority: majorities.iter().sum::<f64>() / majorities.len() as f64,
        effort: Effort::mean(&efforts),
        experiment: experiment.clone(),
    };
    Ok((comparison, trained.expect("there is a seed and a fold")))
}

/// How many samples' worth of work the readouts of a fold are taken for, in the progress that is told.
const READOUT_STEPS: usize = 100;

/// Work that is counted from many threads.
struct Work<'a> {
    done: AtomicU64,
    total: u64,
    progress: Progress<'a>,
}

impl<'a> Work<'a> {
    fn new(total: usize, progress: Progress<'a>) -> Self {
        Self { done: AtomicU64::new(0), total: total as u64, progress }
    }

    fn did(&self, steps: usize) -> Result<(), CompareError> {
        let done = self.done.fetch_add(steps as u64, Ordering::Relaxed) + steps as u64;
        let total = self.total;
        // Folds that need views of their own make the work longer than it was thought to be.
        match (self.progress)((done as f64 / total as f64).min(1.0)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(CompareError::Stopped { done, total }),
        }
    }
}

struct Labels {
    train: Vec<u32>,
    test: Vec<u32>,
}

impl Labels {
    fn of(dataset: &Dataset, fold: &Fold) -> Self {
        let labels = |part: &[usize]| part.iter().map(|k| dataset.samples()[*k].label).collect();
        Self { train: labels(&fold.train), test: labels(&fold.test) }
    }
}

fn train(
    dataset: &Dataset,
    experiment: &Experiment,
    fold: &Fold,
    labels: &Labels,
    features: &Array2<f64>,
    seed: u64,
) -> Result<Readout, CompareError> {
    let Experiment { protocol, inner_folds: k, readout, .. } = experiment;
    let folds = inner_folds(dataset, &fold.train, protocol, *k, seed)?;
    let features = features.select(Axis(0), &fold.train);
    let training = Training {
        features: features.view(),
        labels: &labels.train,
        n_classes: dataset.classes().len(),
        folds: &folds,
    };
    Ok(readout::fit(&training, readout)?)
}

fn input_of(network: &ValidNetwork, input: &str) -> Result<PopulationId, CompareError> {
    let is_external = |id: &PopulationId| {
        matches!(network.population(*id).model, Model::SpikeSource(SpikeSource::External))
    };
    let found = network.population_named(input).filter(is_external);
    found.ok_or_else(|| CompareError::NoInput { input: input.to_owned() })
}

/// One liquid and the data that go through it.
struct Stage<'a> {
    dataset: &'a Dataset,
    experiment: &'a Experiment,
    network: &'a ValidNetwork,
    input: PopulationId,
    seed: u64,
}

impl Stage<'_> {
    /// What the methods see of all samples, through a fitted front end.
    fn views(&self, fitted: &Fitted, work: &Work<'_>) -> Result<Views, CompareError> {
        let Experiment { features, .. } = self.experiment;
        let drives = fitted.drives(self.dataset)?;
        let trains = self.spikes(&drives)?;
        let engine = self.engine(Record { final_v: features.final_v, ..Record::default() })?;
        let neurons = self.neurons();
        let one = |(drive, train): (&Drive, &SpikeTrain)| -> Result<(Vec<f64>, Effort), CompareError> {
            let recording = self.respond(&engine, drive, train)?;
            work.did(1)?;
            let row = recording_features(&recording, &neurons, features)?;
            Ok((row, Effort::of(&recording, neurons.len())))
        };
        let responses: Vec<_> = drives.par_iter().zip(&trains).map(one).collect::<Result<_, _>>()?;
        let (rows, efforts): (Vec<Vec<f64>>, Vec<Effort>) = responses.into_iter().unzip();
        let liquid = feature_matrix(&rows, |row| Ok(row.clone()))?;
        let pairs: Vec<_> = trains.iter().zip(&drives).collect();
        let encoder =
            feature_matrix(&pairs, |(train, drive)| spike_features(train, 0.0, drive.duration(), features))?;
        // The front end has no spikes: where no windows are asked for, it gets the default ones.
        let windows = Features { bins: features.bins.max(1), ..features.clone() };
        let front_end = feature_matrix(&drives, |drive| drive_features(drive, &windows))?;
        Ok(Views { features: [liquid, encoder, front_end], efforts })
    }

    /// What the liquid and its readout make of the first sample of every class among `samples`.
    fn examples(
        &self,
        fitted: &Fitted,
        readout: &Readout,
        samples: &[usize],
    ) -> Result<Vec<Example>, CompareError> {
        let Experiment { features, liquid, .. } = self.experiment;
        let neurons = self.neurons();
        let record = Record {
            spikes: true,
            source_spikes: true,
            traces: Some(TraceRequest {
                nodes: neurons.iter().take(3).map(|node| NodeId(*node)).collect(),
                interval: liquid.dt,
            }),
            rates_bin: Some(10.0),
            final_v: features.final_v,
        };
        let engine = self.engine(record)?;
        let all = self.dataset.samples();
        let mut examples = Vec::new();
        for label in 0..self.dataset.classes().len() as u32 {
            let Some(sample) = samples.iter().copied().find(|k| all[*k].label == label) else { continue };
            let drive = fitted.drive(&all[sample])?;
            let seed = sample_seed(self.seed, sample as u64);
            let train = encode(drive.values.view(), drive.dt, &self.experiment.encoder, seed)?;
            let recording = self.respond(&engine, &drive, &train)?;
            let row =
                feature_matrix(&[&recording], |recording| recording_features(recording, &neurons, features))?;
            let answer = readout.answers(row.view())?[0];
            examples.push(Example { sample, label, answer, recording });
        }
        Ok(examples)
    }

    fn spikes(&self, drives: &[Drive]) -> Result<Vec<SpikeTrain>, CompareError> {
        let trains = encode_drives(drives, &self.experiment.encoder, self.seed)?;
        let size = self.network.population(self.input).size;
        match trains.iter().find(|train| train.n_nodes() != size) {
            Some(train) => {
                let input = self.experiment.liquid.input.clone();
                Err(CompareError::InputSize { channels: train.n_nodes(), input, size })
            }
            None => Ok(trains),
        }
    }

    /// An engine that runs one sample in one thread: samples run side by side.
    fn engine(&self, record: Record) -> Result<Engine<'_>, CompareError> {
        let liquid = &self.experiment.liquid;
        let config = SimConfig { scheduler: liquid.scheduler, dt: liquid.dt, threads: Some(1), record };
        Ok(Engine::new(self.network, &config)?)
    }

    fn respond(&self, engine: &Engine, drive: &Drive, train: &SpikeTrain) -> Result<Recording, CompareError> {
        let inputs = Inputs { spikes: vec![(self.input, train.clone())], currents: Vec::new() };
        let run = Run { duration: drive.duration(), seed: self.seed, inputs };
        Ok(engine.run(&run, &mut |_| ControlFlow::Continue(()))?)
    }

    fn neurons(&self) -> Vec<u32> {
        let ranges = self.network.node_ranges().into_iter().filter(|range| !range.is_source);
        ranges.flat_map(|range| range.first..range.first + range.size).collect()
    }
}

impl Effort {
    fn of(recording: &Recording, n_neurons: usize) -> Self {
        let counters = &recording.counters;
        let duration_ms = recording.t_stop - recording.t_start;
        Self {
            duration_ms,
            input_spikes: counters.input_spikes as f64,
            spikes: counters.spikes as f64,
            input_events: counters.input_events as f64,
            synaptic_events: counters.synaptic_events as f64,
            rate_hz: counters.spikes as f64 / n_neurons as f64 / duration_ms * 1000.0,
        }
    }

    fn mean(efforts: &[Self]) -> Self {
        let mean = |of: fn(&Self) -> f64| efforts.iter().map(of).sum::<f64>() / efforts.len() as f64;
        Self {
            duration_ms: mean(|effort| effort.duration_ms),
            input_spikes: mean(|effort| effort.input_spikes),
            spikes: mean(|effort| effort.spikes),
            input_events: mean(|effort| effort.input_events),
            synaptic_events: mean(|effort| effort.synaptic_events),
            rate_hz: mean(|effort| effort.rate_hz),
        }
    }
}
