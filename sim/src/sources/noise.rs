//! Noise currents, drawn a row at a time where they act.
//!
//! The value of source `i` in interval `k` is made of block `k / 2` of counter `i` by Box and Muller's
//! method, which gives the normal numbers of two intervals: with `r = sqrt(−2 ln a)` they are `r cos 2πb` and
//! `r sin 2πb`, where `a` and `b` are uniform numbers of 53 bits. So a value depends on the seed, the source
//! and the interval alone; whoever needs a row draws it, and no row needs the one before.

use std::f64::consts::TAU;
use std::ops::Range;

use rheobase_net::random::{Blocks, Purpose};
use rheobase_net::{Param, PopulationId};

/// So many sources are drawn at once.
const LANES: usize = 16;

/// More intervals than this cannot be numbered.
pub(crate) const MOST_INTERVALS: f64 = 8_589_934_592.0;

/// The currents of some sources of a population.
#[derive(Debug)]
pub(crate) struct Noise {
    /// How long a value holds \[ms\].
    pub interval: f64,
    blocks: Blocks,
    /// The first source that is drawn.
    first: u32,
    /// Mean and standard deviation of every source from the first on \[pA\].
    moments: Vec<(f64, f64)>,
    /// The block that is drawn, and its normal numbers: of even intervals, of odd ones.
    block: Option<u64>,
    normal: [Vec<f64>; 2],
    /// A row; zeros before the first source.
    values: Vec<f64>,
}

impl Noise {
    /// The sources `channels` of a population.
    pub fn new(
        seed: u64,
        source: PopulationId,
        channels: Range<u32>,
        mean: &Param,
        sd: &Param,
        interval: f64,
    ) -> Self {
        let n = channels.len();
        Self {
            interval,
            blocks: Blocks::new(seed, Purpose::Noise, source.0),
            first: channels.start,
            moments: channels.clone().map(|i| (mean.get(i as usize), sd.get(i as usize))).collect(),
            block: None,
            normal: [vec![0.0; n], vec![0.0; n]],
            values: vec![0.0; channels.end as usize],
        }
    }

    /// The currents of interval `k` \[pA\], by source.
    pub fn row(&mut self, k: u64) -> &[f64] {
        if self.block != Some(k / 2) {
            self.draw(k / 2);
        }
        let Self { first, moments, normal, values, .. } = self;
        let drawn = moments.iter().zip(&normal[(k % 2) as usize]);
        values[*first as usize..].iter_mut().zip(drawn).for_each(|(value, ((mean, sd), z))| {
            *value = mean + sd * z;
        });
        values
    }

    fn draw(&mut self, block: u64) {
        let Self { blocks, first, normal: [even, odd], .. } = self;
        let chunks = even.chunks_mut(LANES).zip(odd.chunks_mut(LANES)).enumerate();
        for (chunk, (even, odd)) in chunks {
            // The engine refuses a run with more intervals than a block's number holds.
            let words = blocks.sixteen(*first + (chunk * LANES) as u32, block as u32);
            for (i, (even, odd)) in even.iter_mut().zip(odd).enumerate() {
                let [w0, w1, w2, w3] = words.map(|words| (words[i / 2] >> (32 * (i % 2))) as u32);
                (*even, *odd) = box_muller(uniform(w0, w1), uniform(w2, w3));
            }
        }
        self.block = Some(block);
    }
}

/// A number in (0, 1] of 53 bits.
#[inline]
fn uniform(low: u32, high: u32) -> f64 {
    let bits = (u64::from(low) | u64::from(high) << 32) >> 11;
    (bits + 1) as f64 * (1.0 / (1_u64 << 53) as f64)
}

/// Two independent standard normal numbers of two uniform ones
/// (Box & Muller 1958, doi 10.1214/aoms/1177706645).
#[inline]
fn box_muller(a: f64, b: f64) -> (f64, f64) {
    let radius = (-2.0 * libm::log(a)).sqrt();
    let (sin, cos) = libm::sincos(TAU * b);
    (radius * cos, radius * sin)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(channels: Range<u32>) -> Noise {
        Noise::new(7, PopulationId(3), channels, &Param::Shared(2.0), &Param::Shared(0.5), 0.1)
    }

    /// Every value against the words of its own block, whatever the rows are asked in, and whatever
    /// sources are drawn beside it.
    #[test]
    fn values_depend_on_source_and_interval_alone() {
        let (mut all, mut some) = (noise(0..40), noise(21..30));
        for k in [5_u64, 4, 0, 1, 9, 4] {
            let row = all.row(k).to_vec();
            assert_eq!(&some.row(k)[21..], &row[21..30]);
            for (i, value) in row.iter().enumerate() {
                let words = Blocks::new(7, Purpose::Noise, 3).one(i as u32, (k / 2) as u32);
                let two = |j: usize| f64::from(words[j]) / 4_294_967_296.0 / 4_294_967_296.0;
                let share = |j: usize| two(j) + f64::from(words[j + 1]) / 4_294_967_296.0;
                let radius = (-2.0 * share(0).ln()).sqrt();
                let angle = TAU * share(2);
                let z = radius * if k % 2 == 0 { angle.cos() } else { angle.sin() };
                assert!((value - (2.0 + 0.5 * z)).abs() < 1e-12, "source {i}, interval {k}");
            }
        }
    }

    /// Mean 0, variance 1, fourth moment 3, and no correlation between neighbors in time and between sources,
    /// each within five deviations of its estimate.
    #[test]
    fn values_are_standard_normal() {
        let (n, rows) = (500_u32, 400_u64);
        let mut noise = Noise::new(1, PopulationId(0), 0..n, &0.0.into(), &1.0.into(), 1.0);
        let drawn: Vec<Vec<f64>> = (0..rows).map(|k| noise.row(k).to_vec()).collect();
        let count = f64::from(n) * rows as f64;
        let moment = |p: i32| drawn.iter().flatten().map(|z| z.powi(p)).sum::<f64>() / count;
        for (found, expected, variance) in
            [(moment(1), 0.0, 1.0), (moment(2), 1.0, 2.0), (moment(3), 0.0, 15.0), (moment(4), 3.0, 96.0)]
        {
            assert!((found - expected).abs() < 5.0 * f64::sqrt(variance / count), "{found} for {expected}");
        }
        let in_time: f64 = drawn.windows(2).flat_map(|w| w[0].iter().zip(&w[1])).map(|(a, b)| a * b).sum();
        let in_space: f64 = drawn.iter().flat_map(|row| row.windows(2)).map(|w| w[0] * w[1]).sum();
        for product in [in_time, in_space] {
            assert!(product.abs() / count < 5.0 / count.sqrt(), "{product} of {count}");
        }
    }
}
