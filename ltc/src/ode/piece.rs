//! The states inside a step, as polynomials.

use super::Span;
use crate::Real;

/// How the rows of a piece are to be read, with θ from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Basis {
    /// `r₀ + θ (r₁ + θ (r₂ + …))`
    #[default]
    Powers,
    /// `r₀ + θ (r₁ + (1 − θ) (r₂ + θ (r₃ + …)))`, as DOP853 has it.
    Alternating,
}

/// A step and the states inside.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece<R> {
    /// The time of the step.
    pub span: Span,
    /// `[rows, state]`
    pub rows: Vec<R>,
    /// How they are to be read.
    pub basis: Basis,
}

impl<R: Real> Piece<R> {
    /// A state that does not change.
    pub fn constant(span: Span, state: &[R]) -> Self {
        Self { span, rows: state.to_vec(), basis: Basis::Powers }
    }

    /// Room for a piece.
    pub fn empty() -> Self {
        let span = Span { t: 0.0, end: 0.0, ends_at_jump: false };
        Self { span, rows: Vec::new(), basis: Basis::Powers }
    }

    /// Writes the state at a time.
    pub fn at(&self, t: f64, state: &mut [R]) {
        let n = state.len();
        let x = (t - self.span.t) / self.span.length();
        let (x, other) = (R::of(x), R::of(1.0 - x));
        let n_rows = self.rows.len() / n;
        state.copy_from_slice(&self.rows[(n_rows - 1) * n..]);
        for row in (0..n_rows - 1).rev() {
            let factor = match self.basis {
                Basis::Alternating if row % 2 == 1 => other,
                Basis::Alternating | Basis::Powers => x,
            };
            for (state, value) in state.iter_mut().zip(&self.rows[row * n..(row + 1) * n]) {
                *state = *state * factor + *value;
            }
        }
    }

    /// Cubic through both ends and their slopes; order 3.
    pub(super) fn cubic(&mut self, span: &Span, ends: [&[R]; 2], slopes: [&[R]; 2]) {
        let [y0, y1] = ends;
        let [f0, f1] = slopes;
        let (n, h) = (y0.len(), R::of(span.length()));
        self.clear(span, 4 * n, Basis::Powers);
        let (two, three) = (R::of(2.0), R::of(3.0));
        for k in 0..n {
            let (d, a, b) = (y1[k] - y0[k], h * f0[k], h * f1[k]);
            self.rows[k] = y0[k];
            self.rows[n + k] = a;
            self.rows[2 * n + k] = three * d - two * a - b;
            self.rows[3 * n + k] = a + b - two * d;
        }
    }

    /// A parabola through both ends and one slope; order 2.
    pub(super) fn parabola(&mut self, span: &Span, ends: [&[R]; 2], slope: &[R]) {
        let [y0, y1] = ends;
        let (n, h) = (y0.len(), R::of(span.length()));
        self.clear(span, 3 * n, Basis::Powers);
        for k in 0..n {
            self.rows[k] = y0[k];
            self.rows[n + k] = h * slope[k];
            self.rows[2 * n + k] = y1[k] - y0[k] - h * slope[k];
        }
    }

    /// Quartic through both ends, their slopes, and the state in the middle; order 4 if that has it.
    pub(super) fn quartic(&mut self, span: &Span, ends: [&[R]; 2], middle: &[R], slopes: [&[R]; 2]) {
        let [y0, y1] = ends;
        let [f0, f1] = slopes;
        let (n, h) = (y0.len(), R::of(span.length()));
        self.clear(span, 5 * n, Basis::Powers);
        let of = R::of;
        for k in 0..n {
            let (d, m, a, b) = (y1[k] - y0[k], middle[k] - y0[k], h * f0[k], h * f1[k]);
            self.rows[k] = y0[k];
            self.rows[n + k] = a;
            self.rows[2 * n + k] = b - of(4.0) * a - of(5.0) * d + of(16.0) * m;
            self.rows[3 * n + k] = of(5.0) * a - of(3.0) * b + of(14.0) * d - of(32.0) * m;
            self.rows[4 * n + k] = of(2.0) * (b - a) - of(8.0) * d + of(16.0) * m;
        }
    }

    pub(super) fn clear(&mut self, span: &Span, n_values: usize, basis: Basis) {
        self.span = *span;
        self.basis = basis;
        self.rows.clear();
        self.rows.resize(n_values, R::ZERO);
    }
}
