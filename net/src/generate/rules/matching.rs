//! Matching: each source with a target of its own, chosen at random.
//!
//! It gives a random part of a population an input of its own. The targets are shuffled as far as they
//! are needed (a partial Fisher–Yates shuffle), so every assignment of different targets is as likely.
//! `O(sources + targets)`. Invariants: every row holds one target, no target is in two rows.

use super::{Ends, Streams};
use crate::generate::draw;
use crate::generate::rows::Rows;

pub(super) fn rows(ends: &Ends<'_>, streams: Streams) -> Rows {
    let mut stream = streams.connect(0);
    let mut target: Vec<u32> = (0..ends.n_targets).collect();
    for i in 0..ends.n_sources {
        let other = i + draw::below(&mut stream, ends.n_targets - i);
        target.swap(i as usize, other as usize);
    }
    target.truncate(ends.n_sources as usize);
    target.shrink_to_fit();
    Rows { row_start: (0..=u64::from(ends.n_sources)).collect(), target }
}
