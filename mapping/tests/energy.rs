//! Energy of mapped networks, against SANA-FE 2.2.9 (`specs/mapping.md`, section 4.6): its network, its mapping and the
//! spikes that it saw, counted by our code and charged with the figures of our file of Loihi.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fs;
use std::path::{Path, PathBuf};

use rheobase_mapping::chip::{Chip, Fabric, Mesh};
use rheobase_mapping::{EventCounts, Graph, Partition, Placement, Traffic, TreeLinks, route, tree_links};

/// The folder of vectors that SANA-FE made, if this machine has it.
fn vectors() -> Option<PathBuf> {
    let root = std::env::var_os("RHEOBASE_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let folder = root.join("vectors/sanafe");
    if !folder.is_dir() {
        eprintln!("left out: there is no {}", folder.display());
    }
    folder.is_dir().then_some(folder)
}

/// A case of SANA-FE as we see it.
struct Case {
    graph: Graph,
    partition: Partition,
    placement: Placement,
    /// Spikes of neurons that are no inputs, which cost a soma's spike.
    soma_spikes: u64,
}

/// Reads a network that `Network.save` wrote, with its mapping and the spikes of its run. Tile t of SANA-FE is in
/// column t / 4 and row t % 4, so that tiles 0 and 1 are neighbors along y.
fn read(folder: &Path, mesh: &Mesh) -> Case {
    let text = fs::read_to_string(folder.join("net.yaml")).unwrap();
    let (network, mappings) = text.split_once("mappings:").unwrap();
    let mut names: Vec<String> = Vec::new();
    let mut core: Vec<u32> = Vec::new();
    for line in mappings.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("- ") {
            names.push(name.split(':').next().unwrap().to_owned());
        }
        if let Some(place) = line.split("core: ").nth(1) {
            let place = place.trim_end_matches(['}', ']']).split(',').next().unwrap();
            let (tile, within) = place.split_once('.').unwrap();
            let (tile, within): (u32, u32) = (tile.parse().unwrap(), within.parse().unwrap());
            core.push(mesh.first_core([tile / 4, tile % 4]) + within);
        }
    }
    assert_eq!(names.len(), core.len());
    let number = |name: &str| names.iter().position(|known| known == name).unwrap();
    let mut rows: Vec<Vec<u32>> = vec![Vec::new(); names.len()];
    for line in network.lines().map(str::trim) {
        if let Some((source, rest)) = line.strip_prefix("- ").and_then(|edge| edge.split_once(" -> ")) {
            rows[number(source)].push(number(rest.split(':').next().unwrap()) as u32);
        }
    }
    let mut spikes = vec![0; names.len()];
    let mut soma_spikes = 0;
    for line in fs::read_to_string(folder.join("spikes.csv")).unwrap().lines().skip(1) {
        let name = line.split(',').next().unwrap();
        spikes[number(name)] += 1;
        soma_spikes += u64::from(!name.starts_with("i."));
    }
    rows.iter_mut().for_each(|row| row.sort_unstable());
    let mut row_start = vec![0];
    rows.iter().for_each(|row| row_start.push(row_start[row_start.len() - 1] + row.len() as u64));
    let n = names.len();
    let target = rows.concat();
    let graph = Graph {
        n_neurons: n as u32,
        row_start,
        target,
        spikes,
        synapse_bits: vec![8; n],
        config: vec![0; n],
    };
    let mut used = core.clone();
    used.sort_unstable();
    used.dedup();
    let part = core.iter().map(|core| used.binary_search(core).unwrap() as u32).collect();
    let partition = Partition { part, n_parts: used.len() as u32 };
    Case { graph, partition, placement: Placement { core: used }, soma_spikes }
}

#[test]
fn energies_are_those_of_sanafe() {
    let Some(vectors) = vectors() else { return };
    let chip = Chip::named("loihi1").unwrap();
    let (mesh, events) = (chip.mesh(Some("single"), 1).unwrap(), chip.events().unwrap());
    assert_eq!(events.model, "Davies 2018 pre-silicon model");
    let mut n_cases = 0;
    for folder in fs::read_dir(vectors).unwrap().map(|entry| entry.unwrap().path()) {
        let Ok(summary) = fs::read_to_string(folder.join("summary.json")) else { continue };
        let summary: serde_json::Value = serde_json::from_str(&summary).unwrap();
        let results = &summary["results"]["simple"];
        let expected = |what: &str| 1e12 * results["energy"][what].as_f64().unwrap();
        let Case { graph, partition, placement, soma_spikes } = read(&folder, &mesh);
        let counts = EventCounts::of(&graph, &partition, Fabric::Unicast, summary["steps"].as_u64());
        assert_eq!(Some(counts.sent), results["packets_sent"].as_u64(), "{}", folder.display());
        assert_eq!(Some(counts.synapses), results["spikes"].as_u64(), "{}", folder.display());
        let hops = route(&Traffic::new(&graph, &partition), &placement, &mesh).energy;
        let energy = counts.energy(hops, events);
        let is = |ours: f64, theirs: f64| {
            assert!((ours - theirs).abs() <= 1e-9 * theirs, "{}: {ours} {theirs}", folder.display());
        };
        is(energy.sent + energy.hops + energy.received, expected("network"));
        is(energy.synapses, expected("synapse"));
        assert_eq!((energy.dendrites, expected("dendrite")), (0.0, 0.0));
        // Inputs have a soma without costs. All others are looked at in every step, and some are updated.
        if soma_spikes == counts.spikes {
            let (n, updated) = (counts.updates.unwrap() as f64, results["neurons_updated"].as_u64().unwrap());
            let updates = n * events.soma_access.energy + updated as f64 * events.soma_update.energy;
            is(energy.spikes + updates, expected("soma"));
            assert!(energy.updates.unwrap() >= updates);
        }
        n_cases += 1;
    }
    assert_eq!(n_cases, 9);
}

/// Neuron 0 (3 spikes) reaches 0, 1, 2 and 3, neuron 2 (5 spikes) none; the source 4 from outside (7 spikes) reaches 1
/// twice, and 3. Neurons 0 and 1 are on the first core, 2 and 3 on two more, in the corners of 2 × 2 tiles.
#[test]
fn a_fabric_that_copies_spikes_sends_one_packet_for_all() {
    let graph = Graph {
        n_neurons: 4,
        row_start: vec![0, 4, 4, 4, 4, 7],
        target: vec![0, 1, 2, 3, 1, 1, 3],
        spikes: vec![3, 0, 5, 0, 7],
        synapse_bits: vec![8; 5],
        config: vec![0; 4],
    };
    let partition = Partition { part: vec![0, 0, 1, 2], n_parts: 3 };
    let counts = |fabric| EventCounts::of(&graph, &partition, fabric, Some(10));
    let unicast = counts(Fabric::Unicast);
    assert_eq!((unicast.sent, unicast.received), (3 * 3, 3 * 3 + 7 * 2));
    assert_eq!((unicast.synapses, unicast.spikes, unicast.updates), (3 * 4 + 7 * 3, 8, Some(40)));
    assert_eq!(counts(Fabric::Multicast), EventCounts { sent: 3, ..unicast });
    // Two chips of 1 × 2 tiles: the tree of neuron 0 goes over the border along x, and up in both columns.
    let mesh =
        Mesh { chips: [2, 1], tiles: [1, 2], cores_per_tile: 1, hop: [1.0, 2.0], chip_hop: [10.0, 20.0] };
    let placement = Placement { core: vec![0, 1, 3] };
    let trees = tree_links(&graph, &partition, &placement, &mesh);
    assert_eq!(trees, TreeLinks { inside: [0, 6], border: [3, 0] });
    assert_eq!((trees.n(), trees.energy(&mesh)), (9, 6.0 * 2.0 + 3.0 * 10.0));
}
