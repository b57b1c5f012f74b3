//! Adams methods: fixed steps that use the rates of steps before.
//!
//! ```text
//! explicit    y' = y + h Σ_j β_j f_(−j)                            Bashforth; one evaluation a step
//! implicit    y' = y + h (μ₀ f(t + h, y') + Σ_j μ_(j+1) f_(−j))    Moulton; predicted by the explicit one, then
//!                                                                   iterated until two ends agree
//! ```
//! The order grows with the number of rates, up to `max_order`; the first steps go by the rule of three eighths.
//! High orders are stable for very short steps only: the explicit one of order 11 needs steps thousands of times
//! shorter than the fastest decay. A step of another length begins again. Where the iteration does not
//! converge, the oldest rate is dropped, which lowers the order.
//!
//! States inside a step are those of the polynomial that begins and ends where the step does and has the rates
//! that it used: it has the order of the step and costs no evaluation. So a step that has to end earlier, as at an
//! event, ends inside of it, and the history is not lost. A step by the rule of three eighths has a quartic, of order
//! 4 for two evaluations.
//!
//! Source: Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I*, III.1.

mod pull;
mod weights;

use std::collections::VecDeque;

use super::explicit::{THREE_EIGHTHS, add_weighted};
use super::{OdeError, Piece, Solver, Span, Stepper, Tried, Work};
use crate::Real;
use crate::field::Field;

/// Rates that the first step of a method of several steps needs.
const FEWEST: usize = 3;

/// An Adams method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adams {
    /// Whether the rate at the end of the step counts.
    pub is_implicit: bool,
    /// The largest order, 4 to 12; the explicit method stays one below.
    pub max_order: usize,
    /// Relative tolerance of the iteration.
    pub rtol: f64,
    /// Absolute tolerance of the iteration.
    pub atol: f64,
    /// Iterations a step.
    pub iterations: usize,
}

impl Adams {
    /// The explicit method of an order up to 11.
    pub const EXPLICIT: Self =
        Self { is_implicit: false, max_order: 12, rtol: 1e-7, atol: 1e-9, iterations: 4 };
    /// The implicit method of an order up to 12.
    pub const IMPLICIT: Self = Self { is_implicit: true, ..Self::EXPLICIT };

    /// How many rates of a history count; none if the rule of three eighths must do.
    fn rates(&self, history: usize) -> Option<usize> {
        let rates = history.min(self.max_order.clamp(FEWEST + 1, 12) - 1);
        (rates >= FEWEST).then_some(rates)
    }
}

/// The weights of so many rates, first those of the end of the step if the method is implicit.
fn weights(is_implicit: bool, rates: usize) -> Vec<f64> {
    let (weights, divisor) = match is_implicit {
        true => weights::IMPLICIT[rates - FEWEST],
        false => weights::EXPLICIT[rates - FEWEST],
    };
    weights.iter().map(|weight| weight / divisor).collect()
}

impl<R: Real, F: Field<R> + ?Sized> Solver<R, F> for Adams {
    fn stepper<'f>(&self, field: &'f F) -> Box<dyn Stepper<R> + 'f> {
        let n = field.n_state();
        Box::new(Rates {
            method: *self,
            field,
            n,
            history: VecDeque::new(),
            has_first: false,
            length: 0.0,
            used: None,
            forgets_oldest: false,
            work: Work::default(),
        })
    }
}

struct Rates<'f, R, F: ?Sized> {
    method: Adams,
    field: &'f F,
    n: usize,
    /// Rates, the newest first.
    history: VecDeque<Vec<R>>,
    /// Whether the newest is that of the next step.
    has_first: bool,
    /// The step of the history.
    length: f64,
    /// How many rates the step that was tried last used; none if it went by the rule of three eighths.
    used: Option<usize>,
    forgets_oldest: bool,
    work: Work,
}

/// An iteration: the changes of the state that were tried, the last being the result; whether it converged.
pub(super) struct Iterated<R> {
    pub changes: Vec<Vec<R>>,
    pub has_converged: bool,
}

/// The changes of the state that a step makes, of the explicit method and of every iteration.
pub(super) fn changes<R: Real, F: Field<R> + ?Sized>(
    method: &Adams,
    field: &F,
    span: &Span,
    before: &[R],
    history: &VecDeque<Vec<R>>,
    rates: usize,
) -> Iterated<R> {
    let h = span.length();
    let sum = |weights: &[f64]| {
        let mut change = vec![R::ZERO; before.len()];
        weights.iter().zip(history).for_each(|(w, rate)| add_weighted(h, &[*w], rate, &mut change));
        change
    };
    let mut changes = vec![sum(&weights(false, rates))];
    if !method.is_implicit {
        return Iterated { changes, has_converged: true };
    }
    let weights = weights(true, rates);
    let rest = sum(&weights[1..]);
    let mut rate = vec![R::ZERO; before.len()];
    for _ in 0..method.iterations {
        let old = changes.last().expect("there is the explicit one");
        let end: Vec<R> = before.iter().zip(old).map(|(y, change)| *y + *change).collect();
        field.rate(span.at(1.0), &end, &mut rate);
        let mut new = rest.clone();
        add_weighted(h, &weights[..1], &rate, &mut new);
        let is_near = old.iter().zip(&new).all(|(old, new)| {
            let size = old.abs().to_f64().max(new.abs().to_f64());
            (*old - *new).abs().to_f64() < method.atol + method.rtol * size
        });
        changes.push(new);
        if is_near {
            return Iterated { changes, has_converged: true };
        }
    }
    Iterated { changes, has_converged: false }
}

/// Whether two steps count as equally long.
fn is_same(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a
}

impl<R: Real, F: Field<R> + ?Sized> Stepper<R> for Rates<'_, R, F> {
    fn n_state(&self) -> usize {
        self.n
    }

    fn order(&self) -> u32 {
        let rates = self.method.rates(usize::MAX).unwrap_or(FEWEST);
        (rates + usize::from(self.method.is_implicit)) as u32
    }

    fn error_order(&self) -> u32 {
        0
    }

    fn rate(&mut self, t: f64, y: &[R], rate: &mut [R]) {
        self.field.rate(t, y, rate);
        self.work.rates += 1;
    }

    fn first(&mut self, t: f64, y: &[R]) -> &[R] {
        if !self.has_first {
            let mut rate = vec![R::ZERO; self.n];
            self.rate(t, y, &mut rate);
            self.history.push_front(rate);
            self.history.truncate(self.method.max_order - 1);
            self.has_first = true;
        }
        &self.history[0]
    }

    fn attempt(&mut self, span: &Span, tried: Tried<'_, R>) -> Result<(), OdeError> {
        let Tried { before, after, error } = tried;
        error.fill(R::ZERO);
        self.first(span.t, before);
        if !is_same(span.length(), self.length) {
            self.history.truncate(1);
            self.length = span.length();
        }
        self.forgets_oldest = false;
        self.used = self.method.rates(self.history.len());
        let Some(rates) = self.used else {
            let mut rule = <_ as Solver<R, F>>::stepper(&THREE_EIGHTHS, self.field);
            rule.attempt(span, Tried { before, after, error })?;
            // The first of its stages is there already.
            self.work.rates += rule.work().rates - 1;
            return Ok(());
        };
        let Iterated { changes, has_converged } =
            changes(&self.method, self.field, span, before, &self.history, rates);
        self.work.rates += changes.len() - 1;
        self.forgets_oldest = !has_converged;
        let change = changes.last().expect("there is the explicit one");
        after.iter_mut().zip(before.iter().zip(change)).for_each(|(after, (y, d))| *after = *y + *d);
        Ok(())
    }

    fn take(&mut self) {
        self.has_first = false;
        if self.forgets_oldest {
            self.history.pop_back();
        }
    }

    fn made_jump(&mut self) {
        self.has_first = false;
        self.history.clear();
    }

    fn piece(&mut self, span: &Span, before: &[R], after: &[R], piece: &mut Piece<R>) {
        if let Some(rates) = self.used {
            let nodes: Vec<f64> = (0..rates).map(|steps| -(steps as f64)).collect();
            let slopes: Vec<&[R]> = self.history.iter().take(rates).map(Vec::as_slice).collect();
            return piece.through_slopes(span, before, &nodes, &slopes, Some(after));
        }
        let (mut last, mut quarter) = (vec![R::ZERO; self.n], vec![R::ZERO; self.n]);
        self.rate(span.at(1.0), after, &mut last);
        piece.cubic(span, [before, after], [&self.history[0], &last]);
        let mut state = last.clone();
        piece.at(span.at(0.25), &mut state);
        self.rate(span.at(0.25), &state, &mut quarter);
        piece.through_slopes(
            span,
            before,
            &[0.0, 0.25, 1.0],
            &[&self.history[0], &quarter, &last],
            Some(after),
        );
    }

    fn ends_inside(&self) -> bool {
        self.used.is_some()
    }

    fn work(&self) -> Work {
        self.work
    }
}
