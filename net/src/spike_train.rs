//! Spikes in order.

/// Spikes of a number of nodes, sorted by time, then node.
///
/// Times are in ms. Nodes are counted inside a population for an input and over the whole network for
/// a [`Recording`](crate::Recording).
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SpikeTrain {
    n_nodes: u32,
    times: Vec<f64>,
    nodes: Vec<u32>,
}

/// What is wrong with a list of spikes.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpikeTrainError {
    /// Times and nodes are lists of different lengths.
    #[error("{times} spike times for {nodes} spike nodes: give one node for every time")]
    Lengths {
        /// The number of times.
        times: usize,
        /// The number of nodes.
        nodes: usize,
    },
    /// A time is not finite.
    #[error("spike {index} has the time {time} ms: times must be finite")]
    Time {
        /// Which spike.
        index: usize,
        /// Its time \[ms\].
        time: f64,
    },
    /// A node is out of range.
    #[error("spike {index} is of node {node}, and there are {n_nodes} nodes (0 to {})", n_nodes.saturating_sub(1))]
    Node {
        /// Which spike.
        index: usize,
        /// Its node.
        node: u32,
        /// How many nodes there are.
        n_nodes: u32,
    },
    /// The spikes are not sorted by time, then node.
    #[error("spike {index} comes before the one in front of it: sort the spikes by time, then node")]
    Order {
        /// Which spike.
        index: usize,
    },
}

impl SpikeTrain {
    /// A train of `n_nodes` nodes from spikes that are already in order.
    ///
    /// # Errors
    /// The first [`SpikeTrainError`] that is found.
    pub fn from_sorted(n_nodes: u32, times: Vec<f64>, nodes: Vec<u32>) -> Result<Self, SpikeTrainError> {
        check(n_nodes, &times, &nodes)?;
        let out_of_order = |i: &usize| (times[i - 1], nodes[i - 1]) > (times[*i], nodes[*i]);
        match (1..times.len()).find(out_of_order) {
            Some(index) => Err(SpikeTrainError::Order { index }),
            None => Ok(Self { n_nodes, times, nodes }),
        }
    }

    /// A train of `n_nodes` nodes from spikes in any order.
    ///
    /// # Errors
    /// As [`SpikeTrain::from_sorted`], but for the order.
    pub fn from_unsorted(n_nodes: u32, times: Vec<f64>, nodes: Vec<u32>) -> Result<Self, SpikeTrainError> {
        check(n_nodes, &times, &nodes)?;
        let mut spikes: Vec<(f64, u32)> = times.into_iter().zip(nodes).collect();
        spikes.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let (times, nodes) = spikes.into_iter().unzip();
        Ok(Self { n_nodes, times, nodes })
    }

    /// The number of nodes that could have fired.
    pub fn n_nodes(&self) -> u32 {
        self.n_nodes
    }

    /// The times \[ms\], ascending.
    pub fn times(&self) -> &[f64] {
        &self.times
    }

    /// The node of each spike.
    pub fn nodes(&self) -> &[u32] {
        &self.nodes
    }

    /// The number of spikes.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether nothing fired.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// Every spike as `(time, node)`, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (f64, u32)> + '_ {
        self.times.iter().copied().zip(self.nodes.iter().copied())
    }

    /// The number of spikes of every node; `[n_nodes]`.
    pub fn counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.n_nodes as usize];
        self.nodes.iter().for_each(|node| counts[*node as usize] += 1);
        counts
    }
}

/// Checks everything but the order.
pub(crate) fn check(n_nodes: u32, times: &[f64], nodes: &[u32]) -> Result<(), SpikeTrainError> {
    if times.len() != nodes.len() {
        return Err(SpikeTrainError::Lengths { times: times.len(), nodes: nodes.len() });
    }
    if let Some(index) = times.iter().position(|time| !time.is_finite()) {
        return Err(SpikeTrainError::Time { index, time: times[index] });
    }
    match nodes.iter().position(|node| *node >= n_nodes) {
        Some(index) => Err(SpikeTrainError::Node { index, node: nodes[index], n_nodes }),
        None => Ok(()),
    }
}
