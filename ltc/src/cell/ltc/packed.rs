//! What steps compute with: made of the parameters once, not in every unfold.
//!
//! The conductance of a synapse is `w σ(sigma (u − mu))`, and with `slope = −sigma log₂ e` and
//! `shift = sigma mu log₂ e` its sigmoid is `1/(1 + 2^(slope u + shift))`: one fused multiply-add leads to the
//! power of two. Every kernel adds the synapses of a unit in the order of their sources, by the operations
//! that are here.

use std::f64::consts::LOG2_E;

use super::parameters::SynapsePlaces;
use super::{Ltc, Places};
use crate::Real;

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
    /// How far it is open with a source in state `u`: a share of `w`.
    #[inline(always)]
    pub fn open(slope: R, shift: R, u: R) -> R {
        slope.mul_add(u, shift).logistic2()
    }
}

/// The packed synapses of both kinds, as they lie behind the effective parameters.
pub(super) struct Packed<'p, R> {
    synapses: &'p [[R; N_NUMBERS]],
    sensory: &'p [[R; N_NUMBERS]],
}

impl<'p, R: Real> Packed<'p, R> {
    /// Those of a cell.
    #[inline(always)]
    pub fn of(cell: &Ltc, effective: &'p [R]) -> Self {
        let (packed, _) = effective[cell.layout.n_parameters()..].as_chunks();
        let (synapses, sensory) = packed.split_at(cell.places.synapses.w.len());
        Self { synapses, sensory }
    }

    #[inline(always)]
    pub fn synapses(&self) -> PackedSynapses<'p, R> {
        PackedSynapses(self.synapses)
    }

    #[inline(always)]
    pub fn sensory(&self) -> PackedSynapses<'p, R> {
        PackedSynapses(self.sensory)
    }
}

/// The packed synapses of a kind.
#[derive(Clone, Copy)]
pub(super) struct PackedSynapses<'p, R>(&'p [[R; N_NUMBERS]]);

impl<'p, R: Real> PackedSynapses<'p, R> {
    /// Some of them, in their order.
    #[inline(always)]
    pub fn range(self, range: std::ops::Range<usize>) -> impl Iterator<Item = Synapse<R>> + 'p {
        self.0[range].iter().map(|numbers| {
            let [slope, shift, drive, w, erev, pull] = *numbers;
            Synapse { slope, shift, drive, w, erev, pull }
        })
    }
}

/// Puts the packed synapses behind the effective parameters.
pub(super) fn append<R: Real>(places: &Places, effective: &mut Vec<R>) {
    let kinds = [&places.synapses, &places.sensory];
    effective.reserve_exact(kinds.iter().map(|places| N_NUMBERS * places.w.len()).sum());
    for SynapsePlaces { w, sigma, mu, erev } in kinds {
        for synapse in 0..w.len() {
            let of = |block: &std::ops::Range<usize>| effective[block.start + synapse];
            let (w, sigma, mu, erev) = (of(w), of(sigma), of(mu), of(erev));
            let slope = sigma * R::of(-LOG2_E);
            effective.extend([slope, -(slope * mu), w * erev, w, erev, w * sigma]);
        }
    }
}
