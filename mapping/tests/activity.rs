//! Activities by hand, and those of another network.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use rheobase_mapping::Activity;
use rheobase_net::{
    Counters, LifPopulation, Model, Network, Population, Provenance, Recording, SpikeSource, SpikeTrain,
    ValidNetwork, validate,
};

/// Sources first: two of them are numbered behind the three neurons.
fn network() -> ValidNetwork {
    let population =
        |name: &str, size, model| Population { name: name.to_owned(), size, model, positions: None };
    let populations = vec![
        population("in", 2, Model::SpikeSource(SpikeSource::External)),
        population("exc", 3, Model::Lif(LifPopulation::default())),
    ];
    validate(Network { populations, ..Network::default() }).unwrap()
}

fn recording(network: &ValidNetwork, nodes: Vec<u32>) -> Recording {
    let times = (0..nodes.len()).map(|i| i as f64).collect();
    Recording {
        t_start: 0.0,
        t_stop: 100.0,
        nodes: network.node_ranges(),
        spikes: SpikeTrain::from_sorted(network.n_nodes(), times, nodes).unwrap(),
        traces: None,
        rates: None,
        final_v: None,
        weights: None,
        counters: Counters::default(),
        provenance: Provenance::default(),
    }
}

#[test]
fn spikes_are_counted_neurons_first() {
    let network = network();
    let activity = Activity::of_recording(&network, &recording(&network, vec![0, 2, 2, 1, 4, 0, 0])).unwrap();
    assert_eq!(activity.0, [2, 0, 1, 3, 1]);
    assert_eq!(Activity::uniform(&network).0, [1; 5]);
}

#[test]
fn rates_become_spikes_that_add_up() {
    let network = network();
    let rates = [("exc".to_owned(), 10.0), ("in".to_owned(), 0.0)];
    let of = |duration| Activity::of_rates(&network, &rates, duration).unwrap().0;
    assert_eq!(of(1000.0), [10, 10, 10, 0, 0]);
    // Half a spike each: 1.5 in all, rounded to 2.
    assert_eq!(of(50.0).iter().sum::<u32>(), 2);
}

#[test]
fn those_of_another_network_are_refused_with_all_faults() {
    let network = network();
    let mut other = recording(&network, vec![]);
    other.nodes[0].population = "background".to_owned();
    other.nodes[1].size = 4;
    other.nodes.push(other.nodes[1].clone());
    let text = Activity::of_recording(&network, &other).unwrap_err().to_string();
    for part in [
        "the activity has 4 faults:",
        "population 0 is \"background\" in the recording and \"in\" in the network",
        "population \"exc\" has 4 nodes in the recording and 3 in the network",
        "population 2 is \"exc\" in the recording and \"none\" in the network",
        "the recording is of 5 nodes and its populations have 10",
    ] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    let mut blind = recording(&network, vec![2]);
    blind.counters = Counters { spikes: 1, input_spikes: 12, ..Counters::default() };
    let text = Activity::of_recording(&network, &blind).unwrap_err().to_string();
    assert!(text.contains("12 spikes of sources were fired and none is in the recording"), "{text}");

    let rates = [("ecx", 1.0), ("in", f64::NAN), ("in", 1e9)].map(|(name, rate)| (name.to_owned(), rate));
    let text = Activity::of_rates(&network, &rates, -1.0).unwrap_err().to_string();
    for part in [
        "rates are counted over -1 ms",
        "no such population; did you mean \"exc\"?",
        "the rate of \"in\" is NaN Hz",
        "the rate of \"in\" is 1000000000 Hz",
        "\"in\" has two rates",
        "population \"exc\" has no rate",
    ] {
        assert!(text.contains(part), "{part} is not in: {text}");
    }
    let text = Activity::of_rates(&network, &[("exc".to_owned(), 1e6), ("in".to_owned(), 0.0)], 1e9);
    assert!(text.unwrap_err().to_string().contains("no more than"));
}
