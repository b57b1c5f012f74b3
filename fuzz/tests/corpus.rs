//! Every file of every corpus goes through its target, on any Rust.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rheobase_fuzz::TARGETS;

#[test]
fn every_target_survives_its_corpus() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, target) in TARGETS {
        let files = fs::read_dir(corpora.join(name)).unwrap_or_else(|error| panic!("corpus/{name}: {error}"));
        let mut n = 0;
        for file in files {
            let path = file.unwrap().path();
            let start = Instant::now();
            target(&fs::read(&path).unwrap());
            assert!(
                start.elapsed() < Duration::from_secs(5),
                "{} took {:?}",
                path.display(),
                start.elapsed()
            );
            n += 1;
        }
        assert!(n > 0, "corpus/{name} is empty");
    }
}

#[test]
fn every_corpus_has_a_target_and_the_corpora_are_small() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut bytes = 0;
    for folder in fs::read_dir(corpora).unwrap() {
        let folder = folder.unwrap();
        let name = folder.file_name().into_string().unwrap();
        assert!(TARGETS.iter().any(|(target, _)| *target == name), "there is no target for corpus/{name}");
        bytes += fs::read_dir(folder.path())
            .unwrap()
            .map(|file| file.unwrap().metadata().unwrap().len())
            .sum::<u64>();
    }
    assert!(bytes < 1 << 20, "the corpora have {bytes} bytes: keep them below 1 MiB");
}
