//! The continuous-time gated recurrent unit (CT-GRU): memory on several fixed scales of time.
//!
//! A unit has a number h_k for every one of M scales τ_k = 10^(k/2), k = 0 … M − 1. With ĥ = Σ_k h_k,
//!
//! ```text
//! r = softmax_k −(K_r [u, ĥ] + b_r − ln τ_k)²         which scales are read
//! q = tanh(W [u, Σ_k r_k h_k] + b)                    what is to be stored
//! s = softmax_k −(K_s [u, ĥ] + b_s − ln τ_k)²         on which scales
//! h_k' = ((1 − s_k) h_k + s_k q) d_k                  outputs Σ_k h_k'
//! ```
//! `Corrected` decays by d_k = exp(−T/τ_k) with the elapsed time T. The code of the LTC paper takes
//! d_k = exp(−1/ln τ_k) whatever the time, so that its first scale forgets at once: `AsPublished` keeps that,
//! for numbers that compare. Elapsed time 0 is no identity: the input is stored at once.
//!
//! The state is `[units, scales]`. Parameters: `tau_r.weight`, `tau_r.bias`, `tau_s.weight`, `tau_s.bias`,
//! `signal.weight`, `signal.bias`; Glorot and 0 at the start.
//!
//! Source: Mozer, Kazakov & Lindsey 2017, arXiv 1710.04110; Hasani et al. 2021 for `AsPublished`.

use pulp::{Arch, NullaryFnOnce};
use rand::Rng;
use serde::{Deserialize, Serialize};

use super::dense::{Dense, FlatSums, turned};
use super::{Cell, CellError, LANES, Lanes, Layout, Pull, Step, Taken, splat};
use crate::Real;

/// How memory decays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decay {
    /// exp(−T/τ_k).
    #[default]
    Corrected,
    /// exp(−1/ln τ_k), as in the code of the LTC paper.
    AsPublished,
}

/// A CT-GRU.
#[derive(Debug, Clone)]
pub struct CtGru {
    pub(in crate::cell) arch: Arch,
    layout: Layout,
    n_inputs: usize,
    units: usize,
    decay: Decay,
    scales: Vec<Scale>,
    tau_r: Dense,
    tau_s: Dense,
    signal: Dense,
}

/// A scale of time.
#[derive(Debug, Clone, Copy)]
struct Scale {
    ln_tau: f64,
    rate: f64,
    decay_as_published: f64,
}

impl CtGru {
    /// A CT-GRU of so many units and scales; 8 scales are usual.
    ///
    /// # Errors
    /// If there are no inputs, units or scales.
    pub fn new(n_inputs: usize, units: usize, n_scales: usize, decay: Decay) -> Result<Self, CellError> {
        for (what, value) in [
            ("the number of inputs", n_inputs),
            ("the number of units", units),
            ("the number of scales", n_scales),
        ] {
            if value == 0 {
                return Err(CellError::Argument { what, value: 0.0, must: "above 0" });
            }
        }
        let (width, n_state) = (n_inputs + units, units * n_scales);
        let layout = Layout::new([
            ("tau_r.weight", n_state * width),
            ("tau_r.bias", n_state),
            ("tau_s.weight", n_state * width),
            ("tau_s.bias", n_state),
            ("signal.weight", units * width),
            ("signal.bias", units),
        ]);
        let dense = |name: &str| {
            let [weight, bias] = ["weight", "bias"].map(|part| format!("{name}.{part}"));
            Dense::of(&layout, &weight, &bias, width)
        };
        let scale = |k: usize| {
            let ln_tau = k as f64 * 0.5 * std::f64::consts::LN_10;
            // −1/0 is −∞, whose exponential is 0.
            Scale { ln_tau, rate: libm::exp(-ln_tau), decay_as_published: libm::exp(-1.0 / ln_tau) }
        };
        let (tau_r, tau_s, signal) = (dense("tau_r"), dense("tau_s"), dense("signal"));
        let scales = (0..n_scales).map(scale).collect();
        Ok(Self { arch: Arch::new(), layout, n_inputs, units, decay, scales, tau_r, tau_s, signal })
    }

    /// Parameters to start from.
    pub fn start<R: Real>(&self, rng: &mut impl Rng) -> Vec<R> {
        let mut parameters = vec![R::ZERO; self.layout.n_parameters()];
        for dense in [&self.tau_r, &self.tau_s, &self.signal] {
            dense.start(&mut parameters, rng);
        }
        parameters
    }

    /// What is left of a scale.
    #[inline(always)]
    fn remains<R: Real>(&self, scale: &Scale, elapsed: R) -> R {
        match self.decay {
            Decay::Corrected => (-(elapsed * R::of(scale.rate))).exp(),
            Decay::AsPublished => R::of(scale.decay_as_published),
        }
    }

    /// The weights of all scales, from what their logarithms of time constants should be.
    #[inline(always)]
    fn softmax<R: Real>(&self, wanted: &[Lanes<R>], weights: &mut [Lanes<R>]) {
        let m = self.scales.len();
        for (wanted, weights) in wanted.chunks_exact(m).zip(weights.chunks_exact_mut(m)) {
            let mut most = splat(R::of(f64::MIN));
            for (k, scale) in self.scales.iter().enumerate() {
                for lane in 0..LANES {
                    let far = wanted[k][lane] - R::of(scale.ln_tau);
                    weights[k][lane] = -(far * far);
                    most[lane] = most[lane].larger(weights[k][lane]);
                }
            }
            let mut sum = splat(R::ZERO);
            for weights in weights.iter_mut() {
                for lane in 0..LANES {
                    weights[lane] = (weights[lane] - most[lane]).exp();
                    sum[lane] += weights[lane];
                }
            }
            for weights in weights.iter_mut() {
                for lane in 0..LANES {
                    weights[lane] /= sum[lane];
                }
            }
        }
    }

    /// Goes back through [`Self::softmax`]: derivatives by weights become those by what was wanted.
    #[inline(always)]
    fn pull_softmax<R: Real>(&self, wanted: &[Lanes<R>], weights: &[Lanes<R>], by: &mut [Lanes<R>]) {
        let m = self.scales.len();
        let units = wanted.chunks_exact(m).zip(weights.chunks_exact(m)).zip(by.chunks_exact_mut(m));
        for ((wanted, weights), by) in units {
            let mut mean = splat(R::ZERO);
            for (weights, by) in weights.iter().zip(&*by) {
                for lane in 0..LANES {
                    mean[lane] = weights[lane].mul_add(by[lane], mean[lane]);
                }
            }
            for (k, scale) in self.scales.iter().enumerate() {
                for lane in 0..LANES {
                    let by_logit = weights[k][lane] * (by[k][lane] - mean[lane]);
                    let far = wanted[k][lane] - R::of(scale.ln_tau);
                    by[k][lane] = -(by_logit * (far + far));
                }
            }
        }
    }
}

/// Σ over the scales of every unit.
#[inline(always)]
fn over_scales<R: Real>(n_scales: usize, of: &[Lanes<R>], sums: &mut [Lanes<R>]) {
    for (of, sum) in of.chunks_exact(n_scales).zip(sums) {
        *sum = splat(R::ZERO);
        for of in of {
            sum.iter_mut().zip(of).for_each(|(sum, of)| *sum += *of);
        }
    }
}

impl<R: Real> Cell<R> for CtGru {
    fn n_inputs(&self) -> usize {
        self.n_inputs
    }

    fn n_state(&self) -> usize {
        self.units * self.scales.len()
    }

    fn n_outputs(&self) -> usize {
        self.units
    }

    /// What was wanted and the weights, for reading and for storing; what was read, and what was stored.
    fn n_kept(&self) -> usize {
        4 * self.units * self.scales.len() + 2 * self.units
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
        self.arch.dispatch(Forward { cell: self, parameters, step });
    }

    fn pull(&self, parameters: &[R], step: &Taken<'_, R>, pull: Pull<'_, R>) {
        self.arch.dispatch(Backward { cell: self, parameters, step, pull });
    }
}

struct Forward<'s, R> {
    cell: &'s CtGru,
    parameters: &'s [R],
    step: Step<'s, R>,
}

impl<R: Real> NullaryFnOnce for Forward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step } = self;
        let Step { inputs, elapsed, masks: _, before, after, outputs, kept } = step;
        let (m, n) = (cell.scales.len(), before.len());
        let (wanted_r, kept) = kept.split_at_mut(n);
        let (r, kept) = kept.split_at_mut(n);
        let (wanted_s, kept) = kept.split_at_mut(n);
        let (s, kept) = kept.split_at_mut(n);
        let (read, stored) = kept.split_at_mut(cell.units);

        over_scales(m, before, read);
        let mut x = [inputs, &*read].concat();
        cell.tau_r.forward(parameters, &x, wanted_r);
        cell.tau_s.forward(parameters, &x, wanted_s);
        cell.softmax(wanted_r, r);
        cell.softmax(wanted_s, s);
        for (unit, read) in read.iter_mut().enumerate() {
            *read = splat(R::ZERO);
            for k in unit * m..(unit + 1) * m {
                for lane in 0..LANES {
                    read[lane] = r[k][lane].mul_add(before[k][lane], read[lane]);
                }
            }
        }
        x[inputs.len()..].copy_from_slice(read);
        cell.signal.forward(parameters, &x, stored);
        for q in stored.as_flattened_mut() {
            *q = q.tanh();
        }
        for (k, scale) in cell.scales.iter().enumerate() {
            for lane in 0..LANES {
                let remains = cell.remains(scale, elapsed[lane]);
                for (unit, q) in stored.iter().enumerate() {
                    let at = unit * m + k;
                    let keeps = (R::ONE - s[at][lane]) * before[at][lane];
                    after[at][lane] = s[at][lane].mul_add(q[lane], keeps) * remains;
                }
            }
        }
        over_scales(m, after, outputs);
    }
}

struct Backward<'s, R> {
    cell: &'s CtGru,
    parameters: &'s [R],
    step: &'s Taken<'s, R>,
    pull: Pull<'s, R>,
}

impl<R: Real> NullaryFnOnce for Backward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step, pull } = self;
        let Taken { inputs, elapsed, masks: _, before, after, kept } = *step;
        let Pull { outputs, state, inputs: by_inputs, elapsed: by_elapsed, sums } = pull;
        let (m, n, units) = (cell.scales.len(), before.len(), cell.units);
        let sums = sums.as_flattened_mut();
        let [wanted_r, r, wanted_s, s] = [0, 1, 2, 3].map(|k| &kept[k * n..(k + 1) * n]);
        let (read, stored) = kept[4 * n..].split_at(units);
        *by_elapsed = splat(R::ZERO);

        let (mut by_s, mut by_r) = (vec![splat(R::ZERO); n], vec![splat(R::ZERO); n]);
        let mut by_signal = vec![splat(R::ZERO); units];
        for (k, scale) in cell.scales.iter().enumerate() {
            for lane in 0..LANES {
                let remains = cell.remains(scale, elapsed[lane]);
                for unit in 0..units {
                    let at = unit * m + k;
                    let g = state[at][lane] + outputs[unit][lane];
                    if cell.decay == Decay::Corrected {
                        by_elapsed[lane] += -(g * after[at][lane] * R::of(scale.rate));
                    }
                    let g = g * remains;
                    by_s[at][lane] = g * (stored[unit][lane] - before[at][lane]);
                    by_signal[unit][lane] = g.mul_add(s[at][lane], by_signal[unit][lane]);
                    state[at][lane] = g * (R::ONE - s[at][lane]);
                }
            }
        }
        for (by, q) in by_signal.as_flattened_mut().iter_mut().zip(stored.as_flattened()) {
            *by *= R::ONE - *q * *q;
        }

        let mut by_x = vec![splat(R::ZERO); inputs.len() + units];
        cell.signal.add_sums(&turned(&[inputs, read].concat()), &by_signal, sums);
        cell.signal.pull(parameters, &by_signal, &mut by_x);
        let (by_u, by_read) = by_x.split_at_mut(inputs.len());
        by_inputs.copy_from_slice(by_u);
        for (unit, by_read) in by_read.iter().enumerate() {
            for at in unit * m..(unit + 1) * m {
                for lane in 0..LANES {
                    by_r[at][lane] = by_read[lane] * before[at][lane];
                    state[at][lane] = by_read[lane].mul_add(r[at][lane], state[at][lane]);
                }
            }
        }
        cell.pull_softmax(wanted_r, r, &mut by_r);
        cell.pull_softmax(wanted_s, s, &mut by_s);

        by_x.fill(splat(R::ZERO));
        let mut all = vec![splat(R::ZERO); units];
        over_scales(m, before, &mut all);
        let x_turned = turned(&[inputs, &all].concat());
        for (dense, by) in [(&cell.tau_r, &by_r), (&cell.tau_s, &by_s)] {
            dense.add_sums(&x_turned, by, sums);
            dense.pull(parameters, by, &mut by_x);
        }
        let (by_u, by_all) = by_x.split_at(inputs.len());
        for (to, by) in by_inputs.as_flattened_mut().iter_mut().zip(by_u.as_flattened()) {
            *to += *by;
        }
        for (at, state) in state.iter_mut().enumerate() {
            for lane in 0..LANES {
                state[lane] += by_all[at / m][lane];
            }
        }
    }
}
