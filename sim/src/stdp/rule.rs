//! What pairs and triplets of spikes do to the size of a weight.

use rheobase_net::{Bounds, Plasticity, StdpPair, StdpTriplet};
use serde::{Deserialize, Serialize};

use super::Clock;

/// The traces of presynaptic spikes: `k_plus`, or `r1` and `r2`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Traces {
    pub fast: f64,
    /// Of no meaning for pairs.
    pub slow: f64,
}

/// A postsynaptic spike and the traces that its neuron has then.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Post {
    /// When it was fired, in units of the clock.
    pub t: f64,
    /// `k_minus` or `o1`, with this spike.
    pub fast: f64,
    /// `o2`, without this spike.
    pub slow: f64,
}

/// A rule by which sizes of weights change. Sizes are from 0 to the largest, whatever the weights' sign;
/// times are in units of the clock.
pub(super) trait Rule {
    /// What is left of presynaptic traces after `since`.
    fn decayed(&self, traces: Traces, since: f64) -> Traces;

    /// A postsynaptic spike reaches the synapse, `since` after the presynaptic spike at which the traces were
    /// `traces`.
    fn potentiated(&self, size: f64, traces: Traces, since: f64, post: &Post) -> f64;

    /// A presynaptic spike reaches the synapse, `since` after the last postsynaptic one before it; `traces`
    /// are as they are before the spike.
    fn depressed(&self, size: f64, traces: Traces, since: f64, post: &Post) -> f64;
}

/// The rule of a projection, made for a clock.
#[derive(Debug)]
pub(super) enum AnyRule {
    Pair(Pair),
    Triplet(Triplet),
}

/// [`StdpPair`] for a clock.
#[derive(Debug)]
pub(super) struct Pair {
    rule: StdpPair,
    plus: Decay,
    minus: Decay,
}

/// [`StdpTriplet`] for a clock.
#[derive(Debug)]
pub(super) struct Triplet {
    rule: StdpTriplet,
    plus: Decay,
    plus_slow: Decay,
    minus: Decay,
}

impl AnyRule {
    /// The rule of a projection whose weights change.
    pub fn new(plasticity: &Plasticity, clock: Clock) -> Self {
        let decay = |tau| Decay::new(tau, clock);
        match *plasticity {
            Plasticity::StdpPair(rule) => {
                Self::Pair(Pair { rule, plus: decay(rule.tau_plus), minus: decay(rule.tau_minus) })
            }
            Plasticity::StdpTriplet(rule) => Self::Triplet(Triplet {
                rule,
                plus: decay(rule.tau_plus),
                plus_slow: decay(rule.tau_plus_triplet),
                minus: decay(rule.tau_minus),
            }),
            Plasticity::Tsodyks(_) => unreachable!("short-term plasticity changes no weight"),
        }
    }
}

impl Rule for Pair {
    fn decayed(&self, traces: Traces, since: f64) -> Traces {
        Traces { fast: traces.fast * self.plus.at(since), slow: 0.0 }
    }

    #[inline]
    fn potentiated(&self, size: f64, traces: Traces, since: f64, _: &Post) -> f64 {
        let StdpPair { lambda, mu_plus, w_max, .. } = self.rule;
        let largest = w_max.abs();
        let y = size / largest;
        let k_plus = traces.fast * self.plus.at(since);
        let y = y + lambda * power(1.0 - y, mu_plus) * k_plus;
        if y < 1.0 { y * largest } else { largest }
    }

    #[inline]
    fn depressed(&self, size: f64, _: Traces, since: f64, post: &Post) -> f64 {
        let StdpPair { lambda, alpha, mu_minus, w_max, .. } = self.rule;
        let largest = w_max.abs();
        let y = size / largest;
        let k_minus = post.fast * self.minus.at(since);
        let y = y - alpha * lambda * power(y, mu_minus) * k_minus;
        if y > 0.0 { y * largest } else { 0.0 }
    }
}

impl Rule for Triplet {
    fn decayed(&self, traces: Traces, since: f64) -> Traces {
        Traces { fast: traces.fast * self.plus.at(since), slow: traces.slow * self.plus_slow.at(since) }
    }

    #[inline]
    fn potentiated(&self, size: f64, traces: Traces, since: f64, post: &Post) -> f64 {
        let StdpTriplet { a_plus, a_plus_triplet, w_max, bounds, .. } = self.rule;
        let largest = w_max.abs();
        let r1 = traces.fast * self.plus.at(since);
        let step = r1 * (a_plus + a_plus_triplet * post.slow);
        let step = match bounds {
            Bounds::Hard => step,
            Bounds::Soft => (1.0 - size / largest) * step,
        };
        (size + step).min(largest)
    }

    #[inline]
    fn depressed(&self, size: f64, traces: Traces, since: f64, post: &Post) -> f64 {
        let StdpTriplet { a_minus, a_minus_triplet, w_max, bounds, .. } = self.rule;
        let o1 = post.fast * self.minus.at(since);
        let step = o1 * (a_minus + a_minus_triplet * traces.slow);
        let step = match bounds {
            Bounds::Hard => step,
            Bounds::Soft => size / w_max.abs() * step,
        };
        (size - step).max(0.0)
    }
}

/// An exponential decay. On the grid times are whole steps, and the values of most of them are known.
#[derive(Debug)]
pub(super) struct Decay {
    tau: f64,
    /// Of the clock \[ms\].
    unit: f64,
    /// By steps; empty in real-valued time.
    known: Vec<f64>,
}

/// 16 KiB of a cache, and 205 ms in steps of 0.1 ms.
const KNOWN_STEPS: u32 = 1 << 11;

impl Decay {
    /// The decay with this time constant \[ms\].
    pub fn new(tau: f64, Clock { unit, is_grid }: Clock) -> Self {
        let mut decay = Self { tau, unit, known: Vec::new() };
        if is_grid {
            decay.known = (0..KNOWN_STEPS).map(|steps| decay.at(f64::from(steps))).collect();
        }
        decay
    }

    /// What is left of 1 after `since`, in units of the clock and ≥ 0.
    #[inline]
    pub fn at(&self, since: f64) -> f64 {
        match self.known.get(since as usize) {
            Some(left) => *left,
            None => libm::exp(-(since * self.unit) / self.tau),
        }
    }
}

/// `y^mu`, at once for the additive and the multiplicative rule.
#[inline]
fn power(y: f64, mu: f64) -> f64 {
    if mu == 0.0 {
        1.0
    } else if mu == 1.0 {
        y
    } else {
        libm::pow(y, mu)
    }
}
