//! Statistics of spike trains.

use std::collections::HashMap;
use std::ops::Range;

use rheobase_net::SpikeTrain;
use serde::{Deserialize, Serialize};

/// The intervals between a node's spikes, by Welford's sums.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Intervals {
    spikes: u64,
    last: f64,
    mean: f64,
    squares: f64,
}

impl Intervals {
    /// Takes the next spike, at `t` \[ms\].
    pub fn add(&mut self, t: f64) {
        if self.spikes > 0 {
            let interval = t - self.last;
            let from_mean = interval - self.mean;
            self.mean += from_mean / self.spikes as f64;
            self.squares += from_mean * (interval - self.mean);
        }
        self.spikes += 1;
        self.last = t;
    }

    /// The number of spikes.
    pub fn spikes(&self) -> u64 {
        self.spikes
    }

    /// The coefficient of variation: standard deviation over mean. `None` for fewer than three spikes.
    pub fn cv(&self) -> Option<f64> {
        let n = self.spikes.checked_sub(1).filter(|n| *n >= 2)?;
        (self.mean > 0.0).then(|| (self.squares / n as f64).sqrt() / self.mean)
    }
}

/// The intervals of all nodes that have fired, spike by spike: a file of a few bytes can name billions of
/// silent ones.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Activity {
    of_node: HashMap<u32, Intervals>,
}

impl Activity {
    /// Takes the next spike, at `t` \[ms\].
    pub fn add(&mut self, t: f64, node: u32) {
        self.of_node.entry(node).or_default().add(t);
    }

    /// The intervals of every node of a range that has fired, in the order of the nodes.
    pub fn intervals(&self, nodes: &Range<u32>) -> Vec<Intervals> {
        let of_range = self.of_node.iter().filter(|(node, _)| nodes.contains(node));
        let mut of_range: Vec<(&u32, &Intervals)> = of_range.collect();
        of_range.sort_unstable_by_key(|(node, _)| **node);
        of_range.into_iter().map(|(_, intervals)| intervals.clone()).collect()
    }
}

/// The intervals of every node of a range that has fired, in the order of the nodes.
///
/// `O(spikes + n log n)` for n such nodes.
pub fn intervals(spikes: &SpikeTrain, nodes: Range<u32>) -> Vec<Intervals> {
    let mut activity = Activity::default();
    spikes.iter().filter(|(_, node)| nodes.contains(node)).for_each(|(t, node)| activity.add(t, node));
    activity.intervals(&nodes)
}

/// The mean coefficient of variation of the nodes with at least `min_spikes` spikes, if there are any.
pub fn mean_cv(intervals: &[Intervals], min_spikes: u64) -> Option<f64> {
    let active = intervals.iter().filter(|node| node.spikes() >= min_spikes);
    let cvs: Vec<f64> = active.filter_map(Intervals::cv).collect();
    (!cvs.is_empty()).then(|| cvs.iter().sum::<f64>() / cvs.len() as f64)
}

/// The mean of Pearson's correlation over all pairs of neurons, of their counts in bins of `bin` ms of the
/// window `(start, end]`, of which a rest at the end is left out. At most `most` neurons take part, evenly
/// spread over those nodes that fired; those whose counts do not vary are left out. `None` for fewer than two
/// neurons or bins.
///
/// `O(spikes + most · bins)`: rows are scaled to mean 0 and variance 1, and the sum of their products over
/// all pairs follows from the square of their sum.
pub fn correlation(
    spikes: &SpikeTrain,
    nodes: Range<u32>,
    window: Range<f64>,
    bin: f64,
    most: usize,
) -> Option<f64> {
    /// A time that rounding has moved past a border of bins belongs to the bin before, share of a bin.
    const SLACK: f64 = 1e-6;
    let n_bins = ((window.end - window.start) / bin + SLACK) as usize;
    let mut active: Vec<u32> = spikes.nodes().iter().copied().filter(|node| nodes.contains(node)).collect();
    active.sort_unstable();
    active.dedup();
    let n = active.len().min(most);
    let sample: Vec<u32> = (0..n).map(|k| active[k * active.len() / n]).collect();
    if n < 2 || n_bins < 2 {
        return None;
    }
    let mut counts = vec![0_u32; n * n_bins];
    for (t, node) in spikes.iter() {
        let Ok(row) = sample.binary_search(&node) else { continue };
        let place = ((t - window.start) / bin - SLACK).ceil() - 1.0;
        if place >= 0.0 && place < n_bins as f64 {
            counts[row * n_bins + place as usize] += 1;
        }
    }
    let (mut sums, mut n_rows) = (vec![0.0; n_bins], 0);
    for row in counts.chunks(n_bins) {
        let mean = row.iter().map(|count| f64::from(*count)).sum::<f64>() / n_bins as f64;
        let variance =
            row.iter().map(|count| (f64::from(*count) - mean).powi(2)).sum::<f64>() / n_bins as f64;
        if variance > 0.0 {
            n_rows += 1;
            let deviation = variance.sqrt();
            sums.iter_mut().zip(row).for_each(|(sum, count)| *sum += (f64::from(*count) - mean) / deviation);
        }
    }
    let n_rows = f64::from(n_rows);
    let squared = sums.iter().map(|sum| sum * sum).sum::<f64>() / n_bins as f64;
    (n_rows >= 2.0).then(|| (squared - n_rows) / (n_rows * (n_rows - 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Intervals 1 and 3 ms: mean 2, standard deviation 1, CV 1/2. Two equal intervals: 0.
    #[test]
    fn cv_is_the_deviation_over_the_mean() {
        let times = vec![0.0, 1.0, 4.0, 5.0, 5.0, 9.0];
        let spikes = SpikeTrain::from_sorted(4, times, vec![1, 1, 1, 2, 3, 3]).unwrap();
        // Nodes 4 and on are silent, and cost nothing.
        let found = intervals(&spikes, 1..u32::MAX);
        assert_eq!(found.iter().map(Intervals::spikes).collect::<Vec<_>>(), [3, 1, 2]);
        assert_eq!(found[0].cv(), Some(0.5));
        assert_eq!((mean_cv(&found, 3), mean_cv(&found, 4)), (Some(0.5), None));
    }

    /// Counts 1 0 1 0, 0 1 0 1 and 2 0 0 0 in bins of 1 ms: the first two are each other's opposite, −1; the
    /// third has covariance ±1/4 with deviations 1/2 and √3/2, so ±1/√3, and the mean is −1/3.
    #[test]
    fn correlation_of_four_bins() {
        let spikes = [(1.0, 0), (0.5, 2), (0.6, 2), (1.5, 1), (2.5, 0), (4.0, 1), (4.5, 0), (0.7, 9)];
        let (times, nodes) = spikes.into_iter().unzip();
        let spikes = SpikeTrain::from_unsorted(10, times, nodes).unwrap();
        let found = correlation(&spikes, 0..3, 0.0..4.5, 1.0, 10).unwrap();
        assert!((found + 1.0 / 3.0).abs() < 1e-12, "{found}");
        assert_eq!(correlation(&spikes, 5..10, 0.0..4.5, 1.0, 10), None);
        // Of three neurons two take part: the first and the second.
        let found = correlation(&spikes, 0..3, 0.0..4.5, 1.0, 2).unwrap();
        assert!((found + 1.0).abs() < 1e-12, "{found}");
    }
}
