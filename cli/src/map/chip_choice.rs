//! Which chip: a known one, or a file.

use std::path::Path;

use rheobase_mapping::chip::{Chip, Figure};
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::{self, count, table};
use crate::text_file;

/// A chip and the file that it was read from.
pub struct ChosenChip {
    /// The chip.
    pub chip: Chip,
    /// Its file.
    pub text: String,
}

impl ChosenChip {
    /// A known chip by its name, or the chip of a file.
    ///
    /// # Errors
    /// If there is no such chip, or all that is wrong with the file.
    pub fn of(name: &str) -> Result<Self, Failure> {
        let path = Path::new(name);
        let is_file =
            path.extension().is_some() || name.contains(std::path::MAIN_SEPARATOR) || path.is_file();
        if is_file && !Chip::names().any(|known| known == name) {
            let text = text_file::read(path)?;
            let chip = Chip::from_toml(&text).or_bad_input_in(path.display())?;
            return Ok(Self { chip, text });
        }
        let text = Chip::text(name).or_bad_input_in("--chip")?.to_owned();
        Ok(Self { chip: Chip::named(name).or_bad_input()?, text })
    }

    /// The width of a weight that is most like eight bits.
    pub fn usual_width(&self) -> u8 {
        let widths = self.chip.synapse().weight_bits.iter();
        let widths = widths.filter_map(|bits| u8::try_from(*bits).ok());
        widths.min_by_key(|bits| bits.abs_diff(8)).unwrap_or(8)
    }
}

#[derive(Debug, Serialize)]
struct Known {
    name: String,
    title: String,
    cores: u32,
    boards: Vec<String>,
    assumed: usize,
    figures: usize,
}

/// Prints the known chips, or the file of the one of that name.
///
/// # Errors
/// If there is no such chip.
pub fn print(options: &Options, name: &str) -> Result<(), Failure> {
    if !name.is_empty() {
        return output::print(Chip::text(name).or_bad_input_in("--chips")?);
    }
    let known: Vec<Known> = Chip::names().map(known).collect::<Result<_, _>>()?;
    options.output().answer(&known, || {
        let rows = known.iter().map(|Known { name, title, cores, boards, assumed, figures }| {
            let figures = format!("{assumed} of {figures}");
            vec![name.clone(), title.clone(), count(u64::from(*cores)), boards.join(", "), figures]
        });
        let header = ["name", "title", "cores of a chip", "boards", "figures assumed"];
        let text = table("known chips", &header, rows);
        format!("{text}\n\nrheobase map --chips NAME prints the file of one, to copy and change")
    })
}

fn known(name: &'static str) -> Result<Known, Failure> {
    let chip = Chip::named(name).or_bad_input()?;
    Ok(Known {
        name: chip.name().to_owned(),
        title: chip.title().to_owned(),
        cores: chip.chip_mesh().n_cores(),
        boards: chip.boards().iter().map(|board| board.name.clone()).collect(),
        assumed: chip.assumptions().count(),
        figures: chip.figures().len(),
    })
}

/// The figures of a chip that no source says, one a line.
pub fn assumptions(chip: &Chip) -> Vec<String> {
    chip.assumptions().map(Figure::to_string).collect()
}
