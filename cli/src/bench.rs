//! `rheobase bench`: benchmark networks, timed.

use std::time::Instant;

use anyhow::anyhow;
use clap::ValueEnum;
use rheobase_net::{generate, validate};
use rheobase_sim::{Engine, Run, Scheduler, SimConfig};
use rheobase_study::statistics::{intervals, mean_cv};
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::{count, print, short, table};
use crate::progress;
use crate::simulate::SchedulerName;

/// Time a benchmark network
///
/// The network is built, run for 100 ms to warm up, and then run once more from its start, with all spikes
/// of its neurons recorded: this run is timed. Where the networks come from stands in
/// the documentation of `rheobase-net`, module `generate`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  A sparse liquid of 10,000 neurons, event driven, on one thread:
    rheobase bench lsm-delta --n 10000 --scheduler event --threads 1 --json

  The same on the grid:
    rheobase bench lsm-delta --n 10000 --scheduler grid --threads 1 --json")]
pub struct Args {
    /// The network
    name: Name,
    /// Number of neurons
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    n: u32,
    /// Biological time of the timed run in s
    #[arg(long, default_value_t = 10.0)]
    seconds: f64,
    /// How time goes on
    #[arg(long, default_value = "auto")]
    scheduler: SchedulerName,
    /// Step of the grid in ms
    #[arg(long, value_name = "MS", default_value_t = 0.1)]
    dt: f64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Name {
    /// Maass's column with delta synapses, just below criticality
    LsmDelta,
    /// The same with exponential synaptic currents
    LsmExp,
}

/// One timed run.
#[derive(Debug, Serialize)]
struct Timing {
    name: &'static str,
    n: u32,
    threads: usize,
    engine: String,
    /// Generating, validating and compiling, wall clock \[s\].
    build_s: f64,
    /// The timed run, wall clock \[s\].
    sim_s: f64,
    /// The timed run, user and system time of all threads \[s\].
    cpu_s: f64,
    /// Biological time \[s\].
    bio_s: f64,
    /// Real-time factor: `sim_s / bio_s`.
    rtf: f64,
    /// CPU seconds for a biological second.
    cpu_s_per_bio_s: f64,
    neurons: u32,
    synapses: u64,
    spikes: u64,
    synaptic_events: u64,
    input_events: u64,
    rate_hz: f64,
    /// Mean over neurons with at least four spikes.
    cv_isi: Option<f64>,
    peak_rss_mb: Option<f64>,
}

/// Builds, runs and tells.
///
/// # Errors
/// If the arguments are out of range or the run was stopped.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let Args { name, n, seconds, scheduler, dt } = args;
    if !(*seconds > 0.0 && seconds.is_finite()) {
        return Err(anyhow!("--seconds is {seconds}, and must be above 0")).or_bad_input();
    }
    let stop = progress::stop_on_ctrl_c()?;
    let build = Instant::now();
    let (name, spec) = match name {
        Name::LsmDelta => ("lsm-delta", generate::lsm_delta(*n)),
        Name::LsmExp => ("lsm-exp", generate::lsm_exp(*n)),
    };
    let network = validate(generate::generate(&spec, options.seed).or_bad_input()?).or_bad_input()?;
    let threads = options.threads.map_or(1, usize::from);
    let scheduler = Scheduler::from(*scheduler);
    let config = SimConfig { scheduler, dt: *dt, threads: Some(threads), ..SimConfig::default() };
    let engine = Engine::new(&network, &config).or_bad_input()?;
    let build_s = build.elapsed().as_secs_f64();

    let run = |duration: f64| Run { duration, seed: options.seed, ..Run::default() };
    let watch = &mut |_: f64| progress::go_on(&stop);
    engine.run(&run(f64::min(100.0, seconds * 1000.0)), watch).or_bad_input()?;
    let (wall, cpu) = (Instant::now(), cpu_seconds());
    let recording = engine.run(&run(seconds * 1000.0), watch).or_bad_input()?;
    let (sim_s, cpu_s) = (wall.elapsed().as_secs_f64(), cpu_seconds() - cpu);
    if recording.t_stop < seconds * 1000.0 {
        return Err(Failure::Failed(anyhow!("stopped at {} ms of the timed run", recording.t_stop)));
    }

    let spikes = recording.counters.spikes;
    let timing = Timing {
        name,
        n: *n,
        threads,
        engine: recording.provenance.engine.clone(),
        build_s,
        sim_s,
        cpu_s,
        bio_s: *seconds,
        rtf: sim_s / seconds,
        cpu_s_per_bio_s: cpu_s / seconds,
        neurons: network.n_neurons(),
        synapses: network.n_synapses(),
        spikes,
        synaptic_events: recording.counters.synaptic_events,
        input_events: recording.counters.input_events,
        rate_hz: spikes as f64 / f64::from(network.n_neurons()) / seconds,
        cv_isi: mean_cv(&intervals(&recording.spikes, 0..network.n_nodes()), 4),
        peak_rss_mb: peak_rss_mb(),
    };
    let line = serde_json::to_string(&timing).map_err(|error| Failure::Failed(error.into()))?;
    if options.json { print(&line) } else { print(&timing.to_text()) }
}

impl Timing {
    fn to_text(&self) -> String {
        let per_event = self.cpu_s * 1e9 / (self.synaptic_events + self.input_events).max(1) as f64;
        let rows = [
            ("neurons, synapses", format!("{}, {}", count(self.neurons.into()), count(self.synapses))),
            ("build (s)", short(self.build_s)),
            ("wall clock per biological second (s)", short(self.rtf)),
            ("CPU time per biological second (s)", short(self.cpu_s_per_bio_s)),
            ("CPU time per event (ns)", short(per_event)),
            ("spikes", count(self.spikes)),
            (
                "synaptic events, input events",
                format!("{}, {}", count(self.synaptic_events), count(self.input_events)),
            ),
            ("rate (Hz)", short(self.rate_hz)),
            ("CV of intervals", self.cv_isi.map_or("–".to_owned(), short)),
            ("peak memory (MB)", self.peak_rss_mb.map_or("–".to_owned(), short)),
        ];
        let title = format!(
            "{} of {} on {} thread(s), {} s",
            self.name,
            count(self.n.into()),
            self.threads,
            self.bio_s
        );
        let rows = rows.map(|(what, value)| vec![what.to_owned(), value]);
        format!("{}\n\nengine: {}", table(&title, &["what", ""], rows), self.engine)
    }
}

/// User and system time of the process, all threads \[s\].
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The largest resident set until this moment, where the system tells it.
fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}
