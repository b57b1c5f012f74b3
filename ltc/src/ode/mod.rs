//! Liquid units in continuous time: solvers, gradients, events and delays.
//!
//! Four things are kept apart, so that each is a short file:
//!
//! ```text
//! field (what changes)  ─┐
//! solver (one step)     ─┼─► solve ──► states at the times asked for, steps, counts of work
//! steps (how long)      ─┤
//! outputs (landed, or from inside a step) ─┘
//! ```
//!
//! | solver | order | for |
//! |---|---|---|
//! | [`FUSED`], [`EXPONENTIAL_EULER`], [`EXPONENTIAL_HEUN`] | 1, 1, 2 | fields that are [`crate::field::Relaxing`]; bounded for every step |
//! | [`explicit`]: Euler to Dormand–Prince 8 | 1 to 8 | every field |
//! | [`Adams`] | 4 to 12 | every field, fixed steps, one or a few evaluations a step |
//! | [`implicit`]: Euler to Radau and Gauss | 1 to 6 | stiff fields, fixed steps |
//! | [`RODAS5P`] | 5 | stiff fields, adaptive steps; their gradients by [`pull_along`] |
//!
//! States between the ends of steps come from a polynomial a step ([`Piece`]), of order q: its error inside of a step
//! is O(h^(q+1)). For every method q is at least its order less one, so states that are interpolated converge as fast as
//! those that are landed on; the pages of the methods say how. An [`Event`] is landed on, and a delay equation
//! ([`solve_delayed`]) keeps the order of its method.
//!
//! ```
//! use rheobase_ltc::field::Linear;
//! use rheobase_ltc::ode::{Control, Outputs, Problem, Steps, explicit, solve};
//!
//! let field = Linear { n: 1, a: vec![-1.0] };
//! let problem = Problem { initial: &[1.0], times: &[0.0, 1.0], jumps: &[], outputs: Outputs::Landed };
//! let steps = Steps::Adaptive(Control::new(1e-9, 1e-12));
//! let solution = solve(&field, &explicit::DOPRI5, &problem, &steps)?;
//! let x: f64 = solution.states[1];
//! assert!((x - (-1.0_f64).exp()).abs() < 1e-8);
//! # Ok::<(), rheobase_ltc::ode::OdeError>(())
//! ```
//!
//! Every number is a sum in one order, and a sample knows no other: [`solve_all`] runs samples in parallel
//! without changing a bit.

mod adams;
mod adjoint;
mod bounded;
mod control;
mod delay;
mod error;
mod event;
pub mod explicit;
pub mod implicit;
mod lu;
mod march;
mod overlap;
mod parallel;
mod piece;
mod rosenbrock;
mod solve;
mod stepper;
#[cfg(test)]
mod tests;
mod through;
mod work;

pub use adams::Adams;
pub use adjoint::{Along, Backward, Gradient, Reversible, pull, pull_along, pull_continuous};
pub use bounded::{Bounded, EXPONENTIAL_EULER, EXPONENTIAL_HEUN, FUSED};
pub use control::{Control, Gains, Norm, Steps};
pub use delay::{WithPast, solve_delayed};
pub use error::OdeError;
pub use event::{Event, Level, Reached, pull_event, solve_until};
pub use explicit::Explicit;
pub use implicit::Implicit;
pub use parallel::solve_all;
pub use piece::{Basis, Piece};
pub use rosenbrock::{RODAS5P, Rosenbrock};
pub use solve::{Outputs, Problem, Solution, solve};
pub use stepper::{Solver, Span, Stepper, Tried};
pub use work::Work;
