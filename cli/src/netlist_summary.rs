//! What is in a netlist: as a whole, of a core, of a neuron.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};
use rheobase_loihi_export::netlist::{Block, Core, Group, Lif, Link, Model, Netlist, Sign};
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::output::{Output, count, short, table};

/// Answers what is asked of a netlist.
///
/// # Errors
/// If there is no such neuron or core.
pub fn tell(
    output: Output,
    netlist: &Netlist,
    neuron: Option<&str>,
    core: Option<u32>,
) -> Result<(), Failure> {
    if let Some(text) = neuron {
        let found =
            NeuronAnswer::of(netlist, text).with_context(|| format!("--neuron {text}")).or_bad_input()?;
        return output.answer(&found, || found.to_text());
    }
    if let Some(core) = core {
        let found = CoreAnswer::of(netlist, core).with_context(|| format!("--core {core}")).or_bad_input()?;
        return output.answer(&found, || found.to_text());
    }
    let summary = NetlistSummary::of(netlist);
    output.answer(&summary, || summary.to_text())
}

/// The whole netlist.
#[derive(Debug, Serialize)]
struct NetlistSummary {
    made_with: String,
    made_from: String,
    /// The network's fingerprint.
    network: String,
    dt_ms: f64,
    chip: Option<String>,
    populations: Vec<PopulationSummary>,
    cores: Vec<CoreSummary>,
}

#[derive(Debug, Serialize)]
struct PopulationSummary {
    name: String,
    nodes: u32,
    is_source: bool,
    cores: usize,
}

#[derive(Debug, Serialize)]
struct CoreSummary {
    core: u32,
    compartments: usize,
    input_axons: usize,
    output_axons: usize,
    blocks: usize,
    synapses: usize,
}

impl NetlistSummary {
    fn of(netlist: &Netlist) -> Self {
        let populations = netlist.populations.iter().enumerate().map(|(p, population)| {
            let holds = |core: &&Core| core.groups.iter().any(|group| group.population as usize == p);
            PopulationSummary {
                name: population.name.clone(),
                nodes: population.size,
                is_source: population.source.is_some(),
                cores: netlist.cores.iter().filter(holds).count(),
            }
        });
        let cores = netlist.cores.iter().map(|core| CoreSummary {
            core: core.core,
            compartments: core.n_compartments(),
            input_axons: core.input_axons.len(),
            output_axons: core.output_axons.core.len(),
            blocks: core.blocks.len(),
            synapses: core.n_synapses(),
        });
        Self {
            made_with: netlist.origin.made_with.clone(),
            made_from: netlist.origin.made_from.clone(),
            network: netlist.origin.network.clone(),
            dt_ms: netlist.origin.dt,
            chip: netlist.chip.as_ref().map(|chip| chip.name.clone()),
            populations: populations.collect(),
            cores: cores.collect(),
        }
    }

    fn to_text(&self) -> String {
        let Self { made_with, made_from, network, dt_ms, chip, populations, cores } = self;
        let sum = |of: fn(&CoreSummary) -> usize| count(cores.iter().map(of).sum::<usize>() as u64);
        let network = network.get(..16).map_or_else(String::new, |network| format!(", network {network}"));
        let placed = chip.as_ref().map_or_else(|| ", not placed".to_owned(), |chip| format!(" of {chip}"));
        let populations = populations.iter().map(|PopulationSummary { name, nodes, is_source, cores }| {
            let cores = if *is_source { "source".to_owned() } else { count(*cores as u64) };
            vec![name.clone(), count(u64::from(*nodes)), cores]
        });
        let of_cores = cores.iter().map(|of| {
            let CoreSummary { core, compartments, input_axons, output_axons, blocks, synapses } = of;
            let numbers = [compartments, input_axons, output_axons, blocks, synapses];
            [core.to_string()].into_iter().chain(numbers.map(|n| count(*n as u64))).collect()
        });
        let columns = ["core", "compartments", "input axons", "output axons", "blocks", "synapses"];
        format!(
            "netlist of {} compartments and {} synapses on {} cores{placed}; steps of {} ms; from {made_from}{network}; \
             made by {made_with}\n\n{}\n\n{}",
            sum(|core| core.compartments),
            sum(|core| core.synapses),
            cores.len(),
            short(*dt_ms),
            table("populations", &["name", "nodes", "cores"], populations),
            table("cores", &columns, of_cores),
        )
    }
}

/// What a core holds.
#[derive(Debug, Serialize)]
struct CoreAnswer {
    core: u32,
    groups: Vec<GroupSummary>,
    input_axons: usize,
    blocks: Vec<BlockSummary>,
    /// How many axons go to every core.
    output_axons: BTreeMap<u32, u32>,
}

#[derive(Debug, Serialize)]
struct GroupSummary {
    population: String,
    model: &'static str,
    compartments: usize,
    /// Least and greatest number of every compartment's constants, by name.
    constants: Vec<(&'static str, [i32; 2])>,
}

#[derive(Debug, Serialize)]
struct BlockSummary {
    projection: String,
    /// The core that its spikes come from, `None` for a source outside.
    from: Option<u32>,
    to: String,
    axons: usize,
    synapses: usize,
    link: String,
    weights: [i32; 2],
    delays: [u8; 2],
}

/// The least and the greatest.
fn ends<T: Copy + Ord + Default>(values: &[T]) -> [T; 2] {
    [values.iter().min().copied().unwrap_or_default(), values.iter().max().copied().unwrap_or_default()]
}

fn constants(model: &Model) -> Vec<(&'static str, [i32; 2])> {
    match model {
        Model::Lif(lif) | Model::LifReset { lif, .. } | Model::TernaryLif { lif, .. } => {
            let Lif { du, dv, vth, bias_mant, bias_exp, refractory, u: _, v: _, v_min: _, v_max: _ } = lif;
            vec![
                ("du", ends(du)),
                ("dv", ends(dv)),
                ("vth", ends(vth)),
                ("bias_mant", ends(bias_mant)),
                ("bias_exp", ends(bias_exp)),
                ("refractory", ends(refractory)),
            ]
        }
        Model::GradedVec { vth, .. } | Model::Product { vth, .. } => vec![("vth", ends(vth))],
        Model::Delta(delta) | Model::SigmaDelta { delta, .. } => vec![("vth", ends(&delta.vth))],
        Model::Resonator(resonator) => vec![("vth", ends(&resonator.vth))],
        Model::Ltc(units) => {
            vec![("cm", ends(&units.cm)), ("gleak", ends(&units.gleak)), ("vleak", ends(&units.vleak))]
        }
        Model::FloatLif(_) | Model::Sigma => Vec::new(),
    }
}

fn said(link: &Link) -> String {
    match link {
        Link::Weights { weight_exp, weight_bits, sign, message_bits } => {
            let sign = match sign {
                Sign::Excitatory => "+",
                Sign::Inhibitory => "−",
                Sign::Mixed => "±",
                Sign::Null => "no sign",
            };
            let graded =
                if *message_bits > 0 { format!(", messages of {message_bits} bits") } else { String::new() };
            format!("{weight_bits} bits, {sign}, 2^{weight_exp}{graded}")
        }
        Link::Scaled => "scaled".to_owned(),
        Link::Direct => "direct".to_owned(),
        Link::Ltc => "ltc, by place in the group's lists".to_owned(),
        Link::Float { scale } => format!("in 1 / {}", short(*scale)),
    }
}

/// The core that a node is on, `None` for one of a source.
fn home(netlist: &Netlist, population: u32, node: u32) -> Option<u32> {
    let holds = |core: &&Core| {
        core.groups
            .iter()
            .any(|group| group.population == population && group.neurons.binary_search(&node).is_ok())
    };
    netlist.cores.iter().find(holds).map(|core| core.core)
}

fn block(netlist: &Netlist, core: &Core, block: &Block) -> BlockSummary {
    let to = &core.groups[block.group as usize];
    let from = block.axon.first().and_then(|axon| {
        let axon = *axon as usize;
        home(netlist, core.input_axons.population[axon], core.input_axons.node[axon])
    });
    BlockSummary {
        projection: block.projection.clone(),
        from,
        to: netlist.populations[to.population as usize].name.clone(),
        axons: block.n_rows(),
        synapses: block.target.len(),
        link: said(&block.link),
        weights: ends(&block.weight),
        delays: ends(&block.delay),
    }
}

impl CoreAnswer {
    fn of(netlist: &Netlist, core: u32) -> anyhow::Result<Self> {
        let found = netlist.core(core).ok_or_else(|| {
            let numbers: Vec<String> = netlist.cores.iter().map(|core| core.core.to_string()).collect();
            let some = numbers.len().min(20);
            let more = if numbers.len() > some { ", …" } else { "" };
            anyhow!("the netlist has no such core; it has {}{more}", numbers[..some].join(", "))
        })?;
        let group = |group: &Group| GroupSummary {
            population: netlist.populations[group.population as usize].name.clone(),
            model: group.model.name(),
            compartments: group.neurons.len(),
            constants: constants(&group.model),
        };
        let mut output_axons = BTreeMap::new();
        for to in &found.output_axons.core {
            *output_axons.entry(*to).or_insert(0) += 1;
        }
        Ok(Self {
            core,
            groups: found.groups.iter().map(group).collect(),
            input_axons: found.input_axons.len(),
            blocks: found.blocks.iter().map(|of| block(netlist, found, of)).collect(),
            output_axons,
        })
    }

    fn to_text(&self) -> String {
        let Self { core, groups, input_axons, blocks, output_axons } = self;
        let range =
            |[low, high]: &[i32; 2]| if low == high { low.to_string() } else { format!("{low}…{high}") };
        let groups = groups.iter().map(|GroupSummary { population, model, compartments, constants }| {
            let constants = constants.iter().map(|(name, ends)| format!("{name} {}", range(ends)));
            let constants = constants.collect::<Vec<_>>().join("  ");
            vec![population.clone(), (*model).to_owned(), count(*compartments as u64), constants]
        });
        let of_blocks = blocks.iter().map(|of| {
            let BlockSummary { projection, from, to, axons, synapses, link, weights, delays } = of;
            let from = from.map_or_else(|| "outside".to_owned(), |from| from.to_string());
            let delays = range(&delays.map(i32::from));
            let numbers = [*axons, *synapses].map(|n| count(n as u64));
            let rest = [link.clone(), range(weights), delays];
            [projection.clone(), from, to.clone()].into_iter().chain(numbers).chain(rest).collect()
        });
        let sent = output_axons.iter().map(|(core, axons)| vec![core.to_string(), count(u64::from(*axons))]);
        format!(
            "core {core}\n\n{}\n\n{}\n\n{}",
            table("compartments", &["population", "model", "number", "constants"], groups),
            table(
                &format!("synapses, behind {} input axons", count(*input_axons as u64)),
                &["projection", "from core", "to", "axons", "synapses", "weights are", "from…to", "delays"],
                of_blocks
            ),
            table("output axons", &["to core", "axons"], sent),
        )
    }
}

/// What a neuron is on the chip.
#[derive(Debug, Serialize)]
struct NeuronAnswer {
    population: String,
    neuron: u32,
    core: u32,
    compartment: usize,
    model: &'static str,
    constants: Vec<(&'static str, i32)>,
    /// Cores and input axons that its spikes go to.
    output_axons: Vec<(u32, u32)>,
    /// Synapses that end at it, by projection.
    synapses_in: BTreeMap<String, u32>,
}

impl NeuronAnswer {
    fn of(netlist: &Netlist, text: &str) -> anyhow::Result<Self> {
        let (name, neuron) = text.rsplit_once(':').context("give population and neuron, as exc:17")?;
        let neuron: u32 =
            neuron.parse().with_context(|| format!("{neuron:?} is not the number of a neuron"))?;
        let names = || netlist.populations.iter().map(|of| of.name.as_str()).collect::<Vec<_>>().join(", ");
        let p = netlist.populations.iter().position(|of| of.name == name);
        let p =
            p.with_context(|| format!("there is no population \"{name}\"; the netlist has {}", names()))?;
        let size = netlist.populations[p].size;
        if netlist.populations[p].source.is_some() {
            anyhow::bail!("population \"{name}\" is a source outside of all cores");
        }
        if neuron >= size {
            anyhow::bail!("population \"{name}\" has the neurons 0 to {}", size.saturating_sub(1));
        }
        let number = home(netlist, p as u32, neuron).expect("every neuron of a netlist has a core");
        let core = netlist.core(number).expect("it was found there");
        let holds = |group: &Group| group.population as usize == p && group.neurons.contains(&neuron);
        let g = core.groups.iter().position(holds).expect("it was found there");
        let group = &core.groups[g];
        let at = group.neurons.binary_search(&neuron).expect("it was found there");
        let mut synapses_in = BTreeMap::new();
        for block in core.blocks.iter().filter(|block| block.group as usize == g) {
            let n = block.target.iter().filter(|target| **target as usize == at).count() as u32;
            if n > 0 {
                *synapses_in.entry(block.projection.clone()).or_insert(0) += n;
            }
        }
        let compartment = core.first_compartment(g) + at;
        Ok(Self {
            population: name.to_owned(),
            neuron,
            core: number,
            compartment,
            model: group.model.name(),
            constants: constants_at(&group.model, at),
            output_axons: core.output_axons.of(compartment).collect(),
            synapses_in,
        })
    }

    fn to_text(&self) -> String {
        let Self { population, neuron, core, compartment, model, constants, output_axons, synapses_in } =
            self;
        let constants = constants.iter().map(|(name, value)| format!("{name} {value}"));
        let sent = output_axons.iter().map(|(core, axon)| vec![core.to_string(), axon.to_string()]);
        let incoming = synapses_in.iter().map(|(name, n)| vec![name.clone(), count(u64::from(*n))]);
        format!(
            "neuron {neuron} of \"{population}\" is compartment {compartment} of core {core}: {model}, {}\n\n{}\n\n{}",
            constants.collect::<Vec<_>>().join(", "),
            table("its spikes go to", &["core", "input axon there"], sent),
            table("synapses that end at it", &["projection", "number"], incoming),
        )
    }
}

fn constants_at(model: &Model, at: usize) -> Vec<(&'static str, i32)> {
    match model {
        Model::Lif(lif) | Model::LifReset { lif, .. } | Model::TernaryLif { lif, .. } => {
            let Lif { du, dv, vth, bias_mant, bias_exp, refractory, u, v, v_min: _, v_max: _ } = lif;
            vec![
                ("du", du[at]),
                ("dv", dv[at]),
                ("vth", vth[at]),
                ("bias_mant", bias_mant[at]),
                ("bias_exp", bias_exp[at]),
                ("refractory", refractory[at]),
                ("u at the start", u[at]),
                ("v at the start", v[at]),
            ]
        }
        Model::GradedVec { vth, .. } | Model::Product { vth, .. } => vec![("vth", vth[at])],
        Model::Delta(delta) | Model::SigmaDelta { delta, .. } => vec![("vth", delta.vth[at])],
        Model::Resonator(resonator) => vec![("vth", resonator.vth[at])],
        Model::Ltc(units) => {
            vec![("cm", units.cm[at]), ("gleak", units.gleak[at]), ("vleak", units.vleak[at])]
        }
        Model::FloatLif(_) | Model::Sigma => Vec::new(),
    }
}
