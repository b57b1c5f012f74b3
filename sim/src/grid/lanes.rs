//! The sums into which spikes are delivered, and the delivery.

use rheobase_lif::Port;

use super::modal::Modal;
use crate::memory::prefetch;
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
#[derive(Debug, Clone)]
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

/// A segment that is due, with the share of its weights that it delivers.
pub(super) trait Entry: Copy {
    /// The segment.
    fn segment(self) -> u32;
    /// The share.
    fn share(self) -> f64;
}

impl Entry for u32 {
    fn segment(self) -> u32 {
        self
    }

    fn share(self) -> f64 {
        1.0
    }
}

impl Entry for (u32, f64) {
    fn segment(self) -> u32 {
        self.0
    }

    fn share(self) -> f64 {
        self.1
    }
}

/// What a delivery reads beside the synapses.
#[derive(Clone, Copy)]
pub(super) struct Rules<'a> {
    pub shard: &'a Shard,
    pub kinds: &'a [Kind],
    /// How every class receives.
    pub inlets: &'a [Inlet],
}

/// Delivers segments of a table to the lanes, in order.
pub(super) fn deliver(lanes: &mut Lanes, rules: Rules<'_>, table: &Table, due: &[impl Entry]) {
    let none: &[f32] = &[];
    match (table.targets(), table.weights()) {
        (Targets::Narrow(targets), Weights::Shared) => deliver_all(lanes, rules, table, due, targets, none),
        (Targets::Narrow(targets), Weights::Single(weights)) => {
            deliver_all(lanes, rules, table, due, targets, weights)
        }
        (Targets::Narrow(targets), Weights::Double(weights)) => {
            deliver_all(lanes, rules, table, due, targets, weights)
        }
        (Targets::Wide(targets), Weights::Shared) => deliver_all(lanes, rules, table, due, targets, none),
        (Targets::Wide(targets), Weights::Single(weights)) => {
            deliver_all(lanes, rules, table, due, targets, weights)
        }
        (Targets::Wide(targets), Weights::Double(weights)) => {
            deliver_all(lanes, rules, table, due, targets, weights)
        }
        (_, Weights::Plastic(_)) => unreachable!("weights that change come with the delivery"),
    }
}

/// Delivers a segment of a table with the weights that a run has for the table.
pub(super) fn deliver_own(lanes: &mut Lanes, rules: Rules<'_>, table: &Table, segment: u32, weights: &[f64]) {
    match table.targets() {
        Targets::Narrow(targets) => deliver_all(lanes, rules, table, &[segment], targets, weights),
        Targets::Wide(targets) => deliver_all(lanes, rules, table, &[segment], targets, weights),
    }
}

/// How far ahead of the delivery the synapses of a segment are asked for, and how far where they are.
const AHEAD: usize = 16;
const FAR_AHEAD: usize = 48;

fn deliver_all<T: Target, W: Copy + Into<f64>>(
    lanes: &mut Lanes,
    Rules { shard, kinds, inlets }: Rules<'_>,
    table: &Table,
    due: &[impl Entry],
    targets: &[T],
    weights: &[W],
) {
    for (k, entry) in due.iter().enumerate() {
        if let Some(later) = due.get(k + FAR_AHEAD) {
            table.prefetch(later.segment() as usize);
        }
        if let Some(later) = due.get(k + AHEAD) {
            let (_, range) = table.segment(later.segment() as usize);
            prefetch(targets, range.clone());
            prefetch(weights, range);
        }
        let share = entry.share();
        let (kind, range) = table.segment(entry.segment() as usize);
        let Kind { weight, class, port, .. } = kinds[kind as usize];
        let first = shard.classes[usize::from(class)].start as usize;
        let targets = &targets[range.clone()];
        let weights = if weight.is_nan() { &weights[range] } else { &[] };
        let Lanes { u, ports, touched } = &mut *lanes;
        let [ex, inh] = ports;
        let sum = match port {
            Port::Excitatory => ex,
            Port::Inhibitory => inh,
        };
        match &inlets[usize::from(class)] {
            Inlet::Jump => add(&mut u[first..], targets, weight, weights, share),
            Inlet::Sum => add(&mut sum[first..], targets, weight, weights, share),
            Inlet::ModalJump(modal) => {
                for target in targets {
                    touched[(first + target.place()) / BLOCK] = true;
                }
                add(&mut u[first..], targets, weight, weights, share * modal.gain_of_jump());
            }
            Inlet::ModalSum(modal) => {
                let (of_sum, of_u) = modal.gains(port);
                add(&mut sum[first..], targets, weight, weights, share * of_sum);
                add(&mut u[first..], targets, weight, weights, share * of_u);
            }
        }
    }
}

/// Adds `gain` times a weight, or times its own where there is one for each, to the value of every target.
#[inline(always)]
fn add<T: Target, W: Copy + Into<f64>>(
    values: &mut [f64],
    targets: &[T],
    weight: f64,
    weights: &[W],
    gain: f64,
) {
    let values = T::reach(values);
    if weights.is_empty() {
        let weight = gain * weight;
        targets.iter().for_each(|target| *target.of(values) += weight);
    } else {
        for (target, weight) in targets.iter().zip(weights) {
            *target.of(values) += gain * (*weight).into();
        }
    }
}

/// A target as a table holds it.
trait Target: Copy {
    /// Values that any target can be a place of.
    type Values: ?Sized;

    /// The values from a class's first lane on, as far as a target can reach.
    fn reach(values: &mut [f64]) -> &mut Self::Values;

    /// The value of the target.
    fn of(self, values: &mut Self::Values) -> &mut f64;

    /// The place of the target.
    fn place(self) -> usize;
}

/// So many lanes two bytes can tell apart: a class that is addressed by two bytes has as many behind its
/// first, used or not, and then no target needs a check.
pub(super) const NARROW: usize = 1 << 16;

impl Target for u16 {
    type Values = [f64; NARROW];

    #[inline(always)]
    fn reach(values: &mut [f64]) -> &mut Self::Values {
        values.first_chunk_mut().expect("lanes reach as far as two bytes do")
    }

    #[inline(always)]
    fn of(self, values: &mut Self::Values) -> &mut f64 {
        &mut values[usize::from(self)]
    }

    #[inline(always)]
    fn place(self) -> usize {
        usize::from(self)
    }
}

impl Target for u32 {
    type Values = [f64];

    #[inline(always)]
    fn reach(values: &mut [f64]) -> &mut Self::Values {
        values
    }

    #[inline(always)]
    fn of(self, values: &mut Self::Values) -> &mut f64 {
        &mut values[self as usize]
    }

    #[inline(always)]
    fn place(self) -> usize {
        self as usize
    }
}
