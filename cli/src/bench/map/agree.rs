//! A count and `mapping::check`, which has to say the same.

use std::collections::BTreeSet;

use anyhow::anyhow;
use rheobase_mapping::check::{Mapping, MappingFault, check};
use rheobase_mapping::chip::Chip;
use rheobase_mapping::{Partition, Placement};

use super::graphs::Case;
use super::recount::Recount;
use crate::error::{Failure, OrBadInput};

/// Delays are one step of 1 ms.
const DT: f64 = 1.0;

/// Checks a partition, its parts on the first cores of as many chips as they need, and compares: the same cores
/// over a budget, and the same packets if there is none.
///
/// # Errors
/// If there are more parts than cores, or the two disagree.
pub fn agree(case: &Case, chip: &Chip, partition: &Partition, counted: &Recount) -> Result<(), Failure> {
    let Case { network, layout, activity } = case;
    let mesh = chip.mesh(None, partition.n_parts).or_bad_input()?;
    let placement = Placement { core: (0..partition.n_parts).collect() };
    let mapping =
        Mapping { network, layout, activity, dt: DT, mesh: &mesh, partition, placement: &placement };
    let (violating, packets) = match check(mapping, chip) {
        Ok(checked) => (0, checked.traffic().packets),
        Err(invalid) => {
            let mut cores = BTreeSet::new();
            for fault in invalid.faults {
                let MappingFault::OverBudget { core, .. } = fault else {
                    return Err(Failure::Failed(anyhow!(fault)));
                };
                cores.insert(core);
            }
            (cores.len() as u32, counted.packets)
        }
    };
    if (violating, packets) == (counted.violating, counted.packets) {
        return Ok(());
    }
    Err(Failure::Failed(anyhow!(
        "the bench counts {} cores over a budget and {} packets, and mapping::check {violating} and {packets}",
        counted.violating,
        counted.packets
    )))
}
