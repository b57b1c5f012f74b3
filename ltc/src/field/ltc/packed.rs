//! Synapses for eight units side by side, each with its own.
//!
//! A block of units has as many slots as the unit with most synapses; what is left of the others' is filled with
//! synapses of conductance 0.

use std::ops::Range;

use pulp::NullaryFnOnce;

use super::{LtcField, Write};
use crate::Real;
use crate::wiring::Synapse;

/// Units side by side.
pub(super) const UNITS: usize = 8;

pub(super) type Eight<R> = [R; UNITS];

/// The synapses of one kind.
#[derive(Debug, Clone)]
pub(super) struct Packed<R> {
    /// Where the slots of a block begin; one more at the end.
    pub first: Vec<usize>,
    pub slots: Vec<Slot<R>>,
    /// As they stand in the parameters, sorted by target and source.
    pub synapses: Vec<Synapse>,
}

/// One synapse of each of eight units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot<R> {
    pub sources: [u32; UNITS],
    /// Whether all sources are the same.
    pub is_shared: bool,
    pub w: Eight<R>,
    pub sigma: Eight<R>,
    pub mu: Eight<R>,
    pub erev: Eight<R>,
}

impl<R: Real> Packed<R> {
    pub fn new(units: usize, synapses: &[Synapse], parameters: &[R], places: &[Range<usize>; 4]) -> Self {
        let begin = |unit: usize| synapses.partition_point(|synapse| (synapse.target as usize) < unit);
        let [w, sigma, mu, erev] = places.clone().map(|range| &parameters[range]);
        let (mut first, mut slots) = (vec![0], Vec::new());
        for block in 0..units.div_ceil(UNITS) {
            let of_lane: [Range<usize>; UNITS] = std::array::from_fn(|lane| {
                let unit = block * UNITS + lane;
                begin(unit)..begin(unit + 1)
            });
            for k in 0..of_lane.iter().map(ExactSizeIterator::len).max().unwrap_or(0) {
                let at: [Option<usize>; UNITS] = std::array::from_fn(|lane| of_lane[lane].clone().nth(k));
                // Every lane without a synapse looks where the first with one looks.
                let some = at.iter().flatten().next().map_or(0, |at| synapses[*at].source);
                let pick = |values: &[R]| at.map(|at| at.map_or(R::ZERO, |at| values[at]));
                let sources = at.map(|at| at.map_or(some, |at| synapses[at].source));
                let is_shared = sources.iter().all(|source| *source == sources[0]);
                let (w, sigma, mu, erev) = (pick(w), pick(sigma), pick(mu), pick(erev));
                slots.push(Slot { sources, is_shared, w, sigma, mu, erev });
            }
            first.push(slots.len());
        }
        Self { first, slots, synapses: synapses.to_vec() }
    }

    /// Adds Σ a erev and Σ a of a block.
    #[inline(always)]
    pub fn add_drive(&self, block: usize, from: &[R], num: &mut Eight<R>, den: &mut Eight<R>) {
        for slot in &self.slots[self.first[block]..self.first[block + 1]] {
            let Slot { sources, is_shared, w, sigma, mu, erev } = slot;
            let u: Eight<R> = match is_shared {
                true => [from[sources[0] as usize]; UNITS],
                false => sources.map(|source| from[source as usize]),
            };
            for lane in 0..UNITS {
                let a = w[lane] * (sigma[lane] * (u[lane] - mu[lane])).sigmoid();
                num[lane] = a.mul_add(erev[lane], num[lane]);
                den[lane] += a;
            }
        }
    }
}

/// Computes drive and conductance of all units, and hands those of a block on.
pub(super) struct Drives<'f, R, W> {
    pub field: &'f LtcField<R>,
    pub mapped: &'f [R],
    pub y: &'f [R],
    pub write: W,
}

impl<R: Real, W: Write<R>> NullaryFnOnce for Drives<'_, R, W> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { field, mapped, y, mut write } = self;
        for (block, leak) in field.leak.iter().enumerate() {
            let (mut num, mut den) = ([R::ZERO; UNITS], [R::ZERO; UNITS]);
            field.sensory.add_drive(block, mapped, &mut num, &mut den);
            for lane in 0..UNITS {
                num[lane] += leak.current[lane];
                den[lane] += leak.gleak[lane] + field.epsilon;
            }
            field.recurrent.add_drive(block, y, &mut num, &mut den);
            let units = block * UNITS..((block + 1) * UNITS).min(field.units);
            write.write(units.clone(), &y[units], &leak.cm, &num, &den);
        }
    }
}
