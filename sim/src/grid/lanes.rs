//! The sums into which spikes are delivered, and the delivery.

use rheobase_lif::Port;

use super::modal::Modal;
use crate::plan::{Kind, Shard, Table, Targets, Weights};

/// State that spikes write to, one value a neuron, by lane. What it means is up to the model.
#[derive(Debug)]
pub(super) struct Lanes {
    /// Potential relative to rest \[mV\], or its slow mode.
    pub u: Vec<f64>,
    /// The synaptic currents by port, or their modes; empty if no neuron has any.
    pub ports: [Vec<f64>; 2],
    /// The blocks of lanes in which a potential has jumped since somebody looked; kept for modes only.
    pub touched: Vec<bool>,
}

/// Lanes that are looked at together.
pub(super) const BLOCK: usize = 128;

/// What a weight does to the neurons of a class.
#[derive(Debug, Clone, Copy)]
pub(super) enum Inlet {
    /// The potential jumps.
    Jump,
    /// The sum of a port grows.
    Sum,
    /// The mode of the potential grows, by a gain that depends on the step.
    ModalJump(Modal),
    /// The modes of a current and of the potential grow, by gains that depend on the step.
    ModalSum(Modal),
}

/// Delivers segments of a table to the lanes, in order.
pub(super) fn deliver(
    lanes: &mut Lanes,
    shard: &Shard,
    kinds: &[Kind],
    inlets: &[Inlet],
    table: &Table,
    segments: &[u32],
) {
    match (table.targets(), table.weights()) {
        (Targets::Narrow(targets), Weights::Shared) => {
            deliver_all(lanes, shard, kinds, inlets, table, segments, targets, &[0.0_f32; 0])
        }
        (Targets::Narrow(targets), Weights::Single(weights)) => {
            deliver_all(lanes, shard, kinds, inlets, table, segments, targets, weights)
        }
        (Targets::Narrow(targets), Weights::Double(weights)) => {
            deliver_all(lanes, shard, kinds, inlets, table, segments, targets, weights)
        }
        (Targets::Wide(targets), Weights::Shared) => {
            deliver_all(lanes, shard, kinds, inlets, table, segments, targets, &[0.0_f32; 0])
        }
        (Targets::Wide(targets), Weights::Single(weights)) => {
            deliver_all(lanes, shard, kinds, inlets, table, segments, targets, weights)
        }
        (Targets::Wide(targets), Weights::Double(weights)) => {
            deliver_all(lanes, shard, kinds, inlets, table, segments, targets, weights)
        }
    }
}

/// How far ahead of the delivery the synapses of a segment are asked for.
const AHEAD: usize = 8;

#[expect(clippy::too_many_arguments, reason = "one call, made by the match above")]
fn deliver_all<T: Copy + Into<u32>, W: Copy + Into<f64>>(
    lanes: &mut Lanes,
    shard: &Shard,
    kinds: &[Kind],
    inlets: &[Inlet],
    table: &Table,
    segments: &[u32],
    targets: &[T],
    weights: &[W],
) {
    for (k, segment) in segments.iter().enumerate() {
        if let Some(later) = segments.get(k + AHEAD) {
            prefetch_segment(table, *later, targets, weights);
        }
        let (kind, range) = table.segment(*segment as usize);
        let Kind { weight, class, port, .. } = kinds[kind as usize];
        let of_class = &shard.classes[usize::from(class)];
        let of_class = of_class.start as usize..of_class.end as usize;
        let targets = &targets[range.clone()];
        let weights = if weight.is_nan() { &weights[range] } else { &[] };
        let Lanes { u, ports, touched } = &mut *lanes;
        let [ex, inh] = ports;
        let sum = match port {
            Port::Excitatory => ex,
            Port::Inhibitory => inh,
        };
        match inlets[usize::from(class)] {
            Inlet::Jump => add(&mut u[of_class], targets, weight, weights),
            Inlet::Sum => add(&mut sum[of_class], targets, weight, weights),
            Inlet::ModalJump(modal) => {
                for target in targets {
                    touched[(of_class.start + (*target).into() as usize) / BLOCK] = true;
                }
                add_scaled(&mut u[of_class], targets, weight, weights, modal.gain_of_jump());
            }
            Inlet::ModalSum(modal) => {
                let (of_sum, of_u) = modal.gains(port);
                add_scaled(&mut sum[of_class.clone()], targets, weight, weights, of_sum);
                add_scaled(&mut u[of_class], targets, weight, weights, of_u);
            }
        }
    }
}

fn prefetch_segment<T, W>(table: &Table, segment: u32, targets: &[T], weights: &[W]) {
    let (_, range) = table.segment(segment as usize);
    super::prefetch::range(targets, range.clone());
    super::prefetch::range(weights, range);
}

/// Adds a weight, or its own where there is one for each, to the value of every target.
#[inline]
fn add<T: Copy + Into<u32>, W: Copy + Into<f64>>(
    values: &mut [f64],
    targets: &[T],
    weight: f64,
    weights: &[W],
) {
    if weights.is_empty() {
        targets.iter().for_each(|target| values[(*target).into() as usize] += weight);
    } else {
        for (target, weight) in targets.iter().zip(weights) {
            values[(*target).into() as usize] += (*weight).into();
        }
    }
}

#[inline]
fn add_scaled<T: Copy + Into<u32>, W: Copy + Into<f64>>(
    values: &mut [f64],
    targets: &[T],
    weight: f64,
    weights: &[W],
    gain: f64,
) {
    if weights.is_empty() {
        let weight = gain * weight;
        targets.iter().for_each(|target| values[(*target).into() as usize] += weight);
    } else {
        for (target, weight) in targets.iter().zip(weights) {
            values[(*target).into() as usize] += gain * (*weight).into();
        }
    }
}
