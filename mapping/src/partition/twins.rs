//! Neurons that hear the same, as the maps of a convolution do at one place.

use std::collections::BTreeMap;

use rheobase_net::random::split_mix;

use super::pins::Pins;
use crate::Graph;

/// Rounds in which twins of twins are looked for.
const ROUNDS: usize = 4;

/// The group of every neuron, and the number of groups, where the neurons of a group have the same sources, or
/// sources that are twins in turn; `None` where fewer than half of all neurons have a twin.
///
/// `room` says how many like a neuron a group may have. What a neuron does to itself does not count, nor do sources
/// that are told apart by nothing but their order. The rounds are those of color refinement: after each, groups are
/// told apart by the groups of their sources.
pub(super) fn twins(graph: &Graph, pins: &Pins, room: impl Fn(u32) -> usize) -> Option<(Vec<u32>, usize)> {
    let n = graph.n_neurons as usize;
    // What does not reach neurons in the same groups as another source is a group of its own.
    let mut group: Vec<u32> = (0..graph.n_sources()).collect();
    let mut n_groups = n;
    for _ in 0..ROUNDS {
        let mut found: BTreeMap<(u64, u32), (u32, usize)> = BTreeMap::new();
        let mut next = Vec::with_capacity(group.len());
        let mut count = 0;
        for neuron in 0..graph.n_neurons {
            // A sum, because groups do not ascend as their sources do.
            let heard = pins.at(neuron).filter(|pin| !pin.own);
            let hash = heard.fold(0_u64, |hash, pin| {
                hash.wrapping_add(split_mix(u64::from(group[pin.source as usize]), u64::from(pin.n)))
            });
            // One that hears nothing is like no other.
            let hash = if hash == 0 { split_mix(u64::from(neuron), 0) } else { hash };
            let (of, size) = found.entry((hash, graph.config[neuron as usize])).or_insert((count, 0));
            if *size >= room(neuron) {
                (*of, *size) = (count, 0);
            }
            count += u32::from(*of == count);
            *size += 1;
            next.push(*of);
        }
        let outside = graph.n_neurons..graph.n_sources();
        next.extend(outside.map(|source| source - graph.n_neurons + count));
        group = next;
        if 2 * count as usize > n {
            return None;
        }
        if std::mem::replace(&mut n_groups, count as usize) == n_groups {
            break;
        }
    }
    group.truncate(n);
    Some((group, n_groups))
}
