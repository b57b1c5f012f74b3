//! Groups of liquid time-constant units: a cell, what it hears, and how it is heard.

use rheobase_ltc::cell::cfc::{CfcConfig, Mode};
use rheobase_ltc::cell::ltc::LtcConfig;
use rheobase_ltc::cell::{Cell, CellError, Cfc, Ltc, WiredCfc};
use rheobase_ltc::wiring::{Synapse, Wiring};
use serde::{Deserialize, Serialize};

use crate::Param;

/// A group of liquid time-constant units, side by side with neurons: a node is a unit of one cell.
///
/// ```text
/// spikes ──weight──► traces ─┐                                    ┌─► currents, values   (pA or 1 × weight)
///                            ├─► inputs ─► cell, every interval ──┤
/// values ──weight──► sums   ─┘                                    └─► spikes             (from an encoder)
/// ```
/// *What it hears.* A synapse that ends at a group ends at one of its **inputs**: the targets of such a
/// projection are the numbers of inputs, and not of units. What an input is, is the sum of
///
/// - its trace: a spike that arrives through a synapse adds the weight to it, and it decays with `tau_trace`,
///   exactly;
/// - the values of all sources of currents and of all groups that send values, times the weights of their
///   synapses.
///
/// Weights keep their sign, whatever the receptor. No plasticity: neither to nor from a group.
///
/// *What it does.* At the times `interval`, `2 interval`, … the inputs are read as they are, and the cell takes
/// one step of `interval · time_scale` under them. A spike that arrives at that very time is in; a value that
/// changes at that very time is not: it acts from then on. So values sampled at 0, `interval`, … are heard one
/// a step, and the group alone is [`rheobase_ltc::cell::record`] of them, bit for bit. On a grid, `interval` is
/// a whole number of steps.
///
/// *How it is heard.* The cell's outputs belong to its first units, and only these have synapses. What a step
/// gives is heard after the delay of a synapse, by [`LtcOutput`]. (The outputs of a wired CfC are its last layer, whose
/// states come last: there, node i has the synapses of output i, and the state of unit i.)
///
/// A trained model becomes a group by [`LtcPopulation::of_model`].
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `interval` | 1 | ms | time between two steps |
/// | `time_scale` | 1 | 1/ms | units of the cell's time that pass in a ms |
/// | `tau_trace` | 10 | ms | trace of an input: one for all, or one an input |
/// | `v_init` | 0 | | state at the start: one for all, or one a unit |
/// | `output` | `current` | | how outputs are heard |
#[derive(Debug, Clone, PartialEq)]
pub struct LtcPopulation {
    /// What a step does.
    pub cell: LiquidCell,
    /// The raw parameters of the cell, in the order of its layout.
    pub parameters: Vec<f64>,
    /// The names of the inputs; `[n_inputs]`.
    pub inputs: Vec<String>,
    /// Time between two steps \[ms\], > 0.
    pub interval: f64,
    /// Units of the cell's time in a ms, > 0: elapsed time of a step is `interval · time_scale`.
    pub time_scale: f64,
    /// Time constant of the traces of spikes \[ms\], > 0; one for all inputs, or one an input.
    pub tau_trace: Param,
    /// State of the units at the start.
    pub v_init: Param,
    /// How its outputs are heard.
    pub output: LtcOutput,
}

/// The cell of a group.
#[derive(Debug, Clone, PartialEq)]
pub enum LiquidCell {
    /// An LTC cell with conductances; see [`rheobase_ltc::cell::ltc`].
    Ltc {
        /// Who listens to whom.
        wiring: Wiring,
        /// What a step does.
        config: LtcConfig,
    },
    /// A CfC over a backbone; see [`rheobase_ltc::cell::cfc`]. All of its units are outputs.
    Cfc {
        /// Number of inputs.
        n_inputs: usize,
        /// Number of units.
        units: usize,
        /// What it is made of.
        config: CfcConfig,
    },
    /// A CfC over a wiring; see [`WiredCfc`]. Its states are in the order of layers.
    WiredCfc {
        /// Who listens to whom.
        wiring: Wiring,
        /// How elapsed time enters.
        mode: Mode,
    },
}

/// How the outputs of a group are heard.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum LtcOutput {
    /// Every step sends every output. It holds until the next: a current of weight · output \[pA\] into a
    /// neuron, a value of weight · output into a group.
    #[default]
    Current,
    /// Graded spikes: an output is sent when it has moved from what its receivers have by `threshold` or more,
    /// as the change in whole thresholds. Receivers add up; what they have acts as with [`LtcOutput::Current`],
    /// and is within `threshold` of the output.
    SigmaDelta {
        /// The least change that is sent, > 0.
        threshold: f64,
    },
    /// A spike when an output reaches `threshold` from below.
    Crossing {
        /// The level.
        threshold: f64,
    },
    /// A rate: an output above 0 adds output · `hz_per_unit` · `interval` to its sum, every whole number of which
    /// is a spike; several at once where that is above 1.
    Rate {
        /// Rate of an output of 1 \[Hz\], > 0.
        hz_per_unit: f64,
    },
}

impl LtcOutput {
    /// Whether it is spikes; else it is values.
    pub fn is_spikes(&self) -> bool {
        match self {
            Self::Current | Self::SigmaDelta { .. } => false,
            Self::Crossing { .. } | Self::Rate { .. } => true,
        }
    }
}

impl LiquidCell {
    /// The cell, to be run.
    ///
    /// # Errors
    /// If its configuration is out of range.
    pub fn build(&self) -> Result<Box<dyn Cell<f64>>, CellError> {
        match self {
            Self::Ltc { wiring, config } => Ok(Box::new(Ltc::new(wiring.clone(), config.clone())?)),
            Self::Cfc { n_inputs, units, config } => {
                Ok(Box::new(Cfc::new(*n_inputs, *units, config.clone())?))
            }
            Self::WiredCfc { wiring, mode } => Ok(Box::new(WiredCfc::new(wiring.clone(), *mode)?)),
        }
    }

    /// What files call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Ltc { .. } => "ltc",
            Self::Cfc { .. } => "cfc",
            Self::WiredCfc { .. } => "wired_cfc",
        }
    }

    /// Number of units.
    pub fn n_units(&self) -> usize {
        match self {
            Self::Ltc { wiring, .. } | Self::WiredCfc { wiring, .. } => wiring.units(),
            Self::Cfc { units, .. } => *units,
        }
    }

    /// Number of inputs.
    pub fn n_inputs(&self) -> usize {
        match self {
            Self::Ltc { wiring, .. } | Self::WiredCfc { wiring, .. } => wiring.n_inputs(),
            Self::Cfc { n_inputs, .. } => *n_inputs,
        }
    }

    /// Number of outputs, which have the synapses of as many first nodes.
    pub fn n_outputs(&self) -> usize {
        match self {
            Self::Ltc { wiring, .. } => wiring.n_outputs(),
            Self::Cfc { units, .. } => *units,
            Self::WiredCfc { wiring, .. } => wiring.layers().last().map_or(0, Vec::len),
        }
    }

    /// Number of synapses inside of it: between units, and from inputs to units. In a CfC every unit hears all
    /// units and inputs; over a wiring, all units of its layer and what the wiring says of the layer before.
    pub fn n_synapses(&self) -> usize {
        match self {
            Self::Ltc { wiring, .. } => wiring.synapses().len() + wiring.sensory().len(),
            Self::Cfc { n_inputs, units, .. } => (n_inputs + units) * units,
            Self::WiredCfc { wiring, .. } => {
                let layers = wiring.layers();
                let is_forward = |synapse: &&Synapse| {
                    layers
                        .windows(2)
                        .any(|pair| pair[0].contains(&synapse.source) && pair[1].contains(&synapse.target))
                };
                let is_sensory =
                    |synapse: &&Synapse| layers.first().is_some_and(|first| first.contains(&synapse.target));
                let inside: usize = layers.iter().map(|layer| layer.len() * layer.len()).sum();
                let forward = wiring.synapses().iter().filter(is_forward).count();
                forward + inside + wiring.sensory().iter().filter(is_sensory).count()
            }
        }
    }
}

impl LtcPopulation {
    /// A group of a cell with these raw parameters, everything else being the default; inputs are called
    /// `input 0`, `input 1`, ….
    pub fn new(cell: LiquidCell, parameters: Vec<f64>) -> Self {
        let inputs = (0..cell.n_inputs()).map(|i| format!("input {i}")).collect();
        Self {
            cell,
            parameters,
            inputs,
            interval: 1.0,
            time_scale: 1.0,
            tau_trace: 10.0.into(),
            v_init: 0.0.into(),
            output: LtcOutput::default(),
        }
    }
}
