//! Long short-term memory, as `ncps` puts it before a liquid cell.
//!
//! ```text
//! [i, g, f, o] = W u + b + R h                        u inputs, (h, c) state
//! c' = c σ(f + forget_bias) + tanh(i) σ(g)            h' = tanh(c') σ(o)
//! ```
//! Source: Hochreiter & Schmidhuber 1997, doi 10.1162/neco.1997.9.8.1735; `ncps` 1.0.1.

use pulp::{Arch, NullaryFnOnce};
use rand::{Rng, RngExt};

use super::check;
use crate::Real;
use crate::cell::dense::{Dense, FlatSums, turned};
use crate::cell::{Cell, CellError, LANES, Lanes, Layout, Pull, Step, Taken, splat};

/// An LSTM; its state is `[h, c]`, its outputs are `h`.
#[derive(Debug, Clone)]
pub struct Lstm {
    pub(in crate::cell) arch: Arch,
    layout: Layout,
    input_map: Dense,
    recurrent_map: Dense,
    forget_bias: f64,
    units: usize,
}

impl Lstm {
    /// An LSTM with so many inputs and units. `forget_bias` is added to what opens the forget gate: 1 in
    /// `ncps`, 0 in PyTorch.
    ///
    /// # Errors
    /// If there are no inputs or units, or the bias is not finite.
    pub fn new(n_inputs: usize, units: usize, forget_bias: f64) -> Result<Self, CellError> {
        check(n_inputs, units)?;
        if !forget_bias.is_finite() {
            let what = "forget_bias";
            return Err(CellError::Argument { what, value: forget_bias, must: "finite; 1 is usual" });
        }
        let layout = Layout::new([
            ("input_map.weight", 4 * units * n_inputs),
            ("input_map.bias", 4 * units),
            ("recurrent_map.weight", 4 * units * units),
        ]);
        let input_map = Dense::of(&layout, "input_map.weight", "input_map.bias", n_inputs);
        let recurrent_map = Dense::of(&layout, "recurrent_map.weight", "", units);
        Ok(Self { arch: Arch::new(), layout, input_map, recurrent_map, forget_bias, units })
    }

    /// Parameters to start from, as in `ncps`: Xavier, orthogonal, and a bias up to ±0.1.
    pub fn start<R: Real>(&self, rng: &mut impl Rng) -> Vec<R> {
        let mut parameters = vec![R::ZERO; self.layout.n_parameters()];
        self.input_map.start(&mut parameters, rng);
        for value in &mut parameters[self.input_map.bias.clone()] {
            *value = R::of(rng.random_range(-0.1..0.1));
        }
        let matrix = orthogonal(4 * self.units, self.units, rng);
        for (value, drawn) in parameters[self.recurrent_map.weight.clone()].iter_mut().zip(matrix) {
            *value = R::of(drawn);
        }
        parameters
    }
}

/// A matrix `[rows, columns]` with orthogonal columns of length 1, by Gram and Schmidt, twice for rounding.
fn orthogonal(rows: usize, columns: usize, rng: &mut impl Rng) -> Vec<f64> {
    let mut basis: Vec<Vec<f64>> = Vec::with_capacity(columns);
    for _ in 0..columns {
        let mut column: Vec<f64> = (0..rows).map(|_| normal(rng)).collect();
        for other in basis.iter().chain(&basis) {
            let along: f64 = column.iter().zip(other).map(|(x, y)| x * y).sum();
            column.iter_mut().zip(other).for_each(|(x, y)| *x -= along * y);
        }
        let length = column.iter().map(|x| x * x).sum::<f64>().sqrt();
        column.iter_mut().for_each(|x| *x /= length);
        basis.push(column);
    }
    (0..rows * columns).map(|k| basis[k % columns][k / columns]).collect()
}

/// A normal number, by Box and Muller.
fn normal(rng: &mut impl Rng) -> f64 {
    let (radius, angle) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
    (-2.0 * libm::log(radius)).sqrt() * libm::cos(std::f64::consts::TAU * angle)
}

impl<R: Real> Cell<R> for Lstm {
    fn n_inputs(&self) -> usize {
        self.input_map.n_inputs
    }

    fn n_state(&self) -> usize {
        2 * self.units
    }

    fn n_outputs(&self) -> usize {
        self.units
    }

    /// The gates, and tanh(c').
    fn n_kept(&self) -> usize {
        5 * self.units
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
    cell: &'s Lstm,
    parameters: &'s [R],
    step: Step<'s, R>,
}

impl<R: Real> NullaryFnOnce for Forward<'_, R> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let Self { cell, parameters, step } = self;
        let Step { inputs, elapsed: _, masks: _, before, after, outputs, kept } = step;
        let n = cell.units;
        let ((h, c), (new_h, new_c)) = (before.split_at(n), after.split_at_mut(n));
        let (gates, tanh_c) = kept.split_at_mut(4 * n);
        cell.input_map.forward(parameters, inputs, gates);
        cell.recurrent_map.add(parameters, h, gates);
        let forget_bias = R::of(cell.forget_bias);
        for unit in 0..n {
            for lane in 0..LANES {
                let activated = gates[unit][lane].tanh();
                let enters = gates[n + unit][lane].sigmoid();
                let stays = (gates[2 * n + unit][lane] + forget_bias).sigmoid();
                let leaves = gates[3 * n + unit][lane].sigmoid();
                let c = activated.mul_add(enters, c[unit][lane] * stays);
                let y = c.tanh();
                (new_c[unit][lane], new_h[unit][lane]) = (c, y * leaves);
                (gates[unit][lane], gates[n + unit][lane]) = (activated, enters);
                (gates[2 * n + unit][lane], gates[3 * n + unit][lane]) = (stays, leaves);
                tanh_c[unit][lane] = y;
            }
        }
        outputs.copy_from_slice(new_h);
    }
}

struct Backward<'s, R> {
    cell: &'s Lstm,
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
        let n = cell.units;
        let (h, c) = before.split_at(n);
        let (by_h, by_c) = state.split_at_mut(n);
        let (gates, tanh_c) = kept.split_at(4 * n);
        let mut by_gates = vec![splat(R::ZERO); 4 * n];
        for unit in 0..n {
            for lane in 0..LANES {
                let (activated, enters) = (gates[unit][lane], gates[n + unit][lane]);
                let (stays, leaves) = (gates[2 * n + unit][lane], gates[3 * n + unit][lane]);
                let y = tanh_c[unit][lane];
                let g = by_h[unit][lane] + outputs[unit][lane];
                let by_new_c = (g * leaves).mul_add(R::ONE - y * y, by_c[unit][lane]);
                by_gates[unit][lane] = by_new_c * enters * (R::ONE - activated * activated);
                by_gates[n + unit][lane] = by_new_c * activated * enters * (R::ONE - enters);
                by_gates[2 * n + unit][lane] = by_new_c * c[unit][lane] * stays * (R::ONE - stays);
                by_gates[3 * n + unit][lane] = g * y * leaves * (R::ONE - leaves);
                by_c[unit][lane] = by_new_c * stays;
            }
        }
        by_h.fill(splat(R::ZERO));
        by_inputs.fill(splat(R::ZERO));
        *by_elapsed = splat(R::ZERO);
        let sums = sums.as_flattened_mut();
        cell.input_map.add_sums(&turned(inputs), &by_gates, sums);
        cell.input_map.pull(parameters, &by_gates, by_inputs);
        cell.recurrent_map.add_sums(&turned(h), &by_gates, sums);
        cell.recurrent_map.pull(parameters, &by_gates, by_h);
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    #[test]
    fn columns_are_orthogonal() {
        let (rows, columns) = (28, 7);
        let matrix = super::orthogonal(rows, columns, &mut rand::rngs::SmallRng::seed_from_u64(4));
        for (i, j) in (0..columns).flat_map(|i| (0..columns).map(move |j| (i, j))) {
            let dot: f64 = (0..rows).map(|row| matrix[row * columns + i] * matrix[row * columns + j]).sum();
            assert!((dot - f64::from(i == j)).abs() < 1e-15, "{i} {j}: {dot}");
        }
    }
}
