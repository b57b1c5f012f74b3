//! The graphs have the sizes that are published, or that follow from their rules.

use super::*;

fn of(kind: Kind) -> Graph {
    let graph = kind.case(kind.usual_size(), 1).expect("a size that it has").graph();
    for source in 0..graph.n_sources() {
        let row = graph.targets(source);
        assert!(
            row.windows(2).all(|pair| pair[0] < pair[1]),
            "{kind:?}: row {source} repeats or is unsorted"
        );
        assert!(!row.contains(&source), "{kind:?}: {source} reaches itself");
    }
    graph
}

fn assert_synapses(graph: &Graph, wanted: f64, within: f64) {
    let found = graph.target.len() as f64;
    assert!((found - wanted).abs() < within, "{found} synapses, and {wanted} are expected");
}

/// The published graph has 679,372 synapses; six deviations of a count of that many.
#[test]
fn a_liquid_in_either_order_is_the_published_one() {
    let (raster, shuffled) = (of(Kind::Liquid), of(Kind::LiquidShuffled));
    assert_eq!(raster.n_neurons, 10_164);
    assert_synapses(&raster, 679_372.0, 6.0 * 679_372_f64.sqrt());
    assert_eq!(raster.target.len(), shuffled.target.len());
    // Neighbors along x are one apart in raster order, and anywhere in the other.
    let near = |graph: &Graph| {
        let is_near = |source: u32| {
            graph.targets(source).iter().filter(move |target| target.abs_diff(source) <= 2).count()
        };
        (0..graph.n_sources()).map(is_near).sum::<usize>()
    };
    assert!(near(&raster) > 4000 && near(&shuffled) < 1000, "{} {}", near(&raster), near(&shuffled));
}

/// A ring keeps 64 synapses a neuron, nine tenths of them to the 32 neighbors on either side.
#[test]
fn a_small_world_is_a_ring_with_a_tenth_rewired() {
    let graph = of(Kind::SmallWorld);
    assert_eq!(graph.target.len(), 640_000);
    let distance = |a: u32, b: u32| a.abs_diff(b).min(10_000 - a.abs_diff(b));
    let near: usize = (0..10_000)
        .map(|source| graph.targets(source).iter().filter(|target| distance(**target, source) <= 32).count())
        .sum();
    assert!((near as f64 / 640_000.0 - 0.9).abs() < 0.003, "{near}");
}

/// Of 64 draws among n neurons, n (1 − (1 − 1/n)^64) targets differ, of which 64/n are the neuron itself.
#[test]
fn random_targets_are_left_without_repeats() {
    let n = 10_000.0_f64;
    let wanted = n * (n * (1.0 - (1.0 - 1.0 / n).powi(64)) - (1.0 - (1.0 - 1.0 / n).powi(64)));
    assert_synapses(&of(Kind::Brunel), wanted, 300.0);
    // The published graph.
    assert_synapses(&of(Kind::Brunel), 637_943.0, 300.0);
}

/// The published graph has 427,709 synapses; the sum of 10,000 weights deviates by about 1 %.
#[test]
fn a_scale_free_graph_has_hubs_that_send_and_others_that_receive() {
    let graph = of(Kind::ScaleFree);
    assert_synapses(&graph, 427_709.0, 0.04 * 427_709.0);
    let mut incoming = vec![0_u32; 10_000];
    graph.target.iter().for_each(|target| incoming[*target as usize] += 1);
    let outgoing = |neuron: u32| graph.targets(neuron).len();
    let most = (0..10_000).max_by_key(|neuron| outgoing(*neuron)).unwrap();
    assert!((1000..=2000).contains(&outgoing(most)), "{}", outgoing(most));
    assert!(incoming[most as usize] < 1000 && *incoming.iter().max().unwrap() > 1000);
}

/// Σ p N_source N_target over the published table and the scaled sizes, computed apart, with and without the row
/// of L23E; six deviations of counts of that many.
#[test]
fn the_microcircuit_keeps_its_probabilities() {
    let whole = of(Kind::PotjansFull);
    assert_eq!(whole.n_neurons, 7713);
    assert_synapses(&whole, 2_845_109.0, 6.0 * 2_845_109_f64.sqrt());
    assert_synapses(&of(Kind::Potjans), 1_864_416.0, 6.0 * 1_864_416_f64.sqrt());
}

/// 24·24·6·25 + 24·24·6 + 8·8·16·150 + 8·8·16 + 256·120 + 120·84 + 84·10.
#[test]
fn lenet_has_the_synapses_of_its_layers() {
    let graph = of(Kind::Lenet);
    assert_eq!((graph.n_neurons, graph.target.len()), (6598, 286_120));
    // The first pixel is seen by the first unit of each of six channels, one in the middle by 25 of each.
    assert_eq!(
        graph.targets(0),
        [784, 784 + 576, 784 + 2 * 576, 784 + 3 * 576, 784 + 4 * 576, 784 + 5 * 576]
    );
    assert_eq!(graph.targets(14 * 28 + 14).len(), 150);
    assert_eq!(graph.targets(784), [784 + 3456], "four units are one of the pooled ones");
}

/// The mean of the log-normal is 10, its deviation 10 √(e − 1) = 13.
#[test]
fn spikes_are_log_normal() {
    let Activity(spikes) = activity(100_000);
    let mean = spikes.iter().map(|n| f64::from(*n)).sum::<f64>() / 1e5;
    assert!((mean - 10.0).abs() < 6.0 * 13.0 / 1e5_f64.sqrt(), "{mean}");
    let below = spikes.iter().filter(|n| **n < 6).count();
    // Half of them are below the median, 10/√e = 6.07.
    assert!((45_000..50_000).contains(&below), "{below}");
}

#[test]
fn a_size_that_there_is_not_is_refused() {
    for (kind, n) in [(Kind::Lenet, 6599), (Kind::SmallWorld, 64), (Kind::Potjans, 80_000)] {
        let Err(Failure::BadInput(error)) = kind.case(n, 1) else { panic!("{kind:?} of {n}") };
        assert!(error.to_string().contains(&format!("--n is {n}")), "{error}");
    }
    for kind in [Kind::Liquid, Kind::Brunel, Kind::ScaleFree] {
        assert!(kind.case(1, 1).is_ok_and(|case| case.graph().target.is_empty()), "{kind:?}");
    }
}
