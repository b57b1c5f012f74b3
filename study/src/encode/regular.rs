//! Regular rate code: a spike whenever the summed rate passes another whole number.
//!
//! With `g = rate_hz·dt/1000`, step `t` has a spike if `⌊Σ_{s≤t} g·x_s + ½⌋` is larger than a step
//! before. A constant value fires at equal distances, without the noise of a Poisson train of the
//! same rate. A value above `1/g` saturates at one spike a step.

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use super::{EncodeError, rate};

/// The regular rate encoder.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `rate_hz` | 100 | Hz | the rate of the value 1 |
/// | `signed` | false | – | a pair of nodes a channel, for positive and negative values |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Regular {
    /// The rate of the value 1 \[Hz\], > 0 and at most one spike a step.
    pub rate_hz: f64,
    /// A pair of nodes a channel, for positive and negative values.
    pub signed: bool,
}

impl Default for Regular {
    fn default() -> Self {
        Self { rate_hz: 100.0, signed: false }
    }
}

impl Regular {
    pub(super) fn check(&self, dt: f64) -> Result<(), EncodeError> {
        rate(self.rate_hz, dt)
    }

    pub(super) fn steps(&self, values: ArrayView1<f64>, dt: f64) -> Vec<u32> {
        let gain = self.rate_hz * dt / 1000.0;
        let (mut sum, mut before) = (0.0, 0.0);
        let fires = |(step, x): (usize, &f64)| {
            sum += gain * x;
            let whole = (sum + 0.5_f64).floor();
            (std::mem::replace(&mut before, whole) < whole).then_some(step as u32)
        };
        values.iter().enumerate().filter_map(fires).collect()
    }
}
