//! Wirings by file: a list or matrices of synapses, a description in TOML, or a trained model.

use std::path::Path;

use anyhow::anyhow;
use rheobase_ltc::cell::{Cell, Ltc};
use rheobase_ltc::model::AnyCell;
use rheobase_ltc::wiring::{Wiring, WiringSpec};
use rheobase_net::file::{self, Hdf5Reader};
use serde::Deserialize;

use crate::error::{Failure, OrBadInput};
use crate::liquid_run::input_names;
use crate::toml_file;

/// A wiring, and what is known of it.
pub struct Known {
    /// Who listens to whom.
    pub wiring: Wiring,
    /// Names of the inputs; none if they have none.
    pub inputs: Vec<String>,
    /// Conductances of trained synapses between units and of those from inputs, negative if they inhibit.
    pub strengths: Option<[Vec<f64>; 2]>,
}

/// What a wiring is drawn from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    /// Number of inputs.
    inputs: u32,
    wiring: WiringSpec,
}

/// Reads or draws the wiring of a file.
///
/// # Errors
/// If the file is faulty, or is of a network without a wiring.
pub fn load(path: &Path) -> Result<Known, Failure> {
    if path.extension().is_some_and(|extension| extension == "toml") {
        let Description { inputs, wiring } = toml_file::read(path)?;
        let wiring = wiring.draw(inputs).or_bad_input_in(path.display())?;
        return Ok(Known { wiring, inputs: Vec::new(), strengths: None });
    }
    // What cannot be read as HDF5 here is a text, or says more about itself below.
    let attributes = Hdf5Reader::open(path).and_then(|file| file.attributes(""));
    if attributes
        .is_ok_and(|attributes| attributes.text("format").is_ok_and(|format| format == "rheobase-liquid"))
    {
        let model = file::read_liquid(path).or_bad_input()?;
        let inputs = input_names(&model);
        let cell = model.model.cell();
        let Some(wiring) = wiring_of(cell) else {
            let kind = cell.kind();
            let error =
                anyhow!("{}: a cell of the kind {kind} has no wiring: all listen to all", path.display());
            return Err(Failure::BadInput(error));
        };
        let strengths = match cell {
            AnyCell::Ltc(cell) => Some(strengths(cell, model.model.of_cell(&model.parameters))),
            _ => None,
        };
        return Ok(Known { wiring: wiring.clone(), inputs, strengths });
    }
    let wiring = file::read_wiring(path).or_bad_input()?;
    Ok(Known { wiring, inputs: Vec::new(), strengths: None })
}

/// Who listens to whom in a cell, if that is written down.
pub fn wiring_of(cell: &AnyCell) -> Option<&Wiring> {
    match cell {
        AnyCell::Ltc(cell) => Some(cell.wiring()),
        AnyCell::WiredCfc(cell) => Some(cell.wiring()),
        AnyCell::MixedLtc(cell) => Some(cell.second().wiring()),
        AnyCell::MixedWiredCfc(cell) => Some(cell.second().wiring()),
        AnyCell::Cfc(_) | AnyCell::FiringRate(..) | AnyCell::CtGru(..) | AnyCell::MixedCfc(_) => None,
    }
}

/// The conductances of synapses, with the signs of their reversals.
fn strengths(cell: &Ltc, raw: &[f64]) -> [Vec<f64>; 2] {
    let (effective, layout) = (cell.effective(raw), Cell::<f64>::layout(cell));
    ["", "sensory_"].map(|prefix| {
        let block = |name: &str| {
            let range = layout.range(&format!("{prefix}{name}"));
            &effective[range.expect("the layout of an LTC cell has it")]
        };
        block("w").iter().zip(block("erev")).map(|(w, erev)| w.copysign(*erev)).collect()
    })
}
