//! A vector field with a hidden layer: `dx/dt = W₂ f(W₁ [u, x] + b₁) + b₂`.
//!
//! The usual Neural ODE (Chen et al. 2018, arXiv 1806.07366), and the field of ODE-RNN and ODE-LSTM, where
//! it sees the state alone: make it without inputs.

use rand::Rng;

use super::{At, Rates, RatesBack};
use crate::Real;
use crate::cell::dense::{Dense, FlatSums, turned};
use crate::cell::{Activation, CellError, Lanes, Layout, splat};

/// A hidden layer as a vector field.
#[derive(Debug, Clone)]
pub struct Mlp {
    layout: Layout,
    n_state: usize,
    activation: Activation,
    hidden_w: Dense,
    input_w: Dense,
    output_w: Dense,
}

impl Mlp {
    /// A field of so many state variables, with so many hidden units. There may be no inputs.
    ///
    /// # Errors
    /// If there is no state or no hidden unit.
    pub fn new(
        n_inputs: usize,
        n_state: usize,
        n_hidden: usize,
        activation: Activation,
    ) -> Result<Self, CellError> {
        for (what, value) in
            [("the number of state variables", n_state), ("the number of hidden units", n_hidden)]
        {
            if value == 0 {
                return Err(CellError::Argument { what, value: 0.0, must: "above 0" });
            }
        }
        let layout = Layout::new([
            ("hidden_w", n_hidden * n_state),
            ("input_w", n_hidden * n_inputs),
            ("hidden_bias", n_hidden),
            ("output_w", n_state * n_hidden),
            ("output_bias", n_state),
        ]);
        let hidden_w = Dense::of(&layout, "hidden_w", "", n_state);
        let input_w = Dense { n_outputs: n_hidden, ..Dense::of(&layout, "input_w", "hidden_bias", n_inputs) };
        let output_w = Dense::of(&layout, "output_w", "output_bias", n_hidden);
        Ok(Self { layout, n_state, activation, hidden_w, input_w, output_w })
    }

    /// Parameters to start from: Xavier, and no bias.
    pub fn start<R: Real>(&self, rng: &mut impl Rng) -> Vec<R> {
        let mut parameters = vec![R::ZERO; self.layout.n_parameters()];
        for dense in [&self.hidden_w, &self.input_w, &self.output_w] {
            dense.start(&mut parameters, rng);
        }
        parameters
    }
}

impl<R: Real> Rates<R> for Mlp {
    fn n_inputs(&self) -> usize {
        self.input_w.n_inputs
    }

    fn n_state(&self) -> usize {
        self.n_state
    }

    fn n_prepared(&self) -> usize {
        self.hidden_w.n_outputs
    }

    fn n_kept(&self) -> usize {
        self.hidden_w.n_outputs
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn n_sums(&self) -> usize {
        FlatSums::n_lanes(self.layout.n_parameters())
    }

    fn add_sums(&self, _parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]) {
        FlatSums::add_to(sums, gradient);
    }

    #[inline(always)]
    fn prepare(&self, parameters: &[R], inputs: &[Lanes<R>], prepared: &mut [Lanes<R>]) {
        self.input_w.forward(parameters, inputs, prepared);
    }

    #[inline(always)]
    fn rates(&self, parameters: &[R], at: &At<'_, R>, rates: &mut [Lanes<R>], kept: &mut [Lanes<R>]) {
        kept.copy_from_slice(at.prepared);
        self.hidden_w.add(parameters, at.state, kept);
        let mut hidden = Vec::with_capacity(kept.len());
        for z in &*kept {
            hidden.push(self.activation.of(z));
        }
        self.output_w.forward(parameters, &hidden, rates);
    }

    #[inline(always)]
    fn pull_rates(
        &self,
        parameters: &[R],
        at: &At<'_, R>,
        kept: &[Lanes<R>],
        by_rates: &[Lanes<R>],
        back: RatesBack<'_, R>,
    ) {
        let RatesBack { prepared: by_prepared, state: by_state, sums } = back;
        let sums = sums.as_flattened_mut();
        let (mut hidden, mut slopes) = (kept.to_vec(), kept.to_vec());
        for (k, z) in kept.iter().enumerate() {
            (hidden[k], slopes[k]) = self.activation.with_slope(z);
        }
        let mut by_hidden = vec![splat(R::ZERO); kept.len()];
        self.output_w.add_sums(&turned(&hidden), by_rates, sums);
        self.output_w.pull(parameters, by_rates, &mut by_hidden);
        for (by, slope) in by_hidden.as_flattened_mut().iter_mut().zip(slopes.as_flattened()) {
            *by *= *slope;
        }
        super::step::add_all(by_prepared, &by_hidden);
        self.hidden_w.add_sums(&turned(at.state), &by_hidden, sums);
        self.hidden_w.pull(parameters, &by_hidden, by_state);
    }

    #[inline(always)]
    fn pull_prepare(
        &self,
        parameters: &[R],
        inputs: &[Lanes<R>],
        _prepared: &[Lanes<R>],
        by_prepared: &[Lanes<R>],
        by_inputs: &mut [Lanes<R>],
        sums: &mut [Lanes<R>],
    ) {
        by_inputs.fill(splat(R::ZERO));
        self.input_w.add_sums(&turned(inputs), by_prepared, sums.as_flattened_mut());
        self.input_w.pull(parameters, by_prepared, by_inputs);
    }
}
