//! What to run, and what it leaves behind.

use rheobase_net::Recording;
use serde::{Deserialize, Serialize};

use super::{Profile, Work};

/// How to run a netlist.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EmulateConfig {
    /// Whose integers.
    pub profile: Profile,
    /// How many steps.
    pub steps: u32,
    /// Threads, 1 to 1024. They change no bit of the result.
    pub threads: usize,
    /// Nodes whose potential is kept at every step, in the chip's units.
    pub traces: Vec<u32>,
    /// Whether to keep what every core did in every step.
    pub step_table: bool,
}

impl Default for EmulateConfig {
    fn default() -> Self {
        Self { profile: Profile::default(), steps: 0, threads: 1, traces: Vec::new(), step_table: false }
    }
}

/// What a run of a netlist leaves behind.
#[derive(Debug, Clone, PartialEq)]
pub struct ChipRun {
    /// Spikes, counters and traces, as the simulator leaves them. A spike that is sent in step `t` is at `t · dt`;
    /// potentials are in the chip's units.
    pub recording: Recording,
    /// What the message of every spike said: 1 for a mere spike.
    pub messages: Vec<i32>,
    /// What the chip did.
    pub work: Work,
    /// What every core did in every step, if it was asked for; without those that did nothing.
    pub steps: Vec<StepWork>,
}

/// What a core did in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepWork {
    /// The step, from 1; 0 is what sources sent before it.
    pub step: u32,
    /// The core.
    pub core: u32,
    /// What it did.
    pub work: Work,
}
