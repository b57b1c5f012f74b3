//! Input that is careless or made by an enemy: refused at once, in few bytes, with nothing written.

use std::fs;
use std::path::Path;

use rheobase_net::file::{write_network, write_spikes};
use rheobase_net::{LifPopulation, Model, Network, Population, SpikeSource, SpikeTrain};

use super::{answer, error, json, with_run};

/// A network of two populations in a file of a few kilobytes.
fn network(at: &Path, name: &str, size: u32, rate_hz: f64) {
    let population = |name: &str, size, model| Population { name: name.into(), size, model, positions: None };
    let network = Network {
        populations: vec![
            population("noise", 2, Model::SpikeSource(SpikeSource::Poisson { rate_hz: rate_hz.into() })),
            population("liquid", size, Model::Lif(LifPopulation::default())),
        ],
        ..Network::default()
    };
    write_network(&at.join(name), &network).unwrap();
}

/// Four billion nodes take 128 GB or more as soon as a byte is kept for each.
#[test]
fn a_few_bytes_that_name_billions_of_nodes_take_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    network(at, "huge.h5", 4_000_000_000, 10.0);
    assert_eq!(json(at, &["inspect", "huge.h5"])["neurons"], 4_000_000_000_u32);
    let train = SpikeTrain::from_sorted(u32::MAX, vec![1.0, 2.0], vec![0, 7]).unwrap();
    write_spikes(&at.join("few.h5"), &train).unwrap();
    assert_eq!(json(at, &["inspect", "few.h5"])["nodes"]["silent_nodes"], u32::MAX - 2);
    answer(at, &["plot", "raster", "few.h5", "-o", "few.svg"]);
}

#[test]
fn runs_without_end_are_refused() {
    let folder = with_run();
    let at = folder.path();
    for scheduler in ["grid", "event"] {
        let told = |args: &[&str]| {
            let simulate = ["simulate", "liquid.h5", "-o", "out.h5", "--scheduler", scheduler];
            error(at, 2, &[&simulate, args].concat())
        };
        assert!(told(&["--duration", "1e300"]).contains("at most 1e12"));
        assert!(told(&["--duration", "NaN"]).contains("NaN"));
        assert!(told(&["--duration", "-1"]).contains("the duration is -1 ms"));
        let trace = ["--duration", "10", "--trace", "exc:0", "--interval", "1e-12"];
        assert!(told(&trace).contains("trace interval"));
    }
    network(at, "loud.h5", 3, 1e30);
    let told = error(at, 2, &["simulate", "loud.h5", "--duration", "10", "-o", "out.h5"]);
    assert!(told.contains("population \"noise\", node 0: rate_hz") && told.contains("0 and 1e9"), "{told}");
    assert!(!at.join("out.h5").exists());
}

#[test]
fn an_output_never_replaces_its_input() {
    let folder = with_run();
    let at = folder.path();
    let before = fs::read(at.join("liquid.h5")).unwrap();
    let told = error(at, 2, &["simulate", "liquid.h5", "--duration", "5", "-o", "./liquid.h5"]);
    assert!(told.contains("is the input"), "{told}");
    assert!(fs::read(at.join("liquid.h5")).unwrap() == before);
    let told = error(at, 2, &["plot", "liquid", "run.h5", "-o", "run.h5"]);
    assert!(told.contains(".png or .svg"), "{told}");
}

#[test]
#[cfg(unix)]
fn devices_are_neither_read_to_their_end_nor_replaced() {
    let folder = with_run();
    let at = folder.path();
    let told = error(at, 2, &["simulate", "liquid.h5", "--duration", "1e9", "-o", "/dev/null"]);
    assert!(told.contains("it is a device"), "{told}");
    for args in [
        &["generate", "/dev/zero", "-o", "out.h5"][..],
        &["simulate", "liquid.h5", "--duration", "5", "--config", "/dev/zero", "-o", "out.h5"],
        &["plot", "confusion", "/dev/zero", "-o", "out.png"],
    ] {
        assert!(error(at, 2, args).contains("/dev/zero has more than 67108864 bytes"), "{args:?}");
    }
    assert!(!at.join("out.h5").exists());
}

#[test]
fn a_liquid_without_places_is_bad_input() {
    let folder = tempfile::tempdir().unwrap();
    network(folder.path(), "flat.h5", 3, 10.0);
    let told = error(folder.path(), 2, &["plot", "liquid", "flat.h5", "-o", "flat.png"]);
    assert!(told.contains("no node has a position"), "{told}");
}
