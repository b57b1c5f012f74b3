//! Liquid units in steps: the state after an input that lasts so long, and the derivatives of that.
//!
//! A cell runs [`LANES`] samples side by side: a number of every one of them is a [`Lanes`], a parameter is
//! the same for all. So vector code runs over samples, the cost is proportional to the synapses however
//! they lie, and no sample knows which others run beside it. [`record`] takes whole sequences
//! through a cell, [`Tape::pull`] goes back and gives every derivative.
//!
//! | cell | what goes from input to input | elapsed 0 |
//! |---|---|---|
//! | [`Ltc`] | conductances, semi-implicit or exponential steps | changes nothing |
//! | [`Cfc`], [`WiredCfc`] | a gate of elapsed time | answers the input |
//! | [`Explicit`] | a vector field by explicit steps: CT-RNN, Neural ODE, liquid τ, LTC | changes nothing |
//! | [`CtGru`] | memory on fixed scales of time | stores the input |
//! | [`Lstm`], [`Gru`], [`Plain`] | a recurrent network without time | takes the input |
//! | [`Then`] | a cell after a cell: mixed memory, ODE-RNN, ODE-LSTM | as its two |
//!
//! A cell says how its *effective* parameters come from its *raw* ones (a softplus may keep them positive);
//! everything else works on effective ones.

mod activation;
mod aligned;
pub mod cfc;
pub mod ct_gru;
mod dense;
mod dropout;
mod error;
pub mod explicit;
mod layout;
pub mod ltc;
pub mod recurrent;
mod sequence;
#[cfg(test)]
mod tests;
mod then;

pub use activation::Activation;
pub use cfc::{Cfc, WiredCfc};
pub use ct_gru::CtGru;
pub use dropout::Masks;
pub use error::CellError;
pub use explicit::Explicit;
pub use layout::{Layout, ParameterBlock};
pub use ltc::Ltc;
pub use recurrent::{Gru, Lstm, Plain};
pub use sequence::{Batch, Gradients, Tape, record};
pub use then::{Then, mixed_memory};

use crate::Real;

/// Samples that run side by side.
pub const LANES: usize = 16;

/// A number of each of [`LANES`] samples.
pub type Lanes<R> = [R; LANES];

/// A liquid network that goes from input to input.
pub trait Cell<R: Real>: Send + Sync {
    /// Number of inputs.
    fn n_inputs(&self) -> usize;
    /// Number of state variables.
    fn n_state(&self) -> usize;
    /// Number of outputs.
    fn n_outputs(&self) -> usize;
    /// Numbers of a step, beside the states before and after it, that [`Cell::pull`] wants to be kept.
    fn n_kept(&self) -> usize;
    /// Where which parameter stands.
    fn layout(&self) -> &Layout;

    /// How many [`Lanes`] a group of samples has for its sums over time of derivatives by parameters: one a
    /// parameter, if nothing else is said.
    fn n_sums(&self) -> usize {
        self.layout().n_parameters()
    }

    /// Adds the sums of a group to derivatives by effective parameters.
    fn add_sums(&self, _parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]) {
        gradient.iter_mut().zip(sums).for_each(|(gradient, lanes)| *gradient += total(lanes));
    }

    /// The effective parameters of raw ones; behind them may be what steps want to be computed once. Steps are
    /// given this whole list.
    fn effective(&self, raw: &[R]) -> Vec<R> {
        raw.to_vec()
    }

    /// Turns derivatives by effective parameters into those by raw ones, in place.
    fn pull_effective(&self, _raw: &[R], _gradient: &mut [R]) {}

    /// Goes from one state to the next.
    fn step(&self, parameters: &[R], step: Step<'_, R>);

    /// Goes back through a step.
    fn pull(&self, parameters: &[R], step: &Taken<'_, R>, pull: Pull<'_, R>);
}

/// A step to be taken.
#[derive(Debug)]
pub struct Step<'s, R> {
    /// `[inputs]`
    pub inputs: &'s [Lanes<R>],
    /// How long the inputs last; ≥ 0.
    pub elapsed: &'s Lanes<R>,
    /// What dropout does, in training.
    pub masks: Option<Masks<'s>>,
    /// `[state]`
    pub before: &'s [Lanes<R>],
    /// `[state]`, to be written.
    pub after: &'s mut [Lanes<R>],
    /// `[outputs]`, to be written.
    pub outputs: &'s mut [Lanes<R>],
    /// `[n_kept]`, to be written.
    pub kept: &'s mut [Lanes<R>],
}

/// A step that was taken.
#[derive(Debug)]
pub struct Taken<'s, R> {
    /// `[inputs]`
    pub inputs: &'s [Lanes<R>],
    /// How long the inputs lasted.
    pub elapsed: &'s Lanes<R>,
    /// What dropout does, in training.
    pub masks: Option<Masks<'s>>,
    /// `[state]`
    pub before: &'s [Lanes<R>],
    /// `[state]`
    pub after: &'s [Lanes<R>],
    /// `[n_kept]`
    pub kept: &'s [Lanes<R>],
}

/// Derivatives of a loss on their way back through a step.
#[derive(Debug)]
pub struct Pull<'s, R> {
    /// By the outputs; `[outputs]`.
    pub outputs: &'s [Lanes<R>],
    /// By the state after the step, to become those by the state before it; `[state]`.
    pub state: &'s mut [Lanes<R>],
    /// By the inputs, to be written; `[inputs]`.
    pub inputs: &'s mut [Lanes<R>],
    /// By the elapsed time, to be written.
    pub elapsed: &'s mut Lanes<R>,
    /// By the effective parameters, to be added to; `[n_sums]`.
    pub sums: &'s mut [Lanes<R>],
}

/// One number for all lanes.
#[inline(always)]
pub(crate) fn splat<R: Real>(x: R) -> Lanes<R> {
    [x; LANES]
}

/// The sum of all lanes, by halves.
#[inline(always)]
pub(crate) fn total<R: Real>(lanes: &Lanes<R>) -> R {
    let mut sums = *lanes;
    let mut n = LANES;
    while n > 1 {
        n /= 2;
        let (lower, upper) = sums.split_at_mut(n);
        lower.iter_mut().zip(upper).for_each(|(lower, upper)| *lower += *upper);
    }
    sums[0]
}
