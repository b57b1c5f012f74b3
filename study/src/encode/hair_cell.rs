//! Hair cell: a leaky integrate-and-fire unit a channel.
//!
//! ```text
//! v ← v·exp(−dt/tau) + x·dt        every step that is not refractory
//! v ≥ threshold  →  spike, v ← 0, and t_ref in which v stays 0 and values are lost
//! ```
//!
//! The threshold is reached by `≥`; the value of a step acts in that step. `threshold` is in units of
//! value × ms: a constant value x fires if `x·dt/(1 − exp(−dt/tau)) ≥ threshold`, which is about
//! `x·tau`. With tau 40, threshold 2 and steps of 1 ms this is the reference encoder of the anchors.
//! `t_ref` counts whole steps, rounded.

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

use super::{EncodeError, positive};

/// The hair-cell encoder.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `tau` | 40 | ms | time constant of the leak |
/// | `threshold` | 2 | value·ms | where the cell fires |
/// | `t_ref` | 1 | ms | refractory time |
/// | `signed` | false | – | a pair of nodes a channel, for positive and negative values |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HairCell {
    /// Time constant of the leak \[ms\], > 0.
    pub tau: f64,
    /// Where the cell fires \[value·ms\], > 0.
    pub threshold: f64,
    /// Refractory time \[ms\], ≥ 0.
    pub t_ref: f64,
    /// A pair of nodes a channel, for positive and negative values.
    pub signed: bool,
}

impl Default for HairCell {
    fn default() -> Self {
        Self { tau: 40.0, threshold: 2.0, t_ref: 1.0, signed: false }
    }
}

impl HairCell {
    pub(super) fn check(&self) -> Result<(), EncodeError> {
        let Self { tau, threshold, t_ref, signed: _ } = *self;
        positive("tau", tau)?;
        positive("threshold", threshold)?;
        if t_ref.is_finite() && t_ref >= 0.0 {
            return Ok(());
        }
        Err(EncodeError::Parameter { name: "t_ref", value: t_ref, must: "0 or more" })
    }

    pub(super) fn steps(&self, values: ArrayView1<f64>, dt: f64) -> Vec<u32> {
        let decay = libm::exp(-dt / self.tau);
        let refractory = (self.t_ref / dt).round_ties_even() as u64;
        let (mut v, mut wait) = (0.0, 0);
        let mut fired = Vec::new();
        for (step, x) in values.iter().enumerate() {
            if wait > 0 {
                wait -= 1;
                continue;
            }
            v = v * decay + x * dt;
            if v >= self.threshold {
                fired.push(step as u32);
                v = 0.0;
                wait = refractory;
            }
        }
        fired
    }
}
