//! What a solver is: one step, what lies inside it, and what it remembers.

use crate::Real;

use super::{Gains, OdeError, Piece, Work};

/// A method that can solve fields of a kind.
pub trait Solver<R: Real, F: ?Sized> {
    /// Something that takes steps in a field.
    fn stepper<'f>(&self, field: &'f F) -> Box<dyn Stepper<R> + 'f>;
}

/// Takes steps, one after the other.
pub trait Stepper<R: Real> {
    /// Number of state variables.
    fn n_state(&self) -> usize;

    /// The error of a step is O(h^(order + 1)).
    fn order(&self) -> u32;

    /// The power of h that the estimate of the error goes with; 0 if there is none.
    fn error_order(&self) -> u32;

    /// How much errors count for the length of the next step, if nobody says otherwise.
    fn gains(&self) -> Gains {
        Gains::INTEGRAL
    }

    /// Writes dy/dt.
    fn rate(&mut self, t: f64, y: &[R], rate: &mut [R]);

    /// dy/dt where the next step begins; the step makes use of it.
    fn first(&mut self, t: f64, y: &[R]) -> &[R];

    /// Tries a step; nothing is kept of a step tried before but not [taken](Stepper::take).
    ///
    /// # Errors
    /// If what has to be solved in the step cannot be.
    fn attempt(&mut self, span: &Span, tried: Tried<'_, R>) -> Result<(), OdeError>;

    /// Takes the step that was tried last: what the next one can use of it is kept.
    fn take(&mut self);

    /// Forgets what steps left behind, as the state or the field has jumped.
    fn made_jump(&mut self);

    /// Writes the states inside the step that was tried last. Their error is O(h^order) at the most, so what
    /// is taken from inside of steps converges as fast as where they end.
    fn piece(&mut self, span: &Span, before: &[R], after: &[R], piece: &mut Piece<R>);

    /// Whether a step that has to end earlier than the one that was tried last ends inside of that: for methods
    /// whose piece is as accurate as the step, and which would lose their past by a step of another length.
    fn ends_inside(&self) -> bool {
        false
    }

    /// The length to try in place of one that is wanted; not longer.
    fn suited(&self, length: f64) -> f64 {
        length
    }

    /// How much was done so far.
    fn work(&self) -> Work;
}

/// The time of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// When it begins.
    pub t: f64,
    /// When it ends.
    pub end: f64,
    /// Whether the field jumps at the end; what it is just before counts then.
    pub ends_at_jump: bool,
}

impl Span {
    /// How long it is.
    pub fn length(&self) -> f64 {
        self.end - self.t
    }

    /// The time of a stage.
    pub fn at(&self, c: f64) -> f64 {
        match c == 1.0 {
            true if self.ends_at_jump => self.end.next_down(),
            true => self.end,
            false => self.t + c * self.length(),
        }
    }
}

/// A step to be tried.
#[derive(Debug)]
pub struct Tried<'s, R> {
    /// The state before.
    pub before: &'s [R],
    /// The state after, to be written.
    pub after: &'s mut [R],
    /// An estimate of its error, to be written by methods that have one.
    pub error: &'s mut [R],
}
