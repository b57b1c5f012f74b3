//! The rules of connection: one file each.

mod all_to_all;
mod distance;
mod explicit;
mod fixed_in_degree;
mod fixed_out_degree;
mod fixed_probability;
mod matching;
mod one_to_one;
mod scale_free;
mod small_world;
mod total_number;

use serde::{Deserialize, Serialize};

pub use distance::Distance;
pub use explicit::Explicit;
pub use scale_free::ScaleFree;
pub use small_world::SmallWorld;

use super::rows::Rows;
use crate::random::{Purpose, Stream};

/// The most synapses of a projection, known before it is drawn: 275 GB of targets.
pub(super) const MOST_SYNAPSES: f64 = (1_u64 << 36) as f64;

/// Which pairs of nodes a projection joins.
///
/// In TOML a name, or a table with one key: `rule = "one_to_one"`,
/// `rule = { fixed_probability = { p = 0.1 } }`.
///
/// | rule | joins | synapses |
/// |---|---|---|
/// | `one_to_one` | node i with node i | n |
/// | `matching` | each source with a target of its own, chosen at random | sources |
/// | `all_to_all` | every pair | sources × targets |
/// | `fixed_probability` | every pair with probability `p` | p × pairs on average |
/// | `fixed_in_degree` | `k` random sources with every target | k × targets |
/// | `fixed_out_degree` | every source with `k` random targets | k × sources |
/// | `total_number` | `n` random pairs | n |
/// | `distance` | pairs with probability `c·exp(−(d/lambda)²)`: see [`Distance`] | |
/// | `small_world` | a ring with rewired synapses: see [`SmallWorld`] | k × nodes |
/// | `scale_free` | degrees of a power law: see [`ScaleFree`] | mean_degree × sources on average |
/// | `explicit` | the pairs of a list: see [`Explicit`] | its length |
///
/// Every rule costs `O(sources + targets + synapses)`, up to a logarithm for sorting a row, and
/// draws from streams named by (seed, projection, row), so that threads do not matter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Rule {
    /// Node i with node i.
    OneToOne,
    /// Each source with a target of its own, chosen at random.
    Matching,
    /// Every pair.
    AllToAll,
    /// Every pair with the same probability.
    FixedProbability {
        /// The probability, in \[0, 1\].
        p: f64,
    },
    /// So many random sources for every target.
    FixedInDegree {
        /// Synapses a target.
        k: u32,
    },
    /// So many random targets for every source.
    FixedOutDegree {
        /// Synapses a source.
        k: u32,
    },
    /// So many random pairs.
    TotalNumber {
        /// All synapses.
        n: u64,
    },
    /// Nearby pairs.
    Distance(Distance),
    /// Watts and Strogatz's ring.
    SmallWorld(SmallWorld),
    /// Chung and Lu's graph.
    ScaleFree(ScaleFree),
    /// The pairs of a list.
    Explicit(Explicit),
}

/// The two ends of a projection, as a rule sees them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ends<'a> {
    /// The number of sources, > 0.
    pub(super) n_sources: u32,
    /// The number of targets, > 0.
    pub(super) n_targets: u32,
    /// Whether both are the same population.
    pub(super) same: bool,
    /// Whether a neuron may reach itself.
    pub(super) allow_autapses: bool,
    /// Whether two synapses may join one pair.
    pub(super) allow_multapses: bool,
    /// The positions of the sources.
    pub(super) source_at: Option<&'a [[f32; 3]]>,
    /// The positions of the targets.
    pub(super) target_at: Option<&'a [[f32; 3]]>,
}

/// The streams of a projection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Streams {
    /// The seed of the network.
    pub(super) seed: u64,
    /// The projection, by its place in the list.
    pub(super) projection: u32,
}

impl Streams {
    /// The stream for connections of a row.
    fn connect(self, row: u32) -> Stream {
        Stream::new(self.seed, Purpose::Connect, self.projection, u64::from(row))
    }
}

impl Ends<'_> {
    /// Whether pairs (i, i) are left out.
    fn without_self(&self) -> bool {
        self.same && !self.allow_autapses
    }

    /// How many targets a source may have, each once.
    fn choices(&self) -> u32 {
        self.n_targets - u32::from(self.without_self())
    }

    /// The node that a draw below `choices` stands for: `own` is stepped over.
    fn step_over(&self, own: u32, drawn: u32) -> u32 {
        drawn + u32::from(self.without_self() && drawn >= own)
    }
}

/// Draws the pairs of a rule that [`faults`] found nothing wrong with.
pub(super) fn connect(rule: &Rule, ends: &Ends<'_>, streams: Streams) -> Rows {
    match rule {
        Rule::OneToOne => one_to_one::rows(ends),
        Rule::Matching => matching::rows(ends, streams),
        Rule::AllToAll => all_to_all::rows(ends),
        Rule::FixedProbability { p } => fixed_probability::rows(*p, ends, streams),
        Rule::FixedInDegree { k } => fixed_in_degree::rows(*k, ends, streams),
        Rule::FixedOutDegree { k } => fixed_out_degree::rows(*k, ends, streams),
        Rule::TotalNumber { n } => total_number::rows(*n, ends, streams),
        Rule::Distance(distance) => distance.rows(ends, streams),
        Rule::SmallWorld(small_world) => small_world.rows(ends, streams),
        Rule::ScaleFree(scale_free) => scale_free.rows(ends, streams),
        Rule::Explicit(explicit) => explicit.rows(ends),
    }
}

/// Everything that keeps a rule from joining these ends; positions are not looked at.
pub(super) fn faults(rule: &Rule, ends: &Ends<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    let (n_sources, n_targets, choices) = (ends.n_sources, ends.n_targets, ends.choices());
    let probability = |name: &str, p: f64| {
        (!(0.0..=1.0).contains(&p)).then(|| format!("{name} is {p}, and a probability is from 0 to 1"))
    };
    let degree = |k: u32, n: u32, end: &str| {
        let too_many = if ends.allow_multapses { k > 0 && n == 0 } else { k > n };
        too_many.then(|| {
            format!("k is {k}, and there are {n} different {end} to choose from: lower k, or allow multapses or autapses")
        })
    };
    match rule {
        Rule::OneToOne if n_sources != n_targets => {
            faults.push(format!(
                "one_to_one joins {n_sources} sources with {n_targets} targets: make them as many"
            ));
        }
        Rule::OneToOne | Rule::AllToAll => {}
        Rule::Matching if n_sources > n_targets => {
            faults.push(format!(
                "matching needs a target for each of {n_sources} sources, and there are {n_targets}"
            ));
        }
        Rule::Matching => {}
        Rule::FixedProbability { p } => faults.extend(probability("p", *p)),
        Rule::FixedInDegree { k } => {
            let sources = n_sources - u32::from(ends.without_self());
            faults.extend(degree(*k, sources, "sources"));
        }
        Rule::FixedOutDegree { k } => faults.extend(degree(*k, choices, "targets")),
        Rule::TotalNumber { n } => {
            let pairs = u64::from(n_sources) * u64::from(choices);
            let too_many = if ends.allow_multapses { *n > 0 && pairs == 0 } else { *n > pairs };
            if too_many {
                faults.push(format!(
                    "n is {n}, and there are {pairs} different pairs: lower n, or allow multapses"
                ));
            } else if *n / u64::from(n_sources) > u64::from(u32::MAX / 2) {
                faults.push(format!(
                    "n is {n}, which is more than 2^31 for each of {n_sources} sources: lower n"
                ));
            }
        }
        Rule::Distance(distance) => {
            faults.extend(probability("c", distance.c));
            faults.extend(distance.faults());
        }
        Rule::SmallWorld(small_world) => {
            faults.extend(probability("beta", small_world.beta));
            faults.extend(small_world.faults(ends));
        }
        Rule::ScaleFree(scale_free) => faults.extend(scale_free.faults(ends)),
        Rule::Explicit(explicit) => faults.extend(explicit.faults(ends)),
    }
    faults
}

/// How many synapses there will be on average, where that is known without drawing.
pub(super) fn expected(rule: &Rule, ends: &Ends<'_>) -> Option<f64> {
    let (n_sources, n_targets) = (f64::from(ends.n_sources), f64::from(ends.n_targets));
    match rule {
        Rule::OneToOne | Rule::Matching => Some(n_sources),
        Rule::AllToAll => Some(n_sources * f64::from(ends.choices())),
        Rule::FixedProbability { p } => Some(n_sources * f64::from(ends.choices()) * p),
        Rule::FixedInDegree { k } => Some(n_targets * f64::from(*k)),
        Rule::FixedOutDegree { k } => Some(n_sources * f64::from(*k)),
        Rule::TotalNumber { n } => Some(*n as f64),
        Rule::SmallWorld(SmallWorld { k, .. }) => Some(n_sources * f64::from(*k)),
        Rule::ScaleFree(ScaleFree { mean_degree, .. }) => Some(n_sources * mean_degree),
        Rule::Explicit(explicit) => Some(explicit.sources.len() as f64),
        Rule::Distance(_) => None,
    }
}
