//! What the loader builds: processes of neurons, processes of synapses, and who feeds whom.

use std::collections::HashMap;

use serde::Serialize;

use super::NotInLava;
use super::connection::{self, Connection};
use super::process::{self, Kind, Neurons, Process};
use crate::export::names::Names;
use crate::netlist::{Block, Core, Netlist, ValidNetlist, Where};

/// Everything that the loader builds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan<'a> {
    format: &'static str,
    version: u32,
    made_with: &'a str,
    made_from: &'a str,
    /// What a step means \[ms\].
    dt: f64,
    populations: Vec<Members<'a>>,
    /// Sources, and groups of neurons.
    pub processes: Vec<Process<'a>>,
    /// Blocks of synapses.
    pub connections: Vec<Connection>,
}

/// A population of the plan.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Members<'a> {
    name: &'a str,
    size: u32,
    first_node: u32,
    is_source: bool,
}

impl Plan<'_> {
    /// How many neurons have a refractory period.
    pub fn n_refractory(&self) -> usize {
        let held = self.processes.iter().filter(|process| process.kind == Kind::HeldLif);
        let columns = held.flat_map(|process| &process.columns).filter(|(list, _)| *list == "refractory");
        columns.map(|(_, steps)| steps.iter().filter(|steps| **steps > 1).count()).sum()
    }
}

/// The plan of a netlist, or all that Lava has not.
pub fn of(netlist: &ValidNetlist) -> Result<Plan<'_>, Vec<NotInLava>> {
    let mut faults = Vec::new();
    let mut names = Names::of(netlist);
    let first_nodes = netlist.first_nodes();
    let mut placed = Placed::default();
    placed.sources(netlist, &first_nodes, &mut names);
    placed.groups(netlist, &first_nodes, &mut names, &mut faults);
    let connections = connections(netlist, &first_nodes, &placed, &mut names, &mut faults);
    if !faults.is_empty() {
        return Err(faults);
    }
    let members = netlist.populations.iter().zip(&first_nodes).map(|(population, first)| Members {
        name: &population.name,
        size: population.size,
        first_node: *first,
        is_source: population.source.is_some(),
    });
    Ok(Plan {
        format: "rheobase-lava",
        version: 1,
        made_with: rheobase_net::VERSION,
        made_from: &netlist.origin.made_from,
        dt: netlist.origin.dt,
        populations: members.collect(),
        processes: placed.processes,
        connections,
    })
}

/// A process, and which neuron of it.
type Home = (usize, u32);

/// The processes of neurons, and who is where.
#[derive(Default)]
struct Placed<'a> {
    processes: Vec<Process<'a>>,
    /// By the number of a node.
    homes: HashMap<u32, Home>,
    /// By core and group; groups without neurons have none.
    of_group: HashMap<(u32, usize), usize>,
}

impl<'a> Placed<'a> {
    fn add(&mut self, process: Process<'a>) -> usize {
        let idx = self.processes.len();
        self.homes.extend(process.nodes.iter().zip(0..).map(|(node, neuron)| (*node, (idx, neuron))));
        self.processes.push(process);
        idx
    }

    fn sources(&mut self, netlist: &Netlist, first_nodes: &[u32], names: &mut Names) {
        let sources = netlist.populations.iter().zip(first_nodes);
        for (population, first) in sources.filter(|(p, _)| p.source.is_some() && p.size > 0) {
            self.add(Process {
                name: names.unique(&format!("source_{}", population.name)),
                population: population.name.clone(),
                core: None,
                n: population.size as usize,
                nodes: (*first..first + population.size).collect(),
                kind: Kind::Source,
                states: Kind::Source.states(),
                columns: Vec::new(),
            });
        }
    }

    fn groups(
        &mut self,
        netlist: &'a Netlist,
        first_nodes: &[u32],
        names: &mut Names,
        faults: &mut Vec<NotInLava>,
    ) {
        for core in &netlist.cores {
            for (g, group) in core.groups.iter().enumerate().filter(|(_, group)| !group.neurons.is_empty()) {
                let (kind, columns) = match process::neurons(group) {
                    Neurons::Are(kind, columns) => (kind, columns),
                    Neurons::Unknown(what) => {
                        faults.push(NotInLava { place: Where::Group(core.core, g), what });
                        continue;
                    }
                };
                let population = &netlist.populations[group.population as usize].name;
                let first = first_nodes[group.population as usize];
                let idx = self.add(Process {
                    name: names.unique(&format!("{}_{population}", names.core(core.core))),
                    population: population.clone(),
                    core: Some(core.core),
                    n: group.neurons.len(),
                    nodes: group.neurons.iter().map(|neuron| first + neuron).collect(),
                    kind,
                    states: kind.states(),
                    columns,
                });
                self.of_group.insert((core.core, g), idx);
            }
        }
    }
}

fn connections(
    netlist: &Netlist,
    first_nodes: &[u32],
    placed: &Placed,
    names: &mut Names,
    faults: &mut Vec<NotInLava>,
) -> Vec<Connection> {
    let mut connections = Vec::new();
    for core in &netlist.cores {
        for (b, block) in core.blocks.iter().enumerate() {
            let mut fault = |what| faults.push(NotInLava { place: Where::Block(core.core, b), what });
            let kind = match connection::kind(block) {
                Ok(kind) => kind,
                Err(what) => {
                    fault(what);
                    continue;
                }
            };
            // A group that has no process is empty, or a fault that has been told.
            let Some(target) = placed.of_group.get(&(core.core, block.group as usize)) else { continue };
            let Some(senders) = senders(core, block, first_nodes, &placed.homes) else { continue };
            let target = &placed.processes[*target];
            match of_block(core.core, block, kind, target, &senders, placed, names) {
                Ok(of_block) => connections.extend(of_block),
                Err(what) => fault(what),
            }
        }
    }
    connections
}

/// Where the senders of a block's rows are; `None` if one of them has no process.
fn senders(core: &Core, block: &Block, first_nodes: &[u32], homes: &HashMap<u32, Home>) -> Option<Vec<Home>> {
    let home = |axon: &u32| {
        let axon = *axon as usize;
        let (population, node) = (core.input_axons.population[axon], core.input_axons.node[axon]);
        homes.get(&(first_nodes[population as usize] + node)).copied()
    };
    block.axon.iter().map(home).collect()
}

/// The connections of a block: one for each process that feeds it, which is one unless a core has several groups
/// of a population.
fn of_block(
    core: u32,
    block: &Block,
    kind: connection::Kind,
    target: &Process,
    senders: &[Home],
    placed: &Placed,
    names: &mut Names,
) -> Result<Vec<Connection>, &'static str> {
    let mut sources: Vec<usize> = senders.iter().map(|(process, _)| *process).collect();
    sources.sort_unstable();
    sources.dedup();
    if matches!(kind, connection::Kind::Weights { weight_exp: ..0, .. }) && sources.len() > 1 {
        return Err(
            "a weight exponent below 0 and senders in several groups of one core, and Lava rounds the \
                    sum of every process by itself: make the groups one",
        );
    }
    let mut connections = Vec::new();
    for source in sources {
        let from = &placed.processes[source];
        let of_row =
            |row: usize| Some(senders[row]).filter(|(of, _)| *of == source).map(|(_, neuron)| neuron);
        let (synapses, repeats) = connection::synapses(block, from.n as u32, of_row);
        if synapses.post.is_empty() {
            continue;
        }
        connections.push(Connection {
            name: names.unique(&format!("{}_{}_from_{}", names.core(core), block.projection, from.name)),
            projection: block.projection.clone(),
            from: from.name.clone(),
            to: target.name.clone(),
            port: target.kind.ports()[usize::from(block.port)],
            shape: [target.n, from.n],
            repeats,
            kind,
            synapses,
        });
    }
    Ok(connections)
}
