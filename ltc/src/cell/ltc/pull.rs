//! A step backward: derivatives by hand.
//!
//! With N = cm v + h num, D = cm + h den and g the derivative of the loss by v' = N/D, an unfold gives
//! dN = g/D and dD = −g v'/D; the exponential one, with r = num/den and q = h den/cm, gives
//! dr = g (1 − E), dv = g E and dq = −g E (v − r).
//!
//! A synapse has a = w s, s = σ(sigma (u − mu)). With p = dnum s, g = (dnum erev + dden) s and
//! d = g (1 − s), its parameters need four sums over unfolds, steps and lanes, and no more:
//!
//! ```text
//! derev = w Σp      dw = Σg      dmu = −w sigma Σd      dsigma = w (Σ d u − mu Σd)      du += w sigma d
//! ```
//! So the sums are not those by parameters, but [`N_SUMS`] a synapse side by side; [`add_sums`] makes
//! derivatives of them. Behind them is what a step back needs beside: a number of every unit and input.

use std::ops::Range;

use pulp::NullaryFnOnce;

use super::packed::{Packed, PackedSynapses, Synapse};
use super::parameters::SynapsePlaces;
use super::{Incoming, Ltc, Unfold};
use crate::Real;
use crate::cell::{LANES, Lanes, Pull, Taken, splat, total};

/// Sums of a synapse: Σp, Σg, Σd, Σ d u.
const N_SUMS: usize = 4;

/// Where sums and scratch stand among the sums of a group.
#[derive(Debug, Clone)]
pub(super) struct SumPlaces {
    /// By gleak, vleak and cm of a unit.
    pub units: Range<usize>,
    pub synapses: Range<usize>,
    pub sensory: Range<usize>,
    /// By the parameters of both maps, as they lie in the layout.
    pub maps: Range<usize>,
    /// By the states before an unfold.
    from: Range<usize>,
    /// By num and den of the sensory synapses of every unit.
    held: Range<usize>,
    /// By the mapped inputs.
    pub mapped: Range<usize>,
}

impl SumPlaces {
    pub fn of(cell: &Ltc) -> Self {
        let units = cell.wiring.units();
        let mut end = 0;
        let mut next = |n: usize| {
            end += n;
            end - n..end
        };
        Self {
            units: next(3 * units),
            synapses: next(N_SUMS * cell.wiring.synapses().len()),
            sensory: next(N_SUMS * cell.wiring.sensory().len()),
            maps: next(cell.maps().len()),
            from: next(units),
            held: next(2 * units),
            mapped: next(cell.wiring.n_inputs()),
        }
    }

    /// The number of sums and scratch.
    pub fn n_sums(&self) -> usize {
        self.mapped.end
    }
}

impl Ltc {
    /// Where the parameters of both maps stand, which are the last of the layout.
    fn maps(&self) -> Range<usize> {
        self.places.input_w.start..self.places.output_b.end
    }
}

/// Adds derivatives by effective parameters, given the sums.
pub(super) fn add_sums<R: Real>(cell: &Ltc, parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]) {
    let SumPlaces { units, synapses, sensory, maps, from: _, held: _, mapped: _ } = SumPlaces::of(cell);
    let places = &cell.places;
    let (of_units, _) = sums[units].as_chunks::<3>();
    for (unit, sums) in of_units.iter().enumerate() {
        for (block, sum) in [&places.gleak, &places.vleak, &places.cm].into_iter().zip(sums) {
            gradient[block.start + unit] += total(sum);
        }
    }
    for (at, SynapsePlaces { w, sigma, mu, erev }) in
        [(synapses, &places.synapses), (sensory, &places.sensory)]
    {
        let (of_synapses, _) = sums[at].as_chunks::<N_SUMS>();
        for (k, sums) in of_synapses.iter().enumerate() {
            let [p, g, d, d_u] = [total(&sums[0]), total(&sums[1]), total(&sums[2]), total(&sums[3])];
            let of = |block: &Range<usize>| parameters[block.start + k];
            let (of_w, of_sigma, of_mu) = (of(w), of(sigma), of(mu));
            gradient[erev.start + k] += of_w * p;
            gradient[w.start + k] += g;
            gradient[mu.start + k] += -(of_w * of_sigma * d);
            gradient[sigma.start + k] += of_w * (d_u - of_mu * d);
        }
    }
    gradient[cell.maps()].iter_mut().zip(&sums[maps]).for_each(|(gradient, sum)| *gradient += total(sum));
}

/// Goes back through a step.
pub(super) struct Backward<'s, R: Real> {
    pub cell: &'s Ltc,
    pub parameters: &'s [R],
    pub step: &'s Taken<'s, R>,
    pub pull: Pull<'s, R>,
}

impl<R: Real> NullaryFnOnce for Backward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step, pull } = self;
        let Taken { inputs, elapsed, masks: _, before, after, kept } = *step;
        let Pull { outputs, state, inputs: by_inputs, elapsed: by_elapsed, sums } = pull;
        let (units, n_unfolds) = (before.len(), cell.config.unfolds);
        let packed = Packed::of(cell, parameters);
        let places = SumPlaces::of(cell);
        let (of_units, rest) = sums.split_at_mut(places.units.end);
        let (of_synapses, rest) = rest.split_at_mut(places.synapses.len());
        let (of_sensory, rest) = rest.split_at_mut(places.sensory.len());
        let (of_maps, rest) = rest.split_at_mut(places.maps.len());
        let (by_from, rest) = rest.split_at_mut(places.from.len());
        let (by_held, by_mapped) = rest.split_at_mut(places.held.len());
        let (of_input_map, of_output_map) =
            of_maps.split_at_mut(cell.places.output_w.start - cell.places.input_w.start);
        pull_map(
            parameters,
            [&cell.places.output_w, &cell.places.output_b],
            outputs,
            after,
            of_output_map,
            |k, by| {
                add(&mut state[k], by);
            },
        );

        let [driven_end, states_end, _] = cell.kept_ends();
        let (driven, states, mapped) =
            (&kept[..driven_end], &kept[driven_end..states_end], &kept[states_end..]);
        by_held.fill(splat(R::ZERO));
        let h = elapsed.map(|t| t / R::of(n_unfolds as f64));
        let mut by_h = splat(R::ZERO);
        for unfold in (0..n_unfolds).rev() {
            let driven = &driven[2 * unfold * units..2 * (unfold + 1) * units];
            let from = if unfold == 0 { before } else { &states[(unfold - 1) * units..unfold * units] };
            let to =
                if unfold + 1 == n_unfolds { after } else { &states[unfold * units..(unfold + 1) * units] };
            let (incoming, packed) = (&cell.synapses, packed.synapses());
            let way = Way { incoming, packed, from, is_within: packed.reach(from) };
            by_from.fill(splat(R::ZERO));
            for unit in 0..units {
                let cm = parameters[cell.places.cm.start + unit];
                let drive = [&driven[2 * unit], &driven[2 * unit + 1]];
                let back = Back::of(cell.config.unfold, drive, cm, &from[unit], &to[unit], &h, &state[unit]);
                let Back { num, den, cm, v, h: by_h_of_unit } = back;
                let gleak = parameters[cell.places.gleak.start + unit];
                let vleak = parameters[cell.places.vleak.start + unit];
                let mut by_gleak = num;
                for lane in 0..LANES {
                    by_gleak[lane] = num[lane].mul_add(vleak, den[lane]);
                }
                // A loop for each that is written: a loop over two is not vector code.
                let [of_gleak, of_vleak, of_cm] = &mut of_units.as_chunks_mut::<3>().0[unit];
                add(of_gleak, &by_gleak);
                add(of_vleak, &num.map(|num| num * gleak));
                add(of_cm, &cm);
                add(&mut by_held[2 * unit], &num);
                add(&mut by_held[2 * unit + 1], &den);
                add(&mut by_from[unit], &v);
                add(&mut by_h, &by_h_of_unit);
                pull_synapses(&way, unit, [&num, &den], by_from, of_synapses);
            }
            state.copy_from_slice(by_from);
        }
        *by_elapsed = by_h.map(|g| g / R::of(n_unfolds as f64));

        let (incoming, packed) = (&cell.sensory, packed.sensory());
        let way = Way { incoming, packed, from: mapped, is_within: packed.reach(mapped) };
        by_mapped.fill(splat(R::ZERO));
        for unit in 0..units {
            let by = [&by_held[2 * unit], &by_held[2 * unit + 1]];
            pull_synapses(&way, unit, by, by_mapped, of_sensory);
        }
        pull_map(
            parameters,
            [&cell.places.input_w, &cell.places.input_b],
            by_mapped,
            inputs,
            of_input_map,
            |k, by| {
                by_inputs[k] = *by;
            },
        );
    }
}

/// The derivatives by what an unfold of a unit depends on.
struct Back<R> {
    num: Lanes<R>,
    den: Lanes<R>,
    cm: Lanes<R>,
    v: Lanes<R>,
    h: Lanes<R>,
}

impl<R: Real> Back<R> {
    #[inline(always)]
    fn of(
        unfold: Unfold,
        [num, den]: [&Lanes<R>; 2],
        cm: R,
        v: &Lanes<R>,
        to: &Lanes<R>,
        h: &Lanes<R>,
        by: &Lanes<R>,
    ) -> Self {
        let zeros = splat(R::ZERO);
        let mut back = Self { num: zeros, den: zeros, cm: zeros, v: zeros, h: zeros };
        match unfold {
            Unfold::Fused => {
                for lane in 0..LANES {
                    let (num, den, v, h, g) = (num[lane], den[lane], v[lane], h[lane], by[lane]);
                    // A time of 0 changes nothing, whatever the capacitance; 0 if neither is there.
                    let n = h.mul_add(den, cm);
                    let by_n = if n == R::ZERO { R::ZERO } else { g / n };
                    let by_d = -(by_n * to[lane]);
                    back.num[lane] = h * by_n;
                    back.den[lane] = h * by_d;
                    back.cm[lane] = by_n.mul_add(v, by_d);
                    back.v[lane] = if h == R::ZERO { g } else { by_n * cm };
                    back.h[lane] = by_n.mul_add(num, by_d * den);
                }
            }
            Unfold::Exponential => {
                for lane in 0..LANES {
                    let (num, den, v, h, g) = (num[lane], den[lane], v[lane], h[lane], by[lane]);
                    let (rest, pull) = (num / den, h * den);
                    let q = pull / cm;
                    let remains = (-q).exp();
                    let by_rest = g * (R::ONE - remains);
                    // Of what is infinitely fast nothing remains, nor any derivative by how fast it is.
                    let by_q = -(g * remains * (v - rest));
                    let by_q_cm = if q.is_finite() { by_q / cm } else { R::ZERO };
                    // The limit where nothing moves; 0 if there is no capacitance either.
                    let is_still = pull == R::ZERO;
                    let by_rate = if cm == R::ZERO { R::ZERO } else { g / cm };
                    let choose = |still: R, moving: R| if is_still { still } else { moving };
                    back.num[lane] = choose(h * by_rate, by_rest / den);
                    back.den[lane] = choose(-(h * by_rate * v), by_q_cm * h - by_rest * rest / den);
                    back.cm[lane] = choose(R::ZERO, if q.is_finite() { -(by_q_cm * q) } else { R::ZERO });
                    back.v[lane] = choose(g, g * remains);
                    back.h[lane] = choose(by_rate * (-den).mul_add(v, num), by_q_cm * den);
                }
            }
        }
        back
    }
}

#[inline(always)]
pub(super) fn add<R: Real>(to: &mut Lanes<R>, what: &Lanes<R>) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += *what);
}

/// The synapses of a kind with the states of their sources.
pub(super) struct Way<'s, R> {
    pub incoming: &'s Incoming,
    pub packed: PackedSynapses<'s, R>,
    pub from: &'s [Lanes<R>],
    /// Whether the synapses reach all sources.
    pub is_within: bool,
}

/// Goes back through the synapses of a unit, given the derivatives by its Σ a erev and Σ a.
#[inline(always)]
pub(super) fn pull_synapses<R: Real>(
    way: &Way<'_, R>,
    unit: usize,
    by: [&Lanes<R>; 2],
    by_from: &mut [Lanes<R>],
    sums: &mut [Lanes<R>],
) {
    match way.is_within {
        true => pull_synapses_as::<_, true>(way, unit, by, by_from, sums),
        false => pull_synapses_as::<_, false>(way, unit, by, by_from, sums),
    }
}

#[inline(always)]
fn pull_synapses_as<R: Real, const IS_WITHIN: bool>(
    way: &Way<'_, R>,
    unit: usize,
    [num, den]: [&Lanes<R>; 2],
    by_from: &mut [Lanes<R>],
    sums: &mut [Lanes<R>],
) {
    let Way { incoming, packed, from, is_within: _ } = way;
    let range = incoming.range(unit);
    let (sums, _) = sums[N_SUMS * range.start..N_SUMS * range.end].as_chunks_mut::<N_SUMS>();
    let sources = &incoming.sources[range.clone()];
    for ((synapse, source), sums) in packed.range(range).zip(sources).zip(sums) {
        let Synapse { slope, shift, erev, pull, drive: _, w: _ } = synapse;
        let (u, by_u) = (&from[*source as usize], &mut by_from[*source as usize]);
        // All is read before anything is written, so that no lane can wait for another.
        let mut d_lanes = *u;
        let mut g_lanes = *u;
        let mut s_lanes = *u;
        for lane in 0..LANES {
            let s = Synapse::open::<IS_WITHIN>(slope, shift, u[lane]);
            let g = num[lane].mul_add(erev, den[lane]) * s;
            (s_lanes[lane], g_lanes[lane], d_lanes[lane]) = (s, g, (-g).mul_add(s, g));
        }
        let u = *u;
        let [p, g, d, d_u] = sums;
        for lane in 0..LANES {
            p[lane] = num[lane].mul_add(s_lanes[lane], p[lane]);
        }
        add(g, &g_lanes);
        add(d, &d_lanes);
        for lane in 0..LANES {
            d_u[lane] = d_lanes[lane].mul_add(u[lane], d_u[lane]);
        }
        for lane in 0..LANES {
            by_u[lane] = d_lanes[lane].mul_add(pull, by_u[lane]);
        }
    }
}

/// Goes back through `w x + b`, given the derivatives by it: those by x are handed on, those by w and b are
/// added to sums.
#[inline(always)]
pub(super) fn pull_map<R: Real>(
    parameters: &[R],
    [w, b]: [&Range<usize>; 2],
    by: &[Lanes<R>],
    x: &[Lanes<R>],
    sums: &mut [Lanes<R>],
    mut hand_on: impl FnMut(usize, &Lanes<R>),
) {
    let (by_w, by_b) = sums.split_at_mut(w.len());
    for (k, by) in by.iter().enumerate() {
        let w_k = parameters[w.clone()].get(k).copied().unwrap_or(R::ONE);
        hand_on(k, &by.map(|g| g * w_k));
        if let Some(by_w) = by_w.get_mut(k) {
            for lane in 0..LANES {
                by_w[lane] = by[lane].mul_add(x[k][lane], by_w[lane]);
            }
        }
        if let Some(by_b) = by_b[..b.len()].get_mut(k) {
            add(by_b, by);
        }
    }
}
