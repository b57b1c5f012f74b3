//! The chip in software: a netlist goes through time, integer for integer as the tool does it that a [`Profile`]
//! names.
//!
//! ```text
//! step t:   sources send ─► cores update what is not at rest ─► spikes leave by output axons ─► the rows of input
//!           axons are added to what arrives at t + 1 + delay
//! ```
//! [`emulate`] makes a whole run of it, a [`Chip`] goes step by step and shows its states.
//!
//! The key decision: what arrives at a compartment is a sum of 32-bit integers that wrap, so no order of spikes,
//! cores or threads changes a bit, and whatever leaves that sum the same may be done beforehand: weights are cut
//! and shifted when the netlist is compiled, and all blocks add to one sum. Only where Lava rounds the sum of a
//! block down (an exponent below 0) is that sum kept apart. And a step is a function of state and arrivals alone:
//! compartments whose state it did not change, and at which nothing arrives, are left alone, which changes nothing
//! but the time it takes.

mod chip;
mod compile;
mod config;
mod core;
mod error;
mod heard;
mod input;
mod lanes;
mod neurons;
mod priced;
mod profile;
mod ring;
mod run;
pub(crate) mod seats;
mod shard;
mod work;

pub use chip::{Chip, Message};
pub use config::{ChipRun, EmulateConfig, StepWork};
pub use error::{EmulateError, Unsupported};
pub use input::{Input, InputError, Signal};
pub use neurons::Variable;
pub use priced::{PriceError, PricedRun, PricedStep, Pricing, SourcesAt, emulate_priced};
pub use profile::{Profile, UnknownProfile};
pub use run::emulate;
pub use seats::NoSeat;
pub use work::Work;
