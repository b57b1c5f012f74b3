//! A linear system.

use super::affine::{add_product, pull_product};
use super::{Field, Smooth};
use crate::Real;

/// `dx/dt = A x`; the parameters are A, `[state, state]`, a row an equation.
#[derive(Debug, Clone, PartialEq)]
pub struct Linear<R> {
    /// Number of state variables.
    pub n: usize,
    /// A
    pub a: Vec<R>,
}

impl<R: Real> Field<R> for Linear<R> {
    fn n_state(&self) -> usize {
        self.n
    }

    fn rate(&self, _: f64, y: &[R], rate: &mut [R]) {
        rate.fill(R::ZERO);
        add_product(&self.a, y, rate);
    }
}

impl<R: Real> Smooth<R> for Linear<R> {
    fn n_parameters(&self) -> usize {
        self.a.len()
    }

    fn pull(&self, _: f64, y: &[R], g: &[R], by_state: &mut [R], by_parameters: &mut [R]) -> R {
        pull_product(&self.a, y, g, by_parameters, by_state);
        R::ZERO
    }

    fn jacobian(&self, _: f64, _: &[R], by_state: &mut [R], by_time: &mut [R]) {
        by_state.copy_from_slice(&self.a);
        by_time.fill(R::ZERO);
    }
}
