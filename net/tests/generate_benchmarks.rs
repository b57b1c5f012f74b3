//! The benchmark networks against their published definitions: sizes as other simulators built them (NEST,
//! Brian2, GeNN), parameters of the papers, moments of clipped and truncated normals in closed form.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use rheobase_net::generate::{
    Distribution, ModelSpec, NetworkSpec, Rule, brunel_delta, coba, cuba, generate, lsm_exp, lsm_stp, pd14,
    pd14_reference_rates,
};
use rheobase_net::{
    Delays, LifPopulation, Model, Param, Plasticity, Projection, Receptor, SpikeSource, SynapseKind, Tsodyks,
    ValidNetwork, Weights, validate,
};

fn make(spec: &NetworkSpec) -> ValidNetwork {
    validate(generate(spec, 1).unwrap()).unwrap()
}

fn lif(network: &ValidNetwork, population: usize) -> &LifPopulation {
    match &network.populations()[population].model {
        Model::Lif(lif) => lif,
        other => panic!("{other:?}"),
    }
}

fn sizes(network: &ValidNetwork) -> Vec<(&str, u32)> {
    network.populations().iter().map(|population| (population.name.as_str(), population.size)).collect()
}

/// Every node of the target has this many synapses of the projection.
fn has_in_degree(network: &ValidNetwork, projection: &Projection, k: u32) -> bool {
    let mut degrees = vec![0; network.population(projection.target).size as usize];
    projection.synapses.target.iter().for_each(|node| degrees[*node as usize] += 1);
    degrees.iter().all(|degree| *degree == k)
}

/// The mean is within five deviations of the mean of so many draws, and the deviation within five of its own.
fn has_moments(values: impl Iterator<Item = f64> + Clone, mean: f64, deviation: f64) {
    let n = values.clone().count() as f64;
    let m = values.clone().sum::<f64>() / n;
    let d = (values.map(|value| (value - m).powi(2)).sum::<f64>() / n).sqrt();
    assert!((m - mean).abs() <= 5.0 * deviation / n.sqrt(), "mean {m} and not {mean}, {n} values");
    assert!((d - deviation).abs() <= 5.0 * deviation / n.sqrt(), "deviation {d} and not {deviation}");
}

fn each(param: &Param) -> &[f64] {
    match param {
        Param::PerNode(values) => values,
        Param::Shared(value) => panic!("{value} for all, and each has its own"),
    }
}

fn balanced(network: &ValidNetwork, in_degree: [u32; 2], weights: [f64; 2], delay: f64) {
    for (i, (source, target)) in
        [("exc", "exc"), ("exc", "inh"), ("inh", "exc"), ("inh", "inh")].into_iter().enumerate()
    {
        let projection = &network.projections()[i];
        assert_eq!(projection.name, format!("{source}-{target}"));
        assert!(has_in_degree(network, projection, in_degree[i / 2]), "{}", projection.name);
        assert_eq!(projection.synapses.weight, Weights::Shared(weights[i / 2]));
        assert_eq!(projection.synapses.delay, Delays::Shared(delay));
    }
}

#[test]
fn cuba_is_as_published() {
    let network = make(&cuba(4000));
    assert_eq!(sizes(&network), [("exc", 3200), ("inh", 800)]);
    assert_eq!(network.n_synapses(), 320_000);
    balanced(&network, [64, 16], [16.2, -90.0], 0.1);
    for population in 0..2 {
        let lif = lif(&network, population);
        let m = lif.membrane(0);
        assert_eq!((m.v_rest, m.v_th, m.v_reset, m.t_ref), (-49.0, -50.0, -60.0, 5.0));
        assert_eq!((m.c_m, m.tau_m, m.i_bias), (200.0, 20.0, 0.0));
        assert_eq!(
            (lif.synapse, lif.tau_syn_ex.get(0), lif.tau_syn_in.get(0)),
            (SynapseKind::Exp, 5.0, 10.0)
        );
        // Even over 10 mV: mean −55, deviation 10/√12.
        has_moments(each(&lif.v_init).iter().copied(), -55.0, 10.0 / 12.0_f64.sqrt());
        assert!(each(&lif.v_init).iter().all(|v| (-60.0..-50.0).contains(v)));
    }
}

#[test]
fn coba_is_as_published() {
    let network = make(&coba(4000));
    assert_eq!(sizes(&network), [("exc", 3200), ("inh", 800)]);
    assert_eq!(network.n_synapses(), 320_000);
    balanced(&network, [64, 16], [6.0, -67.0], 0.1);
    for population in 0..2 {
        let lif = lif(&network, population);
        let m = lif.membrane(0);
        assert_eq!((m.v_rest, m.v_th, m.v_reset, m.t_ref), (-60.0, -50.0, -60.0, 5.0));
        // NEST's g_L is 10 nS.
        assert_eq!((m.c_m, m.c_m / m.tau_m, m.i_bias), (200.0, 10.0, 0.0));
        assert_eq!((lif.synapse, lif.e_ex.get(0), lif.e_in.get(0)), (SynapseKind::Conductance, 0.0, -80.0));
        assert_eq!((lif.tau_syn_ex.get(0), lif.tau_syn_in.get(0)), (5.0, 10.0));
        let v_init = each(&lif.v_init);
        assert!(v_init.iter().all(|v| (-80.0..=-50.01).contains(v)));
        // Clipping at three deviations on either side moves the mean by less than 1e-4 mV.
        has_moments(v_init.iter().copied(), -65.0, 5.0);
        // max(0, normal(m, s)) has the mean m Φ(m/s) + s φ(m/s), and a variance in closed form as well.
        has_moments(each(&lif.syn_ex_init).iter().copied(), 40.017_725, 14.947_537);
        has_moments(each(&lif.syn_in_init).iter().copied(), 202.379_186, 115.023_133);
        assert!(each(&lif.syn_in_init).contains(&0.0));
    }
}

#[test]
fn brunel_is_as_published() {
    let network = make(&brunel_delta(2500));
    assert_eq!(sizes(&network), [("exc", 2000), ("inh", 500), ("input-exc", 2000), ("input-inh", 500)]);
    assert_eq!(network.n_synapses() - 2500, 625_000);
    balanced(&network, [200, 50], [0.1, -0.5], 1.5);
    let lif = lif(&network, 0);
    let m = lif.membrane(0);
    assert_eq!((m.v_rest, m.v_th, m.v_reset, m.t_ref, m.tau_m), (0.0, 20.0, 0.0, 2.0, 20.0));
    assert_eq!((lif.synapse, &lif.v_init), (SynapseKind::Delta, &Param::Shared(0.0)));
    for input in 0..2 {
        let Model::SpikeSource(SpikeSource::Poisson { rate_hz }) = &network.populations()[2 + input].model
        else {
            panic!("Poisson")
        };
        assert_eq!(*rate_hz, Param::Shared(20_000.0));
        let projection = &network.projections()[4 + input];
        assert_eq!(projection.synapses.weight, Weights::Shared(0.1));
        assert!(projection.synapses.target.iter().copied().eq(0..network.populations()[input].size));
    }
    let k: Vec<u32> = brunel_delta(12_500)
        .projections
        .iter()
        .filter_map(|projection| match projection.rule {
            Rule::FixedInDegree { k } => Some(k),
            _ => None,
        })
        .collect();
    assert_eq!(k, [1000, 1000, 250, 250]);
}

#[test]
fn lsm_stp_is_lsm_exp_with_dynamic_synapses() {
    let (dynamic, fixed) = (make(&lsm_stp(1000)), make(&lsm_exp(1000)));
    assert_eq!(dynamic.populations(), fixed.populations());
    let rules = [
        (30e3, Some((0.5, 1100.0, 50.0))),
        (60e3, Some((0.05, 125.0, 1200.0))),
        (-19e3, Some((0.25, 700.0, 20.0))),
        (-19e3, Some((0.32, 144.0, 60.0))),
        (18e3, None),
        (18e3, None),
    ];
    assert_eq!(dynamic.projections().len(), rules.len());
    for ((a, b), (weight, rule)) in dynamic.projections().iter().zip(fixed.projections()).zip(rules) {
        assert_eq!((&a.synapses.target, &a.synapses.delay), (&b.synapses.target, &b.synapses.delay));
        assert_eq!(a.synapses.weight, Weights::Shared(weight));
        let rule = rule.map(|(u, tau_rec, tau_fac)| {
            Plasticity::Tsodyks(Tsodyks { u, tau_rec, tau_fac, u0: None, x0: 1.0 })
        });
        assert_eq!((a.plasticity, b.plasticity), (rule, None));
    }
}

/// Names, sizes and synapses of the eight populations and the pairs between them.
fn microcircuit(spec: &NetworkSpec) -> (u64, u64) {
    let n_neurons = spec.populations[..8].iter().map(|population| u64::from(population.size.unwrap())).sum();
    let n_synapses = spec.projections.iter().filter_map(|projection| match projection.rule {
        Rule::TotalNumber { n } => Some(n),
        _ => None,
    });
    (n_neurons, n_synapses.sum())
}

/// The full network and the fifth of it that NEST 3.10 built.
#[test]
fn pd14_has_the_sizes_of_the_reference() {
    let full = pd14(1.0);
    assert_eq!(microcircuit(&full), (77_169, 298_880_968));
    assert_eq!(microcircuit(&pd14(0.2)), (15_435, 11_955_239));
    // Σ K by target, computed by NumPy from the table of probabilities.
    let by_target =
        [103_312_929, 30_832_543, 61_502_615, 32_262_637, 23_977_933, 2_913_838, 36_902_717, 7_175_756];
    for (population, expected) in full.populations[..8].iter().zip(by_target) {
        let of_target = full.projections.iter().filter(|projection| projection.target == population.name);
        let n: u64 = of_target
            .map(|projection| match projection.rule {
                Rule::TotalNumber { n } => n,
                _ => 0,
            })
            .sum();
        assert_eq!(n, expected, "{}", population.name);
    }
    let [first, .., last] = pd14_reference_rates();
    assert_eq!((first, last), (("L23E", 0.971), ("L6I", 7.523)));
}

/// Scaled parameters, computed by NumPy from the published ones.
#[test]
fn pd14_is_scaled_as_published() {
    let currents =
        [76.746315, 128.176438, 136.539126, 150.370999, 102.725068, 117.578079, 68.17978, 138.775487];
    let rates = [2560.0, 2400.0, 3360.0, 3040.0, 3200.0, 3040.0, 4640.0, 3360.0];
    let spec = pd14(0.2);
    for i in 0..8 {
        let ModelSpec::Lif(lif) = &spec.populations[i].model else { panic!("neurons") };
        let Distribution::Constant(i_bias) = lif.i_bias else { panic!("one current for all") };
        assert!((i_bias - currents[i]).abs() < 1e-5, "{i}: {i_bias}");
        let ModelSpec::Poisson { rate_hz: Distribution::Constant(rate) } = spec.populations[8 + i].model
        else {
            panic!("Poisson")
        };
        assert!((rate - rates[i]).abs() < 1e-9, "{i}: {rate}");
        let input =
            spec.projections.iter().find(|projection| projection.source == spec.populations[8 + i].name);
        let Distribution::Constant(weight) = input.unwrap().weight else { panic!("one weight for all") };
        assert!((weight - 196.345_760_533).abs() < 1e-9, "{weight}");
    }
    for population in &pd14(1.0).populations[..8] {
        let ModelSpec::Lif(lif) = &population.model else { panic!("neurons") };
        assert_eq!(lif.i_bias, Distribution::Constant(0.0));
    }
}

#[test]
fn pd14_draws_weights_and_delays_as_published() {
    let scale: f64 = 0.03;
    let network = make(&pd14(scale));
    // 0.15 mV at the peak, times 1/√s.
    let w = 87.808_493_529 / scale.sqrt();
    for projection in network.projections().iter().filter(|projection| !projection.name.starts_with("input"))
    {
        let excitatory = projection.receptor == Receptor::Excitatory;
        assert_eq!(excitatory, projection.name.contains("E-"), "{}", projection.name);
        let mean = match (projection.name.as_str(), excitatory) {
            ("L4E-L23E", _) => 2.0 * w,
            (_, true) => w,
            (_, false) => -4.0 * w,
        };
        let Weights::F32(weights) = &projection.synapses.weight else { panic!("drawn weights") };
        assert!(weights.iter().all(|weight| (*weight >= 0.0) == excitatory), "{}", projection.name);
        let Delays::Ticks { tick: 0.1, n: ticks } = &projection.synapses.delay else {
            panic!("drawn delays")
        };
        assert!(!ticks.contains(&0));
        if weights.len() > 1000 {
            has_moments(weights.iter().map(|weight| f64::from(*weight)), mean, 0.1 * mean.abs());
            // A normal above half a step, in closed form; rounding to steps of h adds h²/12 to the variance.
            let (mean, deviation) = if excitatory { (1.547_428, 0.701_057) } else { (0.777_038, 0.347_804) };
            let rounded = f64::hypot(deviation, 0.1 / 12.0_f64.sqrt());
            has_moments(ticks.iter().map(|n| 0.1 * f64::from(*n)), mean, rounded);
        }
    }
    let v_init = each(&lif(&network, 0).v_init);
    has_moments(v_init.iter().copied(), -68.28, 5.36);
}
