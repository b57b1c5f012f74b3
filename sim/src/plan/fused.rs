//! Poisson sources that need not be delivered: each feeds one neuron and nobody else.

use rheobase_lif::Port;
use rheobase_net::{Delays, Model, Param, PopulationId, Projection, SpikeSource, ValidNetwork, Weights};

use super::kinds::is_inhibitory;
use super::layout::Layout;
use super::to_steps;
use crate::sources::Counts;

/// A projection whose spikes the grid draws at its targets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fused {
    pub source: PopulationId,
    pub target: PopulationId,
    /// Mean number of spikes in a step.
    pub mean: f64,
    pub weight: f64,
    pub port: Port,
    /// Delay in steps.
    pub delay: u32,
}

/// Fewer spikes a step than this are cheaper one by one.
const LEAST_MEAN: f64 = 0.03;

/// The projections that can be drawn at their targets: neuron `i` gets the spikes of source `i` alone,
/// with one weight and delay, and the source goes nowhere else.
pub(super) fn fused(network: &ValidNetwork, layout: &Layout, dt: f64) -> Vec<Fused> {
    network.projections().iter().filter_map(|projection| fuse(network, layout, dt, projection)).collect()
}

fn fuse(network: &ValidNetwork, layout: &Layout, dt: f64, projection: &Projection) -> Option<Fused> {
    let Projection { name: _, source, target, receptor, synapses, plasticity } = projection;
    let size = network.population(*source).size;
    let Model::SpikeSource(SpikeSource::Poisson { rate_hz: Param::Shared(rate) }) =
        &network.population(*source).model
    else {
        return None;
    };
    let (Weights::Shared(weight), Delays::Shared(delay)) = (&synapses.weight, &synapses.delay) else {
        return None;
    };
    let mean = rate * dt / 1000.0;
    let is_only = network.projections().iter().filter(|other| other.source == *source).count() == 1;
    let is_identity = || {
        network.population(*target).size == size
            && synapses.row_start.iter().copied().eq(0..=u64::from(size))
            && synapses.target.iter().copied().eq(0..size)
    };
    let is_counted = (LEAST_MEAN..=Counts::LARGEST_MEAN).contains(&mean);
    if !(is_counted && is_only && plasticity.is_none() && is_identity()) {
        return None;
    }
    let class = layout.classes[usize::from(layout.class_of[target.idx()]?)];
    let is_inhibitory = is_inhibitory(*receptor, *weight) && !class.has_one_port();
    Some(Fused {
        source: *source,
        target: *target,
        mean,
        weight: if class.takes_amounts() { weight.abs() } else { *weight },
        port: if is_inhibitory { Port::Inhibitory } else { Port::Excitatory },
        delay: to_steps(*delay, dt),
    })
}
