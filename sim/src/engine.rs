//! From a network to a recording.

use std::borrow::Cow;

use rheobase_net::{PopulationId, Provenance, Recording, ValidNetwork, memory};

use crate::choose::choose;
use crate::inputs::bind;
use crate::job::{Done, Job, Progress};
use crate::plan::{Plan, Table, compile};
use crate::record::{SpikeSinks, TracePlan};
use crate::sources::Sources;
use crate::{Run, Scheduler, SimConfig, SimError, event, grid};

/// Below this number of neurons a shard is not worth a thread's waiting for the others.
const NEURONS_WORTH_A_SHARD: u32 = 16_384;

/// The least that a neuron takes in either scheduler: its state, its inputs and its place in the plan.
const NEURON_BYTES: u64 = 32;

/// 32 years \[ms\], where two numbers of a double still differ by a tenth of a microsecond.
const MAX_DURATION: f64 = 1e12;

/// A network compiled for running. It can be run any number of times, from several threads at once.
#[derive(Debug)]
pub struct Engine<'n> {
    /// The network, without its synapses if it was given away.
    network: Cow<'n, ValidNetwork>,
    config: SimConfig,
    plan: Plan,
}

/// Runs a network once, from rest, and says how far it is through `progress`.
///
/// # Errors
/// See [`SimError`]; all of them come before the run starts.
pub fn simulate(
    network: &ValidNetwork,
    config: &SimConfig,
    run: &Run,
    progress: Progress<'_>,
) -> Result<Recording, SimError> {
    Engine::new(network, config)?.run(run, progress)
}

impl<'n> Engine<'n> {
    /// Compiles a network.
    ///
    /// # Errors
    /// See [`SimError`].
    pub fn new(network: &'n ValidNetwork, config: &SimConfig) -> Result<Self, SimError> {
        Self::compile(Cow::Borrowed(network), config)
    }

    /// Compiles a network and frees its synapses on the way, so that they are never in memory twice.
    ///
    /// # Errors
    /// See [`SimError`].
    pub fn consuming(network: ValidNetwork, config: &SimConfig) -> Result<Engine<'static>, SimError> {
        Engine::compile(Cow::Owned(network), config)
    }

    fn compile(network: Cow<'n, ValidNetwork>, config: &SimConfig) -> Result<Self, SimError> {
        let dt = config.dt;
        if !(dt.is_finite() && dt > 0.0) {
            return Err(SimError::Dt { dt });
        }
        let n_neurons = network.n_neurons();
        let bytes = u64::from(n_neurons) * NEURON_BYTES;
        if !memory::is_granted(bytes) {
            return Err(SimError::Memory { n_neurons, bytes });
        }
        let worth = (n_neurons / NEURONS_WORTH_A_SHARD).max(1) as usize;
        let n_shards = match config.threads {
            Some(threads) if !(1..=1024).contains(&threads) => return Err(SimError::Threads { threads }),
            Some(threads) => threads.min(n_neurons.max(1) as usize),
            None => rayon::current_num_threads().min(worth),
        };
        let (plan, network) = compile(network, n_shards, dt)?;
        Ok(Self { network, config: config.clone(), plan })
    }

    /// Bytes that the packed synapses take.
    pub fn synapse_bytes(&self) -> u64 {
        let tables = self.plan.shards.iter().flat_map(|shard| shard.tables.iter().chain([&shard.plastic]));
        tables.map(Table::bytes).sum()
    }

    /// Runs the network once, from rest.
    ///
    /// # Errors
    /// See [`SimError`]; all of them come before the run starts.
    pub fn run(&self, run: &Run, progress: Progress<'_>) -> Result<Recording, SimError> {
        let Self { network, config, plan } = self;
        let Run { duration, seed, warm_up, inputs } = run;
        if !(*duration > 0.0 && *duration <= MAX_DURATION) {
            return Err(SimError::Duration { duration: *duration });
        }
        if !(*warm_up >= 0.0 && warm_up < duration) {
            let must = format!("from 0 to below the duration of {duration} ms");
            return Err(SimError::Interval { what: "warm-up", value: *warm_up, must });
        }
        let bound = bind(network, inputs, *duration)?;
        let (scheduler, reason) = choose(network, config, &bound.trains, *duration, plan);
        let elsewhere: Vec<PopulationId> = match scheduler {
            Scheduler::Grid => plan.fused.iter().map(|fused| fused.source).collect(),
            Scheduler::Event | Scheduler::Auto => Vec::new(),
        };
        let traces = TracePlan::new(network, plan, config.record.traces.as_ref(), *duration)?;
        let job = Job {
            network,
            plan,
            bound: &bound,
            dt: config.dt,
            duration: *duration,
            warm_up: *warm_up,
            seed: *seed,
            sources: Sources::new(network, &bound.trains, &elsewhere, *seed),
            sinks: SpikeSinks::new(network, &config.record, *warm_up, *duration)?,
            traces: &traces,
            final_weights: config.record.final_weights,
        };
        let done = match scheduler {
            Scheduler::Grid => grid::run(job, progress)?,
            Scheduler::Event | Scheduler::Auto => event::run(job, progress),
        };
        let Done { t_stop, sinks, samples, counters, final_v, weights } = done;
        let (spikes, rates) = sinks.finish(network.n_nodes(), t_stop);
        Ok(Recording {
            t_start: *warm_up,
            t_stop,
            nodes: network.node_ranges(),
            spikes,
            traces: traces.finish(samples, *warm_up),
            rates,
            final_v: config.record.final_v.then(|| join_potentials(network, final_v)),
            weights,
            counters,
            provenance: Provenance {
                version: rheobase_net::VERSION.to_owned(),
                seed: *seed,
                engine: reason,
                configuration: configuration(config, run),
                network: network.network().description.clone(),
            },
        })
    }
}

fn join_potentials(network: &ValidNetwork, parts: Vec<(u32, Vec<f64>)>) -> Vec<f64> {
    let mut potentials = vec![f64::NAN; network.n_nodes() as usize];
    for (first, v) in parts {
        potentials[first as usize..first as usize + v.len()].copy_from_slice(&v);
    }
    potentials
}

/// What of the configuration a result depends on, so not the number of threads.
fn configuration(config: &SimConfig, run: &Run) -> String {
    let SimConfig { scheduler, dt, threads: _, record } = config;
    let Run { duration, seed: _, warm_up, inputs: _ } = run;
    serde_json::json!({
        "scheduler": scheduler, "dt": dt, "duration": duration, "warm_up": warm_up, "record": record,
    })
    .to_string()
}
