//! Pictures of a netlist for tools that draw graphs: GraphML (networkx, Gephi, yEd) and DOT (Graphviz).
//!
//! Two views: [`cores`], whose nodes are cores and sources and whose edges are packets' ways with their axons and
//! synapses; and [`neurons`], with an edge a synapse, for networks that somebody can look at. Both become texts by
//! [`Graph::to_graphml`] and [`Graph::to_dot`].

mod dot;
mod graphml;

use std::collections::BTreeMap;

use serde::Serialize;

use super::names::Names;
use crate::netlist::{Core, Link, ValidNetlist};

/// A directed graph with numbers and texts at its nodes and edges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Graph {
    /// The nodes; they are named by their places in this list.
    pub nodes: Vec<Node>,
    /// The edges, several between two nodes where there are several.
    pub edges: Vec<Edge>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// What stands on it.
    pub label: String,
    /// What is known of it.
    pub values: Vec<(&'static str, Value)>,
}

/// An edge.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edge {
    /// Where it begins.
    pub from: usize,
    /// Where it ends.
    pub to: usize,
    /// What is known of it.
    pub values: Vec<(&'static str, Value)>,
}

/// Something that is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
}

/// The most synapses of a graph of neurons: beyond that nobody can look at it, and programs that draw do not end.
pub const MOST_SYNAPSES: usize = 100_000;

/// Why there is no graph of neurons.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the network has {synapses} synapses, and a graph of neurons has {MOST_SYNAPSES} at most: draw the cores (--of cores)"
)]
pub struct TooLarge {
    /// How many it has.
    pub synapses: usize,
}

/// Cores and sources: a node for each, an edge for each pair of which one sends to the other.
pub fn cores(netlist: &ValidNetlist) -> Graph {
    let mut names = Names::of(netlist);
    let mut nodes = Vec::new();
    // Where the nodes of sources and cores are.
    let mut source_at = BTreeMap::new();
    let mut core_at = BTreeMap::new();
    for (p, population) in netlist.populations.iter().enumerate().filter(|(_, p)| p.source.is_some()) {
        source_at.insert(p as u32, nodes.len());
        nodes.push(Node {
            label: population.name.clone(),
            values: vec![("kind", text("source")), ("nodes", integer(population.size as usize))],
        });
    }
    for core in &netlist.cores {
        core_at.insert(core.core, nodes.len());
        let label = names.unique(&names.core(core.core));
        nodes.push(Node { label, values: of_core(netlist, core) });
    }
    // Packets that a spike of everybody takes, and the synapses they reach.
    let mut edges: BTreeMap<(usize, usize), [usize; 2]> = BTreeMap::new();
    for core in &netlist.cores {
        let to = core_at[&core.core];
        let mut synapses_of = vec![0; core.input_axons.len()];
        for block in &core.blocks {
            for (row, axon) in block.axon.iter().enumerate() {
                synapses_of[*axon as usize] += block.row(row).len();
            }
        }
        let home = homes(netlist, &source_at, &core_at);
        for (axon, synapses) in synapses_of.into_iter().enumerate() {
            let sender = (core.input_axons.population[axon], core.input_axons.node[axon]);
            let [axons, all] = edges.entry((home(sender), to)).or_insert([0, 0]);
            *axons += 1;
            *all += synapses;
        }
    }
    let edge = |((from, to), [axons, synapses]): ((usize, usize), [usize; 2])| Edge {
        from,
        to,
        values: vec![("axons", integer(axons)), ("synapses", integer(synapses))],
    };
    Graph { nodes, edges: edges.into_iter().map(edge).collect() }
}

/// Neurons and the nodes of sources, with an edge a synapse.
///
/// # Errors
/// If there are more than [`MOST_SYNAPSES`].
pub fn neurons(netlist: &ValidNetlist) -> Result<Graph, TooLarge> {
    let synapses = netlist.cores.iter().map(Core::n_synapses).sum();
    let n_nodes = *netlist.first_nodes().last().expect("one more than populations") as usize;
    if synapses > MOST_SYNAPSES || n_nodes > MOST_SYNAPSES {
        return Err(TooLarge { synapses });
    }
    let first_nodes = netlist.first_nodes();
    let mut nodes: Vec<Node> = Vec::with_capacity(n_nodes);
    for population in &netlist.populations {
        nodes.extend((0..population.size).map(|node| Node {
            label: format!("{}:{node}", population.name),
            values: vec![
                ("kind", text(if population.source.is_some() { "source" } else { "neuron" })),
                ("population", text(&population.name)),
            ],
        }));
    }
    let mut edges = Vec::with_capacity(synapses);
    for core in &netlist.cores {
        for group in &core.groups {
            for neuron in &group.neurons {
                let node = &mut nodes[(first_nodes[group.population as usize] + neuron) as usize];
                node.values.push(("core", Value::Integer(core.core.into())));
                node.values.push(("model", text(group.model.name())));
            }
        }
        for block in &core.blocks {
            let group = &core.groups[block.group as usize];
            let first = first_nodes[group.population as usize];
            for (row, axon) in block.axon.iter().enumerate() {
                let axon = *axon as usize;
                let sender =
                    first_nodes[core.input_axons.population[axon] as usize] + core.input_axons.node[axon];
                edges.extend(block.row(row).map(|i| Edge {
                    from: sender as usize,
                    to: (first + group.neurons[block.target[i] as usize]) as usize,
                    values: vec![
                        ("projection", text(&block.projection)),
                        ("weight", weight(block.link, block.weight[i])),
                        ("delay", Value::Integer(block.delay[i].into())),
                    ],
                }));
            }
        }
    }
    Ok(Graph { nodes, edges })
}

/// The weight with its exponent; what the chip cuts off is still there.
fn weight(link: Link, weight: i32) -> Value {
    match link {
        Link::Weights { weight_exp, .. } => Value::Number(f64::from(weight) * f64::from(weight_exp).exp2()),
        // Of a program's synapse it is the place in the lists.
        Link::Scaled | Link::Direct | Link::Ltc => Value::Integer(weight.into()),
        Link::Float { scale } => Value::Number(f64::from(weight) / scale),
    }
}

fn of_core(netlist: &ValidNetlist, core: &Core) -> Vec<(&'static str, Value)> {
    let mut held: BTreeMap<&str, usize> = BTreeMap::new();
    for group in &core.groups {
        *held.entry(&netlist.populations[group.population as usize].name).or_default() += group.neurons.len();
    }
    let populations: Vec<String> = held.iter().map(|(name, n)| format!("{name}: {n}")).collect();
    vec![
        ("kind", text("core")),
        ("core", Value::Integer(core.core.into())),
        ("populations", Value::Text(populations.join(", "))),
        ("nodes", integer(core.n_compartments())),
        ("input_axons", integer(core.input_axons.len())),
        ("output_axons", integer(core.output_axons.core.len())),
        ("synapses", integer(core.n_synapses())),
    ]
}

/// The graph's node that a sender, population and node, is in.
fn homes(
    netlist: &ValidNetlist,
    source_at: &BTreeMap<u32, usize>,
    core_at: &BTreeMap<u32, usize>,
) -> impl Fn((u32, u32)) -> usize {
    let first_nodes = netlist.first_nodes();
    let mut home = vec![usize::MAX; *first_nodes.last().expect("one more than populations") as usize];
    for (population, at) in source_at {
        let nodes = first_nodes[*population as usize]..first_nodes[*population as usize + 1];
        nodes.for_each(|node| home[node as usize] = *at);
    }
    for core in &netlist.cores {
        for group in &core.groups {
            let first = first_nodes[group.population as usize];
            group.neurons.iter().for_each(|neuron| home[(first + neuron) as usize] = core_at[&core.core]);
        }
    }
    move |(population, node)| home[(first_nodes[population as usize] + node) as usize]
}

fn integer(n: usize) -> Value {
    Value::Integer(i64::try_from(n).unwrap_or(i64::MAX))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
