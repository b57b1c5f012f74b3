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
//! type of serde, so a change of the engine changes the version above and nothing else here. Other long work
//! is kept in the same way, under a [`Kind`] of its own.

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

/// What is kept in a file: its first eight bytes, and the version that is read and written. A state of another
/// version is another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The first eight bytes.
    pub magic: [u8; 8],
    /// The version.
    pub version: u32,
}

/// Checkpoints of runs.
const RUN: Kind = Kind { magic: *b"RHEOCKPT", version: 2 };

impl Kind {
    /// Writes a header and a state, atomically.
    ///
    /// # Errors
    /// [`CheckpointError::Write`] or [`CheckpointError::Encode`]; the file before is still there.
    pub fn write(
        self,
        path: &Path,
        header: &impl Serialize,
        state: &impl Serialize,
    ) -> Result<(), CheckpointError> {
        file::write(path, self, header, state)
    }

    /// Reads a header and a state, if `accept` finds nothing wrong with the header.
    ///
    /// # Errors
    /// [`CheckpointError`]: the first reason to refuse it.
    pub fn read<H: DeserializeOwned, S: DeserializeOwned>(
        self,
        path: &Path,
        accept: impl FnOnce(&H) -> Result<(), CheckpointError>,
    ) -> Result<(H, S), CheckpointError> {
        let file =
            File::open(path).map_err(|source| CheckpointError::Read { file: path.to_owned(), source })?;
        let opened = file::Opened::<_, H>::new(path, self, file)?;
        accept(opened.header())?;
        opened.state()
    }
}

/// Checks that a file was kept under the configuration that is expected, both JSON.
///
/// # Errors
/// [`CheckpointError::OtherConfiguration`] with what differs.
pub fn check_configuration(path: &Path, found: &str, expected: &str) -> Result<(), CheckpointError> {
    if found == expected {
        return Ok(());
    }
    let difference = difference::between(found, expected);
    Err(CheckpointError::OtherConfiguration { file: path.to_owned(), difference })
}

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
    RUN.write(path, header, state)
}

/// Reads a checkpoint of the run that is expected.
///
/// # Errors
/// [`CheckpointError`]: the first reason to refuse it, in the order of its variants.
pub fn read<T: DeserializeOwned>(
    path: &Path,
    expected: &Expected<'_>,
) -> Result<(Header, T), CheckpointError> {
    RUN.read(path, |header| check_run(path, header, expected))
}

/// Reads a checkpoint that is in memory, as [`read`] does.
///
/// # Errors
/// As [`read`].
pub fn read_bytes<T: DeserializeOwned>(
    bytes: &[u8],
    expected: &Expected<'_>,
) -> Result<(Header, T), CheckpointError> {
    let path = Path::new("the checkpoint");
    let opened = file::Opened::new(path, RUN, Cursor::new(bytes))?;
    check_run(path, opened.header(), expected)?;
    opened.state()
}

/// Reads what a checkpoint says about its run, whichever it is. The whole file is checked.
///
/// # Errors
/// As [`read`], without those about the run.
pub fn read_header(path: &Path) -> Result<Header, CheckpointError> {
    let file = File::open(path).map_err(|source| CheckpointError::Read { file: path.to_owned(), source })?;
    file::Opened::new(path, RUN, file).map(file::Opened::into_header)
}

/// Checks that it is a checkpoint of this run.
fn check_run(path: &Path, header: &Header, expected: &Expected<'_>) -> Result<(), CheckpointError> {
    let Header { program: _, network, seed, t_done: _, configuration } = header;
    let file = || path.to_owned();
    if *network != expected.network {
        let (found, expected) = (*network, expected.network);
        return Err(CheckpointError::OtherNetwork { file: file(), found, expected });
    }
    if *seed != expected.seed {
        return Err(CheckpointError::OtherSeed { file: file(), found: *seed, expected: expected.seed });
    }
    check_configuration(path, configuration, expected.configuration)
}
