//! Cells that take explicit steps of fixed number through a vector field.
//!
//! A step of length T is cut into `n_steps` of h = T/n_steps, each a step of a Runge–Kutta method; inputs are
//! constant in it. There is one step and one way back for all methods (`step.rs`), and a vector field
//! ([`Rates`]) says only what its rates are:
//!
//! | field | dx/dt | cell |
//! |---|---|---|
//! | [`FiringRate`] | −x/τ + f(W x + U u + b) and its kin | CT-RNN, Neural ODE, liquid τ |
//! | [`Mlp`] | W₂ f(W₁ \[u, x\] + b₁) + b₂ | Neural ODE with a hidden layer |
//! | [`Ltc`](super::Ltc) | its conductances | the explicit LTC of the paper's code |
//!
//! Elapsed time 0 is an identity, but where a state is clipped. Explicit steps are not bounded: where rates
//! are steep (an LTC has Σw/cm), T/n_steps must be below about 2 divided by the steepest. The paper's code
//! takes 6 steps of 0.1 whatever the data; that is elapsed time 0.6.

mod firing_rate;
mod mlp;
mod step;

use pulp::Arch;

pub use firing_rate::{FiringRate, FiringRateConfig, Placement, TimeConstant};
pub use mlp::Mlp;

use super::{Cell, CellError, Lanes, Layout, Pull, Step, Taken};
use crate::Real;
use crate::tableau::{EXPLICIT, Tableau};
use step::{Backward, Forward};

/// A vector field on lanes: the rates of the state while inputs are held.
///
/// What depends on the inputs alone is prepared once a step. Methods are called where vector instructions
/// are enabled, so theirs should be `#[inline(always)]`.
pub trait Rates<R: Real>: Send + Sync {
    /// Number of inputs.
    fn n_inputs(&self) -> usize;
    /// Number of state variables.
    fn n_state(&self) -> usize;
    /// Number of outputs.
    fn n_outputs(&self) -> usize {
        self.n_state()
    }
    /// Numbers that are made of the inputs before a step.
    fn n_prepared(&self) -> usize;
    /// Numbers of one evaluation that its way back wants.
    fn n_kept(&self) -> usize;
    /// Where which parameter stands.
    fn layout(&self) -> &Layout;
    /// As [`Cell::n_sums`].
    fn n_sums(&self) -> usize;
    /// As [`Cell::add_sums`].
    fn add_sums(&self, parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]);

    /// As [`Cell::effective`].
    fn effective(&self, raw: &[R]) -> Vec<R> {
        raw.to_vec()
    }

    /// As [`Cell::pull_effective`].
    fn pull_effective(&self, _raw: &[R], _gradient: &mut [R]) {}

    /// Prepares a step.
    fn prepare(&self, parameters: &[R], inputs: &[Lanes<R>], prepared: &mut [Lanes<R>]);

    /// The rates at a state.
    fn rates(&self, parameters: &[R], at: &At<'_, R>, rates: &mut [Lanes<R>], kept: &mut [Lanes<R>]);

    /// Goes back through an evaluation, given derivatives by the rates.
    fn pull_rates(
        &self,
        parameters: &[R],
        at: &At<'_, R>,
        kept: &[Lanes<R>],
        by_rates: &[Lanes<R>],
        back: RatesBack<'_, R>,
    );

    /// Goes back through the preparation; derivatives by inputs are written, those by parameters added.
    fn pull_prepare(
        &self,
        parameters: &[R],
        inputs: &[Lanes<R>],
        prepared: &[Lanes<R>],
        by_prepared: &[Lanes<R>],
        by_inputs: &mut [Lanes<R>],
        sums: &mut [Lanes<R>],
    );

    /// The outputs at a state: the state, if nothing else is said.
    #[inline(always)]
    fn outputs(&self, _parameters: &[R], state: &[Lanes<R>], outputs: &mut [Lanes<R>]) {
        outputs.copy_from_slice(state);
    }

    /// Goes back through the outputs; all derivatives are added.
    #[inline(always)]
    fn pull_outputs(
        &self,
        _parameters: &[R],
        _state: &[Lanes<R>],
        by_outputs: &[Lanes<R>],
        by_state: &mut [Lanes<R>],
        _sums: &mut [Lanes<R>],
    ) {
        step::add_all(by_state, by_outputs);
    }
}

/// Where rates are wanted.
#[derive(Debug, Clone, Copy)]
pub struct At<'s, R> {
    /// `[n_prepared]`
    pub prepared: &'s [Lanes<R>],
    /// `[state]`
    pub state: &'s [Lanes<R>],
}

/// Derivatives on their way back through an evaluation; all are added to.
#[derive(Debug)]
pub struct RatesBack<'s, R> {
    /// `[n_prepared]`
    pub prepared: &'s mut [Lanes<R>],
    /// `[state]`
    pub state: &'s mut [Lanes<R>],
    /// `[n_sums]`
    pub sums: &'s mut [Lanes<R>],
}

/// A cell that takes explicit steps through a field.
#[derive(Debug, Clone)]
pub struct Explicit<F> {
    pub(in crate::cell) arch: Arch,
    field: F,
    method: &'static Tableau,
    n_steps: usize,
    clip: Option<f64>,
}

impl<F> Explicit<F> {
    /// A cell that takes `n_steps` of a method through a field. With `clip`, the state is kept between its
    /// negative and itself after every step.
    ///
    /// # Errors
    /// If there are no steps, the method is implicit, or the clip is not above 0.
    pub fn new(
        field: F,
        method: &'static Tableau,
        n_steps: usize,
        clip: Option<f64>,
    ) -> Result<Self, CellError> {
        if n_steps == 0 {
            return Err(CellError::Argument { what: "the number of steps", value: 0.0, must: "above 0" });
        }
        if !method.is_explicit() {
            let known = EXPLICIT.map(|method| method.name).join(", ");
            return Err(CellError::Implicit { method: method.name, known });
        }
        if let Some(value) = clip.filter(|clip| !(*clip > 0.0 && clip.is_finite())) {
            return Err(CellError::Argument { what: "the clip", value, must: "finite and above 0, or none" });
        }
        Ok(Self { arch: Arch::new(), field, method, n_steps, clip })
    }

    /// The field.
    pub fn field(&self) -> &F {
        &self.field
    }

    /// The method of a step.
    pub fn method(&self) -> &'static Tableau {
        self.method
    }

    /// Steps from input to input.
    pub fn n_steps(&self) -> usize {
        self.n_steps
    }
}

impl<R: Real, F: Rates<R>> Cell<R> for Explicit<F> {
    fn n_inputs(&self) -> usize {
        self.field.n_inputs()
    }

    fn n_state(&self) -> usize {
        self.field.n_state()
    }

    fn n_outputs(&self) -> usize {
        self.field.n_outputs()
    }

    /// The state before every step, the rates of every stage, and what the field keeps of them.
    fn n_kept(&self) -> usize {
        let n = self.field.n_state();
        self.n_steps * (n + self.method.n_stages() * (n + self.field.n_kept()))
    }

    fn layout(&self) -> &Layout {
        self.field.layout()
    }

    fn n_sums(&self) -> usize {
        self.field.n_sums()
    }

    fn add_sums(&self, parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]) {
        self.field.add_sums(parameters, sums, gradient);
    }

    fn effective(&self, raw: &[R]) -> Vec<R> {
        self.field.effective(raw)
    }

    fn pull_effective(&self, raw: &[R], gradient: &mut [R]) {
        self.field.pull_effective(raw, gradient);
    }

    fn step(&self, parameters: &[R], step: Step<'_, R>) {
        self.arch.dispatch(Forward { cell: self, parameters, step });
    }

    fn pull(&self, parameters: &[R], step: &Taken<'_, R>, pull: Pull<'_, R>) {
        self.arch.dispatch(Backward { cell: self, parameters, step, pull });
    }
}
