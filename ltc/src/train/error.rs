//! What can go wrong in training.

use crate::cell::CellError;

/// Why training cannot begin or go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// Numbers grew without bound.
    #[error(
        "training diverged in epoch {epoch}, batch {batch}, at a learning rate of {rate:.3e}: {what}; the last \
         good state is kept: try a lower learning rate, clipped gradients (clip), or inputs of size 1 (normalize)"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: usize,
        /// The batch in it, from 1.
        batch: usize,
        /// The learning rate then.
        rate: f64,
        /// What was seen.
        what: String,
    },
    /// The model cannot take the sequences.
    #[error("the model cannot take the sequences: {0}")]
    Cell(#[from] CellError),
    /// A list of the sequences has another size than it must have.
    #[error("{what} of the sequences: {size} values, and {expected} are needed: {shape}")]
    Size {
        /// Which list.
        what: &'static str,
        /// How many values it has.
        size: usize,
        /// How many it must have.
        expected: usize,
        /// Why so many.
        shape: String,
    },
    /// A value of the sequences that is out of its range.
    #[error("{what} {index} of the sequences is {value}, and must be {must}")]
    Value {
        /// Of which list.
        what: &'static str,
        /// Which.
        index: usize,
        /// What it is.
        value: f64,
        /// What it must be.
        must: String,
    },
    /// Targets that the loss is not made for.
    #[error("{loss} needs targets that are {needs}")]
    Targets {
        /// The loss, or the metric.
        loss: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// A number of the plan that is out of its range.
    #[error("{what} is {value}, and must be {must}")]
    Argument {
        /// Which.
        what: &'static str,
        /// What it is.
        value: f64,
        /// What it must be.
        must: String,
    },
    /// A state of another model.
    #[error("the state has {has} parameters, and the model has {needs}: it is the state of another model")]
    OtherModel {
        /// What the state has.
        has: usize,
        /// What the model has.
        needs: usize,
    },
}
