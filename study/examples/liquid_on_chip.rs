//! A trained liquid network on the emulated chip, at several resolutions and thresholds.
//!
//! `cargo run --release -p rheobase-study --example liquid_on_chip -- model.h5 DATA`, where the model comes from
//! `rheobase train` and DATA is what it was trained on. The test sequences are run; the table is printed as
//! Markdown.
#![allow(clippy::unwrap_used, reason = "an example stops at what is wrong")]

use rheobase_loihi_export::ltc::Costs;
use rheobase_mapping::chip::Chip;
use rheobase_mapping::liquid::LiquidConfig;
use rheobase_net::file::read_liquid;
use rheobase_study::rates::Experiment;
use rheobase_study::rates::on_chip::{COLUMNS, OnChipConfig, compare_on_chip, rows};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [model, place, rest @ ..] = arguments.as_slice() else { panic!("MODEL DATA [STATE_BITS THRESHOLD]") };
    let liquid = read_liquid(model.as_ref()).unwrap();
    let mut experiment: Experiment = toml::from_str(&liquid.description.configuration).unwrap();
    experiment.place.clone_from(place);
    let task = experiment.task().unwrap();
    let text = Chip::text("loihi2").unwrap();
    let chip = Chip::from_toml(text).unwrap();
    println!("| {} |\n|{}", COLUMNS.join(" | "), "---|".repeat(COLUMNS.len()));
    for numbers in configs(rest) {
        let config = OnChipConfig {
            numbers,
            chip: (&chip, text),
            costs: Costs::default(),
            loss: &experiment.training.loss,
            metric: experiment.training.metric,
        };
        let report = compare_on_chip(&liquid, &task.test, &config).unwrap();
        rows(&[report]).iter().for_each(|row| println!("| {} |", row.join(" | ")));
    }
}

fn configs(arguments: &[String]) -> Vec<LiquidConfig> {
    let plain = LiquidConfig::default();
    if let [bits, threshold] = arguments {
        let threshold = threshold.parse().unwrap();
        let state_bits = bits.parse().unwrap();
        return vec![LiquidConfig { state_bits, threshold, input_threshold: threshold, ..plain }];
    }
    let widths = [
        (17, 22, 16, 20, 10),
        (14, 16, 12, 16, 7),
        (12, 14, 10, 14, 6),
        (10, 12, 8, 12, 5),
        (8, 10, 8, 10, 5),
        (6, 8, 6, 8, 4),
    ];
    let at = |threshold: f64| LiquidConfig { threshold, input_threshold: threshold, ..plain };
    let of_widths = widths.map(|(state_bits, conductance_bits, slope_bits, sigmoid_bits, table_bits)| {
        LiquidConfig { state_bits, conductance_bits, slope_bits, sigmoid_bits, table_bits, ..at(0.0) }
    });
    let of_thresholds = [1e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1].map(at);
    of_widths.into_iter().chain(of_thresholds).collect()
}
