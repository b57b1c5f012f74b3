//! Projections: the synapses from one population to another, as compressed sparse rows.

use serde::{Deserialize, Serialize};

use crate::{Plasticity, PopulationId};

/// The synapses from one population to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    /// The name, unique in the network.
    pub name: String,
    /// Where the synapses start.
    pub source: PopulationId,
    /// Where they end: neurons, or the inputs of a group.
    pub target: PopulationId,
    /// Which of the target's synaptic currents or conductances they feed.
    pub receptor: Receptor,
    /// The synapses.
    pub synapses: Synapses,
    /// How the synapses change; static if there is none.
    pub plasticity: Option<Plasticity>,
}

/// Which synaptic current of the target a weight is added to; for conductances, which conductance its
/// size is added to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Receptor {
    /// The weight's sign chooses: below zero inhibitory, else excitatory (NEST's rule).
    BySign,
    /// The excitatory current, whatever the sign.
    Excitatory,
    /// The inhibitory current, whatever the sign.
    Inhibitory,
}

/// Synapses in compressed sparse rows: row `s` holds the synapses of source node `s`.
///
/// Invariants, which [`validate`](crate::validate) checks: `row_start` has one entry more than the
/// source population has nodes, starts at 0, never falls and ends at the number of synapses; targets
/// are below the target population's size; weights are finite; delays are finite and > 0 (≥ 0 from a
/// current source). Two synapses may join the same pair, and a neuron may reach itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Synapses {
    /// Where each source's row starts; `[n_sources + 1]`.
    pub row_start: Vec<u64>,
    /// Target node inside the target population, or input of a group; `[n_synapses]`.
    pub target: Vec<u32>,
    /// Weight: mV for delta synapses, nS for conductances, else pA; pA per unit from a source of values; into a
    /// group what a spike adds to a trace, or a factor of values.
    pub weight: Weights,
    /// Delay \[ms\].
    pub delay: Delays,
}

/// The weights of the synapses of a projection.
#[derive(Debug, Clone, PartialEq)]
pub enum Weights {
    /// One weight for all.
    Shared(f64),
    /// One a synapse, in single precision: half the memory, for drawn weights.
    F32(Vec<f32>),
    /// One a synapse.
    F64(Vec<f64>),
}

/// The delays of the synapses of a projection.
#[derive(Debug, Clone, PartialEq)]
pub enum Delays {
    /// One delay \[ms\] for all.
    Shared(f64),
    /// One a synapse, as a whole number of ticks: exact multiples in two bytes, for drawn delays.
    Ticks {
        /// The length of a tick \[ms\], > 0.
        tick: f64,
        /// Delay in ticks; `[n_synapses]`.
        n: Vec<u16>,
    },
    /// One a synapse \[ms\].
    F64(Vec<f64>),
}

impl Synapses {
    /// The number of synapses.
    pub fn len(&self) -> usize {
        self.target.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.target.is_empty()
    }

    /// The range of synapse indices of source node `source`.
    pub fn row(&self, source: usize) -> std::ops::Range<usize> {
        self.row_start[source] as usize..self.row_start[source + 1] as usize
    }
}

impl Weights {
    /// The weight of synapse `i`.
    pub fn get(&self, i: usize) -> f64 {
        match self {
            Self::Shared(weight) => *weight,
            Self::F32(weights) => f64::from(weights[i]),
            Self::F64(weights) => weights[i],
        }
    }

    /// How many weights are stored one by one, or `None` if one is shared by all.
    pub fn stored(&self) -> Option<usize> {
        match self {
            Self::Shared(_) => None,
            Self::F32(weights) => Some(weights.len()),
            Self::F64(weights) => Some(weights.len()),
        }
    }
}

impl Delays {
    /// The delay of synapse `i` \[ms\].
    pub fn get(&self, i: usize) -> f64 {
        match self {
            Self::Shared(delay) => *delay,
            Self::Ticks { tick, n } => f64::from(n[i]) * tick,
            Self::F64(delays) => delays[i],
        }
    }

    /// How many delays are stored one by one, or `None` if one is shared by all.
    pub fn stored(&self) -> Option<usize> {
        match self {
            Self::Shared(_) => None,
            Self::Ticks { n, .. } => Some(n.len()),
            Self::F64(delays) => Some(delays.len()),
        }
    }
}
