//! What can be wrong with a chip's file, and with the choice of a chip or board.

use std::fmt;

/// Why there is no such chip, or no such board.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChipError {
    /// No chip of that name is known.
    #[error(
        "there is no chip \"{name}\"{}: name one of {known}, or give a file of your own",
        did_you_mean(nearest)
    )]
    UnknownChip {
        /// The name.
        name: String,
        /// The known name that is most like it.
        nearest: Option<String>,
        /// All known names.
        known: String,
    },
    /// The text is no TOML.
    #[error("{}{problem}", place.map_or(String::new(), |[line, column]| format!("line {line}, column {column}: ")))]
    Syntax {
        /// Line and column, from 1, where the parser knows them.
        place: Option<[usize; 2]>,
        /// What the parser says.
        problem: String,
    },
    /// The text is TOML, and not a chip.
    #[error("{0}")]
    Invalid(InvalidChip),
    /// The chip has no board of that name.
    #[error(
        "{chip} has no board \"{board}\"{}: name one of {known}, or none for as many chips as needed",
        did_you_mean(nearest)
    )]
    UnknownBoard {
        /// The chip.
        chip: String,
        /// The board.
        board: String,
        /// The known name that is most like it.
        nearest: Option<String>,
        /// All boards of the chip.
        known: String,
    },
    /// The board has fewer cores than are needed.
    #[error(
        "{need} cores are needed, and the board \"{board}\" of {chip} has {cores} ({chips} chips of {per_chip}): {way_out}"
    )]
    SmallBoard {
        /// The chip.
        chip: String,
        /// The board.
        board: String,
        /// How many cores it has.
        cores: u32,
        /// How many chips it has.
        chips: u32,
        /// Cores of a chip.
        per_chip: u32,
        /// How many cores are needed.
        need: u32,
        /// A board that is large enough, or what else to do.
        way_out: String,
    },
    /// More cores than a board of any number of chips may have.
    #[error("{need} cores of {chip} are needed, and the limit is {limit}: map fewer neurons at a time")]
    TooManyCores {
        /// The chip.
        chip: String,
        /// How many cores are needed.
        need: u32,
        /// How many a board may have.
        limit: u32,
    },
}

/// One fault of a chip's file: the line, the thing, what it is and what it has to be.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChipFault {
    /// A field that nobody asks for.
    #[error("line {line}: there is no field `{name}`{}", did_you_mean(nearest))]
    UnknownField {
        /// The line, from 1.
        line: usize,
        /// The field, with the sections around it.
        name: String,
        /// The known field that is most like it.
        nearest: Option<String>,
    },
    /// A field that has to be there is not.
    #[error("`{name}` is missing: it has to be {must}")]
    Missing {
        /// The field.
        name: String,
        /// What it has to be.
        must: String,
    },
    /// A value is not what it has to be.
    #[error("line {line}: `{name}` is {value}, and has to be {must}")]
    Value {
        /// The line, from 1.
        line: usize,
        /// The field.
        name: String,
        /// What it is, cut to a few letters.
        value: String,
        /// What it has to be.
        must: String,
    },
    /// A figure says neither where it is from nor that it is assumed.
    #[error("line {line}: `{name}` has no source: say where it is from, or mark it `assumed = true`")]
    NoSource {
        /// The line, from 1.
        line: usize,
        /// The field.
        name: String,
    },
    /// Values that are right alone do not go together.
    #[error("`{name}`: {problem}")]
    Together {
        /// The field.
        name: String,
        /// What is wrong, and the way out.
        problem: String,
    },
}

/// All faults of a chip's file.
#[derive(Debug, Clone, PartialEq)]
pub struct InvalidChip {
    /// The faults; at least one.
    pub faults: Vec<ChipFault>,
}

impl std::error::Error for InvalidChip {}

impl fmt::Display for InvalidChip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => write!(f, "{fault}"),
            faults => {
                write!(f, "the chip has {} faults:", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
            }
        }
    }
}

fn did_you_mean(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or(String::new(), |nearest| format!(" (did you mean `{nearest}`?)"))
}
