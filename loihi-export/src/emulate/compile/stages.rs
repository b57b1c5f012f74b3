//! Which groups have to wait for others within a step.
//!
//! A wire ([`Link::Direct`]) brings a message in the step in which it is sent, so the group behind it comes after the
//! group before it. Everything else brings messages to later steps. A group's stage is the most wires in a row that
//! lead to it from another group; sources have sent before any of them.

use std::collections::HashMap;

use crate::emulate::EmulateError;
use crate::netlist::{Link, ValidNetlist};

/// The stage of every group of every core.
pub(super) fn of(netlist: &ValidNetlist) -> Result<Vec<Vec<u32>>, EmulateError> {
    let mut stages: Vec<Vec<u32>> = netlist.cores.iter().map(|core| vec![0; core.groups.len()]).collect();
    let wires = wires(netlist);
    if wires.is_empty() {
        return Ok(stages);
    }
    let mut waits_for: HashMap<At, usize> = HashMap::new();
    wires.iter().for_each(|[_, to]| *waits_for.entry(*to).or_default() += 1);
    let is_first = |at: &At| !waits_for.contains_key(at);
    let mut ready: Vec<At> = wires.iter().map(|[from, _]| *from).filter(is_first).collect();
    ready.dedup();
    while let Some(from) = ready.pop() {
        let begin = wires.partition_point(|[other, _]| *other < from);
        for [_, to] in wires[begin..].iter().take_while(|[other, _]| *other == from) {
            let next = stages[from.0][from.1] + 1;
            let stage = &mut stages[to.0][to.1];
            *stage = (*stage).max(next);
            if let Some(left) = waits_for.get_mut(to) {
                *left -= 1;
                if *left == 0 {
                    ready.push(*to);
                    waits_for.remove(to);
                }
            }
        }
    }
    match waits_for.into_keys().min() {
        None => Ok(stages),
        Some((core, group)) => Err(EmulateError::Cycle { core: netlist.cores[core].core, group }),
    }
}

/// A group: its core, by place, and its own place there.
type At = (usize, usize);

/// From which group to which there are wires.
fn wires(netlist: &ValidNetlist) -> Vec<[At; 2]> {
    let is_wire = |block: &&crate::netlist::Block| block.link == Link::Direct;
    if !netlist.cores.iter().flat_map(|core| &core.blocks).any(|block| is_wire(&block)) {
        return Vec::new();
    }
    let mut home: HashMap<(u32, u32), At> = HashMap::new();
    for (c, core) in netlist.cores.iter().enumerate() {
        for (g, group) in core.groups.iter().enumerate() {
            home.extend(group.neurons.iter().map(|neuron| ((group.population, *neuron), (c, g))));
        }
    }
    let mut wires = Vec::new();
    for (c, core) in netlist.cores.iter().enumerate() {
        for block in core.blocks.iter().filter(is_wire) {
            let senders = block.axon.iter().filter_map(|axon| {
                let axon = *axon as usize;
                home.get(&(core.input_axons.population[axon], core.input_axons.node[axon]))
            });
            wires.extend(senders.map(|from| [*from, (c, block.group as usize)]));
        }
    }
    wires.sort_unstable();
    wires.dedup();
    wires
}
