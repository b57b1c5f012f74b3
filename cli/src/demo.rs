//! `rheobase demo`: the whole way, on data that the program carries.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use rheobase_net::file::write_recording;
use rheobase_net::{NodeRange, Recording};
use rheobase_study::compare::{Comparison, Example, Trained};
use rheobase_study::data::{Dataset, Signal, japanese_vowels};
use rheobase_study::experiment;
use serde::Serialize;

use crate::error::Failure;
use crate::options::Options;
use crate::output::{count, table};
use crate::plot;
use crate::train;

/// Spoken vowels become spikes, and a liquid answers who spoke
///
/// Nine men say "ae" (Kudo, Toyama & Shimbo 1999, UCI, CC BY 4.0). Each utterance becomes spikes, the spikes
/// stir a liquid of 135 spiking neurons, and a linear readout tells from the liquid who it was: on 370
/// utterances that it never heard, for five liquids, beside the same readout without a liquid and without
/// spikes. Needs no file and no network; takes some seconds.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  rheobase demo
  rheobase demo -o somewhere --json

The folder gets
  raster.png       an utterance: spikes of the encoder and of the liquid
  traces.png       membrane potentials of three neurons
  rates.png        rates of the populations
  liquid.png       the liquid in space
  confusion.png    who was taken for whom
  comparison.json  every number, and the experiment
  network.h5, readout.json, recording.h5

Go on from there:
  rheobase inspect rheobase-demo/recording.h5
  rheobase train --preset vowels --print > mine.toml")]
pub struct Args {
    /// The folder to write
    #[arg(short, long, value_name = "FOLDER", default_value = "rheobase-demo")]
    output: PathBuf,
}

/// The answer of the demo.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    seconds: f64,
    examples: Vec<Answer>,
    comparison: &'a Comparison,
    folder: &'a Path,
}

/// One utterance and the answer to it.
#[derive(Debug, Serialize)]
struct Answer {
    speaker: String,
    answer: String,
    frames: usize,
    input_spikes: u64,
    spikes: u64,
}

/// Runs the demo, writes the folder and tells.
///
/// # Errors
/// If the folder cannot be written or the work was stopped.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let start = Instant::now();
    let folder = &args.output;
    train::prepare(folder, "comparison.json")?;
    let mut experiment = experiment::vowels();
    experiment.seeds = (options.seed..).take(experiment.seeds.len()).collect();
    let dataset = japanese_vowels();
    let (comparison, trained) = train::compare_with_progress(options, &dataset, &experiment)?;
    train::write(folder, &comparison, &trained)?;
    let example = trained.examples.first().context("every speaker has test utterances")?;
    write_recording(&folder.join("recording.h5"), &example.recording).map_err(anyhow::Error::from)?;
    draw(folder, &trained, &example.recording)?;
    let shown = Shown {
        seconds: start.elapsed().as_secs_f64(),
        examples: trained.examples.iter().map(|example| answer(&dataset, example)).collect(),
        comparison: &comparison,
        folder,
    };
    options.output().answer(&shown, || to_text(&shown))
}

fn draw(folder: &Path, trained: &Trained, recording: &Recording) -> anyhow::Result<()> {
    let Recording { spikes, nodes, t_start, t_stop, rates, .. } = recording;
    plot::raster(spikes, nodes, *t_start..*t_stop, &folder.join("raster.png"))?;
    let traced = |node| plot::Traced::potential(threshold(trained, nodes, node));
    plot::traces(recording, traced, &folder.join("traces.png"))?;
    let rates = rates.as_ref().context("examples have rates")?;
    plot::rates(rates, nodes, &folder.join("rates.png"))?;
    plot::liquid(trained.network.network(), &folder.join("liquid.png"))
}

fn threshold(trained: &Trained, nodes: &[NodeRange], node: u32) -> Option<f64> {
    let range = |range: &NodeRange| (range.first..range.first + range.size).contains(&node);
    let population = nodes.iter().position(range)?;
    trained.network.populations()[population].model.threshold((node - nodes[population].first) as usize)
}

fn answer(dataset: &Dataset, example: &Example) -> Answer {
    let Example { sample, label, answer, recording } = example;
    let name = |class: u32| dataset.classes()[class as usize].clone();
    Answer {
        speaker: name(*label),
        answer: name(*answer),
        frames: match &dataset.samples()[*sample].signal {
            Signal::Series(values) => values.nrows(),
            Signal::Audio(_) | Signal::Events(_) => 0,
        },
        input_spikes: recording.counters.input_spikes,
        spikes: recording.counters.spikes,
    }
}

fn to_text(shown: &Shown<'_>) -> String {
    let Shown { seconds, examples, comparison, folder } = shown;
    let rows = examples.iter().map(|example| {
        let Answer { speaker, answer, frames, input_spikes, spikes } = example;
        let verdict = if speaker == answer { "right" } else { "wrong" };
        let number = [count(*frames as u64), count(*input_spikes), count(*spikes)];
        let mut row = vec![format!("speaker {speaker}")];
        row.extend(number);
        row.extend([format!("speaker {answer}"), verdict.to_owned()]);
        row
    });
    let header = ["who spoke", "frames", "spikes in", "spikes of the liquid", "the liquid's answer", ""];
    format!(
        "{}\n\n{}\n\n{seconds:.1} s; pictures and files are in {}",
        table("one utterance of each speaker, never heard before", &header, rows),
        train::to_text(comparison),
        folder.display()
    )
}
