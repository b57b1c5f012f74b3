//! Which class is a series? Any data set of labeled series, such as the vowels that the program carries.

use std::path::Path;

use rheobase_ltc::train::{Sequences, Targets};
use rheobase_net::{Answers, Channel};
use serde::{Deserialize, Serialize};

use super::windows::{check, mean_and_scale, split};
use crate::data::{Dataset, Signal, japanese_vowels, load_hdf5};
use crate::rates::{RatesError, Task};

/// A data set of series in HDF5 (`docs` of [`load_hdf5`]), or `vowels`, with its own split into training and
/// test. Inputs are scaled by mean and deviation of the training series; the answer to the last step counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Samples {
    /// Share of the training series that is for validation.
    pub valid: f64,
    /// Seed of which.
    pub seed: u32,
}

impl Default for Samples {
    fn default() -> Self {
        Self { valid: 0.2, seed: 1 }
    }
}

impl Samples {
    pub(super) fn task(&self, place: &Path, step: f64) -> Result<Task, RatesError> {
        let dataset = match place.to_str() {
            Some("vowels") => japanese_vowels(),
            _ => load_hdf5(place).map_err(|error| RatesError::Samples(error.to_string()))?,
        };
        self.task_of(&dataset, step)
    }

    /// The task of a data set.
    ///
    /// # Errors
    /// If a sample is no series, or a part has none.
    pub fn task_of(&self, dataset: &Dataset, step: f64) -> Result<Task, RatesError> {
        check(1, 1, &[self.valid])?;
        let all: Vec<Series<'_>> = (0..).zip(dataset.samples()).map(Series::of).collect::<Result<_, _>>()?;
        let (test, train): (Vec<Series<'_>>, Vec<Series<'_>>) =
            all.into_iter().partition(|series| series.is_test);
        let [valid, _, train] = split(&train, self.seed, [self.valid, 0.0]);
        let n_inputs = train.first().map_or(0, |series| series.values.ncols());
        let channel = |k: usize| {
            let values = train.iter().flat_map(|series| series.values.column(k).into_iter().copied());
            let (mean, scale) = mean_and_scale(values.map(f64::from));
            Channel { name: format!("channel {k}"), mean, scale }
        };
        let inputs: Vec<Channel> = (0..n_inputs).map(channel).collect();
        let n_classes = dataset.classes().len();
        let of = |part: &'static str, series: &[Series<'_>]| match series.is_empty() {
            true => Err(RatesError::Samples(format!("there is no {part} series"))),
            false => Ok(sequences(series, &inputs, n_classes, step)),
        };
        Ok(Task {
            name: dataset.name().to_owned(),
            answers: Answers::Classes(dataset.classes().to_vec()),
            train: of("training", &train)?,
            valid: if valid.is_empty() { None } else { Some(of("validation", &valid)?) },
            test: of("test", &test)?,
            inputs,
        })
    }
}

#[derive(Clone, Copy)]
struct Series<'d> {
    values: &'d ndarray::Array2<f32>,
    label: u32,
    is_test: bool,
}

impl<'d> Series<'d> {
    fn of((k, sample): (usize, &'d crate::data::Sample)) -> Result<Self, RatesError> {
        match &sample.signal {
            Signal::Series(values) if values.nrows() > 0 => {
                Ok(Self { values, label: sample.label, is_test: sample.is_test })
            }
            Signal::Series(_) => Err(RatesError::Samples(format!("sample {k} has no step"))),
            Signal::Audio(_) | Signal::Events(_) => {
                Err(RatesError::Samples(format!("sample {k} is audio or events, and a series is needed")))
            }
        }
    }
}

fn sequences(series: &[Series<'_>], channels: &[Channel], n_classes: usize, step: f64) -> Sequences<f32> {
    let n_steps = series.iter().map(|series| series.values.nrows()).max().unwrap_or(0);
    let n_inputs = channels.len();
    let mut inputs = vec![0.0; series.len() * n_steps * n_inputs];
    for (series, row) in series.iter().zip(inputs.chunks_exact_mut(n_steps * n_inputs)) {
        for (values, row) in series.values.rows().into_iter().zip(row.chunks_exact_mut(n_inputs)) {
            for ((x, value), channel) in row.iter_mut().zip(values).zip(channels) {
                *x = ((f64::from(*value) - channel.mean) / channel.scale) as f32;
            }
        }
    }
    Sequences {
        n_samples: series.len(),
        n_steps,
        n_inputs,
        inputs,
        elapsed: vec![step as f32; series.len() * n_steps],
        lengths: Some(series.iter().map(|series| series.values.nrows()).collect()),
        every_step: false,
        targets: Targets::Classes {
            n: n_classes,
            labels: series.iter().map(|series| series.label).collect(),
        },
    }
}
