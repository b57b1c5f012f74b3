//! `z = W x + U u + b`, forward and back.

use crate::Real;

/// Adds `M x` to z; M is `[z, x]`.
pub(super) fn add_product<R: Real>(m: &[R], x: &[R], z: &mut [R]) {
    if !x.is_empty() {
        for (row, z) in m.chunks_exact(x.len()).zip(z) {
            *z += row.iter().zip(x).map(|(m, x)| *m * *x).sum();
        }
    }
}

/// Adds what g, the derivatives by z, makes of those by M and x.
pub(super) fn pull_product<R: Real>(m: &[R], x: &[R], g: &[R], by_m: &mut [R], by_x: &mut [R]) {
    if x.is_empty() {
        return;
    }
    for ((row, by_row), g) in m.chunks_exact(x.len()).zip(by_m.chunks_exact_mut(x.len())).zip(g) {
        for (((m, by_m), x), by_x) in row.iter().zip(by_row).zip(x).zip(&mut *by_x) {
            *by_m += *g * *x;
            *by_x += *g * *m;
        }
    }
}
