//! In what a file contradicts its chip or itself.

use std::collections::HashSet;

use rheobase_net::Fingerprint;

use super::error::MappingFileFault;
use super::{Core, MappingFile, TrafficTotals};
use crate::chip::{Budget, Chip};

/// The most cores of a board, as chips have it.
const MOST_CORES: u64 = 1 << 24;

/// Everything that is wrong.
pub(super) fn of(file: &MappingFile) -> Vec<MappingFileFault> {
    let MappingFile {
        format: _,
        version: _,
        made_with: _,
        network,
        chip,
        chip_file,
        made,
        chips,
        populations,
        cores,
        traffic,
        sent,
    } = file;
    let mut faults = Vec::new();
    if network.parse::<Fingerprint>().is_err() {
        faults.push(MappingFileFault::Fingerprint);
    }
    let mut range = |ok: bool, name, value, must| {
        if !ok {
            faults.push(MappingFileFault::Range { name, value, must });
        }
    };
    range(made.dt_ms > 0.0, "made.dt_ms", made.dt_ms, "above 0");
    range(made.effort > 0.0, "made.effort", made.effort, "above 0");
    range(traffic.hop_energy_pj >= 0.0, "traffic.hop_energy_pj", traffic.hop_energy_pj, "0 or more");
    let n_neurons: usize = populations.iter().map(|population| population.core.len()).sum();
    range(u32::try_from(n_neurons).is_ok(), "populations", n_neurons as f64, "of fewer than 2^32 neurons");
    let mut names = HashSet::new();
    for population in populations {
        if !names.insert(population.name.as_str()) {
            faults.push(MappingFileFault::Twice { population: population.name.clone() });
        }
    }
    let order =
        |(place, pair): (usize, &[Core])| (pair[0].core >= pair[1].core).then_some((place + 1, pair[1].core));
    let unordered: Vec<(usize, u32)> = cores.windows(2).enumerate().filter_map(order).collect();
    faults
        .extend(unordered.iter().map(|(place, core)| MappingFileFault::Order { place: *place, core: *core }));
    match Chip::from_toml(chip_file) {
        Err(error) => faults.push(MappingFileFault::Chip(error)),
        Ok(found) => {
            if found.name() != chip {
                let (named, found) = (chip.clone(), found.name().to_owned());
                faults.push(MappingFileFault::ChipName { named, found });
            }
            on_chip(&found, *chips, cores, &mut faults);
            countable(&found, *chips, cores, traffic, &mut faults);
        }
    }
    // The rest looks cores up.
    if unordered.is_empty() {
        neurons(file, &mut faults);
        if let Some(sent) = sent {
            packets(sent, cores, traffic.packets, &mut faults);
        }
    }
    faults
}

/// Cores that the board does not have, and budgets that the chip does not have.
fn on_chip(chip: &Chip, chips: [u32; 2], cores: &[Core], faults: &mut Vec<MappingFileFault>) {
    let [x, y] = chips.map(u64::from);
    let n_cores = x.saturating_mul(y).saturating_mul(u64::from(chip.chip_mesh().n_cores()));
    if !(1..=MOST_CORES).contains(&n_cores) {
        let must = "of a board of 1 to 2^24 cores";
        faults.push(MappingFileFault::Range { name: "chips", value: (x.saturating_mul(y)) as f64, must });
    }
    for core in cores {
        if u64::from(core.core) >= n_cores {
            faults.push(MappingFileFault::NoSuchCore { core: core.core, n_cores });
        }
        for budget in Budget::ALL {
            let used = core.usage().of(budget);
            if let Some(limit) = chip.limit(budget).filter(|limit| used > *limit) {
                faults.push(MappingFileFault::OverBudget { core: core.core, budget, used, limit });
            }
        }
    }
}

/// Packets of which sums and hops are no whole numbers of 64 bits any more.
fn countable(
    chip: &Chip,
    chips: [u32; 2],
    cores: &[Core],
    traffic: &TrafficTotals,
    faults: &mut Vec<MappingFileFault>,
) {
    let tiles = chip.chip_mesh().tiles;
    let span: u128 = (0..2).map(|axis| u128::from(chips[axis]) * u128::from(tiles[axis])).sum();
    let TrafficTotals { packets, packets_from_outside: _, hops: _, hop_energy_pj: _ } = *traffic;
    let mut range = |ok: bool, name, value: u64, must| {
        if !ok {
            faults.push(MappingFileFault::Range { name, value: value as f64, must });
        }
    };
    let few = u128::from(packets) * span.max(2) <= u128::from(u64::MAX);
    range(few, "traffic.packets", packets, "so few that their hops can be counted");
    for core in cores {
        let must = "at most traffic.packets";
        range(core.packets_out <= packets, "cores.packets_out", core.packets_out, must);
        range(core.packets_in <= packets, "cores.packets_in", core.packets_in, must);
    }
}

/// Neurons on cores that are not listed, and cores that do not count their neurons.
fn neurons(file: &MappingFile, faults: &mut Vec<MappingFileFault>) {
    let place = |core: u32| file.cores.binary_search_by_key(&core, |of| of.core).ok();
    let mut found = vec![0_u64; file.cores.len()];
    for population in &file.populations {
        let mut lost = Vec::new();
        for (neuron, core) in population.core.iter().enumerate() {
            match place(*core) {
                Some(place) => found[place] += 1,
                None => lost.push((neuron, *core)),
            }
        }
        if let Some((neuron, core)) = lost.first() {
            faults.push(MappingFileFault::NotListed {
                population: population.name.clone(),
                neuron: *neuron,
                core: *core,
                others: lost.len() - 1,
            });
        }
    }
    for (core, found) in file.cores.iter().zip(found).filter(|(core, found)| core.compartments != *found) {
        faults.push(MappingFileFault::Count { core: core.core, said: core.compartments, found });
    }
}

/// Packets that no two cores exchange, or that do not add up.
fn packets(sent: &[(u32, u32, u64)], cores: &[Core], said: u64, faults: &mut Vec<MappingFileFault>) {
    let is_used = |core: u32| cores.binary_search_by_key(&core, |of| of.core).is_ok();
    let mut last = None;
    for (place, (from, to, _)) in sent.iter().enumerate() {
        let pair = (*from, *to);
        if from == to || !is_used(*from) || !is_used(*to) || last.is_some_and(|last| last >= pair) {
            faults.push(MappingFileFault::Sent { place, from: *from, to: *to });
        }
        last = Some(pair);
    }
    let found: u128 = sent.iter().map(|(_, _, packets)| u128::from(*packets)).sum();
    if found != u128::from(said) {
        faults.push(MappingFileFault::Packets { found, said });
    }
}
