//! The plain recurrent cell: `h' = f(W u + R h + b)`, as in Elman 1990, doi 10.1207/s15516709cog1402_1.

use pulp::{Arch, NullaryFnOnce};
use rand::Rng;

use super::check;
use crate::Real;
use crate::cell::dense::{Dense, FlatSums, turned};
use crate::cell::{Activation, Cell, CellError, Lanes, Layout, Pull, Step, Taken, splat};

/// A plain recurrent cell; its outputs are its state.
#[derive(Debug, Clone)]
pub struct Plain {
    pub(in crate::cell) arch: Arch,
    layout: Layout,
    input_map: Dense,
    recurrent_map: Dense,
    units: usize,
    activation: Activation,
}

impl Plain {
    /// A cell with so many inputs and units; the activation is tanh in most places.
    ///
    /// # Errors
    /// If there are no inputs or units.
    pub fn new(n_inputs: usize, units: usize, activation: Activation) -> Result<Self, CellError> {
        check(n_inputs, units)?;
        let layout =
            Layout::new([("weight_ih", units * n_inputs), ("weight_hh", units * units), ("bias", units)]);
        let input_map = Dense::of(&layout, "weight_ih", "bias", n_inputs);
        let recurrent_map = Dense::of(&layout, "weight_hh", "", units);
        Ok(Self { arch: Arch::new(), layout, input_map, recurrent_map, units, activation })
    }

    /// Parameters to start from: Xavier, and no bias.
    pub fn start<R: Real>(&self, rng: &mut impl Rng) -> Vec<R> {
        let mut parameters = vec![R::ZERO; self.layout.n_parameters()];
        self.input_map.start(&mut parameters, rng);
        self.recurrent_map.start(&mut parameters, rng);
        parameters
    }
}

impl<R: Real> Cell<R> for Plain {
    fn n_inputs(&self) -> usize {
        self.input_map.n_inputs
    }

    fn n_state(&self) -> usize {
        self.units
    }

    fn n_outputs(&self) -> usize {
        self.units
    }

    /// The sums of the units.
    fn n_kept(&self) -> usize {
        self.units
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
    cell: &'s Plain,
    parameters: &'s [R],
    step: Step<'s, R>,
}

impl<R: Real> NullaryFnOnce for Forward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step } = self;
        let Step { inputs, elapsed: _, masks: _, before, after, outputs, kept } = step;
        cell.input_map.forward(parameters, inputs, kept);
        cell.recurrent_map.add(parameters, before, kept);
        for (after, z) in after.iter_mut().zip(&*kept) {
            *after = cell.activation.of(z);
        }
        outputs.copy_from_slice(after);
    }
}

struct Backward<'s, R> {
    cell: &'s Plain,
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
        let mut by_sums = state.to_vec();
        for (unit, by_sum) in by_sums.iter_mut().enumerate() {
            let slope = cell.activation.with_slope(&kept[unit]).1;
            for (lane, by_sum) in by_sum.iter_mut().enumerate() {
                *by_sum = (*by_sum + outputs[unit][lane]) * slope[lane];
            }
        }
        state.fill(splat(R::ZERO));
        by_inputs.fill(splat(R::ZERO));
        *by_elapsed = splat(R::ZERO);
        let sums = sums.as_flattened_mut();
        cell.input_map.add_sums(&turned(inputs), &by_sums, sums);
        cell.input_map.pull(parameters, &by_sums, by_inputs);
        cell.recurrent_map.add_sums(&turned(before), &by_sums, sums);
        cell.recurrent_map.pull(parameters, &by_sums, state);
    }
}
