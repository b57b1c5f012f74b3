//! A queue by time whose ties are those of the C++ standard library.
//!
//! Which of two messages that are sent at the same instant goes first changes what both meet in the mesh, and in
//! SANA-FE that is up to `std::priority_queue` as its wheels are built with it (libstdc++): a binary heap in an array.
//! *Push*: the new entry climbs from the end while its parent is later. *Pop*: the hole at the top sinks to a leaf along
//! the children that come first, the right one of two equals, and the last entry climbs from there. Any other heap would be as
//! right, and would not give the same last digits.

/// An entry: when, and who.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    pub time: f64,
    pub core: u32,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Queue {
    heap: Vec<Due>,
}

impl Queue {
    pub fn clear(&mut self) {
        self.heap.clear();
    }

    pub fn push(&mut self, due: Due) {
        self.heap.push(due);
        let hole = self.heap.len() - 1;
        self.climb(hole, due);
    }

    pub fn pop(&mut self) -> Option<Due> {
        let last = self.heap.pop()?;
        let Some(&top) = self.heap.first() else {
            return Some(last);
        };
        let n = self.heap.len();
        let mut hole = 0;
        while 2 * hole + 2 < n {
            let (left, right) = (2 * hole + 1, 2 * hole + 2);
            // Arithmetic, because nobody can foresee which of the two it is.
            let child = right - usize::from(self.heap[right].time > self.heap[left].time);
            self.heap[hole] = self.heap[child];
            hole = child;
        }
        if 2 * hole + 2 == n {
            self.heap[hole] = self.heap[2 * hole + 1];
            hole = 2 * hole + 1;
        }
        self.climb(hole, last);
        Some(top)
    }

    fn climb(&mut self, mut hole: usize, due: Due) {
        while hole > 0 {
            let parent = (hole - 1) / 2;
            if self.heap[parent].time <= due.time {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = due;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_by_time() {
        let times = [5.0, 1.0, 4.0, 1.5, 9.0, 2.0, 6.0, 5.0, 3.0, 0.5, 7.0];
        let mut queue = Queue::default();
        for (core, time) in times.iter().enumerate() {
            queue.push(Due { time: *time, core: core as u32 });
        }
        let popped: Vec<f64> = std::iter::from_fn(|| queue.pop()).map(|due| due.time).collect();
        let mut sorted = times;
        sorted.sort_by(f64::total_cmp);
        assert_eq!(popped, sorted);
        assert!(queue.pop().is_none());
    }

    /// Traced by hand: six equal entries, each pushed below its parent, popped along right children.
    #[test]
    fn equals_come_as_they_do_in_libstdcxx() {
        let mut queue = Queue::default();
        for core in 0..6 {
            queue.push(Due { time: 1.0, core });
        }
        let popped: Vec<u32> = std::iter::from_fn(|| queue.pop()).map(|due| due.core).collect();
        assert_eq!(popped, [0, 2, 5, 4, 1, 3]);
    }
}
