//! Bringing the values of a signal to a common range.

use std::ops::RangeInclusive;

use ndarray::{Array1, Array2, Axis};
use serde::{Deserialize, Serialize};

use super::{FrontEndError, positive};
use crate::data::Signal;

/// How values are brought to a common range.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Normalize {
    /// As they are.
    None,
    /// Relative to the peak of the utterance itself: `x = (l − (p − r))/r`, where `p` is a percentile
    /// of all log-mel values of the clip and `r` the dynamic range in powers of ten; then cut to
    /// \[0, ceiling\]. Takes out the loudness of speaker and microphone. Needs no training.
    Peak {
        /// The percentile taken for the peak, 0 to 100.
        #[serde(default = "default_peak")]
        percentile: f64,
        /// The dynamic range \[dB\], > 0.
        #[serde(default = "default_range_db")]
        range_db: f64,
        /// The largest value, > 0.
        #[serde(default = "default_ceiling")]
        ceiling: f64,
        /// The share of every channel's own mean, as far as it departs from the mean of all, that is
        /// taken out before, in \[0, 1\]: what microphone and vocal tract add to all sounds alike.
        #[serde(default)]
        center: f64,
    },
    /// Every channel by two of its percentiles over the training samples, `low` to 0 and `high` to 1;
    /// then cut to \[0, ceiling\].
    Range {
        /// The percentile that becomes 0.
        #[serde(default = "default_low")]
        low: f64,
        /// The percentile that becomes 1, > `low`.
        #[serde(default = "default_high")]
        high: f64,
        /// The largest value, > 0.
        #[serde(default = "default_ceiling")]
        ceiling: f64,
    },
    /// Every channel to mean 0 and deviation 1 over the training samples, cut to ±`limit`. The result
    /// has signs: give the encoder a pair of channels for it.
    Standard {
        /// The largest value, > 0.
        #[serde(default = "default_limit")]
        limit: f64,
    },
}

fn default_peak() -> f64 {
    99.5
}

fn default_range_db() -> f64 {
    35.0
}

fn default_ceiling() -> f64 {
    1.2
}

fn default_low() -> f64 {
    1.0
}

fn default_high() -> f64 {
    99.0
}

fn default_limit() -> f64 {
    4.0
}

impl Normalize {
    /// Utterance-peak normalization for audio, ranges of the channels for a series.
    pub fn default_for(signal: &Signal) -> Self {
        match signal {
            Signal::Audio(_) => Self::Peak {
                percentile: default_peak(),
                range_db: default_range_db(),
                ceiling: default_ceiling(),
                center: 0.0,
            },
            Signal::Series(_) => {
                Self::Range { low: default_low(), high: default_high(), ceiling: default_ceiling() }
            }
            Signal::Events(_) => Self::None,
        }
    }

    pub(super) fn needs_training(&self) -> bool {
        match self {
            Self::None | Self::Peak { .. } => false,
            Self::Range { .. } | Self::Standard { .. } => true,
        }
    }

    pub(super) fn check(&self) -> Result<(), FrontEndError> {
        let percent = |name, value: f64, must: &str, fits: bool| match fits {
            true => Ok(()),
            false => Err(FrontEndError::Parameter { name, value, must: must.into() }),
        };
        match self {
            Self::None => Ok(()),
            Self::Peak { percentile: p, range_db, ceiling, center } => {
                percent("normalize.percentile", *p, "between 0 and 100", (0.0..=100.0).contains(p))?;
                positive("normalize.range_db", *range_db)?;
                percent("normalize.center", *center, "between 0 and 1", (0.0..=1.0).contains(center))?;
                positive("normalize.ceiling", *ceiling)
            }
            Self::Range { low, high, ceiling } => {
                percent("normalize.low", *low, "between 0 and 100", (0.0..=100.0).contains(low))?;
                let fits = (0.0..=100.0).contains(high) && high > low;
                percent("normalize.high", *high, "above normalize.low and at most 100", fits)?;
                positive("normalize.ceiling", *ceiling)
            }
            Self::Standard { limit } => positive("normalize.limit", *limit),
        }
    }
}

/// A normalization with all that it had to learn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Scale {
    None,
    Peak {
        percentile: f64,
        range_db: f64,
        ceiling: f64,
        center: f64,
    },
    /// `(x − offset)·gain` in every channel, cut to `low..=high`.
    Channels {
        offset: Vec<f64>,
        gain: Vec<f64>,
        low: f64,
        high: f64,
    },
}

impl Scale {
    /// A normalization that looks at nothing but the sample itself.
    pub(super) fn of_sample(normalize: &Normalize) -> Self {
        match *normalize {
            Normalize::Peak { percentile, range_db, ceiling, center } => {
                Self::Peak { percentile, range_db, ceiling, center }
            }
            Normalize::None | Normalize::Range { .. } | Normalize::Standard { .. } => Self::None,
        }
    }

    /// A normalization of channels by the frames of the training samples. A constant channel becomes 0.
    pub(super) fn fit(normalize: &Normalize, training: &[Array2<f64>]) -> Result<Self, FrontEndError> {
        let fitted = training.first().map_or(0, Array2::ncols);
        if let Some(other) = training.iter().find(|frames| frames.ncols() != fitted) {
            return Err(FrontEndError::Channels { has: other.ncols(), fitted });
        }
        let channel =
            |c: usize| -> Vec<f64> { training.iter().flat_map(|frames| frames.column(c).to_vec()).collect() };
        let inverse = |width: f64| if width > 0.0 { width.recip() } else { 0.0 };
        let (mut offset, mut gain) = (Vec::new(), Vec::new());
        let (low, high) = match *normalize {
            Normalize::Range { low, high, ceiling } => {
                for mut values in (0..fitted).map(channel) {
                    values.sort_by(f64::total_cmp);
                    let (zero, one) = (percentile(&values, low), percentile(&values, high));
                    offset.push(zero);
                    gain.push(inverse(one - zero));
                }
                (0.0, ceiling)
            }
            Normalize::Standard { limit } => {
                for values in (0..fitted).map(channel).map(Array1::from) {
                    let mean = values.sum() / values.len() as f64;
                    let variance = values.mapv(|x| (x - mean).powi(2)).sum() / values.len() as f64;
                    let rounding = 1e-12 * mean.abs();
                    offset.push(mean);
                    gain.push(if variance.sqrt() > rounding { variance.sqrt().recip() } else { 0.0 });
                }
                (-limit, limit)
            }
            Normalize::None | Normalize::Peak { .. } => return Ok(Self::of_sample(normalize)),
        };
        Ok(Self::Channels { offset, gain, low, high })
    }

    /// What the values are to be cut to, after they have been resampled.
    pub(super) fn range(&self) -> Option<RangeInclusive<f64>> {
        match *self {
            Self::None => None,
            Self::Peak { ceiling, .. } => Some(0.0..=ceiling),
            Self::Channels { low, high, .. } => Some(low..=high),
        }
    }

    /// The normalized frames, not yet cut.
    pub(super) fn apply(&self, mut frames: Array2<f64>) -> Result<Array2<f64>, FrontEndError> {
        match self {
            Self::None => {}
            Self::Peak { percentile: p, range_db, center, ceiling: _ } => {
                let mut sorted: Vec<f64> = frames.iter().copied().collect();
                sorted.sort_by(f64::total_cmp);
                let range = range_db / 10.0;
                let bottom = percentile(&sorted, *p) - range;
                let all = frames.mean().unwrap_or(0.0);
                for mut channel in frames.columns_mut() {
                    let own = center * (channel.mean().unwrap_or(0.0) - all);
                    channel.mapv_inplace(|l| (l - bottom - own) / range);
                }
            }
            Self::Channels { offset, gain, .. } => {
                if frames.ncols() != offset.len() {
                    return Err(FrontEndError::Channels { has: frames.ncols(), fitted: offset.len() });
                }
                for ((mut column, offset), gain) in frames.axis_iter_mut(Axis(1)).zip(offset).zip(gain) {
                    column.mapv_inplace(|x| (x - offset) * gain);
                }
            }
        }
        Ok(frames)
    }
}

/// The percentile `p` (0 to 100) of `sorted`, ascending and not empty, with linear interpolation
/// between ranks (NumPy's default).
///
/// # Panics
/// If `sorted` is empty.
pub fn percentile(sorted: &[f64], p: f64) -> f64 {
    let rank = p / 100.0 * (sorted.len() - 1) as f64;
    let (below, above) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    below + (above - below) * (rank - rank.floor())
}
