//! One liquid, and the samples that go through it.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use ndarray::Array2;
use rayon::prelude::*;
use rheobase_net::{NodeId, PopulationId, Recording, SpikeTrain, ValidNetwork};
use rheobase_sim::{Engine, Inputs, Record, Run, SimConfig, TraceRequest};

use super::Progress;
use super::outcome::{CompareError, Effort, Example};
use crate::data::Dataset;
use crate::encode::{encode, encode_drives, sample_seed};
use crate::experiment::Experiment;
use crate::features::{Features, drive_features, feature_matrix, recording_features, spike_features};
use crate::front_end::{Drive, Fitted};
use crate::readout::Readout;

/// One liquid and the data that go through it.
pub(super) struct Stage<'a> {
    pub dataset: &'a Dataset,
    pub experiment: &'a Experiment,
    pub network: &'a ValidNetwork,
    pub input: PopulationId,
    pub seed: u64,
}

impl Stage<'_> {
    /// What the methods see of all samples, through a fitted front end.
    pub fn views(&self, fitted: &Fitted, work: &Work<'_>) -> Result<Views, CompareError> {
        let Experiment { features, .. } = self.experiment;
        let drives = fitted.drives(self.dataset)?;
        let trains = self.spikes(&drives)?;
        let (liquid, efforts) = self.simulated(fitted, work)?;
        let pairs: Vec<_> = trains.iter().zip(&drives).collect();
        let encoder =
            feature_matrix(&pairs, |(train, drive)| spike_features(train, 0.0, drive.duration(), features))?;
        // The front end has no spikes: where no windows are asked for, it gets the default ones.
        let windows = Features { bins: features.bins.max(1), ..features.clone() };
        let front_end = feature_matrix(&drives, |drive| drive_features(drive, &windows))?;
        Ok(Views { features: [liquid, encoder, front_end], efforts })
    }

    /// The features of the simulated liquid, `[samples, features]`, and what it did for every sample.
    pub fn simulated(
        &self,
        fitted: &Fitted,
        work: &Work<'_>,
    ) -> Result<(Array2<f64>, Vec<Effort>), CompareError> {
        let final_v = self.experiment.features.final_v;
        let engine = self.engine(Record { final_v, ..Record::default() })?;
        let n_neurons = self.neurons().len();
        self.features_by(fitted, work, |drive, train| {
            let recording = self.respond(&engine, drive, train)?;
            let effort = Effort::of(&recording, n_neurons);
            Ok((recording, effort))
        })
    }

    /// The features of what somebody answers to all samples, `[samples, features]`, and what else is told of each.
    pub fn features_by<T: Send>(
        &self,
        fitted: &Fitted,
        work: &Work<'_>,
        respond: impl Fn(&Drive, &SpikeTrain) -> Result<(Recording, T), CompareError> + Sync,
    ) -> Result<(Array2<f64>, Vec<T>), CompareError> {
        let features = &self.experiment.features;
        let drives = fitted.drives(self.dataset)?;
        let trains = self.spikes(&drives)?;
        let neurons = self.neurons();
        let one = |(drive, train): (&Drive, &SpikeTrain)| -> Result<(Vec<f64>, T), CompareError> {
            let (recording, told) = respond(drive, train)?;
            work.did(1)?;
            Ok((recording_features(&recording, &neurons, features)?, told))
        };
        let responses: Vec<_> = drives.par_iter().zip(&trains).map(one).collect::<Result<_, _>>()?;
        let (rows, told): (Vec<Vec<f64>>, Vec<T>) = responses.into_iter().unzip();
        Ok((feature_matrix(&rows, |row| Ok(row.clone()))?, told))
    }

    /// What the liquid and its readout make of the first sample of every class among `samples`.
    pub fn examples(
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
            final_weights: false,
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

    /// The readout's answers to samples, one after the other.
    pub fn answers(
        &self,
        fitted: &Fitted,
        readout: &Readout,
        samples: &[usize],
    ) -> Result<Vec<u32>, CompareError> {
        let final_v = self.experiment.features.final_v;
        let engine = self.engine(Record { final_v, ..Record::default() })?;
        let respond = |drive: &Drive, train: &SpikeTrain| Ok((self.respond(&engine, drive, train)?, ()));
        let answer = |sample: &usize| Ok(self.answer_by(fitted, readout, *sample, respond)?.0);
        samples.iter().map(answer).collect()
    }

    /// The readout's answer to what somebody makes of a sample, and what else is told of it.
    pub fn answer_by<T>(
        &self,
        fitted: &Fitted,
        readout: &Readout,
        sample: usize,
        respond: impl Fn(&Drive, &SpikeTrain) -> Result<(Recording, T), CompareError>,
    ) -> Result<(u32, T), CompareError> {
        let Experiment { features, encoder, .. } = self.experiment;
        let neurons = self.neurons();
        let drive = fitted.drive(&self.dataset.samples()[sample])?;
        let seed = sample_seed(self.seed, sample as u64);
        let train = encode(drive.values.view(), drive.dt, encoder, seed)?;
        let (recording, told) = respond(&drive, &train)?;
        let row =
            feature_matrix(&[&recording], |recording| recording_features(recording, &neurons, features))?;
        Ok((readout.answers(row.view())?[0], told))
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
        let run = Run { duration: drive.duration(), seed: self.seed, inputs, ..Run::default() };
        Ok(engine.run(&run, &mut |_| ControlFlow::Continue(()))?)
    }

    fn neurons(&self) -> Vec<u32> {
        let ranges = self.network.node_ranges().into_iter().filter(|range| !range.is_source);
        ranges.flat_map(|range| range.first..range.first + range.size).collect()
    }
}

/// What the three methods see of every sample.
pub(super) struct Views {
    /// Liquid, encoder, front end; `[samples, features]` each.
    pub features: [Array2<f64>; 3],
    pub efforts: Vec<Effort>,
}

/// Work that is counted from many threads.
pub(super) struct Work<'a> {
    done: AtomicU64,
    total: u64,
    progress: Progress<'a>,
}

impl<'a> Work<'a> {
    pub fn new(total: usize, progress: Progress<'a>) -> Self {
        Self { done: AtomicU64::new(0), total: total as u64, progress }
    }

    pub fn did(&self, steps: usize) -> Result<(), CompareError> {
        let done = self.done.fetch_add(steps as u64, Ordering::Relaxed) + steps as u64;
        let total = self.total;
        // Folds that need views of their own make the work longer than it was thought to be.
        match (self.progress)((done as f64 / total as f64).min(1.0)) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(CompareError::Stopped { done, total }),
        }
    }
}
