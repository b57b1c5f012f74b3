//! How well the models of all seeds did.

use rheobase_ltc::train::{Epoch, Metric, Scores};
use serde::{Deserialize, Serialize};

use super::Experiment;
use crate::score::Spread;

/// How well the models of all seeds did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outcome {
    /// What was learned.
    pub task: String,
    /// The kind of cell.
    pub cell: &'static str,
    /// Parameters of cell and head.
    pub n_parameters: usize,
    /// Synapses, or the weights of dense cells, count among them; state variables of the cell.
    pub n_state: usize,
    /// Sequences to learn from, for validation, for the test.
    pub n_sequences: [usize; 3],
    /// Steps of the longest.
    pub n_steps: usize,
    /// What the best epoch is best in, and `test` is of.
    pub metric: Metric,
    /// The metric on the test sequences, over seeds.
    pub test: Spread,
    /// Every seed by itself.
    pub seeds: Vec<SeedOutcome>,
    /// The experiment.
    pub experiment: Experiment,
}

/// How well the model of one seed did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeedOutcome {
    /// The seed.
    pub seed: u64,
    /// The epoch whose parameters were kept, from 1.
    pub best_epoch: usize,
    /// How well they do on the test sequences.
    pub test: Scores,
    /// Every epoch.
    pub epochs: Vec<Epoch>,
}

impl SeedOutcome {
    /// The validation scores of the epoch that was kept, if there are validation sequences.
    pub fn valid(&self) -> Option<&Scores> {
        self.epochs.get(self.best_epoch.checked_sub(1)?)?.valid.as_ref()
    }
}
