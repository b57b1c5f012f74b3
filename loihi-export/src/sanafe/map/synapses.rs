//! Axons and synapses in the order in which messages meet them.

use std::collections::HashMap;

use super::super::network::{Edge, SanaFeNetwork};
use super::units::{Chosen, Faults};
use super::{MAX_DELAY, MapFault, Program, Synapse, Synapses};
use crate::cost::architecture::Architecture;
use crate::cost::{Layout, SynapseRun};

/// Lays out all synapses; `ranks` says in which order a neuron sends to the cores in use.
pub(super) fn lay(
    network: &SanaFeNetwork,
    chip: &Architecture,
    chosen: &[Chosen],
    ranks: &[u64],
    program: &mut Program,
    layout: &mut Layout,
    faults: &mut Faults,
) {
    check(network, chosen, faults);
    if faults.any() {
        return;
    }
    let rows = by_source(network);
    let delays = (program.n_delaying > 0).then(|| delays(network, chip, chosen, layout, &rows));
    let edges = &network.edges;
    let is_small = |weight: f64| weight == f64::from(weight as i16);
    program.synapses = match edges.iter().all(|edge| is_small(edge.weight)) {
        true => Synapses::Small(Vec::with_capacity(edges.len())),
        false => Synapses::Any(Vec::with_capacity(edges.len())),
    };
    program.first_axon = vec![0; program.neuron_of.len() + 1];
    let mut of_neuron: Vec<u32> = Vec::new();
    let mut runs: Vec<SynapseRun> = Vec::new();
    for c in 0..program.cores.len() {
        let first = program.cores[c].first as usize;
        let end = program.cores.get(c + 1).map_or(program.neuron_of.len(), |next| next.first as usize);
        for slot in first..end {
            program.first_axon[slot] = layout.n_axons() as u32;
            let Some(row) = rows.of(program.neuron_of[slot]) else { continue };
            of_neuron.clear();
            of_neuron.extend_from_slice(row);
            let target = |edge: &u32| &chosen[edges[*edge as usize].target.0 as usize];
            of_neuron.sort_by_key(|edge| ranks[target(edge).core as usize]);
            for to_core in of_neuron.chunk_by(|a, b| target(a).core == target(b).core) {
                runs.clear();
                for edge in to_core {
                    let Chosen { core, slot, synapse, dendrite, .. } = *target(edge);
                    match runs.last_mut() {
                        Some(run) if (run.synapse, run.dendrite) == (synapse, dendrite) => run.n += 1,
                        _ => runs.push(SynapseRun { synapse, dendrite, n: 1 }),
                    }
                    let target = (slot - program.cores[core as usize].first) as u16;
                    let weight = edges[*edge as usize].weight;
                    match &mut program.synapses {
                        Synapses::Small(synapses) => synapses.push(Synapse { target, weight: weight as i16 }),
                        Synapses::Any(synapses) => synapses.push(Synapse { target, weight }),
                    }
                    if let Some(delays) = &delays {
                        program.delays.push(delays[*edge as usize]);
                    }
                }
                program.first_synapse.push((program.synapses.len() - to_core.len()) as u32);
                layout.axon(c as u32, target(&to_core[0]).core, &runs);
            }
        }
    }
    *program.first_axon.last_mut().expect("it has an entry beyond the slots") = layout.n_axons() as u32;
    program.first_synapse.push(program.synapses.len() as u32);
}

fn check(network: &SanaFeNetwork, chosen: &[Chosen], faults: &mut Faults) {
    for Edge { source, target, weight, delay } in &network.edges {
        let number = source.0.max(target.0);
        let n_neurons = chosen.len();
        let Some(to) = chosen.get(target.0 as usize).filter(|_| (number as usize) < n_neurons) else {
            faults.push(MapFault::NoNeuron { what: "an edge", number, n_neurons });
            continue;
        };
        if to.is_input && *weight != 0.0 {
            let (source_name, target) = (network.name_of(*source), network.name_of(*target));
            faults.push(MapFault::OntoInput { source_name, target });
        } else if to.delays && delay.is_some_and(|delay| delay > MAX_DELAY) {
            let (source_name, target) = (network.name_of(*source), network.name_of(*target));
            let delay = delay.unwrap_or(0);
            faults.push(MapFault::Delay { source_name, target, delay, limit: MAX_DELAY });
        }
    }
}

/// The edges of every neuron, in their order.
struct Rows {
    first: Vec<u32>,
    edges: Vec<u32>,
}

impl Rows {
    fn of(&self, neuron: u32) -> Option<&[u32]> {
        let neuron = neuron as usize;
        let (from, to) = (*self.first.get(neuron)?, *self.first.get(neuron.checked_add(1)?)?);
        Some(&self.edges[from as usize..to as usize])
    }
}

fn by_source(network: &SanaFeNetwork) -> Rows {
    let mut first = vec![0_u32; network.n_neurons() + 1];
    for edge in &network.edges {
        first[edge.source.0 as usize + 1] += 1;
    }
    for i in 1..first.len() {
        first[i] += first[i - 1];
    }
    let mut next = first.clone();
    let mut edges = vec![0; network.edges.len()];
    for (edge, number) in network.edges.iter().zip(0..) {
        let place = &mut next[edge.source.0 as usize];
        edges[*place as usize] = number;
        *place += 1;
    }
    Rows { first, edges }
}

/// The delay that each edge gets: the one that its dendrite unit keeps under the number that the synapse has in its
/// synapse unit, counted in the order of SANA-FE's names.
fn delays(
    network: &SanaFeNetwork,
    chip: &Architecture,
    chosen: &[Chosen],
    layout: &Layout,
    rows: &Rows,
) -> Vec<u8> {
    let mut numbers = vec![0_u32; network.edges.len()];
    let n_units: usize = chip
        .tiles
        .iter()
        .flat_map(|tile| &tile.cores)
        .map(|core| core.units.synapses.len())
        .max()
        .unwrap_or(1);
    let mut next = vec![0_u32; layout.cores().len() * n_units];
    let mut kept: HashMap<(u32, u16), Vec<u8>> = HashMap::new();
    for neuron in network.in_order_of_names() {
        for edge in rows.of(neuron.0).into_iter().flatten() {
            let Edge { source: _, target, weight: _, delay } = network.edges[*edge as usize];
            let to = &chosen[target.0 as usize];
            let next = &mut next[to.core as usize * n_units + usize::from(to.synapse)];
            numbers[*edge as usize] = *next;
            if to.delays
                && let Some(delay) = delay
            {
                let kept = kept.entry((to.core, to.dendrite)).or_default();
                kept.resize(kept.len().max(*next as usize + 1), 0);
                kept[*next as usize] = delay;
            }
            *next += 1;
        }
    }
    let delay_of = |edge: usize| {
        let to = &chosen[network.edges[edge].target.0 as usize];
        let kept = kept.get(&(to.core, to.dendrite))?;
        kept.get(numbers[edge] as usize).copied()
    };
    (0..network.edges.len()).map(|edge| delay_of(edge).unwrap_or(0)).collect()
}
