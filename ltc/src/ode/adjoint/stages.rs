//! Back through a Runge–Kutta step.
//!
//! With g the derivatives by the end of the step, κ_i those by its stages and J_i the field's derivatives there:
//!
//! ```text
//! κ_i = h b_i g + h Σ_j a_ji J_jᵀ κ_j          derivatives by the start: g + Σ_i J_iᵀ κ_i
//! ```
//! For an explicit method this goes from the last stage to the first; for an implicit one it is a linear system
//! with the transposed matrix of Newton's method.

use super::discrete::{Reversible, by_stretches};
use crate::Real;
use crate::field::Smooth;
use crate::ode::explicit::combine;
use crate::ode::implicit::{find_stages, matrix, states};
use crate::ode::lu::Lu;
use crate::ode::{Explicit, Implicit, OdeError, Span, Work};
use crate::tableau::Tableau;

impl Explicit {
    /// Goes back through a step; gives the derivatives by its beginning and its end.
    pub(in crate::ode) fn pull_step<R: Real, F: Smooth<R> + ?Sized>(
        &self,
        field: &F,
        span: &Span,
        before: &[R],
        state: &mut [R],
        by_parameters: &mut [R],
    ) -> Result<[R; 2], OdeError> {
        let tableau = self.tableau();
        let Tableau { a, b, c, .. } = tableau;
        let (n, h) = (before.len(), span.length());
        let mut stages = vec![R::ZERO; b.len() * n];
        let mut states = stages.clone();
        for stage in 0..b.len() {
            let of_stage = stage * n..(stage + 1) * n;
            combine(h, a[stage], &stages, before, &mut states[of_stage.clone()]);
            field.rate(span.at(c[stage]), &states[of_stage.clone()], &mut stages[of_stage]);
        }
        let mut by_stages = vec![R::ZERO; stages.len()];
        for (by_stage, weight) in by_stages.chunks_exact_mut(n).zip(*b) {
            let weight = R::of(h * weight);
            by_stage.iter_mut().zip(&*state).for_each(|(by, g)| *by = weight * *g);
        }
        let mut times = [R::ZERO; 2];
        let mut by_state = vec![R::ZERO; n];
        for stage in (0..b.len()).rev() {
            let (earlier, by_stage) = by_stages.split_at_mut(stage * n);
            let by_stage = &by_stage[..n];
            let of_stage = stage * n..(stage + 1) * n;
            by_state.fill(R::ZERO);
            let t = span.at(c[stage]);
            let by_t = field.pull(t, &states[of_stage.clone()], by_stage, &mut by_state, by_parameters);
            add_times(&mut times, c[stage], by_t, h, by_stage, &stages[of_stage]);
            for (earlier, weight) in earlier.chunks_exact_mut(n).zip(a[stage]) {
                let weight = R::of(h * weight);
                earlier.iter_mut().zip(&by_state).for_each(|(by, g)| *by += weight * *g);
            }
            state.iter_mut().zip(&by_state).for_each(|(state, g)| *state += *g);
        }
        Ok(times)
    }
}

/// Adds what a stage makes of the derivatives by the beginning and the end of its step.
fn add_times<R: Real>(times: &mut [R; 2], c: f64, by_t: R, h: f64, by_stage: &[R], stage: &[R]) {
    let by_length = by_stage.iter().zip(stage).map(|(g, k)| *g * *k).sum::<R>() / R::of(h);
    times[0] += by_t * R::of(1.0 - c) - by_length;
    times[1] += by_t * R::of(c) + by_length;
}

impl Implicit {
    fn pull_step<R: Real, F: Smooth<R> + ?Sized>(
        &self,
        field: &F,
        span: &Span,
        before: &[R],
        state: &mut [R],
        by_parameters: &mut [R],
    ) -> Result<[R; 2], OdeError> {
        let tableau = self.tableau;
        let Tableau { b, c, .. } = tableau;
        let (n, h) = (before.len(), span.length());
        let mut stages = vec![R::ZERO; b.len() * n];
        field.rate(span.t, before, &mut stages[..n]);
        (1..b.len()).for_each(|stage| stages.copy_within(..n, stage * n));
        find_stages(field, tableau, span, before, &mut stages, &mut Work::default())?;
        let states = states(tableau, h, before, &stages);
        let Some(lu) = Lu::of(matrix(field, tableau, span, &states, n), stages.len()) else {
            return Err(OdeError::NotSolved { t: span.t, step: h, iterations: 0, residual: f64::INFINITY });
        };
        let right: Vec<R> = b.iter().flat_map(|b| state.iter().map(move |g| R::of(h * b) * *g)).collect();
        let mut by_stages = vec![R::ZERO; stages.len()];
        lu.solve_transposed(&right, &mut by_stages);
        let mut times = [R::ZERO; 2];
        for stage in 0..b.len() {
            let of_stage = stage * n..(stage + 1) * n;
            let by_stage = &by_stages[of_stage.clone()];
            let by_t =
                field.pull(span.at(c[stage]), &states[of_stage.clone()], by_stage, state, by_parameters);
            add_times(&mut times, c[stage], by_t, h, by_stage, &stages[of_stage]);
        }
        Ok(times)
    }
}

impl<R: Real, F: Smooth<R> + ?Sized> Reversible<R, F> for Explicit {
    fn pull_steps(
        &self,
        field: &F,
        spans: &[Span],
        initial: &[R],
        by_ends: &mut dyn FnMut(usize, &mut [R]),
        state: &mut [R],
        by_parameters: &mut [R],
        by_spans: &mut [[R; 2]],
    ) -> Result<(), OdeError> {
        if self.keeps_last() {
            let must =
                "one that does not keep the rate of its last stage, or the gradient the continuous one";
            return Err(OdeError::Argument { what: "the method (kept rates)", value: 1.0, must });
        }
        by_stretches(self, field, spans, initial, &mut |step, before| {
            by_ends(step, state);
            by_spans[step] = self.pull_step(field, &spans[step], before, state, by_parameters)?;
            Ok(())
        })
    }
}

impl<R: Real, F: Smooth<R> + ?Sized> Reversible<R, F> for Implicit {
    fn pull_steps(
        &self,
        field: &F,
        spans: &[Span],
        initial: &[R],
        by_ends: &mut dyn FnMut(usize, &mut [R]),
        state: &mut [R],
        by_parameters: &mut [R],
        by_spans: &mut [[R; 2]],
    ) -> Result<(), OdeError> {
        by_stretches(self, field, spans, initial, &mut |step, before| {
            by_ends(step, state);
            by_spans[step] = self.pull_step(field, &spans[step], before, state, by_parameters)?;
            Ok(())
        })
    }
}
