//! Faults of descriptions: all at once, before anything is drawn, with the way out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use rheobase_net::generate::{NetworkSpec, SpecFault, generate};

fn faults(text: &str) -> Vec<SpecFault> {
    generate(&text.parse().unwrap(), 0).unwrap_err().faults
}

/// The messages of one projection between `a` (10) and `b` (20).
fn of_projection(text: &str) -> Vec<String> {
    let text = format!(
        "populations = [{{ name = 'a', size = 10 }}, {{ name = 'b', size = 20 }}]\n[[projections]]\nsource = 'a'\n{text}"
    );
    faults(&text).iter().map(ToString::to_string).collect()
}

#[test]
fn every_fault_is_found_and_says_the_way_out() {
    let cases = [
        ("target = 'B'\nrule = 'all_to_all'", "did you mean \"b\"?"),
        ("target = 'b'\nrule = 'one_to_one'", "10 sources with 20 targets"),
        ("target = 'b'\nrule.fixed_probability.p = 1.5", "p is 1.5"),
        ("target = 'b'\nrule.fixed_probability.p = nan", "p is NaN"),
        ("target = 'b'\nrule.fixed_in_degree.k = 11", "k is 11, and there are 10 different sources"),
        ("target = 'a'\nrule.fixed_in_degree.k = 10", "k is 10, and there are 9 different sources"),
        ("target = 'b'\nrule.fixed_out_degree.k = 21", "k is 21, and there are 20 different targets"),
        ("target = 'b'\nrule.total_number.n = 201", "there are 200 different pairs"),
        ("target = 'b'\nrule.small_world = { k = 2, beta = 0.1 }", "let source and target be the same"),
        ("target = 'a'\nrule.small_world = { k = 3, beta = 0.1 }", "make it even"),
        ("target = 'a'\nrule.small_world = { k = 10, beta = 0.1 }", "has 9 neighbors"),
        ("target = 'b'\nrule.scale_free = { mean_degree = 21, exponent = 3 }", "mean_degree is 21"),
        ("target = 'b'\nrule.scale_free = { mean_degree = 2, exponent = 2 }", "exponent is 2"),
        ("target = 'b'\nrule.explicit = { sources = [1], targets = [] }", "1 sources and 0 targets"),
        (
            "target = 'b'\nrule.explicit = { sources = [10], targets = [0] }",
            "source 0 of the list is node 10",
        ),
        ("target = 'b'\nrule = 'all_to_all'\ntick = 0", "tick is 0"),
        ("target = 'b'\nrule = 'all_to_all'\nweight.normal = { mean = 1, std = -2 }", "std is -2"),
        ("target = 'b'\nrule = 'all_to_all'\ndelay = inf", "value is inf"),
    ];
    for (text, expected) in cases {
        let messages = of_projection(text);
        assert!(
            matches!(messages.as_slice(), [message] if message.contains(expected)),
            "{text}: {messages:?}"
        );
    }
    let messages = of_projection("target = 'b'\nrule.distance = { c = 2, lambda = 0, cutoff = -1 }");
    assert_eq!(messages.len(), 5, "two populations without positions, c, lambda, cutoff: {messages:?}");
}

#[test]
fn populations_spaces_and_sizes_are_checked() {
    let text = "
        spaces = [{ name = 'cube', grid = [2, 2, 2] }, { name = 'cube', grid = [0, 1, 1] }]
        [[populations]]
        name = 'a'
        size = 9
        placement = { space = 'cube' }
        [[populations]]
        name = 'b'
        placement = { space = 'cub' }
        [[populations]]
        name = 'c'
        size = 0
        [[populations]]
        name = 'd'
        size = 5
        placement.grid = { n = [2, 2, 1], spacing = [1, 0, 1] }
        [[populations]]
        name = 'e'
        placement.grid.n = [65536, 65536, 1]
        [[populations]]
        name = 'f'
        size = 4294967295
        model.lif.tau_m.uniform = { low = 2, high = 1 }
    ";
    let faults = faults(text);
    let count = |is: fn(&SpecFault) -> bool| faults.iter().filter(|fault| is(fault)).count();
    assert_eq!(count(|fault| matches!(fault, SpecFault::DuplicateName { .. })), 1);
    assert_eq!(count(|fault| matches!(fault, SpecFault::UnknownName { .. })), 1);
    assert_eq!(count(|fault| matches!(fault, SpecFault::Size { .. })), 3, "{faults:?}");
    assert_eq!(count(|fault| matches!(fault, SpecFault::Space { .. })), 4, "{faults:?}");
    assert_eq!(count(|fault| matches!(fault, SpecFault::TooManyNodes { .. })), 1);
    assert_eq!(count(|fault| matches!(fault, SpecFault::Range { .. })), 1);
    assert_eq!(faults.len(), 11);
}

#[test]
fn too_many_synapses_and_sources_as_targets_are_refused() {
    let text = "
        populations = [{ name = 'a', size = 1000000 }, { name = 's', size = 3, model = 'external_spikes' }]
        [[projections]]
        source = 'a'
        target = 'a'
        rule = 'all_to_all'
        [[projections]]
        source = 'a'
        target = 's'
        rule.fixed_out_degree.k = 1
    ";
    let faults = faults(text);
    assert!(matches!(&faults[0], SpecFault::TooManySynapses { projection, .. } if projection == "a-a"));
    assert!(matches!(&faults[1], SpecFault::Rule { projection, .. } if projection == "a-s"));
    assert_eq!(faults.len(), 2);
}

#[test]
fn unknown_fields_are_refused() {
    for text in [
        "population = []",
        "[[populations]]\nname = 'a'\nsice = 3",
        "[[populations]]\nname = 'a'\nmodel.lif.taum = 3",
        "[[projections]]\nsource = 'a'\ntarget = 'a'\nrule.fixed_probability = { p = 0.1, q = 1 }",
        "[[projections]]\nsource = 'a'\ntarget = 'a'\nrule = 'nearest'",
    ] {
        assert!(text.parse::<NetworkSpec>().is_err(), "{text}");
    }
}
