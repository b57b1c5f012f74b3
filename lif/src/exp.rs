//! LIF with exponential synaptic currents.
//!
//! ```text
//! c_m du/dt = −c_m u/tau_m + i_ex + i_in + i_bias + i_inj      u = v − v_rest
//! di_x/dt   = −i_x/tau_syn_x                                   x = ex, in
//! on a spike: i_x ← i_x + w                                    also while refractory
//! u ≥ v_th − v_rest:  spike, u ← v_reset − v_rest, held there for t_ref
//! ```
//!
//! A weight is a jump of the current \[pA\]; the charge that it brings is `w tau_syn`.
//!
//! | name | default | unit | meaning |
//! |---|---|---|---|
//! | `tau_m` | 10 | ms | membrane time constant |
//! | `c_m` | 250 | pF | capacitance |
//! | `v_rest`, `v_th`, `v_reset` | −70, −55, −70 | mV | rest, threshold, reset |
//! | `t_ref` | 2 | ms | refractory period |
//! | `i_bias` | 0 | pA | constant current |
//! | `tau_syn_ex`, `tau_syn_in` | 2, 2 | ms | time constants of the currents |
//!
//! Method: exact. Equal and nearly equal time constants lose no digits. The crossing is a bracketed
//! root that cannot be missed ([`crate::crossing`]).
//! Semantics of NEST's `iaf_psc_exp` (grid) and `iaf_psc_exp_ps` (event); Rotter & Diesmann 1999,
//! doi 10.1007/s004220050570.

use libm::{exp, expm1};

use crate::adapt::ThresholdShift;
use crate::crossing::{ExpPoly, first_crossing};
use crate::kernel::{exp_response, exp_response_peak};
use crate::{Flow, FromMembrane, Membrane, MovableThreshold, Numbers, Port, SynapticCurrent};

/// The propagators of one neuron for a fixed step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpStep {
    /// Decay of the potential in a step.
    pub p22: f64,
    /// Potential \[mV\] that 1 pA of constant current adds in a step.
    pub p20: f64,
    /// Potential \[mV\] that 1 pA of excitatory current adds in a step.
    pub p21_ex: f64,
    /// Potential \[mV\] that 1 pA of inhibitory current adds in a step.
    pub p21_in: f64,
    /// Decay of the excitatory current in a step.
    pub p11_ex: f64,
    /// Decay of the inhibitory current in a step.
    pub p11_in: f64,
    /// Threshold, relative to rest \[mV\].
    pub theta: f64,
    /// Reset, relative to rest \[mV\].
    pub reset: f64,
}

impl ExpStep {
    /// The propagators for a step of `dt` ms.
    pub fn new(membrane: &Membrane, tau_syn_ex: f64, tau_syn_in: f64, dt: f64) -> Self {
        let Membrane { tau_m, c_m, v_rest, v_th, v_reset, t_ref: _, i_bias: _ } = *membrane;
        Self {
            p22: exp(-dt / tau_m),
            p20: -expm1(-dt / tau_m) * tau_m / c_m,
            p21_ex: exp_response(dt, tau_m, c_m, tau_syn_ex),
            p21_in: exp_response(dt, tau_m, c_m, tau_syn_in),
            p11_ex: exp(-dt / tau_syn_ex),
            p11_in: exp(-dt / tau_syn_in),
            theta: v_th - v_rest,
            reset: v_reset - v_rest,
        }
    }

    /// The potential at the end of a step, from the potential and the currents at its start; `drive`
    /// is `p20` times the constant current.
    #[inline(always)]
    pub fn step(&self, u: f64, drive: f64, i_ex: f64, i_in: f64) -> f64 {
        self.p22 * u + drive + self.p21_ex * i_ex + self.p21_in * i_in
    }
}

/// The flow of one neuron in real-valued time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpFlow {
    tau_m: f64,
    c_m: f64,
    tau_syn_ex: f64,
    tau_syn_in: f64,
    u_bias: f64,
    v_rest: f64,
    theta: f64,
    reset: f64,
    /// Largest potential \[mV\] that a decaying current of 1 pA can cause.
    peak_ex: f64,
    peak_in: f64,
}

/// The state of [`ExpFlow`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpState {
    /// Potential relative to rest \[mV\].
    pub u: f64,
    /// Where the potential would settle \[mV\], relative to rest.
    pub u_inf: f64,
    /// Excitatory current \[pA\].
    pub i_ex: f64,
    /// Inhibitory current \[pA\].
    pub i_in: f64,
}

impl Numbers for ExpState {
    const N: usize = 4;

    fn put(&self, list: &mut Vec<f64>) {
        let Self { u, u_inf, i_ex, i_in } = *self;
        list.extend([u, u_inf, i_ex, i_in]);
    }

    fn take(list: &[f64]) -> Option<Self> {
        let [u, u_inf, i_ex, i_in] = *list.first_chunk()?;
        Some(Self { u, u_inf, i_ex, i_in })
    }
}

impl ExpFlow {
    /// The flow of a neuron with these parameters; it expects them to be valid.
    pub fn new(membrane: &Membrane, current: &SynapticCurrent) -> Self {
        let Membrane { tau_m, c_m, v_rest, v_th, v_reset, t_ref: _, i_bias } = *membrane;
        let (tau_syn_ex, tau_syn_in) = current.time_constants();
        Self {
            tau_m,
            c_m,
            tau_syn_ex,
            tau_syn_in,
            u_bias: tau_m / c_m * i_bias,
            v_rest,
            theta: v_th - v_rest,
            reset: v_reset - v_rest,
            peak_ex: exp_response_peak(tau_m, c_m, tau_syn_ex),
            peak_in: exp_response_peak(tau_m, c_m, tau_syn_in),
        }
    }

    /// The potential, relative to rest, after `t` ms.
    #[inline]
    fn u_after(&self, state: &ExpState, t: f64) -> f64 {
        let ExpState { u, u_inf, i_ex, i_in } = *state;
        let mut after = u_inf + (u - u_inf) * exp(-t / self.tau_m);
        if i_ex != 0.0 {
            after += i_ex * exp_response(t, self.tau_m, self.c_m, self.tau_syn_ex);
        }
        if i_in != 0.0 {
            after += i_in * exp_response(t, self.tau_m, self.c_m, self.tau_syn_in);
        }
        after
    }

    /// The largest potential that the state can still lead to, or more.
    #[inline]
    fn u_bound(&self, state: &ExpState) -> f64 {
        let ExpState { u, u_inf, i_ex, i_in } = *state;
        u.max(u_inf) + i_ex.max(0.0) * self.peak_ex + i_in.max(0.0) * self.peak_in
    }

    /// `f` and how far the potential is from where it would settle.
    #[inline]
    fn with_responses(&self, mut f: ExpPoly, state: &ExpState) -> ExpPoly {
        let ExpState { u, u_inf, i_ex, i_in } = *state;
        f.add(1.0 / self.tau_m, [u - u_inf, 0.0, 0.0]);
        f.add_exp_response(self.tau_m, self.c_m, self.tau_syn_ex, i_ex);
        f.add_exp_response(self.tau_m, self.c_m, self.tau_syn_in, i_in);
        f
    }
}

impl Flow for ExpFlow {
    type State = ExpState;

    fn state(&self, v: f64) -> ExpState {
        ExpState { u: v - self.v_rest, u_inf: self.u_bias, i_ex: 0.0, i_in: 0.0 }
    }

    fn v(&self, state: &ExpState) -> f64 {
        state.u + self.v_rest
    }

    #[inline]
    fn advance(&self, state: &mut ExpState, t: f64) {
        state.u = self.u_after(state, t);
        self.advance_refractory(state, t);
    }

    #[inline]
    fn advance_refractory(&self, state: &mut ExpState, t: f64) {
        if state.i_ex != 0.0 {
            state.i_ex *= exp(-t / self.tau_syn_ex);
        }
        if state.i_in != 0.0 {
            state.i_in *= exp(-t / self.tau_syn_in);
        }
    }

    #[inline]
    fn receive(&self, state: &mut ExpState, port: Port, weight: f64) {
        match port {
            Port::Excitatory => state.i_ex += weight,
            Port::Inhibitory => state.i_in += weight,
        }
    }

    #[inline]
    fn receive_refractory(&self, state: &mut ExpState, port: Port, weight: f64) {
        self.receive(state, port, weight);
    }

    fn inject(&self, state: &mut ExpState, current: f64) {
        state.u_inf = self.u_bias + self.tau_m / self.c_m * current;
    }

    #[inline]
    fn is_over(&self, state: &ExpState) -> bool {
        state.u >= self.theta
    }

    #[inline]
    fn reset(&self, state: &mut ExpState) {
        state.u = self.reset;
    }

    #[inline]
    fn next_crossing(&self, state: &ExpState, horizon: f64) -> Option<f64> {
        if self.u_bound(state) < self.theta {
            return None;
        }
        let f = self.with_responses(ExpPoly::constant(state.u_inf - self.theta), state);
        first_crossing(&f, |t| self.u_after(state, t) - self.theta, horizon)
    }
}

impl MovableThreshold for ExpFlow {
    #[inline]
    fn is_over_shifted(&self, state: &ExpState, shift: f64) -> bool {
        state.u >= self.theta + shift
    }

    fn next_crossing_shifted(&self, state: &ExpState, shift: &ThresholdShift, horizon: f64) -> Option<f64> {
        if self.u_bound(state) < self.theta + shift.lowest(horizon) {
            return None;
        }
        let f = self.with_responses(shift.distance_from(state.u_inf - self.theta), state);
        first_crossing(&f, |t| self.u_after(state, t) - (self.theta + shift.at(t)), horizon)
    }
}

impl FromMembrane for ExpFlow {
    fn from_membrane(membrane: &Membrane, current: &SynapticCurrent) -> Self {
        Self::new(membrane, current)
    }
}
