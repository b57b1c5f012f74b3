//! Checkpoint files: what is written is read, and every other file is refused for its own reason.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use rheobase_net::{Fingerprint, LifPopulation, Model, Network, Population, validate};
use rheobase_sim::checkpoint::{self, CheckpointError, Expected, Header};
use serde::{Deserialize, Serialize};

/// A state with everything that states are made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct State {
    v: Vec<f64>,
    queues: Vec<Vec<(u64, u32, f32)>>,
    counters: (u64, i64),
    last: Option<Box<State>>,
    scheduler: Scheduler,
    remark: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Scheduler {
    Grid { step: u32 },
    Event(f64),
}

fn state() -> State {
    let inner = State {
        v: vec![],
        queues: vec![],
        counters: (0, -1),
        last: None,
        scheduler: Scheduler::Event(0.1),
        remark: "µ".to_owned(),
    };
    State {
        v: vec![-70.0, -0.0, f64::MIN_POSITIVE, f64::INFINITY],
        queues: vec![vec![(u64::MAX, 7, 0.1)], vec![]],
        counters: (1 << 60, i64::MIN),
        last: Some(Box::new(inner)),
        scheduler: Scheduler::Grid { step: 3 },
        remark: String::new(),
    }
}

fn network(size: u32) -> Fingerprint {
    let model = Model::Lif(LifPopulation::default());
    let population = Population { name: "liquid".to_owned(), size, model, positions: None };
    let network = Network { populations: vec![population], ..Network::default() };
    Fingerprint::of(&validate(network).unwrap())
}

const CONFIGURATION: &str = r#"{"dt":0.1,"scheduler":"grid"}"#;

fn header() -> Header {
    Header {
        program: "0.1.0".to_owned(),
        network: network(3),
        seed: 42,
        t_done: 1.0 / 3.0,
        configuration: CONFIGURATION.to_owned(),
    }
}

fn expected() -> Expected<'static> {
    Expected { network: network(3), seed: 42, configuration: CONFIGURATION }
}

fn written() -> Vec<u8> {
    static BYTES: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.ckpt");
        checkpoint::write(&path, &header(), &state()).unwrap();
        fs::read(&path).unwrap()
    });
    BYTES.clone()
}

fn refused(bytes: &[u8]) -> CheckpointError {
    checkpoint::read_bytes::<State>(bytes, &expected()).unwrap_err()
}

/// Makes the checksum right again, as someone would who means harm: the format is public.
fn seal(bytes: &mut [u8]) {
    let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
    let (head, end) = (28 + number(12), bytes.len() - 32);
    let state = blake3::hash(&bytes[head..end]);
    let checksum = blake3::Hasher::new().update(&bytes[..head]).update(state.as_bytes()).finalize();
    bytes[end..].copy_from_slice(checksum.as_bytes());
}

/// A checkpoint with these bytes as its state.
fn with_state(state: &[u8]) -> Vec<u8> {
    let mut bytes = written();
    let head = 28 + u64::from_le_bytes(bytes[12..20].try_into().unwrap()) as usize;
    bytes.truncate(head);
    bytes[20..28].copy_from_slice(&(state.len() as u64).to_le_bytes());
    bytes.extend(state);
    bytes.extend([0; 32]);
    seal(&mut bytes);
    bytes
}

fn names(folder: &Path) -> Vec<String> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ckpt");
    fs::write(folder.path().join("run.ckpt.part"), "of a run that was killed").unwrap();
    for t_done in [1.0, 2.0] {
        let header = Header { t_done, ..header() };
        checkpoint::write(&path, &header, &state()).unwrap();
        assert_eq!(checkpoint::read_header(&path).unwrap(), header);
        assert_eq!(checkpoint::read::<State>(&path, &expected()).unwrap(), (header, state()));
        assert_eq!(names(folder.path()), ["run.ckpt"]);
    }
}

/// The layout of the module's page, put together by hand.
#[test]
fn the_bytes_are_those_of_the_description() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ckpt");
    let header = Header { program: "0.1".to_owned(), configuration: String::new(), ..header() };
    checkpoint::write(&path, &header, &(7_u16, vec![1.5_f64], Some(true))).unwrap();
    let mut head = Vec::new();
    head.extend([3, 0, 0, 0, 0, 0, 0, 0, b'0', b'.', b'1']);
    // The fingerprint is tested on its own; here it is only 32 bytes.
    let bytes = fs::read(&path).unwrap();
    head.extend(&bytes[39..71]);
    head.extend(42_u64.to_le_bytes());
    head.extend((1.0_f64 / 3.0).to_le_bytes());
    head.extend(0_u64.to_le_bytes());
    let mut state = vec![7, 0, 1, 0, 0, 0, 0, 0, 0, 0];
    state.extend(1.5_f64.to_le_bytes());
    state.extend([1, 1]);
    let mut expected = b"RHEOCKPT\x02\0\0\0".to_vec();
    expected.extend((head.len() as u64).to_le_bytes());
    expected.extend((state.len() as u64).to_le_bytes());
    expected.extend(head);
    expected.extend(state);
    expected.extend([0; 32]);
    seal(&mut expected);
    assert_eq!(bytes, expected);
}

#[test]
fn a_file_of_another_kind_or_version_is_told() {
    for bytes in [&b""[..], b"RHEO", b"\x89HDF\r\n\x1a\n and more", &[0; 100]] {
        assert!(matches!(refused(bytes), CheckpointError::NotACheckpoint { .. }), "{bytes:?}");
    }
    let mut newer = written();
    newer[8] = 3;
    assert!(matches!(refused(&newer), CheckpointError::Version { found: 3, known: 2, .. }));
    assert!(matches!(refused(&newer[..12]), CheckpointError::Version { found: 3, .. }));
}

#[test]
fn a_file_of_another_length_is_told() {
    let bytes = written();
    let n = bytes.len() as u64;
    for len in 8..bytes.len() {
        let CheckpointError::Length { has, needs, .. } = refused(&bytes[..len]) else { panic!("{len}") };
        assert!(has == len as u64 && (needs == n || len < 28), "{has} {needs}");
    }
    let longer = [&bytes[..], b"x"].concat();
    assert!(
        matches!(refused(&longer), CheckpointError::Length { has, needs, .. } if (has, needs) == (n + 1, n))
    );
    for at in [12, 20] {
        let mut huge = bytes.clone();
        huge[at..at + 8].fill(0xff);
        assert!(matches!(refused(&huge), CheckpointError::Length { needs: u64::MAX, .. }));
    }
}

#[test]
fn a_checkpoint_of_another_run_is_told_with_what_differs() {
    let bytes = written();
    let read =
        |expected: Expected<'_>| checkpoint::read_bytes::<State>(&bytes, &expected).unwrap_err().to_string();
    let text = read(Expected { network: network(4), ..expected() });
    assert!(text.contains(&network(3).to_string()) && text.contains(&network(4).to_string()), "{text}");
    let text = read(Expected { seed: 43, ..expected() });
    assert!(text.contains("seed 42") && text.contains("seed 43"), "{text}");
    let text = read(Expected { configuration: r#"{"dt":0.2,"scheduler":"grid"}"#, ..expected() });
    assert!(text.contains("dt is 0.1 in the checkpoint and 0.2 here)"), "{text}");
}

#[test]
fn a_state_of_another_type_is_told() {
    let bytes = written();
    let wrong = checkpoint::read_bytes::<Vec<String>>(&bytes, &expected()).unwrap_err();
    assert!(matches!(wrong, CheckpointError::Malformed { what: "state", .. }), "{wrong}");
    let short = checkpoint::read_bytes::<u8>(&bytes, &expected()).unwrap_err().to_string();
    assert!(short.contains("bytes are left over"), "{short}");
}

/// Lengths that lie, under a checksum that is right.
#[test]
fn a_length_inside_the_state_that_lies_takes_no_memory() {
    let length = |n: u64| with_state(&n.to_le_bytes());
    for n in [1, 1000, 1 << 20, 1 << 40, u64::MAX / 8, u64::MAX] {
        let bytes = length(n);
        let text = checkpoint::read_bytes::<String>(&bytes, &expected()).unwrap_err().to_string();
        assert!(text.contains("too early") || text.contains("longer than the file"), "{n}: {text}");
        for error in [
            checkpoint::read_bytes::<Vec<f64>>(&bytes, &expected()).unwrap_err(),
            checkpoint::read_bytes::<Vec<Vec<String>>>(&bytes, &expected()).unwrap_err(),
            checkpoint::read_bytes::<std::collections::BTreeMap<u32, String>>(&bytes, &expected())
                .unwrap_err(),
        ] {
            assert!(matches!(error, CheckpointError::Malformed { what: "state", .. }), "{n}: {error}");
        }
    }
    let mut header = written();
    header[28..36].fill(0xff);
    seal(&mut header);
    assert!(matches!(refused(&header), CheckpointError::Malformed { what: "header", .. }));
}

#[test]
fn what_stops_the_writing_leaves_the_checkpoint_before() {
    /// A state that gives up half way.
    struct Stubborn;
    impl Serialize for Stubborn {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("not today"))
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.ckpt");
    checkpoint::write(&path, &header(), &state()).unwrap();
    let error = checkpoint::write(&path, &header(), &Stubborn).unwrap_err();
    assert!(matches!(&error, CheckpointError::Encode { what: "state", .. }), "{error:?}");
    assert!(checkpoint::read::<State>(&path, &expected()).is_ok());
    assert_eq!(names(folder.path()), ["run.ckpt"]);
    let missing = folder.path().join("missing/run.ckpt");
    let error = checkpoint::write(&missing, &header(), &state()).unwrap_err();
    assert!(matches!(&error, CheckpointError::Write { file, .. } if *file == missing), "{error:?}");
    let error = checkpoint::read_header(&missing).unwrap_err();
    assert!(matches!(&error, CheckpointError::Read { .. }), "{error:?}");
}

/// The part of the test below that runs in a process whose files may have 80 KiB.
#[test]
fn in_a_process_with_a_limit() {
    let Some(folder) = std::env::var_os("RHEOBASE_LIMITED") else { return };
    let path = Path::new(&folder).join("run.ckpt");
    checkpoint::write(&path, &header(), &vec![0.1; 1000]).unwrap();
    // In the buffer's last piece, and in the middle.
    for n in [20_000, 1_000_000] {
        let error = checkpoint::write(&path, &header(), &vec![0.2; n]).unwrap_err();
        let CheckpointError::Write { source, .. } = &error else { panic!("{error:?}") };
        assert_eq!(source.kind(), std::io::ErrorKind::FileTooLarge);
    }
    assert_eq!(names(Path::new(&folder)), ["run.ckpt"]);
}

/// A limit of the size of files refuses writes as a full disk does.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_checkpoint_before() {
    let folder = tempfile::tempdir().unwrap();
    let child = std::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 160; exec \"$0\" --exact in_a_process_with_a_limit"])
        .arg(std::env::current_exe().unwrap())
        .env("RHEOBASE_LIMITED", folder.path())
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    let state = checkpoint::read::<Vec<f64>>(&folder.path().join("run.ckpt"), &expected()).unwrap().1;
    assert_eq!(state, vec![0.1; 1000]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// No damage goes through: flipped bits, in one place or many.
    #[test]
    fn damage_is_seen(flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..6)) {
        let mut bytes = written();
        let valid = bytes.clone();
        let n = bytes.len();
        flips.iter().for_each(|(at, mask)| bytes[at.index(n)] ^= mask);
        prop_assume!(bytes != valid);
        prop_assert!(checkpoint::read_bytes::<State>(&bytes, &expected()).is_err());
    }

    /// Damage under a checksum that is right, as a wrong program or an enemy would make it: an answer.
    #[test]
    fn damage_under_a_right_checksum_does_no_harm(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
        cuts in any::<bool>(),
    ) {
        let bytes = written();
        let head = 28 + u64::from_le_bytes(bytes[12..20].try_into().unwrap()) as usize;
        let mut state = bytes[head..bytes.len() - 32].to_vec();
        let n = state.len();
        flips.iter().for_each(|(at, value)| state[at.index(n)] = *value);
        state.truncate(if cuts { cut.index(n) } else { n });
        let _ = checkpoint::read_bytes::<State>(&with_state(&state), &expected());

        let mut bytes = bytes;
        flips.iter().for_each(|(at, value)| bytes[28 + at.index(head - 28)] = *value);
        seal(&mut bytes);
        let _ = checkpoint::read_bytes::<State>(&bytes, &expected());
    }

    /// Any bytes, and any bytes behind the magic.
    #[test]
    fn any_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(checkpoint::read_bytes::<State>(&bytes, &expected()).is_err());
        let bytes = [&b"RHEOCKPT\x02\0\0\0"[..], &bytes].concat();
        prop_assert!(checkpoint::read_bytes::<State>(&bytes, &expected()).is_err());
    }
}
