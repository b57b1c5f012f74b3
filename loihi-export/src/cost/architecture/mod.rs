//! A chip as a cost model sees it: a mesh of tiles, cores in the tiles, units in the cores, costs at the units.
//!
//! ```text
//! tile (router) ── core ── axon_in → synapse → dendrite → soma → axon_out
//! ```
//!
//! A tile stands at column `index / height` and row `index % height` of the mesh: indices go up a column first.
//! Hops cost what their direction costs. Every message costs at the axon_out unit of its core and at the axon_in
//! unit of the core where it arrives; every synapse that it reaches there costs at a synapse unit and a dendrite
//! unit; a neuron costs at its soma unit when it is accessed, more when it is updated, and more when it fires.
//!
//! [`Architecture::loihi`] is the table that ships with the crate. [`Architecture::read`] reads SANA-FE's YAML.

mod read;

use std::sync::Arc;

use super::yaml::{Ignored, ReadError};

/// Energy and time of one event.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cost {
    /// Energy \[J\].
    pub energy: f64,
    /// Time \[s\].
    pub latency: f64,
}

/// A chip and what its events cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Architecture {
    /// What it is called.
    pub name: String,
    /// Columns of the mesh, in tiles.
    pub width: u32,
    /// Rows of the mesh, in tiles.
    pub height: u32,
    /// How many messages a link holds before it blocks.
    pub link_buffer_size: u32,
    /// What it takes to end a step.
    pub sync: SyncTable,
    /// The tiles, in the order of their places.
    pub tiles: Vec<Tile>,
}

/// The time that cores need to agree that a step is over \[s\], by the number of tiles in use.
///
/// Entries are ascending; the last one that is not above the number counts, and the first for smaller numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct SyncTable(pub Vec<(u32, f64)>);

/// A router and its cores.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// What it is called.
    pub name: String,
    /// A hop by direction, see [`Direction`].
    pub hops: [Cost; 4],
    /// Its cores.
    pub cores: Vec<Core>,
}

/// Where a hop leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// To the next row.
    North = 0,
    /// To the next column.
    East = 1,
    /// To the row before.
    South = 2,
    /// To the column before.
    West = 3,
}

/// The names of the directions, in their order.
pub(crate) const DIRECTIONS: [&str; 4] = ["north", "east", "south", "west"];

/// A core.
#[derive(Debug, Clone, PartialEq)]
pub struct Core {
    /// What it is called.
    pub name: String,
    /// What it is made of; cores of one kind share it.
    pub units: Arc<Units>,
}

/// What a core is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct Units {
    /// How many neurons it holds.
    pub max_neurons: u32,
    /// Where a step ends inside of it.
    pub buffer: Buffer,
    /// What takes messages in.
    pub axon_in: AxonUnit,
    /// What keeps weights.
    pub synapses: Vec<SynapseUnit>,
    /// What adds inputs up.
    pub dendrites: Vec<DendriteUnit>,
    /// What updates neurons.
    pub somas: Vec<SomaUnit>,
    /// What sends messages out.
    pub axon_out: AxonUnit,
}

/// Where between two units of a core what arrives waits for the next step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Buffer {
    /// Before the dendrite unit.
    BeforeDendrite,
    /// Inside of the dendrite unit.
    InsideDendrite,
    /// Before the soma unit, as on Loihi.
    BeforeSoma,
    /// Inside of the soma unit.
    InsideSoma,
    /// Before the axon_out unit.
    BeforeAxonOut,
}

/// A unit that messages pass.
#[derive(Debug, Clone, PartialEq)]
pub struct AxonUnit {
    /// What it is called.
    pub name: String,
    /// One message.
    pub message: Cost,
}

/// A unit that keeps weights.
#[derive(Debug, Clone, PartialEq)]
pub struct SynapseUnit {
    /// What it is called.
    pub name: String,
    /// One synaptic event: one weight fetched.
    pub spike: Cost,
}

/// A unit that adds up what arrives.
#[derive(Debug, Clone, PartialEq)]
pub struct DendriteUnit {
    /// What it is called.
    pub name: String,
    /// How it adds.
    pub model: DendriteModel,
    /// One synaptic event.
    pub update: Cost,
}

/// How a dendrite unit adds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DendriteModel {
    /// A sum over one step.
    Accumulator,
    /// A sum for each of the next steps.
    AccumulatorWithDelay,
    /// A passive cable.
    Taps,
}

/// A unit that updates neurons.
#[derive(Debug, Clone, PartialEq)]
pub struct SomaUnit {
    /// What it is called.
    pub name: String,
    /// What its neurons are.
    pub model: SomaModel,
    /// Looking at a neuron, which every step does.
    pub access: Cost,
    /// Changing its state, beyond the access.
    pub update: Cost,
    /// Firing, beyond access and update.
    pub spike: Cost,
}

/// What the neurons of a soma unit are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SomaModel {
    /// Loihi's, in steps of 1/64.
    LeakyIntegrateFire,
    /// A list of spikes, a rate, or chance.
    Input,
    /// TrueNorth's, with an additive leak.
    TrueNorth,
}

/// The table that ships with the crate.
const LOIHI: &str = include_str!("../../../architectures/loihi.yaml");

impl Architecture {
    /// Loihi 1 as SANA-FE prices it: 32 tiles of 4 cores.
    ///
    /// The energies are a pre-silicon model (Davies et al. 2018, DOI 10.1109/MM.2018.112130359, and SANA-FE's
    /// calibration), not measured on a chip; the file says where each number is from.
    ///
    /// # Panics
    /// Never: the text is part of the crate and a test reads it.
    pub fn loihi() -> Self {
        let (loihi, _) = Self::read(LOIHI, "loihi.yaml").expect("a test reads the table that ships");
        loihi
    }

    /// Reads SANA-FE's YAML; `file` is what messages call it. Also tells which attributes have no effect.
    ///
    /// # Errors
    /// If it is no YAML, if something is missing or has no meaning, or if it has what this crate does not model.
    pub fn read(text: &str, file: &str) -> Result<(Self, Vec<Ignored>), ReadError> {
        read::read(text, file)
    }

    /// How many cores there are.
    pub fn n_cores(&self) -> usize {
        self.tiles.iter().map(|tile| tile.cores.len()).sum()
    }

    /// The number of a core among all of them, counted tile by tile.
    pub fn core_index(&self, tile: u32, core: u32) -> Option<u32> {
        let cores = self.tiles.get(tile as usize)?.cores.len();
        let before: usize = self.tiles[..tile as usize].iter().map(|tile| tile.cores.len()).sum();
        ((core as usize) < cores).then_some(before as u32 + core)
    }

    /// Tile and number in the tile of a core by its number among all of them.
    pub fn core_place(&self, number: u32) -> Option<(u32, u32)> {
        let mut left = number as usize;
        for (tile, t) in self.tiles.iter().zip(0..) {
            match left.checked_sub(tile.cores.len()) {
                Some(behind) => left = behind,
                None => return Some((t, left as u32)),
            }
        }
        None
    }

    /// Column and row of a tile.
    pub fn place(&self, tile: u32) -> (u32, u32) {
        (tile / self.height, tile % self.height)
    }
}

impl SyncTable {
    /// The time for that many tiles \[s\].
    pub fn time(&self, tiles: u32) -> f64 {
        let behind = self.0.partition_point(|(least, _)| *least <= tiles);
        self.0.get(behind.saturating_sub(1)).map_or(0.0, |(_, time)| *time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_that_ships_is_read_without_a_remark() {
        let (loihi, ignored) = Architecture::read(LOIHI, "loihi.yaml").unwrap();
        assert_eq!(ignored, []);
        assert_eq!((loihi.width, loihi.height, loihi.tiles.len(), loihi.n_cores()), (8, 4, 32, 128));
        assert_eq!(loihi.place(5), (1, 1));
        assert_eq!(loihi.core_index(31, 3), Some(127));
        assert_eq!((loihi.core_index(31, 4), loihi.core_index(32, 0)), (None, None));
        assert_eq!([6, 127, 128].map(|core| loihi.core_place(core)), [Some((1, 2)), Some((31, 3)), None]);
    }

    #[test]
    fn the_time_of_a_sync_is_that_of_the_last_entry_reached() {
        let table = SyncTable(vec![(1, 0.6), (4, 1.4)]);
        let times: Vec<f64> = [0, 1, 3, 4, 100].iter().map(|tiles| table.time(*tiles)).collect();
        assert_eq!(times, [0.6, 0.6, 0.6, 1.4, 1.4]);
    }
}
