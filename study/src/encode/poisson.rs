//! Poisson rate code: an independent coin every step.
//!
//! A spike with probability `p = rate_hz·dt·x/1000`, 1 where that is more: the Bernoulli limit of a
//! Poisson train, as snnTorch's `rate_conv` has it. Every channel draws from its own stream, keyed by
//! the seed and the node, one number a step whatever the value: a change in one channel leaves the
//! others as they were.

use ndarray::ArrayView1;
use rheobase_net::random::{Purpose, Stream};
use serde::{Deserialize, Serialize};

use super::{EncodeError, rate};

/// The Poisson rate encoder.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `rate_hz` | 100 | Hz | the rate of the value 1 |
/// | `signed` | false | – | a pair of nodes a channel, for positive and negative values |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Poisson {
    /// The rate of the value 1 \[Hz\], > 0 and at most one spike a step.
    pub rate_hz: f64,
    /// A pair of nodes a channel, for positive and negative values.
    pub signed: bool,
}

impl Default for Poisson {
    fn default() -> Self {
        Self { rate_hz: 100.0, signed: false }
    }
}

impl Poisson {
    pub(super) fn check(&self, dt: f64) -> Result<(), EncodeError> {
        rate(self.rate_hz, dt)
    }

    pub(super) fn steps(&self, values: ArrayView1<f64>, dt: f64, seed: u64, node: u64) -> Vec<u32> {
        let gain = self.rate_hz * dt / 1000.0;
        let mut stream = Stream::new(seed, Purpose::Encode, 1, node);
        let fires = |(step, x): (usize, &f64)| (stream.open01() < gain * x).then_some(step as u32);
        values.iter().enumerate().filter_map(fires).collect()
    }
}
