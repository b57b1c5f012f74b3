//! Scale free: Chung and Lu's graph with degrees of a power law.

use serde::{Deserialize, Serialize};

use super::{Ends, Streams};
use crate::generate::draw::Skip;
use crate::generate::rows::{self, Rows};

/// A random graph whose expected degrees follow a power law: `P(degree > x) ~ x^(1 − exponent)`.
///
/// Source i has the expected out-degree w_i, target j the expected in-degree v_j, both falling with the
/// index as `(i + i0)^(−1/(exponent − 1))`, and the pair is joined with probability `w_i v_j / S`, where
/// S is the sum of the w and of the v. So node 0 is the greatest hub, both ways: the directed form of
/// Chung & Lu. The offset i0 is the smallest from 1 on that keeps `w_0 v_0 ≤ S`, so that no probability is
/// above 1 and the expected degrees are met. Along a row the probabilities fall, so the next synapse is
/// found by a geometric skip with the last probability, kept with the ratio of the two (Miller & Hagberg).
///
/// Cost `O(sources + targets + synapses)`. Invariants: no multapses; rows are sorted as they are drawn; the
/// mean out-degree is `mean_degree`, less what autapses would have been where they are not allowed. Sources:
/// Chung & Lu 2002, doi 10.1007/PL00012580; Miller & Hagberg 2011, doi 10.1007/978-3-642-21286-4_10.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScaleFree {
    /// The mean out-degree, ≥ 0, at most the number of targets.
    pub mean_degree: f64,
    /// The exponent of the power law, > 2.
    pub exponent: f64,
}

impl ScaleFree {
    pub(super) fn faults(&self, ends: &Ends<'_>) -> Vec<String> {
        let mut faults = Vec::new();
        let (mean, n) = (self.mean_degree, ends.n_targets);
        if !(0.0..=f64::from(n)).contains(&mean) {
            faults.push(format!("mean_degree is {mean}, and must be from 0 to the {n} targets"));
        }
        if !(self.exponent.is_finite() && self.exponent > 2.0) {
            faults
                .push(format!("exponent is {}, and must be above 2, or the mean is infinite", self.exponent));
        }
        faults
    }

    /// The expected out-degrees and in-degrees.
    pub(super) fn expected_degrees(&self, n_sources: u32, n_targets: u32) -> (Vec<f64>, Vec<f64>) {
        let steepness = 1.0 / (self.exponent - 1.0);
        let offset = self.offset(steepness, n_sources, n_targets);
        let total = self.mean_degree * f64::from(n_sources);
        let degrees = |n: u32| {
            let shape = |i: u32| libm::pow(f64::from(i) / f64::from(n) + offset, -steepness);
            let mut degrees: Vec<f64> = (0..n).map(shape).collect();
            let scale = total / degrees.iter().sum::<f64>();
            degrees.iter_mut().for_each(|degree| *degree *= scale);
            degrees
        };
        (degrees(n_sources), degrees(n_targets))
    }

    /// The offset i0/n, the same at both ends, by bisection on its logarithm.
    ///
    /// With sums taken as integrals the greatest degree is `peak` times the mean one, and
    /// `w_0 v_0 ≤ S` says `peak² ≤ n_targets / mean_degree`.
    fn offset(&self, steepness: f64, n_sources: u32, n_targets: u32) -> f64 {
        let rest = 1.0 - steepness;
        let peak = |x: f64| rest * libm::pow(x, -steepness) / (libm::pow(1.0 + x, rest) - libm::pow(x, rest));
        let limit = libm::sqrt(f64::from(n_targets) / self.mean_degree);
        let least = 1.0 / f64::from(n_sources.min(n_targets));
        if peak(least) <= limit {
            return least;
        }
        let (mut low, mut high) = (libm::log(least), libm::log(1e6));
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if peak(libm::exp(middle)) <= limit { high = middle } else { low = middle }
        }
        libm::exp(high)
    }

    pub(super) fn rows(&self, ends: &Ends<'_>, streams: Streams) -> Rows {
        let (out_degree, in_degree) = self.expected_degrees(ends.n_sources, ends.n_targets);
        let total = self.mean_degree * f64::from(ends.n_sources);
        rows::by_source(ends.n_sources, total, |source, targets| {
            let probability =
                |target: usize| (out_degree[source as usize] * in_degree[target] / total).min(1.0);
            if total == 0.0 {
                return;
            }
            let mut stream = streams.connect(source);
            let mut last = probability(0);
            let mut at = Skip::new(last).draw(&mut stream);
            while at < f64::from(ends.n_targets) {
                let target = at as u32;
                let p = probability(target as usize);
                let own = ends.without_self() && target == source;
                if stream.open01() * last < p && !own {
                    targets.push(target);
                }
                last = p;
                at += 1.0 + Skip::new(last).draw(&mut stream);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ends(n_sources: u32, n_targets: u32, same: bool) -> Ends<'static> {
        let (allow_autapses, allow_multapses) = (false, false);
        Ends { n_sources, n_targets, same, allow_autapses, allow_multapses, source_at: None, target_at: None }
    }

    /// Degrees fall as (i + i0)^(−1/(γ−1)), sum to the mean degree, and no probability is above 1.
    #[test]
    fn expected_degrees_follow_the_power_law() {
        for (mean_degree, exponent, n, m) in
            [(10.0, 2.5, 1000, 1000), (10.0, 2.1, 2000, 500), (300.0, 3.0, 400, 500), (5.0, 50.0, 100, 100)]
        {
            let rule = ScaleFree { mean_degree, exponent };
            let (w, v) = rule.expected_degrees(n, m);
            let total = mean_degree * f64::from(n);
            assert!((w.iter().sum::<f64>() / total - 1.0).abs() < 1e-12);
            assert!((v.iter().sum::<f64>() / total - 1.0).abs() < 1e-12);
            assert!(w[0] * v[0] / total < 1.1, "{rule:?}: {} {}", w[0], v[0]);
            // (w_i/w_0)^(1−γ) = 1 + i/i0 is a straight line.
            let line = |i: usize| (w[i] / w[0]).powf(1.0 - exponent) - 1.0;
            assert!((line(60) / line(30) - 2.0).abs() < 1e-6, "{rule:?}");
        }
    }

    /// Counts against sums of min(1, w v / S) over all pairs.
    #[test]
    fn degrees_match_the_sum_over_all_pairs() {
        let rule = ScaleFree { mean_degree: 8.0, exponent: 2.3 };
        for (n, m, same) in [(600, 600, true), (300, 900, false)] {
            let ends = ends(n, m, same);
            let (w, v) = rule.expected_degrees(n, m);
            let total = 8.0 * f64::from(n);
            let p = |i: usize, j: usize| {
                if same && i == j { 0.0 } else { (w[i] * v[j] / total).min(1.0) }
            };
            let n_seeds = 20;
            let (mut out, mut into) = (vec![0.0; n as usize], vec![0.0; m as usize]);
            for seed in 0..n_seeds {
                let rows = rule.rows(&ends, Streams { seed, projection: 0 });
                for source in 0..n as usize {
                    let row =
                        &rows.target[rows.row_start[source] as usize..rows.row_start[source + 1] as usize];
                    assert!(row.windows(2).all(|pair| pair[0] < pair[1]));
                    out[source] += row.len() as f64;
                    row.iter().for_each(|target| into[*target as usize] += 1.0);
                }
            }
            let seeds = f64::from(n_seeds as u32);
            let check = |count: f64, ps: &mut dyn Iterator<Item = f64>| {
                let (mean, variance) = ps.fold((0.0, 0.0), |(m, v), p| (m + p, v + p * (1.0 - p)));
                assert!(
                    (count - seeds * mean).abs() <= 5.0 * (seeds * variance).sqrt() + 0.5,
                    "{count} {mean}"
                );
            };
            for i in [0, 1, 2, 10, 100, 299] {
                check(out[i], &mut (0..m as usize).map(|j| p(i, j)));
                check(into[i], &mut (0..n as usize).map(|k| p(k, i)));
            }
            let pairs = (0..n as usize).flat_map(|i| (0..m as usize).map(move |j| (i, j)));
            check(out.iter().sum(), &mut pairs.map(|(i, j)| p(i, j)));
        }
    }
}
