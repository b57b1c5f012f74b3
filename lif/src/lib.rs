//! One leaky integrate-and-fire neuron: parameters, state, exact update, next threshold crossing.
//!
//! This crate knows no network, no file, no thread and no clock. It answers three questions about a
//! single neuron, and the engine asks them for millions:
//!
//! 1. What is the state after a fixed step `dt`? ([`Propagators`], the grid scheduler)
//! 2. What is the state at a real-valued time? ([`Flow`], the event scheduler)
//! 3. When does the potential reach the threshold, if nothing arrives? ([`Flow::next_crossing`])
//!
//! The key decision: between two inputs a current-based LIF neuron is a *linear* system, so all three
//! answers are exact (Rotter & Diesmann 1999, doi 10.1007/s004220050570). No step-size error exists,
//! only rounding.
//!
//! Units: ms, mV, pA, pF. Exponentials come from the `libm` crate, not from the system, so that a
//! result has the same bits on every machine.

mod params;

pub use params::{Membrane, ParamFault, SynapticCurrent};
