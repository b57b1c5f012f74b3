//! The grid scheduler: spikes at whole steps, exchanged once per minimum delay.
//!
//! ```text
//! window of min_steps steps:
//!   each shard, in parallel   put the spikes of the window before and the inputs of this one on their
//!                             way (`calendar.rs`); then step by step: propagate all neurons, deliver what
//!                             is due, settle: put refractory neurons back, find who fires (`part.rs`)
//!   one thread                join the spikes of the shards in order of (step, node), record them
//! ```
//! A spike waits on the side of its source: the calendar holds segments, not weights, and a step delivers
//! what is due into one sum a neuron. So what is written at random stays in the cache nearest to the
//! processor, however many delays there are, while synapses are read in runs that are asked for ahead.
//!
//! Before a window everything that is due in it is in the calendar: a spike of the window before is due
//! one minimum delay later at the earliest.

mod background;
mod calendar;
mod find;
mod lanes;
mod modal;
mod part;
mod plain;
mod shard;
mod thresholds;
#[cfg(test)]
mod twins;

use std::ops::ControlFlow;

use rayon::prelude::*;
use rheobase_net::{Counters, Model, PopulationId, ValidNetwork};

use crate::SimError;
use crate::choose::ASSUMED_RATE;
use crate::depression::Depression;
use crate::job::{Done, Job, Progress};
use crate::plan::{Form, Fused, Plan};
use crate::sources::background_spikes;
use crate::stdp;
use lanes::Inlet;
use modal::Modal;
use shard::ShardState;

/// Windows are cut to this many steps, so that a network without recurrence can be stopped too.
const LONGEST_WINDOW: u32 = 256;

/// With more arrivals a neuron and step than this, propagators are cheaper than modes of currents.
const MOST_ARRIVALS_FOR_MODES: f64 = 0.3;

/// Runs the network; the caller's thread is one of the pool, so that a window costs no wake-up.
pub(crate) fn run(job: Job<'_>, progress: Progress<'_>) -> Result<Done, SimError> {
    if job.plan.shards.len() > 1 {
        rayon::scope(|_| run_windows(job, progress))
    } else {
        run_windows(job, progress)
    }
}

fn run_windows(job: Job<'_>, progress: Progress<'_>) -> Result<Done, SimError> {
    let Job { plan, dt, duration, .. } = job;
    if let Some(fault) = &plan.grid_fault {
        return Err(fault.clone());
    }
    let n_steps = (duration / dt).round().max(1.0);
    if n_steps > f64::from(u32::MAX - 65_536) {
        return Err(SimError::TooManySteps { duration, dt, steps: n_steps });
    }
    let n_steps = n_steps as u32;
    let sample_every = sample_every(&job)?;
    let window = plan.min_steps.min(LONGEST_WINDOW);
    let inlets = inlets(&job);
    let mut shards = plan
        .shards
        .iter()
        .zip(&job.traces.of_shard)
        .map(|(shard, traced)| ShardState::new(&job, shard, traced, inlets.clone(), window))
        .collect::<Result<Vec<_>, _>>()?;

    let Job { network, mut sources, mut sinks, seed, warm_up, final_weights, .. } = job;
    let (mut counters, mut inputs, mut input_steps) = (Counters::default(), Vec::new(), Vec::new());
    let (mut is_warm, mut before) = (warm_up == 0.0, Counters::default());
    let mut fired: Vec<(u32, u32)> = Vec::new();
    let mut spikes: Vec<(f64, u32)> = Vec::new();
    let mut depression = Depression::new(network);
    let (mut shares, mut input_shares) = (Vec::new(), Vec::new());
    let mut done = 0;
    while done < n_steps {
        let until = n_steps.min(done.saturating_add(window));
        // An input between two steps belongs to the later one: everything up to `until` is due.
        sources.take_before((f64::from(until) + 1e-9) * dt, true, &mut inputs);
        sinks.take_sources(&inputs);
        counters.input_spikes += inputs.len() as u64;
        input_steps.clear();
        input_steps.extend(inputs.iter().map(|(t, node)| (to_step(*t, dt), *node)));
        inputs.iter_mut().zip(&input_steps).for_each(|(input, (step, _))| input.0 = f64::from(*step) * dt);
        depression.shares(&inputs, &mut input_shares);

        let advance = |state: &mut ShardState<'_>| {
            state.synaptic_events += state.send(&fired, &shares);
            state.input_events += state.send(&input_steps, &input_shares);
            state.advance(done, until, sample_every);
        };
        match shards.as_mut_slice() {
            [state] => advance(state),
            states => states.par_iter_mut().for_each(advance),
        }

        fired.clear();
        shards.iter().for_each(|state| fired.extend_from_slice(&state.fired));
        fired.sort_unstable();
        spikes.clear();
        spikes.extend(fired.iter().map(|(step, node)| (f64::from(*step) * dt, *node)));
        counters.spikes += sinks.take(&spikes);
        depression.shares(&spikes, &mut shares);
        done = until;
        if !is_warm && f64::from(done) * dt >= warm_up * (1.0 - 1e-12) {
            is_warm = true;
            before = Counters { spikes: 0, ..count(network, plan, &shards, seed, counters, done) };
        }
        if let ControlFlow::Break(()) = progress(f64::from(done) / f64::from(n_steps)) {
            break;
        }
    }
    if sinks.wants_sources() {
        for Fused { source, mean, .. } in &plan.fused {
            let (first, size) = (network.first_node(*source).0, network.population(*source).size);
            let repeat = |(step, i, count): &(u32, u32, u16)| {
                std::iter::repeat_n((f64::from(*step) * dt, first + i), usize::from(*count))
            };
            let sent = background_spikes(seed, *source, *mean, size, 1..=done);
            sinks.take_sources(&sent.iter().flat_map(repeat).collect::<Vec<_>>());
        }
    }
    let counters = count(network, plan, &shards, seed, counters, done).since(&before);
    let final_v = shards.iter().flat_map(|state| state.final_v(done)).collect();
    let weights = final_weights.then(|| {
        let learned = shards.iter_mut().filter_map(|state| state.learned(done, &fired));
        stdp::final_weights(plan, learned, f64::from(done))
    });
    let samples = shards.into_iter().map(|state| state.samples).collect();
    Ok(Done { t_stop: f64::from(done) * dt, sinks, samples, counters, final_v, weights })
}

/// The work of the first `done` steps; `counted` are the spikes.
fn count(
    network: &ValidNetwork,
    plan: &Plan,
    shards: &[ShardState<'_>],
    seed: u64,
    counted: Counters,
    done: u32,
) -> Counters {
    let mut counters = counted;
    counters.neuron_updates = u64::from(network.n_neurons()) * u64::from(done);
    counters.synaptic_events = shards.iter().map(|state| state.synaptic_events).sum();
    let arrived: u64 = shards.iter().map(|state| state.background_spikes()).sum();
    counters.input_events = arrived + shards.iter().map(|state| state.input_events).sum::<u64>();
    counters.input_spikes += arrived;
    for Fused { source, mean, delay, .. } in &plan.fused {
        let size = network.population(*source).size;
        let steps = done.saturating_sub(*delay) + 1..=done;
        let on_their_way = background_spikes(seed, *source, *mean, size, steps);
        counters.input_spikes += on_their_way.iter().map(|(.., count)| u64::from(*count)).sum::<u64>();
    }
    counters
}

/// How the neurons of every class receive: by modes where that is cheaper and possible.
fn inlets(job: &Job<'_>) -> Vec<Inlet> {
    let Job { network, plan, dt, .. } = job;
    let n_synapses: u64 = plan.n_synapses.iter().sum();
    let arrivals = n_synapses as f64 / f64::from(network.n_neurons()) * ASSUMED_RATE * dt / 1000.0;
    let reception = |(class, reception): (usize, &crate::plan::Reception)| {
        let is_delta = reception.form == Form::Delta;
        let populations: Vec<PopulationId> = plan
            .shards
            .iter()
            .flat_map(|shard| &shard.parts)
            .filter(|part| usize::from(part.class) == class)
            .map(|part| part.population)
            .collect();
        let is_fed = |id: &PopulationId| {
            let is_current =
                |source: PopulationId| matches!(network.population(source).model, Model::CurrentSource(_));
            let mut projections = network.projections().iter();
            plan.fused.iter().any(|fused| fused.target == *id)
                || projections.any(|projection| projection.target == *id && is_current(projection.source))
        };
        let may_be_modal = !reception.adapts
            && (is_delta || arrivals <= MOST_ARRIVALS_FOR_MODES)
            && !populations.iter().any(is_fed);
        match Modal::new(reception, *dt).filter(|_| may_be_modal) {
            Some(modal) if is_delta => Inlet::ModalJump(modal),
            Some(modal) => Inlet::ModalSum(modal),
            None if reception.jumps() => Inlet::Jump,
            None => Inlet::Sum,
        }
    };
    plan.classes.iter().enumerate().map(reception).collect()
}

/// The step at whose end a spike at `t` \[ms\] is stamped.
fn to_step(t: f64, dt: f64) -> u32 {
    (t / dt - 1e-9).ceil().max(0.0) as u32
}

fn sample_every(job: &Job<'_>) -> Result<u32, SimError> {
    let interval = job.traces.interval;
    if interval.is_infinite() {
        return Ok(u32::MAX);
    }
    let steps = (interval / job.dt).round();
    if (steps * job.dt - interval).abs() > 1e-9 * interval || !(1.0..1e9).contains(&steps) {
        let must = format!("a multiple of the step of {} ms", job.dt);
        return Err(SimError::Interval { what: "trace interval", value: interval, must });
    }
    Ok(steps as u32)
}
