//! Will a network fit onto a chip, and if not, why not: told before the long work starts.
//!
//! The idea: one pass over the synapses counts what no mapping can change, that is what every neuron needs alone
//! on a core, and the least of every budget that all of them need together. Where a neuron alone needs more than a
//! core has, no mapping exists, and [`fit`] refuses with all such neurons, population by population, and the
//! smallest change that would help. Otherwise it gives the fewest cores that each budget allows, which is a bound
//! and seldom reached, and the cores that a network of the same degrees takes whose wiring has no structure to
//! use. A real network takes something between the two.
//!
//! Neurons that fit alone may still have no partition that keeps every budget, which only the search finds out. Then
//! [`relieve`] tells who is in the way, and the smallest change that fits.
//!
//! It costs `O(synapses)` and a list of numbers a neuron.

mod bounds;
mod estimate;
mod fault;
mod relief;
mod tally;

use std::fmt;

use rheobase_net::{Model, ValidNetwork};

use crate::Layout;
use crate::chip::{Budget, Chip, ChipError};

pub use fault::{FitFault, Infeasible};
pub use relief::{Relief, relieve};

use tally::Tally;

/// What is known of a network's cores before it is mapped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fit {
    /// The fewest cores that every budget allows, for those that the chip has. No mapping takes fewer.
    pub at_least: Vec<CoreCount>,
    /// The cores that every budget takes if the wiring has no structure to use.
    pub unstructured: Vec<CoreCount>,
    /// Cores of the board; `None` for as many chips as needed.
    pub board_cores: Option<u32>,
    /// Cores of a chip.
    pub chip_cores: u32,
}

/// So many cores, because of a budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CoreCount {
    /// The budget.
    pub budget: Budget,
    /// The number of cores.
    pub cores: u32,
}

impl Fit {
    /// The budget that asks for the most cores in any mapping.
    pub fn bound(&self) -> CoreCount {
        most(&self.at_least)
    }

    /// The budget that asks for the most cores if the wiring has no structure: what makes the mapping hard.
    pub fn binding(&self) -> CoreCount {
        most(&self.unstructured)
    }
}

/// The first of the greatest counts. Every chip limits its compartments, so there is one.
fn most(counts: &[CoreCount]) -> CoreCount {
    let first = CoreCount { budget: Budget::Compartments, cores: 0 };
    counts.iter().fold(first, |most, count| if count.cores > most.cores { *count } else { most })
}

impl fmt::Display for Fit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at least {}, and {} if", told(&self.at_least), told(&self.unstructured))?;
        match self.board_cores {
            Some(cores) => write!(f, " the wiring has no structure to use; the board has {cores}"),
            None => write!(f, " the wiring has no structure to use; a chip has {}", self.chip_cores),
        }
    }
}

/// The greatest count, and the budgets that ask for it.
fn told(counts: &[CoreCount]) -> String {
    let most = most(counts).cores;
    let by: Vec<String> =
        counts.iter().filter(|count| count.cores == most).map(|count| count.budget.to_string()).collect();
    format!("{most} core{} (by {})", if most == 1 { "" } else { "s" }, by.join(" and "))
}

/// Counts the cores that a network takes on a chip, or says why it fits on none.
///
/// # Errors
/// All reasons at once for which no mapping exists.
///
/// # Panics
/// If the layout is not that of the network.
pub fn fit(
    network: &ValidNetwork,
    layout: &Layout,
    chip: &Chip,
    board: Option<&str>,
) -> Result<Fit, Infeasible> {
    assert_eq!(layout.synapse_bits.len(), network.projections().len(), "a width for every projection");
    assert_eq!(layout.config.len(), network.n_neurons() as usize, "a configuration for every neuron");
    let mut faults: Vec<FitFault> = network.populations().iter().filter_map(not_mappable).collect();
    if !faults.is_empty() {
        return Err(Infeasible { chip: chip.name().to_owned(), faults, takers: None });
    }
    let tally = Tally::of(network, &layout.synapse_bits, chip);
    faults = fault::alone(network, &layout.synapse_bits, chip, &tally);
    let takers = (!faults.is_empty()).then(|| takers(network, layout, chip));
    let at_least = bounds::bounds(&tally, &layout.config, chip);
    let mesh = chip.mesh(board, most(&at_least).cores);
    let board_cores = match mesh {
        Ok(mesh) => board.map(|_| mesh.n_cores()),
        Err(error @ ChipError::UnknownBoard { .. }) => {
            faults.push(FitFault::NoBoard(error));
            None
        }
        Err(error) => {
            faults.push(FitFault::SmallBoard { budget: most(&at_least).budget, error });
            None
        }
    };
    if !faults.is_empty() {
        return Err(Infeasible { chip: chip.name().to_owned(), faults, takers });
    }
    let unstructured = estimate::unstructured(&tally, &layout.config, chip, &at_least);
    Ok(Fit { at_least, unstructured, board_cores, chip_cores: chip.chip_mesh().n_cores() })
}

/// Populations that no core holds.
fn not_mappable(population: &rheobase_net::Population) -> Option<FitFault> {
    let problem = match &population.model {
        Model::Lif(_) | Model::Izhikevich(_) | Model::SpikeSource(_) => return None,
        Model::Ltc(_) => "a group with liquid time constants",
        Model::CurrentSource(_) => "a source of currents",
    };
    Some(FitFault::NotMappable { population: population.name.clone(), problem })
}

/// The other known chips on which every neuron fits, with the same weights and delays.
fn takers(network: &ValidNetwork, layout: &Layout, chip: &Chip) -> Vec<String> {
    let others = Chip::names().filter(|name| *name != chip.name()).filter_map(|name| Chip::named(name).ok());
    let takes = |other: &Chip| {
        let widths = layout.synapse_bits.iter().map(|bits| width_on(other, *bits, chip));
        let Some(widths) = widths.collect::<Option<Vec<u16>>>() else { return false };
        let tally = Tally::of(network, &widths, other);
        fault::alone(network, &widths, other, &tally).is_empty()
    };
    others.filter(takes).map(|chip| chip.name().to_owned()).collect()
}

/// How wide synapses of one chip are on another, if that has weights as wide.
fn width_on(other: &Chip, bits: u16, chip: &Chip) -> Option<u16> {
    let (from, to) = (chip.synapse(), other.synapse());
    let rest = u32::from(bits).checked_sub(from.index_bits)?;
    // What is no delay is the weight; which of the splits it is does not matter to the sum.
    let weights = from.weight_bits.iter().filter(|weight| (0..=from.delay_bits).any(|d| *weight + d == rest));
    let weight = weights.max()?;
    to.weight_bits.iter().any(|known| known >= weight).then_some((rest + to.index_bits) as u16)
}
