//! How many cores a network takes whose wiring has no structure to use.
//!
//! If the targets of a source are anywhere on k cores, a core holds one of its d targets with the probability
//! `p = 1 − (1 − 1/k)^d`. So a core has Σ p input axons over all sources, and as many output axons over the
//! neurons, since each of its n/k neurons reaches k·p cores. Both fall with more cores, and so do the other
//! budgets; the smallest k at which a budget suffices in the mean is told. This is what fills neurons into cores
//! in any order, and why unstructured networks take many more cores than their synapses fill.

use std::collections::BTreeMap;

use super::CoreCount;
use super::tally::{Reach, Tally};
use crate::chip::{Budget, Chip, SynapseMemory};

/// Sources that are alike, and how many.
#[derive(Debug)]
struct Class {
    reach: Reach,
    neurons: f64,
    outside: f64,
}

/// The cores by budget, for those that the chip has; none below its bound.
pub(super) fn unstructured(
    tally: &Tally,
    config: &[u32],
    chip: &Chip,
    bounds: &[CoreCount],
) -> Vec<CoreCount> {
    let classes = classes(tally);
    let mut members: BTreeMap<u32, u32> = BTreeMap::new();
    config.iter().for_each(|config| *members.entry(*config).or_default() += 1);
    let n = tally.neurons.len() as u32;
    let mean_use = |budget: Budget, k: u32| -> f64 {
        let p = |targets: u32| -libm::expm1(f64::from(targets) * libm::log1p(-1.0 / f64::from(k)));
        match budget {
            Budget::Compartments => f64::from(n) / f64::from(k),
            Budget::InputAxons => {
                classes.iter().map(|class| (class.neurons + class.outside) * p(class.reach.targets)).sum()
            }
            Budget::OutputAxons => classes.iter().map(|class| class.neurons * p(class.reach.targets)).sum(),
            Budget::SynapseWords => {
                let words = |class: &Class| {
                    let p = p(class.reach.targets);
                    p * mean_words(chip.synapse().memory, class.reach, f64::from(k) * p)
                };
                classes.iter().map(|class| (class.neurons + class.outside) * words(class)).sum()
            }
            Budget::NeuronConfigs => members.values().map(|members| p(*members)).sum(),
        }
    };
    let count = |bound: &CoreCount| {
        let limit = chip.limit(bound.budget)? as f64;
        // The smallest number of cores that suffices, and never more than there are neurons.
        let (mut low, mut high) = (bound.cores, n.max(bound.cores));
        while low < high {
            let middle = low + (high - low) / 2;
            if mean_use(bound.budget, middle) <= limit { high = middle } else { low = middle + 1 }
        }
        Some(CoreCount { budget: bound.budget, cores: low })
    };
    bounds.iter().filter_map(count).collect()
}

/// The words of a source's synapses in a core that has some, if it is on `cores` of them.
fn mean_words(memory: SynapseMemory, reach: Reach, cores: f64) -> f64 {
    let mean = (f64::from(reach.synapses) / cores.max(1e-9)).max(1.0);
    let (low, part) = (mean.floor(), mean.fract());
    let words = |n: f64| memory.words(n as u32, u32::from(reach.bits)) as f64;
    words(low) * (1.0 - part) + words(low + 1.0) * part
}

fn classes(tally: &Tally) -> Vec<Class> {
    let mut classes: BTreeMap<(u32, u32, u16), Class> = BTreeMap::new();
    for (i, reach) in tally.sources.iter().enumerate().filter(|(_, reach)| reach.targets > 0) {
        let class = classes.entry((reach.targets, reach.synapses, reach.bits)).or_insert(Class {
            reach: *reach,
            neurons: 0.0,
            outside: 0.0,
        });
        if i < tally.neurons.len() { class.neurons += 1.0 } else { class.outside += 1.0 }
    }
    classes.into_values().collect()
}
