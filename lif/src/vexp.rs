//! `exp(−x)` and `(1 − exp(−x))/x` for x ≥ 0, written so that a loop over them becomes vector code.
//!
//! A call to `libm` in a loop over neurons keeps the compiler from using vector instructions. These
//! two functions use only `+ − × ÷`, one comparison that becomes a select, and shifts of bits; no
//! table, no branch, no fused multiply-add. So LLVM vectorizes a loop over them for whatever
//! instructions the caller has enabled, and every lane has the bits of the scalar code.
//!
//! Idea: `x = k ln 2 + r` with `|r| ≤ ln 2/2`, so that `exp(−x) = 2^(−k) exp(−r)`. With the even
//! function `D(r) = r coth(r/2)`, `exp(−r) = (D − r)/(D + r)`, and so
//!
//! ```text
//! exp(−x)           = s (D − r)/(D + r)                       s = 2^(−k)
//! (1 − exp(−x))/x   = ((1 − s) + s 2r/(D + r))/x
//! ```
//!
//! Nothing cancels: for small x, k = 0 s = 1, and the second line is `2r/(D + r)/x`, near 1. The series
//! `D = Σ 2 B_2n/(2n)! r^2n` (Bernoulli numbers) loses a factor of 328 per term, `(ln 2/4π)²`; its
//! seventh term is below half a unit in the last place.
//!
//! Cost: about 30 operations, of which one and two are divisions. Error: at most 2 units in the last place
//! against multiprecision values (tested). For small x, k = 0, and the second function is `2/(D + x)`: 15
//! operations, of which one is a division.

/// `2^52 · 1.5`: a double of this size keeps no fraction, so adding it rounds to an integer, which
/// then stands in the lowest bits.
const ROUNDER: f64 = 6_755_399_441_055_744.0;
/// ln 2 with 21 zeros at its end, so that a multiple by up to 2^20 is exact; and the rest of it.
const LN_2_HIGH: f64 = f64::from_bits(std::f64::consts::LN_2.to_bits() & !0x1f_ffff);
const LN_2_LOW: f64 = (std::f64::consts::LN_2 - LN_2_HIGH) + 2.319_046_813_846_299_6e-17;
/// Beyond this `exp(−x)` counts as `exp(−700)`, about 1e-304.
const X_MAX: f64 = 700.0;
const ONE_BITS: u64 = 1.0_f64.to_bits();

/// `2^(−k)`, `r` and `D(r)` of `x = k ln 2 + r`.
#[inline(always)]
fn reduced(x: f64) -> (f64, f64, f64) {
    let x = if x > X_MAX { X_MAX } else { x };
    let rounded = x * std::f64::consts::LOG2_E + ROUNDER;
    let k = rounded - ROUNDER;
    let s = f64::from_bits(ONE_BITS.wrapping_sub(rounded.to_bits() << 52));
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    (s, r, d(r))
}

/// `r coth(r/2)` for `|r| ≤ ln 2/2`.
#[inline(always)]
fn d(r: f64) -> f64 {
    let r2 = r * r;
    // 2 B_2n/(2n)! for n = 1 … 6.
    let tail = 1.0 / 23_950_080.0 - r2 * (691.0 / 653_837_184_000.0);
    let tail = 1.0 / 15_120.0 - r2 * (1.0 / 604_800.0 - r2 * tail);
    2.0 + r2 * (1.0 / 6.0 - r2 * (1.0 / 360.0 - r2 * tail))
}

/// `exp(−x)` for x ≥ 0, within 2 units in the last place; `exp(−700)` for larger x.
#[inline(always)]
pub fn exp_neg(x: f64) -> f64 {
    let (s, r, d) = reduced(x);
    s - s * (2.0 * r / (d + r))
}

/// `(1 − exp(−x))/x` for x ≥ 0, which is 1 for x = 0; within 2 units in the last place.
///
/// The mean of `exp(−x s)` over s in \[0, 1\]: what is left of a constant drive after it has relaxed
/// with the integrated rate x.
#[inline(always)]
pub fn mean_exp_neg(x: f64) -> f64 {
    // The quotient of 0 and 0; any x this small gives 1.
    let x = if x < 1e-300 { 1e-300 } else { x };
    let (s, r, d) = reduced(x);
    ((1.0 - s) + s * (2.0 * r / (d + r))) / x
}

/// The largest x that [`mean_exp_neg_of_small`] is for.
pub const SMALL: f64 = 0.5 * std::f64::consts::LN_2;

/// `(1 − exp(−x))/x` for x in \[0, [`SMALL`]\], within 2 units in the last place.
#[inline(always)]
pub fn mean_exp_neg_of_small(x: f64) -> f64 {
    2.0 / (d(x) + x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// How many units in the last place `x` is from `expected`.
    fn ulps(x: f64, expected: f64) -> f64 {
        let unit = f64::from_bits(expected.to_bits() + 1) - expected;
        ((x - expected) / unit).abs()
    }

    /// Values with 40 digits from mpmath, each as a double and a rest: `lif/tests/reference.py`,
    /// section "exponentials".
    #[test]
    fn all_are_within_two_units_of_multiprecision_values() {
        let (mut worst_exp, mut worst_mean, mut worst_small) = (0.0_f64, 0.0_f64, 0.0_f64);
        for line in include_str!("../tests/exponentials.csv").lines().skip(1) {
            let fields: Vec<f64> = line.split(',').map(|field| field.parse().unwrap()).collect();
            let [x, exp, exp_rest, mean, mean_rest] = fields[..] else { panic!("{line}") };
            let error = |value: f64, expected: f64, rest: f64| {
                let unit = f64::from_bits(expected.to_bits() + 1) - expected;
                (((value - expected) - rest) / unit).abs()
            };
            worst_exp = worst_exp.max(error(exp_neg(x), exp, exp_rest));
            worst_mean = worst_mean.max(error(mean_exp_neg(x), mean, mean_rest));
            if x <= SMALL {
                worst_small = worst_small.max(error(mean_exp_neg_of_small(x), mean, mean_rest));
            }
        }
        println!("largest errors: exp {worst_exp}, mean {worst_mean}, {worst_small} units in the last place");
        assert!(worst_exp <= 2.0 && worst_mean <= 2.0, "exp {worst_exp}, mean {worst_mean}");
        assert!(worst_small > 0.0 && worst_small <= 2.0, "mean of small ones {worst_small}");
    }

    #[test]
    fn the_ends_of_the_range() {
        assert_eq!((exp_neg(0.0), mean_exp_neg(0.0), mean_exp_neg_of_small(0.0)), (1.0, 1.0, 1.0));
        assert_eq!(mean_exp_neg(5e-324), 1.0);
        assert_eq!((exp_neg(1e300), mean_exp_neg(1e300)), (exp_neg(700.0), 1e-300));
        assert!(exp_neg(f64::NAN).is_nan() && mean_exp_neg(f64::NAN).is_nan());
        assert!(ulps(exp_neg(700.0), libm::exp(-700.0)) <= 2.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// They are the same function.
        #[test]
        fn means_of_small_ones_agree(x in 0.0..=SMALL) {
            prop_assert!(ulps(mean_exp_neg_of_small(x), mean_exp_neg(x)) <= 4.0, "mean at {x}");
        }

        /// `libm` itself is within one unit, its quotient within two.
        #[test]
        fn both_agree_with_libm(exponent in -320.0..2.845_f64) {
            let x = 10.0_f64.powf(exponent);
            prop_assert!(ulps(exp_neg(x), libm::exp(-x)) <= 3.0, "exp(-{x})");
            prop_assert!(ulps(mean_exp_neg(x), -libm::expm1(-x) / x) <= 4.0 || x < 1e-300, "mean at {x}");
        }
    }
}
