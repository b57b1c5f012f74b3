//! Chip and mapping files, damaged over and over: none makes its reader panic, hang or take memory without limit.
//!
//! This is what a fuzzer does, without one: files of the corpus with a few mutations, which know what numbers, names
//! and brackets look like. `RHEOBASE_MUTATIONS` says how many files of each kind; 2,000 if it is not set. The same
//! seed means the same files, and a file that is found goes into the corpus.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;
use std::time::{Duration, Instant};

use rheobase_fuzz::TARGETS;
use rheobase_net::random::split_mix;

/// What numbers, names and brackets are replaced by.
const WORDS: [&str; 40] = [
    "0",
    "1",
    "-1",
    "2",
    "63",
    "64",
    "65",
    "255",
    "256",
    "65535",
    "65536",
    "16777217",
    "2147483648",
    "4294967294",
    "4294967295",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "1e18",
    "1e308",
    "1e999",
    "-0.0",
    "0.1",
    "1e-320",
    "nan",
    "inf",
    "null",
    "true",
    "\"\"",
    "\"unicast\"",
    "\"multicast\"",
    "[]",
    "{}",
    "[[]]",
    "[0, 0]",
    "[1, 4294967295]",
    "[4294967295, 1]",
    "\u{1d11e}",
];

/// The longest file that mutations may grow to.
const LONGEST: usize = 100_000;

/// How long a file may take.
const LONGEST_TIME: Duration = Duration::from_secs(5);

#[test]
fn damaged_chips_survive() {
    survive("chip_file");
}

#[test]
fn damaged_mappings_survive() {
    survive("mapping_file");
}

fn survive(name: &str) {
    let (_, target) = TARGETS.into_iter().find(|(known, _)| *known == name).expect("the target is there");
    let n = std::env::var("RHEOBASE_MUTATIONS").map_or(2000, |n| n.parse().expect("a number of files"));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    paths.sort();
    let corpus: Vec<Vec<u8>> = paths.iter().map(|path| fs::read(path).unwrap()).collect();
    for i in 0..n {
        let mut draws = Draws { seed: split_mix(1, i), n: 0 };
        let mut data = pick(&corpus, &mut draws).clone();
        for _ in 0..=below(4, &mut draws) {
            mutate(&mut data, &corpus, &mut draws);
        }
        data.truncate(LONGEST);
        // A machine with other work may stop a program for seconds, but not at the same file again and again.
        let mut times = (0..3).map(|_| {
            let start = Instant::now();
            catch_unwind(|| target(&data)).map(|()| start.elapsed())
        });
        let found = match times.find(|time| !matches!(time, Ok(took) if *took > LONGEST_TIME)) {
            Some(Ok(_)) => continue,
            Some(Err(_)) => "panics",
            None => "takes too long",
        };
        let kept = std::env::temp_dir().join(format!("{name}-{i}"));
        fs::write(&kept, &data).unwrap();
        panic!("file {i} {found}, see {}", kept.display());
    }
}

/// Random words.
struct Draws {
    seed: u64,
    n: u64,
}

/// A number below `n`; 0 if there is none.
fn below(n: usize, draws: &mut Draws) -> usize {
    draws.n += 1;
    (split_mix(draws.seed, draws.n) % n.max(1) as u64) as usize
}

fn pick<'a, T>(all: &'a [T], draws: &mut Draws) -> &'a T {
    &all[below(all.len(), draws)]
}

/// One mutation.
fn mutate(data: &mut Vec<u8>, corpus: &[Vec<u8>], draws: &mut Draws) {
    let at = below(data.len(), draws);
    let to = (at + 1 + below(40, draws)).min(data.len());
    match below(10, draws) {
        0 if !data.is_empty() => data[at] ^= 1 << below(8, draws),
        1 if !data.is_empty() => _ = data.remove(at),
        2 => drop(data.drain(at..to)),
        // Lines: one goes, one stands twice, or one of another file comes in.
        3 => {
            let (from, to) = line(data, at);
            data.drain(from..to);
        }
        4 => {
            let (from, to) = line(data, at);
            let twice = data[from..to].to_vec();
            data.splice(from..from, twice);
        }
        5 => {
            let other = pick(corpus, draws);
            let (from, to) = line(other, below(other.len(), draws));
            let here = line(data, at).0;
            data.splice(here..here, other[from..to].iter().copied());
        }
        // What stands between two marks becomes a word of the list.
        6..=8 => {
            let (from, to) = token(data, at);
            data.splice(from..to, pick(&WORDS, draws).bytes());
        }
        _ => {
            let word = pick(&WORDS, draws);
            data.splice(at..at, word.bytes());
        }
    }
}

/// The line around a place, with its end.
fn line(data: &[u8], at: usize) -> (usize, usize) {
    let from = data[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let to = data[at..].iter().position(|byte| *byte == b'\n').map_or(data.len(), |end| at + end + 1);
    (from, to)
}

/// The number, name or text around a place or behind it.
fn token(data: &[u8], at: usize) -> (usize, usize) {
    let is_mark = |byte: &u8| b" \n\t,:=[]{}".contains(byte);
    let from = data[at..].iter().position(|byte| !is_mark(byte)).map_or(data.len(), |n| at + n);
    let before = data[..from].iter().rposition(is_mark).map_or(0, |mark| mark + 1);
    let to = data[from..].iter().position(is_mark).map_or(data.len(), |n| from + n);
    (before, to)
}
