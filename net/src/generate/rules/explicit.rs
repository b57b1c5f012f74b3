//! Explicit: the pairs of a list.

use serde::{Deserialize, Serialize};

use super::Ends;
use crate::generate::rows::Rows;

/// The pairs of a list, perhaps each with a weight and a delay of its own.
///
/// Nothing is drawn. The list is put in order of source, then target, and keeps its order among equal
/// pairs. Cost `O(n log n)`. Invariant: every pair of the list is joined as often as it is listed, autapses
/// and multapses too.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Explicit {
    /// The source of every synapse, inside its population.
    pub sources: Vec<u32>,
    /// The target of every synapse, inside its population.
    pub targets: Vec<u32>,
    /// The weight of every synapse, in place of the projection's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<Vec<f64>>,
    /// The delay of every synapse \[ms\], in place of the projection's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delays: Option<Vec<f64>>,
}

impl Explicit {
    pub(super) fn faults(&self, ends: &Ends<'_>) -> Vec<String> {
        let Self { sources, targets, weights, delays } = self;
        let mut faults = Vec::new();
        let n = sources.len();
        let lengths = [
            ("targets", Some(targets.len())),
            ("weights", weights.as_ref().map(Vec::len)),
            ("delays", delays.as_ref().map(Vec::len)),
        ];
        for (name, len) in lengths {
            if let Some(len) = len.filter(|len| *len != n) {
                faults.push(format!("{n} sources and {len} {name} are listed: give as many"));
            }
        }
        for (name, nodes, size) in [("source", sources, ends.n_sources), ("target", targets, ends.n_targets)]
        {
            if let Some(i) = nodes.iter().position(|node| *node >= size) {
                let node = nodes[i];
                faults.push(format!(
                    "{name} {i} of the list is node {node}, and there are {size} (0 to {})",
                    size - 1
                ));
            }
        }
        faults
    }

    /// The places in the list, in the order of the synapses.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.sources.len()).collect();
        order.sort_by_key(|i| (self.sources[*i], self.targets[*i]));
        order
    }

    pub(super) fn rows(&self, ends: &Ends<'_>) -> Rows {
        let mut row_start = vec![0_u64; ends.n_sources as usize + 1];
        self.sources.iter().for_each(|source| row_start[*source as usize + 1] += 1);
        for row in 1..row_start.len() {
            row_start[row] += row_start[row - 1];
        }
        Rows { row_start, target: self.order().into_iter().map(|i| self.targets[i]).collect() }
    }

    /// The listed weights, in the order of the synapses.
    pub(in crate::generate) fn weights(&self) -> Option<Vec<f64>> {
        self.weights.as_ref().map(|weights| self.order().into_iter().map(|i| weights[i]).collect())
    }

    /// The listed delays, in the order of the synapses.
    pub(in crate::generate) fn delays(&self) -> Option<Vec<f64>> {
        self.delays.as_ref().map(|delays| self.order().into_iter().map(|i| delays[i]).collect())
    }
}
