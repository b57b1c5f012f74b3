//! The group of a projection inside a network file.

use std::path::Path;

use hdf5_pure::{AttrValue, GroupBuilder};

use super::writer::Place;
use super::{FileError, Hdf5Reader};
use crate::{Delays, Plasticity, PopulationId, Projection, Receptor, Synapses, Weights};

/// Puts a projection into its group.
pub(super) fn put(
    path: &Path,
    group: &mut GroupBuilder,
    projection: &Projection,
    populations: &[&str],
) -> Result<(), FileError> {
    let Projection { name, source, target, receptor, synapses, plasticity } = projection;
    let population = |end, id: &PopulationId| {
        populations.get(id.idx()).copied().ok_or_else(|| FileError::UnknownPopulation {
            file: path.to_owned(),
            projection: name.clone(),
            end,
            population: format!("number {} of {}", id.0, populations.len()),
        })
    };
    group.text(path, "source", population("source", source)?)?;
    group.text(path, "target", population("target", target)?)?;
    let receptor = match receptor {
        Receptor::BySign => "by_sign",
        Receptor::Excitatory => "excitatory",
        Receptor::Inhibitory => "inhibitory",
    };
    group.text(path, "receptor", receptor)?;
    if let Some(rule) = plasticity {
        group.text(path, "plasticity", &rule_text(path, name, rule)?)?;
    }
    put_synapses(group, synapses);
    Ok(())
}

/// Reads the projection of this name.
pub(super) fn get(file: &Hdf5Reader, name: &str, populations: &[String]) -> Result<Projection, FileError> {
    let group = format!("projections/{name}");
    let attributes = file.attributes(&group)?;
    let population = |end| {
        let found = attributes.text(end)?;
        match populations.iter().position(|population| population == found) {
            Some(idx) => Ok(PopulationId(idx as u32)),
            None => Err(FileError::UnknownPopulation {
                file: file.path().to_owned(),
                projection: name.to_owned(),
                end,
                population: found.to_owned(),
            }),
        }
    };
    let receptor = match attributes.text("receptor")? {
        "by_sign" => Receptor::BySign,
        "excitatory" => Receptor::Excitatory,
        "inhibitory" => Receptor::Inhibitory,
        _ => return Err(attributes.refuse("receptor", "\"by_sign\", \"excitatory\" or \"inhibitory\"")),
    };
    let plasticity = match attributes.has("plasticity") {
        true => Some(rule(file, &group, attributes.text("plasticity")?)?),
        false => None,
    };
    Ok(Projection {
        name: name.to_owned(),
        source: population("source")?,
        target: population("target")?,
        receptor,
        synapses: synapses(file, &group)?,
        plasticity,
    })
}

/// A plasticity rule as JSON.
fn rule_text(path: &Path, projection: &str, rule: &Plasticity) -> Result<String, FileError> {
    let refuse = |reason| FileError::Encode { file: path.to_owned(), reason };
    let text = serde_json::to_string(rule).map_err(|error| refuse(error.to_string()))?;
    // JSON has no infinity, and its writer puts null instead.
    match text.contains("null") {
        false => Ok(text),
        true => Err(refuse(format!(
            "the plasticity of projection \"{projection}\" has a number that is not finite, which JSON cannot hold"
        ))),
    }
}

fn rule(file: &Hdf5Reader, group: &str, text: &str) -> Result<Plasticity, FileError> {
    serde_json::from_str(text).map_err(|error| FileError::Plasticity {
        file: file.path().to_owned(),
        object: group.to_owned(),
        reason: error.to_string(),
    })
}

fn put_synapses(group: &mut GroupBuilder, synapses: &Synapses) {
    let Synapses { row_start, target, weight, delay } = synapses;
    group.dataset("row_start").with_u64_data(row_start);
    group.dataset("target").with_u32_data(target);
    match weight {
        Weights::Shared(weight) => group.dataset("weight").with_f64_data(&[*weight]).with_shape(&[]),
        Weights::F32(weights) => group.dataset("weight").with_f32_data(weights),
        Weights::F64(weights) => group.dataset("weight").with_f64_data(weights),
    };
    match delay {
        Delays::Shared(delay) => group.dataset("delay").with_f64_data(&[*delay]).with_shape(&[]),
        Delays::Ticks { tick, n } => {
            group.dataset("delay").with_u16_data(n).set_attr("tick_ms", AttrValue::F64(*tick))
        }
        Delays::F64(delays) => group.dataset("delay").with_f64_data(delays),
    };
}

fn synapses(file: &Hdf5Reader, group: &str) -> Result<Synapses, FileError> {
    Ok(Synapses {
        row_start: file.read_list(&format!("{group}/row_start"))?,
        target: file.read_list(&format!("{group}/target"))?,
        weight: weights(file, &format!("{group}/weight"))?,
        delay: delays(file, &format!("{group}/delay"))?,
    })
}

fn weights(file: &Hdf5Reader, path: &str) -> Result<Weights, FileError> {
    match (file.shape(path)?.len(), file.element_type(path)?.as_str()) {
        (0, _) => file.read_scalar(path).map(Weights::Shared),
        (1, "f32") => file.read(path).map(Weights::F32),
        (1, _) => file.read(path).map(Weights::F64),
        _ => Err(file.wrong_shape(path, "one weight, or one a synapse")),
    }
}

fn delays(file: &Hdf5Reader, path: &str) -> Result<Delays, FileError> {
    let attributes = file.attributes(path)?;
    match (file.shape(path)?.len(), attributes.has("tick_ms")) {
        (0, false) => file.read_scalar(path).map(Delays::Shared),
        (1, true) => Ok(Delays::Ticks { tick: attributes.f64("tick_ms")?, n: file.read(path)? }),
        (1, false) => file.read(path).map(Delays::F64),
        _ => {
            Err(file
                .wrong_shape(path, "one delay, or one a synapse (in ticks with the attribute \"tick_ms\")"))
        }
    }
}
