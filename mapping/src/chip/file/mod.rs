//! The file of a chip: TOML, read with all of its faults at once.

mod kind;
mod nearest;
mod reader;

pub(super) use kind::{Pair, Real, Rising, Span, Whole, Word};
pub(super) use nearest::nearest;
pub(super) use reader::{Reader, Section};
