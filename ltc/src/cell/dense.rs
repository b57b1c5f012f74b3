//! Dense layers on lanes: `y = W x + b`, and the way back.
//!
//! A matrix is `[outputs, inputs]`, row after row, as in PyTorch. Eight rows are taken at once, so that a
//! number is loaded once for eight fused multiply-adds; every sum goes over its terms in their order.
//! Derivatives by weights are a product of matrices, `[outputs, lanes] · [lanes, inputs]`: with the inputs
//! [turned](turned) once, vectors run over sixteen weights of a row, and a weight has one sum instead of one
//! a lane ([`FlatSums`]).

use std::ops::Range;

use rand::{Rng, RngExt};

use super::{LANES, Lanes, Layout, splat, total};
use crate::Real;

/// Rows that are taken at once.
const ROWS: usize = 8;

/// A matrix among the parameters of a cell, and a bias if it has one.
#[derive(Debug, Clone)]
pub(super) struct Dense {
    pub n_inputs: usize,
    pub n_outputs: usize,
    /// `[outputs, inputs]`
    pub weight: Range<usize>,
    /// `[outputs]`, or nothing.
    pub bias: Range<usize>,
}

impl Dense {
    /// The layer with the blocks `weight` and, if there is such a block, `bias`.
    pub fn of(layout: &Layout, weight: &str, bias: &str, n_inputs: usize) -> Self {
        let weight = layout.range(weight).expect("the cell has made a block of this name");
        let bias = layout.range(bias).unwrap_or(0..0);
        let n_outputs = weight.len() / n_inputs.max(1);
        Self { n_inputs, n_outputs, weight, bias }
    }

    /// `outputs = W inputs + b`
    #[inline(always)]
    pub fn forward<R: Real>(&self, parameters: &[R], inputs: &[Lanes<R>], outputs: &mut [Lanes<R>]) {
        let bias = &parameters[self.bias.clone()];
        for (k, output) in outputs[..self.n_outputs].iter_mut().enumerate() {
            *output = splat(bias.get(k).copied().unwrap_or(R::ZERO));
        }
        self.add(parameters, inputs, outputs);
    }

    /// `outputs += W inputs`
    #[inline(always)]
    pub fn add<R: Real>(&self, parameters: &[R], inputs: &[Lanes<R>], outputs: &mut [Lanes<R>]) {
        let n = self.n_inputs;
        let (weights, inputs) = (&parameters[self.weight.clone()], &inputs[..n]);
        let mut row = 0;
        let (blocks, rest) = outputs[..self.n_outputs].as_chunks_mut::<ROWS>();
        for outputs in blocks {
            add_rows(&weights[row * n..], inputs, outputs);
            row += ROWS;
        }
        for output in rest {
            add_row(&weights[row * n..], inputs, output);
            row += 1;
        }
    }

    /// `by_inputs += Wᵀ by_outputs`
    #[inline(always)]
    pub fn pull<R: Real>(&self, parameters: &[R], by_outputs: &[Lanes<R>], by_inputs: &mut [Lanes<R>]) {
        let n = self.n_inputs;
        let (weights, by_outputs) = (&parameters[self.weight.clone()], &by_outputs[..self.n_outputs]);
        let mut column = 0;
        let (blocks, rest) = by_inputs[..n].as_chunks_mut::<ROWS>();
        for by_inputs in blocks {
            add_columns(&weights[column..], n, by_outputs, by_inputs);
            column += ROWS;
        }
        for by_input in rest {
            add_column(&weights[column..], n, by_outputs, by_input);
            column += 1;
        }
    }

    /// Adds to the derivatives by weights and bias, given the [`turned`] inputs; a sum a parameter.
    #[inline(always)]
    pub fn add_sums<R: Real>(&self, turned: &[Lanes<R>], by_outputs: &[Lanes<R>], sums: &mut [R]) {
        let n = self.n_inputs;
        let by_outputs = &by_outputs[..self.n_outputs];
        for (by_bias, by_output) in sums[self.bias.clone()].iter_mut().zip(by_outputs) {
            *by_bias += total(by_output);
        }
        if n == 0 {
            return;
        }
        let (blocks, rest) = by_outputs.as_chunks::<ROWS>();
        let (sums, sums_of_rest) = sums[self.weight.clone()].split_at_mut(blocks.len() * ROWS * n);
        for (by_outputs, sums) in blocks.iter().zip(sums.chunks_exact_mut(ROWS * n)) {
            add_products(turned, by_outputs, sums, n);
        }
        for (by_output, sums) in rest.iter().zip(sums_of_rest.chunks_exact_mut(n)) {
            add_product(turned, by_output, sums);
        }
    }

    /// Weights to start from: `xavier_uniform` of PyTorch, `glorot_uniform` of TensorFlow.
    pub fn start<R: Real>(&self, parameters: &mut [R], rng: &mut impl Rng) {
        start_uniform(&mut parameters[self.weight.clone()], self.n_inputs + self.n_outputs, rng);
    }

    /// A bias to start from as in PyTorch: uniform up to 1/√inputs.
    pub fn start_bias<R: Real>(&self, parameters: &mut [R], rng: &mut impl Rng) {
        let most = (self.n_inputs as f64).sqrt().recip();
        for value in &mut parameters[self.bias.clone()] {
            *value = R::of(rng.random_range(-most..most));
        }
    }
}

/// Draws uniformly up to `√(6/fan)`, with `fan` that of both sides.
pub(super) fn start_uniform<R: Real>(values: &mut [R], fan: usize, rng: &mut impl Rng) {
    let most = (6.0 / fan as f64).sqrt();
    for value in values {
        *value = R::of(rng.random_range(-most..most));
    }
}

/// Sums over time and lanes, one a parameter instead of one a parameter and lane.
pub(super) struct FlatSums;

impl FlatSums {
    /// How many [`Lanes`] hold them.
    pub fn n_lanes(n_parameters: usize) -> usize {
        n_parameters.div_ceil(LANES)
    }

    /// Adds them to derivatives by parameters.
    pub fn add_to<R: Real>(sums: &[Lanes<R>], gradient: &mut [R]) {
        gradient.iter_mut().zip(sums.as_flattened()).for_each(|(gradient, sum)| *gradient += *sum);
    }
}

/// Numbers `[n]` of sixteen lanes as blocks `[lanes]` of sixteen numbers, zeros at the end.
#[inline(always)]
pub(super) fn turned<R: Real>(numbers: &[Lanes<R>]) -> Vec<Lanes<R>> {
    let mut turned = vec![splat(R::ZERO); numbers.len().next_multiple_of(LANES)];
    for (block, numbers) in turned.chunks_exact_mut(LANES).zip(numbers.chunks(LANES)) {
        for (k, number) in numbers.iter().enumerate() {
            for lane in 0..LANES {
                block[lane][k] = number[lane];
            }
        }
    }
    turned
}

/// `a x + to`
#[inline(always)]
fn multiply_add<R: Real>(a: R, x: &Lanes<R>, mut to: Lanes<R>) -> Lanes<R> {
    for lane in 0..LANES {
        to[lane] = a.mul_add(x[lane], to[lane]);
    }
    to
}

/// `a_k x + to_k` of all rows. Written out, as a loop over rows would become vector code over rows, which
/// gathers and scatters.
#[inline(always)]
fn multiply_add_rows<R: Real>(a: [R; ROWS], x: &Lanes<R>, to: &mut [Lanes<R>; ROWS]) {
    let [to_0, to_1, to_2, to_3, to_4, to_5, to_6, to_7] = to;
    *to_0 = multiply_add(a[0], x, *to_0);
    *to_1 = multiply_add(a[1], x, *to_1);
    *to_2 = multiply_add(a[2], x, *to_2);
    *to_3 = multiply_add(a[3], x, *to_3);
    *to_4 = multiply_add(a[4], x, *to_4);
    *to_5 = multiply_add(a[5], x, *to_5);
    *to_6 = multiply_add(a[6], x, *to_6);
    *to_7 = multiply_add(a[7], x, *to_7);
}

/// Adds `ROWS` rows of `W x`; weights begin at the first of them.
#[inline(always)]
fn add_rows<R: Real>(weights: &[R], inputs: &[Lanes<R>], outputs: &mut [Lanes<R>; ROWS]) {
    // Rows of a length that is that of the inputs need no checks.
    let n = inputs.len();
    let (w_0, rest) = weights.split_at(n);
    let (w_1, rest) = rest.split_at(n);
    let (w_2, rest) = rest.split_at(n);
    let (w_3, rest) = rest.split_at(n);
    let (w_4, rest) = rest.split_at(n);
    let (w_5, rest) = rest.split_at(n);
    let (w_6, rest) = rest.split_at(n);
    let (w_7, _) = rest.split_at(n);
    let mut sums = *outputs;
    for (i, x) in inputs.iter().enumerate() {
        let a = [w_0[i], w_1[i], w_2[i], w_3[i], w_4[i], w_5[i], w_6[i], w_7[i]];
        multiply_add_rows(a, x, &mut sums);
    }
    *outputs = sums;
}

#[inline(always)]
fn add_row<R: Real>(weights: &[R], inputs: &[Lanes<R>], output: &mut Lanes<R>) {
    let mut sum = *output;
    for (w, x) in weights.iter().zip(inputs) {
        sum = multiply_add(*w, x, sum);
    }
    *output = sum;
}

/// Adds `ROWS` rows of `Wᵀ y`; weights begin at the first of these columns, and a row has `n` of them.
#[inline(always)]
fn add_columns<R: Real>(weights: &[R], n: usize, by_outputs: &[Lanes<R>], by_inputs: &mut [Lanes<R>; ROWS]) {
    let mut sums = *by_inputs;
    for (row, by_output) in weights.chunks(n).zip(by_outputs) {
        let a = *row.first_chunk::<ROWS>().expect("so many columns are left");
        multiply_add_rows(a, by_output, &mut sums);
    }
    *by_inputs = sums;
}

#[inline(always)]
fn add_column<R: Real>(weights: &[R], n: usize, by_outputs: &[Lanes<R>], by_input: &mut Lanes<R>) {
    let mut sum = *by_input;
    for (w, by_output) in weights.iter().step_by(n).zip(by_outputs) {
        sum = multiply_add(*w, by_output, sum);
    }
    *by_input = sum;
}

/// Adds the products of `ROWS` derivatives by outputs with all inputs; sums begin at the first row.
#[inline(always)]
fn add_products<R: Real>(turned: &[Lanes<R>], by_outputs: &[Lanes<R>; ROWS], sums: &mut [R], n: usize) {
    for (block, inputs) in turned.chunks_exact(LANES).enumerate() {
        let mut products = [splat(R::ZERO); ROWS];
        for (lane, x) in inputs.iter().enumerate() {
            let y = |k: usize| by_outputs[k][lane];
            let a = [y(0), y(1), y(2), y(3), y(4), y(5), y(6), y(7)];
            multiply_add_rows(a, x, &mut products);
        }
        for (row, products) in sums.chunks_mut(n).zip(&products) {
            add_block(row, block, products);
        }
    }
}

#[inline(always)]
fn add_product<R: Real>(turned: &[Lanes<R>], by_output: &Lanes<R>, sums: &mut [R]) {
    for (block, inputs) in turned.chunks_exact(LANES).enumerate() {
        let mut products = splat(R::ZERO);
        for (y, x) in by_output.iter().zip(inputs) {
            products = multiply_add(*y, x, products);
        }
        add_block(sums, block, &products);
    }
}

/// Adds products to a block of a row, which may end in it.
#[inline(always)]
fn add_block<R: Real>(row: &mut [R], block: usize, products: &Lanes<R>) {
    let row = &mut row[block * LANES..];
    match row.first_chunk_mut::<LANES>() {
        Some(row) => row.iter_mut().zip(products).for_each(|(sum, product)| *sum += *product),
        None => row.iter_mut().zip(*products).for_each(|(sum, product)| *sum += product),
    }
}
