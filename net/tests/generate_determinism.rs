//! A network depends on its description and seed, and not on the number of threads.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use rheobase_net::generate::{
    ColumnPlacement, ColumnSpec, Distribution, LifSpec, ModelSpec, NetworkSpec, PopulationSpec,
    ProjectionSpec, Rule, ScaleFree, SmallWorld, column, generate, lsm_exp,
};
use rheobase_net::{Description, Network, VERSION};

fn on_threads(n: usize, spec: &NetworkSpec, seed: u64) -> Network {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap();
    pool.install(|| generate(spec, seed).unwrap())
}

/// A population under every rule, large enough for many tasks, with drawn parameters.
fn all_rules() -> NetworkSpec {
    let drawn = Distribution::normal(1.0, 0.2);
    let neurons = LifSpec { tau_m: Distribution::uniform(10.0, 20.0), ..LifSpec::default() };
    let rules = [
        Rule::Matching,
        Rule::FixedProbability { p: 0.01 },
        Rule::FixedInDegree { k: 30 },
        Rule::FixedOutDegree { k: 30 },
        Rule::TotalNumber { n: 100_000 },
        Rule::SmallWorld(SmallWorld { k: 20, beta: 0.3 }),
        Rule::ScaleFree(ScaleFree { mean_degree: 20.0, exponent: 2.5 }),
    ];
    let projection = |rule| ProjectionSpec::new("a", "a", rule).with(drawn, drawn);
    let named = |(i, rule): (usize, Rule)| ProjectionSpec { name: Some(format!("{i}")), ..projection(rule) };
    NetworkSpec {
        spaces: Vec::new(),
        populations: vec![PopulationSpec::new("a", 5000, ModelSpec::Lif(neurons))],
        projections: rules.into_iter().enumerate().map(named).collect(),
    }
}

#[test]
fn threads_do_not_matter_and_seeds_do() {
    let cloud = ColumnSpec {
        n: 5000,
        placement: ColumnPlacement::Random([20.0, 20.0, 12.5]),
        ..ColumnSpec::default()
    };
    for spec in [all_rules(), lsm_exp(10_000), column(&cloud)] {
        let one = on_threads(1, &spec, 42);
        for n_threads in [2, 8] {
            assert_eq!(one, on_threads(n_threads, &spec, 42), "{n_threads} threads");
        }
        let other = on_threads(2, &spec, 43);
        for (a, b) in one.projections.iter().zip(&other.projections) {
            assert_ne!(a.synapses, b.synapses, "{}", a.name);
        }
        for (a, b) in one.populations.iter().zip(&other.populations) {
            assert!(a != b || a.name.starts_with("input"), "{}", a.name);
        }
    }
}

/// The description is enough to make the network again.
#[test]
fn the_description_makes_the_same_network() {
    let network = generate(&all_rules(), 7).unwrap();
    let Description { generator, seed, version, configuration } = &network.description;
    assert_eq!((generator.as_str(), version.as_str()), ("rheobase generate", VERSION));
    let spec: NetworkSpec = configuration.parse().unwrap();
    assert_eq!(spec, all_rules());
    assert_eq!(generate(&spec, *seed).unwrap(), network);
    let column: NetworkSpec = toml::to_string(&lsm_exp(135)).unwrap().parse().unwrap();
    assert_eq!(column, lsm_exp(135));
}
