//! What a step on a chip costs: energy and time from what happened, by SANA-FE's model.
//!
//! The model knows nothing of weights and potentials. It takes what happened in a step ([`StepActivity`]: which
//! neurons were updated or fired, which messages left), where things are ([`Layout`]), and what events cost
//! ([`Architecture`]), so that any emulator of a chip can be priced.
//!
//! **Energy** is a sum of events times costs, whatever the timing model:
//!
//! ```text
//! soma     = Σ accesses · e_access + updates · e_update + spikes · e_spike      a spike is an update and an access too
//! synapse  = Σ synaptic events · e_process_spike
//! dendrite = Σ synaptic events · e_update
//! network  = Σ messages · (e_message_out + e_message_in) + Σ hops · e_hop(direction)
//! ```
//!
//! **Time** ([`Timing`]) is that of the slowest core and the time that cores need to agree that the step is over.
//! A core looks at its neurons one after the other and sends what they send in that order; the time since the
//! message before is the *generation delay* of a message. At its destination a message takes its *processing delay*:
//! the axon_in unit once, synapse and dendrite unit for every synapse. `Simple` adds both up core by core;
//! `Detailed` sends the messages through the mesh ([`timing`]).
//!
//! Counts are shown beside energies ([`Counts`]): a synaptic event is one weight fetched, a packet one message to one
//! core, a hop one message on one link between tiles. None of them alone is energy.
//!
//! Sums over neurons and synapses of a core's time are made in the order of the neurons and synapses, one addition
//! after the other, because messages that are sent at the same instant are told apart by the last bit.
//!
//! Energies of Loihi are a pre-silicon model (see [`Architecture::loihi`]); what is computed here is an estimate.

pub mod activity;
pub mod architecture;
mod layout;
mod meter;
mod plan;
pub mod timing;
pub(crate) mod yaml;

pub use activity::{CoreActivity, State, StepActivity};
pub use architecture::{Architecture, Cost};
pub use layout::{AxonId, CoreLayout, Layout, SynapseRun};
pub use meter::{CoreCounts, Counts, Energy, LinkCount, LinkEnd, Meter, StepCost};
pub use plan::{CostPlan, LayoutError};
pub use timing::{MessageTimes, Timing};
pub use yaml::{Ignored, Place, ReadError};
