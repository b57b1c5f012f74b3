//! What one spike does to a potential, step by step, and how much two such answers differ.

/// The answer of a membrane to one unit of current that arrives once: with every step the current keeps the share
/// `alpha`, the potential the share `beta`, and the potential takes the current up,
///
/// ```text
/// h_0 = 1,   h_k = beta h_(k−1) + alpha^k      k = 1, 2, …
/// ```
///
/// so `alpha = 0` is a jump of the potential. The float network and the chip take the same steps with other shares.
/// All sums over steps have closed forms: `h_k` is the complete homogeneous symmetric polynomial of degree k of
/// `alpha` and `beta`, and Cauchy's identity gives their products. Nothing cancels where the two are equal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Response {
    /// The share of the current that is left after a step, in `[0, 1)`.
    pub alpha: f64,
    /// The share of the potential that is left after a step, in `[0, 1)`.
    pub beta: f64,
}

impl Response {
    /// `Σ_k h_k g_k` with another answer `g`.
    pub fn dot(self, other: Self) -> f64 {
        let (Self { alpha: a, beta: b }, Self { alpha: c, beta: d }) = (self, other);
        (1.0 - a * b * c * d) / ((1.0 - a * c) * (1.0 - a * d) * (1.0 - b * c) * (1.0 - b * d))
    }

    /// `Σ_k h_k²`.
    pub fn square(self) -> f64 {
        self.dot(self)
    }

    /// `Σ_k h_k`.
    pub fn sum(self) -> f64 {
        1.0 / ((1.0 - self.alpha) * (1.0 - self.beta))
    }

    /// The gain of this answer that comes nearest to `other` over all steps, by least squares.
    pub fn gain_towards(self, other: Self) -> f64 {
        self.dot(other) / self.square()
    }

    /// What is left of `other` beside this answer times the best gain, as a share of `other`'s sum of squares.
    pub fn residual(self, other: Self) -> f64 {
        let dot = self.dot(other);
        (1.0 - dot * dot / (self.square() * other.square())).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(response: Response) -> Vec<f64> {
        let (mut h, mut current) = (vec![1.0], 1.0);
        for k in 1..4000 {
            current *= response.alpha;
            h.push(response.beta * h[k - 1] + current);
        }
        h
    }

    #[test]
    fn closed_forms_are_the_sums_of_steps() {
        let responses = [(0.0, 0.9), (0.7, 0.7), (0.7, 0.700001), (0.98, 0.3), (0.2, 0.99), (0.0, 0.0)]
            .map(|(alpha, beta)| Response { alpha, beta });
        for h in responses {
            let sum: f64 = steps(h).iter().sum();
            assert!((h.sum() / sum - 1.0).abs() < 1e-12, "{h:?}");
            for g in responses {
                let dot: f64 = steps(h).iter().zip(steps(g)).map(|(a, b)| a * b).sum();
                assert!((h.dot(g) / dot - 1.0).abs() < 1e-12, "{h:?} {g:?}");
                let gain = h.gain_towards(g);
                let left: f64 = steps(h).iter().zip(steps(g)).map(|(a, b)| (gain * a - b).powi(2)).sum();
                assert!((h.residual(g) * g.square() - left).abs() < 1e-9 * g.square(), "{h:?} {g:?}");
            }
        }
    }
}
