//! Plasticity: how the synapses of a projection change by the spikes that pass them.
//!
//! A rule belongs to a projection and holds for all of its synapses. What a synapse remembers (its
//! efficacy, its weight, its traces) is the engine's; a network holds the rule and the weights at the
//! start. Three rules, one type each, with the semantics of the NEST model of the same purpose:
//!
//! | here | NEST 3.10 | changes |
//! |---|---|---|
//! | [`Tsodyks`] | `tsodyks2_synapse` | what a spike delivers, by the spikes before it |
//! | [`StdpPair`] | `stdp_synapse` | the weight, by pairs of spikes |
//! | [`StdpTriplet`] | `stdp_triplet_synapse` | the weight, by pairs and triplets of spikes |
//!
//! *The delay of a spike-timing rule is dendritic, as in NEST*: a presynaptic spike reaches the synapse
//! when it is fired, and a postsynaptic spike of time `t` reaches it at `t + delay`. Two spikes that
//! reach the synapse at the same time make no pair; in real-valued time those nearer than 10⁻⁶ ms are, as
//! in NEST. A weight is changed by depression before the presynaptic spike carries it.

use serde::{Deserialize, Serialize};

/// The rule by which the synapses of a projection change.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Plasticity {
    /// Short-term depression and facilitation.
    Tsodyks(Tsodyks),
    /// Spike-timing dependence of pairs.
    StdpPair(StdpPair),
    /// Spike-timing dependence of triplets.
    StdpTriplet(StdpTriplet),
}

/// Short-term depression and facilitation after Tsodyks and Markram.
///
/// A synapse has two variables, the available share of its resources `x` and the release probability
/// `u`. The first spike meets `x0` and `u0`. At every later spike, with `h` the time since the spike
/// before it, both change at once:
///
/// ```text
/// x ← 1 + (x − x u − 1) exp(−h / tau_rec)
/// u ← u_step + u (1 − u_step) exp(−h / tau_fac)        u_step: the parameter u; no term if tau_fac = 0
/// ```
///
/// and then the spike delivers `weight · x · u`. The recursion is exact.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `u` | 0.5 | | increment of the release probability (NEST's `U`), in \[0, 1\] |
/// | `tau_rec` | 800 | ms | recovery from depression, > 0 |
/// | `tau_fac` | 0 | ms | decay of facilitation, ≥ 0; 0 for none |
/// | `u0` | `u` | | release probability at the first spike, in \[0, 1\] |
/// | `x0` | 1 | | available share at the first spike, in \[0, 1\] |
///
/// Source: Tsodyks & Markram 1997, doi 10.1073/pnas.94.2.719; Maass & Markram 2002,
/// doi 10.1016/S0893-6080(01)00144-7, equations 4 and 5; the defaults are NEST's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tsodyks {
    /// Increment of the release probability, in \[0, 1\].
    pub u: f64,
    /// Time constant of recovery \[ms\], > 0.
    pub tau_rec: f64,
    /// Time constant of facilitation \[ms\], ≥ 0; 0 for none.
    pub tau_fac: f64,
    /// Release probability at the first spike, in \[0, 1\]; `u` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub u0: Option<f64>,
    /// Available share at the first spike, in \[0, 1\].
    pub x0: f64,
}

/// Spike-timing dependence of pairs of spikes, all with all.
///
/// Every synapse has a trace `k_plus` of its presynaptic spikes and every neuron a trace `k_minus` of its
/// own spikes; each grows by 1 at a spike and decays with `tau_plus` and `tau_minus`. With
/// `y = w / w_max`, when a postsynaptic spike reaches the synapse and when a presynaptic one does:
///
/// ```text
/// post:  y ← min(1, y + lambda (1 − y)^mu_plus k_plus)
/// pre:   y ← max(0, y − alpha lambda y^mu_minus k_minus)
/// ```
///
/// The bounds 0 and `w_max` are hard. `mu_plus = mu_minus = 0` is the additive rule, 1 the
/// multiplicative one, whose bounds are soft as well; values between interpolate.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `tau_plus` | 20 | ms | presynaptic trace, > 0 |
/// | `tau_minus` | 20 | ms | postsynaptic trace, > 0 (NEST keeps it in the neuron) |
/// | `lambda` | 0.01 | | step size, ≥ 0 |
/// | `alpha` | 1 | | depression relative to potentiation, ≥ 0 |
/// | `mu_plus` | 1 | | exponent of potentiation, ≥ 0 |
/// | `mu_minus` | 1 | | exponent of depression, ≥ 0 |
/// | `w_max` | 100 | as the weights | largest weight, not 0; weights lie between 0 and `w_max` |
///
/// Source: Gütig et al. 2003, doi 10.1523/JNEUROSCI.23-09-03697.2003; the defaults are NEST's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StdpPair {
    /// Time constant of the presynaptic trace \[ms\], > 0.
    pub tau_plus: f64,
    /// Time constant of the postsynaptic trace \[ms\], > 0.
    pub tau_minus: f64,
    /// Step size, relative to `w_max`, ≥ 0.
    pub lambda: f64,
    /// Depression relative to potentiation, ≥ 0.
    pub alpha: f64,
    /// Exponent of the weight dependence of potentiation, ≥ 0.
    pub mu_plus: f64,
    /// Exponent of the weight dependence of depression, ≥ 0.
    pub mu_minus: f64,
    /// Largest weight \[as the weights\], not 0; below 0 for inhibitory synapses.
    pub w_max: f64,
}

/// Spike-timing dependence of pairs and triplets of spikes, all with all.
///
/// Every synapse has a short and a long trace of its presynaptic spikes, `r1` and `r2`, and every neuron
/// two of its own spikes, `o1` and `o2`; each grows by 1 at a spike and decays with `tau_plus`,
/// `tau_plus_triplet`, `tau_minus`, `tau_minus_triplet`. The long traces are taken as they are just
/// before the spike. With `w` the size of the weight, when a postsynaptic spike reaches the synapse and
/// when a presynaptic one does:
///
/// ```text
/// post:  w ← min(|w_max|, w + f_plus  r1 (a_plus  + a_plus_triplet  o2))
/// pre:   w ← max(0,       w − f_minus o1 (a_minus + a_minus_triplet r2))
/// ```
///
/// Hard bounds have `f_plus = f_minus = 1`, soft ones `f_plus = 1 − w/|w_max|` and `f_minus = w/|w_max|`.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `tau_plus` | 16.8 | ms | short presynaptic trace r1, > 0 |
/// | `tau_plus_triplet` | 101 | ms | long presynaptic trace r2, > 0 |
/// | `tau_minus` | 33.7 | ms | short postsynaptic trace o1, > 0 (NEST keeps it in the neuron) |
/// | `tau_minus_triplet` | 125 | ms | long postsynaptic trace o2, > 0 (NEST keeps it in the neuron) |
/// | `a_plus`, `a_plus_triplet` | 5·10⁻¹⁰, 6.2·10⁻³ | as the weights | potentiation by pairs, by triplets, ≥ 0 |
/// | `a_minus`, `a_minus_triplet` | 7·10⁻³, 2.3·10⁻⁴ | as the weights | depression by pairs, by triplets, ≥ 0 |
/// | `w_max` | 100 | as the weights | largest weight, not 0; weights lie between 0 and `w_max` |
/// | `bounds` | `hard` | | `hard` (NEST) or `soft` |
///
/// Source: Pfister & Gerstner 2006, doi 10.1523/JNEUROSCI.1425-06.2006; the defaults are the full
/// all-to-all model fitted to visual cortex (their table 3), `w_max` is NEST's.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StdpTriplet {
    /// Time constant of the short presynaptic trace \[ms\], > 0.
    pub tau_plus: f64,
    /// Time constant of the long presynaptic trace \[ms\], > 0.
    pub tau_plus_triplet: f64,
    /// Time constant of the short postsynaptic trace \[ms\], > 0.
    pub tau_minus: f64,
    /// Time constant of the long postsynaptic trace \[ms\], > 0.
    pub tau_minus_triplet: f64,
    /// Potentiation by a pair \[as the weights\], ≥ 0.
    pub a_plus: f64,
    /// Depression by a pair \[as the weights\], ≥ 0.
    pub a_minus: f64,
    /// Potentiation by a triplet \[as the weights\], ≥ 0.
    pub a_plus_triplet: f64,
    /// Depression by a triplet \[as the weights\], ≥ 0.
    pub a_minus_triplet: f64,
    /// Largest weight \[as the weights\], not 0; below 0 for inhibitory synapses.
    pub w_max: f64,
    /// How a weight behaves near 0 and `w_max`.
    pub bounds: Bounds,
}

/// How a weight behaves near its bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bounds {
    /// It stops there.
    #[default]
    Hard,
    /// Its steps shrink in proportion to the way that is left.
    Soft,
}

impl Default for Tsodyks {
    fn default() -> Self {
        Self { u: 0.5, tau_rec: 800.0, tau_fac: 0.0, u0: None, x0: 1.0 }
    }
}

impl Default for StdpPair {
    fn default() -> Self {
        let (tau_plus, tau_minus, lambda, alpha) = (20.0, 20.0, 0.01, 1.0);
        Self { tau_plus, tau_minus, lambda, alpha, mu_plus: 1.0, mu_minus: 1.0, w_max: 100.0 }
    }
}

impl Default for StdpTriplet {
    fn default() -> Self {
        Self {
            tau_plus: 16.8,
            tau_plus_triplet: 101.0,
            tau_minus: 33.7,
            tau_minus_triplet: 125.0,
            a_plus: 5e-10,
            a_minus: 7e-3,
            a_plus_triplet: 6.2e-3,
            a_minus_triplet: 2.3e-4,
            w_max: 100.0,
            bounds: Bounds::Hard,
        }
    }
}

impl Tsodyks {
    /// The release probability at the first spike.
    pub fn initial_u(&self) -> f64 {
        self.u0.unwrap_or(self.u)
    }
}

impl Plasticity {
    /// The largest weight, where the rule changes weights.
    pub fn w_max(&self) -> Option<f64> {
        match self {
            Self::Tsodyks(_) => None,
            Self::StdpPair(rule) => Some(rule.w_max),
            Self::StdpTriplet(rule) => Some(rule.w_max),
        }
    }

    /// Everything that is wrong with the parameters, as (name, value, what it must be).
    pub(crate) fn faults(&self) -> Vec<(&'static str, f64, &'static str)> {
        let ranged = match *self {
            Self::Tsodyks(rule) => {
                let Tsodyks { u, tau_rec, tau_fac, u0: _, x0 } = rule;
                vec![
                    ("u", u, Range::Share),
                    ("tau_rec", tau_rec, Range::Time),
                    ("tau_fac", tau_fac, Range::TimeOrZero),
                    ("u0", rule.initial_u(), Range::Share),
                    ("x0", x0, Range::Share),
                ]
            }
            Self::StdpPair(rule) => {
                let StdpPair { tau_plus, tau_minus, lambda, alpha, mu_plus, mu_minus, w_max } = rule;
                vec![
                    ("tau_plus", tau_plus, Range::Time),
                    ("tau_minus", tau_minus, Range::Time),
                    ("lambda", lambda, Range::Size),
                    ("alpha", alpha, Range::Size),
                    ("mu_plus", mu_plus, Range::Size),
                    ("mu_minus", mu_minus, Range::Size),
                    ("w_max", w_max, Range::NotZero),
                ]
            }
            Self::StdpTriplet(rule) => {
                let StdpTriplet {
                    tau_plus,
                    tau_plus_triplet,
                    tau_minus,
                    tau_minus_triplet,
                    a_plus,
                    a_minus,
                    a_plus_triplet,
                    a_minus_triplet,
                    w_max,
                    bounds: _,
                } = rule;
                vec![
                    ("tau_plus", tau_plus, Range::Time),
                    ("tau_plus_triplet", tau_plus_triplet, Range::Time),
                    ("tau_minus", tau_minus, Range::Time),
                    ("tau_minus_triplet", tau_minus_triplet, Range::Time),
                    ("a_plus", a_plus, Range::Size),
                    ("a_minus", a_minus, Range::Size),
                    ("a_plus_triplet", a_plus_triplet, Range::Size),
                    ("a_minus_triplet", a_minus_triplet, Range::Size),
                    ("w_max", w_max, Range::NotZero),
                ]
            }
        };
        let wrong = |(_, value, range): &(_, f64, Range)| !(value.is_finite() && range.contains(*value));
        ranged.into_iter().filter(wrong).map(|(name, value, range)| (name, value, range.must())).collect()
    }
}

/// The values that a parameter of a rule may have; all are finite.
#[derive(Clone, Copy)]
enum Range {
    Time,
    TimeOrZero,
    Share,
    Size,
    NotZero,
}

impl Range {
    fn contains(self, value: f64) -> bool {
        match self {
            Self::Time => value > 0.0,
            Self::TimeOrZero | Self::Size => value >= 0.0,
            Self::Share => (0.0..=1.0).contains(&value),
            Self::NotZero => value != 0.0,
        }
    }

    fn must(self) -> &'static str {
        match self {
            Self::Time => "finite and above 0 ms",
            Self::TimeOrZero => "finite and at least 0 ms",
            Self::Share => "from 0 to 1",
            Self::Size => "finite and at least 0",
            Self::NotZero => "finite and not 0",
        }
    }
}
