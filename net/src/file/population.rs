//! The group of a population inside a network file.

use std::path::Path;

use hdf5_pure::{AttrValue, GroupBuilder};

use super::spikes::{put_spikes, spikes};
use super::writer::Place;
use super::{FileError, Hdf5Reader};
use crate::{CurrentSource, LifPopulation, Model, Param, Population, SpikeSource, SynapseKind, Waveform};

/// Puts a population into its group.
pub(super) fn put(path: &Path, group: &mut GroupBuilder, population: &Population) -> Result<(), FileError> {
    let Population { name: _, size, model, positions } = population;
    group.attribute("size", AttrValue::U32(*size));
    match model {
        Model::Lif(lif) => put_lif(path, group, lif)?,
        Model::SpikeSource(source) => put_spike_source(path, group, source)?,
        Model::CurrentSource(source) => put_current_source(path, group, source)?,
    }
    if let Some(positions) = positions {
        let shape = [positions.len() as u64, 3];
        group.dataset("position").with_f32_data(positions.as_flattened()).with_shape(&shape);
    }
    Ok(())
}

/// Reads the population of this name.
pub(super) fn get(file: &Hdf5Reader, name: &str) -> Result<Population, FileError> {
    let group = format!("populations/{name}");
    let attributes = file.attributes(&group)?;
    let model = match attributes.text("model")? {
        "lif" => Model::Lif(lif(file, &group)?),
        "spike_source" => Model::SpikeSource(spike_source(file, &group)?),
        "current_source" => Model::CurrentSource(current_source(file, &group)?),
        _ => return Err(attributes.refuse("model", "\"lif\", \"spike_source\" or \"current_source\"")),
    };
    let size = attributes.u32("size")?;
    Ok(Population { name: name.to_owned(), size, model, positions: positions(file, &group)? })
}

fn put_lif(path: &Path, group: &mut GroupBuilder, lif: &LifPopulation) -> Result<(), FileError> {
    group.text(path, "model", "lif")?;
    let synapse = match lif.synapse {
        SynapseKind::Delta => "delta",
        SynapseKind::Exp => "exp",
        SynapseKind::Alpha => "alpha",
    };
    group.text(path, "synapse", synapse)?;
    lif.params().into_iter().for_each(|(name, param)| put_param(group, name, param));
    Ok(())
}

fn lif(file: &Hdf5Reader, group: &str) -> Result<LifPopulation, FileError> {
    let attributes = file.attributes(group)?;
    let synapse = match attributes.text("synapse")? {
        "delta" => SynapseKind::Delta,
        "exp" => SynapseKind::Exp,
        "alpha" => SynapseKind::Alpha,
        _ => return Err(attributes.refuse("synapse", "\"delta\", \"exp\" or \"alpha\"")),
    };
    let mut lif = LifPopulation { synapse, ..LifPopulation::default() };
    for (name, value) in lif.params_mut() {
        *value = param(file, group, name)?;
    }
    Ok(lif)
}

fn put_spike_source(path: &Path, group: &mut GroupBuilder, source: &SpikeSource) -> Result<(), FileError> {
    group.text(path, "model", "spike_source")?;
    match source {
        SpikeSource::External => group.text(path, "source", "external"),
        SpikeSource::Poisson { rate_hz } => {
            put_param(group, "rate_hz", rate_hz);
            group.text(path, "source", "poisson")
        }
        SpikeSource::Train(train) => {
            let mut inner = group.create_group("spikes");
            put_spikes(&mut inner, train);
            group.add_group(inner.finish());
            group.text(path, "source", "train")
        }
    }
}

fn spike_source(file: &Hdf5Reader, group: &str) -> Result<SpikeSource, FileError> {
    let attributes = file.attributes(group)?;
    match attributes.text("source")? {
        "external" => Ok(SpikeSource::External),
        "poisson" => Ok(SpikeSource::Poisson { rate_hz: param(file, group, "rate_hz")? }),
        "train" => Ok(SpikeSource::Train(spikes(file, &format!("{group}/spikes"))?)),
        _ => Err(attributes.refuse("source", "\"external\", \"poisson\" or \"train\"")),
    }
}

fn put_current_source(
    path: &Path,
    group: &mut GroupBuilder,
    source: &CurrentSource,
) -> Result<(), FileError> {
    group.text(path, "model", "current_source")?;
    match source {
        CurrentSource::External => group.text(path, "source", "external"),
        CurrentSource::Steps(steps) => {
            let shape = [steps.times().len() as u64, u64::from(steps.n_channels())];
            group.dataset("t_ms").with_f64_data(steps.times());
            group.dataset("value").with_f64_data(steps.values()).with_shape(&shape);
            group.text(path, "source", "steps")
        }
    }
}

fn current_source(file: &Hdf5Reader, group: &str) -> Result<CurrentSource, FileError> {
    let attributes = file.attributes(group)?;
    match attributes.text("source")? {
        "external" => Ok(CurrentSource::External),
        "steps" => {
            let values = format!("{group}/value");
            let n_channels = match file.shape(&values)?.as_slice() {
                [_, n] => u32::try_from(*n).ok(),
                _ => None,
            };
            let n_channels = n_channels.ok_or_else(|| file.wrong_shape(&values, "[times, nodes]"))?;
            let steps =
                Waveform::new(n_channels, file.read_list(&format!("{group}/t_ms"))?, file.read(&values)?);
            steps.map(CurrentSource::Steps).map_err(|source| FileError::Waveform {
                file: file.path().to_owned(),
                object: group.to_owned(),
                source,
            })
        }
        _ => Err(attributes.refuse("source", "\"external\" or \"steps\"")),
    }
}

fn positions(file: &Hdf5Reader, group: &str) -> Result<Option<Vec<[f32; 3]>>, FileError> {
    let path = format!("{group}/position");
    if !file.has_dataset(&path)? {
        return Ok(None);
    }
    match file.shape(&path)?.as_slice() {
        [_, 3] => Ok(Some(file.read(&path)?.as_chunks().0.to_vec())),
        _ => Err(file.wrong_shape(&path, "[nodes, 3]")),
    }
}

fn put_param(group: &mut GroupBuilder, name: &str, param: &Param) {
    match param {
        Param::Shared(value) => group.dataset(name).with_f64_data(&[*value]).with_shape(&[]),
        Param::PerNode(values) => group.dataset(name).with_f64_data(values),
    };
}

fn param(file: &Hdf5Reader, group: &str, name: &str) -> Result<Param, FileError> {
    let path = format!("{group}/{name}");
    match file.shape(&path)?.len() {
        0 => file.read_scalar(&path).map(Param::Shared),
        1 => file.read(&path).map(Param::PerNode),
        _ => Err(file.wrong_shape(&path, "one value, or one a node")),
    }
}
