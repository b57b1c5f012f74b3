//! What can be wrong with a file that is read or written.

use std::io;
use std::path::PathBuf;

use crate::{SpikeTrainError, WaveformError};

/// Why a file could not be read or written.
///
/// `file` is the path as it was given; `object` is a group or dataset inside the file. What the system or
/// another type says is the error's source and not part of its own message: print the whole chain.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// The file cannot be opened.
    #[error("cannot open {}", file.display())]
    Open {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not HDF5, or is damaged.
    #[error("{}: {object} cannot be read: {reason}; the file is damaged, cut short or not HDF5", file.display())]
    Malformed {
        /// The file.
        file: PathBuf,
        /// The group or dataset.
        object: String,
        /// What the HDF5 library found.
        reason: String,
    },
    /// The file holds something else.
    #[error("{}: the format is {}, and \"{expected}\" is expected{}", file.display(), quoted(found), writer(expected))]
    Format {
        /// The file.
        file: PathBuf,
        /// Its attribute `format`, if it has one.
        found: Option<String>,
        /// What it should be.
        expected: &'static str,
    },
    /// The file was written by a later program.
    #[error(
        "{}: version {found} of \"{format}\", and this program reads versions 1 to {newest}: take a program that fits the file",
        file.display()
    )]
    Version {
        /// The file.
        file: PathBuf,
        /// Its format.
        format: &'static str,
        /// Its version.
        found: i64,
        /// The newest version that can be read.
        newest: i64,
    },
    /// A group or dataset is not there.
    #[error("{}: there is no {object}: docs/formats.md lists what the file must hold", file.display())]
    Missing {
        /// The file.
        file: PathBuf,
        /// The group or dataset.
        object: String,
    },
    /// An attribute is not there or of another type.
    #[error("{}: {object} has {found}, and its attribute \"{attribute}\" must be {expected}", file.display())]
    Attribute {
        /// The file.
        file: PathBuf,
        /// The group or dataset that has the attribute.
        object: String,
        /// The attribute.
        attribute: String,
        /// What is there.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A dataset has elements of another type.
    #[error("{}: {object} holds {found}, and {expected} is needed", file.display())]
    Type {
        /// The file.
        file: PathBuf,
        /// The dataset.
        object: String,
        /// The type of its elements.
        found: String,
        /// What is needed.
        expected: &'static str,
    },
    /// A dataset has another shape.
    #[error("{}: {object} has the shape {found:?}, and {expected} is needed", file.display())]
    Shape {
        /// The file.
        file: PathBuf,
        /// The dataset.
        object: String,
        /// Its shape.
        found: Vec<u64>,
        /// What is needed.
        expected: String,
    },
    /// A value is out of its range.
    #[error("{}: value {index} of {object} is {value}, and must be {expected}", file.display())]
    Value {
        /// The file.
        file: PathBuf,
        /// The dataset.
        object: String,
        /// Which value.
        index: usize,
        /// What it is.
        value: String,
        /// What it should be.
        expected: String,
    },
    /// A dataset claims to be larger than the file can hold.
    #[error(
        "{}: {object} claims {claimed} {unit}, and {limit} is the most that {basis} allows: \
         the file is damaged, or store the dataset without compression",
        file.display()
    )]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// The dataset.
        object: String,
        /// What it claims.
        claimed: String,
        /// Of what.
        unit: &'static str,
        /// The most that is allowed.
        limit: u64,
        /// Where the limit comes from.
        basis: &'static str,
    },
    /// A dataset is stored in a way that is not read.
    #[error(
        "{}: {object} is stored with {storage}, which is not read: \
         store it plain or with gzip, with libver \"earliest\" or \"v110\"",
        file.display()
    )]
    Storage {
        /// The file.
        file: PathBuf,
        /// The dataset.
        object: String,
        /// The layout or filter.
        storage: String,
    },
    /// Spikes are not a spike train.
    #[error("{}: {object} cannot be used", file.display())]
    Spikes {
        /// The file.
        file: PathBuf,
        /// The group.
        object: String,
        /// What is wrong with them.
        source: SpikeTrainError,
    },
    /// A signal is not a waveform.
    #[error("{}: {object} cannot be used", file.display())]
    Waveform {
        /// The file.
        file: PathBuf,
        /// The group.
        object: String,
        /// What is wrong with it.
        source: WaveformError,
    },
    /// The plasticity of a projection is none that is known.
    #[error(
        "{}: the attribute \"plasticity\" of {object} is not the JSON of a rule: {reason}; docs/formats.md lists the rules",
        file.display()
    )]
    Plasticity {
        /// The file.
        file: PathBuf,
        /// The projection's group.
        object: String,
        /// What is wrong with it.
        reason: String,
    },
    /// What the file says is no liquid network.
    #[error("{}: {object} cannot be used: {reason}; docs/formats.md lists what the file must hold", file.display())]
    Liquid {
        /// The file.
        file: PathBuf,
        /// The group or dataset.
        object: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The populations or projections do not count 0, 1, 2, ….
    #[error(
        "{}: the attributes \"idx\" of the {n} groups of {object} must be 0 to {}, each once; {found} is repeated or outside",
        file.display(), n.saturating_sub(1)
    )]
    Order {
        /// The file.
        file: PathBuf,
        /// The group that holds them.
        object: &'static str,
        /// How many there are.
        n: usize,
        /// An index that does not fit.
        found: u32,
    },
    /// A projection names a population that is not there.
    #[error("{}: the {end} of projection \"{projection}\" is \"{population}\", and there is no such population", file.display())]
    UnknownPopulation {
        /// The file.
        file: PathBuf,
        /// The projection.
        projection: String,
        /// `source` or `target`.
        end: &'static str,
        /// The name, or the index in a network that is written.
        population: String,
    },
    /// A name or text cannot be written.
    #[error("cannot write {}: the {thing} {text:?} {problem}", file.display())]
    Text {
        /// The file.
        file: PathBuf,
        /// Whose name or text it is.
        thing: &'static str,
        /// The text.
        text: String,
        /// What is wrong with it, and what would be right.
        problem: &'static str,
    },
    /// The file cannot be written.
    #[error("cannot write {}; what was there before is unchanged", file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The content cannot be expressed in HDF5.
    #[error("cannot write {}: {reason}", file.display())]
    Encode {
        /// The file.
        file: PathBuf,
        /// What the HDF5 library found.
        reason: String,
    },
    /// A folder with what a stopped run recorded is in the way.
    #[error(
        "{} holds the recording of a run that was stopped: resume that run, or remove the folder to begin again",
        spool.display()
    )]
    SpoolExists {
        /// The folder.
        spool: PathBuf,
    },
    /// Another program records there.
    #[error("{} is in use by another run: wait for its end, or record to another file", spool.display())]
    SpoolBusy {
        /// The folder.
        spool: PathBuf,
    },
    /// What a stopped run recorded is gone.
    #[error(
        "cannot resume the recording in {}: it was finished, moved or removed; \
         put it back beside the recording's file, or run from the start",
        spool.display()
    )]
    SpoolMissing {
        /// The folder.
        spool: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A file of the spool is shorter than it was.
    #[error(
        "{} has {has} bytes, and the recording to be resumed had {needs}: \
         it was cut short, so take an earlier checkpoint, or run from the start",
        file.display()
    )]
    SpoolShort {
        /// The file.
        file: PathBuf,
        /// Its length.
        has: u64,
        /// What it had.
        needs: u64,
    },
    /// A file of the spool has other content than it had.
    #[error(
        "the first {bytes} bytes of {} are not those of the recording to be resumed: \
         it belongs to another run or is damaged, so give the checkpoint that belongs to it, or run from the start",
        file.display()
    )]
    SpoolChanged {
        /// The file.
        file: PathBuf,
        /// How much was compared.
        bytes: u64,
    },
    /// What is recorded cannot be put down.
    #[error(
        "cannot record to {}; what was recorded until the last checkpoint is kept: \
         make room, and resume from there",
        file.display()
    )]
    SpoolWrite {
        /// The file or folder.
        file: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Values for a table of a recording are not whole rows.
    #[error(
        "{}: {values} values for {object}, whose rows have {columns}: give whole rows, and only of what the recording was begun with",
        file.display()
    )]
    Rows {
        /// The recording.
        file: PathBuf,
        /// The table.
        object: &'static str,
        /// How many values were given.
        values: usize,
        /// The number of its columns; 0 if it is not recorded.
        columns: usize,
    },
}

fn quoted(found: &Option<String>) -> String {
    match found {
        Some(format) => format!("{format:?}"),
        None => "not given (no attribute \"format\")".to_owned(),
    }
}

fn writer(expected: &str) -> &'static str {
    match expected {
        "rheobase-network" => ": give a network file, as `rheobase generate` writes it",
        "rheobase-spikes" => ": give a spike file, as `rheobase encode` writes it",
        "rheobase-currents" => ": give a file of currents; docs/formats.md says how to write one",
        "rheobase-liquid" => ": give a trained liquid network, as `rheobase train` writes it",
        "rheobase-recording" => ": give a recording, as `rheobase simulate` writes it",
        _ => "",
    }
}
