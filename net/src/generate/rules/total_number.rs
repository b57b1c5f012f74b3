//! Total number: n random pairs.
//!
//! The lengths of the rows are drawn first, one after the other: given what is left, the next row's
//! length is binomial with multapses and hypergeometric without. Then every row draws its targets, as
//! for a fixed out-degree. That is the same as n draws of a pair, and needs no transpose and no second
//! copy. `O(sources + synapses log)`. Invariant: there are n synapses.

use rand_distr::{Binomial, Distribution as _, Hypergeometric};

use super::{Ends, Streams, fixed_out_degree};
use crate::generate::rows::Rows;
use crate::random::{Purpose, Stream};

pub(super) fn rows(n: u64, ends: &Ends<'_>, streams: Streams) -> Rows {
    let degrees = degrees(n, ends, streams);
    fixed_out_degree::with_degrees(|source| degrees[source as usize], n as f64, ends, streams)
}

fn degrees(n: u64, ends: &Ends<'_>, streams: Streams) -> Vec<u32> {
    let mut stream = Stream::new(streams.seed, Purpose::Choose, streams.projection, 0);
    let choices = u64::from(ends.choices());
    let mut left = n;
    let degree = |source: u32| {
        let rows = u64::from(ends.n_sources - source);
        let k = if rows == 1 || left == 0 {
            left
        } else if ends.allow_multapses {
            let binomial = Binomial::new(left, 1.0 / rows as f64).expect("1 / rows is a probability");
            binomial.sample(&mut stream)
        } else {
            let row = Hypergeometric::new(rows * choices, choices, left)
                .expect("a row is a part of the pairs that are left, and no more is wanted than there are");
            row.sample(&mut stream)
        };
        left -= k;
        k as u32
    };
    (0..ends.n_sources).map(degree).collect()
}
