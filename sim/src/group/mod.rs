//! Groups with liquid time constants, side by side with the neurons of a shard.
//!
//! ```text
//! window   spikes and values of the window before ──► arrivals on their way, rows of values on their way
//!          at every tick:  arrivals until then ──► traces ─┐
//!                          values before it ───────────────┴► inputs ─► cell, one step ─► outlet
//! between  what the outlets of all shards gave is joined; everybody hears it in the next window
//! ```
//! A tick is due every `interval` of the group. What an outlet gives is heard after the delay of a synapse, and
//! no window is longer than the shortest of these, so groups, as neurons, need nothing from other shards in a
//! window. Between two ticks nothing of a group moves but its traces, whose decay is exact: a trace is the value
//! and the time of its last arrival, and reading it changes neither. So it has the same bits wherever a run is
//! cut, and a group has the same bits in whatever shard it is.
//!
//! The key decision: both schedulers run this code, and differ only in how they count time, which is a
//! [`Pace`]. On the grid arrivals and ticks are whole steps; in real-valued time they are where they are.

mod alone;
mod fault;
mod outlet;
mod saved;
mod stepper;
mod traces;
mod values;

use rheobase_net::LtcPopulation;

use crate::job::Job;
use crate::plan::{GroupPlan, InputSynapse, Shard};
use crate::sources::Currents;
pub(crate) use fault::GroupFault;
use outlet::Outlet;
pub(crate) use saved::GroupMoment;
use stepper::Stepper;
use traces::Traces;
pub(crate) use values::{History, Values, check};

/// How a scheduler counts time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pace {
    /// In steps of so many ms.
    Grid {
        /// The step \[ms\].
        dt: f64,
    },
    /// In ms.
    Real,
}

impl Pace {
    /// One unit in ms.
    fn unit(self) -> f64 {
        match self {
            Self::Grid { dt } => dt,
            Self::Real => 1.0,
        }
    }

    fn delay(self, synapse: &InputSynapse) -> f64 {
        match self {
            Self::Grid { .. } => f64::from(synapse.steps),
            Self::Real => synapse.delay,
        }
    }

    fn interval(self, plan: &GroupPlan, ltc: &LtcPopulation) -> f64 {
        match self {
            Self::Grid { .. } => f64::from(plan.steps),
            Self::Real => ltc.interval,
        }
    }

    /// Whether what changes at `t` \[ms\] acts before a tick. In real-valued time a hair of slack makes up for
    /// the rounding of sums of intervals and delays.
    fn is_before(self, t: f64, tick: f64) -> bool {
        match self {
            Self::Grid { dt } => (t / dt).round() < tick,
            Self::Real => t < tick * (1.0 - 1e-12),
        }
    }
}

/// The groups of a shard.
pub(crate) struct Groups<'a> {
    pace: Pace,
    groups: Vec<Group<'a>>,
    /// Spikes of the window: time in the scheduler's units, node.
    pub fired: Vec<(f64, u32)>,
    /// Values of the window.
    pub sent: Vec<Values>,
    pub updates: u64,
    pub values_sent: u64,
    /// The first group that could not go on.
    pub fault: Option<GroupFault>,
}

/// A group.
struct Group<'a> {
    plan: &'a GroupPlan,
    /// Time between two ticks, and the end of the run.
    interval: f64,
    end: f64,
    n_ticks: u64,
    /// Ticks that are done.
    done: u64,
    /// What passes for the cell from tick to tick.
    elapsed: f64,
    stepper: Stepper,
    traces: Traces,
    /// The values of its sources, and what each input gets from all of them.
    currents: Currents<'a>,
    values: Vec<f64>,
    inputs: Vec<f64>,
    outlet: Outlet,
}

impl<'a> Groups<'a> {
    /// The groups of a shard at the start of a run that ends at `end`, in units of the scheduler.
    pub fn new(job: &Job<'a>, shard: &'a Shard, pace: Pace, end: f64) -> Self {
        let group = |plan: &'a GroupPlan| {
            let ltc = job.network.population(plan.population).model.as_ltc();
            Group::new(job, plan, ltc.expect("only groups have the plan of one"), pace, end)
        };
        Self {
            pace,
            groups: shard.groups.iter().map(group).collect(),
            fired: Vec::new(),
            sent: Vec::new(),
            updates: 0,
            values_sent: 0,
            fault: None,
        }
    }

    /// Begins a window with the values of the window before.
    pub fn begin(&mut self, values: &[Values]) {
        self.fired.clear();
        self.sent.clear();
        self.groups.iter_mut().for_each(|group| group.currents.push(values));
    }

    /// Puts spikes on their way, but for what has arrived already; says how many synapses they go through.
    pub fn receive(
        &mut self,
        spikes: impl Iterator<Item = (f64, u32)>,
        has_arrived: impl Fn(f64) -> bool,
    ) -> u64 {
        if self.groups.is_empty() {
            return 0;
        }
        let mut events = 0;
        for (t, node) in spikes {
            for group in &mut self.groups {
                for synapse in group.plan.spikes.iter().flat_map(|link| link.of(node)) {
                    let arrival = t + self.pace.delay(synapse);
                    if !has_arrived(arrival) {
                        group.traces.put(arrival, synapse.input, synapse.weight);
                    }
                    events += 1;
                }
            }
        }
        events
    }

    /// When the next tick is due; infinite if there is none.
    #[inline]
    pub fn next_tick(&self) -> f64 {
        self.groups.iter().map(Group::next_tick).fold(f64::INFINITY, f64::min)
    }

    /// Takes the ticks that are due at `t`, or were before. A group that cannot go on has no ticks any more.
    pub fn tick(&mut self, t: f64) {
        let Self { pace, groups, fired, sent, updates, values_sent, fault } = self;
        for group in groups {
            while group.next_tick() <= t {
                *updates += 1;
                match group.tick(*pace, fired, sent) {
                    Ok(n_sent) => *values_sent += n_sent,
                    Err(of_group) => {
                        group.done = group.n_ticks;
                        *fault = GroupFault::first(fault.take().into_iter().chain([of_group]));
                    }
                }
            }
        }
    }

    /// Ends a window: what has arrived is no longer on its way.
    pub fn end(&mut self, has_arrived: impl Fn(f64) -> bool) {
        self.groups.iter_mut().for_each(|group| group.traces.absorb(&has_arrived));
    }

    /// The state of a unit.
    pub fn state(&self, group: usize, unit: usize) -> f64 {
        self.groups[group].stepper.state()[unit]
    }

    /// First node and states of every group.
    pub fn states(&self) -> impl Iterator<Item = (u32, Vec<f64>)> + '_ {
        self.groups.iter().map(|group| (group.plan.first_node, group.stepper.state().to_vec()))
    }
}

impl<'a> Group<'a> {
    fn new(job: &Job<'a>, plan: &'a GroupPlan, ltc: &LtcPopulation, pace: Pace, end: f64) -> Self {
        let interval = pace.interval(plan, ltc);
        let n_inputs = ltc.cell.n_inputs();
        Self {
            plan,
            interval,
            end,
            n_ticks: (end / interval * (1.0 + 1e-12)) as u64,
            done: 0,
            elapsed: ltc.interval * ltc.time_scale,
            stepper: Stepper::new(ltc),
            traces: Traces::new(ltc, pace.unit()),
            currents: Currents::new(job.network, &job.bound, &plan.values, |_| n_inputs, job.seed),
            values: vec![0.0; n_inputs],
            inputs: vec![0.0; n_inputs],
            outlet: Outlet::new(ltc),
        }
    }

    #[inline]
    fn next_tick(&self) -> f64 {
        if self.done < self.n_ticks { self.tick_at(self.done + 1) } else { f64::INFINITY }
    }

    /// When tick number `n` is.
    fn tick_at(&self, n: u64) -> f64 {
        // The product may round to beyond the end.
        (n as f64 * self.interval).min(self.end)
    }

    /// Takes the next tick; says how many values it sends, or what is no number any more.
    fn tick(
        &mut self,
        pace: Pace,
        fired: &mut Vec<(f64, u32)>,
        sent: &mut Vec<Values>,
    ) -> Result<u64, GroupFault> {
        let t = self.next_tick();
        let Self { stepper, traces, currents, values, inputs, outlet, .. } = self;
        traces.absorb(|arrival| arrival <= t);
        while pace.is_before(currents.next_time(), t) {
            let Some((_, changed)) = currents.take() else { break };
            changed.iter().for_each(|(input, value)| values[*input as usize] = *value);
        }
        for (input, (x, value)) in inputs.iter_mut().zip(values).enumerate() {
            *x = *value + traces.at(input, t);
        }
        let stepped = stepper.step(inputs, self.elapsed);
        let outputs = stepper.outputs();
        let faulty = GroupFault::find(inputs, stepped, stepper.state(), outputs);
        if let Some((place, input)) = faulty {
            let (population, t) = (self.plan.population, t * pace.unit());
            return Err(GroupFault { population, t, steps: self.done, place, input });
        }
        self.done += 1;
        let n_sent = outlet.take(outputs);
        if n_sent > 0 {
            let (population, values) = (self.plan.population.0, outlet.values(outputs));
            sent.push(Values { population, t: t * pace.unit(), values });
        }
        for (output, n) in outlet.spikes() {
            fired.extend(std::iter::repeat_n((t, self.plan.first_node + output), n as usize));
        }
        Ok(n_sent)
    }
}
