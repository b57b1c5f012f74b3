//! Segments on their way: for each of the coming steps, those whose synapses are due at its end.

use crate::plan::{Kind, Span, Table};

/// A ring of buckets, one a step. Entries of a bucket stay in the order in which they went in, and that
/// is the order of the spikes, so that sums of weights have one order whatever the number of shards.
///
/// An entry is what a delivery wants to know of a segment: a row is read when its spike is sent, and to look
/// for a segment again when it is due would cost another line of memory.
#[derive(Debug)]
pub(super) struct Calendar<T> {
    buckets: Vec<Due<T>>,
}

/// The segments that are due in a step.
#[derive(Debug, Clone)]
pub(super) struct Due<T> {
    pub whole: Vec<T>,
    /// Segments that deliver a share of their weights.
    pub shares: Vec<(T, f64)>,
}

impl<T> Default for Due<T> {
    fn default() -> Self {
        Self { whole: Vec::new(), shares: Vec::new() }
    }
}

impl<T: Clone> Calendar<T> {
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
        reach * size_of::<Due<T>>() as u64
    }

    /// Puts the segments of a node that fired in `step` into the buckets of the steps in which they are
    /// due, and says how many synapses they have. `shares` are those of projections with short-term
    /// plasticity, `entry` makes an entry of a segment. What was due at the end of step `done` or before is
    /// left out.
    pub fn send(
        &mut self,
        table: &Table,
        kinds: &[Kind],
        (step, node): (u32, u32),
        shares: &[f64],
        done: u32,
        entry: impl Fn(u32, Span) -> T,
    ) -> u64 {
        let row = table.row(node);
        if row.is_empty() {
            return 0;
        }
        let n = self.buckets.len() as u32;
        let now = step % n;
        for (span, segment) in table.spans(row.clone()).zip(row.start as u32..) {
            let Kind { steps, depression, .. } = kinds[span.kind as usize];
            if steps <= done.saturating_sub(step) {
                continue;
            }
            let due = now + steps;
            let due = &mut self.buckets[(if due >= n { due - n } else { due }) as usize];
            match depression {
                None => due.whole.push(entry(segment, span)),
                Some(projection) => due.shares.push((entry(segment, span), shares[usize::from(projection)])),
            }
        }
        table.n_synapses_of(row) as u64
    }

    /// Takes the segments that are due in a step; give the lists back by [`Calendar::put_back`].
    pub fn take(&mut self, step: u32) -> Due<T> {
        let n = self.buckets.len() as u32;
        std::mem::take(&mut self.buckets[(step % n) as usize])
    }

    /// Gives the lists back to be filled again.
    pub fn put_back(&mut self, step: u32, mut due: Due<T>) {
        due.whole.clear();
        due.shares.clear();
        let n = self.buckets.len() as u32;
        self.buckets[(step % n) as usize] = due;
    }
}
