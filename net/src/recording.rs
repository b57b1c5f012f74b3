//! What a run leaves behind.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use crate::{Description, SpikeTrain};

/// What a run of a network leaves behind, whoever ran it: simulator or chip emulator.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// Start of what is recorded \[ms\]: 0, or where the warm-up ended.
    pub t_start: f64,
    /// End of the run \[ms\]; where it stopped, if it was stopped.
    pub t_stop: f64,
    /// The populations, so that a node's number says what it is.
    pub nodes: Vec<NodeRange>,
    /// The recorded spikes; nodes are counted over the whole network.
    pub spikes: SpikeTrain,
    /// The recorded potentials.
    pub traces: Option<Traces>,
    /// The recorded rates.
    pub rates: Option<Rates>,
    /// Potential of every node at `t_stop` \[mV\], the state of a unit of a group, NaN for a source; if it was
    /// asked for; `[n_nodes]`.
    pub final_v: Option<Vec<f64>>,
    /// The weights of plastic projections at `t_stop`, if they were asked for.
    pub weights: Option<Vec<ProjectionWeights>>,
    /// The work that was done.
    pub counters: Counters,
    /// How to get the same again.
    pub provenance: Provenance,
}

/// The nodes `first .. first + size` of a network are a population.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeRange {
    /// The population's name.
    pub population: String,
    /// Its first node.
    pub first: u32,
    /// The number of its nodes.
    pub size: u32,
    /// Whether its nodes are sources, which receive nothing.
    pub is_source: bool,
}

/// Membrane potentials of chosen nodes at regular times.
#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    /// The nodes, counted over the whole network; `[n]`.
    pub nodes: Vec<u32>,
    /// Time of the first sample \[ms\].
    pub t_first: f64,
    /// Time between samples \[ms\].
    pub interval: f64,
    /// Potential \[mV\], after threshold and reset, or the state of a unit of a group; `[samples, n]`.
    pub v: Array2<f64>,
}

/// Mean firing rates of populations in bins.
#[derive(Debug, Clone, PartialEq)]
pub struct Rates {
    /// The populations' names; `[n]`.
    pub populations: Vec<String>,
    /// Start of the first bin \[ms\].
    pub t_first: f64,
    /// Length of a bin \[ms\].
    pub bin: f64,
    /// Mean rate of a neuron \[Hz\]; `[bins, n]`.
    pub hz: Array2<f64>,
}

/// The weights of a projection that a run has changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectionWeights {
    /// The projection's name.
    pub projection: String,
    /// The weights, in the order of the network's synapses; `[n_synapses]`.
    pub weights: Vec<f64>,
}

/// The work that a run did, in exact numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Updates of a neuron's state.
    pub neuron_updates: u64,
    /// Weights of spikes delivered from neurons and groups.
    pub synaptic_events: u64,
    /// Weights of spikes delivered from sources.
    pub input_events: u64,
    /// Entries put into the event queues: one for a spike and each delay and receptor of its targets, and
    /// one for each threshold crossing that is foreseen.
    pub queue_operations: u64,
    /// Steps of groups with liquid time constants.
    pub group_updates: u64,
    /// Values sent by groups: outputs, or graded spikes.
    pub values_sent: u64,
    /// Spikes fired by neurons and groups.
    pub spikes: u64,
    /// Spikes sent by sources.
    pub input_spikes: u64,
}

impl Counters {
    /// The work that was done after `earlier`, which is of the same run.
    pub fn since(&self, earlier: &Self) -> Self {
        Self {
            neuron_updates: self.neuron_updates - earlier.neuron_updates,
            synaptic_events: self.synaptic_events - earlier.synaptic_events,
            input_events: self.input_events - earlier.input_events,
            queue_operations: self.queue_operations - earlier.queue_operations,
            group_updates: self.group_updates - earlier.group_updates,
            values_sent: self.values_sent - earlier.values_sent,
            spikes: self.spikes - earlier.spikes,
            input_spikes: self.input_spikes - earlier.input_spikes,
        }
    }
}

/// How a recording came about: enough to get the same again.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Provenance {
    /// The version of the program.
    pub version: String,
    /// The seed of the run.
    pub seed: u64,
    /// Which engine ran, and why it was chosen.
    pub engine: String,
    /// The whole configuration of the run, as JSON.
    pub configuration: String,
    /// How the network was made.
    pub network: Description,
}
