//! Whether a mapping is one: lists of the right lengths, every neuron on a core, numbers that the chip knows.

use rheobase_net::{Delays, Model, Projection};

use super::Mapping;
use super::fault::MappingFault;
use super::nodes::Nodes;
use crate::chip::{Chip, SynapseFormat};

/// Finds all that is wrong, and says whether budgets can be counted in spite of it.
pub(super) fn check(
    mapping: &Mapping<'_>,
    chip: &Chip,
    nodes: &Nodes,
    faults: &mut Vec<MappingFault>,
) -> bool {
    let Mapping { network, layout, activity, dt, mesh, partition: _, placement: _ } = *mapping;
    let mut countable = true;
    for population in network.populations() {
        let problem = match &population.model {
            Model::Lif(_) | Model::Izhikevich(_) | Model::SpikeSource(_) => continue,
            Model::Ltc(_) => "a group with liquid time constants",
            Model::CurrentSource(_) => "a source of currents",
        };
        faults.push(MappingFault::NotMappable { population: population.name.clone(), problem });
        countable = false;
    }
    let lists = [
        (
            "layout",
            "widths of synapses",
            layout.synapse_bits.len(),
            network.projections().len(),
            "projections",
        ),
        ("layout", "neuron configurations", layout.config.len(), nodes.n_neurons as usize, "neurons"),
        ("activity", "counts of spikes", activity.0.len(), nodes.n_nodes as usize, "neurons and sources"),
    ];
    for (who, what, len, expected, of) in lists {
        if len != expected {
            faults.push(MappingFault::Length { who, what, len, expected, of });
            countable = false;
        }
    }
    let (tiles, hops) = (chip.chip_mesh(), chip.hops());
    let same_tiles = mesh.tiles == tiles.tiles && mesh.cores_per_tile == tiles.cores_per_tile;
    let same_costs = mesh.hop == [hops.x.energy, hops.y.energy]
        && mesh.chip_hop == [hops.chip_x.energy, hops.chip_y.energy];
    if !(same_tiles && same_costs) {
        faults.push(MappingFault::OtherMesh { chip: chip.name().to_owned() });
        countable = false;
    }
    let is_step = dt.is_finite() && dt > 0.0;
    if !is_step {
        faults.push(MappingFault::Step { dt });
    }
    if is_step && layout.synapse_bits.len() == network.projections().len() {
        for (projection, bits) in network.projections().iter().zip(&layout.synapse_bits) {
            check_synapses(projection, *bits, dt, chip, faults);
        }
    }
    countable & check_parts(mapping, nodes, faults) & check_cores(mapping, chip, faults)
}

/// Every neuron has a part, and every part a neuron.
fn check_parts(mapping: &Mapping<'_>, nodes: &Nodes, faults: &mut Vec<MappingFault>) -> bool {
    let (part, n_parts) = (&mapping.partition.part, mapping.partition.n_parts);
    let expected = nodes.n_neurons as usize;
    if part.len() != expected {
        let len = part.len();
        faults.push(MappingFault::Length { who: "partition", what: "parts", len, expected, of: "neurons" });
        return false;
    }
    let mut beyond = part.iter().enumerate().filter(|(_, part)| **part >= n_parts);
    if let Some((neuron, part)) = beyond.next() {
        let (population, neuron) = nodes.name(mapping.network, neuron as u32);
        let population = population.to_owned();
        let (part, others) = (*part, beyond.count());
        faults.push(MappingFault::NoSuchPart { population, neuron, part, n_parts, others });
        return false;
    }
    // No list of parts is made that is longer than that of neurons.
    let mut used = part.clone();
    used.sort_unstable();
    used.dedup();
    if used.len() < n_parts as usize {
        let first = used.iter().zip(0..).find(|(part, i)| **part != *i).map_or(used.len() as u32, |(_, i)| i);
        faults.push(MappingFault::EmptyPart { part: first, others: n_parts as usize - used.len() - 1 });
        return false;
    }
    true
}

/// Every part is on a core of the board, and no core holds two.
fn check_cores(mapping: &Mapping<'_>, chip: &Chip, faults: &mut Vec<MappingFault>) -> bool {
    let (core, n_parts) = (&mapping.placement.core, mapping.partition.n_parts);
    if core.len() != n_parts as usize {
        let (len, expected) = (core.len(), n_parts as usize);
        faults.push(MappingFault::Length { who: "placement", what: "cores", len, expected, of: "parts" });
        return false;
    }
    let n_cores = mapping.mesh.chips.iter().fold(1_u64, |n, chips| n.saturating_mul(u64::from(*chips)));
    let n_cores = n_cores.saturating_mul(u64::from(chip.chip_mesh().n_cores()));
    let n_faults = faults.len();
    for (part, core) in core.iter().enumerate().filter(|(_, core)| u64::from(**core) >= n_cores) {
        faults.push(MappingFault::NoSuchCore { part: part as u32, core: *core, n_cores });
    }
    let mut by_core: Vec<(u32, u32)> = core.iter().copied().zip(0..).collect();
    by_core.sort_unstable();
    for pair in by_core.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
        faults.push(MappingFault::SharedCore { core: pair[0].0, parts: [pair[0].1, pair[1].1] });
    }
    faults.len() == n_faults
}

/// The width of a projection's synapses is one that the chip knows, and its delays fit.
fn check_synapses(projection: &Projection, bits: u16, dt: f64, chip: &Chip, faults: &mut Vec<MappingFault>) {
    if projection.synapses.is_empty() {
        return;
    }
    let format = chip.synapse();
    let steps = most_steps(&projection.synapses.delay, dt);
    let too_long = steps > f64::from(format.delay_steps);
    if too_long {
        faults.push(MappingFault::Delay {
            projection: projection.name.clone(),
            delay: (steps + 1.0) * dt,
            limit: (f64::from(format.delay_steps) + 1.0) * dt,
            steps: format.delay_steps,
        });
    }
    // A delay that has no width says nothing of that of its synapse.
    let needed = if too_long { 0 } else { delay_bits(steps, format) };
    let rest = u32::from(bits).checked_sub(format.index_bits);
    let fits = |weight: &u32| {
        rest.and_then(|rest| rest.checked_sub(*weight))
            .is_some_and(|d| (needed..=format.delay_bits).contains(&d))
    };
    if !format.weight_bits.iter().any(fits) {
        let weights: Vec<String> = format.weight_bits.iter().map(u32::to_string).collect();
        faults.push(MappingFault::Width {
            projection: projection.name.clone(),
            bits,
            weights: weights.join(", "),
            index: format.index_bits,
            delay: [needed, format.delay_bits],
        });
    }
}

/// The greatest delay beyond the first step, in steps; a delay in the middle of two is the shorter one.
fn most_steps(delays: &Delays, dt: f64) -> f64 {
    let longest = match delays {
        Delays::Shared(delay) => *delay,
        Delays::Ticks { tick, n } => f64::from(n.iter().copied().max().unwrap_or(0)) * tick,
        Delays::F64(delays) => delays.iter().copied().fold(0.0, f64::max),
    };
    // A hair more than a half, since a half of a step is seldom a binary number.
    ((longest / dt - 0.500_001).ceil() - 1.0).max(0.0)
}

/// The bits that so many steps take at least.
fn delay_bits(steps: f64, format: &SynapseFormat) -> u32 {
    let mut bits = 0;
    while bits < format.delay_bits && f64::from(1_u32 << bits) <= steps {
        bits += 1;
    }
    bits
}
