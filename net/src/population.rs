//! Populations: groups of neurons of one model, or of sources.

use serde::{Deserialize, Serialize};

use crate::{CurrentSource, IzhikevichPopulation, LifPopulation, SpikeSource};

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
#[expect(clippy::large_enum_variant, reason = "there is one a population, and most are neurons")]
pub enum Model {
    /// Leaky integrate-and-fire neurons.
    Lif(LifPopulation),
    /// Izhikevich's neurons.
    Izhikevich(IzhikevichPopulation),
    /// Nodes that send spikes and receive nothing.
    SpikeSource(SpikeSource),
    /// Nodes that send a piecewise-constant current and receive nothing.
    CurrentSource(CurrentSource),
}

impl Model {
    /// Whether the nodes are neurons: they receive, have a potential and fire. All others are sources.
    pub fn is_neuron(&self) -> bool {
        match self {
            Self::Lif(_) | Self::Izhikevich(_) => true,
            Self::SpikeSource(_) | Self::CurrentSource(_) => false,
        }
    }

    /// Whether the nodes send spikes: neurons and sources of spikes.
    pub fn sends_spikes(&self) -> bool {
        match self {
            Self::Lif(_) | Self::Izhikevich(_) | Self::SpikeSource(_) => true,
            Self::CurrentSource(_) => false,
        }
    }

    /// The potential \[mV\] at which node `i` fires, before any adaptation; `None` for a source.
    pub fn threshold(&self, i: usize) -> Option<f64> {
        match self {
            Self::Lif(lif) => Some(lif.v_th.get(i)),
            Self::Izhikevich(izhikevich) => Some(izhikevich.v_peak.get(i)),
            Self::SpikeSource(_) | Self::CurrentSource(_) => None,
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
