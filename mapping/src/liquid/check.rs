//! Checks a mapping of a liquid network: every budget of every core, counted anew from its synapses.
//!
//! Nothing here is shared with the graph that is cut or with the sums that the partitioner keeps.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{QuantizedLiquid, SourceNode};
use crate::chip::{Budget, Chip, Mesh, Usage};
use crate::{Partition, Placement};

/// A liquid network on the cores of a board, every budget kept. Only [`check_liquid`] makes one.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedLiquid<'a> {
    /// The network.
    liquid: &'a QuantizedLiquid,
    chip: &'a Chip,
    mesh: Mesh,
    core: Vec<u32>,
    usage: BTreeMap<u32, Usage>,
}

impl<'a> CheckedLiquid<'a> {
    /// The network.
    pub fn liquid(&self) -> &'a QuantizedLiquid {
        self.liquid
    }

    /// The chip.
    pub fn chip(&self) -> &'a Chip {
        self.chip
    }

    /// The cores of the board.
    pub fn mesh(&self) -> &Mesh {
        &self.mesh
    }

    /// The core of every unit, and then of every answer.
    pub fn core_of_neuron(&self) -> &[u32] {
        &self.core
    }

    /// What every core in use uses, rising by core.
    pub fn usage(&self) -> &BTreeMap<u32, Usage> {
        &self.usage
    }
}

/// One thing that is wrong with a mapping of a liquid network.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LiquidMappingFault {
    /// The mapping is not of this network.
    #[error("the partition has {found} neurons and the network {expected}, its units and answers")]
    Size {
        /// Neurons of the partition.
        found: usize,
        /// Units and answers.
        expected: usize,
    },
    /// A neuron is in a part that has no place.
    #[error("neuron {neuron} is in part {part}, and {n_parts} parts have a core")]
    Part {
        /// The neuron.
        neuron: usize,
        /// Its part.
        part: u32,
        /// How many parts there are.
        n_parts: usize,
    },
    /// A part is on a core that the board does not have, or that another one has.
    #[error("part {part} is on core {core}, which another one has or the board, with {n_cores}, has not")]
    Core {
        /// The part.
        part: usize,
        /// Its core.
        core: u32,
        /// Cores of the board.
        n_cores: u32,
    },
    /// A core holds more than it can.
    #[error("core {core} needs {used} {budget} and has {limit}: partition again, or take fewer bits")]
    OverBudget {
        /// The core.
        core: u32,
        /// What it runs out of.
        budget: Budget,
        /// What it needs.
        used: u64,
        /// What it has.
        limit: u64,
    },
}

/// All faults of a mapping of a liquid network.
#[derive(Debug, Clone, PartialEq)]
pub struct InvalidLiquidMapping {
    /// The faults; at least one.
    pub faults: Vec<LiquidMappingFault>,
}

impl std::error::Error for InvalidLiquidMapping {}

impl fmt::Display for InvalidLiquidMapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the mapping has faults:")?;
        self.faults.iter().try_for_each(|fault| write!(f, "\n  - {fault}"))
    }
}

/// Checks everything that can be wrong with a mapping of a liquid network.
///
/// # Errors
/// All faults at once. Budgets are counted only where every neuron is on a core.
pub fn check_liquid<'a>(
    liquid: &'a QuantizedLiquid,
    chip: &'a Chip,
    mesh: &Mesh,
    partition: &Partition,
    placement: &Placement,
) -> Result<CheckedLiquid<'a>, InvalidLiquidMapping> {
    let mut faults = Vec::new();
    let expected = liquid.units.len() + liquid.head.bias.len();
    if partition.part.len() != expected {
        faults.push(LiquidMappingFault::Size { found: partition.part.len(), expected });
    }
    let n_parts = placement.core.len();
    for (neuron, part) in partition.part.iter().enumerate().filter(|(_, part)| **part as usize >= n_parts) {
        faults.push(LiquidMappingFault::Part { neuron, part: *part, n_parts });
    }
    let mut taken = BTreeSet::new();
    for (part, core) in placement.core.iter().enumerate() {
        if *core >= mesh.n_cores() || !taken.insert(*core) {
            faults.push(LiquidMappingFault::Core { part, core: *core, n_cores: mesh.n_cores() });
        }
    }
    if !faults.is_empty() {
        return Err(InvalidLiquidMapping { faults });
    }
    let core: Vec<u32> = partition.part.iter().map(|part| placement.core[*part as usize]).collect();
    let usage = count(liquid, chip, &core);
    for (core, usage) in &usage {
        for budget in Budget::ALL {
            let (used, limit) = (usage.of(budget), chip.limit(budget).unwrap_or(u64::MAX));
            if used > limit {
                faults.push(LiquidMappingFault::OverBudget { core: *core, budget, used, limit });
            }
        }
    }
    match faults.is_empty() {
        true => Ok(CheckedLiquid { liquid, chip, mesh: *mesh, core, usage }),
        false => Err(InvalidLiquidMapping { faults }),
    }
}

/// Who a core hears: an input of the network, or one of its units.
type Source = (bool, u32);

/// What every core uses.
fn count(liquid: &QuantizedLiquid, chip: &Chip, core: &[u32]) -> BTreeMap<u32, Usage> {
    let (n_units, n_answers) = (liquid.units.len(), liquid.head.bias.len());
    // Synapses of every source in every core.
    let mut synapses: BTreeMap<(u32, Source), u64> = BTreeMap::new();
    for (unit, core) in liquid.units.iter().zip(core) {
        for synapse in &unit.synapses {
            let source = match synapse.source {
                SourceNode::Unit(unit) => (false, unit),
                SourceNode::Input(input) => (true, input),
            };
            *synapses.entry((*core, source)).or_default() += 1;
        }
    }
    for (k, _) in liquid.head.weights.iter().enumerate().filter(|(_, weight)| **weight != 0) {
        let (unit, answer) = (k / n_answers, k % n_answers);
        *synapses.entry((core[n_units + answer], (false, unit as u32))).or_default() += 1;
    }
    let mut usage: BTreeMap<u32, Usage> = BTreeMap::new();
    let word = u64::from(chip.synapse().memory.word);
    let has_unit = |on: u32| core[..n_units].contains(&on);
    for (neuron, on) in core.iter().enumerate() {
        let own = usage.entry(*on).or_default();
        if own.compartments == 0 && has_unit(*on) {
            own.synapse_words += liquid.table_bits().div_ceil(word);
        }
        own.compartments += 1;
        let kinds = [core[..n_units].contains(on), core[n_units..].contains(on)];
        own.neuron_configs = kinds.into_iter().filter(|there| *there).count() as u64;
        let destinations = synapses.keys().filter(|(_, source)| *source == (false, neuron as u32));
        own.output_axons += destinations.count() as u64;
    }
    let bits = u64::from(liquid.synapse_bits() + chip.synapse().index_bits);
    let (header, block) =
        (u64::from(chip.synapse().memory.header) + 32, u64::from(chip.synapse().memory.block));
    for ((core, _), n) in &synapses {
        let own = usage.entry(*core).or_default();
        own.input_axons += 1;
        let mut left = *n;
        while left > 0 {
            let now = left.min(block);
            own.synapse_words += (now * bits + header).div_ceil(word);
            left -= now;
        }
    }
    usage
}
