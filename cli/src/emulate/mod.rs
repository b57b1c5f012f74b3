//! `rheobase emulate`: a netlist goes through time on a chip in software.

mod liquid;
mod priced;

use std::path::PathBuf;

use anyhow::{Context, anyhow};
use rheobase_loihi_export::emulate::{
    ChipRun, EmulateConfig, Input, PricedRun, Pricing, Profile, Signal, Work, emulate, emulate_priced,
};
use rheobase_loihi_export::netlist::ValidNetlist;
use rheobase_net::file;
use rheobase_net::{Recording, SpikeTrain};
use serde::Serialize;

use self::priced::{Priced, SourcesName, TimingName, architecture, order};
use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::{count, short, table};
use crate::simulate::{name_and_file, neurons_of};
use crate::{destination, inspect, netlist_file, progress};

/// Run a netlist on a chip in software, integer for integer
///
/// The netlist file is all that the chip knows. A profile says whose integers: those of Lava's fixed-point models, of
/// nengo-loihi's emulator or of brian2-loihi. What is at rest costs nothing. The recording is of the same kind as
/// that of simulate, so whatever reads one reads the other; potentials are in the chip's units.
#[derive(Debug, clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_long_help = "\
Examples:
  The input that a recording was made with:
    rheobase simulate liquid.h5 --duration 1000 --source-spikes -o float.h5
    rheobase map liquid.h5 --chip loihi1 --activity float.h5 --netlist netlist.h5
    rheobase emulate netlist.h5 --source-spikes float.h5 -o chip.h5
    rheobase compare-runs float.h5 chip.h5

  Spikes of its own for the source \"input\", and the potential of three neurons:
    rheobase emulate netlist.h5 --spikes input=vowel.h5 --duration 300 --trace exc:0-2 -o chip.h5

  With energy and time by SANA-FE's model of Loihi, messages and all:
    rheobase emulate netlist.h5 --source-spikes float.h5 --costs loihi --timing detailed

  What SANA-FE itself tells of the export, whose sources are on cores:
    rheobase export netlist.h5 --format sanafe --spikes input=vowel.h5 --duration 300 -o vowel.yaml
    rheobase emulate netlist.h5 --spikes input=vowel.h5 --duration 300 --costs vowel.arch.yaml --sources on-cores

  As nengo-loihi's emulator does it, by eight threads, which change no bit:
    rheobase emulate netlist.h5 --source-spikes float.h5 --profile nengo-loihi-1.1 --threads 8 -o chip.h5

  A trained liquid time-constant network in whole numbers, by how much it is off and what it sends:
    rheobase train --preset occupancy --data occupancy/ --seeds 1 -o occupancy-ltc
    rheobase emulate occupancy-ltc/model.h5 --data occupancy/ --threshold 0.0001,0.002,0.02"
)]
pub struct Args {
    /// The netlist: HDF5, or its JSON twin; or a trained liquid network, which is mapped and scored on its data
    netlist: PathBuf,
    /// Spikes of a source population; can be given for several
    #[arg(long, value_name = "POPULATION=FILE", value_parser = name_and_file)]
    spikes: Vec<(String, PathBuf)>,
    /// A recording with the spikes of all sources (simulate --source-spikes)
    #[arg(long, value_name = "FILE", conflicts_with = "spikes")]
    source_spikes: Option<PathBuf>,
    /// How long to run in ms; by default as long as the recording, or until the last spike of the input
    #[arg(long, value_name = "MS")]
    duration: Option<f64>,
    /// Whose integers: lava-0.10, nengo-loihi-1.1, brian2-loihi-0.5
    #[arg(long, value_name = "NAME", default_value = "lava-0.10")]
    profile: Profile,
    /// Tell energy and time of the run too, by the costs of this chip: "loihi", or SANA-FE's YAML of an architecture
    #[arg(long, value_name = "loihi|FILE")]
    costs: Option<String>,
    /// How a step is timed
    #[arg(long, value_name = "MODEL", default_value = "simple", requires = "costs")]
    timing: TimingName,
    /// Where the sources are whose messages are priced
    #[arg(long, value_name = "PLACE", default_value = "outside", requires = "costs")]
    sources: SourcesName,
    /// The order in which a neuron's messages leave for several cores, as SANA-FE's record of messages has it (CSV);
    /// by default that of the cores' numbers. Only --timing detailed depends on it
    #[arg(long, value_name = "FILE", requires = "costs")]
    message_order: Option<PathBuf>,
    /// Record the potential of neurons at every step, as "exc:0" or "exc:0-4"; can be given several times
    #[arg(long, value_name = "POPULATION:NEURONS")]
    trace: Vec<String>,
    /// The recording to write
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    liquid: liquid::LiquidArgs,
}

#[derive(Debug, Serialize)]
struct Told {
    profile: Profile,
    steps: u32,
    dt_ms: f64,
    cores: usize,
    compartments: usize,
    synapses: usize,
    /// Spikes that fell into a step in which their source had sent one already.
    merged_input: usize,
    populations: Vec<PopulationActivity>,
    work: Work,
    /// What it cost, if that was asked for.
    priced: Option<Priced>,
    file: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct PopulationActivity {
    name: String,
    nodes: u32,
    spikes: u64,
    rate_hz: f64,
}

/// Runs the netlist and tells what it did.
///
/// # Errors
/// If the input is faulty, the profile cannot run the netlist, the file cannot be written, or the run was stopped.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    if matches!(inspect::kind(&args.netlist), Ok(inspect::Kind::Liquid)) {
        return liquid::run(options, args);
    }
    if let Some(output) = &args.output {
        destination::check(output)?;
        let given = args.spikes.iter().map(|(_, path)| path).chain(&args.source_spikes);
        for input in given.chain([&args.netlist]) {
            destination::is_not(output, input)?;
        }
    }
    let netlist = netlist_file::read(&args.netlist)?;
    let (input, until) = input(&netlist, args)?;
    let config = EmulateConfig {
        profile: args.profile,
        steps: steps(&netlist, args.duration.unwrap_or(until))?,
        threads: options.threads.map_or(1, usize::from),
        traces: args.trace.iter().map(|text| traced(&netlist, text)).collect::<Result<Vec<_>, _>>()?.concat(),
        ..EmulateConfig::default()
    };
    let pricing = args.costs.as_deref().map(|costs| pricing(costs, args)).transpose()?;
    let stop = progress::stop_on_ctrl_c()?;
    let bar = progress::bar(options.output(), "emulating", u64::from(config.steps));
    let mut watch = |done| {
        bar.set_position(u64::from(done));
        progress::go_on(&stop)
    };
    let made = match &pricing {
        None => emulate(&netlist, &input, &config, &mut watch).or_bad_input().map(|run| (run, None)),
        Some(pricing) => {
            let priced = emulate_priced(&netlist, &input, &config, pricing, &mut watch);
            let name = &pricing.architecture.name;
            let price =
                |PricedRun { run, steps }| (run, Some(Priced::of(name, args.timing, args.sources, &steps)));
            priced.or_bad_input().map(price)
        }
    };
    bar.finish_and_clear();
    let (run, priced) = made?;
    if let Some(output) = &args.output {
        file::write_recording(output, &run.recording).map_err(anyhow::Error::from)?;
    }
    let asked = f64::from(config.steps) * netlist.origin.dt;
    if run.recording.t_stop < asked - 0.5 * netlist.origin.dt {
        let until = short(run.recording.t_stop);
        let kept = if args.output.is_some() {
            "the recording has what happened until then"
        } else {
            "nothing is kept"
        };
        return Err(Failure::Failed(anyhow!("stopped at {until} of {} ms; {kept}", short(asked))));
    }
    let told = Told { priced, ..Told::of(&netlist, &config, &input, &run, args.output.clone()) };
    options.output().answer(&told, || told.to_text())
}

/// How the run is priced.
fn pricing(costs: &str, args: &Args) -> Result<Pricing, Failure> {
    let architecture = architecture(costs)?;
    let order = args.message_order.as_deref().map(|path| order(path, &architecture)).transpose()?;
    Ok(Pricing {
        timing: args.timing.into(),
        sources: args.sources.into(),
        order: order.unwrap_or_default(),
        architecture,
    })
}

/// The messages of the sources, and how long to run if nobody says \[ms\].
fn input(netlist: &ValidNetlist, args: &Args) -> Result<(Input, f64), Failure> {
    let trains: Vec<(String, SpikeTrain)>;
    let until;
    if let Some(path) = &args.source_spikes {
        let recording = file::read_recording(path).or_bad_input()?;
        until = recording.t_stop;
        trains = of_sources(netlist, &recording).or_bad_input_in(path.display())?;
    } else {
        let read =
            |(name, path): &(String, PathBuf)| Ok((name.clone(), file::read_spikes(path).or_bad_input()?));
        trains = args.spikes.iter().map(read).collect::<Result<_, Failure>>()?;
        let last = trains.iter().filter_map(|(_, train)| train.times().last().copied());
        until = last.fold(0.0, f64::max) + netlist.origin.dt;
    }
    let silent = netlist
        .populations
        .iter()
        .filter(|of| of.source.is_some() && of.size > 0 && !trains.iter().any(|(name, _)| *name == of.name));
    let silent: Vec<&str> = silent.map(|of| of.name.as_str()).collect();
    if !silent.is_empty() {
        let error = anyhow!(
            "nothing says what the sources {} send: give --source-spikes, or --spikes for each",
            silent.join(", ")
        );
        return Err(Failure::BadInput(error));
    }
    let signals: Vec<(&str, Signal<'_>)> =
        trains.iter().map(|(name, train)| (name.as_str(), Signal::Spikes(train))).collect();
    Ok((Input::new(netlist, &signals).or_bad_input()?, until))
}

/// The spikes of every source population, as a recording has them.
fn of_sources(netlist: &ValidNetlist, recording: &Recording) -> anyhow::Result<Vec<(String, SpikeTrain)>> {
    let mut trains = Vec::new();
    for source in netlist.populations.iter().filter(|population| population.source.is_some()) {
        let name = &source.name;
        let range = recording.nodes.iter().find(|range| range.is_source && range.population == *name);
        let Some(range) = range.filter(|range| range.size == source.size) else {
            anyhow::bail!(
                "the recording has no source \"{name}\" of {} nodes, and the netlist has",
                source.size
            );
        };
        let is_of_it = |node: u32| node.wrapping_sub(range.first) < range.size;
        let own = recording.spikes.iter().filter(|(_, node)| is_of_it(*node));
        let (times, nodes): (Vec<f64>, Vec<u32>) = own.map(|(t, node)| (t, node - range.first)).unzip();
        trains.push((name.clone(), SpikeTrain::from_sorted(source.size, times, nodes)?));
    }
    let any = recording.nodes.iter().any(|range| range.is_source && range.size > 0);
    if any && recording.counters.input_spikes > 0 && trains.iter().all(|(_, train)| train.times().is_empty())
    {
        anyhow::bail!("the recording has no spikes of its sources: simulate with --source-spikes");
    }
    Ok(trains)
}

fn steps(netlist: &ValidNetlist, duration: f64) -> Result<u32, Failure> {
    let steps = (duration / netlist.origin.dt).round();
    if !(1.0..=f64::from(u32::MAX)).contains(&steps) {
        let error = anyhow!(
            "--duration {duration} ms are {steps} steps of {} ms, and there may be 1 to {}",
            netlist.origin.dt,
            u32::MAX
        );
        return Err(Failure::BadInput(error));
    }
    Ok(steps as u32)
}

/// The nodes of "population:3" or "population:3-7", both ends included.
fn traced(netlist: &ValidNetlist, text: &str) -> Result<Vec<u32>, Failure> {
    let found = || -> anyhow::Result<Vec<u32>> {
        let (name, neurons) = neurons_of(text)?;
        let Some(p) = netlist.populations.iter().position(|of| of.name == name) else {
            let names: Vec<&str> = netlist.populations.iter().map(|of| of.name.as_str()).collect();
            anyhow::bail!("there is no population \"{name}\"; the netlist has {}", names.join(", "));
        };
        let size = netlist.populations[p].size;
        if neurons.start() > neurons.end() || *neurons.end() >= size {
            anyhow::bail!("population \"{name}\" has the neurons 0 to {}", size.saturating_sub(1));
        }
        let first = netlist.first_nodes()[p];
        Ok(neurons.map(|neuron| first + neuron).collect())
    };
    found().with_context(|| format!("--trace {text}")).or_bad_input()
}

impl Told {
    fn of(
        netlist: &ValidNetlist,
        config: &EmulateConfig,
        input: &Input,
        run: &ChipRun,
        file: Option<PathBuf>,
    ) -> Self {
        let Recording { t_start, t_stop, nodes, spikes, .. } = &run.recording;
        let mut of_range = vec![0_u64; nodes.len()];
        for (_, node) in spikes.iter() {
            // Ranges of nodes follow each other.
            of_range[nodes.partition_point(|range| range.first + range.size <= node)] += 1;
        }
        let populations = nodes.iter().zip(of_range).filter(|(range, _)| !range.is_source);
        let populations = populations.map(|(range, spikes)| PopulationActivity {
            name: range.population.clone(),
            nodes: range.size,
            spikes,
            rate_hz: spikes as f64 / f64::from(range.size.max(1)) / (t_stop - t_start) * 1000.0,
        });
        Self {
            profile: config.profile,
            steps: config.steps,
            dt_ms: netlist.origin.dt,
            cores: netlist.cores.len(),
            compartments: netlist.cores.iter().map(|core| core.n_compartments()).sum(),
            synapses: netlist.cores.iter().map(|core| core.n_synapses()).sum(),
            merged_input: input.merged(),
            populations: populations.collect(),
            work: run.work,
            priced: None,
            file,
        }
    }

    fn to_text(&self) -> String {
        let Self {
            profile,
            steps,
            dt_ms,
            cores,
            compartments,
            synapses,
            merged_input,
            populations,
            work,
            priced,
            file,
        } = self;
        let priced = priced.as_ref().map_or_else(String::new, |priced| format!("\n\n{}", priced.to_text()));
        let rows = populations.iter().map(|PopulationActivity { name, nodes, spikes, rate_hz }| {
            vec![name.clone(), count(u64::from(*nodes)), count(*spikes), short(*rate_hz)]
        });
        let Work {
            neuron_updates,
            spikes,
            packets,
            own_packets,
            hops,
            chip_hops,
            input_packets,
            synaptic_events,
            input_events,
        } = *work;
        let done = [
            ("updates of compartments", neuron_updates),
            ("spikes", spikes),
            ("packets to other cores", packets),
            ("packets to the own core", own_packets),
            ("packets from sources", input_packets),
            ("hops, all packets", hops.iter().sum()),
            ("hops from chip to chip", chip_hops.iter().sum()),
            ("weights read for spikes", synaptic_events),
            ("weights read for sources", input_events),
        ];
        let per_step = |n: u64| short(n as f64 / f64::from(*steps));
        let done = done.into_iter().map(|(name, n)| vec![name.to_owned(), count(n), per_step(n)]);
        let merged = match merged_input {
            0 => String::new(),
            n => format!(
                "\n\n{} spikes of sources fell into a step that had one already, and are lost",
                count(*n as u64)
            ),
        };
        let file = file.as_ref().map_or_else(String::new, |file| format!("\n\nwrote {}", file.display()));
        let title = format!(
            "{} steps of {} ms on {cores} cores, as {profile}: {} compartments, {} synapses",
            count(u64::from(*steps)),
            short(*dt_ms),
            count(*compartments as u64),
            count(*synapses as u64),
        );
        format!(
            "{}\n\n{}{priced}{merged}{file}",
            table(&title, &["population", "neurons", "spikes", "rate (Hz)"], rows),
            table("what was done", &["", "in all", "a step"], done)
        )
    }
}
