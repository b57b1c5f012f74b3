//! How long a step takes.
//!
//! A core goes through its neurons in their order. What its soma units take adds up until a neuron sends a message:
//! the time since the message before, and one pass of the axon_out unit, is the message's *generation delay*. What is
//! left after the last message is the core's *closing*, a message without a destination.
//!
//! - [`Timing::Simple`]: the longest sum of generation delays of a core, or of processing delays of a core, whichever
//!   is longer.
//! - [`Timing::Detailed`]: messages are sent in the order of their times and meet each other in the mesh (`detailed`).
//!
//! Both add the time that cores need to agree that the step is over.

mod detailed;
mod queue;

use detailed::Mesh;

use super::activity::{State, StepActivity};
use super::layout::AxonId;
use super::plan::{CostPlan, PlannedAxon};

/// A model of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// The slowest core.
    Simple,
    /// Messages through the mesh, with congestion.
    Detailed,
}

/// When a message was where, seconds from the beginning of its step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MessageTimes {
    /// The core that sent it, in the order of the layout.
    pub core: u32,
    /// The neuron that sent it, by its place in the core; the last one of a core for what closes its list.
    pub neuron: u32,
    /// The way that it took; nothing for what closes a core's list.
    pub axon: Option<AxonId>,
    /// Hops between tiles.
    pub hops: u32,
    /// Synapses that it reached.
    pub synapses: u32,
    /// Sent \[s\].
    pub sent: f64,
    /// Received \[s\].
    pub received: f64,
    /// Done with at its destination \[s\].
    pub processed: f64,
    /// What its core took since the message before \[s\].
    pub generation_delay: f64,
    /// What its destination takes for it \[s\].
    pub processing_delay: f64,
    /// Its time in the mesh \[s\].
    pub network_delay: f64,
    /// How long it waited to enter the mesh \[s\].
    pub blocking_delay: f64,
    /// What its hops would take if nothing were in the way \[s\].
    pub min_hop_delay: f64,
    /// How many messages were on its way when it was sent.
    pub messages_along_route: f64,
}

/// A message of a step before its times are known.
#[derive(Debug, Clone, Copy)]
struct Pending {
    generation: f64,
    /// What the plan says of its axon, beside each other because messages of many cores take turns.
    processing: f64,
    target: u32,
    route: u32,
    /// Its axon, or [`CLOSING`].
    axon: u32,
}

/// The axon of what closes a core's list.
const CLOSING: u32 = u32::MAX;

/// Times steps, one after the other; its memory is kept between them.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    timing: Timing,
    /// The messages of all cores, one core after the other, and where each core's begin.
    pending: Vec<Pending>,
    first: Vec<u32>,
    /// Who sent each message, where that is asked for.
    neurons: Vec<u32>,
    /// Time that each core takes for its neurons, and for what arrives \[s\].
    sending: Vec<f64>,
    receiving: Vec<f64>,
    mesh: Mesh,
}

impl Clock {
    pub fn new(plan: &CostPlan, timing: Timing) -> Self {
        let n = plan.cores.len();
        Self {
            timing,
            pending: Vec::new(),
            first: Vec::with_capacity(n + 1),
            neurons: Vec::new(),
            sending: vec![0.0; n],
            receiving: vec![0.0; n],
            mesh: Mesh::new(plan),
        }
    }

    /// How long a step takes \[s\].
    pub fn step(
        &mut self,
        plan: &CostPlan,
        activity: &StepActivity,
        times: Option<&mut Vec<MessageTimes>>,
    ) -> f64 {
        self.generate(plan, activity, times.is_some());
        let busy = match (self.timing, times) {
            (Timing::Simple, None) => self.simple(),
            (Timing::Simple, Some(times)) => {
                times.extend(self.times(plan));
                for time in times.iter_mut() {
                    time.network_delay = time.min_hop_delay;
                }
                order(times);
                self.simple()
            }
            (Timing::Detailed, None) => self.mesh.step(plan, &self.pending, &self.first, |_, _| {}),
            (Timing::Detailed, Some(times)) => {
                times.extend(self.times(plan));
                let busy = self.mesh.step(plan, &self.pending, &self.first, |message, passage| {
                    let time = &mut times[message];
                    time.sent = passage.sent;
                    time.received = passage.received;
                    time.processed = passage.processed;
                    time.network_delay = passage.network;
                    time.blocking_delay = passage.blocking;
                    time.messages_along_route = passage.along_route;
                });
                order(times);
                busy
            }
        };
        busy + plan.sync
    }

    /// What each core sends, and what its neurons take in between.
    fn generate(&mut self, plan: &CostPlan, activity: &StepActivity, with_neurons: bool) {
        let Self { pending, first, neurons, .. } = self;
        pending.clear();
        first.clear();
        neurons.clear();
        for (core, happened) in plan.cores.iter().zip(activity.cores()) {
            first.push(pending.len() as u32);
            let classes = &core.classes[..];
            let class_of = &core.class_of[..];
            let only = (classes.len() == 1).then(|| classes[0].latency);
            let mut since = 0.0;
            let mut next = 0;
            let pass = |since: &mut f64, from: usize, to: usize| match only {
                Some(_) if *since == 0.0 => *since = core.idle[to - from],
                Some([idle, ..]) => (from..to).for_each(|_| *since += idle),
                None => class_of[from..to].iter().for_each(|c| *since += classes[usize::from(*c)].latency[0]),
            };
            let mut messages = happened.messages().iter();
            for touched in happened.touched() {
                let neuron = touched.neuron as usize;
                pass(&mut since, next, neuron);
                next = neuron + 1;
                let latency = only.unwrap_or_else(|| classes[usize::from(class_of[neuron])].latency);
                since += latency[1 + usize::from(touched.state == State::Fired)];
                for AxonId(axon) in messages.by_ref().take(touched.n_messages as usize) {
                    let PlannedAxon { processing, target, kind: _, route } = plan.axons[*axon as usize];
                    let generation = since + core.axon_out.latency;
                    pending.push(Pending { generation, processing, target, route, axon: *axon });
                    since = 0.0;
                    if with_neurons {
                        neurons.push(touched.neuron);
                    }
                }
            }
            pass(&mut since, next, class_of.len());
            if since != 0.0 {
                let generation = since;
                pending.push(Pending { generation, processing: 0.0, target: 0, route: 0, axon: CLOSING });
                if with_neurons {
                    neurons.push(class_of.len() as u32 - 1);
                }
            }
        }
        first.push(pending.len() as u32);
    }

    fn simple(&mut self) -> f64 {
        self.sending.fill(0.0);
        self.receiving.fill(0.0);
        for (core, ends) in self.first.windows(2).enumerate() {
            for message in &self.pending[ends[0] as usize..ends[1] as usize] {
                self.sending[core] += message.generation;
                if message.axon != CLOSING {
                    self.receiving[message.target as usize] += message.processing;
                }
            }
        }
        self.sending.iter().chain(&self.receiving).fold(0.0, |longest, time| longest.max(*time))
    }

    /// The messages of the step as they are before they are sent.
    fn times<'b>(&'b self, plan: &'b CostPlan) -> impl Iterator<Item = MessageTimes> + 'b {
        let cores = self
            .first
            .windows(2)
            .zip(0..)
            .flat_map(|(ends, core)| (ends[0]..ends[1]).map(move |m| (m, core)));
        cores.map(|(message, core)| {
            let Pending { generation, processing, target: _, route, axon } = self.pending[message as usize];
            let mut time = MessageTimes {
                core,
                neuron: self.neurons[message as usize],
                axon: None,
                hops: 0,
                synapses: 0,
                sent: f64::NEG_INFINITY,
                received: f64::NEG_INFINITY,
                processed: f64::NEG_INFINITY,
                generation_delay: generation,
                processing_delay: 0.0,
                network_delay: 0.0,
                blocking_delay: 0.0,
                min_hop_delay: 0.0,
                messages_along_route: 0.0,
            };
            if axon != CLOSING {
                let kind = plan.kinds[plan.axons[axon as usize].kind as usize];
                let route = plan.routes[route as usize];
                time.axon = Some(AxonId(axon));
                time.hops = route.hops;
                time.synapses = kind.n_synapses;
                time.processing_delay = processing;
                time.min_hop_delay = route.min_delay;
            }
            time
        })
    }
}

/// Messages in the order of their making, then what closes lists.
fn order(times: &mut [MessageTimes]) {
    times.sort_by_key(|time| time.axon.is_none());
}
