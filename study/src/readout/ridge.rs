//! The linear algebra of the readout, on `faer`.
//!
//! Samples are put in the order of their inner folds, so that a fold is a range of columns. Everything
//! that depends on the strength α comes from one Cholesky factor, in the form that costs less:
//!
//! ```text
//! few features:   ZᵀZ + αI = LLᵀ,  V = L⁻¹Zᵀ  →  I − H = I − VᵀV − 11ᵀ/n
//! many features:  ZZᵀ + αI = LLᵀ,  V = L⁻¹    →  I − H = α·VᵀV − 11ᵀ/n     (the dual form)
//! ```
//!
//! with `11ᵀ/n` for the bias. `faer` is asked to work in one thread at every place, because the order
//! of its sums may depend on their number; the product ZᵀZ is cut into panels of fixed width that
//! threads share.

use std::ops::Range;

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{
    LltParams, LltRegularization, cholesky_in_place, cholesky_in_place_scratch,
};
use faer::linalg::matmul::matmul;
use faer::linalg::triangular_inverse::invert_lower_triangular;
use faer::linalg::triangular_solve::{solve_lower_triangular_in_place, solve_upper_triangular_in_place};
use faer::{Accum, Mat, MatRef, Par, Spec};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use rayon::prelude::*;

use super::standardize::Standard;
use super::{Candidate, ReadoutError, highest};

/// Columns of a panel of the Gram matrix.
const PANEL: usize = 128;

/// The training data, ready for any strength.
pub(super) struct Problem {
    /// Standardized features, a column a sample; `[features, samples]`.
    z: Mat<f64>,
    /// Targets ±1 less their mean; `[samples, classes]`.
    y: Mat<f64>,
    /// Mean target of every class.
    mean_y: Array1<f64>,
    labels: Vec<u32>,
    /// The columns of every inner fold.
    folds: Vec<Range<usize>>,
    /// The lower half of ZᵀZ, or of ZZᵀ in the dual form.
    gram: Mat<f64>,
    dual: bool,
}

impl Problem {
    pub(super) fn new(
        standard: &Standard,
        features: ArrayView2<f64>,
        labels: &[u32],
        n_classes: usize,
        folds: &[u32],
    ) -> Self {
        let n = labels.len();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by_key(|sample| folds[*sample]);
        let mut z = Mat::zeros(standard.width(), n);
        for (column, sample) in order.iter().enumerate() {
            let row = features.index_axis(Axis(0), *sample);
            for (place, value) in z.col_as_slice_mut(column).iter_mut().zip(standard.apply(row)) {
                *place = value;
            }
        }
        let labels: Vec<u32> = order.iter().map(|sample| labels[*sample]).collect();
        let target = |sample: usize, class: usize| if labels[sample] as usize == class { 1.0 } else { -1.0 };
        let mean = |class| (0..n).map(|sample| target(sample, class)).sum::<f64>() / n as f64;
        let mean_y: Array1<f64> = (0..n_classes).map(mean).collect();
        let y = Mat::from_fn(n, n_classes, |sample, class| target(sample, class) - mean_y[class]);
        let ranges = (0..n).collect::<Vec<_>>();
        let ranges = ranges.chunk_by(|a, b| folds[order[*a]] == folds[order[*b]]);
        let folds = ranges.map(|range| range[0]..range[range.len() - 1] + 1).collect();
        // Factor and V cost f³/3 + n·f² by features and 2n³/3 by samples: equal at f ≈ 0.74·n.
        let dual = 4 * standard.width() > 3 * n;
        let gram = if dual { gram(z.as_ref()) } else { gram(z.transpose().to_owned().as_ref()) };
        Self { z, y, mean_y, labels, folds, gram, dual }
    }

    /// Weights `[features, classes]` and bias for the strength α.
    pub(super) fn solve(&self, strength: f64) -> Result<(Array2<f64>, Array1<f64>), ReadoutError> {
        let factor = self.factor(strength)?;
        let weights = if self.dual {
            product(self.z.as_ref(), solve(&factor, self.y.clone()).as_ref())
        } else {
            solve(&factor, product(self.z.as_ref(), self.y.as_ref()))
        };
        let weights = Array2::from_shape_fn((weights.nrows(), weights.ncols()), |(i, j)| weights[(i, j)]);
        Ok((weights, self.mean_y.clone()))
    }

    /// How the strength α does on inner folds that are left out, one at a time.
    pub(super) fn left_out(&self, strength: f64) -> Result<Candidate, ReadoutError> {
        let (n, n_classes) = (self.y.nrows(), self.y.ncols());
        let factor = self.factor(strength)?;
        // The residuals of the full fit, and V.
        let (residual, v) = if self.dual {
            let mut v = Mat::zeros(n, n);
            invert_lower_triangular(v.as_mut(), factor.as_ref(), Par::Seq);
            let residual = solve(&factor, self.y.clone()) * faer::Scale(strength);
            (residual, v)
        } else {
            let mut v = self.z.clone();
            solve_lower_triangular_in_place(factor.as_ref(), v.as_mut(), Par::Seq);
            let fitted = product(v.transpose(), product(v.as_ref(), self.y.as_ref()).as_ref());
            (&self.y - fitted, v)
        };
        let (mut right, mut squares) = (0_usize, 0.0);
        for fold in &self.folds {
            // V is lower triangular in the dual form: nothing above its diagonal.
            let top = if self.dual { fold.start } else { 0 };
            let block = v.submatrix(top, fold.start, v.nrows() - top, fold.len());
            let mut rest = product(block.transpose(), block);
            for j in 0..fold.len() {
                for (i, value) in rest.col_as_slice_mut(j).iter_mut().enumerate() {
                    let identity = if i == j { 1.0 } else { 0.0 };
                    *value = if self.dual { strength * *value } else { identity - *value } - 1.0 / n as f64;
                }
            }
            let rest = cholesky(rest).ok_or(ReadoutError::Singular { strength })?;
            let left_out = solve(&rest, residual.subrows(fold.start, fold.len()).to_owned());
            for (row, sample) in fold.clone().enumerate() {
                squares += (0..n_classes).map(|class| left_out[(row, class)].powi(2)).sum::<f64>();
                let scores = (0..n_classes)
                    .map(|class| self.y[(sample, class)] + self.mean_y[class] - left_out[(row, class)]);
                right += usize::from(highest(scores) == self.labels[sample]);
            }
        }
        let accuracy = right as f64 / n as f64;
        Ok(Candidate { strength, accuracy, squared_error: squares / (n * n_classes) as f64 })
    }

    fn factor(&self, strength: f64) -> Result<Mat<f64>, ReadoutError> {
        let mut gram = self.gram.clone();
        (0..gram.nrows()).for_each(|k| gram[(k, k)] += strength);
        cholesky(gram).ok_or(ReadoutError::Singular { strength })
    }
}

/// The lower half of `columnsᵀ·columns`.
fn gram(columns: MatRef<f64>) -> Mat<f64> {
    let n = columns.ncols();
    let mut gram = Mat::zeros(n, n);
    gram.as_mut().par_col_chunks_mut(PANEL).enumerate().for_each(|(k, panel)| {
        let first = k * PANEL;
        let width = panel.ncols();
        let below = panel.subrows_mut(first, n - first);
        let (rows, cols) = (columns.subcols(first, n - first), columns.subcols(first, width));
        matmul(below, Accum::Replace, rows.transpose(), cols, 1.0, Par::Seq);
    });
    gram
}

fn product(a: MatRef<f64>, b: MatRef<f64>) -> Mat<f64> {
    let mut out = Mat::zeros(a.nrows(), b.ncols());
    matmul(out.as_mut(), Accum::Replace, a, b, 1.0, Par::Seq);
    out
}

/// The Cholesky factor in the lower half of a matrix given by its lower half, if it is positive definite.
fn cholesky(mut matrix: Mat<f64>) -> Option<Mat<f64>> {
    let params = Spec::<LltParams, f64>::default();
    let scratch = cholesky_in_place_scratch::<f64>(matrix.nrows(), Par::Seq, params);
    let mut memory = MemBuffer::new(scratch);
    let stack = MemStack::new(&mut memory);
    let regularization = LltRegularization::default();
    cholesky_in_place(matrix.as_mut(), regularization, Par::Seq, stack, params).ok()?;
    (0..matrix.nrows()).all(|k| matrix[(k, k)].is_finite()).then_some(matrix)
}

/// `(LLᵀ)⁻¹·rhs`.
fn solve(factor: &Mat<f64>, mut rhs: Mat<f64>) -> Mat<f64> {
    solve_lower_triangular_in_place(factor.as_ref(), rhs.as_mut(), Par::Seq);
    solve_upper_triangular_in_place(factor.transpose(), rhs.as_mut(), Par::Seq);
    rhs
}
