//! Derivatives, synapse by synapse.

use std::ops::Range;

use pulp::NullaryFnOnce;

use super::packed::Packed;
use super::{LtcField, Places, WriteRelaxation, jacobian};
use crate::Real;
use crate::field::{Relaxation, Smooth};

/// What synapses of one kind give back.
struct PullSynapses<'f, R> {
    field: &'f LtcField<R>,
    packed: &'f Packed<R>,
    places: &'f [Range<usize>; 4],
    /// What they listen to.
    from: &'f [R],
    y: &'f [R],
    /// By the current into every unit.
    by_current: &'f [R],
    by_from: &'f mut [R],
    by_parameters: &'f mut [R],
}

impl<R: Real> NullaryFnOnce for PullSynapses<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { field, packed, places, from, y, by_current, by_from, by_parameters } = self;
        let [w, sigma, mu, erev] = places.clone();
        for (k, synapse) in packed.synapses.iter().enumerate() {
            let (target, source) = (synapse.target as usize, synapse.source as usize);
            let of = |range: &Range<usize>| field.parameters[range.start + k];
            let far = from[source] - of(&mu);
            let s = (of(&sigma) * far).sigmoid();
            let by_a = by_current[target] * (of(&erev) - y[target]);
            let by_z = by_a * of(&w) * s * (R::ONE - s);
            by_parameters[w.start + k] += by_a * s;
            by_parameters[sigma.start + k] += by_z * far;
            by_parameters[mu.start + k] -= by_z * of(&sigma);
            by_parameters[erev.start + k] += by_current[target] * of(&w) * s;
            by_from[source] += by_z * of(&sigma);
        }
    }
}

impl<R: Real> Smooth<R> for LtcField<R> {
    fn n_parameters(&self) -> usize {
        self.parameters.len()
    }

    fn pull(&self, t: f64, y: &[R], g: &[R], by_state: &mut [R], by_parameters: &mut [R]) -> R {
        let (mapped, inputs) = self.inputs(t);
        let mut relaxation = Relaxation::new(self.units);
        self.drive(t, y, WriteRelaxation(&mut relaxation));
        let Relaxation { capacity, drive, conductance } = relaxation;
        let mut by_current = vec![R::ZERO; self.units];
        for unit in 0..self.units {
            by_current[unit] = g[unit] / capacity[unit];
            let current = drive[unit] - conductance[unit] * y[unit];
            let (gleak, vleak) = (
                self.parameters[self.places.gleak.start + unit],
                self.parameters[self.places.vleak.start + unit],
            );
            by_parameters[self.places.gleak.start + unit] += by_current[unit] * (vleak - y[unit]);
            by_parameters[self.places.vleak.start + unit] += by_current[unit] * gleak;
            by_parameters[self.places.cm.start + unit] -= by_current[unit] * current / capacity[unit];
            by_state[unit] -= by_current[unit] * conductance[unit];
        }
        let mut by_mapped = vec![R::ZERO; mapped.len()];
        let both = [
            (&self.recurrent, &self.places.recurrent, y, by_state),
            (&self.sensory, &self.places.sensory, &mapped[..], &mut by_mapped[..]),
        ];
        for (packed, places, from, by_from) in both {
            let by_current = &by_current;
            let by_parameters = &mut *by_parameters;
            let field = self;
            self.arch.dispatch(PullSynapses {
                field,
                packed,
                places,
                from,
                y,
                by_current,
                by_from,
                by_parameters,
            });
        }
        let Places { input_w, input_b, .. } = &self.places;
        for (by_w, (g, x)) in by_parameters[input_w.clone()].iter_mut().zip(by_mapped.iter().zip(&inputs)) {
            *by_w += *g * *x;
        }
        by_parameters[input_b.clone()].iter_mut().zip(&by_mapped).for_each(|(by_b, g)| *by_b += *g);
        let w = &self.parameters[input_w.clone()];
        by_mapped.iter_mut().zip(w).for_each(|(g, w)| *g *= *w);
        crate::field::ctrnn::by_time(&*self.input, t, &by_mapped)
    }

    fn jacobian(&self, t: f64, y: &[R], by_state: &mut [R], by_time: &mut [R]) {
        jacobian::write(self, t, y, by_state, by_time);
    }
}
