//! `rheobase train` of liquid time-constant networks.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use rheobase_net::file::read_liquid;

use super::{answer, error, json, text};

/// A small network of the vowels, two seeds, into `small.toml`.
fn small(at: &Path, epochs: usize) {
    let small = format!(
        "place = \"vowels\"\nseeds = [1, 2]\n\n[data]\nkind = \"samples\"\n\n[cell]\nkind = \"ltc\"\n\n\
         [cell.config]\nunfolds = 6\n\n[cell.wiring]\nkind = \"full\"\nunits = 24\n\n\
         [training]\nepochs = {epochs}\nrate = 0.02\nmetric = \"accuracy\"\n\n\
         [training.loss]\nkind = \"cross_entropy\"\n"
    );
    fs::write(at.join("small.toml"), small).unwrap();
}

#[test]
fn a_liquid_network_learns_and_its_folder_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    small(at, 4);
    let told = json(at, &["train", "small.toml", "-o", "out"]);
    assert_eq!(told["task"], "japanese-vowels");
    assert_eq!(told["seeds"].as_array().unwrap().len(), 2);
    let accuracy = told["test"]["mean"].as_f64().unwrap();
    assert!(accuracy > 2.0 / 9.0, "chance is one in nine: {accuracy}");
    let scores: serde_json::Value =
        serde_json::from_slice(&fs::read(at.join("out/scores.json")).unwrap()).unwrap();
    assert_eq!(scores["test"], told["test"]);
    let model = read_liquid(&at.join("out/model.h5")).unwrap();
    assert_eq!((model.inputs.len(), model.answers.len(), model.every_step), (12, 9, false));
    assert_eq!(fs::read(at.join("out/learning.png")).unwrap()[..4], *b"\x89PNG");
    assert!(!at.join("out/training.checkpoint").exists());
    // The number of threads changes no result.
    for threads in ["1", "3"] {
        let again = json(at, &["train", "small.toml", "-o", "again", "--threads", threads]);
        assert_eq!(again["seeds"], told["seeds"]);
    }
    let table = answer(at, &["train", "small.toml", "-o", "again", "--seeds", "1"]);
    assert!(table.contains("test accuracy") && table.contains(" of 4"), "{table}");
}

/// Stopped as soon as there is a checkpoint, which is before the first epoch.
#[cfg(unix)]
#[test]
fn a_stopped_run_goes_on_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    small(at, 30);
    let mut run = Command::new(env!("CARGO_BIN_EXE_rheobase"))
        .current_dir(at)
        .args(["train", "small.toml", "-o", "out"])
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while !at.join("out/training.checkpoint").exists() {
        assert!(run.try_wait().unwrap().is_none(), "it ended before its first checkpoint");
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-INT", &run.id().to_string()]).status().unwrap().success());
    let told = text(&run.wait_with_output().unwrap().stderr);
    assert!(told.contains("of 30 epochs of this seed; go on with the same command and --resume"), "{told}");
    let told = error(at, 2, &["train", "small.toml", "-o", "out"]);
    assert!(told.contains("go on with --resume, or begin again with --restart"), "{told}");
    let resumed = json(at, &["train", "small.toml", "-o", "out", "--resume"]);
    let whole = json(at, &["train", "small.toml", "-o", "whole"]);
    assert_eq!(resumed["seeds"], whole["seeds"]);
    let parameters = |folder: &str| read_liquid(&at.join(folder).join("model.h5")).unwrap().parameters;
    assert_eq!(parameters("out"), parameters("whole"));
}

/// A checkpoint of one experiment is none of another.
#[test]
fn a_checkpoint_of_another_experiment_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    small(at, 4);
    let wild = fs::read_to_string(at.join("small.toml")).unwrap().replace("rate = 0.02", "rate = 1e30");
    fs::write(at.join("wild.toml"), wild).unwrap();
    // A rate without bounds is an error that names the seed, the epoch and the way out, and leaves a checkpoint.
    let told = error(at, 1, &["train", "wild.toml", "-o", "out"]);
    assert!(told.contains("seed 1: training diverged in epoch 1") && told.contains("is kept in"), "{told}");
    let told = error(at, 2, &["train", "small.toml", "-o", "out", "--resume"]);
    assert!(
        told.contains("training.rate is 1e") && told.contains("in the checkpoint and 0.02 here"),
        "{told}"
    );
    answer(at, &["train", "small.toml", "-o", "out", "--restart"]);
}

#[test]
fn what_is_wrong_is_told_before_the_work() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    small(at, 4);
    let good = fs::read_to_string(at.join("small.toml")).unwrap();
    let with = |from: &str, to: &str| {
        assert!(good.contains(from), "{from} in {good}");
        fs::write(at.join("bad.toml"), good.replacen(from, to, 1)).unwrap();
        error(at, 2, &["train", "bad.toml", "-o", "out"])
    };
    let told = with("rate = 0.02", "rates = 0.02");
    assert!(told.contains("unknown field `rates`") && told.contains("did you mean `rate`?"), "{told}");
    assert!(with("rate = 0.02", "rate = -1.0").contains("rate is -1, and must be finite and above 0"));
    assert!(with("unfolds = 6", "unfolds = 0").contains("the number of unfolds is 0"));
    assert!(with("seeds = [1, 2]", "seeds = []").contains("there is no seed"));
    let told = with("place = \"vowels\"", "place = \"nowhere.h5\"");
    assert!(told.contains("nowhere.h5"), "{told}");
    let told = error(at, 2, &["train", "small.toml", "-o", "out", "--resume"]);
    assert!(told.contains("there is no checkpoint"), "{told}");
    let told = error(at, 2, &["train", "--preset", "vowels", "-o", "out", "--resume"]);
    assert!(told.contains("a spiking experiment has no checkpoint"), "{told}");
}
