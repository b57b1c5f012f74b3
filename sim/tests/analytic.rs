//! Closed forms, in both schedulers.
//!
//! A neuron with constant input `I` over the rheobase fires with the period
//! `t_ref + tau_m ln((R I − (v_reset − v_rest)) / (R I − (v_th − v_rest)))`.
//! The potential after one spike through an exponential synapse is
//! `w tau_m tau_s / (c_m (tau_m − tau_s)) (exp(−t/tau_m) − exp(−t/tau_s))`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use rheobase_net::{CurrentSource, LifPopulation, Model, NodeId, SynapseKind, Waveform};
use rheobase_sim::{Record, Scheduler, TraceRequest};
use support::*;

#[test]
fn constant_current_gives_the_period_of_theory() {
    let mut lif = neuron(SynapseKind::Delta);
    lif.i_bias = 15.0.into();
    let network = network(vec![population("one", 1, Model::Lif(lif))], vec![]);
    let period = 2.0 + 10.0 * (15.0_f64 / 5.0).ln();
    let event = run(&network, &config(Scheduler::Event, 0.1), 500.0, 0);
    assert_eq!(event.spikes.len(), ((500.0 + 2.0) / period) as usize);
    for (k, t) in event.spikes.times().iter().enumerate() {
        assert!((t - ((k + 1) as f64 * period - 2.0)).abs() < 1e-9, "spike {k} at {t}");
    }
    // On the grid every crossing waits for the end of its step, so the period is the next multiple.
    let grid = run(&network, &config(Scheduler::Grid, 0.1), 500.0, 0);
    let on_grid = 2.0 + ((period - 2.0) / 0.1).ceil() * 0.1;
    for pair in grid.spikes.times().windows(2) {
        assert!((pair[1] - pair[0] - on_grid).abs() < 1e-9);
    }
    assert_eq!(grid.counters.neuron_updates, 5000);
}

#[test]
fn one_spike_through_an_exponential_synapse_has_the_response_of_theory() {
    let populations = vec![
        population("one", 1, Model::Lif(neuron(SynapseKind::Exp))),
        population("in", 1, train(1, &[(3.0, 0)])),
    ];
    let network = network(populations, vec![projection("in", (1, 1), 0, &[(0, 0, 8.0, 1.5)])]);
    for scheduler in [Scheduler::Grid, Scheduler::Event] {
        let mut config = config(scheduler, 0.1);
        config.record = Record {
            traces: Some(TraceRequest { nodes: vec![NodeId(0)], interval: 0.5 }),
            ..Record::default()
        };
        let traces = run(&network, &config, 40.0, 0).traces.unwrap();
        assert_eq!(traces.v.nrows(), 80);
        for k in 0..80 {
            let t = 0.5 * (k + 1) as f64 - 4.5;
            let response = 8.0 * 10.0 * 2.0 / (10.0 * 8.0) * ((-t / 10.0).exp() - (-t / 2.0).exp());
            let expected = if t > 0.0 { response } else { 0.0 };
            assert!(
                (traces.v[(k, 0)] - expected).abs() < 1e-12,
                "{scheduler:?} at {t}: {}",
                traces.v[(k, 0)]
            );
        }
    }
}

/// A current that is switched on at 5 ms and off at 25 ms, through a delay of 1 ms and a gain of 2.
#[test]
fn a_current_step_charges_and_discharges_the_membrane() {
    let waveform = Waveform::new(1, vec![5.0, 25.0], vec![3.0, 0.0]).unwrap();
    let populations = vec![
        population("one", 1, Model::Lif(neuron(SynapseKind::Exp))),
        population("steps", 1, Model::CurrentSource(CurrentSource::Steps(waveform))),
    ];
    let network = network(populations, vec![projection("in", (1, 1), 0, &[(0, 0, 2.0, 1.0)])]);
    for scheduler in [Scheduler::Grid, Scheduler::Event] {
        let mut config = config(scheduler, 0.1);
        config.record = Record {
            traces: Some(TraceRequest { nodes: vec![NodeId(0)], interval: 1.0 }),
            ..Record::default()
        };
        let traces = run(&network, &config, 60.0, 0).traces.unwrap();
        for k in 0..60 {
            let t = (k + 1) as f64;
            let charge = |t: f64| 6.0 * (1.0 - (-t.clamp(0.0, 20.0) / 10.0).exp());
            let expected = charge(t - 6.0) * (-(t - 26.0).max(0.0) / 10.0).exp();
            assert!(
                (traces.v[(k, 0)] - expected).abs() < 1e-12,
                "{scheduler:?} at {t}: {}",
                traces.v[(k, 0)]
            );
        }
    }
}

/// A jump that arrives while a neuron with delta synapses is refractory is lost; a current that does goes on.
#[test]
fn refractory_input_is_lost_for_jumps_and_kept_for_currents() {
    let spikes = [(1.0, 0), (2.0, 1), (3.0, 1)];
    for (kind, expected) in [(SynapseKind::Delta, vec![2.0]), (SynapseKind::Exp, vec![])] {
        let populations =
            vec![population("one", 1, Model::Lif(neuron(kind))), population("in", 2, train(2, &spikes))];
        let synapses = [(0, 0, 10.0, 1.0), (1, 0, 6.0, 1.0)];
        let network = network(populations, vec![projection("in", (1, 2), 0, &synapses)]);
        for scheduler in [Scheduler::Grid, Scheduler::Event] {
            // The jump of 10 mV fires at 2 ms; those at 3 and 4 ms come in (2, 4] and are lost.
            let mut config = config(scheduler, 0.5);
            config.record.final_v = true;
            let recording = run(&network, &config, 8.0, 0);
            assert_eq!(recording.spikes.times(), expected, "{kind:?} {scheduler:?}");
            let v = recording.final_v.unwrap()[0];
            let current = |w: f64, t: f64| w * 0.25 * ((-t / 10.0).exp() - (-t / 2.0).exp());
            let kept = current(10.0, 6.0) + current(6.0, 5.0) + current(6.0, 4.0);
            let expected_v = if kind == SynapseKind::Delta { 0.0 } else { kept };
            assert!((v - expected_v).abs() < 1e-12, "{kind:?} {scheduler:?}: {v}");
        }
    }
}

/// What arrives at the same time is added up before the threshold is looked at.
#[test]
fn simultaneous_arrivals_act_as_one() {
    let populations = vec![
        population("one", 1, Model::Lif(neuron(SynapseKind::Delta))),
        population("in", 3, train(3, &[(1.0, 0), (1.0, 1), (2.0, 2)])),
    ];
    // 12 − 8 = 4 mV at 2 ms fire nothing; twice 6 mV on one synapse pair at 3 ms do.
    let synapses = [(0, 0, 12.0, 1.0), (1, 0, -8.0, 1.0), (2, 0, 6.0, 1.0), (2, 0, 6.0, 1.0)];
    let network = network(populations, vec![projection("in", (1, 3), 0, &synapses)]);
    for scheduler in [Scheduler::Grid, Scheduler::Event] {
        let recording = run(&network, &config(scheduler, 0.5), 10.0, 0);
        assert_eq!(recording.spikes.times(), [3.0], "{scheduler:?}");
        assert_eq!(recording.counters.input_events, 4);
    }
}

/// A relay: one input brings the potential from rest to the very threshold, which fires (v ≥ v_th), whatever
/// the time at which it comes. 501 inputs, more than a refractory period apart.
#[test]
fn a_jump_to_the_very_threshold_fires() {
    let times: Vec<(f64, u32)> = (0..501).map(|k| (0.1 * f64::from(30 * k + k % 7), 0)).collect();
    for weight in [10.0, 0.1, 1e3 / 3.0] {
        let relay = LifPopulation { v_th: weight.into(), ..neuron(SynapseKind::Delta) };
        let populations =
            vec![population("one", 1, Model::Lif(relay)), population("in", 1, train(1, &times))];
        let network = network(populations, vec![projection("in", (1, 1), 0, &[(0, 0, weight, 0.1)])]);
        for scheduler in [Scheduler::Grid, Scheduler::Event] {
            let recording = run(&network, &config(scheduler, 0.1), 1600.0, 0);
            assert_eq!(recording.spikes.len(), times.len(), "{scheduler:?}, {weight} mV");
        }
    }
}
