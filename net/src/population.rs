//! Populations: groups of neurons of one model, or of sources.

use rheobase_lif::{Membrane, SynapticCurrent};
use serde::{Deserialize, Serialize};

use crate::{SpikeTrain, Waveform};

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
    /// Nodes that send spikes and receive nothing.
    SpikeSource(SpikeSource),
    /// Nodes that send a piecewise-constant current and receive nothing.
    CurrentSource(CurrentSource),
}

/// The shape of the synaptic current of a [`LifPopulation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SynapseKind {
    /// A jump of the potential; weights in mV.
    Delta,
    /// An exponential current; weights in pA.
    Exp,
    /// An alpha-shaped current; weights in pA.
    Alpha,
}

/// The parameters of a population with their names, borrowed as the population is.
macro_rules! named_params {
    ($lif:expr) => {{
        let LifPopulation {
            synapse: _,
            tau_m,
            c_m,
            v_rest,
            v_th,
            v_reset,
            t_ref,
            i_bias,
            v_init,
            tau_syn_ex,
            tau_syn_in,
        } = $lif;
        [
            ("tau_m", tau_m),
            ("c_m", c_m),
            ("v_rest", v_rest),
            ("v_th", v_th),
            ("v_reset", v_reset),
            ("t_ref", t_ref),
            ("i_bias", i_bias),
            ("v_init", v_init),
            ("tau_syn_ex", tau_syn_ex),
            ("tau_syn_in", tau_syn_in),
        ]
    }};
}

/// Leaky integrate-and-fire neurons; see [`rheobase_lif`] for the equations.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LifPopulation {
    /// The shape of the synaptic current.
    pub synapse: SynapseKind,
    /// Membrane time constant \[ms\].
    pub tau_m: Param,
    /// Membrane capacitance \[pF\].
    pub c_m: Param,
    /// Resting potential \[mV\].
    pub v_rest: Param,
    /// Threshold \[mV\].
    pub v_th: Param,
    /// Reset potential \[mV\].
    pub v_reset: Param,
    /// Refractory period \[ms\].
    pub t_ref: Param,
    /// Constant input current \[pA\].
    pub i_bias: Param,
    /// Potential at the start \[mV\].
    pub v_init: Param,
    /// Excitatory synaptic time constant \[ms\]; unused by delta synapses.
    pub tau_syn_ex: Param,
    /// Inhibitory synaptic time constant \[ms\]; unused by delta synapses.
    pub tau_syn_in: Param,
}

impl Default for LifPopulation {
    /// NEST's defaults for `iaf_psc_exp`.
    fn default() -> Self {
        let Membrane { tau_m, c_m, v_rest, v_th, v_reset, t_ref, i_bias } = Membrane::default();
        Self {
            synapse: SynapseKind::Exp,
            tau_m: tau_m.into(),
            c_m: c_m.into(),
            v_rest: v_rest.into(),
            v_th: v_th.into(),
            v_reset: v_reset.into(),
            t_ref: t_ref.into(),
            i_bias: i_bias.into(),
            v_init: v_rest.into(),
            tau_syn_ex: 2.0.into(),
            tau_syn_in: 2.0.into(),
        }
    }
}

impl LifPopulation {
    /// The membrane of neuron `i` of the population.
    pub fn membrane(&self, i: usize) -> Membrane {
        Membrane {
            tau_m: self.tau_m.get(i),
            c_m: self.c_m.get(i),
            v_rest: self.v_rest.get(i),
            v_th: self.v_th.get(i),
            v_reset: self.v_reset.get(i),
            t_ref: self.t_ref.get(i),
            i_bias: self.i_bias.get(i),
        }
    }

    /// The synaptic current of neuron `i` of the population.
    pub fn synaptic_current(&self, i: usize) -> SynapticCurrent {
        let (tau_syn_ex, tau_syn_in) = (self.tau_syn_ex.get(i), self.tau_syn_in.get(i));
        match self.synapse {
            SynapseKind::Delta => SynapticCurrent::Delta,
            SynapseKind::Exp => SynapticCurrent::Exp { tau_syn_ex, tau_syn_in },
            SynapseKind::Alpha => SynapticCurrent::Alpha { tau_syn_ex, tau_syn_in },
        }
    }

    /// Every parameter with its name, in the order in which files hold them.
    pub fn params(&self) -> [(&'static str, &Param); 10] {
        named_params!(self)
    }

    /// Every parameter with its name, to be filled in by readers and generators.
    pub fn params_mut(&mut self) -> [(&'static str, &mut Param); 10] {
        named_params!(self)
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
}

impl From<f64> for Param {
    fn from(value: f64) -> Self {
        Self::Shared(value)
    }
}

/// Where the spikes of a source population come from.
#[derive(Debug, Clone, PartialEq)]
pub enum SpikeSource {
    /// They are given with the run.
    External,
    /// Each source draws its own Poisson train from the run's seed.
    Poisson {
        /// Rate \[Hz\], ≥ 0.
        rate_hz: Param,
    },
    /// They are part of the network; times \[ms\], nodes counted inside the population.
    Train(SpikeTrain),
}

/// Where the currents of a source population come from.
#[derive(Debug, Clone, PartialEq)]
pub enum CurrentSource {
    /// They are given with the run.
    External,
    /// They are part of the network, one channel a node.
    Steps(Waveform),
}
