//! What a liquid network costs on the chip, against sending every value in every step.

use serde::{Deserialize, Serialize};

use super::{Timing, Work};
use crate::netlist::{Link, Model, ValidNetlist};

/// What operations cost \[pJ\]. All of it is assumed.
///
/// | name | default | meaning and source |
/// |---|---|---|
/// | `packet` | 1.7 | a packet leaves a core and reaches one; a spike inside a tile in the pre-silicon model of Loihi 1 (Davies et al. 2018, doi 10.1109/MM.2018.112130359, table 2, as others quote it), hops apart |
/// | `synapse` | 23.6 | a synapse is read and added; the same table's least |
/// | `lookup` | 23.6 | a conductance: record, table, multiplications; assumed to be as much as a synapse |
/// | `update` | 81 | a neuron is updated; the same table |
/// | `division` | 81 | assumed to be as much as an update |
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Costs {
    /// A packet.
    pub packet: f64,
    /// A synapse is read.
    pub synapse: f64,
    /// A conductance is computed.
    pub lookup: f64,
    /// A unit is updated, but for its division.
    pub update: f64,
    /// A division.
    pub division: f64,
}

impl Default for Costs {
    fn default() -> Self {
        Self { packet: 1.7, synapse: 23.6, lookup: 23.6, update: 81.0, division: 81.0 }
    }
}

/// Where energy goes \[pJ\].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Energy {
    /// Packets.
    pub packets: f64,
    /// Synapses of units.
    pub synapses: f64,
    /// Units.
    pub units: f64,
    /// Synapses and neurons of the head.
    pub head: f64,
}

impl Energy {
    /// All of it.
    pub fn total(&self) -> f64 {
        let Self { packets, synapses, units, head } = self;
        packets + synapses + units + head
    }
}

/// What is counted when every value is sent in every step: states every unfold, inputs every step of the cell.
/// Sums are then made anew in every step, so that a synapse looks into the table once and not twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Every {
    /// Messages of units.
    pub messages: u64,
    /// Messages of inputs.
    pub inputs: u64,
    /// Packets: of messages and inputs, once for every core.
    pub packets: u64,
    /// Conductances.
    pub synapses: u64,
    /// States.
    pub updates: u64,
    /// Synapses of the head.
    pub head: u64,
}

impl Every {
    /// What a run of `n` inputs counts.
    pub fn of(netlist: &ValidNetlist, timing: Timing, n: u32) -> Self {
        let mut every = Self::default();
        let (n, unfolds) = (u64::from(n), u64::from(n) * u64::from(timing.unfolds));
        for source in netlist.populations.iter().filter_map(|population| population.source.as_ref()) {
            every.inputs += n * source.n_senders() as u64;
            every.packets += n * source.core.len() as u64;
        }
        let is_source = |population: u32| netlist.populations[population as usize].source.is_some();
        for core in &netlist.cores {
            let axons = &core.output_axons;
            let senders = (0..axons.n_senders()).filter(|sender| axons.of(*sender).len() > 0);
            every.messages += unfolds * senders.count() as u64;
            every.packets += unfolds * axons.core.len() as u64;
            for block in &core.blocks {
                let inputs = block
                    .axon
                    .first()
                    .is_some_and(|axon| is_source(core.input_axons.population[*axon as usize]));
                let times = if inputs { n } else { unfolds };
                let synapses = match block.link {
                    Link::Ltc => &mut every.synapses,
                    Link::Weights { .. } | Link::Scaled | Link::Direct | Link::Float { .. } => {
                        &mut every.head
                    }
                };
                *synapses += times * block.target.len() as u64;
            }
            let units = core.groups.iter().filter(|group| matches!(group.model, Model::Ltc(_)));
            every.updates += unfolds * units.map(|group| group.neurons.len() as u64).sum::<u64>();
        }
        every
    }
}

impl std::ops::Add for Every {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            messages: self.messages + other.messages,
            inputs: self.inputs + other.inputs,
            packets: self.packets + other.packets,
            synapses: self.synapses + other.synapses,
            updates: self.updates + other.updates,
            head: self.head + other.head,
        }
    }
}

impl Costs {
    /// The energy of a run: `packets` and `head` are packets, and synapses of the head that were read.
    pub fn of_changes(&self, work: Work, packets: u64, head: u64) -> Energy {
        let Work { synapses, updates, messages: _ } = work;
        Energy {
            packets: self.packet * packets as f64,
            synapses: (self.synapse + 2.0 * self.lookup) * synapses as f64,
            units: (self.update + self.division) * updates as f64,
            head: self.synapse * head as f64,
        }
    }

    /// The energy where every value is sent in every step.
    pub fn of_every(&self, every: &Every) -> Energy {
        let Every { messages: _, inputs: _, packets, synapses, updates, head } = *every;
        Energy {
            packets: self.packet * packets as f64,
            synapses: (self.synapse + self.lookup) * synapses as f64,
            units: (self.update + self.division) * updates as f64,
            head: self.synapse * head as f64,
        }
    }
}
