//! Trained models in a description: files that are read before the network is made.
//!
//! [`generate`](super::generate()) is a function of the description alone, and reads nothing. So whoever has a
//! description from a file lets it read its models first.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::ltc::{one, ten};
use super::{ModelSpec, NetworkSpec};
use crate::file::{FileError, read_liquid};
use crate::{GroupError, LiquidCell, LtcOutput, LtcPopulation, Param};

/// A trained model as a group; see [`LtcPopulation::of_model`]. Its units are the nodes.
///
/// ```toml
/// [populations.model.trained]
/// file = "model.h5"     # beside the description, made by `rheobase train`
/// interval = 20.0       # ms between two steps of the model
/// output.sigma_delta.threshold = 0.05
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrainedSpec {
    /// The file of the format `rheobase-liquid`.
    pub file: PathBuf,
    /// Time between two steps \[ms\], in each of which the model's own step passes for its cell.
    #[serde(default = "one")]
    pub interval: f64,
    /// Time constant of the traces of spikes \[ms\]; one for all inputs, or one an input.
    #[serde(default = "ten")]
    pub tau_trace: Param,
    /// How the outputs are heard.
    #[serde(default)]
    pub output: LtcOutput,
    /// What is in the file, once it was read.
    #[serde(skip)]
    group: Option<Box<LtcPopulation>>,
}

/// Why a model of a description is no group.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainedError {
    /// Its file cannot be read.
    #[error("population \"{population}\" has no model")]
    File {
        /// The population.
        population: String,
        /// What is wrong with the file.
        source: Box<FileError>,
    },
    /// Groups have no such cell.
    #[error("population \"{population}\" cannot be the model of {}", file.display())]
    Group {
        /// The population.
        population: String,
        /// The model's file.
        file: PathBuf,
        /// What is wrong with it.
        source: GroupError,
    },
}

impl TrainedSpec {
    /// A model in a file, with the defaults of the format.
    pub fn new(file: impl Into<PathBuf>) -> Self {
        Self {
            file: file.into(),
            interval: one(),
            tau_trace: ten(),
            output: LtcOutput::default(),
            group: None,
        }
    }

    /// The group, if the file was read.
    pub(super) fn group(&self) -> Option<LtcPopulation> {
        let Self { file: _, interval: _, tau_trace, output, group } = self;
        let group = group.as_deref()?.clone();
        Some(LtcPopulation { tau_trace: tau_trace.clone(), output: *output, ..group })
    }

    /// Its cell, if the file was read.
    pub(super) fn cell(&self) -> Option<&LiquidCell> {
        self.group.as_deref().map(|group| &group.cell)
    }

    fn read(&mut self, population: &str, folder: &Path) -> Result<(), TrainedError> {
        let population = population.to_owned();
        let file = folder.join(&self.file);
        let model = match read_liquid(&file) {
            Ok(model) => model,
            Err(error) => return Err(TrainedError::File { population, source: Box::new(error) }),
        };
        match LtcPopulation::of_model(&model, self.interval) {
            Ok(group) => self.group = Some(Box::new(group)),
            Err(source) => return Err(TrainedError::Group { population, file, source }),
        }
        Ok(())
    }
}

impl NetworkSpec {
    /// Reads the trained models that the description names, beside which they are: paths begin at its folder.
    ///
    /// # Errors
    /// [`TrainedError`] of the first that is no group.
    pub fn read_models(&mut self, folder: &Path) -> Result<(), TrainedError> {
        for population in &mut self.populations {
            if let ModelSpec::Trained(trained) = &mut population.model {
                trained.read(&population.name, folder)?;
            }
        }
        Ok(())
    }
}
