//! Leaky integrate and fire, as brian2-loihi does it.

use super::{Deeds, LANES, Lane, Outcome, Variable};
use crate::netlist::Lif;

/// LIF compartments of brian2-loihi, which keeps whole numbers in floating-point ones: nothing wraps, and nothing is
/// clipped. With `keeps = 4096 − decay`,
///
/// ```text
/// I ← I + a                              what arrives, before everything else
/// v ← v · keeps_v + I, unless refractory   rounded towards 0
/// I ← I · keeps_u                          rounded towards 0
/// v > vth << 6, unless refractory: spike, v ← 0
/// ```
/// so that the current is read one decay later than that of the other tools.
pub(in crate::emulate) struct BrianLif {
    compartments: Vec<Compartment>,
}

struct Compartment {
    u: i64,
    v: i64,
    /// Steps for which the potential stays as it is.
    held: i32,
    keeps_u: i64,
    keeps_v: i64,
    threshold: i64,
    holds: i32,
}

/// Beyond it the tool's own numbers are no longer whole.
const MOST: i64 = 1 << 53;

impl BrianLif {
    /// The compartments at their start.
    pub fn new(lif: &Lif) -> Self {
        // There is no bias in this profile, and no limit of the potential.
        let Lif { du, dv, vth, bias_mant: _, bias_exp: _, refractory, u, v, v_min: _, v_max: _ } = lif;
        let compartment = |i: usize| Compartment {
            u: i64::from(u[i]),
            v: i64::from(v[i]),
            held: 0,
            keeps_u: i64::from(4096 - du[i]).min(4096),
            keeps_v: i64::from(4096 - dv[i]),
            threshold: i64::from(vth[i]) << 6,
            holds: refractory[i] - 1,
        };
        Self { compartments: (0..du.len()).map(compartment).collect() }
    }

    /// A block takes a step.
    pub fn step(&mut self, block: usize, a: &Lane, deeds: &mut Deeds) -> Outcome {
        let first = block * LANES;
        let last = (first + LANES).min(self.compartments.len());
        let mut outcome = Outcome { sends: false, rests: true };
        *deeds = Deeds { sent: [0; LANES], updated: [0; LANES] };
        for (i, c) in self.compartments[first..last].iter_mut().enumerate() {
            let sent = &mut deeds.sent[i];
            let before = (c.u, c.v);
            let current = (c.u + i64::from(a[i])).clamp(-MOST, MOST);
            c.u = keep(current, c.keeps_u);
            // Whoever is held in this step is not at rest, though nothing else changes.
            let mut is_held = false;
            if c.held > 0 {
                (c.held, is_held) = (c.held - 1, true);
            } else {
                c.v = (keep(c.v, c.keeps_v) + current).clamp(-MOST, MOST);
                if c.v > c.threshold {
                    (c.v, c.held, *sent) = (0, c.holds, 1);
                    outcome.sends = true;
                }
            }
            let changed = is_held || before != (c.u, c.v);
            deeds.updated[i] = i32::from(before.1 != 0 || current != 0);
            outcome.rests &= *sent == 0 && !changed;
        }
        outcome
    }

    /// A variable of a compartment.
    pub fn state(&self, variable: Variable, compartment: usize) -> Option<f64> {
        let Compartment { u, v, .. } = self.compartments[compartment];
        match variable {
            Variable::U => Some(u as f64),
            Variable::V => Some(v as f64),
            Variable::Sigma
            | Variable::Act
            | Variable::Residue
            | Variable::Error
            | Variable::Re
            | Variable::Im => None,
        }
    }
}

/// What is left of `x` after a step, rounded towards 0.
fn keep(x: i64, keeps: i64) -> i64 {
    (i128::from(x) * i128::from(keeps) / 4096) as i64
}
