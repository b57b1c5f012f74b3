//! SANA-FE 2.2.9's files: what it reads is read, what it refuses is refused, and what is written is read again.
//!
//! That networks run as they do there is held by `rheobase verify sanafe`. Skipped with a line on the error stream where
//! the vectors are not there.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::{Path, PathBuf};

use rheobase_loihi_export::cost::{Architecture, Timing};
use rheobase_loihi_export::sanafe::{
    CoreOrder, RunConfig, SanaFeNetwork, map, read_network, simulate, write_architecture, write_network,
};

/// The folder of the vectors, where there is one.
fn vectors() -> Option<PathBuf> {
    let root = std::env::var_os("RHEOBASE_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let vectors = root.join("vectors/sanafe");
    if !vectors.is_dir() {
        eprintln!("skipped: there are no vectors in {}", vectors.display());
        return None;
    }
    Some(vectors)
}

/// The table that ships is that of the vectors, but for the chip's name.
#[test]
fn the_built_in_loihi_is_theirs() {
    let Some(vectors) = vectors() else { return };
    let mut theirs = architecture(&vectors.join("chain8"));
    theirs.name = Architecture::loihi().name;
    assert_eq!(Architecture::loihi(), theirs);
    for folder in std::fs::read_dir(&vectors).unwrap() {
        let folder = folder.unwrap().path();
        if folder.join("arch.yaml").is_file() {
            let mut theirs = architecture(&folder);
            theirs.name = Architecture::loihi().name;
            assert_eq!(Architecture::loihi(), theirs, "{}", folder.display());
        }
    }
}

/// The network of the specification's section 4.4, in the three forms that SANA-FE loads: the figures are those that
/// SANA-FE gave for it there.
#[test]
fn the_minimal_network_in_every_form() {
    let Some(vectors) = vectors() else { return };
    let chip = architecture(&vectors.join("chain8"));
    let read = |file: &str| std::fs::read_to_string(vectors.join("minimal").join(file)).unwrap();
    let by_hand = read_network(&read("net.yaml"), "net.yaml").unwrap().0;
    let saved = read_network(&read("saved.yaml"), "saved.yaml").unwrap().0;
    let netlist = "\
g 1 soma_hw_name=loihi_inputs[0] log_spikes=1
g 2 soma_hw_name=loihi_lif synapse_hw_name=loihi_sparse_synapse threshold=1.0 leak_decay=0.5 reset=0.0 log_spikes=1 log_v=1
n 0.0 {spikes: [1,0,1,1]}
n 1.0 bias=0.0
n 1.1 bias=0.0
e 0.0->1.0 weight=2.0
e 1.0->1.1 weight=1.5
& 0.0@0.0
& 1.0@0.0
& 1.1@1.2
";
    let netlist = rheobase_loihi_export::sanafe::read_netlist(netlist, "net").unwrap().0;
    let written = read_network(&write_network(&by_hand).unwrap(), "written").unwrap().0;
    assert_eq!(written, by_hand);
    for network in [by_hand, saved, netlist, written] {
        let program = map(&network, &chip, &CoreOrder::ascending()).unwrap();
        for (timing, time) in [(Timing::Detailed, "6.3263e-6"), (Timing::Simple, "6.2396e-6")] {
            let config = RunConfig { steps: 6, timing, spikes: true, potentials: true, messages: false };
            let recording = simulate(&program, &config);
            let total = recording.total;
            assert_eq!(total.counts.packets, 6);
            assert_eq!(format!("{:.4e}", total.energy.soma), "1.1598e-9");
            assert_eq!(format!("{:.3e}", total.energy.network), "6.786e-10");
            assert_eq!(format!("{:.3e}", total.energy.synapse), "2.016e-10");
            assert_eq!(format!("{:.4e}", total.time), time);
            let spikes: Vec<(u64, u32)> =
                recording.spikes.iter().map(|(step, neuron)| (*step, neuron.0)).collect();
            let expected = [(1, 0), (2, 1), (3, 0), (3, 2), (4, 0), (4, 1), (5, 1), (5, 2), (6, 2)];
            assert_eq!(spikes, expected);
        }
    }
}

/// What SANA-FE refuses is refused here, with the line and the way out.
#[test]
fn what_sana_fe_refuses_is_refused() {
    let Some(vectors) = vectors() else { return };
    let said = |file: &str| {
        let text = std::fs::read_to_string(vectors.join("minimal").join(file)).unwrap();
        rheobase_loihi_export::sanafe::read_netlist(&text, file).unwrap_err().to_string()
    };
    let saved = said("saved.net");
    assert!(
        saved.starts_with("saved.net:3: soma_hw_name on the line of a neuron is not supported"),
        "{saved}"
    );
    let by_hand = said("net.net");
    assert!(by_hand.starts_with("net.net:3: spikes is \"[1,0,1,1]\", and has to be a list"), "{by_hand}");
}

/// Networks and architectures come back from their files as they were.
#[test]
fn what_is_written_is_read_again() {
    let Some(vectors) = vectors() else { return };
    let chip = architecture(&vectors.join("chain8"));
    assert_eq!(Architecture::read(&write_architecture(&chip), "chip").unwrap(), (chip, Vec::new()));
    for name in ["delays40_s1", "liquid288_s2"] {
        let network = network(&vectors.join(name));
        let (read, ignored) = read_network(&write_network(&network).unwrap(), name).unwrap();
        assert_eq!(read, network);
        assert_eq!(ignored, []);
    }
}

fn architecture(folder: &Path) -> Architecture {
    let text = std::fs::read_to_string(folder.join("arch.yaml")).unwrap();
    let (chip, ignored) = Architecture::read(&text, "arch.yaml").unwrap();
    assert_eq!(ignored, []);
    chip
}

fn network(folder: &Path) -> SanaFeNetwork {
    let text = std::fs::read_to_string(folder.join("net.yaml")).unwrap();
    let (network, ignored) = read_network(&text, "net.yaml").unwrap();
    assert_eq!(ignored, []);
    network
}
