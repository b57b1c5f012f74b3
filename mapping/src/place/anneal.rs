//! Annealed swaps.
//!
//! Simulated annealing (Kirkpatrick et al. 1983, doi 10.1126/science.220.4598.671) as placers of circuits do
//! it (VPR: Betz & Rose 1997, doi 10.1007/3-540-63465-7_226): a part swaps with a cell near its own, or near
//! the one where its pulls would bring it to rest, if that costs at most the temperature times a draw of an
//! exponential distribution. The temperature falls geometrically. The window around the cell shrinks or grows
//! until 0.44 of all swaps are accepted, which is when most is gained.

use rand::Rng;
use rheobase_net::random::Stream;

use super::cells::Cells;
use super::work::Work;

/// How a board is annealed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    /// How many swaps are proposed.
    pub swaps: u64,
    /// The first temperature, in units of the mean change by a swap.
    pub heat: f64,
    /// How far along an axis swaps go at first, in tiles.
    pub window: u32,
}

impl Schedule {
    /// From a board in greedy order, where anything may have to go anywhere.
    pub const COARSEST: Self = Self { swaps: 0, heat: 0.4, window: u32::MAX };
    /// From a coarser board's solution, which leaves little to do but near by.
    pub const FINE: Self = Self { swaps: 0, heat: 0.1, window: 4 };
}

/// Temperatures of a schedule.
const N_TEMPERATURES: u64 = 200;

/// The last temperature as a share of the first. Swaps of neighbors follow, so it need not be colder.
const COOLEST: f64 = 1e-2;

/// The share of accepted swaps that the window is fitted to.
const ACCEPTED: f64 = 0.44;

/// Anneals swaps, until all are proposed or the work is ended.
pub(super) fn anneal(cells: &mut Cells, schedule: &Schedule, stream: Stream, work: &Work) {
    let Schedule { swaps, heat, window } = *schedule;
    if swaps == 0 {
        return;
    }
    let mut moves = Moves::new(cells, window, stream);
    let mut temperature = heat * moves.mean_change(cells);
    let cooling = libm::pow(COOLEST, 1.0 / (N_TEMPERATURES - 1) as f64);
    let n = swaps.div_ceil(N_TEMPERATURES);
    for _ in 0..N_TEMPERATURES {
        let mut accepted = 0_u64;
        for _ in 0..n {
            let Swap { part, to, to_tile, threshold } = moves.draw(cells);
            let limit = temperature * threshold;
            if to_tile != cells.tile(part) && cells.change(part, to, to_tile, limit).is_some() {
                cells.swap(part, to, to_tile);
                accepted += 1;
            }
        }
        if !work.did(n) {
            return;
        }
        moves.fit_window(accepted as f64 / n as f64);
        temperature *= cooling;
    }
}

/// A proposal.
struct Swap {
    part: u32,
    to: u32,
    to_tile: [u32; 2],
    /// How many temperatures it may cost.
    threshold: f64,
}

/// Draws proposals.
struct Moves {
    stream: Stream,
    /// Quantiles of the exponential distribution, so that a draw takes no logarithm.
    exponential: Vec<f64>,
    window: f64,
    widest: f64,
}

/// 2 to this power are the quantiles.
const QUANTILE_BITS: u32 = 10;

impl Moves {
    fn new(cells: &Cells, window: u32, stream: Stream) -> Self {
        let n = 1_u32 << QUANTILE_BITS;
        let quantile = |i: u32| -libm::log((f64::from(i) + 0.5) / f64::from(n));
        let widest = f64::from(cells.board.size[0].max(cells.board.size[1]));
        let window = f64::from(window).min(widest);
        Self { stream, exponential: (0..n).map(quantile).collect(), window, widest }
    }

    fn fit_window(&mut self, accepted: f64) {
        self.window = (self.window * (1.0 + accepted - ACCEPTED)).clamp(1.0, self.widest);
    }

    #[inline]
    fn draw(&mut self, cells: &Cells) -> Swap {
        let part = scaled(self.stream.next_u32(), cells.n_parts());
        let mut bits = self.stream.next_u32();
        let mut take = |n: u32| {
            let taken = bits & ((1 << n) - 1);
            bits >>= n;
            taken
        };
        let threshold = self.exponential[take(QUANTILE_BITS) as usize];
        let center = if take(1) == 0 { cells.tile(part) } else { cells.rest(part) };
        let slot = scaled(take(21) << 11, cells.board.per_tile);
        let places = self.stream.next_u32();
        let window = self.window as u32;
        let within = |axis: usize, draw: u32| {
            let low = center[axis].saturating_sub(window);
            let high = (center[axis] + window).min(cells.board.size[axis] - 1);
            low + scaled(draw, high - low + 1)
        };
        let to_tile = [within(0, places & 0xffff_0000), within(1, places << 16)];
        Swap { part, to: cells.board.first_cell(to_tile) + slot, to_tile, threshold }
    }

    /// The mean size of a change by a swap that changes something, from 256 proposals.
    fn mean_change(&mut self, cells: &Cells) -> f64 {
        let changes = (0..256).filter_map(|_| {
            let Swap { part, to, to_tile, threshold: _ } = self.draw(cells);
            cells.change(part, to, to_tile, f64::INFINITY).filter(|change| *change != 0.0)
        });
        let (sum, n) = changes.fold((0.0, 0), |(sum, n), change| (sum + change.abs(), n + 1));
        sum / f64::from(n.max(1))
    }
}

/// A number below `n` from 32 random bits.
#[inline]
fn scaled(bits: u32, n: u32) -> u32 {
    ((u64::from(bits) * u64::from(n)) >> 32) as u32
}
