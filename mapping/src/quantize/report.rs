//! What quantization has cost.

use serde::{Deserialize, Serialize};

use super::format::SignMode;

/// What quantization has cost, by population and by projection.
///
/// *Membrane contribution* is the whole course of a potential after one spike, as a share of the threshold; an
/// error is the root of the mean square of the difference of two courses, weighted by the spikes of sources,
/// relative to the root of the mean square of the course itself. It holds everything: weights, decays, thresholds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuantizeReport {
    /// What a step of the chip means \[ms\].
    pub dt: f64,
    /// Width of a weight \[bits\].
    pub weight_bits: u8,
    /// Distinct configurations of neurons.
    pub configs: u32,
    /// The populations of neurons.
    pub populations: Vec<PopulationReport>,
    /// The projections.
    pub projections: Vec<ProjectionReport>,
}

/// What quantization has cost a population.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PopulationReport {
    /// Its name.
    pub population: String,
    /// Its neurons.
    pub neurons: u32,
    /// Its distinct configurations.
    pub configs: u32,
    /// The lowest and the highest threshold.
    pub threshold: [u32; 2],
    /// Largest relative error of a threshold.
    pub threshold_error: f64,
    /// Largest relative error of what a step takes from a potential.
    pub membrane_decay_error: f64,
    /// Largest relative error of what a step takes from a current that is in use; 0 for delta synapses.
    pub current_decay_error: f64,
    /// Whether excitatory and inhibitory currents of different time constants have become one.
    pub tau_syn_merged: bool,
    /// Largest error of where a constant input holds the potential, as a share of the threshold.
    pub bias_error: f64,
    /// Largest error of a refractory period \[ms\].
    pub t_ref_error: f64,
    /// How far the current is filled if all synapses of one sign of a neuron act at once; beyond 1 it wraps around.
    pub current_filled: f64,
    /// Mean rate before and after, if it can be told.
    pub rate: Option<RateChange>,
}

/// How quantization is expected to change a mean rate, to first order: every neuron gets the input that it got
/// in the activity, with what the activity's spikes bring before and after, and nobody answers the change.
///
/// Mean and variance of the potential without a threshold are sums over synapses (Campbell); the rate is that of a
/// neuron with white noise (Siegert 1951) with the correction for synaptic currents (Fourcaud & Brunel 2002,
/// doi 10.1162/089976602320264015). The rates themselves hold for neurons with many small inputs; what is meant
/// to be read is their change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RateChange {
    /// Mean rate before \[Hz\], as predicted.
    pub before: f64,
    /// Mean rate after \[Hz\], as predicted.
    pub after: f64,
    /// Mean size of a neuron's change \[Hz\].
    pub mean_change: f64,
}

/// What quantization has cost a projection.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProjectionReport {
    /// Its name.
    pub projection: String,
    /// Its synapses.
    pub synapses: u64,
    /// The signs of its weights.
    pub sign: SignMode,
    /// The exponent of its weights.
    pub weight_exp: i8,
    /// Weights that were too large.
    pub saturated: u64,
    /// Weights that were not 0 and became it.
    pub to_zero: u64,
    /// Root mean square error of weights, relative to their root mean square.
    pub weight_error: f64,
    /// Root mean square error of membrane contributions, relative to their root mean square.
    pub membrane_error: f64,
    /// Bits of a delay.
    pub delay_bits: u8,
    /// Delays that were no whole number of steps.
    pub delays_rounded: u64,
    /// Largest error of a delay \[ms\].
    pub delay_error: f64,
}
