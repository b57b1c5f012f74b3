//! Back through the equation, the state beside its adjoint.
//!
//! With a the derivatives of a loss by the state, da/dt = −Jᵀ a, and those by parameters grow by aᵀ ∂f/∂p on the
//! way back. The state is solved backward beside them, and set to the known one at every time that has one.
//! Tolerances hold for the largest error of all three, so that many parameters do not hide the state. A stiff field's
//! state cannot be solved backward: see [`super::pull_along`].

use super::Gradient;
use super::ends::from_time_to_time;
use crate::Real;
use crate::field::{Field, Smooth};
use crate::ode::{OdeError, Outputs, Problem, Solver, Steps, Work, solve};

/// State, adjoint and derivatives by parameters, with the time turned around.
pub struct Backward<'f, F: ?Sized> {
    field: &'f F,
}

impl<R: Real, F: Smooth<R> + ?Sized> Field<R> for Backward<'_, F> {
    fn n_state(&self) -> usize {
        2 * self.field.n_state() + self.field.n_parameters()
    }

    fn rate(&self, t: f64, y: &[R], rate: &mut [R]) {
        let n = self.field.n_state();
        // Where the field jumps, the way back begins before the jump and ends after it: both are a rounding earlier.
        let t = (-t).next_down();
        let (state, rest) = y.split_at(n);
        let (of_state, rest_of_rate) = rate.split_at_mut(n);
        let (of_adjoint, of_parameters) = rest_of_rate.split_at_mut(n);
        self.field.rate(t, state, of_state);
        of_state.iter_mut().for_each(|rate| *rate = -*rate);
        of_adjoint.fill(R::ZERO);
        of_parameters.fill(R::ZERO);
        self.field.pull(t, state, &rest[..n], of_adjoint, of_parameters);
    }
}

/// The derivatives of a loss whose derivatives by the states of a solution are `by_states`; both are
/// `[times, state]`. The work is that of the way back.
///
/// # Errors
/// If a size does not fit, or the way back cannot be solved.
pub fn pull_continuous<'f, R: Real, F: Smooth<R> + ?Sized>(
    field: &'f F,
    solver: &impl Solver<R, Backward<'f, F>>,
    problem: &Problem<'_, R>,
    states: &[R],
    by_states: &[R],
    steps: &Steps,
) -> Result<(Gradient<R>, Work), OdeError> {
    let Problem { initial, times, jumps, outputs: _ } = *problem;
    let n = initial.len();
    let backward = Backward { field };
    let jumps: Vec<f64> = jumps.iter().rev().map(|t| -t).collect();
    let mut all = vec![R::ZERO; 2 * n + field.n_parameters()];
    let mut work = Work::default();
    let mut back = |k: usize, adjoint: &mut [R]| {
        all[n..2 * n].copy_from_slice(adjoint);
        all[..n].copy_from_slice(&states[k * n..(k + 1) * n]);
        let inside = |t: &f64| *t > -times[k] && *t < -times[k - 1];
        let jumps: Vec<f64> = jumps.iter().copied().filter(inside).collect();
        let stretch = Problem {
            initial: &all,
            times: &[-times[k], -times[k - 1]],
            jumps: &jumps,
            outputs: Outputs::Landed,
        };
        let solution = solve(&backward, solver, &stretch, steps)?;
        work += solution.work;
        all = solution.states[all.len()..].to_vec();
        adjoint.copy_from_slice(&all[n..2 * n]);
        Ok(())
    };
    let [initial, times] = from_time_to_time(field, problem, states, by_states, &mut back)?;
    Ok((Gradient { initial, parameters: all[2 * n..].to_vec(), times }, work))
}
