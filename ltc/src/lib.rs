//! Liquid time-constant units: cells, wirings, solvers, gradients.
//!
//! This crate knows no network, no file and no clock. It answers what a liquid network does between two
//! inputs, and how its answer changes with its parameters:
//!
//! 1. Who listens to whom? ([`wiring`])
//! 2. What is the state after an input that lasts so long, and what is the derivative of that?
//!    ([`cell`], in steps, some of them by the Runge–Kutta methods of [`tableau`]; one LTC sequence at the least
//!    cost by [`cell::ltc::Stream`]; [`ode`], in continuous time, over the right-hand sides
//!    of [`field`])
//! 3. What does a cell answer, with a linear head? ([`model`])
//! 4. Which parameters give the right answers? ([`train`])
//! 5. What went on in there? ([`look`]: time constants, sensitivities, operations)
//!
//! The key decision: every number is computed by the same operations in the same order, whether a sample
//! comes alone or in a batch, in one thread or in eight, by one kind of vector instructions or another. So
//! vector code runs over units or over samples, never over the terms of a sum, and a multiplication is fused
//! with an addition everywhere or nowhere.

pub mod cell;
pub mod field;
pub mod look;
pub mod model;
pub mod ode;
pub mod random;
pub mod real;
pub mod tableau;
pub mod train;
pub mod wiring;

pub use real::Real;
