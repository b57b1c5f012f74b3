//! The trained part of the study: ridge regression on standardized features.
//!
//! Targets are +1 for the class of a sample and −1 for all others; the class with the highest score is
//! the answer. With standardized features Z (mean and deviation of the training samples alone, constant
//! features left out) and a bias that is not penalized, the weights are
//!
//! ```text
//! W = (ZᵀZ + αI)⁻¹ Zᵀ(Y − Ȳ) = Zᵀ(ZZᵀ + αI)⁻¹ (Y − Ȳ)        bias = Ȳ
//! ```
//!
//! whichever costs less. The strength α comes from a grid, inside the training
//! data: for every α the answers to each inner fold are those of a readout that has not seen it. They
//! need no refit, for the residual of a left-out block of a penalized least-squares fit is
//! `(I − H_gg)⁻¹ e_g`, with the hat matrix H and the residual e of the full fit (the block form of
//! Allen's PRESS; Golub, Heath and Wahba 1979, doi 10.1080/00401706.1979.10489751). It is exact for
//! the scale of the features as the whole training part has it. The best accuracy wins; of equals, the
//! smallest squared error; of equals, the larger α.
//!
//! Cost for n samples, f features, m = min(n, f), inner folds of b samples: `O(n·f·m)` once, and for
//! every α `O(m³ + n·m² + n·m·b + n·b²)`. Strengths run in parallel, each in one thread, and every sum
//! has a fixed order: the same bits for any number of threads.

mod ridge;
mod standardize;

use ndarray::{Array1, Array2, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use ridge::Problem;
use standardize::Standard;

/// The readout's configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ridge {
    /// The strengths α to choose from, > 0, for features of deviation 1; one alone is taken as it is.
    /// By default 17, two a decade, from 0.01 to 1,000,000.
    pub strengths: Vec<f64>,
}

impl Default for Ridge {
    fn default() -> Self {
        Self { strengths: (-4..=12).map(|half| libm::exp10(f64::from(half) / 2.0)).collect() }
    }
}

/// What a readout learns from.
#[derive(Debug, Clone, Copy)]
pub struct Training<'a> {
    /// The features; `[samples, features]`.
    pub features: ArrayView2<'a, f64>,
    /// The class of every sample.
    pub labels: &'a [u32],
    /// The number of classes.
    pub n_classes: usize,
    /// The inner fold of every sample, any numbers; two folds or more. See
    /// [`inner_folds`](crate::protocol::inner_folds).
    pub folds: &'a [u32],
}

/// A trained readout. Only [`fit`] makes one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Readout {
    standard: Standard,
    /// `[features, classes]`.
    weights: Array2<f64>,
    /// `[classes]`.
    bias: Array1<f64>,
    strength: f64,
    candidates: Vec<Candidate>,
}

/// How a strength did inside the training data.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The strength α.
    pub strength: f64,
    /// The share of right answers on inner folds that were left out.
    pub accuracy: f64,
    /// The mean squared error there, over samples and classes.
    pub squared_error: f64,
}

/// Why a readout cannot be trained or asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadoutError {
    /// Lists do not belong to the same samples.
    #[error("readout: {len} {what} for {samples} samples: give one a sample")]
    Lengths {
        /// `labels` or `folds`.
        what: &'static str,
        /// How many there are.
        len: usize,
        /// The number of samples.
        samples: usize,
    },
    /// Nothing to learn from.
    #[error("readout: there are {samples} samples with {features} features: there must be some of both")]
    Empty {
        /// The number of samples.
        samples: usize,
        /// The number of features.
        features: usize,
    },
    /// A label names a class that is not there.
    #[error("readout: sample {sample} has the label {label}, and there are {n_classes} classes")]
    Label {
        /// The sample.
        sample: usize,
        /// Its label.
        label: u32,
        /// The number of classes.
        n_classes: usize,
    },
    /// A class has no training sample.
    #[error("readout: class {class} has no training sample: it could never be the answer")]
    EmptyClass {
        /// The class.
        class: usize,
    },
    /// All samples are in one inner fold.
    #[error("readout: all samples are in one inner fold, and a choice of strengths needs two or more")]
    OneFold,
    /// No strength, or one that is not positive.
    #[error("readout: the strengths are {strengths:?}: give one or more, all positive")]
    Strengths {
        /// The strengths.
        strengths: Vec<f64>,
    },
    /// A feature is NaN, infinite or too large to be squared.
    #[error("readout: feature {feature} of sample {sample} is {value}: features must lie within ±{LIMIT:e}")]
    Value {
        /// The sample.
        sample: usize,
        /// The feature.
        feature: usize,
        /// What it is.
        value: f64,
    },
    /// The equations cannot be solved in double precision.
    #[error("readout: the strength {strength:e} is too small for these features: raise it")]
    Singular {
        /// The strength.
        strength: f64,
    },
    /// Other features than those it was trained on.
    #[error("readout: the samples have {has} features, and the readout was trained on {trained}")]
    Features {
        /// The number of features.
        has: usize,
        /// The number it was trained on.
        trained: usize,
    },
}

/// Features must be smaller than this, so that sums of their squares are finite.
const LIMIT: f64 = 1e100;

/// Trains a readout.
///
/// # Errors
/// A [`ReadoutError`] if the lists do not fit, or no solution can be had.
pub fn fit(training: &Training, config: &Ridge) -> Result<Readout, ReadoutError> {
    check(training, config)?;
    let Training { features, labels, n_classes, folds } = *training;
    let standard = Standard::fit(features);
    let problem = Problem::new(&standard, features, labels, n_classes, folds);
    let candidates = match config.strengths.as_slice() {
        [_] => Vec::new(),
        strengths => {
            let tried = strengths.par_iter().map(|strength| problem.left_out(*strength));
            tried.collect::<Result<Vec<_>, _>>()?
        }
    };
    let strength =
        candidates.iter().copied().reduce(better).map_or(config.strengths[0], |best| best.strength);
    let (weights, bias) = problem.solve(strength)?;
    Ok(Readout { standard, weights, bias, strength, candidates })
}

fn better(a: Candidate, b: Candidate) -> Candidate {
    let order = a
        .accuracy
        .total_cmp(&b.accuracy)
        .then(b.squared_error.total_cmp(&a.squared_error))
        .then(a.strength.total_cmp(&b.strength));
    if order.is_ge() { a } else { b }
}

impl Readout {
    /// The strength that was chosen.
    pub fn strength(&self) -> f64 {
        self.strength
    }

    /// How every strength did inside the training data; empty if there was no choice.
    pub fn candidates(&self) -> &[Candidate] {
        &self.candidates
    }

    /// The weights of the standardized features; `[features, classes]`.
    pub fn weights(&self) -> ArrayView2<'_, f64> {
        self.weights.view()
    }

    /// The score of every class for samples with `features`, `[samples, features]`;
    /// `[samples, classes]`.
    ///
    /// # Errors
    /// [`ReadoutError::Features`] or [`ReadoutError::Value`] if the features do not fit.
    pub fn scores(&self, features: ArrayView2<f64>) -> Result<Array2<f64>, ReadoutError> {
        let (has, trained) = (features.ncols(), self.weights.nrows());
        if has != trained {
            return Err(ReadoutError::Features { has, trained });
        }
        check_values(features)?;
        let mut scores = Array2::zeros((features.nrows(), self.bias.len()));
        for (row, mut scores) in features.rows().into_iter().zip(scores.rows_mut()) {
            scores.assign(&self.bias);
            for (z, weights) in self.standard.apply(row).zip(self.weights.rows()) {
                scores.scaled_add(z, &weights);
            }
        }
        Ok(scores)
    }

    /// The answer for every sample: the class with the highest score, the first of equals.
    ///
    /// # Errors
    /// As [`Readout::scores`].
    pub fn answers(&self, features: ArrayView2<f64>) -> Result<Vec<u32>, ReadoutError> {
        Ok(self.scores(features)?.rows().into_iter().map(|row| highest(row.iter().copied())).collect())
    }
}

/// The place of the highest score, the first of equals.
fn highest(scores: impl Iterator<Item = f64>) -> u32 {
    let first = (0, f64::NEG_INFINITY);
    scores.zip(0..).fold(first, |best, (score, class)| if score > best.1 { (class, score) } else { best }).0
}

fn check(training: &Training, config: &Ridge) -> Result<(), ReadoutError> {
    let Training { features, labels, n_classes, folds } = *training;
    let (samples, width) = features.dim();
    for (what, len) in [("labels", labels.len()), ("folds", folds.len())] {
        if len != samples {
            return Err(ReadoutError::Lengths { what, len, samples });
        }
    }
    if samples == 0 || width == 0 {
        return Err(ReadoutError::Empty { samples, features: width });
    }
    let mut trained = vec![false; n_classes];
    for (sample, label) in labels.iter().enumerate() {
        match trained.get_mut(*label as usize) {
            Some(trained) => *trained = true,
            None => return Err(ReadoutError::Label { sample, label: *label, n_classes }),
        }
    }
    if let Some(class) = trained.iter().position(|trained| !trained) {
        return Err(ReadoutError::EmptyClass { class });
    }
    let positive = |strength: &f64| strength.is_finite() && *strength > 0.0;
    if config.strengths.is_empty() || !config.strengths.iter().all(positive) {
        return Err(ReadoutError::Strengths { strengths: config.strengths.clone() });
    }
    if config.strengths.len() > 1 && folds.iter().all(|fold| *fold == folds[0]) {
        return Err(ReadoutError::OneFold);
    }
    check_values(features)
}

fn check_values(features: ArrayView2<f64>) -> Result<(), ReadoutError> {
    let bad = features.indexed_iter().find(|(_, value)| value.is_nan() || value.abs() >= LIMIT);
    match bad {
        Some(((sample, feature), value)) => Err(ReadoutError::Value { sample, feature, value: *value }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
