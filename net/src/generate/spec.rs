//! The description of a network: populations, spaces and projections.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Distribution, ModelSpec, Rule};
use crate::{Plasticity, Receptor};

/// What to generate: the input of [`generate`](super::generate), and a TOML file, whose text [`str::parse`] reads.
///
/// ```toml
/// [[spaces]]
/// name = "column"
/// grid = [15, 3, 3]
///
/// [[populations]]
/// name = "exc"
/// size = 108
/// placement = { space = "column" }
/// model.lif = { tau_m = 30.0, v_init = { uniform = { low = -70.0, high = -55.0 } } }
///
/// [[populations]]
/// name = "inh"
/// size = 27
/// placement = { space = "column" }
/// model.lif = { tau_m = 30.0 }
///
/// [[projections]]
/// source = "exc"
/// target = "inh"
/// rule.distance = { c = 0.2, lambda = 2.0 }
/// weight = 30.0
/// delay = 0.8
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkSpec {
    /// Sets of points that populations share.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spaces: Vec<SpaceSpec>,
    /// The populations, in the order of their nodes.
    pub populations: Vec<PopulationSpec>,
    /// The projections.
    pub projections: Vec<ProjectionSpec>,
}

impl FromStr for NetworkSpec {
    type Err = toml::de::Error;

    /// Reads a description in TOML.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        toml::from_str(text)
    }
}

/// A grid whose points are dealt at random to the populations that are placed in it.
///
/// Which point goes to whom depends on the seed alone; the points of one population ascend, x
/// fastest. The first points are used, as many as the populations need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpaceSpec {
    /// The name.
    pub name: String,
    /// The number of points along x, y and z.
    pub grid: [u32; 3],
    /// The distance of neighbors along x, y and z.
    #[serde(default = "unit")]
    pub spacing: [f64; 3],
}

/// A population to make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PopulationSpec {
    /// The name.
    pub name: String,
    /// The number of nodes; may be left out where a grid of its own or the wiring of a group says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
    /// What a node is.
    #[serde(default)]
    pub model: ModelSpec,
    /// Where the nodes are.
    #[serde(default, skip_serializing_if = "Placement::is_none")]
    pub placement: Placement,
}

/// Where the nodes of a population are.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Placement {
    /// Nowhere.
    #[default]
    None,
    /// On points dealt to it from the space of that name.
    Space(String),
    /// On the first points of a grid of its own, x fastest.
    Grid {
        /// The number of points along x, y and z.
        n: [u32; 3],
        /// The distance of neighbors along x, y and z.
        #[serde(default = "unit")]
        spacing: [f64; 3],
        /// The first point.
        #[serde(default)]
        origin: [f64; 3],
    },
    /// At random in a box. Nodes are counted along Morton's curve, so that near nodes have near indices.
    Random {
        /// The edges of the box along x, y and z.
        size: [f64; 3],
        /// The corner of the box with the smallest coordinates.
        #[serde(default)]
        origin: [f64; 3],
    },
}

/// A projection to make.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectionSpec {
    /// The name; `source-target` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of the population where the synapses start.
    pub source: String,
    /// The name of the population where they end; at a group they end at its inputs, which the rule joins in
    /// place of nodes. At a group they start at its outputs.
    pub target: String,
    /// Which pairs are joined.
    pub rule: Rule,
    /// Weight \[mV for delta synapses, nS for conductances, else pA; pA per unit from a current source or a group;
    /// into a group what a spike adds to a trace, or a factor\]. A constant is stored once.
    #[serde(default = "one")]
    pub weight: Distribution,
    /// How drawn weights are stored.
    #[serde(default)]
    pub precision: Precision,
    /// Delay \[ms\]. A constant is stored once, exactly; drawn delays are rounded to whole ticks, from
    /// one to 65,535 of them.
    #[serde(default = "one")]
    pub delay: Distribution,
    /// The unit of drawn delays \[ms\], > 0.
    #[serde(default = "tenth")]
    pub tick: f64,
    /// Which synaptic current of the target is fed.
    #[serde(default = "by_sign")]
    pub receptor: Receptor,
    /// Whether a neuron may reach itself (not asked by `one_to_one`, `matching` and
    /// `explicit`).
    #[serde(default)]
    pub allow_autapses: bool,
    /// Whether two synapses may join the same pair, where the rule draws pairs with replacement:
    /// fixed in-degree, fixed out-degree and total number.
    #[serde(default)]
    pub allow_multapses: bool,
    /// How the synapses change; static if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plasticity: Option<Plasticity>,
}

/// How drawn weights are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Four bytes a synapse.
    #[default]
    Single,
    /// Eight bytes a synapse.
    Double,
}

fn unit() -> [f64; 3] {
    [1.0; 3]
}

fn one() -> Distribution {
    Distribution::Constant(1.0)
}

fn tenth() -> f64 {
    0.1
}

fn by_sign() -> Receptor {
    Receptor::BySign
}

impl Placement {
    /// Whether it places nothing.
    fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl PopulationSpec {
    /// `size` nodes of a model, placed nowhere.
    pub fn new(name: impl Into<String>, size: u32, model: ModelSpec) -> Self {
        Self { name: name.into(), size: Some(size), model, placement: Placement::None }
    }

    /// The same population in a space.
    pub fn in_space(self, space: impl Into<String>) -> Self {
        Self { placement: Placement::Space(space.into()), ..self }
    }

    /// The number of nodes: what is given, the units of a group, or the points of the population's own grid.
    pub(super) fn n_nodes(&self) -> Option<u64> {
        if let (None, Some(group)) = (self.size, self.model.as_group()) {
            return Some(group.n_units);
        }
        match (&self.size, &self.placement) {
            (Some(size), _) => Some(u64::from(*size)),
            (None, Placement::Grid { n, .. }) => n_points(*n),
            (None, Placement::None | Placement::Space(_) | Placement::Random { .. }) => None,
        }
    }
}

impl ProjectionSpec {
    /// A projection with the defaults of the file format: weight 1, delay 1 ms, no autapses, no
    /// multapses.
    pub fn new(source: impl Into<String>, target: impl Into<String>, rule: Rule) -> Self {
        Self {
            name: None,
            source: source.into(),
            target: target.into(),
            rule,
            weight: one(),
            precision: Precision::default(),
            delay: one(),
            tick: tenth(),
            receptor: by_sign(),
            allow_autapses: false,
            allow_multapses: false,
            plasticity: None,
        }
    }

    /// The same projection with these weights and delays \[ms\].
    pub fn with(self, weight: impl Into<Distribution>, delay: impl Into<Distribution>) -> Self {
        Self { weight: weight.into(), delay: delay.into(), ..self }
    }

    /// The name, given or made from source and target.
    pub fn full_name(&self) -> String {
        self.name.clone().unwrap_or_else(|| format!("{}-{}", self.source, self.target))
    }
}

/// The number of points of a grid, if 64 bits can hold it.
pub(super) fn n_points(grid: [u32; 3]) -> Option<u64> {
    grid.into_iter().try_fold(1_u64, |product, n| product.checked_mul(u64::from(n)))
}
