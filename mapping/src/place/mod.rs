//! Which core of the board a part becomes.
//!
//! What talks most should be close: every hop of a packet costs energy and fills a link. The search starts
//! with parts in greedy order of their traffic (`order`) along a space-filling curve (`curve`), lets neighbors
//! swap while that improves (`force`), and anneals swaps of parts with parts and empty cores (`anneal`), whose
//! gains are kept incrementally (`cells`). Larger boards are solved coarse to fine (`levels`), the smallest by
//! looking at all placements (`exact`).
//!
//! Cost: `O(E log n + swaps)`, `E` the pairs of parts with traffic; a proposed swap takes 0.15 to 0.2 µs.
//! The effort is a number of swaps, never a time, so a placement depends on traffic, board and seed alone. Who
//! watches may end the search at any time; there is a placement from the beginning on, and the best is kept.
//!
//! Fabrics that copy a spike on its way cost the links of a tree a spike, not of a route a packet:
//! [`shorten_trees`] goes on from there. What a placement costs is counted anew, by [`route`] and
//! [`tree_links`].

mod anneal;
mod board;
mod cells;
mod curve;
mod error;
mod exact;
mod force;
mod levels;
mod order;
mod routes;
mod shorten;
#[cfg(test)]
mod tests;
mod traffic;
mod trees;
mod work;

use rayon::prelude::*;
use rheobase_net::random::{Purpose, Stream};
use serde::{Deserialize, Serialize};

pub use error::PlaceError;
pub use routes::{Links, Routes, route};
pub use shorten::shorten_trees;
pub use traffic::Traffic;
pub use trees::{TreeLinks, tree_links};
pub use work::Watch;

use crate::chip::Mesh;
use anneal::{Schedule, anneal};
use board::Board;
use cells::Cells;
use force::descend;
use levels::{Level, coarsen};
use work::Work;

/// Where the parts are: every part has a core of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The core of every part, as a [`Mesh`] numbers them; `[n_parts]`.
    pub core: Vec<u32>,
}

/// How a placement is searched.
///
/// | field | default | meaning |
/// |---|---|---|
/// | `seed` | 0 | of the swaps that are proposed |
/// | `swaps` | 1500 | proposed for each part; 0: only neighbors swap |
/// | `runs` | 4 | searches of the coarsest board, of which the best is kept |
/// | `objective` | hops | what is to be least |
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PlaceConfig {
    /// The seed of the swaps that are proposed.
    pub seed: u64,
    /// How many swaps are proposed for each part on every board from coarse to fine, and [`COARSEST`] times as
    /// many in every run on the coarsest. With 0 only neighbors swap.
    pub swaps: u32,
    /// Independent searches of the coarsest board, in parallel; 0 is 1. The cheapest is kept, and of those that
    /// cost the same the one whose most loaded link carries least.
    pub runs: u32,
    /// What is to be least.
    pub objective: Objective,
}

/// What a placement is to have least of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Objective {
    /// Hops of all packets from tile to tile.
    #[default]
    Hops,
    /// Energy of all hops, those from chip to chip at their own price.
    Energy,
    /// Links of the trees by which a fabric copies spikes on their way. [`place`] has few hops, and
    /// [`shorten_trees`] goes on from there.
    TreeLinks,
}

/// How many times as many swaps a run on the coarsest board proposes: it decides what is where, and is small.
pub const COARSEST: u64 = 4;

impl Default for PlaceConfig {
    fn default() -> Self {
        Self { seed: 0, swaps: 1500, runs: 4, objective: Objective::Hops }
    }
}

/// Gives every part a core of its own, so that the objective is small. The same bits for any number of threads.
///
/// `watch` hears which share of the swaps is proposed, and may end the search. Then the placement is the best that
/// was found until then: none of an ended search is worse than the greedy order of which it began.
///
/// # Errors
/// If the board has no core, or fewer cores than there are parts, or is too large to be searched.
pub fn place(
    traffic: &Traffic,
    mesh: &Mesh,
    config: &PlaceConfig,
    watch: Watch<'_>,
) -> Result<Placement, PlaceError> {
    error::check(traffic.n_parts(), mesh)?;
    let levels = coarsen(traffic, Board::new(mesh, config.objective));
    let work = Work::new(watch, n_swaps(&levels, config));
    let mut coarse = levels.last().expect("a board is its own coarsest");
    let mut cell = solve(coarse, config, &work);
    for (depth, fine) in levels.iter().enumerate().rev().skip(1) {
        cell = fine.spread(&coarse.board, &cell);
        if work.goes_on() {
            let mut cells = Cells::new(&fine.traffic, &fine.board, cell);
            let swaps = u64::from(config.swaps) * u64::from(cells.n_parts());
            let stream = Stream::new(config.seed, Purpose::Place, depth as u32 + 1, 0);
            improve(&mut cells, &Schedule { swaps, ..Schedule::FINE }, stream, &work);
            cell = cells.into_cells();
        }
        coarse = fine;
    }
    let board = &coarse.board;
    let core = |cell: u32| mesh.first_core(board.tile(cell)) + cell % board.per_tile;
    Ok(Placement { core: cell.into_iter().map(core).collect() })
}

/// How many swaps are proposed in all.
fn n_swaps(levels: &[Level<'_>], config: &PlaceConfig) -> u64 {
    let parts = |level: &Level<'_>| u64::from(level.traffic.n_parts());
    let (coarsest, fine) = levels.split_last().expect("a board is its own coarsest");
    let in_runs = COARSEST * u64::from(config.runs.max(1)) * parts(coarsest);
    u64::from(config.swaps) * (in_runs + fine.iter().map(parts).sum::<u64>())
}

/// The cells of the parts of the coarsest board.
fn solve(level: &Level, config: &PlaceConfig, work: &Work<'_>) -> Vec<u32> {
    let start = order::along_curve(&level.traffic, &level.board);
    let swaps = COARSEST * u64::from(config.swaps) * u64::from(level.traffic.n_parts());
    let run = |run: u32| {
        let mut cells = Cells::new(&level.traffic, &level.board, start.clone());
        let stream = Stream::new(config.seed, Purpose::Place, 0, u64::from(run));
        improve(&mut cells, &Schedule { swaps, ..Schedule::COARSEST }, stream, work);
        Run { cost: cells.cost(), most_loaded_link: cells.most_loaded_link(), cell: cells.into_cells() }
    };
    let runs: Vec<_> = (0..config.runs.max(1)).into_par_iter().map(run).collect();
    let least =
        |a: &Run, b: &Run| a.cost.total_cmp(&b.cost).then(a.most_loaded_link.cmp(&b.most_loaded_link));
    let best = runs.into_iter().min_by(least).expect("there is at least one run");
    if work.goes_on() { exact::solve(&level.traffic, &level.board, best.cost, best.cell) } else { best.cell }
}

/// What a search of the coarsest board found.
struct Run {
    cost: f64,
    most_loaded_link: u64,
    cell: Vec<u32>,
}

/// Swaps of neighbors, annealed swaps, swaps of neighbors; never worse than without the annealed ones.
fn improve(cells: &mut Cells, schedule: &Schedule, stream: Stream, work: &Work<'_>) {
    descend(cells, work);
    let (cost, cell) = (cells.cost(), cells.cells().to_vec());
    anneal(cells, schedule, stream, work);
    descend(cells, work);
    if cells.cost() > cost {
        cells.restore(cell);
    }
}
