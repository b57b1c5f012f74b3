//! Steps that are longer than a delay.
//!
//! A stage of such a step asks for a state inside of the step itself. So the step is tried with a guess of its own
//! piece, which gives a better one, and so on, until two pieces agree: the states that it ends with are those of an
//! implicit method. Agreement comes by a factor of the step times how much the rate depends on the past, so a few
//! tries are enough where the step suits the field; where they are not, the step is not solved, and a
//! shorter one is tried. The order of the method is kept, as its pieces are at most one order worse.
//!
//! Sources: Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I*, II.17 (RETARD); Bellen & Zennaro
//! 2003, *Numerical Methods for Delay Differential Equations*, 5.1.

use std::cell::RefCell;

use super::{Control, Gains, OdeError, Piece, Span, Stepper, Steps, Tried, Work};
use crate::Real;

/// Tries of a step.
const MOST: usize = 25;
/// A step that is longer than a delay by less costs as much as several that are not.
const WORTH: f64 = 3.0;
/// How much two pieces may differ, as a share of the tolerance.
const SHARE: f64 = 1e-2;
/// How much they may differ where steps are fixed, as a share of the largest state.
const ROUNDING: f64 = 1e-13;

/// What is known of a solution.
#[derive(Debug)]
pub(super) struct Known<R> {
    /// The steps that were taken.
    pub pieces: RefCell<Vec<Piece<R>>>,
    /// The step that is tried, if it is longer than a delay: what is known of it so far.
    pub tried: RefCell<Option<Piece<R>>>,
}

/// The length for fixed steps, given the shortest delay.
pub(super) fn suited(length: f64, shortest: f64) -> f64 {
    if length < WORTH * shortest { length.min(shortest) } else { length }
}

/// A stepper in a field with delays, whose steps may be longer than these.
pub(super) struct Overlapping<'m, R> {
    pub stepper: Box<dyn Stepper<R> + 'm>,
    pub known: &'m Known<R>,
    /// The shortest delay.
    pub shortest: f64,
    pub steps: Steps,
}

impl<R: Real> Overlapping<'_, R> {
    /// Guesses the piece of a step: that of a longer one which was not taken, the last piece where it need not go far
    /// beyond its end, or a straight line.
    fn guess(&mut self, span: &Span, before: &[R]) {
        let mut tried = self.known.tried.borrow_mut();
        if tried.as_ref().is_some_and(|piece| piece.span.t == span.t) {
            return;
        }
        let pieces = self.known.pieces.borrow();
        let last =
            pieces.last().filter(|last| last.span.length() >= span.length() && !last.span.ends_at_jump);
        *tried = Some(last.cloned().unwrap_or_else(|| Piece::constant(*span, before)));
        let is_constant = last.is_none();
        drop((tried, pieces));
        if is_constant {
            // The rate is asked for with the constant in place.
            let h = R::of(span.length());
            let slope: Vec<R> = self.stepper.first(span.t, before).iter().map(|slope| h * *slope).collect();
            let rows = [before, &slope].concat();
            *self.known.tried.borrow_mut() = Some(Piece { rows, ..Piece::constant(*span, before) });
        }
    }

    /// How far two pieces are from each other inside a step, in what they may be.
    fn distance(&self, span: &Span, [old, new]: [&Piece<R>; 2], before: &[R], after: &[R]) -> f64 {
        let n = before.len();
        let (mut a, mut b) = (vec![R::ZERO; n], vec![R::ZERO; n]);
        let largest = |values: &[R]| values.iter().fold(0.0_f64, |most, x| most.max(x.abs().to_f64()));
        [0.25, 0.5, 0.75, 1.0].into_iter().fold(0.0, |most, share| {
            let t = span.t + share * span.length();
            old.at(t, &mut a);
            new.at(t, &mut b);
            a.iter_mut().zip(&b).for_each(|(a, b)| *a -= *b);
            most.max(match &self.steps {
                Steps::Adaptive(control) => Control::error(control, &a, before, after).0 / SHARE,
                Steps::Fixed(_) => largest(&a) / (ROUNDING * largest(&b)).max(f64::MIN_POSITIVE),
            })
        })
    }
}

impl<R: Real> Stepper<R> for Overlapping<'_, R> {
    fn n_state(&self) -> usize {
        self.stepper.n_state()
    }

    fn order(&self) -> u32 {
        self.stepper.order()
    }

    fn error_order(&self) -> u32 {
        self.stepper.error_order()
    }

    fn gains(&self) -> Gains {
        self.stepper.gains()
    }

    fn rate(&mut self, t: f64, y: &[R], rate: &mut [R]) {
        self.stepper.rate(t, y, rate);
    }

    fn first(&mut self, t: f64, y: &[R]) -> &[R] {
        self.stepper.first(t, y)
    }

    fn attempt(&mut self, span: &Span, tried: Tried<'_, R>) -> Result<(), OdeError> {
        if span.length() <= self.shortest * (1.0 + 1e-9) {
            *self.known.tried.borrow_mut() = None;
            return self.stepper.attempt(span, tried);
        }
        let Tried { before, after, error } = tried;
        self.guess(span, before);
        let mut smallest = f64::INFINITY;
        for _ in 0..MOST {
            self.stepper.attempt(span, Tried { before, after, error })?;
            if after.iter().any(|value| !value.is_finite()) {
                // The march says which.
                *self.known.tried.borrow_mut() = None;
                return Ok(());
            }
            let mut new = Piece::empty();
            self.stepper.piece(span, before, after, &mut new);
            let old = self.known.tried.replace(Some(new.clone())).expect("there is a guess");
            let distance = self.distance(span, [&old, &new], before, after);
            let is_near = match &self.steps {
                // Two distances show the factor by which what is left shrinks.
                Steps::Adaptive(_) if smallest.is_finite() => {
                    distance <= (smallest / distance - 1.0).clamp(1.0, 100.0)
                }
                Steps::Adaptive(_) => distance <= 1.0,
                // Roundings may be larger than what they are held to: then they no longer shrink.
                Steps::Fixed(_) => distance <= 1.0 || (distance < 1e4 && distance >= smallest),
            };
            if is_near {
                return Ok(());
            }
            smallest = smallest.min(distance);
        }
        *self.known.tried.borrow_mut() = None;
        let unit = if matches!(self.steps, Steps::Fixed(_)) { ROUNDING } else { SHARE };
        Err(OdeError::NotSolved {
            t: span.t,
            step: span.length(),
            iterations: MOST,
            residual: smallest * unit,
        })
    }

    fn take(&mut self) {
        self.stepper.take();
    }

    fn made_jump(&mut self) {
        self.stepper.made_jump();
    }

    fn piece(&mut self, span: &Span, before: &[R], after: &[R], piece: &mut Piece<R>) {
        self.stepper.piece(span, before, after, piece);
    }

    fn suited(&self, length: f64) -> f64 {
        suited(length, self.shortest)
    }

    fn work(&self) -> Work {
        self.stepper.work()
    }
}
