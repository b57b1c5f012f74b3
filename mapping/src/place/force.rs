//! Swaps of neighbors while they improve.
//!
//! The force-directed search of Jin et al. 2023, doi 10.1145/3582016.3582038: parts (and empty cells) of
//! neighboring tiles swap places where the pulls on them say that this costs less. It goes over the board until
//! no swap of neighbors improves. `O(cells)` a sweep; every swap lowers the cost, so it ends.

use super::cells::Cells;
use super::work::Work;

/// Swaps neighbors until no such swap improves, or the work is ended.
pub(super) fn descend(cells: &mut Cells, work: &Work) {
    // Sums of energies are rounded; less than this is no improvement.
    let least = 1e-12 * cells.cost();
    let [width, height] = cells.board.size;
    while work.goes_on() {
        let mut improved = false;
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            for [next_x, next_y] in [[x + 1, y], [x, y + 1]] {
                if next_x < width && next_y < height {
                    improved |= swap_best(cells, [x, y], [next_x, next_y], least);
                }
            }
        }
        if !improved {
            return;
        }
    }
}

/// Makes the best swap of a cell of `a` and a cell of `b`, if it improves by more than `least`.
fn swap_best(cells: &mut Cells, a: [u32; 2], b: [u32; 2], least: f64) -> bool {
    let (first_a, first_b, per_tile) =
        (cells.board.first_cell(a), cells.board.first_cell(b), cells.board.per_tile);
    let mut best = None;
    let mut limit = -least;
    for (i, j) in (0..per_tile).flat_map(|i| (0..per_tile).map(move |j| (i, j))) {
        let swap = match (cells.part(first_a + i), cells.part(first_b + j)) {
            (Some(part), _) => (part, first_b + j, b),
            (None, Some(part)) => (part, first_a + i, a),
            (None, None) => continue,
        };
        let (part, to, to_tile) = swap;
        if let Some(change) = cells.change(part, to, to_tile, limit).filter(|change| *change < limit) {
            (best, limit) = (Some(swap), change);
        }
    }
    best.map(|(part, to, to_tile)| cells.swap(part, to, to_tile)).is_some()
}
