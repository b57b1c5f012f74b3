//! Liquid time-constant networks on the chip: against the float cell, against the definition, over cores and files.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod bound;
mod definition;
mod liquids;
mod mapped;
mod sigmoid;
