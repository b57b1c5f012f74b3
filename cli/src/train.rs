//! `rheobase train`: a liquid and its controls learn a task, and are scored.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use rheobase_net::file::{write_atomically, write_network};
use rheobase_study::compare::{CompareError, Comparison, Effort, Method, Trained, compare};
use rheobase_study::data::Dataset;
use rheobase_study::experiment::{self, Experiment};
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::{count, print, short, table};
use crate::plot::{Confusion, confusion};
use crate::{dataset, progress, toml_file};

/// Train a liquid's readout on data, beside its controls
///
/// The same readout, on the same folds, is trained on what the liquid does, on the encoder's spikes alone
/// and on the front end alone. The folder gets comparison.json, confusion.png, the liquid of the first seed
/// (network.h5) and its readout (readout.json).
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  The vowels that the program carries:
    rheobase train --preset vowels -o vowels

  The Free Spoken Digit Dataset, one speaker left out at a time:
    rheobase train --preset spoken-digits --data fsdd.h5 -o digits

  Your own experiment, starting from a preset:
    rheobase train --preset vowels --print > mine.toml
    rheobase train mine.toml -o mine")]
pub struct Args {
    /// The experiment, in TOML
    #[arg(required_unless_present = "preset", conflicts_with = "preset")]
    experiment: Option<PathBuf>,
    /// An experiment that the program knows
    #[arg(long)]
    preset: Option<Preset>,
    /// The data, in place of those that the experiment names: "vowels", an HDF5 file, or a folder of WAV
    /// files with index.csv
    #[arg(long)]
    data: Option<String>,
    /// How many seeds, from --seed on, in place of those of the experiment
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    seeds: Option<u16>,
    /// The folder to write
    #[arg(short, long, value_name = "FOLDER", required_unless_present = "print")]
    output: Option<PathBuf>,
    /// Print the experiment as TOML and do nothing
    #[arg(long)]
    print: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Preset {
    /// Japanese vowels: who of nine speaks? 135 neurons
    Vowels,
    /// Spoken digits of a speaker who was never heard; 500 neurons
    SpokenDigits,
}

/// Trains, writes the folder and tells.
///
/// # Errors
/// If the experiment or the data are faulty, the folder cannot be written, or the work was stopped.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let experiment = experiment(options, args)?;
    if args.print {
        return print(&toml::to_string(&experiment).map_err(|error| Failure::Failed(error.into()))?);
    }
    let Some(folder) = &args.output else { return Err(anyhow!("--output is missing")).or_bad_input() };
    prepare(folder)?;
    let dataset = dataset::load(&experiment.data)?;
    let (comparison, trained) = compare_with_progress(options, &dataset, &experiment)?;
    write(folder, &comparison, &trained)?;
    options.output().answer(&comparison, || to_text(&comparison))
}

fn experiment(options: &Options, args: &Args) -> Result<Experiment, Failure> {
    let mut experiment = match (&args.experiment, args.preset) {
        (Some(path), _) => toml_file::read(path)?,
        (None, Some(Preset::SpokenDigits)) => experiment::spoken_digits(),
        (None, Some(Preset::Vowels) | None) => experiment::vowels(),
    };
    if let Some(data) = &args.data {
        experiment.data.clone_from(data);
    }
    if let Some(n) = args.seeds {
        experiment.seeds = (options.seed..).take(usize::from(n)).collect();
    }
    Ok(experiment)
}

/// Makes the folder, before the long work.
pub fn prepare(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))
        .or_bad_input()?;
    crate::destination::check(&folder.join("comparison.json"))
}

/// Compares, shows progress and listens for Ctrl-C.
pub fn compare_with_progress(
    options: &Options,
    dataset: &Dataset,
    experiment: &Experiment,
) -> Result<(Comparison, Trained), Failure> {
    const STEPS: f64 = 1000.0;
    let stop = progress::stop_on_ctrl_c()?;
    let bar = progress::bar(options.output(), "training", STEPS as u64);
    let watch = |done: f64| {
        bar.set_position((done * STEPS) as u64);
        progress::go_on(&stop)
    };
    let made = match compare(dataset, experiment, &watch) {
        Err(stopped @ CompareError::Stopped { .. }) => Err(Failure::Failed(stopped.into())),
        result => result.or_bad_input(),
    };
    bar.finish_and_clear();
    made
}

/// Writes what was learned and how well.
pub fn write(folder: &Path, comparison: &Comparison, trained: &Trained) -> Result<(), Failure> {
    let Trained { network, front_end, readout, examples: _ } = trained;
    write_network(&folder.join("network.h5"), network.network()).map_err(anyhow::Error::from)?;
    write_json(&folder.join("comparison.json"), comparison)?;
    write_json(&folder.join("readout.json"), &(front_end, readout))?;
    let liquid = &comparison.methods[0];
    let matrix = Confusion { classes: &comparison.classes, counts: &liquid.scores.confusion };
    confusion(&matrix, &folder.join("confusion.png"))?;
    Ok(())
}

fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Failed(error.into()))?;
    write_atomically(path, |file| -> anyhow::Result<()> { Ok(file.write_all(text.as_bytes())?) })?;
    Ok(())
}

/// The tables that people read.
pub fn to_text(comparison: &Comparison) -> String {
    let Comparison { dataset, classes, methods, chance, majority, effort, experiment } = comparison;
    let mut rows: Vec<Vec<String>> = methods.iter().map(method_row).collect();
    let guess = |name: &str, accuracy: f64| {
        vec![
            name.to_owned(),
            "–".to_owned(),
            format!("{accuracy:.3}"),
            "–".to_owned(),
            "–".to_owned(),
            "–".to_owned(),
        ]
    };
    rows.push(guess("most frequent class", *majority));
    rows.push(guess("chance", *chance));
    let title = format!(
        "{dataset}, {} classes, {}",
        classes.len(),
        match experiment.features.bins {
            1 => "counts over the whole sample".to_owned(),
            n => format!("counts in {n} windows"),
        }
    );
    let header = ["method", "features", "accuracy", "± seeds", "lowest", "highest"];
    let Effort { duration_ms, input_spikes, spikes, input_events, synaptic_events, rate_hz } = *effort;
    let number = |value: f64| count(value.round() as u64);
    let effort = [
        ("duration (ms)", short(duration_ms)),
        ("spikes of the encoder", number(input_spikes)),
        ("spikes of the liquid", number(spikes)),
        ("synaptic operations, input", number(input_events)),
        ("synaptic operations, liquid", number(synaptic_events)),
        ("rate of the liquid (Hz)", short(rate_hz)),
    ];
    format!(
        "{}\n\n{}",
        table(&title, &header, rows),
        table(
            "one sample, on average",
            &["what", ""],
            effort.map(|(what, value)| vec![what.to_owned(), value])
        )
    )
}

fn method_row(method: &Method) -> Vec<String> {
    let Method { name, n_features, accuracy, .. } = method;
    let several = accuracy.n > 1;
    let or_dash = |value: f64| if several { format!("{value:.3}") } else { "–".to_owned() };
    vec![
        (*name).to_owned(),
        count(*n_features as u64),
        format!("{:.3}", accuracy.mean),
        or_dash(accuracy.std),
        or_dash(accuracy.min),
        or_dash(accuracy.max),
    ]
}
