//! Counter-based random numbers: the same bits, whichever thread draws them.
//!
//! A [`Stream`] is named by `(seed, purpose, index)` and needs no state but its counter, so that
//! "the weights of row 17" can be drawn by any thread, at any time, in any order. The generator is
//! Philox4x32-10 (Salmon et al. 2011, doi 10.1145/2063384.2063405), tested against its authors'
//! known answers.

use std::convert::Infallible;

use rand::rand_core::TryRng;

/// What a stream is for: streams of different purposes never meet.
///
/// The numbers are part of the file format of seeds: a change of one changes every network made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Purpose {
    /// Which nodes a synapse joins.
    Connect = 1,
    /// Weights of synapses.
    Weight = 2,
    /// Delays of synapses.
    Delay = 3,
    /// Positions in space.
    Position = 4,
    /// Which neurons are inhibitory, or receive input.
    Choose = 5,
    /// Parameters of neurons.
    Parameter = 6,
    /// Trains of Poisson sources.
    Poisson = 7,
    /// Stochastic encoders.
    Encode = 8,
    /// Folds, shuffles and splits of data.
    Split = 9,
    /// Counts of Poisson sources, one word a step.
    PoissonCount = 10,
    /// Currents of noise sources.
    Noise = 11,
}

/// A stream of random numbers. Implements `rand`'s `Rng`, so every distribution can be drawn from it.
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    /// Block number (two words), index (two words).
    counter: [u32; 4],
    block: [u32; 4],
    used: usize,
}

impl Stream {
    /// The stream of `seed` for `purpose`, part `part` of it (a projection, a population), index
    /// `index` in that part (a row, a neuron).
    pub fn new(seed: u64, purpose: Purpose, part: u32, index: u64) -> Self {
        // The part is mixed into the key by one Philox block of the seed, so that
        // (seed, part) pairs do not collide as sums would.
        let [k0, k1, _, _] = philox([purpose as u32, part, 0, 0], [seed as u32, (seed >> 32) as u32]);
        Self { key: [k0, k1], counter: [0, 0, index as u32, (index >> 32) as u32], block: [0; 4], used: 4 }
    }

    /// Words `4 * block` to `4 * block + 3` of sixteen streams of neighboring indices, whose first is
    /// `index`: `words[k][i]` is word `4 * block + k` of the stream `index + i`.
    ///
    /// `self` is any stream of the same seed, purpose and part. Written so that compilers vectorize it.
    #[inline(always)]
    pub fn words_of_16(&self, index: u32, block: u32) -> [[u32; 16]; 4] {
        let mut counter = [[block; 16], [0; 16], [0; 16], [0; 16]];
        counter[2].iter_mut().zip(0..).for_each(|(word, i)| *word = index.wrapping_add(i));
        let mut key = self.key;
        for _ in 0..ROUNDS {
            let [c0, c1, c2, c3] = &mut counter;
            for i in 0..16 {
                [c0[i], c1[i], c2[i], c3[i]] = round([c0[i], c1[i], c2[i], c3[i]], key);
            }
            key = next_key(key);
        }
        counter
    }

    fn word(&mut self) -> u32 {
        if self.used == 4 {
            self.block = philox(self.counter, self.key);
            self.used = 0;
            let (low, carry) = self.counter[0].overflowing_add(1);
            self.counter[0] = low;
            self.counter[1] = self.counter[1].wrapping_add(u32::from(carry));
        }
        self.used += 1;
        self.block[self.used - 1]
    }

    /// A number in the open interval (0, 1): never 0, so that its logarithm is finite.
    pub fn open01(&mut self) -> f64 {
        let bits = (u64::from(self.word()) << 32 | u64::from(self.word())) >> 12;
        (bits as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
    }

    /// A waiting time of a Poisson process of rate 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.open01())
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(u64::from(self.word()) | u64::from(self.word()) << 32)
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(4) {
            let bytes = self.word().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

const ROUNDS: usize = 10;

/// Philox4x32 with ten rounds.
fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..ROUNDS {
        counter = round(counter, key);
        key = next_key(key);
    }
    counter
}

#[inline(always)]
fn round(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let p0 = u64::from(counter[0]) * 0xD251_1F53;
    let p1 = u64::from(counter[2]) * 0xCD9E_8D57;
    [(p1 >> 32) as u32 ^ counter[1] ^ key[0], p1 as u32, (p0 >> 32) as u32 ^ counter[3] ^ key[1], p0 as u32]
}

#[inline(always)]
fn next_key(key: [u32; 2]) -> [u32; 2] {
    [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers that come with Random123 (`kat_vectors`, philox4x32 10).
    #[test]
    fn philox_gives_its_authors_answers() {
        let answer = philox([0; 4], [0; 2]);
        assert_eq!(answer, [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]);
        let answer = philox([u32::MAX; 4], [u32::MAX; 2]);
        assert_eq!(answer, [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]);
        let answer = philox([0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344], [0xa409_3822, 0x299f_31d0]);
        assert_eq!(answer, [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]);
    }

    #[test]
    fn sixteen_streams_at_once_are_sixteen_streams() {
        let name = |index| Stream::new(5, Purpose::PoissonCount, 3, index);
        for (index, block) in [(0, 0), (7, 1), (u32::MAX - 16, 12_345)] {
            let words = name(0).words_of_16(index, block);
            for i in 0..16 {
                let mut stream = name(u64::from(index) + i as u64);
                (0..4 * block).for_each(|_| _ = stream.word());
                (0..4).for_each(|k| assert_eq!(words[k][i], stream.word()));
            }
        }
    }

    #[test]
    fn streams_of_different_names_differ() {
        let first = |seed, purpose, part, index| Stream::new(seed, purpose, part, index).word();
        let names = [
            first(1, Purpose::Connect, 0, 0),
            first(2, Purpose::Connect, 0, 0),
            first(1, Purpose::Weight, 0, 0),
            first(1, Purpose::Connect, 1, 0),
            first(1, Purpose::Connect, 0, 1),
        ];
        let distinct: std::collections::HashSet<u32> = names.into_iter().collect();
        assert_eq!(distinct.len(), names.len());
    }

    /// The mean of n exponentials is 1 with deviation 1/√n: 5 deviations are 0.016 for n = 100,000.
    #[test]
    fn exponential_has_mean_one() {
        let mut stream = Stream::new(7, Purpose::Poisson, 0, 0);
        let mean = (0..100_000).map(|_| stream.exponential()).sum::<f64>() / 1e5;
        assert!((mean - 1.0).abs() < 0.016, "{mean}");
    }
}
