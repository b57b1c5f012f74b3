//! Izhikevich's neuron in real-valued time.

use super::Izhikevich;
use crate::crossing::bracketed_zero;
use crate::dopri5::dopri5_step;
use crate::{Flow, Numbers, Port};

/// Largest error of a step, relative to the state, or absolute \[mV\] where the state is below 1.
const TOLERANCE: f64 = 1e-11;
/// The first step of a neuron \[ms\].
const FIRST_STEP: f64 = 0.01;

/// The flow of one neuron in real-valued time.
///
/// *Method*: Dormand & Prince's pair of orders 5 and 4, the error of a step at most 1e-11 of the state.
/// The climb to the peak is a blow-up; a step that is too long ends in values, or in no number at all,
/// whose error rejects it.
///
/// *Crossing*: the state is followed until a step ends at or above the peak; there the crossing is a
/// bracketed root of the solution after a shorter step from the same start, so that it has the method's
/// own order. A step in which the potential turns from rising to falling is also looked at where it
/// turns. And the search ends as soon as the neuron is proved to be silent, see `is_trapped`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IzhikevichFlow {
    params: Izhikevich,
}

/// The state of [`IzhikevichFlow`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IzhikevichState {
    /// Potential \[mV\].
    pub v: f64,
    /// Recovery variable.
    pub u: f64,
    /// Constant current, `i_bias` included.
    pub i: f64,
    /// How long the next step may be \[ms\].
    pub h: f64,
}

impl IzhikevichFlow {
    /// The flow of a neuron with these parameters; it expects them to be valid.
    pub fn new(params: &Izhikevich) -> Self {
        Self { params: *params }
    }

    /// Potential and recovery variable after a single step of `h`, and its error over the tolerance.
    #[inline]
    fn try_step(&self, state: &IzhikevichState, h: f64) -> ([f64; 2], f64) {
        let (y, error) = dopri5_step(|y| self.params.slope(y, state.i), [state.v, state.u], h);
        let relative =
            |n: usize, before: f64| error[n].abs() / (TOLERANCE * y[n].abs().max(before.abs()).max(1.0));
        let (of_v, of_u) = (relative(0, state.v), relative(1, state.u));
        // Written so that what is not a number counts as too much.
        (y, if of_v < of_u { of_u } else { of_v })
    }

    /// One accepted step of at most `longest`; its length.
    fn step(&self, state: &mut IzhikevichState, longest: f64) -> f64 {
        let mut h = state.h.min(longest);
        loop {
            let (y, error) = self.try_step(state, h);
            // Below 1e-13 ms no step can be refused any more: that is the rounding of a time.
            if error <= 1.0 || h < 1e-13 {
                let growth = (0.9 * error.max(1e-9).powf(-0.2)).clamp(0.2, 5.0);
                // The end of the interval cuts a step short, and says nothing about the next one.
                state.h = if h < state.h { state.h.max(h * growth) } else { h * growth };
                [state.v, state.u] = y;
                return h;
            }
            h *= if error.is_finite() { (0.9 * error.powf(-0.2)).clamp(0.1, 0.9) } else { 0.1 };
            state.h = h;
        }
    }

    /// Whether the neuron provably never fires without input.
    ///
    /// Proof by a box that no trajectory leaves: for `u ≥ u_low` the potential falls at `v_high`, the
    /// upper zero of dv/dt at `u_low`; for `u ≤ u_high` it rises at `v_low`, at or below the lower zero of
    /// dv/dt at `u_high`; and u, which follows b v, stays in `[u_low, u_high]` if that contains
    /// b v for all v of the box.
    fn is_trapped(&self, state: &IzhikevichState) -> bool {
        let IzhikevichState { v, u, i, h: _ } = *state;
        let b = self.params.b;
        // The lower and the upper zero of 0.04 v² + 5 v + 140 − u + i; not a number if there is none.
        let zeros = |u: f64| {
            let root = (25.0 - 0.16 * (140.0 - u + i)).sqrt();
            ((-5.0 - root) / 0.08, (-5.0 + root) / 0.08)
        };
        let u_high = u.max(b * zeros(u).1);
        let v_low = v.min(zeros(u_high).0);
        let u_low = u.min(b * v_low);
        let v_high = zeros(u_low).1;
        b >= 0.0 && v <= v_high && v_high < self.params.v_peak
    }
}

impl Numbers for IzhikevichState {
    const N: usize = 4;

    fn put(&self, list: &mut Vec<f64>) {
        let Self { v, u, i, h } = *self;
        list.extend([v, u, i, h]);
    }

    fn take(list: &[f64]) -> Option<Self> {
        let [v, u, i, h] = *list.first_chunk()?;
        Some(Self { v, u, i, h })
    }
}

impl Flow for IzhikevichFlow {
    type State = IzhikevichState;

    /// The state at potential `v`, with the recovery variable in equilibrium with it.
    fn state(&self, v: f64) -> IzhikevichState {
        IzhikevichState { v, u: self.params.b * v, i: self.params.i_bias, h: FIRST_STEP }
    }

    fn v(&self, state: &IzhikevichState) -> f64 {
        state.v
    }

    /// A neuron at or above its peak waits there for its reset: beyond, the potential would be infinite
    /// within a fraction of a millisecond.
    fn advance(&self, state: &mut IzhikevichState, t: f64) {
        let mut left = t;
        while left > 0.0 && !self.is_over(state) {
            left -= self.step(state, left);
        }
    }

    /// The neuron has no refractory period; time passes as ever.
    fn advance_refractory(&self, state: &mut IzhikevichState, t: f64) {
        self.advance(state, t);
    }

    fn receive(&self, state: &mut IzhikevichState, _port: Port, weight: f64) {
        state.v += weight;
    }

    fn receive_refractory(&self, state: &mut IzhikevichState, port: Port, weight: f64) {
        self.receive(state, port, weight);
    }

    fn inject(&self, state: &mut IzhikevichState, current: f64) {
        state.i = self.params.i_bias + current;
    }

    fn is_over(&self, state: &IzhikevichState) -> bool {
        state.v >= self.params.v_peak
    }

    fn reset(&self, state: &mut IzhikevichState) {
        (state.v, state.u, state.h) = (self.params.c, state.u + self.params.d, FIRST_STEP);
    }

    fn next_crossing(&self, state: &IzhikevichState, horizon: f64) -> Option<f64> {
        let (mut state, mut t) = (*state, 0.0);
        if self.is_over(&state) {
            return Some(0.0);
        }
        let v_peak = self.params.v_peak;
        while t < horizon && !self.is_trapped(&state) {
            let start = state;
            let h = self.step(&mut state, horizon - t);
            let v_after = |s: f64| self.try_step(&start, s).0[0];
            let slope_of = |[v, u]: [f64; 2]| self.params.slope([v, u], start.i)[0];
            let (rises, falls) = (slope_of([start.v, start.u]), slope_of([state.v, state.u]));
            let mut end = (h, state.v - v_peak);
            if end.1 < 0.0 && rises > 0.0 && falls < 0.0 {
                let top = bracketed_zero(|s| slope_of(self.try_step(&start, s).0), (0.0, rises), (h, falls));
                end = (top, v_after(top) - v_peak);
            }
            if end.1 >= 0.0 {
                let start = (0.0, start.v - v_peak);
                return Some(t + bracketed_zero(|s| v_after(s) - v_peak, start, end));
            }
            t += h;
        }
        None
    }
}
