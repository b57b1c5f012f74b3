//! Links of fabrics that copy a spike on its way.

use std::ops::AddAssign;

use rayon::prelude::*;

use super::Placement;
use crate::chip::Mesh;
use crate::{Graph, Partition};

/// Links that spikes go over where a fabric copies them on the way: along x and along y.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TreeLinks {
    /// Inside of chips.
    pub inside: [u64; 2],
    /// From chip to chip.
    pub border: [u64; 2],
}

impl TreeLinks {
    /// All of them.
    pub fn n(&self) -> u64 {
        let Self { inside, border } = self;
        inside.iter().chain(border).sum()
    }

    /// What they cost \[pJ\].
    pub fn energy(&self, mesh: &Mesh) -> f64 {
        let of = |axis: usize| {
            self.inside[axis] as f64 * mesh.hop[axis] + self.border[axis] as f64 * mesh.chip_hop[axis]
        };
        of(0) + of(1)
    }
}

impl AddAssign for TreeLinks {
    fn add_assign(&mut self, other: Self) {
        for axis in 0..2 {
            self.inside[axis] += other.inside[axis];
            self.border[axis] += other.border[axis];
        }
    }
}

/// Links that spikes go over where a fabric copies them on the way: the union of the routes of one source.
///
/// Such a tree goes along the row of the source's tile, and from there up and down the columns that have
/// destinations. `O(synapses log fan_out)`, for sources in parallel.
///
/// # Panics
/// If the partition or the placement is not one of the graph on this board.
pub fn tree_links(graph: &Graph, partition: &Partition, placement: &Placement, mesh: &Mesh) -> TreeLinks {
    assert_eq!(partition.part.len(), graph.n_neurons as usize, "a part for every neuron");
    assert_eq!(placement.core.len(), partition.n_parts as usize, "a core for every part");
    let tile: Vec<[u32; 2]> = placement.core.iter().map(|core| mesh.tile(*core)).collect();
    let of = |tiles: &mut Vec<[u32; 2]>, source: u32| {
        tiles.clear();
        tiles.extend(graph.targets(source).iter().map(|t| tile[partition.part[*t as usize] as usize]));
        let root = tile[partition.part[source as usize] as usize];
        let spikes = u64::from(graph.spikes[source as usize]);
        let mut links = TreeLinks::default();
        tree(root, tiles, |axis, [low, high]| {
            let borders = u64::from(high / mesh.tiles[axis] - low / mesh.tiles[axis]);
            links.border[axis] += spikes * borders;
            links.inside[axis] += spikes * (u64::from(high - low) - borders);
        });
        links
    };
    let sum = |mut sum: TreeLinks, links: TreeLinks| {
        sum += links;
        sum
    };
    (0..graph.n_neurons).into_par_iter().map_init(Vec::new, of).reduce(TreeLinks::default, sum)
}

/// The links of the tree from a tile to others, which are sorted for it.
pub(super) fn tree_length(root: [u32; 2], tiles: &mut [[u32; 2]]) -> u64 {
    let mut length = 0;
    tree(root, tiles, |_, [low, high]| length += u64::from(high - low));
    length
}

/// The stretches of the tree from a tile to others, which are sorted for it: the axis, and its first and last tile
/// along that.
fn tree(root: [u32; 2], tiles: &mut [[u32; 2]], mut stretch: impl FnMut(usize, [u32; 2])) {
    tiles.sort_unstable();
    let [mut west, mut east] = [root[0]; 2];
    for column in tiles.chunk_by(|a, b| a[0] == b[0]) {
        let [x, south] = column[0];
        let [_, north] = column[column.len() - 1];
        (west, east) = (west.min(x), east.max(x));
        stretch(1, [south.min(root[1]), north.max(root[1])]);
    }
    stretch(0, [west, east]);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use rheobase_net::random::{Purpose, Stream};

    /// Against the set of links that the routes go over, each walked hop by hop.
    #[test]
    fn a_tree_is_the_union_of_its_routes() {
        let mut stream = Stream::new(1, Purpose::Choose, 0, 0);
        let mut tile = || [0, 1].map(|_| (stream.open01() * 6.0) as u32);
        for n in 0..200 {
            let root = tile();
            let mut tiles: Vec<_> = (0..n % 9).map(|_| tile()).collect();
            let mut links = HashSet::new();
            for to in &tiles {
                let mut at = root;
                while at != *to {
                    let axis = usize::from(at[0] == to[0]);
                    let before = at;
                    if to[axis] > at[axis] {
                        at[axis] += 1
                    } else {
                        at[axis] -= 1
                    }
                    links.insert((before, at));
                }
            }
            assert_eq!(tree_length(root, &mut tiles), links.len() as u64, "from {root:?} to {tiles:?}");
        }
    }
}
