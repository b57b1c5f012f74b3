//! Layers of a file as a netlist.

use std::collections::BTreeSet;

use super::layer::Layer;
use super::synapse::{self, Stored, Unfit};
use super::{BIAS_EXP, NetxError, NetxFault};
use crate::netlist::{
    Block, Core, Group, InputAxons, Lif, Link, Model, Netlist, Origin, OutputAxons, Population, Sign,
};

/// The name of the source that stands for what is connected to NetX's `inp`.
const INPUT: &str = "input";

/// The netlist of at least one layer; `numbers` are those that they have in the file.
pub fn netlist(layers: &[Layer], numbers: &[usize]) -> Result<Netlist, NetxError> {
    let mut netlist = Netlist {
        origin: Origin {
            made_with: rheobase_net::VERSION.to_owned(),
            made_from: "a NetX file".to_owned(),
            network: String::new(),
            dt: 1.0,
        },
        chip: None,
        populations: vec![Population { name: INPUT.to_owned(), size: layers[0].n_in as u32, source: None }],
        cores: Vec::new(),
    };
    for (core, (number, layer)) in (0..).zip(numbers.iter().zip(layers)) {
        let core = of_layer(core, layer).map_err(|fault| NetxError::Layer { layer: *number, fault })?;
        netlist.populations.push(Population { name: layer.name.clone(), size: layer.n as u32, source: None });
        netlist.cores.push(core);
    }
    route(&mut netlist);
    Ok(netlist)
}

/// The core of a layer, whose number is that of the layer among those with neurons.
fn of_layer(core: u32, layer: &Layer) -> Result<Core, NetxFault> {
    let scaling = synapse::scaling(layer.all_weights()).map_err(|unfit| match unfit {
        Unfit::AllZero => NetxFault::AllZero,
        Unfit::Beyond { entry, weight } => NetxFault::Value {
            dataset: "weight",
            entry,
            value: weight.to_string(),
            min: -256,
            max: 255,
            why: ", or NetX makes zeros of all",
        },
    })?;
    let mut entries = Vec::new();
    let feed = synapse::stored(&layer.weight, scaling);
    of_matrix(&mut entries, core, "weight", &feed, layer.n_in, layer.delay.as_deref());
    if let Some(weight_rec) = &layer.weight_rec {
        let recurrent = synapse::stored(weight_rec, scaling);
        of_matrix(&mut entries, core + 1, "weight_rec", &recurrent, layer.n, None);
    }
    let senders: BTreeSet<(u32, u32)> =
        entries.iter().flat_map(|of| &of.synapses).map(|s| s.sender).collect();
    let senders: Vec<(u32, u32)> = senders.into_iter().collect();
    let (population, node) = senders.iter().copied().unzip();
    let blocks = entries.into_iter().map(|of| of.block(&layer.name, &senders, scaling.scale_bits));
    let lif = Lif {
        du: layer.i_decay.iter().map(|decay| decay - 1).collect(),
        dv: layer.v_decay.clone(),
        vth: layer.threshold.clone(),
        bias_mant: layer.bias.clone(),
        bias_exp: vec![BIAS_EXP; layer.n],
        refractory: vec![1; layer.n],
        u: vec![0; layer.n],
        v: vec![0; layer.n],
        v_min: -(1 << 23) + 1,
        v_max: (1 << 23) - 1,
    };
    let neurons = (0..layer.n as u32).collect();
    Ok(Core {
        core,
        groups: vec![Group { population: core + 1, neurons, model: Model::Lif(lif) }],
        input_axons: InputAxons { population, node },
        blocks: blocks.collect(),
        output_axons: OutputAxons::default(),
    })
}

/// Synapses of one matrix that are stored alike.
struct Entries {
    matrix: &'static str,
    sign: Sign,
    cut: i32,
    synapses: Vec<Synapse>,
}

/// A synapse, before its sender has an axon; ordered as a block's rows are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Synapse {
    sender: (u32, u32),
    delay: u8,
    target: u32,
    weight: i32,
}

/// The synapses of a matrix. Weights of both signs have a ninth bit where none is cut; netlists have 8, so the odd
/// ones are put into blocks of one sign, which changes nothing because sums are not rounded then.
fn of_matrix(
    entries: &mut Vec<Entries>,
    population: u32,
    matrix: &'static str,
    stored: &Stored,
    n_in: usize,
    delay: Option<&[u8]>,
) {
    let parts: &[(Sign, i32)] = match (stored.sign, stored.cut) {
        (Sign::Mixed, ..=0) => &[(Sign::Mixed, 1), (Sign::Excitatory, 0), (Sign::Inhibitory, 0)],
        (sign, cut) => &[(sign, cut)],
    };
    let part_of = |weight: i32| match (parts.len(), weight % 2, weight > 0) {
        (1, _, _) | (_, 0, _) => 0,
        (_, _, true) => 1,
        (_, _, false) => 2,
    };
    let mut synapses = vec![Vec::new(); parts.len()];
    for (i, weight) in stored.weights.iter().enumerate().filter(|(_, weight)| **weight != 0) {
        let (target, node) = ((i / n_in) as u32, (i % n_in) as u32);
        let delay = delay.map_or(0, |delay| delay[i]);
        synapses[part_of(*weight)].push(Synapse {
            sender: (population, node),
            delay,
            target,
            weight: *weight,
        });
    }
    for ((sign, cut), mut synapses) in parts.iter().zip(synapses) {
        if !synapses.is_empty() {
            synapses.sort_unstable();
            entries.push(Entries { matrix, sign: *sign, cut: *cut, synapses });
        }
    }
}

impl Entries {
    fn block(self, layer: &str, senders: &[(u32, u32)], scale_bits: u32) -> Block {
        let Self { matrix, sign, cut, synapses } = self;
        let weight_bits = 8 - cut + i32::from(sign == Sign::Mixed);
        let mut block = Block {
            projection: format!("{layer}/{matrix}"),
            group: 0,
            port: 0,
            link: Link::Weights {
                weight_exp: -(scale_bits as i8),
                weight_bits: weight_bits.clamp(1, 8) as u8,
                sign,
                message_bits: 0,
            },
            axon: Vec::new(),
            first: Vec::new(),
            target: synapses.iter().map(|synapse| synapse.target).collect(),
            weight: synapses.iter().map(|synapse| synapse.weight).collect(),
            delay: synapses.iter().map(|synapse| synapse.delay).collect(),
        };
        for (i, synapse) in synapses.iter().enumerate() {
            let axon =
                senders.binary_search(&synapse.sender).expect("senders are those of the synapses") as u32;
            if block.axon.last() != Some(&axon) {
                block.axon.push(axon);
                block.first.push(i as u32);
            }
        }
        block.first.push(synapses.len() as u32);
        block
    }
}

/// Gives every sender the output axons that its input axons ask for.
fn route(netlist: &mut Netlist) {
    let mut of_node: Vec<Vec<Vec<(u32, u32)>>> =
        netlist.populations.iter().map(|population| vec![Vec::new(); population.size as usize]).collect();
    for core in &netlist.cores {
        let InputAxons { population, node } = &core.input_axons;
        for (axon, (population, node)) in (0..).zip(population.iter().zip(node)) {
            of_node[*population as usize][*node as usize].push((core.core, axon));
        }
    }
    let axons = |of_node: &[Vec<(u32, u32)>]| {
        let mut axons = OutputAxons::default();
        for (core, axon) in
            of_node.iter().map(|routes| routes.iter().copied().unzip::<_, _, Vec<_>, Vec<_>>())
        {
            axons.core.extend(core);
            axons.axon.extend(axon);
            axons.first.push(axons.core.len() as u32);
        }
        axons
    };
    netlist.populations[0].source = Some(axons(&of_node[0]));
    for (core, of_node) in netlist.cores.iter_mut().zip(&of_node[1..]) {
        core.output_axons = axons(of_node);
    }
}
