//! Kinds of synapses: what all synapses of a segment have in common.

use std::collections::HashMap;

use rayon::prelude::*;
use rheobase_lif::Port;
use rheobase_net::{Delays, Plasticity, Projection, Receptor, Synapses, ValidNetwork, Weights};

use super::layout::Layout;
use super::to_steps;

/// What all synapses of a segment have in common.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Kind {
    /// Delay \[ms\].
    pub delay: f64,
    /// Delay in steps of the grid, ≥ 1.
    pub steps: u32,
    /// The weight, where all have one; NaN where each has its own.
    pub weight: f64,
    pub class: u16,
    pub port: Port,
    /// The place of the projection among those with short-term plasticity, if it is one.
    pub depression: Option<u16>,
    /// The place of the projection among those whose weights change, if it is one.
    pub plastic: Option<u16>,
}

/// Where the weights of a projection's synapses are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Store {
    /// In the kind.
    Shared = 0,
    /// One each, single precision.
    Single = 1,
    /// One each, double precision.
    Double = 2,
    /// In the state of a run, because they change.
    Plastic = 3,
}

impl Store {
    pub const ALL: [Self; 4] = [Self::Shared, Self::Single, Self::Double, Self::Plastic];
}

/// Finds the kind of every synapse of a projection.
#[derive(Debug)]
pub(crate) struct KindOf {
    pub store: Store,
    receptor: Receptor,
    /// Whether a weight is taken without its sign, which has chosen the port: conductances only open.
    is_amount: bool,
    delays: DelayIdx,
    /// Kinds of excitatory and inhibitory synapses, by delay.
    kinds: Vec<[u32; 2]>,
    /// The largest weight, if weights change: its sign is theirs, also where one is 0.
    w_max: Option<f64>,
}

#[derive(Debug)]
enum DelayIdx {
    One,
    /// The delay's place, by ticks.
    Ticks(Vec<u32>),
    /// All delays that occur, ascending.
    Sorted(Vec<f64>),
}

impl KindOf {
    /// The kind of synapse `i` in a row that starts at `start`, and what its table keeps of it: what its weight
    /// adds; or, where weights change, its place in the row.
    #[inline]
    pub fn get(&self, synapses: &Synapses, start: usize, i: usize) -> (u32, f64) {
        match self.w_max {
            Some(w_max) => (self.kind(&synapses.delay, i, w_max), (i - start) as f64),
            None => {
                let weight = synapses.weight.get(i);
                let added = if self.is_amount { weight.abs() } else { weight };
                (self.kind(&synapses.delay, i, weight), added)
            }
        }
    }

    #[inline]
    fn kind(&self, delays: &Delays, i: usize, weight: f64) -> u32 {
        let delay = match (&self.delays, delays) {
            (DelayIdx::Ticks(place), Delays::Ticks { n, .. }) => place[usize::from(n[i])] as usize,
            (DelayIdx::Sorted(known), Delays::F64(delays)) => {
                known.partition_point(|known| *known < delays[i])
            }
            (DelayIdx::One | DelayIdx::Ticks(_) | DelayIdx::Sorted(_), _) => 0,
        };
        self.kinds[delay][usize::from(is_inhibitory(self.receptor, weight))]
    }
}

pub(super) fn is_inhibitory(receptor: Receptor, weight: f64) -> bool {
    match receptor {
        Receptor::BySign => weight < 0.0,
        Receptor::Excitatory => false,
        Receptor::Inhibitory => true,
    }
}

/// All kinds of a network in order of delay, and for every projection of spikes to neurons how to find them.
pub(crate) fn kinds(network: &ValidNetwork, layout: &Layout, dt: f64) -> (Vec<Kind>, Vec<Option<KindOf>>) {
    let mut kinds: Vec<Kind> = Vec::new();
    let mut known: HashMap<_, u32> = HashMap::new();
    let (mut n_depressing, mut n_plastic) = (0, 0);
    let mut maps: Vec<Option<KindOf>> = Vec::new();
    for projection in network.projections() {
        let source = &network.population(projection.source).model;
        let class = layout.class_of[projection.target.idx()];
        let (Some(class), false) = (class, !source.sends_spikes()) else {
            maps.push(None);
            continue;
        };
        let w_max = projection.plasticity.and_then(|rule| rule.w_max());
        let (store, weight) = match (w_max, &projection.synapses.weight) {
            (Some(_), _) => (Store::Plastic, f64::NAN),
            (None, Weights::Shared(weight)) => (Store::Shared, *weight),
            (None, Weights::F32(_)) => (Store::Single, f64::NAN),
            (None, Weights::F64(_)) => (Store::Double, f64::NAN),
        };
        let reception = layout.classes[usize::from(class)];
        let one_port = reception.has_one_port();
        let is_amount = reception.takes_amounts();
        let weight = if is_amount { weight.abs() } else { weight };
        let depression = matches!(projection.plasticity, Some(Plasticity::Tsodyks(_))).then(|| {
            n_depressing += 1;
            n_depressing - 1
        });
        let plastic = w_max.map(|_| {
            n_plastic += 1;
            n_plastic - 1
        });
        let (delays, values) = delays_of(projection);
        let mut kind = |delay: f64, inhibitory: bool| {
            let port = if inhibitory && !one_port { Port::Inhibitory } else { Port::Excitatory };
            let is_inhibitory = port == Port::Inhibitory;
            let key = (delay.to_bits(), weight.to_bits(), class, is_inhibitory, depression, plastic);
            *known.entry(key).or_insert_with(|| {
                let steps = to_steps(delay, dt);
                kinds.push(Kind { delay, steps, weight, class, port, depression, plastic });
                kinds.len() as u32 - 1
            })
        };
        let of_projection = values.into_iter().map(|delay| [kind(delay, false), kind(delay, true)]).collect();
        let receptor = projection.receptor;
        maps.push(Some(KindOf { store, receptor, is_amount, delays, kinds: of_projection, w_max }));
    }
    // Kinds are numbered by delay, so that a row that is sorted by kind is sorted by delay.
    let mut order: Vec<u32> = (0..kinds.len() as u32).collect();
    order.sort_by(|a, b| kinds[*a as usize].delay.total_cmp(&kinds[*b as usize].delay));
    let mut place = vec![0; kinds.len()];
    order.iter().zip(0..).for_each(|(old, new)| place[*old as usize] = new);
    for map in maps.iter_mut().flatten() {
        map.kinds.iter_mut().flatten().for_each(|kind| *kind = place[*kind as usize]);
    }
    (order.into_iter().map(|old| kinds[old as usize]).collect(), maps)
}

/// The delays that occur in a projection.
fn delays_of(projection: &Projection) -> (DelayIdx, Vec<f64>) {
    match &projection.synapses.delay {
        Delays::Shared(delay) => (DelayIdx::One, vec![*delay]),
        Delays::Ticks { tick, n } => {
            let seen = n.par_chunks(1 << 20).map(|chunk| {
                let mut seen = vec![false; 1 << 16];
                chunk.iter().for_each(|n| seen[usize::from(*n)] = true);
                seen
            });
            let join = |mut a: Vec<bool>, b: Vec<bool>| {
                a.iter_mut().zip(b).for_each(|(a, b)| *a |= b);
                a
            };
            let seen = seen.reduce(|| vec![false; 1 << 16], join);
            let (mut place, mut values) = (vec![0; 1 << 16], Vec::new());
            for n in (0..seen.len()).filter(|n| seen[*n]) {
                place[n] = values.len() as u32;
                values.push(n as f64 * tick);
            }
            (DelayIdx::Ticks(place), values)
        }
        Delays::F64(delays) => {
            let mut sorted = delays.clone();
            sorted.par_sort_unstable_by(f64::total_cmp);
            sorted.dedup();
            (DelayIdx::Sorted(sorted.clone()), sorted)
        }
    }
}
