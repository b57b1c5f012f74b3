//! Weights that change: closed forms, and what holds on random networks.
//!
//! A single pair of spikes, with presynaptic spikes at t1 and t2 and a postsynaptic one that reaches the
//! synapse at T between them, changes a weight additively to
//!
//! ```text
//! w + w_max lambda exp(−(T − t1)/tau_plus)                                             after T
//! w + w_max lambda exp(−(T − t1)/tau_plus) − w_max alpha lambda exp(−(t2 − T)/tau_minus)   after t2
//! ```

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::ops::ControlFlow;

use proptest::prelude::*;
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{
    Bounds, LifPopulation, Model, Plasticity, Projection, Recording, StdpPair, StdpTriplet, SynapseKind,
    ValidNetwork, Weights, learned, validate,
};
use rheobase_sim::{Engine, Record, Run, Scheduler, SimConfig};
use support::*;

const SCHEDULERS: [Scheduler; 2] = [Scheduler::Grid, Scheduler::Event];

fn keeping_weights(scheduler: Scheduler, dt: f64) -> SimConfig {
    SimConfig { record: Record { final_weights: true, ..everything() }, ..config(scheduler, dt) }
}

fn weights(recording: &Recording) -> Vec<&[f64]> {
    recording.weights.as_ref().unwrap().iter().map(|of| of.weights.as_slice()).collect()
}

#[test]
fn a_pair_of_spikes_changes_a_weight_as_the_formula_says() {
    let rule = StdpPair {
        tau_plus: 17.0,
        tau_minus: 31.0,
        lambda: 0.02,
        alpha: 1.5,
        mu_plus: 0.0,
        mu_minus: 0.0,
        w_max: 5.0,
    };
    let (w, delay, t1, t_post, t2) = (2.0, 3.0, 10.0, 14.5, 40.0);
    let relay = LifPopulation { t_ref: 0.0.into(), ..neuron(SynapseKind::Delta) };
    let mut plastic = projection("plastic", (1, 1), 0, &[(0, 0, w, delay)]);
    plastic.plasticity = Some(Plasticity::StdpPair(rule));
    let network = network(
        vec![
            population("post", 1, Model::Lif(relay)),
            population("pre", 1, train(1, &[(t1, 0), (t2, 0)])),
            population("drive", 1, train(1, &[(t_post - 1.0, 0)])),
        ],
        vec![plastic, projection("drive", (2, 1), 0, &[(0, 0, 100.0, 1.0)])],
    );
    let up = 5.0 * 0.02 * (-(t_post + delay - t1) / 17.0_f64).exp();
    let down = 5.0 * 1.5 * 0.02 * (-(t2 - t_post - delay) / 31.0_f64).exp();
    // Before the spike of the neuron reaches the synapse, after it, and after the second presynaptic spike.
    for (until, expected) in [(t_post + delay - 0.25, w), (t_post + delay, w + up), (t2, w + up - down)] {
        for scheduler in SCHEDULERS {
            let found = run(&network, &keeping_weights(scheduler, 0.25), until, 0);
            let found = weights(&found)[0][0];
            assert!((found - expected).abs() < 1e-14, "{scheduler:?}, {until}: {found}, not {expected}");
        }
    }
}

/// A network on a grid of 1/8 ms: delta neurons, trains and delays on the grid, so that both schedulers are
/// the same model. Delays differ from synapse to synapse and may be longer than intervals between spikes.
/// Two rules, weights of both signs, and a plastic projection from sources.
fn random_network(rules: [Plasticity; 3], seed: u64) -> ValidNetwork {
    const DT: f64 = 0.125;
    let stream = |k| Stream::new(seed, Purpose::Poisson, k, 0);
    let mut draw = stream(0);
    let mut below = |n: u32| (draw.open01() * f64::from(n)) as u32;
    let (n_exc, n_inh, n_in) = (40, 10, 30);
    let mut synapses = |n_sources: u32, n_targets: u32, n: u32, w_max: f64, longest: u32| -> Vec<_> {
        let synapse = |_| {
            let weight = w_max * f64::from(below(1025)) / 1024.0;
            let delay = f64::from(1 + below(longest)) * DT;
            (below(n_sources), below(n_targets), weight, delay)
        };
        (0..n).map(synapse).collect()
    };
    let mut projections: Vec<Projection> = vec![
        projection("e to e", (0, n_exc), 0, &synapses(n_exc, n_exc, 400, 4.0, 40)),
        projection("i to e", (1, n_inh), 0, &synapses(n_inh, n_exc, 150, -6.0, 8)),
        projection("in to e", (2, n_in), 0, &synapses(n_in, n_exc, 300, 4.0, 100)),
        projection("e to i", (0, n_exc), 1, &synapses(n_exc, n_inh, 100, 8.0, 16)),
        projection("in to i", (2, n_in), 1, &synapses(n_in, n_inh, 60, 8.0, 1)),
    ];
    for (projection, rule) in projections.iter_mut().zip(rules) {
        projection.plasticity = Some(rule);
    }
    // Start weights are kept in whatever way.
    projections[0].synapses.weight = Weights::Shared(2.0);
    if let Weights::F64(weights) = &projections[1].synapses.weight {
        projections[1].synapses.weight = Weights::F32(weights.iter().map(|w| *w as f32).collect());
    }
    let mut spikes = Vec::new();
    for node in 0..n_in {
        let mut stream = stream(1 + node);
        let mut t = 0.0;
        while t < 1000.0 {
            t += (15.0 * stream.exponential() / DT).ceil() * DT;
            spikes.push((t, node));
        }
    }
    let lif = Model::Lif(neuron(SynapseKind::Delta));
    network(
        vec![
            population("e", n_exc, lif.clone()),
            population("i", n_inh, lif),
            population("in", n_in, train(n_in, &spikes)),
        ],
        projections,
    )
}

fn rules() -> [Plasticity; 3] {
    let pair = StdpPair { lambda: 0.05, mu_plus: 0.3, mu_minus: 0.6, w_max: 4.0, ..StdpPair::default() };
    let triplet = StdpTriplet { a_plus: 0.02, a_minus: 0.03, w_max: -6.0, ..StdpTriplet::default() };
    let of_input = StdpPair { tau_minus: 35.0, mu_plus: 0.0, mu_minus: 0.0, ..pair };
    [Plasticity::StdpPair(pair), Plasticity::StdpTriplet(triplet), Plasticity::StdpPair(of_input)]
}

fn bits(recording: &Recording) -> Vec<Vec<u64>> {
    let of_projection = |weights: &[f64]| weights.iter().map(|weight| weight.to_bits()).collect();
    weights(recording).into_iter().map(of_projection).collect()
}

#[test]
fn neither_the_number_of_shards_nor_the_scheduler_changes_a_bit() {
    for seed in 0..3 {
        let network = random_network(rules(), seed);
        let reference = run(&network, &keeping_weights(Scheduler::Event, 0.125), 1000.0, 0);
        assert!(reference.counters.spikes > 1000, "{} spikes show nothing", reference.counters.spikes);
        let start: Vec<_> = network.projections().iter().map(|p| &p.synapses.weight).collect();
        for (learned, start) in weights(&reference).into_iter().zip(start) {
            let moved = learned.iter().enumerate().filter(|(i, weight)| **weight != start.get(*i)).count();
            assert!(moved > learned.len() / 2, "only {moved} of {} weights have changed", learned.len());
        }
        for scheduler in SCHEDULERS {
            for threads in [1, 2, 8] {
                let config = SimConfig { threads: Some(threads), ..keeping_weights(scheduler, 0.125) };
                let found = run(&network, &config, 1000.0, 0);
                assert_eq!(found.spikes, reference.spikes, "{scheduler:?} on {threads}");
                assert_eq!(bits(&found), bits(&reference), "{scheduler:?} on {threads}");
            }
        }
    }
}

/// What an engine learns in a run it forgets before the next, also if it has freed the network's synapses.
#[test]
fn every_run_starts_from_the_weights_of_the_network() {
    let network = random_network(rules(), 7);
    let given = Run { duration: 300.0, ..Run::default() };
    let go = &mut |_: f64| ControlFlow::Continue(());
    for scheduler in SCHEDULERS {
        let config = keeping_weights(scheduler, 0.125);
        let reference = run(&network, &config, 300.0, 0);
        let engine = Engine::consuming(network.clone(), &config).unwrap();
        for _ in 0..2 {
            let again = engine.run(&given, go).unwrap();
            assert_eq!(again.weights, reference.weights);
            assert_eq!(again.spikes, reference.spikes);
        }
    }
}

/// With conductances a weight is an amount and its sign only chooses the port; what is learned has its sign all
/// the same. The synapses here are too weak to be felt, so neurons with currents fire at the same times.
#[test]
fn conductances_learn_as_currents_do() {
    let learned = |synapse, w_max: f64, scheduler| {
        let lif = LifPopulation { i_bias: 40.0.into(), e_in: (-100.0).into(), ..neuron(synapse) };
        let spikes: Vec<_> = (1..20).map(|k| (f64::from(k) * 7.25, 0)).collect();
        let populations =
            vec![population("them", 2, Model::Lif(lif)), population("in", 1, train(1, &spikes))];
        let mut plastic = projection("plastic", (1, 1), 0, &[(0, 0, 0.5 * w_max, 1.0), (0, 1, 0.0, 2.0)]);
        plastic.plasticity = Some(Plasticity::StdpPair(StdpPair { w_max, ..StdpPair::default() }));
        let network = network(populations, vec![plastic]);
        let recording = run(&network, &keeping_weights(scheduler, 0.125), 150.0, 0);
        assert!(recording.counters.spikes > 20, "{} spikes", recording.counters.spikes);
        weights(&recording)[0].to_vec()
    };
    for scheduler in SCHEDULERS {
        for w_max in [1e-12, -1e-12] {
            let currents = learned(SynapseKind::Exp, w_max, scheduler);
            let conductances = learned(SynapseKind::Conductance, w_max, scheduler);
            for (a, b) in currents.iter().zip(&conductances) {
                assert!(*a != 0.0 && a.signum() == w_max.signum(), "{a} of {w_max}");
                assert!((a - b).abs() < 1e-6 * a.abs(), "{scheduler:?}: {a} and {b} of {w_max}");
            }
        }
    }
}

#[test]
fn a_network_with_learned_weights_goes_on_from_there() {
    let network = random_network(rules(), 1);
    let config = keeping_weights(Scheduler::Grid, 0.125);
    let recording = run(&network, &config, 500.0, 0);
    let learned = validate(learned(network.into_network(), recording.weights.as_ref().unwrap()).unwrap());
    let none = SimConfig { record: Record { final_weights: true, ..Record::default() }, ..config };
    // No spike is fired in the first step, so nothing changes.
    let again = run(&learned.unwrap(), &none, 0.125, 0);
    assert_eq!(again.counters.spikes, 0);
    assert_eq!(again.weights, recording.weights);
}

/// Parameters of rules for weights up to `w_max`, from timid to reckless.
fn rule(w_max: f64) -> impl Strategy<Value = Plasticity> {
    let tau = || 1.0..200.0_f64;
    let mu = || prop_oneof![Just(0.0), Just(1.0), 0.0..2.0_f64];
    let pair = (tau(), tau(), 0.0..2.0_f64, 0.0..3.0_f64, mu(), mu()).prop_map(move |parameters| {
        let (tau_plus, tau_minus, lambda, alpha, mu_plus, mu_minus) = parameters;
        Plasticity::StdpPair(StdpPair { tau_plus, tau_minus, lambda, alpha, mu_plus, mu_minus, w_max })
    });
    let amount = || 0.0..3.0_f64;
    let triplet = (tau(), tau(), amount(), amount(), amount(), amount(), any::<bool>()).prop_map(
        move |(tau_plus, tau_minus, a_plus, a_minus, a_plus_triplet, a_minus_triplet, is_soft)| {
            Plasticity::StdpTriplet(StdpTriplet {
                tau_plus,
                tau_minus,
                a_plus,
                a_minus,
                a_plus_triplet,
                a_minus_triplet,
                w_max,
                bounds: if is_soft { Bounds::Soft } else { Bounds::Hard },
                ..StdpTriplet::default()
            })
        },
    );
    prop_oneof![pair, triplet]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Weights stay between 0 and `w_max`, and both schedulers agree on them.
    #[test]
    fn bounds_hold(
        e_to_e in rule(4.0),
        i_to_e in rule(-6.0),
        in_to_e in rule(4.0),
        seed in any::<u64>(),
    ) {
        let network = random_network([e_to_e, i_to_e, in_to_e], seed);
        let [grid, event] =
            SCHEDULERS.map(|scheduler| run(&network, &keeping_weights(scheduler, 0.125), 200.0, 0));
        prop_assert_eq!(bits(&grid), bits(&event));
        for (weights, w_max) in weights(&grid).into_iter().zip([4.0_f64, -6.0, 4.0]) {
            for weight in weights {
                prop_assert!((w_max.min(0.0)..=w_max.max(0.0)).contains(weight), "{} of {}", weight, w_max);
            }
        }
    }
}
