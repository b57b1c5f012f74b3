//! What can be wrong with a netlist.

use std::collections::HashMap;
use std::fmt;

use super::{Block, Core, FloatLif, Lif, Link, Model, Netlist, OutputAxons, Population};

/// The most faults that are told: one broken list of a large file has millions.
const MOST: usize = 20;
/// The longest delay \[steps\], Lava's.
const MAX_DELAY: u8 = 63;

/// One fault of a netlist: the core, the thing in it, what it has and what it may have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NetlistFault {
    /// A step has no length.
    #[error("a step is {dt} ms, and must be finite and above 0")]
    Step {
        /// Its length \[ms\].
        dt: f64,
    },
    /// Two populations have one name.
    #[error("two populations are called \"{name}\"")]
    SameName {
        /// The name.
        name: String,
    },
    /// There are more nodes than numbers for them.
    #[error("the populations have {nodes} nodes, and there may be {}", u32::MAX)]
    TooManyNodes {
        /// How many there are.
        nodes: u64,
    },
    /// Cores do not rise by number.
    #[error("core {core} comes after core {before}, and cores have to rise")]
    CoreOrder {
        /// The core.
        core: u32,
        /// The one before it.
        before: u32,
    },
    /// A list is not as long as it has to be.
    #[error("{place}: `{list}` has {len} entries and must have {expected}")]
    Length {
        /// Where.
        place: Where,
        /// Which list.
        list: &'static str,
        /// How long it is.
        len: usize,
        /// How long it has to be.
        expected: usize,
    },
    /// A number is outside of what it may be.
    #[error("{place}: `{list}` has {value} at {entry}, and it may be from {min} to {max}")]
    Range {
        /// Where.
        place: Where,
        /// Which list or field.
        list: &'static str,
        /// Which entry, 0 for a field.
        entry: usize,
        /// What it is.
        value: i64,
        /// The least that it may be.
        min: i64,
        /// The greatest.
        max: i64,
    },
    /// A list has to rise, and does not.
    #[error("{place}: `{list}` does not rise at {entry}")]
    Order {
        /// Where.
        place: Where,
        /// Which list.
        list: &'static str,
        /// The entry that is not above the one before it.
        entry: usize,
    },
    /// A number is no number, or infinite.
    #[error("{place}: `{list}` has {value} at {entry}, and must be finite")]
    NotFinite {
        /// Where.
        place: Where,
        /// Which list.
        list: &'static str,
        /// Which entry.
        entry: usize,
        /// What it is.
        value: f64,
    },
    /// Neurons are in a population that is a source.
    #[error("{place}: its neurons are of \"{population}\", which is a source outside of all cores")]
    SourceOnCore {
        /// Where.
        place: Where,
        /// The population.
        population: String,
    },
    /// A neuron is on several cores or on none.
    #[error("neuron {neuron} of \"{population}\" is on {times} cores, and has to be on one")]
    Homes {
        /// The population.
        population: String,
        /// The neuron.
        neuron: u32,
        /// How often it is there.
        times: u32,
    },
    /// An input axon is fed by nobody, by several or by somebody else.
    #[error(
        "core {core}, input axon {axon}: neuron {node} of \"{population}\" sends to it by its own list {times} times, and has to once"
    )]
    Axon {
        /// The core.
        core: u32,
        /// The axon.
        axon: u32,
        /// Who sends to it, as the core says.
        population: String,
        /// Which of its neurons.
        node: u32,
        /// How often that one's list says so.
        times: u32,
    },
    /// An output axon ends where there is nothing.
    #[error("{place}: output axon {entry} goes to axon {axon} of core {core}, which is not there")]
    NoSuchAxon {
        /// Where.
        place: Where,
        /// Which output axon.
        entry: usize,
        /// The core that it goes to.
        core: u32,
        /// The input axon there.
        axon: u32,
    },
    /// A block's synapses are of another kind than the neurons that they end at.
    #[error(
        "{place}: its link is {link}, and it ends at a group of the model \"{model}\": \"ltc\" belongs to \"ltc\""
    )]
    Link {
        /// Where.
        place: Where,
        /// What its synapses are.
        link: &'static str,
        /// What the group is.
        model: &'static str,
    },
    /// The conductances of a unit sum to more than a program can hold.
    #[error("{place}: the conductances of unit {unit} sum to {sum}, and there may be {}", i32::MAX)]
    Conductance {
        /// Where.
        place: Where,
        /// The unit, by its place in the group.
        unit: usize,
        /// Their sum.
        sum: i64,
    },
    /// A block's axons come from several groups.
    #[error("{place}: its axons come from several populations or cores, and a block has one source")]
    MixedSources {
        /// Where.
        place: Where,
    },
}

/// A place in a netlist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// A population.
    Population(String),
    /// A core as a whole.
    Core(u32),
    /// A group of a core.
    Group(u32, usize),
    /// A block of a core.
    Block(u32, usize),
}

impl fmt::Display for Where {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Population(name) => write!(f, "population \"{name}\""),
            Self::Core(core) => write!(f, "core {core}"),
            Self::Group(core, group) => write!(f, "core {core}, group {group}"),
            Self::Block(core, block) => write!(f, "core {core}, block {block}"),
        }
    }
}

/// All faults of a netlist, or the first of very many.
#[derive(Debug, Clone, PartialEq)]
pub struct InvalidNetlist {
    /// The faults; at least one.
    pub faults: Vec<NetlistFault>,
}

impl std::error::Error for InvalidNetlist {}

impl fmt::Display for InvalidNetlist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.faults.as_slice() {
            [fault] => write!(f, "{fault}"),
            faults => {
                write!(f, "the netlist has faults:")?;
                faults.iter().take(MOST).try_for_each(|fault| write!(f, "\n  - {fault}"))?;
                match faults.len().saturating_sub(MOST) {
                    0 => Ok(()),
                    others => write!(f, "\n  (and {others} more)"),
                }
            }
        }
    }
}

/// All faults of a netlist. Lists whose lengths are wrong are not looked into.
pub(super) fn of(netlist: &Netlist) -> Vec<NetlistFault> {
    let mut faults = Faults(Vec::new());
    let dt = netlist.origin.dt;
    if !(dt.is_finite() && dt > 0.0) {
        faults.0.push(NetlistFault::Step { dt });
    }
    let nodes: u64 = netlist.populations.iter().map(|population| u64::from(population.size)).sum();
    if nodes > u64::from(u32::MAX) {
        faults.0.push(NetlistFault::TooManyNodes { nodes });
        return faults.0;
    }
    let mut names: Vec<&str> =
        netlist.populations.iter().map(|population| population.name.as_str()).collect();
    names.sort_unstable();
    for name in names.windows(2).filter(|two| two[0] == two[1]) {
        faults.0.push(NetlistFault::SameName { name: name[0].to_owned() });
    }
    for two in netlist.cores.windows(2).filter(|two| two[0].core >= two[1].core) {
        faults.0.push(NetlistFault::CoreOrder { core: two[1].core, before: two[0].core });
    }
    for population in &netlist.populations {
        if let Some(axons) = &population.source {
            let place = Where::Population(population.name.clone());
            faults.output_axons(&place, axons, population.size as usize);
        }
    }
    for core in &netlist.cores {
        faults.core(core, &netlist.populations);
    }
    // What refers to another list is looked at when all lists are whole.
    if faults.0.is_empty() {
        faults.homes(netlist);
        faults.axons(netlist);
    }
    faults.0
}

/// What was found.
pub(super) struct Faults(pub(super) Vec<NetlistFault>);

impl Faults {
    pub(super) fn length(&mut self, place: &Where, list: &'static str, len: usize, expected: usize) -> bool {
        if len != expected {
            self.0.push(NetlistFault::Length { place: place.clone(), list, len, expected });
        }
        len == expected
    }

    pub(super) fn range(
        &mut self,
        place: &Where,
        list: &'static str,
        values: impl IntoIterator<Item = i64>,
        [min, max]: [i64; 2],
    ) {
        let mut out = values.into_iter().enumerate().filter(|(_, value)| !(min..=max).contains(value));
        if let Some((entry, value)) = out.next() {
            self.0.push(NetlistFault::Range { place: place.clone(), list, entry, value, min, max });
        }
    }

    pub(super) fn column(
        &mut self,
        place: &Where,
        list: &'static str,
        values: &[i32],
        n: usize,
        range: [i64; 2],
    ) {
        self.length(place, list, values.len(), n);
        self.range(place, list, values.iter().map(|value| i64::from(*value)), range);
    }

    fn rises(&mut self, place: &Where, list: &'static str, values: &[u32]) {
        if let Some(i) = values.windows(2).position(|two| two[0] >= two[1]) {
            self.0.push(NetlistFault::Order { place: place.clone(), list, entry: i + 1 });
        }
    }

    /// Row starts: from 0 to `total`, never falling.
    fn starts(&mut self, place: &Where, first: &[u32], n: usize, total: usize) {
        if !self.length(place, "first", first.len(), n + 1) {
            return;
        }
        let (begin, end) = (i64::from(first[0]), i64::from(first[n]));
        self.range(place, "first", [begin], [0, 0]);
        if let Some(i) = first.windows(2).position(|two| two[0] > two[1]) {
            self.0.push(NetlistFault::Order { place: place.clone(), list: "first", entry: i + 1 });
        }
        if end != total as i64 {
            let (min, max) = (total as i64, total as i64);
            self.0.push(NetlistFault::Range {
                place: place.clone(),
                list: "first",
                entry: n,
                value: end,
                min,
                max,
            });
        }
    }

    fn output_axons(&mut self, place: &Where, axons: &OutputAxons, senders: usize) {
        let OutputAxons { first, core, axon } = axons;
        self.starts(place, first, senders, core.len());
        self.length(place, "axon", axon.len(), core.len());
    }

    fn core(&mut self, core: &Core, populations: &[Population]) {
        let Core { core: number, groups, input_axons, blocks, output_axons } = core;
        let place = Where::Core(*number);
        for (g, group) in groups.iter().enumerate() {
            let place = Where::Group(*number, g);
            let last = populations.len() as i64 - 1;
            self.range(&place, "population", [i64::from(group.population)], [0, last]);
            let Some(population) = populations.get(group.population as usize) else { continue };
            if population.source.is_some() {
                let population = population.name.clone();
                self.0.push(NetlistFault::SourceOnCore { place: place.clone(), population });
            }
            self.rises(&place, "neurons", &group.neurons);
            let last = i64::from(population.size) - 1;
            self.range(&place, "neurons", group.neurons.iter().map(|n| i64::from(*n)), [0, last]);
            self.model(&place, &group.model, group.neurons.len());
        }
        let n_axons = input_axons.len();
        self.length(&place, "input_axons.node", input_axons.node.len(), n_axons);
        let last = populations.len() as i64 - 1;
        self.range(
            &place,
            "input_axons.population",
            input_axons.population.iter().map(|p| i64::from(*p)),
            [0, last],
        );
        for (i, (population, node)) in input_axons.population.iter().zip(&input_axons.node).enumerate() {
            let size = populations.get(*population as usize).map_or(0, |population| population.size);
            if *node >= size {
                let (value, max) = (i64::from(*node), i64::from(size) - 1);
                let (place, list) = (place.clone(), "input_axons.node");
                self.0.push(NetlistFault::Range { place, list, entry: i, value, min: 0, max });
                break;
            }
        }
        for (b, block) in blocks.iter().enumerate() {
            self.block(&Where::Block(*number, b), block, core);
        }
        self.conductances(core);
        self.output_axons(&place, output_axons, core.n_compartments());
    }

    fn block(&mut self, place: &Where, block: &Block, core: &Core) {
        let Block { projection: _, group, port, link, axon, first, target, weight, delay } = block;
        self.range(place, "group", [i64::from(*group)], [0, core.groups.len() as i64 - 1]);
        let Some(group) = core.groups.get(*group as usize) else { return };
        self.range(place, "port", [i64::from(*port)], [0, i64::from(group.model.n_ports()) - 1]);
        self.rises(place, "axon", axon);
        let last = core.input_axons.len() as i64 - 1;
        self.range(place, "axon", axon.iter().map(|axon| i64::from(*axon)), [0, last]);
        self.starts(place, first, axon.len(), target.len());
        self.length(place, "weight", weight.len(), target.len());
        self.length(place, "delay", delay.len(), target.len());
        let last = group.neurons.len() as i64 - 1;
        self.range(place, "target", target.iter().map(|target| i64::from(*target)), [0, last]);
        let longest = match link {
            Link::Direct | Link::Ltc => 0,
            Link::Weights { .. } | Link::Scaled | Link::Float { .. } => i64::from(MAX_DELAY),
        };
        self.range(place, "delay", delay.iter().map(|delay| i64::from(*delay)), [0, longest]);
        self.link(place, link, &group.model);
        match link {
            Link::Weights { weight_exp, weight_bits, sign: _, message_bits } => {
                self.range(place, "weight_exp", [i64::from(*weight_exp)], [-31, 24]);
                self.range(place, "weight_bits", [i64::from(*weight_bits)], [1, 8]);
                self.range(place, "message_bits", [i64::from(*message_bits)], [0, 32]);
            }
            Link::Scaled | Link::Direct => {}
            Link::Ltc => {
                let n_synapses = if let Model::Ltc(units) = &group.model { units.w.len() } else { 0 };
                let weights = weight.iter().map(|weight| i64::from(*weight));
                self.range(place, "weight", weights, [0, n_synapses as i64 - 1]);
            }
            Link::Float { scale } => {
                if !scale.is_normal() {
                    let (place, list, entry, value) = (place.clone(), "scale", 0, *scale);
                    self.0.push(NetlistFault::NotFinite { place, list, entry, value });
                }
            }
        }
    }

    fn model(&mut self, place: &Where, model: &Model, n: usize) {
        const ANY: [i64; 2] = [i32::MIN as i64, i32::MAX as i64];
        const SHIFT: [i64; 2] = [0, 30];
        match model {
            Model::Lif(lif) => self.lif(place, lif, n),
            Model::LifReset { lif, interval, offset: _ } => {
                self.lif(place, lif, n);
                self.range(place, "interval", [i64::from(*interval)], [1, i64::from(u32::MAX)]);
            }
            Model::TernaryLif { lif, vth_lo } => {
                self.lif(place, lif, n);
                self.column(place, "vth_lo", vth_lo, n, [-(1 << 25), (1 << 25) - 1]);
            }
            Model::FloatLif(FloatLif { du, dv, vth, bias, refractory }) => {
                for (list, values) in [("du", du), ("dv", dv), ("vth", vth), ("bias", bias)] {
                    self.length(place, list, values.len(), n);
                    let mut bad = values.iter().enumerate().filter(|(_, value)| !value.is_finite());
                    if let Some((entry, value)) = bad.next() {
                        let (place, value) = (place.clone(), *value);
                        self.0.push(NetlistFault::NotFinite { place, list, entry, value });
                    }
                }
                self.length(place, "refractory", refractory.len(), n);
            }
            Model::GradedVec { vth, rectified: _ } => self.column(place, "vth", vth, n, ANY),
            Model::Product { vth, exp } => {
                self.column(place, "vth", vth, n, ANY);
                self.range(place, "exp", [i64::from(*exp)], SHIFT);
            }
            Model::Sigma => {}
            Model::Delta(delta) => self.delta(place, delta, n),
            Model::SigmaDelta { delta, bias, activation: _ } => {
                self.delta(place, delta, n);
                self.column(place, "bias", bias, n, ANY);
            }
            Model::Resonator(resonator) => {
                let super::Resonator { sin_decay, cos_decay, vth, state_exp, decay_bits, izhikevich: _ } =
                    resonator;
                self.column(place, "sin_decay", sin_decay, n, ANY);
                self.column(place, "cos_decay", cos_decay, n, ANY);
                self.column(place, "vth", vth, n, ANY);
                self.range(place, "state_exp", [i64::from(*state_exp)], SHIFT);
                self.range(place, "decay_bits", [i64::from(*decay_bits)], SHIFT);
            }
            Model::Ltc(units) => self.ltc(place, units, n),
        }
    }

    fn lif(&mut self, place: &Where, lif: &Lif, n: usize) {
        const ANY: [i64; 2] = [i32::MIN as i64, i32::MAX as i64];
        const STATE: [i64; 2] = [-(1 << 23), 1 << 23];
        let Lif { du, dv, vth, bias_mant, bias_exp, refractory, u, v, v_min, v_max } = lif;
        self.column(place, "du", du, n, [-1, 4095]);
        self.column(place, "dv", dv, n, [0, 4096]);
        self.column(place, "vth", vth, n, [-(1 << 25), (1 << 25) - 1]);
        self.column(place, "bias_mant", bias_mant, n, ANY);
        self.column(place, "bias_exp", bias_exp, n, [-31, 24]);
        self.column(place, "refractory", refractory, n, [1, 1 << 20]);
        self.column(place, "u", u, n, ANY);
        self.column(place, "v", v, n, STATE);
        self.range(place, "v_max", [i64::from(*v_max)], STATE);
        self.range(place, "v_min", [i64::from(*v_min)], [STATE[0], i64::from(*v_max)]);
    }

    fn delta(&mut self, place: &Where, delta: &super::Delta, n: usize) {
        let super::Delta { vth, spike_exp, state_exp, cum_error: _ } = delta;
        self.column(place, "vth", vth, n, [i64::from(i32::MIN), i64::from(i32::MAX)]);
        self.range(place, "spike_exp + state_exp", [i64::from(*spike_exp) + i64::from(*state_exp)], [0, 30]);
    }

    /// Every neuron is on one core.
    fn homes(&mut self, netlist: &Netlist) {
        let first = netlist.first_nodes();
        let mut times = vec![0_u32; *first.last().expect("one more than populations") as usize];
        for group in netlist.cores.iter().flat_map(|core| &core.groups) {
            group.neurons.iter().for_each(|n| times[(first[group.population as usize] + n) as usize] += 1);
        }
        for (population, first) in netlist.populations.iter().zip(&first) {
            let Population { name, size, source } = population;
            let own = &times[*first as usize..(*first + *size) as usize];
            if source.is_some() {
                continue;
            }
            if let Some(neuron) = own.iter().position(|times| *times != 1) {
                let (population, times) = (name.clone(), own[neuron]);
                self.0.push(NetlistFault::Homes { population, neuron: neuron as u32, times });
            }
        }
    }

    /// Output and input axons name each other, and the axons of a block have one source.
    fn axons(&mut self, netlist: &Netlist) {
        let at: HashMap<u32, usize> =
            netlist.cores.iter().enumerate().map(|(i, core)| (core.core, i)).collect();
        let first = netlist.first_nodes();
        let mut times: Vec<Vec<u32>> =
            netlist.cores.iter().map(|core| vec![0; core.input_axons.len()]).collect();
        let mut home = vec![u32::MAX; *first.last().expect("one more than populations") as usize];
        let mut send = |faults: &mut Self, place: Where, axons: &OutputAxons, sender: usize, node: u32| {
            for (i, (core, axon)) in axons.of(sender).enumerate() {
                let to =
                    at.get(&core).and_then(|i| times[*i].get_mut(axon as usize).map(|times| (*i, times)));
                let Some((i_core, times)) = to else {
                    let entry = axons.first[sender] as usize + i;
                    faults.0.push(NetlistFault::NoSuchAxon { place: place.clone(), entry, core, axon });
                    return;
                };
                let InAxon { population, node: of } = in_axon(&netlist.cores[i_core], axon as usize);
                *times += u32::from(first[population as usize] + of == node);
            }
        };
        for (population, first) in netlist.populations.iter().zip(&first) {
            let Some(axons) = &population.source else { continue };
            for node in 0..population.size {
                send(self, Where::Population(population.name.clone()), axons, node as usize, first + node);
            }
        }
        for core in &netlist.cores {
            let nodes = core.groups.iter().flat_map(|group| {
                let first = first[group.population as usize];
                group.neurons.iter().map(move |neuron| first + neuron)
            });
            for (compartment, node) in nodes.enumerate() {
                send(self, Where::Core(core.core), &core.output_axons, compartment, node);
                home[node as usize] = core.core;
            }
        }
        for (core, times) in netlist.cores.iter().zip(&times) {
            if let Some(axon) = times.iter().position(|times| *times != 1) {
                let InAxon { population, node } = in_axon(core, axon);
                let population = netlist.populations[population as usize].name.clone();
                let (core, axon, times) = (core.core, axon as u32, times[axon]);
                self.0.push(NetlistFault::Axon { core, axon, population, node, times });
            }
            for (b, block) in core.blocks.iter().enumerate() {
                let source = |axon: &u32| {
                    let InAxon { population, node } = in_axon(core, *axon as usize);
                    (population, home[(first[population as usize] + node) as usize])
                };
                if block.axon.windows(2).any(|two| source(&two[0]) != source(&two[1])) {
                    self.0.push(NetlistFault::MixedSources { place: Where::Block(core.core, b) });
                }
            }
        }
    }
}

/// Who sends through an input axon.
struct InAxon {
    population: u32,
    node: u32,
}

fn in_axon(core: &Core, axon: usize) -> InAxon {
    InAxon { population: core.input_axons.population[axon], node: core.input_axons.node[axon] }
}
