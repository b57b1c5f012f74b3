//! NetX, the network files of lava-dl 0.6: a chain of layers, each with whole matrices of weights.
//!
//! NetX reads weights as integers of 8 bits and a sign, fits them into a synapse (`optimize_weight_bits`), and lets
//! Lava's connection choose the signs; what comes out of that is not always what the file says (`synapse.rs`): a matrix
//! may lose a unit of its strongest weights, or all of them. The reader gives the network that NetX *runs*, and the
//! writer looks at what NetX would run before it says that nothing is lost.
//!
//! | NetX | netlist |
//! |---|---|
//! | layer | a population on a core of its own |
//! | `neuron/iDecay`, `vDecay`, `vThMant` | `du` = iDecay − 1, `dv`, `vth` |
//! | `bias` | `bias_mant`, with `bias_exp` = 6 |
//! | `weight` of a `dense` layer | a block, of the exponent and bits that NetX chooses |
//! | `weight_rec` of a `dense_rec` layer | another one |
//! | `delay` | delays of synapses, at most 62 |
//! | `neuron/refDelay` | nothing: NetX has no refractory neurons |
//!
//! A liquid is one `dense_rec` layer without delays. Layers `input` without neurons and `flatten` at the front say
//! nothing; convolutions, sigma-delta and resonating neurons are refused.

mod build;
mod chain;
mod error;
mod layer;
mod read;
mod synapse;
mod write;

pub use error::{NetxError, NetxFault};
pub use read::{read, read_bytes};
pub use write::write;

/// The exponent that NetX gives to biases.
const BIAS_EXP: i32 = 6;
/// The longest delay that NetX has \[steps\].
const MAX_DELAY: u8 = 62;
/// The most weights of a matrix that are read or written: NetX keeps all, zeros too, and so does a file of few bytes.
const MAX_WEIGHTS: u64 = 1 << 25;
/// The most neurons of a layer.
const MAX_NEURONS: u64 = 1 << 20;
