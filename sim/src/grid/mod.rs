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
//! one minimum delay later at the earliest. Groups with liquid time constants take their steps between the
//! steps of the neurons ([`group`](crate::group)).

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
pub(crate) mod twins;

use rheobase_net::{Counters, PopulationId, ProjectionWeights};

use crate::SimError;
use crate::choose::ASSUMED_RATE;
use crate::crew::{Crew, Worker};
use crate::exchange::Exchange;
use crate::group;
use crate::group::{GroupFault, History, Values};
use crate::in_flight::Sent;
use crate::job::Job;
use crate::plan::{Form, Fused, Plan};
use crate::record::SpikeSinks;
use crate::simulation::Windows;
use crate::snapshot::{GridMoment, Misfit};
use crate::sources::{BackgroundSpikes, Sources};
use crate::stdp::{self, LearningState};
use lanes::Inlet;
use modal::Modal;
use shard::ShardState;

/// Windows are cut to this many steps, so that a network without recurrence can be stopped too.
const LONGEST_WINDOW: u32 = 256;

/// With more arrivals a neuron and step than this, propagators are cheaper than modes of currents.
const MOST_ARRIVALS_FOR_MODES: f64 = 0.3;

/// A run on the grid.
pub(crate) struct Grid<'a> {
    shards: Vec<ShardState<'a>>,
    exchange: Exchange<'a, u32>,
    /// The sources that are drawn at their targets.
    backgrounds: Vec<BackgroundSpikes>,
    window: u32,
    sample_every: u32,
    n_steps: u32,
    /// Steps that are taken.
    done: u32,
    /// Inputs and then spikes of a window: time, node.
    inputs: Vec<(f64, u32)>,
    spikes: Vec<(f64, u32)>,
}

impl<'a> Grid<'a> {
    /// The run at its start.
    pub fn new(job: &Job<'a>) -> Result<Self, SimError> {
        let Job { network, plan, dt, duration, seed, .. } = *job;
        if let Some(fault) = &plan.grid_fault {
            return Err(fault.clone());
        }
        let n_steps = (duration / dt).round().max(1.0);
        if n_steps > f64::from(u32::MAX - 65_536) {
            return Err(SimError::TooManySteps { duration, dt, steps: n_steps });
        }
        let window = plan.min_steps.min(LONGEST_WINDOW);
        let inlets = inlets(job);
        let shards = plan
            .shards
            .iter()
            .zip(&job.traces.of_shard)
            .map(|(shard, traced)| ShardState::new(job, shard, traced, inlets.clone(), window, n_steps))
            .collect::<Result<Vec<_>, _>>()?;
        let elsewhere: Vec<PopulationId> = plan.fused.iter().map(|fused| fused.source).collect();
        let background = |fused: &Fused| {
            let (first, size) = (network.first_node(fused.source).0, network.population(fused.source).size);
            BackgroundSpikes::new(seed, fused.source, fused.mean, first, size)
        };
        Ok(Self {
            shards,
            exchange: Exchange::new(
                network,
                Sources::new(network, &job.bound.trains, &elsewhere, seed),
                History::new(network, plan, dt),
                job.warm_up,
            ),
            backgrounds: plan.fused.iter().map(background).collect(),
            window,
            sample_every: sample_every(job)?,
            n_steps: n_steps as u32,
            done: 0,
            inputs: Vec::new(),
            spikes: Vec::new(),
        })
    }

    /// The work that was done after the warm-up.
    pub fn counters(&self, job: &Job<'_>) -> Counters {
        self.all_counters(job).since(&self.exchange.before.unwrap_or_default())
    }

    fn all_counters(&self, job: &Job<'_>) -> Counters {
        let mut counters = self.gathered(job);
        for (fused, background) in job.plan.fused.iter().zip(&self.backgrounds) {
            let on_their_way = self.done.saturating_sub(fused.delay) + 1..=self.done;
            background.clone().take(on_their_way, |_, _, count| counters.input_spikes += u64::from(count));
        }
        counters
    }

    /// The work that was done, without spikes of backgrounds that are on their way.
    fn gathered(&self, job: &Job<'_>) -> Counters {
        let mut counters = self.exchange.counters;
        counters.neuron_updates = u64::from(job.network.n_neurons()) * u64::from(self.done);
        for state in &self.shards {
            let arrived = state.background_spikes();
            counters.synaptic_events += state.synaptic_events;
            counters.input_events += arrived + state.input_events;
            counters.input_spikes += arrived;
            counters.group_updates += state.groups.updates;
            counters.values_sent += state.groups.values_sent;
        }
        counters
    }

    /// The weights of plastic projections at the end. The run cannot go on after it.
    pub fn weights(&mut self, plan: &Plan) -> Vec<ProjectionWeights> {
        let Self { shards, exchange, done, .. } = self;
        let learned = shards.iter_mut().filter_map(|state| state.learned(*done, &exchange.fired.spikes));
        stdp::final_weights(plan, learned, f64::from(*done))
    }

    /// First node and potentials of every part.
    pub fn final_v(&self) -> Vec<(u32, Vec<f64>)> {
        self.shards.iter().flat_map(|state| state.final_v(self.done)).collect()
    }

    /// Everything that a checkpoint keeps.
    pub fn moment(&mut self, job: &Job<'_>) -> GridMoment {
        let mut moment = GridMoment {
            done: self.done,
            exchange: self.exchange.moment(self.gathered(job)),
            populations: vec![Vec::new(); job.network.populations().len()],
            held: Vec::new(),
            learning: self.learning(job),
            groups: self.shards.iter().flat_map(|state| state.groups.save()).collect(),
        };
        moment.groups.sort_by_key(|group| group.population);
        self.shards.iter_mut().for_each(|state| state.save(&mut moment));
        moment.held.sort_unstable();
        moment
    }

    fn learning(&mut self, job: &Job<'_>) -> LearningState {
        let mut learning: Vec<_> = self.shards.iter_mut().filter_map(ShardState::learning).collect();
        stdp::state(job.plan, &mut learning, f64::from(self.done))
    }

    /// Goes on from a moment; `self` is at its start.
    pub fn go_on(&mut self, moment: GridMoment, job: &Job<'_>) -> Result<(), Misfit> {
        let done = moment.done;
        let at_end_of_window = done == self.n_steps || done.is_multiple_of(self.window);
        Misfit::unless(done <= self.n_steps && at_end_of_window, "step")?;
        group::check(&moment.exchange.values, job.network, f64::from(done) * job.dt)?;
        self.shards.iter_mut().try_for_each(|state| state.go_on(&moment))?;
        let mut learning: Vec<_> = self.shards.iter_mut().filter_map(ShardState::learning).collect();
        stdp::restore(&mut learning, &moment.learning).map_err(|_| Misfit("weights"))?;
        let in_flight = self.exchange.go_on(moment.exchange, |step| step <= done)?;
        self.shards.iter_mut().for_each(|state| _ = state.send(&in_flight, done));
        self.done = done;
        Ok(())
    }
}

/// What shards are told before a window: the spikes of the window before and the inputs of this one, and the
/// steps to take.
pub(crate) struct Brief {
    fired: Sent<u32>,
    inputs: Sent<u32>,
    /// What groups have sent in the window before.
    values: Vec<Values>,
    from: u32,
    until: u32,
    sample_every: u32,
}

impl Worker for ShardState<'_> {
    type Brief = Brief;

    fn work(&mut self, brief: &Brief) {
        let Brief { fired, inputs, values, from, until, sample_every } = brief;
        self.begin(values);
        self.synaptic_events += self.send(fired, 0);
        self.input_events += self.send(inputs, 0);
        self.advance(*from, *until, *sample_every);
    }
}

impl<'a> Windows for Grid<'a> {
    type Worker = ShardState<'a>;

    fn t_done(&self, job: &Job<'_>) -> f64 {
        f64::from(self.done) * job.dt
    }

    fn is_finished(&self) -> bool {
        self.done == self.n_steps
    }

    fn window(&mut self, job: &Job<'_>, sinks: &mut SpikeSinks, crew: &Crew<ShardState<'a>>) {
        let Self { shards, exchange, backgrounds, inputs, spikes, done, sample_every, .. } = self;
        let (plan, dt, from, sample_every) = (job.plan, job.dt, *done, *sample_every);
        let until = self.n_steps.min(from.saturating_add(self.window));
        // An input between two steps belongs to the later one: everything up to `until` is due.
        exchange.sources.take_before((f64::from(until) + 1e-9) * dt, true, inputs);
        sinks.take_sources(inputs.iter().copied());
        exchange.counters.input_spikes += inputs.len() as u64;
        let steps = &mut exchange.inputs.spikes;
        steps.clear();
        steps.extend(inputs.iter().map(|(t, node)| (to_step(*t, dt), *node)));
        inputs.iter_mut().zip(steps).for_each(|(input, (step, _))| input.0 = f64::from(*step) * dt);
        exchange.share_inputs(inputs);
        exchange.remember_sent();
        if sinks.wants_sources() {
            for background in backgrounds {
                background.take(from + 1..=until, |step, node, count| {
                    let spike = (f64::from(step) * dt, node);
                    sinks.take_sources(std::iter::repeat_n(spike, usize::from(count)));
                });
            }
        }

        let brief = Brief {
            fired: std::mem::take(&mut exchange.fired),
            inputs: std::mem::take(&mut exchange.inputs),
            values: std::mem::take(&mut exchange.values),
            from,
            until,
            sample_every,
        };
        let told = crew.work(shards, brief);
        (exchange.fired, exchange.inputs) = (told.fired, told.inputs);
        exchange.take_values(shards.iter_mut().map(|state| &mut state.groups.sent));

        let fired = &mut exchange.fired.spikes;
        fired.clear();
        for state in &*shards {
            fired.extend_from_slice(&state.fired);
            fired.extend(state.groups.fired.iter().map(|(step, node)| (*step as u32, *node)));
        }
        fired.sort_unstable();
        spikes.clear();
        spikes.extend(fired.iter().map(|(step, node)| (f64::from(*step) * dt, *node)));
        exchange.counters.spikes += sinks.take(spikes);
        exchange.share_fired(spikes);
        exchange.forget(|step| until.saturating_sub(step) >= plan.max_steps, f64::from(until) * dt);
        *done = until;
        let is_warm = self.t_done(job) >= job.warm_up * (1.0 - 1e-12);
        if is_warm && self.exchange.before.is_none() {
            self.exchange.before = Some(Counters { spikes: 0, ..self.all_counters(job) });
        }
    }

    fn fault(&self) -> Option<GroupFault> {
        GroupFault::first(self.shards.iter().filter_map(|state| state.groups.fault))
    }

    fn samples(&mut self) -> impl Iterator<Item = &mut Vec<f64>> {
        self.shards.iter_mut().map(|state| &mut state.samples)
    }
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
            let is_current = |source: PopulationId| !network.population(source).model.sends_spikes();
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
