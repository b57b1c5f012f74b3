//! The same comparison, with the liquid that a chip would run.

use rheobase_mapping::Activity;
use rheobase_mapping::quantize::{NumberFormat, QuantizeConfig, QuantizeReport, QuantizedNetwork, quantize};
use rheobase_net::generate::generate;
use rheobase_net::{ValidNetwork, validate};
use rheobase_sim::Scheduler;
use serde::Serialize;

use super::{CompareError, Comparison, Progress, Trained, compare, compare_made};
use crate::data::Dataset;
use crate::experiment::{Experiment, Liquid};
use crate::score::{Spread, spread};

/// A liquid in floating point, and in the numbers of a chip with weights of several widths.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WidthComparison {
    /// In floating point, beside its controls.
    pub float: Comparison,
    /// In the numbers of the chip, in the order in which the widths were given.
    pub whole: Vec<WholeComparison>,
}

/// A liquid in the numbers of a chip.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WholeComparison {
    /// Width of a weight \[bits\].
    pub weight_bits: u8,
    /// Its accuracy less that of the float liquid of the same seed, over seeds; below 0 where accuracy is lost.
    pub change: Spread,
    /// All scores, beside the controls.
    pub comparison: Comparison,
    /// What was rounded, seed by seed.
    pub reports: Vec<QuantizeReport>,
}

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
    let liquid = Liquid { scheduler: Scheduler::Grid, ..experiment.liquid.clone() };
    let experiment = Experiment { liquid, ..experiment.clone() };
    let mut reports = Vec::new();
    let (comparison, trained) = compare_made(dataset, &experiment, progress, |network| {
        let quantized = in_numbers(&network, &experiment, format, config)?;
        reports.push(quantized.report().clone());
        Ok(quantized.to_network())
    })?;
    Ok((comparison, trained, reports))
}

/// Scores a liquid in floating point and, by [`compare_quantized`], with weights of every width of `weight_bits`,
/// which take the place of the configuration's; seed by seed, what each width costs.
///
/// # Errors
/// Those of [`compare_quantized`]. What a chip cannot run, by any width or seed, is refused before the long work.
pub fn compare_widths(
    dataset: &Dataset,
    experiment: &Experiment,
    format: &NumberFormat,
    config: &QuantizeConfig,
    weight_bits: &[u8],
    progress: Progress<'_>,
) -> Result<WidthComparison, CompareError> {
    let config_of = |weight_bits: u8| QuantizeConfig { weight_bits, ..config.clone() };
    for seed in experiment.seeds.iter().copied() {
        let network = validate(generate(&experiment.liquid.network, seed)?)?;
        for bits in weight_bits {
            in_numbers(&network, experiment, format, &config_of(*bits))?;
        }
    }
    let n_runs = (1 + weight_bits.len()) as f64;
    let (float, _) = compare(dataset, experiment, &|done| progress(done / n_runs))?;
    let mut whole = Vec::new();
    for (weight_bits, before) in weight_bits.iter().copied().zip(1..) {
        let (comparison, _, reports) =
            compare_quantized(dataset, experiment, format, &config_of(weight_bits), &|done| {
                progress((f64::from(before) + done) / n_runs)
            })?;
        let seeds = comparison.methods[0].seeds.iter().zip(&float.methods[0].seeds);
        let changes: Vec<f64> = seeds.map(|(after, before)| after.accuracy - before.accuracy).collect();
        whole.push(WholeComparison { weight_bits, change: spread(&changes)?, comparison, reports });
    }
    Ok(WidthComparison { float, whole })
}

/// A liquid in the numbers of a chip that takes the experiment's steps.
fn in_numbers<'a>(
    network: &'a ValidNetwork,
    experiment: &Experiment,
    format: &NumberFormat,
    config: &QuantizeConfig,
) -> Result<QuantizedNetwork<'a>, CompareError> {
    let config = QuantizeConfig { dt: experiment.liquid.dt, ..config.clone() };
    Ok(quantize(network, format, &Activity::uniform(network), &config)?)
}
