//! A liquid experiment: data, cell and plan of training.

use rheobase_ltc::model::{CellSpec, LtcSpec, Model};
use rheobase_ltc::train::Plan;
use serde::{Deserialize, Serialize};

use super::data::{Data, Samples};
use super::{RatesError, Task};

/// Everything that the training of a liquid network depends on.
///
/// | name | default | meaning |
/// |---|---|---|
/// | `place` | `vowels` | the folder of the data, or their file |
/// | `seeds` | 1 to 5 | a model is started, and its samples shuffled, from each |
/// | `step` | 1 | how long an input lasts where the data do not say |
/// | `head` | true | whether a linear head answers, or the cell's outputs are the answers |
/// | `data` | labeled series | which data, and how they are cut |
/// | `cell` | an LTC of 32 units | the cell |
/// | `training` | see [`Plan`] | how it is trained |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Experiment {
    /// The folder of the data, or their file.
    pub place: String,
    /// A model is started from each.
    pub seeds: Vec<u64>,
    /// How long an input lasts where the data do not say, > 0.
    pub step: f64,
    /// Whether a linear head answers.
    pub head: bool,
    /// Which data.
    pub data: Data,
    /// The cell.
    pub cell: CellSpec,
    /// How it is trained.
    pub training: Plan,
}

impl Default for Experiment {
    fn default() -> Self {
        Self {
            place: "vowels".to_owned(),
            seeds: vec![1, 2, 3, 4, 5],
            step: 1.0,
            head: true,
            data: Data::Samples(Samples::default()),
            cell: CellSpec::Ltc(LtcSpec::default()),
            training: Plan::default(),
        }
    }
}

impl Experiment {
    /// Makes the task.
    ///
    /// # Errors
    /// If the data are missing or faulty, or a number is out of its range.
    pub fn task(&self) -> Result<Task, RatesError> {
        if !(self.step > 0.0 && self.step.is_finite()) {
            let must = "finite and above 0".to_owned();
            return Err(RatesError::Argument { what: "step", value: self.step, must });
        }
        self.data.task(self.place.as_ref(), self.step)
    }

    /// Makes the model for a task.
    ///
    /// # Errors
    /// If the cell cannot be made.
    pub fn model(&self, task: &Task) -> Result<Model, RatesError> {
        let cell = self.cell.build(task.inputs.len())?;
        Ok(Model::new(cell, self.head.then_some(task.answers.len()))?)
    }
}
