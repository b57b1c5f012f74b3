//! Time constants of an LTC.
//!
//! At any moment the equation of a unit is that of a leaky integrator,
//!
//! ```text
//! cm dv/dt = gleak (vleak − v) + Σ a (erev − v)      ⇔      dv/dt = (rest − v)/τ
//! τ = cm/(gleak + Σ a)      rest = (gleak vleak + Σ a erev)/(gleak + Σ a)
//! ```
//! and because a conductance `a` is between 0 and its `w`, whatever the states and the inputs are,
//!
//! ```text
//! cm/(gleak + Σ w) ≤ τ ≤ cm/gleak
//! ```
//! which is theorem 1 of Hasani et al. 2021 (doi 10.1609/aaai.v35i9.16936) for conductances. The bounds
//! hold for computed numbers too: sums of both are added in the same order, and rounding is monotonic. The
//! `epsilon` of a step is no part of the equation, and left out.

use super::TimeConstants;
use crate::Real;
use crate::cell::ltc::Map;
use crate::cell::{Cell, Ltc};
use crate::wiring::Synapse;

/// At the end of steps that had these inputs and ended in these states; `[steps, inputs]` and
/// `[steps, units]`.
pub(super) fn of_ltc<R: Real>(cell: &Ltc, parameters: &[R], inputs: &[R], states: &[R]) -> TimeConstants {
    let (wiring, units) = (cell.wiring(), cell.wiring().units());
    let layout = Cell::<R>::layout(cell);
    let effective: Vec<f64> = cell.effective(parameters).into_iter().map(R::to_f64).collect();
    let block = |name: &str| &effective[layout.range(name).expect("the layout of an LTC cell has it")];
    let (gleak, cm) = (block("gleak"), block("cm"));
    let kind = |prefix: &str| [format!("{prefix}w"), format!("{prefix}sigma"), format!("{prefix}mu")];
    let synapses = Conductances::new(wiring.synapses(), kind("").map(|name| block(&name)));
    let sensory = Conductances::new(wiring.sensory(), kind("sensory_").map(|name| block(&name)));
    let constants = |from: Option<(&[f64], &[f64])>| -> Vec<f64> {
        let mut sums = gleak.to_vec();
        sensory.add(&mut sums, from.map(|(inputs, _)| inputs));
        synapses.add(&mut sums, from.map(|(_, states)| states));
        cm.iter().zip(sums).map(|(cm, sum)| cm / sum).collect()
    };

    let (input_w, input_b) = match cell.config().input_map {
        Map::Affine => (Some(block("input_w")), Some(block("input_b"))),
        Map::Linear => (Some(block("input_w")), None),
        Map::None => (None, None),
    };
    let mut values = Vec::with_capacity(states.len());
    for (inputs, states) in inputs.chunks_exact(wiring.n_inputs()).zip(states.chunks_exact(units)) {
        let mapped: Vec<f64> = inputs
            .iter()
            .enumerate()
            .map(|(k, x)| x.to_f64() * input_w.map_or(1.0, |w| w[k]) + input_b.map_or(0.0, |b| b[k]))
            .collect();
        let states: Vec<f64> = states.iter().map(|v| v.to_f64()).collect();
        values.extend(constants(Some((&mapped, &states))));
    }
    let most = cm.iter().zip(gleak).map(|(cm, gleak)| cm / gleak).collect();
    TimeConstants { values, least: constants(None), most }
}

/// The conductances of one kind of synapse.
struct Conductances<'c> {
    synapses: &'c [Synapse],
    w: &'c [f64],
    sigma: &'c [f64],
    mu: &'c [f64],
}

impl<'c> Conductances<'c> {
    fn new(synapses: &'c [Synapse], [w, sigma, mu]: [&'c [f64]; 3]) -> Self {
        Self { synapses, w, sigma, mu }
    }

    /// Adds them to the sums of their targets: as the states of their sources have them, or as they are at
    /// most.
    fn add(&self, sums: &mut [f64], from: Option<&[f64]>) {
        for (k, synapse) in self.synapses.iter().enumerate() {
            let open = match from {
                Some(from) => (self.sigma[k] * (from[synapse.source as usize] - self.mu[k])).sigmoid(),
                None => 1.0,
            };
            sums[synapse.target as usize] += self.w[k] * open;
        }
    }
}
