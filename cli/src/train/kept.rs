//! The checkpoint of a training run.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use rheobase_sim::checkpoint::{self, CheckpointError, Kind};
use rheobase_study::rates::{Experiment, Kept, Task};
use serde::{Deserialize, Serialize};

use crate::error::{Failure, OrBadInput};

/// Whether a run goes on from where one was.
#[derive(Debug, clap::Args)]
pub struct Keeping {
    /// Go on from the checkpoint in the folder; all else as in the run that was stopped
    #[arg(long, conflicts_with = "restart")]
    resume: bool,
    /// Train from the start, and forget the checkpoint of a stopped run
    #[arg(long)]
    restart: bool,
}

impl Keeping {
    /// Whether anything was said of a checkpoint.
    pub fn is_asked(&self) -> bool {
        self.resume || self.restart
    }
}

const TRAINING: Kind = Kind { magic: *b"RHEOTRAI", version: 1 };

/// What a checkpoint says about its run.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    /// The version of the program that wrote it.
    program: String,
    /// The experiment and the data, as JSON.
    configuration: String,
}

/// The checkpoint of an experiment.
pub struct Checkpoint {
    path: PathBuf,
    configuration: String,
}

/// What a result depends on: the experiment, but for where its data lie, and what they are.
#[derive(Serialize)]
struct Configuration {
    experiment: Experiment,
    data: String,
}

impl Checkpoint {
    /// The checkpoint of an experiment in a folder.
    ///
    /// # Errors
    /// If the experiment cannot be written down.
    pub fn of(folder: &Path, experiment: &Experiment, task: &Task) -> Result<Self, Failure> {
        let experiment = Experiment { place: String::new(), ..experiment.clone() };
        let configuration = Configuration { experiment, data: format!("{:016x}", task.fingerprint()) };
        let configuration =
            serde_json::to_string(&configuration).map_err(|error| Failure::Failed(error.into()))?;
        Ok(Self { path: folder.join("training.checkpoint"), configuration })
    }

    /// What was kept, if the run is to go on.
    ///
    /// # Errors
    /// If there is no checkpoint to go on from, one that would be lost, or one of another experiment.
    pub fn read(&self, keeping: &Keeping) -> Result<Option<Kept>, Failure> {
        let path = self.path.display();
        match (self.path.exists(), keeping) {
            (false, Keeping { resume: true, .. }) => {
                Err(Failure::BadInput(anyhow!("there is no checkpoint {path}: train without --resume")))
            }
            (false, _) => Ok(None),
            (true, Keeping { resume: true, .. }) => {
                let accept = |header: &Header| -> Result<(), CheckpointError> {
                    checkpoint::check_configuration(&self.path, &header.configuration, &self.configuration)
                };
                let (_, kept) = TRAINING.read(&self.path, accept).or_bad_input()?;
                Ok(Some(kept))
            }
            (true, Keeping { restart: true, .. }) => self.remove().map(|()| None),
            (true, _) => Err(Failure::BadInput(anyhow!(
                "{path} is of a run that was stopped: go on with --resume, or begin again with --restart"
            ))),
        }
    }

    /// Writes what is to be kept.
    ///
    /// # Errors
    /// If it cannot be written; the checkpoint before is still there.
    pub fn write(&self, kept: &Kept) -> Result<(), Failure> {
        let header =
            Header { program: rheobase_net::VERSION.to_owned(), configuration: self.configuration.clone() };
        TRAINING.write(&self.path, &header, kept).map_err(|error| Failure::Failed(error.into()))
    }

    /// Removes the checkpoint, if there is one.
    ///
    /// # Errors
    /// If it cannot be removed.
    pub fn remove(&self) -> Result<(), Failure> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(anyhow!(error).context(format!("cannot remove {}", self.path.display())).into())
            }
            _ => Ok(()),
        }
    }
}
