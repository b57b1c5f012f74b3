//! What the spikes of an activity cost a chip, event by event.
//!
//! Energy is a count of events times a chip's figures ([`Events`]), as in SANA-FE 2.2.9, whose results for mapped
//! networks it reproduces: a packet leaves a core for every spike and destination core, its own included, makes its
//! hops, and arrives; every synapse that it reaches is read and added up; a neuron is charged for its spike, and for
//! every step in which it is looked at and updated. On a fabric that copies spikes on their way, one packet leaves for
//! all destinations. Which neurons a chip updates in a step depends on their states, which nobody knows here, so
//! updates are counted for all neurons in all steps, which is the most.

use serde::Serialize;

use crate::chip::{Cost, Events, Fabric};
use crate::{Graph, Partition};

/// What happens in the time that the activity counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EventCounts {
    /// Packets that leave a core.
    pub sent: u64,
    /// Packets that arrive at a core, those from outside included.
    pub received: u64,
    /// Synapses that spikes reach.
    pub synapses: u64,
    /// Spikes of neurons.
    pub spikes: u64,
    /// Neurons times steps, if it is known how long the activity was counted.
    pub updates: Option<u64>,
}

/// Energy of the events of an activity \[pJ\].
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Energy {
    /// Of packets that leave a core.
    pub sent: f64,
    /// Of all hops.
    pub hops: f64,
    /// Of packets that arrive.
    pub received: f64,
    /// Of synapses that are read, as those of a sparse row.
    pub synapses: f64,
    /// Of inputs that are added up.
    pub dendrites: f64,
    /// Of neurons that fire.
    pub spikes: f64,
    /// Of all neurons looked at and updated in all steps, the most that it can be.
    pub updates: Option<f64>,
}

impl EventCounts {
    /// Counts the events of a partition; `steps` is how many steps of the chip the activity counts. `O(synapses)`.
    ///
    /// # Panics
    /// If the partition is not one of the graph.
    pub fn of(graph: &Graph, partition: &Partition, fabric: Fabric, steps: Option<u64>) -> Self {
        assert_eq!(partition.part.len(), graph.n_neurons as usize, "a part for every neuron");
        let updates = steps.map(|steps| steps.saturating_mul(u64::from(graph.n_neurons)));
        let mut counts = Self { sent: 0, received: 0, synapses: 0, spikes: 0, updates };
        let mut seen_by = vec![u32::MAX; partition.n_parts as usize];
        for source in 0..graph.n_sources() {
            let spikes = u64::from(graph.spikes[source as usize]);
            let targets = graph.targets(source);
            let mut cores = 0;
            for target in targets {
                let part = partition.part[*target as usize] as usize;
                cores += u64::from(std::mem::replace(&mut seen_by[part], source) != source);
            }
            counts.synapses += spikes * targets.len() as u64;
            counts.received += spikes * cores;
            if source < graph.n_neurons {
                counts.spikes += spikes;
                counts.sent += match fabric {
                    Fabric::Unicast => spikes * cores,
                    Fabric::Multicast => spikes * cores.min(1),
                };
            }
        }
        counts
    }

    /// What the events cost, with the energy of their hops \[pJ\].
    pub fn energy(&self, hops: f64, events: &Events) -> Energy {
        let Self { sent, received, synapses, spikes, updates } = *self;
        let of = |n: u64, cost: Cost| n as f64 * cost.energy;
        Energy {
            sent: of(sent, events.axon_out),
            hops,
            received: of(received, events.axon_in),
            synapses: of(synapses, events.synapse_sparse),
            dendrites: of(synapses, events.dendrite),
            spikes: of(spikes, events.soma_spike),
            updates: updates.map(|n| of(n, events.soma_access) + of(n, events.soma_update)),
        }
    }
}

impl Energy {
    /// What spikes cost: all but the updates \[pJ\].
    pub fn of_spikes(&self) -> f64 {
        let Self { sent, hops, received, synapses, dendrites, spikes, updates: _ } = *self;
        sent + hops + received + synapses + dendrites + spikes
    }
}
