//! NumPy's random numbers, bit for bit, as far as wirings of `ncps` and published splits of data are drawn
//! from them.
//!
//! A wiring of a seed is a model's architecture, so a user who brings a trained `ncps` model, or compares
//! with one, needs the same one. `RandomState` promises its stream for ever (NEP 19); that of
//! `default_rng` has been the same since NumPy 1.17, and was compared with 2.4.

mod generator;
mod random_state;

pub(super) use generator::Generator;
pub use random_state::RandomState;

/// The smallest `2^k − 1` that is not below `max`.
fn mask_of(max: u64) -> u64 {
    u64::MAX.checked_shr(max.leading_zeros()).unwrap_or(0)
}
