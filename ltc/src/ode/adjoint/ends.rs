//! What both continuous ways back have in common: from one of the times to the one before.

use crate::Real;
use crate::field::Smooth;
use crate::ode::{OdeError, Problem};

/// Goes back from a time to the one before.
type Back<'b, R> = dyn FnMut(usize, &mut [R]) -> Result<(), OdeError> + 'b;

/// Goes back from the last time to the first. `back` takes the derivatives by the state at time k, and
/// makes them those by the state at time k − 1. Gives the derivatives by the initial state and by all times.
pub(super) fn from_time_to_time<R: Real, F: Smooth<R> + ?Sized>(
    field: &F,
    problem: &Problem<'_, R>,
    states: &[R],
    by_states: &[R],
    back: &mut Back<'_, R>,
) -> Result<[Vec<R>; 2], OdeError> {
    let Problem { initial, times, .. } = *problem;
    let n = initial.len();
    let expected = times.len() * n;
    for (what, size) in
        [("the list of states", states.len()), ("the list of derivatives by states", by_states.len())]
    {
        if size != expected {
            return Err(OdeError::Size { what, size, expected });
        }
    }
    let mut by_times = vec![R::ZERO; times.len()];
    let mut rate = vec![R::ZERO; n];
    let mut dot = |t: f64, state: &[R], g: &[R]| -> R {
        field.rate(t, state, &mut rate);
        rate.iter().zip(g).map(|(f, g)| *f * *g).sum()
    };
    let mut adjoint = vec![R::ZERO; n];
    for k in (0..times.len()).rev() {
        let of_time = k * n..(k + 1) * n;
        let by_state = &by_states[of_time.clone()];
        adjoint.iter_mut().zip(by_state).for_each(|(a, g)| *a += *g);
        if k == 0 {
            let of_start: Vec<R> = adjoint.iter().zip(by_state).map(|(a, g)| *a - *g).collect();
            by_times[0] -= dot(times[0], initial, &of_start);
            break;
        }
        by_times[k] += dot(times[k], &states[of_time], by_state);
        back(k, &mut adjoint)?;
    }
    Ok([adjoint, by_times])
}
