//! The linear head.

use rand::{Rng, RngExt};
use rayon::prelude::*;

use crate::Real;

/// Rows (steps of samples) that are worked on at once. Sums over rows are made inside of a part and then
/// over parts, in this order whatever the number of threads.
const PART: usize = 512;

/// Sizes of a head; its weights are `[outputs, answers]`, its bias follows them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Head {
    pub n_outputs: usize,
    pub n_answers: usize,
}

impl Head {
    pub fn n_weights(&self) -> usize {
        self.n_outputs * self.n_answers
    }

    /// Appends parameters to start from.
    pub fn start<R: Real>(&self, parameters: &mut Vec<R>, rng: &mut impl Rng) {
        let most = (6.0 / (self.n_outputs + self.n_answers) as f64).sqrt();
        parameters.extend((0..self.n_weights()).map(|_| R::of(rng.random_range(-most..most))));
        parameters.extend((0..self.n_answers).map(|_| R::ZERO));
    }

    /// The answers to outputs; `[rows, outputs]` to `[rows, answers]`.
    pub fn answers<R: Real>(&self, parameters: &[R], outputs: &[R]) -> Vec<R> {
        let Self { n_outputs, n_answers } = *self;
        let (weights, bias) = parameters.split_at(self.n_weights());
        let mut answers = vec![R::ZERO; outputs.len() / n_outputs * n_answers];
        let parts = answers.par_chunks_mut(PART * n_answers).zip(outputs.par_chunks(PART * n_outputs));
        parts.for_each(|(answers, outputs)| {
            for (answer, output) in answers.chunks_exact_mut(n_answers).zip(outputs.chunks_exact(n_outputs)) {
                answer.copy_from_slice(bias);
                for (output, weights) in output.iter().zip(weights.chunks_exact(n_answers)) {
                    answer.iter_mut().zip(weights).for_each(|(answer, weight)| *answer += *output * *weight);
                }
            }
        });
        answers
    }

    /// Derivatives by the outputs and by the head's parameters, given those by the answers.
    pub fn pull<R: Real>(&self, parameters: &[R], outputs: &[R], by_answers: &[R]) -> (Vec<R>, Vec<R>) {
        let Self { n_outputs, n_answers } = *self;
        let weights = &parameters[..self.n_weights()];
        let mut by_outputs = vec![R::ZERO; outputs.len()];
        let parts = by_outputs.par_chunks_mut(PART * n_outputs).zip(outputs.par_chunks(PART * n_outputs));
        let sums: Vec<Vec<R>> = parts
            .zip(by_answers.par_chunks(PART * n_answers))
            .map(|((by_outputs, outputs), by_answers)| {
                let mut sums = vec![R::ZERO; parameters.len()];
                let (by_weights, by_bias) = sums.split_at_mut(weights.len());
                let rows = by_outputs.chunks_exact_mut(n_outputs).zip(outputs.chunks_exact(n_outputs));
                for ((by_output, output), by_answer) in rows.zip(by_answers.chunks_exact(n_answers)) {
                    add(by_bias, by_answer);
                    for k in 0..n_outputs {
                        let row = k * n_answers..(k + 1) * n_answers;
                        let products = weights[row.clone()].iter().zip(by_answer);
                        by_output[k] = products.fold(R::ZERO, |sum, (weight, by)| sum + *weight * *by);
                        let sums = by_weights[row].iter_mut().zip(by_answer);
                        sums.for_each(|(sum, by)| *sum += output[k] * *by);
                    }
                }
                sums
            })
            .collect();
        let mut total = vec![R::ZERO; parameters.len()];
        sums.iter().for_each(|part| add(&mut total, part));
        (by_outputs, total)
    }
}

fn add<R: Real>(to: &mut [R], what: &[R]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += *what);
}
