//! How a gradient becomes a step.
//!
//! ```text
//! Adam      m ← β₁m + (1 − β₁)g,  v ← β₂v + (1 − β₂)g²,  p ← p − η·√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m/(√v + ε)
//! RMSprop   v ← ρv + (1 − ρ)g²,   p ← p − η·g/√(v + ε)
//! ```
//! Both as in TensorFlow, with which the published models were trained: its Adam is the form at the end
//! of section 2 of Kingma & Ba 2015 (arXiv 1412.6980), its RMSprop has ε under the root.

use serde::{Deserialize, Serialize};

use super::TrainError;
use crate::Real;

/// How a gradient becomes a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Optimizer {
    /// Steps of the size of the learning rate, whatever the gradient's size.
    Adam(Adam),
    /// Gradients divided by the root of their mean square.
    RmsProp(RmsProp),
}

/// Adam.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Adam {
    /// How much of the mean gradient stays.
    pub beta_1: f64,
    /// How much of the mean square stays.
    pub beta_2: f64,
    /// What keeps the quotient finite.
    pub epsilon: f64,
}

impl Default for Adam {
    fn default() -> Self {
        Self { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8 }
    }
}

/// RMSprop.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RmsProp {
    /// How much of the mean square stays.
    pub rho: f64,
    /// What keeps the quotient finite.
    pub epsilon: f64,
}

impl Default for RmsProp {
    fn default() -> Self {
        Self { rho: 0.9, epsilon: 1e-7 }
    }
}

/// What an optimizer remembers.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Moments<R> {
    /// Steps that were taken.
    pub n_steps: u64,
    /// Means of gradients; of Adam alone.
    pub first: Vec<R>,
    /// Means of their squares.
    pub second: Vec<R>,
}

impl<R: Real> Moments<R> {
    pub(super) fn new(n: usize) -> Self {
        Self { n_steps: 0, first: vec![R::ZERO; n], second: vec![R::ZERO; n] }
    }
}

impl Optimizer {
    pub(super) fn check(&self) -> Result<(), TrainError> {
        let share = |what, value: f64| match (0.0..1.0).contains(&value) {
            true => Ok(()),
            false => Err(TrainError::Argument { what, value, must: "from 0 to below 1".to_owned() }),
        };
        let epsilon = match self {
            Self::Adam(Adam { beta_1, beta_2, epsilon }) => {
                share("optimizer.beta_1", *beta_1)?;
                share("optimizer.beta_2", *beta_2)?;
                *epsilon
            }
            Self::RmsProp(RmsProp { rho, epsilon }) => {
                share("optimizer.rho", *rho)?;
                *epsilon
            }
        };
        match epsilon > 0.0 && epsilon.is_finite() {
            true => Ok(()),
            false => {
                let (what, must) = ("optimizer.epsilon", "finite and above 0".to_owned());
                Err(TrainError::Argument { what, value: epsilon, must })
            }
        }
    }

    /// Takes a step.
    pub(super) fn step<R: Real>(
        &self,
        rate: f64,
        gradient: &[R],
        moments: &mut Moments<R>,
        parameters: &mut [R],
    ) {
        moments.n_steps += 1;
        let Moments { n_steps, first, second } = moments;
        match self {
            Self::Adam(Adam { beta_1, beta_2, epsilon }) => {
                let t = *n_steps as f64;
                let rate = rate * (1.0 - libm::pow(*beta_2, t)).sqrt() / (1.0 - libm::pow(*beta_1, t));
                let [rate, epsilon] = [rate, *epsilon].map(R::of);
                let ([b1, b2], [c1, c2]) =
                    ([*beta_1, *beta_2].map(R::of), [1.0 - beta_1, 1.0 - beta_2].map(R::of));
                let moments = first.iter_mut().zip(second);
                for ((p, g), (m, v)) in parameters.iter_mut().zip(gradient).zip(moments) {
                    *m = b1 * *m + c1 * *g;
                    *v = b2 * *v + c2 * (*g * *g);
                    *p += -(rate * *m / (v.sqrt() + epsilon));
                }
            }
            Self::RmsProp(RmsProp { rho, epsilon }) => {
                let [rate, epsilon, rho, rest] = [rate, *epsilon, *rho, 1.0 - rho].map(R::of);
                for ((p, g), v) in parameters.iter_mut().zip(gradient).zip(second) {
                    *v = rho * *v + rest * (*g * *g);
                    *p += -(rate * *g / (*v + epsilon).sqrt());
                }
            }
        }
    }
}
