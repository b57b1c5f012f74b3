//! The maps of a CfC, or of a layer of a wired one: forward, back, start.

use std::ops::Range;

use rand::Rng;

use super::{CfcConfig, FfActivation, Mode};
use crate::Real;
use crate::cell::activation::{LECUN_HEIGHT, LECUN_SLOPE};
use crate::cell::dense::{Dense, start_uniform, turned};
use crate::cell::{Activation, LANES, Lanes, Layout, Masks, splat, total};

/// The maps, and where their parameters stand.
#[derive(Debug, Clone)]
pub(super) struct Core {
    mode: Mode,
    activation: Activation,
    dropout: f64,
    ff_activation: FfActivation,
    pub n_inputs: usize,
    pub n_state: usize,
    backbone: Vec<Dense>,
    pub ff1: Dense,
    /// `ff2`, `time_a`, `time_b`, unless the mode is pure.
    pub gate: Option<[Dense; 3]>,
    w_tau: Range<usize>,
    a: Range<usize>,
}

/// The blocks of parameters; names begin with `prefix`.
pub(super) fn blocks(
    prefix: &str,
    n_inputs: usize,
    n_state: usize,
    config: &CfcConfig,
) -> Vec<(String, usize)> {
    let CfcConfig { mode, backbone_layers, backbone_units, activation: _, dropout: _, ff_activation: _ } =
        *config;
    let mut blocks = Vec::new();
    let mut dense = |name: &str, n_in: usize, n_out: usize| {
        blocks.push((format!("{prefix}{name}.weight"), n_in * n_out));
        blocks.push((format!("{prefix}{name}.bias"), n_out));
    };
    let mut width = n_inputs + n_state;
    for layer in 0..backbone_layers {
        dense(&format!("backbone.{layer}"), width, backbone_units);
        width = backbone_units;
    }
    dense("ff1", width, n_state);
    if mode == Mode::Pure {
        blocks.extend(["w_tau", "A"].map(|name| (format!("{prefix}{name}"), n_state)));
    } else {
        for name in ["ff2", "time_a", "time_b"] {
            dense(name, width, n_state);
        }
    }
    blocks
}

impl Core {
    /// The maps whose [`blocks`] are in the layout.
    pub fn of(layout: &Layout, prefix: &str, n_inputs: usize, n_state: usize, config: &CfcConfig) -> Self {
        let CfcConfig { mode, backbone_layers, backbone_units, activation, dropout, ff_activation } = *config;
        let dense = |name: &str, width: usize| {
            let [weight, bias] = ["weight", "bias"].map(|part| format!("{prefix}{name}.{part}"));
            Dense::of(layout, &weight, &bias, width)
        };
        let all = n_inputs + n_state;
        let width_before = |layer: usize| if layer == 0 { all } else { backbone_units };
        let backbone =
            (0..backbone_layers).map(|layer| dense(&format!("backbone.{layer}"), width_before(layer)));
        let width = width_before(backbone_layers);
        let is_pure = mode == Mode::Pure;
        let range = |name: &str| layout.range(&format!("{prefix}{name}")).unwrap_or(0..0);
        Self {
            mode,
            activation,
            dropout,
            ff_activation,
            n_inputs,
            n_state,
            backbone: backbone.collect(),
            ff1: dense("ff1", width),
            gate: (!is_pure).then(|| ["ff2", "time_a", "time_b"].map(|name| dense(name, width))),
            w_tau: range("w_tau"),
            a: range("A"),
        }
    }

    /// The sums of the backbone; then f1, f2, s and `time_a`, or `ff1` and the exponential.
    pub fn n_kept(&self) -> usize {
        let heads = if self.mode == Mode::Pure { 2 } else { 4 };
        self.backbone.iter().map(|layer| layer.n_outputs).sum::<usize>() + heads * self.n_state
    }

    /// Goes from a state to the next.
    #[inline(always)]
    pub fn step<R: Real>(
        &self,
        parameters: &[R],
        given: Given<'_, R>,
        after: &mut [Lanes<R>],
        kept: &mut [Lanes<R>],
    ) {
        let Given { inputs, before, elapsed, masks } = given;
        let n = self.n_state;
        let mut x = [inputs, before].concat();
        let mut kept = kept;
        for (k, layer) in self.backbone.iter().enumerate() {
            let (sums, rest) = kept.split_at_mut(layer.n_outputs);
            layer.forward(parameters, &x, sums);
            x.clear();
            for z in &*sums {
                x.push(self.activation.of(z));
            }
            if let Some(factors) = self.factors(masks, k, layer.n_outputs) {
                multiply(&mut x, &factors);
            }
            kept = rest;
        }
        let (f1, kept) = kept.split_at_mut(n);
        self.ff1.forward(parameters, &x, f1);
        let Some([ff2, time_a, time_b]) = &self.gate else {
            let (w_tau, a) = (&parameters[self.w_tau.clone()], &parameters[self.a.clone()]);
            for unit in 0..n {
                let (w, a) = (w_tau[unit].abs(), a[unit]);
                for lane in 0..LANES {
                    let y = f1[unit][lane];
                    let e = (-(elapsed[lane] * (w + y.abs()))).exp();
                    kept[unit][lane] = e;
                    after[unit][lane] = (-(a * e)).mul_add(y, a);
                }
            }
            return;
        };
        let (f2, kept) = kept.split_at_mut(n);
        let (s, by_time) = kept.split_at_mut(n);
        ff2.forward(parameters, &x, f2);
        time_a.forward(parameters, &x, by_time);
        time_b.forward(parameters, &x, s);
        for unit in 0..n {
            (f1[unit], f2[unit]) = (self.ff_activation.of(&f1[unit]), self.ff_activation.of(&f2[unit]));
            for lane in 0..LANES {
                let gate = by_time[unit][lane].mul_add(elapsed[lane], s[unit][lane]).sigmoid();
                let (y1, y2) = (f1[unit][lane], f2[unit][lane]);
                let first = if self.mode == Mode::NoGate { y1 } else { y1 * (R::ONE - gate) };
                after[unit][lane] = gate.mul_add(y2, first);
                s[unit][lane] = gate;
            }
        }
    }

    /// Goes back, given derivatives by the state after the step; those by the inputs and the state before it
    /// are written, those by elapsed time and parameters are added.
    #[inline(always)]
    pub fn pull<R: Real>(
        &self,
        parameters: &[R],
        given: Given<'_, R>,
        kept: &[Lanes<R>],
        by_after: &[Lanes<R>],
        back: Back<'_, R>,
    ) {
        let Back { inputs: by_inputs, before: by_before, elapsed: by_elapsed, sums } = back;
        let n_backbone: usize = self.backbone.iter().map(|layer| layer.n_outputs).sum();
        let (backbone, heads) = kept.split_at(n_backbone);
        let Backbone { inputs: layer_inputs, slopes } = self.run_backbone(given, backbone);

        let x = &layer_inputs[self.backbone.len()];
        let mut by_x = vec![splat(R::ZERO); x.len()];
        let x_turned = turned(x);
        if let Some([ff2, time_a, time_b]) = &self.gate {
            let by = self.pull_gate(heads, given.elapsed, by_after, by_elapsed);
            for (dense, by) in [&self.ff1, ff2, time_a, time_b].into_iter().zip(&by) {
                dense.add_sums(&x_turned, by, sums);
                dense.pull(parameters, by, &mut by_x);
            }
        } else {
            let [by_f1, by_w_tau, by_a] =
                self.pull_pure(parameters, heads, given.elapsed, by_after, by_elapsed);
            self.ff1.add_sums(&x_turned, &by_f1, sums);
            self.ff1.pull(parameters, &by_f1, &mut by_x);
            for (range, by) in [(&self.w_tau, by_w_tau), (&self.a, by_a)] {
                for (sum, by) in sums[range.clone()].iter_mut().zip(&by) {
                    *sum += total(by);
                }
            }
        }

        for (k, layer) in self.backbone.iter().enumerate().rev() {
            for (by, slope) in by_x.iter_mut().zip(&slopes[k]) {
                by.iter_mut().zip(slope).for_each(|(by, slope)| *by *= *slope);
            }
            let by_sums = by_x;
            by_x = vec![splat(R::ZERO); layer.n_inputs];
            layer.add_sums(&turned(&layer_inputs[k]), &by_sums, sums);
            layer.pull(parameters, &by_sums, &mut by_x);
        }
        by_inputs.copy_from_slice(&by_x[..self.n_inputs]);
        by_before.copy_from_slice(&by_x[self.n_inputs..]);
    }

    /// Runs the backbone again from the sums of its units.
    #[inline(always)]
    fn run_backbone<R: Real>(&self, given: Given<'_, R>, sums: &[Lanes<R>]) -> Backbone<R> {
        let Given { inputs, before, elapsed: _, masks } = given;
        let (mut inputs, mut slopes) = (vec![[inputs, before].concat()], Vec::new());
        let mut sums = sums;
        for (k, layer) in self.backbone.iter().enumerate() {
            let (sums_of_layer, rest) = sums.split_at(layer.n_outputs);
            let mut slope = Vec::with_capacity(layer.n_outputs);
            let mut values = Vec::with_capacity(layer.n_outputs);
            for z in sums_of_layer {
                let (value, slope_of_unit) = self.activation.with_slope(z);
                values.push(value);
                slope.push(slope_of_unit);
            }
            if let Some(factors) = self.factors(masks, k, layer.n_outputs) {
                multiply(&mut values, &factors);
                multiply(&mut slope, &factors);
            }
            inputs.push(values);
            slopes.push(slope);
            sums = rest;
        }
        Backbone { inputs, slopes }
    }

    /// What dropout multiplies the values of a layer of the backbone with, if it does.
    #[inline(always)]
    fn factors<R: Real>(&self, masks: Option<Masks<'_>>, layer: usize, n: usize) -> Option<Vec<Lanes<R>>> {
        let masks = masks.filter(|_| self.dropout > 0.0)?;
        Some(masks.part(layer).factors(self.dropout, n))
    }

    /// The derivatives by the sums of `ff1`, `ff2`, `time_a` and `time_b`.
    #[inline(always)]
    fn pull_gate<R: Real>(
        &self,
        heads: &[Lanes<R>],
        elapsed: &Lanes<R>,
        by_after: &[Lanes<R>],
        by_elapsed: &mut Lanes<R>,
    ) -> [Vec<Lanes<R>>; 4] {
        let n = self.n_state;
        let [f1, f2, s, by_time] = [0, 1, 2, 3].map(|k| &heads[k * n..(k + 1) * n]);
        let [mut by_f1, mut by_f2, mut by_a, mut by_b] = [(); 4].map(|()| vec![splat(R::ZERO); n]);
        for unit in 0..n {
            for lane in 0..LANES {
                let (y1, y2, gate) = (f1[unit][lane], f2[unit][lane], s[unit][lane]);
                let g = by_after[unit][lane];
                let (by_y1, by_gate) = match self.mode {
                    Mode::NoGate => (g, g * y2),
                    Mode::Default | Mode::Pure => (g * (R::ONE - gate), g * (y2 - y1)),
                };
                let by_z = by_gate * gate * (R::ONE - gate);
                by_f1[unit][lane] = by_y1 * self.ff_activation.slope(y1);
                by_f2[unit][lane] = g * gate * self.ff_activation.slope(y2);
                by_a[unit][lane] = by_z * elapsed[lane];
                by_b[unit][lane] = by_z;
                by_elapsed[lane] = by_z.mul_add(by_time[unit][lane], by_elapsed[lane]);
            }
        }
        [by_f1, by_f2, by_a, by_b]
    }

    /// The derivatives by the sums of `ff1`, by `w_tau` and by `A`.
    #[inline(always)]
    fn pull_pure<R: Real>(
        &self,
        parameters: &[R],
        heads: &[Lanes<R>],
        elapsed: &Lanes<R>,
        by_after: &[Lanes<R>],
        by_elapsed: &mut Lanes<R>,
    ) -> [Vec<Lanes<R>>; 3] {
        let n = self.n_state;
        let (f1, exponential) = heads.split_at(n);
        let (w_tau, a) = (&parameters[self.w_tau.clone()], &parameters[self.a.clone()]);
        let [mut by_f1, mut by_w_tau, mut by_a] = [(); 3].map(|()| vec![splat(R::ZERO); n]);
        for unit in 0..n {
            let (w, a) = (w_tau[unit], a[unit]);
            for lane in 0..LANES {
                let (y, e, g) = (f1[unit][lane], exponential[unit][lane], by_after[unit][lane]);
                by_a[unit][lane] = g * (R::ONE - e * y);
                // By the rate |w_tau| + |ff1| times the elapsed time.
                let by_decay = g * a * y * e;
                let by_rate = by_decay * elapsed[lane];
                by_f1[unit][lane] = by_rate.mul_add(sign(y), -(g * a * e));
                by_w_tau[unit][lane] = by_rate * sign(w);
                by_elapsed[lane] = by_decay.mul_add(w.abs() + y.abs(), by_elapsed[lane]);
            }
        }
        [by_f1, by_w_tau, by_a]
    }

    /// Parameters to start from.
    pub fn start<R: Real>(&self, parameters: &mut [R], rng: &mut impl Rng) {
        let heads = std::iter::once(&self.ff1).chain(self.gate.iter().flatten());
        for dense in self.backbone.iter().chain(heads) {
            dense.start(parameters, rng);
            dense.start_bias(parameters, rng);
        }
        for range in [&self.w_tau, &self.a] {
            start_uniform(&mut parameters[range.clone()], 1 + self.n_state, rng);
        }
    }
}

/// What a step starts from.
#[derive(Clone, Copy)]
pub(super) struct Given<'s, R> {
    pub inputs: &'s [Lanes<R>],
    pub before: &'s [Lanes<R>],
    pub elapsed: &'s Lanes<R>,
    pub masks: Option<Masks<'s>>,
}

/// A backbone that was run.
struct Backbone<R> {
    /// What goes into every layer, and last into the heads.
    inputs: Vec<Vec<Lanes<R>>>,
    /// The slopes of the units of every layer.
    slopes: Vec<Vec<Lanes<R>>>,
}

/// Derivatives on their way out of a core.
pub(super) struct Back<'s, R> {
    pub inputs: &'s mut [Lanes<R>],
    pub before: &'s mut [Lanes<R>],
    pub elapsed: &'s mut Lanes<R>,
    /// A sum a parameter.
    pub sums: &'s mut [R],
}

impl FfActivation {
    /// The values at sums.
    #[inline(always)]
    fn of<R: Real>(self, z: &Lanes<R>) -> Lanes<R> {
        let mut y = *z;
        match self {
            Self::Tanh => y.iter_mut().for_each(|y| *y = y.tanh()),
            Self::LecunTanh => {
                let (height, steepness) = (R::of(LECUN_HEIGHT), R::of(LECUN_SLOPE));
                y.iter_mut().for_each(|y| *y = height * (steepness * *y).tanh());
            }
        }
        y
    }

    /// The slope where the value is `y`.
    #[inline(always)]
    fn slope<R: Real>(self, y: R) -> R {
        match self {
            Self::Tanh => R::ONE - y * y,
            Self::LecunTanh => {
                let (height, steepness) = (R::of(LECUN_HEIGHT), R::of(LECUN_SLOPE));
                steepness * (height - y * y / height)
            }
        }
    }
}

/// Multiplies lanes with lanes.
#[inline(always)]
fn multiply<R: Real>(values: &mut [Lanes<R>], factors: &[Lanes<R>]) {
    for (values, factors) in values.iter_mut().zip(factors) {
        values.iter_mut().zip(factors).for_each(|(value, factor)| *value *= *factor);
    }
}

/// −1, 0 or 1: the slope of the absolute value, as PyTorch takes it.
#[inline(always)]
fn sign<R: Real>(x: R) -> R {
    if x > R::ZERO {
        R::ONE
    } else if x < R::ZERO {
        -R::ONE
    } else {
        R::ZERO
    }
}
