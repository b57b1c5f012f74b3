//! Segments on their way: for each of the coming steps, those whose synapses are due at its end.

use crate::plan::{Kind, Table};

/// A ring of buckets, one a step. Entries of a bucket stay in the order in which they went in, and that
/// is the order of the spikes, so that sums of weights have one order whatever the number of shards.
#[derive(Debug)]
pub(super) struct Calendar {
    buckets: Vec<Vec<u32>>,
}

impl Calendar {
    /// A calendar that reaches `reach` steps ahead.
    pub fn new(reach: u32) -> Self {
        Self { buckets: vec![Vec::new(); reach as usize + 1] }
    }

    /// Bytes that a calendar takes before anything is in it.
    pub fn bytes(reach: u64) -> u64 {
        reach * size_of::<Vec<u32>>() as u64
    }

    /// Puts the segments of a node that fired in `step` into the buckets of the steps in which they are
    /// due, and says how many synapses they have.
    pub fn send(&mut self, table: &Table, kinds: &[Kind], step: u32, node: u32) -> u64 {
        let row = table.row(node);
        if row.is_empty() {
            return 0;
        }
        let n = self.buckets.len() as u32;
        let now = step % n;
        for (kind, segment) in table.kinds(row.clone()).iter().zip(row.start as u32..) {
            let due = now + kinds[*kind as usize].steps;
            let due = if due >= n { due - n } else { due };
            self.buckets[due as usize].push(segment);
        }
        table.n_synapses_of(row) as u64
    }

    /// Takes the segments that are due in a step; give the list back by [`Calendar::put_back`].
    pub fn take(&mut self, step: u32) -> Vec<u32> {
        let n = self.buckets.len() as u32;
        std::mem::take(&mut self.buckets[(step % n) as usize])
    }

    /// Gives the list back to be filled again.
    pub fn put_back(&mut self, step: u32, mut segments: Vec<u32>) {
        segments.clear();
        let n = self.buckets.len() as u32;
        self.buckets[(step % n) as usize] = segments;
    }
}
