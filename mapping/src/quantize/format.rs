//! The numbers that a chip counts in.

use serde::{Deserialize, Serialize};

/// The numbers that a chip's cores count in, and that a network has to be said in.
///
/// A neuron of such a chip takes a step like this, in whole numbers (Lava 0.10's `LIF` and its connections;
/// `>>` rounds down, `decay(x, m)` is `x · m / 4096` rounded towards zero):
///
/// ```text
/// a = (Σ weight · spike) << weight_exp                            of the spikes that arrive in this step
/// u ← decay(u, 4095 − current_decay) + (a << threshold_shift)
/// v ← decay(v, 4096 − membrane_decay) + u + (bias << bias_exp)
/// v > threshold << threshold_shift:  spike, v ← 0, held there for refractory − 1 more steps
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberFormat {
    /// The widths of a weight that synapse memory can hold \[bits\].
    pub weight_bits: Vec<u8>,
    /// Whether the weights of a projection that have one sign can be stored without it, and so with a bit more.
    pub one_sign: bool,
    /// The least and the greatest exponent of weights.
    pub weight_exp: [i8; 2],
    /// Bits of a decay: a step takes away so many parts in 2^bits.
    pub decay_bits: u8,
    /// Bits of a threshold.
    pub threshold_bits: u8,
    /// By how many bits a threshold and what arrives is shifted to the left of the potential.
    pub threshold_shift: u8,
    /// Bits of a bias, its sign not counted.
    pub bias_bits: u8,
    /// The greatest exponent of a bias; the least is 0.
    pub bias_exp: u8,
    /// The longest delay \[steps\] beyond the one step that every spike takes.
    pub delay: u8,
    /// The shortest and the longest refractory period \[steps\], the step of the spike included.
    pub refractory: [u8; 2],
    /// Bits that say which neuron of a core a synapse ends at.
    pub index_bits: u8,
}

impl NumberFormat {
    /// Loihi: nengo-loihi 1.1.0 (`block.py`, `nxsdk_objects.py`, `discretize.py`, `validate.py`) has these
    /// widths and limits, Lava 0.10 the arithmetic. The index is that of 1024 compartments a core.
    pub fn loihi() -> Self {
        Self {
            weight_bits: vec![1, 2, 3, 4, 5, 6, 8],
            one_sign: true,
            weight_exp: [-7, 7],
            decay_bits: 12,
            threshold_bits: 17,
            threshold_shift: 6,
            bias_bits: 12,
            bias_exp: 7,
            delay: 62,
            refractory: [1, 63],
            index_bits: 10,
        }
    }

    /// How many parts a decay counts: 2^bits.
    pub(super) fn decay_parts(&self) -> f64 {
        f64::from(1_u32 << self.decay_bits)
    }

    /// The greatest threshold.
    pub(super) fn max_threshold(&self) -> u32 {
        (1 << self.threshold_bits) - 1
    }

    /// The greatest bias, its exponent included.
    pub(super) fn max_bias(&self) -> f64 {
        f64::from(((1_u32 << self.bias_bits) - 1) << self.bias_exp)
    }

    /// Units of the potential in one of a threshold or a weight.
    pub(super) fn unit(&self) -> f64 {
        f64::from(1_u32 << self.threshold_shift)
    }

    /// The greatest potential, and the greatest current, which wraps around beyond it.
    pub(super) fn max_state(&self) -> f64 {
        self.unit() * f64::from(1_u32 << self.threshold_bits)
    }
}

/// Which signs the weights of a projection have, and so what their bits mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignMode {
    /// None is below zero: all bits are size.
    Excitatory,
    /// None is above zero: all bits are size.
    Inhibitory,
    /// Both: one bit is the sign, so the last bit of the size is lost.
    Mixed,
}

/// The widest weight: weights are said in eighths of a byte, whatever their bits.
const FULL_BITS: u8 = 8;

/// How the weights of a projection are stored: whole numbers of `bits` bits, shifted to the left until they
/// are as large as those of eight bits, and then by the exponent.
///
/// With 8 bits and one sign they are 0, 1, … 255, with 4 bits 0, 16, … 240; with both signs −256, −254, … 254
/// and −256, −224, … 224. A chip that cuts off the bits that a narrower weight does not have leaves them as
/// they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct WeightFormat {
    pub bits: u8,
    pub sign: SignMode,
}

impl WeightFormat {
    /// By how many bits a stored number is shifted to become a weight.
    pub fn shift(self) -> u8 {
        match self.sign {
            SignMode::Excitatory | SignMode::Inhibitory => FULL_BITS - self.bits,
            SignMode::Mixed => FULL_BITS + 1 - self.bits,
        }
    }

    /// The least and the greatest stored number.
    pub fn range(self) -> [f64; 2] {
        match self.sign {
            SignMode::Excitatory => [0.0, f64::from((1_u32 << self.bits) - 1)],
            SignMode::Inhibitory => [-f64::from((1_u32 << self.bits) - 1), 0.0],
            SignMode::Mixed => {
                let half = f64::from(1_u32 << (self.bits - 1));
                [-half, half - 1.0]
            }
        }
    }

    /// A stored number as the byte that is kept.
    pub fn to_byte(self, q: f64) -> u8 {
        match self.sign {
            SignMode::Excitatory | SignMode::Inhibitory => q.abs() as u8,
            SignMode::Mixed => (q as i8).cast_unsigned(),
        }
    }

    /// The weight of a byte that is kept, as the chip gets it.
    pub fn to_weight(self, byte: u8) -> i16 {
        let q = match self.sign {
            SignMode::Excitatory => i16::from(byte),
            SignMode::Inhibitory => -i16::from(byte),
            SignMode::Mixed => i16::from(byte.cast_signed()),
        };
        q << self.shift()
    }
}
