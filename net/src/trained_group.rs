//! A trained model as a group of a network.

use rheobase_ltc::cell::Cell;
use rheobase_ltc::model::AnyCell;

use crate::{LiquidCell, LiquidModel, LtcPopulation};

/// Why a trained model is no group.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum GroupError {
    /// Groups have no such cell.
    #[error(
        "the model's cell is of the kind \"{kind}\", and groups of a network have cells of the kinds \"ltc\", \"cfc\" and \
         \"wired_cfc\"; train one of these"
    )]
    Kind {
        /// Of which kind it is.
        kind: &'static str,
    },
}

impl LtcPopulation {
    /// The group that does what the cell of a trained model does: one step every `interval` \[ms\].
    ///
    /// *Time.* A step of the group is a step of the model: what passes for the cell is [`LiquidModel::step`], in the
    /// model's unit of time, whatever the interval. So `time_scale` is step/interval, and `interval` says how fast the
    /// model lives beside neurons: a model of data that were sampled every 20 ms lives in real time at 20. Their
    /// product is the step to the last bit if there is such a factor (of a step of 1 there is for every usual
    /// interval, of 7 in 0.3 ms there is none), and within 2⁻⁵² of it otherwise. The
    /// engine's own step does not enter, as the cell takes none between two; on a grid, `interval` must be a whole
    /// number of these. A group that is to run faster or slower than it was trained has another `time_scale` put in.
    ///
    /// *Inputs* have the names of the model's, and are what its cell sees: scaled as in training,
    /// [`Channel::scaled`](crate::Channel::scaled). Measured values come in through synapses of weight 1/scale, and
    /// a constant source of −mean/scale beside them. Sampled every `interval` from 0 on, they lead to the states of
    /// [`rheobase_ltc::cell::record`] bit for bit, from states of 0, in double precision.
    ///
    /// *Outputs* are those of the cell. The head is linear, so the answers are what synapses with the weights
    /// `head.weight` of an output add up to at their target, and `head.bias`.
    ///
    /// All else is the default, and can be set before the group is put into a network.
    ///
    /// ```no_run
    /// use std::path::Path;
    ///
    /// use rheobase_net::{LtcOutput, LtcPopulation, Model, Network, Population, file, validate};
    ///
    /// let model = file::read_liquid(Path::new("model.h5"))?;
    /// let group = LtcPopulation::of_model(&model, 20.0)?;
    /// let group = LtcPopulation { output: LtcOutput::SigmaDelta { threshold: 0.05 }, ..group };
    /// let (name, size) = ("controller".to_owned(), group.cell.n_units() as u32);
    /// let population = Population { name, size, model: Model::Ltc(group), positions: None };
    /// // Neurons, sources and projections follow.
    /// let network = validate(Network { populations: vec![population], ..Network::default() })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`GroupError`] if groups have no such cell. An interval that is not above 0 is found by
    /// [`validate`](fn@crate::validate).
    pub fn of_model(model: &LiquidModel, interval: f64) -> Result<Self, GroupError> {
        let cell = match model.model.cell() {
            AnyCell::Ltc(cell) => {
                LiquidCell::Ltc { wiring: cell.wiring().clone(), config: cell.config().clone() }
            }
            AnyCell::Cfc(cell) => LiquidCell::Cfc {
                n_inputs: Cell::<f64>::n_inputs(cell),
                units: Cell::<f64>::n_state(cell),
                config: cell.config().clone(),
            },
            AnyCell::WiredCfc(cell) => {
                LiquidCell::WiredCfc { wiring: cell.wiring().clone(), mode: cell.mode() }
            }
            other @ (AnyCell::FiringRate(..)
            | AnyCell::CtGru(..)
            | AnyCell::MixedLtc(_)
            | AnyCell::MixedCfc(_)
            | AnyCell::MixedWiredCfc(_)) => return Err(GroupError::Kind { kind: other.kind() }),
        };
        let parameters = model.model.of_cell(&model.parameters).to_vec();
        Ok(Self {
            inputs: model.inputs.iter().map(|channel| channel.name.clone()).collect(),
            interval,
            time_scale: factor(interval, model.step),
            ..Self::new(cell, parameters)
        })
    }
}

/// What `interval` has to be multiplied by to give `step`, to the last bit if there is such a number.
fn factor(interval: f64, step: f64) -> f64 {
    let near = step / interval;
    [near, near.next_up(), near.next_down()]
        .into_iter()
        .find(|factor| interval * factor == step)
        .unwrap_or(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a factor gives another number than the step, none beside it gives the step.
    #[test]
    fn a_step_takes_the_models_time_to_the_last_bit_if_a_factor_can() {
        let steps = [1.0, 0.1, 1.0 / 3.0, 0.02, 7.0, 1e-9];
        let intervals = [1.0, 0.1, 0.3, 2.5, 20.0, 49.0, 0.7];
        for (step, interval) in steps.into_iter().flat_map(|s| intervals.map(|i| (s, i))) {
            let factor = factor(interval, step);
            let elapsed = interval * factor;
            let is_best = [factor.next_up(), factor.next_down()].into_iter().all(|f| interval * f != step);
            assert!(elapsed == step || is_best, "{step} in {interval}");
            assert!((elapsed - step).abs() <= f64::EPSILON * step, "{step} in {interval}: {elapsed}");
            assert!(step != 1.0 || elapsed == 1.0, "{interval}");
        }
    }
}
