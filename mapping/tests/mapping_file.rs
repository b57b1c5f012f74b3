//! Files of mappings: what is written is read back, and whatever contradicts its chip or itself is refused with
//! all that is wrong; none makes the reader panic, hang or allocate.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod common;

use std::ops::ControlFlow;
use std::sync::LazyLock;

use common::{network, neurons, projection, sources};
use proptest::prelude::*;
use rheobase_mapping::check::{Mapping, check};
use rheobase_mapping::chip::{Budget, Chip};
use rheobase_mapping::file::{Made, MappingFile, MappingFileError};
use rheobase_mapping::{
    Activity, Graph, Layout, Objective, PartitionConfig, PlaceConfig, Traffic, partition, place, route,
};
use rheobase_net::ValidNetwork;
use serde_json::{Value, json};

/// A chip of cores with four compartments, so that a few neurons are on several.
fn chip_text() -> String {
    Chip::text("generic").unwrap().replace("compartments = 256 ", "compartments = 4 ")
}

/// Twelve neurons in two rings of six, and a source that reaches all.
fn two_rings() -> ValidNetwork {
    let ring: Vec<(u32, u32)> = (0..6).map(|i| (i, (i + 1) % 6)).collect();
    let all: Vec<(u32, u32)> = (0..6).map(|i| (0, i)).collect();
    network(
        vec![sources("input", 1), neurons("a", 6), neurons("b", 6)],
        vec![
            projection("a-a", [1, 1], 6, &ring, 1.0),
            projection("b-b", [2, 2], 6, &ring, 1.0),
            projection("input-a", [0, 1], 1, &all, 1.0),
        ],
    )
}

fn written(network: &ValidNetwork) -> MappingFile {
    let text = chip_text();
    let chip = Chip::from_toml(&text).unwrap();
    let layout = Layout::of(network, &chip, 8, 1.0).unwrap();
    let activity = Activity::uniform(network);
    let graph = Graph::new(network, &layout, &activity);
    let mut watch = |_| ControlFlow::Continue(());
    let parts = partition(&graph, &chip.limits(), &PartitionConfig::default(), &mut watch).unwrap();
    let mesh = chip.mesh(None, parts.n_parts).unwrap();
    let traffic = Traffic::new(&graph, &parts);
    let placement = place(&traffic, &mesh, &PlaceConfig::default(), &|_| ControlFlow::Continue(())).unwrap();
    let mapping = Mapping {
        network,
        layout: &layout,
        activity: &activity,
        dt: 1.0,
        mesh: &mesh,
        partition: &parts,
        placement: &placement,
    };
    let checked = check(mapping, &chip).unwrap();
    let made =
        Made { board: None, dt_ms: 1.0, weight_bits: 8, seed: 1, effort: 1.0, objective: Objective::Hops };
    MappingFile::of(&checked, &text, &traffic, &placement, made)
}

#[test]
fn what_is_written_is_read_back_and_knows_where_everything_is() {
    let network = two_rings();
    let file = written(&network);
    let read = MappingFile::from_json(&file.to_json()).unwrap();
    assert_eq!(read, file);
    assert!(read.fits(&network));
    let other = common::network(vec![neurons("a", 6)], vec![projection("p", [0, 0], 6, &[(0, 1)], 1.0)]);
    assert!(!read.fits(&other));
    // Twelve neurons, four a core.
    assert!(read.cores().len() >= 3);
    assert_eq!(read.cores().iter().map(|core| core.compartments).sum::<u64>(), 12);
    for population in read.populations() {
        for (neuron, core) in (0..).zip(&population.core) {
            let held = read.held(*core);
            let of = held.iter().find(|held| held.population == population.name).unwrap();
            assert_eq!(of.ranges.iter().filter(|range| range.contains(&neuron)).count(), 1);
        }
    }
    let (traffic, placement) = read.placed().unwrap();
    let routes = route(&traffic, &placement, &read.mesh());
    assert_eq!((routes.packets, routes.hops), (read.traffic().packets, read.traffic().hops));
    let out: u64 = read.cores().iter().map(|core| core.packets_out).sum();
    assert_eq!(out, routes.packets);
    let [mean, most] = read.share(&read.chip(), Budget::Compartments).unwrap();
    assert!(mean <= most && most <= 1.0);
}

static TEXT: LazyLock<String> = LazyLock::new(|| written(&two_rings()).to_json());

/// The file with one value changed, and what is said of it.
fn told(change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(&TEXT).unwrap();
    change(&mut value);
    MappingFile::from_json(&value.to_string()).expect_err("it is wrong").to_string()
}

#[test]
fn every_contradiction_is_named() {
    let has = |told: String, what: &str| assert!(told.contains(what), "no {what:?} in:\n{told}");
    has(told(|file| file["format"] = json!("rheobase-network")), "of the format \"rheobase-network\"");
    has(told(|file| file["version"] = json!(2)), "version 2, and this program reads version 1");
    has(told(|file| file["network"] = json!("abc")), "64 hexadecimal digits");
    has(told(|file| file["chip"] = json!("loihi1")), "\"loihi1\", and the file of the chip inside of it");
    has(told(|file| file["chip_file"] = json!("name = 1")), "the chip of the mapping");
    has(told(|file| file["made"]["dt_ms"] = json!(0.0)), "`made.dt_ms` is 0, and must be above 0");
    has(told(|file| file["chips"] = json!([0, 1])), "of a board of 1 to 2^24 cores");
    has(told(|file| file["chips"] = json!([4_294_967_295_u32, 4_294_967_295_u32])), "2^24 cores");
    has(told(|file| file["populations"][1]["name"] = json!("a")), "two populations are named \"a\"");
    has(
        told(|file| file["populations"][0]["core"][2] = json!(255)),
        "population \"a\", neuron 2: its core 255",
    );
    has(told(|file| file["cores"][0]["compartments"] = json!(3000)), "says that it holds 3000 neurons");
    has(
        told(|file| file["cores"][0]["compartments"] = json!(3000)),
        "uses 3000 compartments, and the limit is 4",
    );
    has(told(|file| file["cores"][1] = file["cores"][0].clone()), "listed once each, rising");
    has(
        told(|file| file["cores"][2]["core"] = json!(70_000)),
        "core 70000 is not on the board, which has 256",
    );
    has(told(|file| file["traffic"]["packets"] = json!(1_000_000)), "and `traffic` says 1000000");
    has(told(|file| file["traffic"]["packets"] = json!(u64::MAX)), "so few that their hops can be counted");
    has(told(|file| file["cores"][0]["packets_in"] = json!(u64::MAX)), "must be at most traffic.packets");
    has(told(|file| file["sent"] = json!([[0, 0, 5]])), "`sent[0]` is 0 to 0");
    has(told(|file| file["cores"] = json!("many")), "invalid type: string \"many\"");
    has(told(|file| *file = json!([])), "line 1, column");
    let all = told(|file| {
        file["network"] = json!("");
        file["chip"] = json!("x");
        file["cores"][0]["compartments"] = json!(0);
    });
    assert!(all.starts_with("the mapping has 3 faults:"), "{all}");
    // A list that is wrong everywhere is told in a few lines.
    let many = told(|file| file["sent"] = json!(vec![(9, 9, 1); 5000]));
    assert!(many.len() < 5000 && many.contains("more"), "{many}");
}

#[test]
fn what_is_no_mapping_is_refused() {
    let nested = format!("{{\"format\": {}", "[".repeat(100_000));
    for text in ["", "{", "null", "[1]", "{\"format\": 3}", "{\"format\": \"rheobase-mapping\"}", &nested] {
        let error = MappingFile::from_json(text).expect_err("no mapping");
        assert!(
            matches!(error, MappingFileError::Syntax { .. } | MappingFileError::Format { .. }),
            "{error}"
        );
    }
}

proptest! {
    /// A file of which bytes were lost, doubled or exchanged is read or refused; what is read can be used.
    #[test]
    fn damaged_files_are_read_or_refused(
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..3, "[0-9a-z\\[\\]{}:.,\"-]"), 1..6),
    ) {
        let mut text = TEXT.clone();
        for change in damage {
            prop_assume!(common::damage(&mut text, &change));
        }
        match MappingFile::from_json(&text) {
            Ok(file) => {
                let mesh = file.mesh();
                file.cores().iter().for_each(|core| { let _ = (mesh.tile(core.core), file.held(core.core)); });
                if let Some((traffic, placement)) = file.placed() {
                    let _ = route(&traffic, &placement, &mesh);
                }
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
