//! What spikes leave at the inputs of a group.
//!
//! ```text
//! at an arrival at s:   trace ← trace · exp(−(s − s₀)/tau) + weight,   s₀ ← s
//! at a tick at t:       trace · exp(−(t − s₀)/tau)                     and nothing changes
//! ```

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use rheobase_ltc::Real;
use rheobase_net::LtcPopulation;

/// The traces of a group, and what is on its way to them. Times are in units of the scheduler.
#[derive(Debug)]
pub(super) struct Traces {
    /// What a unit of time does to the exponent of every input, < 0.
    rates: Vec<f64>,
    /// For every input, the trace at its last arrival, and when that was.
    pub traces: Vec<(f64, f64)>,
    on_their_way: BinaryHeap<Reverse<Arrival>>,
    /// How many arrivals were put.
    n_put: u64,
}

/// A spike that reaches an input.
#[derive(Debug, Clone, Copy)]
struct Arrival {
    t: f64,
    /// Arrivals of one time come out in the order in which they went in.
    order: u64,
    input: u32,
    weight: f64,
}

impl Traces {
    /// Traces at rest; `unit` is one of the scheduler \[ms\].
    pub fn new(ltc: &LtcPopulation, unit: f64) -> Self {
        let n_inputs = ltc.cell.n_inputs();
        Self {
            rates: (0..n_inputs).map(|input| -unit / ltc.tau_trace.get(input)).collect(),
            traces: vec![(0.0, 0.0); n_inputs],
            on_their_way: BinaryHeap::new(),
            n_put: 0,
        }
    }

    /// Puts an arrival on its way.
    pub fn put(&mut self, t: f64, input: u32, weight: f64) {
        self.on_their_way.push(Reverse(Arrival { t, order: self.n_put, input, weight }));
        self.n_put += 1;
    }

    /// Takes what has arrived, in order of time.
    pub fn absorb(&mut self, has_arrived: impl Fn(f64) -> bool) {
        while let Some(Reverse(arrival)) = self.on_their_way.peek().filter(|next| has_arrived(next.0.t)) {
            let Arrival { t, order: _, input, weight } = *arrival;
            self.on_their_way.pop();
            self.traces[input as usize] = (self.at(input as usize, t) + weight, t);
        }
    }

    /// The trace of an input at `t`, not before its last arrival.
    pub fn at(&self, input: usize, t: f64) -> f64 {
        match self.traces[input] {
            (0.0, _) => 0.0,
            // The system's exponential has other bits on other machines.
            (trace, since) => trace * Real::exp(self.rates[input] * (t - since)),
        }
    }
}

impl PartialEq for Arrival {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Arrival {}

impl PartialOrd for Arrival {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Arrival {
    fn cmp(&self, other: &Self) -> Ordering {
        self.t.total_cmp(&other.t).then(self.order.cmp(&other.order))
    }
}
