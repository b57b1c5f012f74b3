//! Files that are no chips: every one is refused, with all that is wrong with it, and none makes the reader
//! panic, hang or allocate. A line that begins with `#!` is a part of the message that has to be told.

mod common;

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use rheobase_mapping::chip::Chip;

#[test]
fn every_hostile_chip_is_refused_with_all_that_is_wrong() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/hostile_chips");
    let mut n_files = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let told = Chip::from_toml(&text).expect_err("no chip").to_string();
        for expected in text.lines().filter_map(|line| line.strip_prefix("#! ")) {
            assert!(told.contains(expected), "{}: no \"{expected}\" in:\n{told}", path.display());
        }
        assert!(told.len() < 5000, "{}: {} letters", path.display(), told.len());
        n_files += 1;
    }
    assert!(n_files >= 15, "{n_files} files");
}

proptest! {
    /// A chip's file of which bytes were lost, doubled or exchanged is read or refused; what is read can be used.
    #[test]
    fn damaged_chips_are_read_or_refused(
        name in prop::sample::select(Chip::names().collect::<Vec<_>>()),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..3, "[0-9a-z\\[\\]{}=.,\"\n-]"), 1..6),
        n_cores in any::<u32>(),
    ) {
        let mut text = Chip::text(name).unwrap().to_owned();
        for change in damage {
            prop_assume!(common::damage(&mut text, &change));
        }
        match Chip::from_toml(&text) {
            Ok(chip) => {
                let limits = chip.limits();
                let _ = (limits.memory.words(u32::MAX, 112), chip.synapse().bits(8, u32::MAX));
                for board in chip.boards() {
                    let _ = chip.mesh(Some(&board.name), n_cores).map(|mesh| mesh.n_cores());
                }
                let _ = chip.mesh(None, n_cores).map(|mesh| mesh.n_cores());
            }
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
