//! In which order a neuron's messages leave for the cores that they go to.

use std::collections::{BTreeMap, BTreeSet};

/// An order of the cores of a chip.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CoreOrder {
    /// The rank of each core that has one; others rank behind by their numbers.
    ranks: BTreeMap<u32, u32>,
}

impl CoreOrder {
    /// By the numbers of the cores.
    pub fn ascending() -> Self {
        Self::default()
    }

    /// An order that agrees with what was seen: pairs of cores of which a neuron sent to the first before the second.
    ///
    /// Returns nothing if the pairs contradict each other.
    pub fn observed(pairs: impl IntoIterator<Item = (u32, u32)>) -> Option<Self> {
        let mut behind: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        let mut n_before: BTreeMap<u32, u32> = BTreeMap::new();
        for (first, second) in pairs {
            n_before.entry(first).or_default();
            if behind.entry(first).or_default().insert(second) {
                *n_before.entry(second).or_default() += 1;
            }
        }
        let mut free: BTreeSet<u32> =
            n_before.iter().filter(|(_, n)| **n == 0).map(|(core, _)| *core).collect();
        let mut ranks = BTreeMap::new();
        while let Some(core) = free.pop_first() {
            ranks.insert(core, ranks.len() as u32);
            for next in behind.get(&core).into_iter().flatten() {
                if let Some(n) = n_before.get_mut(next) {
                    *n -= 1;
                    if *n == 0 {
                        free.insert(*next);
                    }
                }
            }
        }
        (ranks.len() == n_before.len()).then_some(Self { ranks })
    }

    pub(super) fn rank(&self, core: u32) -> u64 {
        match self.ranks.get(&core) {
            Some(rank) => u64::from(*rank),
            None => (1 << 32) + u64::from(core),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_agrees_with_what_was_seen() {
        let order = CoreOrder::observed([(7, 3), (3, 9), (7, 9)]).unwrap();
        assert!(order.rank(7) < order.rank(3) && order.rank(3) < order.rank(9));
        assert!(order.rank(9) < order.rank(0));
        assert_eq!(CoreOrder::observed([(1, 2), (2, 1)]), None);
        assert_eq!(CoreOrder::observed([]), Some(CoreOrder::ascending()));
    }
}
