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
//! A step costs O(messages · (hops + log cores + cores / 8)); nobody asks for exits while none is due.

use super::queue::{Due, Queue};
use super::{CLOSING, Pending};
use crate::cost::plan::{CostPlan, Route};

/// How many cores are asked at once whether anything for them is received by now.
const BLOCK: usize = 8;

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
    /// The least exit of every [`BLOCK`] cores, and of all.
    exits_of_blocks: Vec<f64>,
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
            density: vec![0.0; plan.n_links + 1],
            free: vec![0.0; n],
            flights: vec![Vec::new(); n],
            landed: vec![0; n],
            exits: vec![f64::INFINITY; n.next_multiple_of(BLOCK)],
            exits_of_blocks: vec![f64::INFINITY; n.div_ceil(BLOCK)],
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
        self.exits_of_blocks.fill(f64::INFINITY);
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
            last = later(last, time);
            if time >= self.soonest {
                self.land(plan, time);
            }
            let message = self.next[core] as usize;
            let passage = match pending[message].axon {
                CLOSING => Passage {
                    sent: time,
                    received: f64::NEG_INFINITY,
                    processed: f64::NEG_INFINITY,
                    ..Passage::default()
                },
                _ => self.send(plan, &pending[message], time),
            };
            last = later(last, passage.processed);
            tell(message, passage);
            self.next[core] += 1;
            if self.next[core] < first[core + 1] {
                let time = passage.sent + pending[message + 1].generation;
                last = later(last, time);
                self.queue.push(Due { time, core: core as u32 });
            }
        }
        last
    }

    /// A message enters the mesh.
    fn send(&mut self, plan: &CostPlan, message: &Pending, time: f64) -> Passage {
        let Pending { generation: _, processing, target, route: number, axon: _ } = *message;
        let route = &plan.routes[number as usize];
        let target = target as usize;
        let along_route = self.along(plan, route);
        let mut blocking = 0.0;
        let mut sent = time;
        if along_route > route.capacity {
            blocking = (along_route - route.capacity) * self.mean_processing;
            sent += blocking;
        }
        let congestion = along_route * self.mean_processing / route.places;
        let network = later(route.min_delay, congestion);
        let earliest = sent + network;
        let received = later(self.free[target], earliest);
        let processed = later(self.free[target] + processing, earliest + processing);
        self.free[target] = processed;
        self.fill(plan, route, route.share);
        self.mean_processing += (processing - self.mean_processing) / (self.n_in_flight as f64 + 1.0);
        self.n_in_flight += 1;
        self.flights[target].push(InFlight { received, processing, route: number });
        if self.exits[target] == f64::INFINITY {
            self.exits[target] = received;
            let block = &mut self.exits_of_blocks[target / BLOCK];
            *block = earlier(*block, received);
            self.soonest = earlier(self.soonest, received);
        }
        Passage { sent, received, processed, network, blocking, along_route }
    }

    /// Everything that is received by now leaves the mesh, core by core.
    fn land(&mut self, plan: &CostPlan, now: f64) {
        let mut soonest = f64::INFINITY;
        for block in 0..self.exits_of_blocks.len() {
            if self.exits_of_blocks[block] <= now {
                let first_core = block * BLOCK;
                let mut due = due(&self.exits[first_core..][..BLOCK], now);
                while due != 0 {
                    self.land_at(plan, first_core + due.trailing_zeros() as usize, now);
                    due &= due - 1;
                }
                self.exits_of_blocks[block] = first(&self.exits[first_core..][..BLOCK]);
            }
            soonest = earlier(soonest, self.exits_of_blocks[block]);
        }
        self.soonest = soonest;
    }

    fn land_at(&mut self, plan: &CostPlan, core: usize, now: f64) {
        while let Some(InFlight { received, processing, route }) =
            self.flights[core].get(self.landed[core]).copied()
        {
            if received > now {
                self.exits[core] = received;
                return;
            }
            self.landed[core] += 1;
            self.leave(plan, &plan.routes[route as usize], processing);
        }
        self.exits[core] = f64::INFINITY;
    }

    /// The densities along a way, link by link.
    ///
    /// Ways are filled up to a multiple of four links with one that nothing is ever on, because a loop that ends where
    /// nobody can foresee costs more than an addition.
    #[inline]
    fn along(&self, plan: &CostPlan, route: &Route) -> f64 {
        let mut sum = 0.0;
        for four in plan.links_of(route) {
            for link in four {
                sum += self.density[*link as usize];
            }
        }
        sum
    }

    /// Adds to the density of every link of a way.
    #[inline]
    fn fill(&mut self, plan: &CostPlan, route: &Route, share: f64) {
        for four in plan.links_of(route) {
            for link in four {
                self.density[*link as usize] += share;
            }
        }
        if let Some(nowhere) = self.density.last_mut() {
            *nowhere = 0.0;
        }
    }

    fn leave(&mut self, plan: &CostPlan, route: &Route, processing: f64) {
        self.fill(plan, route, -route.share);
        if self.n_in_flight > 1 {
            self.mean_processing += (self.mean_processing - processing) / (self.n_in_flight as f64 - 1.0);
        } else {
            self.mean_processing = 0.0;
        }
        self.n_in_flight -= 1;
    }
}

/// The later of two times, the first if they are equal (a zero may be below zero by its sign). There are none that are
/// not numbers, so this is one instruction, which `f64::max` is not.
#[inline]
fn later(a: f64, b: f64) -> f64 {
    if a < b { b } else { a }
}

/// The earlier of two times.
#[inline]
fn earlier(a: f64, b: f64) -> f64 {
    if b < a { b } else { a }
}

/// Which of the times of a block are not after now, a bit each.
#[inline]
fn due(times: &[f64], now: f64) -> u32 {
    times.iter().zip(0..).fold(0, |due, (time, bit)| due | u32::from(*time <= now) << bit)
}

/// The earliest of the times of a block.
#[inline]
fn first(times: &[f64]) -> f64 {
    let (a, b) = times.split_at(BLOCK / 2);
    let halves = a.iter().zip(b).map(|(a, b)| earlier(*a, *b));
    halves.fold(f64::INFINITY, earlier)
}
