//! From a recording to the drive of an encoder: spectrum → normalization → population code → steps.
//!
//! ```text
//! audio ──log_mel──┐
//!                  ├─► frames ──Fitted::scale──► population ──► resample to dt ──► Drive
//! series ──────────┘
//! ```
//!
//! What has to be learned from data (the range of every channel) is learned by [`fit`] from the
//! training samples alone; [`Fitted::drive`] then treats training and test samples alike.

mod log_mel;
mod normalize;
mod population;
mod resample;

use std::ops::RangeInclusive;

use ndarray::Array2;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

pub use log_mel::{LogMel, log_mel};
pub use normalize::{Normalize, percentile};
pub use population::{Population, encode_population};
pub use resample::resample;

use crate::data::{Dataset, Sample, Signal};
use normalize::Scale;

/// The whole front end.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `log_mel` | see [`LogMel`] | – | the spectrum of audio |
/// | `frame_ms` | 10 | ms | the time between two frames of a series; audio has `log_mel.hop_ms` |
/// | `normalize` | peak for audio, range for a series | – | see [`Normalize`] |
/// | `population` | none | – | see [`Population`] |
/// | `dt` | 1 | ms | the length of a step of the drive |
/// | `min_steps` | 20 | – | the least number of steps of a drive |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FrontEnd {
    /// The spectrum of audio.
    pub log_mel: LogMel,
    /// Time between two frames of a series \[ms\], > 0: how long a sample lasts for the network.
    pub frame_ms: f64,
    /// How values are brought to a common range; by default [`Normalize::default_for`] the signal.
    pub normalize: Option<Normalize>,
    /// Several fields a channel in place of one value.
    pub population: Option<Population>,
    /// Length of a step of the drive \[ms\], > 0.
    pub dt: f64,
    /// The least number of steps of a drive.
    pub min_steps: usize,
}

impl Default for FrontEnd {
    fn default() -> Self {
        Self {
            log_mel: LogMel::default(),
            frame_ms: 10.0,
            normalize: None,
            population: None,
            dt: 1.0,
            min_steps: 20,
        }
    }
}

/// What an encoder turns into spikes: channel values that hold for a step each.
#[derive(Debug, Clone, PartialEq)]
pub struct Drive {
    /// The values; `[steps, channels]`.
    pub values: Array2<f64>,
    /// Length of a step \[ms\].
    pub dt: f64,
}

impl Drive {
    /// How long the drive lasts \[ms\].
    pub fn duration(&self) -> f64 {
        self.values.nrows() as f64 * self.dt
    }
}

/// A front end that has seen the training samples. Only [`fit`] makes one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fitted {
    front_end: FrontEnd,
    scale: Scale,
}

/// Why a front end cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FrontEndError {
    /// A parameter is out of its range.
    #[error("front end: {name} is {value}, and must be {must}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it must be.
        must: String,
    },
    /// The samples are spikes already.
    #[error("the samples are events, which need no front end: give them to the network as they are")]
    Events,
    /// No sample to learn the ranges from.
    #[error(
        "front end: there is no training sample to learn the range of the channels from: give a data set, or \
         set normalize to the kind \"peak\" or \"none\", which learn nothing"
    )]
    NoTraining,
    /// The highest filter lies beyond what the recording can hold.
    #[error(
        "front end: log_mel.f_high is {f_high} Hz, and audio at {rate_hz} Hz holds nothing above {nyquist} Hz: lower f_high"
    )]
    AboveNyquist {
        /// The upper edge of the filters \[Hz\].
        f_high: f64,
        /// The sampling rate \[Hz\].
        rate_hz: u32,
        /// Half of it.
        nyquist: f64,
    },
    /// A mel filter is so narrow that no frequency of the transform falls into it.
    #[error(
        "front end: mel filter {filter} ({low:.1} to {high:.1} Hz) falls between two frequencies {spacing:.1} Hz \
         apart: lower log_mel.n_mels or raise log_mel.fft_ms"
    )]
    EmptyFilter {
        /// The filter.
        filter: usize,
        /// Its lower edge \[Hz\].
        low: f64,
        /// Its upper edge \[Hz\].
        high: f64,
        /// The distance of two frequencies of the transform \[Hz\].
        spacing: f64,
    },
    /// A sample has another number of channels than those that the ranges come from.
    #[error("front end: the sample has {has} channels, and the front end was fitted to {fitted}")]
    Channels {
        /// The sample's channels.
        has: usize,
        /// The channels it was fitted to.
        fitted: usize,
    },
    /// The spectrum or the drive of a sample would be too large.
    #[error(
        "front end: {what} of a sample would have {rows:.0} × {channels} values, and the limit is {MAX_VALUES}: \
         {way_out}"
    )]
    TooLarge {
        /// The spectrum or the drive.
        what: &'static str,
        /// Its frames or steps.
        rows: f64,
        /// Its channels.
        channels: usize,
        /// What makes it smaller.
        way_out: &'static str,
    },
}

/// The most values of the spectrum or the drive of a sample: 512 MiB.
const MAX_VALUES: usize = 1 << 26;

/// Learns the ranges of the channels from the samples `train` of `dataset`, where the normalization
/// needs them. `O(values of the training samples)`.
///
/// # Errors
/// A [`FrontEndError`] if a parameter is out of range, or does not fit the samples.
///
/// # Panics
/// If an index in `train` is out of range.
pub fn fit(dataset: &Dataset, train: &[usize], front_end: &FrontEnd) -> Result<Fitted, FrontEndError> {
    let first = *train.first().ok_or(FrontEndError::NoTraining)?;
    let normalize = normalize_checked(&dataset.samples()[first].signal, front_end)?;
    let scale = if normalize.needs_training() {
        let read = |k: &usize| frames(&dataset.samples()[*k], front_end);
        let training = train.par_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Scale::fit(&normalize, &training)?
    } else {
        Scale::of_sample(&normalize)
    };
    Ok(Fitted { front_end: front_end.clone(), scale })
}

/// A front end for signals of the kind of `signal` that learns from nothing.
///
/// # Errors
/// [`FrontEndError::NoTraining`] if the normalization needs training samples; otherwise as [`fit`].
pub fn untrained(signal: &Signal, front_end: &FrontEnd) -> Result<Fitted, FrontEndError> {
    let normalize = normalize_checked(signal, front_end)?;
    if normalize.needs_training() {
        return Err(FrontEndError::NoTraining);
    }
    Ok(Fitted { front_end: front_end.clone(), scale: Scale::of_sample(&normalize) })
}

/// The normalization for signals of the kind of `signal`, when all parameters are in their ranges.
fn normalize_checked(signal: &Signal, front_end: &FrontEnd) -> Result<Normalize, FrontEndError> {
    check(front_end)?;
    let normalize = front_end.normalize.clone().unwrap_or_else(|| Normalize::default_for(signal));
    normalize.check()?;
    Ok(normalize)
}

impl Fitted {
    /// The front end as it was configured.
    pub fn front_end(&self) -> &FrontEnd {
        &self.front_end
    }

    /// The drive of one sample: its frames, normalized, resampled to `round(duration/dt)` steps and
    /// only then cut to the range of the normalization, in this order.
    ///
    /// # Errors
    /// A [`FrontEndError`] if the sample does not fit the front end.
    pub fn drive(&self, sample: &Sample) -> Result<Drive, FrontEndError> {
        let front_end = &self.front_end;
        let frames = frames(sample, front_end)?;
        let duration = match &sample.signal {
            Signal::Audio(audio) => audio.pcm.len() as f64 * 1000.0 / f64::from(audio.rate_hz),
            Signal::Series(_) => frames.nrows() as f64 * front_end.frame_ms,
            Signal::Events(_) => return Err(FrontEndError::Events),
        };
        let steps = (duration / front_end.dt).round_ties_even().max(front_end.min_steps as f64);
        let fields = front_end.population.as_ref().map_or(1, |population| population.fields);
        let channels = frames.ncols() * fields;
        let way_out = "raise dt or lower frame_ms, log_mel.n_mels or population.fields";
        if steps * channels as f64 > MAX_VALUES as f64 {
            return Err(FrontEndError::TooLarge { what: "the drive", rows: steps, channels, way_out });
        }
        let scaled = self.scale.apply(frames)?;
        let mut values = resample(scaled.view(), steps as usize);
        if let Some(range) = self.scale.range() {
            cut(&mut values, range);
        }
        if let Some(population) = &front_end.population {
            values = encode_population(values.view(), population);
        }
        Ok(Drive { values, dt: front_end.dt })
    }

    /// The drives of the samples of a data set, in their order.
    ///
    /// # Errors
    /// The [`FrontEndError`] of the first sample that has one.
    pub fn drives(&self, dataset: &Dataset) -> Result<Vec<Drive>, FrontEndError> {
        dataset.samples().par_iter().map(|sample| self.drive(sample)).collect()
    }
}

fn cut(values: &mut Array2<f64>, range: RangeInclusive<f64>) {
    values.mapv_inplace(|x| x.clamp(*range.start(), *range.end()));
}

/// The frames of a sample before normalization; `[frames, channels]`.
fn frames(sample: &Sample, front_end: &FrontEnd) -> Result<Array2<f64>, FrontEndError> {
    match &sample.signal {
        Signal::Audio(audio) => log_mel(audio, &front_end.log_mel),
        Signal::Series(values) => Ok(values.mapv(f64::from)),
        Signal::Events(_) => Err(FrontEndError::Events),
    }
}

fn check(front_end: &FrontEnd) -> Result<(), FrontEndError> {
    let FrontEnd { log_mel, frame_ms, normalize: _, population, dt, min_steps } = front_end;
    log_mel.check()?;
    positive("frame_ms", *frame_ms)?;
    positive("dt", *dt)?;
    if !(1..=MAX_VALUES).contains(min_steps) {
        let must = format!("between 1 and {MAX_VALUES}");
        return Err(FrontEndError::Parameter { name: "min_steps", value: *min_steps as f64, must });
    }
    population.as_ref().map_or(Ok(()), Population::check)
}

fn positive(name: &'static str, value: f64) -> Result<(), FrontEndError> {
    if value.is_finite() && value > 0.0 {
        return Ok(());
    }
    Err(FrontEndError::Parameter { name, value, must: "positive".into() })
}

#[cfg(test)]
mod tests;
