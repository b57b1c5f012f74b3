//! Is somebody in the room? UCI's Occupancy Detection.

use std::path::Path;

use rheobase_ltc::train::Targets;
use rheobase_net::{Answers, Channel};
use serde::{Deserialize, Serialize};

use super::text::{fault, number, rows};
use super::windows::{Series, check, mean_and_scale, sequences, split};
use crate::rates::{RatesError, Task};

const CHANNELS: [&str; 5] = ["temperature", "humidity", "light", "CO2", "humidity ratio"];

/// The files `datatraining.txt`, `datatest.txt` and `datatest2.txt`, as UCI has them, or their last six
/// columns. Inputs are scaled by mean and deviation of the training rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Occupancy {
    /// Steps of a sequence.
    pub window: usize,
    /// Rows from one training sequence to the next.
    pub stride: usize,
    /// Rows from one test sequence to the next.
    pub test_stride: usize,
    /// Share of the training sequences that is for validation.
    pub valid: f64,
    /// Seed of the order in which they are taken.
    pub seed: u32,
}

impl Default for Occupancy {
    fn default() -> Self {
        Self { window: 16, stride: 1, test_stride: 8, valid: 0.1, seed: 893_429 }
    }
}

impl Occupancy {
    pub(super) fn task(&self, place: &Path, step: f64) -> Result<Task, RatesError> {
        let Self { window, stride, test_stride, valid, seed } = *self;
        check(window, stride.min(test_stride), &[valid])?;
        let files = ["datatraining.txt", "datatest.txt", "datatest2.txt"].map(|name| read(&place.join(name)));
        let [train, test, test_2] = files;
        let (train, test, test_2) = (train?, test?, test_2?);
        let channel = |k: usize| {
            let (mean, scale) = mean_and_scale(train.iter().map(|row| row.inputs[k]));
            Channel { name: CHANNELS[k].to_owned(), mean, scale }
        };
        let inputs: Vec<Channel> = (0..CHANNELS.len()).map(channel).collect();
        let series = |rows: &[Row]| Series {
            n_inputs: CHANNELS.len(),
            inputs: rows.iter().flat_map(|row| row.scaled(&inputs)).collect(),
            elapsed: vec![step as f32; rows.len()],
            targets: Targets::Classes { n: 2, labels: rows.iter().map(|row| row.label).collect() },
        };
        let [train, test, test_2] = [&train, &test, &test_2].map(|rows| series(rows));
        let [valid, _, train] = split(&train.windows(window, stride), seed, [valid, 0.0]);
        let mut test_windows = test.windows(window, test_stride);
        test_windows.extend(test_2.windows(window, test_stride));
        Ok(Task {
            name: "occupancy".to_owned(),
            answers: Answers::Classes(vec!["empty".to_owned(), "occupied".to_owned()]),
            train: sequences("training", &train, window, true)?,
            valid: Some(sequences("validation", &valid, window, true)?),
            test: sequences("test", &test_windows, window, true)?,
            inputs,
        })
    }
}

struct Row {
    inputs: [f64; CHANNELS.len()],
    label: u32,
}

impl Row {
    fn scaled(&self, channels: &[Channel]) -> Vec<f32> {
        let scaled = self.inputs.iter().zip(channels).map(|(x, channel)| (x - channel.mean) / channel.scale);
        scaled.map(|x| x as f32).collect()
    }
}

fn read(path: &Path) -> Result<Vec<Row>, RatesError> {
    let mut read = Vec::new();
    for (line, row) in rows(path)? {
        // UCI's files begin with names, and their rows with a number and a time.
        if line == 1 && row.iter().any(|field| field.eq_ignore_ascii_case("occupancy")) {
            continue;
        }
        let fields: Vec<&str> = row.iter().collect();
        let Some(first) = fields.len().checked_sub(CHANNELS.len() + 1) else {
            let problem =
                format!("{} fields, and the last six must be five numbers and 0 or 1", fields.len());
            return Err(fault(path, line, problem));
        };
        let mut inputs = [0.0; CHANNELS.len()];
        for (x, field) in inputs.iter_mut().zip(&fields[first..]) {
            *x = number(path, line, field)?;
        }
        let label = match fields[first + CHANNELS.len()] {
            "0" => 0,
            "1" => 1,
            other => {
                return Err(fault(path, line, format!("the last field is {other:?}, and must be 0 or 1")));
            }
        };
        read.push(Row { inputs, label });
    }
    Ok(read)
}
