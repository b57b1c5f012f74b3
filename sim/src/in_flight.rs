//! Spikes that may still be on their way, so that a checkpoint can put them on their way again.
//!
//! A calendar holds segments of one shard's synapses: to say what they are, the spikes themselves are kept,
//! for as long as the longest delay, in the order in which they were sent. Sent again in that order, they
//! lie in every calendar as they did, whatever the number of shards.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// The spikes of the last moments, with the shares of their weights that they deliver.
#[derive(Debug, Clone)]
pub(crate) struct InFlight<T> {
    /// Time or step, node.
    spikes: VecDeque<(T, u32)>,
    n_shares: usize,
    shares: VecDeque<f64>,
}

/// Spikes with the shares that they deliver, the same number each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sent<T> {
    /// Time or step, node.
    pub spikes: Vec<(T, u32)>,
    pub shares: Vec<f64>,
}

impl<T> Default for Sent<T> {
    fn default() -> Self {
        Self { spikes: Vec::new(), shares: Vec::new() }
    }
}

impl<T: Copy> InFlight<T> {
    /// Nothing on its way; a spike has `n_shares` shares.
    pub fn new(n_shares: usize) -> Self {
        Self { spikes: VecDeque::new(), n_shares, shares: VecDeque::new() }
    }

    /// Spikes are sent.
    pub fn push(&mut self, sent: &Sent<T>) {
        self.spikes.extend(&sent.spikes);
        self.shares.extend(&sent.shares);
    }

    /// Forgets the oldest spikes that have arrived everywhere.
    pub fn forget(&mut self, has_arrived: impl Fn(T) -> bool) {
        let n = self.spikes.iter().take_while(|(t, _)| has_arrived(*t)).count();
        self.spikes.drain(..n);
        self.shares.drain(..n * self.n_shares);
    }

    /// The spikes in the order in which they were sent.
    pub fn to_sent(&self) -> Sent<T> {
        Sent { spikes: self.spikes.iter().copied().collect(), shares: self.shares.iter().copied().collect() }
    }
}
