//! How to run, and what to keep.

use rheobase_net::NodeId;
use serde::{Deserialize, Serialize};

/// Which scheduler runs the network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheduler {
    /// The cheaper one by the expected events per neuron and step.
    #[default]
    Auto,
    /// Fixed steps.
    Grid,
    /// Real-valued times.
    Event,
}

/// How to run a network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SimConfig {
    /// The scheduler.
    pub scheduler: Scheduler,
    /// Step of the grid \[ms\], > 0.
    pub dt: f64,
    /// Number of shards, which run in parallel; by default as many as there are threads if the network
    /// is large enough to gain from it. It changes no bit of the result.
    pub threads: Option<usize>,
    /// What to keep.
    pub record: Record,
}

impl Default for SimConfig {
    fn default() -> Self {
        Self { scheduler: Scheduler::Auto, dt: 0.1, threads: None, record: Record::default() }
    }
}

/// What to keep of a run. Counters are always kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Record {
    /// The spikes of the neurons.
    pub spikes: bool,
    /// The spikes of the sources too.
    pub source_spikes: bool,
    /// Membrane potentials of some neurons, states of some units of groups.
    pub traces: Option<TraceRequest>,
    /// Mean rates of the populations in bins of so many ms.
    pub rates_bin: Option<f64>,
    /// The potential of every neuron and the state of every unit at the end.
    pub final_v: bool,
    /// The weights of plastic projections at the end.
    pub final_weights: bool,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            spikes: true,
            source_spikes: false,
            traces: None,
            rates_bin: None,
            final_v: false,
            final_weights: false,
        }
    }
}

/// Which membrane potentials and states to keep, and how often.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TraceRequest {
    /// The neurons and units.
    pub nodes: Vec<NodeId>,
    /// Time between samples \[ms\]; a multiple of `dt` on the grid. The first sample is taken after one.
    pub interval: f64,
}
