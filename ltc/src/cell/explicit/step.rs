//! Explicit Runge–Kutta steps, forward and back.
//!
//! With x_i = y + h Σ_j a_ij k_j, k_i = f(x_i) and y' = y + h Σ_i b_i k_i, derivatives g by y' go back as
//!
//! ```text
//! by k_i = h b_i g + h Σ_{j > i} a_ji by x_j          by x_i = by k_i · ∂f/∂x, last stage first
//! by y   = g + Σ_i by x_i                             by h   = Σ_i k_i · (b_i g + Σ_{j > i} a_ji by x_j)
//! ```

use pulp::NullaryFnOnce;

use super::{At, Explicit, Rates, RatesBack};
use crate::Real;
use crate::cell::{LANES, Lanes, Pull, Step, Taken, splat};

/// Goes from a state to the next.
pub(super) struct Forward<'s, R, F> {
    pub cell: &'s Explicit<F>,
    pub parameters: &'s [R],
    pub step: Step<'s, R>,
}

impl<R: Real, F: Rates<R>> NullaryFnOnce for Forward<'_, R, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell: Explicit { field, method, n_steps, clip, .. }, parameters, step } = self;
        let Step { inputs, elapsed, masks: _, before, after, outputs, kept } = step;
        let (n, n_stages, n_kept) = (field.n_state(), method.n_stages(), field.n_kept());
        let h = length(elapsed, *n_steps);
        let mut prepared = vec![splat(R::ZERO); field.n_prepared()];
        field.prepare(parameters, inputs, &mut prepared);

        let mut state = vec![splat(R::ZERO); n];
        after.copy_from_slice(before);
        for kept in kept.chunks_exact_mut(n + n_stages * (n + n_kept)) {
            let (from, kept) = kept.split_at_mut(n);
            let (rates, kept) = kept.split_at_mut(n_stages * n);
            from.copy_from_slice(after);
            for stage in 0..n_stages {
                let (earlier, rest) = rates.split_at_mut(stage * n);
                advance(from, method.a[stage], earlier, &h, &mut state);
                let at = At { prepared: &prepared, state: &state };
                let kept = &mut kept[stage * n_kept..(stage + 1) * n_kept];
                field.rates(parameters, &at, &mut rest[..n], kept);
            }
            advance(from, method.b, rates, &h, after);
            if let Some(clip) = clip {
                for x in after.as_flattened_mut() {
                    *x = clipped(*x, R::of(*clip));
                }
            }
        }
        field.outputs(parameters, after, outputs);
    }
}

/// Goes back through a step.
pub(super) struct Backward<'s, R, F> {
    pub cell: &'s Explicit<F>,
    pub parameters: &'s [R],
    pub step: &'s Taken<'s, R>,
    pub pull: Pull<'s, R>,
}

impl<R: Real, F: Rates<R>> NullaryFnOnce for Backward<'_, R, F> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell: Explicit { field, method, n_steps, clip, .. }, parameters, step, pull } = self;
        let Taken { inputs, elapsed, masks: _, before: _, after, kept } = *step;
        let Pull { outputs, state: by_state, inputs: by_inputs, elapsed: by_elapsed, sums } = pull;
        let (n, n_stages, n_kept) = (field.n_state(), method.n_stages(), field.n_kept());
        let h = length(elapsed, *n_steps);
        let zeros = |n: usize| vec![splat(R::ZERO); n];
        let mut prepared = zeros(field.n_prepared());
        field.prepare(parameters, inputs, &mut prepared);
        field.pull_outputs(parameters, after, outputs, by_state, sums);

        let (mut by_prepared, mut by_h) = (zeros(field.n_prepared()), splat(R::ZERO));
        let (mut state, mut by_stage, mut by_rates) = (zeros(n), zeros(n), zeros(n_stages * n));
        let mut after = after;
        for kept in kept.chunks_exact(n + n_stages * (n + n_kept)).rev() {
            let (from, kept) = kept.split_at(n);
            let (rates, kept) = kept.split_at(n_stages * n);
            if let Some(clip) = clip {
                pull_clip(by_state, after, R::of(*clip));
            }
            by_rates.fill(splat(R::ZERO));
            pull_advance(by_state, method.b, rates, &h, &mut by_rates, &mut by_h);
            for stage in (0..n_stages).rev() {
                advance(from, method.a[stage], rates, &h, &mut state);
                by_stage.fill(splat(R::ZERO));
                let (earlier, by_rates) = by_rates.split_at_mut(stage * n);
                field.pull_rates(
                    parameters,
                    &At { prepared: &prepared, state: &state },
                    &kept[stage * n_kept..(stage + 1) * n_kept],
                    &by_rates[..n],
                    RatesBack { prepared: &mut by_prepared, state: &mut by_stage, sums: &mut *sums },
                );
                pull_advance(&by_stage, method.a[stage], rates, &h, earlier, &mut by_h);
                add_all(by_state, &by_stage);
            }
            after = from;
        }
        *by_elapsed = length(&by_h, *n_steps);
        field.pull_prepare(parameters, inputs, &prepared, &by_prepared, by_inputs, sums);
    }
}

/// The length of one of so many steps.
#[inline(always)]
fn length<R: Real>(elapsed: &Lanes<R>, n_steps: usize) -> Lanes<R> {
    let mut h = *elapsed;
    for h in &mut h {
        *h /= R::of(n_steps as f64);
    }
    h
}

/// `to = from + h Σ weight · rates`
#[inline(always)]
fn advance<R: Real>(
    from: &[Lanes<R>],
    weights: &[f64],
    rates: &[Lanes<R>],
    h: &Lanes<R>,
    to: &mut [Lanes<R>],
) {
    let n = from.len();
    for unit in 0..n {
        let mut sum = splat(R::ZERO);
        for (stage, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
            let (weight, rates) = (R::of(*weight), &rates[stage * n + unit]);
            for lane in 0..LANES {
                sum[lane] = weight.mul_add(rates[lane], sum[lane]);
            }
        }
        for lane in 0..LANES {
            to[unit][lane] = h[lane].mul_add(sum[lane], from[unit][lane]);
        }
    }
}

/// Adds to the derivatives by rates and by `h`, given those by what [`advance`] has written.
#[inline(always)]
fn pull_advance<R: Real>(
    by_to: &[Lanes<R>],
    weights: &[f64],
    rates: &[Lanes<R>],
    h: &Lanes<R>,
    by_rates: &mut [Lanes<R>],
    by_h: &mut Lanes<R>,
) {
    let n = by_to.len();
    for (stage, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight != 0.0) {
        let weight = R::of(*weight);
        for unit in 0..n {
            let (rates, by_rates) = (&rates[stage * n + unit], &mut by_rates[stage * n + unit]);
            for lane in 0..LANES {
                let g = weight * by_to[unit][lane];
                by_rates[lane] = g.mul_add(h[lane], by_rates[lane]);
                by_h[lane] = g.mul_add(rates[lane], by_h[lane]);
            }
        }
    }
}

/// Keeps a number between ±clip; NaN stays, so that it is found.
#[inline(always)]
fn clipped<R: Real>(x: R, clip: R) -> R {
    if x > clip {
        clip
    } else if x < -clip {
        -clip
    } else {
        x
    }
}

/// A state that was clipped does not depend on what came before.
#[inline(always)]
fn pull_clip<R: Real>(by_state: &mut [Lanes<R>], state: &[Lanes<R>], clip: R) {
    for (by, x) in by_state.as_flattened_mut().iter_mut().zip(state.as_flattened()) {
        *by = if x.abs() < clip { *by } else { R::ZERO };
    }
}

/// Adds lanes to lanes.
#[inline(always)]
pub(super) fn add_all<R: Real>(to: &mut [Lanes<R>], what: &[Lanes<R>]) {
    for (to, what) in to.as_flattened_mut().iter_mut().zip(what.as_flattened()) {
        *to += *what;
    }
}
