//! Why a network does not fit a chip.

use std::fmt;

/// Everything that keeps a network off a chip, up to a hundred faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct MapError {
    /// The faults.
    pub faults: Vec<MapFault>,
}

impl fmt::Display for MapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.faults.iter().enumerate() {
            write!(f, "{}{fault}", if i == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

/// One reason why a network does not fit a chip.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MapFault {
    /// A neuron without a place.
    #[error("neuron {neuron} is on no core; add a row to the mappings")]
    NotMapped {
        /// The neuron.
        neuron: String,
    },
    /// A core that the chip has not.
    #[error(
        "neuron {neuron} is mapped to core {tile}.{core}, which the chip has not; it has {n_tiles} tiles"
    )]
    NoCore {
        /// The neuron.
        neuron: String,
        /// The tile.
        tile: u32,
        /// The core within the tile.
        core: u32,
        /// How many tiles there are.
        n_tiles: usize,
    },
    /// More neurons than a core holds.
    #[error("core {tile}.{core} gets {n} neurons and holds {limit}; map some of them to another core")]
    TooManyNeurons {
        /// The tile.
        tile: u32,
        /// The core within the tile.
        core: u32,
        /// How many it gets.
        n: usize,
        /// How many it holds.
        limit: u32,
    },
    /// More neurons than a unit holds.
    #[error(
        "unit {unit} of core {tile}.{core} gets {n} neurons and SANA-FE keeps 1024; use more cores or units"
    )]
    FullUnit {
        /// The unit.
        unit: String,
        /// The tile.
        tile: u32,
        /// The core within the tile.
        core: u32,
        /// How many it gets.
        n: usize,
    },
    /// A unit that the core has not.
    #[error("neuron {neuron} asks for the {section} unit \"{unit}\", which its core has not; it has {has}")]
    NoUnit {
        /// The neuron.
        neuron: String,
        /// Which section.
        section: &'static str,
        /// The unit.
        unit: String,
        /// Units that the core has.
        has: String,
    },
    /// Something that SANA-FE has and this crate has not.
    #[error("neuron {neuron}: {what} is not supported; {way_out}")]
    Unsupported {
        /// The neuron.
        neuron: String,
        /// What.
        what: &'static str,
        /// What to do.
        way_out: &'static str,
    },
    /// A delay that the dendrite unit cannot keep.
    #[error(
        "the edge {source_name} -> {target} has a delay of {delay} steps, and its dendrite unit keeps {limit}"
    )]
    Delay {
        /// The neuron that sends.
        source_name: String,
        /// The neuron that receives.
        target: String,
        /// The delay.
        delay: u8,
        /// The longest that there is.
        limit: u8,
    },
    /// A synapse onto an input.
    #[error(
        "the edge {source_name} -> {target} ends at an input, which takes none; remove it or give it weight 0"
    )]
    OntoInput {
        /// The neuron that sends.
        source_name: String,
        /// The neuron that receives.
        target: String,
    },
    /// An edge or a mapping of a neuron that is not there.
    #[error("{what} names neuron number {number}, and there are {n_neurons}")]
    NoNeuron {
        /// An edge or a mapping.
        what: &'static str,
        /// The number.
        number: u32,
        /// How many neurons there are.
        n_neurons: usize,
    },
}
