//! The rate of a neuron by the mean and the variance of its input.

use std::f64::consts::PI;

use super::response::Response;

/// The input of a neuron, as shares of its threshold.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Drive {
    /// Mean of the potential above reset, if there were no threshold.
    pub mean: f64,
    /// Its variance.
    pub variance: f64,
}

impl Drive {
    /// Adds `spikes` a step, each of which starts an answer at `first`.
    pub fn add(&mut self, spikes: f64, first: f64, answer: Response) {
        self.mean += spikes * first * answer.sum();
        self.variance += spikes * first * first * answer.square();
    }
}

/// √2 |ζ(1/2)| / 2: how a current's time constant moves both ends of the integral (Fourcaud & Brunel 2002, with
/// α = √2 |ζ(1/2)|, ζ(1/2) = −1.4603545088).
const COLORED: f64 = 1.4603545088 * std::f64::consts::SQRT_2 / 2.0;

/// Beyond this end of the integral a neuron is silent: e^(−7²) of the membrane's rate.
const SILENT: f64 = 7.0;

/// The rate \[Hz\] of a neuron with these time constants \[ms\] (Siegert; `tau_syn` 0 for delta synapses).
pub(super) fn rate(drive: Drive, tau_m: f64, tau_syn: f64, t_ref: f64) -> f64 {
    let Drive { mean, variance } = drive;
    // White noise that gives the same variance: a current smooths some of it away.
    let sigma = (2.0 * variance * (tau_m + tau_syn) / tau_m).sqrt();
    if sigma < 1e-9 {
        return if mean <= 1.0 { 0.0 } else { 1000.0 / (t_ref + tau_m * libm::log(mean / (mean - 1.0))) };
    }
    let shift = COLORED * (tau_syn / tau_m).sqrt();
    let (low, high) = (-mean / sigma + shift, (1.0 - mean) / sigma + shift);
    if high > SILENT {
        return 0.0;
    }
    1000.0 / (t_ref + tau_m * PI.sqrt() * integral(low, high))
}

/// `∫ e^(y²) (1 + erf y) dy`, by Simpson's rule.
fn integral(low: f64, high: f64) -> f64 {
    const HALVES: u32 = 200;
    let h = (high - low) / f64::from(2 * HALVES);
    let at = |k: u32| integrand(low + f64::from(k) * h);
    let odd: f64 = (0..HALVES).map(|k| at(2 * k + 1)).sum();
    let even: f64 = (1..HALVES).map(|k| at(2 * k)).sum();
    h / 3.0 * (at(0) + at(2 * HALVES) + 4.0 * odd + 2.0 * even)
}

/// `e^(y²) (1 + erf y)`, also far below 0, where both factors leave the range of numbers.
fn integrand(y: f64) -> f64 {
    if y < -20.0 { -1.0 / (y * PI.sqrt()) * (1.0 - 0.5 / (y * y)) } else { libm::exp(y * y) * libm::erfc(-y) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_noise_it_is_the_rate_of_a_constant_input() {
        // tau_m ln(μ/(μ − 1)) between two spikes.
        let closed = 1000.0 / (2.0 + 10.0 * (1.5_f64 / 0.5).ln());
        for variance in [0.0, 1e-16, 1e-8] {
            let found = rate(Drive { mean: 1.5, variance }, 10.0, 0.0, 2.0);
            assert!((found / closed - 1.0).abs() < 1e-4, "{variance}: {found} and {closed}");
        }
        assert_eq!(rate(Drive { mean: 0.9, variance: 0.0 }, 10.0, 3.0, 2.0), 0.0);
    }

    #[test]
    fn the_integral_is_that_of_its_series() {
        // Series at 0: e^(y²)(1 + erf y) = 1 + 2y/√π + y² + …, so the integral to x is x + x²/√π + x³/3 + ….
        let x: f64 = 1e-3;
        let series = x + x * x / PI.sqrt() + x.powi(3) / 3.0;
        assert!((integral(0.0, x) / series - 1.0).abs() < 1e-9);
        // Both forms far below 0 meet.
        let (a, b) = (integrand(-20.0), integrand(-20.0 - 1e-9));
        assert!((a / b - 1.0).abs() < 1e-5, "{a} {b}");
    }

    #[test]
    fn more_input_and_more_noise_below_threshold_mean_more_spikes() {
        let of = |mean, variance| rate(Drive { mean, variance }, 20.0, 2.0, 2.0);
        assert!(of(0.6, 0.02) < of(0.7, 0.02) && of(0.6, 0.02) < of(0.6, 0.03) && of(2.0, 0.01) > 30.0);
        assert!(of(-100.0, 1.0) < 1e-6 && of(1e4, 1.0) < 500.0 && of(1e4, 1.0) > 490.0);
    }
}
