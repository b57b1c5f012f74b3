//! What the nodes of a population are made of: models whose parameters are given or drawn.

use rheobase_lif::Membrane;
use serde::{Deserialize, Serialize};

use super::{Distribution, LtcSpec, TrainedSpec};
use crate::{IzhikevichMethod, SynapseKind};

/// What the nodes of a population are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "there is one a population, and most are neurons")]
pub enum ModelSpec {
    /// Leaky integrate-and-fire neurons.
    Lif(LifSpec),
    /// Izhikevich's neurons.
    Izhikevich(IzhikevichSpec),
    /// The units of a group with liquid time constants.
    Ltc(LtcSpec),
    /// The units of a trained model, in a file.
    Trained(TrainedSpec),
    /// Sources that each draw a Poisson train.
    Poisson {
        /// Rate \[Hz\], ≥ 0.
        rate_hz: Distribution,
    },
    /// Sources that each draw a Poisson train of a rate that changes in steps, the same for all.
    PoissonSteps {
        /// When the rate changes \[ms\], ascending; it is 0 before.
        times: Vec<f64>,
        /// Rate from each time on \[Hz\], ≥ 0.
        rate_hz: Vec<f64>,
    },
    /// Sources whose spikes are given with the run.
    ExternalSpikes,
    /// Sources of a constant current.
    Dc {
        /// Current from time 0 on \[pA\].
        amplitude: Distribution,
    },
    /// Sources of a current that changes in steps, the same for all.
    Steps {
        /// When the current changes \[ms\], ascending; it is 0 before.
        times: Vec<f64>,
        /// Current from each time on \[pA\].
        amplitude: Vec<f64>,
    },
    /// Sources that each draw Gaussian noise; see [`CurrentSource::Noise`](crate::CurrentSource::Noise).
    Noise {
        /// Mean \[pA\].
        #[serde(default = "zero")]
        mean: Distribution,
        /// Standard deviation \[pA\], ≥ 0.
        sd: Distribution,
        /// How long a value holds \[ms\], > 0.
        #[serde(default = "tenth")]
        interval: f64,
    },
    /// Sources whose currents are given with the run.
    ExternalCurrents,
}

/// Leaky integrate-and-fire neurons, each parameter given or drawn; see
/// [`LifPopulation`](crate::LifPopulation).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LifSpec {
    /// How the synapses act.
    pub synapse: SynapseKind,
    /// Membrane time constant \[ms\].
    pub tau_m: Distribution,
    /// Membrane capacitance \[pF\].
    pub c_m: Distribution,
    /// Resting potential \[mV\].
    pub v_rest: Distribution,
    /// Threshold \[mV\].
    pub v_th: Distribution,
    /// Reset potential \[mV\].
    pub v_reset: Distribution,
    /// Refractory period \[ms\].
    pub t_ref: Distribution,
    /// Constant input current \[pA\].
    pub i_bias: Distribution,
    /// Potential at the start \[mV\]; the neuron's resting potential if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub v_init: Option<Distribution>,
    /// Excitatory synaptic time constant \[ms\].
    pub tau_syn_ex: Distribution,
    /// Inhibitory synaptic time constant \[ms\].
    pub tau_syn_in: Distribution,
    /// Reversal potential of the excitatory conductance \[mV\].
    pub e_ex: Distribution,
    /// Reversal potential of the inhibitory conductance \[mV\].
    pub e_in: Distribution,
    /// Excitatory synaptic current \[pA\] or conductance \[nS\] at the start.
    pub syn_ex_init: Distribution,
    /// Inhibitory synaptic current \[pA\] or conductance \[nS\] at the start.
    pub syn_in_init: Distribution,
    /// How much a spike raises the threshold \[mV\].
    pub theta_jump: Distribution,
    /// Time constant with which a raised threshold falls back \[ms\].
    pub tau_theta: Distribution,
    /// How much a spike raises the resting threshold for good \[mV\].
    pub eta_theta: Distribution,
    /// The rate \[Hz\] at which the resting threshold stays where it is.
    pub target_rate: Distribution,
}

/// Izhikevich's neurons, each parameter given or drawn; see
/// [`IzhikevichPopulation`](crate::IzhikevichPopulation).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IzhikevichSpec {
    /// Rate of recovery \[1/ms\].
    pub a: Distribution,
    /// Sensitivity of recovery to the potential \[1/ms\].
    pub b: Distribution,
    /// Potential after a spike \[mV\].
    pub c: Distribution,
    /// What a spike adds to recovery \[mV/ms\].
    pub d: Distribution,
    /// Potential at which a spike ends \[mV\].
    pub v_peak: Distribution,
    /// Constant input \[pA\].
    pub i_bias: Distribution,
    /// Potential at the start \[mV\].
    pub v_init: Distribution,
    /// Recovery at the start \[mV/ms\]; the neuron's `b · v_init` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub u_init: Option<Distribution>,
    /// How the grid scheduler integrates a step.
    pub method: IzhikevichMethod,
}

impl Default for ModelSpec {
    fn default() -> Self {
        Self::Lif(LifSpec::default())
    }
}

impl Default for LifSpec {
    /// The defaults of [`LifPopulation`](crate::LifPopulation).
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
            v_init: None,
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

impl LifSpec {
    /// Every parameter with its name, in the order of
    /// [`LifPopulation::params`](crate::LifPopulation::params).
    pub(super) fn params(&self) -> [(&'static str, Distribution); 18] {
        let Self {
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
        } = *self;
        [
            ("tau_m", tau_m),
            ("c_m", c_m),
            ("v_rest", v_rest),
            ("v_th", v_th),
            ("v_reset", v_reset),
            ("t_ref", t_ref),
            ("i_bias", i_bias),
            ("v_init", v_init.unwrap_or(v_rest)),
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
    }
}

impl Default for IzhikevichSpec {
    /// The defaults of [`IzhikevichPopulation`](crate::IzhikevichPopulation).
    fn default() -> Self {
        Self {
            a: 0.02.into(),
            b: 0.2.into(),
            c: (-65.0).into(),
            d: 8.0.into(),
            v_peak: 30.0.into(),
            i_bias: 0.0.into(),
            v_init: (-65.0).into(),
            u_init: None,
            method: IzhikevichMethod::RungeKutta4,
        }
    }
}

impl IzhikevichSpec {
    /// Every parameter with its name, in the order of
    /// [`IzhikevichPopulation::params`](crate::IzhikevichPopulation::params); a `u_init` that is left out
    /// stands as 0.
    pub(super) fn params(&self) -> [(&'static str, Distribution); 8] {
        let Self { a, b, c, d, v_peak, i_bias, v_init, u_init, method: _ } = *self;
        [
            ("a", a),
            ("b", b),
            ("c", c),
            ("d", d),
            ("v_peak", v_peak),
            ("i_bias", i_bias),
            ("v_init", v_init),
            ("u_init", u_init.unwrap_or(zero())),
        ]
    }
}

fn zero() -> Distribution {
    Distribution::Constant(0.0)
}

fn tenth() -> f64 {
    0.1
}

impl ModelSpec {
    /// Whether the nodes are sources, which receive nothing.
    pub(super) fn is_source(&self) -> bool {
        match self {
            Self::Lif(_) | Self::Izhikevich(_) | Self::Ltc(_) | Self::Trained(_) => false,
            Self::Poisson { .. } | Self::PoissonSteps { .. } | Self::ExternalSpikes => true,
            Self::Dc { .. } | Self::Steps { .. } | Self::Noise { .. } | Self::ExternalCurrents => true,
        }
    }

    /// The sizes of the group, if the nodes are the units of one. A model that was not read has none.
    pub(super) fn as_group(&self) -> Option<GroupSize> {
        match self {
            Self::Ltc(spec) => Some(GroupSize {
                n_units: spec.n_units(),
                n_inputs: spec.n_inputs(),
                n_outputs: spec.n_outputs(),
            }),
            Self::Trained(spec) => spec.cell().map(|cell| GroupSize {
                n_units: cell.n_units() as u64,
                n_inputs: cell.n_inputs() as u32,
                n_outputs: cell.n_outputs() as u32,
            }),
            Self::Lif(_)
            | Self::Izhikevich(_)
            | Self::Poisson { .. }
            | Self::PoissonSteps { .. }
            | Self::ExternalSpikes
            | Self::Dc { .. }
            | Self::Steps { .. }
            | Self::Noise { .. }
            | Self::ExternalCurrents => None,
        }
    }
}

/// How large a group is, to the outside.
#[derive(Debug, Clone, Copy)]
pub(super) struct GroupSize {
    pub n_units: u64,
    pub n_inputs: u32,
    pub n_outputs: u32,
}
