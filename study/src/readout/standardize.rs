//! Features of mean 0 and deviation 1.

use ndarray::{ArrayView1, ArrayView2};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Mean and deviation of every feature over the training samples.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Standard {
    mean: Vec<f64>,
    /// 1/deviation, and 0 for a constant feature, which so drops out.
    gain: Vec<f64>,
}

/// A deviation below this part of the mean is the rounding of a constant.
const ROUNDING: f64 = 1e-12;

impl Standard {
    pub(super) fn fit(features: ArrayView2<f64>) -> Self {
        let n = features.nrows() as f64;
        let of = |k: usize| {
            let column = features.column(k);
            let mean = column.iter().sum::<f64>() / n;
            let deviation = (column.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt();
            let varies = deviation > ROUNDING * mean.abs();
            (mean, if varies { deviation.recip() } else { 0.0 })
        };
        let (mean, gain) = (0..features.ncols()).into_par_iter().map(of).unzip();
        Self { mean, gain }
    }

    pub(super) fn width(&self) -> usize {
        self.mean.len()
    }

    /// The standardized features of one sample.
    pub(super) fn apply<'a>(&'a self, row: ArrayView1<'a, f64>) -> impl Iterator<Item = f64> + 'a {
        let scaled = self.mean.iter().zip(&self.gain);
        row.into_iter().zip(scaled).map(|(x, (mean, gain))| (x - mean) * gain)
    }
}
