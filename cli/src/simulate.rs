//! `rheobase simulate`: a network runs and leaves a recording.

mod kept;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use rheobase_net::file::{self, FileError};
use rheobase_net::{Fingerprint, NodeId, PopulationId, ValidNetwork, validate};
use rheobase_sim::{Engine, Inputs, Run, Scheduler, SimConfig, TraceRequest};

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::simulate::kept::{Identity, Keeping};
use crate::{destination, toml_file};

/// Run a network and record what it does
///
/// What is recorded goes to the disk while the run goes on, so memory does not grow with its length.
///
/// Ctrl-C and SIGTERM stop the run cleanly: the recording has what happened until then, a checkpoint beside
/// it (FILE.checkpoint) lets the same command with --resume go on from there, bit for bit and with any number
/// of threads, and the exit code is 1. --checkpoint-every does the same for a run that is killed.
#[derive(Debug, clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_long_help = "\
Examples:
  One second of a liquid that has its own input:
    rheobase simulate liquid.h5 --duration 1000 -o run.h5

  With spikes for its population \"input\", by the grid scheduler:
    rheobase simulate liquid.h5 --spikes input=vowel.h5 --scheduler grid --dt 0.1 \\
        --duration 300 -o run.h5

  With sampled currents for its population \"drive\" (docs/formats.md says how to write them):
    rheobase simulate cortex.h5 --currents drive=sine.h5 --duration 1000 -o run.h5

  With membrane traces of three neurons and rates in bins of 5 ms:
    rheobase simulate liquid.h5 --trace exc:0-2 --interval 0.5 --rates 5 --duration 200 -o run.h5

  A group with liquid time constants beside spiking neurons (rheobase generate --help shows one), with the
  states of three units:
    rheobase simulate side.h5 --trace group:0-2 --interval 1 --duration 500 -o run.h5

  A long run that survives whatever happens to the machine, and how it goes on afterwards:
    rheobase simulate liquid.h5 --duration 1e7 --checkpoint-every 10000 -o run.h5
    rheobase simulate liquid.h5 --duration 1e7 --checkpoint-every 10000 -o run.h5 --resume

  A configuration in a file; options of the command line have the last word:
    scheduler = \"event\"
    record.source_spikes = true
    record.rates_bin = 5.0"
)]
pub struct Args {
    /// The network
    network: PathBuf,
    /// How long to run in ms
    #[arg(long, value_name = "MS")]
    duration: f64,
    /// The recording to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Spikes of a population of external sources; can be given for several
    #[arg(long, value_name = "POPULATION=FILE", value_parser = name_and_file)]
    spikes: Vec<(String, PathBuf)>,
    /// Sampled currents of a population of external sources; can be given for several
    #[arg(long, value_name = "POPULATION=FILE", value_parser = name_and_file)]
    currents: Vec<(String, PathBuf)>,
    /// A configuration in TOML
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How time goes on; auto takes the cheaper one and says why
    #[arg(long)]
    scheduler: Option<SchedulerName>,
    /// Step of the grid in ms
    #[arg(long, value_name = "MS")]
    dt: Option<f64>,
    /// Record the potential of neurons, or the state of units of a group, as "exc:0" or "exc:0-4"; can be given
    /// several times
    #[arg(long, value_name = "POPULATION:NEURONS")]
    trace: Vec<String>,
    /// Time between samples of the traces in ms
    #[arg(long, value_name = "MS", default_value_t = 0.1, requires = "trace")]
    interval: f64,
    /// Record mean rates in bins of this length in ms
    #[arg(long, value_name = "MS")]
    rates: Option<f64>,
    /// Record the spikes of the sources too
    #[arg(long)]
    source_spikes: bool,
    /// Record the weights of plastic projections at the end
    #[arg(long)]
    final_weights: bool,
    /// Record the potential of every neuron at the end
    #[arg(long)]
    final_v: bool,
    #[command(flatten)]
    keeping: Keeping,
}

/// The schedulers, as the command line names them.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SchedulerName {
    /// The cheaper one by the expected events per neuron and step
    Auto,
    /// Fixed steps, with the semantics of NEST
    Grid,
    /// Real-valued spike times
    Event,
}

impl From<SchedulerName> for Scheduler {
    fn from(name: SchedulerName) -> Self {
        match name {
            SchedulerName::Auto => Self::Auto,
            SchedulerName::Grid => Self::Grid,
            SchedulerName::Event => Self::Event,
        }
    }
}

/// "population=file".
pub fn name_and_file(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((name, path)) if !name.is_empty() && !path.is_empty() => Ok((name.to_owned(), path.into())),
        _ => Err("give the population and its file, as input=spikes.h5 or drive=currents.h5".to_owned()),
    }
}

/// Runs the network, writes the recording and tells what it holds.
///
/// # Errors
/// If the input is faulty, the file cannot be written, or the run was stopped.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    destination::check(&args.output)?;
    args.keeping.check(&args.output)?;
    let given = args.spikes.iter().chain(&args.currents).map(|(_, path)| path);
    for input in given.chain([&args.network]).chain(&args.config) {
        destination::is_not(&args.output, input)?;
    }
    let network = file::read_network(&args.network).or_bad_input()?;
    let network = validate(network).or_bad_input_in(args.network.display())?;
    let config = configuration(options, args, &network)?;
    let run = Run {
        duration: args.duration,
        seed: options.seed,
        inputs: inputs(&network, args)?,
        ..Run::default()
    };
    // The engine consumes the network: its synapses are never in memory twice.
    let fingerprint = Fingerprint::of(&network);
    let engine = Engine::consuming(network, &config).or_bad_input()?;
    let identity = Identity { network: fingerprint, configuration: engine.configuration(&run) };
    let summary = kept::run(options.output(), &engine, &run, &identity, &args.output, &args.keeping)?;
    options.output().answer(&summary, || summary.to_text())
}

fn configuration(options: &Options, args: &Args, network: &ValidNetwork) -> Result<SimConfig, Failure> {
    let mut config: SimConfig = match &args.config {
        Some(path) => toml_file::read(path)?,
        None => SimConfig::default(),
    };
    config.scheduler = args.scheduler.map_or(config.scheduler, Scheduler::from);
    config.dt = args.dt.unwrap_or(config.dt);
    config.threads = options.threads.map(usize::from).or(config.threads);
    config.record.source_spikes |= args.source_spikes;
    config.record.final_weights |= args.final_weights;
    config.record.final_v |= args.final_v;
    config.record.rates_bin = args.rates.or(config.record.rates_bin);
    if !args.trace.is_empty() {
        let mut nodes = Vec::new();
        for neurons in &args.trace {
            nodes.extend(
                traced(network, neurons).with_context(|| format!("--trace {neurons}")).or_bad_input()?,
            );
        }
        config.record.traces = Some(TraceRequest { nodes, interval: args.interval });
    }
    Ok(config)
}

/// Population and neurons of "population:3" or "population:3-7", both ends included.
pub fn neurons_of(text: &str) -> anyhow::Result<(&str, RangeInclusive<u32>)> {
    let (name, neurons) =
        text.rsplit_once(':').context("give population and neurons, as exc:0 or exc:0-4")?;
    let (first, last) = neurons.split_once('-').unwrap_or((neurons, neurons));
    let number =
        |text: &str| text.parse::<u32>().with_context(|| format!("{text:?} is not the number of a neuron"));
    Ok((name, number(first)?..=number(last)?))
}

fn traced(network: &ValidNetwork, text: &str) -> anyhow::Result<Vec<NodeId>> {
    let (name, neurons) = neurons_of(text)?;
    let (first, last) = neurons.into_inner();
    let id = population(network, name)?;
    let size = network.population(id).size;
    if first > last || last >= size {
        anyhow::bail!("population \"{name}\" has the neurons 0 to {}", size - 1);
    }
    let base = network.first_node(id).0;
    Ok((base + first..=base + last).map(NodeId).collect())
}

fn inputs(network: &ValidNetwork, args: &Args) -> Result<Inputs, Failure> {
    Ok(Inputs {
        spikes: read_each(network, "--spikes", &args.spikes, file::read_spikes)?,
        currents: read_each(network, "--currents", &args.currents, file::read_currents)?,
    })
}

/// The input of every population that an option names.
fn read_each<T>(
    network: &ValidNetwork,
    option: &str,
    given: &[(String, PathBuf)],
    read: impl Fn(&Path) -> Result<T, FileError>,
) -> Result<Vec<(PopulationId, T)>, Failure> {
    let read_one = |(name, path): &(String, PathBuf)| {
        let id = population(network, name).or_bad_input_in(option)?;
        Ok((id, read(path).or_bad_input()?))
    };
    given.iter().map(read_one).collect()
}

fn population(network: &ValidNetwork, name: &str) -> anyhow::Result<PopulationId> {
    network.population_named(name).with_context(|| {
        let names: Vec<&str> =
            network.populations().iter().map(|population| population.name.as_str()).collect();
        format!("there is no population \"{name}\"; the network has {}", names.join(", "))
    })
}
