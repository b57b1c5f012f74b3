//! Groups with liquid time constants: a wiring that is drawn, and parameters as `ncps` draws them.

use rand::RngExt;
use rheobase_ltc::cell::Ltc;
use rheobase_ltc::cell::ltc::LtcConfig;
use rheobase_ltc::wiring::{self, AutoNcp, Ncp, Wiring, WiringError};
use serde::{Deserialize, Serialize};

use crate::random::{Purpose, Stream};
use crate::{LiquidCell, LtcOutput, LtcPopulation, Param};

/// A group with liquid time constants; see [`LtcPopulation`]. Its parameters start in the ranges of `ncps`.
///
/// ```toml
/// model.ltc = { wiring.auto_ncp = { units = 20, outputs = 2 }, inputs = ["left", "right"], interval = 2.0 }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LtcSpec {
    /// Who listens to whom.
    pub wiring: WiringSpec,
    /// The inputs: their names, or how many.
    pub inputs: InputsSpec,
    /// What a step does.
    #[serde(default)]
    pub config: LtcConfig,
    /// Time between two steps \[ms\].
    #[serde(default = "one")]
    pub interval: f64,
    /// Units of the cell's time in a ms.
    #[serde(default = "one")]
    pub time_scale: f64,
    /// Time constant of the traces of spikes \[ms\]; one for all inputs, or one an input.
    #[serde(default = "ten")]
    pub tau_trace: Param,
    /// State of the units at the start; one for all, or one a unit.
    #[serde(default = "zero")]
    pub v_init: Param,
    /// How the outputs are heard.
    #[serde(default)]
    pub output: LtcOutput,
}

/// The inputs of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum InputsSpec {
    /// So many, called `input 0`, `input 1`, ….
    Number(u32),
    /// These.
    Named(Vec<String>),
}

/// An architecture of [`rheobase_ltc::wiring`]. Without a seed it is drawn from the network's; with one it is
/// the wiring that `ncps` draws from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum WiringSpec {
    /// Everybody listens to everybody.
    FullyConnected {
        /// Number of units.
        units: u32,
        /// Number of outputs, which are the first units.
        outputs: u32,
        /// Whether units listen to themselves.
        #[serde(default = "yes")]
        self_connections: bool,
        /// What to draw from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<u32>,
    },
    /// Everybody listens to some.
    Random {
        /// Number of units.
        units: u32,
        /// Number of outputs, which are the first units.
        outputs: u32,
        /// The share of synapses that are missing, from 0 to below 1.
        sparsity: f64,
        /// What to draw from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<u32>,
    },
    /// Neural circuit policies: sensory, inter, command and motor neurons.
    Ncp {
        /// Number of inter neurons.
        inter: u32,
        /// Number of command neurons.
        command: u32,
        /// Number of motor neurons, which are the outputs.
        motor: u32,
        /// Inter neurons that an input reaches.
        sensory_fanout: u32,
        /// Command neurons that an inter neuron reaches.
        inter_fanout: u32,
        /// Synapses among command neurons.
        recurrent_command_synapses: u32,
        /// Command neurons that a motor neuron hears.
        motor_fanin: u32,
        /// What to draw from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<u32>,
    },
    /// Neural circuit policies whose numbers follow from the units and outputs.
    AutoNcp {
        /// Number of units.
        units: u32,
        /// Number of outputs, which are the motor neurons.
        outputs: u32,
        /// How many synapses are missing, from 0.1 to 0.9.
        #[serde(default = "half")]
        sparsity: f64,
        /// What to draw from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seed: Option<u32>,
    },
}

fn one() -> f64 {
    1.0
}

fn half() -> f64 {
    0.5
}

fn yes() -> bool {
    true
}

fn ten() -> Param {
    10.0.into()
}

fn zero() -> Param {
    0.0.into()
}

impl LtcSpec {
    /// Number of units.
    pub(super) fn n_units(&self) -> u64 {
        match self.wiring {
            WiringSpec::FullyConnected { units, .. }
            | WiringSpec::Random { units, .. }
            | WiringSpec::AutoNcp { units, .. } => u64::from(units),
            WiringSpec::Ncp { inter, command, motor, .. } => {
                [inter, command, motor].into_iter().map(u64::from).sum()
            }
        }
    }

    /// Number of outputs.
    pub(super) fn n_outputs(&self) -> u32 {
        match self.wiring {
            WiringSpec::FullyConnected { outputs, .. }
            | WiringSpec::Random { outputs, .. }
            | WiringSpec::AutoNcp { outputs, .. } => outputs,
            WiringSpec::Ncp { motor, .. } => motor,
        }
    }

    /// Number of inputs.
    pub(super) fn n_inputs(&self) -> u32 {
        match &self.inputs {
            InputsSpec::Number(n) => *n,
            InputsSpec::Named(names) => names.len() as u32,
        }
    }

    /// At most so many synapses inside of it.
    pub(super) fn most_synapses(&self) -> f64 {
        let n_inputs = f64::from(self.n_inputs());
        match self.wiring {
            WiringSpec::FullyConnected { units, .. }
            | WiringSpec::Random { units, .. }
            | WiringSpec::AutoNcp { units, .. } => f64::from(units) * (f64::from(units) + n_inputs),
            WiringSpec::Ncp {
                inter,
                motor,
                sensory_fanout,
                inter_fanout,
                recurrent_command_synapses,
                motor_fanin,
                ..
            } => {
                let products = [(inter, inter_fanout), (motor, motor_fanin), (recurrent_command_synapses, 1)];
                let products = products.into_iter().map(|(a, b)| f64::from(a) * f64::from(b));
                n_inputs * f64::from(sensory_fanout) + products.sum::<f64>()
            }
        }
    }

    /// The wiring of population number `part`.
    pub(super) fn wiring(&self, seed: u64, part: u32) -> Result<Wiring, WiringError> {
        let n_inputs = self.n_inputs();
        let drawn = |own: Option<u32>| {
            own.unwrap_or_else(|| Stream::new(seed, Purpose::Parameter, part, WIRING).random())
        };
        match self.wiring {
            WiringSpec::FullyConnected { units, outputs, self_connections, seed } => {
                wiring::fully_connected(n_inputs, units, outputs, self_connections, drawn(seed).into())
            }
            WiringSpec::Random { units, outputs, sparsity, seed } => {
                wiring::random(n_inputs, units, outputs, sparsity, drawn(seed).into())
            }
            WiringSpec::Ncp {
                inter,
                command,
                motor,
                sensory_fanout,
                inter_fanout,
                recurrent_command_synapses,
                motor_fanin,
                seed,
            } => {
                let ncp = Ncp {
                    inter,
                    command,
                    motor,
                    sensory_fanout,
                    inter_fanout,
                    recurrent_command_synapses,
                    motor_fanin,
                    seed: drawn(seed),
                };
                wiring::ncp(n_inputs, &ncp)
            }
            WiringSpec::AutoNcp { units, outputs, sparsity, seed } => {
                let auto = AutoNcp { units, n_outputs: outputs, sparsity, seed: drawn(seed) };
                wiring::auto_ncp(n_inputs, &auto)
            }
        }
    }
}

/// The streams of a group: for the seed of its wiring, and for its parameters.
const WIRING: u64 = 0;
const PARAMETERS: u64 = 1;

/// Makes the group that is population number `part`, after a check.
pub(super) fn population(spec: &LtcSpec, seed: u64, part: u32) -> LtcPopulation {
    let LtcSpec { wiring: _, inputs, config, interval, time_scale, tau_trace, v_init, output } = spec;
    let wiring = spec.wiring(seed, part).expect("the generator checks every wiring before it makes one");
    let cell = Ltc::new(wiring.clone(), config.clone()).expect("the generator checks every cell too");
    let parameters = cell.start(&mut Stream::new(seed, Purpose::Parameter, part, PARAMETERS));
    let group = LtcPopulation::new(LiquidCell::Ltc { wiring, config: config.clone() }, parameters);
    LtcPopulation {
        inputs: match inputs {
            InputsSpec::Number(_) => group.inputs,
            InputsSpec::Named(names) => names.clone(),
        },
        interval: *interval,
        time_scale: *time_scale,
        tau_trace: tau_trace.clone(),
        v_init: v_init.clone(),
        output: *output,
        ..group
    }
}
