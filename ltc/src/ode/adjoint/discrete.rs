//! Back through the steps that were taken.

use super::Gradient;
use crate::Real;
use crate::field::Smooth;
use crate::ode::{OdeError, Outputs, Problem, Solution, Solver, Span, Tried};

/// A method that knows its way back.
pub trait Reversible<R: Real, F: Smooth<R> + ?Sized>: Solver<R, F> {
    /// Goes back through steps that follow each other from the initial state. `state` are the derivatives by the
    /// state after the last, and become those by the initial one; `by_ends` adds to them what a loss has by the
    /// state after a step. Writes the derivatives by the beginning and the end of every step.
    ///
    /// # Errors
    /// If a step cannot be taken again, or the method has no way back.
    #[expect(clippy::too_many_arguments, reason = "what goes in and what comes out of a stretch of steps")]
    fn pull_steps(
        &self,
        field: &F,
        spans: &[Span],
        initial: &[R],
        by_ends: &mut dyn FnMut(usize, &mut [R]),
        state: &mut [R],
        by_parameters: &mut [R],
        by_spans: &mut [[R; 2]],
    ) -> Result<(), OdeError>;
}

/// The derivatives of a loss whose derivatives by the states of a solution are `by_states` (`[times, state]`).
///
/// # Errors
/// If a size does not fit, states were [`Outputs::Interpolated`], or the method has no way back.
pub fn pull<R: Real, F: Smooth<R> + ?Sized>(
    field: &F,
    solver: &(impl Reversible<R, F> + ?Sized),
    problem: &Problem<'_, R>,
    solution: &Solution<R>,
    by_states: &[R],
) -> Result<Gradient<R>, OdeError> {
    let Problem { initial, times, jumps: _, outputs } = *problem;
    let n = initial.len();
    let (size, expected) = (by_states.len(), times.len() * n);
    if size != expected {
        return Err(OdeError::Size { what: "the list of derivatives by states", size, expected });
    }
    if outputs != Outputs::Landed && times.len() > 1 {
        let must = "by landing, or the gradient the continuous one";
        return Err(OdeError::Argument { what: "how states are made (interpolation)", value: 1.0, must });
    }
    let spans = &solution.spans;
    let mut state = vec![R::ZERO; n];
    let mut gradient = Gradient {
        initial: Vec::new(),
        parameters: vec![R::ZERO; field.n_parameters()],
        times: vec![R::ZERO; times.len()],
    };
    let mut by_spans = vec![[R::ZERO; 2]; spans.len()];
    let mut by_ends = |step: usize, state: &mut [R]| {
        let first = times.partition_point(|t| *t < spans[step].end);
        for (time, row) in times.iter().zip(by_states.chunks_exact(n)).skip(first) {
            if *time != spans[step].end {
                break;
            }
            state.iter_mut().zip(row).for_each(|(state, g)| *state += *g);
        }
    };
    let parameters = &mut gradient.parameters;
    solver.pull_steps(field, spans, initial, &mut by_ends, &mut state, parameters, &mut by_spans)?;
    for (_, row) in times.iter().zip(by_states.chunks_exact(n)).take_while(|(t, _)| **t == times[0]) {
        state.iter_mut().zip(row).for_each(|(state, g)| *state += *g);
    }
    gradient.initial = state;
    for (span, by_span) in spans.iter().zip(by_spans) {
        // Steps move in proportion with the two times that they lie between.
        let next = times.partition_point(|t| *t < span.end).clamp(1, times.len() - 1);
        let (from, to) = (times[next - 1], times[next]);
        for (t, by_t) in [span.t, span.end].into_iter().zip(by_span) {
            let share = R::of((t - from) / (to - from));
            gradient.times[next] += by_t * share;
            gradient.times[next - 1] += by_t * (R::ONE - share);
        }
    }
    Ok(gradient)
}

/// Goes back through a step, given its index and the state before it.
type PullStep<'p, R> = dyn FnMut(usize, &[R]) -> Result<(), OdeError> + 'p;

/// Goes back through steps of a method that remembers nothing: states are computed again in stretches, so that
/// those of all steps are never there together.
pub(super) fn by_stretches<R: Real, F: Smooth<R> + ?Sized>(
    solver: &(impl Solver<R, F> + ?Sized),
    field: &F,
    spans: &[Span],
    initial: &[R],
    pull: &mut PullStep<'_, R>,
) -> Result<(), OdeError> {
    let n = initial.len();
    let stretch = (spans.len() as f64).sqrt().ceil().max(1.0) as usize;
    let mut stepper = solver.stepper(field);
    let mut after = vec![R::ZERO; n];
    let mut error = vec![R::ZERO; n];
    let mut go = |span: &Span, state: &mut Vec<R>| {
        // Every step begins for itself, so that it has the same bits from wherever it is reached.
        stepper.made_jump();
        stepper.attempt(span, Tried { before: state, after: &mut after, error: &mut error })?;
        state.copy_from_slice(&after);
        Ok::<(), OdeError>(())
    };
    let mut marks = Vec::new();
    let mut state = initial.to_vec();
    for (k, span) in spans.iter().enumerate() {
        if k % stretch == 0 {
            marks.push(state.clone());
        }
        go(span, &mut state)?;
    }
    for (k, mark) in marks.iter().enumerate().rev() {
        let first = k * stretch;
        let of_stretch = &spans[first..(first + stretch).min(spans.len())];
        let mut states = vec![mark.clone()];
        for span in &of_stretch[..of_stretch.len() - 1] {
            let mut state = states[states.len() - 1].clone();
            go(span, &mut state)?;
            states.push(state);
        }
        for (k, state) in states.iter().enumerate().rev() {
            pull(first + k, state)?;
        }
    }
    Ok(())
}
