//! In which order parts are laid along a curve.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use super::Traffic;
use super::board::Board;

/// How much older traffic counts at every next part.
const DAMPING: f64 = 0.8;

/// The cells of parts that lie along the board's curve in greedy order, the cells of a tile one after the other.
pub(super) fn along_curve(traffic: &Traffic, board: &Board) -> Vec<u32> {
    let mut cell = vec![0; traffic.n_parts() as usize];
    let cells = board.curve.iter().flat_map(|tile| {
        let first = board.first_cell(*tile);
        first..first + board.per_tile
    });
    greedy_order(traffic).into_iter().zip(cells).for_each(|(part, next)| cell[part as usize] = next);
    cell
}

/// Parts in greedy order: the next one has most traffic with those before, of which older ones count less.
///
/// It starts where a first such walk from the busiest part ends, which is at the rim of the network, as a
/// curve starts at the rim of the mesh. Parts without traffic to any before come in order of their traffic.
/// `O(E log E)`: damping every part alike leaves their order, so that instead of old traffic becoming less,
/// that of later parts becomes more, in logarithms.
pub(super) fn greedy_order(traffic: &Traffic) -> Vec<u32> {
    let mut busy: Vec<(Reverse<u64>, u32)> =
        (0..traffic.n_parts()).map(|part| (Reverse(traffic.shared(part).map(|s| s.1).sum()), part)).collect();
    busy.sort_unstable();
    let busy: Vec<u32> = busy.into_iter().map(|(_, part)| part).collect();
    let first = walk(traffic, &busy, busy.first().copied());
    let rim = first.iter().rev().copied().find(|part| traffic.shared(*part).next().is_some());
    walk(traffic, &busy, rim)
}

/// The greedy order from a part.
fn walk(traffic: &Traffic, busy: &[u32], start: Option<u32>) -> Vec<u32> {
    let mut order = Vec::with_capacity(busy.len());
    let mut placed = vec![false; busy.len()];
    let mut score = vec![f64::NEG_INFINITY; busy.len()];
    let mut heap = BinaryHeap::new();
    let growth = -libm::log(DAMPING);
    let mut rest = start.into_iter().chain(busy.iter().copied());
    loop {
        let best = std::iter::from_fn(|| heap.pop()).map(|Candidate { part, .. }| part);
        let Some(part) = best.chain(&mut rest).find(|part| !placed[*part as usize]) else { return order };
        let age = growth * order.len() as f64;
        placed[part as usize] = true;
        order.push(part);
        for (other, packets) in traffic.shared(part) {
            if !placed[other as usize] {
                let score = &mut score[other as usize];
                *score = log_sum(*score, libm::log(packets as f64) + age);
                heap.push(Candidate { score: *score, part: other });
            }
        }
    }
}

/// `ln(exp a + exp b)`; `b` is finite.
fn log_sum(a: f64, b: f64) -> f64 {
    a.max(b) + libm::log1p(libm::exp(-(a - b).abs()))
}

/// A part and the logarithm of its damped traffic with those before. Older scores of a part are lower, so
/// that they come out of the heap after it was placed.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    score: f64,
    part: u32,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then_with(|| other.part.cmp(&self.part))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Candidate {}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chain whose names are shuffled (7 i mod 31) is walked from one end to the other.
    #[test]
    fn a_chain_is_walked_from_end_to_end() {
        let name = |i: u32| 7 * i % 31;
        let links: Vec<_> = (0..30).map(|i| (name(i), name(i + 1), 5)).collect();
        let mut order = greedy_order(&Traffic::from_packets(31, &links));
        if order[0] != name(0) {
            order.reverse();
        }
        assert_eq!(order, (0..31).map(name).collect::<Vec<_>>());
    }

    #[test]
    fn parts_without_traffic_come_last_and_none_is_lost() {
        assert_eq!(greedy_order(&Traffic::from_packets(4, &[(2, 3, 1)])), [3, 2, 0, 1]);
        assert_eq!(greedy_order(&Traffic::from_packets(3, &[])), [0, 1, 2]);
        assert!(greedy_order(&Traffic::from_packets(0, &[])).is_empty());
    }

    /// 5,000 steps of damping are 10^-484, below what a number can hold.
    #[test]
    fn damping_survives_many_parts() {
        let links: Vec<_> = (0..5000).map(|i| (i, i + 1, u64::from(1 + i % 3))).collect();
        let order = greedy_order(&Traffic::from_packets(5001, &links));
        assert!(order.windows(2).all(|pair| pair[0].abs_diff(pair[1]) == 1));
    }
}
