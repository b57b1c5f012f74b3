//! A step forward.

use pulp::NullaryFnOnce;

use super::parameters::SynapsePlaces;
use super::{Incoming, Ltc, States, Unfold, conductance};
use crate::Real;
use crate::cell::{Lanes, Step, splat};

/// Takes a step.
pub(super) struct Forward<'s, R: Real> {
    pub cell: &'s Ltc,
    pub parameters: &'s [R],
    pub step: Step<'s, R>,
}

impl<R: Real> NullaryFnOnce for Forward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step } = self;
        let Step { inputs, elapsed, before, after, outputs, kept } = step;
        let units = before.len();
        let n_unfolds = cell.config.unfolds;
        let mapped = map_inputs(cell, parameters, inputs);
        let sensory = drives(&cell.sensory, &cell.places.sensory, parameters, &mapped);
        let h = elapsed.map(|t| t / R::of(n_unfolds as f64));
        let (driven, kept) = kept.split_at_mut(2 * n_unfolds * units);
        for unfold in 0..n_unfolds {
            let driven = &mut driven[2 * unfold * units..];
            let (earlier, later) = kept.split_at_mut(unfold * units);
            let from = if unfold == 0 { before } else { &earlier[(unfold - 1) * units..] };
            let to = if unfold + 1 == n_unfolds { &mut *after } else { &mut later[..units] };
            for (unit, to) in to.iter_mut().enumerate() {
                let drive = Drive::of(cell, parameters, unit, from, &sensory[unit]);
                *to = drive.unfold(cell.config.unfold, &from[unit], &h);
                (driven[2 * unit], driven[2 * unit + 1]) = (drive.num, drive.den);
            }
        }
        map_outputs(cell, parameters, after, outputs);
    }
}

/// The inputs as synapses see them.
#[inline(always)]
pub(super) fn map_inputs<R: Real>(cell: &Ltc, parameters: &[R], inputs: &[Lanes<R>]) -> Vec<Lanes<R>> {
    let (w, b) = (&parameters[cell.places.input_w.clone()], &parameters[cell.places.input_b.clone()]);
    let map = |(k, x): (usize, &Lanes<R>)| {
        let w = w.get(k).copied().unwrap_or(R::ONE);
        let b = b.get(k).copied().unwrap_or(R::ZERO);
        x.map(|x| x.mul_add(w, b))
    };
    inputs.iter().enumerate().map(map).collect()
}

/// The outputs at a state.
#[inline(always)]
pub(super) fn map_outputs<R: Real>(
    cell: &Ltc,
    parameters: &[R],
    state: States<'_, R>,
    outputs: &mut [Lanes<R>],
) {
    let (w, b) = (&parameters[cell.places.output_w.clone()], &parameters[cell.places.output_b.clone()]);
    for (k, output) in outputs.iter_mut().enumerate() {
        let w = w.get(k).copied().unwrap_or(R::ONE);
        let b = b.get(k).copied().unwrap_or(R::ZERO);
        *output = state[k].map(|v| v.mul_add(w, b));
    }
}

/// Σ a erev and Σ a of every unit.
#[inline(always)]
pub(super) fn drives<R: Real>(
    incoming: &Incoming,
    places: &SynapsePlaces,
    parameters: &[R],
    from: States<'_, R>,
) -> Vec<[Lanes<R>; 2]> {
    let n_units = incoming.first.len() - 1;
    let start = [splat(R::ZERO); 2];
    (0..n_units).map(|unit| add_drive(start, incoming, places, parameters, unit, from)).collect()
}

#[inline(always)]
fn add_drive<R: Real>(
    [mut num, mut den]: [Lanes<R>; 2],
    incoming: &Incoming,
    places: &SynapsePlaces,
    parameters: &[R],
    unit: usize,
    from: States<'_, R>,
) -> [Lanes<R>; 2] {
    let (w, sigma) = (&parameters[places.w.clone()], &parameters[places.sigma.clone()]);
    let (mu, erev) = (&parameters[places.mu.clone()], &parameters[places.erev.clone()]);
    for (synapse, source) in incoming.of(unit) {
        let (w, sigma, mu, erev) = (w[synapse], sigma[synapse], mu[synapse], erev[synapse]);
        let u = &from[source];
        for lane in 0..crate::cell::LANES {
            let (a, _) = conductance(w, sigma, mu, u[lane]);
            num[lane] = a.mul_add(erev, num[lane]);
            den[lane] += a;
        }
    }
    [num, den]
}

/// What drives a unit in an unfold.
pub(super) struct Drive<R> {
    pub num: Lanes<R>,
    pub den: Lanes<R>,
    pub cm: R,
}

impl<R: Real> Drive<R> {
    #[inline(always)]
    pub fn of(
        cell: &Ltc,
        parameters: &[R],
        unit: usize,
        from: States<'_, R>,
        [sensory_num, sensory_den]: &[Lanes<R>; 2],
    ) -> Self {
        let places = &cell.places;
        let gleak = parameters[places.gleak.start + unit];
        let vleak = parameters[places.vleak.start + unit];
        let cm = parameters[places.cm.start + unit];
        let (leak, g) = (gleak * vleak, gleak + R::of(cell.config.epsilon));
        let start = [sensory_num.map(|x| x + leak), sensory_den.map(|x| x + g)];
        let [num, den] = add_drive(start, &cell.synapses, &places.synapses, parameters, unit, from);
        Self { num, den, cm }
    }

    /// The state after an unfold of length h.
    #[inline(always)]
    pub fn unfold(&self, unfold: Unfold, v: &Lanes<R>, h: &Lanes<R>) -> Lanes<R> {
        let Self { num, den, cm } = self;
        let mut after = *v;
        match unfold {
            Unfold::Fused => {
                for (lane, after) in after.iter_mut().enumerate() {
                    let h = h[lane];
                    let new = h.mul_add(num[lane], *cm * v[lane]) / h.mul_add(den[lane], *cm);
                    // A quotient of equal products need not be the factor.
                    *after = if h == R::ZERO { v[lane] } else { new };
                }
            }
            Unfold::Exponential => {
                for (lane, after) in after.iter_mut().enumerate() {
                    let remains = (-(h[lane] * den[lane] / *cm)).exp();
                    let rest = num[lane] / den[lane];
                    *after = remains.mul_add(v[lane], (R::ONE - remains) * rest);
                }
            }
        }
        after
    }
}
