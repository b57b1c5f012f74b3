//! `rheobase demo`: the whole way, on data that the program carries.

mod emulated;
mod mapped;
mod rates;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context;
use rheobase_net::file::{write_liquid, write_recording};
use rheobase_net::{NodeRange, Recording};
use rheobase_study::compare::{self, Comparison, Effort, Example, Method, Trained};
use rheobase_study::data::{Dataset, Signal, japanese_vowels};
use rheobase_study::experiment::{self, Experiment};
use rheobase_study::score::Spread;
use serde::Serialize;

use self::emulated::Emulated;
use self::rates::{Learned, Rated};
use crate::error::Failure;
use crate::map::Mapped;
use crate::options::Options;
use crate::output::{count, short, table};
use crate::plot::{self, of_model};
use crate::train;

/// Spoken vowels become spikes, and a liquid answers who spoke
///
/// Nine men say "ae" (Kudo, Toyama & Shimbo 1999, UCI, CC BY 4.0). Each utterance becomes spikes, the spikes
/// stir a liquid of 135 spiking neurons, and a linear readout tells from the liquid who it was: on 370
/// utterances that it never heard, for five liquids, beside the same readout without a liquid and without
/// spikes. An LTC and a CfC network of as many units learn the same task from the same utterances. The liquid is put
/// onto the cores of Loihi by the spikes of an utterance, its netlist is written, and a chip in software that knows
/// nothing else answers the same utterances. Needs no file and no network; takes half a minute.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  rheobase demo
  rheobase demo -o somewhere --json
  rheobase demo --seeds 1

The folder gets
  raster.png       an utterance: spikes of the encoder and of the liquid
  traces.png       membrane potentials of three neurons
  rates.png        rates of the populations
  liquid.png       the liquid in space
  confusion.png    who was taken for whom
  mapping.json, mesh.png, traffic.png, cores.png
                   the liquid on the cores of Loihi
  netlist.h5       what every core holds; emulated.json: what the chip answered, and what that takes
  comparison.json  every number, and the experiment
  network.h5, readout.json, recording.h5
  ltc.h5, cfc.h5   the trained networks of rates; rates.json: their scores, seed by seed
  ltc-wiring.png, ltc-states.png, ltc-time-constants.png, ltc-sensitivity.png
                   the LTC: who listens to whom, and what it does with an utterance

Go on from there:
  rheobase inspect rheobase-demo/recording.h5
  rheobase inspect rheobase-demo/ltc.h5
  rheobase inspect rheobase-demo/mapping.json --neuron exc:0
  rheobase emulate rheobase-demo/netlist.h5 --source-spikes rheobase-demo/recording.h5 -o chip.h5
  rheobase compare-runs rheobase-demo/recording.h5 chip.h5
  rheobase export rheobase-demo/netlist.h5 --format lava -o liquid.py
  rheobase train --preset vowels --print > mine.toml")]
pub struct Args {
    /// The folder to write
    #[arg(short, long, value_name = "FOLDER", default_value = "rheobase-demo")]
    output: PathBuf,
    /// How many liquids, and how many LTC and CfC networks, from --seed on
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    seeds: u16,
}

/// The answer of the demo.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    seconds: f64,
    examples: Vec<Answer>,
    comparison: &'a Comparison,
    rated: Vec<&'a Rated>,
    /// The liquid on the cores of a chip.
    mapped: Mapped,
    /// The same on the chip in software.
    emulated: Emulated,
    /// The liquid's answer to an utterance, in one thread.
    liquid_seconds: f64,
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
    experiment.seeds = (options.seed..).take(usize::from(args.seeds)).collect();
    let dataset = japanese_vowels();
    let (comparison, trained) = train::compare_with_progress(options, &dataset, &experiment)?;
    train::write(folder, &comparison, &trained)?;
    let example = trained.examples.first().context("every speaker has test utterances")?;
    write_recording(&folder.join("recording.h5"), &example.recording).map_err(anyhow::Error::from)?;
    draw(folder, &trained, &example.recording)?;
    let dt = experiment.liquid.dt;
    let mapped = mapped::map(options, &trained.network, &example.recording, dt, folder)?;
    let (float_answers, liquid_seconds) = answers(&dataset, &experiment, &trained)?;
    let netlist = folder.join("netlist.h5");
    let emulated = emulated::answer(&dataset, &experiment, &trained, &float_answers, &netlist)?;
    train::write_json(&folder.join("emulated.json"), &emulated)?;
    let learned = rates::learn(options, &experiment.seeds)?;
    keep(folder, &learned)?;
    let shown = Shown {
        seconds: start.elapsed().as_secs_f64(),
        examples: trained.examples.iter().map(|example| answer(&dataset, example)).collect(),
        comparison: &comparison,
        rated: learned.iter().map(|learned| &learned.rated).collect(),
        mapped,
        emulated,
        liquid_seconds,
        folder,
    };
    options.output().answer(&shown, || to_text(&shown))
}

/// The liquid's answers to the test utterances, and how long one takes, all the way from the frames, in one thread.
fn answers(
    dataset: &Dataset,
    experiment: &Experiment,
    trained: &Trained,
) -> Result<(Vec<u32>, f64), Failure> {
    let test: Vec<usize> = (0..dataset.samples().len()).filter(|k| dataset.samples()[*k].is_test).collect();
    let start = Instant::now();
    let answers = compare::answers(dataset, experiment, trained, &test).map_err(anyhow::Error::from)?;
    Ok((answers, start.elapsed().as_secs_f64() / test.len() as f64))
}

/// Writes what the networks of rates have learned, and pictures of the first.
fn keep(folder: &Path, learned: &[Learned]) -> Result<(), Failure> {
    for (name, Learned { model, .. }) in ["ltc.h5", "cfc.h5"].into_iter().zip(learned) {
        write_liquid(&folder.join(name), model).map_err(anyhow::Error::from)?;
    }
    let rated: Vec<&Rated> = learned.iter().map(|learned| &learned.rated).collect();
    train::write_json(&folder.join("rates.json"), &rated)?;
    let Some(Learned { model, run, .. }) = learned.first() else { return Ok(()) };
    of_model::draw_wiring(&folder.join("ltc.h5"), &folder.join("ltc-wiring.png"))?;
    of_model::draw_states(model, run, &folder.join("ltc-states.png"))?;
    of_model::draw_time_constants(model, run, &folder.join("ltc-time-constants.png"))?;
    of_model::draw_sensitivity(model, run, None, run.n_steps(), &folder.join("ltc-sensitivity.png"))
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
    let Shown { seconds, examples, mapped, folder, .. } = shown;
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
        "{}\n\n{}\n\n{}\n\n{seconds:.1} s; pictures and files are in {}",
        table("one utterance of each speaker, never heard before", &header, rows),
        methods(shown),
        mapped.brief(),
        folder.display()
    )
}

/// All ways to the answer side by side.
fn methods(shown: &Shown<'_>) -> String {
    let Shown { comparison, rated, emulated, liquid_seconds, .. } = shown;
    let n_classes = comparison.classes.len();
    let accuracy = |spread: &Spread| match spread.n {
        1 => format!("{:.3}", spread.mean),
        _ => format!("{:.3} ± {:.3}", spread.mean, spread.std),
    };
    let number = |value: f64| count(value.round() as u64);
    let micros = |seconds: f64| format!("{} µs", short(seconds * 1e6));
    let dash = || "–".to_owned();
    let energy = |pj: f64| format!("{} µJ", short(pj / 1e6));
    let Effort { input_spikes, spikes, input_events, synaptic_events, neuron_updates, .. } =
        comparison.effort;
    let of_method = |(k, method): (usize, &Method)| {
        let parameters = count(((method.n_features + 1) * n_classes) as u64);
        let [sent, operations, time] = match k {
            0 => [
                number(input_spikes + spikes),
                number(input_events + synaptic_events + neuron_updates),
                micros(*liquid_seconds),
            ],
            1 => [number(input_spikes), dash(), dash()],
            _ => [dash(), dash(), dash()],
        };
        let name = if k == 0 { "spiking liquid" } else { method.name };
        vec![name.to_owned(), accuracy(&method.accuracy), parameters, sent, operations, dash(), dash(), time]
    };
    let of_rates = |rated: &&Rated| {
        vec![
            rated.name.to_owned(),
            accuracy(&rated.accuracy),
            count(rated.parameters as u64),
            number(rated.values_sent),
            number(rated.operations),
            number(rated.functions),
            format!("> {}", energy(rated.operations * MULTIPLY_ADD_PJ)),
            micros(rated.seconds),
        ]
    };
    let guess = |name: &str, accuracy: f64| {
        let mut row = vec![name.to_owned(), format!("{accuracy:.3}")];
        row.extend((0..6).map(|_| dash()));
        row
    };
    let mut rows: Vec<Vec<String>> = Vec::new();
    let (liquid, controls) = comparison.methods.split_at(1);
    rows.extend(liquid.iter().enumerate().map(of_method));
    rows.push(on_chip(emulated, input_spikes));
    rows.extend(rated.iter().map(of_rates));
    rows.extend((1..).zip(controls).map(of_method));
    rows.push(guess("most frequent class", comparison.majority));
    rows.push(guess("chance", comparison.chance));
    let title = format!(
        "who of {n_classes} speaks, on the utterances of the official split's test; one utterance, on average"
    );
    let header = ["", "accuracy ± seeds", "trained", "sent", "operations", "functions", "energy", "time"];
    format!(
        "{}\n  trained: parameters. sent: spikes, or numbers of inputs and units, one every time that they change.\n  \
         operations: synaptic events and updates of neurons, or multiplications with their addition; functions:\n  \
         sigmoids and the like, beside them. time: from frames to the answer, in one thread of this machine.\n  \
         energy: on the chip by its figures ({}); of networks of rates, the multiplications\n  \
         alone at {MULTIPLY_ADD_PJ} pJ (Horowitz 2014, 45 nm, 32 bits), without memory and functions.\n  \
         on the chip: time is that of its steps as fast as its cores can, by the same model; the first liquid alone,\n  \
         {:.3} in floating point; {} of {} answers differ.",
        table(&title, &header, rows),
        emulated.prices,
        emulated.float_accuracy,
        emulated.other_answers,
        emulated.n_samples,
    )
}

/// Energy of a multiplication and an addition of 32-bit floating-point numbers in 45 nm \[pJ\]: 3.7 and 0.9.
/// M. Horowitz, ISSCC 2014, doi:10.1109/ISSCC.2014.6757323.
const MULTIPLY_ADD_PJ: f64 = 4.6;

/// The liquid on the chip in software, as a row.
fn on_chip(emulated: &Emulated, input_spikes: f64) -> Vec<String> {
    let Emulated { accuracy, effort, .. } = emulated;
    let number = |value: f64| count(value.round() as u64);
    let micro = |value: f64| short(value * 1e6);
    let dash = || "–".to_owned();
    vec![
        "the liquid on Loihi's cores".to_owned(),
        format!("{accuracy:.3}"),
        dash(),
        number(effort.spikes + input_spikes),
        number(effort.synaptic_events),
        dash(),
        effort.price.map_or_else(dash, |price| format!("{} µJ", micro(price.energy()))),
        effort.price.map_or_else(dash, |price| format!("({} µs)", micro(price.time))),
    ]
}
