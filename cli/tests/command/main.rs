//! The built command, as a user or a script meets it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod currents;
mod encode;
mod export;
mod faults;
mod groups;
mod hostile;
mod kept;
mod learn;
mod look;
mod map;
mod mapped;
mod train;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use rheobase_net::file::read_recording;
use serde_json::Value;
use tempfile::TempDir;

/// Runs the command in `folder`.
fn rheobase(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rheobase"))
        .current_dir(folder)
        .args(args)
        .output()
        .expect("the command was built")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the command speaks UTF-8")
}

/// Runs the command, which must succeed, and gives its standard output.
fn answer(folder: &Path, args: &[&str]) -> String {
    let output = rheobase(folder, args);
    assert!(output.status.success(), "{args:?}: {}", text(&output.stderr));
    text(&output.stdout)
}

fn json(folder: &Path, args: &[&str]) -> Value {
    serde_json::from_str(&answer(folder, &[args, &["--json"]].concat())).expect("--json answers JSON")
}

/// Runs the command, which must fail with `code`, one error on standard error and nothing on standard
/// output; gives the error.
fn error(folder: &Path, code: i32, args: &[&str]) -> String {
    let output = rheobase(folder, args);
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{args:?}: {told}");
    assert_eq!(text(&output.stdout), "", "{args:?}");
    assert!(told.starts_with("error: ") && !told.contains("panicked"), "{args:?}: {told}");
    told
}

/// A folder with a small liquid and what it did in 200 ms.
fn with_run() -> TempDir {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let at = folder.path();
    answer(at, &["generate", "--preset", "lsm-delta", "-n", "135", "-o", "liquid.h5"]);
    let simulate = ["simulate", "liquid.h5", "--duration", "200", "-o", "run.h5"];
    answer(at, &[&simulate[..], &["--trace", "exc:0-1", "--source-spikes"]].concat());
    folder
}

#[test]
fn every_verb_teaches_with_examples() {
    let folder = tempfile::tempdir().unwrap();
    let top = answer(folder.path(), &["--help"]);
    let verbs: Vec<&str> = top
        .lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
        .filter(|verb| *verb != "help")
        .collect();
    for verb in ["generate", "encode", "inspect", "simulate", "map", "plot", "completions", "man"] {
        assert!(verbs.contains(&verb), "{verb} is missing in {verbs:?}");
    }
    for verb in verbs {
        let help = answer(folder.path(), &[verb, "--help"]);
        assert!(help.contains("Examples:"), "{verb}");
        assert!(help.contains(&format!("rheobase {verb}")), "{verb}");
    }
}

/// A tenth of a second is what the eye takes for "at once"; half of it is promised.
#[test]
fn the_first_output_comes_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let fastest = (0..5).map(|_| {
        let start = Instant::now();
        answer(folder.path(), &["--version"]);
        start.elapsed()
    });
    assert!(fastest.min().unwrap() <= Duration::from_millis(50));
}

#[test]
fn a_network_is_generated_inspected_simulated_and_plotted() {
    let folder = with_run();
    let at = folder.path();
    let network = json(at, &["inspect", "liquid.h5"]);
    assert_eq!(network["neurons"], 135);
    // 20 % of 135 neurons.
    assert_eq!(network["populations"][1]["name"], "inh");
    assert_eq!(network["populations"][1]["size"], 27);
    let of_projections: u64 =
        network["projections"].as_array().unwrap().iter().map(|p| p["synapses"].as_u64().unwrap()).sum();
    assert_eq!(network["synapses"].as_u64(), Some(of_projections));
    let run = json(at, &["inspect", "run.h5"]);
    assert_eq!(run["t_stop_ms"], 200.0);
    let spikes = |is_source: bool| -> u64 {
        let populations = run["populations"].as_array().unwrap().iter();
        populations.filter(|p| p["is_source"] == is_source).map(|p| p["spikes"].as_u64().unwrap()).sum()
    };
    assert_eq!(run["counters"]["spikes"].as_u64(), Some(spikes(false)));
    assert_eq!(run["counters"]["input_spikes"].as_u64(), Some(spikes(true)));
    let figures: [&[&str]; 5] = [
        &["plot", "raster", "run.h5", "-o", "raster.png"],
        &["plot", "raster", "run.h5", "--from", "50", "--to", "100", "-o", "raster.svg"],
        &["plot", "traces", "run.h5", "--network", "liquid.h5", "-o", "traces.svg"],
        &["plot", "rates", "run.h5", "-o", "rates.png"],
        &["plot", "liquid", "liquid.h5", "-o", "liquid.svg"],
    ];
    for figure in figures {
        let name = figure[figure.len() - 1];
        assert_eq!(json(at, figure)["figure"], name);
        assert!(fs::metadata(at.join(name)).unwrap().len() > 1000);
    }
    assert!(fs::read_to_string(at.join("traces.svg")).unwrap().contains("exc 1"));
    let leftovers = fs::read_dir(at)
        .unwrap()
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().starts_with('.'));
    assert_eq!(leftovers.count(), 0);
}

#[test]
fn the_seed_decides_and_the_threads_do_not() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let make = |name: &str, seed: &str, threads: &str| {
        let args = [
            "generate",
            "--preset",
            "lsm-exp",
            "-n",
            "1000",
            "-o",
            name,
            "--seed",
            seed,
            "--threads",
            threads,
        ];
        answer(at, &args);
        fs::read(at.join(name)).unwrap()
    };
    let first = make("a.h5", "1", "1");
    assert!(first == make("b.h5", "1", "8"));
    assert!(first != make("c.h5", "2", "1"));
    for scheduler in ["grid", "event"] {
        let run = |threads: &str| {
            let args = ["simulate", "a.h5", "--duration", "100", "-o", "run.h5", "--final-v", "--rates", "5"];
            answer(at, &[&args[..], &["--scheduler", scheduler, "--threads", threads]].concat());
            read_recording(&at.join("run.h5")).unwrap()
        };
        let one = run("1");
        assert!(one.spikes.len() > 50, "{scheduler}");
        for threads in ["2", "8"] {
            let other = run(threads);
            assert!(other.spikes == one.spikes, "{scheduler}, {threads} threads");
            assert_eq!(other.rates, one.rates, "{scheduler}, {threads} threads");
            let bits =
                |v: &Option<Vec<f64>>| v.as_ref().unwrap().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert!(bits(&other.final_v) == bits(&one.final_v), "{scheduler}, {threads} threads");
            assert_eq!(other.counters, one.counters, "{scheduler}, {threads} threads");
        }
    }
}

#[test]
fn a_description_can_be_printed_edited_and_made() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let description = answer(at, &["generate", "--preset", "column", "-n", "60", "--print"]);
    assert!(description.contains("[column]") && description.contains("n = 60"));
    fs::write(at.join("column.toml"), description.replace("n = 60", "n = 50")).unwrap();
    let made = json(at, &["generate", "column.toml", "-o", "column.h5"]);
    assert_eq!(made["neurons"], 50);
    // What the file says of its origin makes the same network again.
    let spec = made["description"]["configuration"].as_str().unwrap();
    fs::write(at.join("again.toml"), spec).unwrap();
    answer(at, &["generate", "again.toml", "-o", "again.h5"]);
    assert!(fs::read(at.join("column.h5")).unwrap() == fs::read(at.join("again.h5")).unwrap());
}

#[test]
fn wrong_descriptions_are_told_with_the_place_and_the_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let generate = |description: &str| {
        fs::write(at.join("liquid.toml"), description).unwrap();
        error(at, 2, &["generate", "liquid.toml", "-o", "liquid.h5"])
    };
    let told = generate("[[populations]]\nname = \"exc\"\nsise = 80\nmodel.lif = {}\n");
    assert!(told.contains("liquid.toml:3:1: unknown field `sise`"), "{told}");
    assert!(told.contains("did you mean `size`?"), "{told}");
    let told = generate("[column]\nlamda = 2.0\n");
    assert!(told.contains("liquid.toml:2:1") && told.contains("did you mean `lambda`?"), "{told}");
    assert!(generate("").contains("the description is empty"));
    let told = generate("[[populations]]\nname = \"exc\"\nsize = 80\nmodel.lif = { tau_m = -1.0 }\n");
    assert!(told.contains("exc") && told.contains("tau_m"), "{told}");
    assert!(error(at, 2, &["generate", "none.toml", "-o", "a.h5"]).contains("none.toml"));
    assert!(!at.join("liquid.h5").exists());
}

#[test]
fn files_of_the_wrong_kind_are_refused() {
    let folder = with_run();
    let at = folder.path();
    fs::write(at.join("notes.h5"), "these are notes, not HDF5").unwrap();
    let whole = fs::read(at.join("run.h5")).unwrap();
    fs::write(at.join("cut.h5"), &whole[..whole.len() / 2]).unwrap();
    for file in ["notes.h5", "cut.h5", "missing.h5"] {
        assert!(error(at, 2, &["inspect", file]).contains(file));
        assert!(error(at, 2, &["simulate", file, "--duration", "10", "-o", "out.h5"]).contains(file));
        assert!(error(at, 2, &["plot", "raster", file, "-o", "out.png"]).contains(file));
    }
    let told = error(at, 2, &["simulate", "run.h5", "--duration", "10", "-o", "out.h5"]);
    assert!(told.contains("rheobase-recording") && told.contains("rheobase-network"), "{told}");
    assert!(error(at, 2, &["plot", "raster", "liquid.h5", "-o", "out.png"]).contains("simulate it"));
    assert!(error(at, 2, &["plot", "raster", "run.h5", "-o", "out.jpg"]).contains(".png or .svg"));
    assert!(!at.join("out.h5").exists() && !at.join("out.png").exists());
}

#[test]
fn wrong_runs_are_refused_before_they_start() {
    let folder = with_run();
    let at = folder.path();
    let simulate = |more: &[&str]| error(at, 2, &[&["simulate", "liquid.h5", "-o", "out.h5"], more].concat());
    assert!(simulate(&["--duration", "-5"]).contains("duration"));
    assert!(simulate(&["--duration", "10", "--dt", "0"]).contains("dt"));
    let told = simulate(&["--duration", "10", "--trace", "excc:0"]);
    assert!(told.contains("no population \"excc\"") && told.contains("exc"), "{told}");
    assert!(simulate(&["--duration", "10", "--trace", "exc:5000"]).contains("0 to 107"));
    assert!(simulate(&["--duration", "10", "--spikes", "input=liquid.h5"]).contains("input"));
    fs::write(at.join("run.toml"), "schedular = \"grid\"\n").unwrap();
    assert!(simulate(&["--duration", "10", "--config", "run.toml"]).contains("did you mean `scheduler`?"));
    assert!(!at.join("out.h5").exists());
}

#[test]
fn a_destination_that_cannot_be_written_is_told_first() {
    let folder = with_run();
    let at = folder.path();
    let told = error(at, 2, &["simulate", "liquid.h5", "--duration", "1e9", "-o", "nowhere/run.h5"]);
    assert!(told.contains("there is no folder nowhere"), "{told}");
    assert!(error(at, 2, &["generate", "--preset", "column", "-o", "."]).contains("is a folder"));
    // A place where nobody can make a file, root included.
    if Path::new("/proc/self").is_dir() {
        let told = error(at, 2, &["generate", "--preset", "column", "-o", "/proc/self/liquid.h5"]);
        assert!(told.contains("cannot write /proc/self/liquid.h5"), "{told}");
    }
}

#[test]
fn wrong_usage_is_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    for args in [
        &["generat"][..],
        &["generate"],
        &["plot", "rastr", "a.h5", "-o", "a.png"],
        &["inspect", "--threads", "0"],
    ] {
        assert_eq!(rheobase(folder.path(), args).status.code(), Some(2), "{args:?}");
    }
    let told = text(&rheobase(folder.path(), &["generat"]).stderr);
    assert!(told.contains("generate"), "{told}");
}

#[test]
fn a_confusion_matrix_is_drawn_from_scores() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("scores.json"),
        r#"{"classes": ["a", "b"], "confusion": [[9, 1], [0, 10]], "seed": 1}"#,
    )
    .unwrap();
    answer(at, &["plot", "confusion", "scores.json", "-o", "confusion.svg"]);
    assert!(fs::read_to_string(at.join("confusion.svg")).unwrap().contains("95.0 %"));
    for wrong in
        [r#"{"classes": ["a", "b"], "confusion": [[9, 1]]}"#, r#"{"classes": [], "confusion": []}"#, "9"]
    {
        fs::write(at.join("wrong.json"), wrong).unwrap();
        assert!(error(at, 2, &["plot", "confusion", "wrong.json", "-o", "wrong.svg"]).contains("wrong.json"));
    }
}

#[test]
fn completions_and_manual_pages_know_every_verb() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for shell in ["bash", "zsh", "fish"] {
        assert!(answer(at, &["completions", shell]).contains("simulate"), "{shell}");
    }
    answer(at, &["man", "pages"]);
    for page in ["rheobase.1", "rheobase-simulate.1", "rheobase-plot.1"] {
        assert!(fs::read_to_string(at.join("pages").join(page)).unwrap().contains(".TH"), "{page}");
    }
}

/// The README's first command, with fewer seeds: every promised file is there, and the JSON says how it went.
#[test]
fn the_demo_answers_and_leaves_pictures_and_files() {
    let folder = tempfile::tempdir().unwrap();
    let shown = json(folder.path(), &["demo", "-o", "out", "--seeds", "2"]);
    let methods = shown["comparison"]["methods"].as_array().unwrap();
    let accuracy = |m: usize| methods[m]["accuracy"]["mean"].as_f64().unwrap();
    assert!(accuracy(0) >= 0.95 && accuracy(0) > accuracy(1) && accuracy(0) > accuracy(2));
    assert_eq!(shown["examples"].as_array().unwrap().len(), 9);
    // The networks of rates are told what guessing is not.
    for rated in shown["rated"].as_array().unwrap() {
        assert!(rated["accuracy"]["mean"].as_f64().unwrap() > 0.9, "{}", rated["name"]);
        assert!(rated["operations"].as_f64().unwrap() > 10_000.0);
    }
    for file in [
        "raster.png",
        "traces.png",
        "rates.png",
        "liquid.png",
        "confusion.png",
        "comparison.json",
        "network.h5",
        "readout.json",
        "recording.h5",
        "ltc.h5",
        "cfc.h5",
        "rates.json",
        "ltc-wiring.png",
        "ltc-states.png",
        "ltc-time-constants.png",
        "ltc-sensitivity.png",
    ] {
        assert!(folder.path().join("out").join(file).metadata().unwrap().len() > 1000, "{file}");
    }
    answer(folder.path(), &["plot", "confusion", "out/comparison.json", "-o", "again.svg"]);
}
