//! `rheobase bench`: benchmark networks, timed.

mod map;
mod name;
mod timing;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::time::Instant;

use anyhow::anyhow;
use clap::ValueEnum;
use rheobase_net::generate::{self, NetworkSpec};
use rheobase_net::{file, validate};
use rheobase_sim::{Engine, Run, Scheduler, SimConfig};

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::print;
use crate::simulate::SchedulerName;
use crate::{destination, progress};
use name::Name;
use timing::{Built, Clock, Timing};

/// Time a benchmark network, or map a benchmark graph
///
/// The network is built and run once, with all spikes of its neurons recorded. The clock starts when the
/// warm-up is over; spikes, events and statistics are those of the time after it. Where the networks come
/// from stands in the documentation of `rheobase-net`, module `generate`.
///
/// A graph (map-*) is put onto the cores of a chip, and every budget of every core is recounted.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  A sparse liquid of 10,000 neurons, event driven, on one thread:
    rheobase bench lsm-delta --n 10000 --scheduler event --threads 1 --json

  A dense balanced network on the grid, half a second of it:
    rheobase bench brunel-delta --scheduler grid --seconds 0.5

  A tenth of the microcircuit, its spikes kept for statistics of one's own:
    rheobase bench pd14 --scale 0.1 --seconds 2 --record run.h5

  A liquid onto Loihi's cores, ten of them, kept for a count of one's own:
    rheobase bench map-liquid --n 10000 --seeds 1..10 --keep liquid")]
pub struct Args {
    /// The network, or the graph
    name: Name,
    /// Number of neurons [default: 12500 for brunel-delta, 4000 for cuba and coba, 10000 for liquids and graphs]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    n: Option<u32>,
    /// Size of pd14: neurons, and synapses of each, are this share of the full ones [default: 1]
    #[arg(long, value_name = "SHARE", conflicts_with = "n")]
    scale: Option<f64>,
    /// Biological time of the timed window in s [default: 10]
    #[arg(long)]
    seconds: Option<f64>,
    /// Biological time before the window in ms [default: 500 for pd14, else 100]
    #[arg(long, value_name = "MS")]
    warm_up: Option<f64>,
    /// How time goes on
    #[arg(long, default_value = "auto")]
    scheduler: SchedulerName,
    /// Step of the grid in ms
    #[arg(long, value_name = "MS", default_value_t = 0.1)]
    dt: f64,
    /// Write the recording of the window
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    #[command(flatten)]
    map: map::MapArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Timed {
    /// Maass's column with delta synapses, just below criticality
    LsmDelta,
    /// The same with exponential synaptic currents
    LsmExp,
    /// The same with short-term plasticity
    LsmStp,
    /// Vogels and Abbott's network with exponential currents (Brette et al. 2007)
    Cuba,
    /// The same with conductances
    Coba,
    /// Brunel's network, inhibition dominated, delta synapses
    BrunelDelta,
    /// Potjans and Diesmann's microcircuit
    Pd14,
}

/// Builds, runs and tells.
///
/// # Errors
/// If the arguments are out of range, the run was stopped, or the recording cannot be written.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let Args { name, n, scale: _, seconds, warm_up, scheduler, dt, record, map } = args;
    let name = match name {
        Name::Timed(name) => name,
        Name::Map(kind) => {
            refuse("is for networks that run", args.given_for_runs())?;
            return map::run(options, *kind, *n, map);
        }
    };
    refuse("is for graphs that are mapped", map.given())?;
    let seconds = &seconds.unwrap_or(10.0);
    if !(*seconds > 0.0 && seconds.is_finite()) {
        return Err(anyhow!("--seconds is {seconds}, and must be above 0")).or_bad_input();
    }
    let warm_up = warm_up.unwrap_or(if *name == Timed::Pd14 { 500.0 } else { 100.0 });
    if let Some(path) = record {
        destination::check(path)?;
    }
    let spec = name.spec(args)?;
    let stop = progress::stop_on_ctrl_c()?;

    let clock = Instant::now();
    let network = validate(generate::generate(&spec, options.seed).or_bad_input()?).or_bad_input()?;
    let generate_s = clock.elapsed().as_secs_f64();
    let threads = options.threads.map_or(1, usize::from);
    let config = SimConfig {
        scheduler: Scheduler::from(*scheduler),
        dt: *dt,
        threads: Some(threads),
        ..SimConfig::default()
    };
    let (neurons, synapses) = (network.n_neurons(), network.n_synapses());
    let clock = Instant::now();
    let engine = Engine::consuming(network, &config).or_bad_input()?;
    let compile_s = clock.elapsed().as_secs_f64();
    let synapse_bytes = engine.synapse_bytes();

    let duration = warm_up + seconds * 1000.0;
    let run = Run { duration, seed: options.seed, warm_up, ..Run::default() };
    let mut clock = (warm_up == 0.0).then(|| Clock::start(0.0));
    let watch = &mut |done: f64| -> ControlFlow<()> {
        /// Above the rounding of times, and below any window.
        const SLACK: f64 = 1e-12;
        if clock.is_none() && done >= warm_up / duration - SLACK {
            clock = Some(Clock::start(done));
        }
        progress::go_on(&stop)
    };
    let recording = engine.run(&run, watch).or_bad_input()?;
    let clock = clock.filter(|clock| clock.from < 1.0);
    let (Some(clock), true) = (clock, recording.t_stop >= duration * (1.0 - 1e-9)) else {
        return Err(Failure::Failed(anyhow!(
            "stopped at {} of {duration} ms: there is nothing to time",
            recording.t_stop
        )));
    };
    let (sim_s, cpu_s, bio_s) = clock.read(duration / 1000.0);

    let is_layered = *name == Timed::Pd14;
    let name = name.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    let built = Built { name, threads, neurons, synapses, synapse_bytes, generate_s, compile_s, is_layered };
    let timing = Timing::new(built, (sim_s, cpu_s, bio_s), &recording);
    if let Some(path) = record {
        file::write_recording(path, &recording).map_err(anyhow::Error::from)?;
    }
    let line = serde_json::to_string(&timing).map_err(|error| Failure::Failed(error.into()))?;
    if options.json { print(&line) } else { print(&timing.to_text()) }
}

impl Args {
    /// The options that mean nothing to a graph that is mapped, and whether they are given.
    fn given_for_runs(&self) -> [(&'static str, bool); 4] {
        let Self { name: _, n: _, scale, seconds, warm_up, scheduler: _, dt: _, record, map: _ } = self;
        [
            ("--scale", scale.is_some()),
            ("--seconds", seconds.is_some()),
            ("--warm-up", warm_up.is_some()),
            ("--record", record.is_some()),
        ]
    }
}

/// Refuses options that would be without effect.
fn refuse(why: &str, options: impl IntoIterator<Item = (&'static str, bool)>) -> Result<(), Failure> {
    match options.into_iter().find(|(_, is_given)| *is_given) {
        Some((option, _)) => Err(anyhow!("{option} {why}: leave it out")).or_bad_input(),
        None => Ok(()),
    }
}

impl Timed {
    /// The description of the network, of the size that is asked for.
    fn spec(self, Args { n, scale, .. }: &Args) -> Result<NetworkSpec, Failure> {
        if self != Self::Pd14 && scale.is_some() {
            return Err(anyhow!("--scale is for pd14; give the number of neurons, as --n 4000"))
                .or_bad_input();
        }
        let liquid = n.unwrap_or(10_000);
        Ok(match self {
            Self::LsmDelta => generate::lsm_delta(liquid),
            Self::LsmExp => generate::lsm_exp(liquid),
            Self::LsmStp => generate::lsm_stp(liquid),
            Self::Cuba => generate::cuba(n.unwrap_or(4000)),
            Self::Coba => generate::coba(n.unwrap_or(4000)),
            Self::BrunelDelta => generate::brunel_delta(n.unwrap_or(12_500)),
            Self::Pd14 => {
                let scale = scale.unwrap_or(1.0);
                if n.is_some() {
                    return Err(anyhow!("the size of pd14 is its scale, as --scale 0.1")).or_bad_input();
                }
                if !(scale > 0.0 && scale <= 1.0) {
                    return Err(anyhow!("--scale is {scale}, and must be above 0 and at most 1"))
                        .or_bad_input();
                }
                generate::pd14(scale)
            }
        })
    }
}
