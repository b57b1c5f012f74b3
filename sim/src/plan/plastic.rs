//! Projections whose weights change: what a run starts from.

use std::borrow::Cow;

use rheobase_net::{Network, Plasticity, PopulationId, Weights};

use super::{delay_range, to_steps};

/// A projection whose weights change.
#[derive(Debug)]
pub(crate) struct Plastic {
    pub name: String,
    pub rule: Plasticity,
    pub target: PopulationId,
    /// The first node of the source.
    pub first_node: u32,
    /// Where each source's row starts, in the network's order; `[n_sources + 1]`.
    pub row_start: Vec<u64>,
    /// The weights at the start, in the network's order.
    pub start: Weights,
    /// The longest delay \[ms\], and in steps.
    pub max_delay: f64,
    pub max_steps: u32,
}

impl Plastic {
    /// The number of synapses.
    pub fn len(&self) -> usize {
        self.row_start.last().map_or(0, |end| *end as usize)
    }
}

/// All projections whose weights change, in order. Weights of a network that is owned are moved.
pub(super) fn plastic(network: &mut Cow<'_, Network>, dt: f64) -> Vec<Plastic> {
    let mut all = Vec::new();
    for idx in 0..network.projections.len() {
        let projection = &network.projections[idx];
        let Some(rule) = projection.plasticity.filter(|rule| rule.w_max().is_some()) else { continue };
        let before = &network.populations[..projection.source.idx()];
        let (_, max_delay) = delay_range(&projection.synapses.delay);
        all.push(Plastic {
            name: projection.name.clone(),
            rule,
            target: projection.target,
            first_node: before.iter().map(|population| population.size).sum(),
            row_start: projection.synapses.row_start.clone(),
            max_delay,
            max_steps: to_steps(max_delay, dt),
            start: match &mut *network {
                Cow::Borrowed(network) => network.projections[idx].synapses.weight.clone(),
                Cow::Owned(network) => {
                    let weight = &mut network.projections[idx].synapses.weight;
                    std::mem::replace(weight, Weights::Shared(0.0))
                }
            },
        });
    }
    all
}
