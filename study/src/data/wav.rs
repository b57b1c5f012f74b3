//! WAV files, read by the `hound` library from bytes that nobody has vouched for.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use hound::{SampleFormat, WavReader, WavSpec};

use super::Audio;

/// The largest WAV file that is read \[bytes\]: an hour at 48 kHz and 32 bits is 691 MB.
const MAX_BYTES: u64 = 1 << 30;

/// Why bytes are not a recording that can be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WavError {
    /// The file cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// The file is too long.
    #[error("it has more than {MAX_BYTES} bytes: cut it into clips")]
    TooLong,
    /// Not a WAV file, or one that ends inside its header.
    #[error("it is not a WAV file: {problem}")]
    Foreign {
        /// What the reader stumbled over.
        problem: String,
    },
    /// A compressed or exotic format.
    #[error("its samples are {format}: convert it to PCM of 8, 16, 24 or 32 bits, or to 32-bit float")]
    Unsupported {
        /// The format.
        format: String,
    },
    /// The header promises more samples than the file has.
    #[error("it is cut short: its header promises {promised} samples, and only {present} can be read")]
    Truncated {
        /// The number of samples that the header gives.
        promised: u64,
        /// The number of samples in the file.
        present: u64,
    },
    /// There is not a single sample.
    #[error("it holds no sample")]
    Empty,
    /// More than one channel.
    #[error("it has {channels} channels: mix it down to one")]
    Channels {
        /// The number of channels.
        channels: u16,
    },
    /// A sampling rate of zero.
    #[error("its sampling rate is 0 Hz")]
    Rate,
    /// A float sample is NaN or infinite.
    #[error("sample {index} is {value}: samples must be finite")]
    NotFinite {
        /// Which sample.
        index: usize,
        /// What it is.
        value: f32,
    },
}

/// Reads a WAV file, as [`wav_bytes`] does.
///
/// # Errors
/// A [`WavError`] if the file cannot be read or used.
pub fn load_wav(path: &Path) -> Result<Audio, WavError> {
    let mut bytes = Vec::new();
    // The length that the system tells may be that of a pipe or a device, which is none.
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(WavError::TooLong);
    }
    wav_bytes(&bytes)
}

/// The recording in the bytes of a WAV file: mono, PCM of 8 to 32 bits or 32-bit float; integers are
/// divided by 2^(bits − 1), so that full scale is ±1.
///
/// The space for the samples is taken as they are read, so that a header cannot ask for more memory
/// than a few times the length of `bytes`.
///
/// # Errors
/// A [`WavError`] for every file that is foreign, cut short or of a format that is not supported.
pub fn wav_bytes(bytes: &[u8]) -> Result<Audio, WavError> {
    let reader = WavReader::new(bytes).map_err(foreign)?;
    let WavSpec { channels, sample_rate, bits_per_sample, sample_format } = reader.spec();
    if channels != 1 {
        return Err(WavError::Channels { channels });
    }
    if sample_rate == 0 {
        return Err(WavError::Rate);
    }
    let promised = u64::from(reader.len());
    let pcm: Vec<f32> = match (sample_format, bits_per_sample) {
        (SampleFormat::Float, 32) => readable(reader.into_samples::<f32>()),
        (SampleFormat::Int, 8 | 16 | 24 | 32) => {
            let full_scale = (1_u64 << (bits_per_sample - 1)) as f64;
            let scale = |value: i32| (f64::from(value) / full_scale) as f32;
            readable(reader.into_samples::<i32>().map(|value| value.map(scale)))
        }
        (SampleFormat::Float, bits) => {
            return Err(WavError::Unsupported { format: format!("floats of {bits} bits") });
        }
        (SampleFormat::Int, bits) => {
            return Err(WavError::Unsupported { format: format!("integers of {bits} bits") });
        }
    };
    let present = pcm.len() as u64;
    if present < promised {
        return Err(WavError::Truncated { promised, present });
    }
    if pcm.is_empty() {
        return Err(WavError::Empty);
    }
    if let Some(index) = pcm.iter().position(|value| !value.is_finite()) {
        return Err(WavError::NotFinite { index, value: pcm[index] });
    }
    Ok(Audio { rate_hz: sample_rate, pcm })
}

/// The samples before the first one that cannot be read.
fn readable(samples: impl Iterator<Item = hound::Result<f32>>) -> Vec<f32> {
    let mut pcm = Vec::new();
    // Not `collect`: it would reserve what the header promises.
    for sample in samples {
        match sample {
            Ok(sample) => pcm.push(sample),
            Err(_) => break,
        }
    }
    pcm
}

fn foreign(error: hound::Error) -> WavError {
    match error {
        hound::Error::Unsupported => {
            WavError::Unsupported { format: "compressed or of an unknown kind".into() }
        }
        hound::Error::FormatError(problem) => WavError::Foreign { problem: problem.into() },
        hound::Error::IoError(_) => WavError::Foreign { problem: "it ends inside its header".into() },
        other @ (hound::Error::TooWide
        | hound::Error::UnfinishedSample
        | hound::Error::InvalidSampleFormat) => WavError::Foreign { problem: other.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A WAV file of 16-bit mono PCM, laid out by hand after the RIFF specification.
    fn wav(samples: &[i16], format: u16, channels: u16, rate: u32, data_len: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        bytes.extend(b"RIFF");
        bytes.extend((36 + data_len).to_le_bytes());
        bytes.extend(b"WAVEfmt ");
        bytes.extend(16_u32.to_le_bytes());
        bytes.extend(format.to_le_bytes());
        bytes.extend(channels.to_le_bytes());
        bytes.extend(rate.to_le_bytes());
        bytes.extend((rate * 2 * u32::from(channels)).to_le_bytes());
        bytes.extend((2 * channels).to_le_bytes());
        bytes.extend(16_u16.to_le_bytes());
        bytes.extend(b"data");
        bytes.extend(data_len.to_le_bytes());
        samples.iter().for_each(|sample| bytes.extend(sample.to_le_bytes()));
        bytes
    }

    fn says(bytes: &[u8]) -> String {
        wav_bytes(bytes).unwrap_err().to_string()
    }

    #[test]
    fn pcm_is_scaled_to_one() {
        let audio = wav_bytes(&wav(&[0, 16384, -32768], 1, 1, 8000, 6)).unwrap();
        assert_eq!(audio, Audio { rate_hz: 8000, pcm: vec![0.0, 0.5, -1.0] });
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        assert_eq!(says(b"RIFF"), "it is not a WAV file: it ends inside its header");
        assert!(says(b"\x89HDF\r\n\x1a\n and so on").starts_with("it is not a WAV file"));
        assert!(says(&wav(&[0], 2, 1, 8000, 2)).starts_with("its samples are compressed"));
        assert_eq!(says(&wav(&[0, 0], 1, 2, 8000, 4)), "it has 2 channels: mix it down to one");
        assert_eq!(says(&wav(&[0], 1, 1, 0, 2)), "its sampling rate is 0 Hz");
        assert_eq!(says(&wav(&[], 1, 1, 8000, 0)), "it holds no sample");
    }

    /// A header of 46 bytes that promises four gigabytes must cost neither memory nor time.
    #[test]
    fn a_promise_is_not_believed() {
        let says = says(&wav(&[1], 1, 1, 8000, u32::MAX - 63));
        assert_eq!(says, "it is cut short: its header promises 2147483616 samples, and only 1 can be read");
    }

    proptest! {
        /// No bytes make the reader panic, and none of its samples is made of nothing.
        #[test]
        fn mutated_files_are_refused_or_read(place in 0_usize..60, byte: u8, cut in 0_usize..60) {
            let mut bytes = wav(&[5; 8], 1, 1, 8000, 16);
            bytes[place] = byte;
            bytes.truncate(60 - cut);
            if let Ok(audio) = wav_bytes(&bytes) {
                prop_assert!(!audio.pcm.is_empty() && audio.pcm.len() <= bytes.len());
            }
        }
    }
}
