//! Random numbers for the search.

use rheobase_net::random::split_mix;

/// A cheap sequence of random words, for noise alone.
pub(super) struct Noise {
    seed: u64,
    drawn: u64,
}

impl Noise {
    pub fn new(seed: u64) -> Self {
        Self { seed, drawn: 0 }
    }

    /// The numbers below `n` in random order.
    pub fn permutation(&mut self, n: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..n as u32).collect();
        for i in (1..n).rev() {
            let j = ((u128::from(self.word()) * (i as u128 + 1)) >> 64) as usize;
            order.swap(i, j);
        }
        order
    }

    /// The logarithm of a number in (0, 1), to what a search needs.
    pub fn log_uniform(&mut self) -> f32 {
        let u = ((self.word() >> 40) as f32 + 0.5) / (1_u32 << 24) as f32;
        libm::logf(u)
    }

    pub fn word(&mut self) -> u64 {
        self.drawn += 1;
        split_mix(self.seed, self.drawn - 1)
    }
}

/// Quantiles of Gumbel's distribution: the largest of sums with this noise is a draw from the softmax.
pub(super) struct Gumbel([f32; 1024]);

impl Gumbel {
    pub fn new() -> Self {
        Self(std::array::from_fn(|i| {
            let u = (i as f64 + 0.5) / 1024.0;
            -libm::log(-libm::log(u)) as f32
        }))
    }
    pub fn draw(&self, noise: &mut Noise) -> f32 {
        self.0[(noise.word() >> 54) as usize]
    }
}
