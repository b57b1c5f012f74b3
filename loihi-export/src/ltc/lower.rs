//! From a mapped liquid network to a netlist.

use std::collections::BTreeMap;

use rheobase_mapping::liquid::{
    CheckedLiquid, LiquidFormat, LiquidSynapse, LiquidUnit, QuantizedLiquid, SourceNode,
};

use super::Timing;
use crate::netlist::{
    Block, Core, Group, InputAxons, Link, LtcUnits, Model, Netlist, Origin, OutputAxons, Place, Population,
    Sign, ValidNetlist, validate,
};

/// The populations of such a netlist, in its order.
const POPULATIONS: [&str; 3] = ["units", "answers", "inputs"];
const UNITS: u32 = 0;
const ANSWERS: u32 = 1;
const INPUTS: u32 = 2;
/// Messages are 32-bit numbers.
const MESSAGE_BITS: u8 = 32;

/// Says a mapped liquid network as a netlist of three populations: `units` with the model
/// [`Ltc`](Model::Ltc), `answers` with the model [`Sigma`](Model::Sigma), and the source `inputs`, whose messages
/// are changes ([`DeltaEncoder`](super::DeltaEncoder)). `chip_file` is the text that the chip was read from.
///
/// # Panics
/// Never: what it takes is checked.
pub fn lower_liquid(mapping: &CheckedLiquid<'_>, chip_file: &str) -> ValidNetlist {
    let liquid = mapping.liquid();
    let nodes = Nodes { liquid, core: mapping.core_of_neuron() };
    let mut cores: BTreeMap<u32, Core> = mapping.usage().keys().map(|core| (*core, empty(*core))).collect();
    for core in cores.values_mut() {
        put_units(core, &nodes);
        put_answers(core, &nodes);
        number_axons(core);
    }
    let mut routes: BTreeMap<(u32, u32), Vec<(u32, u32)>> = BTreeMap::new();
    for core in cores.values() {
        let InputAxons { population, node } = &core.input_axons;
        for (source, axon) in population.iter().copied().zip(node.iter().copied()).zip(0..) {
            routes.entry(source).or_default().push((core.core, axon));
        }
    }
    for core in cores.values_mut() {
        let senders =
            core.groups.iter().flat_map(|group| group.neurons.iter().map(|node| (group.population, *node)));
        core.output_axons = output_axons(senders, &routes);
    }
    let [units, answers, inputs] = POPULATIONS.map(str::to_owned);
    let source = output_axons((0..liquid.n_inputs).map(|input| (INPUTS, input)), &routes);
    let populations = vec![
        Population { name: units, size: liquid.n_units(), source: None },
        Population { name: answers, size: liquid.n_answers(), source: None },
        Population { name: inputs, size: liquid.n_inputs, source: Some(source) },
    ];
    let netlist = Netlist {
        origin: Origin {
            made_with: rheobase_net::VERSION.to_owned(),
            made_from: format!("a liquid time-constant network mapped onto {}", mapping.chip().name()),
            network: String::new(),
            dt: liquid.dt,
        },
        chip: Some(Place {
            name: mapping.chip().name().to_owned(),
            file: chip_file.to_owned(),
            chips: mapping.mesh().chips,
        }),
        populations,
        cores: cores.into_values().collect(),
    };
    validate(netlist).expect("a checked mapping has a core for every unit, and quantized numbers fit")
}

fn empty(core: u32) -> Core {
    Core {
        core,
        groups: Vec::new(),
        input_axons: InputAxons::default(),
        blocks: Vec::new(),
        output_axons: OutputAxons::default(),
    }
}

/// Where units and answers are.
struct Nodes<'a> {
    liquid: &'a QuantizedLiquid,
    core: &'a [u32],
}

impl Nodes<'_> {
    fn units_of(&self, core: u32) -> Vec<u32> {
        (0..self.liquid.n_units()).filter(|unit| self.core[*unit as usize] == core).collect()
    }

    fn answers_of(&self, core: u32) -> Vec<u32> {
        let first = self.liquid.units.len();
        (0..self.liquid.n_answers()).filter(|answer| self.core[first + *answer as usize] == core).collect()
    }

    /// The core that messages of a unit come from; none for inputs.
    fn from(&self, source: SourceNode) -> Option<u32> {
        match source {
            SourceNode::Unit(unit) => Some(self.core[unit as usize]),
            SourceNode::Input(_) => None,
        }
    }
}

/// A synapse on its way into a block: source, the core that it is on, target, weight.
struct Entry {
    source: SourceNode,
    from: Option<u32>,
    target: u32,
    weight: i32,
}

/// The units of a core, and the synapses that end at them.
fn put_units(core: &mut Core, nodes: &Nodes<'_>) {
    let neurons = nodes.units_of(core.core);
    if neurons.is_empty() {
        return;
    }
    let LiquidFormat { table, sigmoid_bits, z_bits, slope_shift, threshold, .. } = &nodes.liquid.format;
    let mut model = LtcUnits {
        table: table.clone(),
        sigmoid_bits: *sigmoid_bits,
        z_bits: *z_bits,
        slope_shift: *slope_shift,
        threshold: *threshold,
        start: Timing::START,
        ..LtcUnits::default()
    };
    let mut entries = Vec::new();
    for (unit, target) in neurons.iter().zip(0..) {
        let LiquidUnit { cm, gleak, vleak, synapses } = &nodes.liquid.units[*unit as usize];
        model.cm.push(*cm);
        model.gleak.push(*gleak);
        model.vleak.push(*vleak);
        for LiquidSynapse { source, w, slope, mu, erev } in synapses {
            let weight = model.w.len() as i32;
            entries.push(Entry { source: *source, from: nodes.from(*source), target, weight });
            model.w.push(*w);
            model.slope.push(*slope);
            model.mu.push(*mu);
            model.erev.push(*erev);
        }
    }
    core.groups.push(Group { population: UNITS, neurons, model: Model::Ltc(model) });
    put_blocks(core, entries, "synapses", Link::Ltc);
}

/// The answers of a core, and their weights.
fn put_answers(core: &mut Core, nodes: &Nodes<'_>) {
    let neurons = nodes.answers_of(core.core);
    if neurons.is_empty() {
        return;
    }
    let head = &nodes.liquid.head;
    let n_answers = nodes.liquid.n_answers() as usize;
    let mut entries = Vec::new();
    for (unit, weights) in (0..head.n_outputs).zip(head.weights.chunks_exact(n_answers)) {
        let source = SourceNode::Unit(unit);
        for (answer, target) in neurons.iter().zip(0..) {
            let weight = weights[*answer as usize];
            if weight != 0 {
                entries.push(Entry { source, from: nodes.from(source), target, weight });
            }
        }
    }
    core.groups.push(Group { population: ANSWERS, neurons, model: Model::Sigma });
    let link = Link::Weights {
        weight_exp: 0,
        weight_bits: head.weight_bits,
        sign: Sign::Mixed,
        message_bits: MESSAGE_BITS,
    };
    put_blocks(core, entries, "head", link);
}

/// Puts a block for every core that messages come from. Their axons are nodes until they are numbered: units, and
/// after them inputs.
fn put_blocks(core: &mut Core, mut entries: Vec<Entry>, projection: &str, link: Link) {
    let group = core.groups.len() as u32 - 1;
    entries.sort_by_key(|entry| (entry.from, entry.source, entry.target));
    for entries in entries.chunk_by(|a, b| a.from == b.from) {
        let mut block = Block {
            projection: projection.to_owned(),
            group,
            port: 0,
            link,
            axon: Vec::new(),
            first: vec![0],
            target: entries.iter().map(|entry| entry.target).collect(),
            weight: entries.iter().map(|entry| entry.weight).collect(),
            delay: vec![0; entries.len()],
        };
        for row in entries.chunk_by(|a, b| a.source == b.source) {
            block.axon.push(code(row[0].source));
            block.first.push(block.first[block.first.len() - 1] + row.len() as u32);
        }
        core.blocks.push(block);
    }
}

/// Inputs are counted from here while axons have no numbers; there are fewer units and inputs than that.
const FIRST_INPUT: u32 = 1 << 31;

fn code(source: SourceNode) -> u32 {
    match source {
        SourceNode::Unit(unit) => unit,
        SourceNode::Input(input) => FIRST_INPUT + input,
    }
}

/// Numbers the input axons of a core: its sources, units first.
fn number_axons(core: &mut Core) {
    let mut sources: Vec<u32> = core.blocks.iter().flat_map(|block| block.axon.iter().copied()).collect();
    sources.sort_unstable();
    sources.dedup();
    for axon in core.blocks.iter_mut().flat_map(|block| &mut block.axon) {
        *axon = sources.binary_search(axon).expect("it is one of them") as u32;
    }
    for source in sources {
        let (population, node) =
            if source < FIRST_INPUT { (UNITS, source) } else { (INPUTS, source - FIRST_INPUT) };
        core.input_axons.population.push(population);
        core.input_axons.node.push(node);
    }
}

fn output_axons(
    senders: impl Iterator<Item = (u32, u32)>,
    routes: &BTreeMap<(u32, u32), Vec<(u32, u32)>>,
) -> OutputAxons {
    senders.map(|sender| routes.get(&sender).map_or(&[][..], Vec::as_slice)).collect()
}
