//! What solving costs.

use std::ops::AddAssign;

/// Counts of what was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Work {
    /// Steps that were taken.
    pub steps: usize,
    /// Steps that were tried and not taken.
    pub rejected: usize,
    /// Evaluations of the field.
    pub rates: usize,
    /// Evaluations of its Jacobian.
    pub jacobians: usize,
    /// Factorizations of a matrix.
    pub factorizations: usize,
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        let Self { steps, rejected, rates, jacobians, factorizations } = other;
        self.steps += steps;
        self.rejected += rejected;
        self.rates += rates;
        self.jacobians += jacobians;
        self.factorizations += factorizations;
    }
}
