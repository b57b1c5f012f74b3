//! Counter-based random numbers: the same bits, whichever thread draws them.
//!
//! A [`Stream`] is named by `(seed, purpose, index)` and needs no state but its counter, so that
//! "the weights of row 17" can be drawn by any thread, at any time, in any order. The generator is
//! Philox4x32-10 (Salmon et al. 2011, doi 10.1145/2063384.2063405), tested against its authors'
//! known answers. What a stream draws by itself, it draws with bits of our own: no library's next
//! version changes a network. [`Blocks`] are for those who want a word of each of very many counters.

mod gamma;
mod normal;
mod philox;

use std::convert::Infallible;

use rand::rand_core::TryRng;

pub(crate) use gamma::Gamma;
/// A cheap word of a number, for searches: what is drawn by it is no part of a network.
pub use rheobase_ltc::random::word as split_mix;

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
    /// Counts of Poisson sources, half a word a step.
    PoissonCount = 10,
    /// Currents of noise sources.
    Noise = 11,
    /// Further bits where a word does not decide about the count of a Poisson source.
    PoissonTie = 12,
    /// Which parts of a mapping are proposed to swap their cores.
    Place = 13,
}

/// A stream of random numbers. Implements `rand`'s `Rng`, so every distribution can be drawn from it.
///
/// The words of its blocks one after the other: the first block by itself, because many streams are
/// short, and then four at a time.
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    index: u64,
    /// The block that is made next.
    block: u64,
    words: [u32; philox::WORDS],
    /// The words from `used` to `made` are not given out yet.
    used: usize,
    made: usize,
}

impl Stream {
    /// The stream of `seed` for `purpose`, part `part` of it (a projection, a population), index
    /// `index` in that part (a row, a neuron).
    pub fn new(seed: u64, purpose: Purpose, part: u32, index: u64) -> Self {
        Self { key: key(seed, purpose, part), index, block: 0, words: [0; philox::WORDS], used: 0, made: 0 }
    }

    /// How many words were drawn.
    pub fn position(&self) -> u64 {
        self.block.wrapping_mul(4).wrapping_sub((self.made - self.used) as u64)
    }

    /// Goes to a position, in either direction.
    pub fn go_to(&mut self, position: u64) {
        self.block = position / 4;
        (self.used, self.made) = (0, 0);
        (0..position % 4).for_each(|_| _ = self.word());
    }

    fn refill(&mut self) {
        if self.block == 0 {
            self.words[..4].copy_from_slice(&philox::block(philox::counter(0, self.index), self.key));
            self.made = 4;
        } else {
            self.words = philox::consecutive(self.block, self.index, self.key);
            self.made = philox::WORDS;
        }
        self.block = self.block.wrapping_add(self.made as u64 / 4);
        self.used = 0;
    }

    #[inline]
    fn word(&mut self) -> u32 {
        if self.used == self.made {
            self.refill();
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// The next two words, the first in the low half.
    #[inline]
    fn bits(&mut self) -> u64 {
        u64::from(self.word()) | u64::from(self.word()) << 32
    }

    /// A number in the open interval (0, 1): never 0, so that its logarithm is finite.
    #[inline]
    pub fn open01(&mut self) -> f64 {
        let bits = (u64::from(self.word()) << 32 | u64::from(self.word())) >> 12;
        (bits as f64 + 0.5) * (1.0 / (1_u64 << 52) as f64)
    }

    /// A waiting time of a Poisson process of rate 1.
    pub fn exponential(&mut self) -> f64 {
        -libm::log(self.open01())
    }

    /// A standard normal number: mean 0, deviation 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        normal::draw(self)
    }
}

/// The key of a part.
fn key(seed: u64, purpose: Purpose, part: u32) -> [u32; 2] {
    // The part is mixed into the key by one Philox block of the seed, so that
    // (seed, part) pairs do not collide as sums would.
    let [k0, k1, _, _] = philox::block([purpose as u32, part, 0, 0], [seed as u32, (seed >> 32) as u32]);
    [k0, k1]
}

/// Blocks of four words by their numbers, sixteen at a time: Philox4x32-7, the least number of rounds that
/// passes every test of its authors (table 2 of their paper), for those who draw hundreds of millions.
#[derive(Debug, Clone, Copy)]
pub struct Blocks {
    key: [u32; 2],
}

impl Blocks {
    /// The blocks of `seed` for `purpose`, part `part` of it (a population).
    pub fn new(seed: u64, purpose: Purpose, part: u32) -> Self {
        Self { key: key(seed, purpose, part) }
    }

    /// The blocks of counters `(block, index)` to `(block, index + 15)`: word `k` of block `index + 2 i` is the
    /// lower half of `[k][i]`, that of block `index + 2 i + 1` the upper half. Written so that compilers
    /// vectorize it.
    #[inline(always)]
    pub fn sixteen(&self, index: u32, block: u32) -> [[u64; 8]; 4] {
        philox::sixteen(block, index, self.key)
    }

    /// The block of a counter.
    pub fn one(&self, index: u32, block: u32) -> [u32; 4] {
        philox::quick(block, index, self.key)
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    #[inline]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.word())
    }

    #[inline]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(4) {
            let bytes = self.word().to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream is the words of blocks 0, 1, 2, … of its key and index, however they are made.
    #[test]
    fn a_stream_is_its_blocks_in_order() {
        let mut stream = Stream::new(3, Purpose::Weight, 5, 1 << 40 | 7);
        let key = stream.key;
        for block in 0..20 {
            let expected = philox::block([block, 0, 7, 1 << 8], key);
            let words: [u32; 4] = std::array::from_fn(|_| stream.word());
            assert_eq!(words, expected, "block {block}");
        }
    }

    #[test]
    fn a_stream_goes_to_any_position() {
        let stream = || Stream::new(3, Purpose::Poisson, 5, 9);
        let mut words = stream();
        let words: Vec<u32> = (0..100).map(|_| words.word()).collect();
        for from in [0, 3, 50] {
            for (to, expected) in words.iter().enumerate() {
                let mut stream = stream();
                (0..from).for_each(|_| _ = stream.word());
                assert_eq!(stream.position(), from);
                stream.go_to(to as u64);
                assert_eq!((stream.position(), stream.word()), (to as u64, *expected));
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
