//! Coarse to fine: pairs of parts on a board of half as many tiles.
//!
//! A part that is far from where it belongs has to pass all others one by one, which annealing of single parts
//! does not do in any useful time on a large board. So parts that talk most become pairs, pairs become pairs of
//! pairs and so on, and the board is halved along its longer side each time. The coarsest board is solved, and
//! each finer one starts from the solution of the one before.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::Traffic;
use super::board::Board;
use super::order::greedy_order;

/// A board with at most so many parts is not made coarser.
const FEW: u32 = 256;

/// Parts on a board, and the pairs that they become on the next.
pub(super) struct Level<'a> {
    pub traffic: Cow<'a, Traffic>,
    pub board: Board,
    /// The pair of every part; empty on the coarsest board.
    pub pair: Vec<u32>,
}

/// The levels from fine to coarse.
pub(super) fn coarsen(traffic: &Traffic, board: Board) -> Vec<Level<'_>> {
    let mut levels = Vec::new();
    let mut fine = Level { traffic: Cow::Borrowed(traffic), board, pair: Vec::new() };
    while fine.traffic.n_parts() > FEW {
        fine.pair = pairs(&fine.traffic);
        let merged = fine.traffic.merged(&fine.pair, fine.traffic.n_parts().div_ceil(2));
        let coarse = Level { traffic: Cow::Owned(merged), board: fine.board.halved(), pair: Vec::new() };
        levels.push(std::mem::replace(&mut fine, coarse));
    }
    levels.push(fine);
    levels
}

/// The pair of every part.
///
/// Each part in greedy order takes the free one that it shares most packets with, among those that are close.
/// Those that find none take the free one that is reached in the fewest steps from close part to close part, and
/// if there is none, the next in greedy order, so that at most one part is left alone.
fn pairs(traffic: &Traffic) -> Vec<u32> {
    let order = greedy_order(traffic);
    let mut pairs = Pairs { pair: vec![FREE; order.len()], n_pairs: 0 };
    for &part in &order {
        if pairs.is_free(part)
            && let Some(other) = close(traffic, part).into_iter().find(|other| pairs.is_free(*other))
        {
            pairs.join(&[part, other]);
        }
    }
    let mut search = Search { seen_by: vec![FREE; order.len()], queue: Vec::new() };
    for &part in &order {
        if pairs.is_free(part)
            && let Some(other) = search.nearest(traffic, part, |other| pairs.is_free(other))
        {
            pairs.join(&[part, other]);
        }
    }
    let alone: Vec<u32> = order.into_iter().filter(|part| pairs.is_free(*part)).collect();
    alone.chunks(2).for_each(|two| pairs.join(two));
    pairs.pair
}

/// The parts that a part shares much with, most first: a quarter of what it shares with any, or more. Without
/// this limit chance traffic would pair what is far apart.
fn close(traffic: &Traffic, part: u32) -> Vec<u32> {
    let most = traffic.shared(part).map(|(_, packets)| packets).max().unwrap_or(0);
    let mut close: Vec<_> = traffic.shared(part).filter(|(_, packets)| *packets >= most / 4).collect();
    close.sort_unstable_by_key(|(other, packets)| (Reverse(*packets), *other));
    close.into_iter().map(|(other, _)| other).collect()
}

/// No pair.
const FREE: u32 = u32::MAX;

struct Pairs {
    pair: Vec<u32>,
    n_pairs: u32,
}

impl Pairs {
    fn is_free(&self, part: u32) -> bool {
        self.pair[part as usize] == FREE
    }

    fn join(&mut self, parts: &[u32]) {
        parts.iter().for_each(|part| self.pair[*part as usize] = self.n_pairs);
        self.n_pairs += 1;
    }
}

/// A search from part to part.
struct Search {
    /// The part whose search came past a part last.
    seen_by: Vec<u32>,
    queue: Vec<u32>,
}

impl Search {
    /// The part of a kind that is reached in the fewest steps.
    fn nearest(&mut self, traffic: &Traffic, from: u32, is_wanted: impl Fn(u32) -> bool) -> Option<u32> {
        self.queue.clear();
        self.queue.push(from);
        self.seen_by[from as usize] = from;
        let mut next = 0;
        while next < self.queue.len() {
            for other in close(traffic, self.queue[next]) {
                if std::mem::replace(&mut self.seen_by[other as usize], from) != from {
                    if is_wanted(other) {
                        return Some(other);
                    }
                    self.queue.push(other);
                }
            }
            next += 1;
        }
        None
    }
}

impl Level<'_> {
    /// The cells of the parts, where their pairs have cells of the board of half as many tiles.
    ///
    /// The parts of a pair go to the two tiles that its tile was made of. A part whose tile does not exist,
    /// because the side is odd, goes to the free cell that is nearest.
    pub fn spread(&self, coarse: &Board, pair_cell: &[u32]) -> Vec<u32> {
        let axis = self.board.longer();
        let mut is_taken = vec![false; self.board.n_cells() as usize];
        let mut is_second = vec![false; pair_cell.len()];
        let mut cell = vec![0; self.pair.len()];
        let mut outside = Vec::new();
        for (part, &pair) in self.pair.iter().enumerate() {
            let of_pair = pair_cell[pair as usize];
            let mut tile = coarse.tile(of_pair);
            tile[axis] = 2 * tile[axis] + u32::from(std::mem::replace(&mut is_second[pair as usize], true));
            if tile[axis] < self.board.size[axis] {
                cell[part] = self.board.first_cell(tile) + of_pair % coarse.per_tile;
                is_taken[cell[part] as usize] = true;
            } else {
                outside.push((part, tile));
            }
        }
        for (part, tile) in outside {
            let away = |cell: &u32| {
                let [x, y] = self.board.tile(*cell);
                x.abs_diff(tile[0]) + y.abs_diff(tile[1])
            };
            let free = (0..self.board.n_cells()).filter(|cell| !is_taken[*cell as usize]);
            cell[part] = free.min_by_key(away).expect("a board has a cell for every part");
            is_taken[cell[part] as usize] = true;
        }
        cell
    }
}
