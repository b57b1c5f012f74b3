//! Synapses between two groups.

use serde::{Deserialize, Serialize};

/// The synapses of one projection from the neurons of one group (or of a source) to one group of the core: what
/// Lava calls a connection process.
///
/// Row `r` belongs to input axon `axon[r]` and has the synapses `first[r]..first[r + 1]`. A spike with the payload
/// `s` (1 if messages carry none) that is sent in step `t` arrives at `t + 1 + delay` as
///
/// ```text
/// a ← a + (Σ weight · s) << weight_exp        the sum over one step's spikes and one delay; >> −weight_exp, floor
/// ```
///
/// with the weights as the chip stores them: clipped to those of the sign and cut to `weight_bits`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    /// The projection.
    pub projection: String,
    /// The group that it ends at, by its place in the core.
    pub group: u32,
    /// Which input of the neurons: 0, or 1 for the second of those that have two.
    pub port: u8,
    /// What it does with a message.
    pub link: Link,
    /// The input axons that have synapses here, rising; `[n_rows]`.
    pub axon: Vec<u32>,
    /// Where every row begins; `[n_rows + 1]`.
    pub first: Vec<u32>,
    /// The compartment in the group that a synapse ends at, rising in a row and delay.
    pub target: Vec<u32>,
    /// Its weight, or its place in the lists of [`Link::Ltc`].
    pub weight: Vec<i32>,
    /// How many steps a spike takes beyond the one that every spike takes.
    pub delay: Vec<u8>,
}

/// What a connection does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Link {
    /// Integer weights.
    Weights {
        /// The exponent of the weights.
        weight_exp: i8,
        /// The width of a weight \[bits\], 1 to 8.
        weight_bits: u8,
        /// The signs that weights may have.
        sign: Sign,
        /// Bits of a message: 0 where a spike is a spike, more where it carries a number.
        message_bits: u8,
    },
    /// Weights that act as they are, neither cut nor shifted: nengo-loihi's, which are scaled before.
    Scaled,
    /// A wire: the message itself arrives in the step in which it is sent.
    Direct,
    /// Synapses of [`LtcUnits`](super::LtcUnits): `weight` is a synapse's place in their lists, and a message is
    /// by how much its source has changed.
    Ltc,
    /// Weights of Lava's floating-point models, in `1 / scale`.
    Float {
        /// How many units of `weight` are 1.
        scale: f64,
    },
}

/// Which signs the weights of a block have, and so how they are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// 0 to 255.
    Excitatory,
    /// −255 to 0.
    Inhibitory,
    /// −256 to 254; the last bit is lost.
    Mixed,
    /// As excitatory: Lava's default where nobody has said anything.
    Null,
}

impl Block {
    /// How many rows it has.
    pub fn n_rows(&self) -> usize {
        self.axon.len()
    }

    /// The synapses of a row.
    pub fn row(&self, row: usize) -> std::ops::Range<usize> {
        self.first[row] as usize..self.first[row + 1] as usize
    }

    /// The longest delay.
    pub fn max_delay(&self) -> u8 {
        self.delay.iter().copied().max().unwrap_or(0)
    }
}
