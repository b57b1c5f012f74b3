//! Poisson sources on the grid: how many spikes each of them sends in a step, drawn in bulk.
//!
//! The count of a source in a step is the inverse of the Poisson distribution at 16 bits of a block whose
//! number is the step. So it depends on nothing but the seed, the source and the step, and whoever needs a
//! count draws it where it is needed: nobody sends it as events, and nobody keeps it.
//!
//! ```text
//! group       sources 0 … 127                         | 128 … 255
//! source      0 … 31   32 … 63   64 … 95   96 … 127   | 128 … 159  …
//! block       0 … 15    0 … 15    0 … 15     0 … 15   |  16 …  31  …
//! word             0         1         2          3   |         0  …      its lower half, its upper half
//! ```
//! Where 16 bits do not decide, because they are those of a threshold or the count is a rare one, 32 more are
//! drawn for this source and step, so a probability is off by 2⁻⁴⁸ at most, beside the rounding of its terms.
//! That is less than one draw in a thousand, and the rest costs half.

#[cfg(target_arch = "x86_64")]
mod avx512;
mod kernel;

use std::ops::{Range, RangeInclusive};

use pulp::Arch;
use rheobase_net::PopulationId;
use rheobase_net::random::{Blocks, Purpose};

use kernel::{Draw, Undecided};

/// Draws the counts of a population of Poisson sources of one rate.
#[derive(Debug, Clone)]
pub(crate) struct Counts {
    arch: Arch,
    blocks: Blocks,
    ties: Blocks,
    /// A count is the number of these that 48 bits reach.
    thresholds: Vec<u64>,
    /// The upper 16 bits of the thresholds that a draw looks at: it decides if its bits are none of them, and
    /// below the limit.
    usual: Vec<u16>,
    limit: u16,
}

/// Bits of a threshold.
const BITS: u32 = 48;

/// The counts of neighboring sources that are drawn together, from one word of sixteen blocks after the other.
pub(crate) type Group = [u16; 128];

const GROUP: u32 = size_of::<Group>() as u32 / 2;

/// So many groups have everybody among `n` neighbors.
pub(crate) const fn groups_of(n: usize) -> usize {
    n.div_ceil(GROUP as usize) + 1
}

impl Counts {
    /// The largest mean for which counting is worth its table.
    pub const LARGEST_MEAN: f64 = 10_000.0;

    /// Sources of population `part` that send `mean` spikes a step.
    pub fn new(seed: u64, part: u32, mean: f64) -> Self {
        Self::on(Arch::new(), seed, part, mean)
    }

    fn on(arch: Arch, seed: u64, part: u32, mean: f64) -> Self {
        /// Where one count in two thousand is larger.
        const RARE: u16 = u16::MAX - u16::MAX / 2000;
        let thresholds = thresholds(mean);
        let upper: Vec<u16> = thresholds.iter().map(|threshold| (threshold >> 32) as u16).collect();
        let n_usual = upper.partition_point(|threshold| *threshold < RARE);
        let limit = upper.get(n_usual).copied().unwrap_or(u16::MAX);
        Self {
            arch,
            blocks: Blocks::new(seed, Purpose::PoissonCount, part),
            ties: Blocks::new(seed, Purpose::PoissonTie, part),
            thresholds,
            usual: upper[..n_usual].to_vec(),
            limit,
        }
    }

    /// Draws the counts of some sources in a step. `room` is for [`groups_of`] them: groups are drawn whole,
    /// and where they are to stay, so that nothing is copied.
    pub fn draw<'a>(&self, sources: Range<u32>, step: u32, room: &'a mut [Group]) -> &'a [u16] {
        let first = sources.start / GROUP;
        let room = &mut room[..(sources.end.div_ceil(GROUP) - first) as usize];
        let draw = Draw { counts: self, first, step, room: &mut *room };
        match self.arch {
            #[cfg(target_arch = "x86_64")]
            Arch::V4(simd) if self.usual.len() <= avx512::MOST_THRESHOLDS => {
                simd.vectorize(avx512::Draw { simd, draw });
            }
            _ => self.arch.dispatch(draw),
        }
        let skipped = (sources.start - first * GROUP) as usize;
        &room.as_flattened()[skipped..skipped + sources.len()]
    }

    /// Draws more bits where those that were drawn do not decide; `first` is the first source.
    #[cold]
    fn decide(&self, step: u32, first: u32, Undecided { which, drawn }: &Undecided, counts: &mut [u16; 32]) {
        for i in (0..32).filter(|i| which >> i & 1 != 0) {
            let [more, ..] = self.ties.one(first + i as u32, step);
            let word = u64::from(drawn[i]) << 32 | u64::from(more);
            counts[i] = self.thresholds.partition_point(|threshold| *threshold <= word) as u16;
        }
    }
}

/// The spikes of a population of sources, for those who want them one by one.
#[derive(Debug, Clone)]
pub(crate) struct BackgroundSpikes {
    counts: Counts,
    first_node: u32,
    n: u32,
    room: Vec<Group>,
}

impl BackgroundSpikes {
    /// The `n` sources of population `source`, that send `mean` spikes a step.
    pub fn new(seed: u64, source: PopulationId, mean: f64, first_node: u32, n: u32) -> Self {
        let room = vec![[0; GROUP as usize]; groups_of(n as usize)];
        Self { counts: Counts::new(seed, source.0, mean), first_node, n, room }
    }

    /// Gives the spikes of some steps, from step 1 on: step, node, how many, in this order.
    pub fn take(&mut self, steps: RangeInclusive<u32>, mut give: impl FnMut(u32, u32, u16)) {
        let Self { counts, first_node, n, room } = self;
        for step in (*steps.start()).max(1)..=*steps.end() {
            let drawn = counts.draw(0..*n, step, room);
            let sent = drawn.iter().zip(*first_node..).filter(|(count, _)| **count > 0);
            sent.for_each(|(count, node)| give(step, node, *count));
        }
    }
}

/// `P(count ≤ k)` for `k` = 0, 1, … in units of 2⁻⁴⁸, as far as it differs from 1.
fn thresholds(mean: f64) -> Vec<u64> {
    const UNIT: f64 = (1_u64 << BITS) as f64;
    let (mut thresholds, mut below, mut k) = (Vec::new(), 0.0, 0.0);
    loop {
        // In logarithms, so that a large mean does not underflow.
        let term = libm::exp(k * libm::log(mean) - mean - libm::lgamma(k + 1.0));
        below += term;
        let threshold = (below * UNIT).round();
        // Rounded terms need not add up to 1; past the mean they vanish.
        if threshold >= UNIT || (k > mean && term < 0.25 / UNIT) {
            return thresholds;
        }
        thresholds.push(threshold as u64);
        k += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grid::twins::sets;

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
                let found = *threshold as f64 / (1_u64 << BITS) as f64;
                assert!((found - below).abs() < 1e-11, "mean {mean}, k {k}: {found} for {below}");
            }
        }
    }

    /// Every kernel against the definition, for means that want a few thresholds and many, and wherever a
    /// draw begins. A hundred thousand draws a mean have their ties.
    #[test]
    fn counts_are_what_their_bits_give() {
        let (seed, part, n) = (11, 2, 25_000);
        let ties = Blocks::new(seed, Purpose::PoissonTie, part);
        let blocks = Blocks::new(seed, Purpose::PoissonCount, part);
        for mean in [0.05, 1.3, 2.3, 20.0, 700.0] {
            let thresholds = thresholds(mean);
            let mut n_ties = 0;
            for (first, step) in [(0, 1), (37, 9), (128, 2), (200, u32::MAX)] {
                let mut room = vec![[0; 128]; groups_of(n as usize)];
                let drawn = Counts::new(seed, part, mean).draw(first..first + n, step, &mut room).to_vec();
                for arch in sets() {
                    let counts = Counts::on(arch, seed, part, mean);
                    assert_eq!(counts.draw(first..first + n, step, &mut room), drawn, "mean {mean}");
                }
                assert_eq!(drawn.len(), n as usize);
                for (found, source) in drawn.iter().zip(first..) {
                    let word = source / 32 % 4;
                    let word = blocks.one(source / 128 * 16 + source % 32 / 2, step)[word as usize];
                    let bits = word >> (16 * (source % 2)) & 0xFFFF;
                    let word = u64::from(bits) << 32 | u64::from(ties.one(source, step)[0]);
                    let expected = thresholds.iter().filter(|threshold| word >= **threshold).count();
                    assert_eq!(usize::from(*found), expected, "mean {mean}, source {source}, step {step}");
                    n_ties +=
                        usize::from(thresholds.iter().any(|threshold| threshold >> 32 == u64::from(bits)));
                }
            }
            assert!(mean < 1.0 || n_ties > 0, "mean {mean}: no tie was seen");
        }
    }

    /// Mean and variance are both the mean, within five deviations of their estimates.
    #[test]
    fn counts_have_the_right_mean_and_variance() {
        let (mean, n): (f64, u32) = (2.0, 40_000);
        let mut room = vec![[0; 128]; groups_of(n as usize)];
        let counts = Counts::new(3, 0, mean);
        let drawn = counts.draw(0..n, 5, &mut room);
        let found = drawn.iter().map(|c| f64::from(*c)).sum::<f64>() / f64::from(n);
        let variance = drawn.iter().map(|c| (f64::from(*c) - found).powi(2)).sum::<f64>() / f64::from(n);
        assert!((found - mean).abs() < 5.0 * (mean / f64::from(n)).sqrt(), "{found}");
        let spread = ((mean + 2.0 * mean * mean) / f64::from(n)).sqrt();
        assert!((variance - mean).abs() < 5.0 * spread, "{variance}");
    }
}
