//! The Japanese Vowels, carried inside the program.
//!
//! Kudo, Toyama and Shimbo (1999), UCI Machine Learning Repository, doi 10.24432/C5NS47, CC BY 4.0.
//! `study/data/README.md` gives the layout of the bytes.

use ndarray::Array2;

use super::{Dataset, Draft, Sample, Signal, check};

const BYTES: &[u8] = include_bytes!("../../data/japanese_vowels.bin");
const UTTERANCES: usize = 640;
const TRAINING: usize = 270;
const CHANNELS: usize = 12;
const SPEAKERS: usize = 9;
/// Bytes of one coefficient.
const WIDTH: usize = 3;

/// Nine speakers say two vowels: 640 utterances of 7 to 29 frames with 12 LPC cepstrum coefficients,
/// a frame every 6.4 ms. The class is the speaker; the official split trains on the first 270.
pub fn japanese_vowels() -> Dataset {
    let (lengths, rest) = BYTES.split_at(UTTERANCES);
    let (labels, mut values) = rest.split_at(UTTERANCES);
    let mut samples = Vec::with_capacity(UTTERANCES);
    for (k, (&frames, &label)) in lengths.iter().zip(labels).enumerate() {
        let frames = usize::from(frames);
        let (mine, others) = values.split_at(frames * CHANNELS * WIDTH);
        values = others;
        let coefficients = mine.as_chunks::<WIDTH>().0.iter().copied().map(coefficient).collect();
        let series = Array2::from_shape_vec((frames, CHANNELS), coefficients)
            .expect("the bytes were split to frames × channels");
        let signal = Signal::Series(series);
        samples.push(Sample { signal, label: u32::from(label), group: None, is_test: k >= TRAINING });
    }
    check(Draft {
        name: "japanese-vowels".into(),
        classes: (1..=SPEAKERS).map(|speaker| speaker.to_string()).collect(),
        groups: Vec::new(),
        channels: (1..=CHANNELS).map(|channel| format!("lpc{channel}")).collect(),
        samples,
        source: "Kudo, Toyama and Shimbo (1999): Japanese Vowels. UCI Machine Learning Repository, \
                 https://doi.org/10.24432/C5NS47"
            .into(),
        license: "CC BY 4.0".into(),
    })
    .expect("the embedded data are checked by a test")
}

/// Millionths as a little-endian 24-bit integer → the nearest `f32`, which is the source's own.
fn coefficient([a, b, c]: [u8; WIDTH]) -> f32 {
    let micro = i32::from_le_bytes([0, a, b, c]) >> 8;
    (f64::from(micro) / 1e6) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUMS: [i64; CHANNELS] = [
        8007148377,
        -5266536666,
        2290637999,
        -2876483423,
        2249513634,
        -2292140417,
        -1631230763,
        -461214435,
        -2077783798,
        -1799624080,
        -240067180,
        893815019,
    ];
    const WEIGHTED: i64 = -15173272435739;

    fn series(sample: &Sample) -> &Array2<f32> {
        let Signal::Series(series) = &sample.signal else { panic!("not a series") };
        series
    }

    /// Counts of speakers as UCI states them: 30 each for training; 31, 35, 88, 44, 29, 24, 40, 50 and
    /// 29 for testing.
    #[test]
    fn counts_are_those_of_the_repository() {
        let dataset = japanese_vowels();
        let count = |is_test| {
            let mut count = [0; SPEAKERS];
            let part = dataset.samples().iter().filter(|sample| sample.is_test == is_test);
            part.for_each(|sample| count[sample.label as usize] += 1);
            count
        };
        assert_eq!(count(false), [30; 9]);
        assert_eq!(count(true), [31, 35, 88, 44, 29, 24, 40, 50, 29]);
        assert_eq!(dataset.channels().len(), 12);
    }

    /// Sums that `make_vowels.py` printed from the HDF5 file: per channel, and weighted by the place of
    /// the frame, so that neither a value nor the order can change unseen.
    #[test]
    fn sums_are_those_of_the_source() {
        let dataset = japanese_vowels();
        let (mut row, mut weighted, mut sums) = (0_i64, 0_i64, [0_i64; CHANNELS]);
        for sample in dataset.samples() {
            for frame in series(sample).rows() {
                row += 1;
                for (sum, value) in sums.iter_mut().zip(frame) {
                    let micro = (f64::from(*value) * 1e6).round_ties_even() as i64;
                    *sum += micro;
                    weighted += row * micro;
                }
            }
        }
        assert_eq!(row, 9961);
        assert_eq!(sums, SUMS);
        assert_eq!(weighted, WEIGHTED);
    }
}
