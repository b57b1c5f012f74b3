//! Segments on their way: for each of the coming steps, those whose synapses are due at its end.

use crate::plan::{Kind, Table};

/// A ring of buckets, one a step. Entries of a bucket stay in the order in which they went in, and that
/// is the order of the spikes, so that sums of weights have one order whatever the number of shards.
#[derive(Debug)]
pub(super) struct Calendar {
    buckets: Vec<Due>,
}

/// The segments that are due in a step.
#[derive(Debug, Clone, Default)]
pub(super) struct Due {
    pub whole: Vec<u32>,
    /// Segments that deliver a share of their weights.
    pub shares: Vec<(u32, f64)>,
}

impl Calendar {
    /// A calendar that reaches `reach` steps ahead.
    pub fn new(reach: u32) -> Self {
        Self { buckets: vec![Due::default(); reach as usize + 1] }
    }

    /// How many steps ahead it reaches.
    pub fn reach(&self) -> u32 {
        self.buckets.len() as u32 - 1
    }

    /// Bytes that a calendar takes before anything is in it.
    pub fn bytes(reach: u64) -> u64 {
        reach * size_of::<Due>() as u64
    }

    /// Puts the segments of a node that fired in `step` into the buckets of the steps in which they are
    /// due, and says how many synapses they have. `shares` are those of projections with short-term
    /// plasticity. What was due at the end of step `done` or before is left out.
    pub fn send(
        &mut self,
        table: &Table,
        kinds: &[Kind],
        step: u32,
        node: u32,
        shares: &[f64],
        done: u32,
    ) -> u64 {
        let row = table.row(node);
        if row.is_empty() {
            return 0;
        }
        let n = self.buckets.len() as u32;
        let now = step % n;
        for (head, segment) in table.heads(row.clone()).iter().zip(row.start as u32..) {
            let Kind { steps, depression, .. } = kinds[head.kind as usize];
            if steps <= done.saturating_sub(step) {
                continue;
            }
            let due = now + steps;
            let due = &mut self.buckets[(if due >= n { due - n } else { due }) as usize];
            match depression {
                None => due.whole.push(segment),
                Some(projection) => due.shares.push((segment, shares[usize::from(projection)])),
            }
        }
        table.n_synapses_of(row) as u64
    }

    /// Takes the segments that are due in a step; give the lists back by [`Calendar::put_back`].
    pub fn take(&mut self, step: u32) -> Due {
        let n = self.buckets.len() as u32;
        std::mem::take(&mut self.buckets[(step % n) as usize])
    }

    /// Gives the lists back to be filled again.
    pub fn put_back(&mut self, step: u32, mut due: Due) {
        due.whole.clear();
        due.shares.clear();
        let n = self.buckets.len() as u32;
        self.buckets[(step % n) as usize] = due;
    }
}
