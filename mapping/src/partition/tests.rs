//! Against counts from scratch, and against all partitions of small networks.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use rheobase_net::random::{Purpose, Stream};

use super::anneal::{Pass, Sums};
use super::exchange::{Quote, Quotes};
use super::noise::Gumbel;
use super::pins::Pins;
use super::price::{Prices, Room};
use super::state::{State, loads};
use super::{Objective, PartitionConfig, PartitionError, SMALL, partition};
use crate::Graph;
use crate::chip::{Limits, SynapseMemory};

/// A number below `n`.
fn below(stream: &mut Stream, n: u32) -> u32 {
    (stream.open01() * f64::from(n)) as u32
}

/// A random graph: some sources from outside, some synapses twice, some neurons that reach themselves.
fn random_graph(stream: &mut Stream, n_neurons: u32, most_targets: u32) -> Graph {
    let n_sources = n_neurons + below(stream, 3);
    let (mut row_start, mut target) = (vec![0], Vec::new());
    for _ in 0..n_sources {
        let first = target.len();
        let n = below(stream, most_targets + 1);
        target.extend((0..n).map(|_| below(stream, n_neurons)));
        target[first..].sort_unstable();
        row_start.push(target.len() as u64);
    }
    let spikes = (0..n_sources).map(|_| below(stream, 20)).collect();
    let synapse_bits = (0..n_sources).map(|_| 10 + below(stream, 12) as u16).collect();
    let config = (0..n_neurons).map(|_| below(stream, 3)).collect();
    Graph { n_neurons, row_start, target, spikes, synapse_bits, config }
}

/// Limits that some networks fit and some do not.
fn random_limits(stream: &mut Stream, graph: &Graph) -> Limits {
    let n = graph.n_neurons;
    let or_none = |stream: &mut Stream, value: u32| if below(stream, 2) == 0 { u32::MAX } else { value };
    let (in_axons, out_axons) = (2 + below(stream, 2 * n), 1 + below(stream, 3 * n));
    let words = u64::from(2 + below(stream, 3 * n));
    Limits {
        compartments: 1 + below(stream, n),
        input_axons: or_none(stream, in_axons),
        output_axons: or_none(stream, out_axons),
        synapse_words: if below(stream, 2) == 0 { u64::MAX } else { words },
        neuron_configs: 1 + below(stream, 3),
        memory: SynapseMemory { word: 64, header: 10, block: 4 },
    }
}

/// The objective of a partition, or nothing if it breaks a limit: from the definitions.
fn judged(graph: &Graph, limits: &Limits, part: &[u32], objective: Objective) -> Option<u64> {
    let n_parts = part.iter().max().map_or(0, |most| most + 1);
    let mut cost = 0;
    let mut outputs = vec![0; n_parts as usize];
    let mut inputs = vec![0; n_parts as usize];
    let mut words = vec![0; n_parts as usize];
    for source in 0..graph.n_sources() {
        let reached: Vec<u32> = graph.targets(source).iter().map(|t| part[*t as usize]).collect();
        let distinct: BTreeSet<u32> = reached.iter().copied().collect();
        let mut touched = distinct.clone();
        if source < graph.n_neurons {
            let home = part[source as usize];
            touched.insert(home);
            outputs[home as usize] += distinct.len() as u32;
        }
        let travels = match objective {
            Objective::Packets => touched.len().saturating_sub(1),
            Objective::Messages => distinct.len(),
        };
        cost += u64::from(graph.spikes[source as usize]) * travels as u64;
        for &to in &distinct {
            inputs[to as usize] += 1;
            let mut left = reached.iter().filter(|part| **part == to).count() as u64;
            while left > 0 {
                let block = left.min(4);
                words[to as usize] +=
                    (block * u64::from(graph.synapse_bits[source as usize]) + 10).div_ceil(64);
                left -= block;
            }
        }
    }
    let fits = (0..n_parts).all(|p| {
        let neurons: Vec<usize> = (0..part.len()).filter(|v| part[*v] == p).collect();
        let configs: BTreeSet<u32> = neurons.iter().map(|v| graph.config[*v]).collect();
        !neurons.is_empty()
            && neurons.len() <= limits.compartments as usize
            && configs.len() <= limits.neuron_configs as usize
            && inputs[p as usize] <= limits.input_axons
            && outputs[p as usize] <= limits.output_axons
            && words[p as usize] <= limits.synapse_words
    });
    fits.then_some(cost)
}

/// The objective times the number of parts: what is compared.
fn worth(graph: &Graph, limits: &Limits, part: &[u32], objective: Objective) -> Option<u64> {
    let n_parts = part.iter().max().map_or(0, |most| u64::from(*most) + 1);
    judged(graph, limits, part, objective).map(|cost| cost * n_parts)
}

/// The least worth of all partitions within the limits.
fn optimum(graph: &Graph, limits: &Limits, objective: Objective) -> Option<u64> {
    fn extend(
        (graph, limits, objective): (&Graph, &Limits, Objective),
        part: &mut Vec<u32>,
        n_parts: u32,
        best: &mut Option<u64>,
    ) {
        if part.len() == graph.n_neurons as usize {
            if let Some(cost) = worth(graph, limits, part, objective) {
                *best = Some(best.map_or(cost, |best| best.min(cost)));
            }
            return;
        }
        for next in 0..=n_parts {
            part.push(next);
            extend((graph, limits, objective), part, n_parts.max(next + 1), best);
            part.pop();
        }
    }
    let mut best = None;
    extend((graph, limits, objective), &mut Vec::new(), 0, &mut best);
    best
}

fn find(graph: &Graph, limits: &Limits, config: PartitionConfig) -> Result<super::Partition, PartitionError> {
    partition(graph, limits, &config, &mut |_| ControlFlow::Continue(()))
}

/// Whatever fits is found, nothing that does not fit is called a partition, and half of all are as good as
/// the best.
#[test]
fn small_networks_are_mapped_as_well_as_by_trying_everything() {
    let n_cases = 1500;
    let (mut n_legal, mut gaps) = (0, Vec::new());
    for case in 0..n_cases {
        let mut stream = Stream::new(case, Purpose::Choose, 0, 0);
        let n_neurons = 2 + below(&mut stream, 6);
        let graph = random_graph(&mut stream, n_neurons, 5);
        let limits = random_limits(&mut stream, &graph);
        let objective = if case % 3 == 0 { Objective::Messages } else { Objective::Packets };
        let best = optimum(&graph, &limits, objective);
        let config = PartitionConfig { seed: case, objective, ..PartitionConfig::default() };
        match (find(&graph, &limits, config), best) {
            (Ok(found), Some(best)) => {
                let cost = worth(&graph, &limits, &found.part, objective);
                let cost = cost.unwrap_or_else(|| panic!("case {case} breaks a limit"));
                n_legal += 1;
                gaps.push((cost as f64 - best as f64) / (best as f64).max(1.0));
            }
            (Err(_), None) => {}
            (Ok(found), None) => panic!("case {case}: nothing fits, and yet {found:?}"),
            (Err(error), Some(best)) => panic!("case {case} fits and costs {best}, and yet: {error}"),
        }
    }
    gaps.sort_by(f64::total_cmp);
    let share = |q: f64| gaps[(q * (gaps.len() - 1) as f64) as usize];
    let told = format!(
        "{n_legal} of {n_cases} fit; gaps: median {}, 90 % {}, worst {}",
        share(0.5),
        share(0.9),
        share(1.0)
    );
    assert!(n_legal > n_cases as usize / 3 && n_legal < n_cases as usize, "{told}");
    assert!(share(0.5) <= 0.0, "{told}");
    assert!(share(0.9) <= 0.05, "{told}");
}

/// What a move changes is what counting anew finds, with lists and with rows of counters, for neurons and for
/// groups of them.
#[test]
fn moves_keep_the_counts() {
    for case in 0..80 {
        let mut stream = Stream::new(case, Purpose::Choose, 1, 0);
        let n_neurons = 20 + below(&mut stream, 30);
        let graph = random_graph(&mut stream, n_neurons, 40);
        let mut limits = random_limits(&mut stream, &graph);
        let n_groups = n_neurons / 3;
        let pins = if case < 40 {
            Pins::of(&graph)
        } else {
            // Every group has a neuron; a group has no configuration of its own.
            limits.neuron_configs = 3;
            let group = (0..n_neurons).map(|v| if v < n_groups { v } else { below(&mut stream, n_groups) });
            Pins::of_groups(&graph, group.collect(), n_groups as usize)
        };
        let n_vertices = pins.n_vertices() as u32;
        let n_parts = 2 + below(&mut stream, 20);
        let part: Vec<u32> = (0..n_vertices).map(|_| below(&mut stream, n_parts)).collect();
        let rows = case % 2 == 0;
        let mut state = State::with((&graph, &limits, &pins), Objective::Packets, part, n_parts, rows);
        for _ in 0..200 {
            let (neuron, to) = (below(&mut stream, n_vertices), below(&mut stream, n_parts));
            if state.part[neuron as usize] == to {
                continue;
            }
            let before = state.load.clone();
            let allowed = state.may_move(neuron, to);
            state.apply(neuron, to);
            let worse = |(now, before): (&super::Load, &super::Load)| {
                let over = |now: u64, before: u64, limit: u64| now > limit && now > before;
                over(now.neurons.into(), before.neurons.into(), limits.compartments.into())
                    || over(now.input_axons.into(), before.input_axons.into(), limits.input_axons.into())
                    || over(now.output_axons.into(), before.output_axons.into(), limits.output_axons.into())
                    || over(now.words, before.words, limits.synapse_words)
                    || over(now.configs.into(), before.configs.into(), limits.neuron_configs.into())
            };
            let any_worse = state.load.iter().zip(&before).any(worse);
            assert!(!(allowed && any_worse), "case {case}: an allowed move breaks a limit");
        }
        let (neurons, part) = (Pins::of(&graph), pins.of_neurons(&state.part));
        assert_eq!(state.load, loads(&graph, &limits, &part, n_parts), "case {case}");
        for source in 0..graph.n_sources() {
            let reached: BTreeSet<u32> = graph.targets(source).iter().map(|t| part[*t as usize]).collect();
            let reaches =
                |to: u32| state.sources.rows().is_none_or(|r| r.reaches(source, to) == reached.contains(&to));
            assert!((0..n_parts).all(reaches), "case {case}");
        }
        let fresh = State::with((&graph, &limits, &neurons), Objective::Packets, part, n_parts, !rows);
        assert_eq!(state.load, fresh.load, "case {case}");
        assert_eq!(state.cost(), fresh.cost(), "case {case}");
        assert_eq!(state.excess, fresh.excess, "case {case}");
    }
}

/// What a neuron gains in one part is what a pass over all parts offers it there; what another gains in its place while
/// it is offered is what that gains once it has moved; and passes of exchanges leave the state of a fresh count, with
/// fewer packets and less beyond the limits.
#[test]
fn neurons_change_places() {
    let mut stream = Stream::new(19, Purpose::Choose, 5, 0);
    let limits = Limits {
        compartments: 12,
        input_axons: 60,
        output_axons: 40,
        synapse_words: 60,
        neuron_configs: 2,
        memory: SynapseMemory { word: 64, header: 10, block: 64 },
    };
    for case in 0..16 {
        let graph = random_graph(&mut stream, 120, 10);
        let (n_parts, pins) = (12, Pins::of(&graph));
        let part: Vec<u32> = (0..graph.n_neurons).map(|_| below(&mut stream, n_parts)).collect();
        let objective = if case < 8 { Objective::Packets } else { Objective::Messages };
        let mut state = State::with((&graph, &limits, &pins), objective, part, n_parts, case % 2 == 0);
        let room = Room { weight: 5.0, wall: 60.0, start: 0.9 };
        let prices = Prices { rooms: room.into(), axons: 50.0, events: f32::MAX };
        let mut sums = Sums::new(pins.n_vertices(), n_parts);
        let mut quotes = Quotes::new(&state, prices);
        for neuron in 0..graph.n_neurons {
            quotes.market.offers(&state, &mut sums, neuron, |part, offer| {
                let gain = quotes.quote(&state, neuron, part).gain;
                for (offer, gain) in
                    [(offer.packets, gain.packets), (offer.room, gain.room), (offer.wall, gain.wall)]
                {
                    let most = 1.0 + offer.abs();
                    assert!((offer - gain).abs() < 1e-3 * most, "case {case}: {offer} and {gain}");
                }
            });
        }
        let free = Prices { rooms: Room { weight: 0.0, wall: 0.0, start: 0.9 }.into(), ..prices };
        quotes = Quotes::new(&state, free);
        for _ in 0..200 {
            let (a, b) = (below(&mut stream, graph.n_neurons), below(&mut stream, graph.n_neurons));
            let (from, to) = (state.part[a as usize], state.part[b as usize]);
            if from == to {
                continue;
            }
            let there = quotes.quote(&state, a, to);
            let back = quotes.while_offered(&state, a, to, there, |quotes| quotes.quote(&state, b, from));
            let mut moved = state.part.clone();
            moved[a as usize] = to;
            let moved = State::with((&graph, &limits, &pins), objective, moved, n_parts, case % 2 == 0);
            let after = Quotes::new(&moved, free).quote(&moved, b, from);
            let of = |quote: &Quote| [quote.gain.packets, quote.left, quote.entered];
            assert_eq!(of(&back), of(&after), "case {case}: {a} and {b}");
        }
        let (cost, excess) = (state.cost(), state.excess);
        for seed in 0..12 {
            let pass = Pass { temperature: 0.0, prices, hard: false, may_open: false, patience: 10.0, seed };
            pass.exchange(&mut state, &mut sums, &Gumbel::new());
        }
        assert!(state.cost() < cost && state.excess < excess, "case {case}");
        let fresh =
            State::with((&graph, &limits, &pins), objective, state.part.clone(), n_parts, case % 2 == 1);
        assert_eq!(state.load, fresh.load, "case {case}");
        assert_eq!((state.cost(), state.excess), (fresh.cost(), fresh.excess), "case {case}");
    }
}

/// A search from one neuron a part takes no more passes than any: that sources reach many parts then says nothing of the
/// network.
#[test]
fn a_search_from_far_too_many_parts_is_no_longer() {
    let graph = random_graph(&mut Stream::new(23, Purpose::Choose, 6, 0), 600, 160);
    let limits = Limits {
        compartments: 300,
        input_axons: 600,
        output_axons: 1024,
        synapse_words: 16384,
        neuron_configs: 3,
        memory: SynapseMemory { word: 64, header: 10, block: 64 },
    };
    let mut n_passes = 0;
    let config = PartitionConfig::default();
    partition(&graph, &limits, &config, &mut |_| {
        n_passes += 1;
        ControlFlow::Continue(())
    })
    .expect("two or three parts");
    // 90 passes a search, and 24, 4 and 4 until its last descent has settled: searches of as many neurons and
    // synapses in all as are given to a small graph, and one that begins with the order of the network.
    let n_searches = SMALL / (graph.target.len() + 600) + 1;
    assert!(n_passes <= n_searches * (90 + 32), "{n_passes} passes of {n_searches} searches");
}

/// Layers that have nothing in common, numbered in turns, are not cut: each is a part, and nothing travels.
#[test]
fn networks_of_twins_come_apart_where_nothing_is_cut() {
    let graph = turns_of(&layers(8, 4), 3);
    let limits = Limits {
        compartments: graph.n_neurons / 3,
        input_axons: u32::MAX,
        output_axons: u32::MAX,
        synapse_words: u64::MAX,
        neuron_configs: 1,
        memory: SynapseMemory { word: 64, header: 10, block: 4 },
    };
    let found = find(&graph, &limits, PartitionConfig::default()).expect("three parts");
    assert_eq!(judged(&graph, &limits, &found.part, Objective::Packets), Some(0));
    assert_eq!(found.n_parts, 3);
}

/// Neurons of a place hear the same places, whatever their map: `side` squared inputs are no twins, the rest are a
/// group for every place of the convolution, and one for all that hear everything.
#[test]
fn twins_are_the_maps_of_a_place() {
    let (side, maps) = (8, 8);
    let graph = layers(side, maps);
    let (group, n_groups) =
        super::twins::twins(&graph, &Pins::of(&graph), |_| usize::MAX).expect("most have twins");
    let places = (side - 2) * (side - 2);
    assert_eq!(n_groups as u32, side * side + places + 1);
    let of = |map: u32, place: u32| group[(side * side + map * places + place) as usize];
    assert!((0..places).all(|place| (1..maps).all(|map| of(map, place) == of(0, place))));
    assert!((1..places).all(|place| of(0, place) != of(0, place - 1)));
    let in_fours = super::twins::twins(&graph, &Pins::of(&graph), |_| 4);
    assert_eq!(in_fours.expect("most have three twins").1 as u32, side * side + 2 * places + 3);
    let mut stream = Stream::new(3, Purpose::Choose, 5, 0);
    let random = random_graph(&mut stream, 100, 20);
    assert!(super::twins::twins(&random, &Pins::of(&random), |_| usize::MAX).is_none());
}

/// An image of `side` by `side`, a convolution by 3 by 3 to so many maps, and ten neurons that hear all of it.
fn layers(side: u32, maps: u32) -> Graph {
    let n = side - 2;
    let (n_inputs, n_maps) = (side * side, maps * n * n);
    let mut rows = vec![Vec::new(); (n_inputs + n_maps + 10) as usize];
    for map in 0..maps {
        for place in 0..n * n {
            let neuron = n_inputs + map * n * n + place;
            for (x, y) in (0..9).map(|i| (place % n + i % 3, place / n + i / 3)) {
                rows[(y * side + x) as usize].push(neuron);
            }
            rows[neuron as usize] = (n_inputs + n_maps..n_inputs + n_maps + 10).collect();
        }
    }
    of_rows(&rows)
}

/// So many copies of a graph, the first neurons of all before the second ones, and so on.
fn turns_of(graph: &Graph, n: u32) -> Graph {
    let copies = |source: u32| {
        (0..n).map(move |copy| graph.targets(source).iter().map(|target| target * n + copy).collect())
    };
    of_rows(&(0..graph.n_neurons).flat_map(copies).collect::<Vec<Vec<u32>>>())
}

/// The graph of the targets of neurons that all spike three times.
fn of_rows(rows: &[Vec<u32>]) -> Graph {
    let mut row_start = vec![0];
    rows.iter().for_each(|row| row_start.push(row_start[row_start.len() - 1] + row.len() as u64));
    let n = rows.len();
    let target = rows.concat();
    let (spikes, synapse_bits, config) = (vec![3; n], vec![18; n], vec![0; n]);
    Graph { n_neurons: n as u32, row_start, target, spikes, synapse_bits, config }
}

/// The same bits for any number of threads.
#[test]
fn threads_make_no_difference() {
    let mut stream = Stream::new(7, Purpose::Choose, 2, 0);
    let graph = random_graph(&mut stream, 600, 40);
    let limits = Limits {
        compartments: 64,
        input_axons: 500,
        output_axons: 1000,
        synapse_words: 2000,
        neuron_configs: 3,
        memory: SynapseMemory { word: 64, header: 10, block: 64 },
    };
    let with = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build().expect("a pool");
        pool.install(|| find(&graph, &limits, PartitionConfig::default())).expect("it fits")
    };
    let one = with(1);
    assert!(judged_any(&graph, &limits, &one.part));
    assert_eq!(one, with(2));
    assert_eq!(one, with(8));
}

/// Limits with blocks of 64, as [`judged`] does not know: by the state's own count.
fn judged_any(graph: &Graph, limits: &Limits, part: &[u32]) -> bool {
    let n_parts = part.iter().max().map_or(0, |most| most + 1);
    let pins = Pins::of(graph);
    State::with((graph, limits, &pins), Objective::Packets, part.to_vec(), n_parts, true).n_over() == 0
}

/// Where parts should be equally busy, the busiest is less so, and packets are what that costs.
#[test]
fn parts_are_equally_busy_if_that_is_wanted() {
    let mut stream = Stream::new(11, Purpose::Choose, 4, 0);
    let graph = random_graph(&mut stream, 400, 20);
    let limits = Limits {
        compartments: 100,
        input_axons: 1000,
        output_axons: 1000,
        synapse_words: 10_000,
        neuron_configs: 3,
        memory: SynapseMemory { word: 64, header: 10, block: 64 },
    };
    let busiest = |balance| {
        let config = PartitionConfig { balance, ..PartitionConfig::default() };
        let found = find(&graph, &limits, config).expect("it fits");
        let pins = Pins::of(&graph);
        let state = State::new(&graph, &limits, &pins, Objective::Packets, found.part, found.n_parts);
        let events: Vec<u64> = state.load.iter().map(|load| load.events).collect();
        let mean = events.iter().sum::<u64>() as f64 / events.len() as f64;
        (events.into_iter().max().unwrap_or(0) as f64 / mean, state.cost())
    };
    let ((free, packets), (balanced, more)) = (busiest(None), busiest(Some(0.05)));
    assert!(
        balanced < 1.06 && balanced < free,
        "the busiest {balanced} of the mean, {free} if all is the same"
    );
    assert!(more >= packets, "{more} packets, {packets} if all is the same");
}

/// Neurons without synapses fill parts to the last place.
#[test]
fn what_is_not_connected_is_dealt_out() {
    let graph = Graph {
        n_neurons: 100,
        row_start: vec![0; 101],
        target: Vec::new(),
        spikes: vec![3; 100],
        synapse_bits: vec![18; 100],
        config: vec![0; 100],
    };
    let limits = Limits {
        compartments: 10,
        input_axons: 10,
        output_axons: 10,
        synapse_words: 10,
        neuron_configs: 1,
        memory: SynapseMemory { word: 64, header: 10, block: 64 },
    };
    let found = find(&graph, &limits, PartitionConfig::default()).expect("ten parts of ten");
    assert_eq!(judged(&graph, &limits, &found.part, Objective::Packets), Some(0));
}

/// A neuron that no core can hold is named, and so is a stop.
#[test]
fn what_cannot_be_is_told() {
    let mut stream = Stream::new(1, Purpose::Choose, 3, 0);
    let graph = random_graph(&mut stream, 50, 40);
    let limits = Limits {
        compartments: 8,
        input_axons: 2,
        output_axons: 100,
        synapse_words: 1000,
        neuron_configs: 3,
        memory: SynapseMemory { word: 64, header: 10, block: 64 },
    };
    let error =
        find(&graph, &limits, PartitionConfig::default()).expect_err("many more than two sources a neuron");
    assert!(matches!(error, PartitionError::Neuron { budget: "input axons", limit: 2, .. }), "{error}");
    let roomy = Limits { input_axons: 100, ..limits };
    let stopped = partition(&graph, &roomy, &PartitionConfig::default(), &mut |_| ControlFlow::Break(()));
    assert_eq!(stopped, Err(PartitionError::Stopped));
    for (effort, balance) in
        [(0.0, None), (f64::NAN, None), (1e9, None), (1.0, Some(-1.0)), (1.0, Some(f64::NAN))]
    {
        let config = PartitionConfig { effort, balance, ..PartitionConfig::default() };
        let error = find(&graph, &roomy, config).expect_err("no such search");
        assert!(matches!(error, PartitionError::Config { .. }), "{error}");
    }
}
