//! What a chip cannot do, and the nearest that it can.

use std::fmt;

/// One thing of a network that cannot be said in a chip's numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum QuantizeFault {
    /// A value of the configuration is out of its range.
    #[error("{name} is {value}, and must be {must}")]
    Config {
        /// The field.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it has to be.
        must: &'static str,
    },
    /// The chip stores no weights of this width.
    #[error(
        "weights of {bits} bits: the chip stores {allowed:?} bits, and quantization goes up to 8; the nearest is {nearest}"
    )]
    WeightBits {
        /// The width that was asked for.
        bits: u8,
        /// The widths that the chip has.
        allowed: Vec<u8>,
        /// The nearest of them.
        nearest: u8,
    },
    /// The activity is of another network.
    #[error("the activity is of {found} sources and the network has {expected}: take that of this network")]
    Activity {
        /// The sources of the activity.
        found: usize,
        /// The sources of the network.
        expected: u32,
    },
    /// Nodes of a kind that the chip does not have.
    #[error(
        "population \"{population}\" is of {what}, and a compartment is a leaky integrate-and-fire neuron with a current: {instead}"
    )]
    Model {
        /// The population.
        population: String,
        /// What it is.
        what: &'static str,
        /// The nearest that can be.
        instead: String,
    },
    /// A parameter that the chip does not have is not at the value that switches it off.
    #[error("population \"{population}\", node {node}: {name} is {value} {unit}, and on the chip it is 0: {instead}{}", also(*.others))]
    Parameter {
        /// The population.
        population: String,
        /// The first node that has it.
        node: usize,
        /// The parameter.
        name: &'static str,
        /// What it is.
        value: f64,
        /// Its unit.
        unit: &'static str,
        /// The nearest that can be.
        instead: &'static str,
        /// How many more nodes have it.
        others: usize,
    },
    /// Excitatory and inhibitory currents of very different lengths.
    #[error("population \"{population}\", node {node}: tau_syn_ex is {tau_ex} ms and tau_syn_in {tau_in} ms, and a compartment has one: give both {nearest:.3} ms, or allow a tau_syn_ratio of {ratio:.3}{}", also(*.others))]
    TauSyn {
        /// The population.
        population: String,
        /// The first node that has it.
        node: usize,
        /// Excitatory time constant \[ms\].
        tau_ex: f64,
        /// Inhibitory time constant \[ms\].
        tau_in: f64,
        /// What both could be \[ms\].
        nearest: f64,
        /// The ratio that would have to be allowed.
        ratio: f64,
        /// How many more nodes have it.
        others: usize,
    },
    /// A time constant whose decay is rounded too much.
    #[error("population \"{population}\", node {node}: {name} is {tau} ms, at steps of {dt} ms a decay of {decay:.3} parts in {parts}, which is off by more than {tolerance} when it is a whole number: the nearest that can be is {nearest:.4} ms, or use a dt of {enough:.3} ms or more, or allow a decay_tolerance of {error:.3}{}", also(*.others))]
    Decay {
        /// The population.
        population: String,
        /// The first node that has it.
        node: usize,
        /// The parameter.
        name: &'static str,
        /// The time constant \[ms\].
        tau: f64,
        /// The step \[ms\].
        dt: f64,
        /// The decay of a step in parts.
        decay: f64,
        /// How many parts there are.
        parts: f64,
        /// The relative error that is allowed.
        tolerance: f64,
        /// The nearest time constant \[ms\].
        nearest: f64,
        /// A step that is long enough \[ms\].
        enough: f64,
        /// The tolerance that would have to be allowed.
        error: f64,
        /// How many more nodes have it.
        others: usize,
    },
    /// A refractory period that cannot be counted.
    #[error("population \"{population}\", node {node}: t_ref is {t_ref} ms, {steps} steps of {dt} ms with that of the spike, and the chip counts {min} to {max}: the nearest that can be is {nearest} ms{}", also(*.others))]
    Refractory {
        /// The population.
        population: String,
        /// The first node that has it.
        node: usize,
        /// The refractory period \[ms\].
        t_ref: f64,
        /// The steps that it takes.
        steps: f64,
        /// The step \[ms\].
        dt: f64,
        /// The fewest steps.
        min: u8,
        /// The most steps.
        max: u8,
        /// The nearest period \[ms\].
        nearest: f64,
        /// How many more nodes have it.
        others: usize,
    },
    /// Threshold, bias and currents do not fit into the chip's numbers together.
    #[error(
        "population \"{population}\": {what} would take {need:.0} where a threshold of {least} is counted exactly enough, and the limit is {limit:.0}: make it {factor:.1} times smaller beside the threshold{also}"
    )]
    Range {
        /// The population.
        population: String,
        /// What does not fit.
        what: &'static str,
        /// What it would take.
        need: f64,
        /// The least threshold that is exact enough.
        least: u32,
        /// The limit.
        limit: f64,
        /// By how much it is too large.
        factor: f64,
        /// Another way out, or nothing.
        also: &'static str,
    },
    /// Parameters that leave no numbers to count with.
    #[error("population \"{population}\", node {node}: its time constants, capacitance and threshold are so far apart that a spike leaves no number behind: check their units, ms, pF and mV{}", also(*.others))]
    Extreme {
        /// The population.
        population: String,
        /// The first node that has it.
        node: usize,
        /// How many more nodes have it.
        others: usize,
    },
    /// Synapses that change.
    #[error(
        "projection \"{projection}\" is plastic ({rule}), and a quantized synapse is static: leave its plasticity out, or quantize what was learned"
    )]
    Plastic {
        /// The projection.
        projection: String,
        /// The rule.
        rule: &'static str,
    },
    /// One bit for weights of both signs.
    #[error(
        "projection \"{projection}\" has weights of both signs, and 1 bit has no room for a sign: use 2 bits, or a projection for each sign"
    )]
    OneBit {
        /// The projection.
        projection: String,
    },
    /// A delay shorter than a step.
    #[error("projection \"{projection}\", synapse {synapse}: its delay is {delay} ms, and a spike takes a step of {dt} ms at least: use dt ≤ {delay}, or a delay of {dt} ms{}", also(*.others))]
    ShortDelay {
        /// The projection.
        projection: String,
        /// The first synapse that has it.
        synapse: usize,
        /// The delay \[ms\].
        delay: f64,
        /// The step \[ms\].
        dt: f64,
        /// How many more synapses have it.
        others: usize,
    },
    /// A delay longer than the chip can hold a spike.
    #[error("projection \"{projection}\", synapse {synapse}: its delay is {delay} ms, {steps} steps of {dt} ms beyond the chip's own, and the limit is {limit}: {way_out}{}", also(*.others))]
    LongDelay {
        /// The projection.
        projection: String,
        /// The synapse with the longest.
        synapse: usize,
        /// The delay \[ms\].
        delay: f64,
        /// The steps beyond the chip's own.
        steps: f64,
        /// The step \[ms\].
        dt: f64,
        /// The most steps.
        limit: u8,
        /// The longest delay that can be, or what else would mend it.
        way_out: String,
        /// How many more synapses have it.
        others: usize,
    },
}

fn also(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" (and {others} more)") }
}

/// All that keeps a network from being said in a chip's numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantizeError {
    /// The faults; at least one.
    pub faults: Vec<QuantizeFault>,
}

impl std::error::Error for QuantizeError {}

impl fmt::Display for QuantizeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => write!(f, "{fault}"),
            faults => {
                write!(f, "{} things cannot be said in the chip's numbers:", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
            }
        }
    }
}
