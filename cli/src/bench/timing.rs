//! What a timed run is told by.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Instant;

use rheobase_net::Recording;
use rheobase_study::statistics::{correlation, intervals, mean_cv};
use serde::Serialize;

use crate::output::{count, short, table};

/// A stopwatch that was started when a share of a run was done.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    /// The share of the run that was done.
    pub from: f64,
    wall: Instant,
    cpu: f64,
}

impl Clock {
    /// Starts it.
    pub fn start(from: f64) -> Self {
        Self { from, wall: Instant::now(), cpu: cpu_seconds() }
    }

    /// Wall clock, CPU time and biological time \[s\] since the start; the whole run is `bio_s` long, and over.
    pub fn read(&self, bio_s: f64) -> (f64, f64, f64) {
        (self.wall.elapsed().as_secs_f64(), cpu_seconds() - self.cpu, bio_s * (1.0 - self.from))
    }
}

/// A network that is ready to run, and what that took.
#[derive(Debug)]
pub struct Built {
    /// The network's name.
    pub name: String,
    /// The number of threads that run it.
    pub threads: usize,
    /// The number of neurons.
    pub neurons: u32,
    /// The number of synapses, those from sources among them.
    pub synapses: u64,
    /// Bytes of the packed synapses.
    pub synapse_bytes: u64,
    /// Generating and validating, wall clock \[s\].
    pub generate_s: f64,
    /// Compiling, wall clock \[s\].
    pub compile_s: f64,
    /// Whether its populations are told apart.
    pub is_layered: bool,
}

/// One timed run: costs, and what the network did meanwhile.
#[derive(Debug, Serialize)]
pub struct Timing {
    name: String,
    /// The number of neurons.
    n: u32,
    threads: usize,
    engine: String,
    /// Generating, validating and compiling, wall clock \[s\].
    build_s: f64,
    generate_s: f64,
    compile_s: f64,
    /// The timed window, wall clock \[s\].
    sim_s: f64,
    /// The timed window, user and system time of all threads \[s\].
    cpu_s: f64,
    /// Biological time under the clock \[s\].
    bio_s: f64,
    /// Real-time factor: `sim_s / bio_s`.
    rtf: f64,
    /// CPU seconds for a biological second.
    cpu_s_per_bio_s: f64,
    neurons: u32,
    synapses: u64,
    synapse_bytes: u64,
    bytes_per_synapse: f64,
    spikes: u64,
    synaptic_events: u64,
    input_events: u64,
    rate_hz: f64,
    /// Mean over neurons with at least four spikes.
    cv_isi: Option<f64>,
    /// Mean over pairs of up to 200 active neurons, counts in bins of 5 ms.
    corr: Option<f64>,
    peak_rss_mb: Option<f64>,
    /// The same of every population of neurons, for a network of layers.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    populations: BTreeMap<String, Activity>,
}

/// What some neurons did.
#[derive(Debug, Clone, Serialize)]
struct Activity {
    n: u32,
    rate_hz: f64,
    cv_isi: Option<f64>,
    corr: Option<f64>,
}

/// Neurons with fewer spikes have no coefficient of variation.
const LEAST_SPIKES: u64 = 4;
/// Width of the bins \[ms\] whose counts are correlated, and the most neurons that are.
const CORRELATION_BIN: f64 = 5.0;
const CORRELATED_NEURONS: usize = 200;

impl Activity {
    fn of(recording: &Recording, nodes: Range<u32>, n: u32) -> Self {
        let Recording { t_start, t_stop, spikes, .. } = recording;
        let intervals = intervals(spikes, nodes.clone());
        let n_spikes: u64 = intervals.iter().map(|node| node.spikes()).sum();
        Self {
            n,
            rate_hz: 1000.0 * n_spikes as f64 / f64::from(n.max(1)) / (t_stop - t_start),
            cv_isi: mean_cv(&intervals, LEAST_SPIKES),
            corr: correlation(spikes, nodes, *t_start..*t_stop, CORRELATION_BIN, CORRELATED_NEURONS),
        }
    }
}

impl Timing {
    /// Joins what was measured, wall clock, CPU time and biological time \[s\], with the recording of it.
    pub fn new(built: Built, (sim_s, cpu_s, bio_s): (f64, f64, f64), recording: &Recording) -> Self {
        let Built { name, threads, neurons, synapses, synapse_bytes, generate_s, compile_s, is_layered } =
            built;
        let all = 0..recording.nodes.iter().map(|range| range.first + range.size).max().unwrap_or(0);
        let Activity { n: _, rate_hz, cv_isi, corr } = Activity::of(recording, all, neurons);
        let of_neurons = recording.nodes.iter().filter(|range| is_layered && !range.is_source);
        let activity = |range: &rheobase_net::NodeRange| {
            let nodes = range.first..range.first + range.size;
            (range.population.clone(), Activity::of(recording, nodes, range.size))
        };
        Self {
            name,
            n: neurons,
            threads,
            engine: recording.provenance.engine.clone(),
            build_s: generate_s + compile_s,
            generate_s,
            compile_s,
            sim_s,
            cpu_s,
            bio_s,
            rtf: sim_s / bio_s,
            cpu_s_per_bio_s: cpu_s / bio_s,
            neurons,
            synapses,
            synapse_bytes,
            bytes_per_synapse: synapse_bytes as f64 / synapses.max(1) as f64,
            spikes: recording.counters.spikes,
            synaptic_events: recording.counters.synaptic_events,
            input_events: recording.counters.input_events,
            rate_hz,
            cv_isi,
            corr,
            peak_rss_mb: peak_rss_mb(),
            populations: of_neurons.map(activity).collect(),
        }
    }

    /// A table for people.
    pub fn to_text(&self) -> String {
        let per_event = self.cpu_s * 1e9 / (self.synaptic_events + self.input_events).max(1) as f64;
        let optional = |value: Option<f64>| value.map_or("–".to_owned(), short);
        let rows = [
            ("neurons, synapses", format!("{}, {}", count(self.neurons.into()), count(self.synapses))),
            (
                "building: generating, compiling (s)",
                format!("{}, {}", short(self.generate_s), short(self.compile_s)),
            ),
            ("bytes per packed synapse", short(self.bytes_per_synapse)),
            ("wall clock (s)", short(self.sim_s)),
            ("real-time factor", short(self.rtf)),
            ("CPU time per biological second (s)", short(self.cpu_s_per_bio_s)),
            ("CPU time per event (ns)", short(per_event)),
            ("spikes", count(self.spikes)),
            (
                "synaptic events, input events",
                format!("{}, {}", count(self.synaptic_events), count(self.input_events)),
            ),
            ("rate (Hz)", short(self.rate_hz)),
            ("CV of intervals", optional(self.cv_isi)),
            ("correlation", optional(self.corr)),
            ("peak memory (MB)", optional(self.peak_rss_mb)),
        ];
        let title = format!(
            "{} of {} on {} thread(s), {} s",
            self.name,
            count(self.n.into()),
            self.threads,
            short(self.bio_s)
        );
        let rows = rows.map(|(what, value)| vec![what.to_owned(), value]);
        let mut text = table(&title, &["what", ""], rows);
        if !self.populations.is_empty() {
            let row = |(name, activity): (&String, &Activity)| {
                let Activity { n, rate_hz, cv_isi, corr } = activity;
                vec![name.clone(), count((*n).into()), short(*rate_hz), optional(*cv_isi), optional(*corr)]
            };
            let header = ["population", "neurons", "rate (Hz)", "CV", "correlation"];
            text += &format!("\n\n{}", table("populations", &header, self.populations.iter().map(row)));
        }
        format!("{text}\n\nengine: {}", self.engine)
    }
}

/// User and system time of the process, all threads \[s\].
fn cpu_seconds() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The largest resident set until this moment, where the system tells it.
pub fn peak_rss_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}
