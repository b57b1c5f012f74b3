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
}
