//! The recent spikes of the neurons at which plastic synapses end.

use rheobase_net::Plasticity;

use super::Clock;
use super::rule::{Decay, Post};
use crate::plan::{Plan, Plastic, Shard};

/// The recent spikes of a population's neurons in a shard, with traces of one pair of time constants.
/// Projections with the same target and the same time constants share them.
#[derive(Debug)]
pub(super) struct History {
    /// The place of the first neuron in its class, from where targets count.
    first_place: u32,
    first_node: u32,
    /// The first neuron, counted inside the population.
    pub first: u32,
    /// Of the fast trace and of the slow one.
    decays: [Decay; 2],
    /// The longest delay of the synapses, in units of the clock.
    pub reach: f64,
    /// Of every neuron, oldest first.
    pub posts: Vec<Vec<Post>>,
}

/// What projections have to have in common to share a history: the target, and the bits of both time
/// constants.
type Key = (u32, [u64; 2]);

/// The distinct histories of a plan, and for every plastic projection which is its own.
pub(super) fn keys(plan: &Plan) -> (Vec<Key>, Vec<usize>) {
    let mut keys: Vec<Key> = Vec::new();
    let mut of_projection = Vec::new();
    for plastic in &plan.plastic {
        let key = (plastic.target.0, taus(plastic).map(f64::to_bits));
        let place = keys.iter().position(|known| *known == key).unwrap_or_else(|| {
            keys.push(key);
            keys.len() - 1
        });
        of_projection.push(place);
    }
    (keys, of_projection)
}

fn taus(plastic: &Plastic) -> [f64; 2] {
    match plastic.rule {
        Plasticity::StdpPair(rule) => [rule.tau_minus, f64::INFINITY],
        Plasticity::StdpTriplet(rule) => [rule.tau_minus, rule.tau_minus_triplet],
        Plasticity::Tsodyks(_) => unreachable!("short-term plasticity changes no weight"),
    }
}

impl History {
    /// A history without spikes; empty if the shard owns no neuron of the population.
    pub fn new(shard: &Shard, (target, taus): Key, reach: f64, clock: Clock) -> Self {
        let part = shard.parts.iter().find(|part| part.population.0 == target);
        let (first_place, first_node, first, size) = part.map_or((0, 0, 0, 0), |part| {
            let first_place = shard.place_in_class(part, 0) as u32;
            (first_place, part.first_node, part.first, part.size)
        });
        let posts = vec![Vec::new(); size as usize];
        let decays = taus.map(|tau| Decay::new(f64::from_bits(tau), clock));
        Self { first_place, first_node, first, decays, reach, posts }
    }

    /// The spikes of a target.
    #[inline]
    pub fn of(&self, target: usize) -> &[Post] {
        &self.posts[target - self.first_place as usize]
    }

    /// A node has fired at `t`. Says whether it was one of these neurons.
    pub fn note(&mut self, t: f64, node: u32) -> bool {
        let neuron = node.wrapping_sub(self.first_node) as usize;
        let Some(posts) = self.posts.get_mut(neuron) else { return false };
        let [fast, slow] = &self.decays;
        let post = match posts.last() {
            None => Post { t, fast: 1.0, slow: 0.0 },
            Some(before) => {
                let since = t - before.t;
                Post {
                    t,
                    fast: before.fast * fast.at(since) + 1.0,
                    slow: (before.slow + 1.0) * slow.at(since),
                }
            }
        };
        posts.push(post);
        true
    }

    /// Forgets spikes before `t`, but for the last one of every neuron: its traces are still to be seen.
    pub fn forget_before(&mut self, t: f64) {
        for posts in &mut self.posts {
            let old = posts.iter().take_while(|post| post.t < t).count();
            posts.drain(..old.saturating_sub(1));
        }
    }

    /// How many spikes are kept.
    pub fn len(&self) -> usize {
        self.posts.iter().map(Vec::len).sum()
    }
}
