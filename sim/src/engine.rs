//! From a network to a recording.

use std::borrow::Cow;

use rheobase_net::{Provenance, Recording, ValidNetwork, memory};
use serde_json::{Value, json};

use crate::choose::choose;
use crate::event::Event;
use crate::grid::Grid;
use crate::inputs::{bind, checksums};
use crate::job::{Job, Progress};
use crate::plan::{Plan, Table, compile};
use crate::record::{SpikeSinks, TracePlan};
use crate::simulation::{Running, Simulation};
use crate::snapshot::{Moment, Snapshot};
use crate::{Memory, Run, RunError, Scheduler, SimConfig, SimError};

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
/// See [`SimError`]; all of them but [`SimError::GroupNotFinite`] come before the run starts.
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
        let n_groups = network.populations().iter().filter(|p| p.model.as_ltc().is_some()).count();
        let worth = (n_neurons / NEURONS_WORTH_A_SHARD).max(1) as usize;
        let n_shards = match config.threads {
            Some(threads) if !(1..=1024).contains(&threads) => return Err(SimError::Threads { threads }),
            Some(threads) => threads.min((n_neurons as usize + n_groups).max(1)),
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

    /// Runs the network once, from rest, and keeps its recording in memory.
    ///
    /// # Errors
    /// See [`SimError`]; all of them but [`SimError::GroupNotFinite`] come before the run starts.
    pub fn run(&self, run: &Run, progress: Progress<'_>) -> Result<Recording, SimError> {
        let mut simulation = self.begin(run)?;
        let head = simulation.head();
        let mut memory = Memory::default();
        simulation.advance(f64::INFINITY, &mut memory, progress).map_err(|error| match error {
            RunError::Run(error) => error,
            RunError::Recorder(never) => match never {},
        })?;
        let Ok(end) = simulation.finish(&mut memory);
        Ok(memory.recording(head, end))
    }

    /// Begins a run from rest.
    ///
    /// # Errors
    /// See [`SimError`].
    pub fn begin<'a>(&'a self, run: &'a Run) -> Result<Simulation<'a>, SimError> {
        self.simulation(run, None)
    }

    /// Takes up a run where it was when the snapshot was made. Network, configuration (but for the number of
    /// threads), seed and inputs must be those of then; whether they are is for the caller to check
    /// ([`checkpoint`](crate::checkpoint), [`Engine::configuration`]).
    ///
    /// # Errors
    /// [`SimError::Snapshot`] if the snapshot cannot be of this run; and see [`SimError`].
    pub fn resume<'a>(&'a self, run: &'a Run, snapshot: Snapshot) -> Result<Simulation<'a>, SimError> {
        let Snapshot { engine, rates, n_samples, moment } = snapshot;
        let scheduler = match &moment {
            Moment::Grid(_) => Scheduler::Grid,
            Moment::Event(_) => Scheduler::Event,
        };
        let mut simulation = self.simulation(run, Some((scheduler, engine)))?;
        simulation.sinks.go_on(rates)?;
        simulation.n_samples = n_samples;
        simulation.go_on(moment)?;
        Ok(simulation)
    }

    /// A run at its start, by a scheduler that is chosen already or is to be chosen.
    fn simulation<'a>(
        &'a self,
        run: &'a Run,
        chosen: Option<(Scheduler, String)>,
    ) -> Result<Simulation<'a>, SimError> {
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
        let choose = || choose(network, config, &bound.trains, *duration, plan);
        let (scheduler, engine) = chosen.unwrap_or_else(choose);
        let traces = TracePlan::new(network, plan, config.record.traces.as_ref(), *duration)?;
        let (dt, duration, warm_up, seed) = (config.dt, *duration, *warm_up, *seed);
        let job = Job { network, plan, bound, dt, duration, warm_up, seed, traces };
        let sinks = SpikeSinks::new(network, &config.record, warm_up, duration)?;
        let scheduler = match scheduler {
            Scheduler::Grid => Running::Grid(Grid::new(&job)?),
            Scheduler::Event | Scheduler::Auto => Running::Event(Event::new(&job)),
        };
        let provenance = Provenance {
            version: rheobase_net::VERSION.to_owned(),
            seed,
            engine,
            configuration: configuration(config, run).to_string(),
            network: network.network().description.clone(),
        };
        Ok(Simulation { job, record: &config.record, scheduler, sinks, n_samples: 0, provenance })
    }

    /// Everything beside network and seed that the result of a run depends on, as JSON: for a checkpoint.
    /// Inputs are there by their checksums.
    pub fn configuration(&self, run: &Run) -> String {
        let mut configuration = configuration(&self.config, run);
        configuration["inputs"] = checksums(&self.network, &run.inputs);
        configuration.to_string()
    }
}

/// What of the configuration a result depends on, so not the number of threads.
fn configuration(config: &SimConfig, run: &Run) -> Value {
    let SimConfig { scheduler, dt, threads: _, record } = config;
    let Run { duration, seed: _, warm_up, inputs: _ } = run;
    json!({ "scheduler": scheduler, "dt": dt, "duration": duration, "warm_up": warm_up, "record": record })
}
