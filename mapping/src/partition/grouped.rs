//! The search where neurons have twins.
//!
//! Groups of neurons move first, then the smaller groups of which they are made, and in the end neurons: layers are
//! cut in slabs, and a neuron that moves alone does not see where a slab should end. Groups have few pins, because
//! the neurons of each hear the same, so there can be several searches.

use super::first::First;
use super::noise::Noise;
use super::pins::Pins;
use super::search::{Found, Outcome, Search};
use super::{PartitionConfig, number_in_order};
use crate::Graph;
use crate::chip::Limits;

/// Searches with the largest groups, of which the best goes on.
const TRIES: usize = 4;
/// How hot a search begins with groups that divide those of a partition that was found, as a share of the usual.
const DIVIDED: f32 = 0.3;
/// The effort of a search with groups, and of the last one with neurons, as shares of the usual.
const GROUPS: f64 = 0.6;
const NEURONS: f64 = 0.15;

/// One search from a first partition, over all levels of groups, the largest first; `None` if it was stopped.
pub(super) fn search(
    graph: &Graph,
    limits: &Limits,
    config: &PartitionConfig,
    (first, part, levels): (&mut First<'_>, Vec<u32>, &[Pins]),
    noise: &mut Noise,
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Option<Found> {
    let with = |share: f64| PartitionConfig { effort: config.effort * share, ..*config };
    let n_searches = (TRIES + levels.len()) as f64;
    let n_parts = part.iter().max().map_or(1, |most| most + 1);
    let mut best: Option<Found> = None;
    let (largest, smaller) = levels.split_first().expect("there are groups");
    for i in 0..TRIES {
        let begin = if i == 0 { part.clone() } else { first.another(n_parts) };
        let search = Search::new(graph, limits, largest, with(GROUPS), noise.word());
        let mut go_on = |done: f64| go_on((i as f64 + done) / n_searches);
        keep_better(&mut best, run(search, largest, &begin, &mut go_on)?);
    }
    for (i, pins) in smaller.iter().enumerate() {
        let begin = best.as_ref().map_or(part.clone(), |best| best.part.clone());
        let search = Search::new(graph, limits, pins, with(GROUPS), noise.word()).colder(DIVIDED);
        let mut go_on = |done: f64| go_on(((TRIES + i) as f64 + done) / n_searches);
        keep_better(&mut best, run(search, pins, &begin, &mut go_on)?);
    }
    let best = best.expect("there was a try");
    let pins = Pins::of(graph);
    let mut search = Search::new(graph, limits, &pins, with(NEURONS), noise.word());
    search.improve(best.part.clone(), best, &mut |done| go_on((n_searches - 1.0 + done) / n_searches))
}

/// The best partition of groups, for their neurons.
fn run(
    mut search: Search<'_>,
    pins: &Pins,
    begin: &[u32],
    go_on: &mut dyn FnMut(f64) -> bool,
) -> Option<Found> {
    match search.run(pins.of_vertices(begin), false, go_on) {
        Outcome::Found(mut found) => {
            found.part = pins.of_neurons(&found.part);
            number_in_order(&mut found.part);
            Some(found)
        }
        Outcome::Stopped => None,
        Outcome::Wants(_) => unreachable!("it may want nothing else"),
    }
}

fn keep_better(best: &mut Option<Found>, found: Found) {
    if best.as_ref().is_none_or(|best| found.is_better(best)) {
        *best = Some(found);
    }
}
