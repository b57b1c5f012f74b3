//! The vowels by networks of rates of the size of the spiking liquid: 135 units.
//!
//! Settings (eight of the LTC, five of the CfC) were chosen by the loss on the validation part of the training
//! utterances, mean of three seeds; no score of the test utterances entered the choice.

use rheobase_ltc::cell::Activation;
use rheobase_ltc::cell::cfc::{CfcConfig, Mode};
use rheobase_ltc::cell::ltc::{Constraint, LtcConfig};
use rheobase_ltc::model::{CellSpec, CfcSpec, LtcSpec};
use rheobase_ltc::train::{Loss, Metric, Plan};
use rheobase_ltc::wiring::{AutoNcp, WiringSpec};

use super::Experiment;
use super::data::{Data, Samples};

/// As many as the spiking liquid has neurons.
const UNITS: u32 = 135;

/// Who speaks? By an LTC over a neural circuit policy.
pub fn vowels_ltc(seeds: Vec<u64>) -> Experiment {
    let wiring = WiringSpec::AutoNcp(AutoNcp { units: UNITS, n_outputs: 36, sparsity: 0.5, seed: 22222 });
    // Where all conductances of a unit can be clipped to 0, so can its capacitance, and 0/0 ends the training.
    let config = LtcConfig { constraint: Constraint::Softplus, ..LtcConfig::default() };
    let cell = CellSpec::Ltc(LtcSpec { config, wiring });
    vowels(cell, Plan { epochs: 30, rate: 0.02, decay: 0.95, ..Plan::default() }, seeds)
}

/// Who speaks? By a CfC.
pub fn vowels_cfc(seeds: Vec<u64>) -> Experiment {
    let config = CfcConfig {
        mode: Mode::Default,
        backbone_layers: 1,
        backbone_units: 128,
        activation: Activation::LecunTanh,
        ..CfcConfig::default()
    };
    let cell = CellSpec::Cfc(CfcSpec { units: UNITS as usize, config });
    vowels(cell, Plan { epochs: 30, rate: 0.002, decay: 0.95, ..Plan::default() }, seeds)
}

fn vowels(cell: CellSpec, plan: Plan, seeds: Vec<u64>) -> Experiment {
    let (loss, metric) = (Loss::CrossEntropy { class_weights: vec![] }, Metric::Loss);
    Experiment {
        place: "vowels".to_owned(),
        seeds,
        data: Data::Samples(Samples::default()),
        cell,
        training: Plan { loss, metric, drop_last: false, ..plan },
        ..Experiment::default()
    }
}
