//! The form that liquid networks grew from: time constants that depend on state and input.

use super::affine::{add_product, pull_product};
use super::ctrnn::by_time;
use super::{Field, Input, Relaxation, Relaxing, Smooth};
use crate::Real;

/// `τ dx/dt = −x + tanh(W x + U u + b)` with `τ = τ_min + (τ_max − τ_min) σ(A x + B u + c)`.
///
/// The parameters are W, U, b, A, B, c, τ_min and τ_max, in this order.
///
/// | parameter | shape | meaning |
/// |---|---|---|
/// | `w`, `a` | `[state, state]`, a row a target | recurrent weights |
/// | `u`, `b_input` | `[state, inputs]` | weights of inputs; the second is B |
/// | `b`, `c` | `[state]` | biases |
/// | `tau_min`, `tau_max` | one number | where τ lies, > 0 |
pub struct LiquidTau<R> {
    /// W
    pub w: Vec<R>,
    /// U
    pub u: Vec<R>,
    /// b
    pub b: Vec<R>,
    /// A
    pub a: Vec<R>,
    /// B
    pub b_input: Vec<R>,
    /// c
    pub c: Vec<R>,
    /// τ_min
    pub tau_min: R,
    /// τ_max
    pub tau_max: R,
    /// u as a function of time.
    pub input: Box<dyn Input<R>>,
}

/// What the rate of change is made of.
struct Parts<R> {
    inputs: Vec<R>,
    /// tanh(W x + U u + b)
    driven: Vec<R>,
    /// σ(A x + B u + c)
    slow: Vec<R>,
}

impl<R: Real> LiquidTau<R> {
    /// The time constant of every unit.
    pub fn tau(&self, t: f64, y: &[R]) -> Vec<R> {
        self.parts(t, y).slow.iter().map(|s| self.tau_of(*s)).collect()
    }

    fn tau_of(&self, slow: R) -> R {
        self.tau_min + (self.tau_max - self.tau_min) * slow
    }

    fn parts(&self, t: f64, y: &[R]) -> Parts<R> {
        let mut inputs = vec![R::ZERO; self.input.n_inputs()];
        self.input.at(t, &mut inputs);
        let affine = |w: &[R], u: &[R], b: &[R]| {
            let mut z = b.to_vec();
            add_product(w, y, &mut z);
            add_product(u, &inputs, &mut z);
            z
        };
        let driven = affine(&self.w, &self.u, &self.b).into_iter().map(R::tanh).collect();
        let slow = affine(&self.a, &self.b_input, &self.c).into_iter().map(R::sigmoid).collect();
        Parts { inputs, driven, slow }
    }
}

impl<R: Real> Field<R> for LiquidTau<R> {
    fn n_state(&self) -> usize {
        self.b.len()
    }

    fn rate(&self, t: f64, y: &[R], rate: &mut [R]) {
        let Parts { driven, slow, .. } = self.parts(t, y);
        for (k, rate) in rate.iter_mut().enumerate() {
            *rate = (driven[k] - y[k]) / self.tau_of(slow[k]);
        }
    }
}

impl<R: Real> Smooth<R> for LiquidTau<R> {
    fn n_parameters(&self) -> usize {
        2 * (self.w.len() + self.u.len() + self.b.len()) + 2
    }

    fn pull(&self, t: f64, y: &[R], g: &[R], by_state: &mut [R], by_parameters: &mut [R]) -> R {
        let Parts { inputs, driven, slow } = self.parts(t, y);
        let (of_driven, rest) = by_parameters.split_at_mut(self.w.len() + self.u.len() + self.b.len());
        let (of_slow, by_ends) = rest.split_at_mut(of_driven.len());
        let n = y.len();
        let (mut by_z, mut by_s) = (vec![R::ZERO; n], vec![R::ZERO; n]);
        for k in 0..n {
            let tau = self.tau_of(slow[k]);
            let by_driven = g[k] / tau;
            let by_tau = -(by_driven * (driven[k] - y[k]) / tau);
            by_state[k] -= by_driven;
            by_z[k] = by_driven * (R::ONE - driven[k] * driven[k]);
            by_s[k] = by_tau * (self.tau_max - self.tau_min) * slow[k] * (R::ONE - slow[k]);
            by_ends[0] += by_tau * (R::ONE - slow[k]);
            by_ends[1] += by_tau * slow[k];
        }
        let mut by_inputs = vec![R::ZERO; inputs.len()];
        let both = [(of_driven, &by_z, &self.w, &self.u), (of_slow, &by_s, &self.a, &self.b_input)];
        for (by_parameters, g, w, u) in both {
            let (by_w, rest) = by_parameters.split_at_mut(w.len());
            let (by_u, by_b) = rest.split_at_mut(u.len());
            pull_product(w, y, g, by_w, by_state);
            pull_product(u, &inputs, g, by_u, &mut by_inputs);
            by_b.iter_mut().zip(g).for_each(|(by_b, g)| *by_b += *g);
        }
        by_time(&*self.input, t, &by_inputs)
    }
}

impl<R: Real> Relaxing<R> for LiquidTau<R> {
    fn relaxation(&self, t: f64, y: &[R], relaxation: &mut Relaxation<R>) {
        let Relaxation { capacity, drive, conductance } = relaxation;
        let Parts { driven, slow, .. } = self.parts(t, y);
        capacity.iter_mut().zip(slow).for_each(|(tau, slow)| *tau = self.tau_of(slow));
        drive.copy_from_slice(&driven);
        conductance.fill(R::ONE);
    }
}
