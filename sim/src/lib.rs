//! The engine: one network, two schedulers.
//!
//! ```text
//! ValidNetwork + SimConfig ──Engine::new──► Engine ──run(Run)──────────────────► Recording
//!                                               └──begin(Run)──► Simulation ──► Recorder
//! ```
//! A [`Simulation`] hands what it records to a [`Recorder`] window by window, and gives a [`Snapshot`] between
//! any two, from which [`Engine::resume`] goes on: bit for bit, with any number of threads. The recording in
//! memory is one recorder, and a file ([`rheobase_net::file::RecordingWriter`]) is another.
//!
//! - **Grid**: every neuron is updated at every step `dt`, exactly; a spike is stamped at the end of the
//!   step in which the potential reached the threshold, and arrives a whole number of steps later.
//!   NEST's semantics, spike for spike.
//! - **Event**: a neuron is touched only when a spike arrives or its own threshold crossing is due;
//!   times are real numbers. NEST's precise-time (`_ps`) semantics.
//!
//! Groups with liquid time constants take a step every so many ms in both, inside of the same windows.
//!
//! They are different models where a network is close to critical: rounding spikes to a grid
//! synchronizes them. So a run says which one it used ([`Recording::provenance`]), and
//! [`Scheduler::Auto`] also says why.
//!
//! The key decision: both schedulers run the same compiled plan (`plan/`): neurons are dealt to shards,
//! a shard holds the synapses that end at its neurons, packed into segments of one delay, and shards
//! exchange spikes once per minimum delay. Whatever the number of shards, every neuron receives the same
//! weights in the same order, so a result depends on the network, the input and the seed alone.
//!
//! [`Recording::provenance`]: rheobase_net::Recording::provenance

pub mod checkpoint;
mod choose;
mod config;
mod crew;
mod depression;
mod engine;
mod error;
mod event;
mod exchange;
mod grid;
mod group;
mod in_flight;
mod inputs;
mod job;
mod memory;
mod plan;
mod record;
mod recorder;
mod simulation;
mod snapshot;
mod sources;
mod stdp;

pub use config::{Record, Scheduler, SimConfig, TraceRequest};
pub use engine::{Engine, simulate};
pub use error::{RunError, SimError};
pub use inputs::{Inputs, Run};
pub use job::Progress;
pub use recorder::{Memory, Recorder};
pub use simulation::Simulation;
pub use snapshot::Snapshot;
