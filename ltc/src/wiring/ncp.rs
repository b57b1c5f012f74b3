//! Neural circuit policies: sensory inputs → inter → command → motor neurons, few synapses.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::numpy::RandomState;
use super::{Parts, Synapse, UnitKind, Wiring, WiringError};

/// What an [`ncp`] is drawn from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ncp {
    /// Number of inter neurons.
    pub inter: u32,
    /// Number of command neurons.
    pub command: u32,
    /// Number of motor neurons: the outputs.
    pub motor: u32,
    /// How many inter neurons listen to an input.
    pub sensory_fanout: u32,
    /// How many command neurons listen to an inter neuron.
    pub inter_fanout: u32,
    /// How often a synapse between two command neurons is drawn; twice the same is one.
    pub recurrent_command_synapses: u32,
    /// How many command neurons a motor neuron listens to.
    pub motor_fanin: u32,
    /// Seed; 22222 in a file that does not say, as in `ncps`.
    #[serde(default = "seed_of_ncps")]
    pub seed: u32,
}

/// What an [`auto_ncp`] is drawn from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutoNcp {
    /// Number of neurons.
    pub units: u32,
    /// Number of motor neurons: the outputs; below `units` − 2.
    pub n_outputs: u32,
    /// Share of synapses that are missing, from 0.1 to 1; 0.5 in a file that does not say, as in `ncps`.
    #[serde(default = "sparsity_of_ncps")]
    pub sparsity: f64,
    /// Seed; 22222 in a file that does not say, as in `ncps`.
    #[serde(default = "seed_of_ncps")]
    pub seed: u32,
}

fn seed_of_ncps() -> u32 {
    22_222
}

fn sparsity_of_ncps() -> f64 {
    0.5
}

/// `ncps`'s `NCP`.
///
/// Motor neurons are the first units, then come command and then inter neurons.
///
/// # Errors
/// If a fan-out or fan-in is larger than the layer that it goes to or comes from.
pub fn ncp(n_inputs: u32, ncp: &Ncp) -> Result<Wiring, WiringError> {
    let Ncp { inter, command, motor, .. } = *ncp;
    check(n_inputs, ncp)?;
    let (commands, inters) = (motor..motor + command, motor + command..motor + command + inter);
    let mut draw = Draw { rng: RandomState::new(ncp.seed) };

    let mut sensory = BTreeMap::new();
    draw.fan_out(&mut sensory, 0..n_inputs, inters.clone(), ncp.sensory_fanout, n_inputs)?;
    let mut synapses = BTreeMap::new();
    draw.fan_out(&mut synapses, inters.clone(), commands.clone(), ncp.inter_fanout, command)?;
    for _ in 0..ncp.recurrent_command_synapses {
        let source = draw.one(&commands);
        let target = draw.one(&commands);
        synapses.insert((target, source), draw.polarity());
    }
    draw.fan_in(&mut synapses, commands.clone(), 0..motor, ncp.motor_fanin);

    let to_list = |of: BTreeMap<(u32, u32), i8>| {
        of.into_iter().map(|((target, source), polarity)| Synapse { target, source, polarity }).collect()
    };
    let kind = |unit| match unit {
        unit if unit < motor => UnitKind::Motor,
        unit if commands.contains(&unit) => UnitKind::Command,
        _ => UnitKind::Inter,
    };
    Wiring::new(Parts {
        n_inputs,
        n_outputs: motor,
        layers: vec![inters.clone().collect(), commands.clone().collect(), (0..motor).collect()],
        kinds: (0..inters.end).map(kind).collect(),
        synapses: to_list(synapses),
        sensory: to_list(sensory),
    })
}

/// `ncps`'s `AutoNCP`: an [`ncp`] of so many units and outputs.
///
/// # Errors
/// If there are too many outputs, the sparsity is not from 0.1 to 1, or there are no inputs.
pub fn auto_ncp(n_inputs: u32, auto: &AutoNcp) -> Result<Wiring, WiringError> {
    let AutoNcp { units, n_outputs, sparsity, seed } = *auto;
    if n_outputs == 0 || n_outputs.saturating_add(2) >= units {
        let must = format!("from 1 to below the number of units less 2, {}", units.saturating_sub(2));
        return Err(WiringError::Argument { what: "the number of outputs", value: n_outputs.into(), must });
    }
    if !(0.1..=1.0).contains(&sparsity) {
        let must = "from 0.1 to 1".to_owned();
        return Err(WiringError::Argument { what: "the sparsity", value: sparsity, must });
    }
    let rest = units - n_outputs;
    let command = ((0.4 * f64::from(rest)) as u32).max(1);
    let inter = rest - command;
    let density = 1.0 - sparsity;
    let share = |n: u32| ((f64::from(n) * density) as u32).max(1);
    let recurrent_command_synapses = ((f64::from(command) * density * 2.0) as u32).max(1);
    ncp(
        n_inputs,
        &Ncp {
            inter,
            command,
            motor: n_outputs,
            sensory_fanout: share(inter),
            inter_fanout: share(command),
            recurrent_command_synapses,
            motor_fanin: share(command),
            seed,
        },
    )
}

fn check(n_inputs: u32, ncp: &Ncp) -> Result<(), WiringError> {
    let Ncp { inter, command, motor, sensory_fanout, inter_fanout, motor_fanin, .. } = *ncp;
    let argument =
        |what, value: u32, must: String| Err(WiringError::Argument { what, value: value.into(), must });
    for (what, value) in [
        ("the number of inputs", n_inputs),
        ("the number of inter neurons", inter),
        ("the number of command neurons", command),
        ("the number of motor neurons", motor),
    ] {
        // Far beyond what anybody simulates; sums stay in 32 bits.
        if !(1..1 << 24).contains(&value) {
            return argument(what, value, "from 1 to 16,777,215".to_owned());
        }
    }
    for (what, value, limit, of) in [
        ("the fan-out of inputs", sensory_fanout, inter, "inter"),
        ("the fan-out of inter neurons", inter_fanout, command, "command"),
        ("the fan-in of motor neurons", motor_fanin, command, "command"),
    ] {
        if value > limit {
            return argument(what, value, format!("at most {limit}, the number of {of} neurons"));
        }
    }
    Ok(())
}

struct Draw {
    rng: RandomState,
}

impl Draw {
    fn one(&mut self, of: &Range<u32>) -> u32 {
        of.start + self.rng.below(of.len()) as u32
    }

    fn some(&mut self, of: &Range<u32>, size: u32) -> Vec<u32> {
        self.rng.distinct(of.len(), size as usize).into_iter().map(|k| of.start + k as u32).collect()
    }

    fn polarity(&mut self) -> i8 {
        [-1, 1][self.rng.below(2)]
    }

    /// Every source draws `fan_out` targets; then targets that nobody has drawn draw sources, as many as a
    /// target has on average, but no more than `most`.
    fn fan_out(
        &mut self,
        synapses: &mut BTreeMap<(u32, u32), i8>,
        sources: Range<u32>,
        targets: Range<u32>,
        fan_out: u32,
        most: u32,
    ) -> Result<(), WiringError> {
        let mut is_reached = vec![false; targets.len()];
        for source in sources.clone() {
            for target in self.some(&targets, fan_out) {
                is_reached[(target - targets.start) as usize] = true;
                synapses.insert((target, source), self.polarity());
            }
        }
        let mean = u64::from(fan_out) * sources.len() as u64 / targets.len() as u64;
        let fan_in = (mean as u32).clamp(1, most);
        for target in targets.clone().filter(|target| !is_reached[(target - targets.start) as usize]) {
            if fan_in > sources.len() as u32 {
                let must = format!("at most {}, the number of its possible sources", sources.len());
                return Err(WiringError::Argument {
                    what: "the fan-in of a neuron that nothing reached",
                    value: fan_in.into(),
                    must,
                });
            }
            for source in self.some(&sources, fan_in) {
                synapses.insert((target, source), self.polarity());
            }
        }
        Ok(())
    }

    /// Every target draws `fan_in` sources; then sources that nobody has drawn draw targets, as many as a
    /// source has on average.
    fn fan_in(
        &mut self,
        synapses: &mut BTreeMap<(u32, u32), i8>,
        sources: Range<u32>,
        targets: Range<u32>,
        fan_in: u32,
    ) {
        let mut is_heard = vec![false; sources.len()];
        for target in targets.clone() {
            for source in self.some(&sources, fan_in) {
                is_heard[(source - sources.start) as usize] = true;
                synapses.insert((target, source), self.polarity());
            }
        }
        let mean = u64::from(fan_in) * targets.len() as u64 / sources.len() as u64;
        let fan_out = (mean as u32).clamp(1, targets.len() as u32);
        for source in sources.clone().filter(|source| !is_heard[(source - sources.start) as usize]) {
            for target in self.some(&targets, fan_out) {
                synapses.insert((target, source), self.polarity());
            }
        }
    }
}
