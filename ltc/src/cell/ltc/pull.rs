//! A step backward: derivatives by hand.
//!
//! With N = cm v + h num, D = cm + h den and g the derivative of the loss by v' = N/D, an unfold gives
//! dN = g/D and dD = −g v'/D; the exponential one, with r = num/den and q = h den/cm, gives
//! dr = g (1 − E), dv = g E and dq = −g E (v − r). Every synapse then has da = dnum erev + dden and, with
//! z = sigma (u − mu), dz = da w s (1 − s).

use pulp::NullaryFnOnce;

use super::parameters::SynapsePlaces;
use super::step::{Drive, map_inputs};
use super::{Incoming, Ltc, Unfold, conductance};
use crate::Real;
use crate::cell::{LANES, Lanes, Pull, Taken, splat};

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
        let Taken { inputs, elapsed, before, after, kept } = *step;
        let Pull { outputs, state, inputs: by_inputs, elapsed: by_elapsed, sums: gradient } = pull;
        let (units, n_unfolds) = (before.len(), cell.config.unfolds);
        pull_outputs(cell, parameters, after, outputs, state, gradient);

        let mapped = map_inputs(cell, parameters, inputs);
        let mut by_sensory = vec![[splat(R::ZERO); 2]; units];
        let h = elapsed.map(|t| t / R::of(n_unfolds as f64));
        let mut by_h = splat(R::ZERO);
        let mut by_from = vec![splat(R::ZERO); units];
        let (driven, kept) = kept.split_at(2 * n_unfolds * units);
        for unfold in (0..n_unfolds).rev() {
            let driven = &driven[2 * unfold * units..];
            let from = if unfold == 0 { before } else { &kept[(unfold - 1) * units..unfold * units] };
            let to =
                if unfold + 1 == n_unfolds { after } else { &kept[unfold * units..(unfold + 1) * units] };
            by_from.fill(splat(R::ZERO));
            for unit in 0..units {
                let cm = parameters[cell.places.cm.start + unit];
                let drive = Drive { num: driven[2 * unit], den: driven[2 * unit + 1], cm };
                let back = Back::of(cell.config.unfold, &drive, &from[unit], &to[unit], &h, &state[unit]);
                let Back { num, den, cm, v, h: by_h_of_unit } = back;
                pull_leak(cell, parameters, unit, &num, &den, &cm, gradient);
                add(&mut by_sensory[unit][0], &num);
                add(&mut by_sensory[unit][1], &den);
                add(&mut by_from[unit], &v);
                add(&mut by_h, &by_h_of_unit);
                let by = [&num, &den];
                pull_synapses(
                    &cell.synapses,
                    &cell.places.synapses,
                    parameters,
                    unit,
                    from,
                    by,
                    &mut by_from,
                    gradient,
                );
            }
            state.copy_from_slice(&by_from);
        }
        *by_elapsed = by_h.map(|g| g / R::of(n_unfolds as f64));

        let mut by_mapped = vec![splat(R::ZERO); mapped.len()];
        for (unit, [num, den]) in by_sensory.iter().enumerate() {
            let (incoming, places) = (&cell.sensory, &cell.places.sensory);
            pull_synapses(incoming, places, parameters, unit, &mapped, [num, den], &mut by_mapped, gradient);
        }
        pull_inputs(cell, parameters, inputs, &by_mapped, by_inputs, gradient);
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
        drive: &Drive<R>,
        v: &Lanes<R>,
        to: &Lanes<R>,
        h: &Lanes<R>,
        by: &Lanes<R>,
    ) -> Self {
        let Drive { num, den, cm } = drive;
        let zeros = splat(R::ZERO);
        let mut back = Self { num: zeros, den: zeros, cm: zeros, v: zeros, h: zeros };
        for lane in 0..LANES {
            let (num, den, v, h, g) = (num[lane], den[lane], v[lane], h[lane], by[lane]);
            match unfold {
                Unfold::Fused => {
                    let by_n = g / h.mul_add(den, *cm);
                    let by_d = -(by_n * to[lane]);
                    back.num[lane] = h * by_n;
                    back.den[lane] = h * by_d;
                    back.cm[lane] = by_n.mul_add(v, by_d);
                    back.v[lane] = by_n * *cm;
                    back.h[lane] = by_n.mul_add(num, by_d * den);
                }
                Unfold::Exponential => {
                    let (rest, q) = (num / den, h * den / *cm);
                    let remains = (-q).exp();
                    let by_rest = g * (R::ONE - remains);
                    let by_q = -(g * remains * (v - rest));
                    back.num[lane] = by_rest / den;
                    back.den[lane] = by_q * h / *cm - by_rest * rest / den;
                    back.cm[lane] = -(by_q * q / *cm);
                    back.v[lane] = g * remains;
                    back.h[lane] = by_q * den / *cm;
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

#[inline(always)]
fn add_product<R: Real>(to: &mut Lanes<R>, a: &Lanes<R>, b: &Lanes<R>) {
    for lane in 0..LANES {
        to[lane] = a[lane].mul_add(b[lane], to[lane]);
    }
}

#[inline(always)]
pub(super) fn pull_leak<R: Real>(
    cell: &Ltc,
    parameters: &[R],
    unit: usize,
    num: &Lanes<R>,
    den: &Lanes<R>,
    cm: &Lanes<R>,
    gradient: &mut [Lanes<R>],
) {
    let places = &cell.places;
    let gleak = parameters[places.gleak.start + unit];
    let vleak = parameters[places.vleak.start + unit];
    for lane in 0..LANES {
        gradient[places.gleak.start + unit][lane] += num[lane].mul_add(vleak, den[lane]);
        gradient[places.vleak.start + unit][lane] += num[lane] * gleak;
    }
    add(&mut gradient[places.cm.start + unit], cm);
}

/// Goes back through the synapses of a unit, given the derivatives by its Σ a erev and Σ a.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "the two kinds of synapses share it, and it must be inlined")]
pub(super) fn pull_synapses<R: Real>(
    incoming: &Incoming,
    places: &SynapsePlaces,
    parameters: &[R],
    unit: usize,
    from: &[Lanes<R>],
    [num, den]: [&Lanes<R>; 2],
    by_from: &mut [Lanes<R>],
    gradient: &mut [Lanes<R>],
) {
    // The four blocks of a kind of synapse lie one after the other.
    let gradient = &mut gradient[places.w.start..places.erev.end];
    let (by_w, rest) = gradient.split_at_mut(places.w.len());
    let (by_sigma, rest) = rest.split_at_mut(places.sigma.len());
    let (by_mu, by_erev) = rest.split_at_mut(places.mu.len());
    let (w, sigma) = (&parameters[places.w.clone()], &parameters[places.sigma.clone()]);
    let (mu, erev) = (&parameters[places.mu.clone()], &parameters[places.erev.clone()]);
    for (synapse, source) in incoming.of(unit) {
        let (w, sigma, mu, erev) = (w[synapse], sigma[synapse], mu[synapse], erev[synapse]);
        let u = &from[source];
        let by_u = &mut by_from[source];
        let (by_w, by_sigma) = (&mut by_w[synapse], &mut by_sigma[synapse]);
        let (by_mu, by_erev) = (&mut by_mu[synapse], &mut by_erev[synapse]);
        for lane in 0..LANES {
            let (a, s) = conductance(w, sigma, mu, u[lane]);
            let by_a = num[lane].mul_add(erev, den[lane]);
            by_erev[lane] = num[lane].mul_add(a, by_erev[lane]);
            by_w[lane] = by_a.mul_add(s, by_w[lane]);
            let by_z = by_a * a * (R::ONE - s);
            by_sigma[lane] = by_z.mul_add(u[lane] - mu, by_sigma[lane]);
            let by_difference = by_z * sigma;
            by_u[lane] += by_difference;
            by_mu[lane] -= by_difference;
        }
    }
}

#[inline(always)]
pub(super) fn pull_outputs<R: Real>(
    cell: &Ltc,
    parameters: &[R],
    after: &[Lanes<R>],
    outputs: &[Lanes<R>],
    state: &mut [Lanes<R>],
    gradient: &mut [Lanes<R>],
) {
    let (w, b) = (&cell.places.output_w, &cell.places.output_b);
    for (k, by_output) in outputs.iter().enumerate() {
        let w_k = parameters[w.clone()].get(k).copied().unwrap_or(R::ONE);
        add_product(&mut state[k], by_output, &splat(w_k));
        if let Some(by_w) = gradient[w.clone()].get_mut(k) {
            add_product(by_w, by_output, &after[k]);
        }
        if let Some(by_b) = gradient[b.clone()].get_mut(k) {
            add(by_b, by_output);
        }
    }
}

#[inline(always)]
pub(super) fn pull_inputs<R: Real>(
    cell: &Ltc,
    parameters: &[R],
    inputs: &[Lanes<R>],
    by_mapped: &[Lanes<R>],
    by_inputs: &mut [Lanes<R>],
    gradient: &mut [Lanes<R>],
) {
    let (w, b) = (&cell.places.input_w, &cell.places.input_b);
    for (k, by_mapped) in by_mapped.iter().enumerate() {
        let w_k = parameters[w.clone()].get(k).copied().unwrap_or(R::ONE);
        by_inputs[k] = by_mapped.map(|g| g * w_k);
        if let Some(by_w) = gradient[w.clone()].get_mut(k) {
            add_product(by_w, by_mapped, &inputs[k]);
        }
        if let Some(by_b) = gradient[b.clone()].get_mut(k) {
            add(by_b, by_mapped);
        }
    }
}
