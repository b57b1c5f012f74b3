//! What a chip cannot do is refused with the thing, its value, the limit and the nearest that can be.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use rheobase_mapping::Activity;
use rheobase_mapping::quantize::{NumberFormat, Parameters, QuantizeConfig, quantize};
use rheobase_net::{
    CurrentSource, Delays, IzhikevichPopulation, LifPopulation, Model, Network, Param, Plasticity,
    Population, PopulationId, Projection, Receptor, SpikeSource, SynapseKind, Synapses, Tsodyks,
    ValidNetwork, Weights, validate,
};

fn population(name: &str, size: u32, model: Model) -> Population {
    Population { name: name.to_owned(), size, model, positions: None }
}

/// One to one, from population 0 to another.
fn one_to_one(name: &str, target: u32, size: u32, weight: f64, delay: Delays) -> Projection {
    let synapses = Synapses {
        row_start: (0..=u64::from(size)).collect(),
        target: (0..size).collect(),
        weight: Weights::Shared(weight),
        delay,
    };
    let (source, target) = (PopulationId(0), PopulationId(target));
    let name = name.to_owned();
    Projection { name, source, target, receptor: Receptor::BySign, synapses, plasticity: None }
}

fn network(populations: Vec<Population>, projections: Vec<Projection>) -> ValidNetwork {
    let mut all = vec![population("in", 2, Model::SpikeSource(SpikeSource::External))];
    all.extend(populations);
    validate(Network { populations: all, projections, ..Network::default() }).unwrap()
}

fn refused_by(format: &NumberFormat, network: &ValidNetwork, config: &QuantizeConfig) -> String {
    quantize(network, format, &Activity::uniform(network), config).unwrap_err().to_string()
}

fn refused(network: &ValidNetwork, config: &QuantizeConfig) -> String {
    refused_by(&NumberFormat::loihi(), network, config)
}

#[test]
fn all_that_is_no_neuron_of_the_chip_is_told_at_once() {
    let synapse = |synapse| Model::Lif(LifPopulation { synapse, ..LifPopulation::default() });
    let adaptive = LifPopulation {
        theta_jump: Param::PerNode(vec![0.0, 2.0]),
        syn_ex_init: 3.0.into(),
        t_ref: 80.0.into(),
        ..LifPopulation::default()
    };
    let populations = vec![
        population("alpha", 2, synapse(SynapseKind::Alpha)),
        population("coba", 2, synapse(SynapseKind::Conductance)),
        population("izh", 2, Model::Izhikevich(IzhikevichPopulation::default())),
        population("dc", 2, Model::CurrentSource(CurrentSource::External)),
        population("adaptive", 2, Model::Lif(adaptive)),
    ];
    let mut plastic = one_to_one("plastic", 5, 2, 1.0, Delays::Shared(1.0));
    plastic.plasticity = Some(Plasticity::Tsodyks(Tsodyks::default()));
    let late = one_to_one("late", 5, 2, 1.0, Delays::F64(vec![70.0, 0.5]));
    let text = refused(&network(populations, vec![plastic, late]), &QuantizeConfig::default());
    for part in [
        "10 things cannot be said in the chip's numbers:",
        "population \"alpha\" is of alpha currents",
        "twice the tau_syn and the weights times e/2",
        "population \"coba\" is of conductances",
        "population \"izh\" is of Izhikevich's neurons",
        "population \"dc\" is of sources of current",
        "population \"adaptive\", node 1: theta_jump is 2 mV, and on the chip it is 0",
        "population \"adaptive\", node 0: syn_ex_init is 3 pA",
        "t_ref is 80 ms, 81 steps of 1 ms with that of the spike, and the chip counts 1 to 63: the nearest that can be is 62 ms (and 1 more)",
        "projection \"plastic\" is plastic (tsodyks)",
        "projection \"late\", synapse 1: its delay is 0.5 ms, and a spike takes a step of 1 ms at least: use dt ≤ 0.5",
        "synapse 0: its delay is 70 ms, 70 steps of 1 ms beyond the chip's own, and the limit is 62: the longest that can be is 62 ms",
    ] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
}

#[test]
fn time_constants_say_which_would_do() {
    let lif = LifPopulation {
        tau_m: 2000.0.into(),
        tau_syn_ex: 3.0.into(),
        tau_syn_in: 9.0.into(),
        ..LifPopulation::default()
    };
    let excited = one_to_one("e", 1, 2, 100.0, Delays::Shared(1.0));
    let inhibited = one_to_one("i", 1, 2, -100.0, Delays::Shared(1.0));
    let network = network(vec![population("n", 2, Model::Lif(lif))], vec![excited, inhibited]);
    let text = refused(&network, &QuantizeConfig::default());
    assert!(text.contains("tau_syn_ex is 3 ms and tau_syn_in 9 ms, and a compartment has one"), "{text}");
    assert!(text.contains("allow a tau_syn_ratio of 3.000"), "{text}");
    // 4096 (1 − e^(−1/2000)) = 2.0475: 2 of 4096 are 2047.5 ms, off by 2.3 %.
    assert!(!text.contains("tau_m"), "{text}");
    let strict = QuantizeConfig { decay_tolerance: 0.01, tau_syn_ratio: 3.0, ..QuantizeConfig::default() };
    let text = refused(&network, &strict);
    assert!(text.contains("tau_m is 2000 ms, at steps of 1 ms a decay of 2.047 parts in 4096"), "{text}");
    assert!(text.contains("the nearest that can be is 2047.5000 ms, or use a dt of"), "{text}");
    // That step is enough, and a little less is not.
    let dt: f64 = text.split("use a dt of ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let parts = |dt: f64| 4096.0 * (1.0 - (-dt / 2000.0_f64).exp());
    assert!(0.5 / parts(dt + 0.001) <= 0.01 && 0.5 / parts(dt - 0.01) > 0.01, "{dt}");
}

#[test]
fn chips_without_delays_or_refractory_periods_say_so() {
    let format = NumberFormat { delay: 0, refractory: [1, 1], ..NumberFormat::loihi() };
    let lif = |synapse| Model::Lif(LifPopulation { synapse, t_ref: 0.0.into(), ..LifPopulation::default() });
    let of = |synapse| {
        let projection = one_to_one("p", 1, 2, 1.0, Delays::Shared(1.0));
        network(vec![population("n", 2, lif(synapse))], vec![projection])
    };
    let delta = of(SynapseKind::Delta);
    assert!(quantize(&delta, &format, &Activity::uniform(&delta), &QuantizeConfig::default()).is_ok());
    let text = refused_by(&format, &of(SynapseKind::Exp), &QuantizeConfig::default());
    assert!(
        text.contains("1 steps of 1 ms beyond the chip's own, and the limit is 0: use delta synapses"),
        "{text}"
    );
    let text = refused_by(
        &format,
        &network(vec![population("n", 2, Model::Lif(LifPopulation::default()))], vec![]),
        &QuantizeConfig::default(),
    );
    assert!(text.contains("the chip counts 1 to 1: the nearest that can be is 0 ms"), "{text}");
}

#[test]
fn configurations_and_chips_that_make_no_sense_are_refused() {
    let network = network(vec![population("n", 2, Model::Lif(LifPopulation::default()))], vec![]);
    let nonsense = QuantizeConfig {
        dt: f64::NAN,
        weight_bits: 7,
        parameters: Parameters::Groups(0),
        tau_syn_ratio: 0.5,
        decay_tolerance: 0.0,
        negative_exponents: false,
        synchrony: -1.0,
        depth: f64::INFINITY,
        counted: Some(0.0),
    };
    let format = NumberFormat { weight_exp: [3, -3], threshold_bits: 40, ..NumberFormat::loihi() };
    let text = refused_by(&format, &network, &nonsense);
    for part in [
        "dt is NaN",
        "groups is 0",
        "tau_syn_ratio is 0.5",
        "decay_tolerance is 0",
        "synchrony is -1",
        "depth is inf",
        "counted is 0",
        "weights of 7 bits",
        "the nearest is 6",
        "threshold_bits of the chip is 40",
        "weight_exp of the chip is 3",
    ] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    let other = Activity(vec![1; 3]);
    let text = quantize(&network, &NumberFormat::loihi(), &other, &QuantizeConfig::default()).unwrap_err();
    assert!(text.to_string().contains("the activity is of 3 sources and the network has 4"), "{text}");
}

#[test]
fn what_overflows_says_by_how_much() {
    let lif = LifPopulation {
        synapse: SynapseKind::Delta,
        v_th: (-69.9999).into(),
        i_bias: 50_000.0.into(),
        ..LifPopulation::default()
    };
    let text =
        refused(&network(vec![population("n", 2, Model::Lif(lif))], vec![]), &QuantizeConfig::default());
    assert!(text.contains("its constant input would take"), "{text}");
    let lif = LifPopulation { synapse: SynapseKind::Delta, ..LifPopulation::default() };
    let huge = one_to_one("huge", 1, 2, 1e9, Delays::Shared(1.0));
    let text =
        refused(&network(vec![population("n", 2, Model::Lif(lif))], vec![huge]), &QuantizeConfig::default());
    assert!(text.contains("the current of all its synapses of one sign would take"), "{text}");
    assert!(text.contains("lower synchrony"), "{text}");
    let one_bit = QuantizeConfig { weight_bits: 1, ..QuantizeConfig::default() };
    let mut both = one_to_one("both", 1, 2, 1.0, Delays::Shared(1.0));
    both.synapses.weight = Weights::F64(vec![1.0, -1.0]);
    let text = refused(
        &network(vec![population("n", 2, Model::Lif(LifPopulation::default()))], vec![both]),
        &one_bit,
    );
    assert!(text.contains("projection \"both\" has weights of both signs, and 1 bit has no room"), "{text}");
    let lif = LifPopulation { v_th: 1e308.into(), c_m: 1e12.into(), ..LifPopulation::default() };
    let text =
        refused(&network(vec![population("n", 2, Model::Lif(lif))], vec![]), &QuantizeConfig::default());
    assert!(text.contains("so far apart that a spike leaves no number behind"), "{text}");
}
