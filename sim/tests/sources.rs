//! Noise currents and changing Poisson rates, in both schedulers.
//!
//! A current that takes independent values of mean `m` and deviation `s` every `h` ms drives a membrane
//! through `u ← a u + R (1 − a) I` with `a = exp(−h / tau_m)`. So at the ends of intervals its potential has,
//! once the start is forgotten, the mean `R m`, the variance `R² s² (1 − a) / (1 + a)`, and the correlation
//! `a^n` with itself `n` intervals before.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::ops::ControlFlow;

use rheobase_net::{
    CurrentSource, LifPopulation, Model, NodeId, Param, Recording, SpikeSource, SynapseKind, ValidNetwork,
    Waveform,
};
use rheobase_sim::{Record, Run, Scheduler, SimConfig, TraceRequest, simulate};
use support::*;

/// `n` membranes that never fire, each with a noise of its own.
fn membranes(n: u32, interval: f64) -> ValidNetwork {
    let lif = LifPopulation { v_th: 1e6.into(), ..neuron(SynapseKind::Exp) };
    let noise = CurrentSource::Noise { mean: 1.5.into(), sd: 4.0.into(), interval };
    let populations =
        vec![population("them", n, Model::Lif(lif)), population("noise", n, Model::CurrentSource(noise))];
    let synapses: Vec<_> = (0..n).map(|i| (i, i, 1.0, 0.0)).collect();
    network(populations, vec![projection("noise", (1, n), 0, &synapses)])
}

fn traced(scheduler: Scheduler, dt: f64, n: u32, interval: f64) -> SimConfig {
    let traces = Some(TraceRequest { nodes: (0..n).map(NodeId).collect(), interval });
    SimConfig { record: Record { traces, ..Record::default() }, ..config(scheduler, dt) }
}

#[test]
fn noise_gives_the_moments_of_theory() {
    let (n, interval): (u32, f64) = (200, 0.5);
    let network = membranes(n, interval);
    let a = (-interval / 10.0).exp();
    let variance = 16.0 * (1.0 - a) / (1.0 + a);
    for scheduler in [Scheduler::Grid, Scheduler::Event] {
        let v = run(&network, &traced(scheduler, 0.1, n, interval), 1000.0, 3).traces.unwrap().v;
        let settled = v.slice(ndarray::s![400.., ..]);
        let mean = settled.mean().unwrap();
        let found = settled.mapv(|v| (v - 1.5).powi(2)).mean().unwrap();
        // Values of a neuron are alike for tau_m / interval intervals: so many of them are independent.
        let independent = settled.len() as f64 * (1.0 - a) / (1.0 + a);
        assert!((mean - 1.5).abs() < 5.0 * (variance / independent).sqrt(), "{scheduler:?}: mean {mean}");
        let squares = settled.len() as f64 * (1.0 - a * a) / (1.0 + a * a);
        let tolerance = 5.0 * variance * (2.0 / squares).sqrt();
        assert!((found - variance).abs() < tolerance, "{scheduler:?}: variance {found} for {variance}");
        let pairs = settled.axis_windows(ndarray::Axis(0), 11).into_iter();
        let products: f64 = pairs
            .map(|w| (&w.row(0) - 1.5).iter().zip((&w.row(10) - 1.5).iter()).map(|(x, y)| x * y).sum::<f64>())
            .sum();
        let correlation = products / ((settled.nrows() - 10) * n as usize) as f64 / variance;
        assert!((correlation - a.powi(10)).abs() < 0.05, "{scheduler:?}: {correlation}");
    }
}

/// The values belong to the model: schedulers, steps and shards share them, so potentials are equal.
#[test]
fn noise_is_the_same_in_both_schedulers_and_at_every_step() {
    let (n, interval) = (40, 0.5);
    let network = membranes(n, interval);
    let potentials = |scheduler, dt, threads| {
        let config = SimConfig { threads: Some(threads), ..traced(scheduler, dt, n, 2.5) };
        run(&network, &config, 200.0, 8).traces.unwrap().v
    };
    let event = potentials(Scheduler::Event, 0.1, 1);
    assert_eq!(event, potentials(Scheduler::Event, 0.1, 3));
    for dt in [0.1, 0.5, 0.25] {
        let grid = potentials(Scheduler::Grid, dt, 1);
        assert_eq!(grid, potentials(Scheduler::Grid, dt, 3));
        let apart = (&grid - &event).iter().fold(0.0, |most: f64, v| most.max(v.abs()));
        assert!(apart < 1e-11, "dt {dt}: {apart} mV");
    }
    let refused = simulate(
        &network,
        &traced(Scheduler::Grid, 1.0, n, 2.0),
        &Run { duration: 10.0, ..Run::default() },
        &mut |_| ControlFlow::Continue(()),
    );
    assert!(refused.unwrap_err().to_string().contains("draws a current every 0.5 ms"));
}

/// Several sources, delays and shared targets: the current is the sum, each from its own time on.
#[test]
fn currents_of_several_sources_add_up() {
    let waveform = |t: f64, value: f64| {
        let steps = Waveform::new(2, vec![t, t + 20.0], vec![value, 10.0 * value, 0.0, 0.0]).unwrap();
        Model::CurrentSource(CurrentSource::Steps(steps))
    };
    let populations = vec![
        population("two", 2, Model::Lif(LifPopulation { v_th: 1e3.into(), ..neuron(SynapseKind::Exp) })),
        population("a", 2, waveform(5.0, 1.0)),
        population("b", 2, waveform(10.0, -0.5)),
    ];
    let of_a = projection("a", (1, 2), 0, &[(0, 1, 2.0, 0.0), (1, 1, 0.3, 0.0), (0, 1, 1.0, 3.0)]);
    let of_b = projection("b", (2, 2), 0, &[(1, 0, 1.0, 1.0), (1, 1, 1.0, 1.0)]);
    let network = network(populations, vec![of_a, of_b]);
    // Switched on at `t` for 20 ms.
    let pulse = |now: f64, t: f64, i: f64| {
        let since = (now - t).max(0.0);
        let after = (since - 20.0).max(0.0);
        i * (1.0 - (-(since - after) / 10.0).exp()) * (-after / 10.0).exp()
    };
    for scheduler in [Scheduler::Grid, Scheduler::Event] {
        let v = run(&network, &traced(scheduler, 0.1, 2, 1.0), 60.0, 0).traces.unwrap().v;
        for (k, row) in v.rows().into_iter().enumerate() {
            let now = (k + 1) as f64;
            let b = pulse(now, 11.0, -5.0);
            let a = pulse(now, 5.0, 2.0 + 3.0) + pulse(now, 8.0, 1.0);
            assert!((row[0] - b).abs() < 1e-12, "{scheduler:?} at {now}: {}", row[0]);
            assert!((row[1] - (a + b)).abs() < 1e-12, "{scheduler:?} at {now}: {}", row[1]);
        }
    }
}

/// Sources whose rate changes: 200 sources in pieces of 0, 40, 5 and 0 Hz.
fn bursts() -> ValidNetwork {
    let rates = Waveform::new(1, vec![0.0, 50.0, 150.0, 650.0], vec![0.0, 40.0, 5.0, 0.0]).unwrap();
    let populations = vec![
        population("one", 1, Model::Lif(neuron(SynapseKind::Delta))),
        population("in", 200, Model::SpikeSource(SpikeSource::PoissonSteps { rates })),
    ];
    let synapses: Vec<_> = (0..200).map(|i| (i, 0, 0.1, 0.5)).collect();
    network(populations, vec![projection("in", (1, 200), 0, &synapses)])
}

#[test]
fn rates_that_change_in_steps_give_the_counts_of_theory() {
    let network = bursts();
    let sent = |scheduler, seed| -> Recording {
        let record = Record { source_spikes: true, spikes: false, ..Record::default() };
        run(&network, &SimConfig { record, ..config(scheduler, 0.1) }, 2000.0, seed)
    };
    let mut counts = [0_u32; 4];
    for seed in 0..10 {
        let event = sent(Scheduler::Event, seed);
        for t in event.spikes.times() {
            counts[[50.0, 150.0, 650.0].iter().filter(|start| t >= *start).count()] += 1;
        }
        // The sources are the same ones; the grid delivers their spikes at the ends of its steps.
        let grid = sent(Scheduler::Grid, seed);
        assert!(grid.spikes == event.spikes, "seed {seed}");
        assert_eq!(grid.counters.input_events, event.counters.input_events);
    }
    assert_eq!((counts[0], counts[3]), (0, 0));
    for (piece, expected) in [(1, 2000.0 * 0.04 * 100.0), (2, 2000.0 * 0.005 * 500.0)] {
        let found = f64::from(counts[piece]);
        assert!((found - expected).abs() < 5.0 * expected.sqrt(), "piece {piece}: {found} for {expected}");
    }
}

/// Parameters that differ from node to node, and targets of several noises.
#[test]
fn each_node_has_its_own_noise() {
    let sd = Param::PerNode(vec![0.0, 3.0]);
    let noise = CurrentSource::Noise { mean: Param::PerNode(vec![2.0, -1.0]), sd, interval: 1.0 };
    let lif = LifPopulation { v_th: 1e6.into(), ..neuron(SynapseKind::Exp) };
    let populations =
        vec![population("them", 3, Model::Lif(lif)), population("noise", 2, Model::CurrentSource(noise))];
    let synapses = [(0, 0, 1.0, 0.0), (0, 2, 1.0, 0.0), (1, 1, 1.0, 0.0), (1, 2, 1.0, 0.0)];
    let network = network(populations, vec![projection("noise", (1, 2), 0, &synapses)]);
    let v = run(&network, &traced(Scheduler::Grid, 0.1, 3, 1.0), 100.0, 5).traces.unwrap().v;
    for (k, row) in v.rows().into_iter().enumerate() {
        // Without deviation the first is a constant current, and the third gets the sum of both.
        let constant = 2.0 * (1.0 - (-((k + 1) as f64) / 10.0).exp());
        assert!((row[0] - constant).abs() < 1e-12);
        assert!((row[0] + row[1] - row[2]).abs() < 1e-12);
    }
    assert!(v.column(1).iter().any(|v| *v > 0.0) && v.column(1).iter().any(|v| *v < -2.0));
}
