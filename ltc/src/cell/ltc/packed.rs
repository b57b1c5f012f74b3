//! What steps compute with: made of the parameters once, not in every unfold.
//!
//! The conductance of a synapse is `w σ(sigma (u − mu))`, and with `slope = −sigma log₂ e` and
//! `shift = sigma mu log₂ e` its sigmoid is `1/(1 + 2^(slope u + shift))`: one fused multiply-add leads to the
//! power of two. Every kernel adds the synapses of a unit in the order of their sources, by the operations
//! that are here.
//!
//! The power of two is right within limits, and a number outside is moved there first. How far a source may be
//! from 0 before any synapse needs that is known of the parameters; sources are looked at once an unfold, and
//! hardly ever are so far.

use std::f64::consts::LOG2_E;

use super::parameters::SynapsePlaces;
use super::{Ltc, Places};
use crate::Real;
use crate::cell::Lanes;

/// Numbers of a synapse in the list that [`append`] makes.
const N_NUMBERS: usize = 6;

/// A synapse as steps see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Synapse<R> {
    /// `−sigma log₂ e`
    pub slope: R,
    /// `sigma mu log₂ e`
    pub shift: R,
    /// `w erev`
    pub drive: R,
    /// `w`
    pub w: R,
    /// `erev`, for the way back.
    pub erev: R,
    /// `w sigma`, for the way back.
    pub pull: R,
}

impl<R: Real> Synapse<R> {
    /// How far it is open with a source in state `u`: a share of `w`. Within [`Reach`] or not, the bits are the
    /// same.
    #[inline(always)]
    pub fn open<const IS_WITHIN: bool>(slope: R, shift: R, u: R) -> R {
        let exponent = slope.mul_add(u, shift);
        if IS_WITHIN { exponent.logistic2_within() } else { exponent.logistic2() }
    }
}

/// How far from 0 sources may be, so that the sigmoids of all synapses are within the limits of a power of two.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach<R>(R);

impl<R: Real> Reach<R> {
    /// That of synapses with these slopes and shifts.
    pub fn of(synapses: impl Iterator<Item = [R; 2]>) -> Self {
        let (slope, shift) = synapses.fold((R::ZERO, R::ZERO), |(slope, shift), [of_slope, of_shift]| {
            (of_slope.abs().larger(slope), of_shift.abs().larger(shift))
        });
        // What is left of the limit is more than the rounding of the exponent.
        Self((R::LOGISTIC2_LIMIT - R::ONE - shift) / slope)
    }

    /// Whether it has all of these.
    #[inline(always)]
    pub fn has(self, sources: &[R]) -> bool {
        // Without a way out in the middle this is vector code.
        sources.iter().fold(true, |has, u| has & (u.abs() <= self.0))
    }
}

/// The packed synapses of both kinds, as they lie behind the effective parameters.
pub(super) struct Packed<'p, R> {
    synapses: PackedSynapses<'p, R>,
    sensory: PackedSynapses<'p, R>,
}

impl<'p, R: Real> Packed<'p, R> {
    /// Those of a cell.
    #[inline(always)]
    pub fn of(cell: &Ltc, effective: &'p [R]) -> Self {
        let ([of_synapses, of_sensory], packed) = effective[cell.layout.n_parameters()..]
            .split_first_chunk()
            .expect("the reach of both kinds stands ahead of the packed synapses");
        let (packed, _) = packed.as_chunks();
        let (synapses, sensory) = packed.split_at(cell.places.synapses.w.len());
        Self {
            synapses: PackedSynapses { numbers: synapses, reach: Reach(*of_synapses) },
            sensory: PackedSynapses { numbers: sensory, reach: Reach(*of_sensory) },
        }
    }

    #[inline(always)]
    pub fn synapses(&self) -> PackedSynapses<'p, R> {
        self.synapses
    }

    #[inline(always)]
    pub fn sensory(&self) -> PackedSynapses<'p, R> {
        self.sensory
    }
}

/// The packed synapses of a kind.
#[derive(Clone, Copy)]
pub(super) struct PackedSynapses<'p, R> {
    numbers: &'p [[R; N_NUMBERS]],
    reach: Reach<R>,
}

impl<'p, R: Real> PackedSynapses<'p, R> {
    /// Some of them, in their order.
    #[inline(always)]
    pub fn range(self, range: std::ops::Range<usize>) -> impl Iterator<Item = Synapse<R>> + 'p {
        self.numbers[range].iter().map(|numbers| {
            let [slope, shift, drive, w, erev, pull] = *numbers;
            Synapse { slope, shift, drive, w, erev, pull }
        })
    }

    /// Whether all sigmoids are within the limits of a power of two.
    #[inline(always)]
    pub fn reach(self, sources: &[Lanes<R>]) -> bool {
        self.reach.has(sources.as_flattened())
    }
}

/// Puts the packed synapses behind the effective parameters, and ahead of them how far they reach.
pub(super) fn append<R: Real>(places: &Places, effective: &mut Vec<R>) {
    let kinds = [&places.synapses, &places.sensory];
    effective.reserve_exact(kinds.iter().map(|places| 1 + N_NUMBERS * places.w.len()).sum());
    let first = effective.len();
    effective.extend(kinds.map(|_| R::ZERO));
    for SynapsePlaces { w, sigma, mu, erev } in kinds {
        for synapse in 0..w.len() {
            let of = |block: &std::ops::Range<usize>| effective[block.start + synapse];
            let (w, sigma, mu, erev) = (of(w), of(sigma), of(mu), of(erev));
            let slope = sigma * R::of(-LOG2_E);
            effective.extend([slope, -(slope * mu), w * erev, w, erev, w * sigma]);
        }
    }
    let (ahead, packed) = effective[first..].split_at_mut(kinds.len());
    let (synapses, sensory) = packed.as_chunks::<N_NUMBERS>().0.split_at(places.synapses.w.len());
    for (reach, numbers) in ahead.iter_mut().zip([synapses, sensory]) {
        *reach = Reach::of(numbers.iter().map(|[slope, shift, ..]| [*slope, *shift])).0;
    }
}
