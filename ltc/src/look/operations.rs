//! The arithmetic of a step, counted while the cell's own code runs.
//!
//! A step is taken with numbers that count what is done with them. So the counts are those of the code that
//! computes, and no second description of it has to be kept true.

use std::cell::Cell as Counter;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use serde::{Deserialize, Serialize};

use crate::Real;
use crate::cell::{Cell, LANES, Step, splat};

/// What a sample costs in a step.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Operations {
    /// Sigmoids, hyperbolic tangents, exponentials and logarithms.
    pub functions: f64,
    /// Multiplications with the addition that is fused to them, other multiplications, and other additions.
    pub multiply_adds: f64,
    /// Divisions and square roots.
    pub divisions: f64,
}

/// The operations of a step of a cell, a sample's share of them.
///
/// Work that is done once for [`LANES`] samples counts a sixteenth, so counts need not be whole.
pub fn operations(cell: &dyn Cell<Counted>, parameters: &[f64]) -> Operations {
    let raw: Vec<Counted> = parameters.iter().map(|x| Counted(*x)).collect();
    let effective = cell.effective(&raw);
    let lanes = |n: usize| vec![splat(Counted(0.5)); n];
    let (inputs, before, elapsed) = (lanes(cell.n_inputs()), lanes(cell.n_state()), splat(Counted(1.0)));
    let (mut after, mut outputs) = (lanes(cell.n_state()), lanes(cell.n_outputs()));
    let mut kept = lanes(cell.n_kept());
    TALLY.set([0; 3]);
    cell.step(
        &effective,
        Step {
            inputs: &inputs,
            elapsed: &elapsed,
            masks: None,
            before: &before,
            after: &mut after,
            outputs: &mut outputs,
            kept: &mut kept,
        },
    );
    let [functions, multiply_adds, divisions] = TALLY.get().map(|n| n as f64 / LANES as f64);
    Operations { functions, multiply_adds, divisions }
}

thread_local! {
    /// Functions, multiply-adds, divisions.
    static TALLY: Counter<[u64; 3]> = const { Counter::new([0; 3]) };
}

fn count(what: usize) {
    let mut tally = TALLY.get();
    tally[what] += 1;
    TALLY.set(tally);
}

fn function() {
    count(0);
}

fn multiply_add() {
    count(1);
}

fn division() {
    count(2);
}

/// A double that counts what is done with it, for [`operations`].
#[derive(Clone, Copy, Default, PartialEq, PartialOrd)]
pub struct Counted(f64);

impl Real for Counted {
    const ZERO: Self = Self(0.0);
    const ONE: Self = Self(1.0);
    const LOGISTIC2_LIMIT: Self = Self(f64::LOGISTIC2_LIMIT);

    fn of(x: f64) -> Self {
        Self(x)
    }

    fn to_f64(self) -> f64 {
        self.0
    }

    fn mul_add(self, a: Self, b: Self) -> Self {
        multiply_add();
        Self(self.0.mul_add(a.0, b.0))
    }

    fn exp(self) -> Self {
        function();
        Self(Real::exp(self.0))
    }

    fn logistic2_within(self) -> Self {
        function();
        Self(self.0.logistic2_within())
    }

    fn sqrt(self) -> Self {
        division();
        Self(self.0.sqrt())
    }

    fn abs(self) -> Self {
        Self(self.0.abs())
    }

    fn ln(self) -> Self {
        function();
        Self(Real::ln(self.0))
    }

    fn is_finite(self) -> bool {
        self.0.is_finite()
    }

    fn sigmoid(self) -> Self {
        function();
        Self(self.0.sigmoid())
    }

    fn tanh(self) -> Self {
        function();
        Self(Real::tanh(self.0))
    }

    fn softplus(self) -> Self {
        function();
        Self(self.0.softplus())
    }
}

impl Add for Counted {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        multiply_add();
        Self(self.0 + other.0)
    }
}

impl Sub for Counted {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        multiply_add();
        Self(self.0 - other.0)
    }
}

impl Mul for Counted {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        multiply_add();
        Self(self.0 * other.0)
    }
}

impl Div for Counted {
    type Output = Self;

    fn div(self, other: Self) -> Self {
        division();
        Self(self.0 / other.0)
    }
}

impl Neg for Counted {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Counted {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Counted {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Counted {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl DivAssign for Counted {
    fn div_assign(&mut self, other: Self) {
        *self = *self / other;
    }
}

impl Sum for Counted {
    fn sum<I: Iterator<Item = Self>>(values: I) -> Self {
        values.fold(Self(0.0), Add::add)
    }
}

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
