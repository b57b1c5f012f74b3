//! Connections of sources of values: of currents, and of groups that send what they are.

use std::ops::Range;

use rheobase_net::{PopulationId, Projection, ValidNetwork};

use super::layout::{Part, ShardLayout};

/// The connections of a source of values with one delay into one part.
#[derive(Debug)]
pub(crate) struct CurrentLink {
    pub source: PopulationId,
    /// Delay \[ms\], ≥ 0.
    pub delay: f64,
    pub part: u16,
    /// Channel, target inside the part, weight; by target, then channel.
    pub synapses: Vec<(u32, u32, f64)>,
}

/// The links that end at neurons of a shard.
pub(crate) fn links(network: &ValidNetwork, shard: &ShardLayout) -> Vec<CurrentLink> {
    let mut all = Vec::new();
    for projection in network.projections() {
        if network.population(projection.source).model.sends_spikes() {
            continue;
        }
        let part = shard.parts.iter().position(|part| part.population == projection.target);
        let Some(part) = part else { continue };
        let Part { first, size, .. } = shard.parts[part];
        all.extend(links_into(projection, first..first + size, part as u16));
    }
    all
}

/// The links of a projection that end at a range of its targets, which is a part.
pub(super) fn links_into(projection: &Projection, targets: Range<u32>, part: u16) -> Vec<CurrentLink> {
    let synapses = &projection.synapses;
    let mut links: Vec<CurrentLink> = Vec::new();
    for channel in 0..synapses.row_start.len() - 1 {
        for i in synapses.row(channel) {
            let target = synapses.target[i];
            if !targets.contains(&target) {
                continue;
            }
            let delay = synapses.delay.get(i);
            let synapse = (channel as u32, target - targets.start, synapses.weight.get(i));
            match links.iter_mut().find(|link| link.delay == delay) {
                Some(link) => link.synapses.push(synapse),
                None => {
                    let source = projection.source;
                    links.push(CurrentLink { source, delay, part, synapses: vec![synapse] });
                }
            }
        }
    }
    links.iter_mut().for_each(|link| link.synapses.sort_by_key(|(_, target, _)| *target));
    links
}
