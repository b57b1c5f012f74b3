//! The experiments of the papers, with their published settings.
//!
//! Hasani et al. 2021, doi 10.1609/aaai.v35i9.16936 (LTC), tables 3 and 6, and Hasani et al. 2022, doi
//! 10.1038/s42256-022-00556-7 (CfC), by the scripts in their repositories.

use rheobase_ltc::cell::ltc::{LtcConfig, Map};
use rheobase_ltc::model::{CellSpec, LtcSpec, Start};
use rheobase_ltc::train::{Clip, Loss, Metric, Plan};
use rheobase_ltc::wiring::{Full, WiringSpec};

use super::Experiment;
use super::data::{Data, HalfCheetah, Occupancy, Ozone, Samples, Table, Traffic, Walker2d};

/// An experiment that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Is somebody in the room? An LTC of 32 units, accuracy.
    Occupancy,
    /// How many cars go by? An LTC of 32 units, squared error.
    Traffic,
    /// Is it an ozone day? An LTC of 32 units, F1.
    Ozone,
    /// What does the robot do next? An LTC of 32 units, squared error.
    HalfCheetah,
    /// The same at irregular times: an LTC of 128 units, squared error.
    Walker2dLtc,
    /// The speakers that the program carries, by an LTC.
    VowelsLtc,
    /// Columns of a CSV file.
    Table,
}

impl Preset {
    /// Every one of them.
    pub const ALL: [Self; 7] = [
        Self::Occupancy,
        Self::Traffic,
        Self::Ozone,
        Self::HalfCheetah,
        Self::Walker2dLtc,
        Self::VowelsLtc,
        Self::Table,
    ];

    /// The experiment.
    pub fn experiment(self) -> Experiment {
        let paper = Experiment {
            step: UNFOLDS,
            cell: paper_ltc(),
            training: Plan { start: Start::Paper, ..Plan::default() },
            ..Experiment::default()
        };
        let plan = paper.training.clone();
        match self {
            Self::Occupancy => Experiment {
                place: "occupancy".to_owned(),
                data: Data::Occupancy(Occupancy::default()),
                training: Plan { rate: 0.005, loss: cross_entropy(vec![]), metric: Metric::Accuracy, ..plan },
                ..paper
            },
            Self::Traffic => {
                Experiment { place: "traffic".to_owned(), data: Data::Traffic(Traffic::default()), ..paper }
            }
            Self::Ozone => Experiment {
                place: "ozone".to_owned(),
                data: Data::Ozone(Ozone::default()),
                training: Plan { loss: cross_entropy(vec![0.1, 1.6]), metric: Metric::F1, ..plan },
                ..paper
            },
            Self::HalfCheetah => Experiment {
                place: "half-cheetah".to_owned(),
                data: Data::HalfCheetah(HalfCheetah::default()),
                ..paper
            },
            Self::Walker2dLtc => Experiment {
                place: "walker2d".to_owned(),
                data: Data::Walker2d(Walker2d::default()),
                cell: ltc(128, LtcConfig { unfolds: 3, ..LtcConfig::default() }),
                training: keras(Plan { epochs: 50, batch: 128, rate: 0.05, ..Plan::default() }, 10.0),
                ..Experiment::default()
            },
            Self::VowelsLtc => Experiment {
                data: Data::Samples(Samples::default()),
                training: Plan {
                    epochs: 60,
                    rate: 0.02,
                    loss: cross_entropy(vec![]),
                    metric: Metric::Accuracy,
                    ..Plan::default()
                },
                ..Experiment::default()
            },
            Self::Table => Experiment {
                place: "table.csv".to_owned(),
                data: Data::Table(Table { targets: vec!["y".to_owned()], ..Table::default() }),
                ..Experiment::default()
            },
        }
    }
}

/// In the paper's code an unfold is one unit of time, whatever the step.
const UNFOLDS: f64 = 6.0;

/// The LTC of the paper's code: no ε, and a head in place of a map of outputs.
fn paper_ltc() -> CellSpec {
    ltc(32, LtcConfig { output_map: Map::None, epsilon: 0.0, ..LtcConfig::default() })
}

fn ltc(units: u32, config: LtcConfig) -> CellSpec {
    CellSpec::Ltc(LtcSpec { config, wiring: WiringSpec::Full(Full { units, ..Full::default() }) })
}

fn cross_entropy(class_weights: Vec<f64>) -> Loss {
    Loss::CrossEntropy { class_weights }
}

/// As the scripts of the CfC paper train: batches that are not full count, the rate falls by a twentieth an
/// epoch, and Keras's `clipnorm` holds the gradient of every block.
fn keras(plan: Plan, norm: f64) -> Plan {
    let clip = Some(Clip { norm, each_block: true });
    Plan { drop_last: false, decay: 0.95, clip, ..plan }
}
