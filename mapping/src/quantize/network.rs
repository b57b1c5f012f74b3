//! A network in a chip's numbers.

use std::collections::HashMap;

use rheobase_net::ValidNetwork;

use super::column::Column;
use super::format::{NumberFormat, SignMode, WeightFormat};
use super::report::QuantizeReport;
use crate::Layout;
use crate::graph::Numbers;

/// A network in the whole numbers of a chip. Only [`quantize`](super::quantize) makes one, so that no later stage
/// has to check again.
///
/// It borrows the network that it is of, because who reaches whom is the same; a synapse takes one byte for its
/// weight and, where delays differ, one for its delay.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantizedNetwork<'a> {
    pub(super) network: &'a ValidNetwork,
    pub(super) format: NumberFormat,
    pub(super) dt: f64,
    pub(super) neurons: Vec<QuantizedNeuron>,
    /// Units of the potential for 1 mV; `[n_neurons]`.
    pub(super) per_mv: Vec<f64>,
    pub(super) projections: Vec<QuantizedProjection>,
    pub(super) report: QuantizeReport,
}

/// A neuron in whole numbers; see [`NumberFormat`] for what they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuantizedNeuron {
    /// Parts that a step takes from the current, less one (Lava's `du`).
    pub current_decay: u16,
    /// Parts that a step takes from the potential (Lava's `dv`).
    pub membrane_decay: u16,
    /// Threshold (Lava's `vth`).
    pub threshold: u32,
    /// Constant input (Lava's `bias_mant`).
    pub bias: i16,
    /// By how many bits the constant input is shifted to the left (Lava's `bias_exp`).
    pub bias_exp: u8,
    /// Refractory steps, that of the spike included: 1 for none beyond it.
    pub refractory: u8,
    /// Potential at the start, in units of the potential; the current starts at 0.
    pub v_init: i32,
}

/// What neurons of one configuration share: decays, threshold and refractory steps. A bias is the neuron's own,
/// as nengo-loihi 1.1.0 sets it (`hardware/builder.py`: beside a compartment's profiles, not in them).
pub(super) type Config = (u16, u16, u32, u8);

impl QuantizedNeuron {
    pub(super) fn config(&self) -> Config {
        let Self { current_decay, membrane_decay, threshold, refractory, bias: _, bias_exp: _, v_init: _ } =
            *self;
        (current_decay, membrane_decay, threshold, refractory)
    }
}

/// The synapses of a projection in whole numbers, in the order of the network's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuantizedProjection {
    format: WeightFormat,
    exp: i8,
    weights: Column,
    delays: Column,
    delay_bits: u8,
}

impl QuantizedProjection {
    pub(super) fn new(
        format: WeightFormat,
        exp: i8,
        weights: Column,
        delays: Column,
        delay_bits: u8,
    ) -> Self {
        Self { format, exp, weights, delays, delay_bits }
    }

    /// The weight of synapse `i` as the chip gets it, before the exponent: −256 to 255, with as many zeros at the
    /// end as [`weight_bits`](Self::weight_bits) leaves out.
    pub fn weight(&self, i: usize) -> i16 {
        self.format.to_weight(self.weights.get(i))
    }

    /// The exponent of the weights: a weight acts as `weight · 2^exp`.
    pub fn weight_exp(&self) -> i8 {
        self.exp
    }

    /// The width of a weight \[bits\].
    pub fn weight_bits(&self) -> u8 {
        self.format.bits
    }

    /// The signs of the weights.
    pub fn sign(&self) -> SignMode {
        self.format.sign
    }

    /// The delay of synapse `i` \[steps\] beyond the one step that every spike takes.
    pub fn delay(&self, i: usize) -> u8 {
        self.delays.get(i)
    }

    /// The bits of the longest delay.
    pub fn delay_bits(&self) -> u8 {
        self.delay_bits
    }
}

impl QuantizedNetwork<'_> {
    /// The network that it is of.
    pub fn network(&self) -> &ValidNetwork {
        self.network
    }

    /// The numbers that it is said in.
    pub fn format(&self) -> &NumberFormat {
        &self.format
    }

    /// What a step of the chip means \[ms\].
    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// The neurons in network order, as a [`Graph`](crate::Graph) numbers them.
    pub fn neurons(&self) -> &[QuantizedNeuron] {
        &self.neurons
    }

    /// The projections, in network order.
    pub fn projections(&self) -> &[QuantizedProjection] {
        &self.projections
    }

    /// What quantization has cost.
    pub fn report(&self) -> &QuantizeReport {
        &self.report
    }

    /// How neurons and synapses are laid down on the chip. Configurations are counted in the order in which
    /// they come.
    pub fn layout(&self) -> Layout {
        let bits = |projection: &QuantizedProjection| {
            u16::from(projection.weight_bits())
                + u16::from(projection.delay_bits)
                + u16::from(self.format.index_bits)
        };
        let mut known = HashMap::new();
        let mut config = Vec::with_capacity(self.neurons.len());
        for neuron in &self.neurons {
            let next = known.len() as u32;
            config.push(*known.entry(neuron.config()).or_insert(next));
        }
        Layout { synapse_bits: self.projections.iter().map(bits).collect(), config }
    }

    /// The first neuron of the population at place `p`, as [`neurons`](Self::neurons) counts them.
    pub(super) fn first_neuron(&self, p: usize) -> usize {
        Numbers::of(self.network).source[p] as usize
    }
}
