//! The grid scheduler: every neuron at every step, spikes exchanged once per minimum delay.
//!
//! ```text
//! window of min_steps steps:
//!   each shard, in parallel   deliver the spikes of the window before and the inputs of this one into
//!                             the slots of the steps at which they are due;
//!                             then step by step: update all neurons, clear the slot, note who fired
//!   one thread                join the spikes of the shards in order of (step, node), record them
//! ```
//! Before a window every slot of its steps is complete: a spike of the window before is due one minimum
//! delay later at the earliest. Slots are a ring of `min_steps + max_steps` steps.

mod part;

use std::ops::ControlFlow;

use rayon::prelude::*;
use rheobase_net::{Counters, Waveform};

use crate::SimError;
use crate::job::{Done, Job, Progress};
use crate::plan::{CurrentLink, Part, SegmentWeights, Shard};
use part::PartState;

/// Windows are cut to this many steps, so that a network without recurrence can be stopped too.
const LONGEST_WINDOW: u32 = 256;
const LARGEST_RING: u64 = 16 << 30;

/// A shard's state.
struct ShardState<'a> {
    shard: &'a Shard,
    parts: Vec<PartState>,
    ring: Ring,
    /// Spikes of the window: step, node.
    fired: Vec<(u32, u32)>,
    /// Steps of the injected currents: step from which on, link, row.
    currents: Vec<(u32, u32, u32)>,
    next_current: usize,
    /// The waveform of every link.
    waveforms: Vec<&'a Waveform>,
    /// Part, neuron and column of the traces, and the samples.
    traced: &'a [(u16, u32, usize)],
    samples: Vec<f64>,
    synaptic_events: u64,
    input_events: u64,
}

/// Input slots: for each of the coming steps one sum of weights for every input of every neuron.
struct Ring {
    slots: Vec<f64>,
    n_slots: u32,
    n_lanes: usize,
}

pub(crate) fn run(job: Job<'_>, progress: Progress<'_>) -> Result<Done, SimError> {
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
    let mut shards = plan
        .shards
        .iter()
        .zip(&job.traces.of_shard)
        .map(|(shard, traced)| ShardState::new(&job, shard, traced, window))
        .collect::<Result<Vec<_>, _>>()?;

    let Job { network, mut sources, mut sinks, .. } = job;
    let (mut counters, mut inputs, mut input_steps) = (Counters::default(), Vec::new(), Vec::new());
    let mut fired: Vec<(u32, u32)> = Vec::new();
    let mut spikes: Vec<(f64, u32)> = Vec::new();
    let mut done = 0;
    while done < n_steps {
        let until = n_steps.min(done.saturating_add(window));
        // An input between two steps belongs to the later one: everything up to `until` is due.
        sources.take_before((f64::from(until) + 1e-9) * dt, true, &mut inputs);
        sinks.take_sources(&inputs);
        counters.input_spikes += inputs.len() as u64;
        input_steps.clear();
        input_steps.extend(inputs.iter().map(|(t, node)| (to_step(*t, dt), *node)));

        let advance = |state: &mut ShardState<'_>| {
            state.synaptic_events += state.deliver(&fired);
            state.input_events += state.deliver(&input_steps);
            state.advance(done, until, sample_every);
        };
        match shards.as_mut_slice() {
            [state] => advance(state),
            states => states.par_iter_mut().for_each(advance),
        }

        fired.clear();
        shards.iter().for_each(|state| fired.extend_from_slice(&state.fired));
        if shards.len() > 1 {
            fired.sort_unstable();
        }
        spikes.clear();
        spikes.extend(fired.iter().map(|(step, node)| (f64::from(*step) * dt, *node)));
        sinks.take(&spikes);
        counters.spikes += spikes.len() as u64;
        done = until;
        if let ControlFlow::Break(()) = progress(f64::from(done) / f64::from(n_steps)) {
            break;
        }
    }
    counters.neuron_updates = u64::from(network.n_neurons()) * u64::from(done);
    counters.synaptic_events = shards.iter().map(|state| state.synaptic_events).sum();
    counters.input_events = shards.iter().map(|state| state.input_events).sum();
    let final_v = shards.iter().flat_map(|state| state.final_v()).collect();
    let samples = shards.into_iter().map(|state| state.samples).collect();
    Ok(Done { t_stop: f64::from(done) * dt, sinks, samples, counters, final_v })
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

impl<'a> ShardState<'a> {
    fn new(
        job: &Job<'a>,
        shard: &'a Shard,
        traced: &'a [(u16, u32, usize)],
        window: u32,
    ) -> Result<Self, SimError> {
        let mut n_lanes = 0;
        let mut parts = Vec::with_capacity(shard.parts.len());
        for part in &shard.parts {
            let state = PartState::new(job, part, n_lanes);
            n_lanes += state.n_lanes();
            parts.push(state);
        }
        let n_slots = u64::from(job.plan.max_steps) + u64::from(window) + 1;
        let bytes = n_slots * n_lanes as u64 * 8;
        if n_slots > u64::from(u32::MAX) || bytes > LARGEST_RING {
            let (delay, dt) = (job.plan.max_delay, job.dt);
            return Err(SimError::DelayTooLong { delay, dt, slots: n_slots, lanes: n_lanes as u64, bytes });
        }
        let ring = Ring { slots: vec![0.0; n_slots as usize * n_lanes], n_slots: n_slots as u32, n_lanes };
        let in_steps = |(t, link, row): (f64, u32, u32)| (to_step(t, job.dt), link, row);
        Ok(Self {
            shard,
            parts,
            ring,
            fired: Vec::new(),
            currents: job.current_steps(shard).into_iter().map(in_steps).collect(),
            next_current: 0,
            waveforms: shard.currents.iter().map(|link| job.waveform(link)).collect(),
            traced,
            samples: Vec::new(),
            synaptic_events: 0,
            input_events: 0,
        })
    }

    /// Adds the weights of spikes, in their order, to the slots at which they are due.
    fn deliver(&mut self, spikes: &[(u32, u32)]) -> u64 {
        let Self { shard, parts, ring, .. } = self;
        let mut events = 0;
        for (step, node) in spikes {
            for idx in shard.row(*node) {
                let (segment, targets, weights) = shard.segment(idx);
                let part = &parts[usize::from(segment.part)];
                let slot = ring.slot(step + segment.steps);
                let lanes = &mut ring.slots[slot..slot + ring.n_lanes][part.lanes(segment.port)];
                match weights {
                    SegmentWeights::Shared(weight) => {
                        targets.iter().for_each(|target| lanes[*target as usize] += weight);
                    }
                    SegmentWeights::Each(weights) => {
                        for (target, weight) in targets.iter().zip(weights) {
                            lanes[*target as usize] += weight;
                        }
                    }
                }
                events += targets.len() as u64;
            }
        }
        events
    }

    /// Takes the steps `done + 1 ..= until`.
    fn advance(&mut self, done: u32, until: u32, sample_every: u32) {
        self.fired.clear();
        for step in done + 1..=until {
            // A current that changes at the end of a step acts from the next step on.
            while let Some((_, link, row)) = self.currents.get(self.next_current).filter(|c| c.0 < step) {
                let values = self.waveforms[*link as usize].row(*row as usize);
                let CurrentLink { part, synapses, .. } = &self.shard.currents[*link as usize];
                self.parts[usize::from(*part)].inject(*link, synapses, values);
                self.next_current += 1;
            }
            let slot = self.ring.slot(step);
            let lanes = &mut self.ring.slots[slot..slot + self.ring.n_lanes];
            for part in &mut self.parts {
                part.step(step, lanes, &mut self.fired);
            }
            if step.is_multiple_of(sample_every) {
                for (part, neuron, _) in self.traced {
                    self.samples.push(self.parts[usize::from(*part)].v(*neuron as usize));
                }
            }
        }
    }

    fn final_v(&self) -> Vec<(u32, Vec<f64>)> {
        let of_part = |(part, state): (&Part, &PartState)| {
            (part.first_node, (0..part.size as usize).map(|i| state.v(i)).collect())
        };
        self.shard.parts.iter().zip(&self.parts).map(of_part).collect()
    }
}

impl Ring {
    /// Where the slot of a step starts.
    fn slot(&self, step: u32) -> usize {
        (step % self.n_slots) as usize * self.n_lanes
    }
}
