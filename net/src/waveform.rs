//! Piecewise-constant signals.

/// A piecewise-constant signal of several channels: channel `c` has the value `value(k, c)` from
/// `times[k]` until `times[k + 1]`, the last one for ever, and 0 before the first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Waveform {
    n_channels: u32,
    times: Vec<f64>,
    values: Vec<f64>,
}

/// What is wrong with a signal.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WaveformError {
    /// The values do not fill `times × channels`.
    #[error("{values} values for {times} times and {n_channels} channels: give {} of them", times * *n_channels as usize)]
    Shape {
        /// The number of values.
        values: usize,
        /// The number of times.
        times: usize,
        /// The number of channels.
        n_channels: u32,
    },
    /// A time or value is not finite.
    #[error("step {index} has the {what} {value}, which is not finite")]
    NotFinite {
        /// Which step.
        index: usize,
        /// `time` or `value`.
        what: &'static str,
        /// What it is.
        value: f64,
    },
    /// The times do not ascend.
    #[error("step {index} is not after the one in front of it: give the times in ascending order")]
    Order {
        /// Which step.
        index: usize,
    },
}

impl Waveform {
    /// A signal from `times` \[ms\], strictly ascending, and `values`, row by row `[times × channels]`.
    ///
    /// # Errors
    /// The first [`WaveformError`] that is found.
    pub fn new(n_channels: u32, times: Vec<f64>, values: Vec<f64>) -> Result<Self, WaveformError> {
        if Some(values.len()) != times.len().checked_mul(n_channels as usize) {
            return Err(WaveformError::Shape { values: values.len(), times: times.len(), n_channels });
        }
        if let Some(index) = times.iter().position(|time| !time.is_finite()) {
            return Err(WaveformError::NotFinite { index, what: "time", value: times[index] });
        }
        if let Some(i) = values.iter().position(|value| !value.is_finite()) {
            let index = i / n_channels as usize;
            return Err(WaveformError::NotFinite { index, what: "value", value: values[i] });
        }
        match (1..times.len()).find(|i| times[i - 1] >= times[*i]) {
            Some(index) => Err(WaveformError::Order { index }),
            None => Ok(Self { n_channels, times, values }),
        }
    }

    /// The number of channels.
    pub fn n_channels(&self) -> u32 {
        self.n_channels
    }

    /// When the values change \[ms\], ascending.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// All values, row by row `[times × channels]`.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// The values of all channels from `times()[k]` on; `[n_channels]`.
    pub fn row(&self, k: usize) -> &[f64] {
        let n = self.n_channels as usize;
        &self.values[k * n..(k + 1) * n]
    }
}
