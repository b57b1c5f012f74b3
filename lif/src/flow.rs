//! What the event scheduler asks of a neuron model.

use crate::adapt::ThresholdShift;
use crate::{Membrane, SynapticCurrent};

/// Which of a neuron's synaptic currents a weight is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Port {
    /// The excitatory current.
    Excitatory,
    /// The inhibitory current.
    Inhibitory,
}

/// A state as a list of numbers, in the order of its fields: how it is kept outside of memory.
pub trait Numbers: Sized {
    /// How many numbers a state is.
    const N: usize;

    /// Adds the numbers of the state to a list.
    fn put(&self, list: &mut Vec<f64>);

    /// The state that the first numbers of a list are; `None` if there are too few.
    fn take(list: &[f64]) -> Option<Self>;
}

/// The flow of one neuron's state between inputs, in real-valued time.
pub trait Flow: Copy + Send + Sync {
    /// The state, relative to rest.
    type State: Copy + Send + Sync + Numbers;

    /// The state at potential `v` \[mV\] without synaptic current.
    fn state(&self, v: f64) -> Self::State;

    /// The potential \[mV\].
    fn v(&self, state: &Self::State) -> f64;

    /// The state after `t` ms in which nothing arrives.
    fn advance(&self, state: &mut Self::State, t: f64);

    /// As [`Flow::advance`], while the potential is held at reset.
    fn advance_refractory(&self, state: &mut Self::State, t: f64);

    /// A spike of weight `weight` arrives.
    fn receive(&self, state: &mut Self::State, port: Port, weight: f64);

    /// As [`Flow::receive`], while the potential is held at reset.
    fn receive_refractory(&self, state: &mut Self::State, port: Port, weight: f64);

    /// The injected current changes to `current` \[pA\], on top of `i_bias`.
    fn inject(&self, state: &mut Self::State, current: f64);

    /// Whether the potential is at or above the threshold.
    fn is_over(&self, state: &Self::State) -> bool;

    /// Puts the potential to reset.
    fn reset(&self, state: &mut Self::State);

    /// How long it takes until the potential first reaches the threshold if nothing arrives, or
    /// `None` if that takes longer than `horizon` ms, or for ever.
    fn next_crossing(&self, state: &Self::State, horizon: f64) -> Option<f64>;
}

/// A flow that a membrane and its synapses make: every LIF model.
pub trait FromMembrane: Flow {
    /// The flow of a neuron with these parameters; it expects them to be valid.
    fn from_membrane(membrane: &Membrane, current: &SynapticCurrent) -> Self;
}

/// A flow whose threshold may be shifted, and move, while nothing arrives; [`crate::adapt`] makes of it
/// a neuron with an adaptive threshold.
pub trait MovableThreshold: Flow {
    /// As [`Flow::is_over`], with the threshold shifted by `shift` \[mV\].
    fn is_over_shifted(&self, state: &Self::State, shift: f64) -> bool;

    /// As [`Flow::next_crossing`], with a threshold that moves; where its shift has a slope, `horizon`
    /// must be finite.
    fn next_crossing_shifted(&self, state: &Self::State, shift: &ThresholdShift, horizon: f64)
    -> Option<f64>;
}
