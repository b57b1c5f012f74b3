//! What can go wrong before a run.

use std::fmt;

use rheobase_mapping::chip::ChipError;

use super::Profile;

/// Why a netlist cannot be emulated as asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EmulateError {
    /// The profile has no such things.
    #[error("{}", Listed { profile: *profile, faults })]
    Unsupported {
        /// The profile.
        profile: Profile,
        /// All that it does not have.
        faults: Vec<Unsupported>,
    },
    /// Wires lead back to where they begin.
    #[error(
        "core {core}, group {group}: its direct links lead back to itself, and within a step nobody can be first; \
         give one of them weights"
    )]
    Cycle {
        /// The core of one of the groups.
        core: u32,
        /// The group.
        group: usize,
    },
    /// The number of threads is out of range.
    #[error("{threads} threads: choose 1 to 1024")]
    Threads {
        /// The number.
        threads: usize,
    },
    /// The operating system gives no threads.
    #[error("cannot start {threads} threads ({problem}): choose fewer")]
    NoThreads {
        /// The number.
        threads: usize,
        /// What it says.
        problem: String,
    },
    /// A node to be traced is none that has a potential.
    #[error("node {node} has no potential to trace: it is a source, or there are only {n_nodes} nodes")]
    Trace {
        /// The node.
        node: u32,
        /// How many there are.
        n_nodes: u32,
    },
    /// The run ends beyond all times.
    #[error("{steps} steps of {dt} ms are longer than numbers go; correct the netlist's `dt`")]
    Time {
        /// The steps.
        steps: u32,
        /// Their length \[ms\].
        dt: f64,
    },
    /// The netlist's chip is none.
    #[error("the chip of the netlist: {0}")]
    Chip(#[from] ChipError),
    /// A core is outside of the board.
    #[error("core {core} is not on the board of the netlist, which has {n_cores} cores")]
    OffBoard {
        /// The core.
        core: u32,
        /// How many there are.
        n_cores: u64,
    },
}

/// One thing that a profile does not have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsupported {
    /// A model.
    #[error("core {core}, group {group}: it has no model {model}")]
    Model {
        /// The core.
        core: u32,
        /// The group.
        group: usize,
        /// The model.
        model: &'static str,
    },
    /// A constant input.
    #[error("core {core}, group {group}: it has no bias, and compartment {compartment} has {bias}")]
    Bias {
        /// The core.
        core: u32,
        /// The group.
        group: usize,
        /// The compartment in it.
        compartment: usize,
        /// Its bias.
        bias: i32,
    },
    /// A kind of link to that model.
    #[error("core {core}, block {block}: it has no {link} to the model {model}")]
    Link {
        /// The core.
        core: u32,
        /// The block.
        block: usize,
        /// The link.
        link: &'static str,
        /// The model that it ends at.
        model: &'static str,
    },
    /// Delays.
    #[error("core {core}, block {block}: it has no delays, and there is one of {delay} steps")]
    Delay {
        /// The core.
        core: u32,
        /// The block.
        block: usize,
        /// The longest.
        delay: u8,
    },
    /// Floating-point links of different scales at one group.
    #[error("core {core}, group {group}: its links have the scales {scales:?}, and must have one")]
    Scales {
        /// The core.
        core: u32,
        /// The group.
        group: usize,
        /// Two of them.
        scales: [f64; 2],
    },
    /// What arrives in one step may be more than the emulator keeps.
    #[error(
        "core {core}, group {group}: {sum} may arrive at compartment {compartment} in a step, and at most {} is kept; \
         lower the weight exponent",
        i32::MAX
    )]
    Sum {
        /// The core.
        core: u32,
        /// The group.
        group: usize,
        /// The compartment in it.
        compartment: usize,
        /// The largest sum.
        sum: u64,
    },
}

/// Faults one below the other.
struct Listed<'a> {
    profile: Profile,
    faults: &'a [Unsupported],
}

/// So many faults are told.
const MOST: usize = 20;

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the profile {} cannot run this netlist:", self.profile)?;
        self.faults.iter().take(MOST).try_for_each(|fault| write!(f, "\n  - {fault}"))?;
        match self.faults.len().saturating_sub(MOST) {
            0 => Ok(()),
            others => write!(f, "\n  (and {others} more)"),
        }
    }
}
