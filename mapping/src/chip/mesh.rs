//! Where the cores of a board are, and what it costs to go from one to another.

/// The cores of a board: chips side by side, each a mesh of tiles, each tile with some cores.
///
/// A packet goes along x first and then along y (XY routing), from tile to tile, over the borders of chips as
/// well. Cores are numbered chip by chip (x fastest), in a chip tile by tile (x fastest), and in a tile one
/// after the other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mesh {
    /// Chips along x and y.
    pub chips: [u32; 2],
    /// Tiles of a chip along x and y.
    pub tiles: [u32; 2],
    /// Cores of a tile.
    pub cores_per_tile: u32,
    /// Energy of a hop inside a chip, along x and along y \[pJ\].
    pub hop: [f64; 2],
    /// Energy of a hop from chip to chip, along x and along y \[pJ\].
    pub chip_hop: [f64; 2],
}

impl Mesh {
    /// The number of cores of the board.
    pub fn n_cores(&self) -> u32 {
        self.chips[0] * self.chips[1] * self.cores_per_chip()
    }

    /// The number of cores of a chip.
    pub fn cores_per_chip(&self) -> u32 {
        self.tiles[0] * self.tiles[1] * self.cores_per_tile
    }

    /// Tiles of the board along x and y.
    pub fn size(&self) -> [u32; 2] {
        [self.chips[0] * self.tiles[0], self.chips[1] * self.tiles[1]]
    }

    /// The chip of a core.
    pub fn chip(&self, core: u32) -> u32 {
        core / self.cores_per_chip()
    }

    /// The tile of a core, counted over the whole board: x and y.
    pub fn tile(&self, core: u32) -> [u32; 2] {
        let tile = core / self.cores_per_tile;
        let per_chip = self.tiles[0] * self.tiles[1];
        let (chip, tile) = (tile / per_chip, tile % per_chip);
        let chip = [chip % self.chips[0], chip / self.chips[0]];
        [chip[0] * self.tiles[0] + tile % self.tiles[0], chip[1] * self.tiles[1] + tile / self.tiles[0]]
    }

    /// The first core of a tile, counted over the whole board; the others of the tile follow.
    pub fn first_core(&self, [x, y]: [u32; 2]) -> u32 {
        let chip = y / self.tiles[1] * self.chips[0] + x / self.tiles[0];
        let tile = y % self.tiles[1] * self.tiles[0] + x % self.tiles[0];
        chip * self.cores_per_chip() + tile * self.cores_per_tile
    }

    /// Whether the hop from tile `at` to tile `at + 1` along an axis goes from chip to chip.
    pub fn is_border(&self, axis: usize, at: u32) -> bool {
        (at + 1).is_multiple_of(self.tiles[axis])
    }

    /// The energy of the hop between the tiles `at` and `at + 1` along an axis \[pJ\].
    pub fn hop_energy(&self, axis: usize, at: u32) -> f64 {
        if self.is_border(axis, at) { self.chip_hop[axis] } else { self.hop[axis] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_and_its_cores_name_each_other() {
        let mesh =
            Mesh { chips: [3, 2], tiles: [4, 5], cores_per_tile: 2, hop: [1.0; 2], chip_hop: [9.0; 2] };
        let [width, height] = mesh.size();
        assert_eq!(width * height * mesh.cores_per_tile, mesh.n_cores());
        for core in 0..mesh.n_cores() {
            let [x, y] = mesh.tile(core);
            assert!(x < width && y < height);
            assert_eq!(mesh.first_core([x, y]), core / 2 * 2);
            assert_eq!(mesh.chip(core), y / 5 * 3 + x / 4);
        }
        let borders: Vec<u32> = (0..width - 1).filter(|at| mesh.is_border(0, *at)).collect();
        assert_eq!(borders, [3, 7]);
        assert_eq!((mesh.hop_energy(1, 3), mesh.hop_energy(1, 4)), (1.0, 9.0));
    }
}
