//! Liquid netlists, step by step: programs, sums of answers, and the messages between them.

use std::collections::HashMap;

use super::{LtcProgram, Work};
use crate::netlist::{Core, Model, ValidNetlist};

/// A run of a netlist that was lowered from a liquid network: units, answers and a source of inputs.
///
/// It does what the chip's emulator does for these models, one core after the other.
#[derive(Debug)]
pub struct LtcRun<'n> {
    netlist: &'n ValidNetlist,
    cores: Vec<Running<'n>>,
    /// The place of every core in the list.
    at: HashMap<u32, usize>,
    /// Messages that arrive in the step that comes: core, axon, change.
    on_the_way: Vec<(usize, u32, i32)>,
    t: u32,
    /// Messages that went to a core: once for every core.
    packets: u64,
    inputs: u64,
    /// Synapses of answers that were read.
    head: u64,
}

#[derive(Debug)]
struct Running<'n> {
    core: &'n Core,
    groups: Vec<State<'n>>,
    /// Where the messages of an axon go: group, block of that group, row.
    rows: Vec<Vec<(usize, usize, usize)>>,
}

#[derive(Debug)]
enum State<'n> {
    Ltc(LtcProgram<'n>),
    /// Sums, and the blocks that end at them.
    Sigma(Vec<i32>, Vec<&'n crate::netlist::Block>),
}

impl<'n> LtcRun<'n> {
    /// A run at its start; `None` if the netlist has models of other kinds.
    pub fn new(netlist: &'n ValidNetlist) -> Option<Self> {
        let cores = netlist.cores.iter().map(Running::new).collect::<Option<Vec<_>>>()?;
        let at = netlist.cores.iter().enumerate().map(|(i, core)| (core.core, i)).collect();
        Some(Self { netlist, cores, at, on_the_way: Vec::new(), t: 0, packets: 0, inputs: 0, head: 0 })
    }

    /// Takes the next step, in which these messages of the netlist's sources are sent: population, node, change.
    pub fn step(&mut self, sent: &[(u32, u32, i32)]) {
        self.t += 1;
        for (core, axon, change) in std::mem::take(&mut self.on_the_way) {
            self.head += self.cores[core].arrive(axon as usize, change);
        }
        let mut next = Vec::new();
        for (population, node, change) in sent {
            let Some(axons) = &self.netlist.populations[*population as usize].source else { continue };
            self.inputs += 1;
            next.extend(axons.of(*node as usize).map(|(core, axon)| (self.at[&core], axon, *change)));
        }
        for running in &mut self.cores {
            let core = running.core;
            for (g, group) in running.groups.iter_mut().enumerate() {
                let State::Ltc(program) = group else { continue };
                let first = core.first_compartment(g);
                program.step(self.t, |unit, change| {
                    let axons = core.output_axons.of(first + unit);
                    next.extend(axons.map(|(core, axon)| (self.at[&core], axon, change)));
                });
            }
        }
        self.packets += next.len() as u64;
        self.on_the_way = next;
    }

    /// The steps that were taken.
    pub fn t(&self) -> u32 {
        self.t
    }

    /// The states of a population of units, or the sums of a population of answers.
    pub fn values(&self, population: u32) -> Vec<i32> {
        let mut values = vec![0; self.netlist.populations[population as usize].size as usize];
        for running in &self.cores {
            for (group, state) in running.core.groups.iter().zip(&running.groups) {
                if group.population == population {
                    let own = match state {
                        State::Ltc(program) => program.v(),
                        State::Sigma(sums, _) => sums,
                    };
                    group.neurons.iter().zip(own).for_each(|(neuron, v)| values[*neuron as usize] = *v);
                }
            }
        }
        values
    }

    /// What all units have done.
    pub fn work(&self) -> Work {
        let groups = self.cores.iter().flat_map(|core| &core.groups);
        groups.fold(Work::default(), |sum, group| match group {
            State::Ltc(program) => sum + program.work(),
            State::Sigma(..) => sum,
        })
    }

    /// Packets so far: a message is one for every core that it goes to.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Synapses of answers that were read so far.
    pub fn head(&self) -> u64 {
        self.head
    }

    /// Messages of sources so far.
    pub fn inputs(&self) -> u64 {
        self.inputs
    }
}

impl<'n> Running<'n> {
    fn new(core: &'n Core) -> Option<Self> {
        let mut rows = vec![Vec::new(); core.input_axons.len()];
        let mut groups = Vec::new();
        for (g, group) in core.groups.iter().enumerate() {
            let blocks: Vec<_> = core.blocks.iter().filter(|block| block.group as usize == g).collect();
            for (b, block) in blocks.iter().enumerate() {
                for (row, axon) in block.axon.iter().enumerate() {
                    rows[*axon as usize].push((g, b, row));
                }
            }
            groups.push(match &group.model {
                Model::Ltc(units) => State::Ltc(LtcProgram::new(units, blocks)),
                Model::Sigma => State::Sigma(vec![0; group.neurons.len()], blocks),
                Model::Lif(_)
                | Model::LifReset { .. }
                | Model::TernaryLif { .. }
                | Model::FloatLif(_)
                | Model::GradedVec { .. }
                | Model::Product { .. }
                | Model::Delta(_)
                | Model::SigmaDelta { .. }
                | Model::Resonator(_) => return None,
            });
        }
        Some(Self { core, groups, rows })
    }

    /// Gives a message to its groups, and tells how many synapses of answers that took.
    fn arrive(&mut self, axon: usize, change: i32) -> u64 {
        let mut head = 0;
        for (group, block, row) in &self.rows[axon] {
            match &mut self.groups[*group] {
                State::Ltc(program) => program.arrive(*block, *row, change),
                State::Sigma(sums, blocks) => {
                    let block = blocks[*block];
                    head += block.row(*row).len() as u64;
                    for i in block.row(*row) {
                        let sum = &mut sums[block.target[i] as usize];
                        *sum = sum.wrapping_add(block.weight[i].wrapping_mul(change));
                    }
                }
            }
        }
        head
    }
}
