//! `numpy.random.RandomState(seed)`: the Mersenne Twister MT19937.
//!
//! Matsumoto & Nishimura 1998, doi 10.1145/272991.272995. Integers below a bound are drawn by cutting off
//! bits and drawing again while they are too large.

use super::mask_of;

const N: usize = 624;
const M: usize = 397;

/// A `RandomState`.
#[derive(Debug, Clone)]
pub struct RandomState {
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

    /// `choice(n)` and `randint(0, n)`: an integer from 0 to below `n` > 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.up_to(n as u64 - 1) as usize
    }

    /// `choice(n, size, replace=False)`: the first `size` ≤ `n` of a permutation.
    pub fn distinct(&mut self, n: usize, size: usize) -> Vec<usize> {
        let mut all = self.permutation(n);
        all.truncate(size);
        all
    }

    /// `permutation(n)`: 0 to below `n` in any order.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..n).collect();
        self.shuffle(&mut all);
        all
    }

    /// `shuffle(values)`.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for i in (1..values.len()).rev() {
            let j = self.up_to(i as u64) as usize;
            values.swap(i, j);
        }
    }

    /// `rand()`: a number from 0 to below 1, with 53 bits.
    pub fn uniform(&mut self) -> f64 {
        let (high, low) = (self.word() >> 5, self.word() >> 6);
        (f64::from(high) * 67_108_864.0 + f64::from(low)) / 9_007_199_254_740_992.0
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

    /// What NumPy 2.4.6 gives.
    #[test]
    fn permutations_integers_shuffles_and_numbers_are_those_of_numpy() {
        let mut state = RandomState::new(23_489);
        assert_eq!(state.permutation(10), [9, 5, 4, 2, 7, 1, 8, 6, 3, 0]);
        assert_eq!([(); 6].map(|()| 2 + state.below(22)), [8, 20, 5, 8, 17, 20]);
        let uniform = [state.uniform(), state.uniform(), state.uniform()];
        assert_eq!(uniform[..2], [0.337_913_155_016_298_26, 0.232_667_566_400_717_29]);
        assert_eq!(uniform[2].to_bits(), f64::from_bits(0x3fd7_f0ab_e3b8_3c62).to_bits());
        let mut letters: Vec<char> = "abcdefg".chars().collect();
        RandomState::new(125_487).shuffle(&mut letters);
        assert_eq!(letters, ['d', 'c', 'f', 'g', 'a', 'b', 'e']);
    }
}
