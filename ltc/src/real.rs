//! The numbers that units compute with, `f32` or `f64`, and the functions that they need.
//!
//! Every function uses only `+ − × ÷`, fused multiply-adds, selects and shifts of bits: no table, no branch,
//! no call. So a loop over them becomes vector code for whatever instructions the caller has enabled, and
//! every lane has the bits of the scalar code, on every machine.
//!
//! Idea: `x = k ln 2 + r` with `|r| ≤ ln 2/2`, so that `exp(x) = 2^k exp(r)`, and `exp(r)` is a polynomial.
//! A sigmoid is `1/(1 + exp(−z))`, a hyperbolic tangent `1 − 2/(1 + exp(2z))` (with a series near 0).

use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, DivAssign, Mul, MulAssign, Neg, Sub, SubAssign};

/// `f32` or `f64`.
pub trait Real:
    Copy
    + Debug
    + Default
    + Display
    + PartialEq
    + PartialOrd
    + Send
    + Sync
    + Sum
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + AddAssign
    + SubAssign
    + MulAssign
    + DivAssign
    + 'static
{
    /// 0.
    const ZERO: Self;
    /// 1.
    const ONE: Self;
    /// The nearest value to a double.
    fn of(x: f64) -> Self;
    /// The same value as a double.
    fn to_f64(self) -> f64;
    /// `self · a + b`, rounded once.
    fn mul_add(self, a: Self, b: Self) -> Self;
    /// `exp(self)`; what would be beyond the largest or below the smallest normal number is near that number.
    fn exp(self) -> Self;
    /// How far from 0 [`Real::logistic2_within`] may be asked.
    const LOGISTIC2_LIMIT: Self;
    /// [`Real::logistic2`] of a number whose size is at most [`Real::LOGISTIC2_LIMIT`], or NaN: the same bits,
    /// two operations less.
    fn logistic2_within(self) -> Self;
    /// Square root.
    fn sqrt(self) -> Self;
    /// Absolute value.
    fn abs(self) -> Self;
    /// Natural logarithm; one value at a time.
    fn ln(self) -> Self;
    /// Whether it is neither infinite nor NaN.
    fn is_finite(self) -> bool;

    /// `1/(1 + 2^self)`, the sigmoid of `−self · ln 2`: fewer operations than [`Real::sigmoid`], for callers
    /// that have the logarithm in their parameters.
    #[inline(always)]
    fn logistic2(self) -> Self {
        let x = if self > Self::LOGISTIC2_LIMIT { Self::LOGISTIC2_LIMIT } else { self };
        let x = if x < -Self::LOGISTIC2_LIMIT { -Self::LOGISTIC2_LIMIT } else { x };
        x.logistic2_within()
    }

    /// The larger of two; `other` if `self` is NaN.
    #[inline(always)]
    fn larger(self, other: Self) -> Self {
        if self > other { self } else { other }
    }

    /// The smaller of two; `other` if `self` is NaN.
    #[inline(always)]
    fn smaller(self, other: Self) -> Self {
        if self < other { self } else { other }
    }

    /// `1/(1 + exp(−self))`.
    #[inline(always)]
    fn sigmoid(self) -> Self {
        Self::ONE / (Self::ONE + (-self).exp())
    }

    /// Hyperbolic tangent.
    fn tanh(self) -> Self;

    /// `ln(1 + exp(self))`, one value at a time.
    fn softplus(self) -> Self;
}

/// `2^52 · 1.5`: a double of this size keeps no fraction, so adding it rounds to an integer, which then
/// stands in the lowest bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// The same with the bias of an exponent, so that shifting the lowest bits to it makes the power of two.
const BIASED_ROUNDER: f64 = ROUNDER + 1023.0;
/// ln 2 with 21 zeros at its end, so that a multiple by up to 2^20 is exact; and the rest of it.
const LN_2_HIGH: f64 = f64::from_bits(std::f64::consts::LN_2.to_bits() & !0x1f_ffff);
const LN_2_LOW: f64 = (std::f64::consts::LN_2 - LN_2_HIGH) + 2.319_046_813_846_299_6e-17;

/// `tanh(r ln 2/2) = r p(r²)/q(r²)` for |r| ≤ 1/2, so that `2^r = (q + r p)/(q − r p)`: a quotient that a sigmoid
/// has anyway, with half the operations of a polynomial for `2^r`. Interpolated at the zeros of Chebyshev's
/// polynomial, within a relative 1.7e-17 of `2^r`.
const HALF_TANH_P: [f64; 3] =
    [0.291_067_663_711_695_8, 0.003_884_101_810_015_095_4, 4.439_987_638_946_884e-6];
/// Made so that sum and difference are between 0.7 and 1, where a rounding is least, and the first one has zeros at
/// its end, so that small multiples are exact.
const HALF_TANH_Q: [f64; 3] = [0.839_843_75, 0.044_832_603_914_886_83, 0.000_192_262_612_182_248_67];

impl Real for f64 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const LOGISTIC2_LIMIT: Self = 1021.0;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        self
    }

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        f64::mul_add(self, a, b)
    }

    #[inline(always)]
    fn exp(self) -> Self {
        let x = self;
        let x = if x > 708.0 { 708.0 } else { x };
        let x = if x < -708.0 { -708.0 } else { x };
        let rounded = x.mul_add(std::f64::consts::LOG2_E, ROUNDER);
        let k = rounded - ROUNDER;
        let r = (-k).mul_add(LN_2_LOW, (-k).mul_add(LN_2_HIGH, x));
        // exp(r) by Taylor's series up to r^13/13!, whose rest is below 5e-18 for |r| ≤ ln 2/2.
        let p = r.mul_add(1.0 / 6_227_020_800.0, 1.0 / 479_001_600.0);
        let p = r.mul_add(p, 1.0 / 39_916_800.0);
        let p = r.mul_add(p, 1.0 / 3_628_800.0);
        let p = r.mul_add(p, 1.0 / 362_880.0);
        let p = r.mul_add(p, 1.0 / 40_320.0);
        let p = r.mul_add(p, 1.0 / 5_040.0);
        let p = r.mul_add(p, 1.0 / 720.0);
        let p = r.mul_add(p, 1.0 / 120.0);
        let p = r.mul_add(p, 1.0 / 24.0);
        let p = r.mul_add(p, 1.0 / 6.0);
        let p = r.mul_add(p, 0.5);
        let p = (r * r).mul_add(p, r);
        let s = f64::from_bits(1.0_f64.to_bits().wrapping_add(rounded.to_bits() << 52));
        s.mul_add(p, s)
    }

    #[inline(always)]
    fn logistic2_within(self) -> Self {
        let rounded = self + BIASED_ROUNDER;
        let r = self - (rounded - BIASED_ROUNDER);
        let square = r * r;
        let p = square.mul_add(HALF_TANH_P[2], HALF_TANH_P[1]);
        let rp = r * square.mul_add(p, HALF_TANH_P[0]);
        let q = square.mul_add(HALF_TANH_Q[2], HALF_TANH_Q[1]);
        let q = square.mul_add(q, HALF_TANH_Q[0]);
        let s = f64::from_bits(rounded.to_bits() << 52);
        let below = q - rp;
        below / s.mul_add(q + rp, below)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        f64::sqrt(self)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        f64::abs(self)
    }

    fn ln(self) -> Self {
        libm::log(self)
    }

    fn is_finite(self) -> bool {
        f64::is_finite(self)
    }

    #[inline(always)]
    fn tanh(self) -> Self {
        // tanh x = 1 − 2/(1 + e^2x) loses digits near 0, so e^2x − 1 = 2^k (p + 1) − 1 is used:
        // tanh |x| = m/(m + 2), m = e^(2|x|) − 1.
        let x = f64::abs(self);
        let x = if x > 20.0 { 20.0 } else { x };
        let x = x + x;
        let rounded = x.mul_add(std::f64::consts::LOG2_E, ROUNDER);
        let k = rounded - ROUNDER;
        let r = (-k).mul_add(LN_2_LOW, (-k).mul_add(LN_2_HIGH, x));
        let p = r.mul_add(1.0 / 6_227_020_800.0, 1.0 / 479_001_600.0);
        let p = r.mul_add(p, 1.0 / 39_916_800.0);
        let p = r.mul_add(p, 1.0 / 3_628_800.0);
        let p = r.mul_add(p, 1.0 / 362_880.0);
        let p = r.mul_add(p, 1.0 / 40_320.0);
        let p = r.mul_add(p, 1.0 / 5_040.0);
        let p = r.mul_add(p, 1.0 / 720.0);
        let p = r.mul_add(p, 1.0 / 120.0);
        let p = r.mul_add(p, 1.0 / 24.0);
        let p = r.mul_add(p, 1.0 / 6.0);
        let p = r.mul_add(p, 0.5);
        let p = (r * r).mul_add(p, r);
        let s = f64::from_bits(1.0_f64.to_bits().wrapping_add(rounded.to_bits() << 52));
        let m = s.mul_add(p, s - 1.0);
        let y = (m / (m + 2.0)).copysign(self);
        if self.is_nan() { self } else { y }
    }

    fn softplus(self) -> Self {
        libm::log1p(libm::exp(-f64::abs(self))) + self.max(0.0)
    }
}

/// `2^23 · 1.5`, as [`ROUNDER`].
const ROUNDER_F32: f32 = 12_582_912.0;
/// As [`BIASED_ROUNDER`].
const BIASED_ROUNDER_F32: f32 = ROUNDER_F32 + 127.0;
const LN_2_HIGH_F32: f32 = 0.693_359_4;
const LN_2_LOW_F32: f32 = -2.121_944_4e-4;

/// `(2^r − 1)/r` for |r| ≤ 1/2, fitted by Lawson's algorithm: `1 + r p(r)` is within a relative 1.1e-7 of `2^r`.
#[expect(clippy::approx_constant, reason = "the first is near ln 2, but not it")]
const EXP2_F32: [f32; 5] = [0.693_147, 0.240_222_42, 0.055_507_336, 0.009_671_517, 0.001_326_473_3];

/// `exp(r) − 1` for |r| ≤ ln 2/2, by Taylor's series up to r^7/7!, whose rest is below 6e-9.
#[inline(always)]
fn exp_m1_small_f32(r: f32) -> f32 {
    let p = r.mul_add(1.0 / 5_040.0, 1.0 / 720.0);
    let p = r.mul_add(p, 1.0 / 120.0);
    let p = r.mul_add(p, 1.0 / 24.0);
    let p = r.mul_add(p, 1.0 / 6.0);
    let p = r.mul_add(p, 0.5);
    (r * r).mul_add(p, r)
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    const ONE: Self = 1.0;
    const LOGISTIC2_LIMIT: Self = 125.0;

    #[inline(always)]
    fn of(x: f64) -> Self {
        x as f32
    }

    #[inline(always)]
    fn to_f64(self) -> f64 {
        f64::from(self)
    }

    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        f32::mul_add(self, a, b)
    }

    #[inline(always)]
    fn exp(self) -> Self {
        let x = self;
        let x = if x > 87.0 { 87.0 } else { x };
        let x = if x < -87.0 { -87.0 } else { x };
        let rounded = x.mul_add(std::f32::consts::LOG2_E, ROUNDER_F32);
        let k = rounded - ROUNDER_F32;
        let r = (-k).mul_add(LN_2_LOW_F32, (-k).mul_add(LN_2_HIGH_F32, x));
        let s = f32::from_bits(1.0_f32.to_bits().wrapping_add(rounded.to_bits() << 23));
        s.mul_add(exp_m1_small_f32(r), s)
    }

    #[inline(always)]
    fn logistic2_within(self) -> Self {
        let rounded = self + BIASED_ROUNDER_F32;
        let r = self - (rounded - BIASED_ROUNDER_F32);
        let p = r.mul_add(EXP2_F32[4], EXP2_F32[3]);
        let p = r.mul_add(p, EXP2_F32[2]);
        let p = r.mul_add(p, EXP2_F32[1]);
        let p = r.mul_add(p, EXP2_F32[0]);
        let p = r.mul_add(p, 1.0);
        let s = f32::from_bits(rounded.to_bits() << 23);
        1.0 / s.mul_add(p, 1.0)
    }

    #[inline(always)]
    fn sqrt(self) -> Self {
        f32::sqrt(self)
    }

    #[inline(always)]
    fn abs(self) -> Self {
        f32::abs(self)
    }

    fn ln(self) -> Self {
        libm::logf(self)
    }

    fn is_finite(self) -> bool {
        f32::is_finite(self)
    }

    #[inline(always)]
    fn tanh(self) -> Self {
        let x = f32::abs(self);
        let x = if x > 10.0 { 10.0 } else { x };
        let x = x + x;
        let rounded = x.mul_add(std::f32::consts::LOG2_E, ROUNDER_F32);
        let k = rounded - ROUNDER_F32;
        let r = (-k).mul_add(LN_2_LOW_F32, (-k).mul_add(LN_2_HIGH_F32, x));
        let s = f32::from_bits(1.0_f32.to_bits().wrapping_add(rounded.to_bits() << 23));
        let m = s.mul_add(exp_m1_small_f32(r), s - 1.0);
        let y = (m / (m + 2.0)).copysign(self);
        if self.is_nan() { self } else { y }
    }

    fn softplus(self) -> Self {
        libm::log1pf(libm::expf(-f32::abs(self))) + self.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(x: f64, expected: f64, relative: f64) -> Result<(), TestCaseError> {
        prop_assert!((x - expected).abs() <= relative * expected.abs(), "{x} against {expected}");
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn doubles_agree_with_libm(x in -700.0..700.0_f64, small in -25.0..25.0_f64, exponent in -300.0..1.0_f64) {
            close(Real::exp(x), libm::exp(x), 5e-16)?;
            close(Real::exp(small), libm::exp(small), 5e-16)?;
            close(Real::logistic2(x), 1.0 / (1.0 + libm::exp2(x)), 5e-16)?;
            close(Real::logistic2(small), 1.0 / (1.0 + libm::exp2(small)), 5e-16)?;
            prop_assert_eq!(x.logistic2_within().to_bits(), x.logistic2().to_bits());
            close(Real::sigmoid(small), 1.0 / (1.0 + libm::exp(-small)), 6e-16)?;
            close(Real::tanh(small), libm::tanh(small), 8e-16)?;
            let tiny = 10.0_f64.powf(exponent);
            close(Real::tanh(tiny), libm::tanh(tiny), 8e-16)?;
            close(Real::tanh(-tiny), -libm::tanh(tiny), 8e-16)?;
        }

        #[test]
        fn singles_agree_with_libm(x in -86.0..86.0_f32, small in -12.0..12.0_f32, exponent in -30.0..1.0_f32) {
            close(Real::exp(x).into(), libm::exp(x.into()), 2.5e-7)?;
            close(Real::logistic2(x).into(), 1.0 / (1.0 + libm::exp2(x.into())), 2.5e-7)?;
            close(Real::logistic2(small).into(), 1.0 / (1.0 + libm::exp2(small.into())), 2.5e-7)?;
            prop_assert_eq!(x.logistic2_within().to_bits(), x.logistic2().to_bits());
            close(Real::sigmoid(small).into(), 1.0 / (1.0 + libm::exp(-f64::from(small))), 3e-7)?;
            close(Real::tanh(small).into(), libm::tanh(small.into()), 3.5e-7)?;
            let tiny = 10.0_f32.powf(exponent);
            close(Real::tanh(tiny).into(), libm::tanh(tiny.into()), 3.5e-7)?;
        }
    }

    #[test]
    fn the_ends_of_the_range() {
        assert!(Real::exp(f64::NAN).is_nan() && Real::exp(f32::NAN).is_nan());
        // The payload of a NaN, as that of R's missing value, must not become an exponent.
        let missing = (f64::from_bits(0x7ff0_0000_0000_07a2), f32::from_bits(0x7fc0_07a2));
        assert!(Real::logistic2(missing.0).is_nan() && Real::logistic2(missing.1).is_nan());
        assert_eq!(
            (Real::logistic2(0.0_f64), Real::logistic2(-2.0_f32), Real::logistic2(1.0_f64)),
            (0.5, 0.8, 1.0 / 3.0)
        );
        assert_eq!((Real::logistic2(-f32::INFINITY), Real::logistic2(-1e9_f64)), (1.0, 1.0));
        assert!(Real::logistic2(f32::INFINITY) < 1e-37 && Real::logistic2(1e9_f64) < 1e-300);
        assert!(Real::tanh(f64::NAN).is_nan() && Real::sigmoid(f32::NAN).is_nan());
        assert_eq!((Real::sigmoid(f64::INFINITY), Real::tanh(f64::NEG_INFINITY)), (1.0, -1.0));
        assert!(Real::sigmoid(-1e9_f64) < 1e-300 && Real::sigmoid(-1e9_f32) < 1e-37);
        assert_eq!((Real::exp(0.0_f64), Real::tanh(0.0_f32), Real::sigmoid(0.0_f64)), (1.0, 0.0, 0.5));
        assert!((Real::softplus(0.0_f64) - std::f64::consts::LN_2).abs() < 1e-16);
        assert_eq!(Real::softplus(1e4_f64), 1e4);
    }
}
