//! The firing-rate model.

use super::affine::{add_product, pull_product};
use super::{Field, Input, Relaxation, Relaxing, Smooth};
use crate::Real;

/// `τ dx/dt = −x + tanh(W x + U u + b)`; the parameters are W, U, b and τ, in this order.
///
/// | parameter | shape | meaning |
/// |---|---|---|
/// | `w` | `[state, state]`, a row a target | recurrent weights |
/// | `u` | `[state, inputs]` | weights of inputs |
/// | `b` | `[state]` | bias |
/// | `tau` | `[state]` | time constants, > 0 |
pub struct CtRnn<R> {
    /// W
    pub w: Vec<R>,
    /// U
    pub u: Vec<R>,
    /// b
    pub b: Vec<R>,
    /// τ
    pub tau: Vec<R>,
    /// u as a function of time.
    pub input: Box<dyn Input<R>>,
}

impl<R: Real> CtRnn<R> {
    /// tanh(W x + U u + b), and u.
    fn driven(&self, t: f64, y: &[R]) -> (Vec<R>, Vec<R>) {
        let mut inputs = vec![R::ZERO; self.input.n_inputs()];
        self.input.at(t, &mut inputs);
        let mut z = self.b.clone();
        add_product(&self.w, y, &mut z);
        add_product(&self.u, &inputs, &mut z);
        z.iter_mut().for_each(|z| *z = z.tanh());
        (z, inputs)
    }
}

impl<R: Real> Field<R> for CtRnn<R> {
    fn n_state(&self) -> usize {
        self.b.len()
    }

    fn rate(&self, t: f64, y: &[R], rate: &mut [R]) {
        let (driven, _) = self.driven(t, y);
        for (k, rate) in rate.iter_mut().enumerate() {
            *rate = (driven[k] - y[k]) / self.tau[k];
        }
    }
}

impl<R: Real> Smooth<R> for CtRnn<R> {
    fn n_parameters(&self) -> usize {
        self.w.len() + self.u.len() + self.b.len() + self.tau.len()
    }

    fn pull(&self, t: f64, y: &[R], g: &[R], by_state: &mut [R], by_parameters: &mut [R]) -> R {
        let (driven, inputs) = self.driven(t, y);
        let (by_w, rest) = by_parameters.split_at_mut(self.w.len());
        let (by_u, rest) = rest.split_at_mut(self.u.len());
        let (by_b, by_tau) = rest.split_at_mut(self.b.len());
        let mut by_z = vec![R::ZERO; y.len()];
        for k in 0..y.len() {
            let by_driven = g[k] / self.tau[k];
            by_tau[k] -= by_driven * (driven[k] - y[k]) / self.tau[k];
            by_state[k] -= by_driven;
            by_z[k] = by_driven * (R::ONE - driven[k] * driven[k]);
            by_b[k] += by_z[k];
        }
        let mut by_inputs = vec![R::ZERO; inputs.len()];
        pull_product(&self.w, y, &by_z, by_w, by_state);
        pull_product(&self.u, &inputs, &by_z, by_u, &mut by_inputs);
        by_time(&*self.input, t, &by_inputs)
    }
}

impl<R: Real> Relaxing<R> for CtRnn<R> {
    fn relaxation(&self, t: f64, y: &[R], relaxation: &mut Relaxation<R>) {
        let Relaxation { capacity, drive, conductance } = relaxation;
        capacity.copy_from_slice(&self.tau);
        drive.copy_from_slice(&self.driven(t, y).0);
        conductance.fill(R::ONE);
    }
}

/// The derivative by time of what depends on the inputs.
pub(super) fn by_time<R: Real>(input: &dyn Input<R>, t: f64, by_inputs: &[R]) -> R {
    let mut slope = vec![R::ZERO; by_inputs.len()];
    input.slope(t, &mut slope);
    slope.iter().zip(by_inputs).map(|(slope, g)| *slope * *g).sum()
}
