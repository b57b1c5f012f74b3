//! Square systems of linear equations.

use crate::Real;

/// A matrix as a product of triangles, with the rows exchanged.
#[derive(Debug, Clone, Default)]
pub(super) struct Lu<R> {
    n: usize,
    /// Below the diagonal the lower triangle, whose diagonal is 1, on it and above the upper one.
    entries: Vec<R>,
    /// The row that stands at a place.
    rows: Vec<usize>,
}

impl<R: Real> Lu<R> {
    /// Factorizes `[n, n]`; none if it is singular.
    pub fn of(mut entries: Vec<R>, n: usize) -> Option<Self> {
        let mut rows: Vec<usize> = (0..n).collect();
        for column in 0..n {
            let mut pivot = column;
            for row in column + 1..n {
                if entries[row * n + column].abs() > entries[pivot * n + column].abs() {
                    pivot = row;
                }
            }
            let largest = entries[pivot * n + column];
            if largest == R::ZERO || !largest.is_finite() {
                return None;
            }
            if pivot != column {
                rows.swap(pivot, column);
                let (upper, lower) = entries.split_at_mut(pivot * n);
                upper[column * n..(column + 1) * n].swap_with_slice(&mut lower[..n]);
            }
            let (done, left) = entries.split_at_mut((column + 1) * n);
            let of_pivot = &done[column * n..];
            for row in left.chunks_exact_mut(n) {
                let factor = row[column] / largest;
                row[column] = factor;
                if factor != R::ZERO {
                    let below = row[column + 1..].iter_mut().zip(&of_pivot[column + 1..]);
                    below.for_each(|(entry, of_pivot)| *entry -= factor * *of_pivot);
                }
            }
        }
        Some(Self { n, entries, rows })
    }

    /// Solves `A x = b`.
    pub fn solve(&self, b: &[R], x: &mut [R]) {
        let n = self.n;
        for row in 0..n {
            let before = &self.entries[row * n..row * n + row];
            let sum: R = before.iter().zip(&x[..row]).map(|(l, x)| *l * *x).sum();
            x[row] = b[self.rows[row]] - sum;
        }
        for row in (0..n).rev() {
            let after = &self.entries[row * n + row + 1..(row + 1) * n];
            let sum: R = after.iter().zip(&x[row + 1..]).map(|(u, x)| *u * *x).sum();
            x[row] = (x[row] - sum) / self.entries[row * n + row];
        }
    }

    /// Solves `Aᵀ x = b`.
    pub fn solve_transposed(&self, b: &[R], x: &mut [R]) {
        let n = self.n;
        let mut y = b.to_vec();
        for row in 0..n {
            y[row] /= self.entries[row * n + row];
            let value = y[row];
            let after = &self.entries[row * n + row + 1..(row + 1) * n];
            y[row + 1..].iter_mut().zip(after).for_each(|(y, u)| *y -= value * *u);
        }
        for row in (0..n).rev() {
            let value = y[row];
            let before = &self.entries[row * n..row * n + row];
            y[..row].iter_mut().zip(before).for_each(|(y, l)| *y -= value * *l);
        }
        self.rows.iter().zip(y).for_each(|(row, y)| x[*row] = y);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_give_back_what_was_solved() {
        let a = vec![0.0, 2.0, -1.0, 4.0, 1.0, 3.0, -2.0, 5.0, 1.0];
        let x = [1.0, -2.0, 3.0];
        let b: Vec<f64> = (0..3).map(|i| (0..3).map(|j| a[3 * i + j] * x[j]).sum()).collect();
        let of_transposed: Vec<f64> = (0..3).map(|i| (0..3).map(|j| a[3 * j + i] * x[j]).sum()).collect();
        let lu = Lu::of(a, 3).unwrap();
        let mut solved = [0.0; 3];
        lu.solve(&b, &mut solved);
        assert!(solved.iter().zip(x).all(|(a, b)| (a - b).abs() < 1e-14));
        lu.solve_transposed(&of_transposed, &mut solved);
        assert!(solved.iter().zip(x).all(|(a, b)| (a - b).abs() < 1e-14));
        assert!(Lu::of(vec![1.0, 2.0, 2.0, 4.0], 2).is_none());
    }
}
