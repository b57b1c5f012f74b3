//! The best placement of a few parts on a small board.
//!
//! Annealing finds it nearly always, and nearly is not always. Where there are few placements, all are looked at, but
//! for those that begin with more than the best known one costs in all.

use super::Traffic;
use super::board::Board;
use super::order::greedy_order;

/// A board with at most so many placements is solved, in a tenth of a second at most.
const MOST_PLACEMENTS: u64 = 1 << 20;

/// The cells of parts for which nothing costs less, where that can be found; otherwise those given.
pub(super) fn solve(traffic: &Traffic, board: &Board, cost: f64, cell: Vec<u32>) -> Vec<u32> {
    if n_placements(traffic.n_parts(), board) > MOST_PLACEMENTS {
        return cell;
    }
    let n_tiles = (board.size[0] * board.size[1]) as usize;
    let tile = vec![[0; 2]; cell.len()];
    let order = greedy_order(traffic);
    let mut search = Search { traffic, board, order, tile, used: vec![0; n_tiles], cost, best: cell };
    search.go_on(0, 0.0);
    search.best
}

/// How many placements differ in more than the cells of a tile, or more.
fn n_placements(n_parts: u32, board: &Board) -> u64 {
    let n_tiles = u64::from(board.size[0] * board.size[1]);
    let n_cells = u64::from(board.n_cells());
    (0..u64::from(n_parts)).fold(1, |n: u64, i| n.saturating_mul(n_tiles.min(n_cells - i)))
}

struct Search<'a> {
    traffic: &'a Traffic,
    board: &'a Board,
    /// The parts, those with much traffic to earlier ones first.
    order: Vec<u32>,
    /// The tile of every part that is placed.
    tile: Vec<[u32; 2]>,
    /// How many cells of a tile have a part; `[n_tiles]`.
    used: Vec<u32>,
    /// What the best placement costs.
    cost: f64,
    best: Vec<u32>,
}

impl Search<'_> {
    /// Places all parts from the n-th on, where those before cost so much.
    fn go_on(&mut self, n: usize, cost: f64) {
        let Some(&part) = self.order.get(n) else {
            self.cost = cost;
            self.keep();
            return;
        };
        for i in 0..self.used.len() {
            let tile = self.board.tile(i as u32 * self.board.per_tile);
            if self.used[i] == self.board.per_tile {
                continue;
            }
            let before = &self.order[..n];
            let with = |other: &u32| {
                let packets = self.traffic.between(part, *other);
                packets as f64 * self.board.distance(tile, self.tile[*other as usize])
            };
            let cost = cost + before.iter().map(with).sum::<f64>();
            if cost < self.cost {
                self.tile[part as usize] = tile;
                self.used[i] += 1;
                self.go_on(n + 1, cost);
                self.used[i] -= 1;
            }
        }
    }

    /// Keeps the tiles as cells, those of a tile in order of parts.
    fn keep(&mut self) {
        let mut next: Vec<u32> = vec![0; self.used.len()];
        for (cell, tile) in self.best.iter_mut().zip(&self.tile) {
            let first = self.board.first_cell(*tile);
            let next = &mut next[(first / self.board.per_tile) as usize];
            *cell = first + *next;
            *next += 1;
        }
    }
}
