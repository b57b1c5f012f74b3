//! LIF with delta synapses: a spike of weight `w` lets the potential jump by `w`.
//!
//! ```text
//! tau_m du/dt = −u + R (i_bias + i_inj)      u = v − v_rest, R = tau_m / c_m
//! on a spike:   u ← u + w                    lost while refractory
//! u ≥ v_th − v_rest:  spike, u ← v_reset − v_rest, held there for t_ref
//! ```
//!
//! A weight is a jump of the potential \[mV\].
//!
//! | name | default | unit | meaning |
//! |---|---|---|---|
//! | `tau_m` | 10 | ms | membrane time constant |
//! | `c_m` | 250 | pF | capacitance |
//! | `v_rest`, `v_th`, `v_reset` | −70, −55, −70 | mV | rest, threshold, reset |
//! | `t_ref` | 2 | ms | refractory period |
//! | `i_bias` | 0 | pA | constant current |
//!
//! Method: exact. The crossing has a closed form, `tau_m ln((u∞ − u)/(u∞ − θ))` with `u∞ = R i`; with a
//! threshold that moves it is a bracketed root that cannot be missed ([`crate::crossing`]).
//! Semantics of NEST's `iaf_psc_delta` (grid) and `iaf_psc_delta_ps` (event); Rotter & Diesmann 1999,
//! doi 10.1007/s004220050570.

use libm::{exp, expm1, log1p};

use crate::adapt::ThresholdShift;
use crate::crossing::first_crossing;
use crate::{Flow, FromMembrane, Membrane, MovableThreshold, Numbers, Port, SynapticCurrent};

/// The propagators of one neuron for a fixed step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeltaStep {
    /// Decay of the potential in a step.
    pub p22: f64,
    /// Potential \[mV\] that 1 pA of constant current adds in a step.
    pub p20: f64,
    /// Threshold, relative to rest \[mV\].
    pub theta: f64,
    /// Reset, relative to rest \[mV\].
    pub reset: f64,
}

impl DeltaStep {
    /// The propagators for a step of `dt` ms.
    pub fn new(membrane: &Membrane, dt: f64) -> Self {
        let Membrane { tau_m, c_m, v_rest, v_th, v_reset, t_ref: _, i_bias: _ } = *membrane;
        Self {
            p22: exp(-dt / tau_m),
            p20: -expm1(-dt / tau_m) * tau_m / c_m,
            theta: v_th - v_rest,
            reset: v_reset - v_rest,
        }
    }

    /// The potential at the end of a step: it was `u`, `drive` is `p20` times the constant current,
    /// and jumps that add up to `jump` arrive at the end.
    #[inline(always)]
    pub fn step(&self, u: f64, drive: f64, jump: f64) -> f64 {
        self.p22 * u + drive + jump
    }
}

/// The flow of one neuron in real-valued time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeltaFlow {
    rate: f64,
    r_m: f64,
    u_bias: f64,
    v_rest: f64,
    theta: f64,
    reset: f64,
}

/// The state of [`DeltaFlow`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DeltaState {
    /// Potential relative to rest \[mV\].
    pub u: f64,
    /// Where the potential would settle \[mV\], relative to rest.
    pub u_inf: f64,
}

impl Numbers for DeltaState {
    const N: usize = 2;

    fn put(&self, list: &mut Vec<f64>) {
        let Self { u, u_inf } = *self;
        list.extend([u, u_inf]);
    }

    fn take(list: &[f64]) -> Option<Self> {
        let [u, u_inf] = *list.first_chunk()?;
        Some(Self { u, u_inf })
    }
}

impl DeltaFlow {
    /// The flow of a neuron with these parameters; it expects them to be valid.
    pub fn new(membrane: &Membrane, _current: &SynapticCurrent) -> Self {
        let Membrane { tau_m, c_m, v_rest, v_th, v_reset, t_ref: _, i_bias } = *membrane;
        let r_m = tau_m / c_m;
        Self {
            rate: 1.0 / tau_m,
            r_m,
            u_bias: r_m * i_bias,
            v_rest,
            theta: v_th - v_rest,
            reset: v_reset - v_rest,
        }
    }
}

impl Flow for DeltaFlow {
    type State = DeltaState;

    fn state(&self, v: f64) -> DeltaState {
        DeltaState { u: v - self.v_rest, u_inf: self.u_bias }
    }

    fn v(&self, state: &DeltaState) -> f64 {
        state.u + self.v_rest
    }

    #[inline]
    fn advance(&self, state: &mut DeltaState, t: f64) {
        state.u = state.u_inf + (state.u - state.u_inf) * exp(-self.rate * t);
    }

    #[inline]
    fn advance_refractory(&self, _state: &mut DeltaState, _t: f64) {}

    #[inline]
    fn receive(&self, state: &mut DeltaState, _port: Port, weight: f64) {
        state.u += weight;
    }

    #[inline]
    fn receive_refractory(&self, _state: &mut DeltaState, _port: Port, _weight: f64) {}

    fn inject(&self, state: &mut DeltaState, current: f64) {
        state.u_inf = self.u_bias + self.r_m * current;
    }

    #[inline]
    fn is_over(&self, state: &DeltaState) -> bool {
        state.u >= self.theta
    }

    #[inline]
    fn reset(&self, state: &mut DeltaState) {
        state.u = self.reset;
    }

    #[inline]
    fn next_crossing(&self, state: &DeltaState, horizon: f64) -> Option<f64> {
        if state.u >= self.theta {
            return Some(0.0);
        }
        if state.u_inf <= self.theta {
            return None;
        }
        let t = log1p((self.theta - state.u) / (state.u_inf - self.theta)) / self.rate;
        (t <= horizon).then_some(t)
    }
}

impl MovableThreshold for DeltaFlow {
    #[inline]
    fn is_over_shifted(&self, state: &DeltaState, shift: f64) -> bool {
        state.u >= self.theta + shift
    }

    fn next_crossing_shifted(&self, state: &DeltaState, shift: &ThresholdShift, horizon: f64) -> Option<f64> {
        let DeltaState { u, u_inf } = *state;
        if u.max(u_inf) < self.theta + shift.lowest(horizon) {
            return None;
        }
        let mut f = shift.distance_from(u_inf - self.theta);
        f.add(self.rate, [u - u_inf, 0.0, 0.0]);
        let u_after = |t: f64| u_inf + (u - u_inf) * exp(-self.rate * t);
        first_crossing(&f, |t| u_after(t) - (self.theta + shift.at(t)), horizon)
    }
}

impl FromMembrane for DeltaFlow {
    fn from_membrane(membrane: &Membrane, current: &SynapticCurrent) -> Self {
        Self::new(membrane, current)
    }
}
