//! The event scheduler: real-valued times, a neuron touched only when there is a reason.
//!
//! ```text
//! window [t, t + min_delay), t = the time of the next thing that is due anywhere:
//!   each shard, in parallel   put the spikes of the window before, and the inputs of this one, into the
//!                             calendar; then take what is due, in order of time: arrivals and crossings
//!   one thread                join the spikes of the shards in order of (time, node), record them
//! ```
//! A spike that is fired in a window arrives after its end, so shards need nothing from each other
//! inside one. Silence costs nothing: the next window starts where something is due.
//!
//! What arrives at a neuron at the same time is added up before the threshold is looked at, as in NEST's
//! precise models. A crossing that is due at the time of an arrival comes first. A delta synapse's jump
//! at the very end of the refractory period is lost, as it is on the grid.

mod cells;
mod queue;

use std::ops::ControlFlow;

use rayon::prelude::*;
use rheobase_lif::FromMembrane;
use rheobase_lif::alpha::AlphaFlow;
use rheobase_lif::delta::DeltaFlow;
use rheobase_lif::exp::ExpFlow;
use rheobase_net::{Counters, SynapseKind, Waveform};

use crate::job::{Done, Job, PerNeuron, Progress};
use crate::plan::{Part, Shard};
use cells::{Cell, Cells, Outlet};
use queue::{Arrival, Calendar, Crossings};

/// The longest window \[ms\], so that a network without recurrence can be stopped too.
const LONGEST_WINDOW: f64 = 10.0;

/// The neurons of a part, by model.
enum AnyCells {
    Delta(Cells<DeltaFlow>),
    Exp(Cells<ExpFlow>),
    Alpha(Cells<AlphaFlow>),
}

/// Runs `$body` with the cells of whichever model.
macro_rules! with_cells {
    ($any:expr, $cells:ident => $body:expr) => {
        match $any {
            AnyCells::Delta($cells) => $body,
            AnyCells::Exp($cells) => $body,
            AnyCells::Alpha($cells) => $body,
        }
    };
}

/// A shard's state.
struct ShardState<'a> {
    shard: &'a Shard,
    parts: Vec<AnyCells>,
    calendar: Calendar,
    crossings: Crossings,
    /// Spikes of the window: time, node.
    fired: Vec<(f64, u32)>,
    injections: Injections<'a>,
    samples: Samples<'a>,
    t_stop: f64,
    /// Crossings that were put into the heap.
    foreseen: u64,
    synaptic_events: u64,
    input_events: u64,
}

/// The steps of the injected currents.
struct Injections<'a> {
    /// Time, link, row of the waveform; by time.
    steps: Vec<(f64, u32, u32)>,
    next: usize,
    waveforms: Vec<&'a Waveform>,
    /// What each link injects into each neuron of its part \[pA\].
    of_link: Vec<Vec<f64>>,
}

/// The samples of the traces.
struct Samples<'a> {
    interval: f64,
    /// Number of the next sample, from 1.
    next: u64,
    traced: &'a [(u16, u32, usize)],
    values: Vec<f64>,
}

pub(crate) fn run(job: Job<'_>, progress: Progress<'_>) -> Done {
    let Job { plan, duration, .. } = job;
    let window = plan.min_delay.min(LONGEST_WINDOW);
    let shards = plan.shards.iter().zip(&job.traces.of_shard);
    let mut shards: Vec<ShardState<'_>> =
        shards.map(|(shard, traced)| ShardState::new(&job, shard, traced, window)).collect();

    let Job { mut sources, mut sinks, .. } = job;
    let mut counters = Counters::default();
    let mut inputs: Vec<(f64, u32)> = Vec::new();
    let mut fired: Vec<(f64, u32)> = Vec::new();
    let mut t_done = 0.0;
    loop {
        let arriving = fired.first().map_or(f64::INFINITY, |(t, _)| t + plan.min_delay);
        let due = shards.iter_mut().map(ShardState::next_time).fold(arriving, f64::min);
        let t = due.min(sources.next_time()).max(t_done);
        let is_last = t + window > duration;
        let t_end = if is_last { duration } else { t + window };
        sources.take_before(t_end, is_last, &mut inputs);
        sinks.take_sources(&inputs);
        counters.input_spikes += inputs.len() as u64;

        let advance = |state: &mut ShardState<'_>| {
            state.synaptic_events += state.send(&fired);
            state.input_events += state.send(&inputs);
            state.advance(t_end, is_last);
        };
        match shards.as_mut_slice() {
            [state] => advance(state),
            states => states.par_iter_mut().for_each(advance),
        }

        fired.clear();
        shards.iter().for_each(|state| fired.extend_from_slice(&state.fired));
        fired.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        sinks.take(&fired);
        counters.spikes += fired.len() as u64;
        let sent = fired.iter().chain(&inputs).map(|(_, node)| u64::from(plan.arrivals[*node as usize]));
        counters.queue_operations += sent.sum::<u64>();
        t_done = t_end;
        if progress(t_done / duration) == ControlFlow::Break(()) || is_last {
            break;
        }
    }
    for state in &mut shards {
        state.sample_until(t_done, true);
        counters.synaptic_events += state.synaptic_events;
        counters.input_events += state.input_events;
        counters.queue_operations += state.foreseen;
        counters.neuron_updates +=
            state.parts.iter().map(|cells| with_cells!(cells, cells => cells.updates)).sum::<u64>();
    }
    let final_v = shards.iter().flat_map(|state| state.final_v(t_done)).collect();
    let samples = shards.into_iter().map(|state| state.samples.values).collect();
    Done { t_stop: t_done, sinks, samples, counters, final_v }
}

impl<'a> ShardState<'a> {
    fn new(job: &Job<'a>, shard: &'a Shard, traced: &'a [(u16, u32, usize)], window: f64) -> Self {
        let (mut crossings, mut foreseen) = (Crossings::new(), 0);
        let mut fired = Vec::new();
        let mut parts = Vec::with_capacity(shard.parts.len());
        for (idx, part) in shard.parts.iter().enumerate() {
            let mut any = match part.synapse {
                SynapseKind::Delta => AnyCells::Delta(new_cells(job, part, idx)),
                SynapseKind::Exp => AnyCells::Exp(new_cells(job, part, idx)),
                SynapseKind::Alpha => AnyCells::Alpha(new_cells(job, part, idx)),
            };
            let outlet = &mut Outlet {
                crossings: &mut crossings,
                fired: &mut fired,
                t_stop: job.duration,
                foreseen: 0,
            };
            with_cells!(&mut any, cells => cells.start(outlet));
            foreseen += outlet.foreseen;
            parts.push(any);
        }
        let steps = job.current_steps(shard);
        let waveforms = shard.currents.iter().map(|link| job.waveform(link)).collect();
        let size = |part: u16| shard.parts[usize::from(part)].size as usize;
        let of_link = shard.currents.iter().map(|link| vec![0.0; size(link.part)]).collect();
        Self {
            shard,
            parts,
            calendar: Calendar::new(window, job.plan.max_delay + window),
            crossings,
            fired,
            injections: Injections { steps, next: 0, waveforms, of_link },
            samples: Samples { interval: job.traces.interval, next: 1, traced, values: Vec::new() },
            t_stop: job.duration,
            foreseen,
            synaptic_events: 0,
            input_events: 0,
        }
    }

    /// When the next thing is due that the shard knows of.
    fn next_time(&mut self) -> f64 {
        let arrival = self.calendar.peek().map_or(f64::INFINITY, |arrival| arrival.t);
        let crossing = self.crossings.peek().map_or(f64::INFINITY, |crossing| crossing.t);
        let injection = self.injections.next_time();
        arrival.min(crossing).min(injection)
    }

    /// Puts spikes, in their order, into the calendar.
    fn send(&mut self, spikes: &[(f64, u32)]) -> u64 {
        let mut events = 0;
        for (t, node) in spikes {
            for idx in self.shard.row(*node) {
                let (segment, targets, _) = self.shard.segment(idx);
                let arrival = Arrival { t: t + segment.delay, segment: idx as u32 };
                events += targets.len() as u64;
                if arrival.t <= self.t_stop {
                    self.calendar.put(arrival);
                }
            }
        }
        events
    }

    /// Does everything that is due before `t_end`, or at it if that is the end of the run.
    fn advance(&mut self, t_end: f64, is_last: bool) {
        self.fired.clear();
        let is_due = |t: f64| t < t_end || (is_last && t == t_end);
        loop {
            let arrival = self.calendar.peek().map_or(f64::INFINITY, |arrival| arrival.t);
            let crossing = self.crossings.peek().map_or(f64::INFINITY, |crossing| crossing.t);
            let injection = self.injections.next_time();
            let t = arrival.min(crossing).min(injection);
            if !is_due(t) {
                return;
            }
            self.sample_until(t, false);
            if crossing <= t {
                self.cross();
            } else if injection <= t {
                self.inject(t);
            } else {
                self.arrive(t);
            }
        }
    }

    fn cross(&mut self) {
        let Self { parts, crossings, fired, t_stop, foreseen, .. } = self;
        let Some(crossing) = crossings.pop() else { return };
        let outlet = &mut Outlet { crossings, fired, t_stop: *t_stop, foreseen: 0 };
        with_cells!(&mut parts[usize::from(crossing.part)], cells => cells.cross(crossing, outlet));
        *foreseen += outlet.foreseen;
    }

    /// Delivers everything that arrives at `t`.
    fn arrive(&mut self, t: f64) {
        let Self { shard, parts, calendar, crossings, fired, t_stop, foreseen, .. } = self;
        let outlet = &mut Outlet { crossings, fired, t_stop: *t_stop, foreseen: 0 };
        let mut together: Vec<u32> = Vec::new();
        while let Some(arrival) = calendar.peek().filter(|arrival| arrival.t == t) {
            calendar.advance();
            let is_alone = together.is_empty() && calendar.peek().is_none_or(|next| next.t != t);
            let (segment, targets, weights) = shard.segment(arrival.segment as usize);
            with_cells!(&mut parts[usize::from(segment.part)], cells => {
                cells.deliver(t, segment.port, targets, weights, is_alone, outlet);
            });
            if !is_alone {
                together.push(arrival.segment);
            }
        }
        for idx in together {
            let (segment, targets, _) = shard.segment(idx as usize);
            with_cells!(&mut parts[usize::from(segment.part)], cells => cells.settle(t, targets, outlet));
        }
        *foreseen += outlet.foreseen;
    }

    fn inject(&mut self, t: f64) {
        let Self { shard, parts, crossings, fired, injections, t_stop, foreseen, .. } = self;
        let outlet = &mut Outlet { crossings, fired, t_stop: *t_stop, foreseen: 0 };
        let (_, link_idx, row) = injections.steps[injections.next];
        injections.next += 1;
        let link = &shard.currents[link_idx as usize];
        let values = injections.waveforms[link_idx as usize].row(row as usize);
        let currents = &mut injections.of_link[link_idx as usize];
        currents.fill(0.0);
        for (channel, target, weight) in &link.synapses {
            currents[*target as usize] += weight * values[*channel as usize];
        }
        let mut targets: Vec<u32> = link.synapses.iter().map(|(_, target, _)| *target).collect();
        targets.sort_unstable();
        targets.dedup();
        let same_part = || (0..shard.currents.len()).filter(|other| shard.currents[*other].part == link.part);
        for target in targets {
            let total = same_part().map(|other| injections.of_link[other][target as usize]).sum();
            with_cells!(&mut parts[usize::from(link.part)], cells => {
                cells.inject(t, target as usize, total, outlet);
            });
        }
        *foreseen += outlet.foreseen;
    }

    /// Takes the samples before `t`, and at `t` if `inclusive`.
    #[inline]
    fn sample_until(&mut self, t: f64, inclusive: bool) {
        let Self { parts, samples, .. } = self;
        if samples.traced.is_empty() {
            return;
        }
        loop {
            let at = samples.next as f64 * samples.interval;
            // The last sample is at the end of the run, whatever the rounding of the product.
            let is_end = inclusive && at <= t * (1.0 + 1e-12);
            if at >= t && !is_end {
                return;
            }
            for (part, neuron, _) in samples.traced {
                let v = with_cells!(&parts[usize::from(*part)], cells => cells.v(*neuron as usize, at));
                samples.values.push(v);
            }
            samples.next += 1;
        }
    }

    fn final_v(&self, t: f64) -> Vec<(u32, Vec<f64>)> {
        let of_part = |(part, cells): (&Part, &AnyCells)| {
            let v = |i: usize| with_cells!(cells, cells => cells.v(i, t));
            (part.first_node, (0..part.size as usize).map(v).collect())
        };
        self.shard.parts.iter().zip(&self.parts).map(of_part).collect()
    }
}

impl Injections<'_> {
    fn next_time(&self) -> f64 {
        self.steps.get(self.next).map_or(f64::INFINITY, |step| step.0)
    }
}

/// The neurons of a part at time 0.
fn new_cells<F: FromMembrane + PartialEq>(job: &Job<'_>, part: &Part, idx: usize) -> Cells<F> {
    let flow = PerNeuron::of_part(job, part, |lif, i| F::from_membrane(&lif.membrane(i), &lif.synaptic_current(i)));
    let cells = job.v_init(part).into_iter().enumerate().map(|(i, v)| Cell {
        state: flow.get(i).state(v),
        t: 0.0,
        held_until: f64::NEG_INFINITY,
        due: f64::INFINITY,
    });
    Cells {
        part: idx as u16,
        first_node: part.first_node,
        cells: cells.collect(),
        t_ref: PerNeuron::of_part(job, part, |lif, i| lif.t_ref.get(i)),
        flow,
        updates: 0,
    }
}
