//! Whole runs, and their inputs.

use std::ops::ControlFlow;

use rheobase_loihi_export::emulate::{EmulateConfig, EmulateError, Input, InputError, Signal, emulate};
use rheobase_loihi_export::netlist::{Model, Netlist, ValidNetlist, validate};
use rheobase_net::SpikeTrain;

use super::networks::{connection, one_core, plain};

/// A source that fires one neuron, in steps of half a millisecond.
fn netlist() -> ValidNetlist {
    let netlist = one_core(2, vec![(2, Model::Lif(plain(2)))], vec![connection(0, 1, &[(1, 0, 12)])]);
    let mut netlist: Netlist = (*netlist).clone();
    netlist.origin.dt = 0.5;
    validate(netlist).expect("a step of another length is no fault")
}

fn go_on(_: u32) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

#[test]
fn a_run_has_spikes_traces_and_counters() {
    // Spikes at 0, 1 and 2.1 ms: steps 0, 2 and 4; what they fire comes a step later. The last is one that node 1
    // had sent in step 4 already.
    let train = SpikeTrain::from_sorted(2, vec![0.0, 1.0, 1.0, 2.1, 2.2], vec![1, 0, 1, 1, 1]).unwrap();
    let input = Input::new(&netlist(), &[("in", Signal::Spikes(&train))]).unwrap();
    assert_eq!((input.len(), input.merged()), (4, 1));
    let config = EmulateConfig { steps: 6, traces: vec![2, 3], step_table: true, ..EmulateConfig::default() };
    let run = emulate(&netlist(), &input, &config, &mut go_on).unwrap();
    let recording = &run.recording;
    assert_eq!(recording.spikes.iter().collect::<Vec<_>>(), [(0.5, 2), (1.5, 2), (2.5, 2)]);
    assert_eq!(run.messages, [1, 1, 1]);
    assert_eq!((recording.t_stop, recording.spikes.n_nodes()), (3.0, 4));
    let names: Vec<_> =
        recording.nodes.iter().map(|node| (node.population.as_str(), node.is_source)).collect();
    assert_eq!(names, [("in", true), ("neurons 1", false)]);
    let traces = recording.traces.as_ref().unwrap();
    assert_eq!((traces.t_first, traces.interval, traces.v.dim()), (0.5, 0.5, (6, 2)));
    let counters = recording.counters;
    assert_eq!((counters.spikes, counters.input_spikes, counters.input_events), (3, 4, 3));
    // The table and the sum are of the same events.
    let mut sum = rheobase_loihi_export::emulate::Work::default();
    run.steps.iter().for_each(|step| sum += step.work);
    assert_eq!(sum, run.work);
    assert_eq!(run.steps[0].step, 0);
}

#[test]
fn a_run_stops_when_it_is_told_to() {
    let config = EmulateConfig { steps: 100, ..EmulateConfig::default() };
    let mut watch = |step| if step == 7 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) };
    let run = emulate(&netlist(), &Input::default(), &config, &mut watch).unwrap();
    assert_eq!(run.recording.t_stop, 3.5);
}

#[test]
fn inputs_that_do_not_fit_are_refused() {
    let train = |n, t| SpikeTrain::from_sorted(n, vec![t], vec![0]).unwrap();
    fn of(name: &str, signal: Signal<'_>) -> InputError {
        Input::new(&netlist(), &[(name, signal)]).expect_err("it does not fit")
    }
    assert!(matches!(of("out", Signal::Table(&[])), InputError::NoSuchSource { .. }));
    assert!(matches!(of("neurons 1", Signal::Table(&[])), InputError::NoSuchSource { .. }));
    assert!(matches!(of("in", Signal::Table(&[vec![1]])), InputError::Nodes { nodes: 1, expected: 2, .. }));
    assert!(matches!(of("in", Signal::Spikes(&train(3, 1.0))), InputError::Nodes { nodes: 3, .. }));
    assert!(matches!(of("in", Signal::Spikes(&train(2, -1.0))), InputError::Time { .. }));
    assert!(matches!(of("in", Signal::Spikes(&train(2, 1e12))), InputError::Time { .. }));
    let twice = [("in", Signal::Table(&[])), ("in", Signal::Table(&[]))];
    assert!(matches!(Input::new(&netlist(), &twice).unwrap_err(), InputError::Twice { .. }));
}

#[test]
fn configurations_that_cannot_run_are_refused() {
    let run =
        |config: EmulateConfig| emulate(&netlist(), &Input::default(), &config, &mut go_on).unwrap_err();
    let error = run(EmulateConfig { traces: vec![0], ..EmulateConfig::default() });
    assert_eq!(error, EmulateError::Trace { node: 0, n_nodes: 4 });
    let error = run(EmulateConfig { threads: 0, ..EmulateConfig::default() });
    assert_eq!(error, EmulateError::Threads { threads: 0 });
    let mut endless: Netlist = (*netlist()).clone();
    endless.origin.dt = 1e308;
    let endless = validate(endless).expect("a step of another length is no fault");
    let config = EmulateConfig { steps: 10, ..EmulateConfig::default() };
    let error = emulate(&endless, &Input::default(), &config, &mut go_on).expect_err("it has no end");
    assert_eq!(error, EmulateError::Time { steps: 10, dt: 1e308 });
}
