//! Distance: nearby neurons are joined more often.

mod cells;
mod layers;
mod shells;

use serde::{Deserialize, Serialize};

use self::layers::Layer;
use super::{Ends, Streams};
use crate::generate::rows::{self, Rows};

/// Pairs are joined with probability `P(d) = c·exp(−(d/lambda)²)` up to the distance `cutoff`, and never
/// beyond: the liquid of Maass, Natschläger & Markram 2002, doi 10.1162/089976602760407955.
///
/// The targets are sorted into cells with a few slots for points each. The cells around a source are
/// visited in the order of the highest P that any pair of points of the two cells can have, and most of
/// their slots are never looked at: how many to skip is drawn from the geometric distribution of the bound in
/// force, and the slot that is reached is kept with the ratio of its own P to that bound. (Skipping is
/// Batagelj & Brandes 2005, doi 10.1103/PhysRevE.71.036113; falling bounds are Miller & Hagberg 2011,
/// doi 10.1007/978-3-642-21286-4_10.) Points that find no slot make up a second layer, which is drawn in the
/// same way with cells of its own, and so on. The size of the cells and the number of slots are chosen so
/// that few slots are reached in vain; on a grid of points a cell holds one point, and the bound is P itself.
///
/// Cost: `O(sources + targets + synapses)`, whatever the volume of the neighborhood; for each synapse one or
/// two slots are reached on a grid that is full, some ten in a random cloud. Invariants: no multapses; every
/// pair is drawn for itself; targets ascend within a row.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Distance {
    /// The probability at distance 0, in \[0, 1\].
    pub c: f64,
    /// The distance at which P has fallen to c/e, > 0 \[units of the positions\].
    pub lambda: f64,
    /// No synapse is longer \[units of the positions\]; 4.5 lambda if left out, where P is 1.6e-9 c.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<f64>,
}

impl Distance {
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if !(1e-6..=1e9).contains(&self.lambda) {
            faults.push(format!("lambda is {}, and must be from 1e-6 to 1e9", self.lambda));
        }
        if self.cutoff.is_some_and(|cutoff| cutoff.is_nan() || cutoff < 0.0) {
            faults.push(format!("cutoff is {}, and must be at least 0", self.cutoff()));
        }
        faults
    }

    fn cutoff(&self) -> f64 {
        self.cutoff.unwrap_or(4.5 * self.lambda)
    }

    /// The probability of a synapse of length √`d2`.
    fn probability(&self, d2: f64) -> f64 {
        if d2 > self.cutoff() * self.cutoff() {
            return 0.0;
        }
        self.c * libm::exp(-d2 / (self.lambda * self.lambda))
    }

    /// # Panics
    /// If a population has no positions.
    pub(super) fn rows(&self, ends: &Ends<'_>, streams: Streams) -> Rows {
        const CHECKED: &str = "the generator checks that both ends have positions";
        let (sources, targets) = (ends.source_at.expect(CHECKED), ends.target_at.expect(CHECKED));
        let layers = Layer::all(self, sources, targets);
        rows::by_source(ends.n_sources, 0.0, |source, row| {
            let first = row.len();
            let at = sources[source as usize];
            let mut stream = streams.connect(source);
            for Layer { cells, shells } in &layers {
                let cell = cells.cell_of(at);
                shells.reach(&mut stream, |stream, offset, slot, bound| {
                    let Some((target, point)) = cells.point(cell, offset, slot) else { return };
                    if ends.without_self() && target == source {
                        return;
                    }
                    if stream.open01() * bound < self.probability(distance2(at, point)) {
                        row.push(target);
                    }
                });
            }
            row[first..].sort_unstable();
        })
    }
}

fn distance2(a: [f32; 3], b: [f32; 3]) -> f64 {
    (0..3).map(|axis| (f64::from(a[axis]) - f64::from(b[axis])).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn grid(n: [u32; 3], spacing: [f32; 3]) -> Vec<[f32; 3]> {
        let mut points = Vec::new();
        for z in 0..n[2] {
            for y in 0..n[1] {
                points.extend(
                    (0..n[0]).map(|x| [x as f32 * spacing[0], y as f32 * spacing[1], z as f32 * spacing[2]]),
                );
            }
        }
        points
    }

    /// Points at random in a box, three in four of them in one corner of a thousandth of its volume.
    fn cloud(n: u64, edges: [f64; 3], clustered: bool) -> Vec<[f32; 3]> {
        let point = |i: u64| {
            let mut stream = Stream::new(11, Purpose::Position, 0, i);
            let scale = if clustered && i % 4 != 0 { 0.1 } else { 1.0 };
            edges.map(|edge| (scale * edge * stream.open01()) as f32)
        };
        (0..n).map(point).collect()
    }

    /// Compares the number of synapses, and of those beyond lambda, with sums of P over all pairs:
    /// Σ P, deviation √(Σ P (1 − P)).
    fn compare(rule: Distance, sources: &[[f32; 3]], targets: &[[f32; 3]], same: bool) {
        let ends = Ends {
            n_sources: sources.len() as u32,
            n_targets: targets.len() as u32,
            same,
            allow_autapses: false,
            allow_multapses: false,
            source_at: Some(sources),
            target_at: Some(targets),
        };
        let is_far = |d2: f64| d2 > rule.lambda * rule.lambda;
        let (mut mean, mut variance) = ([0.0; 2], [0.0; 2]);
        for (i, a) in sources.iter().enumerate() {
            for (j, b) in targets.iter().enumerate() {
                let d2 = distance2(*a, *b);
                if (same && i == j) || d2 > rule.cutoff() * rule.cutoff() {
                    continue;
                }
                let p = rule.c * (-d2 / (rule.lambda * rule.lambda)).exp();
                mean[usize::from(is_far(d2))] += p;
                variance[usize::from(is_far(d2))] += p * (1.0 - p);
            }
        }
        let n_seeds = 20;
        let mut count = [0.0; 2];
        for seed in 0..n_seeds {
            let rows = rule.rows(&ends, Streams { seed, projection: 0 });
            for source in 0..sources.len() {
                let row = &rows.target[rows.row_start[source] as usize..rows.row_start[source + 1] as usize];
                assert!(row.windows(2).all(|pair| pair[0] < pair[1]), "sorted, no multapses");
                assert!(!same || row.binary_search(&(source as u32)).is_err(), "no autapses");
                for target in row {
                    let d2 = distance2(sources[source], targets[*target as usize]);
                    assert!(d2 <= rule.cutoff() * rule.cutoff());
                    count[usize::from(is_far(d2))] += 1.0;
                }
            }
        }
        for far in 0..2 {
            let error = (count[far] / n_seeds as f64 - mean[far]).abs();
            let deviation = (variance[far] / n_seeds as f64).sqrt();
            assert!(error <= 5.0 * deviation + 1e-9, "{rule:?} far {far}: {count:?} / 20 for {mean:?}");
        }
    }

    #[test]
    fn grids_match_the_sum_over_all_pairs() {
        let rule = |c, lambda, cutoff| Distance { c, lambda, cutoff };
        let column = grid([15, 3, 3], [1.0; 3]);
        compare(rule(0.3, 2.0, Some(9.0)), &column, &column, true);
        compare(rule(1.0, 1.0, None), &column, &column, true);
        compare(rule(0.5, 100.0, Some(4.0)), &column, &column, true);
        compare(rule(0.0, 1.0, None), &column, &column, true);
        let (line, plane) = (grid([300, 1, 1], [0.1, 1.0, 1.0]), grid([20, 20, 1], [0.3, 0.7, 1.0]));
        compare(rule(0.8, 0.5, None), &line, &line, true);
        compare(rule(0.8, 1.5, None), &plane, &plane, true);
        compare(rule(0.3, 1.0, None), &line, &plane, false);
    }

    #[test]
    fn clouds_match_the_sum_over_all_pairs() {
        let rule = |c, lambda| Distance { c, lambda, cutoff: None };
        let (even, clustered) = (cloud(500, [10.0, 8.0, 6.0], false), cloud(500, [10.0, 8.0, 6.0], true));
        compare(rule(0.3, 2.0), &even, &even, true);
        compare(rule(1.0, 0.3), &even, &even, true);
        compare(rule(0.3, 1.0), &clustered, &clustered, true);
        compare(rule(0.9, 0.7), &even, &clustered, false);
        compare(rule(0.9, 50.0), &clustered, &even, false);
    }

    /// On a grid whose points are all targets only slots at the border are reached in vain, in a cloud
    /// some ten for each synapse: the work grows with the synapses, not with the neighborhood.
    #[test]
    fn few_slots_are_reached_for_each_synapse() {
        let rule = Distance { c: 0.3, lambda: 2.0, cutoff: Some(9.0) };
        let synapses = |density: f64| rule.c * (std::f64::consts::PI.sqrt() * rule.lambda).powi(3) * density;
        let reached = |points: &[[f32; 3]]| {
            let layers = Layer::all(&rule, points, points);
            layers.iter().map(|layer| layer.shells.reached_slots()).sum::<f64>()
        };
        let points = grid([30, 30, 30], [1.0; 3]);
        assert!(reached(&points) < 1.01 * synapses(1.0), "{}", reached(&points));
        for n in [27_000, 216_000] {
            let (points, density) = (cloud(n, [30.0; 3], false), n as f64 / 27e3);
            assert!(reached(&points) < 10.0 * synapses(density), "{} {density}", reached(&points));
        }
    }
}
