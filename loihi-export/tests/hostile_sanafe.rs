//! Networks and architectures of SANA-FE that are none, or that would fill the memory: each is refused with its line,
//! and none makes a reader panic or hang. A line that begins with `#!` is a part of the message that has to be told.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use rheobase_loihi_export::cost::Architecture;
use rheobase_loihi_export::sanafe::{
    CoreOrder, Run, map, read_netlist, read_network, write_architecture, write_network,
};

#[test]
fn every_hostile_network_is_refused_with_its_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile_sanafe");
    let mut n_files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let read = if name.ends_with(".net") { read_netlist } else { read_network };
        let told = read(&text, name).expect_err(name).to_string();
        for expected in text.lines().filter_map(|line| line.strip_prefix("#! ")) {
            assert!(told.contains(expected), "{name}: no \"{expected}\" in:\n{told}");
        }
        assert!(told.starts_with(&format!("{name}:")), "{told}");
        assert!(told.len() < 500, "{name}: {} letters", told.len());
        n_files += 1;
    }
    assert!(n_files >= 25, "{n_files} files");
}

const NETWORK: &str = "\
network:
  name: small
  groups:
    - name: in
      attributes: [log_spikes: true]
      neurons:
        - 0: [soma_hw_name: \"loihi_inputs[0]\", spikes: [1, 0, 1, 1]]
    - name: lif
      attributes: {soma_hw_name: loihi_lif, threshold: 1.0, leak_decay: 0.5, reset: 0.0, log_potential: true}
      neurons:
        - 0..1: []
        - 2: {bias: 3, dendrite_hw_name: loihi_dendrites_delay}
  edges:
    - in.0 -> lif.0: [weight: 2.0]
    - lif.0 -> lif.2: {weight: 1.5, delay: 3}
    - lif -> lif: {type: dense, weight: [1, 2, 3, 4, 5, 6, 7, 8, 9]}
mappings:
  - in.0: [core: 0.0]
  - lif: {core: 1.2, synapse: loihi_sparse_synapse}
";

const NETLIST: &str = "\
g 1 soma_hw_name=loihi_inputs[0] log_spikes=1
g 2 soma_hw_name=loihi_lif threshold=1.0 leak_decay=0.5 log_v=1
n 0.0 {spikes: [1,0,1,1]}
n 1.1 bias=0.5
e 0.0->1.0 weight=2.0
e 1.0->1.1 weight=1.5 delay=2
& 0.0@0.0
& 1.0@0.0
& 1.1@1.2
";

/// Takes a byte of a text away, puts something in front of it or in its place; not inside of a character.
fn damage(text: &mut String, (at, what, with): &(Index, u8, String)) {
    let at = at.index(text.len());
    if text.is_char_boundary(at) && text.is_char_boundary(at + 1) {
        match what {
            0 => _ = text.remove(at),
            1 => text.insert_str(at, with),
            _ => text.replace_range(at..=at, with),
        }
    }
}

fn damages() -> impl Strategy<Value = Vec<(Index, u8, String)>> {
    prop::collection::vec((any::<Index>(), 0_u8..3, "[0-9a-z\\[\\]{}=.,>\"\n:& -]"), 1..6)
}

proptest! {
    /// A network of which bytes were lost, doubled or exchanged is read or refused; what is read is mapped or refused, and
    /// what is mapped runs and is written.
    #[test]
    fn damaged_networks_are_read_or_refused(is_netlist in any::<bool>(), changes in damages()) {
        let mut text = if is_netlist { NETLIST } else { NETWORK }.to_owned();
        changes.iter().for_each(|change| damage(&mut text, change));
        let read = if is_netlist { read_netlist } else { read_network };
        match read(&text, "damaged") {
            Err(error) => prop_assert!(error.to_string().starts_with("damaged:"), "{error}"),
            Ok((network, _)) => {
                if let Ok(program) = map(&network, &Architecture::loihi(), &CoreOrder::ascending()) {
                    let mut run = Run::new(&program);
                    (0..5).for_each(|_| _ = run.step());
                }
                if let Ok(written) = write_network(&network) {
                    prop_assert_eq!(read_network(&written, "written").unwrap().0, network);
                }
            }
        }
    }

    /// The same of an architecture.
    #[test]
    fn damaged_architectures_are_read_or_refused(changes in damages()) {
        let mut text = write_architecture(&Architecture::loihi());
        changes.iter().for_each(|change| damage(&mut text, change));
        match Architecture::read(&text, "damaged") {
            Err(error) => prop_assert!(error.to_string().starts_with("damaged:"), "{error}"),
            Ok((chip, _)) => {
                let (again, _) = Architecture::read(&write_architecture(&chip), "written").unwrap();
                prop_assert_eq!(again.n_cores(), chip.n_cores());
            }
        }
    }
}
