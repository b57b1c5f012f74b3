//! The kinds of states inside a step.

use super::super::{Basis, Piece, Span};
use super::add_weighted;
use crate::Real;

/// Where the states inside a step come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Inside {
    /// Both ends and the first slope.
    Parabola,
    /// Both ends and their slopes.
    Cubic,
    /// These, and the state in the middle, whose weights are given.
    Quartic(&'static [f64]),
    /// A polynomial for the weight of every stage, from the power 1 on.
    Powers(&'static [[f64; 4]]),
    /// The formula of DOP853.
    Dop853,
}

/// Adds up the polynomials of all stages.
pub(super) fn powers<R: Real>(
    span: &Span,
    weights: &[[f64; 4]],
    stages: &[R],
    before: &[R],
    piece: &mut Piece<R>,
) {
    let n = before.len();
    piece.clear(span, 5 * n, Basis::Powers);
    piece.rows[..n].copy_from_slice(before);
    for power in 0..4 {
        let of_power: Vec<f64> = weights.iter().map(|stage| stage[power]).collect();
        add_weighted(span.length(), &of_power, stages, &mut piece.rows[(power + 1) * n..(power + 2) * n]);
    }
}
