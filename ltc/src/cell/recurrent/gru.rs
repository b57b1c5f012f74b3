//! The gated recurrent unit, in the form of PyTorch and cuDNN.
//!
//! ```text
//! r = σ(W_r u + b_r + R_r h + d_r)                    u inputs, h state
//! z = σ(W_z u + b_z + R_z h + d_z)
//! n = tanh(W_n u + b_n + r (R_n h + d_n))             h' = (1 − z) n + z h
//! ```
//! Source: Cho et al. 2014, doi 10.3115/v1/D14-1179; rows of the matrices are in the order r, z, n.

use pulp::{Arch, NullaryFnOnce};
use rand::Rng;

use super::check;
use crate::Real;
use crate::cell::dense::{Dense, FlatSums, turned};
use crate::cell::{Cell, CellError, LANES, Lanes, Layout, Pull, Step, Taken, splat};

/// A GRU; its outputs are its state.
#[derive(Debug, Clone)]
pub struct Gru {
    pub(in crate::cell) arch: Arch,
    layout: Layout,
    input_map: Dense,
    recurrent_map: Dense,
    units: usize,
}

impl Gru {
    /// A GRU with so many inputs and units.
    ///
    /// # Errors
    /// If there are no inputs or units.
    pub fn new(n_inputs: usize, units: usize) -> Result<Self, CellError> {
        check(n_inputs, units)?;
        let layout = Layout::new([
            ("weight_ih", 3 * units * n_inputs),
            ("bias_ih", 3 * units),
            ("weight_hh", 3 * units * units),
            ("bias_hh", 3 * units),
        ]);
        let input_map = Dense::of(&layout, "weight_ih", "bias_ih", n_inputs);
        let recurrent_map = Dense::of(&layout, "weight_hh", "bias_hh", units);
        Ok(Self { arch: Arch::new(), layout, input_map, recurrent_map, units })
    }

    /// Parameters to start from: Xavier, and no bias.
    pub fn start<R: Real>(&self, rng: &mut impl Rng) -> Vec<R> {
        let mut parameters = vec![R::ZERO; self.layout.n_parameters()];
        self.input_map.start(&mut parameters, rng);
        self.recurrent_map.start(&mut parameters, rng);
        parameters
    }
}

impl<R: Real> Cell<R> for Gru {
    fn n_inputs(&self) -> usize {
        self.input_map.n_inputs
    }

    fn n_state(&self) -> usize {
        self.units
    }

    fn n_outputs(&self) -> usize {
        self.units
    }

    /// r, z, n and R_n h + d_n.
    fn n_kept(&self) -> usize {
        4 * self.units
    }

    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn n_sums(&self) -> usize {
        FlatSums::n_lanes(self.layout.n_parameters())
    }

    fn add_sums(&self, _parameters: &[R], sums: &[Lanes<R>], gradient: &mut [R]) {
        FlatSums::add_to(sums, gradient);
    }

    fn step(&self, parameters: &[R], step: Step<'_, R>) {
        self.arch.dispatch(Forward { cell: self, parameters, step });
    }

    fn pull(&self, parameters: &[R], step: &Taken<'_, R>, pull: Pull<'_, R>) {
        self.arch.dispatch(Backward { cell: self, parameters, step, pull });
    }
}

struct Forward<'s, R> {
    cell: &'s Gru,
    parameters: &'s [R],
    step: Step<'s, R>,
}

impl<R: Real> NullaryFnOnce for Forward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step } = self;
        let Step { inputs, elapsed: _, masks: _, before, after, outputs, kept } = step;
        let n = before.len();
        let mut of_state = vec![splat(R::ZERO); 3 * n];
        let (gates, kept_of_state) = kept.split_at_mut(3 * n);
        cell.input_map.forward(parameters, inputs, gates);
        cell.recurrent_map.forward(parameters, before, &mut of_state);
        for unit in 0..n {
            for lane in 0..LANES {
                let resets = (gates[unit][lane] + of_state[unit][lane]).sigmoid();
                let stays = (gates[n + unit][lane] + of_state[n + unit][lane]).sigmoid();
                let of_state = of_state[2 * n + unit][lane];
                let new = resets.mul_add(of_state, gates[2 * n + unit][lane]).tanh();
                after[unit][lane] = stays.mul_add(before[unit][lane], (R::ONE - stays) * new);
                (gates[unit][lane], gates[n + unit][lane]) = (resets, stays);
                (gates[2 * n + unit][lane], kept_of_state[unit][lane]) = (new, of_state);
            }
        }
        outputs.copy_from_slice(after);
    }
}

struct Backward<'s, R> {
    cell: &'s Gru,
    parameters: &'s [R],
    step: &'s Taken<'s, R>,
    pull: Pull<'s, R>,
}

impl<R: Real> NullaryFnOnce for Backward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step, pull } = self;
        let Taken { inputs, elapsed: _, masks: _, before, after: _, kept } = *step;
        let Pull { outputs, state, inputs: by_inputs, elapsed: by_elapsed, sums } = pull;
        let n = before.len();
        let [mut by_input_map, mut by_recurrent_map] = [(); 2].map(|()| vec![splat(R::ZERO); 3 * n]);
        for unit in 0..n {
            for lane in 0..LANES {
                let (resets, stays) = (kept[unit][lane], kept[n + unit][lane]);
                let (new, of_state) = (kept[2 * n + unit][lane], kept[3 * n + unit][lane]);
                let g = state[unit][lane] + outputs[unit][lane];
                let by_n = g * (R::ONE - stays) * (R::ONE - new * new);
                let by_z = g * (before[unit][lane] - new) * stays * (R::ONE - stays);
                let by_r = by_n * of_state * resets * (R::ONE - resets);
                by_input_map[unit][lane] = by_r;
                by_input_map[n + unit][lane] = by_z;
                by_input_map[2 * n + unit][lane] = by_n;
                by_recurrent_map[unit][lane] = by_r;
                by_recurrent_map[n + unit][lane] = by_z;
                by_recurrent_map[2 * n + unit][lane] = by_n * resets;
                state[unit][lane] = g * stays;
            }
        }
        by_inputs.fill(splat(R::ZERO));
        *by_elapsed = splat(R::ZERO);
        let sums = sums.as_flattened_mut();
        cell.input_map.add_sums(&turned(inputs), &by_input_map, sums);
        cell.input_map.pull(parameters, &by_input_map, by_inputs);
        cell.recurrent_map.add_sums(&turned(before), &by_recurrent_map, sums);
        cell.recurrent_map.pull(parameters, &by_recurrent_map, state);
    }
}
