//! A trained model as a group of a network: its states are those of the model on the same samples, bit for bit, in
//! either scheduler, through the file of the network, and through a snapshot.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::ops::ControlFlow;

use rheobase_ltc::cell::cfc::{CfcConfig, Mode};
use rheobase_ltc::cell::{Activation, Batch, record};
use rheobase_ltc::model::{
    AnyCell, CellSpec, CfcSpec, CtGruSpec, LtcSpec, Model as Trained, Start, WiredCfcSpec,
};
use rheobase_ltc::wiring::{AutoNcp, WiringSpec};
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{
    Answers, Channel, CurrentSource, Description, GroupError, LiquidModel, LtcPopulation, Model, NodeId,
    Recording, SynapseKind, ValidNetwork, Waveform, file, validate,
};
use rheobase_sim::{Engine, Memory, Record, Run, Scheduler, SimConfig, TraceRequest};
use support::*;

const BOTH: [Scheduler; 2] = [Scheduler::Grid, Scheduler::Event];
const N_STEPS: usize = 50;

/// A model whose step is no whole number of anything.
fn model(spec: CellSpec) -> LiquidModel {
    let cell = spec.build(2).unwrap();
    let model = Trained::new(cell, Some(2)).unwrap();
    let parameters = model.start(Start::Library, &mut Stream::new(7, Purpose::Parameter, 0, 0));
    LiquidModel {
        parameters,
        is_single: false,
        inputs: vec![Channel { name: "temperature".into(), mean: 20.0, scale: 3.5 }, Channel::plain("light")],
        answers: Answers::Classes(vec!["day".into(), "night".into()]),
        every_step: true,
        step: 0.37,
        description: Description::default(),
        model,
    }
}

fn specs() -> [CellSpec; 5] {
    let auto = AutoNcp { units: 14, n_outputs: 3, sparsity: 0.4, seed: 5 };
    let wiring = || WiringSpec::AutoNcp(auto.clone());
    let one_layer = CfcConfig { backbone_units: 12, ..CfcConfig::default() };
    let pure = CfcConfig {
        mode: Mode::Pure,
        backbone_layers: 2,
        backbone_units: 7,
        activation: Activation::Silu,
        dropout: 0.3,
        ..CfcConfig::default()
    };
    [
        CellSpec::Ltc(LtcSpec { wiring: wiring(), ..LtcSpec::default() }),
        CellSpec::Cfc(CfcSpec { units: 9, config: one_layer }),
        CellSpec::Cfc(CfcSpec { units: 9, config: pure }),
        CellSpec::WiredCfc(WiredCfcSpec { wiring: wiring(), ..WiredCfcSpec::default() }),
        CellSpec::WiredCfc(WiredCfcSpec { wiring: wiring(), mode: Mode::NoGate }),
    ]
}

/// Measured samples, and as the model takes them.
fn samples(model: &LiquidModel) -> (Vec<f64>, Vec<f64>) {
    let measured: Vec<f64> = (0..2 * N_STEPS).map(|k| 15.0 + 9.0 * (k as f64 * 0.7).sin()).collect();
    let channels = model.inputs.iter().cycle();
    let scaled = measured.iter().zip(channels).map(|(x, channel)| channel.scaled(*x)).collect();
    (measured, scaled)
}

/// States and outputs of the cell, by the crate of cells.
fn recorded(model: &LiquidModel, inputs: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let cell = model.model.cell();
    let (elapsed, initial) = (vec![model.step; N_STEPS], vec![0.0; cell.n_state()]);
    let batch =
        Batch { n_samples: 1, n_steps: N_STEPS, inputs, elapsed: &elapsed, initial: &initial, keys: None };
    let tape = record(cell.as_cell::<f64>(), model.model.of_cell(&model.parameters), &batch).unwrap();
    (tape.states(), tape.outputs())
}

/// The group beside the samples, and three neurons that hear its outputs; through a file.
fn side_by_side(group: LtcPopulation, values: Vec<f64>) -> ValidNetwork {
    let (units, n_outputs) = (group.cell.n_units() as u32, group.cell.n_outputs() as u32);
    let times = (0..N_STEPS).map(|k| k as f64 * group.interval).collect();
    let waveform = Waveform::new(2, times, values).unwrap();
    let populations = vec![
        population("group", units, Model::Ltc(group)),
        population("samples", 2, Model::CurrentSource(CurrentSource::Steps(waveform))),
        population("neurons", 3, Model::Lif(neuron(SynapseKind::Exp))),
    ];
    let heard: Vec<_> = (0..n_outputs).flat_map(|i| (0..3).map(move |j| (i, j, 40.0, 1.0))).collect();
    let projections = vec![
        projection("in", (1, 2), 0, &[(0, 0, 1.0, 0.0), (1, 1, 1.0, 0.0)]),
        projection("out", (0, units), 2, &heard),
    ];
    let made = network(populations, projections).into_network();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("network.h5");
    file::write_network(&path, &made).unwrap();
    let read = file::read_network(&path).unwrap();
    assert_eq!(read, made);
    validate(read).unwrap()
}

fn traced(scheduler: Scheduler, units: usize, interval: f64) -> SimConfig {
    let traces = Some(TraceRequest { nodes: (0..units as u32).map(NodeId).collect(), interval });
    SimConfig { record: Record { traces, ..Record::default() }, ..config(scheduler, 0.1) }
}

fn states(recording: Recording) -> Vec<f64> {
    recording.traces.unwrap().v.into_raw_vec_and_offset().0
}

#[test]
fn a_group_has_the_states_of_its_model() {
    for spec in specs() {
        let model = model(spec);
        let kind = model.model.cell().kind();
        let (_, inputs) = samples(&model);
        let (expected, outputs) = recorded(&model, &inputs);
        assert!(expected.iter().any(|x| x.abs() > 0.05), "{kind}: states of 0 show nothing");
        for interval in [0.7, 20.0] {
            let group = LtcPopulation::of_model(&model, interval).unwrap();
            assert_eq!(group.inputs, ["temperature", "light"]);
            assert_eq!(group.interval * group.time_scale, 0.37);
            assert_eq!(group.cell.n_outputs() * N_STEPS, outputs.len());
            let network = side_by_side(group, inputs.clone());
            let units = expected.len() / N_STEPS;
            for scheduler in BOTH {
                let duration = N_STEPS as f64 * interval;
                let found = run(&network, &traced(scheduler, units, interval), duration, 0);
                assert_eq!(found.counters.group_updates, N_STEPS as u64);
                assert!(states(found) == expected, "{kind}, {scheduler:?}, {interval} ms");
            }
        }
    }
}

/// Values as they were measured come in by weights and a constant: the same but for roundings of these.
#[test]
fn a_group_hears_what_was_measured() {
    for spec in specs() {
        let model = model(spec);
        let (measured, inputs) = samples(&model);
        let (expected, _) = recorded(&model, &inputs);
        let units = expected.len() / N_STEPS;
        let interval = 2.0;
        let group = LtcPopulation::of_model(&model, interval).unwrap();
        let times = (0..N_STEPS).map(|k| k as f64 * interval).collect();
        let steps = |times, values| {
            Model::CurrentSource(CurrentSource::Steps(Waveform::new(2, times, values).unwrap()))
        };
        let shifts = model.inputs.iter().map(|channel| -channel.mean / channel.scale).collect();
        let scales: Vec<_> =
            (0..).zip(&model.inputs).map(|(k, channel)| (k, k, 1.0 / channel.scale, 0.0)).collect();
        let populations = vec![
            population("group", units as u32, Model::Ltc(group)),
            population("samples", 2, steps(times, measured)),
            population("shifts", 2, steps(vec![0.0], shifts)),
        ];
        let projections = vec![
            projection("in", (1, 2), 0, &scales),
            projection("shift", (2, 2), 0, &[(0, 0, 1.0, 0.0), (1, 1, 1.0, 0.0)]),
        ];
        let network = network(populations, projections);
        for scheduler in BOTH {
            let found = run(&network, &traced(scheduler, units, interval), N_STEPS as f64 * interval, 0);
            for (found, expected) in states(found).iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-12, "{scheduler:?}: {found} {expected}");
            }
        }
    }
}

#[test]
fn a_snapshot_changes_no_bit() {
    for spec in specs() {
        let model = model(spec);
        let (_, inputs) = samples(&model);
        let (expected, _) = recorded(&model, &inputs);
        let network = side_by_side(LtcPopulation::of_model(&model, 2.0).unwrap(), inputs);
        for scheduler in BOTH {
            let engine = Engine::new(&network, &traced(scheduler, expected.len() / N_STEPS, 2.0)).unwrap();
            let run = Run { duration: 2.0 * N_STEPS as f64, seed: 5, ..Run::default() };
            let mut memory = Memory::default();
            let mut first = engine.begin(&run).unwrap();
            first.advance(31.0, &mut memory, &mut |_| ControlFlow::Continue(())).unwrap();
            let mut second = engine.resume(&run, first.snapshot()).unwrap();
            let head = second.head();
            second.advance(f64::INFINITY, &mut memory, &mut |_| ControlFlow::Continue(())).unwrap();
            assert!(second.is_finished());
            let Ok(end) = second.finish(&mut memory);
            assert!(states(memory.recording(head, end)) == expected, "{scheduler:?}");
        }
    }
}

#[test]
fn cells_that_no_group_has_are_named() {
    let model = model(CellSpec::CtGru(CtGruSpec { units: 3, ..CtGruSpec::default() }));
    assert!(matches!(model.model.cell(), AnyCell::CtGru(..)));
    let error = LtcPopulation::of_model(&model, 1.0).unwrap_err();
    assert_eq!(error, GroupError::Kind { kind: "ct_gru" });
    assert!(error.to_string().contains("\"ct_gru\", and groups of a network have cells of the kinds"));
}
