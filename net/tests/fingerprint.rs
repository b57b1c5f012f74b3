//! Fingerprints: everything that a result depends on changes them, and nothing else does.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use rheobase_net::{
    Bounds, CurrentSource, Delays, Description, Fingerprint, IzhikevichMethod, IzhikevichPopulation,
    LifPopulation, Model, Network, Param, Plasticity, Population, PopulationId, Projection, Receptor,
    SpikeSource, SpikeTrain, StdpPair, StdpTriplet, SynapseKind, Synapses, Tsodyks, Waveform, Weights,
    validate,
};

fn of(network: &Network) -> Fingerprint {
    Fingerprint::of(&validate(network.clone()).unwrap())
}

/// Sources of every kind, and 200,000 synapses, which are more than one block.
fn network() -> Network {
    let population = |name: &str, size, model| Population {
        name: name.to_owned(),
        size,
        model,
        positions: Some(vec![[0.0; 3]; size as usize]),
    };
    let projection = |name: &str, source, weight, delay| Projection {
        name: name.to_owned(),
        source: PopulationId(source),
        target: PopulationId(3),
        receptor: Receptor::BySign,
        synapses: Synapses {
            row_start: vec![0, 100_000, 200_000],
            target: (0..200_000).map(|i| i % 4).collect(),
            weight,
            delay,
        },
        plasticity: None,
    };
    let train = SpikeTrain::from_sorted(2, vec![0.5, 1.5], vec![1, 0]).unwrap();
    let steps = Waveform::new(2, vec![0.0, 1.0], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
    let lif =
        LifPopulation { tau_m: Param::PerNode(vec![10.0, 11.0, 12.0, 13.0]), ..LifPopulation::default() };
    let noise = SpikeSource::Poisson { rate_hz: 5.0.into() };
    Network {
        populations: vec![
            population("train", 2, Model::SpikeSource(SpikeSource::Train(train))),
            population("noise", 2, Model::SpikeSource(noise)),
            population("current", 2, Model::CurrentSource(CurrentSource::Steps(steps))),
            population("liquid", 4, Model::Lif(lif)),
        ],
        projections: vec![
            projection(
                "a",
                0,
                Weights::F32(vec![1.0; 200_000]),
                Delays::Ticks { tick: 0.1, n: vec![1; 200_000] },
            ),
            projection("b", 1, Weights::F64(vec![1.0; 200_000]), Delays::F64(vec![1.0; 200_000])),
            projection("c", 2, Weights::Shared(1.0), Delays::Shared(1.0)),
        ],
        description: Description::default(),
    }
}

fn lif(network: &mut Network) -> &mut LifPopulation {
    match &mut network.populations[3].model {
        Model::Lif(lif) => lif,
        Model::Izhikevich(_) | Model::Ltc(_) | Model::SpikeSource(_) | Model::CurrentSource(_) => {
            panic!("the liquid is of neurons")
        }
    }
}

#[test]
fn every_change_that_a_result_depends_on_shows() {
    type Change = fn(&mut Network);
    let changes: [Change; 33] = [
        |_| {},
        |n| n.populations[0].name.push('x'),
        |n| n.populations.swap(0, 1),
        |n| n.populations[1].model = Model::SpikeSource(SpikeSource::External),
        |n| n.populations[1].model = Model::SpikeSource(SpikeSource::Poisson { rate_hz: 6.0.into() }),
        |n| n.populations[2].model = Model::CurrentSource(CurrentSource::External),
        |n| lif(n).synapse = SynapseKind::Alpha,
        |n| lif(n).tau_m = Param::PerNode(vec![10.0, 11.0, 12.0, 13.0_f64.next_up()]),
        |n| lif(n).i_bias = 1.0.into(),
        |n| lif(n).target_rate = 1.0.into(),
        |n| n.populations[3].model = Model::Izhikevich(IzhikevichPopulation::default()),
        |n| {
            let method = IzhikevichMethod::Euler;
            let neurons = IzhikevichPopulation { method, ..IzhikevichPopulation::default() };
            n.populations[3].model = Model::Izhikevich(neurons);
        },
        |n| {
            let rates = Waveform::new(2, vec![0.0], vec![5.0, 5.0]).unwrap();
            n.populations[1].model = Model::SpikeSource(SpikeSource::PoissonSteps { rates });
        },
        |n| {
            let noise = CurrentSource::Noise { mean: 0.0.into(), sd: 1.0.into(), interval: 1.0 };
            n.populations[2].model = Model::CurrentSource(noise);
        },
        |n| {
            let noise = CurrentSource::Noise { mean: 0.0.into(), sd: 1.0.into(), interval: 2.0 };
            n.populations[2].model = Model::CurrentSource(noise);
        },
        |n| n.projections[1].plasticity = Some(Plasticity::Tsodyks(Tsodyks::default())),
        |n| n.projections[1].plasticity = Some(Plasticity::StdpPair(StdpPair::default())),
        |n| n.projections[1].plasticity = Some(Plasticity::StdpTriplet(StdpTriplet::default())),
        |n| {
            let rule = StdpTriplet { bounds: Bounds::Soft, ..StdpTriplet::default() };
            n.projections[1].plasticity = Some(Plasticity::StdpTriplet(rule));
        },
        |n| lif(n).tau_syn_ex = 2.5.into(),
        |n| lif(n).i_bias = (-0.0).into(),
        |n| n.projections.swap(0, 1),
        |n| n.projections.truncate(2),
        |n| n.projections[0].source = PopulationId(1),
        |n| n.projections[0].receptor = Receptor::Excitatory,
        |n| n.projections[0].synapses.row_start[1] += 1,
        |n| n.projections[0].synapses.target[199_999] = 0,
        |n| n.projections[0].synapses.weight = Weights::F64(vec![1.0; 200_000]),
        |n| n.projections[2].synapses.weight = Weights::Shared(2.0),
        |n| n.projections[2].synapses.delay = Delays::Shared(2.0),
        |n| n.projections[0].synapses.delay = Delays::Ticks { tick: 0.2, n: vec![1; 200_000] },
        |n| n.projections[1].synapses.delay = Delays::Shared(1.0),
        |n| {
            let Weights::F64(weights) = &mut n.projections[1].synapses.weight else { panic!() };
            weights[150_000] = -1.0;
        },
    ];
    let mut seen = Vec::new();
    for (i, change) in changes.iter().enumerate() {
        let mut network = network();
        change(&mut network);
        let fingerprint = of(&network);
        let twin = seen.iter().position(|other| *other == fingerprint);
        assert_eq!(twin, None, "changes {twin:?} and {i} look the same");
        seen.push(fingerprint);
    }
}

#[test]
fn where_it_came_from_and_where_it_lies_does_not_show() {
    let mut other = network();
    other.description.generator = "by hand".to_owned();
    other.populations.iter_mut().for_each(|population| population.positions = None);
    assert_eq!(of(&other), of(&network()));
}

#[test]
fn the_number_of_threads_does_not_show() {
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| of(&network()))
    };
    assert_eq!(with(1), with(2));
    assert_eq!(with(1), with(8));
}

/// The stated order of bytes, put together by hand.
#[test]
fn the_bytes_are_those_of_the_description() {
    let network = Network {
        populations: vec![Population {
            name: "µ".to_owned(),
            size: 2,
            model: Model::SpikeSource(SpikeSource::Poisson { rate_hz: Param::PerNode(vec![1.0, 2.0]) }),
            positions: None,
        }],
        ..Network::default()
    };
    let mut rates = Vec::new();
    rates.extend(1.0_f64.to_le_bytes());
    rates.extend(2.0_f64.to_le_bytes());
    let mut bytes = Vec::new();
    bytes.extend(18_u64.to_le_bytes());
    bytes.extend(b"rheobase network 1");
    bytes.extend(1_u64.to_le_bytes());
    bytes.extend([2, 0, 0, 0, 0, 0, 0, 0, 0xc2, 0xb5]);
    bytes.extend(2_u32.to_le_bytes());
    bytes.extend([1, 1, 1]);
    bytes.extend(2_u64.to_le_bytes());
    bytes.extend(blake3::hash(&rates).as_bytes());
    bytes.extend(0_u64.to_le_bytes());
    let expected: String = blake3::hash(&bytes).to_hex().chars().take(16).collect();
    assert_eq!(of(&network).to_string(), expected);
}
