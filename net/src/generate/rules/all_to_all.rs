//! All to all: every pair.
//!
//! No draw; `O(synapses)`. Invariant: every row holds every target once, without itself unless
//! autapses are allowed.

use super::Ends;
use crate::generate::rows::{self, Rows};

pub(super) fn rows(ends: &Ends<'_>) -> Rows {
    let expected = f64::from(ends.n_sources) * f64::from(ends.choices());
    rows::by_source(ends.n_sources, expected, |source, targets| {
        targets.extend((0..ends.choices()).map(|drawn| ends.step_over(source, drawn)));
    })
}
