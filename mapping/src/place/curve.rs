//! A curve that visits every cell of a rectangle and stays close to where it was.
//!
//! Hilbert's curve for sides that are no powers of two (the idea of Červený's generalized curve,
//! <https://github.com/jakubcerveny/gilbert>): a rectangle is cut into three, of which the middle one is
//! walked along the other side, or into two where it is long. Cells that follow each other are neighbors,
//! except for at most one diagonal step where a side is odd.

/// A side of a rectangle: how many cells, and where the next cell is.
#[derive(Debug, Clone, Copy)]
struct Side {
    len: i64,
    step: [i64; 2],
}

impl Side {
    fn first(self, len: i64) -> Self {
        Self { len, ..self }
    }

    fn rest(self, from: i64) -> Self {
        Self { len: self.len - from, ..self }
    }

    fn back(self) -> Self {
        Self { step: self.step.map(|step| -step), ..self }
    }

    fn from(self, [x, y]: [i64; 2], cells: i64) -> [i64; 2] {
        [x + self.step[0] * cells, y + self.step[1] * cells]
    }
}

/// The cells of a rectangle in the order of the curve, from (0, 0).
pub(super) fn curve([width, height]: [u32; 2]) -> Vec<[u32; 2]> {
    let x = Side { len: i64::from(width), step: [1, 0] };
    let y = Side { len: i64::from(height), step: [0, 1] };
    let mut cells = Vec::with_capacity(width as usize * height as usize);
    if width >= height {
        walk(&mut cells, [0, 0], x, y)
    } else {
        walk(&mut cells, [0, 0], y, x)
    }
    cells
}

/// Walks from the corner `at` to the other end of the side `along`.
fn walk(cells: &mut Vec<[u32; 2]>, at: [i64; 2], along: Side, across: Side) {
    if along.len == 0 || across.len == 0 {
        return;
    }
    if along.len == 1 || across.len == 1 {
        let line = if across.len == 1 { along } else { across };
        cells.extend((0..line.len).map(|i| line.from(at, i).map(|coordinate| coordinate as u32)));
        return;
    }
    // Even pieces end at the corner where the next begins.
    let half = |side: Side| side.len / 2 + i64::from(side.len > 2) * (side.len / 2 % 2);
    if 2 * along.len > 3 * across.len {
        let cut = half(along);
        walk(cells, at, along.first(cut), across);
        walk(cells, along.from(at, cut), along.rest(cut), across);
        return;
    }
    let (cut, middle) = (half(across), along.len / 2);
    walk(cells, at, across.first(cut), along.first(middle));
    walk(cells, across.from(at, cut), along, across.rest(cut));
    let last = across.from(along.from(at, along.len - 1), cut - 1);
    walk(cells, last, across.first(cut).back(), along.rest(middle).back());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every rectangle up to 20 × 20: each cell once, and at most one step that is not to a neighbor, which
    /// is a diagonal one.
    #[test]
    fn every_cell_is_visited_once_and_steps_are_to_neighbors() {
        for (width, height) in (1..=20).flat_map(|width| (1..=20).map(move |height| (width, height))) {
            let cells = curve([width, height]);
            let mut sorted = cells.clone();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!((cells.len() as u32, sorted.len()), (width * height, cells.len()), "{width}×{height}");
            assert!(sorted.iter().all(|[x, y]| *x < width && *y < height), "{width}×{height}");
            let steps = cells.windows(2).map(|pair| {
                let [x, y] = [0, 1].map(|axis| pair[0][axis].abs_diff(pair[1][axis]));
                (x.max(y), x + y)
            });
            let diagonal = steps.filter(|step| *step != (1, 1)).inspect(|step| assert_eq!(*step, (1, 2)));
            assert!(diagonal.count() <= 1, "{width}×{height}");
        }
    }
}
