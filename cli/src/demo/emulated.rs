//! The demo's liquid on the cores of a chip in software.

use std::path::Path;

use rheobase_loihi_export::emulate::Profile;
use rheobase_mapping::quantize::QuantizeConfig;
use rheobase_study::compare::{ChipEffort, OnChip, Trained, answers_on_chip};
use rheobase_study::data::Dataset;
use rheobase_study::experiment::Experiment;
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::map::ChosenChip;
use crate::netlist_file;
use crate::train::{LOIHI_PRICES, prices_of};

/// The mapped liquid, run from its netlist.
#[derive(Debug, Serialize)]
pub struct Emulated {
    /// The chip's title.
    pub chip: String,
    /// Where costs and times of events are from.
    pub prices: &'static str,
    /// Of one liquid, on the test utterances, by the readout that was trained on the float liquid.
    pub accuracy: f64,
    /// The same liquid in floating point.
    pub float_accuracy: f64,
    /// Answers that differ from those of the float liquid.
    pub other_answers: usize,
    /// Test utterances.
    pub n_samples: usize,
    /// What an utterance takes, on average.
    pub effort: ChipEffort,
}

/// Reads the netlist that was written and lets the emulator answer the test utterances.
///
/// # Errors
/// If the netlist cannot be read or is not that of the liquid.
pub fn answer(
    dataset: &Dataset,
    experiment: &Experiment,
    trained: &Trained,
    float_answers: &[u32],
    netlist: &Path,
) -> Result<Emulated, Failure> {
    let chosen = ChosenChip::of("loihi1")?;
    let netlist = netlist_file::read(netlist)?;
    let on_chip = OnChip {
        chip: &chosen.chip,
        chip_file: &chosen.text,
        quantize: QuantizeConfig::default(),
        profile: Profile::default(),
        prices: prices_of(&chosen),
    };
    let test: Vec<usize> = (0..dataset.samples().len()).filter(|k| dataset.samples()[*k].is_test).collect();
    let (answers, effort) =
        answers_on_chip(dataset, experiment, trained, &netlist, &on_chip, &test).or_bad_input()?;
    let right = |answers: &[u32]| {
        let right = test.iter().zip(answers).filter(|(k, answer)| dataset.samples()[**k].label == **answer);
        right.count() as f64 / test.len() as f64
    };
    Ok(Emulated {
        chip: chosen.chip.title().to_owned(),
        prices: LOIHI_PRICES,
        accuracy: right(&answers),
        float_accuracy: right(float_answers),
        other_answers: answers.iter().zip(float_answers).filter(|(chip, float)| chip != float).count(),
        n_samples: test.len(),
        effort,
    })
}
