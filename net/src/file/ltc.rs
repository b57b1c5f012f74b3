//! Groups with liquid time constants inside a network file.

use std::path::Path;

use hdf5_pure::{AttrValue, GroupBuilder};
use rheobase_ltc::cell::Cell;
use rheobase_ltc::cell::ltc::LtcConfig;
use rheobase_ltc::model::CfcSpec;
use rheobase_ltc::wiring::{Parts, Synapse, UnitKind, Wiring};

use super::liquid_model::cell as trained;
use super::writer::Place;
use super::{FileError, Hdf5Reader, param};
use crate::{LiquidCell, LtcOutput, LtcPopulation};

/// What is wrong with a cell, by its group.
type Reason = Box<dyn Fn(String) -> FileError>;

/// Puts a group into its group of the file.
pub(super) fn put(path: &Path, group: &mut GroupBuilder, ltc: &LtcPopulation) -> Result<(), FileError> {
    let LtcPopulation { cell, parameters, inputs, interval, time_scale, tau_trace, v_init, output } = ltc;
    let encoding = |reason: String| FileError::Encode { file: path.to_owned(), reason };
    group.text(path, "model", "ltc")?;
    group.text(path, "cell", cell.kind())?;
    match cell {
        LiquidCell::Ltc { wiring, config } => {
            trained::put_config(path, group, config)?;
            put_wiring(group, wiring);
        }
        LiquidCell::Cfc { n_inputs: _, units, config } => {
            trained::put_config(path, group, &CfcSpec { units: *units, config: config.clone() })?;
        }
        LiquidCell::WiredCfc { wiring, mode } => {
            trained::put_config(path, group, &trained::Wired { mode: *mode })?;
            put_wiring(group, wiring);
        }
    }
    group.texts(path, "input", inputs.iter().map(String::as_str))?;
    group.attribute("interval_ms", AttrValue::F64(*interval));
    group.attribute("time_scale", AttrValue::F64(*time_scale));
    param::put(group, "tau_trace", tau_trace);
    param::put(group, "v_init", v_init);
    put_output(path, group, *output)?;

    let built = cell.build().map_err(|error| encoding(error.to_string()))?;
    let layout = built.layout();
    if parameters.len() != layout.n_parameters() {
        let (found, needed) = (parameters.len(), layout.n_parameters());
        return Err(encoding(format!("a cell has {found} parameters, and its layout has {needed}")));
    }
    let mut blocks = group.create_group("parameters");
    for block in layout.blocks().iter().filter(|block| !block.range.is_empty()) {
        blocks.dataset(&block.name).with_f64_data(&parameters[block.range.clone()]);
    }
    group.add_group(blocks.finish());
    Ok(())
}

/// Reads the group of a group of the file.
pub(super) fn get(file: &Hdf5Reader, group: &str) -> Result<LtcPopulation, FileError> {
    let attributes = file.attributes(group)?;
    let faulty = cell_fault(file, group);
    let inputs = file.read_texts(&format!("{group}/input"))?;
    let cell = match attributes.text("cell")? {
        "ltc" => {
            let config: LtcConfig = trained::config(file, group)?;
            LiquidCell::Ltc { wiring: wiring(file, group, &faulty)?, config }
        }
        "cfc" => {
            let cell = trained::cfc(file, group, inputs.len())?;
            let (units, config) = (Cell::<f64>::n_state(&cell), cell.config().clone());
            LiquidCell::Cfc { n_inputs: inputs.len(), units, config }
        }
        "wired_cfc" => {
            let cell = trained::wired(file, group, wiring(file, group, &faulty)?)?;
            LiquidCell::WiredCfc { wiring: cell.wiring().clone(), mode: cell.mode() }
        }
        _ => return Err(attributes.refuse("cell", "\"ltc\", \"cfc\" or \"wired_cfc\"")),
    };
    let built = cell.build().map_err(|error| faulty(error.to_string()))?;
    let parameters = parameters(file, group, &*built)?;
    let output = match attributes.text("output")? {
        "current" => LtcOutput::Current,
        "sigma_delta" => LtcOutput::SigmaDelta { threshold: attributes.f64("threshold")? },
        "crossing" => LtcOutput::Crossing { threshold: attributes.f64("threshold")? },
        "rate" => LtcOutput::Rate { hz_per_unit: attributes.f64("hz_per_unit")? },
        _ => {
            let expected = "\"current\", \"sigma_delta\", \"crossing\" or \"rate\"";
            return Err(attributes.refuse("output", expected));
        }
    };
    Ok(LtcPopulation {
        parameters,
        inputs,
        interval: attributes.f64("interval_ms")?,
        time_scale: attributes.f64("time_scale")?,
        tau_trace: param::get(file, group, "tau_trace")?,
        v_init: param::get(file, group, "v_init")?,
        output,
        cell,
    })
}

fn cell_fault(file: &Hdf5Reader, group: &str) -> Reason {
    let (path, group) = (file.path().to_owned(), group.to_owned());
    Box::new(move |reason| FileError::Liquid { file: path.clone(), object: group.clone(), reason })
}

fn put_output(path: &Path, group: &mut GroupBuilder, output: LtcOutput) -> Result<(), FileError> {
    let (name, number) = match output {
        LtcOutput::Current => ("current", None),
        LtcOutput::SigmaDelta { threshold } => ("sigma_delta", Some(("threshold", threshold))),
        LtcOutput::Crossing { threshold } => ("crossing", Some(("threshold", threshold))),
        LtcOutput::Rate { hz_per_unit } => ("rate", Some(("hz_per_unit", hz_per_unit))),
    };
    if let Some((name, value)) = number {
        group.attribute(name, AttrValue::F64(value));
    }
    group.text(path, "output", name)
}

fn put_wiring(group: &mut GroupBuilder, wiring: &Wiring) {
    let mut inner = group.create_group("wiring");
    inner.attribute("inputs", AttrValue::U32(wiring.n_inputs() as u32));
    inner.attribute("outputs", AttrValue::U32(wiring.n_outputs() as u32));
    let kinds = wiring.kinds().iter().map(|kind| match kind {
        UnitKind::Motor => 0,
        UnitKind::Command => 1,
        UnitKind::Inter => 2,
    });
    inner.dataset("kind").with_u8_data(&kinds.collect::<Vec<u8>>());
    let sizes: Vec<u32> = wiring.layers().iter().map(|layer| layer.len() as u32).collect();
    inner.dataset("layer_size").with_u32_data(&sizes);
    inner.dataset("layer_unit").with_u32_data(&wiring.layers().concat());
    for (prefix, synapses) in [("", wiring.synapses()), ("sensory_", wiring.sensory())] {
        let column = |of: fn(&Synapse) -> u32| synapses.iter().map(of).collect::<Vec<u32>>();
        inner.dataset(&format!("{prefix}source")).with_u32_data(&column(|synapse| synapse.source));
        inner.dataset(&format!("{prefix}target")).with_u32_data(&column(|synapse| synapse.target));
        let polarity: Vec<i8> = synapses.iter().map(|synapse| synapse.polarity).collect();
        inner.dataset(&format!("{prefix}polarity")).with_i8_data(&polarity);
    }
    group.add_group(inner.finish());
}

fn wiring(file: &Hdf5Reader, group: &str, faulty: &Reason) -> Result<Wiring, FileError> {
    let group = format!("{group}/wiring");
    let attributes = file.attributes(&group)?;
    let kind_path = format!("{group}/kind");
    let kinds: Vec<u8> = file.read_list(&kind_path)?;
    let kind = |(index, kind): (usize, &u8)| match kind {
        0 => Ok(UnitKind::Motor),
        1 => Ok(UnitKind::Command),
        2 => Ok(UnitKind::Inter),
        other => Err(FileError::Value {
            file: file.path().to_owned(),
            object: kind_path.clone(),
            index,
            value: other.to_string(),
            expected: "0 (motor), 1 (command) or 2 (inter)".to_owned(),
        }),
    };
    let kinds = kinds.iter().enumerate().map(kind).collect::<Result<Vec<_>, _>>()?;
    Wiring::new(Parts {
        n_inputs: attributes.u32("inputs")?,
        n_outputs: attributes.u32("outputs")?,
        layers: layers(file, &group)?,
        kinds,
        synapses: synapses(file, &group, "")?,
        sensory: synapses(file, &group, "sensory_")?,
    })
    .map_err(|error| faulty(error.to_string()))
}

fn layers(file: &Hdf5Reader, group: &str) -> Result<Vec<Vec<u32>>, FileError> {
    let sizes: Vec<u32> = file.read_list(&format!("{group}/layer_size"))?;
    let path = format!("{group}/layer_unit");
    let units: Vec<u32> = file.read_list(&path)?;
    let mut rest = units.as_slice();
    let mut layers = Vec::with_capacity(sizes.len());
    for size in sizes {
        let (layer, others) = rest
            .split_at_checked(size as usize)
            .ok_or_else(|| file.wrong_shape(&path, "as many units as layer_size counts"))?;
        layers.push(layer.to_vec());
        rest = others;
    }
    match rest {
        [] => Ok(layers),
        _ => Err(file.wrong_shape(&path, "as many units as layer_size counts")),
    }
}

fn synapses(file: &Hdf5Reader, group: &str, prefix: &str) -> Result<Vec<Synapse>, FileError> {
    let path = |name: &str| format!("{group}/{prefix}{name}");
    let sources: Vec<u32> = file.read_list(&path("source"))?;
    let targets: Vec<u32> = file.read_list(&path("target"))?;
    let polarities: Vec<i8> = file.read_list(&path("polarity"))?;
    for (name, len) in [("target", targets.len()), ("polarity", polarities.len())] {
        if len != sources.len() {
            return Err(file.wrong_shape(&path(name), format!("[{}], as source has,", sources.len())));
        }
    }
    let ends = targets.into_iter().zip(sources).zip(polarities);
    Ok(ends.map(|((target, source), polarity)| Synapse { target, source, polarity }).collect())
}

fn parameters(file: &Hdf5Reader, group: &str, cell: &dyn Cell<f64>) -> Result<Vec<f64>, FileError> {
    let mut parameters = Vec::new();
    for block in cell.layout().blocks().iter().filter(|block| !block.range.is_empty()) {
        let path = format!("{group}/parameters/{}", block.name);
        let values: Vec<f64> = file.read_list(&path)?;
        if values.len() != block.range.len() {
            return Err(file.wrong_shape(&path, format!("[{}], as the cell says,", block.range.len())));
        }
        parameters.extend(values);
    }
    Ok(parameters)
}
