//! Conductance-based LIF in real-valued time, to rounding.

use libm::exp;

use super::GAUSS;
use crate::adapt::ThresholdShift;
use crate::crossing::{ExpPoly, bracketed_zero};
use crate::vexp::{exp_neg, mean_exp_neg};
use crate::{Flow, FromMembrane, Membrane, MovableThreshold, Numbers, Port, SynapticCurrent};

/// Of the sum of all rates times the length of a part of the quadrature: at 2 the error of a part is
/// below rounding (measured against multiprecision values in `tests/cond.rs`).
const PART: f64 = 2.0;

/// The flow of one neuron in real-valued time.
///
/// With the rates r_x = g_x/c_m, `γ = 1/tau_m + Σ r_x` and `Γ` its integral, the solution is
///
/// ```text
/// u(t) = u(0) + ∫ exp(Γ(s) − Γ(t)) f(s) ds        f(s) = (u_inf − u(0))/tau_m + Σ r_x(s) (e_x − u(0))
/// ```
///
/// Γ has a closed form and nothing cancels, so a Gauss–Legendre rule of 8 points on parts that are
/// short against all rates gives the integral to rounding, at a known cost and with no error control:
/// an integrand of exponentials needs none.
///
/// *Crossing.* The potential can only rise through the threshold θ at a time when it would rise *at*
/// θ: when `f(t) = (u_inf − θ)/tau_m + Σ r_x(t) (e_x − θ) > 0`. This f is an exponential polynomial of
/// three coefficients, whose zeros are all known ([`crate::crossing`]): at most two intervals remain.
/// In such an interval the potential, once at θ, cannot come back below it; so it has crossed exactly
/// when it is above θ at the interval's end. No crossing can be missed between two looks. With a
/// threshold that moves the same holds for `f(t) − θ'(t)`, of nine coefficients at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CondFlow {
    /// Rates \[1/ms\] of the leak and of the decays of the conductances.
    leak: f64,
    decay_ex: f64,
    decay_in: f64,
    c_m: f64,
    u_bias: f64,
    v_rest: f64,
    theta: f64,
    reset: f64,
    /// Reversal potentials, relative to rest \[mV\].
    e_ex: f64,
    e_in: f64,
}

/// The state of [`CondFlow`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CondState {
    /// Potential relative to rest \[mV\].
    pub u: f64,
    /// Where the potential would settle \[mV\], relative to rest.
    pub u_inf: f64,
    /// Excitatory conductance \[nS\].
    pub g_ex: f64,
    /// Inhibitory conductance \[nS\].
    pub g_in: f64,
}

impl Numbers for CondState {
    const N: usize = 4;

    fn put(&self, list: &mut Vec<f64>) {
        let Self { u, u_inf, g_ex, g_in } = *self;
        list.extend([u, u_inf, g_ex, g_in]);
    }

    fn take(list: &[f64]) -> Option<Self> {
        let [u, u_inf, g_ex, g_in] = *list.first_chunk()?;
        Some(Self { u, u_inf, g_ex, g_in })
    }
}

impl CondFlow {
    /// The flow of a neuron with these parameters; it expects them to be valid.
    pub fn new(membrane: &Membrane, current: &SynapticCurrent) -> Self {
        let Membrane { tau_m, c_m, v_rest, v_th, v_reset, t_ref: _, i_bias } = *membrane;
        let (tau_syn_ex, tau_syn_in) = current.time_constants();
        let (e_ex, e_in) = current.reversals();
        Self {
            leak: 1.0 / tau_m,
            decay_ex: 1.0 / tau_syn_ex,
            decay_in: 1.0 / tau_syn_in,
            c_m,
            u_bias: tau_m / c_m * i_bias,
            v_rest,
            theta: v_th - v_rest,
            reset: v_reset - v_rest,
            e_ex: e_ex - v_rest,
            e_in: e_in - v_rest,
        }
    }

    /// The rates \[1/ms\] of the two conductances, 0 where what is left of one cannot change a double.
    #[inline]
    fn rates(&self, state: &CondState) -> (f64, f64) {
        let rate = |g: f64, decay: f64| {
            let rate = g / self.c_m;
            if rate < 1e-18 * decay { 0.0 } else { rate }
        };
        (rate(state.g_ex, self.decay_ex), rate(state.g_in, self.decay_in))
    }

    /// How long a part of the quadrature may be \[ms\]: any length, where only the leak is left.
    #[inline]
    fn part(&self, state: &CondState) -> f64 {
        let (r_ex, r_in) = self.rates(state);
        if r_ex == 0.0 && r_in == 0.0 {
            return f64::INFINITY;
        }
        let decay = |rate: f64, decay: f64| if rate == 0.0 { 0.0 } else { rate + decay };
        PART / (self.leak + decay(r_ex, self.decay_ex) + decay(r_in, self.decay_in))
    }

    /// The potential after `t` ms, at most one [`part`](Self::part).
    #[inline]
    fn u_after_part(&self, state: &CondState, t: f64) -> f64 {
        let CondState { u, u_inf, g_ex: _, g_in: _ } = *state;
        let (r_ex, r_in) = self.rates(state);
        let pull_leak = self.leak * (u_inf - u);
        if r_ex == 0.0 && r_in == 0.0 {
            return u + pull_leak * t * mean_exp_neg(self.leak * t);
        }
        let (pull_ex, pull_in) = (r_ex * (self.e_ex - u), r_in * (self.e_in - u));
        let mut sum = 0.0;
        for (x, weight) in GAUSS {
            let (s, rest) = (t * x, t * (1.0 - x));
            let (d_ex, d_in) = (exp_neg(self.decay_ex * s), exp_neg(self.decay_in * s));
            // Γ(t) − Γ(s) over the time that is left after s.
            let mean_rate = self.leak
                + r_ex * d_ex * mean_exp_neg(self.decay_ex * rest)
                + r_in * d_in * mean_exp_neg(self.decay_in * rest);
            sum += weight * exp_neg(mean_rate * rest) * (pull_leak + pull_ex * d_ex + pull_in * d_in);
        }
        u + t * sum
    }

    /// The largest potential that the state can still lead to, or more.
    ///
    /// Above the leak's and the inhibitory reversal potential only the excitatory conductance pulls
    /// upward, and its rate has an integral of `g_ex/(c_m decay_ex)` left.
    #[inline]
    fn u_bound(&self, state: &CondState) -> f64 {
        let from = state.u.max(state.u_inf).max(if state.g_in > 0.0 { self.e_in } else { f64::MIN });
        if from >= self.e_ex {
            return from;
        }
        self.e_ex - (self.e_ex - from) * exp_neg(state.g_ex / (self.c_m * self.decay_ex))
    }

    /// How fast the potential would rise above the threshold if it were at it: `u' − θ'` at `u = θ(t)`.
    fn rise_at_threshold(&self, state: &CondState, shift: &ThresholdShift) -> ExpPoly {
        let ThresholdShift { a, rate, b, slope } = *shift;
        let theta = self.theta + b;
        let mut rise = ExpPoly::constant(self.leak * (state.u_inf - theta) + slope);
        if slope != 0.0 {
            rise.add(0.0, [0.0, self.leak * slope, 0.0]);
        }
        if a != 0.0 {
            rise.add(rate, [a * (rate - self.leak), 0.0, 0.0]);
        }
        for (g, e, decay) in [(state.g_ex, self.e_ex, self.decay_ex), (state.g_in, self.e_in, self.decay_in)]
        {
            let r = g / self.c_m;
            if r != 0.0 {
                rise.add(decay, [r * (e - theta), r * slope, 0.0]);
                if a != 0.0 {
                    rise.add(decay + rate, [-r * a, 0.0, 0.0]);
                }
            }
        }
        rise
    }
}

impl Flow for CondFlow {
    type State = CondState;

    fn state(&self, v: f64) -> CondState {
        CondState { u: v - self.v_rest, u_inf: self.u_bias, g_ex: 0.0, g_in: 0.0 }
    }

    fn v(&self, state: &CondState) -> f64 {
        state.u + self.v_rest
    }

    fn advance(&self, state: &mut CondState, t: f64) {
        let mut left = t;
        while left > 0.0 {
            let part = self.part(state).min(left);
            state.u = self.u_after_part(state, part);
            self.advance_refractory(state, part);
            left -= part;
        }
    }

    #[inline]
    fn advance_refractory(&self, state: &mut CondState, t: f64) {
        let decayed = |g: f64, rate: f64| if g == 0.0 { 0.0 } else { g * exp(-rate * t) };
        state.g_ex = decayed(state.g_ex, self.decay_ex);
        state.g_in = decayed(state.g_in, self.decay_in);
    }

    #[inline]
    fn receive(&self, state: &mut CondState, port: Port, weight: f64) {
        match port {
            Port::Excitatory => state.g_ex += weight.abs(),
            Port::Inhibitory => state.g_in += weight.abs(),
        }
    }

    #[inline]
    fn receive_refractory(&self, state: &mut CondState, port: Port, weight: f64) {
        self.receive(state, port, weight);
    }

    fn inject(&self, state: &mut CondState, current: f64) {
        state.u_inf = self.u_bias + current / (self.c_m * self.leak);
    }

    #[inline]
    fn is_over(&self, state: &CondState) -> bool {
        state.u >= self.theta
    }

    #[inline]
    fn reset(&self, state: &mut CondState) {
        state.u = self.reset;
    }

    fn next_crossing(&self, state: &CondState, horizon: f64) -> Option<f64> {
        self.next_crossing_shifted(state, &ThresholdShift::default(), horizon)
    }
}

impl MovableThreshold for CondFlow {
    #[inline]
    fn is_over_shifted(&self, state: &CondState, shift: f64) -> bool {
        state.u >= self.theta + shift
    }

    fn next_crossing_shifted(&self, state: &CondState, shift: &ThresholdShift, horizon: f64) -> Option<f64> {
        let theta_at = |t: f64| self.theta + shift.at(t);
        if state.u >= theta_at(0.0) {
            return Some(0.0);
        }
        if self.u_bound(state) < self.theta + shift.lowest(horizon) {
            return None;
        }
        let rise = self.rise_at_threshold(state, shift);
        // After 800 of the slowest time constants every exponential is below the smallest double.
        let slowest = self.leak.min(self.decay_ex).min(self.decay_in);
        let slowest = if shift.a == 0.0 { slowest } else { slowest.min(shift.rate) };
        let end = if shift.slope == 0.0 { horizon.min(800.0 / slowest) } else { horizon };
        let (mut state, mut t) = (*state, 0.0);
        for (from, to) in rise.positive_intervals(end) {
            self.advance(&mut state, from - t);
            t = from;
            while t < to {
                let part = self.part(&state).min(to - t);
                let u = self.u_after_part(&state, part);
                if u >= theta_at(t + part) {
                    let excess = |s: f64| self.u_after_part(&state, s) - theta_at(t + s);
                    // Rounding may have put the start of an interval to the threshold.
                    let start = (0.0, excess(0.0).min(-f64::MIN_POSITIVE));
                    return Some(t + bracketed_zero(excess, start, (part, u - theta_at(t + part))));
                }
                state.u = u;
                self.advance_refractory(&mut state, part);
                t += part;
            }
        }
        None
    }
}

impl FromMembrane for CondFlow {
    fn from_membrane(membrane: &Membrane, current: &SynapticCurrent) -> Self {
        Self::new(membrane, current)
    }
}
