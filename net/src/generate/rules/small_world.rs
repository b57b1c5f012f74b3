//! Small world: Watts and Strogatz's ring with rewired synapses.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Ends, Streams};
use crate::generate::draw;
use crate::generate::rows::{self, Rows};

/// A ring in which every neuron reaches its `k` nearest neighbors, and each synapse is rewired with
/// probability `beta`.
///
/// Every neuron starts with synapses to the k/2 neurons on either side. Each synapse in turn, nearest
/// first, is moved with probability beta to a target drawn evenly from all neurons that are neither the
/// neuron itself nor one of its targets at that moment. So `beta = 0` is a regular ring and `beta = 1`
/// nearly a random graph, and in between paths are short though neighbors still share neighbors. The
/// published graph is undirected; this one is directed, and each neuron rewires its own row.
///
/// Cost `O(k log k)` a neuron. Invariants: source and target are one population; every out-degree is
/// exactly k, in-degrees have the mean k; no autapses, no multapses. Source: Watts & Strogatz 1998,
/// doi 10.1038/30918.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmallWorld {
    /// Synapses a neuron, even, below the number of neurons.
    pub k: u32,
    /// The probability that a synapse is rewired.
    pub beta: f64,
}

impl SmallWorld {
    pub(super) fn faults(&self, ends: &Ends<'_>) -> Vec<String> {
        let (k, n) = (self.k, ends.n_sources);
        let mut faults = Vec::new();
        if !ends.same {
            faults.push("small_world is a ring of one population: let source and target be the same".into());
        }
        if k % 2 == 1 {
            faults.push(format!("k is {k}, and a ring has as many neighbors on either side: make it even"));
        }
        if k >= n {
            faults.push(format!("k is {k}, and a neuron has {} neighbors: lower k", n - 1));
        }
        faults
    }

    pub(super) fn rows(&self, ends: &Ends<'_>, streams: Streams) -> Rows {
        let n = ends.n_sources;
        rows::by_source(n, f64::from(n) * f64::from(self.k), |source, targets| {
            let first = targets.len();
            self.row(source, n, streams, targets);
            targets[first..].sort_unstable();
        })
    }

    fn row(&self, source: u32, n: u32, streams: Streams, targets: &mut Vec<u32>) {
        let mut stream = streams.connect(source);
        let first = targets.len();
        for step in 1..=self.k / 2 {
            targets.push(((u64::from(source) + u64::from(step)) % u64::from(n)) as u32);
            targets.push(((u64::from(source) + u64::from(n - step)) % u64::from(n)) as u32);
        }
        if self.beta == 0.0 || self.k == n - 1 {
            return;
        }
        let mut taken: HashSet<u32> = targets[first..].iter().copied().collect();
        for target in &mut targets[first..] {
            if stream.open01() >= self.beta {
                continue;
            }
            let moved = loop {
                let drawn = draw::below(&mut stream, n - 1);
                let drawn = drawn + u32::from(drawn >= source);
                if !taken.contains(&drawn) {
                    break drawn;
                }
            };
            taken.remove(target);
            taken.insert(moved);
            *target = moved;
        }
    }
}
