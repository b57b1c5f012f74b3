//! Netlists as HDF5.

use std::path::Path;

use rheobase_net::file::FileError;

use super::{InvalidNetlist, ValidNetlist};

/// What a file says that it is.
pub(super) const FORMAT: &str = "rheobase-netlist";
/// The version that is written, and the last that is read.
pub(super) const VERSION: i64 = 1;

/// Why a file is no netlist.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetlistError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It contradicts itself.
    #[error(transparent)]
    Invalid(#[from] InvalidNetlist),
    /// It is no JSON, or its values are of other types.
    #[error("line {line}, column {column}: {problem}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The column, from 1.
        column: usize,
        /// What the parser says.
        problem: String,
    },
    /// It is something else, or of a later program.
    #[error("the file is {format:?}, version {version:?}, and a netlist is \"{FORMAT}\", version {VERSION}")]
    Format {
        /// What it says that it is.
        format: Option<String>,
        /// Its version.
        version: Option<i64>,
    },
}

/// Writes a netlist, atomically.
///
/// # Errors
/// [`NetlistError::File`].
pub fn write(_path: &Path, _netlist: &ValidNetlist) -> Result<(), NetlistError> {
    todo!()
}

/// Reads a netlist.
///
/// # Errors
/// [`NetlistError`].
pub fn read(_path: &Path) -> Result<ValidNetlist, NetlistError> {
    todo!()
}

/// Reads a netlist from a file that is in memory.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(_bytes: &[u8]) -> Result<ValidNetlist, NetlistError> {
    todo!()
}
