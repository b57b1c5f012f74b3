//! Analytic tests of the rules of connection: counts and degrees against their closed forms, within five
//! standard deviations, and what must hold exactly.
//!
//! A binomial count of n trials of probability p has mean n p and variance n p (1 − p); the variance of m
//! such counts is known to a relative error of √(2/(m − 1)).

use rheobase_net::generate::{
    Distribution, Explicit, ModelSpec, NetworkSpec, PopulationSpec, Precision, ProjectionSpec, Rule,
    SmallWorld, generate,
};
use rheobase_net::{Delays, Synapses, Weights, validate};

const N: u32 = 400;
const M: u32 = 600;

/// Populations `a` (N) and `b` (M) and one projection.
fn network(projection: ProjectionSpec) -> NetworkSpec {
    let population = |name: &str, size| PopulationSpec::new(name, size, ModelSpec::default());
    NetworkSpec {
        spaces: Vec::new(),
        populations: vec![population("a", N), population("b", M)],
        projections: vec![projection],
    }
}

fn synapses(projection: ProjectionSpec, seed: u64) -> Synapses {
    let network = generate(&network(projection), seed).unwrap();
    let network = validate(network).unwrap();
    let synapses = network.projections()[0].synapses.clone();
    for row in 0..synapses.row_start.len() - 1 {
        assert!(synapses.target[synapses.row(row)].is_sorted(), "row {row}");
    }
    synapses
}

fn out_degrees(synapses: &Synapses) -> Vec<f64> {
    synapses.row_start.windows(2).map(|row| (row[1] - row[0]) as f64).collect()
}

fn in_degrees(synapses: &Synapses, n_targets: u32) -> Vec<f64> {
    let mut degrees = vec![0.0; n_targets as usize];
    synapses.target.iter().for_each(|target| degrees[*target as usize] += 1.0);
    degrees
}

fn multapses(synapses: &Synapses) -> usize {
    let row =
        |source: usize| synapses.target[synapses.row(source)].windows(2).filter(|p| p[0] == p[1]).count();
    (0..synapses.row_start.len() - 1).map(row).sum()
}

fn autapses(synapses: &Synapses) -> usize {
    let row = |source: usize| synapses.row(source).filter(|i| synapses.target[*i] as usize == source).count();
    (0..synapses.row_start.len() - 1).map(row).sum()
}

/// Degrees are binomial: `n` trials of probability `p`.
fn assert_binomial(degrees: &[f64], n: f64, p: f64) {
    let count = degrees.len() as f64;
    let (mean, variance) = (n * p, n * p * (1.0 - p));
    let m = degrees.iter().sum::<f64>() / count;
    assert!((m - mean).abs() <= 5.0 * (variance / count).sqrt() + 1e-9, "mean {m} for {mean}");
    let v = degrees.iter().map(|degree| (degree - mean).powi(2)).sum::<f64>() / count;
    assert!((v / variance - 1.0).abs() <= 5.0 * (2.0 / (count - 1.0)).sqrt(), "variance {v} for {variance}");
}

#[test]
fn fixed_probability_has_binomial_degrees() {
    for p in [0.02, 0.5, 0.9] {
        let between = synapses(ProjectionSpec::new("a", "b", Rule::FixedProbability { p }), 1);
        assert_binomial(&out_degrees(&between), f64::from(M), p);
        assert_binomial(&in_degrees(&between, M), f64::from(N), p);
        let within = synapses(ProjectionSpec::new("b", "b", Rule::FixedProbability { p }), 2);
        assert_binomial(&out_degrees(&within), f64::from(M - 1), p);
        assert_binomial(&in_degrees(&within, M), f64::from(M - 1), p);
        assert_eq!((autapses(&within), multapses(&between), multapses(&within)), (0, 0, 0));
    }
    let with_self = ProjectionSpec {
        allow_autapses: true,
        ..ProjectionSpec::new("b", "b", Rule::FixedProbability { p: 1.0 })
    };
    assert_eq!(synapses(with_self, 3).len(), (M * M) as usize);
    assert_eq!(synapses(ProjectionSpec::new("a", "b", Rule::FixedProbability { p: 0.0 }), 3).len(), 0);
}

#[test]
fn fixed_in_degree_is_exact_and_sources_are_even() {
    for k in [1, 40, 390] {
        let different = synapses(ProjectionSpec::new("a", "b", Rule::FixedInDegree { k }), 4);
        assert!(in_degrees(&different, M).iter().all(|degree| *degree == f64::from(k)));
        assert_eq!(multapses(&different), 0);
        // A source is among k of N with probability k/N, for each of M targets.
        assert_binomial(&out_degrees(&different), f64::from(M), f64::from(k) / f64::from(N));
    }
    let multiple = ProjectionSpec {
        allow_multapses: true,
        ..ProjectionSpec::new("b", "b", Rule::FixedInDegree { k: 1000 })
    };
    let multiple = synapses(multiple, 5);
    assert!(in_degrees(&multiple, M).iter().all(|degree| *degree == 1000.0));
    assert_eq!(autapses(&multiple), 0);
    assert!(multapses(&multiple) > 0);
    // Every other neuron draws 1000 times among M − 1.
    assert_binomial(&out_degrees(&multiple), f64::from((M - 1) * 1000), 1.0 / f64::from(M - 1));
}

#[test]
fn fixed_out_degree_is_exact_and_targets_are_even() {
    for k in [0, 1, 60, 590, M] {
        let different = synapses(ProjectionSpec::new("a", "b", Rule::FixedOutDegree { k }), 6);
        assert!(out_degrees(&different).iter().all(|degree| *degree == f64::from(k)));
        assert_eq!(multapses(&different), 0);
        if k > 0 && k < M {
            assert_binomial(&in_degrees(&different, M), f64::from(N), f64::from(k) / f64::from(M));
        }
    }
    let multiple = ProjectionSpec {
        allow_multapses: true,
        ..ProjectionSpec::new("b", "b", Rule::FixedOutDegree { k: 700 })
    };
    let multiple = synapses(multiple, 7);
    assert!(out_degrees(&multiple).iter().all(|degree| *degree == 700.0));
    assert_eq!(autapses(&multiple), 0);
    assert_binomial(&in_degrees(&multiple, M), f64::from((M - 1) * 700), 1.0 / f64::from(M - 1));
}

#[test]
fn total_number_is_exact_and_pairs_are_even() {
    let n = 50_000;
    for (allow_multapses, pairs) in [(false, f64::from(N * M)), (true, f64::INFINITY)] {
        let projection =
            ProjectionSpec { allow_multapses, ..ProjectionSpec::new("a", "b", Rule::TotalNumber { n }) };
        let synapses = synapses(projection, 8);
        assert_eq!(synapses.len() as u64, n);
        assert_eq!(multapses(&synapses) > 0, allow_multapses);
        // Of n drawn pairs, n/N belong to a source; without replacement the variance shrinks by the share
        // of the pairs that are not drawn.
        for (degrees, count) in [(out_degrees(&synapses), N), (in_degrees(&synapses, M), M)] {
            let (mean, count) = (n as f64 / f64::from(count), f64::from(count));
            let variance = mean * (1.0 - 1.0 / count) * (1.0 - n as f64 / pairs);
            let v = degrees.iter().map(|degree| (degree - mean).powi(2)).sum::<f64>() / count;
            assert!((v / variance - 1.0).abs() <= 5.0 * (2.0 / (count - 1.0)).sqrt(), "{v} for {variance}");
        }
    }
    let all = ProjectionSpec::new("b", "b", Rule::TotalNumber { n: u64::from(M) * u64::from(M - 1) });
    assert!(out_degrees(&synapses(all, 9)).iter().all(|degree| *degree == f64::from(M - 1)));
}

#[test]
fn small_world_keeps_degrees_and_rewires_the_fraction_beta() {
    let k = 10;
    let of_beta = |beta: f64, seed| {
        let rule = Rule::SmallWorld(SmallWorld { k, beta });
        synapses(ProjectionSpec::new("b", "b", rule), seed)
    };
    let on_ring = |synapses: &Synapses| -> usize {
        let steps = |source: u32, target: u32| (target + M - source) % M;
        let near = |source: u32, target: u32| steps(source, target).min(steps(target, source)) <= k / 2;
        let row =
            |source: u32| synapses.row(source as usize).filter(|i| near(source, synapses.target[*i])).count();
        (0..M).map(row).sum()
    };
    let n = f64::from(M * k);
    assert_eq!(on_ring(&of_beta(0.0, 1)), n as usize);
    for beta in [0.1, 0.5, 1.0] {
        let n_seeds = 10;
        let mut off_ring = 0.0;
        for seed in 0..n_seeds {
            let synapses = of_beta(beta, seed);
            assert!(out_degrees(&synapses).iter().all(|degree| *degree == f64::from(k)));
            assert_eq!((autapses(&synapses), multapses(&synapses)), (0, 0));
            off_ring += n - on_ring(&synapses) as f64;
        }
        // A moved synapse takes one of the M − 1 − k free neurons. The free ones on the ring are those that
        // were left before and not taken again: at most k·beta of them, so that much may fall back.
        let trials = n * n_seeds as f64;
        let (most, deviation) = (trials * beta, (trials * beta * (1.0 - beta)).sqrt());
        let least = most * (1.0 - f64::from(k) * beta / f64::from(M - 1 - k));
        assert!(off_ring <= most + 5.0 * deviation, "{off_ring} for {most}");
        assert!(off_ring >= least - 5.0 * deviation, "{off_ring} for {least}");
    }
}

#[test]
fn lists_and_plain_rules_are_exact() {
    let explicit = Explicit {
        sources: vec![3, 0, 3, 3],
        targets: vec![7, 1, 5, 7],
        weights: Some(vec![1.0, 2.0, 3.0, 4.0]),
        delays: Some(vec![0.25, 0.5, 0.75, 1.25]),
    };
    let projection = ProjectionSpec {
        precision: Precision::Double,
        ..ProjectionSpec::new("a", "b", Rule::Explicit(explicit))
    };
    let listed = synapses(projection, 1);
    assert_eq!(listed.target, [1, 5, 7, 7]);
    assert_eq!(listed.row(3), 1..4);
    assert_eq!(listed.weight, Weights::F64(vec![2.0, 3.0, 1.0, 4.0]));
    assert_eq!(listed.delay, Delays::F64(vec![0.5, 0.75, 0.25, 1.25]));

    let one = synapses(ProjectionSpec::new("b", "b", Rule::OneToOne), 1);
    assert!(one.target.iter().copied().eq(0..M));
    let all = synapses(ProjectionSpec::new("b", "b", Rule::AllToAll), 1);
    assert_eq!((all.len(), autapses(&all), multapses(&all)), ((M * (M - 1)) as usize, 0, 0));
    // Each target is matched in N of M seeds.
    let mut matched = vec![0.0; M as usize];
    for seed in 0..200 {
        let matching = synapses(ProjectionSpec::new("a", "b", Rule::Matching), seed);
        assert!(out_degrees(&matching).iter().all(|degree| *degree == 1.0));
        let degrees = in_degrees(&matching, M);
        assert!(degrees.iter().all(|degree| *degree <= 1.0));
        matched.iter_mut().zip(degrees).for_each(|(sum, degree)| *sum += degree);
    }
    let (mean, variance) = (200.0 * 2.0 / 3.0, 200.0 * 2.0 / 9.0_f64);
    assert!(matched.iter().all(|count| (count - mean).abs() <= 5.0 * variance.sqrt()));
}

#[test]
fn weights_and_delays_are_drawn_one_by_one() {
    let rule = Rule::FixedProbability { p: 0.2 };
    let constant = synapses(ProjectionSpec::new("a", "b", rule.clone()).with(-2.5, 1.5), 1);
    assert_eq!((constant.weight, constant.delay), (Weights::Shared(-2.5), Delays::Shared(1.5)));
    let drawn = ProjectionSpec::new("a", "b", rule)
        .with(Distribution::normal(2.0, 0.5), Distribution::uniform(-1.0, 4.0));
    let single = synapses(drawn.clone(), 1);
    let n = single.len() as f64;
    let mean = (0..single.len()).map(|i| single.weight.get(i)).sum::<f64>() / n;
    assert!((mean - 2.0).abs() < 5.0 * 0.5 / n.sqrt(), "{mean}");
    let Delays::Ticks { tick, n: ticks } = &single.delay else { panic!("drawn delays are ticks") };
    assert_eq!(*tick, 0.1);
    // A fifth of the delays, and half a tick more, is below 1.5 ticks and becomes one tick.
    let share = ticks.iter().filter(|n| **n == 1).count() as f64 / n;
    let p = 1.15 / 5.0;
    assert!((share - p).abs() < 5.0 * (p * (1.0 - p) / n).sqrt(), "{share}");
    assert!(ticks.iter().all(|n| (1..=40).contains(n)));
    // The stored width changes the rounding and nothing else.
    let double = synapses(ProjectionSpec { precision: Precision::Double, ..drawn }, 1);
    assert_eq!((&single.target, &single.delay), (&double.target, &double.delay));
    assert!((0..double.len()).all(|i| single.weight.get(i) == f64::from(double.weight.get(i) as f32)));
}
