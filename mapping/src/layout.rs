//! How neurons and synapses are laid down on a chip, for networks that stay as they are.

use std::collections::HashMap;
use std::fmt;

use rheobase_net::{Delays, IzhikevichPopulation, LifPopulation, Model, Param, SynapseKind, ValidNetwork};

use crate::chip::Chip;
use crate::quantize::{beyond, lag};

/// How the neurons and synapses of a network are laid down on a chip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Bits of a synapse: weight, delay, index; by projection.
    pub synapse_bits: Vec<u16>,
    /// Which configuration a neuron has, counted from 0; `[n_neurons]`.
    pub config: Vec<u32>,
}

/// Why synapses cannot be laid down on a chip.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutFault {
    /// What a step means is no time.
    #[error("a step is {dt} ms, and must be finite and above 0")]
    Step {
        /// The step \[ms\].
        dt: f64,
    },
    /// The chip stores no weights of this width.
    #[error("{chip} stores weights of {allowed:?} bits, and not of {bits}: the nearest is {nearest}")]
    WeightBits {
        /// The chip.
        chip: String,
        /// The width that was asked for.
        bits: u32,
        /// The widths that the chip has.
        allowed: Vec<u32>,
        /// The nearest of them.
        nearest: u32,
    },
    /// A delay is longer than the chip can hold a spike.
    #[error(
        "projection \"{projection}\": its longest delay is {delay} ms, {steps} steps of {dt} ms beyond the chip's own, and {chip} has {limit}: take a longer step, or shorter delays"
    )]
    Delay {
        /// The chip.
        chip: String,
        /// The projection.
        projection: String,
        /// Its longest delay \[ms\].
        delay: f64,
        /// The steps beyond the chip's own.
        steps: f64,
        /// The step \[ms\].
        dt: f64,
        /// The most steps.
        limit: u32,
    },
}

/// All reasons for which synapses cannot be laid down.
#[derive(Debug, Clone, PartialEq)]
pub struct LayoutError {
    /// The reasons; at least one.
    pub faults: Vec<LayoutFault>,
}

impl std::error::Error for LayoutError {}

impl fmt::Display for LayoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => write!(f, "{fault}"),
            faults => {
                write!(f, "synapses cannot be laid down, for {} reasons:", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
            }
        }
    }
}

impl Layout {
    /// The layout of a network that keeps its own numbers: weights take `weight_bits`, delays what the longest of
    /// their projection needs in steps of `dt` ms, and neurons of different constants are different configurations.
    ///
    /// For chips that say in which numbers they count, [`quantize`](crate::quantize::quantize) gives a layout.
    ///
    /// # Errors
    /// All widths and delays that the chip does not have.
    pub fn of(network: &ValidNetwork, chip: &Chip, weight_bits: u32, dt: f64) -> Result<Self, LayoutError> {
        let mut faults = Vec::new();
        if !(dt.is_finite() && dt > 0.0) {
            return Err(LayoutError { faults: vec![LayoutFault::Step { dt }] });
        }
        let format = chip.synapse();
        if !format.weight_bits.contains(&weight_bits) {
            let (chip, allowed) = (chip.name().to_owned(), format.weight_bits.clone());
            let nearest = nearest_width(&allowed, weight_bits);
            faults.push(LayoutFault::WeightBits { chip, bits: weight_bits, allowed, nearest });
        }
        let mut synapse_bits = Vec::with_capacity(network.projections().len());
        for projection in network.projections() {
            let lag = match &network.population(projection.target).model {
                Model::Lif(lif) => lag(lif.synapse),
                Model::Izhikevich(_) | Model::Ltc(_) => lag(SynapseKind::Delta),
                Model::SpikeSource(_) | Model::CurrentSource(_) => 0,
            };
            let delay = if projection.synapses.is_empty() { dt } else { longest(&projection.synapses.delay) };
            let steps = beyond(delay, lag, dt);
            let limit = format.delay_steps;
            if steps > f64::from(limit) {
                let (chip, projection) = (chip.name().to_owned(), projection.name.clone());
                faults.push(LayoutFault::Delay { chip, projection, delay, steps, dt, limit });
            }
            synapse_bits.extend(format.bits(weight_bits, steps as u32));
        }
        if faults.is_empty() {
            Ok(Self { synapse_bits, config: configs(network) })
        } else {
            Err(LayoutError { faults })
        }
    }
}

/// The width that is most like another.
pub(crate) fn nearest_width(allowed: &[u32], bits: u32) -> u32 {
    allowed.iter().copied().min_by_key(|width| width.abs_diff(bits)).unwrap_or(bits)
}

fn longest(delays: &Delays) -> f64 {
    match delays {
        Delays::Shared(delay) => *delay,
        Delays::Ticks { tick, n } => f64::from(n.iter().copied().max().unwrap_or(0)) * tick,
        Delays::F64(delays) => delays.iter().copied().fold(0.0, f64::max),
    }
}

/// Neurons of the same population with the same constants have the same configuration; where they start is none.
fn configs(network: &ValidNetwork) -> Vec<u32> {
    let mut known = HashMap::new();
    let mut config = Vec::with_capacity(network.n_neurons() as usize);
    for (p, population) in network.populations().iter().enumerate() {
        let constants = match &population.model {
            Model::Lif(lif) => of_lif(lif),
            Model::Izhikevich(izhikevich) => of_izhikevich(izhikevich),
            Model::Ltc(_) | Model::SpikeSource(_) | Model::CurrentSource(_) => continue,
        };
        let own: Vec<&Param> =
            constants.into_iter().filter(|param| matches!(param, Param::PerNode(_))).collect();
        for neuron in 0..population.size as usize {
            let values: Vec<u64> = own.iter().map(|param| param.get(neuron).to_bits()).collect();
            let next = known.len() as u32;
            config.push(*known.entry((p, values)).or_insert(next));
        }
    }
    config
}

fn of_lif(lif: &LifPopulation) -> Vec<&Param> {
    let LifPopulation {
        synapse: _,
        tau_m,
        c_m,
        v_rest,
        v_th,
        v_reset,
        t_ref,
        i_bias,
        v_init: _,
        tau_syn_ex,
        tau_syn_in,
        e_ex,
        e_in,
        syn_ex_init: _,
        syn_in_init: _,
        theta_jump,
        tau_theta,
        eta_theta,
        target_rate,
    } = lif;
    let membrane = [tau_m, c_m, v_rest, v_th, v_reset, t_ref, i_bias];
    let synapses = [tau_syn_ex, tau_syn_in, e_ex, e_in];
    let thresholds = [theta_jump, tau_theta, eta_theta, target_rate];
    membrane.into_iter().chain(synapses).chain(thresholds).collect()
}

fn of_izhikevich(izhikevich: &IzhikevichPopulation) -> Vec<&Param> {
    let IzhikevichPopulation { a, b, c, d, v_peak, i_bias, v_init: _, u_init: _, method: _ } = izhikevich;
    vec![a, b, c, d, v_peak, i_bias]
}
