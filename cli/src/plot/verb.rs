//! `rheobase plot`: a file becomes a figure.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use ndarray::Array2;
use rheobase_net::{NodeRange, Rates, Recording, SpikeTrain, ValidNetwork, file, validate};
use serde::{Deserialize, Serialize};

use super::{Confusion, Traced, confusion, liquid, of_mapping, of_model, raster, rates, traces};
use crate::error::{Failure, OrBadInput};
use crate::inspect::{Kind, kind};
use crate::options::Options;
use crate::{destination, text_file};

/// Draw a file as a PNG or SVG
#[derive(Debug, clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_long_help = "\
Examples:
  rheobase plot raster run.h5 -o raster.png
  rheobase plot raster run.h5 --from 200 --to 400 -o raster.svg
  rheobase plot traces run.h5 --network liquid.h5 -o traces.svg
  rheobase plot rates run.h5 --bin 5 -o rates.png
  rheobase plot liquid liquid.h5 -o liquid.png
  rheobase plot confusion scores.json -o confusion.svg

  A mapping onto the cores of a chip (rheobase map -o mapping.json):
    rheobase plot mesh mapping.json -o mesh.png
    rheobase plot traffic mapping.json -o traffic.png
    rheobase plot cores mapping.json --network liquid.h5 -o cores.png

  A trained liquid time-constant network, going over inputs in a CSV file:
    rheobase plot states model.h5 --data series.csv -o states.png
    rheobase plot time-constants model.h5 --data series.csv -o tau.png
    rheobase plot sensitivity model.h5 --data series.csv --answer occupied --lags 30 -o sensitivity.png
    rheobase plot wiring model.h5 -o wiring.svg

series.csv has names in its first line. Columns with the names of the model's inputs are read, or all if there is
none; a column elapsed says how long the input of a line lasts, t when that time ends.

plot wiring also takes a wiring as CSV, JSON or HDF5 (docs/formats.md), or what to draw one from, as TOML:
  inputs = 8

  [wiring]
  kind = \"auto_ncp\"
  units = 19
  n_outputs = 1
  sparsity = 0.5
  seed = 22222

scores.json holds the names of the classes and the number of answers by truth (rows) and answer:
  {\"classes\": [\"a\", \"b\"], \"confusion\": [[9, 1], [0, 10]]}
The comparison.json of train and demo will do as well."
)]
pub struct Args {
    /// What to draw
    figure: FigureName,
    /// A recording; a network for liquid; a spike file too for raster; JSON for confusion; a trained model, a
    /// wiring, or a mapping
    file: PathBuf,
    /// The file to write, .png or .svg
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Start of a raster in ms
    #[arg(long, value_name = "MS")]
    from: Option<f64>,
    /// End of a raster in ms
    #[arg(long, value_name = "MS")]
    to: Option<f64>,
    /// The network of a recording, for the thresholds of traces, or of a mapping, for the places of neurons
    #[arg(long, value_name = "FILE")]
    network: Option<PathBuf>,
    /// Length of a bin in ms, where a recording has spikes and no rates
    #[arg(long, value_name = "MS", default_value_t = 10.0)]
    bin: f64,
    /// The inputs that a trained model goes over, as CSV
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// The answer whose sensitivity is drawn; the first if it is not said
    #[arg(long, value_name = "NAME")]
    answer: Option<String>,
    /// How many steps back a sensitivity goes
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u16).range(1..=1000))]
    lags: u16,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FigureName {
    /// Spikes over time, one row a node
    Raster,
    /// Membrane potentials with threshold and spikes
    Traces,
    /// Mean firing rates of the populations
    Rates,
    /// The neurons of a network in space, with a sample of its synapses
    Liquid,
    /// How often each class was taken for which
    Confusion,
    /// The states of a trained network's units over time, and its answers
    States,
    /// The effective time constants of a trained network's units over time, within their bounds
    TimeConstants,
    /// What an answer of a trained network listens to, and for how long
    Sensitivity,
    /// Who listens to whom in a liquid network
    Wiring,
    /// How full the cores of a mapping are, and where packets go
    Mesh,
    /// Packets from core to core of a mapping
    Traffic,
    /// The neurons of a mapping in space, colored by core
    Cores,
}

#[derive(Debug, Serialize)]
struct Drawn<'a> {
    figure: &'a Path,
}

/// Draws the figure and says where it is.
///
/// # Errors
/// If the file does not hold what the figure shows, or the figure cannot be written.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let Args { figure, file: input, output, from: _, to: _, network, bin: _, data, answer, lags } = args;
    let extension = output.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    if !matches!(extension.as_deref(), Some("png" | "svg")) {
        let error = anyhow!("{}: a figure is a .png or .svg file", output.display());
        return Err(Failure::BadInput(error));
    }
    destination::check(output)?;
    destination::is_not(output, input)?;
    let data = data.as_deref();
    match figure {
        FigureName::Raster => draw_raster(args)?,
        FigureName::Traces => draw_traces(args)?,
        FigureName::Rates => {
            let recording = file::read_recording(input).or_bad_input()?;
            let binned = match &recording.rates {
                Some(rates) => rates.clone(),
                None => binned(&recording, args.bin).or_bad_input()?,
            };
            rates(&binned, &recording.nodes, output)?;
        }
        FigureName::Liquid => draw_liquid(input, output)?,
        FigureName::Confusion => draw_confusion(input, output)?,
        FigureName::States => {
            let (model, run) = of_model::run_of(input, data)?;
            of_model::draw_states(&model, &run, output)?;
        }
        FigureName::TimeConstants => {
            let (model, run) = of_model::run_of(input, data)?;
            of_model::draw_time_constants(&model, &run, output)?;
        }
        FigureName::Sensitivity => {
            let (model, run) = of_model::run_of(input, data)?;
            of_model::draw_sensitivity(&model, &run, answer.as_deref(), usize::from(*lags), output)?;
        }
        FigureName::Wiring => of_model::draw_wiring(input, output)?,
        FigureName::Mesh => of_mapping::draw_mesh(input, output)?,
        FigureName::Traffic => of_mapping::draw_matrix(input, output)?,
        FigureName::Cores => of_mapping::draw_cores(input, network.as_deref(), output)?,
    }
    options.output().answer(&Drawn { figure: output }, || output.display().to_string())
}

fn valid_network(path: &Path) -> Result<ValidNetwork, Failure> {
    validate(file::read_network(path).or_bad_input()?).or_bad_input_in(path.display())
}

fn draw_liquid(input: &Path, output: &Path) -> Result<(), Failure> {
    let network = valid_network(input)?;
    if network.populations().iter().all(|population| population.positions.is_none()) {
        let error = anyhow!(
            "{}: no node has a position: make the network with a space, as the preset column",
            input.display()
        );
        return Err(Failure::BadInput(error));
    }
    Ok(liquid(network.network(), output)?)
}

fn draw_raster(args: &Args) -> Result<(), Failure> {
    let (spikes, nodes, t_start, t_stop) = match kind(&args.file)? {
        Kind::Network => {
            let error = anyhow!("{} is a network: simulate it, then plot the recording", args.file.display());
            return Err(Failure::BadInput(error));
        }
        Kind::Spikes => {
            let spikes = file::read_spikes(&args.file).or_bad_input()?;
            let all =
                NodeRange { population: "input".into(), first: 0, size: spikes.n_nodes(), is_source: true };
            let t_stop = spikes.times().last().map_or(1.0, |last| last.ceil().max(1.0));
            (spikes, vec![all], 0.0, t_stop)
        }
        Kind::Currents => {
            let error = anyhow!("{} holds currents, and a raster is of spikes", args.file.display());
            return Err(Failure::BadInput(error));
        }
        Kind::Liquid => {
            let error = anyhow!("{} is a network that does not spike: plot its states", args.file.display());
            return Err(Failure::BadInput(error));
        }
        Kind::Netlist => {
            let error = anyhow!("{} is a netlist: emulate it, then plot the recording", args.file.display());
            return Err(Failure::BadInput(error));
        }
        Kind::Recording => {
            let Recording { t_start, t_stop, nodes, spikes, .. } =
                file::read_recording(&args.file).or_bad_input()?;
            let nodes = recorded(nodes, &spikes);
            (spikes, nodes, t_start, t_stop)
        }
    };
    let window = args.from.unwrap_or(t_start)..args.to.unwrap_or(t_stop);
    if !(window.start.is_finite() && window.end.is_finite() && window.start < window.end) {
        let error = anyhow!("--from {} ms is not before --to {} ms", window.start, window.end);
        return Err(Failure::BadInput(error));
    }
    Ok(raster(&spikes, &nodes, window, &args.output)?)
}

/// The ranges without the sources, if no spike of a source was recorded.
fn recorded(nodes: Vec<NodeRange>, spikes: &SpikeTrain) -> Vec<NodeRange> {
    let sources: Vec<&NodeRange> = nodes.iter().filter(|range| range.is_source).collect();
    let is_of_source = |node: &u32| sources.iter().any(|range| node.wrapping_sub(range.first) < range.size);
    let keeps_sources = spikes.nodes().iter().any(is_of_source);
    nodes.into_iter().filter(|range| keeps_sources || !range.is_source).collect()
}

fn draw_traces(args: &Args) -> Result<(), Failure> {
    let recording = file::read_recording(&args.file).or_bad_input()?;
    if recording.traces.is_none() {
        let error = anyhow!("{} has no membrane traces: simulate with --trace", args.file.display());
        return Err(Failure::BadInput(error));
    }
    let network = args.network.as_deref().map(valid_network).transpose()?;
    if let Some(network) = network.as_ref().filter(|network| network.node_ranges() != recording.nodes) {
        let error = anyhow!(
            "the network has the populations {}, and the recording is of another one",
            network
                .populations()
                .iter()
                .map(|population| population.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        );
        return Err(Failure::BadInput(error));
    }
    let traced = |node: u32| {
        let range = recording.nodes.iter().position(|range| node.wrapping_sub(range.first) < range.size);
        let model = network.as_ref().zip(range).map(|(network, range)| &network.populations()[range].model);
        match (model, range) {
            (Some(model), Some(range)) if model.as_ltc().is_none() => {
                Traced::potential(model.threshold((node - recording.nodes[range].first) as usize))
            }
            (Some(_), _) => Traced { threshold: None, label: "state" },
            // Only the network tells neurons from units.
            (None, _) if recording.counters.group_updates > 0 => {
                Traced { threshold: None, label: "v (mV) or state" }
            }
            (None, _) => Traced::potential(None),
        }
    };
    Ok(traces(&recording, traced, &args.output)?)
}

/// The mean rates of the populations in bins of `bin` ms, out of the spikes.
fn binned(recording: &Recording, bin: f64) -> anyhow::Result<Rates> {
    /// More bins than a figure has pixels.
    const MOST_BINS: f64 = 100_000.0;
    let Recording { t_start, t_stop, nodes, spikes, .. } = recording;
    let n_bins = ((t_stop - t_start) / bin).ceil().max(1.0);
    if !(bin > 0.0 && n_bins <= MOST_BINS) {
        anyhow::bail!(
            "--bin {bin} ms makes {n_bins} bins, and it must be above 0 and make at most {MOST_BINS}"
        );
    }
    let shown = recorded(nodes.clone(), spikes);
    let mut hz = Array2::zeros((n_bins as usize, shown.len()));
    for (t, node) in spikes.iter() {
        let column = shown.iter().position(|range| (range.first..range.first + range.size).contains(&node));
        if let Some(column) = column {
            // A spike at the very end belongs to the last bin.
            let row = (((t - t_start) / bin) as usize).min(hz.nrows() - 1);
            hz[[row, column]] += 1000.0 / bin / f64::from(shown[column].size);
        }
    }
    let populations = shown.into_iter().map(|range| range.population).collect();
    Ok(Rates { populations, t_first: *t_start, bin, hz })
}

/// The part of a file of scores, or of a comparison, that a confusion matrix shows.
#[derive(Debug, Deserialize)]
struct Scores {
    classes: Vec<String>,
    #[serde(flatten)]
    source: Source,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Source {
    Matrix {
        confusion: Vec<Vec<u64>>,
    },
    /// What `train` and `demo` write: the first method is the liquid.
    Comparison {
        methods: Vec<Scored>,
    },
}

#[derive(Debug, Deserialize)]
struct Scored {
    scores: Answers,
}

#[derive(Debug, Deserialize)]
struct Answers {
    confusion: Vec<Vec<u64>>,
}

impl Scores {
    /// Number of answers, a row a truth.
    fn rows(&self) -> Option<&[Vec<u64>]> {
        match &self.source {
            Source::Matrix { confusion } => Some(confusion),
            Source::Comparison { methods } => {
                methods.first().map(|method| method.scores.confusion.as_slice())
            }
        }
    }
}

fn draw_confusion(input: &Path, output: &Path) -> Result<(), Failure> {
    let name = input.display();
    let text = text_file::read(input)?;
    let scores: Scores = serde_json::from_str(&text).or_bad_input_in(&name)?;
    let rows = scores.rows().with_context(|| format!("{name} compares no method")).or_bad_input()?;
    let n = scores.classes.len();
    if let Some(row) = rows.iter().position(|row| row.len() != n) {
        let error = anyhow!("{name}: row {row} of the confusion has not {n} counts, one a class");
        return Err(Failure::BadInput(error));
    }
    let n_rows = rows.len();
    let counts = Array2::from_shape_vec((n_rows, n), rows.concat()).or_bad_input_in(&name)?;
    confusion(&Confusion { classes: &scores.classes, counts: &counts }, output).or_bad_input_in(&name)
}
