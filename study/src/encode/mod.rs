//! Spikes from values: one file per encoder, one signature.
//!
//! A value holds for a step, from `t·dt` to `(t + 1)·dt`, and its spike is stamped at the end of the
//! step, as the grid scheduler stamps its own: no spike comes before what caused it.
//!
//! Every encoder fires at most once a step and channel, and takes negative values for 0. An encoder
//! that is `signed` gives channel `c` two nodes: `2c` fires for positive values, `2c + 1` for
//! negative ones.

mod hair_cell;
mod poisson;
mod regular;

use ndarray::{Array2, ArrayView2};
use rand::Rng;
use rayon::prelude::*;
use rheobase_net::SpikeTrain;
use rheobase_net::random::{Purpose, Stream};
use serde::{Deserialize, Serialize};

pub use hair_cell::HairCell;
pub use poisson::Poisson;
pub use regular::Regular;

use crate::front_end::Drive;

/// How values become spikes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Encoder {
    /// Evenly spaced spikes.
    Regular(Regular),
    /// Spikes at random.
    Poisson(Poisson),
    /// A leaky integrator a channel.
    HairCell(HairCell),
}

impl Default for Encoder {
    fn default() -> Self {
        Self::Regular(Regular::default())
    }
}

/// Why values cannot be encoded.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A parameter is out of its range.
    #[error("encoder: {name} is {value}, and must be {must}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it must be.
        must: &'static str,
    },
    /// A rate is higher than one spike a step.
    #[error("encoder: {rate_hz} Hz is more than one spike in a step of {dt} ms: lower the rate or dt")]
    Rate {
        /// The rate of the value 1 \[Hz\].
        rate_hz: f64,
        /// The step \[ms\].
        dt: f64,
    },
    /// A value is NaN or infinite.
    #[error("encoder: the value of channel {channel} at step {step} is {value}: values must be finite")]
    NotFinite {
        /// The step.
        step: usize,
        /// The channel.
        channel: usize,
        /// What it is.
        value: f64,
    },
    /// More channels than nodes can be counted.
    #[error("encoder: {channels} channels are more than {}", u32::MAX / 2)]
    TooManyChannels {
        /// The number of channels.
        channels: usize,
    },
}

/// Spikes from the values `signal`, `[steps, channels]`, that hold for `dt` \[ms\] each. Only a
/// stochastic encoder looks at the seed; use [`sample_seed`] to give every sample its own.
///
/// # Errors
/// An [`EncodeError`] if a parameter is out of range or a value is not finite.
pub fn encode(
    signal: ArrayView2<f64>,
    dt: f64,
    encoder: &Encoder,
    seed: u64,
) -> Result<SpikeTrain, EncodeError> {
    positive("dt", dt)?;
    let signed = match encoder {
        Encoder::Regular(regular) => regular.check(dt).map(|()| regular.signed)?,
        Encoder::Poisson(poisson) => poisson.check(dt).map(|()| poisson.signed)?,
        Encoder::HairCell(hair_cell) => hair_cell.check().map(|()| hair_cell.signed)?,
    };
    let channels = signal.ncols();
    if channels > (u32::MAX / 2) as usize {
        return Err(EncodeError::TooManyChannels { channels });
    }
    if let Some(((step, channel), value)) = signal.indexed_iter().find(|(_, value)| !value.is_finite()) {
        return Err(EncodeError::NotFinite { step, channel, value: *value });
    }
    let drive = if signed { split_signs(signal) } else { signal.mapv(|x| x.max(0.0)) };
    let fired: Vec<Vec<u32>> = drive
        .columns()
        .into_iter()
        .enumerate()
        .map(|(node, values)| match encoder {
            Encoder::Regular(regular) => regular.steps(values, dt),
            Encoder::Poisson(poisson) => poisson.steps(values, dt, seed, node as u64),
            Encoder::HairCell(hair_cell) => hair_cell.steps(values, dt),
        })
        .collect();
    Ok(train(&fired, dt))
}

/// Spikes of the drives of a data set, in their order; sample `k` has the seed `sample_seed(seed, k)`.
///
/// # Errors
/// The [`EncodeError`] of the first sample that has one.
pub fn encode_drives(drives: &[Drive], encoder: &Encoder, seed: u64) -> Result<Vec<SpikeTrain>, EncodeError> {
    let one = |(k, drive): (usize, &Drive)| {
        encode(drive.values.view(), drive.dt, encoder, sample_seed(seed, k as u64))
    };
    drives.par_iter().enumerate().map(one).collect()
}

/// The seed of sample `sample` in a study with the seed `seed`: any sample can be encoded alone and
/// has the same spikes as among the others.
pub fn sample_seed(seed: u64, sample: u64) -> u64 {
    Stream::new(seed, Purpose::Encode, 0, sample).next_u64()
}

/// Channel `c` → `2c`, its positive part, and `2c + 1`, its negative part.
fn split_signs(signal: ArrayView2<f64>) -> Array2<f64> {
    let (steps, channels) = signal.dim();
    Array2::from_shape_fn((steps, 2 * channels), |(t, node)| {
        let x = signal[[t, node / 2]];
        if node % 2 == 0 { x.max(0.0) } else { (-x).max(0.0) }
    })
}

/// A train from the steps, ascending, in which every node has fired.
fn train(fired: &[Vec<u32>], dt: f64) -> SpikeTrain {
    let spikes = fired.iter().enumerate();
    let mut spikes: Vec<(u32, u32)> =
        spikes.flat_map(|(node, steps)| steps.iter().map(move |step| (*step, node as u32))).collect();
    spikes.sort_unstable();
    let time = |step: u32| (f64::from(step) + 1.0) * dt;
    let (times, nodes) = spikes.into_iter().map(|(step, node)| (time(step), node)).unzip();
    SpikeTrain::from_sorted(fired.len() as u32, times, nodes).expect("steps are sorted and times finite")
}

fn positive(name: &'static str, value: f64) -> Result<(), EncodeError> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(EncodeError::Parameter { name, value, must: "positive" })
}

/// A rate of the value 1 that leaves at most one spike a step.
fn rate(rate_hz: f64, dt: f64) -> Result<(), EncodeError> {
    positive("rate_hz", rate_hz)?;
    if rate_hz * dt > 1000.0 { Err(EncodeError::Rate { rate_hz, dt }) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
