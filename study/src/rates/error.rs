//! What can be wrong with a liquid experiment or its data.

use std::path::PathBuf;

use rheobase_loihi_export::emulate::EmulateError;
use rheobase_ltc::cell::CellError;
use rheobase_ltc::model::SpecError;
use rheobase_ltc::train::TrainError;
use rheobase_mapping::liquid::{LiquidError, MapLiquidError};
use rheobase_net::file::FileError;

use crate::score::ScoreError;

/// Why a liquid experiment cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RatesError {
    /// A text file cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Csv {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: csv::Error,
    },
    /// A line of a text file that is not what it should be.
    #[error("{}, line {line}: {problem}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
        /// What is wrong with it, and what it should be.
        problem: String,
    },
    /// An HDF5 file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// A NumPy file cannot be read.
    #[error("cannot read {}: {reason}; an array of two axes, steps and channels, of f32 or f64, is needed", path.display())]
    Npy {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file is not what a task needs.
    #[error("{}: {problem}", path.display())]
    Layout {
        /// The file or folder.
        path: PathBuf,
        /// What is wrong, and what it should be.
        problem: String,
    },
    /// A number of the experiment that is out of its range.
    #[error("{what} is {value}, and must be {must}")]
    Argument {
        /// Which.
        what: &'static str,
        /// What it is.
        value: f64,
        /// What it must be.
        must: String,
    },
    /// A part of the data that has no sequence.
    #[error(
        "the data have no {part} sequence: {rows} rows give none of {window}; lower window, or change the shares"
    )]
    Empty {
        /// `training`, `validation` or `test`.
        part: &'static str,
        /// How many rows there are.
        rows: usize,
        /// How many a sequence takes.
        window: usize,
    },
    /// The labeled samples are none, or cannot be used.
    #[error("the samples cannot be used: {0}")]
    Samples(String),
    /// There is no seed.
    #[error("there is no seed: give at least one")]
    NoSeed,
    /// The cell cannot be made.
    #[error(transparent)]
    Spec(#[from] SpecError),
    /// The model cannot be made or run.
    #[error(transparent)]
    Cell(#[from] CellError),
    /// Training failed.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// Training failed for a seed.
    #[error("seed {seed}: {source}")]
    Seed {
        /// The seed.
        seed: u64,
        /// What went wrong.
        source: TrainError,
    },
    /// What was kept belongs to another experiment.
    #[error("what was kept is of {has} finished seeds, and there are {needs}: it is of another experiment")]
    OtherExperiment {
        /// How many seeds it has finished.
        has: usize,
        /// How many the experiment has.
        needs: usize,
    },
    /// The model cannot be said in the chip's numbers.
    #[error(transparent)]
    Quantize(#[from] LiquidError),
    /// The model cannot be put onto the chip.
    #[error(transparent)]
    Map(#[from] MapLiquidError),
    /// The netlist cannot be emulated.
    #[error(transparent)]
    Emulate(#[from] EmulateError),
    /// Scores cannot be summed up.
    #[error(transparent)]
    Score(#[from] ScoreError),
}
