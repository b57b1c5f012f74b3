//! The benchmark liquids against their published definition (Maass, Natschläger & Markram 2002) and against
//! the sizes of the same liquids made by independent tools (NEST 3.10, Brian2, Arbor).

use rheobase_net::generate::{
    Channels, ColumnInput, ColumnPlacement, ColumnSpec, Layer, LayeredSpec, LifSpec, Rule, column,
    column_grid, generate, layered, lsm_delta, lsm_exp,
};
use rheobase_net::{
    Delays, Model, Param, PopulationId, Projection, SpikeSource, SynapseKind, ValidNetwork, Weights, validate,
};

fn make(spec: &rheobase_net::generate::NetworkSpec, seed: u64) -> ValidNetwork {
    validate(generate(spec, seed).unwrap()).unwrap()
}

fn recurrent(network: &ValidNetwork) -> impl Iterator<Item = &Projection> {
    let is_neurons = |id: PopulationId| matches!(network.population(id).model, Model::Lif(_));
    network.projections().iter().filter(move |projection| is_neurons(projection.source))
}

fn n_recurrent(network: &ValidNetwork) -> f64 {
    recurrent(network).map(|projection| projection.synapses.len() as f64).sum()
}

/// One draw of an independent tool against n of ours: the difference of a draw and a mean of n has the
/// deviation σ √(1 + 1/n), with σ taken from our draws, which vary in synapses and in who is inhibitory.
#[test]
fn sizes_agree_with_other_tools() {
    for (n, theirs, n_seeds) in [(135, 630.0, 200), (10_000, 108_131.0, 20), (100_000, 1_181_796.0, 6)] {
        let counts: Vec<f64> = (0..n_seeds).map(|seed| n_recurrent(&make(&lsm_delta(n), seed))).collect();
        let seeds = n_seeds as f64;
        let mean = counts.iter().sum::<f64>() / seeds;
        let variance = counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / (seeds - 1.0);
        // Pairs alone give at least the binomial spread, about √mean.
        let deviation = (variance.max(mean) * (1.0 + 1.0 / seeds)).sqrt();
        assert!((theirs - mean).abs() <= 5.0 * deviation, "n {n}: {theirs} and {mean} ± {deviation}");
    }
}

/// Σ P over all pairs of one drawn column, for each pair of kinds.
#[test]
fn each_pair_of_kinds_matches_the_sum_over_all_pairs() {
    let n_seeds = 30;
    let (mut count, mut mean, mut variance) = ([0.0; 4], [0.0; 4], [0.0; 4]);
    for seed in 0..n_seeds {
        let network = make(&lsm_exp(1000), seed);
        for (i, (projection, c)) in recurrent(&network).zip([0.3, 0.2, 0.4, 0.1]).enumerate() {
            count[i] += projection.synapses.len() as f64;
            let points = |id: PopulationId| network.population(id).positions.as_deref().unwrap();
            for a in points(projection.source) {
                for b in points(projection.target) {
                    let d2: f64 = (0..3).map(|axis| f64::from(a[axis] - b[axis]).powi(2)).sum();
                    if d2 > 0.0 && d2 <= 81.0 {
                        let p = c * (-d2 / 4.0).exp();
                        mean[i] += p;
                        variance[i] += p * (1.0 - p);
                    }
                }
            }
        }
    }
    for i in 0..4 {
        assert!((count[i] - mean[i]).abs() <= 5.0 * f64::sqrt(variance[i]), "{count:?} {mean:?}");
    }
}

#[test]
fn the_benchmark_liquids_are_as_defined() {
    for (network, synapse, weights, input) in [
        (make(&lsm_delta(1000), 1), SynapseKind::Delta, [0.4, 0.8, -3.8, -3.8], 1.8),
        (make(&lsm_exp(1000), 1), SynapseKind::Exp, [4e3, 8e3, -19e3, -19e3], 18e3),
    ] {
        let sizes: Vec<(&str, u32)> = network
            .populations()
            .iter()
            .map(|population| (population.name.as_str(), population.size))
            .collect();
        assert_eq!(sizes, [("exc", 800), ("inh", 200), ("input-exc", 240), ("input-inh", 60)]);
        for (population, t_ref) in network.populations().iter().zip([3.0, 2.0]) {
            let Model::Lif(lif) = &population.model else { panic!("neurons") };
            let m = lif.membrane(0);
            assert_eq!((lif.synapse, m.tau_m, m.c_m, m.v_rest), (synapse, 30.0, 30e3, 0.0));
            // R = tau_m / c_m = 1 MΩ, so 13.5 nA hold the membrane at 13.5 mV.
            assert_eq!((m.v_th, m.v_reset, m.t_ref, m.i_bias * m.tau_m / m.c_m), (15.0, 13.5, t_ref, 13.5));
            let Param::PerNode(v_init) = &lif.v_init else { panic!("v_init is drawn") };
            assert!(v_init.iter().all(|v| (13.5..14.9).contains(v)));
        }
        let Model::SpikeSource(SpikeSource::Poisson { rate_hz }) = &network.populations()[2].model else {
            panic!("Poisson")
        };
        assert_eq!(*rate_hz, Param::Shared(5.0));
        let shared: Vec<(Weights, Delays)> = network
            .projections()
            .iter()
            .map(|projection| (projection.synapses.weight.clone(), projection.synapses.delay.clone()))
            .collect();
        let expected = weights.into_iter().chain([input; 2]).zip([1.5, 0.8, 0.8, 0.8, 0.1, 0.1]);
        assert!(shared.into_iter().eq(expected.map(|(w, d)| (Weights::Shared(w), Delays::Shared(d)))));
    }
}

/// Excitatory and inhibitory neurons share the grid: together they are on every point once.
#[test]
fn the_kinds_share_the_grid() {
    for (n, grid) in [(135, [15, 3, 3]), (10_000, [20, 20, 25]), (100_000, [40, 50, 50])] {
        assert_eq!(column_grid(n), grid);
    }
    assert_eq!((column_grid(1_000_000), column_grid(27), column_grid(1)), ([100; 3], [3; 3], [1; 3]));
    for n in 1..300 {
        let [x, y, z] = column_grid(n);
        assert!(x * y * z >= n && x * y * (z - 1) < n, "{n}: {:?}", [x, y, z]);
    }
    let network = make(&lsm_delta(135), 3);
    let mut points: Vec<[i32; 3]> = network.populations()[..2]
        .iter()
        .flat_map(|population| population.positions.as_ref().unwrap())
        .map(|point| point.map(|x| x as i32))
        .collect();
    points.sort_unstable();
    points.dedup();
    assert_eq!((points.len(), points[0], points[134]), (135, [0, 0, 0], [14, 2, 2]));
}

#[test]
fn columns_take_channels_and_clouds() {
    let channels = Channels { n: 12, p: 0.3, weight: 8.0, fraction_excitatory: 0.75, delay: 0.8 };
    let spec = ColumnSpec {
        n: 500,
        placement: ColumnPlacement::Random([8.0; 3]),
        input: ColumnInput::Channels(channels),
        ..ColumnSpec::default()
    };
    let network = make(&column(&spec), 5);
    let inputs: Vec<f64> = network.projections()[4..]
        .iter()
        .flat_map(|projection| (0..projection.synapses.len()).map(|i| projection.synapses.weight.get(i)))
        .collect();
    let (n, positive) = (inputs.len() as f64, inputs.iter().filter(|weight| **weight == 8.0).count() as f64);
    assert!((n - 12.0 * 500.0 * 0.3).abs() < 5.0 * (6000.0_f64 * 0.21).sqrt(), "{n}");
    assert!((positive - 0.75 * n).abs() < 5.0 * (n * 0.1875).sqrt(), "{positive} of {n}");
    assert!(inputs.iter().all(|weight| weight.abs() == 8.0));
    let only_exc = ColumnSpec { fraction_inhibitory: 0.0, n: 20, ..ColumnSpec::default() };
    let network = make(&column(&only_exc), 5);
    assert_eq!((network.populations().len(), network.projections().len()), (1, 1));
    let text = toml::to_string(&spec).unwrap();
    assert_eq!(toml::from_str::<ColumnSpec>(&text).unwrap(), spec);
}

#[test]
fn layers_reach_the_next_layer_only() {
    let layer =
        |size, rule| Layer { size, neurons: LifSpec::default(), rule, weight: 2.0.into(), delay: 1.0.into() };
    let layers = vec![layer(5, Rule::AllToAll), layer(4, Rule::FixedInDegree { k: 2 })];
    let network = make(&layered(&LayeredSpec { n_inputs: 3, layers }), 1);
    let names: Vec<&str> = network.projections().iter().map(|projection| projection.name.as_str()).collect();
    assert_eq!(names, ["input-layer-1", "layer-1-layer-2"]);
    let sizes: Vec<usize> =
        network.projections().iter().map(|projection| projection.synapses.len()).collect();
    assert_eq!(sizes, [15, 8]);
}
