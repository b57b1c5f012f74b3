//! Numbers with a derivative: x + x' ε, ε² = 0.
//!
//! What runs with them has the derivative of every number that it computes, by the rules of calculus one operation
//! after the other, and shares nothing with derivatives that are written by hand.

use std::cmp::Ordering;
use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

use rheobase_ltc::Real;

/// A number and its derivative.
#[derive(Debug, Clone, Copy, Default)]
pub struct Dual {
    pub value: f64,
    pub slope: f64,
}

impl Dual {
    /// f(x), given f and f' there.
    fn through(self, value: f64, slope: f64) -> Self {
        Self { value, slope: slope * self.slope }
    }
}

impl fmt::Display for Dual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} + {} ε", self.value, self.slope)
    }
}

impl PartialEq for Dual {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl PartialOrd for Dual {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.value.partial_cmp(&other.value)
    }
}

impl Add for Dual {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self { value: self.value + other.value, slope: self.slope + other.slope }
    }
}

impl Sub for Dual {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self { value: self.value - other.value, slope: self.slope - other.slope }
    }
}

impl Mul for Dual {
    type Output = Self;
    fn mul(self, other: Self) -> Self {
        let slope = self.slope * other.value + self.value * other.slope;
        Self { value: self.value * other.value, slope }
    }
}

impl Div for Dual {
    type Output = Self;
    fn div(self, other: Self) -> Self {
        let value = self.value / other.value;
        Self { value, slope: (self.slope - value * other.slope) / other.value }
    }
}

impl Neg for Dual {
    type Output = Self;
    fn neg(self) -> Self {
        Self { value: -self.value, slope: -self.slope }
    }
}

impl AddAssign for Dual {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Dual {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl MulAssign for Dual {
    fn mul_assign(&mut self, other: Self) {
        *self = *self * other;
    }
}

impl DivAssign for Dual {
    fn div_assign(&mut self, other: Self) {
        *self = *self / other;
    }
}

impl Sum for Dual {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::ZERO, Add::add)
    }
}

impl Real for Dual {
    const ZERO: Self = Self { value: 0.0, slope: 0.0 };
    const ONE: Self = Self { value: 1.0, slope: 0.0 };
    const LOGISTIC2_LIMIT: Self = Self { value: f64::LOGISTIC2_LIMIT, slope: 0.0 };

    fn of(x: f64) -> Self {
        Self { value: x, slope: 0.0 }
    }

    fn to_f64(self) -> f64 {
        self.value
    }

    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }

    fn exp(self) -> Self {
        let value = Real::exp(self.value);
        self.through(value, value)
    }

    fn logistic2_within(self) -> Self {
        let value = self.value.logistic2_within();
        self.through(value, -std::f64::consts::LN_2 * value * (1.0 - value))
    }

    fn sqrt(self) -> Self {
        let value = self.value.sqrt();
        self.through(value, 0.5 / value)
    }

    fn abs(self) -> Self {
        if self.value < 0.0 { -self } else { self }
    }

    fn ln(self) -> Self {
        self.through(Real::ln(self.value), 1.0 / self.value)
    }

    fn is_finite(self) -> bool {
        self.value.is_finite() && self.slope.is_finite()
    }

    fn tanh(self) -> Self {
        let value = Real::tanh(self.value);
        self.through(value, 1.0 - value * value)
    }

    fn softplus(self) -> Self {
        self.through(Real::softplus(self.value), Real::sigmoid(self.value))
    }
}
