//! What can be wrong with a run of a valid network.

/// A run that cannot be made as asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SimError {
    /// The step of the grid is not a step.
    #[error("dt is {dt} ms, and must be finite and above 0")]
    Dt {
        /// The step \[ms\].
        dt: f64,
    },
    /// The number of shards is not one.
    #[error("threads is {threads}, and must be from 1 to 1024")]
    Threads {
        /// The number.
        threads: usize,
    },
    /// The duration is not one.
    #[error("the duration is {duration} ms, and must be finite, above 0 and at most 1e12")]
    Duration {
        /// The duration \[ms\].
        duration: f64,
    },
    /// More steps than can be counted.
    #[error("{duration} ms are {steps} steps of {dt} ms, and the limit is {}: use a longer step or several runs", u32::MAX - 65_536)]
    TooManySteps {
        /// The duration \[ms\].
        duration: f64,
        /// The step \[ms\].
        dt: f64,
        /// The number of steps.
        steps: f64,
    },
    /// A delay is shorter than a step of the grid.
    #[error(
        "projection \"{projection}\" has a delay of {delay} ms, and the grid's step is {dt} ms: use dt ≤ {delay}, a longer delay, or the event scheduler"
    )]
    DelayBelowGrid {
        /// The projection.
        projection: String,
        /// The delay \[ms\].
        delay: f64,
        /// The step \[ms\].
        dt: f64,
    },
    /// A noise current changes within a step of the grid.
    #[error(
        "population \"{population}\" draws a current every {interval} ms, and the grid's step is {dt} ms: use dt ≤ {interval}, a longer interval, or the event scheduler"
    )]
    NoiseBelowGrid {
        /// The population.
        population: String,
        /// How long a value holds \[ms\].
        interval: f64,
        /// The step \[ms\].
        dt: f64,
    },
    /// A group does not take its steps on the grid.
    #[error(
        "population \"{population}\" takes a step every {interval} ms, and the grid's step is {dt} ms: use a dt of which {interval} ms are a whole number, or the event scheduler"
    )]
    GroupOffGrid {
        /// The population.
        population: String,
        /// Time between its steps \[ms\].
        interval: f64,
        /// The step \[ms\].
        dt: f64,
    },
    /// A group whose state or output has become infinite or no number in the middle of a run.
    #[error(
        "{what} {index} of population \"{population}\" is {value} at {t} ms, after {steps} of its steps{}; look for \
         very large parameters of its cell, weights of what it hears, or values that reach it, and try smaller ones",
        of_input(*input)
    )]
    GroupNotFinite {
        /// The population.
        population: String,
        /// `unit` or `output`.
        what: &'static str,
        /// Which.
        index: usize,
        /// What it is.
        value: f64,
        /// When \[ms\].
        t: f64,
        /// Steps that the group had taken before.
        steps: u64,
        /// The first input that was no finite number before, and what it was.
        input: Option<(usize, f64)>,
    },
    /// A delay is so long that a calendar of steps until it is due does not fit.
    #[error(
        "the longest delay, {delay} ms, needs a calendar of {slots} steps of {dt} ms, {bytes} bytes: use a longer step, a shorter delay, or the event scheduler"
    )]
    DelayTooLong {
        /// The delay \[ms\].
        delay: f64,
        /// The step \[ms\].
        dt: f64,
        /// Steps that are needed.
        slots: u64,
        /// What that takes.
        bytes: u64,
    },
    /// The network has more synapse segments or parts than the plan can count.
    #[error("the network needs {needed} {what}, and the limit is {limit}: split it")]
    PlanTooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much.
        needed: u64,
        /// The limit.
        limit: u64,
    },
    /// An input is given to something that takes none.
    #[error("input for population {population}: {problem}")]
    Input {
        /// The population's name, or its number if there is none of that number.
        population: String,
        /// What is wrong.
        problem: String,
    },
    /// An external source got no input.
    #[error(
        "population \"{population}\" takes its {what} from outside, and the run has none for it: give it an input (an empty one for silence)"
    )]
    MissingInput {
        /// The population.
        population: String,
        /// `spikes` or `currents`.
        what: &'static str,
    },
    /// A potential is asked for that does not exist.
    #[error("trace of node {node}: {problem}")]
    TraceNode {
        /// The node.
        node: u32,
        /// What is wrong.
        problem: &'static str,
    },
    /// The network does not fit into the machine's memory.
    #[error(
        "{n_neurons} neurons take {bytes} bytes or more, which is more than the machine has free: split the network"
    )]
    Memory {
        /// The number of neurons.
        n_neurons: u32,
        /// The least that they take.
        bytes: u64,
    },
    /// A snapshot is of another network or configuration, or was not made by this program.
    #[error(
        "the snapshot does not fit to this run ({what}): resume with the network, the configuration and the program that it was made with"
    )]
    Snapshot {
        /// What does not fit.
        what: &'static str,
    },
    /// An interval or bin is not one.
    #[error("the {what} is {value} ms, and must be {must}")]
    Interval {
        /// `trace interval`, `rate bin`, `warm-up`, `interval of the noise` or `interval of a group`.
        what: &'static str,
        /// Its value \[ms\].
        value: f64,
        /// What it has to be.
        must: String,
    },
}

/// Why a run that has begun does not go on.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RunError<E> {
    /// What the recorder says.
    #[error(transparent)]
    Recorder(E),
    /// What the run itself says.
    #[error(transparent)]
    Run(SimError),
}

fn of_input(input: Option<(usize, f64)>) -> String {
    input.map_or_else(String::new, |(input, value)| format!(", when its input {input} was {value}"))
}
