//! Networks of SANA-FE, run as SANA-FE runs them, and written so that SANA-FE runs them.
//!
//! SANA-FE (version 2.2.9) simulates spiking chips: neurons and their integers-in-disguise, messages between cores,
//! energy and time. What follows is its behavior as this module has it, found by reading and by running it; every
//! golden vector and the real tool are held against it (`loihi-export/tests/sanafe.rs`,
//! `benches/peers/conformance/sanafe.py`).
//!
//! # A step
//!
//! ```text
//! 1  every core in turn, every neuron in the order of the mapping: read and empty its input, update, maybe fire
//! 2  a neuron that fires sends one message to each core on which it has targets
//! 3  every message, by source core, then in the order of sending: every synapse in the order of the file adds
//!    its weight to the input of its target, which step 1 of the next time step reads
//! ```
//!
//! So a spike acts one step later. Sums have one order; with whole weights it does not matter.
//!
//! # Neurons
//!
//! *leaky_integrate_fire* (Loihi's), with potential `v` and current `u`, both 0 at first:
//!
//! ```text
//! counts as updated if v ≠ 0, or something arrived, or bias ≠ 0, or force_update
//! from the second step on:  u ← u · input_decay,  v ← v · leak_decay
//! v ← ⌊64 v⌋ / 64, rounded toward zero (32-bit)
//! unless refractory:        v ← v + bias,  u ← u + input,  v ← v + u
//!                           fires if v > threshold: v ← reset | v − threshold | v   (hard, soft, none)
//!                           then, if v < reverse_threshold: v ← reverse_reset | v − reverse_threshold | reverse_threshold
//! ```
//!
//! The threshold is strict. A neuron that fires with `refractory_delay` d takes nothing in for d − 1 steps, and what
//! arrives then is lost. The mode *saturate* does nothing above the upper threshold.
//!
//! *input*: fires where its list says so, the first entry in step 1, and every ⌊1 / rate⌋ steps. A list belongs to the
//! *unit*: neurons that share a unit take turns at its entries, and the last list given to the unit counts. It counts
//! as updated when it fires. `poisson` draws from a generator whose seed is the number of input units that the process
//! made before, so a run says nothing about the next one: refused here, unless it is 0.
//!
//! *truenorth*, *taps*, plug-ins, noise files, and buffers elsewhere than before the soma are refused.
//!
//! # Dendrites
//!
//! *accumulator*: a sum for the next step. *accumulator_with_delay*: six sums, and one more that the neuron reads; an
//! event with delay d adds to sum d, and **only when an event arrives** the sums move down by the steps that have
//! passed since the last one, and the lowest is handed on. So delay d is d + 2 steps from spike to potential, and what is
//! due in a step in which nothing arrives is lost. Delays above 5 are refused. The unit keeps delays by the number of
//! the synapse *in its synapse unit*, so two synapse units over one such dendrite unit overwrite each other's; that
//! is kept here too.
//!
//! # Order of messages
//!
//! A neuron with targets on several cores sends to them in the order of the addresses of SANA-FE's core objects in
//! memory, which changes from run to run. Energy and `Simple` times do not depend on it; `Detailed` times do, by a few
//! per mille at most. Here the order is a parameter ([`CoreOrder`]), ascending if nobody says otherwise, and taken from
//! the recorded messages where a run is repeated to the last digit.
//!
//! # Files
//!
//! [`read_network`] (YAML), [`read_netlist`] (the format of version 1), [`write_network`] and [`write_architecture`].
//! The netlist reader refuses what SANA-FE refuses, its own saved files among it: hardware names and log flags stand on
//! a group's line, never on a neuron's. Biases that Python wrote are 32-bit (0.699999988079071 for 0.7) and stay so.

mod map;
mod network;
mod read;
mod record;
mod run;
mod soma;
mod write;

pub use map::{CoreOrder, MapError, MapFault, OrderError, Program, map};
pub use network::{Attributes, Edge, Group, Mapped, Neuron, NeuronId, ResetMode, SanaFeNetwork, UnitNames};
pub use read::{read_netlist, read_network};
pub use record::{MessageRecord, Recording, RunConfig, simulate};
pub use run::Run;
pub use write::{WriteError, write_architecture, write_network};
