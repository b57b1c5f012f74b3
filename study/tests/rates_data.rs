//! The tasks of the papers against NumPy: `rates_data.py` prints the expected numbers.
//!
//! The data are not part of the repository: where they are missing, the tests say so. XOR is made from seeds.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::PathBuf;

use rheobase_ltc::train::{Sequences, Targets};
use rheobase_study::rates::data::{Data, HalfCheetah, Occupancy, Ozone, Traffic, Walker2d, Xor};

/// Name, part, [samples, steps, inputs], sums of inputs, elapsed times and targets.
type Expected = (&'static str, &'static str, [usize; 3], [f64; 3]);

#[rustfmt::skip]
const EXPECTED: [Expected; 15] = [
    ("occupancy", "train", [7315, 16, 5], [-3055.539903715341, 117040.0, 24500.0]),
    ("occupancy", "valid", [812, 16, 5], [1501.1757478338734, 12992.0, 2908.0]),
    ("occupancy", "test", [1549, 16, 5], [56610.68822574788, 24784.0, 5999.0]),
    ("ozone", "train", [471, 32, 72], [155.44646365019895, 15072.0, 955.0]),
    ("ozone", "valid", [62, 32, 72], [70.61948971303478, 1984.0, 95.0]),
    ("ozone", "test", [93, 32, 72], [-228.90898714695734, 2976.0, 230.0]),
    ("traffic", "train", [9033, 32, 7], [15459933.415449455, 289056.0, 594.5941531021155]),
    ("traffic", "valid", [1204, 32, 7], [2047159.7038791652, 38528.0, 22.04878337068689]),
    ("traffic", "test", [1806, 32, 7], [3035522.217914773, 57792.0, -632.1431781050437]),
    ("half-cheetah", "train", [970, 32, 17], [410.339468281653, 31040.0, -15.8065854616857]),
    ("half-cheetah", "valid", [485, 32, 17], [2192.468830039452, 15520.0, 2391.8016938282562]),
    ("half-cheetah", "test", [970, 32, 17], [327.1869439041393, 31040.0, 97.42903810989719]),
    ("walker2d", "train", [9684, 64, 17], [1520128.524496567, 689148.0, 1521422.5623976921]),
    ("walker2d", "valid", [1272, 64, 17], [193639.38187467915, 90842.0, 193769.45977290475]),
    ("walker2d", "test", [1937, 64, 17], [317805.6338384162, 137806.0, 314148.68460457795]),
];

fn shared(name: &str) -> Option<PathBuf> {
    let root = std::env::var_os("RHEOBASE_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let place = root.join("data/ltc").join(name);
    if !place.exists() {
        println!("not tested: {} is missing; set RHEOBASE_SHARED", place.display());
        return None;
    }
    Some(place)
}

/// The sum of numbers, which must be near what is expected: single precision rounds each to 6e-8.
fn near(what: &str, values: &[f64], expected: f64) {
    let sum: f64 = values.iter().sum();
    let size: f64 = values.iter().map(|value| value.abs()).sum();
    assert!((sum - expected).abs() <= 1e-7 * size, "{what}: {sum} and {expected}");
}

fn compare(data: &Data, place: &str) {
    let Some(place) = shared(place) else { return };
    let task = data.task(&place, 1.0).unwrap();
    let valid = task.valid.as_ref().unwrap();
    for (part, sequences) in [("train", &task.train), ("valid", valid), ("test", &task.test)] {
        let is_this = |row: &&Expected| row.0 == task.name && row.1 == part;
        let (name, _, shape, [inputs, elapsed, targets]) = EXPECTED.iter().find(is_this).unwrap();
        let Sequences { n_samples, n_steps, n_inputs, .. } = *sequences;
        assert_eq!([n_samples, n_steps, n_inputs], *shape, "{name} {part}");
        let double = |values: &[f32]| values.iter().copied().map(f64::from).collect::<Vec<f64>>();
        near(&format!("{name} {part} inputs"), &double(&sequences.inputs), *inputs);
        near(&format!("{name} {part} elapsed"), &double(&sequences.elapsed), *elapsed);
        let found = match &sequences.targets {
            Targets::Values { values, .. } => double(values),
            Targets::Classes { labels, .. } => labels.iter().copied().map(f64::from).collect(),
        };
        near(&format!("{name} {part} targets"), &found, *targets);
    }
}

#[test]
fn occupancy() {
    compare(&Data::Occupancy(Occupancy::default()), "occupancy");
}

#[test]
fn ozone() {
    compare(&Data::Ozone(Ozone::default()), "ozone");
}

#[test]
fn traffic() {
    compare(&Data::Traffic(Traffic::default()), "traffic");
}

#[test]
fn half_cheetah() {
    compare(&Data::HalfCheetah(HalfCheetah::default()), "cheetah.h5");
}

#[test]
fn walker2d() {
    compare(&Data::Walker2d(Walker2d::default()), "walker2d.h5");
}

/// Events, ones among them, their time in bits, and odd words; and the second word.
#[test]
fn xor() {
    let task = Data::Xor(Xor::default()).task("".as_ref(), 1.0).unwrap();
    let all = [
        (&task.train, [725_265, 363_035, 1_251_031, 50_087]),
        (&task.test, [71_905, 35_968, 123_877, 5_083]),
    ];
    for (sequences, expected) in all {
        let lengths = sequences.lengths.as_ref().unwrap();
        let Targets::Classes { labels, .. } = &sequences.targets else { panic!("parity is a class") };
        let ones: f64 = sequences.inputs.iter().copied().map(f64::from).sum();
        let time: f64 = sequences.elapsed.iter().map(|time| (f64::from(*time) * 24.0).round()).sum();
        let odd: u32 = labels.iter().sum();
        assert_eq!([lengths.iter().sum(), ones as usize, time as usize, odd as usize], expected);
    }
    let n = task.train.n_steps;
    assert_eq!(task.train.lengths.as_ref().unwrap()[..2], [10, 10]);
    assert_eq!(task.train.inputs[n..n + 10], [0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
    let times = [1.0, 3.0, 3.0, 2.0, 2.0, 2.0, 2.0, 2.0, 1.0, 5.0].map(|time: f32| time / 24.0);
    assert_eq!(task.train.elapsed[n..n + 10], times);
    let Targets::Classes { labels, .. } = &task.train.targets else { panic!("parity is a class") };
    assert_eq!(labels[..2], [0, 0]);
}
