//! Counts what every part uses of every budget, and the traffic between the parts.

use rheobase_net::ValidNetwork;

use super::Mapping;
use super::fault::MappingFault;
use super::nodes::Nodes;
use crate::chip::{Chip, Mesh, Usage};

/// What travels in the time that the activity counts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct TrafficCount {
    /// Packets from core to core: spikes of neurons × destination cores other than their own.
    pub packets: u64,
    /// Packets that come in from spike sources: their spikes × destination cores.
    pub packets_in: u64,
    /// Σ spikes × (λ − 1), where λ are the cores that hold a source or one of its targets: what partitioners
    /// call km1. The first core of a spike source is free.
    pub km1: u64,
    /// Steps from tile to tile of all packets between cores.
    pub hops: u64,
    /// Energy of these steps \[pJ\].
    pub hop_energy: f64,
}

/// What was counted.
#[derive(Debug)]
pub(super) struct Count {
    /// By part.
    pub usage: Vec<Usage>,
    /// Synapses that end at a neuron; `[n_neurons]`.
    pub fan_in: Vec<u32>,
    pub traffic: TrafficCount,
}

/// Counts everything, source by source. What the mapping names has to be there.
pub(super) fn recount(mapping: &Mapping<'_, '_>, chip: &Chip, nodes: &Nodes) -> Count {
    let Mapping { network, layout, activity, dt: _, mesh, partition, placement } = *mapping;
    let n_parts = partition.n_parts as usize;
    let mut count = Count {
        usage: vec![Usage::default(); n_parts],
        fan_in: vec![0; nodes.n_neurons as usize],
        traffic: TrafficCount::default(),
    };
    let mut configs: Vec<(u32, u32)> =
        partition.part.iter().copied().zip(layout.config.iter().copied()).collect();
    configs.sort_unstable();
    configs.dedup();
    for (part, _) in configs {
        count.usage[part as usize].neuron_configs += 1;
    }
    for part in &partition.part {
        count.usage[*part as usize].compartments += 1;
    }
    let places: Vec<Place> = placement.core.iter().map(|core| Place::of(mesh, *core)).collect();
    // Synapses of the source at hand by part, and the parts that have any.
    let mut here = vec![0_u64; n_parts];
    let mut reached: Vec<usize> = Vec::new();
    for (idx, population) in network.populations().iter().enumerate() {
        let outgoing: Vec<_> = network
            .projections()
            .iter()
            .zip(&layout.synapse_bits)
            .filter(|(projection, _)| projection.source.idx() == idx)
            .collect();
        for source in 0..population.size {
            let mut bits = 0;
            for (projection, width) in &outgoing {
                let synapses = &projection.synapses;
                let row = &synapses.target[synapses.row(source as usize)];
                if !row.is_empty() {
                    bits = bits.max(**width);
                }
                for target in row {
                    let neuron = (nodes.first[projection.target.idx()] + target) as usize;
                    count.fan_in[neuron] += 1;
                    let part = partition.part[neuron] as usize;
                    if here[part] == 0 {
                        reached.push(part);
                    }
                    here[part] += 1;
                }
            }
            let number = nodes.first[idx] + source;
            let home = population.model.is_neuron().then(|| partition.part[number as usize] as usize);
            let spikes = u64::from(activity.0[number as usize]);
            if home.is_none() {
                count.traffic.packets_in += spikes * reached.len() as u64;
                count.traffic.km1 += spikes * (reached.len() as u64).saturating_sub(1);
            }
            for part in reached.drain(..) {
                let usage = &mut count.usage[part];
                usage.input_axons += 1;
                usage.synapse_words += words(here[part], u64::from(bits), chip);
                here[part] = 0;
                let Some(home) = home else { continue };
                count.usage[home].output_axons += 1;
                if part != home {
                    let way = places[home].way(&places[part]);
                    count.traffic.packets += spikes;
                    count.traffic.km1 += spikes;
                    count.traffic.hops += spikes * way.iter().flatten().sum::<u64>();
                    count.traffic.hop_energy += spikes as f64 * energy(way, mesh);
                }
            }
        }
    }
    count
}

/// The words of a source's `n` synapses in one core, block by block.
fn words(mut n: u64, bits: u64, chip: &Chip) -> u64 {
    let memory = chip.synapse().memory;
    let mut words = 0;
    while n > 0 {
        let block = n.min(u64::from(memory.block));
        words += (u64::from(memory.header) + block * bits).div_ceil(u64::from(memory.word));
        n -= block;
    }
    words
}

/// Where a core is: its chip on the board and its tile on the board, along x and y.
#[derive(Debug, Clone, Copy)]
struct Place {
    chip: [u32; 2],
    tile: [u32; 2],
}

impl Place {
    /// Cores are numbered chip by chip, in a chip tile by tile, in a tile one after the other, x fastest.
    fn of(mesh: &Mesh, core: u32) -> Self {
        let [width, height] = mesh.tiles;
        let tile = core / mesh.cores_per_tile;
        let (chip, tile) = (tile / (width * height), tile % (width * height));
        let chip = [chip % mesh.chips[0], chip / mesh.chips[0]];
        Self { chip, tile: [chip[0] * width + tile % width, chip[1] * height + tile / width] }
    }

    /// The steps of the way to another core, along x and y: inside of chips, and over their borders.
    fn way(&self, to: &Self) -> [[u64; 2]; 2] {
        [0, 1].map(|axis| {
            let borders = u64::from(self.chip[axis].abs_diff(to.chip[axis]));
            [u64::from(self.tile[axis].abs_diff(to.tile[axis])) - borders, borders]
        })
    }
}

/// Energy of a way \[pJ\].
fn energy(way: [[u64; 2]; 2], mesh: &Mesh) -> f64 {
    let along =
        |axis: usize| way[axis][0] as f64 * mesh.hop[axis] + way[axis][1] as f64 * mesh.chip_hop[axis];
    along(0) + along(1)
}

/// Neurons at which more synapses end than the chip lets.
pub(super) fn fan_in_faults(
    network: &ValidNetwork,
    chip: &Chip,
    nodes: &Nodes,
    fan_in: &[u32],
    faults: &mut Vec<MappingFault>,
) {
    let Some(limit) = chip.core().fan_in else { return };
    for (population, first) in network.populations().iter().zip(&nodes.first) {
        if !population.model.is_neuron() {
            continue;
        }
        let ends = &fan_in[*first as usize..(*first + population.size) as usize];
        let mut beyond = ends.iter().enumerate().filter(|(_, used)| **used > limit);
        if let Some((neuron, used)) = beyond.next() {
            faults.push(MappingFault::FanIn {
                population: population.name.clone(),
                neuron: neuron as u32,
                used: *used,
                limit,
                others: beyond.count(),
            });
        }
    }
}
