//! Blocks of synapses as Lava's connection processes.

use std::collections::HashMap;

use serde::Serialize;

use crate::netlist::{Block, Link, Sign};

/// A connection of the loader's plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Connection {
    /// Its name.
    pub name: String,
    /// The projection that the block is of.
    pub projection: String,
    /// The process whose spikes it takes.
    pub from: String,
    /// The process that it adds to.
    pub to: String,
    /// The input of that process.
    pub port: &'static str,
    /// Rows and columns: neurons of the target and of the source.
    pub shape: [usize; 2],
    /// How many copies the matrix has of every neuron of the source, because a matrix has one entry a pair.
    pub repeats: u32,
    /// What it does with a message.
    #[serde(flatten)]
    pub kind: Kind,
    /// The synapses.
    #[serde(skip)]
    pub synapses: Synapses,
}

/// What a connection does with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    /// Multiplies it by weights.
    Weights {
        /// The exponent of the weights.
        weight_exp: i8,
        /// The width of a weight \[bits\].
        num_weight_bits: u8,
        /// The signs that weights may have.
        sign_mode: Sign,
        /// Bits of a message.
        num_message_bits: u8,
    },
    /// Hands it on in the step in which it is sent.
    Direct,
}

/// Entries of a matrix.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Synapses {
    /// The neuron of the target.
    pub post: Vec<u32>,
    /// The column: the neuron of the source, plus the number of its neurons for every copy.
    pub pre: Vec<u32>,
    /// The weight.
    pub weight: Vec<i32>,
    /// Steps beyond the one that every spike takes.
    pub delay: Vec<u8>,
}

/// What a block's link is in Lava, or what Lava has not.
pub fn kind(block: &Block) -> Result<Kind, &'static str> {
    match block.link {
        Link::Weights { weight_exp, weight_bits, sign, message_bits } => Ok(Kind::Weights {
            weight_exp,
            num_weight_bits: weight_bits,
            sign_mode: sign,
            num_message_bits: message_bits,
        }),
        Link::Direct => Ok(Kind::Direct),
        Link::Scaled => Err(
            "weights that are scaled before the chip sees them, as nengo-loihi's are: give weights in 8 bits and an exponent",
        ),
        Link::Ltc => Err(
            "liquid time-constant synapses, which no process has: write the netlist as JSON, which keeps everything",
        ),
        Link::Float { .. } => {
            Err("floating-point weights, and the export is of integers: map the network to a chip")
        }
    }
}

/// The synapses of a block that come from one process, whose neurons `row_of` gives by the block's rows; and how
/// many copies of the source's `n_pre` neurons a matrix needs for them.
///
/// Synapses of weight 0 do nothing in either and are left out. Of the others, those of one pair of neurons go to
/// different copies.
pub fn synapses(block: &Block, n_pre: u32, row_of: impl Fn(usize) -> Option<u32>) -> (Synapses, u32) {
    let mut synapses = Synapses::default();
    let mut of_pair: HashMap<(u32, u32), u32> = HashMap::new();
    let mut repeats = 1;
    for row in 0..block.n_rows() {
        let Some(pre) = row_of(row) else { continue };
        for i in block.row(row).filter(|i| block.weight[*i] != 0 || block.link == Link::Direct) {
            let copy = of_pair.entry((pre, block.target[i])).or_insert(0);
            synapses.post.push(block.target[i]);
            synapses.pre.push(pre + *copy * n_pre);
            synapses.weight.push(block.weight[i]);
            synapses.delay.push(block.delay[i]);
            *copy += 1;
            repeats = repeats.max(*copy);
        }
    }
    (synapses, repeats)
}
