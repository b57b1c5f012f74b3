//! Why parts cannot be placed.

use crate::chip::Mesh;

/// Why parts cannot be placed: what is too much, the limit, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceError {
    /// The board has no core.
    #[error(
        "the board has {} × {} chips of {} × {} tiles of {cores_per_tile} cores, and each of these must be at least 1",
        chips[0], chips[1], tiles[0], tiles[1]
    )]
    NoCore {
        /// Chips along x and y.
        chips: [u32; 2],
        /// Tiles of a chip along x and y.
        tiles: [u32; 2],
        /// Cores of a tile.
        cores_per_tile: u32,
    },
    /// There are more parts than cores.
    #[error(
        "{n_parts} parts need {n_parts} cores and the board has {n_cores}, {} chips of {per_chip}: take a board of {} \
         chips, or cut the network into fewer parts",
        n_cores / per_chip, u64::from(*n_parts).div_ceil(*per_chip)
    )]
    TooManyParts {
        /// The number of parts.
        n_parts: u32,
        /// The cores of the board.
        n_cores: u64,
        /// The cores of a chip.
        per_chip: u64,
    },
    /// The board is larger than one that a placement can be searched on.
    #[error(
        "a board of {width} × {height} tiles with {n_cores} cores is too large to place {n_parts} parts on it: the \
         limits are {MAX_CORES} cores, and {MAX_PULLS} for (width + height) × parts; take a board of fewer chips"
    )]
    TooLarge {
        /// The number of parts.
        n_parts: u32,
        /// Tiles along x.
        width: u64,
        /// Tiles along y.
        height: u64,
        /// The cores of the board, at most 2⁶⁴ − 1.
        n_cores: u64,
    },
}

/// The most cores of a board.
const MAX_CORES: u64 = 1 << 24;

/// The most numbers that are kept to price swaps: 2 GiB.
const MAX_PULLS: u64 = 1 << 28;

/// Whether parts can be placed on a board.
pub(super) fn check(n_parts: u32, mesh: &Mesh) -> Result<(), PlaceError> {
    let Mesh { chips, tiles, cores_per_tile, hop: _, chip_hop: _ } = *mesh;
    if [chips[0], chips[1], tiles[0], tiles[1], cores_per_tile].contains(&0) {
        return Err(PlaceError::NoCore { chips, tiles, cores_per_tile });
    }
    let [width, height] = [0, 1].map(|axis| u64::from(chips[axis]) * u64::from(tiles[axis]));
    let n_cores = width.saturating_mul(height).saturating_mul(u64::from(cores_per_tile));
    if n_cores < u64::from(n_parts) {
        let n_chips = u64::from(chips[0]) * u64::from(chips[1]);
        return Err(PlaceError::TooManyParts { n_parts, n_cores, per_chip: n_cores / n_chips });
    }
    let pulls = width.saturating_add(height).saturating_mul(u64::from(n_parts));
    if n_cores > MAX_CORES || pulls > MAX_PULLS {
        return Err(PlaceError::TooLarge { n_parts, width, height, n_cores });
    }
    Ok(())
}
