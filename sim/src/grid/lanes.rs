//! The sums into which spikes are delivered, and the delivery.

use rheobase_lif::Port;

use super::modal::Modal;
use crate::memory::{Spread, prefetch};
use crate::plan::{Kind, Packed, Shard, Span, Table, Target, with_packed};

/// State that spikes write to, one value a neuron, by lane. What it means is up to the model.
#[derive(Debug)]
pub(super) struct Lanes {
    /// Potential relative to rest \[mV\], or its slow mode.
    pub u: Spread,
    /// The synaptic currents by port, or their modes; empty if no neuron has any.
    pub ports: [Spread; 2],
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
    fn span(self) -> Span;
    /// The share.
    fn share(self) -> f64;
}

impl Entry for Span {
    fn span(self) -> Span {
        self
    }

    fn share(self) -> f64 {
        1.0
    }
}

impl Entry for (Span, f64) {
    fn span(self) -> Span {
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
    let (packed, size) = table.packed();
    if !due.is_empty() {
        with_packed!(packed, size, packed => deliver_all(lanes, rules, due, packed, &[]));
    }
}

/// Delivers a segment of a table with the weights that a run has for the table.
pub(super) fn deliver_own(
    lanes: &mut Lanes,
    rules: Rules<'_>,
    table: &Table,
    segment: Span,
    weights: &[f64],
) {
    let (packed, size) = table.packed();
    with_packed!(packed, size, packed => deliver_all(lanes, rules, &[segment], packed, weights));
}

/// How far ahead of the delivery the synapses of a segment are asked for.
const AHEAD: usize = 16;

/// `own` are the weights that a run has for the whole table, if it does.
fn deliver_all<P: Packed>(
    lanes: &mut Lanes,
    Rules { shard, kinds, inlets }: Rules<'_>,
    due: &[impl Entry],
    packed: &[P],
    own: &[f64],
) {
    for (k, entry) in due.iter().enumerate() {
        if let Some(later) = due.get(k + AHEAD) {
            prefetch(packed, later.span().synapses());
        }
        let (span, share) = (entry.span(), entry.share());
        let range = span.synapses();
        let Kind { weight, class, port, .. } = kinds[span.kind as usize];
        let first = shard.classes[usize::from(class)].start as usize;
        let segment = &packed[range.clone()];
        let own = if own.is_empty() { own } else { &own[range] };
        let Lanes { u, ports, touched } = &mut *lanes;
        let [ex, inh] = ports;
        let sum = match port {
            Port::Excitatory => ex,
            Port::Inhibitory => inh,
        };
        match &inlets[usize::from(class)] {
            Inlet::Jump => add(&mut u[first..], segment, weight, own, share),
            Inlet::Sum => add(&mut sum[first..], segment, weight, own, share),
            Inlet::ModalJump(modal) => {
                for synapse in segment {
                    touched[(first + synapse.target().place()) / BLOCK] = true;
                }
                add(&mut u[first..], segment, weight, own, share * modal.gain_of_jump());
            }
            Inlet::ModalSum(modal) => {
                let (of_sum, of_u) = modal.gains(port);
                add(&mut sum[first..], segment, weight, own, share * of_sum);
                add(&mut u[first..], segment, weight, own, share * of_u);
            }
        }
    }
}

/// Adds `gain` times a weight to the value of every target: its own weight, that of the run, or that of all.
#[inline(always)]
fn add<P: Packed>(values: &mut [f64], segment: &[P], weight: f64, own: &[f64], gain: f64) {
    let values = P::Target::reach(values);
    if P::HAS_WEIGHT {
        for synapse in segment {
            *synapse.target().of(values) += gain * synapse.weight();
        }
    } else if own.is_empty() {
        let weight = gain * weight;
        segment.iter().for_each(|synapse| *synapse.target().of(values) += weight);
    } else {
        for (synapse, own) in segment.iter().zip(own) {
            *synapse.target().of(values) += gain * own;
        }
    }
}
