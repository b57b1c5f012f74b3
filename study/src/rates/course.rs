//! A course of training: the models of all seeds, one after the other.

use std::ops::ControlFlow;

use rheobase_ltc::model::Model;
use rheobase_ltc::train::{Best, Epoch, Metric, Scores, State, Training, evaluate};
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{Description, LiquidModel};
use serde::{Deserialize, Serialize};

use super::{Experiment, Outcome, RatesError, SeedOutcome, Task};
use crate::score::spread;

/// A course of training that goes on.
pub struct Course<'c> {
    experiment: &'c Experiment,
    task: &'c Task,
    model: &'c Model,
    training: Option<Training<'c, f32>>,
    kept: Finished,
}

/// All that a course is between two batches: it goes on with the same bits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    finished: Finished,
    /// The model that is being trained.
    state: Option<State<f32>>,
}

/// What is over.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Finished {
    seeds: Vec<SeedOutcome>,
    /// The parameters of the seed that is best on the validation sequences, and which it is.
    best: Option<(usize, Vec<f32>)>,
}

/// Where a course is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Moment {
    /// Seeds that are over.
    pub n_seeds: usize,
    /// Epochs of this one that are over.
    pub n_epochs: usize,
    /// How much of the epoch is over, 0 to 1.
    pub of_epoch: f64,
}

impl<'c> Course<'c> {
    /// Begins with the first seed.
    ///
    /// # Errors
    /// If the experiment, the task and the model do not fit to each other.
    pub fn begin(experiment: &'c Experiment, task: &'c Task, model: &'c Model) -> Result<Self, RatesError> {
        Self::resume(experiment, task, model, Kept { finished: Finished::default(), state: None })
    }

    /// Goes on from what was kept.
    ///
    /// # Errors
    /// As [`Course::begin`], or if it was kept of another experiment.
    pub fn resume(
        experiment: &'c Experiment,
        task: &'c Task,
        model: &'c Model,
        kept: Kept,
    ) -> Result<Self, RatesError> {
        let Kept { finished, state } = kept;
        let (has, needs) = (finished.seeds.len(), experiment.seeds.len());
        if needs == 0 {
            return Err(RatesError::NoSeed);
        }
        if has > needs || (has == needs && state.is_some()) {
            return Err(RatesError::OtherExperiment { has, needs });
        }
        let (plan, train, valid) = (&experiment.training, &task.train, task.valid.as_ref());
        let training = match state {
            Some(state) => Some(Training::resume(model, plan, train, valid, state)?),
            None => None,
        };
        let mut course = Self { experiment, task, model, training, kept: finished };
        course.next_seed()?;
        Ok(course)
    }

    /// All that is needed to go on.
    pub fn kept(&self) -> Kept {
        let state = self.training.as_ref().map(|training| training.state().clone());
        Kept { finished: self.kept.clone(), state }
    }

    /// Whether all seeds are over.
    pub fn is_finished(&self) -> bool {
        self.training.is_none()
    }

    /// The seed that is being trained, and its epochs that are over.
    pub fn now(&self) -> Option<(u64, &[Epoch])> {
        self.training.as_ref().map(|training| (training.state().seed, training.state().epochs.as_slice()))
    }

    /// The seeds that are over.
    pub fn finished(&self) -> &[SeedOutcome] {
        &self.kept.seeds
    }

    /// Trains to the end of the epoch, or until `watch` breaks, and tells whether it is at the end.
    ///
    /// # Errors
    /// [`RatesError::Seed`] if training diverged; what is kept is the last good state.
    pub fn epoch(&mut self, watch: &mut dyn FnMut(Moment) -> ControlFlow<()>) -> Result<bool, RatesError> {
        let Self { training: Some(training), kept, .. } = self else { return Ok(true) };
        let (n_seeds, n_epochs) = (kept.seeds.len(), training.state().epochs.len());
        let seed = training.state().seed;
        let failed = |source| RatesError::Seed { seed, source };
        let is_over =
            training.epoch(&mut |of_epoch| watch(Moment { n_seeds, n_epochs, of_epoch })).map_err(failed)?;
        if is_over && training.is_finished() {
            self.end_seed()?;
            self.next_seed()?;
        }
        Ok(is_over)
    }

    /// How well all seeds did.
    ///
    /// # Errors
    /// If no seed is over.
    pub fn outcome(&self) -> Result<Outcome, RatesError> {
        let metric = self.experiment.training.metric;
        let scores: Vec<f64> = self.kept.seeds.iter().map(|seed| seed.test.of(metric)).collect();
        let Task { name, train, valid, test, .. } = self.task;
        Ok(Outcome {
            task: name.clone(),
            cell: self.model.cell().kind(),
            n_parameters: self.model.layout().n_parameters(),
            n_state: self.model.cell().n_state(),
            n_sequences: [train.n_samples, valid.as_ref().map_or(0, |valid| valid.n_samples), test.n_samples],
            n_steps: train.n_steps,
            metric,
            test: spread(&scores)?,
            seeds: self.kept.seeds.clone(),
            experiment: self.experiment.clone(),
        })
    }

    /// The model of the seed that is best on the validation sequences, if a seed is over; of the last seed
    /// where there are none.
    pub fn best(&self, version: &str, configuration: String) -> Option<LiquidModel> {
        let (place, parameters) = self.kept.best.as_ref()?;
        let Task { name, inputs, answers, train, .. } = self.task;
        Some(LiquidModel {
            model: self.model.clone(),
            parameters: parameters.iter().map(|value| f64::from(*value)).collect(),
            is_single: true,
            inputs: inputs.clone(),
            answers: answers.clone(),
            every_step: train.every_step,
            step: self.experiment.step,
            description: Description {
                generator: format!("train {name}"),
                seed: self.kept.seeds[*place].seed,
                version: version.to_owned(),
                configuration,
            },
        })
    }

    /// Begins the next seed, if there is one and none is under way.
    fn next_seed(&mut self) -> Result<(), RatesError> {
        let Self { experiment, task, model, training, kept } = self;
        if let (None, Some(seed)) = (&training, experiment.seeds.get(kept.seeds.len()).copied()) {
            let mut rng = Stream::new(seed, Purpose::Parameter, 0, 0);
            let parameters = model.start(experiment.training.start, &mut rng);
            let (plan, valid) = (&experiment.training, task.valid.as_ref());
            *training = Some(Training::begin(model, plan, &task.train, valid, parameters, seed)?);
        }
        Ok(())
    }

    /// Looks at the test sequences, once.
    fn end_seed(&mut self) -> Result<(), RatesError> {
        let Some(training) = self.training.take() else { return Ok(()) };
        let State { seed, epochs, best, .. } = training.state().clone();
        let Some(Best { epoch: best_epoch, parameters }) = best else {
            unreachable!("an epoch is over, and the first is the best so far")
        };
        let Experiment { training: plan, .. } = self.experiment;
        let test = evaluate(self.model, &parameters, &self.task.test, &plan.loss)
            .map_err(|source| RatesError::Seed { seed, source })?;
        let outcome = SeedOutcome { seed, best_epoch, test, epochs };
        let height = |outcome: &SeedOutcome| outcome.valid().map(|scores| signed(scores, plan.metric));
        let is_better = match &self.kept.best {
            Some((place, _)) => {
                height(&outcome).is_none() || height(&outcome) > height(&self.kept.seeds[*place])
            }
            None => true,
        };
        if is_better {
            self.kept.best = Some((self.kept.seeds.len(), parameters));
        }
        self.kept.seeds.push(outcome);
        Ok(())
    }
}

/// A metric as a number that is higher where the model is better.
fn signed(scores: &Scores, metric: Metric) -> f64 {
    match metric {
        Metric::Loss => -scores.loss,
        Metric::Accuracy | Metric::F1 => scores.of(metric),
    }
}
