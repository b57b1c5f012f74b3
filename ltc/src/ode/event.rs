//! Events: when a function of the state is 0, and how that time moves.
//!
//! A change of sign over a step is bracketed inside its piece and found there. Then the step is taken again so that it
//! ends there, and moved by Newton's method, so that time and state have the accuracy of the method and not that
//! of what it interpolates. Only an Adams method, whose pieces are as accurate as its steps, ends inside of the piece.
//!
//! With g the function, f the field and λ the derivatives of a loss by the state at the event, that of its time by
//! anything is −∇g·dy/(∇g·f + g_t): so the loss depends on the state at a fixed time by
//! λ − ∇g (λ_t + λ·f)/(∇g·f + g_t), which [`pull_event`] gives.
//! Source: Chen, Amos & Nickel 2021, arXiv 2011.03902.

use super::march::March;
use super::solve::Limits;
use super::{OdeError, Outputs, Piece, Problem, Solver, Span, Steps, Work};
use crate::Real;
use crate::field::Field;

/// A function of time and state.
pub trait Event<R: Real> {
    /// Its value.
    fn value(&self, t: f64, y: &[R]) -> R;

    /// Writes its derivatives by the state, and gives that by the time.
    fn slopes(&self, t: f64, y: &[R], by_state: &mut [R]) -> R;
}

/// A unit reaches a level.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level<R> {
    /// The unit.
    pub unit: usize,
    /// The level.
    pub level: R,
}

impl<R: Real> Event<R> for Level<R> {
    fn value(&self, _: f64, y: &[R]) -> R {
        y[self.unit] - self.level
    }

    fn slopes(&self, _: f64, _: &[R], by_state: &mut [R]) -> R {
        by_state.fill(R::ZERO);
        by_state[self.unit] = R::ONE;
        R::ZERO
    }
}

/// Where an event was reached.
#[derive(Debug, Clone, PartialEq)]
pub struct Reached<R> {
    /// When.
    pub t: f64,
    /// The state.
    pub state: Vec<R>,
    /// The steps that led there.
    pub spans: Vec<Span>,
    /// What it cost.
    pub work: Work,
}

/// Goes through time until an event, from the first time of the problem to the last at most.
///
/// A function that is 0 at the start counts from its first change of sign on.
///
/// # Errors
/// If the event does not come, the arguments do not fit, or as [`OdeError`] says.
pub fn solve_until<R: Real, F: Field<R> + ?Sized>(
    field: &F,
    solver: &(impl Solver<R, F> + ?Sized),
    problem: &Problem<'_, R>,
    event: &dyn Event<R>,
    steps: &Steps,
) -> Result<Reached<R>, OdeError> {
    let Problem { initial, times, jumps, outputs: _ } = *problem;
    let limits = Limits::new(times, jumps, Outputs::Interpolated)?;
    let (start, end) = (times[0], times[times.len() - 1]);
    let mut march = March::new(solver.stepper(field), *steps, start, initial)?;
    let mut spans = Vec::new();
    let mut piece = Piece::empty();
    let mut value = event.value(start, initial);
    while march.now() < end {
        let (limit, is_jump) = limits.after(march.now(), end);
        march.step(limit, is_jump)?;
        let after = event.value(march.now(), &march.state);
        if after == R::ZERO || (value != R::ZERO && (value > R::ZERO) != (after > R::ZERO)) {
            march.piece(&mut piece);
            let t = bracketed(event, &piece, initial.len(), [value, after]);
            match march.ends_inside() {
                true => march.end_inside(t, &piece),
                false => land(field, event, &mut march, t)?,
            }
            spans.push(march.span);
            return Ok(Reached { t: march.now(), state: march.state.clone(), spans, work: march.work() });
        }
        spans.push(march.span);
        value = after;
    }
    Err(OdeError::NoEvent { end, value: value.to_f64() })
}

/// The zero inside a piece, by halving and secants (the method of Illinois).
fn bracketed<R: Real>(event: &dyn Event<R>, piece: &Piece<R>, n: usize, [before, after]: [R; 2]) -> f64 {
    let mut state = vec![R::ZERO; n];
    let Span { t: mut low, end: mut high, .. } = piece.span;
    let (mut at_low, mut at_high) = (before.to_f64(), after.to_f64());
    if at_high == 0.0 {
        return high;
    }
    for k in 0..200 {
        let secant = high - at_high * (high - low) / (at_high - at_low);
        let is_inside = secant > low && secant < high;
        let t = if k % 3 == 2 || !is_inside { low + 0.5 * (high - low) } else { secant };
        if t <= low || t >= high {
            break;
        }
        piece.at(t, &mut state);
        let value = event.value(t, &state).to_f64();
        if value == 0.0 {
            return t;
        }
        if (value > 0.0) == (at_high > 0.0) {
            (high, at_high) = (t, value);
            at_low *= 0.5;
        } else {
            (low, at_low) = (t, value);
            at_high *= 0.5;
        }
        if high - low <= 4.0 * f64::EPSILON * high.abs().max(piece.span.length()) {
            break;
        }
    }
    high
}

/// Moves the end of the last step to the event.
fn land<R: Real, F: Field<R> + ?Sized>(
    field: &F,
    event: &dyn Event<R>,
    march: &mut March<'_, R>,
    mut t: f64,
) -> Result<(), OdeError> {
    let mut slopes = vec![R::ZERO; march.state.len()];
    let mut rate = slopes.clone();
    // The end of an implicit step of low order moves otherwise than the field says, so it takes a few more.
    for _ in 0..10 {
        march.end_at(t)?;
        field.rate(t, &march.state, &mut rate);
        let by_time = event.slopes(t, &march.state, &mut slopes).to_f64();
        let speed = slopes.iter().zip(&rate).map(|(s, f)| *s * *f).sum::<R>().to_f64() + by_time;
        let correction = event.value(t, &march.state).to_f64() / speed;
        let next = t - correction;
        let rounding = 2.0 * f64::EPSILON * t.abs().max(march.span.length());
        let is_near = correction.is_nan() || correction.abs() <= rounding;
        if is_near || next <= march.span.t {
            break;
        }
        t = next;
    }
    Ok(())
}

/// The derivatives of a loss by the state at the time of the event, as if that time were fixed, from those by
/// time and state of the event. They can go back from there by [`super::pull_continuous`].
pub fn pull_event<R: Real, F: Field<R> + ?Sized>(
    field: &F,
    event: &dyn Event<R>,
    reached: &Reached<R>,
    by_time: R,
    by_state: &[R],
) -> Vec<R> {
    let mut rate = vec![R::ZERO; by_state.len()];
    let mut slopes = rate.clone();
    field.rate(reached.t, &reached.state, &mut rate);
    let of_time = event.slopes(reached.t, &reached.state, &mut slopes);
    let dot = |a: &[R], b: &[R]| -> R { a.iter().zip(b).map(|(a, b)| *a * *b).sum() };
    let share = (by_time + dot(by_state, &rate)) / (dot(&slopes, &rate) + of_time);
    by_state.iter().zip(&slopes).map(|(g, slope)| *g - *slope * share).collect()
}
