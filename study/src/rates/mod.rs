//! Liquid networks of rates: the tasks of their papers, and how they are learned.
//!
//! ```text
//! files ──data──► Task ──course──► scores of every seed, and the best model
//!                  ▲
//! Experiment: which data, which cell, which plan of training
//! ```
//! The key decision: a task is made exactly as the scripts of the papers make it (windows, splits by NumPy's
//! generator, normalization, targets), so that a number of ours stands beside a published one. The test
//! sequences are looked at once a seed, by the parameters of the epoch that is best on the validation
//! sequences.

mod course;
pub mod data;
mod error;
mod experiment;
pub mod on_chip;
mod outcome;
mod presets;
mod task;
mod vowels;

pub use course::{Course, Kept, Moment};
pub use error::RatesError;
pub use experiment::Experiment;
pub use outcome::{Outcome, SeedOutcome};
pub use presets::Preset;
pub use task::Task;
pub use vowels::{vowels_cfc, vowels_ltc};

#[cfg(test)]
mod tests;
