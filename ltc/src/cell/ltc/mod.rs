//! The liquid time-constant cell with conductances, as in `ncps` and in neural circuit policies.
//!
//! ```text
//! cm dv/dt = gleak (vleak − v) + Σ a (erev − v)      a = w σ(sigma (u − mu)) of every synapse
//! ```
//! where `u` is the state of the unit, or the input, that the synapse comes from. A step of length T is cut
//! into `unfolds` of h = T/unfolds; inputs are constant in it. With num = gleak vleak + Σ a erev and
//! den = gleak + Σ a + epsilon, an unfold is
//!
//! ```text
//! Fused            v ← (cm v + h num)/(cm + h den)             semi-implicit, order 1
//! Exponential      v ← E v + (1 − E) num/den                   E = exp(−h den/cm), order 1
//! ```
//! Both give a mean of `v`, `vleak`, all `erev` (and 0, with the weight `epsilon`), so states stay between
//! the least and the largest of these for every T ≥ 0; T = 0 changes nothing. Both need the same sigmoids;
//! the exponential step is 2.6 to 4 times more accurate, the fused one is what published models are trained
//! with.
//!
//! A step costs unfolds × synapses + sensory synapses sigmoids, at 3 to 5 a nanosecond in single precision with
//! AVX-512. Samples side by side go through [`Cell::step`], one alone through a [`Stream`]; both give the same
//! bits.
//!
//! | parameter | default start | meaning |
//! |---|---|---|
//! | `gleak` | U(0.001, 1) | leak conductance, > 0 |
//! | `vleak` | U(−0.2, 0.2) | reversal of the leak |
//! | `cm` | U(0.4, 0.6) | capacitance, > 0 |
//! | `w`, `sensory_w` | U(0.001, 1) | largest conductance of a synapse, ≥ 0 |
//! | `sigma`, `sensory_sigma` | U(3, 8) | slope of its sigmoid |
//! | `mu`, `sensory_mu` | U(0.3, 0.8) | middle of its sigmoid |
//! | `erev`, `sensory_erev` | ±1 | reversal of a synapse |
//! | `input_w`, `input_b`, `output_w`, `output_b` | 1, 0 | maps of inputs, and of the first states to outputs |
//!
//! Sources: Hasani et al. 2021, doi 10.1609/aaai.v35i9.16936; Lechner et al. 2020,
//! doi 10.1038/s42256-020-00237-3; `ncps` 1.0.1, whose results it gives to rounding.

#[cfg(test)]
pub(super) mod bits;
mod packed;
mod parameters;
mod pull;
mod rates;
mod slices;
mod step;
mod stream;
#[cfg(test)]
mod tests;

use std::ops::Range;

use pulp::Arch;
use serde::{Deserialize, Serialize};

use super::{Cell, CellError, Lanes, Layout, Pull, Step, Taken};
use crate::Real;
use crate::wiring::{Synapse, Wiring};
use parameters::Places;
pub use stream::Stream;

/// How an unfold goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unfold {
    /// The semi-implicit step of the LTC paper.
    #[default]
    Fused,
    /// Exponential Euler.
    Exponential,
}

/// How a map of inputs or outputs goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Map {
    /// `w x + b`.
    #[default]
    Affine,
    /// `w x`.
    Linear,
    /// `x`.
    None,
}

/// How `w`, `sensory_w`, `gleak` and `cm` are kept positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Constraint {
    /// They are as they are, and [`Ltc::clip`] is called after every step of training.
    #[default]
    Clipped,
    /// They are the softplus of the raw parameters.
    Softplus,
}

/// What a cell does, beside its wiring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LtcConfig {
    /// Unfolds a step, > 0.
    pub unfolds: usize,
    /// How they go.
    pub unfold: Unfold,
    /// How inputs are mapped.
    pub input_map: Map,
    /// How outputs are mapped.
    pub output_map: Map,
    /// How parameters are kept positive.
    pub constraint: Constraint,
    /// What is added to the conductance, so that no unit is without; ≥ 0.
    pub epsilon: f64,
}

impl Default for LtcConfig {
    /// The defaults of `ncps`'s `LTCCell`.
    fn default() -> Self {
        Self {
            unfolds: 6,
            unfold: Unfold::default(),
            input_map: Map::default(),
            output_map: Map::default(),
            constraint: Constraint::default(),
            epsilon: 1e-8,
        }
    }
}

/// An LTC network.
#[derive(Debug, Clone)]
pub struct Ltc {
    arch: Arch,
    config: LtcConfig,
    wiring: Wiring,
    layout: Layout,
    places: Places,
    synapses: Incoming,
    sensory: Incoming,
}

/// The synapses of every unit.
#[derive(Debug, Clone)]
struct Incoming {
    /// Where those of a unit begin; one more at the end.
    first: Vec<u32>,
    sources: Vec<u32>,
}

impl Incoming {
    fn new(units: usize, synapses: &[Synapse]) -> Self {
        let first =
            (0..=units as u32).map(|unit| synapses.partition_point(|synapse| synapse.target < unit) as u32);
        Self { first: first.collect(), sources: synapses.iter().map(|synapse| synapse.source).collect() }
    }

    /// Which synapses are those of a unit.
    #[inline(always)]
    fn range(&self, unit: usize) -> Range<usize> {
        self.first[unit] as usize..self.first[unit + 1] as usize
    }
}

impl Ltc {
    /// A cell with these synapses.
    ///
    /// # Errors
    /// If there are no unfolds, or `epsilon` is negative or no number.
    pub fn new(wiring: Wiring, config: LtcConfig) -> Result<Self, CellError> {
        if config.unfolds == 0 {
            let must = "above 0";
            return Err(CellError::Argument { what: "the number of unfolds", value: 0.0, must });
        }
        if !(config.epsilon >= 0.0 && config.epsilon.is_finite()) {
            let must = "finite and at least 0";
            return Err(CellError::Argument { what: "epsilon", value: config.epsilon, must });
        }
        let layout = parameters::layout(&wiring, &config);
        let places = Places::of(&layout);
        let synapses = Incoming::new(wiring.units(), wiring.synapses());
        let sensory = Incoming::new(wiring.units(), wiring.sensory());
        Ok(Self { arch: Arch::new(), config, wiring, layout, places, synapses, sensory })
    }

    /// Its synapses.
    pub fn wiring(&self) -> &Wiring {
        &self.wiring
    }

    /// What it does.
    pub fn config(&self) -> &LtcConfig {
        &self.config
    }
}

impl<R: Real> Cell<R> for Ltc {
    fn n_inputs(&self) -> usize {
        self.wiring.n_inputs()
    }

    fn n_state(&self) -> usize {
        self.wiring.units()
    }

    fn n_outputs(&self) -> usize {
        self.wiring.n_outputs()
    }

    fn n_kept(&self) -> usize {
        let [_, _, end] = self.kept_ends();
        end
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn n_sums(&self) -> usize {
        pull::SumPlaces::of(self).n_sums()
    }

    fn add_sums(&self, parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]) {
        pull::add_sums(self, parameters, sums, gradient);
    }

    fn effective(&self, raw: &[R]) -> Vec<R> {
        let mut effective = raw.to_vec();
        if self.config.constraint == Constraint::Softplus {
            for range in self.places.positive() {
                effective[range].iter_mut().for_each(|x| *x = x.softplus());
            }
        }
        packed::append(&self.places, &mut effective);
        effective
    }

    fn pull_effective(&self, raw: &[R], gradient: &mut [R]) {
        if self.config.constraint == Constraint::Softplus {
            for range in self.places.positive() {
                gradient[range.clone()].iter_mut().zip(&raw[range]).for_each(|(g, x)| *g *= x.sigmoid());
            }
        }
    }

    fn step(&self, parameters: &[R], step: Step<'_, R>) {
        self.arch.dispatch(step::Forward { cell: self, parameters, step });
    }

    fn pull(&self, parameters: &[R], step: &Taken<'_, R>, pull: Pull<'_, R>) {
        self.arch.dispatch(pull::Backward { cell: self, parameters, step, pull });
    }
}
