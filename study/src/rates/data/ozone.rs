//! Is it an ozone day? UCI's Ozone Level Detection.

use std::path::Path;

use rheobase_ltc::train::Targets;
use rheobase_net::{Answers, Channel};
use serde::{Deserialize, Serialize};

use super::file_in;
use super::text::{fault, number, rows};
use super::windows::{Series, check, mean_and_scale, sequences, split};
use crate::rates::{RatesError, Task};

const N_CHANNELS: usize = 72;

/// The file `eighthr.data`: a day a row. As in the LTC paper's script, a missing number is 0, and all inputs
/// are scaled by one mean and deviation of all numbers of the file.
///
/// The script confuses time and samples: its sequences run over windows at one place in them. Here a
/// sequence is a window, as in the independent reproduction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ozone {
    /// Steps of a sequence.
    pub window: usize,
    /// Rows from one sequence to the next.
    pub stride: usize,
    /// Share of the sequences that is for validation.
    pub valid: f64,
    /// Share that is for the test.
    pub test: f64,
    /// Seed of the order in which they are taken.
    pub seed: u32,
}

impl Default for Ozone {
    fn default() -> Self {
        Self { window: 32, stride: 4, valid: 0.1, test: 0.15, seed: 23_489 }
    }
}

impl Ozone {
    pub(super) fn task(&self, place: &Path, step: f64) -> Result<Task, RatesError> {
        let Self { window, stride, valid, test, seed } = *self;
        check(window, stride, &[valid, test])?;
        let (values, labels) = read(&file_in(place, "eighthr.data"))?;
        let (mean, scale) = mean_and_scale(values.iter().copied());
        let series = Series {
            n_inputs: N_CHANNELS,
            inputs: values.iter().map(|x| ((x - mean) / scale) as f32).collect(),
            elapsed: vec![step as f32; labels.len()],
            targets: Targets::Classes { n: 2, labels },
        };
        let [valid, test, train] = split(&series.windows(window, stride), seed, [valid, test]);
        let channel = |k| Channel { name: format!("feature {k}"), mean, scale };
        Ok(Task {
            name: "ozone".to_owned(),
            inputs: (1..=N_CHANNELS).map(channel).collect(),
            answers: Answers::Classes(vec!["normal day".to_owned(), "ozone day".to_owned()]),
            train: sequences("training", &train, window, true)?,
            valid: Some(sequences("validation", &valid, window, true)?),
            test: sequences("test", &test, window, true)?,
        })
    }
}

fn read(path: &Path) -> Result<(Vec<f64>, Vec<u32>), RatesError> {
    let (mut values, mut labels) = (Vec::new(), Vec::new());
    for (line, row) in rows(path)? {
        // A date, the features, the class.
        if row.len() != N_CHANNELS + 2 {
            let problem = format!("{} fields, and there must be {}", row.len(), N_CHANNELS + 2);
            return Err(fault(path, line, problem));
        }
        for field in row.iter().skip(1).take(N_CHANNELS) {
            values.push(if field == "?" { 0.0 } else { number(path, line, field)? });
        }
        labels.push(match number(path, line, &row[N_CHANNELS + 1])? {
            0.0 => 0,
            1.0 => 1,
            other => return Err(fault(path, line, format!("the class is {other}, and must be 0 or 1"))),
        });
    }
    Ok((values, labels))
}
