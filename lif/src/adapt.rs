//! Thresholds that move with the neuron's own spikes, for any of the LIF models.
//!
//! ```text
//! θ(t) = v_th − v_rest + a(t) + b(t)
//! da/dt = −a/tau_theta                     on the neuron's own spike: a ← a + theta_jump
//! db/dt = −eta target_rate, while b > b_min        … and  b ← min(b + eta, b_max)
//! u ≥ θ(t):  spike                         a and b go on while refractory
//! ```
//!
//! `a` is the adaptive threshold of ALIF neurons (Bellec et al. 2018, doi 10.48550/arXiv.1803.09574:
//! their β(1 − ρ) is `theta_jump`, with ρ the decay in a step) and, with a time constant of seconds or
//! more, the homeostatic threshold of Diehl & Cook 2015 (doi 10.3389/fncom.2015.00099). `b` is intrinsic
//! plasticity (Lazar, Pipa & Triesch 2009, doi 10.3389/neuro.10.023.2009: per step, the threshold grows
//! by η (spikes − H)): while it is between its bounds, its change is `eta` times (spikes − expected
//! spikes), so that the rate goes to `target_rate`.
//!
//! | name | default | unit | meaning |
//! |---|---|---|---|
//! | `tau_theta` | 100 | ms | time constant of `a` |
//! | `theta_jump` | 0 | mV | what a spike adds to `a` |
//! | `eta` | 0 | mV | what a spike adds to `b` |
//! | `target_rate` | 0 | Hz | the rate at which `b` stays where it is |
//! | `b_min`, `b_max` | −5, 20 | mV | bounds of `b` |
//!
//! The order at a spike: the threshold is compared as it was before the spike, then moved. On the grid a
//! neuron is compared at the end of a step, when a and b have made the step too.
//!
//! Method: exact. a and b have closed forms between spikes, of which the bound at `b_min` makes two
//! pieces; in each the distance to the threshold is an exponential polynomial with one more exponential
//! and a linear term, and the crossing cannot be missed ([`crate::crossing`]).

use libm::exp;
use serde::{Deserialize, Serialize};

use crate::crossing::ExpPoly;
use crate::{Flow, Membrane, MovableThreshold, Numbers, ParamFault, Port};

/// How the threshold of one neuron moves; the default does not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Adaptation {
    /// Time constant of the adaptive part `a` \[ms\], > 0.
    pub tau_theta: f64,
    /// What a spike adds to `a` \[mV\], ≥ 0.
    pub theta_jump: f64,
    /// What a spike adds to the homeostatic part `b` \[mV\], ≥ 0.
    pub eta: f64,
    /// The rate at which `b` keeps its mean \[Hz\], ≥ 0.
    pub target_rate: f64,
    /// Lower bound of `b` \[mV\], ≤ 0, above `v_reset − v_th`.
    pub b_min: f64,
    /// Upper bound of `b` \[mV\], ≥ 0.
    pub b_max: f64,
}

impl Default for Adaptation {
    fn default() -> Self {
        Self { tau_theta: 100.0, theta_jump: 0.0, eta: 0.0, target_rate: 0.0, b_min: -5.0, b_max: 20.0 }
    }
}

impl Adaptation {
    /// How fast `b` falls without spikes \[mV/ms\].
    fn slope(&self) -> f64 {
        self.eta * self.target_rate * 1e-3
    }

    /// Everything that is wrong with the adaptation of a neuron with this membrane; empty if nothing is.
    pub fn faults(&self, membrane: &Membrane) -> Vec<ParamFault> {
        let Self { tau_theta, theta_jump, eta, target_rate, b_min, b_max } = *self;
        let mut faults = Vec::new();
        let mut need = |ok: bool, name, value, unit, must| {
            if !ok {
                faults.push(ParamFault { name, value, unit, must });
            }
        };
        let not_negative = |x: f64| x.is_finite() && x >= 0.0;
        need(tau_theta.is_finite() && tau_theta > 0.0, "tau_theta", tau_theta, "ms", "finite and above 0");
        need(not_negative(theta_jump), "theta_jump", theta_jump, "mV", "finite and at least 0");
        need(not_negative(eta), "eta", eta, "mV", "finite and at least 0");
        need(not_negative(target_rate), "target_rate", target_rate, "Hz", "finite and at least 0");
        need(b_min.is_finite() && b_min <= 0.0, "b_min", b_min, "mV", "finite and at most 0");
        need(b_max >= 0.0, "b_max", b_max, "mV", "at least 0");
        // Else a reset neuron would be above its threshold, and fire without end.
        let above_reset = membrane.v_th + b_min > membrane.v_reset || b_min.is_nan();
        need(eta == 0.0 || above_reset, "b_min", b_min, "mV", "above v_reset − v_th");
        faults
    }
}

/// The propagators of one threshold for a fixed step.
///
/// In every step, in this order: the state of the model makes its step; [`step`](Self::step); a neuron
/// that is not refractory fires if `u ≥ theta + a + b`; [`spike`](Self::spike).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ThresholdStep {
    /// Decay of `a` in a step.
    pub decay: f64,
    /// What `b` falls by in a step \[mV\].
    pub fall: f64,
    /// What a spike adds to `a` \[mV\].
    pub theta_jump: f64,
    /// What a spike adds to `b` \[mV\].
    pub eta: f64,
    /// Lower bound of `b` \[mV\].
    pub b_min: f64,
    /// Upper bound of `b` \[mV\].
    pub b_max: f64,
}

impl ThresholdStep {
    /// The propagators for a step of `dt` ms.
    pub fn new(adaptation: &Adaptation, dt: f64) -> Self {
        let Adaptation { tau_theta, theta_jump, eta, target_rate: _, b_min, b_max } = *adaptation;
        Self { decay: exp(-dt / tau_theta), fall: adaptation.slope() * dt, theta_jump, eta, b_min, b_max }
    }

    /// `a` and `b` at the end of a step.
    #[inline(always)]
    pub fn step(&self, (a, b): (f64, f64)) -> (f64, f64) {
        let fallen = b - self.fall;
        (a * self.decay, if fallen > self.b_min { fallen } else { self.b_min })
    }

    /// `a` and `b` after the neuron has fired, or has not.
    #[inline(always)]
    pub fn spike(&self, (a, b): (f64, f64), fired: bool) -> (f64, f64) {
        let raised = b + self.eta;
        let raised = if raised < self.b_max { raised } else { self.b_max };
        (if fired { a + self.theta_jump } else { a }, if fired { raised } else { b })
    }
}

/// A shift of the threshold, `a exp(−rate t) + b − slope t` \[mV\] after t ms; the default is none.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct ThresholdShift {
    /// What decays \[mV\], ≥ 0.
    pub a: f64,
    /// How fast \[1/ms\].
    pub rate: f64,
    /// What stays \[mV\].
    pub b: f64,
    /// How fast the threshold falls \[mV/ms\], ≥ 0.
    pub slope: f64,
}

impl ThresholdShift {
    /// The shift after `t` ms \[mV\].
    #[inline]
    pub fn at(&self, t: f64) -> f64 {
        let Self { a, rate, b, slope } = *self;
        let decaying = if a == 0.0 { 0.0 } else { a * exp(-rate * t) };
        decaying + b - if slope == 0.0 { 0.0 } else { slope * t }
    }

    /// The smallest shift until `horizon` \[mV\]: the shift only falls.
    #[inline]
    pub(crate) fn lowest(&self, horizon: f64) -> f64 {
        self.at(horizon)
    }

    /// `distance` minus the shift, as an exponential polynomial.
    pub(crate) fn distance_from(&self, distance: f64) -> ExpPoly {
        let mut f = ExpPoly::constant(distance - self.b);
        if self.slope != 0.0 {
            f.add(0.0, [0.0, self.slope, 0.0]);
        }
        if self.a != 0.0 {
            f.add(self.rate, [-self.a, 0.0, 0.0]);
        }
        f
    }
}

/// The flow of a neuron whose threshold adapts, in real-valued time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adaptive<F> {
    flow: F,
    /// 1/tau_theta \[1/ms\].
    rate: f64,
    slope: f64,
    theta_jump: f64,
    eta: f64,
    b_min: f64,
    b_max: f64,
}

/// The state of [`Adaptive`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdaptiveState<S> {
    /// The state of the model.
    pub state: S,
    /// The adaptive part of the threshold \[mV\].
    pub a: f64,
    /// The homeostatic part of the threshold \[mV\].
    pub b: f64,
}

impl<S: Numbers> Numbers for AdaptiveState<S> {
    const N: usize = S::N + 2;

    fn put(&self, list: &mut Vec<f64>) {
        let Self { state, a, b } = self;
        state.put(list);
        list.extend([*a, *b]);
    }

    fn take(list: &[f64]) -> Option<Self> {
        let [a, b] = *list.get(S::N..)?.first_chunk()?;
        Some(Self { state: S::take(list)?, a, b })
    }
}

impl<F: MovableThreshold> Adaptive<F> {
    /// `flow` with a threshold that moves; it expects the parameters to be valid.
    pub fn around(flow: F, adaptation: &Adaptation) -> Self {
        let Adaptation { tau_theta, theta_jump, eta, target_rate: _, b_min, b_max } = *adaptation;
        Self { flow, rate: 1.0 / tau_theta, slope: adaptation.slope(), theta_jump, eta, b_min, b_max }
    }

    /// The model whose threshold moves.
    pub fn inner(&self) -> &F {
        &self.flow
    }

    /// Moves the threshold by `t` ms.
    #[inline]
    fn advance_threshold(&self, state: &mut AdaptiveState<F::State>, t: f64) {
        if state.a != 0.0 {
            state.a *= exp(-self.rate * t);
        }
        if self.slope != 0.0 {
            state.b = (state.b - self.slope * t).max(self.b_min);
        }
    }
}

impl<F: MovableThreshold> Flow for Adaptive<F> {
    type State = AdaptiveState<F::State>;

    fn state(&self, v: f64) -> Self::State {
        AdaptiveState { state: self.flow.state(v), a: 0.0, b: 0.0 }
    }

    fn v(&self, state: &Self::State) -> f64 {
        self.flow.v(&state.state)
    }

    #[inline]
    fn advance(&self, state: &mut Self::State, t: f64) {
        self.flow.advance(&mut state.state, t);
        self.advance_threshold(state, t);
    }

    #[inline]
    fn advance_refractory(&self, state: &mut Self::State, t: f64) {
        self.flow.advance_refractory(&mut state.state, t);
        self.advance_threshold(state, t);
    }

    #[inline]
    fn receive(&self, state: &mut Self::State, port: Port, weight: f64) {
        self.flow.receive(&mut state.state, port, weight);
    }

    #[inline]
    fn receive_refractory(&self, state: &mut Self::State, port: Port, weight: f64) {
        self.flow.receive_refractory(&mut state.state, port, weight);
    }

    fn inject(&self, state: &mut Self::State, current: f64) {
        self.flow.inject(&mut state.state, current);
    }

    #[inline]
    fn is_over(&self, state: &Self::State) -> bool {
        self.flow.is_over_shifted(&state.state, state.a + state.b)
    }

    #[inline]
    fn reset(&self, state: &mut Self::State) {
        self.flow.reset(&mut state.state);
        state.a += self.theta_jump;
        state.b = (state.b + self.eta).min(self.b_max);
    }

    fn next_crossing(&self, state: &Self::State, horizon: f64) -> Option<f64> {
        let AdaptiveState { state: inner, a, b } = *state;
        let falls = self.slope != 0.0 && b > self.b_min;
        if a == 0.0 && b == 0.0 && !falls {
            return self.flow.next_crossing(&inner, horizon);
        }
        let still = ThresholdShift { a, rate: self.rate, b, slope: 0.0 };
        if !falls {
            return self.flow.next_crossing_shifted(&inner, &still, horizon);
        }
        let until_bound = (b - self.b_min) / self.slope;
        let falling = ThresholdShift { slope: self.slope, ..still };
        let crossing = self.flow.next_crossing_shifted(&inner, &falling, horizon.min(until_bound));
        if crossing.is_some() || horizon <= until_bound {
            return crossing;
        }
        let mut at_bound = *state;
        self.advance(&mut at_bound, until_bound);
        let still = ThresholdShift { a: at_bound.a, b: self.b_min, ..still };
        let crossing = self.flow.next_crossing_shifted(&at_bound.state, &still, horizon - until_bound);
        crossing.map(|t| until_bound + t)
    }
}
