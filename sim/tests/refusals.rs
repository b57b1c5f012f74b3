//! What cannot be run is refused before the run, and a run that is stopped keeps what it has.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod support;

use std::ops::ControlFlow;

use rheobase_net::{
    CurrentSource, IzhikevichPopulation, LifPopulation, Model, NodeId, PopulationId, SpikeSource, SpikeTrain,
    SynapseKind, ValidNetwork, Waveform, generate,
};
use rheobase_sim::{Inputs, Record, Run, Scheduler, SimConfig, TraceRequest, simulate};
use support::*;

fn refusal(network: &ValidNetwork, config: &SimConfig, run: &Run) -> String {
    simulate(network, config, run, &mut |_| panic!("the run has started")).unwrap_err().to_string()
}

/// One neuron with an external source, through a delay of 0.05 ms.
fn small() -> ValidNetwork {
    let populations = vec![
        population("one", 1, Model::Lif(neuron(SynapseKind::Delta))),
        population("in", 2, Model::SpikeSource(SpikeSource::External)),
    ];
    network(populations, vec![projection("in-one", (1, 2), 0, &[(0, 0, 1.0, 0.05)])])
}

fn silence(duration: f64) -> Run {
    let nothing = SpikeTrain::from_sorted(2, vec![], vec![]).unwrap();
    let inputs = Inputs { spikes: vec![(PopulationId(1), nothing)], currents: vec![] };
    Run { duration, inputs, ..Run::default() }
}

/// Each model, alone, in both schedulers.
#[test]
fn every_model_runs_in_both_schedulers() {
    let moving = LifPopulation { theta_jump: 1.0.into(), ..neuron(SynapseKind::Delta) };
    let charged = LifPopulation { syn_in_init: 1.0.into(), ..neuron(SynapseKind::Exp) };
    let rates = Waveform::new(1, vec![0.0], vec![5.0]).unwrap();
    let noise = CurrentSource::Noise { mean: 0.0.into(), sd: 1.0.into(), interval: 0.1 };
    for model in [
        Model::Lif(neuron(SynapseKind::Alpha)),
        Model::Lif(neuron(SynapseKind::Conductance)),
        Model::Lif(moving),
        Model::Lif(charged),
        Model::Izhikevich(IzhikevichPopulation::default()),
        Model::SpikeSource(SpikeSource::PoissonSteps { rates }),
        Model::CurrentSource(noise),
    ] {
        let network = network(vec![population("them", 1, model)], vec![]);
        for scheduler in [Scheduler::Grid, Scheduler::Event] {
            assert_eq!(run(&network, &config(scheduler, 0.1), 1.0, 0).t_stop, 1.0);
        }
    }
}

#[test]
fn noise_of_too_many_or_too_short_intervals() {
    let noise = CurrentSource::Noise { mean: 0.0.into(), sd: 1.0.into(), interval: 0.05 };
    let network = network(vec![population("hiss", 1, Model::CurrentSource(noise))], vec![]);
    let long = refusal(&network, &config(Scheduler::Event, 0.1), &Run { duration: 1e10, ..Run::default() });
    assert!(long.contains("interval of the noise is 0.05 ms") && long.contains("at least 1.1"), "{long}");
    let coarse = refusal(&network, &config(Scheduler::Grid, 0.1), &Run { duration: 1.0, ..Run::default() });
    assert!(coarse.contains("\"hiss\"") && coarse.contains("dt ≤ 0.05"), "{coarse}");
}

#[test]
fn configurations() {
    let network = small();
    let says = |config: SimConfig, run: Run, parts: &[&str]| {
        let message = refusal(&network, &config, &run);
        parts.iter().for_each(|part| assert!(message.contains(part), "{part:?} is not in {message:?}"));
    };
    let event = config(Scheduler::Event, 0.1);
    says(config(Scheduler::Grid, 0.1), silence(1.0), &["\"in-one\"", "delay of 0.05 ms", "dt ≤ 0.05"]);
    for dt in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        says(config(Scheduler::Grid, dt), silence(1.0), &["dt is"]);
    }
    for duration in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        says(event.clone(), silence(duration), &["duration is"]);
    }
    says(config(Scheduler::Grid, 0.001), silence(1e7), &["10000000000 steps", "limit"]);
    for threads in [0, 1025] {
        says(SimConfig { threads: Some(threads), ..event.clone() }, silence(1.0), &["from 1 to 1024"]);
    }
    let record = |record| SimConfig { record, ..config(Scheduler::Grid, 0.05) };
    let traces = |node, interval| {
        record(Record {
            traces: Some(TraceRequest { nodes: vec![NodeId(node)], interval }),
            ..Record::default()
        })
    };
    says(traces(1, 1.0), silence(1.0), &["node 1", "is a source"]);
    says(traces(9, 1.0), silence(1.0), &["node 9", "no such node"]);
    says(traces(0, 0.07), silence(1.0), &["trace interval is 0.07 ms", "multiple of the step of 0.05 ms"]);
    says(traces(0, -1.0), silence(1.0), &["trace interval is -1 ms"]);
    says(record(Record { rates_bin: Some(0.0), ..Record::default() }), silence(1.0), &["rate bin is 0 ms"]);
}

#[test]
fn inputs() {
    let network = small();
    let event = config(Scheduler::Event, 0.1);
    let train = |n, t| SpikeTrain::from_sorted(n, vec![t], vec![0]).unwrap();
    let with = |spikes| Run { duration: 1.0, inputs: Inputs { spikes, currents: vec![] }, ..Run::default() };
    let id = PopulationId;
    for (run, part) in [
        (with(vec![]), "the run has none for it"),
        (with(vec![(id(5), train(2, 0.1))]), "2 populations"),
        (with(vec![(id(0), train(1, 0.1))]), "takes no spikes from outside"),
        (with(vec![(id(1), train(3, 0.1))]), "spikes for 3 nodes, and it has 2"),
        (with(vec![(id(1), train(2, -0.1))]), "a spike at -0.1 ms"),
        (with(vec![(id(1), train(2, 0.1)), (id(1), train(2, 0.1))]), "two inputs"),
    ] {
        let message = refusal(&network, &event, &run);
        assert!(message.contains(part), "{part:?} is not in {message:?}");
    }
    let currents = vec![
        population("one", 1, Model::Lif(neuron(SynapseKind::Delta))),
        population("in", 1, Model::CurrentSource(CurrentSource::External)),
    ];
    let network = support::network(currents, vec![projection("in-one", (1, 1), 0, &[(0, 0, 1.0, 0.0)])]);
    assert!(refusal(&network, &event, &with(vec![])).contains("takes its currents from outside"));
    let wide = Waveform::new(2, vec![0.0], vec![1.0, 1.0]).unwrap();
    let inputs = Inputs { spikes: vec![], currents: vec![(id(1), wide)] };
    let message = refusal(&network, &event, &Run { duration: 1.0, inputs, ..Run::default() });
    assert!(message.contains("currents for 2 nodes"), "{message}");
}

/// Auto takes the event scheduler where the grid cannot run the network, and says so.
#[test]
fn auto_says_why() {
    let continued = &mut |_: f64| ControlFlow::Continue(());
    let recording = simulate(&small(), &config(Scheduler::Auto, 0.1), &silence(1.0), continued).unwrap();
    let engine = &recording.provenance.engine;
    assert!(engine.contains("the grid cannot") && engine.contains("0.05 ms"), "{engine}");
    let liquid = liquid(&generate::lsm_delta(135), 1);
    let recording = run(&liquid, &config(Scheduler::Auto, 0.1), 10.0, 1);
    assert!(recording.provenance.engine.starts_with("event, chosen"), "{}", recording.provenance.engine);
    // 80 synapses of conductances a neuron: a crossing is looked for after each of 400 arrivals a second.
    let dense = support::liquid(&generate::coba(400), 1);
    let recording = run(&dense, &config(Scheduler::Auto, 0.1), 10.0, 1);
    assert!(recording.provenance.engine.starts_with("grid, chosen"), "{}", recording.provenance.engine);
}

/// A stopped run is the beginning of the whole one.
#[test]
fn a_stopped_run_keeps_its_beginning() {
    let liquid = liquid(&generate::lsm_delta(1000), 1);
    for scheduler in [Scheduler::Grid, Scheduler::Event] {
        let config = config(scheduler, 0.1);
        let whole = run(&liquid, &config, 500.0, 1);
        let given = Run { duration: 500.0, seed: 1, ..Run::default() };
        let half =
            &mut |done: f64| if done < 0.5 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) };
        let stopped = simulate(&liquid, &config, &given, half).unwrap();
        assert!(stopped.t_stop >= 250.0 && stopped.t_stop < 260.0, "{}", stopped.t_stop);
        let n = whole.spikes.times().partition_point(|t| *t <= stopped.t_stop);
        assert!(n > 100);
        // The event scheduler may have stopped before the spikes at the very end of a window.
        assert_eq!(stopped.spikes.times(), &whole.spikes.times()[..n], "{scheduler:?}");
    }
}
