//! Fixed in-degree: k random sources for every target.
//!
//! With multapses the k sources are drawn with replacement; without, every set of k different sources
//! is as likely. They are drawn target by target, and a counting transpose, which draws everything
//! twice and keeps no second copy, makes rows of sources from them. `O(sources + synapses)` (and
//! `log k` without multapses). Invariant: every target has k synapses.

use super::{Ends, Streams};
use crate::generate::draw;
use crate::generate::rows::{self, Rows};

pub(super) fn rows(k: u32, ends: &Ends<'_>, streams: Streams) -> Rows {
    let n_synapses = u64::from(ends.n_targets) * u64::from(k);
    let choices = ends.n_sources - u32::from(ends.without_self());
    rows::by_target(ends.n_sources, ends.n_targets, n_synapses, |target, sources| {
        let mut stream = streams.connect(target);
        sources.clear();
        if ends.allow_multapses {
            sources.extend((0..k).map(|_| draw::below(&mut stream, choices)));
        } else {
            draw::subset(&mut stream, choices, k, sources);
        }
        sources.iter_mut().for_each(|source| *source = ends.step_over(target, *source));
    })
}
