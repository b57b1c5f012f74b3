//! Back through the steps of an Adams method.
//!
//! All states and rates of a stretch are computed again and kept. Then, from the last step to the first, a step
//! hands its derivatives to the rates that it used; when a step is reached, all later ones have done so, and
//! what its own rate has collected goes to its state.

use std::collections::VecDeque;

use super::{Adams, Iterated, changes, is_same, weights};
use crate::Real;
use crate::field::Smooth;
use crate::ode::adjoint::Reversible;
use crate::ode::explicit::THREE_EIGHTHS;
use crate::ode::{OdeError, Solver, Span, Tried};

/// A step, computed again.
struct Taken<R> {
    before: Vec<R>,
    /// The steps whose rates it used, the newest first; empty if it went by the rule of three eighths.
    used: Vec<usize>,
    changes: Vec<Vec<R>>,
}

impl<R: Real, F: Smooth<R> + ?Sized> Reversible<R, F> for Adams {
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
        let n = initial.len();
        let taken = again(self, field, spans, initial)?;
        let mut by_rates = vec![vec![R::ZERO; n]; spans.len()];
        let zeros = vec![R::ZERO; n];
        let dot = |a: &[R], b: &[R]| -> R { a.iter().zip(b).map(|(a, b)| *a * *b).sum() };
        for (k, (span, Taken { before, used, changes })) in spans.iter().zip(&taken).enumerate().rev() {
            by_ends(k, state);
            let mut by_span = [R::ZERO; 2];
            if used.is_empty() {
                by_span = THREE_EIGHTHS.pull_step(field, span, before, state, by_parameters)?;
            } else {
                let h = R::of(span.length());
                // Of the step's length: the change of the state is proportional to it.
                let mut by_length = R::ZERO;
                // By the change that an iteration ends with; by the state beside it.
                let mut by_change = state.to_vec();
                let of_end = weights(self.is_implicit, used.len());
                for (old, next) in changes.iter().zip(&changes[1..]).rev() {
                    let new: Vec<R> = by_change.iter().map(|g| *g * h).collect();
                    for (at, weight) in used.iter().zip(&of_end[1..]) {
                        let by_rate = &mut by_rates[*at];
                        by_rate.iter_mut().zip(&new).for_each(|(by, g)| *by += R::of(*weight) * *g);
                    }
                    let by_rate: Vec<R> = new.iter().map(|g| R::of(of_end[0]) * *g).collect();
                    let end: Vec<R> = before.iter().zip(old).map(|(y, d)| *y + *d).collect();
                    let mut by_end = zeros.clone();
                    by_span[1] += field.pull(span.at(1.0), &end, &by_rate, &mut by_end, by_parameters);
                    by_length += dot(&by_change, next) / h;
                    state.iter_mut().zip(&by_end).for_each(|(state, g)| *state += *g);
                    by_change = by_end;
                }
                by_length += dot(&by_change, &changes[0]) / h;
                for (at, weight) in used.iter().zip(weights(false, used.len())) {
                    let by_rate = &mut by_rates[*at];
                    by_rate.iter_mut().zip(&by_change).for_each(|(by, g)| *by += R::of(weight) * h * *g);
                }
                by_span[0] -= by_length;
                by_span[1] += by_length;
            }
            by_span[0] += field.pull(span.t, before, &by_rates[k], state, by_parameters);
            by_spans[k] = by_span;
        }
        Ok(())
    }
}

fn again<R: Real, F: Smooth<R> + ?Sized>(
    method: &Adams,
    field: &F,
    spans: &[Span],
    initial: &[R],
) -> Result<Vec<Taken<R>>, OdeError> {
    let mut before = initial.to_vec();
    let mut history: VecDeque<Vec<R>> = VecDeque::new();
    // The steps of the history.
    let mut steps: VecDeque<usize> = VecDeque::new();
    let mut length = 0.0;
    let mut all = Vec::with_capacity(spans.len());
    for (k, span) in spans.iter().enumerate() {
        let mut rate = vec![R::ZERO; before.len()];
        field.rate(span.t, &before, &mut rate);
        history.push_front(rate);
        steps.push_front(k);
        let most = match k > 0 && spans[k - 1].ends_at_jump || !is_same(span.length(), length) {
            true => 1,
            false => method.max_order - 1,
        };
        history.truncate(most);
        steps.truncate(most);
        length = span.length();
        let mut after = before.clone();
        let taken = match method.rates(history.len()) {
            None => {
                let mut rule = <_ as Solver<R, F>>::stepper(&THREE_EIGHTHS, field);
                let mut error = vec![R::ZERO; before.len()];
                rule.attempt(span, Tried { before: &before, after: &mut after, error: &mut error })?;
                Taken { before: before.clone(), used: Vec::new(), changes: Vec::new() }
            }
            Some(rates) => {
                let Iterated { changes, has_converged } =
                    changes(method, field, span, &before, &history, rates);
                let used = steps.iter().take(rates).copied().collect();
                if !has_converged {
                    history.pop_back();
                    steps.pop_back();
                }
                let change = changes.last().expect("there is the explicit one");
                after.iter_mut().zip(change).for_each(|(after, change)| *after += *change);
                Taken { before: before.clone(), used, changes }
            }
        };
        all.push(taken);
        before = after;
    }
    Ok(all)
}
