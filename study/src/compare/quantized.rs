//! The same comparison, with the liquid that a chip would run.

use rheobase_mapping::Activity;
use rheobase_mapping::quantize::{NumberFormat, QuantizeConfig, QuantizeReport, quantize};
use rheobase_sim::Scheduler;

use super::{CompareError, Comparison, Progress, Trained, compare_made};
use crate::data::Dataset;
use crate::experiment::{Experiment, Liquid};

/// Scores a liquid in the numbers of a chip, beside the controls of [`compare`](super::compare()): every liquid is
/// quantized, and the float network that has exactly the chip's parameters runs in its place, on a grid of the
/// experiment's step, which takes the place of the configuration's. Front end, folds and readout are made again,
/// as for a liquid of its own. The reports are those of the seeds, in their order.
///
/// # Errors
/// Those of [`compare`](super::compare()), and [`CompareError::Quantize`] if a chip cannot run the liquid.
pub fn compare_quantized(
    dataset: &Dataset,
    experiment: &Experiment,
    format: &NumberFormat,
    config: &QuantizeConfig,
    progress: Progress<'_>,
) -> Result<(Comparison, Trained, Vec<QuantizeReport>), CompareError> {
    let config = QuantizeConfig { dt: experiment.liquid.dt, ..config.clone() };
    let liquid = Liquid { scheduler: Scheduler::Grid, ..experiment.liquid.clone() };
    let experiment = Experiment { liquid, ..experiment.clone() };
    let mut reports = Vec::new();
    let (comparison, trained) = compare_made(dataset, &experiment, progress, |network| {
        let quantized = quantize(&network, format, &Activity::uniform(&network), &config)?;
        reports.push(quantized.report().clone());
        Ok(quantized.to_network())
    })?;
    Ok((comparison, trained, reports))
}
