//! Vector fields: how fast a liquid state changes.
//!
//! A [`Field`] gives dy/dt. What a solver needs beyond that is a trait of its own, so that the compiler
//! tells which solver fits which field:
//!
//! | trait | gives | for |
//! |---|---|---|
//! | [`Field`] | dy/dt | explicit methods |
//! | [`Smooth`] | derivatives of dy/dt, by hand | implicit methods, gradients |
//! | [`Relaxing`] | dy/dt as a pull towards a value that moves | methods that are bounded for every step |
//!
//! | field | equation |
//! |---|---|
//! | [`LtcField`] | the conductances of [`crate::cell::ltc`], with an [`Input`] that is a function of time |
//! | [`CtRnn`] | τ dx/dt = −x + tanh(W x + U u + b) |
//! | [`LiquidTau`] | the same with τ = τ_min + (τ_max − τ_min) σ(A x + B u + c) |
//! | [`Linear`] | dx/dt = A x |
//! | [`DelayedLtc`], [`DelayedCtRnn`], [`DelayedLinear`] | the same, where what a synapse sees is some time old |
//!
//! Time is a double whatever the state is made of: a step of a long run must not vanish beside its time.

mod affine;
mod ctrnn;
mod delayed;
mod input;
mod linear;
mod liquid_tau;
mod ltc;

pub use ctrnn::CtRnn;
pub use delayed::{DelayField, DelayedCtRnn, DelayedLinear, DelayedLtc};
pub use input::{Constant, Held, Input, Interpolated, Sinusoids};
pub use linear::Linear;
pub use liquid_tau::LiquidTau;
pub use ltc::LtcField;

use crate::Real;

/// How fast a state changes.
pub trait Field<R: Real> {
    /// Number of state variables.
    fn n_state(&self) -> usize;

    /// Writes dy/dt.
    fn rate(&self, t: f64, y: &[R], rate: &mut [R]);
}

/// A field with derivatives.
pub trait Smooth<R: Real>: Field<R> {
    /// Number of parameters that it has derivatives by.
    fn n_parameters(&self) -> usize;

    /// Goes back through [`Field::rate`]: with g the derivatives of a loss by dy/dt, adds those by the state and by
    /// the parameters, and gives that by the time.
    fn pull(&self, t: f64, y: &[R], g: &[R], by_state: &mut [R], by_parameters: &mut [R]) -> R;

    /// Writes the derivatives of dy/dt by the state (`[state, state]`, a row an equation) and by the time.
    fn jacobian(&self, t: f64, y: &[R], by_state: &mut [R], by_time: &mut [R]) {
        let n = self.n_state();
        let mut g = vec![R::ZERO; n];
        let mut unused = vec![R::ZERO; self.n_parameters()];
        by_state.fill(R::ZERO);
        for (k, by_time) in by_time.iter_mut().enumerate() {
            g[k] = R::ONE;
            *by_time = self.pull(t, y, &g, &mut by_state[k * n..(k + 1) * n], &mut unused);
            g[k] = R::ZERO;
        }
    }
}

/// A field in which every variable is pulled towards a value: `c dy/dt = d − g y` with c > 0 and g ≥ 0.
pub trait Relaxing<R: Real>: Field<R> {
    /// Writes c, d and g.
    fn relaxation(&self, t: f64, y: &[R], relaxation: &mut Relaxation<R>);
}

/// How every variable is pulled: `c dy/dt = d − g y`.
#[derive(Debug, Clone, PartialEq)]
pub struct Relaxation<R> {
    /// c > 0.
    pub capacity: Vec<R>,
    /// d
    pub drive: Vec<R>,
    /// g ≥ 0
    pub conductance: Vec<R>,
}

impl<R: Real> Relaxation<R> {
    /// Room for so many variables.
    pub fn new(n_state: usize) -> Self {
        let zeros = vec![R::ZERO; n_state];
        Self { capacity: vec![R::ONE; n_state], drive: zeros.clone(), conductance: zeros }
    }
}
