//! `numpy.random.RandomState(seed)`: the Mersenne Twister MT19937.
//!
//! Matsumoto & Nishimura 1998, doi 10.1145/272991.272995. Integers below a bound are drawn by cutting off
//! bits and drawing again while they are too large.

use super::mask_of;

const N: usize = 624;
const M: usize = 397;

/// A `RandomState`.
#[derive(Debug, Clone)]
pub(in crate::wiring) struct RandomState {
    words: [u32; N],
    /// The next word; all are used at `N`.
    next: usize,
}

impl RandomState {
    /// `RandomState(seed)`.
    pub fn new(seed: u32) -> Self {
        let mut words = [seed; N];
        for i in 1..N {
            let before = words[i - 1];
            words[i] = 1_812_433_253_u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(i as u32);
        }
        Self { words, next: N }
    }

    /// `choice(n)`: an integer from 0 to below `n` > 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.up_to(n as u64 - 1) as usize
    }

    /// `choice(n, size, replace=False)`: the first `size` ≤ `n` of a permutation.
    pub fn distinct(&mut self, n: usize, size: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..n).collect();
        for i in (1..n).rev() {
            let j = self.up_to(i as u64) as usize;
            all.swap(i, j);
        }
        all.truncate(size);
        all
    }

    fn up_to(&mut self, max: u64) -> u64 {
        if max == 0 {
            return 0;
        }
        let mask = mask_of(max);
        loop {
            let value = u64::from(self.word()) & mask;
            if value <= max {
                return value;
            }
        }
    }

    fn word(&mut self) -> u32 {
        if self.next == N {
            self.twist();
        }
        let mut y = self.words[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    fn twist(&mut self) {
        for i in 0..N {
            let y = (self.words[i] & 0x8000_0000) | (self.words[(i + 1) % N] & 0x7fff_ffff);
            let odd = if y & 1 == 1 { 0x9908_b0df } else { 0 };
            self.words[i] = self.words[(i + M) % N] ^ (y >> 1) ^ odd;
        }
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 10,000th word of the default seed, from the C++ standard, \[rand.predef\].
    #[test]
    fn the_ten_thousandth_word() {
        let mut state = RandomState::new(5489);
        let last = (0..10_000).map(|_| state.word()).last();
        assert_eq!(last, Some(4_123_659_995));
    }
}
