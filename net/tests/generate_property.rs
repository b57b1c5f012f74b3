//! Every description that is accepted makes a valid network; the others are refused without a panic.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use rheobase_net::generate::{
    Distance, Distribution, ModelSpec, NetworkSpec, Placement, PopulationSpec, ProjectionSpec, Rule,
    ScaleFree, SmallWorld, SpaceSpec, generate,
};
use rheobase_net::validate;

fn rule() -> impl Strategy<Value = Rule> {
    let p = prop_oneof![Just(0.0), Just(1.0), 0.0..1.0];
    prop_oneof![
        Just(Rule::OneToOne),
        Just(Rule::Matching),
        Just(Rule::AllToAll),
        p.clone().prop_map(|p| Rule::FixedProbability { p }),
        (0..30_u32).prop_map(|k| Rule::FixedInDegree { k }),
        (0..30_u32).prop_map(|k| Rule::FixedOutDegree { k }),
        (0..600_u64).prop_map(|n| Rule::TotalNumber { n }),
        (p.clone(), 1e-3..1e3, proptest::option::of(0.0..20.0))
            .prop_map(|(c, lambda, cutoff)| Rule::Distance(Distance { c, lambda, cutoff })),
        (0..15_u32, p).prop_map(|(half, beta)| Rule::SmallWorld(SmallWorld { k: 2 * half, beta })),
        (0.0..30.0, 2.01..9.0)
            .prop_map(|(mean_degree, exponent)| Rule::ScaleFree(ScaleFree { mean_degree, exponent })),
    ]
}

fn placement() -> impl Strategy<Value = Placement> {
    let size = proptest::array::uniform3(1e-2..1e2);
    prop_oneof![
        Just(Placement::Space("space".to_owned())),
        Just(Placement::Grid { n: [5, 3, 3], spacing: [0.5, 1.0, 2.0], origin: [1.0, -2.0, 0.0] }),
        size.prop_map(|size| Placement::Random { size, origin: [0.0; 3] }),
    ]
}

fn population(name: &'static str) -> impl Strategy<Value = PopulationSpec> {
    let size = prop_oneof![Just(20_u32), 1..40_u32];
    (size, placement()).prop_map(move |(size, placement)| PopulationSpec {
        placement,
        ..PopulationSpec::new(name, size, ModelSpec::default())
    })
}

fn spec() -> impl Strategy<Value = NetworkSpec> {
    let drawn = (any::<bool>(), -2.0..2.0).prop_map(|(drawn, mean)| match drawn {
        true => Distribution::normal(mean, 1.0),
        false => Distribution::Constant(mean + 3.0),
    });
    let end = prop_oneof![Just("a"), Just("b")];
    let flags = (any::<bool>(), any::<bool>());
    let projection = (end.clone(), end, rule(), drawn.clone(), drawn, flags);
    let projections = proptest::collection::vec(projection, 1..4);
    (population("a"), population("b"), projections).prop_map(|(a, b, projections)| {
        let one = |(i, projection)| {
            let (source, target, rule, weight, delay, (allow_autapses, allow_multapses)) = projection;
            let spec = ProjectionSpec::new(source, target, rule).with(weight, delay);
            ProjectionSpec { name: Some(format!("projection {i}")), allow_autapses, allow_multapses, ..spec }
        };
        let space = SpaceSpec { name: "space".to_owned(), grid: [4, 4, 5], spacing: [1.0; 3] };
        NetworkSpec {
            spaces: vec![space],
            populations: vec![a, b],
            projections: projections.into_iter().enumerate().map(one).collect(),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn what_is_generated_is_valid(spec in spec(), seed: u64) {
        let generated = generate(&spec, seed);
        // Too few accepted descriptions fail the test.
        prop_assume!(generated.is_ok());
        let network = generated.unwrap();
        let configuration: NetworkSpec = network.description.configuration.parse().unwrap();
        prop_assert_eq!(&configuration, &spec);
        for (projection, spec) in network.projections.iter().zip(&spec.projections) {
            let synapses = &projection.synapses;
            let may_be_itself = spec.source != spec.target
                || spec.allow_autapses
                || matches!(spec.rule, Rule::OneToOne | Rule::Matching);
            for row in 0..synapses.row_start.len() - 1 {
                let targets = &synapses.target[synapses.row(row)];
                prop_assert!(targets.is_sorted());
                let different = targets.windows(2).all(|pair| pair[0] < pair[1]);
                prop_assert!(different || spec.allow_multapses, "multapses in row {}", row);
                prop_assert!(may_be_itself || !targets.contains(&(row as u32)), "autapse in row {}", row);
            }
        }
        prop_assert!(validate(network).is_ok());
    }
}
