//! What is learned: inputs over time, and what they should be answered with.

use super::TrainError;
use crate::Real;

/// Sequences of inputs with their targets, all of one length or cut off earlier.
#[derive(Debug, Clone, PartialEq)]
pub struct Sequences<R> {
    /// Number of sequences.
    pub n_samples: usize,
    /// Number of steps of the longest.
    pub n_steps: usize,
    /// Number of inputs.
    pub n_inputs: usize,
    /// `[samples, steps, inputs]`
    pub inputs: Vec<R>,
    /// How long every input lasts, ≥ 0; `[samples, steps]`.
    pub elapsed: Vec<R>,
    /// How many steps every sample has, 1 to `n_steps`; all steps, if it is not said.
    pub lengths: Option<Vec<usize>>,
    /// Whether every step has a target, or the last step of a sample alone.
    pub every_step: bool,
    /// What the answers should be.
    pub targets: Targets<R>,
}

/// What the answers should be; one entry a step, or one a sample.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets<R> {
    /// Numbers.
    Values {
        /// How many an entry.
        n: usize,
        /// `[entries, n]`
        values: Vec<R>,
    },
    /// Classes.
    Classes {
        /// How many classes there are.
        n: usize,
        /// `[entries]`, each below `n`.
        labels: Vec<u32>,
    },
}

impl<R: Real> Sequences<R> {
    /// Numbers, or scores of classes, that an answer has.
    pub fn n_answers(&self) -> usize {
        match self.targets {
            Targets::Values { n, .. } | Targets::Classes { n, .. } => n,
        }
    }

    /// How many steps a sample has.
    pub fn length(&self, sample: usize) -> usize {
        self.lengths.as_ref().map_or(self.n_steps, |lengths| lengths[sample])
    }

    /// The steps of a sample that have a target.
    pub fn answered(&self, sample: usize) -> std::ops::Range<usize> {
        let length = self.length(sample);
        if self.every_step { 0..length } else { length - 1..length }
    }

    /// Where the target of a step of a sample stands.
    pub(super) fn entry(&self, sample: usize, step: usize) -> usize {
        if self.every_step { sample * self.n_steps + step } else { sample }
    }

    /// Checks all sizes and values.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), TrainError> {
        let Self { n_samples, n_steps, n_inputs, inputs, elapsed, lengths, every_step, targets } = self;
        let (n_samples, n_steps) = (*n_samples, *n_steps);
        for (what, value) in [("the number of samples", n_samples), ("the number of steps", n_steps)] {
            if value == 0 {
                return Err(TrainError::Argument { what, value: 0.0, must: "above 0".to_owned() });
            }
        }
        let n_entries = if *every_step { n_samples * n_steps } else { n_samples };
        let (n_targets, what, per_entry) = match targets {
            Targets::Values { n, values } => (values.len(), "target", *n),
            Targets::Classes { labels, .. } => (labels.len(), "label", 1),
        };
        let n_lengths = lengths.as_ref().map_or(n_samples, Vec::len);
        let sizes = [
            ("the inputs", inputs.len(), [n_samples, n_steps, *n_inputs]),
            ("the elapsed times", elapsed.len(), [n_samples, n_steps, 1]),
            ("the lengths", n_lengths, [n_samples, 1, 1]),
            ("the targets", n_targets, [n_entries, per_entry, 1]),
        ];
        for (what, size, factors) in sizes {
            let expected = factors.iter().product();
            if size != expected {
                let shape = factors.map(|factor| factor.to_string()).join(" × ");
                return Err(TrainError::Size { what, size, expected, shape });
            }
        }
        let finite = |what, values: &[R]| match values.iter().position(|value| !value.is_finite()) {
            Some(index) => {
                let (value, must) = (values[index].to_f64(), "finite".to_owned());
                Err(TrainError::Value { what, index, value, must })
            }
            None => Ok(()),
        };
        finite("input", inputs)?;
        if let Some(index) = lengths.iter().flatten().position(|length| !(1..=n_steps).contains(length)) {
            let value = lengths.as_ref().map_or(0.0, |lengths| lengths[index] as f64);
            let must = format!("from 1 to {n_steps}, the steps");
            return Err(TrainError::Value { what: "length", index, value, must });
        }
        match targets {
            Targets::Values { values, .. } => finite(what, values),
            Targets::Classes { n, labels } => match labels.iter().position(|label| *label as usize >= *n) {
                Some(index) => {
                    let (value, must) = (labels[index].into(), format!("below {n}, the classes"));
                    Err(TrainError::Value { what, index, value, must })
                }
                None => Ok(()),
            },
        }
    }

    /// Inputs and elapsed times of some samples, up to the end of the longest of them, whose steps come last.
    pub(super) fn gather(&self, samples: &[usize]) -> (Vec<R>, Vec<R>, usize) {
        let n_steps = samples.iter().map(|sample| self.length(*sample)).max().unwrap_or(0);
        let mut inputs = Vec::with_capacity(samples.len() * n_steps * self.n_inputs);
        let mut elapsed = Vec::with_capacity(samples.len() * n_steps);
        for sample in samples {
            let first = sample * self.n_steps;
            inputs.extend(&self.inputs[first * self.n_inputs..(first + n_steps) * self.n_inputs]);
            elapsed.extend(&self.elapsed[first..first + n_steps]);
        }
        (inputs, elapsed, n_steps)
    }
}
