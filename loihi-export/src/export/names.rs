//! Names for cores and processes that every tool takes.

use std::collections::HashSet;

use rheobase_mapping::chip::Chip;

use crate::netlist::Netlist;

/// Names that are given once.
pub struct Names {
    given: HashSet<String>,
    cores_per_chip: Option<u32>,
}

impl Names {
    /// No name given yet; cores are named by the chip of the netlist.
    pub fn of(netlist: &Netlist) -> Self {
        let chip = netlist.chip.as_ref().and_then(|place| Chip::from_toml(&place.file).ok());
        // A mesh of one chip, for the cores of a chip.
        let mesh = chip.and_then(|chip| chip.mesh(None, 1).ok());
        Self { given: HashSet::new(), cores_per_chip: mesh.map(|mesh| mesh.cores_per_chip()) }
    }

    /// A core's name: `chip0_core17`, or `core17` where nobody has placed the cores. The core's number counts over
    /// all chips.
    pub fn core(&self, core: u32) -> String {
        match self.cores_per_chip {
            Some(n) if n > 0 => format!("chip{}_core{core}", core / n),
            Some(_) | None => format!("core{core}"),
        }
    }

    /// The name with what is not a letter, digit or underscore replaced, and a number at its end if it was given
    /// before.
    pub fn unique(&mut self, wanted: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let plain: String = wanted.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let mut name = plain.clone();
        let mut n = 1;
        while !self.given.insert(name.clone()) {
            n += 1;
            name = format!("{plain}_{n}");
        }
        name
    }
}
