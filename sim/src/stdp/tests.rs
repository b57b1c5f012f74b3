//! Learning by itself, with spikes that no neuron has to fire.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{
    Delays, LifPopulation, Model, Network, Plasticity, Population, PopulationId, Projection, Receptor,
    StdpPair, StdpTriplet, Synapses, ValidNetwork, Weights, validate,
};

use super::state::{StateError, restore, state};
use super::*;
use crate::plan::compile;

const N: u32 = 20;
const STEPS: u32 = 4000;

/// Neurons among which every one sends to six others, through delays of 1 to 30 steps of 1 ms; each is also
/// reached by two more projections, one with the same time constants and one with others. The last neuron
/// never fires.
fn network() -> ValidNetwork {
    let mut stream = Stream::new(3, Purpose::Poisson, 0, 0);
    let mut below = |n: u32| (stream.open01() * f64::from(n)) as u32;
    let mut projection = |name: &str, plasticity, w: f64| Projection {
        name: name.to_owned(),
        source: PopulationId(0),
        target: PopulationId(0),
        receptor: Receptor::BySign,
        synapses: Synapses {
            row_start: (0..=u64::from(N)).map(|row| 6 * row).collect(),
            target: (0..6 * N).map(|_| below(N)).collect(),
            weight: Weights::Shared(w),
            delay: Delays::F64((0..6 * N).map(|_| f64::from(1 + below(30))).collect()),
        },
        plasticity: Some(plasticity),
    };
    let pair = StdpPair { mu_plus: 0.5, lambda: 0.05, ..StdpPair::default() };
    let triplet = StdpTriplet { w_max: -1.0, ..StdpTriplet::default() };
    let projections = vec![
        projection("a", Plasticity::StdpPair(pair), 50.0),
        projection("b", Plasticity::StdpTriplet(triplet), -0.5),
        projection("c", Plasticity::StdpPair(StdpPair { alpha: 0.8, ..pair }), 20.0),
    ];
    let neurons = Model::Lif(LifPopulation::default());
    let populations = vec![Population { name: "n".to_owned(), size: N, model: neurons, positions: None }];
    validate(Network { populations, projections, ..Network::default() }).unwrap()
}

/// The nodes that fire in each step, from 1.
fn spikes() -> Vec<Vec<u32>> {
    let mut stream = Stream::new(4, Purpose::Poisson, 0, 0);
    (0..STEPS).map(|_| (0..N - 1).filter(|_| stream.open01() < 0.05).collect()).collect()
}

/// A run of a number of shards.
struct Driven<'a> {
    plan: &'a Plan,
    shards: Vec<Learning<'a>>,
    /// Shard and segment, by the step in which they are due.
    on_their_way: BTreeMap<u32, Vec<(usize, usize)>>,
}

impl<'a> Driven<'a> {
    fn new(plan: &'a Plan, most_posts: usize) -> Self {
        let learning = |shard| {
            let learning = Learning::new(plan, shard, Clock::grid(1.0)).unwrap();
            Learning { most_posts, ..learning }
        };
        Self { plan, shards: plan.shards.iter().map(learning).collect(), on_their_way: BTreeMap::new() }
    }

    /// Puts what is fired in a step on its way, as far as it is due after `done`.
    fn send(&mut self, step: u32, fired: &[u32], done: u32) {
        for (shard, Shard { plastic, .. }) in self.plan.shards.iter().enumerate() {
            for segment in fired.iter().flat_map(|node| plastic.row(*node)) {
                let due = step + self.plan.kinds[plastic.segment(segment).0 as usize].steps;
                if due > done {
                    self.on_their_way.entry(due).or_default().push((shard, segment));
                }
            }
        }
    }

    /// Takes the steps `from + 1 ..= until`.
    fn advance(&mut self, spikes: &[Vec<u32>], from: u32, until: u32) {
        for step in from + 1..=until {
            for (shard, segment) in self.on_their_way.remove(&step).unwrap_or_default() {
                self.shards[shard].pass(segment, f64::from(step));
            }
            let fired = &spikes[step as usize - 1];
            for learning in &mut self.shards {
                learning.note(fired.iter().map(|node| (f64::from(step), *node)));
                learning.tidy(f64::from(step));
            }
            self.send(step, fired, step);
        }
    }

    fn finish(mut self, t: u32) -> Vec<Vec<u64>> {
        for (step, due) in std::mem::take(&mut self.on_their_way) {
            due.into_iter().for_each(|(shard, segment)| self.shards[shard].pass(segment, f64::from(step)));
        }
        let weights = final_weights(self.plan, self.shards.iter_mut(), f64::from(t));
        weights.into_iter().map(|of| of.weights.into_iter().map(f64::to_bits).collect()).collect()
    }
}

fn plan(network: &ValidNetwork, n_shards: usize) -> Plan {
    compile(Cow::Borrowed(network), n_shards, 1.0).unwrap().0
}

fn uninterrupted(plan: &Plan, most_posts: usize) -> Vec<Vec<u64>> {
    let mut driven = Driven::new(plan, most_posts);
    driven.advance(&spikes(), 0, STEPS);
    driven.finish(STEPS)
}

/// Applied early or late, it is the same; and nothing piles up, though a neuron never fires.
#[test]
fn sweeps_change_no_bit_and_bound_the_memory() {
    let network = network();
    let plan = plan(&network, 2);
    let reference = uninterrupted(&plan, usize::MAX);
    for most_posts in [0, 100, 1000] {
        assert_eq!(uninterrupted(&plan, most_posts), reference, "at most {most_posts} spikes");
    }
    let mut driven = Driven::new(&plan, 100);
    driven.advance(&spikes(), 0, STEPS);
    for learning in &driven.shards {
        let n: usize = learning.histories.iter().map(History::len).sum();
        // Two histories of ten neurons keep what was fired in the last 60 steps, and a spike each.
        assert!(n == learning.n_posts && n <= 100 + 2 * 10, "{n} spikes");
    }
}

#[test]
fn a_run_that_is_taken_up_goes_on_bit_for_bit_on_any_number_of_shards() {
    let (network, spikes) = (network(), spikes());
    let plans: Vec<Plan> = [1, 2, 5].into_iter().map(|n_shards| plan(&network, n_shards)).collect();
    let reference = uninterrupted(&plans[0], usize::MAX);
    let half = STEPS / 2;
    let mut states = Vec::new();
    for plan in &plans {
        let mut driven = Driven::new(plan, 300);
        driven.advance(&spikes, 0, half);
        states.push(state(plan, &mut driven.shards.iter_mut().collect::<Vec<_>>(), f64::from(half)));
        // Saying how it is changes nothing.
        driven.advance(&spikes, half, STEPS);
        assert_eq!(driven.finish(STEPS), reference);
    }
    for state in &states {
        assert!(*state == states[0], "a state depends on the number of shards");
        let text = serde_json::to_string(state).unwrap();
        let state: super::state::LearningState = serde_json::from_str(&text).unwrap();
        for plan in &plans {
            let mut driven = Driven::new(plan, 300);
            restore(&mut driven.shards.iter_mut().collect::<Vec<_>>(), &state).unwrap();
            for step in half - 30..=half {
                driven.send(step, &spikes[step as usize - 1], half);
            }
            driven.advance(&spikes, half, STEPS);
            assert_eq!(driven.finish(STEPS), reference);
        }
    }
}

#[test]
fn a_state_of_another_network_is_refused() {
    let network = network();
    let whole = plan(&network, 1);
    let state = state(&whole, &mut [&mut Driven::new(&whole, 100).shards[0]], 0.0);
    let mut smaller = network.into_network();
    smaller.projections.truncate(2);
    let smaller = validate(smaller).unwrap();
    let plan = plan(&smaller, 1);
    let error = restore(&mut [&mut Driven::new(&plan, 100).shards[0]], &state).unwrap_err();
    assert_eq!(error, StateError::Length { what: "plastic projections", found: 3, expected: 2 });
    assert!(error.to_string().contains("3 plastic projections, and the network has 2"), "{error}");
}
