//! Implicit steps as torchdiffeq takes them: Broyden's iteration, which stops where residuals are below 1e-8.
//!
//! What it stops short of is seen in its numbers, and its derivatives are those of the iteration. So to compare
//! more than eight digits, the iteration itself is run here, with our tableaus and fields, and with numbers that
//! have derivatives ([`Dual`]). Methods whose stages can be found one after the other find them so, but for the
//! trapezoid, as there.

use anyhow::Result;
use rheobase_ltc::Real;
use rheobase_ltc::field::Smooth;
use rheobase_ltc::ode::Gradient;
use rheobase_ltc::tableau::Tableau;

use super::dual::Dual;
use super::problems::Problem;

/// Where the iteration stops.
const RESIDUAL: f64 = 1e-8;
const MOST: usize = 100;

/// States at all times, and the derivatives of the sum of all squared ones.
pub fn run(
    problem: &Problem,
    tableau: &Tableau,
    h: f64,
    parameters: &[f64],
) -> Result<(Vec<f64>, Gradient<f64>)> {
    let (n, n_parameters) = (problem.initial.len(), parameters.len());
    let mut states = Vec::new();
    let mut all = Vec::with_capacity(n + n_parameters);
    for k in 0..n + n_parameters {
        let with_slope = |values: &[f64], first: usize| -> Vec<Dual> {
            let dual = |(at, value): (usize, &f64)| Dual {
                value: *value,
                slope: if first + at == k { 1.0 } else { 0.0 },
            };
            values.iter().enumerate().map(dual).collect()
        };
        let initial = with_slope(&problem.initial, 0);
        let field = problem.field(&with_slope(parameters, n))?;
        let solved = solve(&*field, tableau, h, &problem.times, initial);
        all.push(solved.iter().map(|y| 2.0 * y.value * y.slope).sum());
        states = solved.iter().map(|y| y.value).collect();
    }
    let by_parameters = all.split_off(n);
    Ok((states, Gradient { initial: all, parameters: by_parameters, times: Vec::new() }))
}

fn solve<R: Real>(
    field: &dyn Smooth<R>,
    tableau: &Tableau,
    h: f64,
    times: &[f64],
    initial: Vec<R>,
) -> Vec<R> {
    let (mut states, mut y) = (initial.clone(), initial);
    for pair in times.windows(2) {
        let steps = ((pair[1] - pair[0]) / h).round();
        for k in 0..steps as usize {
            let t = pair[0] + (pair[1] - pair[0]) * (k as f64 / steps);
            step(field, tableau, t, (pair[1] - pair[0]) / steps, &mut y);
        }
        states.extend_from_slice(&y);
    }
    states
}

fn step<R: Real>(field: &dyn Smooth<R>, tableau: &Tableau, t: f64, h: f64, y: &mut [R]) {
    let (n, s) = (y.len(), tableau.n_stages());
    let mut first = vec![R::ZERO; n];
    field.rate(t, y, &mut first);
    let mut stages = first.repeat(s);
    let one_by_one = tableau.a.iter().enumerate().all(|(stage, row)| row.len() <= stage + 1);
    let together =
        ["implicit-euler", "implicit-midpoint", "trapezoid"].contains(&tableau.name) || !one_by_one;
    // Stages that are iterated together; one that is the rate where the step begins is there already.
    let is_first = |stage: &usize| tableau.a[*stage].is_empty();
    let groups: Vec<Vec<usize>> = match together {
        true => vec![(0..s).collect()],
        false => (0..s).filter(|stage| !is_first(stage)).map(|stage| vec![stage]).collect(),
    };
    for group in groups {
        iterate(
            group.len() * n,
            &mut stages[group[0] * n..(group[0] + group.len()) * n].to_vec(),
            &mut |unknown| {
                let at = group[0] * n;
                stages[at..at + unknown.len()].copy_from_slice(unknown);
                let mut residual = Vec::with_capacity(unknown.len());
                for stage in &group {
                    if is_first(stage) {
                        residual.extend(std::iter::repeat_n(R::ZERO, n));
                        continue;
                    }
                    let mut state = y.to_vec();
                    add(&mut state, h, tableau.a[*stage], &stages);
                    let mut rate = vec![R::ZERO; n];
                    field.rate(t + tableau.c[*stage] * h, &state, &mut rate);
                    residual.extend(rate.iter().zip(&stages[stage * n..]).map(|(f, k)| *k - *f));
                }
                residual
            },
        );
    }
    add(y, h, tableau.b, &stages);
}

fn add<R: Real>(y: &mut [R], h: f64, weights: &[f64], stages: &[R]) {
    for (weight, stage) in weights.iter().zip(stages.chunks_exact(y.len())) {
        y.iter_mut().zip(stage).for_each(|(y, k)| *y += R::of(weight * h) * *k);
    }
}

/// Broyden's good method from the unit matrix.
fn iterate<R: Real>(n: usize, unknown: &mut [R], residual_of: &mut dyn FnMut(&[R]) -> Vec<R>) {
    let mut residual = residual_of(unknown);
    let mut matrix = vec![R::ZERO; n * n];
    matrix.iter_mut().step_by(n + 1).for_each(|entry| *entry = R::ONE);
    let dot = |a: &[R], b: &[R]| -> R { a.iter().zip(b).map(|(a, b)| *a * *b).sum() };
    for _ in 0..MOST {
        if dot(&residual, &residual).to_f64().sqrt() < RESIDUAL {
            break;
        }
        let change: Vec<R> = eliminate(matrix.clone(), residual.clone()).into_iter().map(|x| -x).collect();
        unknown.iter_mut().zip(&change).for_each(|(k, change)| *k += *change);
        let new = residual_of(unknown);
        let length = dot(&change, &change);
        for (row, (new, old)) in matrix.chunks_exact_mut(n).zip(new.iter().zip(&residual)) {
            let off = (*new - *old - dot(row, &change)) / length;
            row.iter_mut().zip(&change).for_each(|(entry, change)| *entry += off * *change);
        }
        residual = new;
    }
}

/// Gauss's elimination with the largest pivots.
fn eliminate<R: Real>(mut matrix: Vec<R>, mut right: Vec<R>) -> Vec<R> {
    let n = right.len();
    for column in 0..n {
        let size = |row: &usize| matrix[row * n + column].to_f64().abs();
        let pivot = (column..n).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(column);
        for k in 0..n {
            matrix.swap(pivot * n + k, column * n + k);
        }
        right.swap(pivot, column);
        for row in column + 1..n {
            let factor = matrix[row * n + column] / matrix[column * n + column];
            for k in column..n {
                let above = matrix[column * n + k];
                matrix[row * n + k] -= factor * above;
            }
            let above = right[column];
            right[row] -= factor * above;
        }
    }
    for row in (0..n).rev() {
        let known: R = (row + 1..n).map(|k| matrix[row * n + k] * right[k]).sum();
        right[row] = (right[row] - known) / matrix[row * n + row];
    }
    right
}
