//! What is due when: a calendar of spikes on their way, and a heap of threshold crossings.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A spike on its way: at `t` it reaches the targets of a segment of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    pub t: f64,
    pub segment: u32,
    /// The place among the shard's tables, or [`PLASTIC`].
    pub table: u8,
    /// The share of its weights that it delivers.
    pub share: f64,
}

/// The table of weights that change.
pub(crate) const PLASTIC: u8 = u8::MAX;

/// A calendar queue: a ring of buckets of equal width. A bucket is sorted when its turn comes.
///
/// Entries of equal time come out in the order in which they went in. Cost: `O(1)` to put, and the
/// sorting of small buckets to take.
pub(crate) struct Calendar {
    width: f64,
    ring: Vec<Vec<Arrival>>,
    /// The number of the current bucket; the ring holds those after it.
    bucket: u64,
    /// The current bucket, sorted, taken from `next` on.
    current: Vec<Arrival>,
    next: usize,
    /// Entries in the ring.
    waiting: usize,
}

const MOST_BUCKETS: f64 = 4096.0;

impl Calendar {
    /// A calendar for arrivals at most `reach` ms ahead, with buckets of about `width` ms.
    pub fn new(width: f64, reach: f64) -> Self {
        let width = width.max(reach / MOST_BUCKETS);
        let n = (reach / width).ceil() as usize + 2;
        let (current, next) = (Vec::new(), 0);
        Self { width, ring: vec![Vec::new(); n], bucket: 0, current, next, waiting: 0 }
    }

    /// Puts an arrival, which is not before what was taken last.
    #[inline]
    pub fn put(&mut self, arrival: Arrival) {
        let bucket = (arrival.t / self.width) as u64;
        if bucket <= self.bucket {
            let after = self.current[self.next..].partition_point(|entry| entry.t <= arrival.t);
            self.current.insert(self.next + after, arrival);
            return;
        }
        if self.waiting == 0 && self.next == self.current.len() {
            // Nothing is left: the ring may start anywhere.
            self.current.clear();
            self.next = 0;
            self.bucket = bucket - 1;
        }
        let n = self.ring.len() as u64;
        self.ring[(bucket % n) as usize].push(arrival);
        self.waiting += 1;
    }

    /// The next arrival, which stays.
    #[inline]
    pub fn peek(&mut self) -> Option<Arrival> {
        while self.next == self.current.len() {
            if self.waiting == 0 {
                return None;
            }
            self.bucket += 1;
            self.current.clear();
            self.next = 0;
            let n = self.ring.len() as u64;
            std::mem::swap(&mut self.current, &mut self.ring[(self.bucket % n) as usize]);
            self.waiting -= self.current.len();
            self.current.sort_by(|a, b| a.t.total_cmp(&b.t));
        }
        Some(self.current[self.next])
    }

    /// Takes the arrival that was seen.
    #[inline]
    pub fn advance(&mut self) {
        self.next += 1;
    }
}

/// The threshold crossing of a neuron, if nothing arrives before.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Crossing {
    pub t: f64,
    pub class: u16,
    pub neuron: u32,
}

impl PartialEq for Crossing {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Crossing {}

impl PartialOrd for Crossing {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Crossing {
    /// The earliest is the greatest, for the heap.
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |crossing: &Self| (crossing.class, crossing.neuron);
        other.t.total_cmp(&self.t).then_with(|| key(other).cmp(&key(self)))
    }
}

/// Crossings by time. An entry may be stale: whoever takes one asks the neuron whether it still holds.
pub(crate) type Crossings = BinaryHeap<Crossing>;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The calendar gives what a stable sort gives, also for times on its buckets' borders, and
        /// for arrivals put while others are taken.
        #[test]
        fn calendar_is_a_stable_priority_queue(
            steps in prop::collection::vec((0.0..40.0_f64, prop::bool::ANY, 1..6_u8), 1..200),
            width in 0.1..3.0_f64,
        ) {
            let mut calendar = Calendar::new(width, 40.0);
            let mut model: Vec<Arrival> = Vec::new();
            let (mut now, mut id) = (0.0, 0);
            for (ahead, on_border, takes) in steps {
                let t = if on_border { now + (ahead / width).floor() * width } else { now + ahead };
                let arrival = Arrival { t, segment: id, table: 0, share: 1.0 };
                id += 1;
                calendar.put(arrival);
                let place = model.partition_point(|entry| entry.t <= t);
                model.insert(place, arrival);
                for _ in 1..takes {
                    let (found, expected) = (calendar.peek(), model.first().copied());
                    prop_assert_eq!(found.map(|a| (a.t, a.segment)), expected.map(|a| (a.t, a.segment)));
                    if let Some(arrival) = found {
                        now = arrival.t;
                        calendar.advance();
                        model.remove(0);
                    }
                }
            }
        }
    }
}
