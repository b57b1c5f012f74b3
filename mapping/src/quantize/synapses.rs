//! The synapses of a projection one by one, with what a spike of their source counts.

use rheobase_net::{Projection, Receptor, Weights};

use super::format::{NumberFormat, SignMode};
use crate::Activity;
use crate::graph::Numbers;

/// One synapse.
pub(super) struct Synapse {
    /// Its place in the projection.
    pub at: usize,
    /// The neuron of the target population where it ends.
    pub target: usize,
    /// The current that it feeds: 0 is excitatory, 1 inhibitory.
    pub port: usize,
    /// Its weight \[mV or pA\].
    pub weight: f64,
    /// The spikes of its source, and one more: nobody is silent for ever.
    pub spikes: f64,
}

/// Calls `visit` for every synapse of a projection, in order.
pub(super) fn each_synapse(
    projection: &Projection,
    numbers: &Numbers,
    activity: &Activity,
    mut visit: impl FnMut(Synapse),
) {
    let synapses = &projection.synapses;
    let first = numbers.source[projection.source.idx()] as usize;
    for source in 0..synapses.row_start.len() - 1 {
        let spikes = f64::from(activity.0[first + source]) + 1.0;
        for at in synapses.row(source) {
            let (target, weight) = (synapses.target[at] as usize, synapses.weight.get(at));
            let port = match projection.receptor {
                Receptor::BySign => usize::from(weight < 0.0),
                Receptor::Excitatory => 0,
                Receptor::Inhibitory => 1,
            };
            visit(Synapse { at, target, port, weight, spikes });
        }
    }
}

/// The signs of a projection's weights, if the chip can make use of them.
pub(super) fn sign_of(projection: &Projection, format: &NumberFormat) -> SignMode {
    let both = |some: &mut dyn Iterator<Item = f64>| {
        some.fold((false, false), |(below, above), w| (below || w < 0.0, above || w > 0.0))
    };
    let (below, above) = match &projection.synapses.weight {
        Weights::Shared(weight) => (*weight < 0.0, *weight > 0.0),
        Weights::F32(weights) => both(&mut weights.iter().map(|weight| f64::from(*weight))),
        Weights::F64(weights) => both(&mut weights.iter().copied()),
    };
    match (below, above) {
        _ if !format.one_sign => SignMode::Mixed,
        (true, true) => SignMode::Mixed,
        (true, false) => SignMode::Inhibitory,
        (false, true | false) => SignMode::Excitatory,
    }
}
