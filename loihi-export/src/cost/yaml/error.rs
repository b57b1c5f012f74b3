//! What can be wrong with a file that is read.

use std::fmt;

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What the reader was told that the file is called.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// Why an architecture or a network could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The text is not of its language.
    #[error("{place}: not readable YAML: {problem}")]
    Syntax {
        /// Where.
        place: Place,
        /// What the parser says.
        problem: String,
    },
    /// A line of a netlist is none of its records.
    #[error("{place}: not a record of a netlist: {problem}")]
    Record {
        /// Where.
        place: Place,
        /// What is wrong with it.
        problem: String,
    },
    /// A field has a value that it cannot have.
    #[error("{place}: {field} is {value}, and has to be {expected}")]
    Value {
        /// Where.
        place: Place,
        /// Which field.
        field: String,
        /// What it is.
        value: String,
        /// What it may be.
        expected: String,
    },
    /// A field has to be there and is not.
    #[error("{place}: {field} is missing: {way_out}")]
    Missing {
        /// Where it should be.
        place: Place,
        /// Which field.
        field: String,
        /// What to do.
        way_out: String,
    },
    /// There is more of something than can be.
    #[error("{place}: {what} is {value}, and {limit} is the most: {way_out}")]
    TooMany {
        /// Where.
        place: Place,
        /// What there is too much of.
        what: String,
        /// How much of it.
        value: u64,
        /// How much may be.
        limit: u64,
        /// What to do.
        way_out: String,
    },
    /// A name that stands for nothing.
    #[error("{place}: there is no {what} {name}{hint}")]
    Unknown {
        /// Where it is named.
        place: Place,
        /// What it should be.
        what: &'static str,
        /// The name.
        name: String,
        /// What there is, with a leading separator, or nothing.
        hint: String,
    },
    /// Something that SANA-FE has and this reader has not.
    #[error("{place}: {what} is not supported: {way_out}")]
    Unsupported {
        /// Where.
        place: Place,
        /// What.
        what: String,
        /// What to do.
        way_out: String,
    },
}

/// A field that was read and has no effect, here as in SANA-FE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Its line, from 1.
    pub line: u32,
    /// Its name.
    pub field: String,
    /// Why nothing comes of it.
    pub why: &'static str,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {} has no effect: {}", self.line, self.field, self.why)
    }
}
