//! Izhikevich's neuron: two equations that fire in most of the ways in which cortical neurons do.
//!
//! ```text
//! dv/dt = 0.04 v² + 5 v + 140 − u + i_bias + i_inj
//! du/dt = a (b v − u)
//! on a spike: v ← v + w
//! v ≥ v_peak:  spike, v ← c, u ← u + d
//! ```
//!
//! The numbers have units that make v a potential in mV and t a time in ms; the current has none (NEST
//! calls it pA). A weight is a jump of the potential \[mV\]; there is no refractory period, so no weight
//! is lost.
//!
//! | name | default | unit | meaning |
//! |---|---|---|---|
//! | `a` | 0.02 | 1/ms | rate of the recovery variable |
//! | `b` | 0.2 | – | how strongly it follows the potential |
//! | `c` | −65 | mV | potential after a spike |
//! | `d` | 8 | – | what a spike adds to the recovery variable |
//! | `v_peak` | 30 | mV | where a spike is cut off |
//! | `i_bias` | 0 | – | constant current |
//!
//! Method on the grid: Euler of order 1, which is bit for bit what NEST's `izhikevich` does with
//! `consistent_integration`, or Runge–Kutta of order 4; with both a spike is put at the end of its step,
//! and a step must be well below 1 ms. In real-valued time: see [`IzhikevichFlow`].
//! Source: Izhikevich 2003, doi 10.1109/TNN.2003.820440.

mod flow;

pub use flow::{IzhikevichFlow, IzhikevichState};

use serde::{Deserialize, Serialize};

use crate::ParamFault;

/// The parameters of one Izhikevich neuron; the default is a regular spiking one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Izhikevich {
    /// Rate of the recovery variable \[1/ms\], ≥ 0.
    pub a: f64,
    /// How strongly the recovery variable follows the potential.
    pub b: f64,
    /// Potential after a spike \[mV\], < `v_peak`.
    pub c: f64,
    /// What a spike adds to the recovery variable.
    pub d: f64,
    /// Potential at which a spike is cut off \[mV\].
    pub v_peak: f64,
    /// Constant input, without unit.
    pub i_bias: f64,
}

impl Default for Izhikevich {
    fn default() -> Self {
        Self { a: 0.02, b: 0.2, c: -65.0, d: 8.0, v_peak: 30.0, i_bias: 0.0 }
    }
}

impl Izhikevich {
    /// Everything that is wrong with the parameters; empty if nothing is.
    pub fn faults(&self) -> Vec<ParamFault> {
        let Self { a, b, c, d, v_peak, i_bias } = *self;
        let mut faults = Vec::new();
        let mut need = |ok: bool, name, value, unit, must| {
            if !ok {
                faults.push(ParamFault { name, value, unit, must });
            }
        };
        need(a.is_finite() && a >= 0.0, "a", a, "1/ms", "finite and at least 0");
        need(b.is_finite(), "b", b, "", "finite");
        need(c.is_finite(), "c", c, "mV", "finite");
        need(d.is_finite(), "d", d, "", "finite");
        need(v_peak.is_finite(), "v_peak", v_peak, "mV", "finite");
        need(c < v_peak || c.is_nan() || v_peak.is_nan(), "c", c, "mV", "below v_peak");
        need(i_bias.is_finite(), "i_bias", i_bias, "", "finite");
        faults
    }

    /// `dv/dt` and `du/dt` with the current `i`.
    #[inline(always)]
    fn slope(&self, [v, u]: [f64; 2], i: f64) -> [f64; 2] {
        [0.04 * v * v + 5.0 * v + 140.0 - u + i, self.a * (self.b * v - u)]
    }
}

/// How a step of the grid is integrated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IzhikevichMethod {
    /// Forward Euler, order 1: NEST's semantics.
    #[default]
    Euler,
    /// The classical Runge–Kutta method, order 4.
    #[serde(rename = "rk4")]
    RungeKutta4,
}

/// One neuron on the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct IzhikevichStep {
    /// The parameters.
    pub params: Izhikevich,
    /// The step \[ms\].
    pub dt: f64,
}

impl IzhikevichStep {
    /// A neuron in steps of `dt` ms.
    pub fn new(params: &Izhikevich, dt: f64) -> Self {
        Self { params: *params, dt }
    }

    /// Potential and recovery variable at the end of a step of Euler's method: `i` is the constant
    /// current, `i_bias` included, and jumps that add up to `jump` arrive at the end.
    #[inline(always)]
    pub fn euler(&self, (v, u): (f64, f64), i: f64, jump: f64) -> (f64, f64) {
        let Self { params, dt } = self;
        // The order of NEST's operations, for its bits.
        let dv = 0.04 * v * v + 5.0 * v + 140.0 - u + i;
        (v + (dt * dv + jump), u + dt * params.a * (params.b * v - u))
    }

    /// As [`euler`](Self::euler), by the classical Runge–Kutta method.
    #[inline(always)]
    pub fn runge_kutta_4(&self, (v, u): (f64, f64), i: f64, jump: f64) -> (f64, f64) {
        let Self { params, dt } = *self;
        let from = |k: [f64; 2], h: f64| params.slope([v + h * k[0], u + h * k[1]], i);
        let k1 = params.slope([v, u], i);
        let k2 = from(k1, 0.5 * dt);
        let k3 = from(k2, 0.5 * dt);
        let k4 = from(k3, dt);
        let mean = |n: usize| (k1[n] + 2.0 * (k2[n] + k3[n]) + k4[n]) / 6.0;
        (v + (dt * mean(0) + jump), u + dt * mean(1))
    }

    /// A step by `method`; choose outside of a loop over neurons.
    #[inline(always)]
    pub fn step(&self, method: IzhikevichMethod, state: (f64, f64), i: f64, jump: f64) -> (f64, f64) {
        match method {
            IzhikevichMethod::Euler => self.euler(state, i, jump),
            IzhikevichMethod::RungeKutta4 => self.runge_kutta_4(state, i, jump),
        }
    }

    /// The state after the end of a step, and whether the neuron has fired.
    #[inline(always)]
    pub fn spike(&self, (v, u): (f64, f64)) -> ((f64, f64), bool) {
        let fired = v >= self.params.v_peak;
        ((if fired { self.params.c } else { v }, if fired { u + self.params.d } else { u }), fired)
    }
}
