//! Why a checkpoint could not be written or is refused.

use std::io;
use std::path::PathBuf;

use rheobase_net::Fingerprint;

/// Why a checkpoint could not be written or is refused. What the system says is the error's source.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file cannot be read.
    #[error("cannot read the checkpoint {}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is something else.
    #[error("{} is not a checkpoint: give a file that a run wrote as its checkpoint", file.display())]
    NotACheckpoint {
        /// The file.
        file: PathBuf,
    },
    /// The format has another version.
    #[error(
        "{} is a checkpoint of version {found}, and this program reads version {known}: \
         resume with the program that wrote it",
        file.display()
    )]
    Version {
        /// The file.
        file: PathBuf,
        /// Its version.
        found: u32,
        /// The version that is read and written.
        known: u32,
    },
    /// The file has another length than it says.
    #[error(
        "{} has {has} bytes and should have {needs}: it was cut short or is damaged; take an earlier checkpoint",
        file.display()
    )]
    Length {
        /// The file.
        file: PathBuf,
        /// Its length.
        has: u64,
        /// The length that it says.
        needs: u64,
    },
    /// The content is not what was written.
    #[error("{} is damaged: its checksum does not match; take an earlier checkpoint", file.display())]
    Checksum {
        /// The file.
        file: PathBuf,
    },
    /// The checkpoint is of another network.
    #[error(
        "{} is of a run of the network {found}, and this is the network {expected}: \
         give the network that the run was begun with",
        file.display()
    )]
    OtherNetwork {
        /// The file.
        file: PathBuf,
        /// The checkpoint's network.
        found: Fingerprint,
        /// The network that it is to go on with.
        expected: Fingerprint,
    },
    /// The checkpoint is of a run with another seed.
    #[error(
        "{} is of a run with seed {found}, and this one has seed {expected}: give the same seed, or run from the start",
        file.display()
    )]
    OtherSeed {
        /// The file.
        file: PathBuf,
        /// The checkpoint's seed.
        found: u64,
        /// The seed that it is to go on with.
        expected: u64,
    },
    /// The checkpoint is of a run with another configuration.
    #[error(
        "{} is of a run with another configuration ({difference}): give the same, or run from the start",
        file.display()
    )]
    OtherConfiguration {
        /// The file.
        file: PathBuf,
        /// What differs: the checkpoint's values and those of this run.
        difference: String,
    },
    /// The bytes are those that were written, and are no header or state of this program.
    #[error(
        "the {what} in {} is not one of this program: {reason}; resume with the program that wrote it",
        file.display()
    )]
    Malformed {
        /// The file.
        file: PathBuf,
        /// `header` or `state`.
        what: &'static str,
        /// What the decoder found.
        reason: String,
    },
    /// The file cannot be written.
    #[error("cannot write the checkpoint {}; the one before is unchanged", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The header or state cannot be encoded.
    #[error("cannot encode the {what} for {}: {reason}; the checkpoint before is unchanged", file.display())]
    Encode {
        /// The file.
        file: PathBuf,
        /// `header` or `state`.
        what: &'static str,
        /// What the encoder found.
        reason: String,
    },
}
