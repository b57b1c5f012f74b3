//! How long steps are.

use crate::Real;

use super::{OdeError, Stepper};

/// How long steps are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Steps {
    /// All of this length, or a little shorter, so that a whole number of them leads to where to land.
    Fixed(f64),
    /// As long as the estimate of the error allows.
    Adaptive(Control),
}

/// How an estimate of the error is made one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Norm {
    /// The root of the mean square, over units.
    #[default]
    Rms,
    /// The largest.
    Max,
}

/// How much the errors of the last two steps count for the length of the next.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gains {
    /// How much the error of the step itself counts.
    pub integral: f64,
    /// How much its change counts: 0 for a controller of the integral alone, more for smoother steps.
    pub proportional: f64,
}

impl Gains {
    /// The integral alone.
    pub const INTEGRAL: Self = Self { integral: 1.0, proportional: 0.0 };
    /// Fewer steps are rejected where lengths are bound by stability, or where one step says little of the next
    /// because both are long: Hairer & Wanner, *Solving Ordinary Differential Equations II*, IV.2, with
    /// `beta` = 0.04 at order 5.
    pub const SMOOTH: Self = Self { integral: 0.65, proportional: 0.2 };
}

/// Control of the step by the estimate of the error.
///
/// The error of unit i is measured in `atol + rtol · max(|y_i|, |y_i'|)`; a step is taken if the norm e is at most 1.
/// With k the power of h in the estimate and e' the norm before, the next step is longer by
/// `safety · e^(−(integral + proportional)/k) · e'^(proportional/k)`, between `least_growth` and `largest_growth`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Control {
    /// Relative tolerance, ≥ 0.
    pub rtol: f64,
    /// Absolute tolerance, > 0.
    pub atol: f64,
    /// Steps that may be tried.
    pub max_steps: usize,
    /// The first step; chosen from the field if it is not given.
    pub first_step: Option<f64>,
    /// No step is longer.
    pub largest_step: f64,
    /// How far to stay away from a step of error 1.
    pub safety: f64,
    /// By how much a step may be longer than the one before.
    pub largest_growth: f64,
    /// By how much it may be shorter.
    pub least_growth: f64,
    /// How much errors count; as the method has it if it is not given.
    pub gains: Option<Gains>,
    /// How errors of units are made one number.
    pub norm: Norm,
}

impl Control {
    /// These tolerances, the rest as usual.
    pub fn new(rtol: f64, atol: f64) -> Self {
        Self { rtol, atol, ..Self::default() }
    }

    /// # Errors
    /// If something is out of its range.
    pub(super) fn check(&self) -> Result<(), OdeError> {
        let Self { rtol, atol, largest_step, safety, largest_growth, least_growth, .. } = *self;
        let finite = "finite and at least 0";
        let checks = [
            ("rtol", rtol, rtol >= 0.0 && rtol.is_finite(), finite),
            ("atol", atol, atol > 0.0 && atol.is_finite(), "finite and above 0"),
            (
                "the first step",
                self.first_step.unwrap_or(1.0),
                self.first_step.is_none_or(|h| h > 0.0),
                "above 0",
            ),
            ("the largest step", largest_step, largest_step > 0.0, "above 0"),
            ("safety", safety, safety > 0.0 && safety <= 1.0, "above 0 and at most 1"),
            ("the largest growth", largest_growth, largest_growth > 1.0, "above 1"),
            ("the least growth", least_growth, least_growth > 0.0 && least_growth < 1.0, "between 0 and 1"),
        ];
        match checks.into_iter().find(|(_, _, is_right, _)| !is_right) {
            Some((what, value, _, must)) => Err(OdeError::Argument { what, value, must }),
            None => Ok(()),
        }
    }

    /// The norm of an estimate, and the unit with the largest part in it.
    pub(super) fn error<R: Real>(&self, error: &[R], before: &[R], after: &[R]) -> (f64, usize) {
        let (mut sum, mut largest, mut unit) = (0.0, 0.0_f64, 0);
        for (k, error) in error.iter().enumerate() {
            let size = before[k].abs().to_f64().max(after[k].abs().to_f64());
            let scaled = error.to_f64() / (self.atol + self.rtol * size);
            sum += scaled * scaled;
            if scaled.abs() > largest || scaled.is_nan() {
                (largest, unit) = (scaled.abs(), k);
            }
        }
        match self.norm {
            Norm::Rms => ((sum / error.len().max(1) as f64).sqrt(), unit),
            Norm::Max if sum.is_nan() => (sum, unit),
            Norm::Max => (largest, unit),
        }
    }

    /// How much longer the next step is, with the gains of the method if no others are given.
    pub(super) fn growth(&self, gains: Gains, error: f64, before: f64, order: u32) -> f64 {
        if error == 0.0 {
            return self.largest_growth;
        }
        if !error.is_finite() {
            return self.least_growth;
        }
        let Gains { proportional, integral } = self.gains.unwrap_or(gains);
        let power = 1.0 / f64::from(order);
        let now = libm::pow(error, -power * (integral + proportional));
        let earlier = if proportional == 0.0 { 1.0 } else { libm::pow(before, power * proportional) };
        // A step that was taken is not followed by a much shorter one.
        let least = if error < 1.0 { 1.0 } else { self.least_growth };
        (self.safety * now * earlier).max(least).min(self.largest_growth)
    }

    /// A first step: Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I*, II.4.
    pub(super) fn first<R: Real>(&self, stepper: &mut dyn Stepper<R>, t: f64, y: &[R]) -> f64 {
        if let Some(first) = self.first_step {
            return first;
        }
        let norm = |values: &[R]| self.error(values, y, y).0;
        let rate = stepper.first(t, y).to_vec();
        let (size, speed) = (norm(y), norm(&rate));
        let guess = if size < 1e-5 || speed < 1e-5 { 1e-6 } else { 0.01 * size / speed };
        let moved: Vec<R> = y.iter().zip(&rate).map(|(y, f)| *y + R::of(guess) * *f).collect();
        let mut later = vec![R::ZERO; y.len()];
        stepper.rate(t + guess, &moved, &mut later);
        later.iter_mut().zip(&rate).for_each(|(later, rate)| *later -= *rate);
        let bend = norm(&later) / guess;
        let fastest = speed.max(bend);
        let step = match fastest <= 1e-15 {
            true => (guess * 1e-3).max(1e-6),
            false => libm::pow(0.01 / fastest, 1.0 / f64::from(stepper.error_order())),
        };
        (100.0 * guess).min(step)
    }
}

impl Default for Control {
    fn default() -> Self {
        Self {
            rtol: 1e-6,
            atol: 1e-8,
            max_steps: 100_000,
            first_step: None,
            largest_step: f64::INFINITY,
            safety: 0.9,
            largest_growth: 10.0,
            least_growth: 0.2,
            gains: None,
            norm: Norm::default(),
        }
    }
}
