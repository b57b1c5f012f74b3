//! Connections of current sources.

use rheobase_net::{Model, PopulationId, ValidNetwork};

use super::layout::{Part, ShardLayout};

/// The connections of a current source with one delay into one part.
#[derive(Debug)]
pub(crate) struct CurrentLink {
    pub source: PopulationId,
    /// Delay \[ms\], ≥ 0.
    pub delay: f64,
    pub part: u16,
    /// Channel, target inside the part, weight; by target, then channel.
    pub synapses: Vec<(u32, u32, f64)>,
}

/// The links that end in a shard.
pub(crate) fn links(network: &ValidNetwork, shard: &ShardLayout) -> Vec<CurrentLink> {
    let mut all = Vec::new();
    for projection in network.projections() {
        if !matches!(network.population(projection.source).model, Model::CurrentSource(_)) {
            continue;
        }
        let part = shard.parts.iter().position(|part| part.population == projection.target);
        let Some(part) = part else { continue };
        let Part { first, size, .. } = shard.parts[part];
        let synapses = &projection.synapses;
        let mut links: Vec<CurrentLink> = Vec::new();
        for channel in 0..synapses.row_start.len() - 1 {
            for i in synapses.row(channel) {
                let target = synapses.target[i];
                if !(first..first + size).contains(&target) {
                    continue;
                }
                let delay = synapses.delay.get(i);
                let synapse = (channel as u32, target - first, synapses.weight.get(i));
                match links.iter_mut().find(|link| link.delay == delay) {
                    Some(link) => link.synapses.push(synapse),
                    None => links.push(CurrentLink {
                        source: projection.source,
                        delay,
                        part: part as u16,
                        synapses: vec![synapse],
                    }),
                }
            }
        }
        links.iter_mut().for_each(|link| link.synapses.sort_by_key(|(_, target, _)| *target));
        all.extend(links);
    }
    all
}
