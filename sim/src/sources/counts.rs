//! Poisson sources on the grid: how many spikes each of them sends in a step, drawn in bulk.
//!
//! The count of source `i` in step `s` is the inverse of the Poisson distribution at word `s` of the
//! stream `i`. So it depends on nothing but the seed, the source and the step, and whoever needs a count
//! draws it where it is needed: nobody sends it as events.
//!
//! A word has 32 bits, so a probability is off by 2⁻³² at most.

use std::ops::RangeInclusive;

use pulp::{Arch, NullaryFnOnce};
use rheobase_net::PopulationId;
use rheobase_net::random::{Purpose, Stream};

/// Draws the counts of a population of Poisson sources of one rate.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    arch: Arch,
    stream: Stream,
    /// A count is the number of these that a word reaches; in groups, filled up with the last word.
    thresholds: Vec<[u32; GROUP]>,
    /// So many groups are looked at for every word, the others only if one of sixteen words needs them.
    n_usual: usize,
}

/// The steps that are drawn at once: as many as a block of the stream has words.
pub(crate) const STEPS: u32 = 4;

/// Thresholds that are compared in one go, so that sums stay in a register meanwhile.
const GROUP: usize = 4;

/// So many sources are drawn at once.
const LANES: usize = 16;

impl Counts {
    /// The largest mean for which counting is worth its table.
    pub const LARGEST_MEAN: f64 = 10_000.0;

    /// Sources of population `part` that send `mean` spikes a step.
    pub fn new(seed: u64, part: u32, mean: f64) -> Self {
        let stream = Stream::new(seed, Purpose::PoissonCount, part, 0);
        let thresholds = groups(&thresholds(mean));
        /// Where one count in a thousand is larger.
        const RARE: u32 = u32::MAX - u32::MAX / 1000;
        let n_usual = thresholds.partition_point(|group| group[0] < RARE);
        Self { arch: Arch::new(), stream, thresholds, n_usual }
    }

    /// Draws the steps `4 * block .. 4 * block + 4` of the sources from `first` on: step after step, and
    /// in a step source after source, `n = counts.len() / 4` of them.
    pub fn draw(&self, first: u32, block: u32, counts: &mut [u16]) {
        self.arch.dispatch(Draw { sources: self, first, block, counts });
    }
}

/// One draw; a type of its own and not a closure, whose calls are not always inlined into the vector code.
struct Draw<'a> {
    sources: &'a Counts,
    first: u32,
    block: u32,
    counts: &'a mut [u16],
}

impl NullaryFnOnce for Draw<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { sources, first, block, counts } = self;
        let n = counts.len() / STEPS as usize;
        let (s0, rest) = counts.split_at_mut(n);
        let (s1, rest) = rest.split_at_mut(n);
        let (s2, s3) = rest.split_at_mut(n);
        let ((s0, r0), (s1, r1)) = (s0.as_chunks_mut(), s1.as_chunks_mut());
        let ((s2, r2), (s3, r3)) = (s2.as_chunks_mut(), s3.as_chunks_mut());
        for (k, (((s0, s1), s2), s3)) in s0.iter_mut().zip(s1).zip(s2).zip(s3).enumerate() {
            sources.draw_lanes(first + (k * LANES) as u32, block, [s0, s1, s2, s3]);
        }
        let mut last = [[0; LANES]; STEPS as usize];
        let [l0, l1, l2, l3] = &mut last;
        sources.draw_lanes(first + (n / LANES * LANES) as u32, block, [l0, l1, l2, l3]);
        for (rest, last) in [r0, r1, r2, r3].into_iter().zip(&last) {
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }
}

impl Counts {
    /// Draws the steps of a block of sixteen sources.
    #[inline(always)]
    fn draw_lanes(&self, first: u32, block: u32, counts: [&mut [u16; LANES]; STEPS as usize]) {
        let Self { arch: _, stream, thresholds, n_usual } = self;
        let (usual, rare) = thresholds.split_at(*n_usual);
        let words = stream.words_of_16(first, block);
        for (counts, words) in counts.into_iter().zip(&words) {
            *counts = [0; LANES];
            for group in usual {
                add_reached(counts, words, group);
            }
            if let Some(group) = rare.first()
                && words.iter().fold(false, |any, word| any | (*word >= group[0]))
            {
                for group in rare {
                    add_reached(counts, words, group);
                }
            }
        }
    }
}

/// Adds how many of the thresholds every word reaches.
#[inline(always)]
fn add_reached(sums: &mut [u16; LANES], words: &[u32; LANES], thresholds: &[u32; GROUP]) {
    for i in 0..LANES {
        let reached = thresholds.iter().fold(0, |n, threshold| n + u32::from(words[i] >= *threshold));
        sums[i] += reached as u16;
    }
}

/// The spikes of a population of sources, for those who want them one by one.
#[derive(Debug, Clone)]
pub(crate) struct BackgroundSpikes {
    counts: Counts,
    first_node: u32,
    n: u32,
    drawn: Vec<u16>,
    /// The block that is drawn.
    block: Option<u32>,
}

impl BackgroundSpikes {
    /// The `n` sources of population `source`, that send `mean` spikes a step.
    pub fn new(seed: u64, source: PopulationId, mean: f64, first_node: u32, n: u32) -> Self {
        let counts = Counts::new(seed, source.0, mean);
        Self { counts, first_node, n, drawn: vec![0; (n * STEPS) as usize], block: None }
    }

    /// Gives the spikes of some steps, from step 1 on: step, node, how many, in this order.
    pub fn take(&mut self, steps: RangeInclusive<u32>, mut give: impl FnMut(u32, u32, u16)) {
        for step in (*steps.start()).max(1)..=*steps.end() {
            let block = step / STEPS;
            if self.block != Some(block) {
                self.counts.draw(0, block, &mut self.drawn);
                self.block = Some(block);
            }
            let n = self.n as usize;
            let of_step = &self.drawn[(step % STEPS) as usize * n..][..n];
            let sent = of_step.iter().zip(self.first_node..).filter(|(count, _)| **count > 0);
            sent.for_each(|(count, node)| give(step, node, *count));
        }
    }
}

/// `P(count ≤ k)` for `k` = 0, 1, … in units of 2⁻³², as far as it differs from 1.
fn thresholds(mean: f64) -> Vec<u32> {
    const UNIT: f64 = (1_u64 << 32) as f64;
    let (mut thresholds, mut below, mut k) = (Vec::new(), 0.0, 0.0);
    loop {
        // In logarithms, so that a large mean does not underflow.
        below += libm::exp(k * libm::log(mean) - mean - libm::lgamma(k + 1.0));
        let threshold = (below * UNIT).round();
        if threshold >= UNIT || (k > mean && 1.0 - below < 0.5 / UNIT) {
            return thresholds;
        }
        thresholds.push(threshold as u32);
        k += 1.0;
    }
}

fn groups(thresholds: &[u32]) -> Vec<[u32; GROUP]> {
    let fill = |group: &[u32]| std::array::from_fn(|k| group.get(k).copied().unwrap_or(u32::MAX));
    thresholds.chunks(GROUP).map(fill).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::TryRng;

    /// The closed form of the distribution, for means from thin to thick.
    #[test]
    fn thresholds_are_the_distribution() {
        for mean in [0.05, 1.0, 2.0, 20.0, 700.0] {
            let thresholds = thresholds(mean);
            let mut p = libm::exp(-mean);
            let mut below = 0.0;
            for (k, threshold) in thresholds.iter().enumerate().take(60) {
                below += p;
                p *= mean / (k + 1) as f64;
                let found = f64::from(*threshold) / 4_294_967_296.0;
                assert!((found - below).abs() < 1e-8, "mean {mean}, k {k}: {found} for {below}");
            }
        }
    }

    /// The vector code against one stream at a time and the definition of a count.
    #[test]
    fn counts_are_what_single_streams_give() {
        let (seed, part, mean, n, first) = (11, 2, 2.3, 100, 37);
        let counts = Counts::new(seed, part, mean);
        for block in [0, 1, 9] {
            let mut drawn = vec![0; n * STEPS as usize];
            counts.draw(first, block, &mut drawn);
            for i in 0..n {
                let index = u64::from(first) + i as u64;
                let mut stream = Stream::new(seed, Purpose::PoissonCount, part, index);
                let words: Vec<u32> =
                    (0..STEPS * (block + 1)).map(|_| stream.try_next_u32().unwrap_or(0)).collect();
                for k in 0..STEPS as usize {
                    let word = words[(STEPS * block) as usize + k];
                    let expected = thresholds(mean).iter().filter(|t| word >= **t).count();
                    assert_eq!(usize::from(drawn[k * n + i]), expected);
                }
            }
        }
    }

    /// Mean and variance are both the mean, within five deviations of their estimates.
    #[test]
    fn counts_have_the_right_mean_and_variance() {
        let (mean, n): (f64, usize) = (2.0, 40_000);
        let counts = Counts::new(3, 0, mean);
        let mut drawn = vec![0; n];
        counts.draw(0, 5, &mut drawn);
        let found = drawn.iter().map(|c| f64::from(*c)).sum::<f64>() / n as f64;
        let variance = drawn.iter().map(|c| (f64::from(*c) - found).powi(2)).sum::<f64>() / n as f64;
        assert!((found - mean).abs() < 5.0 * (mean / n as f64).sqrt(), "{found}");
        assert!((variance - mean).abs() < 5.0 * ((mean + 2.0 * mean * mean) / n as f64).sqrt(), "{variance}");
    }
}
