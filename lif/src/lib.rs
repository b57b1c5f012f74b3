//! One leaky integrate-and-fire neuron: parameters, state, exact update, next threshold crossing.
//!
//! This crate knows no network, no file, no thread and no clock. It answers three questions about a
//! single neuron, and the engine asks them for millions:
//!
//! 1. What is the state after a fixed step `dt`? (`Step` of a model, for the grid scheduler)
//! 2. What is the state at a real-valued time? ([`Flow::advance`], for the event scheduler)
//! 3. When does the potential reach the threshold, if nothing arrives? ([`Flow::next_crossing`])
//!
//! The key decision: between two inputs a current-based LIF neuron is a *linear* system, so all three
//! answers are exact (Rotter & Diesmann 1999, doi 10.1007/s004220050570). No step-size error exists,
//! only rounding. [`crossing`] shows why a crossing cannot be missed. With conductances the system is
//! still linear in the potential, but with a rate that changes: exact to rounding in real-valued time,
//! of order 4 on the grid.
//!
//! Four models, one page each: [`delta`], [`exp`], [`alpha`], [`cond`]. They differ only in what a
//! synapse does. In all of them:
//!
//! - *Threshold*: the neuron fires when `v ≥ v_th` (NEST, Arbor), not `v > v_th` (NIR, Lava).
//! - *Reset*: `v = v_reset` at the spike, and it stays there for `t_ref`.
//! - *Refractory input*: synaptic currents and conductances go on and add up during `t_ref`; a delta synapse's jump is lost.
//! - *Adaptation*: the threshold of any of them may move with the neuron's own spikes ([`adapt`]).
//! - *State* is kept relative to rest: `u = v − v_rest`.
//!
//! [`izhikevich`] is a model of another kind, with two equations and no closed form.
//!
//! Units: ms, mV, pA, pF, nS. Exponentials come from the `libm` crate or, in loops over neurons, from
//! [`vexp`], not from the system, so that a result has the same bits on every machine.
//!
//! ```
//! use rheobase_lif::{Flow, Membrane, SynapticCurrent, delta::DeltaFlow};
//!
//! let membrane = Membrane { i_bias: 500.0, ..Membrane::default() };
//! let neuron = DeltaFlow::new(&membrane, &SynapticCurrent::Delta);
//! let t = neuron.next_crossing(&neuron.state(membrane.v_rest), f64::INFINITY).unwrap();
//! // Closed form: tau_m ln(I R / (I R − (v_th − v_rest))), R = tau_m / c_m.
//! assert!((t - 10.0 * (20.0_f64 / 5.0).ln()).abs() < 1e-12);
//! ```

pub mod adapt;
pub mod alpha;
pub mod cond;
pub mod crossing;
pub mod delta;
mod dopri5;
pub mod exp;
mod flow;
pub mod izhikevich;
mod kernel;
mod params;
pub mod vexp;

pub use flow::{Flow, FromMembrane, MovableThreshold, Numbers, Port};
pub use params::{Membrane, ParamFault, SynapticCurrent};
