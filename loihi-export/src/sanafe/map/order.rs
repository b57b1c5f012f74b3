//! In which order a neuron's messages leave for the cores that they go to.

use std::collections::{BTreeMap, BTreeSet};

use crate::cost::Architecture;

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

    /// The order in which a run sent to cores, by SANA-FE's record of its messages (CSV).
    ///
    /// # Errors
    /// If a line is no message, or the record contradicts itself.
    pub fn from_messages(text: &str, chip: &Architecture) -> Result<Self, OrderError> {
        let core = |place: &str| -> Option<u32> {
            let (tile, core) = place.split_once('.')?;
            chip.core_index(tile.parse().ok()?, core.parse().ok()?)
        };
        let mut pairs = BTreeSet::new();
        let mut before: Option<([&str; 2], Option<u32>)> = None;
        for (line, number) in text.lines().zip(1..).skip(1) {
            let fields: Vec<&str> = line.split(',').collect();
            let [step, _, neuron, _, target, ..] = fields[..] else {
                return Err(OrderError::Line { number });
            };
            // What is for no core closes the list of one.
            let target = core(target);
            if let Some((sender, Some(first))) = before
                && sender == [step, neuron]
                && let Some(second) = target
            {
                pairs.insert((first, second));
            }
            before = Some(([step, neuron], target));
        }
        Self::observed(pairs).ok_or(OrderError::Contradiction)
    }

    pub(crate) fn rank(&self, core: u32) -> u64 {
        match self.ranks.get(&core) {
            Some(rank) => u64::from(*rank),
            None => (1 << 32) + u64::from(core),
        }
    }
}

/// Why a record of messages tells no order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// A line is too short.
    #[error("line {number} is no message: timestep, number, neuron, core, destination core, …")]
    Line {
        /// Which one, from 1.
        number: usize,
    },
    /// Neurons send to the same cores in different orders.
    #[error("neurons send to the same cores in different orders: give the record of one run")]
    Contradiction,
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
