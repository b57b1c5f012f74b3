//! The Jacobian in closed form: −conductance/cm on the diagonal, and a (1 − s) sigma (erev − v)/cm for every synapse.
//! The cost is that of a rate.

use pulp::NullaryFnOnce;

use super::packed::{Packed, Slot, UNITS};
use super::{LtcField, WriteRelaxation};
use crate::Real;
use crate::field::Relaxation;

/// Writes the derivatives of all rates by the state and by the time.
pub(super) fn write<R: Real>(field: &LtcField<R>, t: f64, y: &[R], by_state: &mut [R], by_time: &mut [R]) {
    let (mapped, _) = field.inputs(t);
    let mut relaxation = Relaxation::new(field.units);
    field.drive(t, y, WriteRelaxation(&mut relaxation));
    let mut slope = vec![R::ZERO; mapped.len()];
    field.input.slope(t, &mut slope);
    let w = &field.parameters[field.places.input_w.clone()];
    slope.iter_mut().zip(w).for_each(|(slope, w)| *slope *= *w);
    by_state.fill(R::ZERO);
    by_time.fill(R::ZERO);
    for unit in 0..field.units {
        by_state[unit * field.units + unit] = -(relaxation.conductance[unit] / relaxation.capacity[unit]);
    }
    let capacity = &relaxation.capacity;
    let add = AddSlopes {
        field,
        from: y,
        y,
        capacity,
        add: (AddState(by_state), field.units),
        packed: &field.recurrent,
    };
    field.arch.dispatch(add);
    let add = AddTime { slope: &slope, by_time };
    field.arch.dispatch(AddSlopes { field, from: &mapped, y, capacity, add, packed: &field.sensory });
}

/// Adds what synapses make of a Jacobian.
struct AddSlopes<'f, R, A> {
    field: &'f LtcField<R>,
    packed: &'f Packed<R>,
    from: &'f [R],
    y: &'f [R],
    capacity: &'f [R],
    add: A,
}

trait AddSlope<R> {
    fn add(&mut self, target: usize, source: usize, slope: R);
}

struct AddState<'j, R>(&'j mut [R]);

impl<R: Real> AddSlope<R> for (AddState<'_, R>, usize) {
    #[inline(always)]
    fn add(&mut self, target: usize, source: usize, slope: R) {
        self.0.0[target * self.1 + source] += slope;
    }
}

struct AddTime<'j, R> {
    slope: &'j [R],
    by_time: &'j mut [R],
}

impl<R: Real> AddSlope<R> for AddTime<'_, R> {
    #[inline(always)]
    fn add(&mut self, target: usize, source: usize, slope: R) {
        self.by_time[target] += slope * self.slope[source];
    }
}

impl<R: Real, A: AddSlope<R>> NullaryFnOnce for AddSlopes<'_, R, A> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { field, packed, from, y, capacity, mut add } = self;
        for block in 0..field.leak.len() {
            let first = block * UNITS;
            let n = UNITS.min(field.units - first);
            let (mut v, mut c) = ([R::ZERO; UNITS], [R::ONE; UNITS]);
            v[..n].copy_from_slice(&y[first..first + n]);
            c[..n].copy_from_slice(&capacity[first..first + n]);
            for slot in &packed.slots[packed.first[block]..packed.first[block + 1]] {
                let Slot { sources, is_shared: _, w, sigma, mu, erev } = slot;
                let u = sources.map(|source| from[source as usize]);
                let mut slopes = [R::ZERO; UNITS];
                for lane in 0..UNITS {
                    let s = (sigma[lane] * (u[lane] - mu[lane])).sigmoid();
                    slopes[lane] =
                        w[lane] * s * (R::ONE - s) * sigma[lane] * (erev[lane] - v[lane]) / c[lane];
                }
                for lane in 0..n {
                    add.add(first + lane, sources[lane] as usize, slopes[lane]);
                }
            }
        }
    }
}
