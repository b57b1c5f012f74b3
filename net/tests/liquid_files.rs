//! Trained liquid networks go through a file unchanged, and what is no network is refused with a reason.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use hdf5_pure::{AttrValue, FileBuilder};
use rheobase_ltc::cell::Batch;
use rheobase_ltc::model::{AnyCell, CellSpec, LtcSpec, Model as Trained, Start};
use rheobase_ltc::wiring::{AutoNcp, WiringSpec};
use rheobase_net::file::{read_liquid, read_liquid_bytes, write_liquid};
use rheobase_net::generate::{NetworkSpec, TrainedError, generate};
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{Answers, Channel, Description, LiquidModel, LtcOutput, LtcPopulation, Model, validate};

fn liquid(n_answers: Option<usize>) -> LiquidModel {
    let auto = AutoNcp { units: 11, n_outputs: 3, sparsity: 0.4, seed: 5 };
    let spec = LtcSpec { wiring: WiringSpec::AutoNcp(auto), ..LtcSpec::default() };
    let model = Trained::new(CellSpec::Ltc(spec).build(2).unwrap(), n_answers).unwrap();
    let mut rng = Stream::new(1, Purpose::Parameter, 0, 0);
    let parameters: Vec<f32> = model.start(Start::Library, &mut rng);
    let names = (0..model.n_answers()).map(|k| format!("class {k}"));
    LiquidModel {
        parameters: parameters.iter().map(|value| f64::from(*value)).collect(),
        is_single: true,
        inputs: vec![Channel { name: "temperature".into(), mean: 20.0, scale: 3.5 }, Channel::plain("light")],
        answers: Answers::Classes(names.collect()),
        every_step: true,
        step: 6.0,
        description: Description { generator: "test".into(), seed: 7, ..Description::default() },
        model,
    }
}

fn same(a: &LiquidModel, b: &LiquidModel) {
    assert_eq!(a.parameters, b.parameters);
    assert_eq!((a.is_single, a.every_step, a.step), (b.is_single, b.every_step, b.step));
    assert_eq!((&a.inputs, &a.answers, &a.description), (&b.inputs, &b.answers, &b.description));
    let (AnyCell::Ltc(ours), AnyCell::Ltc(theirs)) = (a.model.cell(), b.model.cell()) else {
        panic!("both are LTC cells");
    };
    assert_eq!((ours.wiring(), ours.config()), (theirs.wiring(), theirs.config()));
    assert_eq!(a.model.layout(), b.model.layout());
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.h5");
    for n_answers in [Some(2), None] {
        let mut written = liquid(n_answers);
        write_liquid(&path, &written).unwrap();
        same(&written, &read_liquid(&path).unwrap());
        let values = (0..written.model.n_answers()).map(|k| Channel::plain(format!("value {k}")));
        written.answers = Answers::Values(values.collect());
        written.every_step = false;
        write_liquid(&path, &written).unwrap();
        same(&written, &read_liquid(&path).unwrap());
    }
}

/// A description names a model's file, which is read from beside it.
#[test]
fn a_description_has_a_trained_group() {
    let folder = tempfile::tempdir().unwrap();
    let model = liquid(Some(2));
    write_liquid(&folder.path().join("model.h5"), &model).unwrap();
    let text = r#"
[[populations]]
name = "group"
model.trained = { file = "model.h5", interval = 20.0, tau_trace = 5.0, output.crossing = { threshold = 0.5 } }

[[populations]]
name = "sensors"
size = 2
model.poisson = { rate_hz = 80.0 }

[[projections]]
source = "sensors"
target = "group"
rule = "one_to_one"

[[projections]]
source = "group"
target = "group"
rule = "all_to_all"
"#;
    let spec: NetworkSpec = text.parse().unwrap();
    let unread = generate(&spec, 1).unwrap_err().to_string();
    assert!(unread.contains("\"group\" is the model in model.h5, which was not read"), "{unread}");
    let mut elsewhere = spec.clone();
    assert!(matches!(elsewhere.read_models(std::path::Path::new("nowhere")), Err(TrainedError::File { .. })));

    let mut spec = spec;
    spec.read_models(folder.path()).unwrap();
    let network = validate(generate(&spec, 1).unwrap()).unwrap().into_network();
    let group = LtcPopulation {
        tau_trace: 5.0.into(),
        output: LtcOutput::Crossing { threshold: 0.5 },
        ..LtcPopulation::of_model(&model, 20.0).unwrap()
    };
    assert_eq!((network.populations[0].size, &network.populations[0].model), (11, &Model::Ltc(group)));
    // Three outputs to two inputs.
    assert_eq!(network.projections[1].synapses.len(), 6);
    // The description is kept as it was given.
    let kept: NetworkSpec = network.description.configuration.parse().unwrap();
    assert_eq!(kept, text.parse::<NetworkSpec>().unwrap());
}

/// A cell of every kind comes back with its layout, and gives the same answers.
#[test]
fn every_kind_of_cell_goes_through_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.h5");
    let wiring = "[wiring]\nkind = \"auto_ncp\"\nunits = 11\nn_outputs = 3\nsparsity = 0.4\nseed = 5";
    let kinds =
        ["ltc", "mixed_ltc", "wired_cfc", "mixed_wired_cfc"].map(|kind| format!("kind = {kind:?}\n{wiring}"));
    let dense =
        ["cfc", "mixed_cfc", "firing_rate", "ct_gru"].map(|kind| format!("kind = {kind:?}\nunits = 3"));
    let trained_with = "kind = \"cfc\"\n[config]\ndropout = 0.25\nff_activation = \"lecun_tanh\"".to_owned();
    for text in kinds.iter().chain(&dense).chain([&trained_with]) {
        let cell = toml::from_str::<CellSpec>(text).unwrap().build(2).unwrap();
        let model = Trained::new(cell, Some(2)).unwrap();
        let parameters: Vec<f64> = model.start(Start::Library, &mut Stream::new(1, Purpose::Parameter, 0, 0));
        let written = LiquidModel { parameters, model, ..liquid(Some(2)) };
        write_liquid(&path, &written).unwrap();
        let read = read_liquid(&path).unwrap();
        assert_eq!(
            (read.model.cell().kind(), read.model.layout()),
            (written.model.cell().kind(), written.model.layout())
        );
        if let [AnyCell::Cfc(read), AnyCell::Cfc(written)] = [read.model.cell(), written.model.cell()] {
            assert_eq!(read.config(), written.config());
        }
        let initial = vec![0.1; read.model.cell().n_state()];
        let batch = Batch {
            n_samples: 1,
            n_steps: 2,
            inputs: &[0.3, -0.2, 0.5, 0.1],
            elapsed: &[1.0, 0.5],
            initial: &initial,
            keys: None,
        };
        let answers =
            |model: &LiquidModel| model.model.record(&model.parameters, &batch).unwrap().answers().to_vec();
        assert_eq!(answers(&read), answers(&written), "{text}");
    }
}

/// A file that would be read, but for one change.
fn refused(change: impl FnOnce(&mut LiquidModel)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.h5");
    let mut liquid = liquid(None);
    change(&mut liquid);
    write_liquid(&path, &liquid).unwrap();
    read_liquid(&path).unwrap_err().to_string()
}

#[test]
fn what_is_no_model_is_refused_with_a_reason() {
    let error = refused(|liquid| liquid.inputs.truncate(1));
    assert!(error.contains("inputs/name cannot be used: it has 1 entries, and 2 are needed"), "{error}");
    let error = refused(|liquid| liquid.inputs[1].scale = 0.0);
    assert!(error.contains("value 1 of inputs/scale is 0, and must be other than 0"), "{error}");
    let error = refused(|liquid| liquid.answers = Answers::Classes(vec!["one".into()]));
    assert!(error.contains("answers cannot be used: it has 1 entries, and 3 are needed"), "{error}");
    let error = refused(|liquid| liquid.step = 0.0);
    assert!(error.contains("\"step\" must be a finite number above 0"), "{error}");
    let error = refused(|liquid| liquid.parameters[3] = f64::NAN);
    assert!(error.contains("value 3 of parameters/gleak is NaN, and must be finite"), "{error}");
}

#[test]
fn other_files_are_refused() {
    let mut file = FileBuilder::new();
    file.set_attr("format", AttrValue::VarLenString("rheobase-spikes".into()));
    let error = read_liquid_bytes(&file.finish().unwrap()).unwrap_err().to_string();
    assert!(error.contains("\"rheobase-liquid\" is expected: give a trained liquid network"), "{error}");
}
