//! Chips on boards.

use super::error::{ChipError, ChipFault};
use super::file::{Pair, Reader, Section, Whole, Word, nearest};
use super::{Chip, Hops, Mesh};

/// How cores lie on a chip, and how packets travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChipMesh {
    /// Tiles along x and y.
    pub tiles: [u32; 2],
    /// Cores of a tile.
    pub cores_per_tile: u32,
    /// How a spike reaches several cores.
    pub fabric: Fabric,
}

/// How a spike reaches several cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fabric {
    /// By a packet for every destination core.
    Unicast,
    /// By one packet that forks on its way.
    Multicast,
}

/// Chips side by side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Board {
    /// The name.
    pub name: String,
    /// Chips along x and y.
    pub chips: [u32; 2],
}

/// The most cores of a board: a hostile file cannot make anyone allocate more than a list of them.
const MOST_CORES: u32 = 1 << 24;

impl ChipMesh {
    /// Cores of a chip.
    pub fn n_cores(&self) -> u32 {
        self.tiles[0] * self.tiles[1] * self.cores_per_tile
    }

    pub(super) fn read<'a>(mut section: Section<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        const FABRIC: Word<Fabric> = Word(&[("unicast", Fabric::Unicast), ("multicast", Fabric::Multicast)]);
        let tiles = section.figure("tiles", &Pair(Whole(1..=4096)), reader);
        let cores_per_tile = section.figure("cores_per_tile", &Whole(1..=4096), reader);
        let fabric = section.figure("fabric", &FABRIC, reader);
        section.close(reader);
        let mesh = Self { tiles: tiles?, cores_per_tile: cores_per_tile?, fabric: fabric? };
        let n_cores = mesh.tiles.map(u64::from).iter().product::<u64>() * u64::from(mesh.cores_per_tile);
        check_cores("mesh.tiles".to_owned(), n_cores, reader)?;
        Some(mesh)
    }
}

impl Board {
    /// Reads the boards of a chip.
    pub(super) fn read_all<'a>(
        sections: Vec<Section<'a>>,
        mesh: Option<&ChipMesh>,
        reader: &mut Reader<'a>,
    ) -> Option<Vec<Self>> {
        let mut boards: Vec<Self> = Vec::new();
        let mut all = true;
        for (i, mut section) in sections.into_iter().enumerate() {
            let name = section.text("name", reader);
            let chips: Option<[u32; 2]> = section.figure("chips", &Pair(Whole(1..=4096)), reader);
            section.close(reader);
            let (Some(name), Some(chips)) = (name, chips) else {
                all = false;
                continue;
            };
            if boards.iter().any(|board| board.name == name) {
                let problem = format!("a second board is named \"{name}\": rename one");
                reader.faults.push(ChipFault::Together { name: format!("boards[{i}].name"), problem });
            }
            if let Some(mesh) = mesh {
                let n_cores = chips.map(u64::from).iter().product::<u64>() * u64::from(mesh.n_cores());
                all &= check_cores(format!("boards[{i}].chips"), n_cores, reader).is_some();
            }
            boards.push(Self { name, chips });
        }
        all.then_some(boards)
    }
}

impl Chip {
    /// The cores of a board; without one, of as many chips as `n_cores` cores need, in a rectangle that is
    /// nearly a square.
    ///
    /// # Errors
    /// If the chip has no such board, or if it has fewer cores than `n_cores`.
    pub fn mesh(&self, board: Option<&str>, n_cores: u32) -> Result<Mesh, ChipError> {
        let per_chip = self.mesh.n_cores();
        let chips = match board {
            None => {
                let n_chips = n_cores.div_ceil(per_chip).max(1);
                let x = n_chips.isqrt() + u32::from(n_chips.isqrt().pow(2) < n_chips);
                let chips = [x, n_chips.div_ceil(x)];
                if chips.map(u64::from).iter().product::<u64>() * u64::from(per_chip) > u64::from(MOST_CORES)
                {
                    let (chip, limit) = (self.name.clone(), MOST_CORES);
                    return Err(ChipError::TooManyCores { chip, need: n_cores, limit });
                }
                chips
            }
            Some(name) => self.board(name, n_cores)?.chips,
        };
        let Hops { x, y, chip_x, chip_y } = self.hops;
        Ok(Mesh {
            chips,
            tiles: self.mesh.tiles,
            cores_per_tile: self.mesh.cores_per_tile,
            hop: [x.energy, y.energy],
            chip_hop: [chip_x.energy, chip_y.energy],
        })
    }

    /// The board of that name, if it has as many cores as are needed.
    fn board(&self, name: &str, need: u32) -> Result<&Board, ChipError> {
        let names = || self.boards.iter().map(|board| board.name.as_str());
        let board =
            self.boards.iter().find(|board| board.name == name).ok_or_else(|| ChipError::UnknownBoard {
                chip: self.name.clone(),
                board: name.to_owned(),
                nearest: nearest(name, names()),
                known: names().collect::<Vec<_>>().join(", "),
            })?;
        let per_chip = self.mesh.n_cores();
        let n_chips = |board: &Board| board.chips[0] * board.chips[1];
        if n_chips(board) * per_chip >= need {
            return Ok(board);
        }
        let larger = self.boards.iter().filter(|board| n_chips(board) * per_chip >= need);
        let way_out = match larger.min_by_key(|board| n_chips(board)) {
            Some(larger) => format!("take the board \"{}\", or name none", larger.name),
            None => format!("name no board for the {} chips that it takes", need.div_ceil(per_chip)),
        };
        Err(ChipError::SmallBoard {
            chip: self.name.clone(),
            board: name.to_owned(),
            cores: n_chips(board) * per_chip,
            chips: n_chips(board),
            per_chip,
            need,
            way_out,
        })
    }
}

fn check_cores(name: String, n_cores: u64, reader: &mut Reader<'_>) -> Option<()> {
    if n_cores <= u64::from(MOST_CORES) {
        return Some(());
    }
    let problem = format!("these are {n_cores} cores, and the limit is {MOST_CORES}: make it smaller");
    reader.faults.push(ChipFault::Together { name, problem });
    None
}
