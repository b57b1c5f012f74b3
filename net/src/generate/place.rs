//! Where nodes are: grids, boxes, and spaces that populations share.

use rayon::prelude::*;

use super::draw;
use super::spec::{NetworkSpec, Placement, PopulationSpec, n_points};
use crate::random::{Purpose, Stream};

/// The positions of every population; `[n_populations]`, `None` for those that are nowhere.
///
/// # Panics
/// If the description has faults.
pub(super) fn positions(spec: &NetworkSpec, sizes: &[u32], seed: u64) -> Vec<Option<Vec<[f32; 3]>>> {
    let mut positions: Vec<_> = (0..)
        .zip(spec.populations.iter().zip(sizes))
        .map(|(part, (population, size))| of_its_own(population, *size, seed, part))
        .collect();
    for (part, space) in (0..).zip(&spec.spaces) {
        let shares = |population: &PopulationSpec| matches!(&population.placement, Placement::Space(name) if *name == space.name);
        let members: Vec<usize> = (0..sizes.len()).filter(|i| shares(&spec.populations[*i])).collect();
        let mut owner: Vec<u32> = Vec::new();
        for member in &members {
            owner.extend(std::iter::repeat_n(*member as u32, sizes[*member] as usize));
        }
        // Populations of the whole network are counted from 0 up, spaces from the top down, so that their
        // streams do not meet.
        draw::shuffle(&mut Stream::new(seed, Purpose::Choose, u32::MAX - part, 0), &mut owner);
        for member in &members {
            positions[*member] = Some(Vec::with_capacity(sizes[*member] as usize));
        }
        for (point, owner) in owner.into_iter().enumerate() {
            if let Some(list) = &mut positions[owner as usize] {
                list.push(grid_point(point as u64, space.grid, space.spacing, [0.0; 3]));
            }
        }
    }
    positions
}

fn of_its_own(population: &PopulationSpec, size: u32, seed: u64, part: u32) -> Option<Vec<[f32; 3]>> {
    match &population.placement {
        Placement::None | Placement::Space(_) => None,
        Placement::Grid { n, spacing, origin } => {
            Some((0..u64::from(size)).map(|i| grid_point(i, *n, *spacing, *origin)).collect())
        }
        Placement::Random { size: edges, origin } => {
            let point = |i: u32| {
                let mut stream = Stream::new(seed, Purpose::Position, part, u64::from(i));
                std::array::from_fn(|axis| (origin[axis] + edges[axis] * stream.open01()) as f32)
            };
            let mut points: Vec<[f32; 3]> = (0..size).into_par_iter().map(point).collect();
            points.par_sort_by_cached_key(|point| morton(*point, *edges, *origin));
            Some(points)
        }
    }
}

/// The place of a point along Morton's curve through the box, in 2^10 steps an axis.
fn morton(point: [f32; 3], edges: [f64; 3], origin: [f64; 3]) -> u32 {
    let steps: [u32; 3] =
        std::array::from_fn(|axis| ((f64::from(point[axis]) - origin[axis]) / edges[axis] * 1024.0) as u32);
    (0..10)
        .rev()
        .flat_map(|bit| steps.map(|step| step.min(1023) >> bit & 1))
        .fold(0, |key, bit| key << 1 | bit)
}

fn grid_point(i: u64, grid: [u32; 3], spacing: [f64; 3], origin: [f64; 3]) -> [f32; 3] {
    let [nx, ny, _] = grid.map(u64::from);
    let steps = [i % nx, i / nx % ny, i / (nx * ny)];
    std::array::from_fn(|axis| (origin[axis] + steps[axis] as f64 * spacing[axis]) as f32)
}

/// Everything wrong with a grid or box, for `size` nodes.
pub(super) fn grid_faults(grid: [u32; 3], spacing: [f64; 3], size: u64) -> Vec<String> {
    let mut faults = Vec::new();
    match n_points(grid) {
        None | Some(0) => faults.push(format!("the grid {grid:?} must have from 1 to 2^64 points")),
        Some(n) if n < size => {
            faults.push(format!("the grid {grid:?} has {n} points for {size} nodes: make it larger"));
        }
        Some(_) => {}
    }
    faults.extend(length_faults("spacing", spacing));
    faults
}

/// Everything wrong with lengths along the axes.
pub(super) fn length_faults(name: &str, lengths: [f64; 3]) -> Option<String> {
    let allowed = |x: f64| (1e-6..=1e9).contains(&x);
    (!lengths.into_iter().all(allowed))
        .then(|| format!("{name} is {lengths:?}, and must be from 1e-6 to 1e9"))
}

/// Everything wrong with a point.
pub(super) fn origin_faults(origin: [f64; 3]) -> Option<String> {
    let allowed = |x: f64| x.abs() <= 1e9;
    (!origin.into_iter().all(allowed)).then(|| format!("origin is {origin:?}, and must be within ±1e9"))
}
