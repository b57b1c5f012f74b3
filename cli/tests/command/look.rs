//! Trained liquid networks, and wirings, as someone meets them who wants to know what goes on inside.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use rheobase_net::file::read_recording;

use super::groups::example;
use super::{answer, error, json};

/// A small network of the vowels after two epochs, and a series for it to go over.
fn with_model(at: &Path) {
    let small = "seeds = [1]\n\n[cell]\nkind = \"ltc\"\n\n[cell.wiring]\nkind = \"full\"\nunits = 8\n\n\
                 [training]\nepochs = 2\nmetric = \"accuracy\"\n\n[training.loss]\nkind = \"cross_entropy\"\n";
    fs::write(at.join("small.toml"), small).unwrap();
    answer(at, &["train", "small.toml", "-o", "out"]);
    let mut series = (0..12).map(|k| format!("channel {k},")).collect::<String>() + "t\n";
    for step in 0..40 {
        let t = f64::from(step);
        (0..12).for_each(|k| write!(series, "{:.4},", (0.3 * t + f64::from(k)).sin()).unwrap());
        writeln!(series, "{}", t * 1.5).unwrap();
    }
    fs::write(at.join("series.csv"), series).unwrap();
}

#[test]
fn a_trained_network_is_inspected_and_plotted() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    with_model(at);
    let told = json(at, &["inspect", "out/model.h5"]);
    assert_eq!((told["cell"].as_str(), told["units"].as_u64()), (Some("ltc"), Some(8)));
    // 12 × 8 sensory synapses once a step, 8 × 8 in each of six unfolds.
    assert_eq!(told["operations"]["functions"].as_f64(), Some(96.0 + 6.0 * 64.0));
    assert!(told["activity"].is_null());
    let told = json(at, &["inspect", "out/model.h5", "--data", "series.csv"]);
    for unit in told["activity"].as_array().unwrap() {
        let (tau, bounds) = (&unit["time_constant"], &unit["bounds"]);
        assert!(bounds[0].as_f64() <= tau["min"].as_f64());
        // A unit without a leak has an infinite bound, which is null.
        assert!(bounds[1].is_null() || tau["max"].as_f64() <= bounds[1].as_f64());
    }
    let table = answer(at, &["inspect", "out/model.h5", "--data", "series.csv"]);
    assert!(table.contains("memory (steps)") && table.contains("sensory_sigma"), "{table}");
    for figure in ["states", "time-constants", "sensitivity"] {
        let picture = format!("{figure}.png");
        answer(at, &["plot", figure, "out/model.h5", "--data", "series.csv", "-o", &picture]);
        assert_eq!(fs::read(at.join(picture)).unwrap()[..4], *b"\x89PNG");
        let told = error(at, 2, &["plot", figure, "out/model.h5", "-o", "a.png"]);
        assert!(told.contains("--data is missing"), "{told}");
    }
    answer(at, &["plot", "wiring", "out/model.h5", "-o", "wiring.svg"]);
    assert!(fs::read_to_string(at.join("wiring.svg")).unwrap().contains("the strongest conductance"));
}

#[test]
fn what_is_wrong_with_a_series_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    with_model(at);
    let plot = |series: &str| {
        fs::write(at.join("a.csv"), series).unwrap();
        error(at, 2, &["plot", "states", "out/model.h5", "--data", "a.csv", "-o", "a.png"])
    };
    assert!(plot("x,y\n1,2\n").contains("has 2 columns of inputs, and the model has 12 inputs: channel 0"));
    assert!(plot("channel 0,channel 1\n1,2\n").contains("no column \"channel 2\""));
    let names = (0..12).map(|k| format!("channel {k}")).collect::<Vec<_>>().join(",");
    assert!(plot(&format!("{names}\n")).contains("no line of data"));
    assert!(plot(&format!("{names}\n1,2,3,4,5,6,7,8,9,10,11,x\n")).contains("line 2: column \"channel 11\""));
    let rows = "1,2,3,4,5,6,7,8,9,10,11,12";
    let told = plot(&format!("{names},t\n{rows},5\n{rows},4\n"));
    assert!(told.contains("line 3: the elapsed time is -1"), "{told}");
    let series = ["plot", "sensitivity", "out/model.h5", "--data", "series.csv", "-o", "a.png"];
    let told = error(at, 2, &[&series[..], &["--answer", "nobody"]].concat());
    assert!(told.contains("there is no answer \"nobody\"; the model has 1"), "{told}");
}

#[test]
fn a_wiring_is_plotted_from_numbers_or_a_list() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let ncp = "inputs = 8\n\n[wiring]\nkind = \"ncp\"\ninter = 12\ncommand = 6\nmotor = 1\nsensory_fanout = 4\n\
               inter_fanout = 4\nrecurrent_command_synapses = 4\nmotor_fanin = 6\nseed = 22222\n";
    fs::write(at.join("ncp.toml"), ncp).unwrap();
    answer(at, &["plot", "wiring", "ncp.toml", "-o", "ncp.svg"]);
    let picture = fs::read_to_string(at.join("ncp.svg")).unwrap();
    assert!(picture.contains("inputs: 8, units: 19, outputs: 1"), "the caption counts");
    // Sparsity and seed are those of ncps where a file does not say.
    let auto = "inputs = 8\n\n[wiring]\nkind = \"auto_ncp\"\nunits = 16\nn_outputs = 2\n";
    let pictures = [ncp.replace("seed = 22222\n", ""), ncp.to_owned()].into_iter();
    let said = [auto.to_owned(), format!("{auto}sparsity = 0.5\nseed = 22222\n")];
    let pictures: Vec<String> = pictures
        .chain(said)
        .map(|wiring| {
            fs::write(at.join("some.toml"), wiring).unwrap();
            answer(at, &["plot", "wiring", "some.toml", "-o", "some.svg"]);
            fs::read_to_string(at.join("some.svg")).unwrap()
        })
        .collect();
    assert!(pictures[0] == pictures[1] && pictures[2] == pictures[3] && pictures[0] != pictures[2]);
    let list = "source_kind,source,target_kind,target,polarity\ninput,0,motor,0,1\nmotor,0,motor,0,-1\n";
    fs::write(at.join("list.csv"), list).unwrap();
    answer(at, &["plot", "wiring", "list.csv", "-o", "list.png"]);
    fs::write(at.join("list.csv"), list.replace("-1", "-2")).unwrap();
    assert!(error(at, 2, &["plot", "wiring", "list.csv", "-o", "list.png"]).contains("polarity -2"));
    fs::write(at.join("ncp.toml"), ncp.replace("\"ncp\"", "\"ncpp\"")).unwrap();
    assert!(error(at, 2, &["plot", "wiring", "ncp.toml", "-o", "ncp.png"]).contains("did you mean `ncp`?"));
}

/// The description of the help, beside the model that it names.
#[test]
fn a_trained_network_is_a_population() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    with_model(at);
    let description = example(&answer(at, &["generate", "--help"]), "The same with a model");
    fs::write(at.join("out/side.toml"), &description).unwrap();
    let told = json(at, &["generate", "out/side.toml", "-o", "side.h5"]);
    assert_eq!((&told["groups"][0]["units"], &told["groups"][0]["name"]), (&8.into(), &"group".into()));
    let run = [
        "simulate",
        "side.h5",
        "--duration",
        "300",
        "--trace",
        "group:0-7",
        "--interval",
        "20",
        "-o",
        "run.h5",
    ];
    assert_eq!(json(at, &run)["counters"]["group_updates"], 15);
    let states = read_recording(&at.join("run.h5")).unwrap().traces.unwrap().v;
    assert!(states.iter().any(|state| *state != 0.0) && states.iter().all(|state| state.is_finite()));

    fs::remove_file(at.join("out/model.h5")).unwrap();
    let told = error(at, 2, &["generate", "out/side.toml", "-o", "side.h5"]);
    assert!(told.contains("model.h5"), "{told}");
}
