//! The three draws that all rules are made of: an index, a skip, a subset.
//!
//! Integers and skips are written out here and not taken from a library, because their bits are part
//! of what a seed means.

use rand::Rng;

use crate::random::Stream;

/// An index below `n > 0`, each as likely: one multiplication and a rare redraw (Lemire 2019,
/// doi 10.1145/3230636).
pub(super) fn below(stream: &mut Stream, n: u32) -> u32 {
    let mut product = u64::from(stream.next_u32()) * u64::from(n);
    if (product as u32) < n {
        let biased = n.wrapping_neg() % n;
        while (product as u32) < biased {
            product = u64::from(stream.next_u32()) * u64::from(n);
        }
    }
    (product >> 32) as u32
}

/// How many trials of one probability fail before one succeeds: the skip of Batagelj & Brandes (2005,
/// doi 10.1103/PhysRevE.71.036113), which visits successes only.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Skip {
    /// `1 / ln(1 − p)`: −0 for p = 1 (never skip), −∞ for p = 0 (skip everything).
    inverse_log: f64,
}

impl Skip {
    /// Skips of trials of probability `p` in \[0, 1\].
    pub(super) fn new(p: f64) -> Self {
        Self { inverse_log: 1.0 / libm::log1p(-p) }
    }

    /// The number of failures; a whole number, perhaps infinite.
    pub(super) fn draw(self, stream: &mut Stream) -> f64 {
        libm::floor(libm::log(stream.open01()) * self.inverse_log)
    }
}

/// `k` different indices below `n`, each subset as likely, ascending, into the cleared `chosen`.
///
/// The distinct values of a sequence of draws, stopped at the k-th, are a uniform subset; where more
/// than half is wanted, the rest is drawn. `O(k log k)`, or `O(n)` for more than half.
pub(super) fn subset(stream: &mut Stream, n: u32, k: u32, chosen: &mut Vec<u32>) {
    assert!(k <= n, "the caller asks for no more than there are");
    chosen.clear();
    if k > n / 2 {
        let mut left_out = Vec::new();
        subset(stream, n, n - k, &mut left_out);
        let mut left_out = left_out.into_iter().peekable();
        chosen.extend((0..n).filter(|i| left_out.next_if_eq(i).is_none()));
        return;
    }
    while chosen.len() < k as usize {
        for _ in chosen.len()..k as usize {
            chosen.push(below(stream, n));
        }
        chosen.sort_unstable();
        chosen.dedup();
    }
}

/// Shuffles `items`, each order as likely (Fisher–Yates).
pub(super) fn shuffle<T>(stream: &mut Stream, items: &mut [T]) {
    for i in (1..items.len()).rev() {
        items.swap(i, below(stream, i as u32 + 1) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    fn stream(index: u64) -> Stream {
        Stream::new(3, Purpose::Connect, 0, index)
    }

    /// Counts of 10 faces in n = 100,000 throws: n/10 each, deviation √(0.09 n) = 95.
    #[test]
    fn below_is_even() {
        let mut stream = stream(0);
        let mut counts = [0_i32; 10];
        for _ in 0..100_000 {
            counts[below(&mut stream, 10) as usize] += 1;
        }
        assert!(counts.iter().all(|count| (count - 10_000).abs() < 475), "{counts:?}");
    }

    /// A geometric skip has mean (1 − p)/p and variance (1 − p)/p².
    #[test]
    fn skips_have_the_geometric_mean() {
        let mut stream = stream(1);
        for p in [0.9, 0.3, 0.01] {
            let n = 100_000;
            let skip = Skip::new(p);
            let mean = (0..n).map(|_| skip.draw(&mut stream)).sum::<f64>() / f64::from(n);
            let deviation = ((1.0 - p) / (p * p) / f64::from(n)).sqrt();
            assert!((mean - (1.0 - p) / p).abs() < 5.0 * deviation, "p {p}: {mean}");
        }
        assert_eq!(Skip::new(1.0).draw(&mut stream), 0.0);
        assert_eq!(Skip::new(0.0).draw(&mut stream), f64::INFINITY);
    }

    /// Each of n elements is in a k-subset with probability k/n.
    #[test]
    fn subsets_are_even_and_distinct() {
        for (n, k) in [(10, 3), (10, 8), (10, 10), (10, 0), (1, 1)] {
            let mut counts = vec![0_i32; n as usize];
            let mut chosen = Vec::new();
            let trials = 20_000;
            for trial in 0..trials {
                subset(&mut stream(trial), n, k, &mut chosen);
                assert_eq!(chosen.len(), k as usize);
                assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
                chosen.iter().for_each(|i| counts[*i as usize] += 1);
            }
            let p = f64::from(k) / f64::from(n);
            let (mean, deviation) = (trials as f64 * p, (trials as f64 * p * (1.0 - p)).sqrt());
            let even = |count: &i32| (f64::from(*count) - mean).abs() <= 5.0 * deviation;
            assert!(counts.iter().all(even), "{n} {k} {counts:?}");
        }
    }
}
