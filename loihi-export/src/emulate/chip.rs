//! The chip, step by step.

use rayon::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::compile::{Home, Packet, Plan, Routes, compile};
use super::neurons::Variable;
use super::shard::Shard;
use super::{EmulateError, Profile, Work};
use crate::ltc;
use crate::netlist::ValidNetlist;

/// What a node sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    /// The node, counted over the populations of the netlist.
    pub node: u32,
    /// What it says: 1 for a mere spike.
    pub value: i32,
}

/// A chip with a netlist on it, between two steps.
///
/// ```text
/// step:   sources' packets ─► deliver ─► for every stage: update ─► exchange ─► deliver
/// ```
/// A stage is all there is, unless wires bring messages within a step. Update and delivery run on all threads; what
/// they exchange is what cores have sent to the shards of others.
pub struct Chip {
    t: u32,
    n_stages: u32,
    shards: Vec<Shard>,
    pool: Option<ThreadPool>,
    sources: Vec<Option<Routes>>,
    /// The first node of every population, and the number of nodes.
    first_nodes: Vec<u32>,
    homes: Vec<Option<Home>>,
    /// Room for the packets of sources, by shard.
    from_sources: Vec<Vec<Packet>>,
    sent: Vec<Message>,
    total: Work,
}

impl Chip {
    /// A chip at its start, before the first step.
    ///
    /// # Errors
    /// See [`EmulateError`].
    pub fn new(netlist: &ValidNetlist, profile: Profile, threads: usize) -> Result<Self, EmulateError> {
        if !(1..=1024).contains(&threads) {
            return Err(EmulateError::Threads { threads });
        }
        let Plan { shards, sources, homes, n_stages } = compile(netlist, profile, threads)?;
        let pool = (shards.len() > 1).then(|| ThreadPoolBuilder::new().num_threads(shards.len()).build());
        let pool = pool.transpose().map_err(|error| {
            let problem = error.to_string();
            EmulateError::NoThreads { threads, problem }
        })?;
        Ok(Self {
            t: 0,
            n_stages,
            from_sources: vec![Vec::new(); shards.len()],
            shards,
            pool,
            sources,
            first_nodes: netlist.first_nodes(),
            homes,
            sent: Vec::new(),
            total: Work::default(),
        })
    }

    /// How many steps it has taken.
    pub fn t(&self) -> u32 {
        self.t
    }

    /// What sources sent in step 0, before the first one, arrives from step 1 on.
    pub fn begin(&mut self, messages: &[Message]) {
        self.feed(messages);
        self.gather();
    }

    /// Takes a step, in which sources send these messages. Those of nodes that are no sources are not sent.
    pub fn step(&mut self, messages: &[Message]) {
        self.t = self.t.wrapping_add(1);
        self.feed(messages);
        let t = self.t;
        for stage in 0..self.n_stages {
            self.on_all_shards(|_, shard| shard.update(t, stage));
            let boxes: Vec<Vec<Vec<Packet>>> = self.shards.iter_mut().map(Shard::take_outboxes).collect();
            if boxes.iter().flatten().any(|packets| !packets.is_empty()) {
                self.on_all_shards(|to, shard| {
                    shard.deliver(t, boxes.iter().map(|boxes| boxes[to].as_slice()), false);
                });
            }
            self.shards.iter_mut().zip(boxes).for_each(|(shard, boxes)| shard.give_back(boxes));
        }
        self.gather();
    }

    /// From the next step on, notes which compartments are updated, so that the step can be priced.
    pub fn note_updates(&mut self) {
        for core in self.shards.iter_mut().flat_map(|shard| &mut shard.cores) {
            core.note_updates();
        }
    }

    /// What the compartments of every core did in the last step, in the netlist's order: which were updated, not 0 for
    /// those, if that is noted; and those that have sent something.
    pub(super) fn deeds(&self) -> impl Iterator<Item = (&[u8], &[u32])> + '_ {
        let cores = self.shards.iter().flat_map(|shard| &shard.cores);
        cores.map(|core| (core.updated.as_deref().unwrap_or_default(), core.senders.as_slice()))
    }

    /// What neurons sent in the last step, by node.
    pub fn sent(&self) -> &[Message] {
        &self.sent
    }

    /// A variable of a node, after the last step; `None` for a source, or if the node's model does not have it.
    pub fn state(&self, node: u32, variable: Variable) -> Option<f64> {
        let Home { shard, core, group, compartment } = (*self.homes.get(node as usize)?)?;
        let core = &self.shards[shard as usize].cores[core as usize];
        core.group(group).neurons().state(variable, compartment as usize)
    }

    /// The variable of a node that says most about it; `None` for a source.
    pub fn main_variable(&self, node: u32) -> Option<Variable> {
        let Home { shard, core, group, compartment: _ } = (*self.homes.get(node as usize)?)?;
        Some(self.shards[shard as usize].cores[core as usize].group(group).neurons().main_variable())
    }

    /// What was done so far.
    pub fn work(&self) -> Work {
        self.total
    }

    /// What the programs of all units have done so far.
    pub fn program_work(&self) -> ltc::Work {
        let cores = self.shards.iter().flat_map(|shard| &shard.cores);
        let programs = cores.flat_map(super::core::CoreState::programs);
        programs.fold(ltc::Work::default(), |sum, work| sum + work)
    }

    /// What every core did in the last step, but for those that did nothing.
    pub fn core_work(&self) -> impl Iterator<Item = (u32, Work)> + '_ {
        let cores = self.shards.iter().flat_map(|shard| &shard.cores);
        cores.filter(|core| core.worked).map(|core| (core.number, core.work))
    }

    /// Runs `run` on the threads of the chip, so that they need not be woken for every step.
    pub(super) fn on_its_threads<R: Send>(&mut self, run: impl FnOnce(&mut Self) -> R + Send) -> R {
        match self.pool.take() {
            None => run(self),
            Some(pool) => {
                let result = pool.install(|| run(self));
                self.pool = Some(pool);
                result
            }
        }
    }

    /// Delivers the messages of sources.
    fn feed(&mut self, messages: &[Message]) {
        for shard in &mut self.shards {
            shard.cores.iter_mut().filter(|core| core.worked).for_each(super::core::CoreState::forget);
        }
        if messages.is_empty() {
            return;
        }
        for Message { node, value } in messages {
            let population = self.first_nodes.partition_point(|first| first <= node) - 1;
            let Some(Some(routes)) = self.sources.get(population) else { continue };
            for way in routes.ways((node - self.first_nodes[population]) as usize) {
                let packet = Packet { core: way.core, axon: way.axon, value: *value };
                self.from_sources[way.shard as usize].push(packet);
            }
        }
        let (t, boxes) = (self.t, std::mem::take(&mut self.from_sources));
        self.on_all_shards(|to, shard| shard.deliver(t, std::iter::once(boxes[to].as_slice()), true));
        self.from_sources = boxes;
        self.from_sources.iter_mut().for_each(Vec::clear);
    }

    /// Gathers what cores have sent and done.
    fn gather(&mut self) {
        self.sent.clear();
        for core in self.shards.iter().flat_map(|shard| &shard.cores).filter(|core| core.worked) {
            self.sent.extend_from_slice(&core.sent);
            self.total += core.work;
        }
        self.sent.sort_unstable();
    }

    fn on_all_shards(&mut self, work: impl Fn(usize, &mut Shard) + Sync) {
        let all = |shards: &mut [Shard]| {
            shards.par_iter_mut().enumerate().for_each(|(i, shard)| work(i, shard));
        };
        match (&self.pool, self.shards.as_mut_slice()) {
            (_, [shard]) => work(0, shard),
            (Some(pool), shards) => pool.install(|| all(shards)),
            // Its threads are those that this runs on.
            (None, shards) => all(shards),
        }
    }
}
