//! How far two spike trains are from each other.

/// The square of van Rossum's distance of two trains, whose times rise: every spike becomes a decaying exponential,
/// and `D² = 2/τ ∫ (f − g)² dt`, so that a spike without a partner adds 1, and two that are far apart add 2.
///
/// `O(n + m)`, by sums that decay from spike to spike. M. C. W. van Rossum, Neural Computation 13 (2001),
/// doi:10.1162/089976601300014321; the sums are those of C. Houghton & T. Kreuz, Network 23 (2012),
/// doi:10.3109/0954898X.2012.673048.
///
/// ```
/// use rheobase_study::distance::van_rossum;
///
/// assert_eq!(van_rossum(&[3.0, 9.0], &[3.0, 9.0], 10.0), 0.0);
/// assert_eq!(van_rossum(&[3.0], &[], 10.0), 1.0);
/// // One shifted by t: 2 (1 − exp(−t / τ)).
/// let apart = 2.0 * (1.0 - (-0.5_f64).exp());
/// assert!((van_rossum(&[3.0], &[8.0], 10.0) - apart).abs() < 1e-12);
/// ```
pub fn van_rossum(a: &[f64], b: &[f64], tau: f64) -> f64 {
    // Spikes of both in one order; those of `b` count for −1. The integral is ½ Σ_ij s_i s_j exp(−|t_i − t_j| / τ) · τ.
    let (mut i, mut j) = (0, 0);
    let (mut trace, mut last, mut sum) = (0.0, f64::NEG_INFINITY, 0.0);
    while i < a.len() || j < b.len() {
        let is_a = j == b.len() || (i < a.len() && a[i] <= b[j]);
        let (t, sign) = if is_a { (a[i], 1.0) } else { (b[j], -1.0) };
        if is_a {
            i += 1
        } else {
            j += 1
        }
        trace *= (-(t - last) / tau).exp();
        sum += 1.0 + 2.0 * sign * trace;
        trace += sign;
        last = t;
    }
    // Equal trains leave rounding errors of either sign.
    f64::max(sum, 0.0)
}

/// How many spikes of two trains, whose times rise, can be paired with none further apart than `window`, every
/// spike in one pair at most.
///
/// `O(n + m)`: the earliest that can be paired is, which pairs as many as can be.
///
/// ```
/// use rheobase_study::distance::coincident;
///
/// assert_eq!(coincident(&[1.0, 5.0, 5.5], &[0.5, 5.2, 9.0], 0.5), 2);
/// ```
pub fn coincident(a: &[f64], b: &[f64], window: f64) -> usize {
    let (mut i, mut j, mut pairs) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let apart = a[i] - b[j];
        if apart.abs() <= window {
            (i, j, pairs) = (i + 1, j + 1, pairs + 1);
        } else if apart < 0.0 {
            i += 1;
        } else {
            j += 1;
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition: the integral of the squared difference, in small steps.
    fn by_integral(a: &[f64], b: &[f64], tau: f64) -> f64 {
        let dt = 1e-3;
        let filtered = |train: &[f64], t: f64| {
            let past = train.iter().filter(|spike| **spike <= t);
            past.map(|spike| (-(t - spike) / tau).exp()).sum::<f64>()
        };
        let middle = |k: usize| (k as f64 + 0.5) * dt;
        let squares = (0..100_000).map(middle).map(|t| (filtered(a, t) - filtered(b, t)).powi(2));
        2.0 / tau * squares.sum::<f64>() * dt
    }

    #[test]
    fn the_distance_is_that_of_its_definition() {
        let (a, b) = ([1.0, 4.0, 4.5, 20.0], [1.5, 4.0, 30.0]);
        let (quick, slow) = (van_rossum(&a, &b, 5.0), by_integral(&a, &b, 5.0));
        assert!((quick - slow).abs() < 1e-3 * slow, "{quick} {slow}");
        assert!((van_rossum(&a, &b, 5.0) - van_rossum(&b, &a, 5.0)).abs() < 1e-12);
        // With a short memory every spike without a partner counts for one.
        assert!((van_rossum(&a, &b, 1e-3) - 5.0).abs() < 1e-9);
        assert!(van_rossum(&a, &a, 5.0) < 1e-12);
    }

    #[test]
    fn pairs_are_as_many_as_can_be() {
        assert_eq!(coincident(&[1.0, 2.0], &[1.5, 2.5], 0.5), 2);
        assert_eq!(coincident(&[1.0, 1.1, 1.2], &[1.1], 0.5), 1);
        assert_eq!(coincident(&[], &[1.1], 0.5), 0);
    }
}
