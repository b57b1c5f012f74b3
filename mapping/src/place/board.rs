//! The board as those see it who swap parts: cells in tiles, and what a step costs.

use super::Objective;
use super::curve::curve;
use crate::chip::Mesh;

/// A rectangle of tiles with some cells each, one a core: row by row, the cells of a tile one after the other.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Board {
    /// Columns and rows of tiles.
    pub size: [u32; 2],
    /// Cells of a tile.
    pub per_tile: u32,
    /// What a packet costs over each step along x, then over each along y; `[n_steps]`.
    pub step: Vec<f64>,
    /// All tiles, in an order in which tiles that follow each other are close: chip by chip.
    pub curve: Vec<[u32; 2]>,
}

impl Board {
    /// The board of a mesh.
    pub fn new(mesh: &Mesh, objective: Objective) -> Self {
        let size = mesh.size();
        let cost = |axis, at| match objective {
            Objective::Hops | Objective::TreeLinks => 1.0,
            Objective::Energy => mesh.hop_energy(axis, at),
        };
        let steps = |axis: usize| (0..size[axis] - 1).map(move |at| cost(axis, at));
        let within = curve(mesh.tiles);
        let [width, height] = mesh.tiles;
        let tiles = curve(mesh.chips).into_iter().flat_map(|[chip_x, chip_y]| {
            within.iter().map(move |[x, y]| [chip_x * width + x, chip_y * height + y])
        });
        Self {
            size,
            per_tile: mesh.cores_per_tile,
            step: steps(0).chain(steps(1)).collect(),
            curve: tiles.collect(),
        }
    }

    /// The number of cells.
    pub fn n_cells(&self) -> u32 {
        self.size[0] * self.size[1] * self.per_tile
    }

    /// The first cell of a tile.
    pub fn first_cell(&self, [x, y]: [u32; 2]) -> u32 {
        (y * self.size[0] + x) * self.per_tile
    }

    /// The tile of a cell.
    pub fn tile(&self, cell: u32) -> [u32; 2] {
        let tile = cell / self.per_tile;
        [tile % self.size[0], tile / self.size[0]]
    }

    /// The axis along which the board is longer.
    pub fn longer(&self) -> usize {
        usize::from(self.size[1] > self.size[0])
    }

    /// The steps between two places along an axis, as indices of `step`.
    #[inline]
    pub fn between(&self, axis: usize, a: u32, b: u32) -> std::ops::Range<usize> {
        let first = axis * (self.size[0] as usize - 1);
        first + a.min(b) as usize..first + a.max(b) as usize
    }

    /// What a packet costs between two tiles.
    pub fn distance(&self, a: [u32; 2], b: [u32; 2]) -> f64 {
        let along = |axis: usize| self.step[self.between(axis, a[axis], b[axis])].iter().sum::<f64>();
        along(0) + along(1)
    }

    /// The board of half as many tiles: two that are neighbors along the longer axis become one.
    pub fn halved(&self) -> Self {
        let axis = self.longer();
        let mut size = self.size;
        size[axis] = size[axis].div_ceil(2);
        let (x, y) = self.step.split_at(self.size[0] as usize - 1);
        let step = [x, y].into_iter().enumerate().flat_map(|(of, steps)| -> Vec<f64> {
            if of == axis {
                steps.chunks_exact(2).map(|pair| pair[0] + pair[1]).collect()
            } else {
                steps.to_vec()
            }
        });
        let mut seen = vec![false; (size[0] * size[1]) as usize];
        let mut curve = Vec::new();
        for &[x, y] in &self.curve {
            let tile = if axis == 0 { [x / 2, y] } else { [x, y / 2] };
            if !std::mem::replace(&mut seen[(tile[1] * size[0] + tile[0]) as usize], true) {
                curve.push(tile);
            }
        }
        Self { size, per_tile: self.per_tile, step: step.collect(), curve }
    }
}
