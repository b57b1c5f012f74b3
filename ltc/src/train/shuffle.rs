//! What chance does with a sample in an epoch, from the seed and the epoch alone.

use crate::random::mix;

/// A random number of a sample: a hash of (seed, epoch, sample).
pub(super) fn key(seed: u64, epoch: usize, sample: usize) -> u64 {
    mix(mix(mix(seed) ^ epoch as u64) ^ sample as u64)
}

/// 0 to below `n` in the order of their keys.
pub(super) fn order(n: usize, seed: u64, epoch: usize) -> Vec<usize> {
    let mut keyed: Vec<(u64, usize)> = (0..n).map(|k| (key(seed, epoch, k), k)).collect();
    keyed.sort_unstable();
    keyed.into_iter().map(|(_, k)| k).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_has_an_order_of_its_own_and_all_samples() {
        let first = order(1000, 1, 0);
        let mut sorted = first.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1000).collect::<Vec<_>>());
        assert_eq!(first, order(1000, 1, 0));
        assert!(first != order(1000, 1, 1) && first != order(1000, 2, 0));
    }

    /// A sample is anywhere equally often: a chi-squared of 9 degrees of freedom, whose value is above 33.7
    /// once in 10,000 times.
    #[test]
    fn no_place_is_preferred() {
        let mut counts = [0_u32; 10];
        (0..10_000).for_each(|epoch| counts[order(10, 5, epoch).iter().position(|k| *k == 0).unwrap()] += 1);
        let chi: f64 = counts.iter().map(|n| (f64::from(*n) - 1000.0).powi(2) / 1000.0).sum();
        assert!(chi < 33.7, "{counts:?}");
    }
}
