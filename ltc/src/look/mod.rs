//! What goes on in a network, for a reader: how fast its units forget, what its outputs listen to, and what a
//! step costs.
//!
//! Everything here looks at a run that was recorded and changes nothing:
//!
//! - [`time_constants`]: the effective time constant of every unit at every step, between its bounds,
//! - [`sensitivities`]: the derivatives of outputs, or of units, by inputs and states of earlier steps,
//! - [`operations`]: the arithmetic of a step, counted while the cell's own code runs.

mod operations;
mod sensitivity;
mod time_constant;

pub use operations::{Counted, Operations, operations};
pub use sensitivity::{Of, Sensitivities, sensitivities};
pub use time_constant::{TimeConstants, time_constants};

#[cfg(test)]
mod tests;
