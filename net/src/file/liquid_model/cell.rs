//! The cell of a liquid network inside its group; what is the same for groups of a network is used there, too.

use std::path::Path;

use hdf5_pure::GroupBuilder;
use rheobase_ltc::cell::cfc::{Cfc, CfcConfig, Mode, WiredCfc};
use rheobase_ltc::cell::{Cell, CellError, Ltc, mixed_memory};
use rheobase_ltc::model::{AnyCell, CfcSpec, CtGruSpec, FiringRateSpec, SpecError};
use rheobase_ltc::wiring::Wiring;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{unusable, wiring};
use crate::file::writer::Place;
use crate::file::{FileError, Hdf5Reader};

/// The configuration of a wired CfC, whose wiring is in the group.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::file) struct Wired {
    pub mode: Mode,
}

/// Puts a cell into its group.
pub(super) fn put(path: &Path, group: &mut GroupBuilder, cell: &AnyCell) -> Result<(), FileError> {
    group.text(path, "kind", cell.kind())?;
    match cell {
        AnyCell::Ltc(cell) => put_ltc(path, group, cell),
        AnyCell::MixedLtc(cell) => put_ltc(path, group, cell.second()),
        AnyCell::Cfc(cell) => put_cfc(path, group, cell),
        AnyCell::MixedCfc(cell) => put_cfc(path, group, cell.second()),
        AnyCell::WiredCfc(cell) => put_wired(path, group, cell),
        AnyCell::MixedWiredCfc(cell) => put_wired(path, group, cell.second()),
        AnyCell::FiringRate(spec, _) => put_config(path, group, spec),
        AnyCell::CtGru(spec, _) => put_config(path, group, spec),
    }?;
    group.attribute("n_inputs", hdf5_pure::AttrValue::U32(cell.n_inputs() as u32));
    Ok(())
}

fn put_ltc(path: &Path, group: &mut GroupBuilder, cell: &Ltc) -> Result<(), FileError> {
    put_config(path, group, cell.config())?;
    wiring::put(path, group, cell.wiring())
}

fn put_cfc(path: &Path, group: &mut GroupBuilder, cell: &Cfc) -> Result<(), FileError> {
    let units = Cell::<f64>::n_state(cell);
    put_config(path, group, &CfcSpec { units, config: cell.config().clone() })
}

fn put_wired(path: &Path, group: &mut GroupBuilder, cell: &WiredCfc) -> Result<(), FileError> {
    put_config(path, group, &Wired { mode: cell.mode() })?;
    wiring::put(path, group, cell.wiring())
}

pub(in crate::file) fn put_config(
    path: &Path,
    group: &mut GroupBuilder,
    config: &impl Serialize,
) -> Result<(), FileError> {
    let text = serde_json::to_string(config)
        .map_err(|error| FileError::Encode { file: path.to_owned(), reason: error.to_string() })?;
    group.text(path, "config", &text)
}

/// Where a model file has its cell.
const GROUP: &str = "cell";
/// More units, inputs or scales than this are no cell that was trained; a file that says so is damaged.
const MOST: usize = 1 << 16;
/// Layers of a cell.
const MOST_LAYERS: usize = 256;
/// Weights of a layer of a wired CfC, which are told apart before any is read.
const MOST_WEIGHTS: usize = 1 << 26;

/// Reads the cell of a file.
pub(super) fn get(file: &Hdf5Reader) -> Result<AnyCell, FileError> {
    let attributes = file.attributes(GROUP)?;
    let n_inputs = attributes.u32("n_inputs")? as usize;
    at_most(file, GROUP, &[n_inputs])?;
    let cell = |error: CellError| unusable(file, GROUP, error.to_string());
    let spec = |error: SpecError| unusable(file, GROUP, error.to_string());
    match attributes.text("kind")? {
        "ltc" => Ok(AnyCell::Ltc(ltc(file)?)),
        "mixed_ltc" => mixed_memory::<f64, _>(ltc(file)?).map(AnyCell::MixedLtc).map_err(cell),
        "cfc" => Ok(AnyCell::Cfc(cfc(file, GROUP, n_inputs)?)),
        "mixed_cfc" => {
            mixed_memory::<f64, _>(cfc(file, GROUP, n_inputs)?).map(AnyCell::MixedCfc).map_err(cell)
        }
        "wired_cfc" => Ok(AnyCell::WiredCfc(wired(file, GROUP, wiring::get(file, GROUP)?)?)),
        "mixed_wired_cfc" => {
            let of_layers = wired(file, GROUP, wiring::get(file, GROUP)?)?;
            mixed_memory::<f64, _>(of_layers).map(AnyCell::MixedWiredCfc).map_err(cell)
        }
        "firing_rate" => {
            let config: FiringRateSpec = config(file, GROUP)?;
            at_most(file, GROUP, &[config.units])?;
            AnyCell::firing_rate(n_inputs, config).map_err(spec)
        }
        "ct_gru" => {
            let config: CtGruSpec = config(file, GROUP)?;
            at_most(file, GROUP, &[config.units, config.n_scales])?;
            AnyCell::ct_gru(n_inputs, config).map_err(spec)
        }
        _ => Err(attributes.refuse(
            "kind",
            "\"ltc\", \"cfc\", \"wired_cfc\", one of them after \"mixed_\", \"firing_rate\" or \"ct_gru\"",
        )),
    }
}

fn at_most(file: &Hdf5Reader, group: &str, sizes: &[usize]) -> Result<(), FileError> {
    match sizes.iter().find(|n| **n > MOST) {
        Some(n) => Err(unusable(file, group, format!("{n} inputs, units or scales are more than {MOST}"))),
        None => Ok(()),
    }
}

fn few_layers(file: &Hdf5Reader, group: &str, n_layers: usize) -> Result<(), FileError> {
    match n_layers <= MOST_LAYERS {
        true => Ok(()),
        false => Err(unusable(file, group, format!("{n_layers} layers are more than {MOST_LAYERS}"))),
    }
}

fn ltc(file: &Hdf5Reader) -> Result<Ltc, FileError> {
    Ltc::new(wiring::get(file, GROUP)?, config(file, GROUP)?)
        .map_err(|error| unusable(file, GROUP, error.to_string()))
}

/// Reads a CfC from its group.
pub(in crate::file) fn cfc(file: &Hdf5Reader, group: &str, n_inputs: usize) -> Result<Cfc, FileError> {
    let CfcSpec { units, config } = config(file, group)?;
    let CfcConfig { backbone_layers, backbone_units, .. } = config;
    at_most(file, group, &[n_inputs, units, backbone_units])?;
    few_layers(file, group, backbone_layers)?;
    Cfc::new(n_inputs, units, config).map_err(|error| unusable(file, group, error.to_string()))
}

/// Reads a wired CfC from its group, but for its wiring.
pub(in crate::file) fn wired(file: &Hdf5Reader, group: &str, wiring: Wiring) -> Result<WiredCfc, FileError> {
    let Wired { mode } = config(file, group)?;
    few_layers(file, group, wiring.layers().len())?;
    // A layer has a weight from every unit of the layer before it and of itself to every unit.
    let sizes = wiring.layers().iter().map(Vec::len);
    let before = std::iter::once(wiring.n_inputs()).chain(sizes.clone());
    let n_weights = before.zip(sizes).map(|(before, units)| (before + units) * units).max().unwrap_or(0);
    if n_weights > MOST_WEIGHTS {
        let reason = format!("a layer would have {n_weights} weights, which are more than {MOST_WEIGHTS}");
        return Err(unusable(file, group, reason));
    }
    WiredCfc::new(wiring, mode).map_err(|error| unusable(file, group, error.to_string()))
}

/// Reads what a cell does.
pub(in crate::file) fn config<T: DeserializeOwned>(file: &Hdf5Reader, group: &str) -> Result<T, FileError> {
    let attributes = file.attributes(group)?;
    serde_json::from_str(attributes.text("config")?)
        .map_err(|error| unusable(file, group, format!("its attribute \"config\": {error}")))
}
