//! The LTC's equation as a vector field, for [explicit steps](super::super::explicit).
//!
//! `dv/dt = (num − den v)/cm`, with the num and den of an unfold. What a cell says about unfolds does not
//! matter here; its maps, its constraint and its `epsilon` hold.

use super::Ltc;
use super::pull::{add, pull_inputs, pull_leak, pull_outputs, pull_synapses};
use super::step::{Drive, drives, map_inputs, map_outputs};
use crate::Real;
use crate::cell::explicit::{At, Rates, RatesBack};
use crate::cell::{Cell, LANES, Lanes, Layout, splat, total};

impl<R: Real> Rates<R> for Ltc {
    fn n_inputs(&self) -> usize {
        self.wiring.n_inputs()
    }

    fn n_state(&self) -> usize {
        self.wiring.units()
    }

    fn n_outputs(&self) -> usize {
        self.wiring.n_outputs()
    }

    /// num and den of the sensory synapses of every unit.
    fn n_prepared(&self) -> usize {
        2 * self.wiring.units()
    }

    /// num and den of every unit.
    fn n_kept(&self) -> usize {
        2 * self.wiring.units()
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn n_sums(&self) -> usize {
        self.layout.n_parameters()
    }

    fn add_sums(&self, sums: &[Lanes<R>], gradient: &mut [R]) {
        for (gradient, lanes) in gradient.iter_mut().zip(sums) {
            *gradient += total(lanes);
        }
    }

    fn effective(&self, raw: &[R]) -> Vec<R> {
        Cell::effective(self, raw)
    }

    fn pull_effective(&self, raw: &[R], gradient: &mut [R]) {
        Cell::pull_effective(self, raw, gradient);
    }

    #[inline(always)]
    fn prepare(&self, parameters: &[R], inputs: &[Lanes<R>], prepared: &mut [Lanes<R>]) {
        let mapped = map_inputs(self, parameters, inputs);
        let sensory = drives(&self.sensory, &self.places.sensory, parameters, &mapped);
        prepared.copy_from_slice(sensory.as_flattened());
    }

    #[inline(always)]
    fn rates(&self, parameters: &[R], at: &At<'_, R>, rates: &mut [Lanes<R>], kept: &mut [Lanes<R>]) {
        let (sensory, _) = at.prepared.as_chunks::<2>();
        for (unit, rate) in rates.iter_mut().enumerate() {
            let Drive { num, den, cm } = Drive::of(self, parameters, unit, at.state, &sensory[unit]);
            for lane in 0..LANES {
                rate[lane] = (-den[lane]).mul_add(at.state[unit][lane], num[lane]) / cm;
            }
            (kept[2 * unit], kept[2 * unit + 1]) = (num, den);
        }
    }

    #[inline(always)]
    fn pull_rates(
        &self,
        parameters: &[R],
        at: &At<'_, R>,
        kept: &[Lanes<R>],
        by_rates: &[Lanes<R>],
        back: RatesBack<'_, R>,
    ) {
        let RatesBack { prepared: by_prepared, state: by_state, sums } = back;
        for (unit, g) in by_rates.iter().enumerate() {
            let (num, den, v) = (&kept[2 * unit], &kept[2 * unit + 1], &at.state[unit]);
            let cm = parameters[self.places.cm.start + unit];
            let [mut by_num, mut by_den, mut by_cm] = [splat(R::ZERO); 3];
            for lane in 0..LANES {
                let by = g[lane] / cm;
                by_num[lane] = by;
                by_den[lane] = -(by * v[lane]);
                by_cm[lane] = -(by * (-den[lane]).mul_add(v[lane], num[lane]) / cm);
                by_state[unit][lane] = (-by).mul_add(den[lane], by_state[unit][lane]);
            }
            pull_leak(self, parameters, unit, &by_num, &by_den, &by_cm, sums);
            add(&mut by_prepared[2 * unit], &by_num);
            add(&mut by_prepared[2 * unit + 1], &by_den);
            let (incoming, places) = (&self.synapses, &self.places.synapses);
            let by = [&by_num, &by_den];
            pull_synapses(incoming, places, parameters, unit, at.state, by, by_state, sums);
        }
    }

    #[inline(always)]
    fn pull_prepare(
        &self,
        parameters: &[R],
        inputs: &[Lanes<R>],
        by_prepared: &[Lanes<R>],
        by_inputs: &mut [Lanes<R>],
        sums: &mut [Lanes<R>],
    ) {
        let mapped = map_inputs(self, parameters, inputs);
        let mut by_mapped = vec![splat(R::ZERO); mapped.len()];
        for (unit, [num, den]) in by_prepared.as_chunks::<2>().0.iter().enumerate() {
            let (incoming, places) = (&self.sensory, &self.places.sensory);
            pull_synapses(incoming, places, parameters, unit, &mapped, [num, den], &mut by_mapped, sums);
        }
        pull_inputs(self, parameters, inputs, &by_mapped, by_inputs, sums);
    }

    #[inline(always)]
    fn outputs(&self, parameters: &[R], state: &[Lanes<R>], outputs: &mut [Lanes<R>]) {
        map_outputs(self, parameters, state, outputs);
    }

    #[inline(always)]
    fn pull_outputs(
        &self,
        parameters: &[R],
        state: &[Lanes<R>],
        by_outputs: &[Lanes<R>],
        by_state: &mut [Lanes<R>],
        sums: &mut [Lanes<R>],
    ) {
        pull_outputs(self, parameters, state, by_outputs, by_state, sums);
    }
}
