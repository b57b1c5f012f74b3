//! From a float network to a chip's whole numbers.
//!
//! ```text
//! check         all that a chip cannot do, with the nearest that it can
//! compartments  decays and refractory periods; the answer to a spike     by neuron, or by groups of them
//! choose        a scale by population, an exponent by projection         least error of the potential
//! encode        thresholds, biases, weights, delays; what they cost      O(synapses)
//! ```
//!
//! The key decision: what is kept is what a spike does to the *potential beside the threshold*, over all steps that
//! follow, and not the weight. A potential may be counted in any unit, and a neuron whose threshold is twice as high
//! with synapses twice as strong is the same neuron. So scales are free, and are chosen for the least mean square
//! error of the potential, weighted by how often a source spikes. What a decay's rounding changes is made up for
//! in the weights, by least squares over the whole course.
//!
//! What the chip does otherwise than the grid of [`rheobase_net`]'s simulator:
//!
//! - It fires above its threshold and not at it; the threshold is put half a unit of a potential lower.
//! - `v_reset` is 0. `v_rest` becomes a part of the constant input, which is exact.
//! - A current acts in the step in which a spike arrives, and not in the next, so a delay of `d` steps is kept as `d`
//!   beyond the chip's own step with exponential currents, and as `d − 1` with delta synapses.
//! - A compartment has one current. Excitatory and inhibitory ones of different time constants become one, between
//!   them; [`QuantizeConfig::tau_syn_ratio`] says how far that may go, and the report what it does.
//!
//! ```
//! use rheobase_mapping::Activity;
//! use rheobase_mapping::quantize::{NumberFormat, QuantizeConfig, quantize};
//! use rheobase_net::{generate, validate};
//!
//! let network = validate(generate::generate(&generate::lsm_delta(135), 1)?)?;
//! let config = QuantizeConfig { dt: 0.1, ..QuantizeConfig::default() };
//! let quantized = quantize(&network, &NumberFormat::loihi(), &Activity::uniform(&network), &config)?;
//! assert!(quantized.report().projections.iter().all(|projection| projection.membrane_error < 0.05));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod check;
mod column;
mod compartment;
mod config;
mod cost;
mod delays;
mod dequantize;
mod encode;
mod fault;
mod format;
mod network;
mod rates;
mod report;
mod response;
mod scale;
mod synapses;

use rayon::prelude::*;
use rheobase_net::{Model, ValidNetwork};

use check::is_known;
pub use config::{Parameters, QuantizeConfig};
pub(crate) use delays::{beyond, lag};
use encode::Encoder;
pub use fault::{QuantizeError, QuantizeFault};
pub use format::{NumberFormat, SignMode};
pub use network::{QuantizedNetwork, QuantizedNeuron, QuantizedProjection};
pub use report::{PopulationReport, ProjectionReport, QuantizeReport, RateChange};

use crate::Activity;
use crate::graph::Numbers;

/// Puts a network into the numbers of a chip, with the least error of what the spikes of `activity` do to potentials.
///
/// `O(neurons + synapses)`; a byte or two a synapse. The result depends on no number of threads.
///
/// # Errors
/// Everything that the chip cannot do, all at once; scales are looked for only if there is nothing else.
pub fn quantize<'a>(
    network: &'a ValidNetwork,
    format: &NumberFormat,
    activity: &Activity,
    config: &QuantizeConfig,
) -> Result<QuantizedNetwork<'a>, QuantizeError> {
    let mut faults = check::check(network, format, activity, config)?;
    let numbers = Numbers::of(network);
    let encoder = Encoder { network, numbers: &numbers, format, activity, config };
    let neurons =
        network.populations().iter().enumerate().filter_map(|(p, population)| match &population.model {
            Model::Lif(lif) if is_known(lif.synapse) => Some((p, lif)),
            // The others are refused, or sources.
            Model::Lif(_) | Model::Izhikevich(_) | Model::Ltc(_) => None,
            Model::SpikeSource(_) | Model::CurrentSource(_) => None,
        });
    let neurons: Vec<_> = neurons.collect();
    faults.extend(neurons.iter().flat_map(|(p, lif)| encoder.faults(*p, lif)));
    if !faults.is_empty() {
        return Err(QuantizeError { faults });
    }
    let encoded: Vec<_> = neurons.par_iter().map(|(p, lif)| encoder.encode(*p, lif)).collect();
    let (mut neurons, mut per_mv, mut populations, mut projections) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for encoded in encoded {
        match encoded {
            Ok(encoded) => {
                neurons.extend(encoded.neurons);
                per_mv.extend(encoded.per_mv);
                populations.push(encoded.report);
                projections.extend(encoded.projections);
            }
            Err(fault) => faults.push(fault),
        }
    }
    if !faults.is_empty() {
        return Err(QuantizeError { faults });
    }
    projections.sort_by_key(|(at, ..)| *at);
    let (projections, reports) =
        projections.into_iter().map(|(_, projection, report)| (projection, report)).unzip();
    let (dt, weight_bits) = (config.dt, config.weight_bits);
    let report = QuantizeReport { dt, weight_bits, configs: 0, populations, projections: reports };
    let mut quantized =
        QuantizedNetwork { network, format: format.clone(), dt, neurons, per_mv, projections, report };
    quantized.report.configs = quantized.layout().config.iter().max().map_or(0, |last| last + 1);
    Ok(quantized)
}
