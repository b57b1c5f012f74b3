//! Logarithmic mel spectrum.
//!
//! Frames of `frame_ms` under a symmetric Hann window, every `hop_ms`, the first from the first
//! sample on, only whole ones (a clip shorter than a frame is padded with zeros to one). Power of the
//! zero-padded Fourier transform, summed by triangles of peak 1 whose edges are equally spaced on
//! the mel scale of HTK, `mel = 2595·log10(1 + f/700)`; then `log10(power + floor)`.
//!
//! **Sampling rates.** Lengths are in ms, and the transform has the smallest power of two of points
//! that spans `fft_ms`: 512 at 8 kHz. Power grows with the square of the samples in a frame and with
//! the number of frequencies in a filter, so it is multiplied by `(8 kHz/rate)²` and by the ratio of
//! the spacings of frequencies, which makes `floor` mean the same loudness at every rate. At 8 kHz,
//! where the anchors were measured, both factors are 1.
//!
//! Cost `O(frames · (fft·log fft + fft·mels))`.

use ndarray::Array2;
use realfft::RealFftPlanner;
use serde::{Deserialize, Serialize};

use super::{FrontEndError, MAX_VALUES, positive};
use crate::data::Audio;

/// The spectrum of audio.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `frame_ms` | 25 | ms | length of a frame |
/// | `hop_ms` | 10 | ms | from one frame to the next |
/// | `fft_ms` | 64 | ms | length of the Fourier transform, ≥ `frame_ms` |
/// | `n_mels` | 40 | – | number of filters |
/// | `f_low`, `f_high` | 100, 3800 | Hz | edges of the lowest and the highest filter |
/// | `floor` | 1e-8 | – | power that is added before the logarithm |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogMel {
    /// Length of a frame \[ms\].
    pub frame_ms: f64,
    /// Time from one frame to the next \[ms\].
    pub hop_ms: f64,
    /// Length of the Fourier transform \[ms\], at least a frame; rounded up to a power of two samples.
    pub fft_ms: f64,
    /// Number of filters.
    pub n_mels: usize,
    /// Lower edge of the lowest filter \[Hz\].
    pub f_low: f64,
    /// Upper edge of the highest filter \[Hz\].
    pub f_high: f64,
    /// Power that is added before the logarithm.
    pub floor: f64,
}

impl Default for LogMel {
    fn default() -> Self {
        Self {
            frame_ms: 25.0,
            hop_ms: 10.0,
            fft_ms: 64.0,
            n_mels: 40,
            f_low: 100.0,
            f_high: 3800.0,
            floor: 1e-8,
        }
    }
}

/// The rate at which power has its plain size \[Hz\].
const REFERENCE_HZ: f64 = 8000.0;
/// The most points of a Fourier transform.
const MAX_FFT: f64 = (1 << 20) as f64;
/// The most filters.
const MAX_MELS: usize = 4096;

impl LogMel {
    pub(super) fn check(&self) -> Result<(), FrontEndError> {
        let Self { frame_ms, hop_ms, fft_ms, n_mels, f_low, f_high, floor } = self;
        positive("log_mel.frame_ms", *frame_ms)?;
        positive("log_mel.hop_ms", *hop_ms)?;
        positive("log_mel.floor", *floor)?;
        let wrong = |name, value: f64, must: String| Err(FrontEndError::Parameter { name, value, must });
        if !fft_ms.is_finite() || fft_ms < frame_ms {
            return wrong("log_mel.fft_ms", *fft_ms, format!("at least the frame, {frame_ms} ms"));
        }
        if !(1..=MAX_MELS).contains(n_mels) {
            return wrong("log_mel.n_mels", *n_mels as f64, format!("between 1 and {MAX_MELS}"));
        }
        if !(f_low.is_finite() && *f_low >= 0.0) {
            return wrong("log_mel.f_low", *f_low, "0 or more".into());
        }
        if !(f_high.is_finite() && f_high > f_low) {
            return wrong("log_mel.f_high", *f_high, format!("above f_low, {f_low} Hz"));
        }
        Ok(())
    }
}

/// The logarithmic mel spectrum of a recording; `[frames, n_mels]`.
///
/// # Errors
/// A [`FrontEndError`] if a parameter is out of range or does not fit the sampling rate.
pub fn log_mel(audio: &Audio, config: &LogMel) -> Result<Array2<f64>, FrontEndError> {
    config.check()?;
    let rate = f64::from(audio.rate_hz);
    let samples = |ms: f64| (ms * rate / 1000.0).round_ties_even().max(1.0);
    let n_fft = fft_points(config.fft_ms, rate)?;
    let frame = (samples(config.frame_ms) as usize).min(n_fft);
    let hop = samples(config.hop_ms).min(MAX_FFT) as usize;
    let n_frames = 1 + audio.pcm.len().saturating_sub(frame) / hop;
    if n_frames.saturating_mul(config.n_mels) > MAX_VALUES {
        let way_out = "raise log_mel.hop_ms, lower log_mel.n_mels, or cut the recording into clips";
        let (rows, channels) = (n_frames as f64, config.n_mels);
        return Err(FrontEndError::TooLarge { what: "the spectrum", rows, channels, way_out });
    }
    let filters = mel_filters(audio.rate_hz, n_fft, config)?;
    let reference_spacing = REFERENCE_HZ / fft_points(config.fft_ms, REFERENCE_HZ)? as f64;
    let level = (REFERENCE_HZ / rate).powi(2) * (rate / n_fft as f64) / reference_spacing;

    let window = hann(frame);
    let transform = RealFftPlanner::<f64>::new().plan_fft_forward(n_fft);
    let (mut time, mut spectrum) = (transform.make_input_vec(), transform.make_output_vec());
    let mut scratch = transform.make_scratch_vec();
    let mut out = Array2::zeros((n_frames, config.n_mels));
    for (k, mut row) in out.rows_mut().into_iter().enumerate() {
        time.fill(0.0);
        let clip = &audio.pcm[(k * hop).min(audio.pcm.len())..];
        for ((x, pcm), w) in time.iter_mut().zip(clip).zip(&window) {
            *x = f64::from(*pcm) * w;
        }
        transform
            .process_with_scratch(&mut time, &mut spectrum, &mut scratch)
            .expect("the buffers were made by the transform itself");
        for (value, (first, weights)) in row.iter_mut().zip(&filters) {
            let bins = &spectrum[*first..*first + weights.len()];
            let power: f64 = bins.iter().zip(weights).map(|(bin, w)| bin.norm_sqr() * w).sum();
            *value = libm::log10(power * level + config.floor);
        }
    }
    Ok(out)
}

fn fft_points(fft_ms: f64, rate: f64) -> Result<usize, FrontEndError> {
    let samples = (fft_ms * rate / 1000.0).ceil();
    if samples > MAX_FFT {
        let must = format!("at most {:.0} ms at {rate} Hz", MAX_FFT * 1000.0 / rate);
        return Err(FrontEndError::Parameter { name: "log_mel.fft_ms", value: fft_ms, must });
    }
    Ok((samples as usize).next_power_of_two())
}

/// The symmetric Hann window: 0 at both ends.
fn hann(n: usize) -> Vec<f64> {
    if n == 1 {
        return vec![1.0];
    }
    let step = std::f64::consts::TAU / (n - 1) as f64;
    (0..n).map(|k| 0.5 - 0.5 * libm::cos(step * k as f64)).collect()
}

/// The first frequency in a filter, and the weights from there on.
type Filter = (usize, Vec<f64>);

fn mel_filters(rate_hz: u32, n_fft: usize, config: &LogMel) -> Result<Vec<Filter>, FrontEndError> {
    let LogMel { n_mels, f_low, f_high, .. } = *config;
    let nyquist = f64::from(rate_hz) / 2.0;
    if f_high > nyquist {
        return Err(FrontEndError::AboveNyquist { f_high, rate_hz, nyquist });
    }
    let (low, high) = (mel(f_low), mel(f_high));
    let edge = |k: usize| hertz(low + (high - low) * k as f64 / (n_mels + 1) as f64);
    let spacing = f64::from(rate_hz) / n_fft as f64;
    (0..n_mels)
        .map(|filter| {
            let (a, b, c) = (edge(filter), edge(filter + 1), edge(filter + 2));
            let weight = |bin: usize| {
                let f = bin as f64 * spacing;
                ((f - a) / (b - a)).min((c - f) / (c - b))
            };
            let inside: Vec<usize> = (0..=n_fft / 2).filter(|bin| weight(*bin) > 0.0).collect();
            match inside.first() {
                Some(first) => Ok((*first, inside.iter().map(|bin| weight(*bin)).collect())),
                None => Err(FrontEndError::EmptyFilter { filter, low: a, high: c, spacing }),
            }
        })
        .collect()
}

fn mel(hertz: f64) -> f64 {
    2595.0 * libm::log10(1.0 + hertz / 700.0)
}

fn hertz(mel: f64) -> f64 {
    700.0 * (libm::exp10(mel / 2595.0) - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A sine in tune with one filter peaks there, equally loud whatever the sampling rate.
    #[test]
    fn a_tone_is_where_it_should_be_at_every_rate() {
        let tone = |rate_hz: u32| {
            let phase = |k: u32| std::f64::consts::TAU * 1000.0 * f64::from(k) / f64::from(rate_hz);
            let pcm = (0..rate_hz / 4).map(|k| (0.5 * phase(k).sin()) as f32).collect();
            let frames = log_mel(&Audio { rate_hz, pcm }, &LogMel::default()).unwrap();
            frames.row(10).to_vec()
        };
        let narrow = tone(8000);
        let peak = (0..40).max_by(|a, b| narrow[*a].total_cmp(&narrow[*b])).unwrap();
        // 1000 Hz is mel 1000.0. The edges run from mel 150.5 to 2097.1 in 41 steps of 47.48, so filter 17
        // has its peak at 150.5 + 18·47.48 = 1005.1, and filter 16 at 957.6.
        assert_eq!(peak, 17);
        for rate in [11025, 16000, 44100, 48000] {
            let other = tone(rate);
            assert!((narrow[17] - other[17]).abs() < 0.05, "{rate} Hz: {} and {}", narrow[17], other[17]);
        }
    }

    #[test]
    fn a_clip_shorter_than_a_frame_is_padded() {
        let clip = |n: usize| Audio { rate_hz: 8000, pcm: (0..n).map(|k| (k as f32 * 0.7).sin()).collect() };
        let short = log_mel(&clip(90), &LogMel::default()).unwrap();
        let mut padded = clip(90);
        padded.pcm.resize(200, 0.0);
        assert_eq!(short, log_mel(&padded, &LogMel::default()).unwrap());
        assert_eq!(short.dim(), (1, 40));
        assert_eq!(log_mel(&clip(279), &LogMel::default()).unwrap().nrows(), 1);
        assert_eq!(log_mel(&clip(280), &LogMel::default()).unwrap().nrows(), 2);
    }

    #[test]
    fn parameters_that_do_not_fit_are_named() {
        let audio = Audio { rate_hz: 4000, pcm: vec![0.0; 400] };
        let says = |config: LogMel| log_mel(&audio, &config).unwrap_err().to_string();
        assert!(
            says(LogMel::default()).contains("3800 Hz, and audio at 4000 Hz holds nothing above 2000 Hz")
        );
        let many = LogMel { n_mels: 300, f_high: 1900.0, ..LogMel::default() };
        assert!(says(many).contains("mel filter"));
        assert!(
            says(LogMel { hop_ms: 0.0, ..LogMel::default() }).contains("hop_ms is 0, and must be positive")
        );
        assert!(says(LogMel { fft_ms: 1e9, ..LogMel::default() }).contains("fft_ms"));
    }
}
