//! The neurons of a shard on the grid.

use super::calendar::Calendar;
use super::lanes::{BLOCK, Inlet, Lanes, Rules, deliver, deliver_own};
use super::modal::Modal;
use super::part::PartState;
use crate::SimError;
use crate::group::{Groups, Pace, Values};
use crate::in_flight::Sent;
use crate::job::Job;
use crate::memory::Spread;
use crate::plan::{Kind, NARROW, Part, Shard, Span};
use crate::snapshot::{GridMoment, Misfit};
use crate::sources::Currents;
use crate::stdp::{Clock, Learning};

/// A shard's state.
pub(crate) struct ShardState<'a> {
    shard: &'a Shard,
    kinds: &'a [Kind],
    lanes: Lanes,
    parts: Vec<PartState>,
    /// How every class receives.
    inlets: Vec<Inlet>,
    /// One for every table.
    calendars: [Calendar<Span>; 3],
    /// The synapses whose weights change, and their calendar.
    learning: Option<(Learning<'a>, Calendar<u32>)>,
    /// Spikes of the window: step, node.
    pub fired: Vec<(u32, u32)>,
    currents: Currents<'a>,
    pub groups: Groups<'a>,
    dt: f64,
    /// Part or, counted on, group; neuron or unit; and column of the traces; and the samples.
    traced: Vec<(u16, u32, usize)>,
    pub samples: Vec<f64>,
    pub synaptic_events: u64,
    pub input_events: u64,
}

/// So many spikes ahead their rows are asked for.
const ROWS_AHEAD: usize = 2;

/// What calendars may take before anything is in them.
const LARGEST_CALENDAR: u64 = 4 << 30;

impl<'a> ShardState<'a> {
    /// The shard at the start of a run.
    pub(super) fn new(
        job: &Job<'a>,
        shard: &'a Shard,
        traced: &[(u16, u32, usize)],
        inlets: Vec<Inlet>,
        window: u32,
        n_steps: f64,
    ) -> Result<Self, SimError> {
        let reach = u64::from(window) + u64::from(job.plan.max_steps);
        let bytes = Calendar::<Span>::bytes(reach);
        if bytes > LARGEST_CALENDAR {
            let (delay, dt) = (job.plan.max_delay, job.dt);
            return Err(SimError::DelayTooLong { delay, slots: reach, dt, bytes });
        }
        let n_lanes = shard.n_lanes as usize;
        let end = |first: u32| if shard.is_narrow() { first as usize + NARROW } else { n_lanes };
        let n_values = shard.classes.iter().map(|lanes| end(lanes.start)).fold(n_lanes, usize::max);
        let has_sums = inlets.iter().any(|inlet| matches!(inlet, Inlet::Sum | Inlet::ModalSum(_)));
        let port = || Spread::new(if has_sums { n_values } else { 0 });
        let mut lanes = Lanes {
            u: Spread::new(n_values),
            ports: [port(), port()],
            touched: vec![false; n_lanes.div_ceil(BLOCK)],
        };
        let part_state = |part: &Part| {
            let modal = modal_of(&inlets[usize::from(part.class)]);
            PartState::new(job, part, modal, &mut lanes)
        };
        let parts = shard.parts.iter().map(part_state).collect();
        Ok(Self {
            shard,
            kinds: &job.plan.kinds,
            lanes,
            parts,
            inlets,
            calendars: [(); 3].map(|()| Calendar::new(reach as u32)),
            learning: Learning::new(job.plan, shard, Clock::grid(job.dt))
                .map(|learning| (learning, Calendar::new(reach as u32))),
            fired: Vec::new(),
            currents: Currents::new(
                job.network,
                &job.bound,
                &shard.currents,
                |part| shard.size(part),
                job.seed,
            ),
            groups: Groups::new(job, shard, Pace::Grid { dt: job.dt }, n_steps),
            dt: job.dt,
            traced: traced.to_vec(),
            samples: Vec::new(),
            synaptic_events: 0,
            input_events: 0,
        })
    }

    /// Begins a window with what groups have sent in the window before.
    pub fn begin(&mut self, values: &[Values]) {
        self.currents.push(values);
        self.groups.begin(values);
    }

    /// Puts spikes, in their order, on their way; says how many synapses they go through.
    ///
    /// What was due at the end of step `done` or before is left out.
    pub fn send(&mut self, Sent { spikes, shares }: &Sent<u32>, done: u32) -> u64 {
        let mut events = 0;
        let n_shares = shares.len() / spikes.len().max(1);
        if let Some((_, calendar)) = &mut self.learning {
            for spike in spikes {
                let table = &self.shard.plastic;
                events += calendar.send(table, self.kinds, *spike, &[], done, |segment, _| segment);
            }
        }
        for (calendar, table) in self.calendars.iter_mut().zip(&self.shard.tables) {
            for (k, spike) in spikes.iter().enumerate() {
                if let Some((_, later)) = spikes.get(k + 2 * ROWS_AHEAD) {
                    table.prefetch_row_start(*later);
                }
                if let Some((_, later)) = spikes.get(k + ROWS_AHEAD) {
                    table.prefetch_row(*later);
                }
                let shares = &shares[k * n_shares..(k + 1) * n_shares];
                events += calendar.send(table, self.kinds, *spike, shares, done, |_, span| span);
            }
        }
        let to_groups = spikes.iter().map(|(step, node)| (f64::from(*step), *node));
        events + self.groups.receive(to_groups, |t| t <= f64::from(done))
    }

    /// Takes the steps `done + 1 ..= until`.
    pub fn advance(&mut self, done: u32, until: u32, sample_every: u32) {
        self.fired.clear();
        for step in done + 1..=until {
            self.inject(step);
            self.begin_step(step);
            for (calendar, table) in self.calendars.iter_mut().zip(&self.shard.tables) {
                let due = calendar.take(step);
                let rules = Rules { shard: self.shard, kinds: self.kinds, inlets: &self.inlets };
                deliver(&mut self.lanes, rules, table, &due.whole);
                deliver(&mut self.lanes, rules, table, &due.shares);
                calendar.put_back(step, due);
            }
            self.deliver_plastic(step);
            let n_before = self.fired.len();
            let Self { parts, lanes, inlets, fired, shard, learning, .. } = self;
            for (part, state) in shard.parts.iter().zip(parts.iter_mut()) {
                let modal = modal_of(&inlets[usize::from(part.class)]);
                state.settle(lanes, modal, step, fired);
            }
            lanes.touched.fill(false);
            if let Some((learning, _)) = learning {
                learning.note(fired[n_before..].iter().map(|(step, node)| (f64::from(*step), *node)));
            }
            self.groups.tick(f64::from(step));
            if step.is_multiple_of(sample_every) {
                for (part, neuron, _) in &self.traced {
                    let v = self.v(usize::from(*part), step, *neuron as usize);
                    self.samples.push(v);
                }
            }
        }
        if let Some((learning, _)) = &mut self.learning {
            learning.tidy(f64::from(until));
        }
        self.groups.end(|t| t <= f64::from(until));
    }

    /// Delivers what is due through synapses whose weights change.
    fn deliver_plastic(&mut self, step: u32) {
        let Some((learning, calendar)) = &mut self.learning else { return };
        let rules = Rules { shard: self.shard, kinds: self.kinds, inlets: &self.inlets };
        let due = calendar.take(step);
        for segment in &due.whole {
            learning.pass(*segment as usize, f64::from(step));
            let table = &self.shard.plastic;
            deliver_own(&mut self.lanes, rules, table, table.span(*segment as usize), learning.weights());
        }
        calendar.put_back(step, due);
    }

    /// The synapses whose weights change, as they are after step `done`: spikes that are on their way have
    /// passed them too, the last window's being `fired`. The shard cannot go on after it.
    pub fn learned(&mut self, done: u32, fired: &[(u32, u32)]) -> Option<&mut Learning<'a>> {
        let (learning, calendar) = self.learning.as_mut()?;
        for spike in fired {
            calendar.send(&self.shard.plastic, self.kinds, *spike, &[], 0, |segment, _| segment);
        }
        for step in done + 1..=done.saturating_add(calendar.reach()) {
            for segment in calendar.take(step).whole {
                learning.pass(segment as usize, f64::from(step));
            }
        }
        Some(learning)
    }

    /// A current that changes at the end of a step acts from the next step on.
    fn inject(&mut self, step: u32) {
        while (self.currents.next_time() / self.dt).round() < f64::from(step) {
            let Some((part, changed)) = self.currents.take() else { return };
            self.parts[usize::from(part)].inject(changed);
        }
    }

    fn begin_step(&mut self, step: u32) {
        let Self { parts, lanes, inlets, shard, .. } = self;
        for (class, inlet) in inlets.iter_mut().enumerate() {
            let (Inlet::ModalJump(modal) | Inlet::ModalSum(modal)) = inlet else { continue };
            if let Some(remains) = modal.advance(step) {
                let of_class = shard.parts.iter().zip(parts.iter());
                for (_, state) in of_class.filter(|(part, _)| usize::from(part.class) == class) {
                    state.start_epoch(lanes, &remains);
                }
            }
        }
        parts.iter_mut().for_each(|part| part.propagate(lanes, step));
    }

    /// The potential of a neuron, or the state of a unit.
    fn v(&self, part: usize, now: u32, neuron: usize) -> f64 {
        if let Some(group) = part.checked_sub(self.parts.len()) {
            return self.groups.state(group, neuron);
        }
        let modal = modal_of(&self.inlets[usize::from(self.shard.parts[part].class)]);
        self.parts[part].v(&self.lanes, modal, now, neuron)
    }

    /// The spikes that the backgrounds of its neurons have sent.
    pub fn background_spikes(&self) -> u64 {
        self.parts.iter().map(PartState::background_spikes).sum()
    }

    /// First node and potentials of every part, at the end of step `now`, and of every group its states.
    pub fn final_v(&self, now: u32) -> Vec<(u32, Vec<f64>)> {
        let of_part = |(k, part): (usize, &Part)| {
            (part.first_node, (0..part.size as usize).map(|i| self.v(k, now, i)).collect())
        };
        self.shard.parts.iter().enumerate().map(of_part).chain(self.groups.states()).collect()
    }
}

impl<'a> ShardState<'a> {
    /// The synapses whose weights change.
    pub fn learning(&mut self) -> Option<&mut Learning<'a>> {
        self.learning.as_mut().map(|(learning, _)| learning)
    }

    /// Adds the values of its neurons to those of the network.
    pub fn save(&mut self, moment: &mut GridMoment) {
        let Self { parts, lanes, shard, .. } = self;
        for (part, state) in shard.parts.iter().zip(parts) {
            let of_population = &mut moment.populations[part.population.idx()];
            let columns = state.columns(lanes);
            // Shards come in the order of their neurons.
            of_population.resize(columns.len(), Vec::new());
            of_population.iter_mut().zip(columns).for_each(|(all, own)| all.extend_from_slice(own));
            moment.held.extend(state.held());
        }
    }

    /// Goes on with the values of its neurons. Nothing is on its way yet.
    pub fn go_on(&mut self, moment: &GridMoment) -> Result<(), Misfit> {
        let done = moment.done;
        for inlet in &mut self.inlets {
            if let Inlet::ModalJump(modal) | Inlet::ModalSum(modal) = inlet {
                modal.advance(done);
            }
        }
        self.groups.go_on(&moment.groups, &moment.exchange.values, f64::from(done))?;
        let Self { parts, lanes, shard, currents, dt, .. } = self;
        currents.push(&moment.exchange.values);
        let acts = |t: f64| (t / *dt).round() < f64::from(done);
        currents.go_on(acts, |part, changed| parts[usize::from(part)].inject(changed));
        // A block in which nothing has jumped since the last step need not be looked at.
        lanes.touched.fill(false);
        for (part, state) in shard.parts.iter().zip(parts) {
            let of_population = &moment.populations[part.population.idx()];
            let columns = state.columns(lanes);
            Misfit::unless(columns.len() == of_population.len(), "neurons")?;
            for (own, all) in columns.into_iter().zip(of_population) {
                let first = part.first as usize;
                let values = all.get(first..first + own.len()).ok_or(Misfit("neurons"))?;
                own.copy_from_slice(values);
            }
            state.hold(moment.held.iter().copied(), done);
        }
        Ok(())
    }
}

fn modal_of(inlet: &Inlet) -> Option<&Modal> {
    match inlet {
        Inlet::Jump | Inlet::Sum => None,
        Inlet::ModalJump(modal) | Inlet::ModalSum(modal) => Some(modal),
    }
}
