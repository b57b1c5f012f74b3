//! The nouns of Rheobase: networks, spike trains and recordings; made, checked, read and written.
//!
//! A [`Network`] is populations of neurons, liquid groups or sources, joined by projections. It can be
//! built by hand, by a generator ([`generate`]) or from a file ([`file`](mod@file)). [`validate`] finds all
//! its faults at once and is the only maker of a [`ValidNetwork`], so nothing after it checks again.
//!
//! The key decision: a network holds *what is connected to what*, in the units of the field, and
//! nothing of how it will be run. Time steps, schedulers, chips and threads belong to the stages that
//! take a [`ValidNetwork`]. This crate simulates nothing, and it alone touches HDF5.

pub mod file;
mod fingerprint;
pub mod generate;
mod ids;
mod izhikevich_population;
mod learned;
mod lif_population;
mod liquid_model;
mod ltc_population;
pub mod memory;
mod network;
mod plasticity;
mod population;
mod projection;
pub mod random;
mod recording;
mod source;
mod spike_train;
mod trained_group;
mod validate;
mod waveform;

pub use fingerprint::{Fingerprint, NoFingerprint};
pub use ids::{NodeId, PopulationId, ProjectionId};
pub use izhikevich_population::IzhikevichPopulation;
pub use learned::{LearnedError, learned};
pub use lif_population::{LifPopulation, SynapseKind};
pub use liquid_model::{Answers, Channel, LiquidModel};
pub use ltc_population::{LiquidCell, LtcOutput, LtcPopulation};
pub use network::{Description, Network};
pub use plasticity::{Bounds, Plasticity, StdpPair, StdpTriplet, Tsodyks};
pub use population::{Model, Param, Population};
pub use projection::{Delays, Projection, Receptor, Synapses, Weights};
pub use recording::{Counters, NodeRange, ProjectionWeights, Provenance, Rates, Recording, Traces};
pub use rheobase_lif::izhikevich::IzhikevichMethod;
pub use source::{CurrentSource, SpikeSource};
pub use spike_train::{SpikeTrain, SpikeTrainError};
pub use trained_group::GroupError;
pub use validate::{Fault, InvalidNetwork, ValidNetwork, validate};
pub use waveform::{Waveform, WaveformError};

/// The version of this program, as it is written into every file and recording.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
