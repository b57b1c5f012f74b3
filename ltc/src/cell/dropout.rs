//! Dropout: some values of a layer are 0 for a step of training, and the others are larger by as much.
//!
//! ```text
//! y' = y m/(1 − p)        m is 0 with probability p and 1 else, so that the mean of y' is y
//! ```
//! Every sample, step, layer and unit has an m of its own. It is a function of the sample's key and of these
//! numbers, not the next word of a stream: the way back draws it again in place of keeping it, and
//! no bit depends on threads, on which samples run side by side, or on how often a step is run.
//!
//! Source: Srivastava et al. 2014, Journal of Machine Learning Research 15, 1929–1958, scaled in training
//! and not in use, as Keras and PyTorch have it.

use super::{LANES, Lanes, splat};
use crate::Real;
use crate::random::{mix, word};

/// The masks of a step, or of a part of what is done in it.
#[derive(Debug, Clone, Copy)]
pub struct Masks<'s> {
    /// A key of every sample.
    keys: &'s [u64; LANES],
    /// Which step, and which part of it.
    place: u64,
}

impl<'s> Masks<'s> {
    /// Those of a step of samples with these keys.
    pub fn of_step(keys: &'s [u64; LANES], step: usize) -> Self {
        Self { keys, place: mix(step as u64) }
    }

    /// Those of the part with this number, as a layer or one of two cells is.
    pub(super) fn part(self, k: usize) -> Self {
        Self { place: mix(self.place ^ k as u64), ..self }
    }

    /// What to multiply the values of so many units with if a share of them is to be dropped: 0 or 1/(1 − share).
    #[inline(always)]
    pub(super) fn factors<R: Real>(self, share: f64, n_units: usize) -> Vec<Lanes<R>> {
        // A unit has half a word: dropped if that is below its share of all.
        let (limit, stays) = ((share * 2_f64.powi(32)) as u32, R::of((1.0 - share).recip()));
        let seeds: [u64; LANES] = std::array::from_fn(|lane| mix(self.keys[lane] ^ self.place));
        let mut factors = vec![splat(stays); n_units];
        for (n, pair) in factors.chunks_mut(2).enumerate() {
            let words: [u64; LANES] = std::array::from_fn(|lane| word(seeds[lane], n as u64));
            for (half, unit) in pair.iter_mut().enumerate() {
                for lane in 0..LANES {
                    let drawn = (words[lane] >> (32 * half)) as u32;
                    unit[lane] = if drawn < limit { R::ZERO } else { stays };
                }
            }
        }
        factors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const N_UNITS: usize = 501;

    fn factors(keys: [u64; LANES], step: usize, layer: usize, share: f64) -> Vec<Lanes<f64>> {
        Masks::of_step(&keys, step).part(layer).factors(share, N_UNITS)
    }

    fn keys() -> [u64; LANES] {
        std::array::from_fn(|lane| lane as u64)
    }

    /// Values are 0 or 1/(1 − p), and their mean is 1: a sum of n of them has the variance n p/(1 − p), and is
    /// farther than five deviations off once in two million times.
    #[test]
    fn the_mean_of_a_masked_value_is_the_value() {
        for share in [0.001, 0.1, 0.5, 0.9] {
            let (mut sum, mut n) = (0.0, 0.0);
            for step in 0..50 {
                for factor in factors(keys(), step, 0, share).as_flattened() {
                    assert!(*factor == 0.0 || *factor == 1.0 / (1.0 - share));
                    sum += factor;
                    n += 1.0;
                }
            }
            let deviation = (share / (1.0 - share) / n).sqrt();
            assert!((sum / n - 1.0).abs() < 5.0 * deviation, "{share}: {}", sum / n);
        }
    }

    /// Two masks of one half each agree in half of the places.
    #[test]
    fn masks_of_other_places_are_others() {
        let agree = |a: &[Lanes<f64>], b: &[Lanes<f64>], what: &str| {
            let (a, b) = (a.as_flattened(), b.as_flattened());
            let n = a.len().min(b.len());
            let same = a.iter().zip(b).filter(|(a, b)| a == b).count();
            let off = (same as f64 - n as f64 / 2.0) / (n as f64 / 4.0).sqrt();
            assert!(off.abs() < 5.0, "{what}: {same} of {n} agree");
        };
        let one = factors(keys(), 3, 0, 0.5);
        agree(&one, &factors(keys(), 4, 0, 0.5), "the next step");
        agree(&one, &factors(keys(), 3, 1, 0.5), "the next layer");
        agree(&one, &factors(keys().map(|key| key + 16), 3, 0, 0.5), "other samples");
        agree(&one, &one[1..], "the next unit");
        agree(&one, &one[2..], "the unit after it");
        let turned: Vec<Lanes<f64>> = one.iter().map(|lanes| std::array::from_fn(|k| lanes[k ^ 1])).collect();
        agree(&one, &turned, "the sample beside it");
    }

    #[test]
    fn a_sample_has_its_mask_in_every_lane() {
        let (one, mut turned_keys) = (factors(keys(), 9, 2, 0.3), keys());
        turned_keys.reverse();
        let other = factors(turned_keys, 9, 2, 0.3);
        for (one, mut other) in one.into_iter().zip(other) {
            other.reverse();
            assert_eq!(one, other);
        }
    }
}
