//! Spike files, and the group of spikes inside other files.

use std::path::Path;

use hdf5_pure::{AttrValue, GroupBuilder};

use super::header::Format;
use super::writer::{self, Place};
use super::{FileError, Hdf5Reader};
use crate::SpikeTrain;

const FORMAT: Format = Format { name: "rheobase-spikes", version: 1 };

/// Writes a spike train as a file of the format `rheobase-spikes`, atomically.
///
/// # Errors
/// [`FileError::Write`], [`FileError::Encode`].
pub fn write_spikes(path: &Path, spikes: &SpikeTrain) -> Result<(), FileError> {
    let mut file = FORMAT.begin();
    let mut group = file.create_group("spikes");
    put_spikes(&mut group, spikes);
    file.add_group(group.finish());
    writer::save(path, file)
}

/// Reads a spike train from a file of the format `rheobase-spikes`.
///
/// # Errors
/// [`FileError`]; [`FileError::Spikes`] if the spikes are out of order or of nodes that are not there.
pub fn read_spikes(path: &Path) -> Result<SpikeTrain, FileError> {
    from_reader(&Hdf5Reader::open(path)?)
}

/// Reads a spike train from a file of the format `rheobase-spikes` that is in memory.
///
/// # Errors
/// As [`read_spikes`].
pub fn read_spikes_bytes(bytes: &[u8]) -> Result<SpikeTrain, FileError> {
    from_reader(&Hdf5Reader::from_bytes("the spike file", bytes)?)
}

fn from_reader(file: &Hdf5Reader) -> Result<SpikeTrain, FileError> {
    FORMAT.check(file)?;
    spikes(file, "spikes")
}

/// Puts spikes into a group.
pub(super) fn put_spikes(group: &mut GroupBuilder, spikes: &SpikeTrain) {
    group.attribute("n_nodes", AttrValue::U32(spikes.n_nodes()));
    group.dataset("t_ms").with_f64_data(spikes.times());
    group.dataset("node").with_u32_data(spikes.nodes());
}

/// Reads spikes from a group.
pub(super) fn spikes(file: &Hdf5Reader, group: &str) -> Result<SpikeTrain, FileError> {
    let n_nodes = file.attributes(group)?.u32("n_nodes")?;
    let times = file.read_list(&format!("{group}/t_ms"))?;
    let nodes = file.read_list(&format!("{group}/node"))?;
    SpikeTrain::from_sorted(n_nodes, times, nodes).map_err(|source| FileError::Spikes {
        file: file.path().to_owned(),
        object: group.to_owned(),
        source,
    })
}
