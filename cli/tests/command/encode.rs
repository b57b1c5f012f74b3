//! `rheobase encode`, from data to spikes that a run takes.

use std::fs;
use std::path::Path;

use rheobase_net::file::read_spikes;

use super::{answer, error, json};

/// A WAV file of 16-bit mono PCM, laid out by hand after the RIFF specification.
pub fn wav(samples: &[i16], rate: u32, data_len: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(b"RIFF");
    bytes.extend((36 + data_len).to_le_bytes());
    bytes.extend(b"WAVEfmt ");
    bytes.extend(16_u32.to_le_bytes());
    bytes.extend([1, 0, 1, 0]);
    bytes.extend(rate.to_le_bytes());
    bytes.extend((rate * 2).to_le_bytes());
    bytes.extend([2, 0, 16, 0]);
    bytes.extend(b"data");
    bytes.extend(data_len.to_le_bytes());
    samples.iter().for_each(|sample| bytes.extend(sample.to_le_bytes()));
    bytes
}

/// The first utterance of the vowels has 20 frames and is of speaker 1, as UCI's file `ae.train` has it;
/// a frame lasts 10 ms.
#[test]
fn a_vowel_becomes_the_input_of_a_liquid() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let encoded = json(at, &["encode", "vowels", "-o", "vowel.h5"]);
    assert_eq!((&encoded["label"], &encoded["duration_ms"]), (&"1".into(), &200.0.into()));
    assert_eq!(encoded["channels"], 12);
    let spikes = read_spikes(&at.join("vowel.h5")).unwrap();
    assert_eq!(encoded["spikes"], spikes.len());
    let liquid = "
        [[populations]]
        name = \"input\"
        size = 12
        model = \"external_spikes\"
        [[populations]]
        name = \"exc\"
        size = 20
        model.lif = {}
        [[projections]]
        source = \"input\"
        target = \"exc\"
        rule.fixed_in_degree.k = 4
        weight = 30.0
        delay = 1.5";
    fs::write(at.join("liquid.toml"), liquid).unwrap();
    answer(at, &["generate", "liquid.toml", "-o", "liquid.h5"]);
    let simulate = ["simulate", "liquid.h5", "--spikes", "input=vowel.h5", "--duration", "201"];
    let run = json(at, &[&simulate[..], &["-o", "run.h5"]].concat());
    assert_eq!(run["counters"]["input_spikes"], encoded["spikes"]);
}

/// Silence is as loud as its own peak everywhere, so every channel has the value 1: for half a second at
/// 100 Hz, 50 spikes in each of 40 channels.
#[test]
fn a_recording_alone_is_encoded_by_its_own_peak() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("silence.WAV"), wav(&[0; 4000], 8000, 8000)).unwrap();
    let encoded = json(at, &["encode", "silence.WAV", "-o", "silence.h5"]);
    assert_eq!((&encoded["duration_ms"], &encoded["label"]), (&500.0.into(), &serde_json::Value::Null));
    assert_eq!((&encoded["channels"], &encoded["spikes"]), (&40.into(), &2000.into()));
    fs::write(at.join("encode.toml"), "front_end.normalize.kind = \"range\"").unwrap();
    let told = error(at, 2, &["encode", "silence.WAV", "--config", "encode.toml", "-o", "no.h5"]);
    assert!(told.contains("silence.WAV") && told.contains("\"peak\" or \"none\""), "{told}");
}

#[test]
fn the_seed_decides_what_is_random() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let spikes = |seed: &str, threads: &str| {
        let args = ["encode", "vowels", "--sample", "300", "--encoder", "poisson", "-o", "vowel.h5"];
        answer(at, &[&args[..], &["--seed", seed, "--threads", threads]].concat());
        fs::read(at.join("vowel.h5")).unwrap()
    };
    let first = spikes("1", "1");
    assert!(first == spikes("1", "8"));
    assert!(first != spikes("2", "1"));
}

#[test]
fn wrong_data_and_wishes_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let told = |args: &[&str]| error(at, 2, &[&["encode"][..], args, &["-o", "no.h5"]].concat());
    assert!(told(&["vowls"]).contains("there are no data vowls: give \"vowels\""));
    assert!(told(&["vowels", "--sample", "640"]).contains("samples 0 to 639"));
    assert!(told(&["vowels", "--rate", "-3"]).contains("rate_hz is -3, and must be positive"));
    assert!(told(&["vowels", "--rate", "nan"]).contains("rate_hz is NaN"));
    assert!(told(&["vowels", "--rate", "5000"]).contains("lower the rate or dt"));
    assert!(told(&["vowels", "--encoder", "hair-cell", "--rate", "3"]).contains("encoder.threshold"));
    let config = |text: &str| {
        fs::write(at.join("encode.toml"), text).unwrap();
        told(&["vowels", "--config", "encode.toml"])
    };
    assert!(config("[frontend]\n").contains("encode.toml:1:2: unknown field `frontend`"));
    assert!(config("[front_end]\nframe = 3.0").contains("did you mean `frame_ms`?"));
    assert!(config("encoder = { kind = \"poison\" }").contains("did you mean `poisson`?"));
    assert!(config("encoder = { kind = \"poisson\", rate = 3 }").contains("did you mean `rate_hz`?"));
    // A line of configuration must not take gigabytes: 20 frames of 10⁹ ms would be 240 billion values.
    assert!(config("front_end.frame_ms = 1e9").contains("the limit is 67108864"));
    // Two billion samples in a header, one in the file.
    fs::write(at.join("liar.wav"), wav(&[1], 8000, u32::MAX - 63)).unwrap();
    assert!(told(&["liar.wav"]).contains("liar.wav: it is cut short"));
    fs::write(at.join("notes.wav"), "not a recording").unwrap();
    assert!(told(&["notes.wav"]).contains("not a WAV file"));
    assert!(told(&["."]).contains("index.csv"));
    assert!(!Path::new(&at.join("no.h5")).exists());
}
