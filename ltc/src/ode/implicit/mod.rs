//! Implicit Runge–Kutta methods, for stiff fields with fixed steps.
//!
//! All stages are found together: Newton's method on `k_i = f(t + c_i h, y + h Σ a_ij k_j)` with the Jacobian of
//! every stage, until the last correction is a rounding. Where a row of `a` uses no later stage (diagonally
//! implicit methods), the system has zeros and the method is the same. Cost an iteration: s Jacobians and
//! (s n)³/3 multiplications; for networks of hundreds of units take [`super::RODAS5P`].
//!
//! States inside a step, each with an error that shrinks at least as fast as that of the method:
//!
//! | methods | states inside | their order | evaluations |
//! |---|---|---|---|
//! | up to order 4 | cubic through both ends and their slopes | 3, or that of the method | 1 |
//! | Radau 5 | the collocation polynomial, with the slope at the start too | 4 | 0 |
//! | Gauss 6 | the same gives states at two nodes, whose slopes and both ends with theirs give a polynomial | 5 | 3 |
//!
//! Source: Hairer & Wanner, *Solving Ordinary Differential Equations II*, IV.5, IV.6 and IV.8.

mod tables;

pub use tables::{
    GAUSS_4, GAUSS_6, IMPLICIT_EULER, IMPLICIT_MIDPOINT, RADAU_3, RADAU_5, SDIRK_2, TR_BDF_2, TRAPEZOID,
};

use super::explicit::combine;
use super::lu::Lu;
use super::{OdeError, Piece, Solver, Span, Stepper, Tried, Work};
use crate::Real;
use crate::field::Smooth;
use crate::tableau::Tableau;

/// Iterations that a step may take.
const MOST: usize = 50;

/// An implicit Runge–Kutta method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Implicit {
    /// Its numbers.
    pub tableau: &'static Tableau,
}

impl<R: Real, F: Smooth<R> + ?Sized> Solver<R, F> for Implicit {
    fn stepper<'f>(&self, field: &'f F) -> Box<dyn Stepper<R> + 'f> {
        let n = field.n_state();
        Box::new(Stages {
            tableau: self.tableau,
            field,
            n,
            stages: vec![R::ZERO; self.tableau.n_stages() * n],
            last: vec![R::ZERO; n],
            first: vec![R::ZERO; n],
            has_first: false,
            work: Work::default(),
        })
    }
}

struct Stages<'f, R, F: ?Sized> {
    tableau: &'static Tableau,
    field: &'f F,
    n: usize,
    /// `[stages, state]`
    stages: Vec<R>,
    last: Vec<R>,
    first: Vec<R>,
    has_first: bool,
    work: Work,
}

/// Whether stages are slopes of one polynomial, of the degree of their number: `Σ_j a_ij c_j^(m−1) = c_i^m/m`.
fn is_collocation(tableau: &Tableau) -> bool {
    let Tableau { a, c, .. } = tableau;
    (1..=c.len() as i32).all(|m| {
        a.iter().zip(*c).all(|(row, end)| {
            let sum: f64 = row.iter().zip(*c).map(|(a, c)| a * c.powi(m - 1)).sum();
            (sum - end.powi(m) / f64::from(m)).abs() < 1e-14
        })
    })
}

/// The states of all stages.
pub(super) fn states<R: Real>(tableau: &Tableau, h: f64, before: &[R], stages: &[R]) -> Vec<R> {
    let mut states = vec![R::ZERO; stages.len()];
    for (state, row) in states.chunks_exact_mut(before.len()).zip(tableau.a) {
        combine(h, row, stages, before, state);
    }
    states
}

/// The matrix of Newton's method: `δ_ij I − h a_ij J_i`.
pub(super) fn matrix<R: Real, F: Smooth<R> + ?Sized>(
    field: &F,
    tableau: &Tableau,
    span: &Span,
    states: &[R],
    n: usize,
) -> Vec<R> {
    let size = states.len();
    let mut matrix = vec![R::ZERO; size * size];
    let (mut jacobian, mut by_time) = (vec![R::ZERO; n * n], vec![R::ZERO; n]);
    for (i, row) in tableau.a.iter().enumerate() {
        field.jacobian(span.at(tableau.c[i]), &states[i * n..(i + 1) * n], &mut jacobian, &mut by_time);
        for (j, a) in row.iter().enumerate() {
            let scale = R::of(span.length() * a);
            for (of_row, jacobian) in jacobian.chunks_exact(n).enumerate() {
                let at = (i * n + of_row) * size + j * n;
                matrix[at..at + n].iter_mut().zip(jacobian).for_each(|(m, j)| *m -= scale * *j);
            }
        }
    }
    matrix.iter_mut().step_by(size + 1).for_each(|entry| *entry += R::ONE);
    matrix
}

/// Finds the stages of a step, from a first guess.
pub(super) fn find_stages<R: Real, F: Smooth<R> + ?Sized>(
    field: &F,
    tableau: &Tableau,
    span: &Span,
    before: &[R],
    stages: &mut [R],
    work: &mut Work,
) -> Result<(), OdeError> {
    let (n, h) = (before.len(), span.length());
    let (mut residual, mut change) = (vec![R::ZERO; stages.len()], vec![R::ZERO; stages.len()]);
    let (mut smallest, mut left) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..MOST {
        let states = states(tableau, h, before, stages);
        for (stage, c) in tableau.c.iter().enumerate() {
            let of_stage = stage * n..(stage + 1) * n;
            field.rate(span.at(*c), &states[of_stage.clone()], &mut residual[of_stage]);
        }
        work.rates += tableau.n_stages();
        residual.iter_mut().zip(&*stages).for_each(|(residual, k)| *residual -= *k);
        let Some(lu) = Lu::of(matrix(field, tableau, span, &states, n), stages.len()) else { break };
        work.jacobians += tableau.n_stages();
        work.factorizations += 1;
        lu.solve(&residual, &mut change);
        stages.iter_mut().zip(&change).for_each(|(k, change)| *k += *change);
        let largest = |values: &[R]| values.iter().fold(0.0_f64, |most, x| most.max(x.abs().to_f64()));
        left = largest(&change) / largest(stages).max(f64::MIN_POSITIVE);
        // Newton's method converges at the second power: what follows a change of 1e-9 is a rounding. Where
        // roundings are larger, changes stop to shrink.
        if left < 1e-13 || (left < 1e-9 && left >= smallest) {
            return Ok(());
        }
        smallest = smallest.min(left);
    }
    Err(OdeError::NotSolved { t: span.t, step: h, iterations: MOST, residual: left })
}

impl<R: Real, F: Smooth<R> + ?Sized> Stepper<R> for Stages<'_, R, F> {
    fn n_state(&self) -> usize {
        self.n
    }

    fn order(&self) -> u32 {
        self.tableau.order
    }

    fn error_order(&self) -> u32 {
        0
    }

    fn rate(&mut self, t: f64, y: &[R], rate: &mut [R]) {
        self.field.rate(t, y, rate);
        self.work.rates += 1;
    }

    fn first(&mut self, t: f64, y: &[R]) -> &[R] {
        if !self.has_first {
            self.field.rate(t, y, &mut self.first);
            self.work.rates += 1;
            self.has_first = true;
        }
        &self.first
    }

    fn attempt(&mut self, span: &Span, tried: Tried<'_, R>) -> Result<(), OdeError> {
        let Tried { before, after, error } = tried;
        self.first(span.t, before);
        for stage in self.stages.chunks_exact_mut(self.n) {
            stage.copy_from_slice(&self.first);
        }
        let Self { tableau, field, stages, work, .. } = self;
        find_stages(*field, tableau, span, before, stages, work)?;
        combine(span.length(), tableau.b, stages, before, after);
        error.fill(R::ZERO);
        Ok(())
    }

    fn take(&mut self) {
        self.has_first = false;
    }

    fn made_jump(&mut self) {
        self.has_first = false;
    }

    fn piece(&mut self, span: &Span, before: &[R], after: &[R], piece: &mut Piece<R>) {
        let Tableau { c, order, .. } = self.tableau;
        let is_high = *order > 4 && is_collocation(self.tableau);
        let stages = || self.stages.chunks_exact(self.n);
        if is_high && c[c.len() - 1] == 1.0 {
            // The end is the last stage, and the quadrature with one node more is the same.
            let nodes: Vec<f64> = [0.0].into_iter().chain(c.iter().copied()).collect();
            let slopes: Vec<&[R]> = [&self.first[..]].into_iter().chain(stages()).collect();
            return piece.through_slopes(span, before, &nodes, &slopes, None);
        }
        self.field.rate(span.at(1.0), after, &mut self.last);
        self.work.rates += 1;
        if !is_high {
            return piece.cubic(span, [before, after], [&self.first, &self.last]);
        }
        let nodes: Vec<f64> = [0.0].into_iter().chain(c.iter().copied()).chain([1.0]).collect();
        let slopes: Vec<&[R]> =
            [&self.first[..]].into_iter().chain(stages()).chain([&self.last[..]]).collect();
        piece.through_slopes(span, before, &nodes, &slopes, None);
        let nodes = [c[0], c[c.len() - 1]];
        let better = nodes.map(|node| {
            let (mut state, mut slope) = (vec![R::ZERO; self.n], vec![R::ZERO; self.n]);
            piece.at(span.at(node), &mut state);
            self.field.rate(span.at(node), &state, &mut slope);
            slope
        });
        self.work.rates += 2;
        let nodes = [0.0, nodes[0], nodes[1], 1.0];
        let slopes = [&self.first[..], &better[0], &better[1], &self.last];
        piece.through_slopes(span, before, &nodes, &slopes, Some(after));
    }

    fn work(&self) -> Work {
        self.work
    }
}
