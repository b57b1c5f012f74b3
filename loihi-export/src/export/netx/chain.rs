//! A netlist as a chain of layers, and what is lost by that.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::layer::Layer;
use super::synapse::{self, MIXED};
use super::{BIAS_EXP, MAX_DELAY, MAX_WEIGHTS, NetxError};
use crate::export::{Losses, Lost, stored_weight};
use crate::netlist::{Block, Core, Group, Lif, Link, Model, Netlist, ValidNetlist, Where};

/// The layers of a netlist, from its input on, and what they cannot say.
pub fn of(netlist: &ValidNetlist) -> Result<(Vec<Layer>, Vec<Lost>), NetxError> {
    let mut losses = Losses::default();
    let order = order(netlist)?;
    cores(netlist, &mut losses);
    let mut layers: Vec<Layer> = Vec::new();
    for pair in order.windows(2) {
        let [before, population] = [pair[0], pair[1]];
        let sizes = [population, before].map(|p| netlist.populations[p as usize].size as usize);
        let mut layer = empty(netlist, population, sizes)?;
        neurons(netlist, population, &mut layer, &mut losses)?;
        synapses(netlist, [before, population], &mut layer, &mut losses)?;
        fit(&mut layer, &mut losses)?;
        layers.push(layer);
    }
    Ok((layers, losses.0))
}

/// Populations by number: the source, and what it leads to, one after the other.
fn order(netlist: &Netlist) -> Result<Vec<u32>, NetxError> {
    let mut targets: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for core in &netlist.cores {
        for block in core.blocks.iter().filter(|block| !block.target.is_empty()) {
            let to = core.groups[block.group as usize].population;
            let from = core.input_axons.population[block.axon[0] as usize];
            targets.entry(from).or_default().insert(to);
        }
    }
    let name = |population: u32| netlist.populations[population as usize].name.clone();
    let is_source = |population: &u32| netlist.populations[*population as usize].source.is_some();
    let sources: Vec<u32> = targets.keys().copied().filter(is_source).collect();
    let [source] = sources.as_slice() else { return Err(NetxError::Sources { n: sources.len() }) };
    let mut order = vec![*source];
    loop {
        let last = order[order.len() - 1];
        let next = targets.get(&last).into_iter().flatten().copied().filter(|to| *to != last);
        let next: Vec<u32> = next.collect();
        match next.as_slice() {
            [] => break,
            [next] if !order.contains(next) => order.push(*next),
            many => {
                let to = many.iter().map(|to| name(*to)).collect();
                return Err(NetxError::Branch { population: name(last), to });
            }
        }
    }
    let neurons = (0..netlist.populations.len() as u32).filter(|population| !is_source(population));
    match neurons.filter(|p| netlist.populations[*p as usize].size > 0).find(|p| !order.contains(p)) {
        Some(population) => Err(NetxError::Unreached { population: name(population) }),
        None => Ok(order),
    }
}

/// Cores say nothing about what a network does where sums are exact; they are lost all the same.
fn cores(netlist: &Netlist, losses: &mut Losses) {
    let n_groups: usize = netlist.cores.iter().map(|core| core.groups.len()).sum();
    let n_populations = netlist.populations.iter().filter(|p| p.source.is_none() && p.size > 0).count();
    if netlist.chip.is_some() || netlist.cores.len() != n_populations || n_groups != n_populations {
        for core in &netlist.cores {
            losses.add("which neurons share a core: NetX has layers", format_args!("core {}", core.core));
        }
    }
}

/// A layer without weights.
fn empty(netlist: &Netlist, population: u32, [n, n_in]: [usize; 2]) -> Result<Layer, NetxError> {
    let name = netlist.populations[population as usize].name.clone();
    let [rows, columns] = [n as u64, n_in.max(n) as u64];
    if rows.saturating_mul(columns) > MAX_WEIGHTS {
        return Err(NetxError::TooLarge { population: name, rows, columns, most: MAX_WEIGHTS });
    }
    Ok(Layer {
        name,
        n,
        n_in,
        weight: vec![0; n * n_in],
        delay: None,
        weight_rec: None,
        i_decay: vec![0; n],
        v_decay: vec![0; n],
        threshold: vec![0; n],
        bias: vec![0; n],
        refractory: vec![1; n],
    })
}

/// The neurons of a population, from all cores.
fn neurons(
    netlist: &Netlist,
    population: u32,
    layer: &mut Layer,
    losses: &mut Losses,
) -> Result<(), NetxError> {
    for core in &netlist.cores {
        for (g, group) in core.groups.iter().enumerate().filter(|(_, group)| group.population == population) {
            let place = Where::Group(core.core, g);
            let lif = match &group.model {
                Model::Lif(lif) => lif,
                Model::LifReset { lif, .. } => {
                    losses
                        .add("resets in intervals: they are NetX's `reset_interval`, not the file's", &place);
                    lif
                }
                other => return Err(NetxError::Kind { place, what: other.name() }),
            };
            for (i, neuron) in group.neurons.iter().enumerate() {
                let at = format_args!("{place}, entry {i}").to_string();
                of_neuron(lif, i, *neuron as usize, layer, &at, losses);
            }
        }
    }
    Ok(())
}

fn of_neuron(lif: &Lif, i: usize, neuron: usize, layer: &mut Layer, at: &str, losses: &mut Losses) {
    let Lif { du, dv, vth, bias_mant, bias_exp, refractory, u, v, v_min, v_max } = lif;
    layer.i_decay[neuron] = du[i] + 1;
    layer.v_decay[neuron] = dv[i];
    layer.threshold[neuron] = vth[i];
    layer.refractory[neuron] = refractory[i];
    let bias = match bias_exp[i] {
        exp @ 0.. => i64::from(bias_mant[i]) << exp,
        exp => i64::from(bias_mant[i]) >> -exp,
    };
    let in_64 = bias >> BIAS_EXP;
    let kept = in_64.clamp(i64::from(i16::MIN), i64::from(i16::MAX));
    layer.bias[neuron] = kept as i32;
    if kept << BIAS_EXP != bias {
        losses.add(
            "biases that are not multiples of 64, or beyond 16 bits of these: they are rounded down",
            at,
        );
    }
    if refractory[i] > 1 {
        losses.add("refractory periods: NetX ignores `refDelay`", at);
    }
    if [u[i], v[i]] != [0, 0] {
        losses.add("currents and potentials at the start: NetX begins at 0", at);
    }
    if [*v_min, *v_max] != [-(1 << 23) + 1, (1 << 23) - 1] {
        losses.add("the range of potentials: NetX has Lava's", at);
    }
}

/// The synapses to a population, from the one before it and from itself.
fn synapses(
    netlist: &Netlist,
    [before, population]: [u32; 2],
    layer: &mut Layer,
    losses: &mut Losses,
) -> Result<(), NetxError> {
    let is_recurrent = netlist.cores.iter().any(|core| {
        core.blocks.iter().any(|block| {
            let of = |axon: &u32| core.input_axons.population[*axon as usize] == population;
            core.groups[block.group as usize].population == population && block.axon.first().is_some_and(of)
        })
    });
    layer.weight_rec = is_recurrent.then(|| vec![0; layer.n * layer.n]);
    let mut sums = Sums::default();
    for core in &netlist.cores {
        for (b, block) in core.blocks.iter().enumerate() {
            let group = &core.groups[block.group as usize];
            if group.population == population && !block.target.is_empty() {
                of_block(core, b, block, group, before, &mut sums, losses)?;
            }
        }
    }
    for ((is_from_before, target, node), Sum { weight, delay, .. }) in sums.of_pair {
        let (matrix, n) = match &mut layer.weight_rec {
            Some(weight_rec) if !is_from_before => (weight_rec, layer.n),
            Some(_) | None => (&mut layer.weight, layer.n_in),
        };
        let i = target as usize * n + node as usize;
        matrix[i] = weight;
        if delay == 0 {
            continue;
        }
        if is_recurrent {
            losses.add(
                "delays of synapses of a recurrent layer, on which NetX fails",
                format_args!("to neuron {target} of \"{}\"", layer.name),
            );
        } else {
            layer.delay.get_or_insert_with(|| vec![0; layer.n * layer.n_in])[i] = delay;
        }
    }
    Ok(())
}

/// What the synapses of a pair come to.
#[derive(Default)]
struct Sums {
    /// By whether the sender is of the layer before, the target, and the sender.
    of_pair: HashMap<(bool, u32, u32), Sum>,
}

struct Sum {
    weight: i32,
    delay: u8,
    projection: String,
}

fn of_block(
    core: &Core,
    b: usize,
    block: &Block,
    group: &Group,
    before: u32,
    sums: &mut Sums,
    losses: &mut Losses,
) -> Result<(), NetxError> {
    let place = Where::Block(core.core, b);
    let (weight_exp, weight_bits, sign) = match block.link {
        // All neurons here are LIF and sources, whose messages are 1 whatever room there is for them.
        Link::Weights { weight_exp, weight_bits, sign, message_bits: _ } => (weight_exp, weight_bits, sign),
        Link::Scaled => return Err(NetxError::Kind { place, what: "weights that are scaled beforehand" }),
        Link::Direct => return Err(NetxError::Kind { place, what: "a wire without weights" }),
        Link::Ltc => return Err(NetxError::Kind { place, what: "liquid time-constant synapses" }),
        Link::Float { .. } => return Err(NetxError::Kind { place, what: "floating-point weights" }),
    };
    for (row, axon) in block.axon.iter().enumerate() {
        let (from, node) =
            (core.input_axons.population[*axon as usize], core.input_axons.node[*axon as usize]);
        for i in block.row(row) {
            let at = || format!("{place}, entry {i}");
            let stored = i64::from(stored_weight(block.weight[i], weight_bits, sign));
            let weight = if weight_exp < 0 { stored >> -weight_exp } else { stored << weight_exp };
            if weight_exp < 0 && weight << -weight_exp != stored {
                losses.add("weights finer than 1, by an exponent below 0: they are rounded down", at());
            }
            let weight = weight.clamp(i64::from(-MOST), i64::from(MOST)) as i32;
            let delay = block.delay[i].min(MAX_DELAY);
            if delay != block.delay[i] {
                losses.add("delays of 63 steps, which become 62", at());
            }
            let target = group.neurons[block.target[i] as usize];
            let sum = sums.of_pair.entry((from == before, target, node)).or_insert_with(|| Sum {
                weight: 0,
                delay,
                projection: block.projection.clone(),
            });
            if sum.projection != block.projection {
                losses.add("which of several projections a synapse is of: weights are added up", at());
                sum.projection.clone_from(&block.projection);
            }
            if sum.delay != delay {
                losses.add("several delays of one pair of neurons: the first one stays", at());
            }
            sum.weight = (sum.weight + weight).clamp(-MOST, MOST);
        }
    }
    Ok(())
}

/// Far beyond what NetX has, and far from an overflow.
const MOST: i32 = 1 << 24;

/// Brings the weights of a layer into NetX's range, and looks at what it makes of them.
fn fit(layer: &mut Layer, losses: &mut Losses) -> Result<(), NetxError> {
    let name = layer.name.clone();
    let wanted: Vec<i32> = layer.all_weights().collect();
    let n_feed = layer.weight.len();
    let place = |i: usize| match i.checked_sub(n_feed) {
        None => format!("to neuron {} of \"{name}\"", i / layer.n_in.max(1)),
        Some(i) => format!("inside of \"{name}\", to neuron {}", i / layer.n.max(1)),
    };
    let mut clipped = wanted.clone();
    for (i, weight) in clipped.iter_mut().enumerate() {
        let within = (*weight).clamp(MIXED[0], MIXED[1]);
        // Weights of one sign may be 255, and −256 is none of these.
        if *weight != within && !(*weight == 255 && wanted.iter().all(|weight| *weight >= 0)) {
            losses.add("weights beyond −256 to 254: they are clipped", place(i));
            *weight = within;
        }
    }
    // A last bit that is given up lets NetX keep all the others where it would keep none.
    let even: Vec<i32> = clipped.iter().map(|weight| weight / 2 * 2).collect();
    let ran = |weights: &[i32]| -> Option<(i64, Vec<i32>)> {
        let scaling = synapse::scaling(weights.iter().copied()).ok()?;
        let runs =
            [&weights[..n_feed], &weights[n_feed..]].map(|part| synapse::stored(part, scaling).weights);
        let runs: Vec<i32> = runs.concat().into_iter().map(|weight| weight >> scaling.scale_bits).collect();
        let off = runs.iter().zip(&clipped).map(|(runs, wanted)| i64::from((runs - wanted).abs()));
        Some((off.sum(), runs))
    };
    let all_zero = || NetxError::AllZero { population: name.clone() };
    let (off, runs) = ran(&clipped).ok_or_else(all_zero)?;
    let (written, runs) = match ran(&even) {
        Some((less, runs)) if less < off => (even, runs),
        Some(_) | None => (clipped.clone(), runs),
    };
    for (i, _) in runs.iter().zip(&clipped).enumerate().filter(|(_, (runs, wanted))| runs != wanted) {
        losses.add("weights that do not fit into NetX's synapses beside the others of the layer", place(i));
    }
    let (feed, recurrent) = written.split_at(n_feed);
    let recurrent = layer.weight_rec.is_some().then(|| recurrent.to_vec());
    (layer.weight, layer.weight_rec) = (feed.to_vec(), recurrent);
    Ok(())
}
