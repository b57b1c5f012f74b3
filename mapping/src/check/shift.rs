//! Sums that a chip shifts after it has split them, which changes the answer.

use std::collections::HashSet;

use super::CheckedMapping;
use super::nodes::Nodes;

/// A projection whose sums are split: its weights have an exponent below 0, and at some neurons of a core its
/// spikes come from several cores.
///
/// Lava 0.10 shifts the sum of a process to the right, so it rounds down once a process, and every pair of
/// source core and target core is one: ⌊a⌋ + ⌊b⌋ is not ⌊a + b⌋. The mapped network then spikes otherwise
/// than the network does. Delays are not looked at here: sums of different delays are shifted apart in any case,
/// so a neuron may be counted whose sums are not split.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "projection \"{projection}\" has the weight exponent {exponent}, and core {core} gets its spikes from {source_cores} cores, so the sums of {neurons} of its neurons are rounded down several times in place of once; quantize it with an exponent of at least 0, or keep its sources on one core"
)]
pub struct SplitShift {
    /// The projection.
    pub projection: String,
    /// Its weight exponent, below 0.
    pub exponent: i32,
    /// The core of the targets.
    pub core: u32,
    /// How many cores its sources with targets there are on.
    pub source_cores: u32,
    /// How many neurons of the core get its spikes from several cores.
    pub neurons: u32,
}

/// All split sums of a mapping, by projection and core, given the weight exponent of every projection.
///
/// A spike source is on no core, and its projections are never split.
///
/// # Panics
/// If there is not one exponent a projection.
pub fn split_shifts(mapping: &CheckedMapping<'_>, exponents: &[i32]) -> Vec<SplitShift> {
    /// No core has reached the neuron, or several have.
    const NONE: u32 = u32::MAX;
    const SEVERAL: u32 = u32::MAX - 1;
    let network = mapping.network();
    assert_eq!(exponents.len(), network.projections().len(), "an exponent for every projection");
    let nodes = Nodes::of(network);
    let core = mapping.core_of_neuron();
    let mut flags = Vec::new();
    for (projection, exponent) in network.projections().iter().zip(exponents) {
        let from = network.population(projection.source);
        if *exponent >= 0 || !from.model.is_neuron() {
            continue;
        }
        let first_source = nodes.first[projection.source.idx()] as usize;
        let first_target = nodes.first[projection.target.idx()] as usize;
        let mut reached = vec![NONE; network.population(projection.target).size as usize];
        let (mut pairs, mut last) = (HashSet::new(), None);
        for source in 0..from.size as usize {
            let home = core[first_source + source];
            for target in &projection.synapses.target[projection.synapses.row(source)] {
                let reached = &mut reached[*target as usize];
                *reached = match *reached {
                    NONE => home,
                    earlier if earlier == home => home,
                    _ => SEVERAL,
                };
                // Neighbors in a row are mostly on one core.
                let pair = (core[first_target + *target as usize], home);
                if last != Some(pair) {
                    pairs.insert(pair);
                    last = Some(pair);
                }
            }
        }
        let mut split: Vec<u32> = reached
            .iter()
            .enumerate()
            .filter(|(_, reached)| **reached == SEVERAL)
            .map(|(target, _)| core[first_target + target])
            .collect();
        split.sort_unstable();
        for neurons in split.chunk_by(|a, b| a == b) {
            let core = neurons[0];
            flags.push(SplitShift {
                projection: projection.name.clone(),
                exponent: *exponent,
                core,
                source_cores: pairs.iter().filter(|(target, _)| *target == core).count() as u32,
                neurons: neurons.len() as u32,
            });
        }
    }
    flags
}
