//! A graph and its partition as .npy files, for those who count with another program.

use std::path::Path;

use anyhow::Context;
use ndarray::{ArrayView1, aview1};
use ndarray_npy::{WritableElement, write_npy};
use rheobase_mapping::{Graph, Partition};

use crate::error::Failure;

/// Writes `row_start`, `target`, `spikes`, `synapse_bits`, `config` (see [`Graph`]) and `part`, each a file.
///
/// # Errors
/// If the folder or a file cannot be written.
pub fn write(folder: &Path, graph: &Graph, partition: &Partition) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let Graph { n_neurons: _, row_start, target, spikes, synapse_bits, config } = graph;
    let Partition { part, n_parts: _ } = partition;
    file(folder, "row_start", aview1(row_start))?;
    file(folder, "target", aview1(target))?;
    file(folder, "spikes", aview1(spikes))?;
    file(folder, "synapse_bits", aview1(synapse_bits))?;
    file(folder, "config", aview1(config))?;
    file(folder, "part", aview1(part))
}

fn file<T: WritableElement>(folder: &Path, name: &str, values: ArrayView1<'_, T>) -> Result<(), Failure> {
    let path = folder.join(format!("{name}.npy"));
    Ok(write_npy(&path, &values).with_context(|| format!("cannot write {}", path.display()))?)
}
