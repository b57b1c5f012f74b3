//! A run of training, and the state that it can be taken up from.

use std::ops::ControlFlow;

use serde::{Deserialize, Serialize};

use super::{Metric, Moments, Plan, Scores, Sequences, TrainError, evaluate, plan, shuffle};
use crate::Real;
use crate::cell::{Batch, CellError};
use crate::model::{Model, ModelTape};

/// A model that is being trained.
pub struct Training<'t, R: Real> {
    model: &'t Model,
    plan: &'t Plan,
    train: &'t Sequences<R>,
    valid: Option<&'t Sequences<R>>,
    state: State<R>,
    /// That of the last batch, whose memory the next one takes.
    tape: Option<ModelTape<'t, R>>,
}

/// All that a run is between two batches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct State<R> {
    /// Seed of the order of the samples.
    pub seed: u64,
    /// Batches of the epoch that goes on.
    pub n_batches: usize,
    /// The sum of their losses.
    pub loss: f64,
    /// The parameters.
    pub parameters: Vec<R>,
    /// What the optimizer remembers.
    pub moments: Moments<R>,
    /// The epochs that are over.
    pub epochs: Vec<Epoch>,
    /// The best of them.
    pub best: Option<Best<R>>,
}

/// An epoch that is over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// The mean loss of its batches, each with the parameters before it.
    pub loss: f64,
    /// The learning rate of its last batch.
    pub rate: f64,
    /// The scores of the validation sequences after it.
    pub valid: Option<Scores>,
}

/// The epoch whose parameters are kept: the one with the best validation score, or the last one if there are
/// no validation sequences.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Best<R> {
    /// The epoch, from 1.
    pub epoch: usize,
    /// The parameters after it.
    pub parameters: Vec<R>,
}

impl<'t, R: Real> Training<'t, R> {
    /// Begins with these parameters.
    ///
    /// # Errors
    /// If the plan, the sequences and the model do not fit to each other.
    pub fn begin(
        model: &'t Model,
        plan: &'t Plan,
        train: &'t Sequences<R>,
        valid: Option<&'t Sequences<R>>,
        parameters: Vec<R>,
        seed: u64,
    ) -> Result<Self, TrainError> {
        let moments = Moments::new(parameters.len());
        let state = State { seed, n_batches: 0, loss: 0.0, parameters, moments, epochs: vec![], best: None };
        Self::resume(model, plan, train, valid, state)
    }

    /// Goes on from a state.
    ///
    /// # Errors
    /// As [`Training::begin`].
    pub fn resume(
        model: &'t Model,
        plan: &'t Plan,
        train: &'t Sequences<R>,
        valid: Option<&'t Sequences<R>>,
        state: State<R>,
    ) -> Result<Self, TrainError> {
        plan.check()?;
        for sequences in [Some(train), valid].into_iter().flatten() {
            sequences.check()?;
            check(model, plan, sequences)?;
        }
        let needs = model.layout().n_parameters();
        let best = state.best.as_ref().map_or(needs, |best| best.parameters.len());
        let Moments { first, second, .. } = &state.moments;
        for has in [state.parameters.len(), first.len(), second.len(), best] {
            if has != needs {
                return Err(TrainError::OtherModel { has, needs });
            }
        }
        if plan.weight_decay > 0.0 && plan::weights(model.cell().layout()).next().is_none() {
            let must = format!("0: a cell of kind {} has no dense layers", model.cell().kind());
            return Err(TrainError::Argument { what: "weight_decay", value: plan.weight_decay, must });
        }
        if plan.drop_last && train.n_samples < plan.batch {
            let must = format!("at most {}, the samples, or drop_last = false", train.n_samples);
            return Err(TrainError::Argument { what: "batch", value: plan.batch as f64, must });
        }
        Ok(Self { model, plan, train, valid, state, tape: None })
    }

    /// Where it is.
    pub fn state(&self) -> &State<R> {
        &self.state
    }

    /// Whether there is nothing more to do.
    pub fn is_finished(&self) -> bool {
        let n_done = self.state.epochs.len();
        let since_best = self.state.best.as_ref().map_or(0, |best| n_done - best.epoch);
        n_done >= self.plan.epochs || self.plan.patience.is_some_and(|patience| since_best >= patience)
    }

    /// Goes to the end of the epoch, and tells `watch` after every batch how much of the epoch is done. Where
    /// that breaks, the epoch is left in its middle and `false` returned; the next call goes on from there.
    ///
    /// # Errors
    /// [`TrainError::Diverged`]; the state is that before the batch.
    pub fn epoch(&mut self, watch: &mut dyn FnMut(f64) -> ControlFlow<()>) -> Result<bool, TrainError> {
        let batches = self.batches_per_epoch();
        let order = shuffle::order(self.train.n_samples, self.state.seed, self.state.epochs.len());
        while self.state.n_batches < batches {
            let first = self.state.n_batches * self.plan.batch;
            let last = (first + self.plan.batch).min(order.len());
            self.batch(&order[first..last])?;
            if watch(self.state.n_batches as f64 / batches as f64).is_break() {
                return Ok(false);
            }
        }
        self.end_epoch()?;
        Ok(true)
    }

    fn batches_per_epoch(&self) -> usize {
        match self.plan.drop_last {
            true => self.train.n_samples / self.plan.batch,
            false => self.train.n_samples.div_ceil(self.plan.batch),
        }
    }

    /// The learning rate of the next batch.
    fn rate(&self) -> f64 {
        let batches = self.batches_per_epoch();
        self.plan.rate_at(self.state.epochs.len() * batches + self.state.n_batches, batches)
    }

    fn batch(&mut self, samples: &[usize]) -> Result<(), TrainError> {
        let Self { model, plan, train, .. } = *self;
        let (inputs, elapsed, n_steps) = train.gather(samples);
        let initial = vec![R::ZERO; samples.len() * model.cell().n_state()];
        let State { seed, ref epochs, .. } = self.state;
        let keys: Vec<u64> = samples.iter().map(|sample| shuffle::key(seed, epochs.len(), *sample)).collect();
        let batch = Batch {
            n_samples: samples.len(),
            n_steps,
            inputs: &inputs,
            elapsed: &elapsed,
            initial: &initial,
            keys: Some(&keys),
        };
        let parameters = &self.state.parameters;
        let tape = match self.tape.take() {
            Some(tape) => tape.again(parameters, &batch),
            None => model.record(parameters, &batch),
        };
        let mut tape = tape.map_err(|error| self.explain(error))?;
        let (sum, n_terms, by_answers) = plan.loss.of(train, samples, n_steps, tape.answers());
        let loss = sum / n_terms;
        if !loss.is_finite() {
            return Err(self.diverged(format!("the loss is {loss}")));
        }
        let mut gradient = tape.pull(&by_answers)?;
        self.tape = Some(tape);
        let norm = plan::norm(&gradient);
        if !norm.is_finite() {
            return Err(self.diverged(format!("the gradient's length is {norm}")));
        }
        plan.decay_weights(&self.state.parameters, &mut gradient, model.cell().layout());
        if let Some(clip) = plan.clip {
            clip.shorten(&mut gradient, model.layout());
        }
        let rate = self.rate();
        let State { parameters, moments, n_batches, loss: total, .. } = &mut self.state;
        plan.optimizer.step(rate, &gradient, moments, parameters);
        model.clip(plan.start, parameters);
        *n_batches += 1;
        *total += loss;
        Ok(())
    }

    fn end_epoch(&mut self) -> Result<(), TrainError> {
        let valid = match self.valid {
            Some(valid) => {
                let scores = evaluate(self.model, &self.state.parameters, valid, &self.plan.loss);
                Some(scores.map_err(|error| match error {
                    TrainError::Cell(error) => self.explain(error),
                    other => other,
                })?)
            }
            None => None,
        };
        let batches = self.batches_per_epoch();
        let rate = self.plan.rate_at((self.state.epochs.len() + 1) * batches - 1, batches);
        let metric = self.plan.metric;
        let State { n_batches, loss, parameters, epochs, best, .. } = &mut self.state;
        let height = |epoch: &Epoch| epoch.valid.as_ref().map(|scores| scores.height(metric));
        let epoch = Epoch { loss: *loss / batches as f64, rate, valid };
        let is_best = match best {
            // Without validation sequences the last is the best.
            Some(best) => height(&epoch).is_none() || height(&epoch) > height(&epochs[best.epoch - 1]),
            None => true,
        };
        epochs.push(epoch);
        if is_best {
            *best = Some(Best { epoch: epochs.len(), parameters: parameters.clone() });
        }
        (*n_batches, *loss) = (0, 0.0);
        Ok(())
    }

    /// What went wrong in a cell is that training diverged, if numbers were no longer finite.
    fn explain(&self, error: CellError) -> TrainError {
        match error {
            CellError::NotFinite { unit, value, step, .. } => {
                self.diverged(format!("unit {unit} is {value} after step {step}"))
            }
            error => TrainError::Cell(error),
        }
    }

    fn diverged(&self, what: String) -> TrainError {
        let (epoch, batch) = (self.state.epochs.len() + 1, self.state.n_batches + 1);
        TrainError::Diverged { epoch, batch, rate: self.rate(), what }
    }
}

/// Checks that sequences fit to a model and a plan.
fn check<R: Real>(model: &Model, plan: &Plan, sequences: &Sequences<R>) -> Result<(), TrainError> {
    plan.loss.check_targets(&sequences.targets)?;
    let n_classes = match sequences.targets {
        super::Targets::Values { .. } => 0,
        super::Targets::Classes { n, .. } => n,
    };
    match plan.metric {
        Metric::Accuracy if n_classes == 0 => {
            return Err(TrainError::Targets { loss: "the metric accuracy", needs: "classes" });
        }
        Metric::F1 if n_classes != 2 => {
            return Err(TrainError::Targets { loss: "the metric f1", needs: "two classes" });
        }
        Metric::Loss | Metric::Accuracy | Metric::F1 => {}
    }
    let pairs = [
        ("the number of inputs", sequences.n_inputs, model.n_inputs()),
        ("the number of answers", sequences.n_answers(), model.n_answers()),
    ];
    match pairs.into_iter().find(|(_, has, needs)| has != needs) {
        Some((what, has, needs)) => {
            let must = format!("{needs}, that of the model");
            Err(TrainError::Argument { what, value: has as f64, must })
        }
        None => Ok(()),
    }
}
