//! Every fault of a network is found, all at once, with the thing, the value and the limit in the message.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use rheobase_net::{
    CurrentSource, Delays, Fault, IzhikevichPopulation, LifPopulation, Model, Network, Param, Plasticity,
    Population, PopulationId, Projection, Receptor, SpikeSource, SpikeTrain, SpikeTrainError, StdpPair,
    StdpTriplet, SynapseKind, Synapses, Tsodyks, Waveform, Weights, validate,
};

fn population(name: &str, size: u32, model: Model) -> Population {
    Population { name: name.to_owned(), size, model, positions: None }
}

/// Three neurons, two sources, two synapses.
fn sound() -> Network {
    let neurons = population("exc", 3, Model::Lif(LifPopulation::default()));
    let input = population("input", 2, Model::SpikeSource(SpikeSource::External));
    let synapses = Synapses {
        row_start: vec![0, 1, 2],
        target: vec![2, 0],
        weight: Weights::F64(vec![1.0, -1.0]),
        delay: Delays::Shared(1.5),
    };
    let projection = Projection {
        name: "input-exc".to_owned(),
        source: PopulationId(1),
        target: PopulationId(0),
        receptor: Receptor::BySign,
        synapses,
        plasticity: None,
    };
    Network { populations: vec![neurons, input], projections: vec![projection], ..Network::default() }
}

fn changed(change: impl FnOnce(&mut Network)) -> Network {
    let mut network = sound();
    change(&mut network);
    network
}

/// The messages of the faults after a change.
fn faults(change: impl FnOnce(&mut Network)) -> Vec<String> {
    validate(changed(change)).unwrap_err().faults.iter().map(Fault::to_string).collect()
}

/// The only fault after a change, which has to say all of `parts`.
fn fault(parts: &[&str], change: impl FnOnce(&mut Network)) {
    let faults = faults(change);
    assert_eq!(faults.len(), 1, "{faults:?}");
    parts.iter().for_each(|part| assert!(faults[0].contains(part), "{part:?} is not in {:?}", faults[0]));
}

fn lif(network: &mut Network) -> &mut LifPopulation {
    match &mut network.populations[0].model {
        Model::Lif(lif) => lif,
        _ => panic!("population 0 has neurons"),
    }
}

#[test]
fn a_sound_network_is_valid_and_counted() {
    let network = validate(sound()).unwrap();
    assert_eq!((network.n_nodes(), network.n_neurons(), network.n_synapses()), (5, 3, 2));
    assert_eq!(network.first_node(PopulationId(1)).0, 3);
    assert_eq!(network.population_named("input"), Some(PopulationId(1)));
    let ranges = network.node_ranges();
    assert_eq!((ranges[1].first, ranges[1].size, ranges[1].is_source), (3, 2, true));
}

#[test]
fn populations() {
    fault(&["no population"], |network| *network = Network::default());
    fault(&["\"extra\"", "empty"], |network| {
        network.populations.push(population("extra", 0, Model::Lif(LifPopulation::default())));
    });
    fault(&["\"exc\"", "used twice"], |network| network.populations[1].name = "exc".to_owned());
    fault(&["\"a/b\"", "'/'"], |network| network.populations[1].name = "a/b".to_owned());
    fault(&["8589934590 nodes", "4294967295"], |network| {
        for name in ["a", "b"] {
            let huge = population(name, u32::MAX, Model::Lif(LifPopulation::default()));
            network.populations.push(huge);
        }
        network.populations.drain(..2);
        network.projections.clear();
    });
}

#[test]
fn parameters() {
    fault(&["\"exc\"", "3 nodes", "2 values of tau_m"], |network| {
        lif(network).tau_m = Param::PerNode(vec![10.0, 10.0]);
    });
    fault(&["\"exc\", node 1", "tau_m is -1 ms", "above 0", "1 more"], |network| {
        lif(network).tau_m = Param::PerNode(vec![10.0, -1.0, 0.0]);
    });
    fault(&["v_reset is -50 mV", "below v_th"], |network| lif(network).v_reset = (-50.0).into());
    fault(&["tau_syn_in is NaN ms"], |network| lif(network).tau_syn_in = f64::NAN.into());
    fault(&["v_init is inf mV"], |network| lif(network).v_init = f64::INFINITY.into());
    fault(&["t_ref is -0.1 ms", "at least 0"], |network| lif(network).t_ref = (-0.1).into());
    fault(&["\"input\", node 0", "rate_hz is -5 Hz"], |network| {
        network.populations[1].model = Model::SpikeSource(SpikeSource::Poisson { rate_hz: (-5.0).into() });
    });
    // Faults of different parameters are told apart.
    let both = faults(|network| {
        lif(network).c_m = 0.0.into();
        lif(network).i_bias = f64::NAN.into();
    });
    assert_eq!(both.len(), 2, "{both:?}");
}

#[test]
fn parameters_of_conductances_and_thresholds() {
    let conductance = |change: fn(&mut LifPopulation)| {
        move |network: &mut Network| {
            lif(network).synapse = SynapseKind::Conductance;
            change(lif(network));
        }
    };
    assert!(validate(changed(conductance(|lif| lif.syn_ex_init = 5.0.into()))).is_ok());
    fault(&["tau_syn_ex is 0 ms"], conductance(|lif| lif.tau_syn_ex = 0.0.into()));
    fault(&["e_in is NaN mV"], conductance(|lif| lif.e_in = f64::NAN.into()));
    fault(&["syn_in_init is -1 nS", "at least 0"], conductance(|lif| lif.syn_in_init = (-1.0).into()));
    assert!(validate(changed(|network| lif(network).syn_in_init = (-1.0).into())).is_ok(), "a current");
    fault(&["syn_ex_init is inf pA"], |network| lif(network).syn_ex_init = f64::INFINITY.into());
    fault(&["theta_jump is -1 mV"], |network| lif(network).theta_jump = (-1.0).into());
    fault(&["tau_theta is 0 ms"], |network| lif(network).tau_theta = 0.0.into());
    fault(&["eta_theta is NaN mV"], |network| lif(network).eta_theta = f64::NAN.into());
    fault(&["target_rate is -3 Hz", "node 2"], |network| {
        lif(network).target_rate = Param::PerNode(vec![0.0, 1.0, -3.0]);
    });
}

#[test]
fn parameters_of_izhikevichs_neurons() {
    let izhikevich = |change: fn(&mut IzhikevichPopulation)| {
        move |network: &mut Network| {
            let mut neurons = IzhikevichPopulation::default();
            change(&mut neurons);
            network.populations[0].model = Model::Izhikevich(neurons);
        }
    };
    let network = validate(changed(izhikevich(|_| ()))).unwrap();
    assert_eq!((network.n_neurons(), network.node_ranges()[0].is_source), (3, false));
    fault(&["a is NaN 1/ms"], izhikevich(|neurons| neurons.a = f64::NAN.into()));
    fault(&["u_init is inf mV/ms"], izhikevich(|neurons| neurons.u_init = f64::INFINITY.into()));
    fault(
        &["c is 30 mV", "below v_peak", "node 1"],
        izhikevich(|neurons| {
            neurons.c = Param::PerNode(vec![-65.0, 30.0, 0.0]);
        }),
    );
    fault(&["2 values of d"], izhikevich(|neurons| neurons.d = Param::PerNode(vec![2.0, 2.0])));
}

#[test]
fn parameters_of_sources() {
    let noise = |sd: f64, interval: f64| {
        move |network: &mut Network| {
            let (mean, sd) = (0.0.into(), sd.into());
            network.populations[1].model = Model::CurrentSource(CurrentSource::Noise { mean, sd, interval });
        }
    };
    assert!(validate(changed(noise(1.0, 0.1))).is_ok());
    fault(&["\"input\"", "sd is -1 pA"], noise(-1.0, 0.1));
    fault(&["interval is 0 ms", "above 0", "1 more"], |network| {
        let (mean, sd) = (Param::PerNode(vec![1.0, 2.0]), 1.0.into());
        let model = CurrentSource::Noise { mean, sd, interval: 0.0 };
        network.populations[1].model = Model::CurrentSource(model);
    });
    let rates = |n_channels: u32, values: &'static [f64]| {
        move |network: &mut Network| {
            let rates = Waveform::new(n_channels, vec![5.0], values.to_vec()).unwrap();
            network.populations[1].model = Model::SpikeSource(SpikeSource::PoissonSteps { rates });
        }
    };
    assert!(validate(changed(rates(1, &[10.0]))).is_ok());
    assert!(validate(changed(rates(2, &[10.0, 0.0]))).is_ok());
    fault(&["2 nodes", "channels for 3"], rates(3, &[1.0; 3]));
    fault(&["node 1", "rate_hz is -1 Hz"], rates(2, &[0.0, -1.0]));
}

#[test]
fn what_a_population_carries() {
    fault(&["\"exc\"", "3 nodes", "positions for 1"], |network| {
        network.populations[0].positions = Some(vec![[0.0; 3]]);
    });
    fault(&["node 2", "must be finite"], |network| {
        network.populations[0].positions = Some(vec![[0.0; 3], [1.0; 3], [f32::NAN, 0.0, 0.0]]);
    });
    fault(&["\"input\"", "2 nodes", "spike trains for 5"], |network| {
        let train = SpikeTrain::from_sorted(5, vec![], vec![]).unwrap();
        network.populations[1].model = Model::SpikeSource(SpikeSource::Train(train));
    });
    fault(&["\"input\"", "channels for 1"], |network| {
        let waveform = Waveform::new(1, vec![0.0], vec![1.0]).unwrap();
        network.populations[1].model = Model::CurrentSource(CurrentSource::Steps(waveform));
    });
}

#[test]
fn projections() {
    fault(&["source is population 7", "there are 2"], |network| {
        network.projections[0].source = PopulationId(7);
    });
    fault(&["ends at \"input\"", "receives nothing"], |network| {
        network.projections[0].target = PopulationId(1);
        network.projections[0].synapses.target = vec![1, 0];
    });
    fault(&["synapse 0", "node 9", "\"exc\" has 3", "1 more"], |network| {
        network.projections[0].synapses.target = vec![9, 3];
    });
}

#[test]
fn plasticity() {
    let with = |rule: Plasticity| {
        move |network: &mut Network| {
            network.projections[0].plasticity = Some(rule);
            network.projections[0].synapses.weight = Weights::Shared(1.0);
        }
    };
    let pair = StdpPair::default();
    assert!(validate(changed(with(Plasticity::StdpPair(StdpPair { w_max: 1.0, ..pair })))).is_ok());
    assert!(validate(changed(with(Plasticity::Tsodyks(Tsodyks::default())))).is_ok());
    let tsodyks = Tsodyks { u: 1.5, tau_fac: -1.0, u0: Some(0.0), ..Tsodyks::default() };
    let both = faults(with(Plasticity::Tsodyks(tsodyks)));
    assert_eq!(both.len(), 2, "{both:?}");
    fault(
        &["u0 of its plasticity is -0.5", "from 0 to 1"],
        with(Plasticity::Tsodyks(Tsodyks { u0: Some(-0.5), ..Tsodyks::default() })),
    );
    fault(
        &["tau_minus of its plasticity is 0", "above 0 ms"],
        with(Plasticity::StdpPair(StdpPair { tau_minus: 0.0, ..pair })),
    );
    fault(
        &["a_plus_triplet of its plasticity is NaN"],
        with(Plasticity::StdpTriplet(StdpTriplet { a_plus_triplet: f64::NAN, ..StdpTriplet::default() })),
    );
    fault(&["w_max of its plasticity is 0"], with(Plasticity::StdpPair(StdpPair { w_max: 0.0, ..pair })));
    fault(&["weight is 1", "w_max, 0.5"], with(Plasticity::StdpPair(StdpPair { w_max: 0.5, ..pair })));
    fault(&["weight is 1", "w_max, -5"], with(Plasticity::StdpPair(StdpPair { w_max: -5.0, ..pair })));
    let inhibitory = |network: &mut Network| {
        let projection = &mut network.projections[0];
        projection.plasticity = Some(Plasticity::StdpPair(StdpPair { w_max: -0.1, ..StdpPair::default() }));
        // The nearest single-precision number to -0.1 is below it.
        projection.synapses.weight = Weights::F32(vec![-0.1, 0.0]);
    };
    assert!(validate(changed(inhibitory)).is_ok());
    fault(&["starts at \"input\"", "sends currents"], |network| {
        network.populations[1].model = Model::CurrentSource(CurrentSource::External);
        network.projections[0].plasticity = Some(Plasticity::Tsodyks(Tsodyks::default()));
    });
}

#[test]
fn rows() {
    let with = |rows: Vec<u64>| move |network: &mut Network| network.projections[0].synapses.row_start = rows;
    fault(&["4 row starts for 2 sources"], with(vec![0, 1, 1, 2]));
    fault(&["0 row starts"], with(vec![]));
    fault(&["starts at 1"], with(vec![1, 1, 2]));
    fault(&["ends at 3", "2 synapses"], with(vec![0, 1, 3]));
    fault(&["row 2", "never fall"], |network| {
        network.projections[0].synapses.row_start = vec![0, 2, 1, 2];
        network.populations[1].size = 3;
    });
}

#[test]
fn weights_and_delays() {
    let synapses =
        |change: fn(&mut Synapses)| move |network: &mut Network| change(&mut network.projections[0].synapses);
    fault(&["2 synapses", "3 weights"], synapses(|s| s.weight = Weights::F32(vec![1.0; 3])));
    fault(&["2 synapses", "1 delays"], synapses(|s| s.delay = Delays::F64(vec![1.0])));
    fault(&["synapse 1", "weight is NaN"], synapses(|s| s.weight = Weights::F64(vec![1.0, f64::NAN])));
    fault(&["weight is inf"], synapses(|s| s.weight = Weights::Shared(f64::INFINITY)));
    fault(&["synapse 0", "delay is -1 ms", "above 0"], synapses(|s| s.delay = Delays::F64(vec![-1.0, 1.0])));
    fault(&["delay is 0 ms"], synapses(|s| s.delay = Delays::Shared(0.0)));
    fault(
        &["synapse 1", "delay is 0 ms"],
        synapses(|s| s.delay = Delays::Ticks { tick: 0.1, n: vec![1, 0] }),
    );
    fault(&["delay is NaN ms"], synapses(|s| s.delay = Delays::Ticks { tick: f64::NAN, n: vec![1, 1] }));
    // A current may act at once, but not before.
    let mut network = sound();
    network.populations[1].model = Model::CurrentSource(CurrentSource::External);
    network.projections[0].synapses.delay = Delays::Shared(0.0);
    assert!(validate(network.clone()).is_ok());
    network.projections[0].synapses.delay = Delays::Shared(-0.1);
    assert!(validate(network).is_err());
}

#[test]
fn all_faults_come_at_once() {
    let faults = faults(|network| {
        lif(network).tau_m = 0.0.into();
        network.populations[1].size = 0;
        network.projections[0].synapses.target[0] = 100;
        network.projections[0].synapses.delay = Delays::Shared(f64::INFINITY);
    });
    // The rows do not fit the empty population either.
    assert_eq!(faults.len(), 5, "{faults:#?}");
}

#[test]
fn spike_trains_and_waveforms_check_themselves() {
    let train = |n, times: &[f64], nodes: &[u32]| SpikeTrain::from_sorted(n, times.to_vec(), nodes.to_vec());
    assert!(train(2, &[1.0, 1.0, 2.0], &[0, 1, 0]).is_ok());
    let message = |result: Result<SpikeTrain, SpikeTrainError>| result.unwrap_err().to_string();
    assert!(message(train(2, &[1.0], &[])).contains("1 spike times for 0"));
    assert!(message(train(2, &[1.0, 1.0], &[1, 0])).contains("spike 1 comes before"));
    assert!(message(train(2, &[f64::NAN], &[0])).contains("NaN ms"));
    assert!(message(train(2, &[1.0], &[2])).contains("node 2, and there are 2 nodes (0 to 1)"));
    let sorted = SpikeTrain::from_unsorted(2, vec![2.0, 1.0, 1.0], vec![0, 1, 0]).unwrap();
    assert_eq!((sorted.times(), sorted.nodes()), (&[1.0, 1.0, 2.0][..], &[0, 1, 0][..]));
    assert_eq!(sorted.counts(), [2, 1]);

    let waveform = |n, times: &[f64], values: &[f64]| Waveform::new(n, times.to_vec(), values.to_vec());
    assert_eq!(waveform(2, &[0.0, 1.0], &[1.0, 2.0, 3.0, 4.0]).unwrap().row(1), [3.0, 4.0]);
    for (n, times, values) in [
        (2, &[0.0][..], &[1.0][..]),
        (1, &[0.0, 0.0], &[1.0, 1.0]),
        (1, &[f64::NAN], &[1.0]),
        (1, &[0.0], &[f64::INFINITY]),
    ] {
        assert!(waveform(n, times, values).is_err(), "{times:?} {values:?}");
    }
}
