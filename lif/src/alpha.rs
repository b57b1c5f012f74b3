//! LIF with alpha-shaped synaptic currents.
//!
//! ```text
//! c_m du/dt = −c_m u/tau_m + i_ex + i_in + i_bias + i_inj      u = v − v_rest
//! di_x/dt   = d_x − i_x/tau_syn_x,  dd_x/dt = −d_x/tau_syn_x   x = ex, in
//! on a spike: d_x ← d_x + w e/tau_syn_x                        also while refractory
//! u ≥ v_th − v_rest:  spike, u ← v_reset − v_rest, held there for t_ref
//! ```
//!
//! A weight is the peak of the current \[pA\], reached `tau_syn` after arrival; its charge is `w e tau_syn`.
//!
//! | name | default | unit | meaning |
//! |---|---|---|---|
//! | `tau_m` | 10 | ms | membrane time constant |
//! | `c_m` | 250 | pF | capacitance |
//! | `v_rest`, `v_th`, `v_reset` | −70, −55, −70 | mV | rest, threshold, reset |
//! | `t_ref` | 2 | ms | refractory period |
//! | `i_bias` | 0 | pA | constant current |
//! | `tau_syn_ex`, `tau_syn_in` | 2, 2 | ms | times to the peak of the currents |
//!
//! Method: exact. Equal and nearly equal time constants lose no digits. The crossing is a bracketed
//! root that cannot be missed ([`crate::crossing`]).
//! Semantics of NEST's `iaf_psc_alpha` (grid) and `iaf_psc_alpha_ps` (event); Rotter & Diesmann 1999,
//! doi 10.1007/s004220050570.

use std::f64::consts::E;

use libm::{exp, expm1};

use crate::adapt::ThresholdShift;
use crate::crossing::{ExpPoly, first_crossing};
use crate::kernel::{alpha_response, alpha_response_bound, exp_response, exp_response_peak};
use crate::{Flow, FromMembrane, Membrane, MovableThreshold, Numbers, Port, SynapticCurrent};

/// The propagators of one neuron for a fixed step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlphaStep {
    /// Decay of the potential in a step.
    pub p22: f64,
    /// Potential \[mV\] that 1 pA of constant current adds in a step.
    pub p20: f64,
    /// The excitatory current.
    pub ex: AlphaCurrentStep,
    /// The inhibitory current.
    pub inh: AlphaCurrentStep,
    /// Threshold, relative to rest \[mV\].
    pub theta: f64,
    /// Reset, relative to rest \[mV\].
    pub reset: f64,
}

/// The propagators of one synaptic current for a fixed step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlphaCurrentStep {
    /// Decay in a step.
    pub p11: f64,
    /// Potential \[mV\] that 1 pA of current adds in a step.
    pub p21: f64,
    /// Potential \[mV\] that a current rising by 1 pA/ms adds in a step.
    pub p31: f64,
    /// The step \[ms\].
    pub dt: f64,
    /// What a weight of 1 pA adds to the rise \[1/ms\].
    pub rise: f64,
}

impl AlphaStep {
    /// The propagators for a step of `dt` ms.
    pub fn new(membrane: &Membrane, tau_syn_ex: f64, tau_syn_in: f64, dt: f64) -> Self {
        let Membrane { tau_m, c_m, v_rest, v_th, v_reset, t_ref: _, i_bias: _ } = *membrane;
        let current = |tau_syn| AlphaCurrentStep {
            p11: exp(-dt / tau_syn),
            p21: exp_response(dt, tau_m, c_m, tau_syn),
            p31: alpha_response(dt, tau_m, c_m, tau_syn),
            dt,
            rise: E / tau_syn,
        };
        Self {
            p22: exp(-dt / tau_m),
            p20: -expm1(-dt / tau_m) * tau_m / c_m,
            ex: current(tau_syn_ex),
            inh: current(tau_syn_in),
            theta: v_th - v_rest,
            reset: v_reset - v_rest,
        }
    }

    /// The potential at the end of a step, from the potential, the currents `i` and their rises `d`
    /// at its start; `drive` is `p20` times the constant current.
    #[inline(always)]
    pub fn step(&self, u: f64, drive: f64, ex: (f64, f64), inh: (f64, f64)) -> f64 {
        let current = |step: &AlphaCurrentStep, (i, d): (f64, f64)| step.p21 * i + step.p31 * d;
        self.p22 * u + drive + current(&self.ex, ex) + current(&self.inh, inh)
    }
}

impl AlphaCurrentStep {
    /// Current and rise at the end of a step in which weights that add up to `weight` arrive.
    #[inline(always)]
    pub fn step(&self, (i, d): (f64, f64), weight: f64) -> (f64, f64) {
        (self.p11 * (i + self.dt * d), self.p11 * d + self.rise * weight)
    }
}

/// The flow of one neuron in real-valued time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlphaFlow {
    tau_m: f64,
    c_m: f64,
    tau_syn_ex: f64,
    tau_syn_in: f64,
    u_bias: f64,
    v_rest: f64,
    theta: f64,
    reset: f64,
    /// Largest potentials \[mV\] that a current of 1 pA and a rise of 1 pA/ms can cause.
    peak_ex: (f64, f64),
    peak_in: (f64, f64),
}

/// The state of [`AlphaFlow`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AlphaState {
    /// Potential relative to rest \[mV\].
    pub u: f64,
    /// Where the potential would settle \[mV\], relative to rest.
    pub u_inf: f64,
    /// Excitatory current \[pA\] and its rise \[pA/ms\].
    pub ex: (f64, f64),
    /// Inhibitory current \[pA\] and its rise \[pA/ms\].
    pub inh: (f64, f64),
}

impl Numbers for AlphaState {
    const N: usize = 6;

    fn put(&self, list: &mut Vec<f64>) {
        let Self { u, u_inf, ex: (i_ex, d_ex), inh: (i_in, d_in) } = *self;
        list.extend([u, u_inf, i_ex, d_ex, i_in, d_in]);
    }

    fn take(list: &[f64]) -> Option<Self> {
        let [u, u_inf, i_ex, d_ex, i_in, d_in] = *list.first_chunk()?;
        Some(Self { u, u_inf, ex: (i_ex, d_ex), inh: (i_in, d_in) })
    }
}

impl AlphaFlow {
    /// The flow of a neuron with these parameters; it expects them to be valid.
    pub fn new(membrane: &Membrane, current: &SynapticCurrent) -> Self {
        let Membrane { tau_m, c_m, v_rest, v_th, v_reset, t_ref: _, i_bias } = *membrane;
        let (tau_syn_ex, tau_syn_in) = current.time_constants();
        let peak =
            |tau_syn| (exp_response_peak(tau_m, c_m, tau_syn), alpha_response_bound(tau_m, c_m, tau_syn));
        Self {
            tau_m,
            c_m,
            tau_syn_ex,
            tau_syn_in,
            u_bias: tau_m / c_m * i_bias,
            v_rest,
            theta: v_th - v_rest,
            reset: v_reset - v_rest,
            peak_ex: peak(tau_syn_ex),
            peak_in: peak(tau_syn_in),
        }
    }

    /// The potential, relative to rest, after `t` ms.
    fn u_after(&self, state: &AlphaState, t: f64) -> f64 {
        let AlphaState { u, u_inf, ex, inh } = *state;
        let response = |(i, d): (f64, f64), tau_syn: f64| {
            if i == 0.0 && d == 0.0 {
                return 0.0;
            }
            i * exp_response(t, self.tau_m, self.c_m, tau_syn)
                + d * alpha_response(t, self.tau_m, self.c_m, tau_syn)
        };
        u_inf
            + (u - u_inf) * exp(-t / self.tau_m)
            + response(ex, self.tau_syn_ex)
            + response(inh, self.tau_syn_in)
    }

    /// The largest potential that the state can still lead to, or more.
    fn u_bound(&self, state: &AlphaState) -> f64 {
        let AlphaState { u, u_inf, ex, inh } = *state;
        let most = |(i, d): (f64, f64), peak: (f64, f64)| i.max(0.0) * peak.0 + d.max(0.0) * peak.1;
        u.max(u_inf) + most(ex, self.peak_ex) + most(inh, self.peak_in)
    }

    /// `f` and how far the potential is from where it would settle.
    fn with_responses(&self, mut f: ExpPoly, state: &AlphaState) -> ExpPoly {
        let AlphaState { u, u_inf, ex, inh } = *state;
        f.add(1.0 / self.tau_m, [u - u_inf, 0.0, 0.0]);
        for ((i, d), tau_syn) in [(ex, self.tau_syn_ex), (inh, self.tau_syn_in)] {
            f.add_exp_response(self.tau_m, self.c_m, tau_syn, i);
            f.add_alpha_response(self.tau_m, self.c_m, tau_syn, d);
        }
        f
    }
}

impl Flow for AlphaFlow {
    type State = AlphaState;

    fn state(&self, v: f64) -> AlphaState {
        AlphaState { u: v - self.v_rest, u_inf: self.u_bias, ex: (0.0, 0.0), inh: (0.0, 0.0) }
    }

    fn v(&self, state: &AlphaState) -> f64 {
        state.u + self.v_rest
    }

    fn advance(&self, state: &mut AlphaState, t: f64) {
        state.u = self.u_after(state, t);
        self.advance_refractory(state, t);
    }

    fn advance_refractory(&self, state: &mut AlphaState, t: f64) {
        let decay = |(i, d): (f64, f64), tau_syn: f64| {
            let p11 = exp(-t / tau_syn);
            (p11 * (i + t * d), p11 * d)
        };
        state.ex = decay(state.ex, self.tau_syn_ex);
        state.inh = decay(state.inh, self.tau_syn_in);
    }

    fn receive(&self, state: &mut AlphaState, port: Port, weight: f64) {
        match port {
            Port::Excitatory => state.ex.1 += weight * E / self.tau_syn_ex,
            Port::Inhibitory => state.inh.1 += weight * E / self.tau_syn_in,
        }
    }

    fn receive_refractory(&self, state: &mut AlphaState, port: Port, weight: f64) {
        self.receive(state, port, weight);
    }

    fn inject(&self, state: &mut AlphaState, current: f64) {
        state.u_inf = self.u_bias + self.tau_m / self.c_m * current;
    }

    fn is_over(&self, state: &AlphaState) -> bool {
        state.u >= self.theta
    }

    fn reset(&self, state: &mut AlphaState) {
        state.u = self.reset;
    }

    fn next_crossing(&self, state: &AlphaState, horizon: f64) -> Option<f64> {
        if self.u_bound(state) < self.theta {
            return None;
        }
        let f = self.with_responses(ExpPoly::constant(state.u_inf - self.theta), state);
        first_crossing(&f, |t| self.u_after(state, t) - self.theta, horizon)
    }
}

impl MovableThreshold for AlphaFlow {
    #[inline]
    fn is_over_shifted(&self, state: &AlphaState, shift: f64) -> bool {
        state.u >= self.theta + shift
    }

    fn next_crossing_shifted(&self, state: &AlphaState, shift: &ThresholdShift, horizon: f64) -> Option<f64> {
        if self.u_bound(state) < self.theta + shift.lowest(horizon) {
            return None;
        }
        let f = self.with_responses(shift.distance_from(state.u_inf - self.theta), state);
        first_crossing(&f, |t| self.u_after(state, t) - (self.theta + shift.at(t)), horizon)
    }
}

impl FromMembrane for AlphaFlow {
    fn from_membrane(membrane: &Membrane, current: &SynapticCurrent) -> Self {
        Self::new(membrane, current)
    }
}
