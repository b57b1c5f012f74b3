use std::fs;
use std::ops::ControlFlow;

use rheobase_ltc::train::{Sequences, Targets};
use rheobase_net::Answers;

use super::data::{Data, HalfCheetah, Samples, Table};
use super::*;

/// The vowels by a small LTC, one epoch a seed.
fn small() -> Experiment {
    let mut experiment = Preset::VowelsLtc.experiment();
    experiment.seeds = vec![3, 4];
    experiment.training.epochs = 2;
    let cell =
        "kind = \"ltc\"\n[wiring]\nkind = \"auto_ncp\"\nunits = 12\nn_outputs = 4\nsparsity = 0.5\nseed = 1";
    experiment.cell = toml::from_str(cell).unwrap();
    experiment
}

fn finish(course: &mut Course<'_>, mut watch: impl FnMut(Moment) -> ControlFlow<()>) {
    while !course.is_finished() {
        if !course.epoch(&mut watch).unwrap() {
            break;
        }
    }
}

/// A course that is stopped anywhere, kept and taken up again ends with the same bits.
#[test]
fn a_course_goes_on_from_what_was_kept() {
    let experiment = small();
    let task = experiment.task().unwrap();
    let model = experiment.model(&task).unwrap();
    let mut whole = Course::begin(&experiment, &task, &model).unwrap();
    finish(&mut whole, |_| ControlFlow::Continue(()));
    for stop in [1, 13, 14, 20, 40] {
        let mut n_batches = 0;
        let mut course = Course::begin(&experiment, &task, &model).unwrap();
        finish(&mut course, |_| {
            n_batches += 1;
            if n_batches == stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let kept = course.kept();
        let mut course = Course::resume(&experiment, &task, &model, kept).unwrap();
        finish(&mut course, |_| ControlFlow::Continue(()));
        assert_eq!(course.kept(), whole.kept(), "stopped after batch {stop}");
    }
    let outcome = whole.outcome().unwrap();
    assert_eq!((outcome.test.n, outcome.seeds.len(), outcome.seeds[0].epochs.len()), (2, 2, 2));
    let best = whole.best("0", String::new()).unwrap();
    assert_eq!(best.parameters.len(), outcome.n_parameters);
    assert!(matches!(&best.answers, Answers::Classes(names) if names.len() == 9));
}

#[test]
fn every_preset_goes_through_toml_and_unknown_fields_are_errors() {
    for preset in Preset::ALL {
        let experiment = preset.experiment();
        let text = toml::to_string(&experiment).unwrap();
        assert_eq!(toml::from_str::<Experiment>(&text).unwrap(), experiment, "{text}");
    }
    for (text, field) in [
        ("[data]\nkind = \"ozone\"\nwindows = 3", "windows"),
        ("[cell]\nkind = \"ltc\"\nunits = 3", "units"),
        ("[training.optimizer]\nkind = \"adam\"\nbeta = 0.9", "beta"),
        ("[training]\nlearning_rate = 0.9", "learning_rate"),
    ] {
        let error = toml::from_str::<Experiment>(text).unwrap_err().to_string();
        assert!(error.contains(&format!("unknown field `{field}`")), "{error}");
    }
}

fn table(text: &str, table: Table) -> Result<Task, RatesError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tides.csv");
    fs::write(&path, text).unwrap();
    Data::Table(table).task(&path, 1.0)
}

fn asked(targets: &[&str]) -> Table {
    Table {
        targets: targets.iter().map(|name| (*name).to_owned()).collect(),
        window: 2,
        stride: 1,
        valid: 0.25,
        test: 0.25,
        ..Table::default()
    }
}

/// Two columns of values 1, 2, … and 10, 10, …; the windows of a row of six are four.
#[test]
fn columns_of_a_table_become_a_task() {
    let text = "t,a,level,kind\n0,1,10,x\n1,2,10,y\n3,3,10,x\n6,4,10,x\n10,5,10,y\n15,6,10,x\n";
    let timed = Table { time: Some("t".to_owned()), inputs: vec!["a".to_owned()], ..asked(&["level"]) };
    let task = table(text, timed).unwrap();
    assert_eq!((task.name.as_str(), task.inputs[0].mean), ("tides", 3.5));
    // 35/12 is the variance of 1 to 6; what never changes has the scale 1.
    assert!((task.inputs[0].scale - (35.0_f64 / 12.0).sqrt()).abs() < 1e-15);
    assert!(
        matches!(&task.answers, Answers::Values(values) if values[0].mean == 10.0 && values[0].scale == 1.0)
    );
    let n = |sequences: &Sequences<f32>| sequences.n_samples;
    assert_eq!([n(&task.train), n(task.valid.as_ref().unwrap()), n(&task.test)], [2, 1, 1]);
    // Rows 0 to 3 begin windows; the elapsed times of rows are 1, 1, 2, 3, 4, 5.
    let elapsed = [&task.train, task.valid.as_ref().unwrap(), &task.test].map(|part| part.elapsed.clone());
    let mut elapsed: Vec<Vec<f32>> = elapsed.concat().chunks(2).map(<[f32]>::to_vec).collect();
    elapsed.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    assert_eq!(elapsed, [[1.0, 1.0], [1.0, 2.0], [2.0, 3.0], [3.0, 4.0]]);

    let classes =
        Table { classes: true, inputs: vec!["a".to_owned()], every_step: false, ..asked(&["kind"]) };
    let task = table(text, classes).unwrap();
    assert_eq!(task.answers, Answers::Classes(vec!["x".to_owned(), "y".to_owned()]));
    assert!(matches!(&task.train.targets, Targets::Classes { n: 2, labels } if labels.len() == 2));
}

#[test]
fn what_is_wrong_with_a_table_is_told_with_its_line() {
    let told = |text, asked| table(text, asked).unwrap_err().to_string();
    let error = told("a,b\n1,2\n", asked(&["c"]));
    assert!(error.ends_with("tides.csv, line 1: there is no column \"c\"; there are a, b"), "{error}");
    let error = told("a,b\n1,2\n1,high\n", asked(&["b"]));
    assert!(error.contains("line 3: column \"b\": \"high\" is not a finite number; give one"), "{error}");
    let timed = Table { time: Some("a".to_owned()), ..asked(&["b"]) };
    let error = told("a,b\n1,2\n0,2\n", timed);
    assert!(
        error.contains("line 3: the time 0 is before that of the row above, 1: sort the rows"),
        "{error}"
    );
    let error = told("a,b\n1,2\n1,2\n", asked(&["b"]));
    assert!(error.contains("the data have no training sequence"), "{error}");
    let error = told("a,b\n1,2\n", Table { stride: 0, ..asked(&["b"]) });
    assert_eq!(error, "stride is 0, and must be above 0");
    let error = Data::Table(asked(&["b"])).task("/nowhere/at all.csv".as_ref(), 1.0).unwrap_err().to_string();
    assert!(error.contains("cannot read /nowhere/at all.csv"), "{error}");
}

/// A robot that observes its own step: the next observation is one more.
#[test]
fn rollouts_are_read_from_numpy_files_in_the_order_of_their_names() {
    let folder = tempfile::tempdir().unwrap();
    for (k, name) in ["b.npy", "a.npy", "c.npy"].iter().enumerate() {
        let run =
            ndarray::Array2::from_shape_fn((8, 2), |(row, column)| (100 * k + 10 * column + row) as f64);
        ndarray_npy::write_npy(folder.path().join(name), &run).unwrap();
    }
    let data = HalfCheetah { window: 3, stride: 2, n_valid: 1, n_test: 1, n_train: 1 };
    let task = Data::HalfCheetah(data.clone()).task(folder.path(), 1.0).unwrap();
    // Of 7 observations with a next one, windows of 3 begin at 0 and 2.
    let firsts = [&task.valid.unwrap(), &task.test, &task.train].map(|part| (part.n_samples, part.inputs[0]));
    assert_eq!(firsts, [(2, 100.0), (2, 0.0), (2, 200.0)]);
    let Targets::Values { values, .. } = &task.train.targets else { panic!("observations are values") };
    assert!(values.iter().zip(&task.train.inputs).all(|(next, x)| *next == x + 1.0));
    let error = Data::HalfCheetah(HalfCheetah { n_train: 9, ..data }).task(folder.path(), 1.0).unwrap_err();
    assert!(error.to_string().contains("is 11, and must be at most 3"), "{error}");
}

#[test]
fn samples_keep_their_own_split() {
    let task = Data::Samples(Samples::default()).task("vowels".as_ref(), 1.0).unwrap();
    let valid = task.valid.unwrap();
    assert_eq!((task.train.n_samples, valid.n_samples, task.test.n_samples), (216, 54, 370));
    assert_eq!((task.train.n_inputs, task.inputs.len(), task.answers.len()), (12, 12, 9));
}
