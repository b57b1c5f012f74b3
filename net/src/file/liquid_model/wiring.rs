//! The synapses of a liquid network inside a group.

use std::path::Path;

use hdf5_pure::{AttrValue, GroupBuilder};
use rheobase_ltc::wiring::{Parts, Synapse, UnitKind, Wiring};

use super::unusable;
use crate::file::writer::Place;
use crate::file::{FileError, Hdf5Reader};

/// Puts a wiring into a group.
pub(in crate::file) fn put(path: &Path, group: &mut GroupBuilder, wiring: &Wiring) -> Result<(), FileError> {
    group.attribute("n_outputs", AttrValue::U32(wiring.n_outputs() as u32));
    let kinds = wiring.kinds().iter().map(|kind| match kind {
        UnitKind::Motor => "motor",
        UnitKind::Command => "command",
        UnitKind::Inter => "inter",
    });
    group.texts(path, "unit_kind", kinds)?;
    let mut layers = vec![0_u32; wiring.units()];
    for (layer, units) in (0..).zip(wiring.layers()) {
        units.iter().for_each(|unit| layers[*unit as usize] = layer);
    }
    group.dataset("unit_layer").with_u32_data(&layers);
    put_synapses(group, "synapse", wiring.synapses());
    put_synapses(group, "sensory", wiring.sensory());
    Ok(())
}

fn put_synapses(group: &mut GroupBuilder, prefix: &str, synapses: &[Synapse]) {
    let of = |end: fn(&Synapse) -> u32| synapses.iter().map(end).collect::<Vec<u32>>();
    group.dataset(&format!("{prefix}_source")).with_u32_data(&of(|synapse| synapse.source));
    group.dataset(&format!("{prefix}_target")).with_u32_data(&of(|synapse| synapse.target));
    let polarities: Vec<i8> = synapses.iter().map(|synapse| synapse.polarity).collect();
    group.dataset(&format!("{prefix}_polarity")).with_i8_data(&polarities);
}

/// Reads the wiring of a group.
pub(in crate::file) fn get(file: &Hdf5Reader, group: &str) -> Result<Wiring, FileError> {
    let attributes = file.attributes(group)?;
    let kinds_at = format!("{group}/unit_kind");
    let kind = |(unit, kind): (usize, &String)| match kind.as_str() {
        "motor" => Ok(UnitKind::Motor),
        "command" => Ok(UnitKind::Command),
        "inter" => Ok(UnitKind::Inter),
        other => {
            let reason = format!("unit {unit} is {other:?}, and must be \"motor\", \"command\" or \"inter\"");
            Err(unusable(file, &kinds_at, reason))
        }
    };
    let kinds = file.read_texts(&kinds_at)?.iter().enumerate().map(kind).collect::<Result<Vec<_>, _>>()?;
    let wiring = Wiring::new(Parts {
        n_inputs: attributes.u32("n_inputs")?,
        n_outputs: attributes.u32("n_outputs")?,
        layers: layers(file, group, kinds.len())?,
        kinds,
        synapses: synapses(file, group, "synapse")?,
        sensory: synapses(file, group, "sensory")?,
    });
    let wiring = wiring.map_err(|error| unusable(file, group, error.to_string()))?;
    // The reader's rule: nobody gets a wiring whose lists are in another order than the parameters'.
    let is_sorted = synapses(file, group, "synapse")? == wiring.synapses()
        && synapses(file, group, "sensory")? == wiring.sensory();
    match is_sorted {
        true => Ok(wiring),
        false => {
            Err(unusable(file, group, "sort its synapses, and their parameters, by target and source".into()))
        }
    }
}

/// The units of every layer.
fn layers(file: &Hdf5Reader, group: &str, units: usize) -> Result<Vec<Vec<u32>>, FileError> {
    let dataset = format!("{group}/unit_layer");
    let of_units: Vec<u32> = file.read_list(&dataset)?;
    super::same(file, &dataset, of_units.len(), units, "one a unit")?;
    let n_layers = of_units.iter().max().map_or(0, |layer| *layer as usize + 1);
    if n_layers > units {
        let reason = format!("it names layer {}, and there are {units} units", n_layers - 1);
        return Err(unusable(file, &dataset, reason));
    }
    let mut layers = vec![Vec::new(); n_layers];
    (0..).zip(of_units).for_each(|(unit, layer)| layers[layer as usize].push(unit));
    Ok(layers)
}

fn synapses(file: &Hdf5Reader, group: &str, prefix: &str) -> Result<Vec<Synapse>, FileError> {
    let at = |end: &str| format!("{group}/{prefix}_{end}");
    let sources: Vec<u32> = file.read_list(&at("source"))?;
    let targets: Vec<u32> = file.read_list(&at("target"))?;
    let polarities: Vec<i8> = file.read_list(&at("polarity"))?;
    super::same(file, &at("target"), targets.len(), sources.len(), "one a source")?;
    super::same(file, &at("polarity"), polarities.len(), sources.len(), "one a source")?;
    let ends = sources.into_iter().zip(targets).zip(polarities);
    Ok(ends.map(|((source, target), polarity)| Synapse { target, source, polarity }).collect())
}
