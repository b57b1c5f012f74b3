//! Who listens to whom: the synapses of a liquid network, and the architectures that draw them.
//!
//! A wiring has `units` neurons, the first `n_outputs` of which are motor neurons, and `n_inputs` sensory
//! inputs. A synapse is excitatory or inhibitory: its reversal potential starts at +1 or −1. It is a list of
//! synapses, sorted by target and source, and everything that runs it costs as much as it has synapses.
//!
//! [`fully_connected`], [`random`], [`ncp`] and [`auto_ncp`] draw the wirings of `ncps` 1.0.1, bit for bit for
//! a seed, with the same defaults. Neural circuit policies: Lechner et al. 2020, doi 10.1038/s42256-020-00237-3.

mod drawn;
mod ncp;
pub mod numpy;
mod spec;

use serde::{Deserialize, Serialize};

pub use drawn::{fully_connected, random};
pub use ncp::{AutoNcp, Ncp, auto_ncp, ncp};
pub use spec::{Full, Random, WiringSpec};

/// A synapse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Synapse {
    /// The unit that listens.
    pub target: u32,
    /// The unit, or the sensory input, that it listens to.
    pub source: u32,
    /// +1 excitatory, −1 inhibitory.
    pub polarity: i8,
}

/// What a unit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// Its state is an output.
    Motor,
    /// It stands between inter and motor neurons, and listens to its like.
    Command,
    /// Any other.
    Inter,
}

/// The synapses of a liquid network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Wiring {
    parts: Parts,
}

/// What a [`Wiring`] is made of, unchecked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parts {
    /// Number of sensory inputs, > 0.
    pub n_inputs: u32,
    /// Number of motor neurons, > 0; units 0 to below it.
    pub n_outputs: u32,
    /// The layers, in the order in which signals go through them; every unit is in one.
    pub layers: Vec<Vec<u32>>,
    /// What every unit is for.
    pub kinds: Vec<UnitKind>,
    /// Synapses between units.
    pub synapses: Vec<Synapse>,
    /// Synapses from sensory inputs to units.
    pub sensory: Vec<Synapse>,
}

/// What is wrong with a wiring.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WiringError {
    /// A number that an architecture is drawn from.
    #[error("{what} is {value}, and must be {must}")]
    Argument {
        /// Which.
        what: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        must: String,
    },
    /// A synapse of a unit or input that does not exist.
    #[error("synapse {index} has {what} {value}, and there are {limit}: numbers go from 0 to {limit} − 1")]
    Synapse {
        /// Its place in its list.
        index: usize,
        /// Which of its ends.
        what: &'static str,
        /// What it is.
        value: u32,
        /// How many there are.
        limit: u32,
    },
    /// A polarity that is neither +1 nor −1.
    #[error("synapse {index} has polarity {polarity}, and must have +1 or −1")]
    Polarity {
        /// Its place in its list.
        index: usize,
        /// What it is.
        polarity: i8,
    },
    /// Two synapses between the same two.
    #[error("there are two synapses from {source_unit} to unit {target}; join them to one")]
    Twice {
        /// The source of both.
        source_unit: u32,
        /// The target of both.
        target: u32,
    },
    /// Layers that do not hold every unit once.
    #[error("unit {unit} is in {times} layers, and must be in one")]
    Layers {
        /// The unit.
        unit: u32,
        /// In how many it is.
        times: usize,
    },
}

impl Wiring {
    /// Checks a wiring and sorts its synapses by target and source.
    ///
    /// # Errors
    /// The first fault, see [`WiringError`].
    pub fn new(mut parts: Parts) -> Result<Self, WiringError> {
        let Parts { n_inputs, n_outputs, layers, kinds, synapses, sensory } = &mut parts;
        let units = kinds.len() as u32;
        let argument =
            |what, value: u32, must| Err(WiringError::Argument { what, value: value.into(), must });
        if *n_inputs == 0 {
            return argument("the number of inputs", 0, "above 0".to_owned());
        }
        if !(1..=units).contains(n_outputs) {
            return argument("the number of outputs", *n_outputs, format!("from 1 to {units}, the units"));
        }
        let mut times = vec![0_usize; units as usize];
        for unit in layers.iter().flatten() {
            let count = times.get_mut(*unit as usize);
            *count.ok_or(WiringError::Synapse {
                index: 0,
                what: "layer unit",
                value: *unit,
                limit: units,
            })? += 1;
        }
        if let Some((unit, times)) = times.iter().enumerate().find(|(_, times)| **times != 1) {
            return Err(WiringError::Layers { unit: unit as u32, times: *times });
        }
        check(synapses, units, units)?;
        check(sensory, *n_inputs, units)?;
        Ok(Self { parts })
    }

    /// Number of units.
    pub fn units(&self) -> usize {
        self.parts.kinds.len()
    }

    /// Number of sensory inputs.
    pub fn n_inputs(&self) -> usize {
        self.parts.n_inputs as usize
    }

    /// Number of outputs: the states of as many first units.
    pub fn n_outputs(&self) -> usize {
        self.parts.n_outputs as usize
    }

    /// The layers, in the order in which signals go through them.
    pub fn layers(&self) -> &[Vec<u32>] {
        &self.parts.layers
    }

    /// What every unit is for.
    pub fn kinds(&self) -> &[UnitKind] {
        &self.parts.kinds
    }

    /// Synapses between units, sorted by target and source.
    pub fn synapses(&self) -> &[Synapse] {
        &self.parts.synapses
    }

    /// Synapses from sensory inputs, sorted by target and source.
    pub fn sensory(&self) -> &[Synapse] {
        &self.parts.sensory
    }
}

fn check(synapses: &mut [Synapse], n_sources: u32, units: u32) -> Result<(), WiringError> {
    for (index, Synapse { target, source, polarity }) in synapses.iter().enumerate() {
        for (what, value, limit) in [("target", *target, units), ("source", *source, n_sources)] {
            if value >= limit {
                return Err(WiringError::Synapse { index, what, value, limit });
            }
        }
        if polarity.abs() != 1 {
            return Err(WiringError::Polarity { index, polarity: *polarity });
        }
    }
    synapses.sort_unstable();
    let twice =
        synapses.windows(2).find(|pair| (pair[0].target, pair[0].source) == (pair[1].target, pair[1].source));
    match twice {
        Some(pair) => Err(WiringError::Twice { source_unit: pair[0].source, target: pair[0].target }),
        None => Ok(()),
    }
}

impl TryFrom<Parts> for Wiring {
    type Error = WiringError;

    fn try_from(parts: Parts) -> Result<Self, WiringError> {
        Self::new(parts)
    }
}

impl From<Wiring> for Parts {
    fn from(wiring: Wiring) -> Self {
        wiring.parts
    }
}

#[cfg(test)]
mod tests;
