//! From a checked mapping to a netlist.

use rheobase_mapping::check::CheckedMapping;
use rheobase_mapping::quantize::{QuantizedNetwork, QuantizedProjection, SignMode};
use rheobase_net::{Fingerprint, Projection};

use crate::netlist::{
    Block, Core, Group, InputAxons, Lif, Link, Model, Netlist, Origin, OutputAxons, Place, Population, Sign,
    ValidNetlist, validate,
};

/// The greatest potential of a compartment, and less one the least.
const V_MAX: i32 = (1 << 23) - 1;

/// Says a mapped network as a netlist. `chip_file` is the text that the mapping's chip was read from.
///
/// Compartments of a core are its neurons in network order; input axons are its sources in network order; a
/// projection gives one block for every core that its spikes come from, and one if they come from outside. The
/// cost is `O(synapses log synapses)`, a projection at a time. It cannot fail, because what it takes is checked.
///
/// # Panics
/// If the two are of different networks.
pub fn lower(
    mapping: &CheckedMapping<'_>,
    quantized: &QuantizedNetwork<'_>,
    chip_file: &str,
) -> ValidNetlist {
    assert!(std::ptr::eq(mapping.network(), quantized.network()), "both are of one network");
    let homes = Homes::of(mapping);
    let mut cores = compartments(mapping, quantized, &homes);
    for (projection, numbers) in mapping.network().projections().iter().zip(quantized.projections()) {
        let size = mapping.network().population(projection.source).size;
        blocks(&mut cores, projection, size, numbers, &homes);
    }
    cores.iter_mut().for_each(|core| number_axons(core, &homes));
    let populations = output_axons(&mut cores, mapping, &homes);
    let netlist = Netlist {
        origin: Origin {
            made_with: rheobase_net::VERSION.to_owned(),
            made_from: format!("a network mapped onto {}", mapping.chip().name()),
            network: format!("{:x}", Fingerprint::of(mapping.network())),
            dt: quantized.dt(),
        },
        chip: Some(Place {
            name: mapping.chip().name().to_owned(),
            file: chip_file.to_owned(),
            chips: mapping.mesh().chips,
        }),
        populations,
        cores,
    };
    validate(netlist).expect("a checked mapping has a core for every neuron, and quantized numbers fit")
}

/// Where the nodes of a network are; nodes are counted over its populations in their order.
struct Homes {
    /// The first node of every population.
    first: Vec<u32>,
    /// The core of every node by its place in the list of cores; [`OUTSIDE`] for sources.
    core: Vec<u32>,
    /// The compartment of every node, counted in its group.
    compartment: Vec<u32>,
    /// Which group of its core a node's population is; rows of cores, a number a population.
    group: Vec<u32>,
}

/// The core of sources, which comes before all others.
const OUTSIDE: u32 = u32::MAX;

impl Homes {
    fn of(mapping: &CheckedMapping<'_>) -> Self {
        let populations = mapping.network().populations();
        let n_populations = populations.len();
        let cores = mapping.cores();
        let first: Vec<u32> = populations
            .iter()
            .scan(0, |next, population| {
                let first = *next;
                *next += population.size;
                Some(first)
            })
            .collect();
        let n_nodes = populations.iter().map(|population| population.size as usize).sum();
        let mut homes = Self {
            first,
            core: vec![OUTSIDE; n_nodes],
            compartment: vec![0; n_nodes],
            group: vec![u32::MAX; n_populations * cores.len()],
        };
        let mut filled = vec![0; n_populations * cores.len()];
        let mut n_groups = vec![0; cores.len()];
        let mut core_of_neuron = mapping.core_of_neuron().iter();
        for (p, population) in populations.iter().enumerate().filter(|(_, of)| of.model.is_neuron()) {
            for node in homes.first[p]..homes.first[p] + population.size {
                let core = core_of_neuron.next().expect("every neuron has a core");
                let core = cores.binary_search_by_key(core, |of| of.core).expect("cores in use are listed");
                let at = core * n_populations + p;
                if homes.group[at] == u32::MAX {
                    homes.group[at] = n_groups[core];
                    n_groups[core] += 1;
                }
                homes.core[node as usize] = core as u32;
                homes.compartment[node as usize] = filled[at];
                filled[at] += 1;
            }
        }
        homes
    }

    fn group(&self, core: usize, population: usize) -> u32 {
        self.group[core * self.first.len() + population]
    }
}

/// The cores with their compartments and nothing else.
fn compartments(mapping: &CheckedMapping<'_>, quantized: &QuantizedNetwork<'_>, homes: &Homes) -> Vec<Core> {
    let empty = |core: u32| Core {
        core,
        groups: Vec::new(),
        input_axons: InputAxons::default(),
        blocks: Vec::new(),
        output_axons: OutputAxons::default(),
    };
    let mut cores: Vec<Core> = mapping.cores().iter().map(|of| empty(of.core)).collect();
    let mut numbers = quantized.neurons().iter();
    for (p, population) in mapping.network().populations().iter().enumerate() {
        if !population.model.is_neuron() {
            continue;
        }
        for neuron in 0..population.size {
            let home = homes.core[(homes.first[p] + neuron) as usize] as usize;
            let (core, group) = (&mut cores[home], homes.group(home, p) as usize);
            if group == core.groups.len() {
                let lif = Lif { v_min: -V_MAX, v_max: V_MAX, ..Lif::default() };
                core.groups.push(Group { population: p as u32, neurons: Vec::new(), model: Model::Lif(lif) });
            }
            let Group { population: _, neurons, model } = &mut core.groups[group];
            let Model::Lif(lif) = model else { unreachable!("all quantized neurons are of one model") };
            let of = numbers.next().expect("every neuron is quantized");
            neurons.push(neuron);
            lif.du.push(i32::from(of.current_decay));
            lif.dv.push(i32::from(of.membrane_decay));
            lif.vth.push(of.threshold as i32);
            lif.bias_mant.push(i32::from(of.bias));
            lif.bias_exp.push(i32::from(of.bias_exp));
            lif.refractory.push(i32::from(of.refractory));
            lif.u.push(0);
            lif.v.push(of.v_init);
        }
    }
    cores
}

/// A synapse on its way into a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    /// Core that its spikes come from.
    from: u32,
    node: u32,
    delay: u8,
    target: u32,
    weight: i32,
}

/// Puts the blocks of a projection. Their axons are nodes until they are numbered.
fn blocks(
    cores: &mut [Core],
    projection: &Projection,
    size: u32,
    numbers: &QuantizedProjection,
    homes: &Homes,
) {
    let Projection { name, source, target, receptor: _, synapses, plasticity: _ } = projection;
    let mut of_core: Vec<Vec<Entry>> = vec![Vec::new(); cores.len()];
    for node in 0..size {
        let global = homes.first[source.idx()] + node;
        let from = homes.core[global as usize];
        for i in synapses.row(node as usize) {
            let end = (homes.first[target.idx()] + synapses.target[i]) as usize;
            let (delay, weight) = (numbers.delay(i), i32::from(numbers.weight(i)));
            let entry = Entry { from, node: global, delay, target: homes.compartment[end], weight };
            of_core[homes.core[end] as usize].push(entry);
        }
    }
    let sign = match numbers.sign() {
        SignMode::Excitatory => Sign::Excitatory,
        SignMode::Inhibitory => Sign::Inhibitory,
        SignMode::Mixed => Sign::Mixed,
    };
    let (weight_exp, weight_bits) = (numbers.weight_exp(), numbers.weight_bits());
    for (c, (core, mut entries)) in cores.iter_mut().zip(of_core).enumerate() {
        entries.sort_unstable();
        for entries in entries.chunk_by(|a, b| a.from == b.from) {
            let mut block = Block {
                projection: name.clone(),
                group: homes.group(c, target.idx()),
                port: 0,
                link: Link::Weights { weight_exp, weight_bits, sign, message_bits: 0 },
                axon: Vec::new(),
                first: vec![0],
                target: entries.iter().map(|entry| entry.target).collect(),
                weight: entries.iter().map(|entry| entry.weight).collect(),
                delay: entries.iter().map(|entry| entry.delay).collect(),
            };
            for row in entries.chunk_by(|a, b| a.node == b.node) {
                block.axon.push(row[0].node);
                block.first.push(block.first[block.first.len() - 1] + row.len() as u32);
            }
            core.blocks.push(block);
        }
    }
}

/// Numbers the input axons of a core: its sources, rising.
fn number_axons(core: &mut Core, homes: &Homes) {
    let mut nodes: Vec<u32> = core.blocks.iter().flat_map(|block| block.axon.iter().copied()).collect();
    nodes.sort_unstable();
    nodes.dedup();
    for axon in core.blocks.iter_mut().flat_map(|block| &mut block.axon) {
        *axon = nodes.binary_search(axon).expect("it is one of them") as u32;
    }
    for node in nodes {
        let population = homes.first.partition_point(|first| *first <= node) - 1;
        core.input_axons.population.push(population as u32);
        core.input_axons.node.push(node - homes.first[population]);
    }
}

/// Puts the output axons of all cores, and gives the populations with those of the sources.
fn output_axons(cores: &mut [Core], mapping: &CheckedMapping<'_>, homes: &Homes) -> Vec<Population> {
    let mut routes: Vec<Vec<(u32, u32)>> = vec![Vec::new(); homes.core.len()];
    for core in cores.iter() {
        let InputAxons { population, node } = &core.input_axons;
        for (axon, (population, node)) in (0..).zip(population.iter().zip(node)) {
            routes[(homes.first[*population as usize] + node) as usize].push((core.core, axon));
        }
    }
    let gather = |nodes: &mut dyn Iterator<Item = u32>| -> OutputAxons {
        nodes.map(|node| routes[node as usize].as_slice()).collect()
    };
    for core in cores.iter_mut() {
        let nodes = core.groups.iter().flat_map(|group| {
            let first = homes.first[group.population as usize];
            group.neurons.iter().map(move |neuron| first + neuron)
        });
        core.output_axons = gather(&mut nodes.collect::<Vec<_>>().into_iter());
    }
    let populations = mapping.network().populations().iter().zip(&homes.first);
    let population = |(population, first): (&rheobase_net::Population, &u32)| Population {
        name: population.name.clone(),
        size: population.size,
        source: (!population.model.is_neuron()).then(|| gather(&mut (*first..*first + population.size))),
    };
    populations.map(population).collect()
}
