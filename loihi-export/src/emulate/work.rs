//! What was done, in exact numbers.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// What a core, or a chip, did in a step or in a run, in exact numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Work {
    /// Updates of a compartment. Those at rest take none.
    pub neuron_updates: u64,
    /// Messages that compartments sent.
    pub spikes: u64,
    /// Packets sent to other cores: one for every output axon of a message.
    pub packets: u64,
    /// Packets sent to the core's own axons.
    pub own_packets: u64,
    /// Hops of the packets from tile to tile, along x and along y; 0 where nobody has placed the cores.
    pub hops: [u64; 2],
    /// Those of them from chip to chip.
    pub chip_hops: [u64; 2],
    /// Packets of sources that came in.
    pub input_packets: u64,
    /// Weights that were read for packets of compartments; counted at the core that has them, in the step in which
    /// the packet was sent.
    pub synaptic_events: u64,
    /// Weights that were read for packets of sources.
    pub input_events: u64,
}

impl AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        let Self {
            neuron_updates,
            spikes,
            packets,
            own_packets,
            hops,
            chip_hops,
            input_packets,
            synaptic_events,
            input_events,
        } = other;
        self.neuron_updates += neuron_updates;
        self.spikes += spikes;
        self.packets += packets;
        self.own_packets += own_packets;
        for axis in 0..2 {
            self.hops[axis] += hops[axis];
            self.chip_hops[axis] += chip_hops[axis];
        }
        self.input_packets += input_packets;
        self.synaptic_events += synaptic_events;
        self.input_events += input_events;
    }
}
