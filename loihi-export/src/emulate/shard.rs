//! The cores that a thread works on.

use pulp::Arch;

use super::compile::Packet;
use super::core::CoreState;

/// Cores that a thread works on, and what they send to those of others.
pub(super) struct Shard {
    pub cores: Vec<CoreState>,
    /// By shard.
    outboxes: Vec<Vec<Packet>>,
    arch: Arch,
}

impl Shard {
    /// A shard without cores, of so many.
    pub fn new(n_shards: usize) -> Self {
        Self { cores: Vec::new(), outboxes: vec![Vec::new(); n_shards], arch: Arch::new() }
    }

    /// Its cores take a stage of step `t`.
    pub fn update(&mut self, t: u32, stage: u32) {
        let Self { cores, outboxes, arch } = self;
        cores.iter_mut().for_each(|core| core.update(*arch, t, stage, outboxes));
    }

    /// Takes what was sent, by shard.
    pub fn take_outboxes(&mut self) -> Vec<Vec<Packet>> {
        std::mem::take(&mut self.outboxes)
    }

    /// Gives back what was delivered, for its room.
    pub fn give_back(&mut self, mut outboxes: Vec<Vec<Packet>>) {
        outboxes.iter_mut().for_each(Vec::clear);
        self.outboxes = outboxes;
    }

    /// Packets that were sent in step `t` arrive at their rows.
    pub fn deliver<'a>(&mut self, t: u32, boxes: impl Iterator<Item = &'a [Packet]>, by_sources: bool) {
        for Packet { core, axon, value } in boxes.flatten() {
            self.cores[*core as usize].inbox.push((*axon, *value));
        }
        let with_packets = self.cores.iter_mut().filter(|core| !core.inbox.is_empty());
        with_packets.for_each(|core| core.deliver(t, by_sources));
    }
}
