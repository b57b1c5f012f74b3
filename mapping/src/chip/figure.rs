//! Where a chip's numbers are from.

use std::fmt;

/// A number of a chip with its source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Figure {
    /// Its name in the chip's file, like `core.compartments`.
    pub name: String,
    /// What it is, as the file has it.
    pub value: String,
    /// Where it is from; for an assumption, what it rests on.
    pub source: String,
    /// Whether no source says it. What rests on an assumption has to be printed as such.
    pub assumed: bool,
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, value, source, assumed } = self;
        write!(f, "{name} = {value} ({}{source})", if *assumed { "assumed: " } else { "" })
    }
}
