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
//! at the very end of the refractory period is lost, as it is on the grid. Groups with liquid time constants
//! take their steps when these are due ([`group`](crate::group)), before whatever else is due then.

mod any_cells;
mod cells;
mod queue;
mod saved;

use rheobase_net::{Counters, ProjectionWeights};

use crate::crew::{Crew, Worker};
use crate::exchange::Exchange;
use crate::group::{GroupFault, Groups, History, Pace, Values};
use crate::in_flight::Sent;
use crate::job::Job;
use crate::plan::{Kind, Part, Plan, Segment, Shard};
use crate::record::SpikeSinks;
use crate::simulation::Windows;
use crate::sources::{Currents, Sources};
use crate::stdp::{self, Clock, Learning};
use any_cells::{AnyCells, any_cells, with_cells};
use cells::Outlet;
use queue::{Arrival, Calendar, Crossings, PLASTIC};

/// The longest window \[ms\], so that a network without recurrence can be stopped too.
const LONGEST_WINDOW: f64 = 10.0;

/// A shard's state.
pub(crate) struct ShardState<'a> {
    shard: &'a Shard,
    kinds: &'a [Kind],
    classes: Vec<AnyCells>,
    calendar: Calendar,
    crossings: Crossings,
    /// Spikes of the window: time, node.
    fired: Vec<(f64, u32)>,
    /// The synapses whose weights change, and how many spikes of the window they know.
    learning: Option<(Learning<'a>, usize)>,
    currents: Currents<'a>,
    groups: Groups<'a>,
    samples: Samples,
    t_stop: f64,
    /// Crossings that were put into the heap.
    foreseen: u64,
    synaptic_events: u64,
    input_events: u64,
}

/// The samples of the traces, which are of neurons and of units.
struct Samples {
    interval: f64,
    /// Number of the next sample, from 1.
    next: u64,
    traced: Vec<(u16, u32, usize)>,
    values: Vec<f64>,
}

/// A run in real-valued time.
pub(crate) struct Event<'a> {
    shards: Vec<ShardState<'a>>,
    exchange: Exchange<'a, f64>,
    window: f64,
    /// Everything until then is done \[ms\].
    t_done: f64,
    is_finished: bool,
}

impl<'a> Event<'a> {
    /// The run at its start.
    pub fn new(job: &Job<'a>) -> Self {
        let Job { network, plan, seed, .. } = *job;
        let window = plan.min_delay.min(LONGEST_WINDOW);
        let shards = plan.shards.iter().zip(&job.traces.of_shard);
        Self {
            shards: shards.map(|(shard, traced)| ShardState::new(job, shard, traced, window)).collect(),
            exchange: Exchange::new(
                network,
                Sources::new(network, &job.bound.trains, &[], seed),
                History::new(network, plan, job.dt),
                job.warm_up,
            ),
            window,
            t_done: 0.0,
            is_finished: false,
        }
    }

    /// Takes the sample at the very end of the run.
    pub fn finish(&mut self) {
        self.shards.iter_mut().for_each(|state| state.sample_until(self.t_done, true));
    }

    /// The work that was done after the warm-up.
    pub fn counters(&self) -> Counters {
        self.all_counters().since(&self.exchange.before.unwrap_or_default())
    }

    fn all_counters(&self) -> Counters {
        let mut counters = self.exchange.counters;
        for state in &self.shards {
            counters.synaptic_events += state.synaptic_events;
            counters.input_events += state.input_events;
            counters.queue_operations += state.foreseen;
            counters.group_updates += state.groups.updates;
            counters.values_sent += state.groups.values_sent;
            let updates = |cells: &AnyCells| with_cells!(cells, cells => cells.updates);
            counters.neuron_updates += state.classes.iter().map(updates).sum::<u64>();
        }
        counters
    }

    /// The weights of plastic projections at the end. The run cannot go on after it.
    pub fn weights(&mut self, plan: &Plan) -> Vec<ProjectionWeights> {
        let Self { shards, exchange, t_done, .. } = self;
        let learned = shards.iter_mut().filter_map(|state| state.learned(&exchange.fired.spikes));
        stdp::final_weights(plan, learned, *t_done)
    }

    /// First node and potentials of every part.
    pub fn final_v(&self) -> Vec<(u32, Vec<f64>)> {
        self.shards.iter().flat_map(|state| state.final_v(self.t_done)).collect()
    }
}

/// What shards are told before a window: the spikes of the window before and the inputs of this one, and when
/// it ends.
pub(crate) struct Brief {
    fired: Sent<f64>,
    inputs: Sent<f64>,
    /// What groups have sent in the window before.
    values: Vec<Values>,
    t_end: f64,
    /// Whether what is due at the very end belongs to it.
    is_last: bool,
}

impl Worker for ShardState<'_> {
    type Brief = Brief;

    fn work(&mut self, brief: &Brief) {
        let Brief { fired, inputs, values, t_end, is_last } = brief;
        self.begin(values);
        self.synaptic_events += self.send(fired, 0.0);
        self.input_events += self.send(inputs, 0.0);
        self.advance(*t_end, *is_last);
    }
}

impl<'a> Windows for Event<'a> {
    type Worker = ShardState<'a>;

    fn t_done(&self, _: &Job<'_>) -> f64 {
        self.t_done
    }

    fn is_finished(&self) -> bool {
        self.is_finished
    }

    fn window(&mut self, job: &Job<'_>, sinks: &mut SpikeSinks, crew: &Crew<ShardState<'a>>) {
        let Self { shards, exchange, window, t_done, is_finished } = self;
        let (plan, duration) = (job.plan, job.duration);
        let sent = exchange.fired.spikes.first().map(|(t, _)| *t);
        let sent = sent.into_iter().chain(exchange.values.first().map(|values| values.t));
        let arriving = sent.fold(f64::INFINITY, f64::min) + plan.min_delay;
        let due = shards.iter_mut().map(ShardState::next_time).fold(arriving, f64::min);
        let t = due.min(exchange.sources.next_time()).max(*t_done);
        let is_last = t + *window > duration;
        let t_end = if is_last { duration } else { t + *window };
        let mut inputs = std::mem::take(&mut exchange.inputs.spikes);
        exchange.sources.take_before(t_end, is_last, &mut inputs);
        sinks.take_sources(inputs.iter().copied());
        exchange.share_inputs(&inputs);
        exchange.counters.input_spikes += inputs.len() as u64;
        exchange.inputs.spikes = inputs;
        exchange.remember_sent();

        let brief = Brief {
            fired: std::mem::take(&mut exchange.fired),
            inputs: std::mem::take(&mut exchange.inputs),
            values: std::mem::take(&mut exchange.values),
            t_end,
            is_last,
        };
        let told = crew.work(shards, brief);
        (exchange.fired, exchange.inputs) = (told.fired, told.inputs);
        exchange.take_values(shards.iter_mut().map(|state| &mut state.groups.sent));

        let mut fired = std::mem::take(&mut exchange.fired.spikes);
        fired.clear();
        for state in &*shards {
            fired.extend_from_slice(&state.fired);
            fired.extend_from_slice(&state.groups.fired);
        }
        fired.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        exchange.counters.spikes += sinks.take(&fired);
        exchange.share_fired(&fired);
        let sent = fired.iter().chain(&exchange.inputs.spikes);
        let arrivals = sent.map(|(_, node)| u64::from(plan.arrivals[*node as usize]));
        exchange.counters.queue_operations += arrivals.sum::<u64>();
        exchange.fired.spikes = fired;
        exchange.forget(|t| t + plan.max_delay < t_end, t_end);
        (*t_done, *is_finished) = (t_end, is_last);
        if self.t_done >= job.warm_up && self.exchange.before.is_none() {
            self.exchange.before = Some(Counters { spikes: 0, ..self.all_counters() });
        }
    }

    fn fault(&self) -> Option<GroupFault> {
        GroupFault::first(self.shards.iter().filter_map(|state| state.groups.fault))
    }

    fn samples(&mut self) -> impl Iterator<Item = &mut Vec<f64>> {
        self.shards.iter_mut().map(|state| &mut state.samples.values)
    }
}

impl<'a> ShardState<'a> {
    fn new(job: &Job<'a>, shard: &'a Shard, traced: &[(u16, u32, usize)], window: f64) -> Self {
        let (mut crossings, mut foreseen) = (Crossings::new(), 0);
        let mut fired = Vec::new();
        let mut classes = Vec::with_capacity(job.plan.classes.len());
        for (class, reception) in (0..).zip(&job.plan.classes) {
            let parts: Vec<Part> = shard.parts.iter().filter(|part| part.class == class).copied().collect();
            let mut any = any_cells(job, &parts, class, reception);
            let outlet = &mut Outlet {
                crossings: &mut crossings,
                fired: &mut fired,
                t_stop: job.duration,
                foreseen: 0,
            };
            with_cells!(&mut any, cells => cells.start(outlet));
            foreseen += outlet.foreseen;
            classes.push(any);
        }
        Self {
            shard,
            kinds: &job.plan.kinds,
            classes,
            calendar: Calendar::new(window, job.plan.max_delay + window),
            crossings,
            fired,
            learning: Learning::new(job.plan, shard, Clock::real()).map(|learning| (learning, 0)),
            currents: Currents::new(
                job.network,
                &job.bound,
                &shard.currents,
                |part| shard.size(part),
                job.seed,
            ),
            groups: Groups::new(job, shard, Pace::Real, job.duration),
            samples: Samples {
                interval: job.traces.interval,
                next: 1,
                traced: traced.to_vec(),
                values: Vec::new(),
            },
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
        let injection = self.currents.next_time();
        arrival.min(crossing).min(injection).min(self.groups.next_tick())
    }

    /// Begins a window with what groups have sent in the window before.
    fn begin(&mut self, values: &[Values]) {
        self.currents.push(values);
        self.groups.begin(values);
    }

    /// Puts spikes, in their order, into the calendar, but for what was due before `t_done`; says how many
    /// synapses they go through.
    fn send(&mut self, Sent { spikes, shares }: &Sent<f64>, t_done: f64) -> u64 {
        let mut events = 0;
        let n_shares = shares.len() / spikes.len().max(1);
        for (k, (t, node)) in spikes.iter().enumerate() {
            events += self.send_plastic(*t, *node, t_done);
            let shares = &shares[k * n_shares..(k + 1) * n_shares];
            for (table_idx, table) in (0..).zip(&self.shard.tables) {
                let row = table.row(*node);
                if row.is_empty() {
                    continue;
                }
                for (span, segment) in table.spans(row.clone()).zip(row.start as u32..) {
                    let Kind { delay, depression, .. } = self.kinds[span.kind as usize];
                    let t = t + delay;
                    if t >= t_done && t <= self.t_stop {
                        let share = depression.map_or(1.0, |projection| shares[usize::from(projection)]);
                        self.calendar.put(Arrival { t, segment, table: table_idx, share });
                    }
                }
                events += table.n_synapses_of(row) as u64;
            }
        }
        events + self.groups.receive(spikes.iter().copied(), |t| t < t_done)
    }

    /// Puts a spike into the calendar that goes through synapses whose weights change, but for what was due
    /// before `t_done`. It is put there even if it arrives after the end: it changes weights when it is fired.
    fn send_plastic(&mut self, t: f64, node: u32, t_done: f64) -> u64 {
        let table = &self.shard.plastic;
        let row = table.row(node);
        if row.is_empty() {
            return 0;
        }
        for (span, segment) in table.spans(row.clone()).zip(row.start as u32..) {
            let t = t + self.kinds[span.kind as usize].delay;
            if t >= t_done {
                self.calendar.put(Arrival { t, segment, table: PLASTIC, share: 1.0 });
            }
        }
        table.n_synapses_of(row) as u64
    }

    /// Tells the synapses whose weights change of the spikes that they do not know of.
    fn note(&mut self) {
        if let Some((learning, known)) = &mut self.learning {
            learning.note(self.fired[*known..].iter().copied());
            *known = self.fired.len();
        }
    }

    /// The synapses whose weights change, as they are at the end of the run: spikes that are on their way have
    /// passed them too, the last window's being `fired`. The shard cannot go on after it.
    fn learned(&mut self, fired: &[(f64, u32)]) -> Option<&mut Learning<'a>> {
        for (t, node) in fired {
            self.send_plastic(*t, *node, 0.0);
        }
        let (learning, _) = self.learning.as_mut()?;
        while let Some(arrival) = self.calendar.peek() {
            self.calendar.advance();
            if arrival.table == PLASTIC {
                learning.pass(arrival.segment as usize, arrival.t);
            }
        }
        Some(learning)
    }

    /// Does everything that is due before `t_end`, or at it if that is the end of the run.
    fn advance(&mut self, t_end: f64, is_last: bool) {
        self.fired.clear();
        if let Some((_, known)) = &mut self.learning {
            *known = 0;
        }
        self.take_due(t_end, is_last);
        self.sample_until(t_end, false);
        self.note();
        if let Some((learning, _)) = &mut self.learning {
            learning.tidy(t_end);
        }
        self.groups.end(|t| t < t_end || (is_last && t == t_end));
    }

    fn take_due(&mut self, t_end: f64, is_last: bool) {
        let is_due = |t: f64| t < t_end || (is_last && t == t_end);
        loop {
            let arrival = self.calendar.peek().map_or(f64::INFINITY, |arrival| arrival.t);
            let crossing = self.crossings.peek().map_or(f64::INFINITY, |crossing| crossing.t);
            let injection = self.currents.next_time();
            let tick = self.groups.next_tick();
            let t = arrival.min(crossing).min(injection).min(tick);
            if !is_due(t) {
                return;
            }
            if tick <= t {
                // A sample at the time of a tick is taken after it, whatever the rounding of the two products.
                self.sample_until(tick * (1.0 - 1e-12), false);
                self.groups.tick(tick);
                continue;
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
        let Self { classes, crossings, fired, t_stop, foreseen, .. } = self;
        let Some(crossing) = crossings.pop() else { return };
        let outlet = &mut Outlet { crossings, fired, t_stop: *t_stop, foreseen: 0 };
        with_cells!(&mut classes[usize::from(crossing.class)], cells => cells.cross(crossing, outlet));
        *foreseen += outlet.foreseen;
    }

    /// Delivers everything that arrives at `t`.
    fn arrive(&mut self, t: f64) {
        self.note();
        let Self { shard, kinds, classes, calendar, crossings, fired, learning, t_stop, foreseen, .. } = self;
        let outlet = &mut Outlet { crossings, fired, t_stop: *t_stop, foreseen: 0 };
        let mut together: Vec<Arrival> = Vec::new();
        while let Some(arrival) = calendar.peek().filter(|arrival| arrival.t == t) {
            calendar.advance();
            let is_alone = together.is_empty() && calendar.peek().is_none_or(|next| next.t != t);
            if let (PLASTIC, Some((learning, _))) = (arrival.table, learning.as_mut()) {
                learning.pass(arrival.segment as usize, t);
            }
            let (Kind { class, port, .. }, segment) = synapses(shard, kinds, learning, &arrival);
            with_cells!(&mut classes[usize::from(*class)], cells => {
                cells.deliver(t, *port, &segment, arrival.share, is_alone, outlet);
            });
            if !is_alone {
                together.push(arrival);
            }
        }
        for arrival in together {
            let (Kind { class, .. }, segment) = synapses(shard, kinds, learning, &arrival);
            with_cells!(&mut classes[usize::from(*class)], cells => cells.settle(t, &segment, outlet));
        }
        *foreseen += outlet.foreseen;
    }

    fn inject(&mut self, t: f64) {
        let Self { shard, classes, crossings, fired, currents, t_stop, foreseen, .. } = self;
        let outlet = &mut Outlet { crossings, fired, t_stop: *t_stop, foreseen: 0 };
        let Some((part, changed)) = currents.take() else { return };
        let part = &shard.parts[usize::from(part)];
        let first = shard.place_in_class(part, 0);
        with_cells!(&mut classes[usize::from(part.class)], cells => {
            for (target, current) in changed {
                cells.inject(t, first + *target as usize, *current, outlet);
            }
        });
        *foreseen += outlet.foreseen;
    }

    /// Takes the samples before `t`, and at `t` if `inclusive`.
    #[inline]
    fn sample_until(&mut self, t: f64, inclusive: bool) {
        let Self { shard, classes, samples, groups, .. } = self;
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
            for (part, neuron, _) in &samples.traced {
                if let Some(group) = usize::from(*part).checked_sub(shard.parts.len()) {
                    samples.values.push(groups.state(group, *neuron as usize));
                    continue;
                }
                let part = &shard.parts[usize::from(*part)];
                let i = shard.place_in_class(part, *neuron);
                let v = with_cells!(&classes[usize::from(part.class)], cells => cells.v(i, at));
                samples.values.push(v);
            }
            samples.next += 1;
        }
    }

    fn final_v(&self, t: f64) -> Vec<(u32, Vec<f64>)> {
        let of_part = |part: &Part| {
            let v = |i: u32| {
                let i = self.shard.place_in_class(part, i);
                with_cells!(&self.classes[usize::from(part.class)], cells => cells.v(i, t))
            };
            (part.first_node, (0..part.size).map(v).collect())
        };
        self.shard.parts.iter().map(of_part).chain(self.groups.states()).collect()
    }
}

/// The synapses through which a spike arrives.
fn synapses<'s>(
    shard: &'s Shard,
    kinds: &'s [Kind],
    learning: &'s Option<(Learning<'_>, usize)>,
    arrival: &Arrival,
) -> (&'s Kind, Segment<'s>) {
    match (arrival.table, learning) {
        (PLASTIC, Some((learning, _))) => learning.segment(arrival.segment as usize),
        (table, _) => shard.tables[usize::from(table)].synapses(kinds, arrival.segment as usize),
    }
}
