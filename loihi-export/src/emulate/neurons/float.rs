//! Lava's floating-point neuron with a refractory period.

use super::{Deeds, LANES, Lane, Outcome, Variable};

/// Floating-point compartments. They are there for comparison, not for a chip, and never rest.
pub(in crate::emulate) struct FloatLif {
    model: crate::netlist::FloatLif,
    /// How many units of what arrives are 1.
    scale: f64,
    u: Vec<f64>,
    v: Vec<f64>,
    /// The last step of the refractory period, by the group's own count.
    until: Vec<u64>,
    /// Steps taken, by block.
    t: Vec<u64>,
}

impl FloatLif {
    /// The compartments at their start.
    pub fn new(model: &crate::netlist::FloatLif, scale: f64) -> Self {
        let n = model.du.len();
        let (u, v, until) = (vec![0.0; n], vec![0.0; n], vec![0; n]);
        Self { model: model.clone(), scale, u, v, until, t: vec![0; n.div_ceil(LANES)] }
    }

    /// A block takes a step.
    pub fn step(&mut self, block: usize, a: &Lane, deeds: &mut Deeds) -> Outcome {
        let crate::netlist::FloatLif { du, dv, vth, bias, refractory } = &self.model;
        self.t[block] += 1;
        let (t, mut sends) = (self.t[block], false);
        *deeds = Deeds { sent: [0; LANES], updated: [1; LANES] };
        for (i, (a, sent)) in (block * LANES..self.u.len()).zip(a.iter().zip(&mut deeds.sent)) {
            self.u[i] = self.u[i] * (1.0 - du[i]) + f64::from(*a) / self.scale;
            if self.until[i] < t {
                self.v[i] = self.v[i] * (1.0 - dv[i]) + self.u[i] + bias[i];
            }
            if self.v[i] > vth[i] {
                (self.v[i], *sent, sends) = (0.0, 1, true);
                self.until[i] = t + u64::from(refractory[i]);
            }
        }
        Outcome { sends, rests: false }
    }

    /// A variable of a compartment.
    pub fn state(&self, variable: Variable, compartment: usize) -> Option<f64> {
        match variable {
            Variable::U => Some(self.u[compartment]),
            Variable::V => Some(self.v[compartment]),
            Variable::Sigma
            | Variable::Act
            | Variable::Residue
            | Variable::Error
            | Variable::Re
            | Variable::Im => None,
        }
    }
}
