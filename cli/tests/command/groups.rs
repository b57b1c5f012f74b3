//! A group with liquid time constants goes through the command: made, inspected, run, drawn.

use std::fs;

use rheobase_net::file::read_recording;

use super::{answer, error, json};

/// The description that `generate --help` has under a heading: what is indented below it.
pub fn example(help: &str, heading: &str) -> String {
    let (_, example) = help.split_once(heading).expect("the help has the example");
    let lines = example.lines().skip_while(|line| !line.trim_start().starts_with("[["));
    let lines = lines.take_while(|line| line.is_empty() || line.starts_with("    "));
    lines.map(str::trim_start).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_example_of_the_help_runs_side_by_side() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let description = example(&answer(at, &["generate", "--help"]), "Side by side");
    fs::write(at.join("side.toml"), &description).unwrap();
    let told = json(at, &["generate", "side.toml", "-o", "side.h5"]);
    let group = &told["groups"][0];
    assert_eq!(
        (&group["units"], &group["outputs"], &group["output"]),
        (&20.into(), &2.into(), &"current".into())
    );
    assert_eq!(group["inputs"][2], "touch");
    assert!(answer(at, &["inspect", "side.h5"]).contains("groups with liquid time constants"));

    for scheduler in ["grid", "event"] {
        let run = ["simulate", "side.h5", "--duration", "300", "--scheduler", scheduler, "-o", "run.h5"];
        let traced = ["--trace", "group:0-2", "--trace", "neurons:0", "--interval", "1"];
        let told = json(at, &[&run[..], &traced].concat());
        assert_eq!(told["counters"]["group_updates"], 300, "{scheduler}");
        assert_eq!(told["counters"]["values_sent"], 600, "{scheduler}");
        let states = read_recording(&at.join("run.h5")).unwrap().traces.unwrap().v;
        let (low, high) = (states[[0, 0]], states[[250, 0]]);
        assert!(states.column(0).iter().all(|v| v.abs() < 1.5) && low != high, "{scheduler}: {low} {high}");
    }
    assert!(answer(at, &["inspect", "run.h5"]).contains("values sent by groups"));
    answer(at, &["plot", "traces", "run.h5", "--network", "side.h5", "-o", "traces.svg"]);
    let figure = fs::read_to_string(at.join("traces.svg")).unwrap();
    assert!(figure.contains("group 0") && figure.contains("state") && figure.contains("v (mV)"));
    answer(at, &["plot", "traces", "run.h5", "-o", "traces.svg"]);
    assert!(fs::read_to_string(at.join("traces.svg")).unwrap().contains("v (mV) or state"));

    let graded = description.replace("output = \"current\"", "output.sigma_delta.threshold = 0.01");
    fs::write(at.join("side.toml"), graded).unwrap();
    answer(at, &["generate", "side.toml", "-o", "side.h5"]);
    let told = json(at, &["simulate", "side.h5", "--duration", "300", "-o", "run.h5"]);
    let sent = told["counters"]["values_sent"].as_u64().unwrap();
    assert!((1..600).contains(&sent), "{sent} graded spikes");

    let told = error(
        at,
        2,
        &["simulate", "side.h5", "--duration", "1", "--scheduler", "grid", "--dt", "0.3", "-o", "run.h5"],
    );
    assert!(told.contains("population \"group\"") && told.contains("event scheduler"), "{told}");
}
