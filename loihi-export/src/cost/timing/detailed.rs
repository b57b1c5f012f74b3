//! Messages through the mesh: when each is sent, received and done with.
//!
//! Every core sends its messages one after the other; the core whose next message is due first comes next. A message
//! that is sent looks at the links along its way (its core's own, then one in every tile, by the way it comes):
//!
//! ```text
//! along    = Σ of the densities of the links along the way
//! capacity = (hops + 1) · link_buffer_size
//! blocking = (along − capacity) · mean_processing            if along > capacity, else 0
//! network  = max(hops at full speed, along · mean_processing / (hops + 1))
//! received = max(its core is free again, sent + blocking + network)
//! ```
//!
//! Its destination is then busy for its processing delay, and until it is received it is *in flight*: it adds
//! 1 / (hops + 2) to the density of each of its links and counts in the running mean of the processing delays. All
//! messages that are received by the time of a sending leave first, core by core in order of arrival.
//!
//! A step costs O((messages + exits · cores) · hops) at most; the scan for exits is skipped while none is due.

use super::queue::{Due, Queue};
use super::{CLOSING, Pending};
use crate::cost::plan::{CostPlan, Route};

/// What became of a message.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Passage {
    pub sent: f64,
    pub received: f64,
    pub processed: f64,
    pub network: f64,
    pub blocking: f64,
    pub along_route: f64,
}

/// A message on its way.
#[derive(Debug, Clone, Copy)]
struct InFlight {
    received: f64,
    processing: f64,
    route: u32,
}

/// The state of the mesh, empty at the beginning of every step.
#[derive(Debug, Clone)]
pub(super) struct Mesh {
    queue: Queue,
    /// For each core, the next of its messages.
    next: Vec<u32>,
    density: Vec<f64>,
    /// For each core, when it is free again, what is on its way to it, and when the first of that is received.
    free: Vec<f64>,
    flights: Vec<Vec<InFlight>>,
    landed: Vec<usize>,
    exits: Vec<f64>,
    soonest: f64,
    mean_processing: f64,
    n_in_flight: u64,
}

impl Mesh {
    pub fn new(plan: &CostPlan) -> Self {
        let n = plan.cores.len();
        Self {
            queue: Queue::default(),
            next: vec![0; n],
            density: vec![0.0; plan.n_links],
            free: vec![0.0; n],
            flights: vec![Vec::new(); n],
            landed: vec![0; n],
            exits: vec![f64::INFINITY; n],
            soonest: f64::INFINITY,
            mean_processing: 0.0,
            n_in_flight: 0,
        }
    }

    fn clear(&mut self) {
        self.queue.clear();
        self.density.fill(0.0);
        self.free.fill(0.0);
        self.flights.iter_mut().for_each(Vec::clear);
        self.landed.fill(0);
        self.exits.fill(f64::INFINITY);
        self.soonest = f64::INFINITY;
        self.mean_processing = 0.0;
        self.n_in_flight = 0;
    }

    /// Sends all messages of a step; returns when the last thing happened, and tells what became of each message.
    pub fn step(
        &mut self,
        plan: &CostPlan,
        pending: &[Pending],
        first: &[u32],
        mut tell: impl FnMut(usize, Passage),
    ) -> f64 {
        self.clear();
        for (core, ends) in first.windows(2).enumerate() {
            self.next[core] = ends[0];
            if ends[0] < ends[1] {
                let time = pending[ends[0] as usize].generation;
                self.queue.push(Due { time, core: core as u32 });
            }
        }
        let mut last: f64 = 0.0;
        while let Some(Due { time, core }) = self.queue.pop() {
            let core = core as usize;
            last = last.max(time);
            if time >= self.soonest {
                self.land(plan, time);
            }
            let message = self.next[core] as usize;
            let Pending { generation: _, axon } = pending[message];
            let passage = match axon {
                CLOSING => Passage {
                    sent: time,
                    received: f64::NEG_INFINITY,
                    processed: f64::NEG_INFINITY,
                    ..Passage::default()
                },
                axon => self.send(plan, axon, time),
            };
            last = last.max(passage.processed);
            tell(message, passage);
            self.next[core] += 1;
            if self.next[core] < first[core + 1] {
                let time = passage.sent + pending[message + 1].generation;
                last = last.max(time);
                self.queue.push(Due { time, core: core as u32 });
            }
        }
        last
    }

    /// A message enters the mesh.
    fn send(&mut self, plan: &CostPlan, axon: u32, time: f64) -> Passage {
        let axon = plan.axons[axon as usize];
        let route = plan.routes[axon.route as usize];
        let processing = plan.kinds[axon.kind as usize].processing;
        let target = axon.target as usize;
        let places = f64::from(route.hops) + 1.0;
        let links = &plan.links[route.first_link as usize..][..route.n_links as usize];
        let along_route = links.iter().fold(0.0, |sum, link| sum + self.density[*link as usize]);
        let capacity = f64::from(route.hops + 1) * plan.link_buffer;
        let mut blocking = 0.0;
        let mut sent = time;
        if along_route > capacity {
            blocking = (along_route - capacity) * self.mean_processing;
            sent += blocking;
        }
        let congestion = along_route * self.mean_processing / places;
        let network = route.min_delay.max(congestion);
        let earliest = sent + network;
        let received = self.free[target].max(earliest);
        let processed = (self.free[target] + processing).max(earliest + processing);
        self.free[target] = processed;
        let share = 1.0 / (2.0 + f64::from(route.hops));
        for link in links {
            self.density[*link as usize] += share;
        }
        self.mean_processing += (processing - self.mean_processing) / (self.n_in_flight as f64 + 1.0);
        self.n_in_flight += 1;
        self.flights[target].push(InFlight { received, processing, route: axon.route });
        if self.exits[target] == f64::INFINITY {
            self.exits[target] = received;
            self.soonest = self.soonest.min(received);
        }
        Passage { sent, received, processed, network, blocking, along_route }
    }

    /// Everything that is received by now leaves the mesh.
    fn land(&mut self, plan: &CostPlan, now: f64) {
        let mut soonest = f64::INFINITY;
        for core in 0..self.exits.len() {
            while self.exits[core] <= now {
                let InFlight { received: _, processing, route } = self.flights[core][self.landed[core]];
                self.landed[core] += 1;
                self.leave(plan, &plan.routes[route as usize], processing);
                let next = self.flights[core].get(self.landed[core]);
                self.exits[core] = next.map_or(f64::INFINITY, |flight| flight.received);
            }
            soonest = soonest.min(self.exits[core]);
        }
        self.soonest = soonest;
    }

    fn leave(&mut self, plan: &CostPlan, route: &Route, processing: f64) {
        let share = -(1.0 / (2.0 + f64::from(route.hops)));
        for link in &plan.links[route.first_link as usize..][..route.n_links as usize] {
            self.density[*link as usize] += share;
        }
        if self.n_in_flight > 1 {
            self.mean_processing += (self.mean_processing - processing) / (self.n_in_flight as f64 - 1.0);
        } else {
            self.mean_processing = 0.0;
        }
        self.n_in_flight -= 1;
    }
}
