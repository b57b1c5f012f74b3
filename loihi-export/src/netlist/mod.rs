//! The netlist: what every core of a chip holds, and whom it sends to.
//!
//! A [`Netlist`] is data and says everything by itself; [`validate`] is the only maker of a [`ValidNetlist`], which
//! emulator and exporters take. It lies in files as HDF5 ([`write()`], [`read`]) or, if it is small, as JSON
//! ([`to_json`], [`from_json`]).
//!
//! A spike goes the way of the chip: the output axons of its compartment name cores and input axons there; an
//! input axon has a row of synapses in one or several [`Block`]s. A block is what Lava calls a connection process:
//! the synapses of one projection from one group of one core to one group of another. That matters where a
//! weight exponent is below 0, because Lava then rounds the *sum of a process* down; everywhere else sums are
//! the same however they are split.
//!
//! Numbers are the chip's own (`du`, `dv`, `vth`, `bias_mant`, `bias_exp`), and time is counted in steps from 1.

mod block;
mod faults;
mod fields;
mod file;
mod json;
mod ltc_faults;
mod model;
mod split;

use serde::{Deserialize, Serialize};

pub use block::{Block, Link, Sign};
pub use faults::{InvalidNetlist, NetlistFault, Where};
pub use file::{FORMAT, NetlistError, VERSION, read, read_bytes, to_bytes, write};
pub use json::{from_json, to_json};
pub use model::{Activation, Delta, FloatLif, Lif, LtcUnits, Model, Resonator};
pub use split::split;

/// What every core of a chip holds, and whom it sends to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Netlist {
    /// Where it came from.
    pub origin: Origin,
    /// Where the cores are; `None` if nobody has placed them.
    pub chip: Option<Place>,
    /// The populations, so that a node's number says what it is: nodes are counted over them in this order.
    pub populations: Vec<Population>,
    /// The cores in use, rising by number.
    pub cores: Vec<Core>,
}

/// Where a netlist came from.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The version of the program that made it.
    pub made_with: String,
    /// What it was made from, in words: a mapped network, a NetX file.
    pub made_from: String,
    /// Fingerprint of the network, in hexadecimal; empty if it was none of ours.
    pub network: String,
    /// What a step means \[ms\].
    pub dt: f64,
}

/// The board that the cores are on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// The chip's name.
    pub name: String,
    /// The chip's file, TOML.
    pub file: String,
    /// Chips of the board along x and y.
    pub chips: [u32; 2],
}

/// A population: neurons on cores, or a source of spikes outside of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Population {
    /// Its name.
    pub name: String,
    /// How many nodes it has.
    pub size: u32,
    /// The output axons of a source, by its nodes; `None` for neurons, whose axons are at their cores.
    pub source: Option<OutputAxons>,
}

/// A core.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Core {
    /// Its number, as the mesh counts cores.
    pub core: u32,
    /// Its compartments: they are counted over the groups in this order.
    pub groups: Vec<Group>,
    /// Who sends through every input axon.
    pub input_axons: InputAxons,
    /// Its synapses.
    pub blocks: Vec<Block>,
    /// Where the spikes of its compartments go.
    pub output_axons: OutputAxons,
}

/// Consecutive compartments of a core that are neurons of one population.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The population, by its place in the netlist.
    pub population: u32,
    /// Which of its neurons every compartment is, rising; `[n]`.
    pub neurons: Vec<u32>,
    /// What they do.
    pub model: Model,
}

/// The senders of a core's input axons; both `[n_axons]`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputAxons {
    /// The sender's population, by its place in the netlist.
    pub population: Vec<u32>,
    /// Which node of it.
    pub node: Vec<u32>,
}

/// Where spikes go: those of sender `i` to `first[i]..first[i + 1]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputAxons {
    /// Where every sender's begin; `[n_senders + 1]`.
    pub first: Vec<u32>,
    /// The core that a spike goes to.
    pub core: Vec<u32>,
    /// The input axon there.
    pub axon: Vec<u32>,
}

impl Default for OutputAxons {
    fn default() -> Self {
        Self { first: vec![0], core: Vec::new(), axon: Vec::new() }
    }
}

/// From the cores and input axons that every sender's spikes go to.
impl<'a> FromIterator<&'a [(u32, u32)]> for OutputAxons {
    fn from_iter<I: IntoIterator<Item = &'a [(u32, u32)]>>(senders: I) -> Self {
        let mut axons = Self::default();
        for ends in senders {
            axons.core.extend(ends.iter().map(|(core, _)| core));
            axons.axon.extend(ends.iter().map(|(_, axon)| axon));
            axons.first.push(axons.core.len() as u32);
        }
        axons
    }
}

impl InputAxons {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.population.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.population.is_empty()
    }
}

impl OutputAxons {
    /// The cores and input axons that the spikes of a sender go to.
    pub fn of(&self, sender: usize) -> impl ExactSizeIterator<Item = (u32, u32)> + '_ {
        let range = self.first[sender] as usize..self.first[sender + 1] as usize;
        self.core[range.clone()].iter().copied().zip(self.axon[range].iter().copied())
    }

    /// How many senders there are.
    pub fn n_senders(&self) -> usize {
        self.first.len() - 1
    }
}

impl Core {
    /// How many compartments it has.
    pub fn n_compartments(&self) -> usize {
        self.groups.iter().map(|group| group.neurons.len()).sum()
    }

    /// How many synapses it has.
    pub fn n_synapses(&self) -> usize {
        self.blocks.iter().map(|block| block.target.len()).sum()
    }

    /// The number of a group's first compartment.
    pub fn first_compartment(&self, group: usize) -> usize {
        self.groups[..group].iter().map(|group| group.neurons.len()).sum()
    }
}

impl Netlist {
    /// The number of every population's first node, and of all nodes at last; `[n_populations + 1]`.
    pub fn first_nodes(&self) -> Vec<u32> {
        let sizes = self.populations.iter().map(|population| population.size);
        std::iter::once(0)
            .chain(sizes.scan(0, |sum, size| {
                *sum += size;
                Some(*sum)
            }))
            .collect()
    }

    /// The core of this number.
    pub fn core(&self, core: u32) -> Option<&Core> {
        self.cores.binary_search_by_key(&core, |core| core.core).ok().map(|i| &self.cores[i])
    }
}

/// A netlist without faults. Only [`validate`] makes one, so that emulator and exporters need not check again.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidNetlist(Netlist);

impl std::ops::Deref for ValidNetlist {
    type Target = Netlist;

    fn deref(&self) -> &Netlist {
        &self.0
    }
}

/// Checks everything that can be wrong with a netlist.
///
/// # Errors
/// All faults at once.
pub fn validate(netlist: Netlist) -> Result<ValidNetlist, InvalidNetlist> {
    let faults = faults::of(&netlist);
    if faults.is_empty() { Ok(ValidNetlist(netlist)) } else { Err(InvalidNetlist { faults }) }
}
