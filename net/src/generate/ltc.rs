//! Groups with liquid time constants: a wiring that is drawn, and parameters as `ncps` draws them.

use rheobase_ltc::cell::Ltc;
use rheobase_ltc::cell::ltc::LtcConfig;
use rheobase_ltc::wiring::{AutoNcp, Full, Ncp, Random, WiringSpec};
use serde::{Deserialize, Serialize};

use crate::random::{Purpose, Stream};
use crate::{LiquidCell, LtcOutput, LtcPopulation, Param};

/// A group with liquid time constants; see [`LtcPopulation`]. Its parameters start in the ranges of `ncps`.
///
/// ```toml
/// [populations.model.ltc]
/// wiring = { kind = "auto_ncp", units = 20, n_outputs = 2, sparsity = 0.5, seed = 22222 }
/// inputs = ["left", "right"]
/// interval = 2.0
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LtcSpec {
    /// Who listens to whom; drawn from a seed of its own, as `ncps` does.
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

pub(super) fn one() -> f64 {
    1.0
}

pub(super) fn ten() -> Param {
    10.0.into()
}

fn zero() -> Param {
    0.0.into()
}

impl LtcSpec {
    /// Number of units.
    pub(super) fn n_units(&self) -> u64 {
        match &self.wiring {
            WiringSpec::Full(Full { units, .. }) | WiringSpec::Random(Random { units, .. }) => {
                u64::from(*units)
            }
            WiringSpec::AutoNcp(AutoNcp { units, .. }) => u64::from(*units),
            WiringSpec::Ncp(Ncp { inter, command, motor, .. }) => {
                [*inter, *command, *motor].into_iter().map(u64::from).sum()
            }
        }
    }

    /// Number of outputs.
    pub(super) fn n_outputs(&self) -> u32 {
        match &self.wiring {
            WiringSpec::Full(Full { units, n_outputs, .. })
            | WiringSpec::Random(Random { units, n_outputs, .. }) => n_outputs.unwrap_or(*units),
            WiringSpec::AutoNcp(AutoNcp { n_outputs, .. }) => *n_outputs,
            WiringSpec::Ncp(Ncp { motor, .. }) => *motor,
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
        match &self.wiring {
            WiringSpec::Full(_) | WiringSpec::Random(_) | WiringSpec::AutoNcp(_) => {
                let units = self.n_units() as f64;
                units * (units + n_inputs)
            }
            WiringSpec::Ncp(ncp) => {
                let products = [
                    (ncp.inter, ncp.inter_fanout),
                    (ncp.motor, ncp.motor_fanin),
                    (ncp.recurrent_command_synapses, 1),
                ];
                let products = products.into_iter().map(|(a, b)| f64::from(a) * f64::from(b));
                n_inputs * f64::from(ncp.sensory_fanout) + products.sum::<f64>()
            }
        }
    }
}

/// Makes the group that is population number `part`, after a check.
pub(super) fn population(spec: &LtcSpec, seed: u64, part: u32) -> LtcPopulation {
    let LtcSpec { wiring, inputs, config, interval, time_scale, tau_trace, v_init, output } = spec;
    let wiring = wiring.draw(spec.n_inputs());
    let wiring = wiring.expect("the generator checks every wiring before it makes one");
    let cell = Ltc::new(wiring.clone(), config.clone()).expect("the generator checks every cell too");
    let parameters = cell.start(&mut Stream::new(seed, Purpose::Parameter, part, 0));
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
