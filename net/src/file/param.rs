//! A parameter inside a network file: a dataset that all nodes share or that has a value for each.

use hdf5_pure::GroupBuilder;

use super::writer::Place;
use super::{FileError, Hdf5Reader};
use crate::Param;

/// Puts a parameter into the group of its population.
pub(super) fn put(group: &mut GroupBuilder, name: &str, param: &Param) {
    match param {
        Param::Shared(value) => group.dataset(name).with_f64_data(&[*value]).with_shape(&[]),
        Param::PerNode(values) => group.dataset(name).with_f64_data(values),
    };
}

/// Reads a parameter of a population.
pub(super) fn get(file: &Hdf5Reader, group: &str, name: &str) -> Result<Param, FileError> {
    let path = format!("{group}/{name}");
    match file.shape(&path)?.len() {
        0 => file.read_scalar(&path).map(Param::Shared),
        1 => file.read(&path).map(Param::PerNode),
        _ => Err(file.wrong_shape(&path, "one value, or one a node")),
    }
}
