//! All stages of mapping a liquid network, one after the other.

use std::ops::ControlFlow;

use super::{
    CheckedLiquid, InvalidLiquidMapping, QuantizedLiquid, check_liquid, liquid_graph, liquid_limits,
};
use crate::chip::{Chip, ChipError};
use crate::{PartitionConfig, PartitionError, PlaceConfig, PlaceError, Traffic, partition, place};

/// Why a liquid network is not on a chip.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MapLiquidError {
    /// It does not fit into cores.
    #[error(transparent)]
    Partition(#[from] PartitionError),
    /// There is no such board, or it is too small.
    #[error(transparent)]
    Chip(#[from] ChipError),
    /// Its parts have no place.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The mapping that was found is none.
    #[error(transparent)]
    Invalid(#[from] InvalidLiquidMapping),
}

/// Puts a liquid network onto the cores of a chip: on the board of this name, or on as many chips as it takes.
/// `messages` is how often every source sends, as [`liquid_graph`] takes it.
///
/// # Errors
/// [`MapLiquidError`].
pub fn map_liquid<'a>(
    liquid: &'a QuantizedLiquid,
    chip: &'a Chip,
    board: Option<&str>,
    messages: Option<&[u32]>,
) -> Result<CheckedLiquid<'a>, MapLiquidError> {
    let (graph, limits) = (liquid_graph(liquid, chip, messages), liquid_limits(liquid, chip));
    let config = PartitionConfig::default();
    let parts = partition(&graph, &limits, &config, &mut |_| ControlFlow::Continue(()))?;
    let mesh = chip.mesh(board, parts.n_parts)?;
    let placement =
        place(&Traffic::new(&graph, &parts), &mesh, &PlaceConfig::default(), &|_| ControlFlow::Continue(()))?;
    Ok(check_liquid(liquid, chip, &mesh, &parts, &placement)?)
}
