//! The LTC's equation as a vector field, for [explicit steps](super::super::explicit).
//!
//! `dv/dt = (num − den v)/cm`, with the num and den of an unfold. What a cell says about unfolds does not
//! matter here; its maps, its constraint and its `epsilon` hold.

use super::Ltc;
use super::packed::Packed;
use super::pull::{SumPlaces, Way, add, pull_map, pull_synapses};
use super::step::{add_drive, leak, map_inputs, map_outputs};
use crate::Real;
use crate::cell::explicit::{At, Rates, RatesBack};
use crate::cell::{Cell, LANES, Lanes, Layout, splat};

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

    /// num and den of every unit but for the synapses between units, then the inputs as synapses see them.
    fn n_prepared(&self) -> usize {
        2 * self.wiring.units() + self.wiring.n_inputs()
    }

    /// num and den of every unit.
    fn n_kept(&self) -> usize {
        2 * self.wiring.units()
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn n_sums(&self) -> usize {
        Cell::<R>::n_sums(self)
    }

    fn add_sums(&self, parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]) {
        Cell::add_sums(self, parameters, sums, gradient);
    }

    fn effective(&self, raw: &[R]) -> Vec<R> {
        Cell::effective(self, raw)
    }

    fn pull_effective(&self, raw: &[R], gradient: &mut [R]) {
        Cell::pull_effective(self, raw, gradient);
    }

    #[inline(always)]
    fn prepare(&self, parameters: &[R], inputs: &[Lanes<R>], prepared: &mut [Lanes<R>]) {
        let packed = Packed::of(self, parameters);
        let (held, mapped) = prepared.split_at_mut(2 * self.wiring.units());
        map_inputs(self, parameters, inputs, mapped);
        let is_within = packed.sensory().reach(mapped);
        for (unit, held) in held.as_chunks_mut::<2>().0.iter_mut().enumerate() {
            let [num, den] = leak(self, parameters, unit);
            let start = [splat(num), splat(den)];
            *held = add_drive(start, &self.sensory, packed.sensory(), unit, mapped, is_within);
        }
    }

    #[inline(always)]
    fn rates(&self, parameters: &[R], at: &At<'_, R>, rates: &mut [Lanes<R>], kept: &mut [Lanes<R>]) {
        let packed = Packed::of(self, parameters);
        let is_within = packed.synapses().reach(at.state);
        for (unit, rate) in rates.iter_mut().enumerate() {
            let start = [at.prepared[2 * unit], at.prepared[2 * unit + 1]];
            let [num, den] = add_drive(start, &self.synapses, packed.synapses(), unit, at.state, is_within);
            let cm = parameters[self.places.cm.start + unit];
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
        let packed = Packed::of(self, parameters);
        let places = SumPlaces::of(self);
        let (of_units, rest) = sums.split_at_mut(places.units.end);
        let of_synapses = &mut rest[..places.synapses.len()];
        let is_within = packed.synapses().reach(at.state);
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
            add(&mut of_units[3 * unit + 2], &by_cm);
            add(&mut by_prepared[2 * unit], &by_num);
            add(&mut by_prepared[2 * unit + 1], &by_den);
            let by = [&by_num, &by_den];
            let way = Way { incoming: &self.synapses, packed: packed.synapses(), from: at.state, is_within };
            pull_synapses(&way, unit, by, by_state, of_synapses);
        }
    }

    #[inline(always)]
    fn pull_prepare(
        &self,
        parameters: &[R],
        inputs: &[Lanes<R>],
        prepared: &[Lanes<R>],
        by_prepared: &[Lanes<R>],
        by_inputs: &mut [Lanes<R>],
        sums: &mut [Lanes<R>],
    ) {
        let packed = Packed::of(self, parameters);
        let SumPlaces { units, sensory, maps, mapped: by_mapped, .. } = SumPlaces::of(self);
        let n_units = self.wiring.units();
        let mapped = &prepared[2 * n_units..];
        let is_within = packed.sensory().reach(mapped);
        let way = Way { incoming: &self.sensory, packed: packed.sensory(), from: mapped, is_within };
        sums[by_mapped.clone()].fill(splat(R::ZERO));
        for (unit, [num, den]) in by_prepared[..2 * n_units].as_chunks::<2>().0.iter().enumerate() {
            let gleak = parameters[self.places.gleak.start + unit];
            let vleak = parameters[self.places.vleak.start + unit];
            let [by_gleak, by_vleak, _] = &mut sums[units.clone()].as_chunks_mut::<3>().0[unit];
            for lane in 0..LANES {
                by_gleak[lane] += num[lane].mul_add(vleak, den[lane]);
                by_vleak[lane] += num[lane] * gleak;
            }
            let (rest, by_mapped) = sums.split_at_mut(by_mapped.start);
            let of_sensory = &mut rest[sensory.clone()];
            pull_synapses(&way, unit, [num, den], by_mapped, of_sensory);
        }
        let (rest, by_mapped) = sums.split_at_mut(by_mapped.start);
        let (w, b) = (&self.places.input_w, &self.places.input_b);
        let of_input_map = &mut rest[maps][..w.len() + b.len()];
        pull_map(parameters, [w, b], by_mapped, inputs, of_input_map, |k, by| by_inputs[k] = *by);
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
        let (w, b) = (&self.places.output_w, &self.places.output_b);
        let maps = SumPlaces::of(self).maps;
        let of_output_map = &mut sums[maps.end - w.len() - b.len()..maps.end];
        pull_map(parameters, [w, b], by_outputs, state, of_output_map, |k, by| add(&mut by_state[k], by));
    }
}
