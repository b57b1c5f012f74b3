//! Runs that are stopped, killed, or run out of room: nothing is lost, and what goes on is the same run.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{answer, error, json, rheobase, text};

/// Everything that can be recorded.
const RECORD: [&str; 8] =
    ["--trace", "exc:0-9", "--interval", "0.5", "--rates", "7", "--source-spikes", "--final-v"];

/// A folder with a liquid.
fn with_liquid(preset: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    answer(folder.path(), &["generate", "--preset", preset, "-n", "200", "-o", "liquid.h5"]);
    folder
}

fn simulate<'a>(duration: &'a str, output: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let run = ["simulate", "liquid.h5", "--duration", duration, "-o", output];
    [&run[..], &RECORD, more].concat()
}

/// Starts the command and leaves it alone.
fn start(folder: &Path, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_rheobase"))
        .current_dir(folder)
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the checkpoint of a run is of a later time.
fn wait_for_checkpoint(folder: &Path, child: &mut Child, later_than: f64) {
    let start = Instant::now();
    loop {
        let told = rheobase(folder, &["inspect", "run.h5.checkpoint", "--json"]);
        if told.status.success() {
            let told: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
            let t = told["t_done_ms"].as_f64().unwrap();
            if t > later_than {
                return;
            }
        }
        assert!(child.try_wait().unwrap().is_none(), "the run ended");
        assert!(start.elapsed() < Duration::from_secs(60), "no checkpoint came");
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Stops a run that would take an hour, in the way that `signal` does.
fn stopped(folder: &Path, args: &[&str], signal: &str) -> Output {
    let mut child = start(folder, args);
    wait_for_checkpoint(folder, &mut child, 0.0);
    let sent = Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
    child.wait_with_output().unwrap()
}

#[test]
fn a_stopped_run_leaves_its_recording_and_goes_on_with_other_threads() {
    for (scheduler, signal) in [("grid", "-TERM"), ("event", "-INT")] {
        let folder = with_liquid("lsm-exp");
        let at = folder.path();
        // Until the first checkpoint it is the run that will be stopped, so it cannot be over before.
        let more = ["--scheduler", scheduler, "--checkpoint-every", "50"];
        let args = simulate("20000", "run.h5", &[&more[..], &["--threads", "2"]].concat());
        let output = stopped(at, &args, signal);
        let told = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.contains("stopped at") && told.contains("--resume"), "{told}");
        let t_stop = json(at, &["inspect", "run.h5"])["t_stop_ms"].as_f64().unwrap();
        assert_eq!(json(at, &["inspect", "run.h5.checkpoint"])["t_done_ms"].as_f64(), Some(t_stop));
        assert!(t_stop > 0.0 && t_stop < 20_000.0, "{t_stop}");

        let summary = answer(at, &simulate("20000", "run.h5", &["--scheduler", scheduler, "--resume"]));
        let whole = answer(at, &simulate("20000", "whole.h5", &["--scheduler", scheduler]));
        assert_eq!(summary, whole);
        assert!(
            fs::read(at.join("run.h5")).unwrap() == fs::read(at.join("whole.h5")).unwrap(),
            "{scheduler}"
        );
        assert_eq!(names(at), ["liquid.h5", "run.h5", "whole.h5"]);
        // The recording that was left when it stopped is the beginning of the whole.
        let told = error(at, 2, &simulate("20000", "run.h5", &["--resume"]));
        assert!(told.contains("there is no checkpoint") && told.contains("is at its end"), "{told}");
    }
}

#[test]
fn a_checkpoint_of_another_run_is_refused_and_kept() {
    let folder = with_liquid("lsm-delta");
    let at = folder.path();
    let more = ["--scheduler", "grid", "--checkpoint-every", "20"];
    stopped(at, &simulate("1000000", "run.h5", &more), "-TERM");
    let checkpoint = at.join("run.h5.checkpoint");
    let kept = fs::read(&checkpoint).unwrap();
    let refused = |code, args: &[&str]| {
        let told = error(at, code, args);
        assert!(fs::read(&checkpoint).unwrap() == fs::read(&checkpoint).unwrap());
        told
    };
    let told = refused(2, &simulate("1000000", "run.h5", &more));
    assert!(told.contains("--resume") && told.contains("--restart"), "{told}");
    let resume = [&more[..], &["--resume"]].concat();
    let told = refused(2, &simulate("1000000", "run.h5", &[&resume[..], &["--seed", "7"]].concat()));
    assert!(told.contains("seed 1") && told.contains("seed 7"), "{told}");
    let told = refused(2, &simulate("2000000", "run.h5", &resume));
    assert!(told.contains("duration is 1000000.0 in the checkpoint and 2000000.0 here"), "{told}");
    let told = refused(2, &simulate("1000000", "run.h5", &["--resume", "--dt", "0.2"]));
    assert!(told.contains("dt is 0.1 in the checkpoint and 0.2 here"), "{told}");
    fs::rename(at.join("liquid.h5"), at.join("right.h5")).unwrap();
    answer(at, &["generate", "--preset", "lsm-delta", "-n", "200", "--seed", "9", "-o", "liquid.h5"]);
    let told = refused(2, &simulate("1000000", "run.h5", &resume));
    assert!(told.contains("of a run of the network"), "{told}");
    fs::rename(at.join("right.h5"), at.join("liquid.h5")).unwrap();

    let mut damaged = kept.clone();
    damaged[kept.len() / 2] ^= 1;
    fs::write(&checkpoint, &damaged).unwrap();
    let told = refused(2, &simulate("1000000", "run.h5", &resume));
    assert!(told.contains("checksum"), "{told}");
    assert!(refused(2, &["inspect", "run.h5.checkpoint"]).contains("checksum"));
    fs::write(&checkpoint, "notes").unwrap();
    for option in ["--resume", "--restart"] {
        let told = refused(2, &simulate("1000000", "run.h5", &[option]));
        assert!(told.contains("is in the way of the checkpoint"), "{told}");
    }
    fs::write(&checkpoint, &kept).unwrap();
    answer(at, &simulate("30", "run.h5", &["--restart"]));
    assert_eq!(names(at), ["liquid.h5", "run.h5"]);
}

/// The liquid's own sources are no files: here one of them is.
#[test]
fn other_input_is_another_run() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let network = rheobase_net::Network {
        populations: ["input", "exc"]
            .map(|name| rheobase_net::Population {
                name: name.to_owned(),
                size: 3,
                model: match name {
                    "input" => rheobase_net::Model::SpikeSource(rheobase_net::SpikeSource::External),
                    _ => rheobase_net::Model::Lif(rheobase_net::LifPopulation::default()),
                },
                positions: None,
            })
            .to_vec(),
        ..rheobase_net::Network::default()
    };
    rheobase_net::file::write_network(&at.join("liquid.h5"), &network).unwrap();
    let spikes = |name: &str, t: f64| {
        let train = rheobase_net::SpikeTrain::from_sorted(3, vec![1.0, t], vec![0, 2]).unwrap();
        rheobase_net::file::write_spikes(&at.join(name), &train).unwrap();
    };
    spikes("one.h5", 2.0);
    spikes("other.h5", 3.0);
    let run = |input: &'static str, more: &[&'static str]| {
        let run = ["simulate", "liquid.h5", "--duration", "1e7", "--scheduler", "grid", "-o", "run.h5"];
        [&run[..], &["--checkpoint-every", "100", "--spikes", input], more].concat()
    };
    stopped(at, &run("input=one.h5", &[]), "-TERM");
    let told = error(at, 2, &run("input=other.h5", &["--resume"]));
    assert!(told.contains("inputs.input is"), "{told}");
}

#[test]
fn a_full_disk_ends_the_run_and_keeps_its_checkpoint() {
    let folder = with_liquid("lsm-delta");
    let at = folder.path();
    let args = simulate("20000", "run.h5", &["--scheduler", "grid", "--checkpoint-every", "100"]);
    // A limit of the size of files refuses writes as a full disk does: 1 MB here, in blocks of 512 bytes.
    let output = Command::new("sh")
        .current_dir(at)
        .args(["-c", "trap '' XFSZ; ulimit -f 2000; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_rheobase")])
        .args(&args)
        .output()
        .unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("is kept") && told.contains("--resume") && told.contains("cannot"), "{told}");
    let resumed = answer(at, &[&args[..], &["--resume"]].concat());
    assert_eq!(resumed, answer(at, &simulate("20000", "whole.h5", &["--scheduler", "grid"])));
    assert!(fs::read(at.join("run.h5")).unwrap() == fs::read(at.join("whole.h5")).unwrap());
    assert_eq!(names(at), ["liquid.h5", "run.h5", "whole.h5"]);
}

#[test]
fn a_removed_folder_ends_the_run_and_keeps_its_checkpoint() {
    let folder = with_liquid("lsm-delta");
    let at = folder.path();
    let args = simulate("1e7", "run.h5", &["--scheduler", "grid", "--checkpoint-every", "50"]);
    let mut child = start(at, &args);
    wait_for_checkpoint(at, &mut child, 0.0);
    fs::rename(at.join("run.h5.part"), at.join("elsewhere")).unwrap();
    let output = child.wait_with_output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("run.h5.part") && told.contains("its checkpoint of"), "{told}");
    let told = error(at, 2, &[&args[..], &["--resume"]].concat());
    assert!(told.contains("put it back"), "{told}");
    // Back in its place, the run goes on.
    fs::rename(at.join("elsewhere"), at.join("run.h5.part")).unwrap();
    let t = json(at, &["inspect", "run.h5.checkpoint"])["t_done_ms"].as_f64().unwrap();
    let mut child = start(at, &[&args[..], &["--resume"]].concat());
    wait_for_checkpoint(at, &mut child, t);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Killed at moments that nobody chose, and taken up again, until enough kills are done; every run that
/// comes to its end is the one that nobody killed. `RHEOBASE_KILLS` says how many kills; 5 if it is not set.
#[test]
fn a_run_that_is_killed_goes_on_wherever_it_was() {
    const DURATION: &str = "5000";
    let n_kills: u32 = std::env::var("RHEOBASE_KILLS").map_or(5, |n| n.parse().unwrap());
    let folder = with_liquid("lsm-exp");
    let at = folder.path();
    let (mut kills, mut resumed, mut ended) = (0, 0, 0);
    for scheduler in ["grid", "event"].into_iter().cycle() {
        let options = ["--scheduler", scheduler, "--checkpoint-every", "20"];
        let before = Instant::now();
        let whole = answer(at, &simulate(DURATION, "whole.h5", &options));
        // So that a run meets some kills, and comes forward in spite of them.
        let longest = before.elapsed() / 2;
        while !at.join("run.h5").exists() {
            let is_kept = at.join("run.h5.checkpoint").exists();
            resumed += u32::from(is_kept);
            let how = if is_kept { &["--resume"][..] } else { &[] };
            let threads = ["--threads", ["1", "2", "3"][kills as usize % 3]];
            let mut child = start(at, &simulate(DURATION, "run.h5", &[&options[..], &threads, how].concat()));
            let end = Instant::now() + longest.mul_f64(fraction(kills));
            while Instant::now() < end && child.try_wait().unwrap().is_none() {
                std::thread::yield_now();
            }
            if kills < n_kills && child.try_wait().unwrap().is_none() {
                child.kill().unwrap();
                kills += 1;
            }
            let output = child.wait_with_output().unwrap();
            let was_killed = output.status.code().is_none();
            assert!(was_killed || output.status.success(), "{kills}: {}", text(&output.stderr));
            if !was_killed {
                assert_eq!(text(&output.stdout), whole, "{scheduler}, after {kills} kills");
            }
        }
        ended += 1;
        let is_same = fs::read(at.join("run.h5")).unwrap() == fs::read(at.join("whole.h5")).unwrap();
        assert!(is_same, "{scheduler}, after {kills} kills");
        // A kill between the end of the recording and that of its checkpoint leaves the latter.
        answer(at, &simulate("10", "run.h5", &["--restart"]));
        assert_eq!(names(at), ["liquid.h5", "run.h5", "whole.h5"]);
        fs::remove_file(at.join("run.h5")).unwrap();
        if kills >= n_kills {
            break;
        }
    }
    println!("{kills} kills, {resumed} times resumed, {ended} runs ended");
    assert!(resumed > 0 && ended > 0);
}

/// A number from 0 to 1 that looks like chance: multiples of the golden ratio.
fn fraction(n: u32) -> f64 {
    (f64::from(n + 1) * 0.618_033_988_749_895).fract()
}
