//! What can be wrong with a network.

use std::fmt;

use rheobase_lif::ParamFault;
use rheobase_ltc::cell::CellError;

/// One fault of a network: what has it, what it is, what the limit is and what would mend it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is no population.
    #[error("the network has no population: add one")]
    NoPopulation,
    /// A population has no node.
    #[error("population \"{population}\" is empty: give it at least one node or leave it out")]
    EmptyPopulation {
        /// The population.
        population: String,
    },
    /// A name is used twice, or is empty or not printable.
    #[error(
        "the name \"{name}\" of a {thing} {problem}: names must be unique, not empty and without '/' or control characters"
    )]
    Name {
        /// `population` or `projection`.
        thing: &'static str,
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// More nodes than a 32-bit index can count.
    #[error("the network has {n_nodes} nodes, and the limit is {}: split it", u32::MAX)]
    TooManyNodes {
        /// The number of nodes.
        n_nodes: u64,
    },
    /// A parameter list does not fit the population.
    #[error(
        "population \"{population}\" has {size} nodes and {len} values of {parameter}: give one value or one a node"
    )]
    ParamLength {
        /// The population.
        population: String,
        /// The parameter.
        parameter: &'static str,
        /// The number of values.
        len: usize,
        /// The number of nodes.
        size: u32,
    },
    /// A parameter of a neuron or source is out of its range.
    #[error("population \"{population}\", node {node}: {fault}{}", also(*.others))]
    Param {
        /// The population.
        population: String,
        /// The first node that has it.
        node: usize,
        /// What is wrong.
        fault: ParamFault,
        /// How many more nodes have the same fault.
        others: usize,
    },
    /// Positions, spikes or channels of a population are of another number than its nodes.
    #[error("population \"{population}\" has {size} nodes and {what} for {len}: give as many")]
    Width {
        /// The population.
        population: String,
        /// What does not fit.
        what: &'static str,
        /// Its number.
        len: usize,
        /// The number of nodes.
        size: u32,
    },
    /// A position is not finite.
    #[error("population \"{population}\", node {node} is at {position:?}: positions must be finite")]
    Position {
        /// The population.
        population: String,
        /// The node.
        node: usize,
        /// Where it is.
        position: [f32; 3],
    },
    /// A group's cell has another size than the group.
    #[error("population \"{population}\" has {len} {what}, and must have {expected}, as its cell says")]
    LtcShape {
        /// The group.
        population: String,
        /// `units`, `parameters`, `names of inputs`, `values of tau_trace` or `values of v_init`.
        what: &'static str,
        /// How many there are.
        len: usize,
        /// How many there must be.
        expected: usize,
    },
    /// The name of an input of a group cannot be used.
    #[error(
        "population \"{population}\": the name \"{input}\" of an input {problem}: names must be unique, not empty and without control characters"
    )]
    LtcInput {
        /// The group.
        population: String,
        /// The name.
        input: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A group's cell is none.
    #[error("population \"{population}\": its cell cannot run: {fault}")]
    LtcCell {
        /// The group.
        population: String,
        /// What is wrong.
        fault: CellError,
    },
    /// A parameter of a group's cell is out of its range.
    #[error("population \"{population}\": value {index} of {parameter} is {value}, and must be {must}{}", also(*.others))]
    LtcParameter {
        /// The group.
        population: String,
        /// The block of parameters.
        parameter: String,
        /// The place of the first value that is wrong, in the block.
        index: usize,
        /// What it is.
        value: f64,
        /// What it has to be.
        must: &'static str,
        /// How many more values of the block are wrong.
        others: usize,
    },
    /// A synapse starts at a unit of a group that is no output.
    #[error(
        "projection \"{projection}\" starts at unit {unit} of \"{population}\", whose outputs are the units 0 to {}: start it at an output, or make a wiring with more of them{}",
        n_outputs.saturating_sub(1), also(*.others)
    )]
    NotAnOutput {
        /// The projection.
        projection: String,
        /// The first unit that is none.
        unit: usize,
        /// The group.
        population: String,
        /// How many outputs it has.
        n_outputs: usize,
        /// How many more units are none.
        others: usize,
    },
    /// A plastic projection begins or ends at a group.
    #[error(
        "projection \"{projection}\" is plastic, and \"{population}\" is a group with liquid time constants, whose synapses do not change in a run: leave its plasticity out, and train the group"
    )]
    PlasticGroup {
        /// The projection.
        projection: String,
        /// The group.
        population: String,
    },
    /// A projection names a population that is not there.
    #[error("projection \"{projection}\": its {end} is population {idx}, and there are {n} (0 to {})", n.saturating_sub(1))]
    DanglingPopulation {
        /// The projection.
        projection: String,
        /// `source` or `target`.
        end: &'static str,
        /// The index.
        idx: u32,
        /// The number of populations.
        n: usize,
    },
    /// A projection ends at a source.
    #[error(
        "projection \"{projection}\" ends at \"{population}\", which is a source and receives nothing: end it at neurons"
    )]
    TargetIsSource {
        /// The projection.
        projection: String,
        /// The population.
        population: String,
    },
    /// The rows are not rows.
    #[error("projection \"{projection}\": {problem}")]
    Rows {
        /// The projection.
        projection: String,
        /// What is wrong with `row_start`.
        problem: String,
    },
    /// A list of weights or delays is not as long as the list of targets.
    #[error(
        "projection \"{projection}\" has {n_synapses} synapses and {len} {what}: give one or one a synapse"
    )]
    SynapseLength {
        /// The projection.
        projection: String,
        /// `weights` or `delays`.
        what: &'static str,
        /// Its length.
        len: usize,
        /// The number of synapses.
        n_synapses: usize,
    },
    /// A synapse ends at a node that is not there.
    #[error("projection \"{projection}\", synapse {synapse}: its target is {end} {target}, and population \"{population}\" has {size} (0 to {}){}", size.saturating_sub(1), also(*.others))]
    DanglingTarget {
        /// The projection.
        projection: String,
        /// The first synapse that has it.
        synapse: usize,
        /// `node`, or `input` of a group.
        end: &'static str,
        /// The target.
        target: u32,
        /// The target population.
        population: String,
        /// How many nodes or inputs it has.
        size: u32,
        /// How many more synapses have the same fault.
        others: usize,
    },
    /// A weight is not finite.
    #[error("projection \"{projection}\", synapse {synapse}: its weight is {weight}, and must be finite{}", also(*.others))]
    Weight {
        /// The projection.
        projection: String,
        /// The first synapse that has it.
        synapse: usize,
        /// The weight.
        weight: f64,
        /// How many more synapses have the same fault.
        others: usize,
    },
    /// A delay is not allowed.
    #[error("projection \"{projection}\", synapse {synapse}: its delay is {delay} ms, and must be finite and {must}{}", also(*.others))]
    Delay {
        /// The projection.
        projection: String,
        /// The first synapse that has it.
        synapse: usize,
        /// The delay \[ms\].
        delay: f64,
        /// What it has to be.
        must: &'static str,
        /// How many more synapses have the same fault.
        others: usize,
    },
    /// A parameter of a plasticity rule is out of its range.
    #[error(
        "projection \"{projection}\": the parameter {parameter} of its plasticity is {value}, and must be {must}"
    )]
    PlasticityParam {
        /// The projection.
        projection: String,
        /// The parameter.
        parameter: &'static str,
        /// What it is.
        value: f64,
        /// What it has to be.
        must: &'static str,
    },
    /// A plastic projection starts where no spike comes from.
    #[error(
        "projection \"{projection}\" is plastic and starts at \"{population}\", which sends currents and no spikes: leave its plasticity out"
    )]
    PlasticCurrent {
        /// The projection.
        projection: String,
        /// The population.
        population: String,
    },
    /// A weight is outside of the bounds of its plasticity rule.
    #[error("projection \"{projection}\", synapse {synapse}: its weight is {weight}, and must be between 0 and the rule's w_max, {w_max}{}", also(*.others))]
    PlasticWeight {
        /// The projection.
        projection: String,
        /// The first synapse that has it.
        synapse: usize,
        /// The weight.
        weight: f64,
        /// The bound.
        w_max: f64,
        /// How many more synapses have the same fault.
        others: usize,
    },
}

fn also(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" (and {others} more)") }
}

/// All faults of a network.
#[derive(Debug, Clone, PartialEq)]
pub struct InvalidNetwork {
    /// The faults; at least one.
    pub faults: Vec<Fault>,
}

impl std::error::Error for InvalidNetwork {}

impl fmt::Display for InvalidNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => write!(f, "{fault}"),
            faults => {
                write!(f, "the network has {} faults:", faults.len())?;
                faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
            }
        }
    }
}
