//! Cells: the targets sorted by where they are.

/// A box of cells, and the targets in each.
#[derive(Debug)]
pub(super) struct Cells {
    /// The corner of the first cell.
    origin: [f64; 3],
    /// The edges of a cell.
    pub(super) side: [f64; 3],
    /// The number of cells along each axis.
    pub(super) n: [i32; 3],
    /// Where each cell's points start; `[n_cells + 1]`.
    start: Vec<u32>,
    /// The targets and where they are, cell by cell.
    points: Vec<(u32, [f32; 3])>,
    /// For each axis the least and greatest of `target − source` where both are as far along as their
    /// cells: about 0 on a grid of one point a cell, −side to side in a cloud.
    pub(super) spread: [(f64, f64); 3],
}

impl Cells {
    /// Sorts some `members` of the targets into cells of the given edges that also cover `sources`; `None`
    /// if that takes many more cells than there are points.
    pub(super) fn new(
        sources: &[[f32; 3]],
        targets: &[[f32; 3]],
        members: &[u32],
        side: [f64; 3],
    ) -> Option<Self> {
        let all = || sources.iter().chain(targets);
        let (mut origin, mut n, mut n_cells) = ([0.0; 3], [1; 3], 1.0);
        for axis in 0..3 {
            let (low, high) = range(all().map(|point| f64::from(point[axis])));
            // Half a side before the first point: a grid's points are then in the middle of their cells.
            origin[axis] = low - 0.5 * side[axis];
            let cells = ((high - origin[axis]) / side[axis]).floor() + 1.0;
            n_cells *= cells;
            n[axis] = cells.min(f64::from(i32::MAX)) as i32;
        }
        if n_cells > 64.0 + 8.0 * (sources.len() + targets.len()) as f64 || n_cells > f64::from(1 << 30) {
            return None;
        }
        let mut cells =
            Self { origin, side, n, start: Vec::new(), points: Vec::new(), spread: [(0.0, 0.0); 3] };
        cells.sort(targets, members, n_cells as usize);
        for axis in 0..3 {
            let source = range(sources.iter().map(|point| cells.inside(*point, axis)));
            let target = range(cells.points.iter().map(|(_, point)| cells.inside(*point, axis)));
            cells.spread[axis] = (target.0 - source.1, target.1 - source.0);
        }
        Some(cells)
    }

    /// A counting sort; points of a cell stay in order.
    fn sort(&mut self, targets: &[[f32; 3]], members: &[u32], n_cells: usize) {
        self.start = vec![0; n_cells + 1];
        let idx_of = |cells: &Self, member: &u32| cells.idx(cells.cell_of(targets[*member as usize]));
        for member in members {
            let idx = idx_of(self, member);
            self.start[idx + 1] += 1;
        }
        for idx in 1..=n_cells {
            self.start[idx] += self.start[idx - 1];
        }
        let mut next = self.start.clone();
        self.points = vec![(0, [0.0; 3]); members.len()];
        for member in members {
            let next = &mut next[idx_of(self, member)];
            self.points[*next as usize] = (*member, targets[*member as usize]);
            *next += 1;
        }
    }

    /// The number of points of every cell.
    pub(super) fn counts(&self) -> impl Iterator<Item = u32> {
        self.start.windows(2).map(|cell| cell[1] - cell[0])
    }

    /// The points beyond the first `n_slots` of their cells, ascending.
    pub(super) fn beyond(&self, n_slots: u32) -> Vec<u32> {
        let rest = |cell: &[u32]| cell[1].min(cell[0] + n_slots) as usize..cell[1] as usize;
        let mut members: Vec<u32> = self
            .start
            .windows(2)
            .flat_map(|cell| self.points[rest(cell)].iter().map(|(member, _)| *member))
            .collect();
        members.sort_unstable();
        members
    }

    /// The cell that a point of the box is in.
    pub(super) fn cell_of(&self, point: [f32; 3]) -> [i32; 3] {
        std::array::from_fn(|axis| {
            let cell = ((f64::from(point[axis]) - self.origin[axis]) / self.side[axis]) as i32;
            cell.clamp(0, self.n[axis] - 1)
        })
    }

    /// How far a point is behind the start of its cell.
    fn inside(&self, point: [f32; 3], axis: usize) -> f64 {
        let start = self.origin[axis] + f64::from(self.cell_of(point)[axis]) * self.side[axis];
        f64::from(point[axis]) - start
    }

    fn idx(&self, cell: [i32; 3]) -> usize {
        let [nx, ny, _] = self.n.map(|n| n as usize);
        let [x, y, z] = cell.map(|i| i as usize);
        x + nx * (y + ny * z)
    }

    /// The target in a slot of the cell at `offset` from `cell`, and where it is, if there is one.
    #[inline]
    pub(super) fn point(&self, cell: [i32; 3], offset: [i32; 3], slot: u32) -> Option<(u32, [f32; 3])> {
        let at: [i32; 3] = std::array::from_fn(|axis| cell[axis] + offset[axis]);
        if (0..3).any(|axis| at[axis] < 0 || at[axis] >= self.n[axis]) {
            return None;
        }
        let idx = self.idx(at);
        let point = self.start[idx] + slot;
        (point < self.start[idx + 1]).then(|| self.points[point as usize])
    }
}

fn range(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
}

/// The step of a grid along each axis, if the points may be a grid: the least distance between different
/// coordinates, where every coordinate is a whole number of steps from the first.
pub(super) fn grid_step(points: &[[f32; 3]]) -> Option<[f64; 3]> {
    /// More different coordinates along an axis are not looked at as a grid.
    const MOST: usize = 1 << 12;
    let mut steps = [1.0; 3];
    for (axis, step) in steps.iter_mut().enumerate() {
        let mut coordinates: Vec<f32> = Vec::new();
        for point in points {
            if let Err(place) = coordinates.binary_search_by(|x| x.total_cmp(&point[axis])) {
                coordinates.insert(place, point[axis]);
            }
            if coordinates.len() > MOST {
                return None;
            }
        }
        let gaps = coordinates.windows(2).map(|pair| f64::from(pair[1]) - f64::from(pair[0]));
        let Some(least) = gaps.clone().reduce(f64::min) else { continue };
        if gaps.into_iter().any(|gap| (gap / least - (gap / least).round()).abs() > 1e-3) {
            return None;
        }
        *step = least;
    }
    Some(steps)
}
