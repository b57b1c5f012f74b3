//! The same netlist over other cores.

use std::collections::{BTreeMap, HashMap};

use super::{Block, Core, Group, InputAxons, Netlist, OutputAxons, Population, ValidNetlist};

/// The netlist with every neuron on the core that `core_of` says, which is told its population and its number
/// there. Groups and blocks are cut where their neurons part; none are joined, and nobody has placed the new cores.
///
/// Where no weight exponent is below 0 the result does the same as before, spike for spike: a way to see that.
pub fn split(netlist: &ValidNetlist, mut core_of: impl FnMut(u32, u32) -> u32) -> Netlist {
    let mut cores: BTreeMap<u32, NewCore> = BTreeMap::new();
    // The new home of every neuron: its core, its group there and its compartment in it.
    let mut homes: HashMap<(u32, u32), [u32; 3]> = HashMap::new();
    for core in &netlist.cores {
        for group in &core.groups {
            let mut members: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for (compartment, neuron) in group.neurons.iter().enumerate() {
                members.entry(core_of(group.population, *neuron)).or_default().push(compartment);
            }
            for (number, compartments) in members {
                let home = cores.entry(number).or_default();
                let neurons: Vec<u32> = compartments.iter().map(|i| group.neurons[*i]).collect();
                for (compartment, neuron) in (0..).zip(&neurons) {
                    let here = [number, home.groups.len() as u32, compartment];
                    homes.insert((group.population, *neuron), here);
                }
                let model = group.model.select(&compartments);
                home.groups.push(Group { population: group.population, neurons, model });
            }
        }
    }
    for core in &netlist.cores {
        for block in &core.blocks {
            for (key, synapses) in parts(core, block, &homes) {
                let target = cores.get_mut(&key.core).expect("its neurons are there");
                target.blocks.push((key.group, synapses, block));
            }
        }
    }
    finish(netlist, cores)
}

/// A core in the making.
#[derive(Default)]
struct NewCore<'a> {
    groups: Vec<Group>,
    /// Blocks by group, their synapses, and what they are parts of.
    blocks: Vec<(u32, Vec<Synapse>, &'a Block)>,
}

/// A synapse with its sender: population and node there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Synapse {
    sender: (u32, u32),
    delay: u8,
    target: u32,
    weight: i32,
}

/// What a block is cut by: where its synapses end, and on which core they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    core: u32,
    group: u32,
    from: Option<u32>,
}

fn parts(core: &Core, block: &Block, homes: &HashMap<(u32, u32), [u32; 3]>) -> BTreeMap<Part, Vec<Synapse>> {
    let mut parts: BTreeMap<Part, Vec<Synapse>> = BTreeMap::new();
    let group = &core.groups[block.group as usize];
    for (row, axon) in block.axon.iter().enumerate() {
        let sender = (core.input_axons.population[*axon as usize], core.input_axons.node[*axon as usize]);
        let from = homes.get(&sender).map(|[core, ..]| *core);
        for i in block.row(row) {
            let neuron = group.neurons[block.target[i] as usize];
            let [core, group, target] = homes[&(group.population, neuron)];
            let synapse = Synapse { sender, delay: block.delay[i], target, weight: block.weight[i] };
            parts.entry(Part { core, group, from }).or_default().push(synapse);
        }
    }
    parts
}

/// Gives out axons, and makes the netlist.
fn finish(netlist: &ValidNetlist, cores: BTreeMap<u32, NewCore<'_>>) -> Netlist {
    let mut ends: BTreeMap<(u32, u32), Vec<(u32, u32)>> = BTreeMap::new();
    let mut made: Vec<Core> = Vec::with_capacity(cores.len());
    for (number, NewCore { groups, blocks }) in cores {
        let mut senders: Vec<(u32, u32)> = blocks
            .iter()
            .flat_map(|(_, synapses, _)| synapses.iter().map(|synapse| synapse.sender))
            .collect();
        senders.sort_unstable();
        senders.dedup();
        for (axon, sender) in (0..).zip(&senders) {
            ends.entry(*sender).or_default().push((number, axon));
        }
        let blocks = blocks.into_iter().map(|(group, synapses, old)| rebuilt(group, synapses, old, &senders));
        let (population, node) = senders.iter().copied().unzip();
        made.push(Core {
            core: number,
            groups,
            input_axons: InputAxons { population, node },
            blocks: blocks.collect(),
            output_axons: OutputAxons::default(),
        });
    }
    let axons_of = |senders: &mut dyn Iterator<Item = (u32, u32)>| -> OutputAxons {
        senders.map(|sender| ends.get(&sender).map_or(&[][..], Vec::as_slice)).collect()
    };
    for core in &mut made {
        let groups = &core.groups;
        let mut senders =
            groups.iter().flat_map(|group| group.neurons.iter().map(|neuron| (group.population, *neuron)));
        core.output_axons = axons_of(&mut senders);
    }
    let populations = (0..).zip(&netlist.populations).map(|(p, population)| {
        let Population { name, size, source } = population;
        let source = source.as_ref().map(|_| axons_of(&mut (0..*size).map(|node| (p, node))));
        Population { name: name.clone(), size: *size, source }
    });
    Netlist { origin: netlist.origin.clone(), chip: None, populations: populations.collect(), cores: made }
}

/// A part of a block, as rows of the axons of its senders.
fn rebuilt(group: u32, mut synapses: Vec<Synapse>, old: &Block, senders: &[(u32, u32)]) -> Block {
    synapses.sort_unstable();
    let mut block = Block {
        projection: old.projection.clone(),
        group,
        port: old.port,
        link: old.link,
        axon: Vec::new(),
        first: vec![0],
        target: synapses.iter().map(|synapse| synapse.target).collect(),
        weight: synapses.iter().map(|synapse| synapse.weight).collect(),
        delay: synapses.iter().map(|synapse| synapse.delay).collect(),
    };
    let mut end = 0;
    for row in synapses.chunk_by(|a, b| a.sender == b.sender) {
        let axon = senders.binary_search(&row[0].sender).expect("it was made of all senders");
        end += row.len() as u32;
        block.axon.push(axon as u32);
        block.first.push(end);
    }
    block
}
