//! Delay equations, by the method of steps.
//!
//! The past is kept as the pieces of all steps, so a state some time ago is one inside a step that was taken, or,
//! where a step is several times longer than a delay, inside of the step itself, which is then found together with
//! its piece ([`overlap`](super::overlap)). So the number of steps is that of what happens, however short a delay
//! is. Where history ends the solution has a kink; a delay later its second derivative has one, and so on: steps end
//! at all of these breaking points, until they are smoother than the method can tell.
//!
//! Gradients do not go through delays: a step's derivatives would have to reach every earlier step whose piece
//! it read, at the times at which it read it, and those of its own stages where it is longer than a delay.
//!
//! Source: Bellen & Zennaro 2003, *Numerical Methods for Delay Differential Equations*, 3.3.

use std::cell::RefCell;

use super::march::March;
use super::overlap::{Known, Overlapping, suited};
use super::solve::Limits;
use super::{OdeError, Piece, Problem, Solution, Solver, Stepper, Steps};
use crate::Real;
use crate::field::{DelayField, Field};

/// Breaking points that a solution may have; more of them lie so close that steps need not know.
const MOST_BREAKING_POINTS: usize = 100_000;

/// A field with delays as one without, given its past.
pub struct WithPast<'f, R, F: ?Sized> {
    field: &'f F,
    history: &'f dyn Fn(f64, &mut [R]),
    start: f64,
    known: Known<R>,
}

impl<R: Real, F: DelayField<R> + ?Sized> WithPast<'_, R, F> {
    fn at(&self, t: f64, state: &mut [R]) {
        if t <= self.start {
            return (self.history)(t, state);
        }
        let pieces = self.known.pieces.borrow();
        let tried = self.known.tried.borrow();
        match (pieces.get(pieces.partition_point(|piece| piece.span.end < t)), &*tried, pieces.last()) {
            (Some(piece), ..) => piece.at(t, state),
            (None, Some(tried), _) => tried.at(t, state),
            // Where a step is as long as a delay, a rounding may ask for what is just not there yet.
            (None, None, Some(last)) => last.at(last.span.end, state),
            (None, None, None) => (self.history)(self.start, state),
        }
    }
}

impl<R: Real, F: DelayField<R> + ?Sized> Field<R> for WithPast<'_, R, F> {
    fn n_state(&self) -> usize {
        self.field.n_state()
    }

    fn rate(&self, t: f64, y: &[R], rate: &mut [R]) {
        let delays = self.field.delays();
        let mut past = vec![R::ZERO; delays.len() * y.len()];
        for (delay, past) in delays.iter().zip(past.chunks_exact_mut(y.len())) {
            self.at(t - delay, past);
        }
        self.field.rate(t, y, &past, rate);
    }
}

/// Goes through time from a history, which gives the state at every time before the first. Jumps of the problem
/// are those of the field, its inputs say.
///
/// # Errors
/// If a delay is not above 0, the arguments do not fit, or as [`OdeError`] says.
pub fn solve_delayed<'f, R: Real, F: DelayField<R> + ?Sized>(
    field: &'f F,
    solver: &dyn for<'p> Solver<R, WithPast<'p, R, F>>,
    problem: &Problem<'_, R>,
    history: &'f dyn Fn(f64, &mut [R]),
    steps: &Steps,
) -> Result<Solution<R>, OdeError> {
    let Problem { initial, times, jumps, outputs } = *problem;
    let delays = field.delays();
    if let Some(index) = delays.iter().position(|delay| !(*delay > 0.0 && delay.is_finite())) {
        return Err(OdeError::Delay { index, value: delays[index] });
    }
    Limits::new(times, jumps, outputs)?;
    let shortest = delays.iter().copied().fold(f64::INFINITY, f64::min);
    let steps = match *steps {
        Steps::Fixed(h) => Steps::Fixed(suited(h, shortest)),
        Steps::Adaptive(control) => Steps::Adaptive(control),
    };
    let known = Known { pieces: RefCell::new(Vec::new()), tried: RefCell::new(None) };
    let with_past = WithPast { field, history, start: times[0], known };
    let known = &with_past.known;
    let stepper = Box::new(Overlapping { stepper: solver.stepper(&with_past), known, shortest, steps });
    let smooth = stepper.order() as usize + 1;
    let breaking = breaking_points(times, jumps, delays, smooth);
    let limits = Limits::new(times, &breaking, outputs)?;
    let mut march = March::new(stepper, steps, times[0], initial)?;
    let mut states = initial.to_vec();
    let mut spans = Vec::new();
    let mut inside = vec![R::ZERO; initial.len()];
    let mut next = 1;
    loop {
        while next < times.len() && times[next] == march.now() {
            states.extend_from_slice(&march.state);
            next += 1;
        }
        if next == times.len() {
            break;
        }
        let (limit, is_jump) = limits.after(march.now(), times[next]);
        march.step(limit, is_jump)?;
        spans.push(march.span);
        let mut piece = Piece::empty();
        march.piece(&mut piece);
        while next < times.len() && times[next] < march.now() {
            piece.at(times[next], &mut inside);
            states.extend_from_slice(&inside);
            next += 1;
        }
        known.pieces.borrow_mut().push(piece);
    }
    Ok(Solution { states, spans, work: march.work() })
}

/// The first time and all jumps, and what follows a sum of delays later; the first time itself is not among them.
fn breaking_points(times: &[f64], jumps: &[f64], delays: &[f64], levels: usize) -> Vec<f64> {
    let (start, end) = (times[0], times[times.len() - 1]);
    let mut all: Vec<f64> = jumps.iter().copied().chain([start]).filter(|t| *t >= start).collect();
    let mut newest = all.clone();
    for _ in 0..levels {
        let later = newest.iter().flat_map(|t| delays.iter().map(move |delay| t + delay));
        newest = later.filter(|t| *t < end).collect();
        sort(&mut newest, end);
        if all.len() + newest.len() > MOST_BREAKING_POINTS {
            break;
        }
        all.extend_from_slice(&newest);
    }
    sort(&mut all, end);
    all.retain(|t| *t > start);
    all
}

/// Sorts, and keeps one of several times that differ by roundings.
fn sort(times: &mut Vec<f64>, end: f64) {
    times.sort_by(f64::total_cmp);
    times.dedup_by(|later, earlier| *later - *earlier <= 1e-13 * end.abs());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaking_points_are_sums_of_delays() {
        let points = breaking_points(&[0.0, 3.0], &[0.5], &[1.0, 1.25], 2);
        assert_eq!(points, [0.5, 1.0, 1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 2.75]);
    }
}
