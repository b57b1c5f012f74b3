//! Firing rates that leak and are driven: CT-RNN, Neural ODE, and units with a liquid time constant.
//!
//! ```text
//! beside     dx/dt = −x/τ + f(W x + U u + b)          the leak alone has the time constant
//! divided    dx/dt = (−x + f(W x + U u + b))/τ        leak and drive have it
//! ```
//! | τ | | name in the literature |
//! |---|---|---|
//! | none | no leak: dx/dt = f(…) | Neural ODE |
//! | fixed | one number | CT-RNN of the LTC paper's code (τ = 1) |
//! | learned | one number a unit: softplus of a parameter | CT-RNN, τ dx/dt = −x + f(…) if divided |
//! | liquid | τ_min + (τ_max − τ_min) σ(A x + B u + c) | liquid time constant, its seed form if beside |
//!
//! Without feedback there is no W: f sees the inputs only.
//!
//! | parameter | start | meaning |
//! |---|---|---|
//! | `w`, `input_w`, `bias` | Glorot, 0 | W, U, b |
//! | `tau` | softplus⁻¹(1) | time constant of every unit, before its softplus |
//! | `tau_w`, `tau_input_w`, `tau_bias` | Glorot, 0 | A, B, c |
//!
//! Sources: Funahashi & Nakamura 1993, doi 10.1016/S0893-6080(05)80125-X; Chen et al. 2018, arXiv
//! 1806.07366; Hasani et al. 2021, doi 10.1609/aaai.v35i9.16936.

use std::ops::Range;

use rand::Rng;
use serde::{Deserialize, Serialize};

use super::{At, Rates, RatesBack};
use crate::Real;
use crate::cell::dense::{Dense, FlatSums, start_uniform, turned};
use crate::cell::{Activation, CellError, LANES, Lanes, Layout, splat, total};

/// The time constant of units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeConstant {
    /// They do not leak.
    None,
    /// The same for all, > 0.
    Fixed(f64),
    /// One a unit, among the parameters.
    Learned,
    /// One that changes with state and inputs, between two numbers > 0.
    Liquid {
        /// The least.
        min: f64,
        /// The largest.
        max: f64,
    },
}

/// What the time constant divides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// The leak.
    #[default]
    Beside,
    /// Leak and drive.
    Divided,
}

/// What a [`FiringRate`] is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FiringRateConfig {
    /// f.
    pub activation: Activation,
    /// Whether f sees the state.
    pub feedback: bool,
    /// τ.
    pub time_constant: TimeConstant,
    /// What τ divides.
    pub placement: Placement,
}

impl FiringRateConfig {
    /// The CT-RNN of the LTC paper's experiments: −x + tanh(…).
    pub fn ct_rnn() -> Self {
        Self { time_constant: TimeConstant::Fixed(1.0), ..Self::neural_ode() }
    }

    /// The Neural ODE of the LTC paper's experiments: tanh(…).
    pub fn neural_ode() -> Self {
        Self {
            activation: Activation::Tanh,
            feedback: true,
            time_constant: TimeConstant::None,
            placement: Placement::Beside,
        }
    }

    /// The seed form of liquid time constants: −x/τ(x, u) + tanh(…).
    pub fn liquid(min: f64, max: f64) -> Self {
        Self { time_constant: TimeConstant::Liquid { min, max }, ..Self::neural_ode() }
    }
}

/// Firing rates as a vector field.
#[derive(Debug, Clone)]
pub struct FiringRate {
    config: FiringRateConfig,
    layout: Layout,
    n_inputs: usize,
    n_state: usize,
    w: Option<Dense>,
    input_w: Dense,
    tau: Range<usize>,
    /// A, and B with c.
    liquid: Option<[Dense; 2]>,
}

impl FiringRate {
    /// A field of so many units. There may be no inputs, as in an ODE-RNN.
    ///
    /// # Errors
    /// If there are no units, or a time constant is not above 0.
    pub fn new(n_inputs: usize, units: usize, config: FiringRateConfig) -> Result<Self, CellError> {
        let argument = |what, value, must| Err(CellError::Argument { what, value, must });
        if units == 0 {
            return argument("the number of units", 0.0, "above 0");
        }
        let is_positive = |tau: f64| tau > 0.0 && tau.is_finite();
        match config.time_constant {
            TimeConstant::Fixed(tau) if !is_positive(tau) => {
                return argument("the time constant", tau, "finite and above 0");
            }
            TimeConstant::Liquid { min, .. } if !is_positive(min) => {
                return argument("the least time constant", min, "finite and above 0");
            }
            TimeConstant::Liquid { min, max } if !(max >= min && max.is_finite()) => {
                return argument("the largest time constant", max, "finite and at least the least one");
            }
            TimeConstant::None
            | TimeConstant::Fixed(_)
            | TimeConstant::Learned
            | TimeConstant::Liquid { .. } => {}
        }
        let is_liquid = matches!(config.time_constant, TimeConstant::Liquid { .. });
        let if_ = |is: bool, n: usize| if is { n } else { 0 };
        let layout = Layout::new([
            ("w", if_(config.feedback, units * units)),
            ("input_w", units * n_inputs),
            ("bias", units),
            ("tau", if_(config.time_constant == TimeConstant::Learned, units)),
            ("tau_w", if_(is_liquid, units * units)),
            ("tau_input_w", if_(is_liquid, units * n_inputs)),
            ("tau_bias", if_(is_liquid, units)),
        ]);
        let to_units = |weight: &str, bias: &str, n_in: usize| Dense {
            n_outputs: units,
            ..Dense::of(&layout, weight, bias, n_in)
        };
        let w = config.feedback.then(|| to_units("w", "", units));
        let input_w = to_units("input_w", "bias", n_inputs);
        let liquid =
            is_liquid.then(|| [to_units("tau_w", "", units), to_units("tau_input_w", "tau_bias", n_inputs)]);
        let tau = layout.range("tau").unwrap_or(0..0);
        Ok(Self { config, layout, n_inputs, n_state: units, w, input_w, tau, liquid })
    }

    /// What it is made of.
    pub fn config(&self) -> &FiringRateConfig {
        &self.config
    }

    /// Raw parameters to start from.
    pub fn start<R: Real>(&self, rng: &mut impl Rng) -> Vec<R> {
        let mut parameters = vec![R::ZERO; self.layout.n_parameters()];
        // W and U are one matrix for Glorot.
        let fan = self.n_inputs + if self.config.feedback { 2 } else { 1 } * self.n_state;
        let liquid = self.liquid.iter().flatten();
        for dense in self.w.iter().chain([&self.input_w]).chain(liquid) {
            start_uniform(&mut parameters[dense.weight.clone()], fan, rng);
        }
        // softplus(ln(e − 1)) = 1
        parameters[self.tau.clone()].fill(R::of(libm::log(libm::expm1(1.0))));
        parameters
    }

    /// Numbers a unit that are made of the inputs and that are kept: the sum of f, and that of τ.
    fn n_sums_of_unit(&self) -> usize {
        if self.liquid.is_some() { 2 } else { 1 }
    }

    /// 1/τ of a unit, and its slope by the sum of τ; none without leak.
    #[inline(always)]
    fn leak<R: Real>(
        &self,
        parameters: &[R],
        unit: usize,
        of_tau: &[Lanes<R>],
    ) -> Option<(Lanes<R>, Lanes<R>)> {
        let mut slope = splat(R::ZERO);
        let leak = match self.config.time_constant {
            TimeConstant::None => return None,
            TimeConstant::Fixed(tau) => splat(R::ONE / R::of(tau)),
            TimeConstant::Learned => splat(R::ONE / parameters[self.tau.start + unit]),
            TimeConstant::Liquid { min, max } => {
                let mut leak = splat(R::ZERO);
                let (min, width) = (R::of(min), R::of(max - min));
                for lane in 0..LANES {
                    let s = of_tau[unit][lane].sigmoid();
                    leak[lane] = R::ONE / width.mul_add(s, min);
                    slope[lane] = -(leak[lane] * leak[lane] * width * s * (R::ONE - s));
                }
                leak
            }
        };
        Some((leak, slope))
    }
}

impl<R: Real> Rates<R> for FiringRate {
    fn n_inputs(&self) -> usize {
        self.n_inputs
    }

    fn n_state(&self) -> usize {
        self.n_state
    }

    fn n_prepared(&self) -> usize {
        self.n_sums_of_unit() * self.n_state
    }

    fn n_kept(&self) -> usize {
        self.n_sums_of_unit() * self.n_state
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

    fn effective(&self, raw: &[R]) -> Vec<R> {
        let mut effective = raw.to_vec();
        effective[self.tau.clone()].iter_mut().for_each(|tau| *tau = tau.softplus());
        effective
    }

    fn pull_effective(&self, raw: &[R], gradient: &mut [R]) {
        let raw = &raw[self.tau.clone()];
        gradient[self.tau.clone()].iter_mut().zip(raw).for_each(|(g, tau)| *g *= tau.sigmoid());
    }

    #[inline(always)]
    fn prepare(&self, parameters: &[R], inputs: &[Lanes<R>], prepared: &mut [Lanes<R>]) {
        let (of_drive, of_tau) = prepared.split_at_mut(self.n_state);
        self.input_w.forward(parameters, inputs, of_drive);
        if let Some([_, input]) = &self.liquid {
            input.forward(parameters, inputs, of_tau);
        }
    }

    #[inline(always)]
    fn rates(&self, parameters: &[R], at: &At<'_, R>, rates: &mut [Lanes<R>], kept: &mut [Lanes<R>]) {
        let At { prepared, state } = *at;
        kept.copy_from_slice(prepared);
        let (of_drive, of_tau) = kept.split_at_mut(self.n_state);
        if let Some(w) = &self.w {
            w.add(parameters, state, of_drive);
        }
        if let Some([w, _]) = &self.liquid {
            w.add(parameters, state, of_tau);
        }
        for (unit, rate) in rates.iter_mut().enumerate() {
            let (f, x) = (self.config.activation.of(&of_drive[unit]), &state[unit]);
            *rate = f;
            let Some((leak, _)) = self.leak(parameters, unit, of_tau) else { continue };
            for lane in 0..LANES {
                rate[lane] = match self.config.placement {
                    Placement::Beside => (-x[lane]).mul_add(leak[lane], f[lane]),
                    Placement::Divided => (f[lane] - x[lane]) * leak[lane],
                };
            }
        }
    }

    #[inline(always)]
    fn pull_rates(
        &self,
        parameters: &[R],
        at: &At<'_, R>,
        kept: &[Lanes<R>],
        by_rates: &[Lanes<R>],
        back: RatesBack<'_, R>,
    ) {
        let At { prepared: _, state } = *at;
        let RatesBack { prepared: by_prepared, state: by_state, sums } = back;
        let (of_drive, of_tau) = kept.split_at(self.n_state);
        let sums = sums.as_flattened_mut();
        let mut by_sums = vec![splat(R::ZERO); kept.len()];
        let (by_drive, by_tau) = by_sums.split_at_mut(self.n_state);
        for (unit, g) in by_rates.iter().enumerate() {
            let (f, slope) = self.config.activation.with_slope(&of_drive[unit]);
            let x = &state[unit];
            let Some((leak, slope_of_leak)) = self.leak(parameters, unit, of_tau) else {
                for lane in 0..LANES {
                    by_drive[unit][lane] = g[lane] * slope[lane];
                }
                continue;
            };
            let mut by_leak = splat(R::ZERO);
            for lane in 0..LANES {
                let by_f;
                (by_f, by_leak[lane]) = match self.config.placement {
                    Placement::Beside => (g[lane], -(g[lane] * x[lane])),
                    Placement::Divided => (g[lane] * leak[lane], g[lane] * (f[lane] - x[lane])),
                };
                by_drive[unit][lane] = by_f * slope[lane];
                by_state[unit][lane] = (-g[lane]).mul_add(leak[lane], by_state[unit][lane]);
            }
            if let Some(by_tau) = by_tau.get_mut(unit) {
                for lane in 0..LANES {
                    by_tau[lane] = by_leak[lane] * slope_of_leak[lane];
                }
            }
            if let Some(by_tau) = sums[self.tau.clone()].get_mut(unit) {
                *by_tau += -(total(&by_leak) * leak[0] * leak[0]);
            }
        }
        super::step::add_all(by_prepared, &by_sums);
        let (by_drive, by_tau) = by_sums.split_at(self.n_state);
        let turned = turned(state);
        if let Some(w) = &self.w {
            w.add_sums(&turned, by_drive, sums);
            w.pull(parameters, by_drive, by_state);
        }
        if let Some([w, _]) = &self.liquid {
            w.add_sums(&turned, by_tau, sums);
            w.pull(parameters, by_tau, by_state);
        }
    }

    #[inline(always)]
    fn pull_prepare(
        &self,
        parameters: &[R],
        inputs: &[Lanes<R>],
        _prepared: &[Lanes<R>],
        by_prepared: &[Lanes<R>],
        by_inputs: &mut [Lanes<R>],
        sums: &mut [Lanes<R>],
    ) {
        let (by_drive, by_tau) = by_prepared.split_at(self.n_state);
        let (turned, sums) = (turned(inputs), sums.as_flattened_mut());
        by_inputs.fill(splat(R::ZERO));
        self.input_w.add_sums(&turned, by_drive, sums);
        self.input_w.pull(parameters, by_drive, by_inputs);
        if let Some([_, input]) = &self.liquid {
            input.add_sums(&turned, by_tau, sums);
            input.pull(parameters, by_tau, by_inputs);
        }
    }
}
