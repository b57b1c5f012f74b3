//! The parameters of one neuron, and what is wrong with them.

use serde::{Deserialize, Serialize};

/// The membrane of one neuron.
///
/// `c_m dv/dt = −c_m (v − v_rest)/tau_m + i_bias + i_syn`, and the threshold is reached when
/// `v ≥ v_th` (as in NEST and Arbor; NIR and Lava use `>`). The resistance is `tau_m / c_m` \[GΩ\].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Membrane {
    /// Membrane time constant \[ms\], > 0.
    pub tau_m: f64,
    /// Membrane capacitance \[pF\], > 0.
    pub c_m: f64,
    /// Resting potential \[mV\].
    pub v_rest: f64,
    /// Spike threshold \[mV\], > `v_reset`.
    pub v_th: f64,
    /// Potential after a spike and during the refractory period \[mV\].
    pub v_reset: f64,
    /// Absolute refractory period \[ms\], ≥ 0.
    pub t_ref: f64,
    /// Constant input current \[pA\].
    pub i_bias: f64,
}

impl Default for Membrane {
    /// NEST's defaults for `iaf_psc_exp`.
    fn default() -> Self {
        Self { tau_m: 10.0, c_m: 250.0, v_rest: -70.0, v_th: -55.0, v_reset: -70.0, t_ref: 2.0, i_bias: 0.0 }
    }
}

/// How an incoming spike of weight `w` acts on the membrane.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum SynapticCurrent {
    /// The potential jumps by `w` \[mV\] on arrival; the jump is lost while the neuron is refractory.
    Delta,
    /// The current jumps by `w` \[pA\] and decays exponentially.
    Exp {
        /// Time constant of the excitatory current \[ms\], > 0.
        tau_syn_ex: f64,
        /// Time constant of the inhibitory current \[ms\], > 0.
        tau_syn_in: f64,
    },
    /// The current follows `w e/τ t exp(−t/τ)` \[pA\]: it peaks at `w`, one time constant after arrival.
    Alpha {
        /// Time constant of the excitatory current \[ms\], > 0.
        tau_syn_ex: f64,
        /// Time constant of the inhibitory current \[ms\], > 0.
        tau_syn_in: f64,
    },
    /// A conductance jumps by `|w|` \[nS\] and decays exponentially; it pulls the potential to `e_ex` or
    /// `e_in`.
    Cond {
        /// Time constant of the excitatory conductance \[ms\], > 0.
        tau_syn_ex: f64,
        /// Time constant of the inhibitory conductance \[ms\], > 0.
        tau_syn_in: f64,
        /// Reversal potential of the excitatory conductance \[mV\].
        e_ex: f64,
        /// Reversal potential of the inhibitory conductance \[mV\].
        e_in: f64,
    },
}

/// One thing that is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{name} is {value} {unit}, and must be {must}")]
pub struct ParamFault {
    /// The parameter's name.
    pub name: &'static str,
    /// What it is.
    pub value: f64,
    /// The unit of `value`.
    pub unit: &'static str,
    /// What it has to be.
    pub must: &'static str,
}

impl Membrane {
    /// Everything that is wrong with the membrane; empty if nothing is.
    pub fn faults(&self) -> Vec<ParamFault> {
        let Self { tau_m, c_m, v_rest, v_th, v_reset, t_ref, i_bias } = *self;
        let mut faults = Vec::new();
        let mut need = |ok: bool, name, value, unit, must| {
            if !ok {
                faults.push(ParamFault { name, value, unit, must });
            }
        };
        need(tau_m.is_finite() && tau_m > 0.0, "tau_m", tau_m, "ms", "finite and above 0");
        need(c_m.is_finite() && c_m > 0.0, "c_m", c_m, "pF", "finite and above 0");
        need(v_rest.is_finite(), "v_rest", v_rest, "mV", "finite");
        need(v_th.is_finite(), "v_th", v_th, "mV", "finite");
        need(v_reset.is_finite(), "v_reset", v_reset, "mV", "finite");
        // A potential that is not a number is told above.
        need(v_reset < v_th || v_reset.is_nan() || v_th.is_nan(), "v_reset", v_reset, "mV", "below v_th");
        need(t_ref.is_finite() && t_ref >= 0.0, "t_ref", t_ref, "ms", "finite and at least 0");
        need(i_bias.is_finite(), "i_bias", i_bias, "pA", "finite");
        faults
    }
}

impl SynapticCurrent {
    /// The excitatory and the inhibitory time constant \[ms\]; 1 and 1 for delta synapses, which have none.
    pub(crate) fn time_constants(&self) -> (f64, f64) {
        match *self {
            Self::Delta => (1.0, 1.0),
            Self::Exp { tau_syn_ex, tau_syn_in }
            | Self::Alpha { tau_syn_ex, tau_syn_in }
            | Self::Cond { tau_syn_ex, tau_syn_in, e_ex: _, e_in: _ } => (tau_syn_ex, tau_syn_in),
        }
    }

    /// The excitatory and the inhibitory reversal potential \[mV\]; 0 and 0 for currents, which have none.
    pub(crate) fn reversals(&self) -> (f64, f64) {
        match *self {
            Self::Delta | Self::Exp { .. } | Self::Alpha { .. } => (0.0, 0.0),
            Self::Cond { tau_syn_ex: _, tau_syn_in: _, e_ex, e_in } => (e_ex, e_in),
        }
    }

    /// Everything that is wrong with the time constants and reversal potentials; empty if nothing is.
    pub fn faults(&self) -> Vec<ParamFault> {
        let (tau_syn_ex, tau_syn_in) = self.time_constants();
        let (e_ex, e_in) = self.reversals();
        let taus = [("tau_syn_ex", tau_syn_ex), ("tau_syn_in", tau_syn_in)]
            .into_iter()
            .filter(|(_, tau)| !(tau.is_finite() && *tau > 0.0))
            .map(|(name, value)| ParamFault { name, value, unit: "ms", must: "finite and above 0" });
        let reversals = [("e_ex", e_ex), ("e_in", e_in)]
            .into_iter()
            .filter(|(_, e)| !e.is_finite())
            .map(|(name, value)| ParamFault { name, value, unit: "mV", must: "finite" });
        taus.chain(reversals).collect()
    }
}
