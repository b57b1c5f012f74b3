//! Where a netlist is on the chip of an architecture, which counts cores tile by tile and tiles up the columns.

use super::EmulateError;
use super::compile::mesh_of;
use crate::cost::Architecture;
use crate::cost::architecture::{SomaModel, Units};
use crate::netlist::ValidNetlist;

/// The units of an architecture that the neurons of a netlist are at, and its synapses; the first ones where it has
/// none of that name.
pub(crate) const SOMA: &str = "loihi_lif";
pub(crate) const SYNAPSE: &str = "loihi_sparse_synapse";

/// Where a node of a source is, if sources are on cores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seat {
    /// The core's number.
    pub core: u32,
    /// Which of the core's input units is its own.
    pub unit: u16,
}

/// There is no room for a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the cores of the architecture \"{architecture}\" have no room for the source \"{population}\": {free} more nodes fit, \
     and it has {size}; map onto fewer cores"
)]
pub struct NoSeat {
    /// The architecture.
    pub architecture: String,
    /// The source.
    pub population: String,
    /// How many nodes it has.
    pub size: u32,
    /// How many of them have a seat.
    pub free: u32,
}

/// The architecture's number of every core of the netlist: that of its place in the mesh, or, if the netlist is for no
/// chip, its own. `None` where the architecture has no such core.
pub(crate) fn core_numbers(
    netlist: &ValidNetlist,
    chip: &Architecture,
) -> Result<Vec<Option<u32>>, EmulateError> {
    let mesh = mesh_of(netlist)?;
    let n_cores = chip.n_cores();
    let number = |core: u32| match &mesh {
        Some(mesh) => {
            let [x, y] = mesh.tile(core);
            let is_there = x < chip.width && y < chip.height;
            let tile = is_there.then(|| x * chip.height + y)?;
            chip.core_index(tile, core - mesh.first_core([x, y]))
        }
        None => ((core as usize) < n_cores).then_some(core),
    };
    Ok(netlist.cores.iter().map(|core| number(core.core)).collect())
}

/// A seat for every node of every source, by population: on the cores with most room, of equal ones the first, and
/// every node at an input unit of its own. `cores` are the numbers of the netlist's.
pub(crate) fn seats(
    netlist: &ValidNetlist,
    chip: &Architecture,
    cores: &[u32],
) -> Result<Vec<Vec<Seat>>, NoSeat> {
    let units: Vec<&Units> =
        chip.tiles.iter().flat_map(|tile| &tile.cores).map(|core| core.units.as_ref()).collect();
    let mut room: Vec<u32> = units.iter().map(|units| units.max_neurons).collect();
    for (core, number) in netlist.cores.iter().zip(cores) {
        if let Some(room) = room.get_mut(*number as usize) {
            *room = room.saturating_sub(core.n_compartments() as u32);
        }
    }
    let inputs = |core: usize| units[core].somas.iter().filter(|soma| soma.model == SomaModel::Input).count();
    // Stable, so by number among equals.
    let mut order: Vec<usize> = (0..room.len()).collect();
    order.sort_by_key(|core| std::cmp::Reverse(room[*core]));
    let free = order.iter().flat_map(|core| {
        let n = (room[*core] as usize).min(inputs(*core));
        (0..n).map(|unit| Seat { core: *core as u32, unit: unit as u16 })
    });
    let mut free = free.fuse();
    let of = |population: &crate::netlist::Population| {
        let size = if population.source.is_some() { population.size } else { 0 };
        let seats: Vec<Seat> = free.by_ref().take(size as usize).collect();
        if seats.len() < size as usize {
            return Err(NoSeat {
                architecture: chip.name.clone(),
                population: population.name.clone(),
                size,
                free: seats.len() as u32,
            });
        }
        Ok(seats)
    };
    netlist.populations.iter().map(of).collect()
}

/// The soma unit of neurons.
pub(crate) fn soma_of(units: &Units) -> u16 {
    units.somas.iter().position(|unit| unit.name == SOMA).unwrap_or(0) as u16
}

/// The synapse unit.
pub(crate) fn synapse_of(units: &Units) -> u16 {
    units.synapses.iter().position(|unit| unit.name == SYNAPSE).unwrap_or(0) as u16
}

/// The soma unit that is the core's input unit of this number.
pub(crate) fn input_of(units: &Units, unit: u16) -> u16 {
    let inputs = (0..).zip(&units.somas).filter(|(_, soma)| soma.model == SomaModel::Input);
    inputs.map(|(i, _)| i).nth(usize::from(unit)).expect("a seat is at an input unit of its core")
}
