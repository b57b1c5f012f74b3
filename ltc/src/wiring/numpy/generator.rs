//! `numpy.random.default_rng(seed)`: the generator PCG64, seeded by NumPy's `SeedSequence`.
//!
//! PCG64 is a linear congruential generator of 128 bits whose output is folded and turned (O'Neill 2014,
//! "PCG: a family of simple fast space-efficient statistically good algorithms"). Integers below a bound
//! are drawn by Lemire's multiplication (2019, doi 10.1145/3230636), 32 bits at a time.

use std::collections::HashSet;

const MULTIPLIER: u128 = (2_549_297_995_355_413_924 << 64) + 4_865_540_595_714_422_341;

/// A `Generator` over PCG64.
#[derive(Debug, Clone)]
pub(in crate::wiring) struct Generator {
    state: u128,
    increment: u128,
    /// The upper half of a draw, whose lower half was used.
    left_over: Option<u32>,
}

impl Generator {
    /// `default_rng(seed)`.
    pub fn new(seed: u64) -> Self {
        let [state, sequence] = seed_sequence(seed);
        let increment = (sequence << 1) | 1;
        let mut generator = Self { state: increment.wrapping_add(state), increment, left_over: None };
        generator.advance();
        generator
    }

    /// `choice(n)`: an integer from 0 to below `n` > 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.up_to(n as u64 - 1) as usize
    }

    /// `choice(n, size, replace=False)`, `size` ≤ `n` < 2^32.
    ///
    /// A tail of a shuffle where much is drawn of many, else Floyd's algorithm and a shuffle.
    pub fn distinct(&mut self, n: usize, size: usize) -> Vec<usize> {
        if n > 10_000 && size > n / 50 {
            let mut all: Vec<usize> = (0..n).collect();
            self.shuffle(&mut all, (n - size).max(1));
            return all.split_off(n - size);
        }
        let mut taken = HashSet::with_capacity(size);
        let mut chosen = Vec::with_capacity(size);
        for j in n - size..n {
            let drawn = self.up_to(j as u64) as usize;
            let new = if taken.insert(drawn) { drawn } else { j };
            taken.insert(new);
            chosen.push(new);
        }
        self.shuffle(&mut chosen, 1);
        chosen
    }

    /// Shuffles the values from number `first` on with all before them.
    fn shuffle(&mut self, values: &mut [usize], first: usize) {
        for i in (first..values.len()).rev() {
            let j = self.up_to(i as u64) as usize;
            values.swap(i, j);
        }
    }

    fn up_to(&mut self, max: u64) -> u64 {
        if max == 0 {
            return 0;
        }
        debug_assert!(max < u64::from(u32::MAX), "wirings have fewer synapses");
        let bound = max + 1;
        let mut product = u64::from(self.half()) * bound;
        if (product & 0xffff_ffff) < bound {
            let least = (u64::from(u32::MAX) - max) % bound;
            while (product & 0xffff_ffff) < least {
                product = u64::from(self.half()) * bound;
            }
        }
        product >> 32
    }

    fn half(&mut self) -> u32 {
        if let Some(half) = self.left_over.take() {
            return half;
        }
        self.advance();
        let folded = ((self.state >> 64) ^ self.state) as u64;
        let word = folded.rotate_right((self.state >> 122) as u32);
        self.left_over = Some((word >> 32) as u32);
        word as u32
    }

    fn advance(&mut self) {
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }
}

/// `SeedSequence(seed).generate_state(4, uint64)` as the state and the sequence of PCG64.
fn seed_sequence(seed: u64) -> [u128; 2] {
    const INIT_A: u32 = 0x43b0_d7e5;
    const MULTIPLIER_A: u32 = 0x931e_8875;
    const INIT_B: u32 = 0x8b51_f9dd;
    const MULTIPLIER_B: u32 = 0x58f3_8ded;
    const MIX_LEFT: u32 = 0xca01_f9dd;
    const MIX_RIGHT: u32 = 0x4973_f715;
    let fold = |x: u32| x ^ (x >> 16);

    let mut constant = INIT_A;
    let mut hash = |value: u32| {
        let value = value ^ constant;
        constant = constant.wrapping_mul(MULTIPLIER_A);
        fold(value.wrapping_mul(constant))
    };
    let mix = |x: u32, y: u32| fold(MIX_LEFT.wrapping_mul(x).wrapping_sub(MIX_RIGHT.wrapping_mul(y)));
    // The words of a seed below 2^32 are one, the rest is 0 either way.
    let mut pool = [seed as u32, (seed >> 32) as u32, 0, 0].map(&mut hash);
    for source in 0..4 {
        for target in (0..4).filter(|target| *target != source) {
            pool[target] = mix(pool[target], hash(pool[source]));
        }
    }

    let mut constant = INIT_B;
    let mut words = [0_u32; 8];
    for (word, value) in words.iter_mut().zip(pool.iter().cycle()) {
        let value = value ^ constant;
        constant = constant.wrapping_mul(MULTIPLIER_B);
        *word = fold(value.wrapping_mul(constant));
    }
    // Words of 64 bits have their lower half first, pairs of them their upper half.
    let word = |k: usize| (u128::from(words[2 * k + 1]) << 32) | u128::from(words[2 * k]);
    [(word(0) << 64) | word(1), (word(2) << 64) | word(3)]
}
