//! From a network to a recording.

use std::ops::ControlFlow;

use rheobase_net::memory;
use rheobase_net::{Counters, LifPopulation, Model, Param, Provenance, Recording, ValidNetwork, Waveform};

use crate::choose::choose;
use crate::inputs::{Bound, bind};
use crate::plan::{CurrentLink, Part, Plan, Shard, compile};
use crate::record::{SpikeSinks, TracePlan};
use crate::sources::Sources;
use crate::{Run, Scheduler, SimConfig, SimError, event, grid};

/// Below this number of neurons a shard is not worth a thread's waiting for the others.
const NEURONS_WORTH_A_SHARD: u32 = 16_384;

/// The least that a neuron takes in either scheduler: its state, its inputs and its place in the plan.
const NEURON_BYTES: u64 = 32;

/// 32 years \[ms\], where two numbers of a double still differ by a tenth of a microsecond.
const MAX_DURATION: f64 = 1e12;

/// Is told the fraction of the run that is done, once a window, and may stop it.
pub type Progress<'a> = &'a mut dyn FnMut(f64) -> ControlFlow<()>;

/// A network compiled for running. It can be run any number of times, from several threads at once.
#[derive(Debug)]
pub struct Engine<'n> {
    network: &'n ValidNetwork,
    config: SimConfig,
    plan: Plan,
}

/// What a scheduler needs for one run.
pub(crate) struct Job<'a> {
    pub network: &'a ValidNetwork,
    pub plan: &'a Plan,
    pub bound: &'a Bound<'a>,
    pub dt: f64,
    pub duration: f64,
    pub sources: Sources<'a>,
    pub sinks: SpikeSinks,
    pub traces: &'a TracePlan,
}

/// What a scheduler leaves behind.
pub(crate) struct Done {
    pub t_stop: f64,
    pub sinks: SpikeSinks,
    /// Samples of every shard.
    pub samples: Vec<Vec<f64>>,
    pub counters: Counters,
    /// First node and potentials of every part.
    pub final_v: Vec<(u32, Vec<f64>)>,
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
        let plan = compile(network, n_shards, dt)?;
        Ok(Self { network, config: config.clone(), plan })
    }

    /// Runs the network once, from rest.
    ///
    /// # Errors
    /// See [`SimError`]; all of them come before the run starts.
    pub fn run(&self, run: &Run, progress: Progress<'_>) -> Result<Recording, SimError> {
        let Self { network, config, plan } = self;
        let Run { duration, seed, inputs } = run;
        if !(*duration > 0.0 && *duration <= MAX_DURATION) {
            return Err(SimError::Duration { duration: *duration });
        }
        let bound = bind(network, inputs)?;
        let grid_fault = plan.grid_fault.as_ref();
        let (scheduler, reason) = choose(network, config, &bound.trains, *duration, grid_fault);
        let traces = TracePlan::new(network, plan, config.record.traces.as_ref(), *duration)?;
        let job = Job {
            network,
            plan,
            bound: &bound,
            dt: config.dt,
            duration: *duration,
            sources: Sources::new(network, &bound.trains, *seed),
            sinks: SpikeSinks::new(network, &config.record, *duration)?,
            traces: &traces,
        };
        let done = match scheduler {
            Scheduler::Grid => grid::run(job, progress)?,
            Scheduler::Event | Scheduler::Auto => event::run(job, progress),
        };
        let Done { t_stop, sinks, samples, counters, final_v } = done;
        let (spikes, rates) = sinks.finish(network.n_nodes(), t_stop);
        Ok(Recording {
            t_start: 0.0,
            t_stop,
            nodes: network.node_ranges(),
            spikes,
            traces: traces.finish(samples),
            rates,
            final_v: config.record.final_v.then(|| join_potentials(network, final_v)),
            counters,
            provenance: Provenance {
                version: rheobase_net::VERSION.to_owned(),
                seed: *seed,
                engine: reason,
                configuration: configuration(config, *duration),
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
fn configuration(config: &SimConfig, duration: f64) -> String {
    let SimConfig { scheduler, dt, threads: _, record } = config;
    serde_json::json!({ "scheduler": scheduler, "dt": dt, "duration": duration, "record": record })
        .to_string()
}

/// A value of the neurons of a part: one for all, or one each.
pub(crate) enum PerNeuron<T> {
    /// One for all.
    Shared(T),
    /// One each.
    Each(Vec<T>),
}

impl<T: Copy + PartialEq> PerNeuron<T> {
    /// Makes the values of the neurons of a part by `of_neuron`, from the neuron's population and its
    /// index there. Values that are all the same are shared, so that the fast kernels serve them.
    pub fn of_part(job: &Job<'_>, part: &Part, of_neuron: impl Fn(&LifPopulation, usize) -> T) -> Self {
        let lif = job.lif(part);
        let first = part.first as usize;
        let is_shared = |(_, param): &(&str, &Param)| matches!(param, Param::Shared(_));
        if lif.params().iter().all(is_shared) {
            return Self::Shared(of_neuron(lif, first));
        }
        let each: Vec<T> = (first..first + part.size as usize).map(|i| of_neuron(lif, i)).collect();
        if each.iter().all(|value| *value == each[0]) { Self::Shared(each[0]) } else { Self::Each(each) }
    }
}

impl<T: Copy> PerNeuron<T> {
    /// The value of neuron `i` of the part.
    #[inline]
    pub fn get(&self, i: usize) -> T {
        match self {
            Self::Shared(value) => *value,
            Self::Each(values) => values[i],
        }
    }
}

impl<'a> Job<'a> {
    fn lif(&self, part: &Part) -> &'a LifPopulation {
        match &self.network.population(part.population).model {
            Model::Lif(lif) => lif,
            Model::SpikeSource(_) | Model::CurrentSource(_) => {
                unreachable!("only neurons are dealt to shards")
            }
        }
    }

    /// The initial potentials \[mV\] of a part.
    pub fn v_init(&self, part: &Part) -> Vec<f64> {
        let (lif, first) = (self.lif(part), part.first as usize);
        (first..first + part.size as usize).map(|i| lif.v_init.get(i)).collect()
    }

    /// The steps of the injected currents of a shard: time, link, row of the waveform; by time.
    pub fn current_steps(&self, shard: &Shard) -> Vec<(f64, u32, u32)> {
        let mut steps = Vec::new();
        for (link_idx, link) in shard.currents.iter().enumerate() {
            let waveform = self.waveform(link);
            for (k, t) in waveform.times().iter().enumerate() {
                steps.push((t + link.delay, link_idx as u32, k as u32));
            }
        }
        steps.sort_by(|a, b| a.0.total_cmp(&b.0));
        steps
    }

    /// The waveform that a link passes on.
    pub fn waveform(&self, link: &CurrentLink) -> &'a Waveform {
        let of_source = self.bound.waveforms.iter().find(|(id, _)| *id == link.source);
        of_source.expect("binding gave every current source its waveform").1
    }
}
