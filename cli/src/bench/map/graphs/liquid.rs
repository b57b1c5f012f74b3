//! Maass's column in 3-D, with a fan-out that does not depend on the size.

use rheobase_net::Network;
use rheobase_net::generate::{self, ColumnPlacement, ColumnSpec, PerPair, column};

use super::order::in_one_population;
use super::{Made, lif};

/// The mean fan-out by log10 of the number of neurons that is asked for, between which it is interpolated:
/// that of the graphs whose figures for other partitioners are known, 64 and some.
const FAN_OUT: [(f64, f64); 3] = [(4.0, 66.84), (5.0, 66.09), (6.0, 64.6)];

/// A column of at least `n` neurons on a grid that is nearly a cube and has no gaps, its neurons in one population
/// and in the order that is made of the column.
pub fn network(n: u32, order: impl FnOnce(&Network) -> Vec<u32>, seed: u64) -> Made {
    let grid = grid(n);
    let usual = ColumnSpec::default();
    let spec = ColumnSpec {
        n: grid.iter().product(),
        placement: ColumnPlacement::GridOf(grid),
        lambda: lambda(grid, mean_c(&usual.c, usual.fraction_inhibitory), fan_out(n)),
        weight: PerPair { ee: 1.0, ei: 1.0, ie: -1.0, ii: -1.0 }.map(Into::into),
        delay: PerPair { ee: 1.0, ei: 1.0, ie: 1.0, ii: 1.0 }.map(Into::into),
        exc: lif(),
        inh: lif(),
        ..usual
    };
    let column = generate::generate(&column(&spec), seed)?;
    Ok(in_one_population(&column, &order(&column)))
}

/// X = Y = ∛n, rounded, and as many layers as hold n neurons.
fn grid(n: u32) -> [u32; 3] {
    let x = libm::cbrt(f64::from(n)).round() as u32;
    [x, x, n.div_ceil(x * x)]
}

fn fan_out(n: u32) -> f64 {
    let x = libm::log10(f64::from(n));
    let after = FAN_OUT.partition_point(|(at, _)| *at < x).clamp(1, FAN_OUT.len() - 1);
    let ((x0, y0), (x1, y1)) = (FAN_OUT[after - 1], FAN_OUT[after]);
    y0 + (y1 - y0) * ((x - x0) / (x1 - x0)).clamp(0.0, 1.0)
}

/// The mean of the factor C over all pairs of neurons.
fn mean_c(c: &PerPair<f64>, inhibitory: f64) -> f64 {
    let PerPair { ee, ei, ie, ii } = *c;
    let excitatory = 1.0 - inhibitory;
    excitatory * (excitatory * ee + inhibitory * ei) + inhibitory * (excitatory * ie + inhibitory * ii)
}

/// The length at which a column has that mean fan-out, by bisection; the largest tried, if none is enough.
fn lambda(grid: [u32; 3], c: f64, fan_out: f64) -> f64 {
    let (mut low, mut high) = (0.1, 1000.0);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if expected_fan_out(grid, c, middle) < fan_out { low = middle } else { high = middle }
    }
    high
}

/// The mean over neurons of Σ c·exp(−(d/λ)²) over all others. The sum over all pairs is a product of sums
/// along x, y and z, in which a distance of d occurs N − |d| times, less the pairs of a neuron with itself.
fn expected_fan_out(grid: [u32; 3], c: f64, lambda: f64) -> f64 {
    let along = |n: u32| {
        let pairs = |d: u32| f64::from(n - d) * libm::exp(-(f64::from(d) / lambda) * (f64::from(d) / lambda));
        f64::from(n) + 2.0 * (1..n).map(pairs).sum::<f64>()
    };
    let n: f64 = grid.iter().map(|n| f64::from(*n)).product();
    c * (grid.iter().map(|n| along(*n)).product::<f64>() - n) / n
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_nearly_a_cube() {
        assert_eq!([10_000, 100_000, 1_000_000].map(grid), [[22, 22, 21], [46, 46, 48], [100, 100, 100]]);
    }

    /// Pair by pair, on a grid small enough for that.
    #[test]
    fn the_expected_fan_out_is_that_of_all_pairs() {
        let (grid, c, lambda) = ([3_u32, 4, 2], 0.25, 1.7);
        let points: Vec<[f64; 3]> = (0..24_u32)
            .map(|i| [i % grid[0], i / grid[0] % grid[1], i / (grid[0] * grid[1])].map(f64::from))
            .collect();
        let mut sum = 0.0;
        for (i, a) in points.iter().enumerate() {
            for (j, b) in points.iter().enumerate() {
                let d2: f64 = (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum();
                sum += if i == j { 0.0 } else { c * (-d2 / (lambda * lambda)).exp() };
            }
        }
        let found = expected_fan_out(grid, c, lambda);
        assert!((found - sum / 24.0).abs() < 1e-12, "{found} {}", sum / 24.0);
    }

    #[test]
    fn lambda_reaches_the_fan_out() {
        let grid = grid(10_000);
        let c = mean_c(&ColumnSpec::default().c, 0.2);
        assert!((c - 0.292).abs() < 1e-12, "{c}");
        let found = expected_fan_out(grid, c, lambda(grid, c, fan_out(10_000)));
        assert!((found - 66.84).abs() < 1e-6, "{found}");
        assert!((fan_out(1000) - 66.84).abs() < 1e-12 && (fan_out(10_000_000) - 64.6).abs() < 1e-12);
    }
}
