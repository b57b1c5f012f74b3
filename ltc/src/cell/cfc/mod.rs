//! The closed-form continuous-time cell (CfC): a gate of elapsed time in place of a differential equation.
//!
//! ```text
//! x = backbone([u, h])                                u inputs, h state, T elapsed time
//! default    h' = f1 (1 − s) + s f2                   f1 = φ(ff1 x), f2 = φ(ff2 x)
//! no_gate    h' = f1 + s f2                           s = σ(time_a(x) T + time_b(x))
//! pure       h' = A − A exp(−T (|w_tau| + |y|)) y     y = ff1 x
//! ```
//! The backbone is so many dense layers with an activation, or none: then x = \[u, h\]. φ is `tanh`, or the
//! scaled `tanh` of the paper's code ([`FfActivation`]). Elapsed time 0 is no identity here: a CfC answers an input at
//! once, and time only turns its answer from `f1` to `f2`.
//!
//! | parameter | start | meaning |
//! |---|---|---|
//! | `backbone.k.weight`, `.bias` | Xavier, U(±1/√inputs) | layer k of the backbone |
//! | `ff1`, `ff2` | the same | the answer at once, and after a long time |
//! | `time_a`, `time_b` | the same | how the gate opens with time |
//! | `w_tau`, `A` | Xavier with 1 × units | slowest rate, and limit after a long time (`pure`) |
//!
//! Dropout follows every layer of the backbone, as in the paper's code; `ncps` has none after the first. It is
//! active where a [`Batch`](super::Batch) has keys, and draws a mask of its own for every step.
//!
//! Sources: Hasani et al. 2022, doi 10.1038/s42256-022-00556-7; `ncps` 1.0.1, whose results it gives to
//! rounding, and whose start it has, with `w_tau` and `A` drawn like any matrix.

mod core;
mod wired;

use pulp::{Arch, NullaryFnOnce};
use rand::Rng;
use serde::{Deserialize, Serialize};

use self::core::{Back, Core, Given, blocks};
use super::dense::FlatSums;
use super::{Activation, Cell, CellError, Lanes, Layout, Pull, Step, Taken, splat};
use crate::Real;
pub use wired::WiredCfc;

/// How elapsed time enters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A gate between two answers.
    #[default]
    Default,
    /// A gate on the second answer only.
    NoGate,
    /// The closed form itself (Cf-S).
    Pure,
}

/// What `ff1` and `ff2` of a CfC with a gate do to their sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FfActivation {
    /// `tanh z`, as in `ncps`.
    #[default]
    Tanh,
    /// `1.7159 tanh(0.666 z)`, as in the code of the paper.
    LecunTanh,
}

/// What a CfC is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CfcConfig {
    /// How elapsed time enters.
    pub mode: Mode,
    /// Layers of the backbone; may be 0.
    pub backbone_layers: usize,
    /// Units of every one of them.
    pub backbone_units: usize,
    /// What they do to their sums.
    pub activation: Activation,
    /// Share of their values that are dropped at every step of training, from 0 to below 1.
    pub dropout: f64,
    /// What `ff1` and `ff2` do to their sums, unless the mode is pure.
    pub ff_activation: FfActivation,
}

impl Default for CfcConfig {
    /// The defaults of `ncps`.
    fn default() -> Self {
        Self {
            mode: Mode::default(),
            backbone_layers: 1,
            backbone_units: 128,
            activation: Activation::default(),
            dropout: 0.0,
            ff_activation: FfActivation::default(),
        }
    }
}

/// A CfC.
#[derive(Debug, Clone)]
pub struct Cfc {
    pub(in crate::cell) arch: Arch,
    config: CfcConfig,
    layout: Layout,
    core: Core,
}

impl Cfc {
    /// A CfC with so many inputs and units.
    ///
    /// # Errors
    /// If there are no inputs or units, a backbone has layers and no units, or all or less than nothing is dropped.
    pub fn new(n_inputs: usize, units: usize, config: CfcConfig) -> Result<Self, CellError> {
        let must = "above 0";
        for (what, value) in [("the number of inputs", n_inputs), ("the number of units", units)] {
            if value == 0 {
                return Err(CellError::Argument { what, value: 0.0, must });
            }
        }
        if config.backbone_layers > 0 && config.backbone_units == 0 {
            let must = "above 0, or backbone_layers 0";
            return Err(CellError::Argument { what: "backbone_units", value: 0.0, must });
        }
        if !(0.0..1.0).contains(&config.dropout) {
            let must = "from 0, which is none, to below 1";
            return Err(CellError::Argument { what: "dropout", value: config.dropout, must });
        }
        let layout = Layout::new(blocks("", n_inputs, units, &config));
        let core = Core::of(&layout, "", n_inputs, units, &config);
        Ok(Self { arch: Arch::new(), config, layout, core })
    }

    /// What it is made of.
    pub fn config(&self) -> &CfcConfig {
        &self.config
    }

    /// Parameters to start from.
    pub fn start<R: Real>(&self, rng: &mut impl Rng) -> Vec<R> {
        let mut parameters = vec![R::ZERO; self.layout.n_parameters()];
        self.core.start(&mut parameters, rng);
        parameters
    }
}

impl<R: Real> Cell<R> for Cfc {
    fn n_inputs(&self) -> usize {
        self.core.n_inputs
    }

    fn n_state(&self) -> usize {
        self.core.n_state
    }

    fn n_outputs(&self) -> usize {
        self.core.n_state
    }

    fn n_kept(&self) -> usize {
        self.core.n_kept()
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn n_sums(&self) -> usize {
        FlatSums::n_lanes(self.layout.n_parameters())
    }

    fn add_sums(&self, _parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]) {
        FlatSums::add_to(sums, gradient);
    }

    fn step(&self, parameters: &[R], step: Step<'_, R>) {
        self.arch.dispatch(Forward { core: &self.core, parameters, step });
    }

    fn pull(&self, parameters: &[R], step: &Taken<'_, R>, pull: Pull<'_, R>) {
        self.arch.dispatch(Backward { core: &self.core, parameters, step, pull });
    }
}

struct Forward<'s, R> {
    core: &'s Core,
    parameters: &'s [R],
    step: Step<'s, R>,
}

impl<R: Real> NullaryFnOnce for Forward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { core, parameters, step } = self;
        let Step { inputs, elapsed, masks, before, after, outputs, kept } = step;
        core.step(parameters, Given { inputs, before, elapsed, masks }, after, kept);
        outputs.copy_from_slice(after);
    }
}

struct Backward<'s, R> {
    core: &'s Core,
    parameters: &'s [R],
    step: &'s Taken<'s, R>,
    pull: Pull<'s, R>,
}

impl<R: Real> NullaryFnOnce for Backward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { core, parameters, step, pull } = self;
        let Taken { inputs, elapsed, masks, before, after: _, kept } = *step;
        let Pull { outputs, state, inputs: by_inputs, elapsed: by_elapsed, sums } = pull;
        let mut by_after = state.to_vec();
        add_all(&mut by_after, outputs);
        *by_elapsed = splat(R::ZERO);
        let sums = sums.as_flattened_mut();
        let back = Back { inputs: by_inputs, before: state, elapsed: by_elapsed, sums };
        core.pull(parameters, Given { inputs, before, elapsed, masks }, kept, &by_after, back);
    }
}

/// Adds lanes to lanes.
#[inline(always)]
fn add_all<R: Real>(to: &mut [Lanes<R>], what: &[Lanes<R>]) {
    for (to, what) in to.iter_mut().zip(what) {
        to.iter_mut().zip(what).for_each(|(to, what)| *to += *what);
    }
}
