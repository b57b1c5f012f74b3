//! Training: a model learns sequences, step by step, and the best it was is kept.
//!
//! ```text
//! epoch:  shuffle ──► batch ──model──► answers ──loss──► derivatives ──pull──► gradient
//!                        ▲                                                        │ clip
//!                        └──── parameters ◄── into their range ◄── optimizer ◄────┘
//!         then the validation sequences are scored, and the best epoch's parameters kept
//! ```
//! No file, no clock, no printing: [`Training::epoch`] reports to a callback, and [`State`] is all that a run
//! is between two batches. A state that was saved and taken up again goes on with the same bits, because
//! the order of an epoch depends on the seed and the epoch's number alone, and every sum has one order
//! whatever the number of threads.
//!
//! Sequences that are shorter than others end earlier ([`Sequences::lengths`]): steps after their end
//! have no loss, and the state there is nobody's.

mod error;
mod loss;
mod optimizer;
mod plan;
mod score;
mod sequences;
mod shuffle;
mod training;

pub use error::TrainError;
pub use loss::Loss;
pub use optimizer::{Adam, Moments, Optimizer, RmsProp};
pub use plan::{Clip, Metric, Plan};
pub use score::{Scores, evaluate, score_answers};
pub use sequences::{Sequences, Targets};
pub use training::{Best, Epoch, State, Training};

#[cfg(test)]
mod tests;
