//! The polynomial that begins at a state and has given slopes.
//!
//! With d_j the divided differences (Newton's) of slopes at the nodes θ_0, θ_1, …, in units of the step h:
//!
//! ```text
//! y(θ) = y₀ + h Σ_j d_j ∫₀^θ Π_(i<j) (s − θ_i) ds
//! ```
//! With m nodes and slopes whose error is O(h^m) it has order m. If it must also end somewhere, the next product has
//! the factor that leads there, and the order is m + 1 if the end has it.

use super::{Basis, Piece, Span};
use crate::Real;

impl<R: Real> Piece<R> {
    /// Through the state before, with these slopes at these nodes, which differ, and through the state after if it is
    /// given.
    pub(super) fn through_slopes(
        &mut self,
        span: &Span,
        before: &[R],
        nodes: &[f64],
        slopes: &[&[R]],
        after: Option<&[R]>,
    ) {
        let (n, h) = (before.len(), span.length());
        self.clear(span, (1 + nodes.len() + usize::from(after.is_some())) * n, Basis::Powers);
        self.rows[..n].copy_from_slice(before);
        let mut product = vec![1.0];
        for (difference, node) in divided(nodes, slopes).iter().zip(nodes) {
            self.add_integral(h, &product, difference);
            product = times_linear(&product, *node);
        }
        if let Some(after) = after {
            let integral: f64 = (1..).zip(&product).map(|(power, c)| c / f64::from(power)).sum();
            let left: Vec<R> =
                (0..n).map(|k| after[k] - self.rows.iter().skip(k).step_by(n).copied().sum()).collect();
            self.add_integral(1.0 / integral, &product, &left);
        }
    }

    /// Adds a scaled vector times the integral of a polynomial.
    fn add_integral(&mut self, scale: f64, polynomial: &[f64], vector: &[R]) {
        let rows = self.rows.chunks_exact_mut(vector.len()).skip(1);
        for ((power, c), row) in (1..).zip(polynomial).zip(rows) {
            let weight = R::of(scale * c / f64::from(power));
            row.iter_mut().zip(vector).for_each(|(row, x)| *row += weight * *x);
        }
    }
}

/// The divided differences that begin at the first node.
fn divided<R: Real>(nodes: &[f64], slopes: &[&[R]]) -> Vec<Vec<R>> {
    let mut differences: Vec<Vec<R>> = slopes.iter().map(|slope| slope.to_vec()).collect();
    for order in 1..nodes.len() {
        for later in (order..nodes.len()).rev() {
            let (earlier, later_on) = differences.split_at_mut(later);
            let distance = R::of(nodes[later] - nodes[later - order]);
            let both = later_on[0].iter_mut().zip(&earlier[later - 1]);
            both.for_each(|(later, earlier)| *later = (*later - *earlier) / distance);
        }
    }
    differences
}

/// A polynomial in powers of s, times s − node.
fn times_linear(polynomial: &[f64], node: f64) -> Vec<f64> {
    let shifted = std::iter::once(0.0).chain(polynomial.iter().copied());
    let scaled = polynomial.iter().map(|c| -node * c).chain([0.0]);
    shifted.zip(scaled).map(|(a, b)| a + b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A polynomial of the degree that the conditions fix comes back, for nodes inside and behind.
    #[test]
    fn polynomials_come_back() {
        let behind: Vec<f64> = (0..11).map(|k| -f64::from(k)).collect();
        let inside = [0.0, 0.155, 0.645, 1.0];
        for (nodes, is_closed) in [
            (&behind[..], true),
            (&behind[..3], true),
            (&behind[..5], false),
            (&inside[..3], true),
            (&inside, false),
        ] {
            let degree = (nodes.len() + usize::from(is_closed)) as i32;
            let (t, h) = (0.4, 0.05);
            // The rate is that by t, a whole step being 1 of s.
            let y = |s: f64| (0..=degree).map(|m| (0.1 * s).powi(m)).sum::<f64>();
            let slope = |s: f64, m: i32| 0.1 * f64::from(m) * (0.1 * s).powi(m - 1);
            let rate = |s: f64| (1..=degree).map(|m| slope(s, m)).sum::<f64>() / h;
            let slopes: Vec<[f64; 1]> = nodes.iter().map(|s| [rate(*s)]).collect();
            let slopes: Vec<&[f64]> = slopes.iter().map(|slope| &slope[..]).collect();
            let end = [y(1.0)];
            let span = Span { t, end: t + h, ends_at_jump: false };
            let mut piece = Piece::empty();
            piece.through_slopes(&span, &[y(0.0)], nodes, &slopes, is_closed.then_some(&end[..]));
            for s in [0.0, 0.2, 0.5, 0.9, 1.0] {
                let mut state = [0.0];
                piece.at(t + s * h, &mut state);
                assert!((state[0] - y(s)).abs() < 1e-13, "{degree}, {s}: {} {}", state[0], y(s));
            }
        }
    }
}
