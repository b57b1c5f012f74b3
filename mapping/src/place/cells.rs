//! Which part is in which cell of the board, and what a swap would change.
//!
//! A packet that goes along x first and then along y passes every step between its column and its
//! destination's, and every step between the two rows. So the cost of a placement is a sum over steps: the
//! cost of the step times the packets that pass it. For every part and step we keep the *pull*: the packets
//! shared with parts before the step less those shared with parts after it. Moving the part over the step
//! costs the pull times the step. A swap over a distance d is priced in `O(d)`, whatever traffic the two
//! parts have, and made in `O(d)` for each part that they have traffic with; late in annealing d is 1 or 2.
//!
//! Pulls are whole numbers, exact in any order below 2⁵³ packets.

use super::board::Board;
use super::{Links, Traffic};

/// No part is in the cell.
const EMPTY: u32 = u32::MAX;

/// The parts in the cells of a board.
#[derive(Debug, Clone)]
pub(super) struct Cells<'a> {
    traffic: &'a Traffic,
    /// The board.
    pub board: &'a Board,
    /// The part of every cell, or [`EMPTY`].
    part: Vec<u32>,
    /// The cell of every part.
    cell: Vec<u32>,
    /// The column and row of every part.
    tile: Vec<[u32; 2]>,
    /// The pulls on every part at each step; `[n_parts, n_steps]`.
    pull: Vec<f64>,
}

impl<'a> Cells<'a> {
    /// Parts in cells: `cell` has one for every part.
    pub fn new(traffic: &'a Traffic, board: &'a Board, cell: Vec<u32>) -> Self {
        let mut part = vec![EMPTY; board.n_cells() as usize];
        (0..).zip(&cell).for_each(|(i, cell)| part[*cell as usize] = i);
        let tile: Vec<_> = cell.iter().map(|cell| board.tile(*cell)).collect();
        let pull = pulls(traffic, board, &tile);
        Self { traffic, board, part, cell, tile, pull }
    }

    /// The cell of every part.
    pub fn cells(&self) -> &[u32] {
        &self.cell
    }

    /// The cell of every part.
    pub fn into_cells(self) -> Vec<u32> {
        self.cell
    }

    /// The number of parts.
    pub fn n_parts(&self) -> u32 {
        self.cell.len() as u32
    }

    /// The tile of a part.
    pub fn tile(&self, part: u32) -> [u32; 2] {
        self.tile[part as usize]
    }

    /// The part of a cell.
    pub fn part(&self, cell: u32) -> Option<u32> {
        let part = self.part[cell as usize];
        (part != EMPTY).then_some(part)
    }

    /// What all packets cost.
    pub fn cost(&self) -> f64 {
        let of = |part: u32| {
            let tile = self.tile(part);
            self.traffic
                .sent(part)
                .map(move |(other, n)| n as f64 * self.board.distance(tile, self.tile(other)))
        };
        (0..self.n_parts()).flat_map(of).sum()
    }

    /// The packets over the link that most go over.
    pub fn most_loaded_link(&self) -> u64 {
        Links::of(self.traffic, self.board.size, &self.tile).most_loaded()
    }

    /// Puts all parts into other cells.
    pub fn restore(&mut self, cell: Vec<u32>) {
        *self = Self::new(self.traffic, self.board, cell);
    }

    /// What a swap of a part with the cell `to` of the tile `to_tile` changes, if that is at most `limit`.
    #[inline]
    pub fn change(&self, part: u32, to: u32, to_tile: [u32; 2], limit: f64) -> Option<f64> {
        let from_tile = self.tile(part);
        let other = self.part[to as usize];
        if other == EMPTY {
            let change = self.moved(part, from_tile, to_tile);
            return (change <= limit).then_some(change);
        }
        // Each move is priced as if the other part stayed where it is. Between the two nothing changes, but
        // both prices have their traffic shrink to nothing.
        let change = self.moved(part, from_tile, to_tile) + self.moved(other, to_tile, from_tile);
        if change > limit {
            return None;
        }
        let shared = self.traffic.between(part, other);
        let apart = if shared == 0 { 0.0 } else { shared as f64 * self.board.distance(from_tile, to_tile) };
        let change = change + 2.0 * apart;
        (change <= limit).then_some(change)
    }

    /// What it costs to move a part and nothing else.
    #[inline]
    pub fn moved(&self, part: u32, from: [u32; 2], to: [u32; 2]) -> f64 {
        let pull = self.pull(part);
        let along = |axis: usize| {
            let steps = self.board.between(axis, from[axis], to[axis]);
            let cost: f64 = pull[steps.clone()].iter().zip(&self.board.step[steps]).map(|(p, s)| p * s).sum();
            if to[axis] > from[axis] { cost } else { -cost }
        };
        along(0) + along(1)
    }

    #[inline]
    fn pull(&self, part: u32) -> &[f64] {
        let n_steps = self.board.step.len();
        &self.pull[part as usize * n_steps..][..n_steps]
    }

    /// The tile where a part would cost least if all others stayed where they are.
    #[inline]
    pub fn rest(&self, part: u32) -> [u32; 2] {
        let (x, y) = self.pull(part).split_at(self.board.size[0] as usize - 1);
        let [column, row] = self.tile(part);
        [rest(x, column), rest(y, row)]
    }

    /// All pulls, for tests.
    #[cfg(test)]
    pub fn pulls(&self) -> &[f64] {
        &self.pull
    }

    /// Swaps a part with the cell `to` of the tile `to_tile`.
    pub fn swap(&mut self, part: u32, to: u32, to_tile: [u32; 2]) {
        let (from, from_tile) = (self.cell[part as usize], self.tile(part));
        let other = self.part[to as usize];
        self.settle(part, to, from_tile, to_tile);
        self.part[from as usize] = other;
        if other != EMPTY {
            self.settle(other, from, to_tile, from_tile);
        }
    }

    /// Puts a part into a cell, and tells those that it has traffic with.
    fn settle(&mut self, part: u32, cell: u32, from: [u32; 2], to: [u32; 2]) {
        self.part[cell as usize] = part;
        self.cell[part as usize] = cell;
        self.tile[part as usize] = to;
        let n_steps = self.board.step.len();
        let passed = [0, 1].map(|axis| {
            let sign = if to[axis] > from[axis] { -2.0 } else { 2.0 };
            (self.board.between(axis, from[axis], to[axis]), sign)
        });
        for (other, packets) in self.traffic.shared(part) {
            let pull = &mut self.pull[other as usize * n_steps..][..n_steps];
            for (steps, sign) in &passed {
                let change = sign * packets as f64;
                pull[steps.clone()].iter_mut().for_each(|pull| *pull += change);
            }
        }
    }
}

/// Where a part comes to rest that starts at a place of a line.
#[inline]
fn rest(pull: &[f64], start: u32) -> u32 {
    let mut at = start as usize;
    while at < pull.len() && pull[at] < 0.0 {
        at += 1;
    }
    while at > 0 && pull[at - 1] > 0.0 {
        at -= 1;
    }
    at as u32
}

/// The pulls on every part at each step, counted from nothing.
fn pulls(traffic: &Traffic, board: &Board, tile: &[[u32; 2]]) -> Vec<f64> {
    let n_steps = board.step.len();
    let mut pulls = vec![0.0; n_steps * tile.len()];
    for (part, pull) in (0..).zip(pulls.chunks_exact_mut(n_steps.max(1))) {
        let (x, y) = pull.split_at_mut(board.size[0] as usize - 1);
        for (axis, pull) in [x, y].into_iter().enumerate() {
            let mut all = 0.0;
            for (other, packets) in traffic.shared(part) {
                all += packets as f64;
                // Nothing is before the end of a line but what is before its last step.
                if let Some(pull) = pull.get_mut(tile[other as usize][axis] as usize) {
                    *pull += packets as f64;
                }
            }
            let mut before = 0.0;
            for pull in pull {
                before += *pull;
                *pull = 2.0 * before - all;
            }
        }
    }
    pulls
}
