//! What a run has learned, in the order of the network and whatever the number of shards.

use rheobase_net::ProjectionWeights;
use serde::{Deserialize, Serialize};

use super::history::History;
use super::rule::Post;
use super::{Learning, Row, largest, projection_of};
use crate::plan::{Plan, Plastic};

/// The state of all plastic synapses between two windows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct LearningState {
    /// Every synapse has seen what had reached it a delay before this time, in units of the clock.
    swept: f64,
    projections: Vec<ProjectionState>,
    /// Recent spikes: of every history, of every neuron of its population.
    posts: Vec<Vec<Vec<Post>>>,
}

/// The state of a projection.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct ProjectionState {
    /// In the network's order.
    weights: Vec<f64>,
    /// Presynaptic traces by node and kind, of those that have fired; ascending.
    rows: Vec<(u32, u32, Row)>,
}

/// A state does not belong to the network that it is given to.
#[derive(Debug, thiserror::Error, PartialEq)]
#[non_exhaustive]
pub(crate) enum StateError {
    /// It is of another network.
    #[error("the state has {found} {what}, and the network has {expected}: it belongs to another network")]
    Length {
        /// What is counted.
        what: &'static str,
        /// How many the state has.
        found: usize,
        /// How many the network has.
        expected: usize,
    },
}

impl<'a> Learning<'a> {
    /// Sets the weights; `of_synapse` takes the place of the projection among the plastic ones, and the
    /// synapse in the network's order.
    pub(super) fn set_weights(&mut self, of_synapse: impl Fn(usize, usize) -> f64) {
        for (segment, projection, _, start) in self.segments() {
            let (_, synapses) = self.table.segment(segment);
            let largest = largest(&self.plastic[projection]).abs();
            let places = &self.table.places()[synapses.clone()];
            for (weight, place) in self.weights[synapses].iter_mut().zip(places) {
                // A weight of single precision may be above the largest by rounding.
                let size = of_synapse(projection, start + *place as usize).abs().min(largest);
                *weight = self.signs[projection] * size;
            }
        }
    }

    /// Puts the weights into lists in the network's order, one list a plastic projection.
    fn put_weights(&self, lists: &mut [&mut Vec<f64>]) {
        for (segment, projection, _, start) in self.segments() {
            let (_, synapses) = self.table.segment(segment);
            let sign = largest(&self.plastic[projection]).signum();
            let places = &self.table.places()[synapses.clone()];
            for (weight, place) in self.weights[synapses].iter().zip(places) {
                // Adding 0 makes a zero of a zero with a sign.
                lists[projection][start + *place as usize] = sign * weight.abs() + 0.0;
            }
        }
    }

    /// Of every segment: its number, its projection, its node, and where the node's row starts in the
    /// network's order.
    fn segments(&self) -> impl Iterator<Item = (usize, usize, u32, usize)> + use<'a> {
        let (table, kinds, plastic) = (self.table, self.kinds, self.plastic);
        table.rows().flat_map(move |(node, segments)| {
            segments.map(move |segment| {
                let projection = projection_of(&kinds[table.segment(segment).0 as usize]);
                let Plastic { first_node, row_start, .. } = &plastic[projection];
                (segment, projection, node, row_start[(node - first_node) as usize] as usize)
            })
        })
    }
}

/// The weights at `t`, the end of a run, when every spike on its way has passed its segment.
pub(crate) fn final_weights<'s, 'a: 's>(
    plan: &Plan,
    shards: impl Iterator<Item = &'s mut Learning<'a>>,
    t: f64,
) -> Vec<ProjectionWeights> {
    let mut all: Vec<ProjectionWeights> = plan
        .plastic
        .iter()
        .map(|plastic| ProjectionWeights {
            projection: plastic.name.clone(),
            weights: vec![0.0; plastic.len()],
        })
        .collect();
    for learning in shards {
        learning.finish(t);
        let mut lists: Vec<&mut Vec<f64>> =
            all.iter_mut().map(|projection| &mut projection.weights).collect();
        learning.put_weights(&mut lists);
    }
    all
}

/// The state at `t`, between two windows; [`restored`](restore), a run goes on as it would have.
pub(crate) fn state(plan: &Plan, shards: &mut [&mut Learning<'_>], t: f64) -> LearningState {
    let n_histories = super::history::keys(plan).0.len();
    let of_projection =
        |plastic: &Plastic| ProjectionState { weights: vec![0.0; plastic.len()], rows: Vec::new() };
    let mut state = LearningState {
        swept: t,
        projections: plan.plastic.iter().map(of_projection).collect(),
        posts: vec![Vec::new(); n_histories],
    };
    for learning in shards {
        // What is left to remember then depends on the time alone.
        learning.sweep(t);
        let lists = state.projections.iter_mut().map(|projection| &mut projection.weights);
        learning.put_weights(&mut lists.collect::<Vec<_>>());
        for (segment, projection, node, _) in learning.segments() {
            let row = learning.rows[segment];
            if row.last > f64::NEG_INFINITY {
                let (kind, _) = learning.table.segment(segment);
                state.projections[projection].rows.push((node, kind, row));
            }
        }
        for (of_history, History { posts, first, .. }) in state.posts.iter_mut().zip(&learning.histories) {
            let end = *first as usize + posts.len();
            of_history.resize(of_history.len().max(end), Vec::new());
            of_history[*first as usize..end].clone_from_slice(posts);
        }
    }
    for ProjectionState { rows, .. } in &mut state.projections {
        rows.sort_by_key(|(node, kind, _)| (*node, *kind));
        // The segments of a node and kind in different shards see the same spikes.
        rows.dedup_by_key(|(node, kind, _)| (*node, *kind));
    }
    state
}

/// Takes up a state; the number of shards may be another.
///
/// # Errors
/// [`StateError`]
pub(crate) fn restore(shards: &mut [&mut Learning<'_>], state: &LearningState) -> Result<(), StateError> {
    let LearningState { swept, projections, posts } = state;
    let expect = |what, found, expected| match found == expected {
        true => Ok(()),
        false => Err(StateError::Length { what, found, expected }),
    };
    for learning in shards {
        expect("plastic projections", projections.len(), learning.plastic.len())?;
        expect("histories of spikes", posts.len(), learning.histories.len())?;
        for (state, plastic) in projections.iter().zip(learning.plastic) {
            expect("plastic synapses", state.weights.len(), plastic.len())?;
        }
        learning.set_weights(|projection, synapse| projections[projection].weights[synapse]);
        let segments: Vec<_> = learning.segments().collect();
        for (segment, projection, node, _) in segments {
            let (kind, _) = learning.table.segment(segment);
            let rows = &projections[projection].rows;
            if let Ok(place) = rows.binary_search_by_key(&(node, kind), |(node, kind, _)| (*node, *kind)) {
                learning.rows[segment] = rows[place].2;
            }
        }
        for (of_history, History { posts, first, .. }) in state.posts.iter().zip(&mut learning.histories) {
            let end = *first as usize + posts.len();
            let own = of_history.get(*first as usize..end);
            posts.clone_from_slice(own.ok_or(StateError::Length {
                what: "neurons with recent spikes",
                found: of_history.len(),
                expected: end,
            })?);
        }
        learning.swept = *swept;
        learning.n_posts = learning.histories.iter().map(History::len).sum();
    }
    Ok(())
}
