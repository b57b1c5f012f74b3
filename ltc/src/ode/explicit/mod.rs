//! Explicit Runge–Kutta methods.
//!
//! A step evaluates the field once a stage; where a method ends at its last stage (FSAL), that is the first
//! stage of the next step. States inside a step come from the stages, where that costs nothing or little:
//!
//! | method | order | evaluations a step | states inside, order |
//! |---|---|---|---|
//! | Euler, Heun, midpoint, Heun 3, RK4, three eighths | 1 to 4 | 1, 2, 2, 3, 4, 4 | cubic, 3 (Heun, Euler: parabola, 2) |
//! | Heun and Fehlberg 2 as torchdiffeq has them | 2 | 1, 2 | quartic, 2 |
//! | Bogacki–Shampine | 3 | 3 | cubic, 3 |
//! | Dormand–Prince 5, Tsitouras 5 | 5 | 6 | quartic, 4 |
//! | Dormand–Prince 8 (DOP853) | 8 | 12, and 3 where states inside are asked for | 7 |
//!
//! Sources: Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I*, II.5; Shampine 1986,
//! doi 10.1090/S0025-5718-1986-0815836-3 (the middle of Dormand–Prince 5); Tsitouras 2011,
//! doi 10.1016/j.camwa.2011.06.002.

mod dop853;
mod inside;
mod tables;

pub use tables::{BOGACKI_SHAMPINE, DORMAND_PRINCE_5, FEHLBERG_2, HEUN_3, TSITOURAS_5};

use super::{Gains, OdeError, Piece, Solver, Span, Stepper, Tried, Work};
use crate::Real;
use crate::field::Field;
use crate::tableau::{self, Tableau};
use inside::Inside;

/// An explicit Runge–Kutta method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Explicit {
    pub(super) tableau: &'static Tableau,
    error_order: u32,
    inside: Inside,
    keeps_last: bool,
    gains: Gains,
}

/// Explicit Euler.
pub const EULER: Explicit = Explicit::fixed(&tableau::EULER, Inside::Parabola);
/// Heun's method of order 2; its estimate of the error compares it with Euler's.
pub const HEUN: Explicit = Explicit { error_order: 2, ..Explicit::fixed(&tableau::HEUN, Inside::Cubic) };
/// The explicit midpoint.
pub const MIDPOINT: Explicit = Explicit::fixed(&tableau::MIDPOINT, Inside::Cubic);
/// Heun's method of order 3.
pub const HEUN3: Explicit = Explicit::fixed(&HEUN_3, Inside::Cubic);
/// The classic method of order 4.
pub const RK4: Explicit = Explicit::fixed(&tableau::RK4, Inside::Cubic);
/// The rule of three eighths.
pub const THREE_EIGHTHS: Explicit = Explicit::fixed(&tableau::THREE_EIGHTHS, Inside::Cubic);
/// Fehlberg's method of order 2.
pub const FEHLBERG2: Explicit = Explicit { error_order: 2, ..Explicit::fixed(&FEHLBERG_2, Inside::Cubic) };
/// Heun's method as torchdiffeq has it, one evaluation a step: it [keeps](Explicit::keeping_last) the rate at
/// which Euler's method leads, and takes the middle of the step from Euler's method, too.
pub const ADAPTIVE_HEUN: Explicit =
    Explicit { inside: Inside::Quartic(&tables::MIDDLE_OF_EULER), ..HEUN.keeping_last() };
/// Fehlberg's method as torchdiffeq has it, two evaluations a step: it [keeps](Explicit::keeping_last) the rate of
/// its last stage.
pub const KEPT_FEHLBERG2: Explicit =
    Explicit { inside: Inside::Quartic(&tables::MIDDLE_OF_MIDPOINT), ..FEHLBERG2.keeping_last() };
/// Bogacki and Shampine's method of order 3.
pub const BOSH3: Explicit = Explicit { error_order: 3, ..Explicit::fixed(&BOGACKI_SHAMPINE, Inside::Cubic) };
/// Dormand and Prince's method of order 5.
pub const DOPRI5: Explicit = Explicit {
    error_order: 5,
    ..Explicit::fixed(&DORMAND_PRINCE_5, Inside::Quartic(&tables::MIDDLE_OF_DORMAND_PRINCE_5))
};
/// Tsitouras's method of order 5.
pub const TSIT5: Explicit = Explicit {
    error_order: 5,
    gains: Gains::SMOOTH,
    ..Explicit::fixed(&TSITOURAS_5, Inside::Powers(&tables::INSIDE_OF_TSITOURAS_5))
};
/// Dormand and Prince's method of order 8, with estimates of order 5 and 3.
pub const DOP853: Explicit =
    Explicit { error_order: 8, gains: Gains::SMOOTH, ..Explicit::fixed(&dop853::TABLEAU, Inside::Dop853) };

impl Explicit {
    const fn fixed(tableau: &'static Tableau, inside: Inside) -> Self {
        Self { tableau, error_order: 0, inside, keeps_last: false, gains: Gains::INTEGRAL }
    }

    /// The same method, whose next step begins with the rate of its last stage, although that is not where it
    /// ends: an evaluation less, for an error of the size of the estimate. For a method that ends at its last
    /// stage it changes nothing.
    pub const fn keeping_last(self) -> Self {
        Self { keeps_last: true, ..self }
    }

    pub(super) const fn keeps_last(&self) -> bool {
        self.keeps_last
    }

    /// Its numbers.
    pub const fn tableau(&self) -> &'static Tableau {
        self.tableau
    }
}

impl<R: Real, F: Field<R> + ?Sized> Solver<R, F> for Explicit {
    fn stepper<'f>(&self, field: &'f F) -> Box<dyn Stepper<R> + 'f> {
        let n = field.n_state();
        let zeros = vec![R::ZERO; n];
        Box::new(Stages {
            method: *self,
            ends_at_last: ends_at_last(self.tableau),
            field,
            n,
            stages: vec![R::ZERO; self.tableau.n_stages() * n],
            has_first: false,
            last: zeros.clone(),
            has_last: false,
            state: zeros,
            work: Work::default(),
        })
    }
}

/// Whether the last stage is where the step ends.
fn ends_at_last(tableau: &Tableau) -> bool {
    let last = tableau.n_stages() - 1;
    tableau.b[last] == 0.0 && tableau.a[last] == &tableau.b[..last]
}

struct Stages<'f, R, F: ?Sized> {
    method: Explicit,
    ends_at_last: bool,
    field: &'f F,
    n: usize,
    /// `[stages, state]`
    stages: Vec<R>,
    /// Whether the first stage is that of the next step to be tried.
    has_first: bool,
    /// The rate where the step ends.
    last: Vec<R>,
    has_last: bool,
    /// The state of a stage.
    state: Vec<R>,
    work: Work,
}

impl<R: Real, F: Field<R> + ?Sized> Stages<'_, R, F> {
    fn stage(&mut self, stage: usize, t: f64) {
        self.field.rate(t, &self.state, &mut self.stages[stage * self.n..(stage + 1) * self.n]);
        self.work.rates += 1;
    }

    /// Makes sure that there is the rate where the step ends.
    fn complete(&mut self, span: &Span, after: &[R]) {
        if !self.has_last {
            if self.ends_at_last || self.method.keeps_last {
                self.last.copy_from_slice(&self.stages[self.stages.len() - self.n..]);
            } else {
                self.field.rate(span.at(1.0), after, &mut self.last);
                self.work.rates += 1;
            }
            self.has_last = true;
        }
    }
}

/// Writes `before + h Σ w k`.
pub(super) fn combine<R: Real>(h: f64, weights: &[f64], stages: &[R], before: &[R], state: &mut [R]) {
    state.copy_from_slice(before);
    add_weighted(h, weights, stages, state);
}

/// Adds `h Σ w k`.
pub(super) fn add_weighted<R: Real>(h: f64, weights: &[f64], stages: &[R], state: &mut [R]) {
    for (weight, stage) in weights.iter().zip(stages.chunks_exact(state.len())) {
        if *weight != 0.0 {
            let weight = R::of(h * weight);
            state.iter_mut().zip(stage).for_each(|(state, k)| *state += weight * *k);
        }
    }
}

impl<R: Real, F: Field<R> + ?Sized> Stepper<R> for Stages<'_, R, F> {
    fn n_state(&self) -> usize {
        self.n
    }

    fn order(&self) -> u32 {
        self.method.tableau.order
    }

    fn error_order(&self) -> u32 {
        self.method.error_order
    }

    fn gains(&self) -> Gains {
        self.method.gains
    }

    fn rate(&mut self, t: f64, y: &[R], rate: &mut [R]) {
        self.field.rate(t, y, rate);
        self.work.rates += 1;
    }

    fn first(&mut self, t: f64, y: &[R]) -> &[R] {
        if !self.has_first {
            self.state.copy_from_slice(y);
            self.stage(0, t);
            self.has_first = true;
        }
        &self.stages[..self.n]
    }

    fn attempt(&mut self, span: &Span, tried: Tried<'_, R>) -> Result<(), OdeError> {
        let Tried { before, after, error } = tried;
        let Tableau { a, b, c, b_error, .. } = self.method.tableau;
        let h = span.length();
        self.has_last = false;
        self.first(span.t, before);
        for stage in 1..b.len() {
            combine(h, a[stage], &self.stages, before, &mut self.state);
            self.stage(stage, span.at(c[stage]));
        }
        match self.ends_at_last {
            true => after.copy_from_slice(&self.state),
            false => combine(h, b, &self.stages, before, after),
        }
        error.fill(R::ZERO);
        match (self.method.inside, b_error) {
            (Inside::Dop853, _) => dop853::error(h, &self.stages, error),
            (_, Some(weights)) => add_weighted(h, weights, &self.stages, error),
            (_, None) => {}
        }
        Ok(())
    }

    fn take(&mut self) {
        let (first, last) = (..self.n, self.stages.len() - self.n..);
        self.has_first = self.has_last || self.ends_at_last || self.method.keeps_last;
        if self.has_last {
            self.stages[first].copy_from_slice(&self.last);
        } else if self.has_first {
            self.stages.copy_within(last, 0);
        }
        self.has_last = false;
    }

    fn made_jump(&mut self) {
        self.has_first = false;
        self.has_last = false;
    }

    fn piece(&mut self, span: &Span, before: &[R], after: &[R], piece: &mut Piece<R>) {
        if self.method.inside != Inside::Parabola {
            self.complete(span, after);
        }
        let (h, n) = (span.length(), self.n);
        let first = &self.stages[..n];
        let (ends, slopes) = ([before, after], [first, &self.last[..]]);
        match self.method.inside {
            Inside::Parabola => piece.parabola(span, ends, first),
            Inside::Cubic => piece.cubic(span, ends, slopes),
            Inside::Quartic(weights) => {
                combine(h, weights, &self.stages, before, &mut self.state);
                piece.quartic(span, ends, &self.state, slopes);
            }
            Inside::Powers(rows) => inside::powers(span, rows, &self.stages, before, piece),
            Inside::Dop853 => {
                let field = |t: f64, y: &[R], rate: &mut [R]| self.field.rate(t, y, rate);
                self.work.rates += dop853::piece(span, field, &self.stages, &self.last, ends, piece);
            }
        }
    }

    fn work(&self) -> Work {
        self.work
    }
}
