//! A step forward, of samples side by side.

use pulp::NullaryFnOnce;

use super::packed::{Packed, PackedSynapses, Synapse};
use super::{Incoming, Ltc, Unfold};
use crate::Real;
use crate::cell::{LANES, Lanes, Step, splat};

/// Takes a step.
pub(super) struct Forward<'s, R: Real> {
    pub cell: &'s Ltc,
    pub parameters: &'s [R],
    pub step: Step<'s, R>,
}

impl Ltc {
    /// Where the three parts of what is kept end: num and den of every unit in every unfold, the states before
    /// all unfolds but the first, and the inputs as synapses see them.
    pub(super) fn kept_ends(&self) -> [usize; 3] {
        let (units, unfolds) = (self.wiring.units(), self.config.unfolds);
        let driven = 2 * unfolds * units;
        let states = driven + (unfolds - 1) * units;
        [driven, states, states + self.wiring.n_inputs()]
    }
}

impl<R: Real> NullaryFnOnce for Forward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step } = self;
        let Step { inputs, elapsed, masks: _, before, after, outputs, kept } = step;
        let (units, n_unfolds) = (before.len(), cell.config.unfolds);
        let [driven_end, states_end, _] = cell.kept_ends();
        let (driven, rest) = kept.split_at_mut(driven_end);
        let (states, mapped) = rest.split_at_mut(states_end - driven_end);
        let packed = Packed::of(cell, parameters);
        let (synapses, sensory) = (packed.synapses(), packed.sensory());

        map_inputs(cell, parameters, inputs, mapped);
        // What does not change in a step waits where the last unfold will put its own.
        let held = 2 * (n_unfolds - 1) * units;
        let is_within = sensory.reach(mapped);
        for unit in 0..units {
            let start = leak(cell, parameters, unit).map(splat);
            let drive = add_drive(start, &cell.sensory, sensory, unit, mapped, is_within);
            driven[held + 2 * unit..held + 2 * unit + 2].copy_from_slice(&drive);
        }
        let h = elapsed.map(|t| t / R::of(n_unfolds as f64));
        for unfold in 0..n_unfolds {
            let (earlier, later) = states.split_at_mut(unfold * units);
            let from = if unfold == 0 { before } else { &earlier[(unfold - 1) * units..] };
            let to = if unfold + 1 == n_unfolds { &mut *after } else { &mut later[..units] };
            let is_within = synapses.reach(from);
            for (unit, to) in to.iter_mut().enumerate() {
                let start = [driven[held + 2 * unit], driven[held + 2 * unit + 1]];
                let drive = add_drive(start, &cell.synapses, synapses, unit, from, is_within);
                let at = 2 * (unfold * units + unit);
                driven[at..at + 2].copy_from_slice(&drive);
                let cm = parameters[cell.places.cm.start + unit];
                *to = after_unfold(cell.config.unfold, &from[unit], &drive, cm, &h);
            }
        }
        map_outputs(cell, parameters, after, outputs);
    }
}

/// The inputs as synapses see them.
#[inline(always)]
pub(super) fn map_inputs<R: Real>(
    cell: &Ltc,
    parameters: &[R],
    inputs: &[Lanes<R>],
    mapped: &mut [Lanes<R>],
) {
    let (w, b) = (&parameters[cell.places.input_w.clone()], &parameters[cell.places.input_b.clone()]);
    for (k, (mapped, x)) in mapped.iter_mut().zip(inputs).enumerate() {
        let w = w.get(k).copied().unwrap_or(R::ONE);
        let b = b.get(k).copied().unwrap_or(R::ZERO);
        *mapped = x.map(|x| x.mul_add(w, b));
    }
}

/// The outputs at a state.
#[inline(always)]
pub(super) fn map_outputs<R: Real>(
    cell: &Ltc,
    parameters: &[R],
    state: &[Lanes<R>],
    outputs: &mut [Lanes<R>],
) {
    let (w, b) = (&parameters[cell.places.output_w.clone()], &parameters[cell.places.output_b.clone()]);
    for (k, output) in outputs.iter_mut().enumerate() {
        let w = w.get(k).copied().unwrap_or(R::ONE);
        let b = b.get(k).copied().unwrap_or(R::ZERO);
        *output = state[k].map(|v| v.mul_add(w, b));
    }
}

/// num and den of a unit without synapses.
#[inline(always)]
pub(super) fn leak<R: Real>(cell: &Ltc, parameters: &[R], unit: usize) -> [R; 2] {
    let gleak = parameters[cell.places.gleak.start + unit];
    let vleak = parameters[cell.places.vleak.start + unit];
    [gleak * vleak, gleak + R::of(cell.config.epsilon)]
}

/// Adds Σ a erev and Σ a of a unit, given whether the synapses reach all sources.
#[inline(always)]
pub(super) fn add_drive<R: Real>(
    start: [Lanes<R>; 2],
    incoming: &Incoming,
    synapses: PackedSynapses<'_, R>,
    unit: usize,
    from: &[Lanes<R>],
    is_within: bool,
) -> [Lanes<R>; 2] {
    match is_within {
        true => add_drive_as::<_, true>(start, incoming, synapses, unit, from),
        false => add_drive_as::<_, false>(start, incoming, synapses, unit, from),
    }
}

#[inline(always)]
fn add_drive_as<R: Real, const IS_WITHIN: bool>(
    [mut num, mut den]: [Lanes<R>; 2],
    incoming: &Incoming,
    synapses: PackedSynapses<'_, R>,
    unit: usize,
    from: &[Lanes<R>],
) -> [Lanes<R>; 2] {
    let range = incoming.range(unit);
    for (synapse, source) in synapses.range(range.clone()).zip(&incoming.sources[range]) {
        let Synapse { slope, shift, drive, w, .. } = synapse;
        let u = &from[*source as usize];
        for lane in 0..LANES {
            let s = Synapse::open::<IS_WITHIN>(slope, shift, u[lane]);
            num[lane] = s.mul_add(drive, num[lane]);
            den[lane] = s.mul_add(w, den[lane]);
        }
    }
    [num, den]
}

/// The states after an unfold of length h.
#[inline(always)]
fn after_unfold<R: Real>(
    unfold: Unfold,
    v: &Lanes<R>,
    [num, den]: &[Lanes<R>; 2],
    cm: R,
    h: &Lanes<R>,
) -> Lanes<R> {
    let mut after = *v;
    // Outside of the loop: else every lane computes both.
    match unfold {
        Unfold::Fused => {
            for lane in 0..LANES {
                after[lane] = fused(v[lane], num[lane], den[lane], cm, h[lane]);
            }
        }
        Unfold::Exponential => {
            for lane in 0..LANES {
                after[lane] = exponential(v[lane], num[lane], den[lane], cm, h[lane]);
            }
        }
    }
    after
}

/// The state after a fused unfold of length h.
#[inline(always)]
pub(super) fn fused<R: Real>(v: R, num: R, den: R, cm: R, h: R) -> R {
    let new = h.mul_add(num, cm * v) / h.mul_add(den, cm);
    // A quotient of equal products need not be the factor.
    if h == R::ZERO { v } else { new }
}

/// The state after an exponential unfold of length h.
#[inline(always)]
pub(super) fn exponential<R: Real>(v: R, num: R, den: R, cm: R, h: R) -> R {
    let pull = h * den;
    let remains = (-(pull / cm)).exp();
    let new = remains.mul_add(v, (R::ONE - remains) * (num / den));
    // Without time or conductance nothing moves, whatever the capacitance. Without capacitance alone, nothing
    // remains: the quotient is infinite, and the new state is where the unit rests.
    if pull == R::ZERO { v } else { new }
}
