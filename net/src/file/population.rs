//! The group of a population inside a network file.

use std::path::Path;

use hdf5_pure::{AttrValue, GroupBuilder};

use super::{FileError, Hdf5Reader, ltc, neurons, sources, writer::Place};
use crate::{Model, Population};

/// Puts a population into its group.
pub(super) fn put(path: &Path, group: &mut GroupBuilder, population: &Population) -> Result<(), FileError> {
    let Population { name: _, size, model, positions } = population;
    group.attribute("size", AttrValue::U32(*size));
    match model {
        Model::Lif(lif) => neurons::put_lif(path, group, lif)?,
        Model::Izhikevich(izhikevich) => neurons::put_izhikevich(path, group, izhikevich)?,
        Model::Ltc(units) => ltc::put(path, group, units)?,
        Model::SpikeSource(source) => sources::put_spike_source(path, group, source)?,
        Model::CurrentSource(source) => sources::put_current_source(path, group, source)?,
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
        "lif" => Model::Lif(neurons::lif(file, &group)?),
        "izhikevich" => Model::Izhikevich(neurons::izhikevich(file, &group)?),
        "ltc" => Model::Ltc(ltc::get(file, &group)?),
        "spike_source" => Model::SpikeSource(sources::spike_source(file, &group)?),
        "current_source" => Model::CurrentSource(sources::current_source(file, &group)?),
        _ => {
            let expected = "\"lif\", \"izhikevich\", \"ltc\", \"spike_source\" or \"current_source\"";
            return Err(attributes.refuse("model", expected));
        }
    };
    let size = attributes.u32("size")?;
    Ok(Population { name: name.to_owned(), size, model, positions: positions(file, &group)? })
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
