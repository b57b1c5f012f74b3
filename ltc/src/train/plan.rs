//! How a model is trained.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::{Adam, Loss, Optimizer, TrainError};
use crate::Real;
use crate::cell::Layout;
use crate::model::Start;

/// How a model is trained.
///
/// | name | default | meaning |
/// |---|---|---|
/// | `epochs` | 200 | times that every sample is seen, at most |
/// | `batch` | 16 | samples a step |
/// | `drop_last` | true | leave out the batch at an epoch's end that is not full |
/// | `rate` | 0.01 | learning rate at the start |
/// | `decay` | 1 | factor of the learning rate over an epoch, applied little by little at every batch |
/// | `optimizer` | Adam | how a gradient becomes a step |
/// | `clip` | none | how long a gradient may be |
/// | `weight_decay` | 0 | factor of the squares of weights in what is made small |
/// | `loss` | squared error | what is made small |
/// | `metric` | loss | what the best epoch is best in, on the validation sequences |
/// | `patience` | none | epochs without a better one after which training ends |
/// | `start` | library | what parameters start from, and the range that they are held in |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// Times that every sample is seen, at most; > 0.
    pub epochs: usize,
    /// Samples a step, > 0.
    pub batch: usize,
    /// Whether the batch at an epoch's end is left out that is not full.
    pub drop_last: bool,
    /// Learning rate at the start, > 0.
    pub rate: f64,
    /// Factor of the learning rate over an epoch, > 0.
    pub decay: f64,
    /// How a gradient becomes a step.
    pub optimizer: Optimizer,
    /// How long a gradient may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip: Option<Clip>,
    /// Factor, ≥ 0, of the sum of the squares of all weights of the cell's dense layers, which is made small
    /// together with the loss, and is no part of the losses that are told (Keras's `L2`).
    pub weight_decay: f64,
    /// What is made small.
    pub loss: Loss,
    /// What the best epoch is best in.
    pub metric: Metric,
    /// Epochs without a better one after which training ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,
    /// What parameters start from, and the range that they are held in.
    pub start: Start,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            epochs: 200,
            batch: 16,
            drop_last: true,
            rate: 0.01,
            decay: 1.0,
            optimizer: Optimizer::Adam(Adam::default()),
            clip: None,
            weight_decay: 0.0,
            loss: Loss::default(),
            metric: Metric::default(),
            patience: None,
            start: Start::default(),
        }
    }
}

/// How long a gradient may be; a longer one is made shorter.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clip {
    /// The largest Euclidean norm, > 0.
    pub norm: f64,
    /// Whether that is the norm of each block of parameters (Keras's `clipnorm`), or of all together.
    #[serde(default)]
    pub each_block: bool,
}

/// What a model is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The loss; lower is better.
    #[default]
    Loss,
    /// Share of right answers; higher is better.
    Accuracy,
    /// F1 of class 1 of two: 2·precision·recall/(precision + recall); higher is better.
    F1,
}

impl Plan {
    /// Checks all numbers.
    ///
    /// # Errors
    /// The first that is out of its range.
    pub fn check(&self) -> Result<(), TrainError> {
        let above_zero = |what, value: f64| match value > 0.0 && value.is_finite() {
            true => Ok(()),
            false => Err(TrainError::Argument { what, value, must: "finite and above 0".to_owned() }),
        };
        above_zero("epochs", self.epochs as f64)?;
        above_zero("batch", self.batch as f64)?;
        above_zero("rate", self.rate)?;
        above_zero("decay", self.decay)?;
        if let Some(Clip { norm, .. }) = self.clip {
            above_zero("clip.norm", norm)?;
        }
        let value = self.weight_decay;
        if !(value >= 0.0 && value.is_finite()) {
            let must = "finite and at least 0".to_owned();
            return Err(TrainError::Argument { what: "weight_decay", value, must });
        }
        self.optimizer.check()?;
        self.loss.check()
    }

    /// Adds the derivatives of the squares of weights, given the layout of the cell.
    pub(super) fn decay_weights<R: Real>(&self, parameters: &[R], gradient: &mut [R], cell: &Layout) {
        if self.weight_decay > 0.0 {
            let factor = R::of(2.0 * self.weight_decay);
            for range in weights(cell) {
                let pairs = gradient[range.clone()].iter_mut().zip(&parameters[range]);
                pairs.for_each(|(g, w)| *g += factor * *w);
            }
        }
    }

    /// The learning rate of a batch, counted from the start of training.
    pub(super) fn rate_at(&self, batch: usize, batches_per_epoch: usize) -> f64 {
        self.rate * libm::pow(self.decay, batch as f64 / batches_per_epoch as f64)
    }
}

/// Where the matrices of dense layers stand, by their names.
pub(super) fn weights(layout: &Layout) -> impl Iterator<Item = Range<usize>> {
    let matrices = layout.blocks().iter().filter(|block| block.name.ends_with(".weight"));
    matrices.map(|block| block.range.clone())
}

impl Clip {
    /// Makes a gradient shorter where it is too long.
    pub(super) fn shorten<R: Real>(self, gradient: &mut [R], layout: &Layout) {
        let shorten = |part: &mut [R]| {
            let norm = norm(part);
            if norm > self.norm {
                let factor = R::of(self.norm / norm);
                part.iter_mut().for_each(|g| *g *= factor);
            }
        };
        match self.each_block {
            true => layout.blocks().iter().for_each(|block| shorten(&mut gradient[block.range.clone()])),
            false => shorten(gradient),
        }
    }
}

/// The Euclidean norm.
pub(super) fn norm<R: Real>(values: &[R]) -> f64 {
    values.iter().map(|value| value.to_f64() * value.to_f64()).sum::<f64>().sqrt()
}
