//! Fuzz targets: one function for every reader of files, fed with bytes that nobody has vouched for.
//!
//! A target reads its bytes as a file and forgets the result; it fails by a panic, by taking too long
//! or too much memory. Each has three uses:
//!
//! - `cargo test -p rheobase-fuzz` runs every file of `corpus/TARGET/` through its target, on any Rust;
//! - `cargo build -p rheobase-fuzz --features libfuzzer` builds one libFuzzer program for each (needs a
//!   C++ compiler), and `cargo run --release -p rheobase-fuzz --features libfuzzer --bin TARGET --
//!   -max_total_time=60 -max_len=20000 FOLDER fuzz/corpus/TARGET` fuzzes; finds go to FOLDER;
//! - a find is kept as a file of the corpus, with a name that says what was wrong with it.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::LazyLock;

use rheobase_loihi_export::emulate::{EmulateConfig, Input, emulate};
use rheobase_loihi_export::export::netx;
use rheobase_loihi_export::netlist;
use rheobase_mapping::chip::Chip;
use rheobase_mapping::file::MappingFile;
use rheobase_mapping::route;
use rheobase_net::file::{self, FileError, Hdf5Reader};
use rheobase_net::{Fingerprint, LifPopulation, Model, Network, Population, validate};
use rheobase_sim::checkpoint::{self, CheckpointError, Expected, Header};

/// What a target does with some bytes.
pub type Target = fn(&[u8]);

/// Every target by the name of its program and its corpus.
pub const TARGETS: [(&str, Target); 13] = [
    ("network_file", network_file),
    ("spikes_file", spikes_file),
    ("recording_file", recording_file),
    ("dataset_file", dataset_file),
    ("samples_file", samples_file),
    ("wav_file", wav_file),
    ("checkpoint_file", checkpoint_file),
    ("liquid_file", liquid_file),
    ("wiring_file", wiring_file),
    ("chip_file", chip_file),
    ("mapping_file", mapping_file),
    ("netx_file", netx_file),
    ("netlist_file", netlist_file),
];

/// How deep [`dataset_file`] follows groups, which may contain themselves.
const DEPTH: u32 = 3;
/// How many objects of a group [`dataset_file`] looks at.
const BREADTH: usize = 20;

/// Reads a network.
pub fn network_file(data: &[u8]) {
    // An error is the right answer to most bytes.
    let _ = file::read_network_bytes(data);
}

/// Reads a spike train.
pub fn spikes_file(data: &[u8]) {
    let _ = file::read_spikes_bytes(data);
}

/// Reads a recording.
pub fn recording_file(data: &[u8]) {
    let _ = file::read_recording_bytes(data);
}

/// Reads a trained liquid network.
pub fn liquid_file(data: &[u8]) {
    let _ = file::read_liquid_bytes(data);
}

/// Reads whatever is in an HDF5 file, in every way that the reader of data files has.
pub fn dataset_file(data: &[u8]) {
    let _ = Hdf5Reader::from_bytes("the data file", data).and_then(|file| walk(&file, "", 0));
}

/// Reads a data set of one of the known layouts.
pub fn samples_file(data: &[u8]) {
    let _ = rheobase_study::data::hdf5_bytes("the data set", data);
}

/// Reads a WAV file, which never has more samples than bytes.
pub fn wav_file(data: &[u8]) {
    if let Ok(audio) = rheobase_study::data::wav_bytes(data) {
        assert!(!audio.pcm.is_empty() && audio.pcm.len() <= data.len());
    }
}

/// Reads a wiring, whatever kind of file it is.
pub fn wiring_file(data: &[u8]) {
    let _ = file::read_wiring_bytes(data);
}

/// Reads a chip, and uses the numbers that it was taken with.
pub fn chip_file(data: &[u8]) {
    let Ok(chip) = str::from_utf8(data).map(Chip::from_toml) else { return };
    if let Ok(chip) = chip {
        let boards = chip.boards().iter().map(|board| Some(board.name.as_str())).chain([None]);
        for mesh in boards.filter_map(|board| chip.mesh(board, 1).ok()) {
            assert_eq!(mesh.tile(0), [0, 0]);
            assert!(mesh.n_cores() >= chip.chip_mesh().n_cores());
        }
        for width in &chip.synapse().weight_bits {
            let bits = chip.synapse().bits(*width, chip.synapse().delay_steps).expect("the chip has both");
            assert!(chip.limits().memory.words(u32::MAX, u32::from(bits)) > 0);
        }
    }
}

/// Reads a netlist, as HDF5 or JSON, and lets one that was taken go some steps, unless it is large.
pub fn netlist_file(data: &[u8]) {
    let read = match str::from_utf8(data) {
        Ok(text) => netlist::from_json(text),
        Err(_) => netlist::read_bytes(data),
    };
    let Ok(netlist) = read else { return };
    assert_eq!(
        netlist::read_bytes(&netlist::to_bytes(&netlist).expect("it was read")).ok().as_ref(),
        Some(&netlist)
    );
    if netlist.populations.iter().map(|population| u64::from(population.size)).sum::<u64>() < 10_000 {
        let config = EmulateConfig { steps: 3, ..EmulateConfig::default() };
        let _ = emulate(&netlist, &Input::default(), &config, &mut |_| ControlFlow::Continue(()));
    }
}

/// Reads a mapping, and asks it what a file that was taken can be asked.
pub fn mapping_file(data: &[u8]) {
    let Ok(Ok(mapping)) = str::from_utf8(data).map(MappingFile::from_json) else { return };
    let mesh = mapping.mesh();
    for core in mapping.cores() {
        assert!(core.core < mesh.n_cores());
        let held: u64 = mapping
            .held(core.core)
            .iter()
            .flat_map(|held| &held.ranges)
            .map(|range| u64::from(range.end() - range.start()) + 1)
            .sum();
        assert_eq!(held, core.compartments);
    }
    if let Some((traffic, placement)) = mapping.placed() {
        assert_eq!(route(&traffic, &placement, &mesh).packets, mapping.traffic().packets);
    }
}

/// Reads a NetX file of lava-dl, and asks the network that was taken for its graph.
pub fn netx_file(data: &[u8]) {
    let Ok(netlist) = netx::read_bytes(data) else { return };
    let graph = rheobase_loihi_export::export::graph::cores(&netlist);
    assert_eq!(graph.nodes.len(), netlist.cores.len() + 1);
}

/// What [`checkpoint_file`] takes for a state: a list, lists of lists, texts, a map, a choice.
pub type State = (Vec<f64>, Vec<Vec<(u64, u32)>>, BTreeMap<u32, String>, Option<Result<u16, String>>);

/// The run whose checkpoint [`checkpoint_file`] expects.
pub fn checkpoint_run() -> Expected<'static> {
    static NETWORK: LazyLock<Fingerprint> = LazyLock::new(|| {
        let model = Model::Lif(LifPopulation::default());
        let population = Population { name: "liquid".to_owned(), size: 1, model, positions: None };
        let network = Network { populations: vec![population], ..Network::default() };
        Fingerprint::of(&validate(network).expect("the default neuron is valid"))
    });
    Expected { network: *NETWORK, seed: 1, configuration: "{}" }
}

/// Reads a checkpoint as it is, and again with a checksum that is right, which hides nothing from someone
/// who means harm.
pub fn checkpoint_file(data: &[u8]) {
    let read = |data: &[u8]| -> Result<(Header, State), CheckpointError> {
        checkpoint::read_bytes(data, &checkpoint_run())
    };
    let _ = read(data);
    let mut sealed = data.to_vec();
    let header = sealed.get(12..20).map(|len| len.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)));
    let head = header.and_then(|len| usize::try_from(len).ok()).and_then(|len| len.checked_add(28));
    let end = sealed.len().saturating_sub(32);
    if let Some(head) = head.filter(|head| *head <= end) {
        sealed[20..28].copy_from_slice(&((end - head) as u64).to_le_bytes());
        let state = blake3::hash(&sealed[head..end]);
        let checksum = blake3::Hasher::new().update(&sealed[..head]).update(state.as_bytes()).finalize();
        sealed[end..].copy_from_slice(checksum.as_bytes());
        let _ = read(&sealed);
    }
}

fn walk(file: &Hdf5Reader, group: &str, depth: u32) -> Result<(), FileError> {
    let attributes = file.attributes(group)?;
    for name in attributes.names() {
        let _ = (attributes.text(name), attributes.texts(name), attributes.u64(name), attributes.f64(name));
    }
    for name in file.datasets(group)?.into_iter().take(BREADTH) {
        let path = format!("{group}/{name}");
        let _ = (file.attributes(&path), file.shape(&path), file.element_type(&path));
        let _ = (file.read::<f64>(&path), file.read::<f32>(&path), file.read_texts(&path));
        let _ = (file.read::<u8>(&path), file.read::<i16>(&path), file.read::<u64>(&path));
    }
    for name in file.groups(group)?.into_iter().take(BREADTH).filter(|_| depth < DEPTH) {
        let _ = walk(file, &format!("{group}/{name}"), depth + 1);
    }
    Ok(())
}
