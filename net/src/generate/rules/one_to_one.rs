//! One to one: node i with node i.
//!
//! No draw; `O(n)`. Invariant: row i is `[i]`, also within one population.

use super::Ends;
use crate::generate::rows::Rows;

pub(super) fn rows(ends: &Ends<'_>) -> Rows {
    Rows { row_start: (0..=u64::from(ends.n_sources)).collect(), target: (0..ends.n_sources).collect() }
}
