//! Gradients: from derivatives of a loss by states back to those by the start, the parameters and the times.
//!
//! Three ways, each exact in its own sense:
//!
//! | | what is differentiated | memory | for |
//! |---|---|---|---|
//! | [`pull`] | the steps that were taken | states of two stretches of √steps, stages of one step | explicit, implicit and Adams methods whose steps landed on the times |
//! | [`pull_continuous`] | the equation, which is solved backward beside its adjoint | none | fields that are not stiff, explicit methods, any steps |
//! | [`pull_along`] | the equation, whose adjoint is solved backward along states that were solved forward | pieces of the steps between two times | every field, also stiff ones by [`super::RODAS5P`], any steps |
//!
//! The first has the derivatives of the numbers that the solver gave, to rounding; the others are as accurate as
//! their own steps. Source of the second: Chen et al. 2018, arXiv 1806.07366.

mod along;
mod continuous;
mod discrete;
mod ends;
mod stages;

pub use along::{Along, pull_along};
pub use continuous::{Backward, pull_continuous};
pub use discrete::{Reversible, pull};

/// The derivatives of a loss.
#[derive(Debug, Clone, PartialEq)]
pub struct Gradient<R> {
    /// By the state at the first time.
    pub initial: Vec<R>,
    /// By the parameters of the field.
    pub parameters: Vec<R>,
    /// By all times, the first among them. Steps move with the times that they lie between.
    pub times: Vec<R>,
}
