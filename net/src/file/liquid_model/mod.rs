//! Trained liquid networks as files.

pub(super) mod cell;
mod wiring;

use std::path::Path;

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};
use rheobase_ltc::model::Model;

use super::header::{self, Format};
use super::writer::{self, Place};
use super::{FileError, Hdf5Reader};
use crate::{Answers, Channel, Description, LiquidModel};

const FORMAT: Format = Format { name: "rheobase-liquid", version: 1 };

/// Writes a trained liquid network as a file of the format `rheobase-liquid`, atomically.
///
/// # Errors
/// [`FileError::Text`], [`FileError::Write`], [`FileError::Encode`].
pub fn write_liquid(path: &Path, liquid: &LiquidModel) -> Result<(), FileError> {
    writer::save(path, content(path, liquid)?)
}

/// Reads a trained liquid network from a file of the format `rheobase-liquid`.
///
/// # Errors
/// [`FileError`]; [`FileError::Liquid`] if what the file says is no model.
pub fn read_liquid(path: &Path) -> Result<LiquidModel, FileError> {
    from_reader(&Hdf5Reader::open(path)?)
}

/// Reads a trained liquid network from a file of the format `rheobase-liquid` that is in memory.
///
/// # Errors
/// As [`read_liquid`].
pub fn read_liquid_bytes(bytes: &[u8]) -> Result<LiquidModel, FileError> {
    from_reader(&Hdf5Reader::from_bytes("the model file", bytes)?)
}

fn content(path: &Path, liquid: &LiquidModel) -> Result<FileBuilder, FileError> {
    let LiquidModel { model, parameters, is_single, inputs, answers, every_step, step, description } = liquid;
    let mut file = FORMAT.begin();
    file.attribute("step", AttrValue::F64(*step));
    file.text(path, "answers_at", if *every_step { "every_step" } else { "last_step" })?;
    file.text(path, "precision", if *is_single { "single" } else { "double" })?;
    let mut group = file.create_group("description");
    header::put_description(path, &mut group, description)?;
    file.add_group(group.finish());

    let mut group = file.create_group("cell");
    cell::put(path, &mut group, model.cell())?;
    file.add_group(group.finish());

    let mut group = file.create_group("parameters");
    for block in model.layout().blocks().iter().filter(|block| !block.range.is_empty()) {
        group.dataset(&block.name).with_f64_data(&parameters[block.range.clone()]);
    }
    file.add_group(group.finish());

    let mut group = file.create_group("inputs");
    put_channels(path, &mut group, inputs)?;
    file.add_group(group.finish());

    let mut group = file.create_group("answers");
    match answers {
        Answers::Values(channels) => put_channels(path, &mut group, channels)?,
        Answers::Classes(names) => group.texts(path, "class", names.iter().map(String::as_str))?,
    }
    file.add_group(group.finish());
    Ok(file)
}

fn put_channels(path: &Path, group: &mut GroupBuilder, channels: &[Channel]) -> Result<(), FileError> {
    group.texts(path, "name", channels.iter().map(|channel| channel.name.as_str()))?;
    let of = |number: fn(&Channel) -> f64| channels.iter().map(number).collect::<Vec<f64>>();
    group.dataset("mean").with_f64_data(&of(|channel| channel.mean));
    group.dataset("scale").with_f64_data(&of(|channel| channel.scale));
    Ok(())
}

fn from_reader(file: &Hdf5Reader) -> Result<LiquidModel, FileError> {
    FORMAT.check(file)?;
    let attributes = file.attributes("")?;
    let every_step = match attributes.text("answers_at")? {
        "every_step" => true,
        "last_step" => false,
        _ => return Err(attributes.refuse("answers_at", "\"every_step\" or \"last_step\"")),
    };
    let is_single = match attributes.text("precision")? {
        "single" => true,
        "double" => false,
        _ => return Err(attributes.refuse("precision", "\"single\" or \"double\"")),
    };
    let step = attributes.f64("step")?;
    if !(step > 0.0 && step.is_finite()) {
        return Err(attributes.refuse("step", "a finite number above 0"));
    }
    let description = match file.has_group("description")? {
        true => header::description(file, "description")?,
        false => Description::default(),
    };
    let cell = cell::get(file)?;
    let inputs = channels(file, "inputs")?;
    same(file, "inputs/name", inputs.len(), cell.n_inputs(), "one an input of the cell")?;
    let answers = match file.has_dataset("answers/class")? {
        true => Answers::Classes(file.read_texts("answers/class")?),
        false => Answers::Values(channels(file, "answers")?),
    };
    let has_head = file.has_dataset("parameters/head.weight")?;
    if !has_head {
        same(file, "answers", answers.len(), cell.n_outputs(), "one an output of the cell")?;
    }
    let model = Model::new(cell, has_head.then_some(answers.len()));
    let model = model.map_err(|error| unusable(file, "answers", error.to_string()))?;
    let parameters = parameters(file, &model)?;
    Ok(LiquidModel { model, parameters, is_single, inputs, answers, every_step, step, description })
}

fn channels(file: &Hdf5Reader, group: &'static str) -> Result<Vec<Channel>, FileError> {
    let [mean, scale] = ["mean", "scale"].map(|dataset| format!("{group}/{dataset}"));
    let names = file.read_texts(&format!("{group}/name"))?;
    let means: Vec<f64> = finite(file, &mean, names.len(), "one a name")?;
    let scales: Vec<f64> = finite(file, &scale, names.len(), "one a name")?;
    if let Some(index) = scales.iter().position(|scale| *scale == 0.0) {
        let (file, expected) = (file.path().to_owned(), "other than 0".to_owned());
        return Err(FileError::Value { file, object: scale, index, value: "0".to_owned(), expected });
    }
    let numbers = means.into_iter().zip(scales);
    Ok(names.into_iter().zip(numbers).map(|(name, (mean, scale))| Channel { name, mean, scale }).collect())
}

fn parameters(file: &Hdf5Reader, model: &Model) -> Result<Vec<f64>, FileError> {
    // No length is trusted: a damaged configuration may ask for more parameters than there is memory.
    let mut parameters = Vec::new();
    for block in model.layout().blocks().iter().filter(|block| !block.range.is_empty()) {
        let dataset = format!("parameters/{}", block.name);
        parameters.extend(finite(file, &dataset, block.range.len(), "one a parameter of the cell or head")?);
    }
    Ok(parameters)
}

/// Reads a list of finite numbers whose length is known.
fn finite(
    file: &Hdf5Reader,
    dataset: &str,
    needed: usize,
    because: &'static str,
) -> Result<Vec<f64>, FileError> {
    let values: Vec<f64> = file.read_list(dataset)?;
    same(file, dataset, values.len(), needed, because)?;
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(values),
        Some(index) => Err(FileError::Value {
            file: file.path().to_owned(),
            object: dataset.to_owned(),
            index,
            value: values[index].to_string(),
            expected: "finite".to_owned(),
        }),
    }
}

fn same(file: &Hdf5Reader, object: &str, has: usize, needed: usize, because: &str) -> Result<(), FileError> {
    match has == needed {
        true => Ok(()),
        false => {
            Err(unusable(file, object, format!("it has {has} entries, and {needed} are needed: {because}")))
        }
    }
}

fn unusable(file: &Hdf5Reader, object: &str, reason: String) -> FileError {
    FileError::Liquid { file: file.path().to_owned(), object: object.to_owned(), reason }
}
