//! Files of currents.

use std::path::Path;

use super::header::Format;
use super::sources::{put_waveform, waveform};
use super::{FileError, Hdf5Reader, writer};
use crate::Waveform;

const FORMAT: Format = Format { name: "rheobase-currents", version: 1 };

/// The dataset of the values.
const VALUES: &str = "value_pA";

/// Writes currents \[pA\] as a file of the format `rheobase-currents`, atomically.
///
/// # Errors
/// [`FileError::Write`], [`FileError::Encode`].
pub fn write_currents(path: &Path, currents: &Waveform) -> Result<(), FileError> {
    let mut file = FORMAT.begin();
    let mut group = file.create_group("currents");
    put_waveform(&mut group, VALUES, currents);
    file.add_group(group.finish());
    writer::save(path, file)
}

/// Reads currents \[pA\] from a file of the format `rheobase-currents`.
///
/// # Errors
/// [`FileError`]; [`FileError::Waveform`] if times do not ascend or values are not finite.
pub fn read_currents(path: &Path) -> Result<Waveform, FileError> {
    from_reader(&Hdf5Reader::open(path)?)
}

/// Reads currents from a file of the format `rheobase-currents` that is in memory.
///
/// # Errors
/// As [`read_currents`].
pub fn read_currents_bytes(bytes: &[u8]) -> Result<Waveform, FileError> {
    from_reader(&Hdf5Reader::from_bytes("the file of currents", bytes)?)
}

fn from_reader(file: &Hdf5Reader) -> Result<Waveform, FileError> {
    FORMAT.check(file)?;
    waveform(file, "currents", VALUES)
}
