//! Swaps of neighbors that shorten multicast trees.
//!
//! Where a fabric copies spikes on their way, what counts is the union of the routes of a source, which is no sum
//! over pairs of parts. From a placement whose hops are few, parts swap with cells of neighboring tiles while
//! the trees that they are in become shorter. Only these are counted again (the incremental gain of M-HySMap,
//! arXiv 2608.26223).

use rayon::prelude::*;

use super::board::Board;
use super::trees::tree_length;
use super::work::{Watch, Work};
use super::{Objective, Placement};
use crate::chip::Mesh;
use crate::{Graph, Partition};

/// A placement with fewer [`tree_links`](super::tree_links), by at most `swaps` swaps that are priced for each
/// part. A price is `O(sources of the two parts and of their input axons)`; they are counted in parallel.
///
/// `watch` hears between parts which share of the swaps is priced, and may end it; what was shortened until then stays.
///
/// # Panics
/// If the partition or the placement is not one of the graph on this board.
pub fn shorten_trees(
    graph: &Graph,
    partition: &Partition,
    mesh: &Mesh,
    placement: &Placement,
    swaps: u32,
    watch: Watch<'_>,
) -> Placement {
    let board = Board::new(mesh, Objective::Hops);
    let trees = Trees::new(graph, partition);
    let mut forest = Forest::new(&trees, mesh, placement, &board);
    let mut left = u64::from(swaps) * u64::from(partition.n_parts);
    let work = Work::new(watch, left);
    let around = 8 * u64::from(board.per_tile);
    let mut improved = true;
    while improved {
        improved = false;
        for part in 0..partition.n_parts {
            let Some(after) = left.checked_sub(around).filter(|_| work.goes_on()) else {
                return forest.placement();
            };
            left = after;
            improved |= forest.swap_best(part);
            work.did(around);
        }
    }
    forest.placement()
}

/// Who sends to which parts, the same parts in one tree.
struct Trees {
    /// Spikes of each tree.
    spikes: Vec<u64>,
    /// The source's part of every tree and the parts of its targets, itself left out.
    parts: Vec<Vec<u32>>,
    /// The trees of every part.
    of_part: Vec<Vec<u32>>,
}

impl Trees {
    fn new(graph: &Graph, partition: &Partition) -> Self {
        assert_eq!(partition.part.len(), graph.n_neurons as usize, "a part for every neuron");
        let tree = |source: u32| {
            let root = partition.part[source as usize];
            let mut parts: Vec<u32> =
                graph.targets(source).iter().map(|t| partition.part[*t as usize]).collect();
            parts.sort_unstable();
            parts.dedup();
            parts.retain(|part| *part != root);
            parts.insert(0, root);
            (parts, u64::from(graph.spikes[source as usize]))
        };
        let mut all: Vec<_> = (0..graph.n_neurons).into_par_iter().map(tree).collect();
        all.retain(|(parts, spikes)| parts.len() > 1 && *spikes > 0);
        all.par_sort_unstable();
        all.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        let mut of_part = vec![Vec::new(); partition.n_parts as usize];
        for (tree, (parts, _)) in (0..).zip(&all) {
            parts.iter().for_each(|part| of_part[*part as usize].push(tree));
        }
        let (parts, spikes) = all.into_iter().unzip();
        Self { spikes, parts, of_part }
    }
}

/// The trees on a board.
struct Forest<'a> {
    trees: &'a Trees,
    mesh: &'a Mesh,
    board: &'a Board,
    /// Links of every tree.
    length: Vec<u64>,
    /// The part of every cell.
    part: Vec<Option<u32>>,
    cell: Vec<u32>,
    tile: Vec<[u32; 2]>,
}

impl<'a> Forest<'a> {
    fn new(trees: &'a Trees, mesh: &'a Mesh, placement: &Placement, board: &'a Board) -> Self {
        let cell_of = |core: &u32| board.first_cell(mesh.tile(*core)) + core % board.per_tile;
        let cell: Vec<u32> = placement.core.iter().map(cell_of).collect();
        let mut part = vec![None; board.n_cells() as usize];
        (0..).zip(&cell).for_each(|(i, cell)| part[*cell as usize] = Some(i));
        let tile = cell.iter().map(|cell| board.tile(*cell)).collect();
        let mut forest = Self { trees, mesh, board, length: Vec::new(), part, cell, tile };
        forest.length =
            (0..trees.spikes.len() as u32).into_par_iter().map(|tree| forest.length(tree, &[])).collect();
        forest
    }

    fn placement(&self) -> Placement {
        let core = |cell: &u32| self.mesh.first_core(self.board.tile(*cell)) + cell % self.board.per_tile;
        Placement { core: self.cell.iter().map(core).collect() }
    }

    /// Makes the best swap of a part with a cell of the tiles around, if it makes trees shorter.
    fn swap_best(&mut self, part: u32) -> bool {
        let [x, y] = self.tile[part as usize];
        let [width, height] = self.board.size;
        let around = (y.saturating_sub(1)..height.min(y + 2))
            .flat_map(|to_y| (x.saturating_sub(1)..width.min(x + 2)).map(move |to_x| [to_x, to_y]))
            .filter(|to| *to != [x, y]);
        let cells: Vec<u32> = around
            .flat_map(|tile| {
                let first = self.board.first_cell(tile);
                first..first + self.board.per_tile
            })
            .collect();
        let price = |to: &u32| (self.change(part, *to), *to);
        let best = cells.par_iter().map(price).min().filter(|(change, _)| *change < 0);
        best.map(|(_, to)| self.swap(part, to)).is_some()
    }

    /// The parts that a swap moves, and where to.
    fn moves(&self, part: u32, to: u32) -> Vec<(u32, [u32; 2])> {
        let other = self.part[to as usize].map(|other| (other, self.tile[part as usize]));
        std::iter::once((part, self.board.tile(to))).chain(other).collect()
    }

    /// The trees with a part of a swap, ascending.
    fn trees_of(&self, moves: &[(u32, [u32; 2])]) -> Vec<u32> {
        let of = |moved: &(u32, [u32; 2])| &self.trees.of_part[moved.0 as usize];
        let mut trees: Vec<u32> = moves.iter().flat_map(of).copied().collect();
        trees.sort_unstable();
        trees.dedup();
        trees
    }

    /// What a swap changes.
    fn change(&self, part: u32, to: u32) -> i64 {
        let moves = self.moves(part, to);
        let of = |tree: u32| {
            let change = self.length(tree, &moves) as i64 - self.length[tree as usize] as i64;
            self.trees.spikes[tree as usize] as i64 * change
        };
        self.trees_of(&moves).into_iter().map(of).sum()
    }

    fn swap(&mut self, part: u32, to: u32) {
        let moves = self.moves(part, to);
        let from = self.cell[part as usize];
        self.part[from as usize] = None;
        for ((moved, tile), cell) in moves.iter().copied().zip([to, from]) {
            self.part[cell as usize] = Some(moved);
            self.cell[moved as usize] = cell;
            self.tile[moved as usize] = tile;
        }
        for tree in self.trees_of(&moves) {
            self.length[tree as usize] = self.length(tree, &[]);
        }
    }

    /// The links of a tree once parts have moved.
    fn length(&self, tree: u32, moves: &[(u32, [u32; 2])]) -> u64 {
        let tile = |part: &u32| {
            let moved = moves.iter().find(|(moved, _)| moved == part);
            moved.map_or(self.tile[*part as usize], |(_, tile)| *tile)
        };
        let parts = &self.trees.parts[tree as usize];
        let mut tiles: Vec<_> = parts[1..].iter().map(tile).collect();
        tree_length(tile(&parts[0]), &mut tiles)
    }
}
