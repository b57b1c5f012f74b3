//! How far answers are from their targets, and the derivative of that.

use serde::{Deserialize, Serialize};

use super::{Sequences, Targets, TrainError};
use crate::Real;

/// What is made small.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Loss {
    /// The mean of all squared differences.
    #[default]
    SquaredError,
    /// The mean over all answers of −w·ln(softmax of the right class), w being the weight of that class.
    CrossEntropy {
        /// Weights of the classes; all 1 if there is none.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        class_weights: Vec<f64>,
    },
}

impl Loss {
    pub(super) fn check(&self) -> Result<(), TrainError> {
        let Self::CrossEntropy { class_weights } = self else { return Ok(()) };
        match class_weights.iter().find(|weight| !(**weight >= 0.0 && weight.is_finite())) {
            Some(weight) => {
                let (what, must) = ("a weight of loss.class_weights", "finite and at least 0".to_owned());
                Err(TrainError::Argument { what, value: *weight, must })
            }
            None => Ok(()),
        }
    }

    /// Checks that it is made for these targets.
    pub(super) fn check_targets<R>(&self, targets: &Targets<R>) -> Result<(), TrainError> {
        match (self, targets) {
            (Self::SquaredError, Targets::Values { .. }) => Ok(()),
            (Self::SquaredError, Targets::Classes { .. }) => Err(TrainError::Targets {
                loss: "the squared error",
                needs: "values; take the cross entropy",
            }),
            (Self::CrossEntropy { .. }, Targets::Values { .. }) => Err(TrainError::Targets {
                loss: "the cross entropy",
                needs: "classes; take the squared error",
            }),
            (Self::CrossEntropy { class_weights }, Targets::Classes { n, .. }) => {
                match class_weights.is_empty() || class_weights.len() == *n {
                    true => Ok(()),
                    false => Err(TrainError::Argument {
                        what: "the number of loss.class_weights",
                        value: class_weights.len() as f64,
                        must: format!("{n}, one a class, or 0"),
                    }),
                }
            }
        }
    }

    /// The loss of some samples as a sum and the number of its terms, and its derivatives by the answers,
    /// `[samples, steps, answers]`, as if it were the mean of these.
    pub(super) fn of<R: Real>(
        &self,
        sequences: &Sequences<R>,
        samples: &[usize],
        n_steps: usize,
        answers: &[R],
    ) -> (f64, f64, Vec<R>) {
        let n = sequences.n_answers();
        let mut by_answers = vec![R::ZERO; answers.len()];
        let n_entries: usize = samples.iter().map(|sample| sequences.answered(*sample).len()).sum();
        let n_terms = match self {
            Self::SquaredError => n_entries * n,
            Self::CrossEntropy { .. } => n_entries,
        } as f64;
        let mut sum = 0.0;
        for (row, sample) in samples.iter().enumerate() {
            for step in sequences.answered(*sample) {
                let at = (row * n_steps + step) * n;
                let (answer, by_answer) = (&answers[at..at + n], &mut by_answers[at..at + n]);
                let entry = sequences.entry(*sample, step);
                sum += match (self, &sequences.targets) {
                    (Self::SquaredError, Targets::Values { values, .. }) => {
                        squared_error(answer, &values[entry * n..(entry + 1) * n], n_terms, by_answer)
                    }
                    (Self::CrossEntropy { class_weights }, Targets::Classes { labels, .. }) => {
                        let label = labels[entry] as usize;
                        let weight = class_weights.get(label).copied().unwrap_or(1.0);
                        cross_entropy(answer, label, weight, n_terms, by_answer)
                    }
                    _ => unreachable!("check_targets was asked"),
                };
            }
        }
        (sum, n_terms, by_answers)
    }
}

fn squared_error<R: Real>(answer: &[R], target: &[R], n_terms: f64, by_answer: &mut [R]) -> f64 {
    let factor = R::of(2.0 / n_terms);
    let mut sum = 0.0;
    for ((answer, target), by) in answer.iter().zip(target).zip(by_answer) {
        let difference = *answer - *target;
        *by = factor * difference;
        sum += difference.to_f64() * difference.to_f64();
    }
    sum
}

/// By the logarithm of the sum of exponentials of differences to the largest, so that nothing overflows.
fn cross_entropy<R: Real>(answer: &[R], label: usize, weight: f64, n_terms: f64, by_answer: &mut [R]) -> f64 {
    let largest = answer.iter().fold(f64::NEG_INFINITY, |largest, score| largest.max(score.to_f64()));
    let sum: f64 = answer.iter().map(|score| libm::exp(score.to_f64() - largest)).sum();
    for (class, (score, by)) in answer.iter().zip(by_answer).enumerate() {
        let probability = libm::exp(score.to_f64() - largest) / sum;
        let is_right = if class == label { 1.0 } else { 0.0 };
        *by = R::of(weight * (probability - is_right) / n_terms);
    }
    weight * (libm::log(sum) - (answer[label].to_f64() - largest))
}
