//! Fixed probability: every pair with probability p, each for itself (Erdős and Rényi's random graph).
//!
//! Instead of asking every pair, the number of pairs until the next synapse is drawn, which is
//! geometric: Batagelj & Brandes 2005, doi 10.1103/PhysRevE.71.036113. `O(sources + synapses)`.
//! Invariants: no multapses; degrees are binomial.

use super::{Ends, Streams};
use crate::generate::draw::Skip;
use crate::generate::rows::{self, Rows};

pub(super) fn rows(p: f64, ends: &Ends<'_>, streams: Streams) -> Rows {
    let skip = Skip::new(p);
    let choices = f64::from(ends.choices());
    let expected = f64::from(ends.n_sources) * choices * p;
    rows::by_source(ends.n_sources, expected, |source, targets| {
        let mut stream = streams.connect(source);
        let mut drawn = skip.draw(&mut stream);
        while drawn < choices {
            targets.push(ends.step_over(source, drawn as u32));
            drawn += 1.0 + skip.draw(&mut stream);
        }
    })
}
