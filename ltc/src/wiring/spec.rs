//! Which wiring, in a few numbers: as experiment files say it.

use serde::{Deserialize, Serialize};

use super::{AutoNcp, Ncp, Wiring, WiringError, auto_ncp, fully_connected, ncp, random};

/// What a wiring is drawn from, but for the number of inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WiringSpec {
    /// [`fully_connected`]
    Full(Full),
    /// [`random`]
    Random(Random),
    /// [`ncp`]
    Ncp(Ncp),
    /// [`auto_ncp`]
    AutoNcp(AutoNcp),
}

/// What a [`fully_connected`] wiring is drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Full {
    /// Number of neurons.
    pub units: u32,
    /// Number of motor neurons; all of them, if it is not said.
    pub n_outputs: Option<u32>,
    /// Whether units listen to themselves.
    pub self_connections: bool,
    /// Seed of the polarities.
    pub seed: u64,
}

impl Default for Full {
    fn default() -> Self {
        Self { units: 32, n_outputs: None, self_connections: true, seed: 1111 }
    }
}

/// What a [`random`] wiring is drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Random {
    /// Number of neurons.
    pub units: u32,
    /// Number of motor neurons; all of them, if it is not said.
    pub n_outputs: Option<u32>,
    /// Share of synapses that are missing.
    pub sparsity: f64,
    /// Seed.
    pub seed: u64,
}

impl Default for Random {
    fn default() -> Self {
        Self { units: 32, n_outputs: None, sparsity: 0.5, seed: 1111 }
    }
}

impl WiringSpec {
    /// Draws the wiring for so many inputs.
    ///
    /// # Errors
    /// [`WiringError`] if a number is out of its range.
    pub fn draw(&self, n_inputs: u32) -> Result<Wiring, WiringError> {
        match self {
            Self::Full(Full { units, n_outputs, self_connections, seed }) => {
                fully_connected(n_inputs, *units, n_outputs.unwrap_or(*units), *self_connections, *seed)
            }
            Self::Random(Random { units, n_outputs, sparsity, seed }) => {
                random(n_inputs, *units, n_outputs.unwrap_or(*units), *sparsity, *seed)
            }
            Self::Ncp(arguments) => ncp(n_inputs, arguments),
            Self::AutoNcp(arguments) => auto_ncp(n_inputs, arguments),
        }
    }
}
