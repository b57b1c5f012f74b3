//! How a network is put into whole numbers.

use serde::{Deserialize, Serialize};

/// How a network is put into whole numbers.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `dt` | 1 | ms | what a step of the chip means |
/// | `weight_bits` | 8 | bits | width of a weight |
/// | `parameters` | `per_neuron` | | which neurons share decays and a threshold |
/// | `tau_syn_ratio` | 2 | | how far apart the synaptic time constants of a population may be |
/// | `decay_tolerance` | 0.1 | | largest relative error of a decay |
/// | `negative_exponents` | false | | whether weights may have exponents below 0 |
/// | `synchrony` | 1 | | share of a neuron's synapses of one sign whose spikes fit into its current at once |
/// | `depth` | 6 | thresholds | how far below reset a potential can fall before it stops |
/// | `counted` | none | ms | how long the activity was counted; without it no rates are predicted |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuantizeConfig {
    /// What a step of the chip means \[ms\], > 0.
    pub dt: f64,
    /// Width of a weight \[bits\], from 1 to 8, that the chip can store; 2 or more where signs are mixed.
    pub weight_bits: u8,
    /// Which neurons share decays and a threshold.
    pub parameters: Parameters,
    /// How far apart the excitatory and the inhibitory time constant of a neuron may be, ≥ 1. A compartment
    /// has one current, so two time constants become one between them; 1 refuses all that differ.
    pub tau_syn_ratio: f64,
    /// The largest relative error of a decay, > 0: a slow one is a few parts in 4096, and rounded to whole ones.
    pub decay_tolerance: f64,
    /// Whether weights may have exponents below 0. A sum is shifted then, and rounded down, for every source
    /// core on its own, so that what a network does depends on which neurons share a core.
    pub negative_exponents: bool,
    /// The share of a neuron's synapses of one sign, > 0, whose spikes may arrive in the same step, or soon
    /// after each other, before its current wraps around. Less leaves more bits to neurons of very many synapses.
    pub synchrony: f64,
    /// How far below reset a potential can fall \[thresholds\], ≥ 1, before it stops there. More takes bits from
    /// thresholds and weights.
    pub depth: f64,
    /// How long the activity was counted \[ms\].
    pub counted: Option<f64>,
}

/// Which neurons share decays and a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Parameters {
    /// None has to: every neuron has its own.
    PerNeuron,
    /// The neurons of a population form at most so many groups by their membrane time constants, and those of a
    /// group share its decays and its refractory period. All of a population share a threshold: a neuron whose
    /// own is higher gets weaker synapses instead, which is the same to it.
    Groups(u32),
}

impl Default for QuantizeConfig {
    fn default() -> Self {
        Self {
            dt: 1.0,
            weight_bits: 8,
            parameters: Parameters::PerNeuron,
            tau_syn_ratio: 2.0,
            decay_tolerance: 0.1,
            negative_exponents: false,
            synchrony: 1.0,
            depth: 6.0,
            counted: None,
        }
    }
}
