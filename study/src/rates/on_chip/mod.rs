//! A trained liquid network on the emulated chip: what its score loses, how far its states are off, and what it
//! sends against sending every value in every step.
//!
//! ```text
//! LiquidModel ─ quantize, map, lower ► Netlist ─ run, a sequence at a time ► answers ─ score ► against the float score
//!                                                └► states after every unfold ─► against the float cell's
//! ```
//! Every sequence starts from states of 0 on both sides, as in training.

mod deviation;
mod report;
mod run;

pub use deviation::{Deviation, Deviations};
pub use report::{COLUMNS, OnChip, rows};
pub use run::{ChipRun, run_on_chip};

use rheobase_loihi_export::ltc::{Costs, lower_liquid};
use rheobase_loihi_export::netlist::{from_json, to_json};
use rheobase_ltc::train::{Loss, Metric, Sequences, evaluate, score_answers};
use rheobase_mapping::chip::Chip;
use rheobase_mapping::liquid::{LiquidConfig, map_liquid, quantize_liquid};
use rheobase_net::LiquidModel;

use super::RatesError;

/// What a comparison depends on, beside model and data.
#[derive(Debug, Clone, Copy)]
pub struct OnChipConfig<'a> {
    /// The numbers of the chip.
    pub numbers: LiquidConfig,
    /// The chip, and the text that it was read from.
    pub chip: (&'a Chip, &'a str),
    /// What operations cost.
    pub costs: Costs,
    /// The loss that the model was trained with.
    pub loss: &'a Loss,
    /// What its score is.
    pub metric: Metric,
}

/// Runs the sequences through the float model and through the chip, which is given its netlist as a file's text.
///
/// # Errors
/// If the model cannot be said in the chip's numbers or does not fit it, or the sequences cannot be run.
///
/// # Panics
/// Never: a netlist that was written is read back.
pub fn compare_on_chip(
    liquid: &LiquidModel,
    sequences: &Sequences<f32>,
    config: &OnChipConfig<'_>,
) -> Result<OnChip, RatesError> {
    let OnChipConfig { numbers, chip: (chip, text), costs, loss, metric } = *config;
    let quantized = quantize_liquid(liquid, &numbers)?;
    let mapping = map_liquid(&quantized, chip, None, None)?;
    let netlist = from_json(&to_json(&lower_liquid(&mapping, text))).expect("what was written is a netlist");
    let run = run_on_chip(liquid, &quantized, &netlist, sequences)?;
    let parameters: Vec<f32> = liquid.parameters.iter().map(|value| *value as f32).collect();
    let float = evaluate(&liquid.model, &parameters, sequences, loss)?;
    let on_chip = score_answers(&run.answers, sequences, loss)?;
    Ok(OnChip::new(numbers, metric, [float, on_chip], &quantized, &netlist, run, costs))
}
