//! Where the neurons of a network are, and which cores their messages reach.

use std::collections::HashMap;

/// Cores in use, their neurons, and the axons between cores.
///
/// Core numbers below count the cores in use, in the order in which they were added; only
/// [`CoreLayout::core`] is a number of the chip.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    pub(crate) cores: Vec<CoreLayout>,
    pub(crate) axons: Vec<Axon>,
    /// What messages meet where they arrive, each kind once.
    pub(crate) kinds: Vec<Vec<SynapseRun>>,
    kind_of: HashMap<Vec<SynapseRun>, u32>,
}

/// A core in use.
#[derive(Debug, Clone)]
pub struct CoreLayout {
    /// Its number on the chip, counted tile by tile.
    pub core: u32,
    /// For each of its neurons, in the order in which the core goes through them, the soma unit.
    pub somas: Vec<u16>,
}

/// Synapses that a message meets one after the other and that cost the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SynapseRun {
    /// The synapse unit.
    pub synapse: u16,
    /// The dendrite unit.
    pub dendrite: u16,
    /// How many synapses.
    pub n: u32,
}

/// A way from a neuron to a core.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AxonId(pub u32);

#[derive(Debug, Clone, Copy)]
pub(crate) struct Axon {
    pub source: u32,
    pub target: u32,
    pub kind: u32,
}

impl Layout {
    /// Adds a core in use; cores are added in ascending order of their numbers on the chip.
    pub fn core(&mut self, core: CoreLayout) {
        self.cores.push(core);
    }

    /// Adds an axon from a core in use to another, or to the same, and what its messages meet there.
    pub fn axon(&mut self, source: u32, target: u32, synapses: &[SynapseRun]) -> AxonId {
        let kind = match self.kind_of.get(synapses) {
            Some(kind) => *kind,
            None => {
                let kind = self.kinds.len() as u32;
                self.kinds.push(synapses.to_vec());
                self.kind_of.insert(synapses.to_vec(), kind);
                kind
            }
        };
        self.axons.push(Axon { source, target, kind });
        AxonId(self.axons.len() as u32 - 1)
    }

    /// The cores in use.
    pub fn cores(&self) -> &[CoreLayout] {
        &self.cores
    }

    /// How many axons there are.
    pub fn n_axons(&self) -> usize {
        self.axons.len()
    }
}
