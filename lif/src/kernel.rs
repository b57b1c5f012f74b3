//! Responses of the membrane to decaying currents, without cancellation.
//!
//! With `λm = 1/tau_m` and `λs = 1/tau_syn` the membrane's answer to a current `exp(−λs t)` is
//! `(exp(−λm t) − exp(−λs t)) / (c_m (λs − λm))`: 0/0 where the time constants are equal, and all
//! digits lost where they nearly are. Written with the slower rate in front,
//! `t exp(−λslow t) φ1((λfast − λslow) t) / c_m` with `φ1(x) = (1 − exp(−x))/x`,
//! every factor is smooth and nothing cancels or overflows.

use libm::{exp, expm1};

/// `(1 − e^(−x))/x` for x ≥ 0.
fn phi1(x: f64) -> f64 {
    if x < 1e-300 { 1.0 } else { -expm1(-x) / x }
}

/// `(1 − (1 + x) e^(−x))/x²` for x ≥ 0: its series is Σ (−x)^k (k+1)/(k+2)!.
fn phi2(x: f64) -> f64 {
    if x < 0.5 {
        let (mut term, mut sum) = (0.5, 0.0);
        for k in 0..16 {
            let k = f64::from(k);
            sum += term;
            term *= -x * (k + 2.0) / ((k + 1.0) * (k + 3.0));
        }
        sum
    } else {
        (1.0 - (1.0 + x) * exp(-x)) / (x * x)
    }
}

/// `(e^(−x) − 1 + x)/x²` for x ≥ 0: its series is Σ (−x)^k/(k+2)!.
fn phi3(x: f64) -> f64 {
    if x < 0.5 {
        let (mut term, mut sum) = (0.5, 0.0);
        for k in 0..14 {
            sum += term;
            term *= -x / (f64::from(k) + 3.0);
        }
        sum
    } else {
        (exp(-x) - 1.0 + x) / (x * x)
    }
}

/// The membrane's answer \[mV\] after `t` to a current of 1 pA that decays with `tau_syn` (NEST's P21).
pub(crate) fn exp_response(t: f64, tau_m: f64, c_m: f64, tau_syn: f64) -> f64 {
    let (slow, fast) = (1.0 / tau_m.max(tau_syn), 1.0 / tau_m.min(tau_syn));
    t * exp(-slow * t) * phi1((fast - slow) * t) / c_m
}

/// The membrane's answer \[mV\] after `t` to a current `t exp(−t/tau_syn)` \[pA\] (NEST's P31).
pub(crate) fn alpha_response(t: f64, tau_m: f64, c_m: f64, tau_syn: f64) -> f64 {
    let (rate_m, rate_s) = (1.0 / tau_m, 1.0 / tau_syn);
    if rate_s >= rate_m {
        t * t * exp(-rate_m * t) * phi2((rate_s - rate_m) * t) / c_m
    } else {
        t * t * exp(-rate_s * t) * phi3((rate_m - rate_s) * t) / c_m
    }
}

/// The largest value of [`exp_response`] over all times \[mV/pA\].
pub(crate) fn exp_response_peak(tau_m: f64, c_m: f64, tau_syn: f64) -> f64 {
    let ratio = tau_m / tau_syn;
    // ln(ratio)/(ratio − 1), which is 1 at ratio = 1.
    let x = ratio - 1.0;
    let log_over = if x.abs() < 1e-300 { 1.0 } else { libm::log1p(x) / x };
    exp_response(tau_m * log_over, tau_m, c_m, tau_syn)
}

/// An upper bound of [`alpha_response`] over all times \[mV ms/pA\], by
/// `t exp(−t/τ) ≤ (2τ/e) exp(−t/2τ)`.
pub(crate) fn alpha_response_bound(tau_m: f64, c_m: f64, tau_syn: f64) -> f64 {
    2.0 * tau_syn / std::f64::consts::E * exp_response_peak(tau_m, c_m, 2.0 * tau_syn)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values with 30 digits from mpmath: `lif/tests/reference.py`, section "responses".
    #[test]
    fn responses_match_multiprecision_values() {
        for line in include_str!("../tests/responses.csv").lines().skip(1) {
            let x: Vec<f64> = line.split(',').map(|field| field.parse().unwrap()).collect();
            let [t, tau_m, c_m, tau_syn, expected_exp, expected_alpha] = x[..] else { panic!("{line}") };
            let exp = exp_response(t, tau_m, c_m, tau_syn);
            let alpha = alpha_response(t, tau_m, c_m, tau_syn);
            assert!((exp / expected_exp - 1.0).abs() < 4e-14, "exp {line}: {exp}");
            assert!((alpha / expected_alpha - 1.0).abs() < 4e-14, "alpha {line}: {alpha}");
            assert!(exp <= exp_response_peak(tau_m, c_m, tau_syn) * (1.0 + 1e-12), "peak {line}");
            assert!(alpha <= alpha_response_bound(tau_m, c_m, tau_syn), "bound {line}");
        }
    }
}
