//! Populations: neurons of one model, the units of a liquid group, or sources.

use serde::{Deserialize, Serialize};

use crate::{CurrentSource, IzhikevichPopulation, LifPopulation, LtcPopulation, SpikeSource};

/// A named group of nodes that share a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// The name, unique in the network.
    pub name: String,
    /// The number of nodes, > 0.
    pub size: u32,
    /// What a node is.
    pub model: Model,
    /// Where the nodes are, one point a node, if they are in space at all \[units of the generator\].
    pub positions: Option<Vec<[f32; 3]>>,
}

/// What the nodes of a population are.
#[derive(Debug, Clone, PartialEq)]
pub enum Model {
    /// Leaky integrate-and-fire neurons.
    Lif(LifPopulation),
    /// Izhikevich's neurons.
    Izhikevich(IzhikevichPopulation),
    /// The units of a group with liquid time constants.
    Ltc(LtcPopulation),
    /// Nodes that send spikes and receive nothing.
    SpikeSource(SpikeSource),
    /// Nodes that send a piecewise-constant current and receive nothing.
    CurrentSource(CurrentSource),
}

impl Model {
    /// Whether the nodes are neurons: they receive, have a potential and fire.
    pub fn is_neuron(&self) -> bool {
        match self {
            Self::Lif(_) | Self::Izhikevich(_) => true,
            Self::Ltc(_) | Self::SpikeSource(_) | Self::CurrentSource(_) => false,
        }
    }

    /// Whether the nodes are sources: they receive nothing.
    pub fn is_source(&self) -> bool {
        match self {
            Self::Lif(_) | Self::Izhikevich(_) | Self::Ltc(_) => false,
            Self::SpikeSource(_) | Self::CurrentSource(_) => true,
        }
    }

    /// Whether the nodes send spikes: neurons, sources of spikes, groups with an encoder. All others send values.
    pub fn sends_spikes(&self) -> bool {
        match self {
            Self::Lif(_) | Self::Izhikevich(_) | Self::SpikeSource(_) => true,
            Self::Ltc(ltc) => ltc.output.is_spikes(),
            Self::CurrentSource(_) => false,
        }
    }

    /// The group, if the nodes are the units of one.
    pub fn as_ltc(&self) -> Option<&LtcPopulation> {
        match self {
            Self::Ltc(ltc) => Some(ltc),
            Self::Lif(_) | Self::Izhikevich(_) | Self::SpikeSource(_) | Self::CurrentSource(_) => None,
        }
    }

    /// The potential \[mV\] at which node `i` fires, before any adaptation; `None` if it has none.
    pub fn threshold(&self, i: usize) -> Option<f64> {
        match self {
            Self::Lif(lif) => Some(lif.v_th.get(i)),
            Self::Izhikevich(izhikevich) => Some(izhikevich.v_peak.get(i)),
            Self::Ltc(_) | Self::SpikeSource(_) | Self::CurrentSource(_) => None,
        }
    }
}

impl Population {
    /// How many of its nodes, the first, may have synapses: all, but of a group the outputs.
    pub fn n_senders(&self) -> u32 {
        match &self.model {
            Model::Ltc(ltc) => ltc.cell.n_outputs() as u32,
            Model::Lif(_) | Model::Izhikevich(_) | Model::SpikeSource(_) | Model::CurrentSource(_) => {
                self.size
            }
        }
    }

    /// How many ends it has for synapses: its nodes, the inputs of a group, none of a source.
    pub fn n_ends(&self) -> u32 {
        match &self.model {
            Model::Lif(_) | Model::Izhikevich(_) => self.size,
            Model::Ltc(ltc) => ltc.cell.n_inputs() as u32,
            Model::SpikeSource(_) | Model::CurrentSource(_) => 0,
        }
    }
}

/// A parameter that all nodes of a population share, or that each has for itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Param {
    /// One value for all.
    Shared(f64),
    /// One value a node.
    PerNode(Vec<f64>),
}

impl Param {
    /// The value of node `i`.
    pub fn get(&self, i: usize) -> f64 {
        match self {
            Self::Shared(value) => *value,
            Self::PerNode(values) => values[i],
        }
    }

    /// Whether it is 0 for every node.
    pub fn is_zero(&self) -> bool {
        match self {
            Self::Shared(value) => *value == 0.0,
            Self::PerNode(values) => values.iter().all(|value| *value == 0.0),
        }
    }
}

impl From<f64> for Param {
    fn from(value: f64) -> Self {
        Self::Shared(value)
    }
}
