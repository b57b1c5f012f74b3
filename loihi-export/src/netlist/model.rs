//! What compartments do.

use serde::{Deserialize, Serialize};

/// What the compartments of a group do in a step. Every list has one number a compartment, if nothing else is said.
///
/// The equations are those of Lava 0.10's fixed-point models, by the names there, but for [`LtcUnits`], which no
/// tool has; an emulation profile says where another chip differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Model {
    /// Leaky integrate and fire.
    Lif(Lif),
    /// The same; current and potential are set to 0 before every step `t` with `t ≡ offset (mod interval)`.
    LifReset {
        /// The neurons.
        lif: Lif,
        /// Steps from reset to reset, at least 1.
        interval: u32,
        /// Which of them.
        offset: u32,
    },
    /// The same with two thresholds: sends 1 above `vth`, −1 below `vth_lo`.
    TernaryLif {
        /// The neurons; `vth` is the upper threshold.
        lif: Lif,
        /// The lower threshold.
        vth_lo: Vec<i32>,
    },
    /// Lava's floating-point neuron with a refractory period.
    FloatLif(FloatLif),
    /// `v ← v + a`; sends `v` and sets it to 0 where `|v| > vth`, or `v > vth` if rectified.
    GradedVec {
        /// Threshold.
        vth: Vec<i32>,
        /// Whether only positive sums are sent.
        rectified: bool,
    },
    /// `v = (a₁ · a₂) >> exp`, sent where `|v| > vth`.
    Product {
        /// Threshold.
        vth: Vec<i32>,
        /// Bits that the product is shifted to the right.
        exp: u8,
    },
    /// `σ ← σ + a`, sent in every step.
    Sigma,
    /// Sends by how much its input has changed, where that is at least a threshold.
    Delta(Delta),
    /// Sums its input, rectifies it or not, and sends by how much that has changed.
    SigmaDelta {
        /// What and when it sends.
        delta: Delta,
        /// Added to the sum.
        bias: Vec<i32>,
        /// What is done with the sum.
        activation: Activation,
    },
    /// Resonate and fire.
    Resonator(Resonator),
    /// Liquid time-constant units, by a program of their own.
    Ltc(LtcUnits),
}

/// Leaky integrate-and-fire compartments:
///
/// ```text
/// u ← decay(u, 4095 − du) + (a << 6)          one wrap into (−2²³, 2²³]
/// v ← clip(decay(v, 4096 − dv) + u + (bias_mant << bias_exp))
/// v > vth << 6:  spike, v ← 0, held there for refractory − 1 more steps
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lif {
    /// Decay of the current, −1 (none) to 4095 (all).
    pub du: Vec<i32>,
    /// Decay of the potential, 0 to 4096.
    pub dv: Vec<i32>,
    /// Threshold.
    pub vth: Vec<i32>,
    /// Constant input, mantissa.
    pub bias_mant: Vec<i32>,
    /// Constant input, exponent, −31 to 24.
    pub bias_exp: Vec<i32>,
    /// Refractory steps, that of the spike included: 1 for none beyond it.
    pub refractory: Vec<i32>,
    /// Current at the start.
    pub u: Vec<i32>,
    /// Potential at the start.
    pub v: Vec<i32>,
    /// Least potential: −(2²³ − 1) in Lava, nengo-loihi's own.
    pub v_min: i32,
    /// Greatest potential.
    pub v_max: i32,
}

/// Floating-point compartments of Lava (`LIFRefractory`): `u ← u (1 − du) + a`, and, while not refractory,
/// `v ← v (1 − dv) + u + bias`; a spike where `v > vth`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FloatLif {
    /// Decay of the current, 0 to 1.
    pub du: Vec<f64>,
    /// Decay of the potential, 0 to 1.
    pub dv: Vec<f64>,
    /// Threshold.
    pub vth: Vec<f64>,
    /// Constant input.
    pub bias: Vec<f64>,
    /// Steps for which the potential is held after a spike.
    pub refractory: Vec<u32>,
}

/// When and what a delta unit sends: `x` is its input, or the activation of a sigma-delta unit.
///
/// ```text
/// d = x − act + residue;  out = d  where |d| ≥ vth << (spike_exp + state_exp), else 0
/// residue ← d − out;  act ← x;  sent: out >> state_exp
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delta {
    /// Threshold.
    pub vth: Vec<i32>,
    /// Exponent of messages.
    pub spike_exp: u8,
    /// Bits that a state has beyond a message.
    pub state_exp: u8,
    /// Whether it is the error summed up since the last message that is compared with the threshold.
    pub cum_error: bool,
}

/// What a sigma-delta unit does with its sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Nothing.
    Unit,
    /// Sets what is below 0 to 0.
    Relu,
}

/// Resonate-and-fire compartments of Lava (`RF`, `RF_IZ`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resonator {
    /// Decay and rotation in a step, in `1 / 2^decay_bits`.
    pub sin_decay: Vec<i32>,
    /// The same along the axis.
    pub cos_decay: Vec<i32>,
    /// Threshold, shifted by the bits of the state.
    pub vth: Vec<i32>,
    /// Bits that inputs are shifted to the left.
    pub state_exp: u8,
    /// Bits of the decays.
    pub decay_bits: u8,
    /// Izhikevich's rule: spikes where the imaginary part reaches the threshold, and is reset.
    pub izhikevich: bool,
}

/// Liquid time-constant units, as a program of a core whose neurons can be programmed. A step is an unfold of the
/// cell's fused step; `y` is what a unit knows of a source, the sum of all messages that came from it.
///
/// ```text
/// z   = (y − mu) · slope >> slope_shift         to nearest, ties up
/// s   = table(|z|), 1 − that below 0            1 is 1 << sigmoid_bits; z is in 1 / (1 << z_bits)
/// g   = w · s >> sigmoid_bits                   to nearest, ties up, of every synapse
/// v   ← (cm · v + gleak · vleak + Σ g · erev) / (cm + gleak + Σ g)      to nearest, ties up; from step `start` on
/// |v − sent| ≥ threshold:  message v − sent, sent ← v
/// ```
///
/// `v`, `sent` and every `y` are 0 at the start. The lists of synapses are apart from compartments: the `weight` of
/// a synapse in a block that ends here is its place in them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LtcUnits {
    /// Capacitance over the time of a step, a conductance; at least 1.
    pub cm: Vec<i32>,
    /// Leak conductance.
    pub gleak: Vec<i32>,
    /// Reversal of the leak.
    pub vleak: Vec<i32>,
    /// Largest conductance of a synapse; `[n_synapses]`, as the next three.
    pub w: Vec<i32>,
    /// Slope of its sigmoid.
    pub slope: Vec<i32>,
    /// Middle of its sigmoid.
    pub mu: Vec<i32>,
    /// Its reversal.
    pub erev: Vec<i32>,
    /// The sigmoid at 0 to 16, at equal distances, in `1 << sigmoid_bits`; between two a line, rounded to nearest,
    /// ties up. Its length is a power of two and one.
    pub table: Vec<i32>,
    /// Bits of a sigmoid behind the point.
    pub sigmoid_bits: u8,
    /// Bits of an argument behind the point.
    pub z_bits: u8,
    /// Bits that a product of slope and difference is shifted to the right.
    pub slope_shift: u8,
    /// By how much a state has to have changed to be sent; at least 1.
    pub threshold: i32,
    /// The first step that is taken, at least 1: 2 lets the first inputs arrive.
    pub start: u32,
}

impl Model {
    /// Its name in files and messages.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Lif(_) => "lif",
            Self::LifReset { .. } => "lif_reset",
            Self::TernaryLif { .. } => "ternary_lif",
            Self::FloatLif(_) => "float_lif",
            Self::GradedVec { .. } => "graded_vec",
            Self::Product { .. } => "product",
            Self::Sigma => "sigma",
            Self::Delta(_) => "delta",
            Self::SigmaDelta { .. } => "sigma_delta",
            Self::Resonator(_) => "resonator",
            Self::Ltc(_) => "ltc",
        }
    }

    /// The model of some of its compartments.
    pub fn select(&self, compartments: &[usize]) -> Self {
        fn of<T: Copy>(column: &[T], compartments: &[usize]) -> Vec<T> {
            compartments.iter().map(|i| column[*i]).collect()
        }
        let at = compartments;
        let lif = |Lif { du, dv, vth, bias_mant, bias_exp, refractory, u, v, v_min, v_max }: &Lif| {
            let [du, dv, vth, bias_mant, bias_exp, refractory, u, v] =
                [du, dv, vth, bias_mant, bias_exp, refractory, u, v].map(|column| of(column, at));
            Lif { du, dv, vth, bias_mant, bias_exp, refractory, u, v, v_min: *v_min, v_max: *v_max }
        };
        let delta = |delta: &Delta| Delta { vth: of(&delta.vth, at), ..delta.clone() };
        match self {
            Self::Lif(it) => Self::Lif(lif(it)),
            Self::LifReset { lif: it, interval, offset } => {
                Self::LifReset { lif: lif(it), interval: *interval, offset: *offset }
            }
            Self::TernaryLif { lif: it, vth_lo } => Self::TernaryLif { lif: lif(it), vth_lo: of(vth_lo, at) },
            Self::FloatLif(FloatLif { du, dv, vth, bias, refractory }) => {
                let [du, dv, vth, bias] = [du, dv, vth, bias].map(|column| of(column, at));
                Self::FloatLif(FloatLif { du, dv, vth, bias, refractory: of(refractory, at) })
            }
            Self::GradedVec { vth, rectified } => Self::GradedVec { vth: of(vth, at), rectified: *rectified },
            Self::Product { vth, exp } => Self::Product { vth: of(vth, at), exp: *exp },
            Self::Sigma => Self::Sigma,
            Self::Delta(it) => Self::Delta(delta(it)),
            Self::SigmaDelta { delta: it, bias, activation } => {
                Self::SigmaDelta { delta: delta(it), bias: of(bias, at), activation: *activation }
            }
            Self::Resonator(it) => {
                let [sin_decay, cos_decay, vth] =
                    [&it.sin_decay, &it.cos_decay, &it.vth].map(|column| of(column, at));
                Self::Resonator(Resonator { sin_decay, cos_decay, vth, ..it.clone() })
            }
            // Synapses keep their places in the lists, whoever is left of the units.
            Self::Ltc(it) => {
                let [cm, gleak, vleak] = [&it.cm, &it.gleak, &it.vleak].map(|column| of(column, at));
                Self::Ltc(LtcUnits { cm, gleak, vleak, ..it.clone() })
            }
        }
    }

    /// How many inputs a compartment has.
    pub fn n_ports(&self) -> u8 {
        match self {
            Self::Product { .. } | Self::Resonator(_) => 2,
            Self::Lif(_)
            | Self::LifReset { .. }
            | Self::TernaryLif { .. }
            | Self::FloatLif(_)
            | Self::GradedVec { .. }
            | Self::Sigma
            | Self::Delta(_)
            | Self::SigmaDelta { .. }
            | Self::Ltc(_) => 1,
        }
    }
}
