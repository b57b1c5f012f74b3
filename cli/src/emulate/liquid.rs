//! A trained liquid network on the chip in software, against itself in floating point.

use std::path::Path;

use anyhow::{Context, anyhow};
use rheobase_loihi_export::ltc::Costs;
use rheobase_mapping::liquid::LiquidConfig;
use rheobase_net::file::read_liquid;
use rheobase_study::rates::Experiment;
use rheobase_study::rates::on_chip::{COLUMNS, OnChip, OnChipConfig, compare_on_chip, rows};
use serde::Serialize;

use super::Args;
use crate::error::{Failure, OrBadInput};
use crate::map::ChosenChip;
use crate::options::Options;
use crate::output::table;

/// What the options of a trained liquid network say.
#[derive(Debug, clap::Args)]
pub struct LiquidArgs {
    /// Of a trained liquid network: the chip, a known one or the TOML file of one
    #[arg(long, value_name = "NAME|FILE", default_value = "loihi2")]
    chip: String,
    /// Of a trained liquid network: the data that it was trained on, whose test sequences go through it; by default
    /// where its experiment says that they are
    #[arg(long, value_name = "DATA")]
    data: Option<String>,
    /// Of a trained liquid network: by how much a value has to change before it is sent; several give a row each
    #[arg(long, value_name = "X", value_delimiter = ',', default_value = "0.002")]
    threshold: Vec<f64>,
    /// Of a trained liquid network: bits of a state behind the point
    #[arg(long, value_name = "N", default_value_t = LiquidConfig::default().state_bits)]
    state_bits: u8,
}

#[derive(Debug, Serialize)]
struct Told {
    model: String,
    chip: String,
    n_sequences: usize,
    reports: Vec<OnChip>,
}

/// Runs the test sequences of the model's data through the chip, once a threshold, and tells.
///
/// # Errors
/// If model, data or chip are faulty, or the model cannot be said in the chip's numbers.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let path: &Path = &args.netlist;
    if args.output.is_some()
        || !args.spikes.is_empty()
        || args.source_spikes.is_some()
        || !args.trace.is_empty()
    {
        let error = anyhow!(
            "{} is a trained liquid network, which is scored on its data: leave --output, --spikes, --source-spikes and \
             --trace out",
            path.display()
        );
        return Err(Failure::BadInput(error));
    }
    let LiquidArgs { chip, data, threshold, state_bits } = &args.liquid;
    let chosen = ChosenChip::of(chip)?;
    let liquid = read_liquid(path).or_bad_input()?;
    let configuration = &liquid.description.configuration;
    let mut experiment: Experiment = toml::from_str(configuration)
        .with_context(|| format!("{} does not say by which experiment it was trained", path.display()))
        .or_bad_input()?;
    if let Some(place) = data {
        experiment.place.clone_from(place);
    }
    let task = experiment.task().or_bad_input()?;
    let mut reports = Vec::new();
    for threshold in threshold.iter().copied() {
        let numbers = LiquidConfig {
            threshold,
            input_threshold: threshold,
            state_bits: *state_bits,
            ..LiquidConfig::default()
        };
        let config = OnChipConfig {
            numbers,
            chip: (&chosen.chip, &chosen.text),
            costs: Costs::default(),
            loss: &experiment.training.loss,
            metric: experiment.training.metric,
        };
        reports.push(compare_on_chip(&liquid, &task.test, &config).or_bad_input()?);
    }
    let told = Told {
        model: path.display().to_string(),
        chip: chosen.chip.title().to_owned(),
        n_sequences: task.test.n_samples,
        reports,
    };
    options.output().answer(&told, || told.to_text())
}

impl Told {
    fn to_text(&self) -> String {
        let Self { model, chip, n_sequences, reports } = self;
        let rows = rows(reports);
        // A column a report: there are more figures than reports.
        let lines = COLUMNS.iter().enumerate().map(|(i, name)| {
            let name = name.replace("\\[", "[").replace("\\]", "]");
            std::iter::once(name).chain(rows.iter().map(|row| row[i].clone())).collect()
        });
        let title = format!("{model} on {chip}, {n_sequences} test sequences");
        let header: Vec<&str> = std::iter::once("").chain(rows.iter().map(|_| "")).collect();
        table(&title, &header, lines)
    }
}
