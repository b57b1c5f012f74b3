//! How well a model does.

use serde::{Deserialize, Serialize};

use super::{Loss, Metric, Sequences, Targets, TrainError};
use crate::Real;
use crate::cell::Batch;
use crate::model::Model;

/// Samples that go through a model at once; their steps are forgotten before the next.
const AT_ONCE: usize = 256;

/// How well a model does on some sequences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scores {
    /// The loss.
    pub loss: f64,
    /// Share of right answers; of classes alone.
    pub accuracy: Option<f64>,
    /// F1 of class 1; of two classes alone.
    pub f1: Option<f64>,
    /// The mean of all absolute differences; of values alone.
    pub absolute_error: Option<f64>,
}

impl Scores {
    /// What a metric says; higher is better.
    pub(super) fn height(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Loss => -self.loss,
            Metric::Accuracy => self.accuracy.unwrap_or(f64::NEG_INFINITY),
            Metric::F1 => self.f1.unwrap_or(f64::NEG_INFINITY),
        }
    }

    /// The number that a metric is.
    pub fn of(&self, metric: Metric) -> f64 {
        match metric {
            Metric::Loss => self.loss,
            Metric::Accuracy => self.accuracy.unwrap_or(f64::NAN),
            Metric::F1 => self.f1.unwrap_or(f64::NAN),
        }
    }
}

/// Scores a model on sequences.
///
/// # Errors
/// If the model cannot take them, or the loss is not made for their targets.
pub fn evaluate<R: Real>(
    model: &Model,
    parameters: &[R],
    sequences: &Sequences<R>,
    loss: &Loss,
) -> Result<Scores, TrainError> {
    loss.check_targets(&sequences.targets)?;
    let mut tally = Tally::default();
    let initial = vec![R::ZERO; AT_ONCE * model.cell().n_state()];
    let all: Vec<usize> = (0..sequences.n_samples).collect();
    for samples in all.chunks(AT_ONCE) {
        let (inputs, elapsed, n_steps) = sequences.gather(samples);
        let batch = Batch {
            n_samples: samples.len(),
            n_steps,
            inputs: &inputs,
            elapsed: &elapsed,
            initial: &initial[..samples.len() * model.cell().n_state()],
            keys: None,
        };
        let tape = model.record(parameters, &batch)?;
        let (sum, n_terms, _) = loss.of(sequences, samples, n_steps, tape.answers());
        tally.loss += sum;
        tally.n_terms += n_terms;
        tally.add(sequences, samples, n_steps, tape.answers());
    }
    Ok(tally.scores(&sequences.targets))
}

/// Scores answers that somebody gave, `[samples, steps, answers]`, as [`evaluate`] scores those of a model.
///
/// # Errors
/// If there are not as many, or the loss is not made for the targets.
pub fn score_answers<R: Real>(
    answers: &[R],
    sequences: &Sequences<R>,
    loss: &Loss,
) -> Result<Scores, TrainError> {
    loss.check_targets(&sequences.targets)?;
    let Sequences { n_samples, n_steps, .. } = *sequences;
    let expected = n_samples * n_steps * sequences.n_answers();
    if answers.len() != expected {
        let shape = format!("{n_samples} × {n_steps} × {}", sequences.n_answers());
        return Err(TrainError::Size { what: "the answers", size: answers.len(), expected, shape });
    }
    let all: Vec<usize> = (0..n_samples).collect();
    let mut tally = Tally::default();
    let (sum, n_terms, _) = loss.of(sequences, &all, n_steps, answers);
    (tally.loss, tally.n_terms) = (sum, n_terms);
    tally.add(sequences, &all, n_steps, answers);
    Ok(tally.scores(&sequences.targets))
}

/// What is counted on the way.
#[derive(Default)]
struct Tally {
    loss: f64,
    n_terms: f64,
    n_answers: u64,
    n_right: u64,
    /// Answers of class 1 that are right, answers of class 1, and labels of class 1.
    positive: [u64; 3],
    absolute: f64,
}

impl Tally {
    fn add<R: Real>(&mut self, sequences: &Sequences<R>, samples: &[usize], n_steps: usize, answers: &[R]) {
        let n = sequences.n_answers();
        for (row, sample) in samples.iter().enumerate() {
            for step in sequences.answered(*sample) {
                let at = (row * n_steps + step) * n;
                let (answer, entry) = (&answers[at..at + n], sequences.entry(*sample, step));
                self.n_answers += 1;
                match &sequences.targets {
                    Targets::Values { values, .. } => {
                        let differences = answer.iter().zip(&values[entry * n..]);
                        self.absolute += differences.map(|(x, y)| (*x - *y).to_f64().abs()).sum::<f64>();
                    }
                    Targets::Classes { labels, .. } => {
                        let (answer, label) = (largest(answer), labels[entry] as usize);
                        self.n_right += u64::from(answer == label);
                        self.positive[0] += u64::from(answer == 1 && label == 1);
                        self.positive[1] += u64::from(answer == 1);
                        self.positive[2] += u64::from(label == 1);
                    }
                }
            }
        }
    }

    fn scores<R>(&self, targets: &Targets<R>) -> Scores {
        let Self { loss, n_terms, n_answers, n_right, positive: [both, answered, labeled], absolute } = *self;
        let loss = loss / n_terms;
        match targets {
            Targets::Values { .. } => {
                Scores { loss, accuracy: None, f1: None, absolute_error: Some(absolute / n_terms) }
            }
            Targets::Classes { n, .. } => {
                // F1 = 2 tp/(2 tp + fp + fn), and 0 where nothing is of class 1.
                let f1 = 2.0 * both as f64 / (answered + labeled).max(1) as f64;
                let accuracy = Some(n_right as f64 / n_answers as f64);
                Scores { loss, accuracy, f1: (*n == 2).then_some(f1), absolute_error: None }
            }
        }
    }
}

/// The place of the largest score, the first of several.
fn largest<R: Real>(scores: &[R]) -> usize {
    let mut at = 0;
    for (k, score) in scores.iter().enumerate() {
        if *score > scores[at] {
            at = k;
        }
    }
    at
}
