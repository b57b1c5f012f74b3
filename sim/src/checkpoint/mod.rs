//! Checkpoint files: the whole state of a run, to be taken up later and elsewhere.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `RHEOCKPT` |
//! | 4 | version of the format, which grows with every change of the header or the state |
//! | 8 | length `h` of the header |
//! | 8 | length `p` of the state |
//! | `h` | the header: [`Header`] |
//! | `p` | the state: whatever the engine says it is |
//! | 32 | BLAKE3 of everything before the state, followed by the BLAKE3 of the state |
//!
//! Numbers are little endian; header and state are in bincode 2 with integers of fixed width.
//!
//! A file is written beside its target, forced to the disk and renamed: there is always a whole checkpoint,
//! this one or the one before. A file is read as if an enemy had made it, and every reason to refuse it is
//! an error of its own ([`CheckpointError`]).
//!
//! The key decision: this module knows how a checkpoint is kept and not what is in it. The state is any
//! type of serde, so a change of the engine changes the version above and nothing else here.

mod codec;
mod difference;
mod error;
mod file;

use std::fs::File;
use std::io::Cursor;
use std::path::Path;

use rheobase_net::Fingerprint;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use error::CheckpointError;

/// What a checkpoint says about its run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The version of the program that wrote it.
    pub program: String,
    /// The network.
    pub network: Fingerprint,
    /// The seed of the run.
    pub seed: u64,
    /// How much was run \[ms\].
    pub t_done: f64,
    /// What of the configuration the result depends on, as JSON.
    pub configuration: String,
}

/// The run that a checkpoint has to belong to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected<'a> {
    /// The network.
    pub network: Fingerprint,
    /// The seed of the run.
    pub seed: u64,
    /// What of the configuration the result depends on, as JSON.
    pub configuration: &'a str,
}

/// Writes a checkpoint, atomically.
///
/// # Errors
/// [`CheckpointError::Write`] or [`CheckpointError::Encode`]; the checkpoint before is still there.
pub fn write(path: &Path, header: &Header, state: &impl Serialize) -> Result<(), CheckpointError> {
    file::write(path, header, state)
}

/// Reads a checkpoint of the run that is expected.
///
/// # Errors
/// [`CheckpointError`]: the first reason to refuse it, in the order of its variants.
pub fn read<T: DeserializeOwned>(
    path: &Path,
    expected: &Expected<'_>,
) -> Result<(Header, T), CheckpointError> {
    let opened = open(path)?;
    opened.check_run(expected)?;
    opened.state()
}

/// Reads a checkpoint that is in memory, as [`read`] does.
///
/// # Errors
/// As [`read`].
pub fn read_bytes<T: DeserializeOwned>(
    bytes: &[u8],
    expected: &Expected<'_>,
) -> Result<(Header, T), CheckpointError> {
    let opened = file::Opened::new(Path::new("the checkpoint"), Cursor::new(bytes))?;
    opened.check_run(expected)?;
    opened.state()
}

/// Reads what a checkpoint says about its run, whichever it is. The whole file is checked.
///
/// # Errors
/// As [`read`], without those about the run.
pub fn read_header(path: &Path) -> Result<Header, CheckpointError> {
    open(path).map(file::Opened::into_header)
}

fn open(path: &Path) -> Result<file::Opened<'_, File>, CheckpointError> {
    let file = File::open(path).map_err(|source| CheckpointError::Read { file: path.to_owned(), source })?;
    file::Opened::new(path, file)
}
