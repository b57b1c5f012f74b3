//! Chips as data: what a core can hold, in which numbers, on which board, at what cost.
//!
//! A chip is a TOML file in which every number has its source. Some come with the program
//! ([`Chip::named`]), and anyone can write another ([`Chip::from_toml`]); `generic` is there to be copied.
//!
//! ```
//! use rheobase_mapping::chip::Chip;
//!
//! let chip = Chip::named("loihi1")?;
//! assert_eq!(chip.limits().input_axons, 4096);
//! assert_eq!(chip.mesh(Some("nahuku"), 200)?.n_cores(), 32 * 128);
//! # Ok::<(), rheobase_mapping::chip::ChipError>(())
//! ```
//!
//! The key decision: a field of the file is known because somebody reads it, and whoever reads it says what it
//! may be. So unknown fields, missing ones and wrong values are all found in one reading, and told at once.

mod board;
mod budget;
mod core_budgets;
mod costs;
mod error;
mod figure;
mod file;
mod known;
mod limits;
mod mesh;
mod neuron_format;
mod synapse_format;
#[cfg(test)]
mod tests;

use toml::de::DeTable;

pub use board::{Board, ChipMesh, Fabric};
pub use budget::{Budget, Usage};
pub use core_budgets::CoreBudgets;
pub use costs::{Cost, Events, Hops};
pub use error::{ChipError, ChipFault, InvalidChip};
pub use figure::Figure;
pub use limits::{Limits, SynapseMemory};
pub use mesh::Mesh;
pub use neuron_format::NeuronFormat;
pub use synapse_format::{SignRule, SynapseFormat};

use file::{Reader, Section, nearest};

/// A chip: what its file says, without faults.
#[derive(Debug, Clone, PartialEq)]
pub struct Chip {
    name: String,
    title: String,
    core: CoreBudgets,
    synapse: SynapseFormat,
    neuron: NeuronFormat,
    mesh: ChipMesh,
    boards: Vec<Board>,
    hops: Hops,
    events: Option<Events>,
    figures: Vec<Figure>,
}

impl Chip {
    /// The names of the chips that the program knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        known::CHIPS.iter().map(|(name, _)| *name)
    }

    /// A chip that the program knows.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn named(name: &str) -> Result<Self, ChipError> {
        Self::from_toml(Self::text(name)?)
    }

    /// The file of a chip that the program knows, to be copied and changed.
    ///
    /// # Errors
    /// If there is none of that name.
    pub fn text(name: &str) -> Result<&'static str, ChipError> {
        known::CHIPS.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).ok_or_else(|| {
            ChipError::UnknownChip {
                name: name.to_owned(),
                nearest: nearest(name, Self::names()),
                known: Self::names().collect::<Vec<_>>().join(", "),
            }
        })
    }

    /// Reads the text of a chip's file.
    ///
    /// # Errors
    /// Where the text is no TOML; otherwise all of its faults at once.
    pub fn from_toml(text: &str) -> Result<Self, ChipError> {
        let table = DeTable::parse(text).map_err(|error| syntax(text, &error))?;
        let mut reader = Reader::new(text);
        let chip = Self::read(Section::root(table.get_ref()), &mut reader);
        let Reader { faults, figures, .. } = reader;
        match chip {
            Some(chip) if faults.is_empty() => Ok(Self { figures, ..chip }),
            Some(_) | None => Err(ChipError::Invalid(InvalidChip { faults })),
        }
    }

    /// Reads all sections, whatever is wrong with the others. The figures are the reader's.
    fn read<'a>(mut root: Section<'a>, reader: &mut Reader<'a>) -> Option<Self> {
        let name = root.text("name", reader);
        let title = root.text("title", reader);
        let core = CoreBudgets::read(root.section("core", reader), reader);
        let synapse = SynapseFormat::read(root.section("synapse", reader), reader);
        let neuron = NeuronFormat::read(root.section("neuron", reader), reader);
        let mesh = ChipMesh::read(root.section("mesh", reader), reader);
        let boards = Board::read_all(root.sections("boards", reader), mesh.as_ref(), reader);
        let hops = Hops::read(root.section("hops", reader), reader);
        let events = root.section("events", reader);
        let events = if events.is_there() { Events::read(events, reader).map(Some) } else { Some(None) };
        root.close(reader);
        Some(Self {
            name: name?,
            title: title?,
            core: core?,
            synapse: synapse?,
            neuron: neuron?,
            mesh: mesh?,
            boards: boards?,
            hops: hops?,
            events: events?,
            figures: Vec::new(),
        })
    }

    /// The name by which it is chosen.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it is called.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What one core holds.
    pub fn core(&self) -> &CoreBudgets {
        &self.core
    }

    /// What a synapse is.
    pub fn synapse(&self) -> &SynapseFormat {
        &self.synapse
    }

    /// What a neuron's constants are.
    pub fn neuron(&self) -> &NeuronFormat {
        &self.neuron
    }

    /// How cores lie on one chip.
    pub fn chip_mesh(&self) -> &ChipMesh {
        &self.mesh
    }

    /// Its boards.
    pub fn boards(&self) -> &[Board] {
        &self.boards
    }

    /// What hops cost.
    pub fn hops(&self) -> &Hops {
        &self.hops
    }

    /// What events in a core cost, where that is known.
    pub fn events(&self) -> Option<&Events> {
        self.events.as_ref()
    }

    /// Every number with its source, in the order of reading.
    pub fn figures(&self) -> &[Figure] {
        &self.figures
    }

    /// The numbers that no source says: whatever rests on them has to say so.
    pub fn assumptions(&self) -> impl Iterator<Item = &Figure> {
        self.figures.iter().filter(|figure| figure.assumed)
    }

    /// What a core may use of a budget; `None` if the chip does not have it.
    pub fn limit(&self, budget: Budget) -> Option<u64> {
        match budget {
            Budget::Compartments => Some(u64::from(self.core.compartments)),
            Budget::InputAxons => self.core.input_axons.map(u64::from),
            Budget::OutputAxons => self.core.output_axons.map(u64::from),
            Budget::SynapseWords => self.core.synapse_words,
            Budget::NeuronConfigs => self.core.neuron_configs.map(u64::from),
        }
    }

    /// The budgets of a core as plain numbers.
    pub fn limits(&self) -> Limits {
        let CoreBudgets { compartments, input_axons, output_axons, synapse_words, neuron_configs, fan_in: _ } =
            self.core;
        Limits {
            compartments,
            input_axons: input_axons.unwrap_or(u32::MAX),
            output_axons: output_axons.unwrap_or(u32::MAX),
            synapse_words: synapse_words.unwrap_or(u64::MAX),
            neuron_configs: neuron_configs.unwrap_or(u32::MAX),
            memory: self.synapse.memory,
        }
    }
}

/// The first fault that the parser found, with its place.
fn syntax(text: &str, error: &toml::de::Error) -> ChipError {
    let place = error.span().and_then(|span| text.get(..span.start)).map(|before| {
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        [before.matches('\n').count() + 1, column]
    });
    ChipError::Syntax { place, problem: error.message().trim_end().replace('\n', "; ") }
}
