//! Groups of neurons as Lava's processes.

use serde::Serialize;

use crate::netlist::{Activation, Delta, FloatLif, Group, Lif, Model, Resonator};

/// A process of the loader's plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Process<'a> {
    /// Its name.
    pub name: String,
    /// The population's name.
    pub population: String,
    /// The core that it is on; `None` for a source.
    pub core: Option<u32>,
    /// How many nodes it has.
    pub n: usize,
    /// The numbers of its nodes, counted over all populations; those of a source follow each other.
    pub nodes: Vec<u32>,
    /// What it is.
    #[serde(flatten)]
    pub kind: Kind,
    /// Which of its variables are states.
    pub states: &'static [&'static str],
    /// Its lists.
    #[serde(skip)]
    pub columns: Vec<Column<'a>>,
}

/// What a process is, and what all its neurons share.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// A ring buffer.
    Source,
    /// `LIF`.
    Lif,
    /// The loader's own neuron with a refractory period.
    HeldLif,
    /// `LIFReset`.
    LifReset {
        /// Steps from reset to reset.
        interval: u32,
        /// Which of them.
        offset: u32,
    },
    /// `TernaryLIF`.
    TernaryLif,
    /// `GradedVec`.
    GradedVec,
    /// `GradedReluVec`.
    GradedReluVec,
    /// `ProdNeuron`.
    Product {
        /// Bits that the product is shifted to the right.
        exp: u8,
    },
    /// `Sigma`.
    Sigma,
    /// `Delta`.
    Delta(Exponents),
    /// `SigmaDelta`.
    SigmaDelta {
        /// Its delta.
        #[serde(flatten)]
        exponents: Exponents,
        /// What it does with its sum.
        activation: Activation,
    },
    /// `RF`.
    Resonator {
        /// Bits that inputs are shifted to the left.
        state_exp: u8,
        /// Bits of the decays.
        decay_bits: u8,
    },
    /// `RF_IZ`.
    ResonatorIz {
        /// Bits that inputs are shifted to the left.
        state_exp: u8,
        /// Bits of the decays.
        decay_bits: u8,
    },
}

/// What all delta units of a process share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Exponents {
    /// Whether it is the error summed up that is compared.
    cum_error: bool,
    /// Exponent of messages.
    spike_exp: u8,
    /// Bits that a state has beyond a message.
    state_exp: u8,
}

/// A list of a process, one number a neuron, by the name that the loader knows.
pub type Column<'a> = (&'static str, &'a [i32]);

/// What Lava has not, or that the neurons of a group are these.
pub enum Neurons<'a> {
    /// A process and its lists.
    Are(Kind, Vec<Column<'a>>),
    /// What Lava has no process for, and the way out.
    Unknown(&'static str),
}

/// The process of a group, if Lava or the loader has one.
pub fn neurons(group: &Group) -> Neurons<'_> {
    use Neurons::{Are, Unknown};
    match &group.model {
        Model::Lif(lif) | Model::LifReset { lif, .. } | Model::TernaryLif { lif, .. } if is_wide(lif) => {
            Unknown("a bias mantissa of more than Lava's 16 bits: give it a greater exponent")
        }
        Model::Lif(lif) if !is_lavas_range(lif) => Unknown(RANGE),
        Model::Lif(lif) if is_refractory(lif) => {
            let mut columns = lif_columns(lif);
            columns.push(("refractory", &lif.refractory));
            Are(Kind::HeldLif, columns)
        }
        Model::Lif(lif) => Are(Kind::Lif, lif_columns(lif)),
        Model::LifReset { lif, .. } | Model::TernaryLif { lif, .. } if !is_lavas_range(lif) => Unknown(RANGE),
        Model::LifReset { lif, .. } | Model::TernaryLif { lif, .. } if is_refractory(lif) => Unknown(
            "neurons that are refractory and are reset or have two thresholds, which Lava does not know: \
             set `refractory` to 1",
        ),
        Model::LifReset { lif, interval, offset } => {
            Are(Kind::LifReset { interval: *interval, offset: *offset }, lif_columns(lif))
        }
        Model::TernaryLif { lif, vth_lo } => {
            let mut columns = lif_columns(lif);
            columns.push(("vth_lo", vth_lo));
            Are(Kind::TernaryLif, columns)
        }
        Model::FloatLif(FloatLif { .. }) => {
            Unknown("floating-point neurons, and the export is of integers: map the network to a chip")
        }
        Model::Ltc(_) => Unknown(
            "liquid time-constant units, which no process has: write the netlist as JSON, which keeps everything",
        ),
        Model::GradedVec { vth, rectified } => {
            let kind = if *rectified { Kind::GradedReluVec } else { Kind::GradedVec };
            Are(kind, vec![("vth", vth)])
        }
        Model::Product { vth, exp } => Are(Kind::Product { exp: *exp }, vec![("vth", vth)]),
        Model::Sigma => Are(Kind::Sigma, vec![]),
        Model::Delta(delta) => Are(Kind::Delta(exponents(delta)), vec![("vth", &delta.vth)]),
        Model::SigmaDelta { delta, bias, activation } => {
            let kind = Kind::SigmaDelta { exponents: exponents(delta), activation: *activation };
            Are(kind, vec![("vth", &delta.vth), ("bias", bias)])
        }
        Model::Resonator(resonator) => {
            let Resonator { sin_decay, cos_decay, vth, state_exp, decay_bits, izhikevich } = resonator;
            let (state_exp, decay_bits) = (*state_exp, *decay_bits);
            let kind = match izhikevich {
                true => Kind::ResonatorIz { state_exp, decay_bits },
                false => Kind::Resonator { state_exp, decay_bits },
            };
            Are(kind, vec![("sin_decay", sin_decay), ("cos_decay", cos_decay), ("vth", vth)])
        }
    }
}

const RANGE: &str = "potentials in another range than Lava's ±(2²³ − 1): set `v_min` and `v_max` to it";

impl Kind {
    /// The names of a process's inputs, by the port's number.
    pub fn ports(self) -> &'static [&'static str] {
        match self {
            Self::Source => &[],
            Self::Product { .. } => &["a_in1", "a_in2"],
            Self::Resonator { .. } | Self::ResonatorIz { .. } => &["a_real_in", "a_imag_in"],
            Self::Lif
            | Self::HeldLif
            | Self::LifReset { .. }
            | Self::TernaryLif
            | Self::GradedVec
            | Self::GradedReluVec
            | Self::Sigma
            | Self::Delta(_)
            | Self::SigmaDelta { .. } => &["a_in"],
        }
    }

    /// The variables that are states.
    pub fn states(self) -> &'static [&'static str] {
        match self {
            Self::Source => &[],
            Self::Lif | Self::HeldLif | Self::LifReset { .. } | Self::TernaryLif => &["u", "v"],
            Self::GradedVec | Self::GradedReluVec | Self::Product { .. } => &["v"],
            Self::Sigma => &["sigma"],
            Self::Delta(_) => &["act", "residue", "error"],
            Self::SigmaDelta { .. } => &["sigma", "act", "residue", "error"],
            Self::Resonator { .. } | Self::ResonatorIz { .. } => &["real", "imag"],
        }
    }
}

fn is_lavas_range(lif: &Lif) -> bool {
    const MOST: i32 = (1 << 23) - 1;
    [lif.v_min, lif.v_max] == [-MOST, MOST]
}

/// Lava keeps mantissas in 16 bits and wraps what does not fit, which nobody wants.
fn is_wide(lif: &Lif) -> bool {
    lif.bias_mant.iter().any(|mantissa| i16::try_from(*mantissa).is_err())
}

fn is_refractory(lif: &Lif) -> bool {
    lif.refractory.iter().any(|steps| *steps > 1)
}

fn lif_columns(lif: &Lif) -> Vec<Column<'_>> {
    let Lif { du, dv, vth, bias_mant, bias_exp, refractory: _, u, v, v_min: _, v_max: _ } = lif;
    vec![
        ("du", du),
        ("dv", dv),
        ("vth", vth),
        ("bias_mant", bias_mant),
        ("bias_exp", bias_exp),
        ("u", u),
        ("v", v),
    ]
}

fn exponents(delta: &Delta) -> Exponents {
    let Delta { vth: _, spike_exp, state_exp, cum_error } = delta;
    Exponents { cum_error: *cum_error, spike_exp: *spike_exp, state_exp: *state_exp }
}
