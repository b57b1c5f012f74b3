//! Why a file is not read, or a netlist not written.

use rheobase_net::file::FileError;

use crate::export::Lost;
use crate::netlist::{InvalidNetlist, Where};

/// Why a NetX file is not read, or a netlist not written as one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NetxError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A layer of the file cannot be used.
    #[error("layer {layer}: {fault}")]
    Layer {
        /// The layer.
        layer: usize,
        /// What is wrong.
        fault: NetxFault,
    },
    /// The file has no layers that count from 0.
    #[error(
        "the groups in \"layer\" must be called 0, 1, 2 and so on, with one that has neurons among them: there are {found:?}"
    )]
    Layers {
        /// Their names, or the first of them.
        found: Vec<String>,
    },
    /// What the layers say is no netlist; cores are numbered as layers with neurons are.
    #[error(transparent)]
    Invalid(#[from] InvalidNetlist),
    /// A chain has one input.
    #[error(
        "NetX has one input, and {n} sources of this network have synapses: merge them into one population"
    )]
    Sources {
        /// How many there are.
        n: usize,
    },
    /// A population does not hand on to one other.
    #[error(
        "NetX is a chain of layers, and \"{population}\" sends to {to:?}: join these into one population, which may \
         also send to itself"
    )]
    Branch {
        /// The population.
        population: String,
        /// Where it sends to, itself left out.
        to: Vec<String>,
    },
    /// A population is not in the chain.
    #[error(
        "NetX is a chain of layers, and no synapse leads from its input to \"{population}\": take it away"
    )]
    Unreached {
        /// The population.
        population: String,
    },
    /// Neurons or synapses are of a kind that NetX has not.
    #[error("{place} has {what}, and NetX has LIF neurons and integer weights: export to Lava or JSON")]
    Kind {
        /// Where.
        place: Where,
        /// What is there.
        what: &'static str,
    },
    /// NetX fails on a matrix without weights.
    #[error("all weights to \"{population}\" are 0, which lets NetX fail: take the population away")]
    AllZero {
        /// The population.
        population: String,
    },
    /// The matrices are too large.
    #[error(
        "NetX keeps whole matrices, and \"{population}\" has one of {rows} by {columns}, more than {most} weights"
    )]
    TooLarge {
        /// The population.
        population: String,
        /// Neurons.
        rows: u64,
        /// Senders.
        columns: u64,
        /// The most.
        most: u64,
    },
    /// Something would be lost.
    #[error("{}", crate::export::all_of("NetX cannot carry all of this network (--allow-lossy writes it without)", .0))]
    Lossy(Vec<Lost>),
}

/// What is wrong with a layer of a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetxFault {
    /// The layer's kind is not read.
    #[error("it is \"{kind}\", and input, flatten (both before all others), dense and dense_rec are read")]
    Kind {
        /// The kind.
        kind: String,
    },
    /// Its neurons are not read.
    #[error("its neurons are \"{kind}\", and \"CUBA\" and \"LOIHI\" are read")]
    Neurons {
        /// The kind.
        kind: String,
    },
    /// The input has neurons.
    #[error("it is an input with neurons of its own, which is not read: give the network spikes")]
    InputNeurons,
    /// NetX fails on message bits.
    #[error("it has neuron/messageBits, on which NetX 0.6 fails: take it away")]
    MessageBits,
    /// NetX fails on delays of recurrent layers.
    #[error("it is dense_rec and has delays, on which NetX 0.6 fails: take them away")]
    RecurrentDelay,
    /// A dataset is of another size.
    #[error("`{dataset}` has {found} values and needs {expected}")]
    Length {
        /// Which.
        dataset: &'static str,
        /// How many it has.
        found: u64,
        /// How many are needed.
        expected: String,
    },
    /// A value is outside of what it may be.
    #[error("`{dataset}` has {value} at {entry}, and it may be from {min} to {max}{}", .why)]
    Value {
        /// Which.
        dataset: &'static str,
        /// Which value.
        entry: usize,
        /// What it is.
        value: String,
        /// The least.
        min: i64,
        /// The most.
        max: i64,
        /// Why, or nothing.
        why: &'static str,
    },
    /// The layer has nodes without number or none.
    #[error("its shape {shape:?} is that of no neurons, or of more than {}", super::MAX_NEURONS)]
    Shape {
        /// The shape.
        shape: Vec<i64>,
    },
    /// The matrix is too large.
    #[error("`{dataset}` claims {found} weights, and {most} are the most that are read")]
    TooLarge {
        /// Which.
        dataset: &'static str,
        /// How many.
        found: u64,
        /// The most.
        most: u64,
    },
    /// NetX fails on a matrix without weights.
    #[error("all its weights are 0, on which NetX 0.6 fails")]
    AllZero,
}
