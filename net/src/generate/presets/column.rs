//! Maass's column: a liquid of excitatory and inhibitory neurons in space.

use serde::{Deserialize, Serialize};

use crate::Plasticity;
use crate::generate::{
    Distance, Distribution, Drawn, LifSpec, ModelSpec, NetworkSpec, Placement, PopulationSpec,
    ProjectionSpec, Rule, SpaceSpec,
};

/// A column: what [`column()`] makes a [`NetworkSpec`] from.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `n` | 135 | | neurons |
/// | `placement` | `"grid"` | | grid chosen from n, grid given, or at random |
/// | `spacing` | 1 | | distance of neighbors on the grid |
/// | `fraction_inhibitory` | 0.2 | | share of inhibitory neurons, rounded to whole neurons |
/// | `c` | 0.3, 0.2, 0.4, 0.1 | | probability at distance 0, for `ee`, `ei`, `ie`, `ii` (source first) |
/// | `lambda`, `cutoff` | 2, 4.5 lambda | spacing | see [`Distance`] |
/// | `weight` | 30, 60, −19, −19 | mV or pA | weights for the pairs |
/// | `delay` | 1.5, 0.8, 0.8, 0.8 | ms | delays for the pairs |
/// | `plasticity` | none | | how the synapses of the pairs change |
/// | `exc`, `inh` | defaults of [`LifSpec`] | | neurons |
/// | `input` | none | | what drives the column |
///
/// Source: Maass, Natschläger & Markram 2002, doi 10.1162/089976602760407955.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnSpec {
    /// The number of neurons, > 0.
    pub n: u32,
    /// Where the neurons are.
    pub placement: ColumnPlacement,
    /// The distance of neighbors on the grid.
    pub spacing: f64,
    /// The share of inhibitory neurons, in \[0, 1\].
    pub fraction_inhibitory: f64,
    /// The probability of a synapse at distance 0.
    pub c: PerPair<f64>,
    /// The distance at which the probability has fallen to 1/e.
    pub lambda: f64,
    /// No synapse is longer; 4.5 lambda if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<f64>,
    /// Weights \[mV for delta synapses, else pA\].
    pub weight: PerPair<Distribution>,
    /// Delays \[ms\].
    pub delay: PerPair<Distribution>,
    /// How the synapses of each pair of kinds change; static if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plasticity: Option<PerPair<Plasticity>>,
    /// Excitatory neurons.
    pub exc: LifSpec,
    /// Inhibitory neurons.
    pub inh: LifSpec,
    /// What drives the column.
    pub input: ColumnInput,
}

/// A value for each pair of kinds, source first.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerPair<T> {
    /// From excitatory to excitatory neurons.
    pub ee: T,
    /// From excitatory to inhibitory neurons.
    pub ei: T,
    /// From inhibitory to excitatory neurons.
    pub ie: T,
    /// From inhibitory to inhibitory neurons.
    pub ii: T,
}

/// Where the neurons of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ColumnPlacement {
    /// On the grid that [`column_grid`] chooses; which points are inhibitory is drawn.
    #[default]
    Grid,
    /// On a grid of so many points along x, y and z.
    GridOf([u32; 3]),
    /// At random in a box with these edges.
    Random([f64; 3]),
}

/// What drives a column.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ColumnInput {
    /// Nothing.
    #[default]
    None,
    /// Channels whose spikes are given with the run.
    Channels(Channels),
    /// A Poisson train of its own for some of the neurons.
    Background(Background),
}

/// Channels whose spikes are given with the run: population `input`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Channels {
    /// The number of channels, > 0.
    pub n: u32,
    /// The probability that a channel reaches a neuron.
    pub p: f64,
    /// The size of a weight \[mV for delta synapses, else pA\], ≥ 0.
    pub weight: f64,
    /// The share of synapses with a positive weight, the others being negative, in \[0, 1\].
    pub fraction_excitatory: f64,
    /// Delay \[ms\].
    pub delay: f64,
}

/// Poisson trains: populations `input-exc` and `input-inh`, each source with a neuron of its own.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// The share of neurons of either kind that get a train, rounded to whole neurons, in \[0, 1\].
    pub fraction: f64,
    /// Rate of a train \[Hz\].
    pub rate_hz: f64,
    /// Weight \[mV for delta synapses, else pA\].
    pub weight: f64,
    /// Delay \[ms\].
    pub delay: f64,
}

impl<T> PerPair<T> {
    /// The values as (source, target, value); the kinds are `exc` and `inh`.
    fn pairs(self) -> [(&'static str, &'static str, T); 4] {
        let Self { ee, ei, ie, ii } = self;
        [("exc", "exc", ee), ("exc", "inh", ei), ("inh", "exc", ie), ("inh", "inh", ii)]
    }

    /// The same pairs with other values.
    pub fn map<U>(self, f: impl Fn(T) -> U) -> PerPair<U> {
        let Self { ee, ei, ie, ii } = self;
        PerPair { ee: f(ee), ei: f(ei), ie: f(ie), ii: f(ii) }
    }
}

impl Default for ColumnSpec {
    fn default() -> Self {
        Self {
            n: 135,
            placement: ColumnPlacement::Grid,
            spacing: 1.0,
            fraction_inhibitory: 0.2,
            c: PerPair { ee: 0.3, ei: 0.2, ie: 0.4, ii: 0.1 },
            lambda: 2.0,
            cutoff: None,
            weight: PerPair { ee: 30.0, ei: 60.0, ie: -19.0, ii: -19.0 }.map(Distribution::from),
            delay: PerPair { ee: 1.5, ei: 0.8, ie: 0.8, ii: 0.8 }.map(Distribution::from),
            plasticity: None,
            exc: LifSpec::default(),
            inh: LifSpec::default(),
            input: ColumnInput::None,
        }
    }
}

/// The grid of a column of `n` neurons: those of the benchmark networks (15 × 3 × 3 for 135 and so on),
/// else the most cubic one, whose first `n` points are used.
pub fn column_grid(n: u32) -> [u32; 3] {
    match n {
        135 => [15, 3, 3],
        1000 => [10, 10, 10],
        10_000 => [20, 20, 25],
        100_000 => [40, 50, 50],
        n => {
            let root = libm::cbrt(f64::from(n)).round() as u32;
            let x =
                if root.checked_pow(3) == Some(n) { root } else { libm::cbrt(f64::from(n)).ceil() as u32 };
            let x = x.max(1);
            let y = libm::sqrt(f64::from(n.div_ceil(x))).ceil().max(1.0) as u32;
            [x, y, n.div_ceil(x).div_ceil(y)]
        }
    }
}

/// The description of a column: populations `exc` and `inh` in one space, joined by distance.
///
/// Parts without neurons are left out. Faults of the numbers are found by
/// [`generate`](crate::generate::generate).
pub fn column(spec: &ColumnSpec) -> NetworkSpec {
    let share = |n: u32, fraction: f64| (f64::from(n) * fraction).round().clamp(0.0, f64::from(n)) as u32;
    let n_inh = share(spec.n, spec.fraction_inhibitory);
    let sizes = [("exc", spec.n - n_inh, &spec.exc), ("inh", n_inh, &spec.inh)];
    let mut network = NetworkSpec::default();
    let grid = match spec.placement {
        ColumnPlacement::Grid => Some(column_grid(spec.n)),
        ColumnPlacement::GridOf(grid) => Some(grid),
        ColumnPlacement::Random(_) => None,
    };
    network.spaces.extend(grid.map(|grid| SpaceSpec {
        name: "column".to_owned(),
        grid,
        spacing: [spec.spacing; 3],
    }));
    for (name, size, lif) in sizes {
        let placement = match spec.placement {
            ColumnPlacement::Grid | ColumnPlacement::GridOf(_) => Placement::Space("column".to_owned()),
            ColumnPlacement::Random(size) => Placement::Random { size, origin: [0.0; 3] },
        };
        let population = PopulationSpec::new(name, size, ModelSpec::Lif(lif.clone()));
        network.populations.push(PopulationSpec { placement, ..population });
    }
    let plasticity = match spec.plasticity {
        None => [None; 4],
        Some(rules) => rules.pairs().map(|(.., rule)| Some(rule)),
    };
    let each = spec.c.pairs().into_iter().zip(spec.weight.pairs()).zip(spec.delay.pairs()).zip(plasticity);
    for ((((source, target, c), (.., weight)), (.., delay)), plasticity) in each {
        let rule = Rule::Distance(Distance { c, lambda: spec.lambda, cutoff: spec.cutoff });
        let projection = ProjectionSpec::new(source, target, rule).with(weight, delay);
        network.projections.push(ProjectionSpec { plasticity, ..projection });
    }
    match spec.input {
        ColumnInput::None => {}
        ColumnInput::Channels(channels) => add_channels(&channels, &mut network),
        ColumnInput::Background(background) => {
            for (name, size, _) in sizes {
                add_background(&background, name, share(size, background.fraction), &mut network);
            }
        }
    }
    network.populations.retain(|population| population.size != Some(0));
    let is_there = |name: &String| network.populations.iter().any(|population| population.name == *name);
    network.projections.retain(|projection| is_there(&projection.source) && is_there(&projection.target));
    network
}

fn add_channels(channels: &Channels, network: &mut NetworkSpec) {
    let Channels { n, p, weight, fraction_excitatory, delay } = *channels;
    network.populations.push(PopulationSpec::new("input", n, ModelSpec::ExternalSpikes));
    let weight = match fraction_excitatory {
        1.0 => Distribution::Constant(weight),
        p_a => Distribution::Drawn(Drawn::Either { a: weight, b: -weight, p_a }),
    };
    for target in ["exc", "inh"] {
        let rule = Rule::FixedProbability { p };
        network.projections.push(ProjectionSpec::new("input", target, rule).with(weight, delay));
    }
}

fn add_background(background: &Background, target: &str, size: u32, network: &mut NetworkSpec) {
    let Background { fraction: _, rate_hz, weight, delay } = *background;
    let name = format!("input-{target}");
    let model = ModelSpec::Poisson { rate_hz: rate_hz.into() };
    network.populations.push(PopulationSpec::new(&name, size, model));
    network.projections.push(ProjectionSpec::new(name, target, Rule::Matching).with(weight, delay));
}
