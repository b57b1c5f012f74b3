//! Groups with liquid time constants beside neurons: the cell alone, spikes in, values and spikes out, and the
//! same bits on any number of threads and through any snapshot.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::ops::ControlFlow;

use rheobase_ltc::cell::ltc::LtcConfig;
use rheobase_ltc::cell::{Batch, Cell, Ltc, record};
use rheobase_ltc::wiring::{self, AutoNcp};
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{
    CurrentSource, LifPopulation, LiquidCell, LtcOutput, LtcPopulation, Model, Network, NodeId, Population,
    PopulationId, Projection, Recording, SynapseKind, ValidNetwork, Waveform, validate,
};
use rheobase_sim::{
    Engine, Memory, Record, Run, Scheduler, SimConfig, SimError, Snapshot, TraceRequest, simulate,
};
use support::*;

const BOTH: [Scheduler; 2] = [Scheduler::Grid, Scheduler::Event];

fn cell(n_inputs: u32, units: u32, n_outputs: u32) -> LiquidCell {
    let auto = AutoNcp { units, n_outputs, sparsity: 0.3, seed: 7 };
    let wiring = wiring::auto_ncp(n_inputs, &auto).unwrap();
    LiquidCell::Ltc { wiring, config: LtcConfig::default() }
}

fn ltc(cell: &LiquidCell) -> Ltc {
    let LiquidCell::Ltc { wiring, config } = cell else { panic!("an LTC") };
    Ltc::new(wiring.clone(), config.clone()).unwrap()
}

/// A group with drawn parameters, and outputs of some size on both sides of 0.
fn group(n_inputs: u32, units: u32, n_outputs: u32, seed: u64) -> LtcPopulation {
    let cell = cell(n_inputs, units, n_outputs);
    let built = ltc(&cell);
    let mut parameters = built.start(&mut Stream::new(seed, Purpose::Parameter, 0, 0));
    for (block, value) in [("output_w", 8.0), ("output_b", 2.0)] {
        let place = Cell::<f64>::layout(&built).range(block).unwrap();
        parameters[place].fill(value);
    }
    LtcPopulation { interval: 2.0, time_scale: 1.0, ..LtcPopulation::new(cell, parameters) }
}

fn all_to_all(name: &str, source: (u32, u32), target: (u32, u32), weight: f64, delay: f64) -> Projection {
    let pairs = (0..source.1).flat_map(|i| (0..target.1).map(move |j| (i, j, weight, delay)));
    projection(name, source, target.0, &pairs.collect::<Vec<_>>())
}

fn traced(scheduler: Scheduler, nodes: std::ops::Range<u32>, interval: f64) -> SimConfig {
    let traces = Some(TraceRequest { nodes: nodes.map(NodeId).collect(), interval });
    SimConfig { record: Record { traces, ..Record::default() }, ..config(scheduler, 0.1) }
}

/// Sampled values, one row every `interval` ms.
fn samples(n_channels: u32, n: usize, interval: f64) -> (Waveform, Vec<f64>) {
    let values: Vec<f64> = (0..n * n_channels as usize).map(|k| 2.0 * (k as f64 * 0.7).sin()).collect();
    let times = (0..n).map(|k| k as f64 * interval).collect();
    (Waveform::new(n_channels, times, values.clone()).unwrap(), values)
}

/// The states and outputs of a group that hears these inputs, by the crate of cells.
fn recorded(group: &LtcPopulation, inputs: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let cell = ltc(&group.cell);
    let n_steps = inputs.len() / group.cell.n_inputs();
    let elapsed = vec![group.interval * group.time_scale; n_steps];
    let initial: Vec<f64> = (0..group.cell.n_units()).map(|unit| group.v_init.get(unit)).collect();
    let batch = Batch { n_samples: 1, n_steps, inputs, elapsed: &elapsed, initial: &initial, keys: None };
    let tape = record(&cell as &dyn Cell<f64>, &group.parameters, &batch).unwrap();
    (tape.states(), tape.outputs())
}

#[test]
fn a_group_alone_is_the_cell_on_the_same_samples() {
    let n_steps = 40;
    let group = LtcPopulation { v_init: 0.1.into(), ..group(3, 12, 2, 1) };
    let (waveform, inputs) = samples(3, n_steps, group.interval);
    let (states, _) = recorded(&group, &inputs);
    let populations = vec![
        population("group", 12, Model::Ltc(group)),
        population("samples", 3, Model::CurrentSource(CurrentSource::Steps(waveform))),
    ];
    let one_to_one = [(0, 0, 1.0, 0.0), (1, 1, 1.0, 0.0), (2, 2, 1.0, 0.0)];
    let network = network(populations, vec![projection("in", (1, 3), 0, &one_to_one)]);
    for scheduler in BOTH {
        let found = run(&network, &traced(scheduler, 0..12, 2.0), 80.0, 0);
        assert_eq!(found.traces.unwrap().v.into_raw_vec_and_offset().0, states, "{scheduler:?}");
        assert_eq!((found.counters.group_updates, found.counters.values_sent), (40, 80));
        assert_eq!(found.counters.neuron_updates, 0);
    }
}

/// x(t) = Σ w exp(−(t − s)/tau) over the arrivals s ≤ t.
#[test]
fn spikes_enter_through_an_exponential_trace() {
    let (tau, weight, delay) = (7.0, 0.4, 1.5);
    let spikes = [(0.5, 0), (4.5, 1), (4.5, 0), (6.5, 0), (20.0, 0), (38.2, 1)];
    let group = LtcPopulation { tau_trace: tau.into(), ..group(1, 8, 2, 2) };
    let n_steps = 25;
    let mut inputs = Vec::new();
    for step in 1..=n_steps {
        let t = step as f64 * group.interval;
        let arrived = spikes.iter().map(|(s, _)| t - (s + delay)).filter(|ago| *ago >= -1e-9);
        inputs.push(arrived.map(|ago| weight * f64::exp(-ago / tau)).sum::<f64>());
    }
    let (states, _) = recorded(&group, &inputs);
    let populations =
        vec![population("group", 8, Model::Ltc(group)), population("input", 2, train(2, &spikes))];
    let synapses = [(0, 0, weight, delay), (1, 0, weight, delay)];
    let network = network(populations, vec![projection("in", (1, 2), 0, &synapses)]);
    for scheduler in BOTH {
        let found = run(&network, &traced(scheduler, 0..8, 2.0), 50.0, 0);
        let found_states = found.traces.unwrap().v.into_raw_vec_and_offset().0;
        for (found, expected) in found_states.iter().zip(&states) {
            assert!((found - expected).abs() <= 1e-13, "{scheduler:?}: {found} {expected}");
        }
        assert_eq!((found_states.len(), found.counters.input_events), (states.len(), 6));
    }
}

/// A neuron that hears an output is the neuron that hears the same current from a source.
#[test]
fn an_output_is_a_current() {
    let (n_steps, weight, delay) = (100, 30.0, 1.3);
    let group = group(2, 10, 2, 3);
    let (waveform, inputs) = samples(2, n_steps, group.interval);
    let (_, outputs) = recorded(&group, &inputs);
    let interval = group.interval;
    let identity = [(0, 0, 1.0, 0.0), (1, 1, 1.0, 0.0)];
    let heard = [(0, 0, weight, delay), (1, 0, 2.0 * weight, 0.1), (1, 1, -weight, delay), (0, 2, 90.0, 2.0)];
    for synapse in [SynapseKind::Exp, SynapseKind::Delta, SynapseKind::Alpha, SynapseKind::Conductance] {
        let neurons =
            population("neurons", 3, Model::Lif(LifPopulation { t_ref: 1.0.into(), ..neuron(synapse) }));
        let with_group = network(
            vec![
                neurons.clone(),
                population("group", 10, Model::Ltc(group.clone())),
                population("samples", 2, Model::CurrentSource(CurrentSource::Steps(waveform.clone()))),
            ],
            vec![projection("in", (2, 2), 1, &identity), projection("out", (1, 10), 0, &heard)],
        );
        let times = (1..=n_steps).map(|step| step as f64 * interval).collect();
        let sampled = Waveform::new(2, times, outputs.clone()).unwrap();
        let with_source = network(
            vec![neurons, population("source", 2, Model::CurrentSource(CurrentSource::Steps(sampled)))],
            vec![projection("out", (1, 2), 0, &heard)],
        );
        for scheduler in BOTH {
            let config = traced(scheduler, 0..3, 0.5);
            let [a, b] = [&with_group, &with_source].map(|network| run(network, &config, 200.0, 0));
            assert_eq!(a.traces, b.traces, "{synapse:?}, {scheduler:?}");
            let spikes = |recording: &Recording| recording.spikes.iter().collect::<Vec<_>>();
            assert_eq!(spikes(&a), spikes(&b), "{synapse:?}, {scheduler:?}");
            assert!(a.spikes.len() > 10, "{} spikes show nothing", a.spikes.len());
        }
    }
}

/// One group hears another as it would hear its recorded outputs.
#[test]
fn a_group_hears_a_group() {
    let (n_steps, delay) = (60, 3.0);
    let first = group(2, 10, 3, 4);
    let second = LtcPopulation { interval: 5.0, time_scale: 1.0, ..group(3, 9, 1, 5) };
    let (waveform, inputs) = samples(2, n_steps, 2.0);
    let (_, outputs) = recorded(&first, &inputs);
    // Step k + 1 of the first group is at 2 (k + 1) ms, and acts before a tick if that and the delay are before it.
    let heard = (1..=24).flat_map(|tick| {
        let last = (0..n_steps).rev().find(|k| 2.0 * (*k + 1) as f64 + delay < 5.0 * f64::from(tick));
        (0..3).map(move |k| (last, k))
    });
    let heard: Vec<f64> =
        heard.map(|(last, k)| last.map_or(0.0, |last| 0.5 * outputs[3 * last + k])).collect();
    let (states, _) = recorded(&second, &heard);
    let populations = vec![
        population("second", 9, Model::Ltc(second)),
        population("first", 10, Model::Ltc(first)),
        population("samples", 2, Model::CurrentSource(CurrentSource::Steps(waveform))),
    ];
    let chain = [(0, 0, 0.5, delay), (1, 1, 0.5, delay), (2, 2, 0.5, delay)];
    let projections = vec![
        projection("in", (2, 2), 1, &[(0, 0, 1.0, 0.0), (1, 1, 1.0, 0.0)]),
        projection("chain", (1, 10), 0, &chain),
    ];
    let network = network(populations, projections);
    for scheduler in BOTH {
        let found = run(&network, &traced(scheduler, 0..9, 5.0), 120.0, 0);
        assert_eq!(found.traces.unwrap().v.into_raw_vec_and_offset().0, states, "{scheduler:?}");
    }
}

/// What receivers of graded spikes have is within a threshold of the output, and costs fewer messages.
#[test]
fn graded_spikes_follow_the_output() {
    let threshold = 0.2;
    let (waveform, inputs) = samples(2, 100, 2.0);
    let plain = group(2, 10, 1, 6);
    let (_, outputs) = recorded(&plain, &inputs);
    let mut held = 0.0_f64;
    let mut expected = (Vec::new(), Vec::new());
    for (k, output) in outputs.iter().enumerate() {
        let change = ((output / threshold) - held).trunc();
        if change != 0.0 {
            held += change;
            assert!((held * threshold - output).abs() < threshold);
            expected.0.push(2.0 * (k + 1) as f64);
            expected.1.push(held * threshold);
        }
    }
    let n_messages = expected.0.len();
    assert!((10..90).contains(&n_messages), "{n_messages} messages show nothing");
    let graded = LtcPopulation { output: LtcOutput::SigmaDelta { threshold }, ..plain };
    let neurons = population("neurons", 1, Model::Lif(neuron(SynapseKind::Exp)));
    let heard = [(0, 0, 40.0, 1.0)];
    let with_group = network(
        vec![
            neurons.clone(),
            population("group", 10, Model::Ltc(graded)),
            population("samples", 2, Model::CurrentSource(CurrentSource::Steps(waveform))),
        ],
        vec![
            projection("in", (2, 2), 1, &[(0, 0, 1.0, 0.0), (1, 1, 1.0, 0.0)]),
            projection("out", (1, 10), 0, &heard),
        ],
    );
    let sampled = Waveform::new(1, expected.0, expected.1).unwrap();
    let with_source = network(
        vec![neurons, population("source", 1, Model::CurrentSource(CurrentSource::Steps(sampled)))],
        vec![projection("out", (1, 1), 0, &heard)],
    );
    for scheduler in BOTH {
        let config = traced(scheduler, 0..1, 0.5);
        let [a, b] = [&with_group, &with_source].map(|network| run(network, &config, 200.0, 0));
        assert_eq!(a.traces, b.traces, "{scheduler:?}");
        assert_eq!(a.counters.values_sent, n_messages as u64);
    }
}

#[test]
fn outputs_become_spikes() {
    let (waveform, inputs) = samples(2, 100, 2.0);
    let plain = group(2, 10, 2, 6);
    let (_, outputs) = recorded(&plain, &inputs);
    let at = |k: usize, i: usize| outputs[2 * k + i];
    let mean = |i: usize| (0..100).map(|k| at(k, i)).sum::<f64>() / 100.0;
    let threshold = mean(0);
    let crossings = (0..100).flat_map(|k| (0..2).map(move |i| (k, i)));
    let crossings =
        crossings.filter(|(k, i)| at(*k, *i) >= threshold && (*k == 0 || at(k - 1, *i) < threshold));
    let crossings: Vec<(f64, u32)> = crossings.map(|(k, i)| (2.0 * (k + 1) as f64, i as u32)).collect();
    let hz_per_unit = 100.0;
    let total = |i: usize| (0..100).map(|k| at(k, i).max(0.0) * hz_per_unit * 0.002).sum::<f64>();
    for scheduler in BOTH {
        let spikes = |output: LtcOutput| {
            let populations = vec![
                population("group", 10, Model::Ltc(LtcPopulation { output, ..plain.clone() })),
                population("samples", 2, Model::CurrentSource(CurrentSource::Steps(waveform.clone()))),
                population("neurons", 1, Model::Lif(neuron(SynapseKind::Exp))),
            ];
            let projections = vec![
                projection("in", (1, 2), 0, &[(0, 0, 1.0, 0.0), (1, 1, 1.0, 0.0)]),
                projection("out", (0, 10), 2, &[(0, 0, 1.0, 1.0), (1, 0, 1.0, 1.0)]),
            ];
            run(&network(populations, projections), &config(scheduler, 0.1), 200.5, 0)
        };
        let crossed = spikes(LtcOutput::Crossing { threshold });
        let found: Vec<(f64, u32)> = crossed.spikes.iter().collect();
        assert!(found.len() > 5, "{} spikes show nothing", found.len());
        assert_eq!(found.len(), crossings.len());
        for ((t, node), (expected, output)) in found.iter().zip(&crossings) {
            assert!((t - expected).abs() < 1e-9 && node == output, "{scheduler:?}: {t} {expected}");
        }
        // A spike at 200 ms arrives after the end.
        let arrived = found.iter().filter(|(t, _)| *t < 199.6).count() as u64;
        assert!(crossed.counters.synaptic_events >= arrived);
        let rated = spikes(LtcOutput::Rate { hz_per_unit });
        for i in 0..2 {
            let n = rated.spikes.nodes().iter().filter(|node| **node == i as u32).count() as f64;
            assert!((n - total(i)).abs() <= 1.0, "{scheduler:?}: {n} {}", total(i));
        }
        assert!(rated.spikes.len() > 10, "{} spikes show nothing", rated.spikes.len());
    }
}

/// Spiking neurons, three groups of every kind of output, and everything to everything.
fn side_by_side() -> ValidNetwork {
    let n = 30;
    let noise = CurrentSource::Noise { mean: 0.2.into(), sd: 0.5.into(), interval: 0.5 };
    let rate =
        |rate_hz: f64| Model::SpikeSource(rheobase_net::SpikeSource::Poisson { rate_hz: rate_hz.into() });
    let group = |seed, interval: f64, output| {
        let group = group(4, 14, 3, seed);
        Model::Ltc(LtcPopulation { interval, output, tau_trace: 5.0.into(), ..group })
    };
    let populations = vec![
        population("exc", n, Model::Lif(neuron(SynapseKind::Exp))),
        population("delta", n / 2, Model::Lif(neuron(SynapseKind::Delta))),
        population("background", n, rate(1500.0)),
        population("current", 14, group(1, 1.0, LtcOutput::Current)),
        population("graded", 14, group(2, 2.5, LtcOutput::SigmaDelta { threshold: 0.02 })),
        population("crossing", 14, group(3, 0.7, LtcOutput::Crossing { threshold: 1.9 })),
        population("rate", 14, group(4, 20.0, LtcOutput::Rate { hz_per_unit: 60.0 })),
        population("noise", 4, Model::CurrentSource(noise)),
        population("spikes", 4, rate(80.0)),
    ];
    let one_to_one: Vec<_> = (0..n).map(|i| (i, i, 90.0, 0.4)).collect();
    let mut projections = vec![
        projection("background", (2, n), 0, &one_to_one),
        projection("jumps", (2, n), 1, &(0..n / 2).map(|i| (i, i, 3.0, 0.4)).collect::<Vec<_>>()),
        all_to_all("exc-exc", (0, n), (0, n), 2.0, 1.7),
    ];
    let outputs = |group: u32, weight: f64, delay: f64, target: (u32, u32)| {
        let pairs = (0..3).flat_map(|i| (0..target.1).map(move |j| (i, j, weight, delay)));
        projection(&format!("{group}-{}", target.0), (group, 14), target.0, &pairs.collect::<Vec<_>>())
    };
    for (k, id) in (3..7).enumerate() {
        let k = k as f64;
        projections.push(outputs(id, 8.0, 0.5 + k, (0, n)));
        projections.push(outputs(id, if id < 5 { 12.0 } else { 0.6 }, 3.1 - 0.4 * k, (1, n / 2)));
        projections.push(outputs(id, 0.3, 1.0 + k, (3 + (id - 2) % 4, 4)));
        projections.push(all_to_all(&format!("exc-{id}"), (0, n), (id, 4), 0.02, 2.3));
        projections.push(all_to_all(&format!("noise-{id}"), (7, 4), (id, 4), 0.5, 0.0));
        projections.push(all_to_all(&format!("spikes-{id}"), (8, 4), (id, 4), 0.1, 0.9));
    }
    network(populations, projections)
}

fn config_on(threads: usize, scheduler: Scheduler) -> SimConfig {
    let nodes = [0, 7, 31, 80, 90, 95, 110, 119, 130].map(NodeId).to_vec();
    let traces = Some(TraceRequest { nodes, interval: 0.7 });
    let record = Record { traces, ..everything() };
    SimConfig { threads: Some(threads), record, ..config(scheduler, 0.1) }
}

/// Everything of a recording in a form in which no bit is overlooked.
fn bits(recording: &Recording) -> (Vec<u64>, Vec<u32>, Vec<u64>, String) {
    let Recording { spikes, traces, rates, final_v, .. } = recording;
    let times = spikes.times().iter().map(|t| t.to_bits()).collect();
    let values = traces.iter().flat_map(|traces| &traces.v).chain(rates.iter().flat_map(|rates| &rates.hz));
    let values = values.chain(final_v.iter().flatten()).map(|v| v.to_bits()).collect();
    let rest = format!("{:?} {:?} {:?}", recording.t_stop, recording.counters, recording.provenance);
    (times, spikes.nodes().to_vec(), values, rest)
}

/// Runs on other numbers of threads from each stop to the next.
fn in_pieces(network: &ValidNetwork, scheduler: Scheduler, stops: &[f64], threads: &[usize]) -> Recording {
    let run = Run { duration: 150.0, seed: 5, ..Run::default() };
    let mut memory = Memory::default();
    let mut snapshot: Option<Snapshot> = None;
    let mut threads = threads.iter().cycle();
    for stop in stops {
        let config = config_on(*threads.next().unwrap(), scheduler);
        let engine = Engine::new(network, &config).unwrap();
        let mut simulation = match snapshot.take() {
            None => engine.begin(&run).unwrap(),
            Some(snapshot) => engine.resume(&run, snapshot).unwrap(),
        };
        let head = simulation.head();
        simulation.advance(*stop, &mut memory, &mut |_| ControlFlow::Continue(())).unwrap();
        if simulation.is_finished() {
            let Ok(end) = simulation.finish(&mut memory);
            return memory.recording(head, end);
        }
        snapshot = Some(simulation.snapshot());
    }
    panic!("the last stop is not the end");
}

#[test]
fn threads_and_snapshots_change_no_bit() {
    let network = side_by_side();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
    pool.install(|| {
        for scheduler in BOTH {
            let whole = in_pieces(&network, scheduler, &[f64::INFINITY], &[1]);
            let work = &whole.counters;
            assert!(work.spikes > 200 && work.values_sent > 460, "{scheduler:?}: {work:?} show nothing");
            assert_eq!(work.group_updates, 150 + 60 + 214 + 7);
            let nodes = whole.spikes.nodes();
            for group in [103..106, 117..120] {
                assert!(nodes.iter().any(|node| group.contains(node)), "{scheduler:?}: {group:?} is silent");
            }
            for (stops, threads) in [
                (&[f64::INFINITY][..], &[2][..]),
                (&[f64::INFINITY], &[8]),
                (&[0.0, f64::INFINITY], &[1, 2]),
                (&[0.05, 33.3, 75.0, f64::INFINITY], &[8, 1, 2, 8]),
                (&[1.0, 2.0, 3.1, 19.9, 20.0, 20.1, 50.0, 149.95, f64::INFINITY], &[2, 8, 1]),
            ] {
                let pieces = in_pieces(&network, scheduler, stops, threads);
                assert!(bits(&pieces) == bits(&whole), "{scheduler:?}, {stops:?}, {threads:?}");
            }
        }
    });
}

/// Where all times are whole steps of a power of two, and nothing crosses without an arrival, the two are one
/// model.
#[test]
fn the_schedulers_agree_where_everything_is_on_the_grid() {
    let dt = 0.125;
    let spikes: Vec<(f64, u32)> = (1..200).map(|k| (f64::from(k * 7 % 400) * 0.5, (k % 3) as u32)).collect();
    let sends = |seed, output| {
        let group = group(2, 10, 2, seed);
        Model::Ltc(LtcPopulation { interval: 1.5, output, tau_trace: 6.0.into(), ..group })
    };
    let populations = vec![
        population("group", 10, sends(1, LtcOutput::Rate { hz_per_unit: 150.0 })),
        population("next", 10, sends(2, LtcOutput::SigmaDelta { threshold: 0.1 })),
        population("jumps", 2, Model::Lif(neuron(SynapseKind::Delta))),
        population("input", 3, train(3, &spikes)),
    ];
    let projections = vec![
        all_to_all("input", (3, 3), (0, 2), 0.3, 0.5),
        projection("group-next", (0, 10), 1, &[(0, 0, 0.5, 1.0), (1, 1, 0.5, 2.0)]),
        projection("next-group", (1, 10), 0, &[(0, 0, 0.5, 0.25), (1, 1, 0.5, 0.25)]),
        projection("group-jumps", (0, 10), 2, &[(0, 0, 12.0, 0.75), (1, 1, 12.0, 0.75)]),
        projection("jumps-next", (2, 2), 1, &[(0, 0, 0.4, 0.75), (1, 1, 0.4, 0.75)]),
    ];
    let network = network(populations, projections);
    let [grid, event] = BOTH.map(|scheduler| {
        let config = SimConfig { dt, ..traced(scheduler, 0..20, 1.5) };
        run(&network, &config, 210.0, 0)
    });
    assert!(grid.spikes.len() > 50, "{} spikes show nothing", grid.spikes.len());
    assert!(grid.spikes.nodes().iter().any(|node| *node >= 20), "nothing has jumped");
    assert_eq!(grid.spikes, event.spikes);
    assert_eq!(grid.counters.values_sent, event.counters.values_sent);
    assert_eq!(grid.counters.synaptic_events, event.counters.synaptic_events);
    let pairs = grid.traces.unwrap().v.into_iter().zip(event.traces.unwrap().v);
    // A decay over n steps and one over their time are rounded apart.
    pairs.for_each(|(a, b)| assert!((a - b).abs() <= 1e-14, "{a} {b}"));
}

#[test]
fn what_cannot_run_says_why() {
    let mut network = Network {
        populations: vec![population("group", 8, Model::Ltc(group(1, 8, 2, 1)))],
        ..Network::default()
    };
    let fails = |network: &Network, scheduler, dt| {
        let network = validate(network.clone()).unwrap();
        let run = Run { duration: 1e9, ..Run::default() };
        simulate(&network, &config(scheduler, dt), &run, &mut |_| ControlFlow::Break(())).err()
    };
    assert_eq!(fails(&network, Scheduler::Grid, 0.5), None);
    let off = fails(&network, Scheduler::Grid, 0.3).unwrap();
    assert!(matches!(off, SimError::GroupOffGrid { .. }), "{off}");
    assert_eq!(fails(&network, Scheduler::Auto, 0.3), None);
    let Population { model: Model::Ltc(group), .. } = &mut network.populations[0] else { panic!() };
    group.interval = 1e-9;
    let message = fails(&network, Scheduler::Event, 0.1).unwrap().to_string();
    assert!(message.contains("interval of a group"), "{message}");
    let _ = PopulationId(0);
}

/// A group whose parameters of a block are this.
fn with_block(group: LtcPopulation, block: &str, value: f64) -> LtcPopulation {
    let place = Cell::<f64>::layout(&ltc(&group.cell)).range(block).unwrap();
    let mut parameters = group.parameters.clone();
    parameters[place].fill(value);
    LtcPopulation { parameters, ..group }
}

/// All numbers of a network are finite, so what is not has overflown: in a state, in an output, or on the way to
/// an input, where an infinite value less another is no number.
#[test]
fn a_group_that_overflows_ends_the_run_by_name() {
    let told = |network: &ValidNetwork, scheduler, threads| {
        let config = SimConfig { threads: Some(threads), ..config(scheduler, 0.1) };
        let run = Run { duration: 50.0, ..Run::default() };
        simulate(network, &config, &run, &mut |_| ControlFlow::Continue(())).unwrap_err()
    };
    let alone = |group| network(vec![population("wild", 8, Model::Ltc(group))], vec![]);
    let of_state = with_block(with_block(group(1, 8, 2, 1), "vleak", 1e308), "gleak", 1e3);
    let of_output = with_block(with_block(group(1, 8, 2, 1), "output_w", -1e308), "output_b", -1.7e308);
    let of_output = LtcPopulation { v_init: 5.0.into(), time_scale: 1e-3, ..of_output };
    let sender = with_block(group(1, 8, 2, 2), "output_w", 1e3);
    let opposite = [(0, 0, 1.7e308, 1.0), (1, 0, -1.7e308, 1.0)];
    let of_input = network(
        vec![
            population("sender", 8, Model::Ltc(with_block(sender, "output_b", 1e5))),
            population("wild", 8, Model::Ltc(group(1, 8, 2, 3))),
        ],
        vec![projection("on", (0, 8), 1, &opposite)],
    );
    for scheduler in BOTH {
        let first = told(&alone(of_state.clone()), scheduler, 1);
        let SimError::GroupNotFinite { population, what, value, t, steps, input, .. } = first else {
            panic!("{first}");
        };
        assert_eq!((population.as_str(), what, t, steps, input), ("wild", "unit", 2.0, 0, None));
        assert!(value.is_infinite() || value.is_nan());
        let text = told(&alone(of_output.clone()), scheduler, 1).to_string();
        assert!(text.starts_with("output 0 of population \"wild\" is -inf at "), "{text}");

        // What is sent after 2 ms arrives after 3 and acts at the next step of the receiver.
        let text = told(&of_input, scheduler, 1).to_string();
        let what =
            "unit 0 of population \"wild\" is NaN at 4 ms, after 1 of its steps, when its input 0 was NaN";
        assert!(text.starts_with(what) && text.contains("try smaller ones"), "{scheduler:?}: {text}");
        for threads in [2, 8] {
            assert_eq!(told(&of_input, scheduler, threads).to_string(), text);
        }
    }
}
