//! Gaussian population code: several fields share a channel.
//!
//! Field `i` of `n` has its center at `low + i·(high − low)/(n − 1)` and answers
//! `exp(−(x − center)²/2σ²)`. So a value becomes a place, and both a low and a high value make spikes
//! (Bohte, Kok and La Poutré 2002, doi 10.1016/S0925-2312(01)00658-0, with other centers and widths).

use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::{FrontEndError, positive};

/// Fields of a channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Population {
    /// Fields a channel, 2 or more.
    pub fields: usize,
    /// Center of the first field, in units of the normalized signal.
    pub low: f64,
    /// Center of the last field, > `low`.
    pub high: f64,
    /// Width σ of a field, > 0; half the distance of two centers if it is not given.
    pub sigma: Option<f64>,
}

impl Default for Population {
    fn default() -> Self {
        Self { fields: 5, low: 0.0, high: 1.0, sigma: None }
    }
}

/// The most fields a channel.
const MAX_FIELDS: usize = 1024;

impl Population {
    pub(super) fn check(&self) -> Result<(), FrontEndError> {
        let Self { fields, low, high, sigma } = self;
        if !(2..=MAX_FIELDS).contains(fields) {
            let must = format!("between 2 and {MAX_FIELDS}");
            return Err(FrontEndError::Parameter { name: "population.fields", value: *fields as f64, must });
        }
        if !(low.is_finite() && high.is_finite() && low < high) {
            let must = format!("above population.low, {low}");
            return Err(FrontEndError::Parameter { name: "population.high", value: *high, must });
        }
        sigma.map_or(Ok(()), |sigma| positive("population.sigma", sigma))
    }
}

/// The answers of the fields; `[steps, channels·fields]`, the fields of a channel side by side.
pub fn encode_population(values: ArrayView2<f64>, population: &Population) -> Array2<f64> {
    let Population { fields, low, high, sigma } = *population;
    let distance = (high - low) / (fields - 1) as f64;
    let sigma = sigma.unwrap_or(distance / 2.0);
    let (steps, channels) = values.dim();
    Array2::from_shape_fn((steps, channels * fields), |(t, k)| {
        let center = low + distance * (k % fields) as f64;
        let z = (values[[t, k / fields]] - center) / sigma;
        libm::exp(-0.5 * z * z)
    })
}
