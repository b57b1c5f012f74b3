//! From what happened in a step to what it cost.

use super::activity::{State, StepActivity};
use super::layout::AxonId;
use super::plan::CostPlan;
use super::timing::{Clock, MessageTimes, Timing};

/// Energy by component \[J\].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Energy {
    /// Weights fetched.
    pub synapse: f64,
    /// Inputs added up.
    pub dendrite: f64,
    /// Neurons accessed, updated and fired.
    pub soma: f64,
    /// Messages sent, carried and taken in.
    pub network: f64,
}

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Neurons looked at.
    pub accessed: u64,
    /// Neurons whose state changed; those that fired are among them.
    pub updated: u64,
    /// Neurons that fired.
    pub fired: u64,
    /// Messages, one for each core that a spike goes to.
    pub packets: u64,
    /// Links between tiles that messages passed.
    pub hops: u64,
    /// Weights fetched: synapses that messages reached.
    pub synaptic_events: u64,
}

/// What a step cost.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct StepCost {
    /// Its energy \[J\].
    pub energy: Energy,
    /// How long it took \[s\].
    pub time: f64,
    /// What was counted.
    pub counts: Counts,
}

/// What was counted on one core in the step before.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CoreCounts {
    /// Neurons looked at.
    pub accessed: u64,
    /// Neurons whose state changed; those that fired are among them.
    pub updated: u64,
    /// Neurons that fired.
    pub fired: u64,
    /// Messages that left.
    pub sent: u64,
    /// Messages that arrived.
    pub received: u64,
    /// Weights fetched.
    pub synaptic_events: u64,
    /// Energy of the core's units \[J\], without hops.
    pub energy: f64,
}

/// How many messages passed a link of the mesh since the meter was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinkCount {
    /// The tile at whose router the link ends.
    pub tile: u32,
    /// The way that messages on it go, or the core of the tile that they come from.
    pub from: LinkEnd,
    /// How many messages.
    pub messages: u64,
}

/// Where a link comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkEnd {
    /// Another tile, against this direction: messages go north, east, south or west (0 to 3).
    Tile(u8),
    /// A core of the same tile.
    Core(u32),
}

/// Prices steps, one after the other.
#[derive(Debug, Clone)]
pub struct Meter<'a> {
    plan: &'a CostPlan,
    clock: Clock,
    /// Counts by soma class, all cores one after the other: updated, fired.
    somas: Vec<[u64; 2]>,
    /// Counts of synaptic events by unit, see `PlannedCore::first_event`.
    events: Vec<u64>,
    /// Messages in and out of each core.
    received: Vec<u64>,
    sent: Vec<u64>,
    /// Hops that end at each core's tile, by direction.
    hops: Vec<[u64; 4]>,
    cores: Vec<CoreCounts>,
    links: Option<Vec<u64>>,
}

impl<'a> Meter<'a> {
    /// A meter that has seen nothing.
    pub fn new(plan: &'a CostPlan, timing: Timing) -> Self {
        let n = plan.cores.len();
        let n_classes = plan.cores.iter().map(|core| core.classes.len()).sum();
        let n_events = plan
            .cores
            .last()
            .map_or(0, |core| core.first_event + core.synapse_energy.len() + core.dendrite_energy.len());
        Self {
            plan,
            clock: Clock::new(plan, timing),
            somas: vec![[0; 2]; n_classes],
            events: vec![0; n_events],
            received: vec![0; n],
            sent: vec![0; n],
            hops: vec![[0; 4]; n],
            cores: vec![CoreCounts::default(); n],
            links: None,
        }
    }

    /// Counts messages on links as well, from the next step on.
    pub fn count_links(&mut self) {
        self.links = Some(vec![0; self.plan.n_links]);
    }

    /// Prices a step.
    pub fn step(&mut self, activity: &StepActivity) -> StepCost {
        let time = self.clock.step(self.plan, activity, None);
        self.price(activity, time)
    }

    /// Prices a step and tells when its messages were sent, received and processed: in the order of their making,
    /// then what closes the lists of cores ([`MessageTimes::axon`] is nothing).
    pub fn step_with_messages(&mut self, activity: &StepActivity, times: &mut Vec<MessageTimes>) -> StepCost {
        times.clear();
        let time = self.clock.step(self.plan, activity, Some(times));
        self.price(activity, time)
    }

    /// What was counted on each core in the step before, in the order of the layout.
    pub fn cores(&self) -> &[CoreCounts] {
        &self.cores
    }

    /// The links that messages passed, if they are counted.
    pub fn links(&self) -> Vec<LinkCount> {
        let per_tile = self.plan.links_per_tile;
        let counts = self.links.iter().flatten().enumerate().filter(|(_, messages)| **messages > 0);
        counts
            .map(|(link, messages)| {
                let end = (link % per_tile) as u32;
                let from = if end < 4 { LinkEnd::Tile(end as u8) } else { LinkEnd::Core(end - 4) };
                LinkCount { tile: (link / per_tile) as u32, from, messages: *messages }
            })
            .collect()
    }

    fn price(&mut self, activity: &StepActivity, time: f64) -> StepCost {
        self.count(activity);
        let plan = self.plan;
        let mut cost = StepCost { time, ..StepCost::default() };
        let Energy { synapse, dendrite, soma, network } = &mut cost.energy;
        let mut first_class = 0;
        for (c, core) in plan.cores.iter().enumerate() {
            let [north, east, south, west] = self.hops[c];
            let [to_north, to_east, to_south, to_west] = core.hop_energy;
            *network += east as f64 * to_east
                + west as f64 * to_west
                + south as f64 * to_south
                + north as f64 * to_north;
            let axons =
                self.received[c] as f64 * core.axon_in.energy + self.sent[c] as f64 * core.axon_out.energy;
            *network += axons;
            let mut counts = CoreCounts {
                sent: self.sent[c],
                received: self.received[c],
                energy: axons,
                ..CoreCounts::default()
            };
            let events = &self.events[core.first_event..];
            let (synapses, dendrites) = events.split_at(core.synapse_energy.len());
            for (n, energy) in synapses.iter().zip(&core.synapse_energy) {
                *synapse += *n as f64 * energy;
                counts.energy += *n as f64 * energy;
                counts.synaptic_events += n;
            }
            for (n, energy) in dendrites.iter().zip(&core.dendrite_energy) {
                *dendrite += *n as f64 * energy;
                counts.energy += *n as f64 * energy;
            }
            for (class, [updated, fired]) in core.classes.iter().zip(&self.somas[first_class..]) {
                let energy = class.n_neurons as f64 * class.access
                    + (updated + fired) as f64 * class.update
                    + *fired as f64 * class.spike;
                *soma += energy;
                counts.energy += energy;
                counts.accessed += class.n_neurons;
                counts.updated += updated + fired;
                counts.fired += fired;
            }
            first_class += core.classes.len();
            cost.counts.accessed += counts.accessed;
            cost.counts.updated += counts.updated;
            cost.counts.fired += counts.fired;
            cost.counts.packets += counts.sent;
            cost.counts.synaptic_events += counts.synaptic_events;
            cost.counts.hops += self.hops[c].iter().sum::<u64>();
            self.cores[c] = counts;
        }
        cost
    }

    fn count(&mut self, activity: &StepActivity) {
        self.somas.fill([0; 2]);
        self.events.fill(0);
        self.received.fill(0);
        self.hops.fill([0; 4]);
        let plan = self.plan;
        let mut first_class = 0;
        for (c, (core, happened)) in plan.cores.iter().zip(activity.cores()).enumerate() {
            let somas = &mut self.somas[first_class..first_class + core.classes.len()];
            first_class += core.classes.len();
            for touched in happened.touched() {
                let class = usize::from(core.class_of[touched.neuron as usize]);
                somas[class][usize::from(touched.state == State::Fired)] += 1;
            }
            self.sent[c] = happened.messages().len() as u64;
            for AxonId(axon) in happened.messages() {
                let axon = plan.axons[*axon as usize];
                let (target, kind) = (axon.target as usize, plan.kinds[axon.kind as usize]);
                self.received[target] += 1;
                let route = &plan.routes[axon.route as usize];
                self.hops[target][route.x_way as usize] += u64::from(route.x_hops);
                self.hops[target][route.y_way as usize] += u64::from(route.y_hops);
                let core = &plan.cores[target];
                let first_dendrite = core.first_event + core.synapse_energy.len();
                for run in &plan.runs[kind.first_run as usize..][..kind.n_runs as usize] {
                    self.events[core.first_event + usize::from(run.synapse)] += u64::from(run.n);
                    self.events[first_dendrite + usize::from(run.dendrite)] += u64::from(run.n);
                }
                if let Some(links) = &mut self.links {
                    for link in &plan.links[route.first_link as usize..][..route.n_links as usize] {
                        links[*link as usize] += 1;
                    }
                }
            }
        }
    }
}

impl Energy {
    /// The sum of the components \[J\].
    pub fn total(&self) -> f64 {
        let Self { synapse, dendrite, soma, network } = self;
        synapse + dendrite + soma + network
    }
}

impl std::ops::AddAssign for Energy {
    fn add_assign(&mut self, other: Self) {
        let Self { synapse, dendrite, soma, network } = other;
        self.synapse += synapse;
        self.dendrite += dendrite;
        self.soma += soma;
        self.network += network;
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        let Self { accessed, updated, fired, packets, hops, synaptic_events } = other;
        self.accessed += accessed;
        self.updated += updated;
        self.fired += fired;
        self.packets += packets;
        self.hops += hops;
        self.synaptic_events += synaptic_events;
    }
}

impl std::ops::AddAssign for StepCost {
    fn add_assign(&mut self, other: Self) {
        let Self { energy, time, counts } = other;
        self.energy += energy;
        self.time += time;
        self.counts += counts;
    }
}
