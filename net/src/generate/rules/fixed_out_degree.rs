//! Fixed out-degree: every source with k random targets.
//!
//! With multapses the k targets are drawn with replacement; without, every set of k different targets
//! is as likely. `O(k log k)` a source. Invariant: every row has k synapses.

use super::{Ends, Streams};
use crate::generate::draw;
use crate::generate::rows::{self, Rows};

pub(super) fn rows(k: u32, ends: &Ends<'_>, streams: Streams) -> Rows {
    let degree = |_| k;
    with_degrees(degree, f64::from(ends.n_sources) * f64::from(k), ends, streams)
}

/// Rows of given lengths, their targets drawn evenly.
pub(super) fn with_degrees(
    degree: impl Fn(u32) -> u32 + Sync,
    expected: f64,
    ends: &Ends<'_>,
    streams: Streams,
) -> Rows {
    rows::by_source(ends.n_sources, expected, |source, targets| {
        let (mut stream, k) = (streams.connect(source), degree(source));
        if ends.allow_multapses {
            let first = targets.len();
            targets.extend((0..k).map(|_| ends.step_over(source, draw::below(&mut stream, ends.choices()))));
            targets[first..].sort_unstable();
        } else {
            let mut chosen = Vec::with_capacity(k as usize);
            draw::subset(&mut stream, ends.choices(), k, &mut chosen);
            targets.extend(chosen.into_iter().map(|drawn| ends.step_over(source, drawn)));
        }
    })
}
