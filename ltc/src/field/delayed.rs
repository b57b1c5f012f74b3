//! Fields whose present depends on their past.

use super::affine::add_product;
use super::{Field, LtcField};
use crate::Real;
use crate::cell::CellError;

/// How fast a state changes, given also what it was some times ago.
pub trait DelayField<R: Real> {
    /// Number of state variables.
    fn n_state(&self) -> usize;

    /// How long ago, each > 0.
    fn delays(&self) -> &[f64];

    /// Writes dy/dt. `past` are the states so long ago, `[delays, state]`.
    fn rate(&self, t: f64, y: &[R], past: &[R], rate: &mut [R]);
}

/// `dx/dt = A x(t) + B x(t − delay)`.
#[derive(Debug, Clone, PartialEq)]
pub struct DelayedLinear<R> {
    /// A, `[state, state]`, a row an equation.
    pub a: Vec<R>,
    /// B, the same.
    pub b: Vec<R>,
    /// The delay, alone in its list.
    pub delay: [f64; 1],
}

impl<R: Real> DelayField<R> for DelayedLinear<R> {
    fn n_state(&self) -> usize {
        self.a.len().isqrt()
    }

    fn delays(&self) -> &[f64] {
        &self.delay
    }

    fn rate(&self, _: f64, y: &[R], past: &[R], rate: &mut [R]) {
        rate.fill(R::ZERO);
        add_product(&self.a, y, rate);
        add_product(&self.b, past, rate);
    }
}

/// `τ dx/dt = −x + tanh(W x(t − delay) + b)`.
#[derive(Debug, Clone, PartialEq)]
pub struct DelayedCtRnn<R> {
    /// W, `[state, state]`, a row a target.
    pub w: Vec<R>,
    /// b
    pub b: Vec<R>,
    /// τ
    pub tau: Vec<R>,
    /// The delay, alone in its list.
    pub delay: [f64; 1],
}

impl<R: Real> DelayField<R> for DelayedCtRnn<R> {
    fn n_state(&self) -> usize {
        self.b.len()
    }

    fn delays(&self) -> &[f64] {
        &self.delay
    }

    fn rate(&self, _: f64, y: &[R], past: &[R], rate: &mut [R]) {
        rate.copy_from_slice(&self.b);
        add_product(&self.w, past, rate);
        for (k, rate) in rate.iter_mut().enumerate() {
            *rate = (rate.tanh() - y[k]) / self.tau[k];
        }
    }
}

/// An LTC network whose recurrent synapses see their sources some time late.
pub struct DelayedLtc<R> {
    field: LtcField<R>,
    delays: Vec<f64>,
}

impl<R: Real> DelayedLtc<R> {
    /// A field whose recurrent synapse k, in the order of the wiring, has the delay `delays[of_synapse[k]]`, or none.
    ///
    /// # Errors
    /// If there is not one entry a synapse, or a delay that is not in the list.
    pub fn new(
        field: LtcField<R>,
        delays: Vec<f64>,
        of_synapse: &[Option<usize>],
    ) -> Result<Self, CellError> {
        let (size, expected) = (of_synapse.len(), field.n_synapses());
        if size != expected {
            let (what, shape) = ("the list of delays of synapses", "one a recurrent synapse".to_owned());
            return Err(CellError::Size { what, size, expected, shape });
        }
        if let Some(missing) = of_synapse.iter().flatten().find(|delay| **delay >= delays.len()) {
            let (what, must) = ("the index of a delay", "below their number");
            return Err(CellError::Argument { what, value: *missing as f64, must });
        }
        // The state, then the states of all delays, make one list.
        let units = field.n_state() as u32;
        let place = |synapse: usize| of_synapse[synapse].map_or(0, |delay| delay as u32 + 1);
        Ok(Self { field: field.looking_at(|synapse, source| source + units * place(synapse)), delays })
    }
}

impl<R: Real> DelayField<R> for DelayedLtc<R> {
    fn n_state(&self) -> usize {
        self.field.n_state()
    }

    fn delays(&self) -> &[f64] {
        &self.delays
    }

    fn rate(&self, t: f64, y: &[R], past: &[R], rate: &mut [R]) {
        self.field.rate(t, &[y, past].concat(), rate);
    }
}
