//! What can go wrong when a cell runs.

/// What is wrong with what a cell was given, or with what it did.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CellError {
    /// Something has another size than it must have.
    #[error("{what} has {size} values, and must have {expected}: {shape}")]
    Size {
        /// What it is.
        what: &'static str,
        /// How many values it has.
        size: usize,
        /// How many it must have.
        expected: usize,
        /// Why so many.
        shape: String,
    },
    /// An elapsed time that is negative or no number.
    #[error(
        "the elapsed time of sample {sample}, step {step} is {value}, and must be finite and at least 0: time \
         does not run backward; sort the samples by time"
    )]
    Elapsed {
        /// The sample.
        sample: usize,
        /// The step.
        step: usize,
        /// What it is.
        value: f64,
    },
    /// A state that is infinite or no number.
    #[error(
        "unit {unit} of sample {sample} is {value} after step {step}; look for inputs or parameters that are no \
         numbers or very large, and in training try a lower learning rate or clipped gradients"
    )]
    NotFinite {
        /// The unit.
        unit: usize,
        /// The sample.
        sample: usize,
        /// The step.
        step: usize,
        /// What it is.
        value: f64,
    },
    /// An argument out of its range.
    #[error("{what} is {value}, and must be {must}")]
    Argument {
        /// Which.
        what: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        must: &'static str,
    },
    /// An activation that does not exist.
    #[error("the activation {name:?} is unknown; there are {known}")]
    Activation {
        /// What it was called.
        name: String,
        /// The names of those that exist.
        known: String,
    },
    /// Two cells that cannot be one.
    #[error("{first_name} has {first} {what} and {second_name} has {second}; {must}")]
    Unlike {
        /// What they have different numbers of.
        what: &'static str,
        /// The one.
        first_name: String,
        /// How many it has.
        first: usize,
        /// The other.
        second_name: String,
        /// How many that has.
        second: usize,
        /// What would do.
        must: &'static str,
    },
    /// A method whose stages are equations.
    #[error("the method {method} is implicit, and must be explicit: one of {known}")]
    Implicit {
        /// What it is called.
        method: &'static str,
        /// The names of methods that would do.
        known: String,
    },
}
