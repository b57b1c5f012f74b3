//! Leaky integrate-and-fire neurons: the parameters of a population.

use rheobase_lif::{Membrane, SynapticCurrent};
use serde::{Deserialize, Serialize};

use crate::Param;

/// How the synapses of a [`LifPopulation`] act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SynapseKind {
    /// A jump of the potential; weights in mV.
    Delta,
    /// An exponential current; weights in pA.
    Exp,
    /// An alpha-shaped current; weights in pA.
    Alpha,
    /// An exponential conductance (NEST's `iaf_cond_exp`); weights in nS. The receptor chooses the
    /// conductance, by the weight's sign if it is [`BySign`](crate::Receptor::BySign), and the weight's size
    /// is added to it.
    Conductance,
}

/// The parameters of a population with their names, borrowed as the population is.
macro_rules! named_params {
    ($lif:expr) => {{
        let LifPopulation {
            synapse: _,
            tau_m,
            c_m,
            v_rest,
            v_th,
            v_reset,
            t_ref,
            i_bias,
            v_init,
            tau_syn_ex,
            tau_syn_in,
            e_ex,
            e_in,
            syn_ex_init,
            syn_in_init,
            theta_jump,
            tau_theta,
            eta_theta,
            target_rate,
        } = $lif;
        [
            ("tau_m", tau_m),
            ("c_m", c_m),
            ("v_rest", v_rest),
            ("v_th", v_th),
            ("v_reset", v_reset),
            ("t_ref", t_ref),
            ("i_bias", i_bias),
            ("v_init", v_init),
            ("tau_syn_ex", tau_syn_ex),
            ("tau_syn_in", tau_syn_in),
            ("e_ex", e_ex),
            ("e_in", e_in),
            ("syn_ex_init", syn_ex_init),
            ("syn_in_init", syn_in_init),
            ("theta_jump", theta_jump),
            ("tau_theta", tau_theta),
            ("eta_theta", eta_theta),
            ("target_rate", target_rate),
        ]
    }};
}

/// Leaky integrate-and-fire neurons; see [`rheobase_lif`] for the equations.
///
/// The threshold is `v_th` plus two terms, both 0 at the start, that go on during refractoriness:
///
/// - *adaptation* jumps by `theta_jump` at each spike and decays with `tau_theta` (Bellec et al. 2018,
///   doi 10.48550/arXiv.1803.09574);
/// - *homeostasis* jumps by `eta_theta` at each spike and falls by `eta_theta · target_rate / 1000` mV in
///   every ms (Lazar, Pipa & Triesch 2009, doi 10.3389/neuro.10.023.2009): a neuron above its target rate
///   becomes harder to fire, one below it easier.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `tau_m`, `c_m` | 10, 250 | ms, pF | membrane; the leak conductance is `c_m / tau_m` \[nS\] |
/// | `v_rest`, `v_th`, `v_reset` | −70, −55, −70 | mV | rest, threshold, reset |
/// | `t_ref` | 2 | ms | refractory period |
/// | `i_bias` | 0 | pA | constant input |
/// | `v_init` | −70 | mV | potential at the start |
/// | `tau_syn_ex`, `tau_syn_in` | 2, 2 | ms | synaptic currents or conductances |
/// | `e_ex`, `e_in` | 0, −85 | mV | reversal potentials of conductances |
/// | `syn_ex_init`, `syn_in_init` | 0, 0 | pA or nS | synaptic state at the start; an alpha current falls from there |
/// | `theta_jump`, `tau_theta` | 0, 100 | mV, ms | adaptation of the threshold; none if 0 |
/// | `eta_theta`, `target_rate` | 0, 0 | mV, Hz | homeostasis of the threshold; none if `eta_theta` is 0 |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LifPopulation {
    /// The shape of the synaptic current.
    pub synapse: SynapseKind,
    /// Membrane time constant \[ms\].
    pub tau_m: Param,
    /// Membrane capacitance \[pF\].
    pub c_m: Param,
    /// Resting potential \[mV\].
    pub v_rest: Param,
    /// Threshold \[mV\].
    pub v_th: Param,
    /// Reset potential \[mV\].
    pub v_reset: Param,
    /// Refractory period \[ms\].
    pub t_ref: Param,
    /// Constant input current \[pA\].
    pub i_bias: Param,
    /// Potential at the start \[mV\].
    pub v_init: Param,
    /// Excitatory synaptic time constant \[ms\]; unused by delta synapses.
    pub tau_syn_ex: Param,
    /// Inhibitory synaptic time constant \[ms\]; unused by delta synapses.
    pub tau_syn_in: Param,
    /// Reversal potential of the excitatory conductance \[mV\]; unused by the other synapses.
    pub e_ex: Param,
    /// Reversal potential of the inhibitory conductance \[mV\]; unused by the other synapses.
    pub e_in: Param,
    /// Excitatory synaptic current \[pA\] or conductance \[nS\] at the start; unused by delta synapses.
    pub syn_ex_init: Param,
    /// Inhibitory synaptic current \[pA\] or conductance \[nS\] at the start; unused by delta synapses.
    pub syn_in_init: Param,
    /// How much a spike raises the threshold \[mV\], ≥ 0.
    pub theta_jump: Param,
    /// Time constant with which a raised threshold falls back \[ms\].
    pub tau_theta: Param,
    /// Homeostasis: how much a spike raises the resting threshold for good \[mV\], ≥ 0.
    pub eta_theta: Param,
    /// Homeostasis: the rate \[Hz\] at which the resting threshold stays where it is, ≥ 0.
    pub target_rate: Param,
}

impl Default for LifPopulation {
    /// NEST's defaults for `iaf_psc_exp`, and for `iaf_cond_exp` what only it has.
    fn default() -> Self {
        let Membrane { tau_m, c_m, v_rest, v_th, v_reset, t_ref, i_bias } = Membrane::default();
        Self {
            synapse: SynapseKind::Exp,
            tau_m: tau_m.into(),
            c_m: c_m.into(),
            v_rest: v_rest.into(),
            v_th: v_th.into(),
            v_reset: v_reset.into(),
            t_ref: t_ref.into(),
            i_bias: i_bias.into(),
            v_init: v_rest.into(),
            tau_syn_ex: 2.0.into(),
            tau_syn_in: 2.0.into(),
            e_ex: 0.0.into(),
            e_in: (-85.0).into(),
            syn_ex_init: 0.0.into(),
            syn_in_init: 0.0.into(),
            theta_jump: 0.0.into(),
            tau_theta: 100.0.into(),
            eta_theta: 0.0.into(),
            target_rate: 0.0.into(),
        }
    }
}

impl LifPopulation {
    /// The membrane of neuron `i` of the population.
    pub fn membrane(&self, i: usize) -> Membrane {
        Membrane {
            tau_m: self.tau_m.get(i),
            c_m: self.c_m.get(i),
            v_rest: self.v_rest.get(i),
            v_th: self.v_th.get(i),
            v_reset: self.v_reset.get(i),
            t_ref: self.t_ref.get(i),
            i_bias: self.i_bias.get(i),
        }
    }

    /// The synaptic current of neuron `i` of the population.
    pub fn synaptic_current(&self, i: usize) -> SynapticCurrent {
        let (tau_syn_ex, tau_syn_in) = (self.tau_syn_ex.get(i), self.tau_syn_in.get(i));
        match self.synapse {
            SynapseKind::Delta => SynapticCurrent::Delta,
            SynapseKind::Exp => SynapticCurrent::Exp { tau_syn_ex, tau_syn_in },
            SynapseKind::Alpha => SynapticCurrent::Alpha { tau_syn_ex, tau_syn_in },
            SynapseKind::Conductance => {
                let (e_ex, e_in) = (self.e_ex.get(i), self.e_in.get(i));
                SynapticCurrent::Cond { tau_syn_ex, tau_syn_in, e_ex, e_in }
            }
        }
    }

    /// Whether the threshold of some neuron moves, by adaptation or homeostasis.
    pub fn has_moving_threshold(&self) -> bool {
        !(self.theta_jump.is_zero() && self.eta_theta.is_zero())
    }

    /// Every parameter with its name, in the order in which files hold them.
    pub fn params(&self) -> [(&'static str, &Param); 18] {
        named_params!(self)
    }

    /// Every parameter with its name, to be filled in by readers and generators.
    pub fn params_mut(&mut self) -> [(&'static str, &mut Param); 18] {
        named_params!(self)
    }
}
