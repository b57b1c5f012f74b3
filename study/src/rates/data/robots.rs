//! What does a robot do next? Every step's observation is to be told from those before it.

use std::path::Path;

use rheobase_ltc::train::Targets;
use rheobase_ltc::wiring::numpy::RandomState;
use rheobase_net::{Answers, Channel};
use serde::{Deserialize, Serialize};

use super::rollouts::Rollouts;
use super::windows::{Series, Window, check, sequences};
use crate::rates::{RatesError, Task};

/// Half-Cheetah, as in the LTC paper: the first runs for validation, the next for the test, the next to
/// learn from. `cheetah.h5`, or the folder of `.npy` files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HalfCheetah {
    /// Steps of a sequence.
    pub window: usize,
    /// Steps from one sequence to the next.
    pub stride: usize,
    /// Runs for validation.
    pub n_valid: usize,
    /// Runs for the test.
    pub n_test: usize,
    /// Runs to learn from.
    pub n_train: usize,
}

impl Default for HalfCheetah {
    fn default() -> Self {
        Self { window: 32, stride: 10, n_valid: 5, n_test: 10, n_train: 10 }
    }
}

impl HalfCheetah {
    pub(super) fn task(&self, place: &Path, step: f64) -> Result<Task, RatesError> {
        let Self { window, stride, n_valid, n_test, n_train } = *self;
        check(window, stride, &[])?;
        let rollouts = Rollouts::read(place, "cheetah.h5")?;
        let n_runs = rollouts.runs.len();
        if n_valid + n_test + n_train > n_runs {
            let must = format!("at most {n_runs}, the runs that there are");
            let value = (n_valid + n_test + n_train) as f64;
            return Err(RatesError::Argument { what: "n_valid + n_test + n_train", value, must });
        }
        let series = |run: &Vec<f32>| next_step(run, rollouts.n_channels, None, step);
        let all: Vec<Series> = rollouts.runs[..n_valid + n_test + n_train].iter().map(series).collect();
        let (valid, rest) = all.split_at(n_valid);
        let (test, train) = rest.split_at(n_test);
        task("half-cheetah", [train, valid, test], window, stride)
    }
}

/// Walker2d, as in the CfC paper: runs in a random order, some steps of them left out at random, so that
/// time between observations is 1, 2, …. `walker2d.h5`, or the folder of `.npy` files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Walker2d {
    /// Steps of a sequence.
    pub window: usize,
    /// Steps from one sequence to the next.
    pub stride: usize,
    /// Share of the runs that is for the test.
    pub test: f64,
    /// Share that is for validation.
    pub valid: f64,
    /// Share of the steps that is kept.
    pub keep: f64,
    /// Seed of the order of the runs.
    pub seed: u32,
    /// Seed of which steps are kept.
    pub keep_seed: u32,
}

impl Default for Walker2d {
    fn default() -> Self {
        Self { window: 64, stride: 16, test: 0.15, valid: 0.1, keep: 0.9, seed: 125_487, keep_seed: 891_374 }
    }
}

impl Walker2d {
    pub(super) fn task(&self, place: &Path, step: f64) -> Result<Task, RatesError> {
        let Self { window, stride, test, valid, keep, seed, keep_seed } = *self;
        check(window, stride, &[test, valid])?;
        if !(keep > 0.0 && keep <= 1.0) {
            return Err(RatesError::Argument {
                what: "keep",
                value: keep,
                must: "above 0 and at most 1".to_owned(),
            });
        }
        let mut rollouts = Rollouts::read(place, "walker2d.h5")?;
        RandomState::new(seed).shuffle(&mut rollouts.runs);
        let n_runs = rollouts.runs.len() as f64;
        let (n_test, n_head) = ((test * n_runs) as usize, ((test + valid) * n_runs) as usize);
        let (test, rest) = rollouts.runs.split_at(n_test);
        let (valid, train) = rest.split_at(n_head - n_test);
        // Numbers are drawn in the order of the script: training, validation, test.
        let mut rng = RandomState::new(keep_seed);
        let mut perturbed = |runs: &[Vec<f32>]| -> Vec<Series> {
            runs.iter().map(|run| next_step(run, rollouts.n_channels, Some((&mut rng, keep)), step)).collect()
        };
        let (train, valid, test) = (perturbed(train), perturbed(valid), perturbed(test));
        task("walker2d", [&train, &valid, &test], window, stride)
    }
}

/// Every observation with the one after it as its target; with a generator, some are left out.
fn next_step(run: &[f32], n: usize, mut drop: Option<(&mut RandomState, f64)>, step: f64) -> Series {
    let (mut inputs, mut values, mut elapsed) = (Vec::new(), Vec::new(), Vec::new());
    let mut since = 0.0;
    for (observation, next) in run.chunks_exact(n).zip(run.chunks_exact(n).skip(1)) {
        since += step;
        let is_kept = drop.as_mut().is_none_or(|(rng, keep)| rng.uniform() < *keep);
        if is_kept {
            inputs.extend(observation);
            values.extend(next);
            elapsed.push(since as f32);
            since = 0.0;
        }
    }
    Series { n_inputs: n, inputs, elapsed, targets: Targets::Values { n, values } }
}

fn task(name: &str, parts: [&[Series]; 3], window: usize, stride: usize) -> Result<Task, RatesError> {
    let n = parts[0].first().map_or(0, |series| series.n_inputs);
    let cut = |part: &'static str, series: &[Series]| {
        let windows: Vec<Window<'_>> = series.iter().flat_map(|run| run.windows(window, stride)).collect();
        sequences(part, &windows, window, true)
    };
    let channels = |what: &str| (1..=n).map(|k| Channel::plain(format!("{what} {k}"))).collect();
    let [train, valid, test] = parts;
    Ok(Task {
        name: name.to_owned(),
        inputs: channels("observation"),
        answers: Answers::Values(channels("next")),
        train: cut("training", train)?,
        valid: Some(cut("validation", valid)?),
        test: cut("test", test)?,
    })
}
