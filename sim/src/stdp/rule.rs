//! What pairs and triplets of spikes do to the size of a weight.

use rheobase_net::{Bounds, StdpPair, StdpTriplet};
use serde::{Deserialize, Serialize};

/// The traces of presynaptic spikes: `k_plus`, or `r1` and `r2`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Traces {
    pub fast: f64,
    /// 0 for pairs.
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
/// times are in ms.
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

impl Rule for StdpPair {
    fn decayed(&self, traces: Traces, since: f64) -> Traces {
        Traces { fast: decayed(traces.fast, since, self.tau_plus), slow: 0.0 }
    }

    #[inline]
    fn potentiated(&self, size: f64, traces: Traces, since: f64, _: &Post) -> f64 {
        let largest = self.w_max.abs();
        let y = size / largest;
        let k_plus = decayed(traces.fast, since, self.tau_plus);
        let y = y + self.lambda * power(1.0 - y, self.mu_plus) * k_plus;
        if y < 1.0 { y * largest } else { largest }
    }

    #[inline]
    fn depressed(&self, size: f64, _: Traces, since: f64, post: &Post) -> f64 {
        let largest = self.w_max.abs();
        let y = size / largest;
        let k_minus = decayed(post.fast, since, self.tau_minus);
        let y = y - self.alpha * self.lambda * power(y, self.mu_minus) * k_minus;
        if y > 0.0 { y * largest } else { 0.0 }
    }
}

impl Rule for StdpTriplet {
    fn decayed(&self, traces: Traces, since: f64) -> Traces {
        Traces {
            fast: decayed(traces.fast, since, self.tau_plus),
            slow: decayed(traces.slow, since, self.tau_plus_triplet),
        }
    }

    #[inline]
    fn potentiated(&self, size: f64, traces: Traces, since: f64, post: &Post) -> f64 {
        let largest = self.w_max.abs();
        let r1 = decayed(traces.fast, since, self.tau_plus);
        let step = r1 * (self.a_plus + self.a_plus_triplet * post.slow);
        let step = match self.bounds {
            Bounds::Hard => step,
            Bounds::Soft => (1.0 - size / largest) * step,
        };
        (size + step).min(largest)
    }

    #[inline]
    fn depressed(&self, size: f64, traces: Traces, since: f64, post: &Post) -> f64 {
        let o1 = decayed(post.fast, since, self.tau_minus);
        let step = o1 * (self.a_minus + self.a_minus_triplet * traces.slow);
        let step = match self.bounds {
            Bounds::Hard => step,
            Bounds::Soft => size / self.w_max.abs() * step,
        };
        (size - step).max(0.0)
    }
}

#[inline]
pub(super) fn decayed(value: f64, since: f64, tau: f64) -> f64 {
    value * libm::exp(-since / tau)
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
