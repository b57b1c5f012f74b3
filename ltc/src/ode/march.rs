//! Step after step.

use super::{Control, OdeError, Piece, Span, Stepper, Steps, Tried, Work};
use crate::Real;

/// A state on its way through time.
pub(super) struct March<'m, R> {
    stepper: Box<dyn Stepper<R> + 'm>,
    steps: Steps,
    start: f64,
    /// The last step that was taken.
    pub span: Span,
    /// The states before and after it.
    pub before: Vec<R>,
    pub state: Vec<R>,
    error: Vec<R>,
    /// Whether a step was taken of which the stepper does not know yet.
    is_pending: bool,
    /// The next step of an adaptive march, once it is known.
    next: Option<f64>,
    /// The norm of the error of the step before.
    error_before: f64,
    work: Work,
}

impl<'m, R: Real> March<'m, R> {
    pub fn new(
        stepper: Box<dyn Stepper<R> + 'm>,
        steps: Steps,
        start: f64,
        initial: &[R],
    ) -> Result<Self, OdeError> {
        let (size, expected) = (initial.len(), stepper.n_state());
        if size != expected {
            return Err(OdeError::Size { what: "the initial state", size, expected });
        }
        match &steps {
            Steps::Fixed(h) if *h <= 0.0 || h.is_nan() => {
                return Err(OdeError::Argument { what: "the step", value: *h, must: "above 0" });
            }
            Steps::Fixed(_) => {}
            Steps::Adaptive(control) => {
                control.check()?;
                if stepper.error_order() == 0 {
                    let must = "fixed, as this method has no estimate of its error";
                    return Err(OdeError::Argument { what: "the step", value: 0.0, must });
                }
            }
        }
        let march = Self {
            stepper,
            steps,
            start,
            span: Span { t: start, end: start, ends_at_jump: false },
            before: initial.to_vec(),
            state: initial.to_vec(),
            error: vec![R::ZERO; size],
            is_pending: false,
            next: None,
            error_before: 1.0,
            work: Work::default(),
        };
        march.check_finite()?;
        Ok(march)
    }

    /// Where it is.
    pub fn now(&self) -> f64 {
        self.span.end
    }

    pub fn work(&self) -> Work {
        let mut work = self.stepper.work();
        work += self.work;
        work
    }

    /// Takes a step that does not lead beyond the limit, where the field may jump.
    pub fn step(&mut self, limit: f64, is_jump: bool) -> Result<(), OdeError> {
        self.settle();
        if self.span.ends_at_jump {
            self.stepper.made_jump();
        }
        std::mem::swap(&mut self.before, &mut self.state);
        match self.steps {
            Steps::Fixed(h) => self.fixed(h, limit, is_jump),
            Steps::Adaptive(control) => self.adaptive(&control, limit, is_jump),
        }?;
        self.work.steps += 1;
        self.is_pending = true;
        self.check_finite()
    }

    /// Takes the last step again, so that it ends at another time.
    pub fn end_at(&mut self, end: f64) -> Result<(), OdeError> {
        self.span = Span { end, ends_at_jump: false, ..self.span };
        self.attempt()
    }

    /// Whether the last step, if it has to end earlier, ends inside of its piece.
    pub fn ends_inside(&self) -> bool {
        self.stepper.ends_inside()
    }

    /// Ends the last step inside of its piece.
    pub fn end_inside(&mut self, end: f64, piece: &Piece<R>) {
        piece.at(end, &mut self.state);
        self.span = Span { end, ends_at_jump: false, ..self.span };
    }

    /// The states inside the last step.
    pub fn piece(&mut self, piece: &mut Piece<R>) {
        self.stepper.piece(&self.span, &self.before, &self.state, piece);
    }

    /// Tells the stepper that its step was taken.
    pub fn settle(&mut self) {
        if std::mem::take(&mut self.is_pending) {
            self.stepper.take();
        }
    }

    fn fixed(&mut self, h: f64, limit: f64, is_jump: bool) -> Result<(), OdeError> {
        let t = self.now();
        // A rounding more than a whole number of steps is not another step.
        let n = ((limit - t) / h * (1.0 - 1e-9)).ceil().max(1.0);
        let end = match n {
            1.0 => limit,
            f64::INFINITY => t + h,
            n => t + (limit - t) / n,
        };
        self.span = Span { t, end, ends_at_jump: is_jump && n == 1.0 };
        self.attempt()
    }

    fn attempt(&mut self) -> Result<(), OdeError> {
        let Self { stepper, span, before, state, error, .. } = self;
        stepper.attempt(span, Tried { before, after: state, error })
    }

    fn adaptive(&mut self, control: &Control, limit: f64, is_jump: bool) -> Result<(), OdeError> {
        let t = self.now();
        let mut h = match self.next {
            Some(h) => h,
            None => control.first(&mut *self.stepper, t, &self.before),
        };
        let (order, gains) = (self.stepper.error_order(), self.stepper.gains());
        loop {
            h = self.stepper.suited(h.min(control.largest_step));
            let left = limit - t;
            // Two equal steps rather than one and a tiny one.
            let length = if h >= left * (1.0 - 1e-12) { left } else { h.min(left / 2.0) };
            let is_last = length == left;
            let end = if is_last { limit } else { t + length };
            self.span = Span { t, end, ends_at_jump: is_last && is_jump };
            if end <= t || !h.is_finite() {
                return self.underflow(control, h);
            }
            if self.work.steps + self.work.rejected >= control.max_steps {
                let (steps, unit) =
                    (control.max_steps, control.error(&self.error, &self.before, &self.state).1);
                let (start, rtol, atol) = (self.start, control.rtol, control.atol);
                return Err(OdeError::TooManySteps {
                    steps,
                    start,
                    t,
                    end: limit,
                    unit,
                    step: h,
                    rtol,
                    atol,
                });
            }
            let solved = self.attempt();
            let error = match solved {
                Ok(()) => control.error(&self.error, &self.before, &self.state).0,
                // A shorter step may be one that can be solved.
                Err(OdeError::NotSolved { .. }) => f64::INFINITY,
                Err(other) => return Err(other),
            };
            let growth = control.growth(gains, error, self.error_before, order);
            let longer = length * growth;
            if error <= 1.0 {
                // A step that had to be short says nothing against a long one.
                self.next = Some(if length < h { longer.max(h) } else { longer });
                self.error_before = error.max(1e-4);
                return Ok(());
            }
            self.work.rejected += 1;
            h = longer;
        }
    }

    fn underflow(&mut self, control: &Control, step: f64) -> Result<(), OdeError> {
        self.check_finite()?;
        let t = self.span.t;
        let unit = control.error(&self.error, &self.before, &self.state).1;
        Err(OdeError::StepUnderflow { t, step, unit, rtol: control.rtol })
    }

    fn check_finite(&self) -> Result<(), OdeError> {
        match self.state.iter().position(|value| !value.is_finite()) {
            Some(unit) => Err(OdeError::NotFinite {
                unit,
                value: self.state[unit].to_f64(),
                t: self.now(),
                steps: self.work.steps,
            }),
            None => Ok(()),
        }
    }
}
