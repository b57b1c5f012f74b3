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
        self.chips[0] * self.chips[1] * self.tiles[0] * self.tiles[1] * self.cores_per_tile
    }

    /// The tile of a core, counted over the whole board: x and y.
    pub fn tile(&self, core: u32) -> [u32; 2] {
        let tile = core / self.cores_per_tile;
        let per_chip = self.tiles[0] * self.tiles[1];
        let (chip, tile) = (tile / per_chip, tile % per_chip);
        let chip = [chip % self.chips[0], chip / self.chips[0]];
        [chip[0] * self.tiles[0] + tile % self.tiles[0], chip[1] * self.tiles[1] + tile / self.tiles[0]]
    }
}
