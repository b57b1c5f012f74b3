//! Runge–Kutta methods as lists of numbers.
//!
//! A step of length h from y has stages k₁ … k_s and ends at y':
//!
//! ```text
//! k_i = f(t + c_i h, y + h Σ_j a_ij k_j)        y' = y + h Σ_i b_i k_i
//! ```
//! A method is explicit if a stage uses only those before it. Where a second list of weights has another
//! order, the difference of the two ends is an estimate of the error: `b_error` is that difference of weights.
//!
//! Source of the classic ones: Hairer, Nørsett & Wanner, *Solving Ordinary Differential Equations I*, II.1.

/// A Runge–Kutta method.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tableau {
    /// What it is called in a file.
    pub name: &'static str,
    /// How much of every stage enters a stage; a row a stage. A row ends at its last number that is not 0.
    pub a: &'static [&'static [f64]],
    /// How much of every stage enters the end of the step; they add up to 1.
    pub b: &'static [f64],
    /// Where in the step a stage is: the sum of its row.
    pub c: &'static [f64],
    /// `b` less the weights of another order, for an estimate of the error.
    pub b_error: Option<&'static [f64]>,
    /// The error of a step is O(h^(order + 1)).
    pub order: u32,
}

impl Tableau {
    /// Number of stages.
    pub const fn n_stages(&self) -> usize {
        self.b.len()
    }

    /// Whether every stage uses only those before it.
    pub fn is_explicit(&self) -> bool {
        self.a.iter().enumerate().all(|(stage, row)| row.len() <= stage)
    }
}

/// Explicit Euler.
pub const EULER: Tableau =
    Tableau { name: "euler", a: &[&[]], b: &[1.0], c: &[0.0], b_error: None, order: 1 };

/// Heun's method of order 2, the explicit trapezoid.
pub const HEUN: Tableau = Tableau {
    name: "heun",
    a: &[&[], &[1.0]],
    b: &[0.5, 0.5],
    c: &[0.0, 1.0],
    b_error: Some(&[-0.5, 0.5]),
    order: 2,
};

/// The explicit midpoint.
pub const MIDPOINT: Tableau =
    Tableau { name: "midpoint", a: &[&[], &[0.5]], b: &[0.0, 1.0], c: &[0.0, 0.5], b_error: None, order: 2 };

/// The classic method of order 4.
pub const RK4: Tableau = Tableau {
    name: "rk4",
    a: &[&[], &[0.5], &[0.0, 0.5], &[0.0, 0.0, 1.0]],
    b: &[1.0 / 6.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 6.0],
    c: &[0.0, 0.5, 0.5, 1.0],
    b_error: None,
    order: 4,
};

/// Kutta's other method of order 4, the rule of three eighths; torchdiffeq's `rk4` is this one.
pub const THREE_EIGHTHS: Tableau = Tableau {
    name: "three-eighths",
    a: &[&[], &[1.0 / 3.0], &[-1.0 / 3.0, 1.0], &[1.0, -1.0, 1.0]],
    b: &[0.125, 0.375, 0.375, 0.125],
    c: &[0.0, 1.0 / 3.0, 2.0 / 3.0, 1.0],
    b_error: None,
    order: 4,
};

/// The explicit methods with fixed steps.
pub const EXPLICIT: [&Tableau; 5] = [&EULER, &HEUN, &MIDPOINT, &RK4, &THREE_EIGHTHS];

#[cfg(test)]
mod tests {
    use super::*;

    /// The conditions for order 4, one a rooted tree: Σ b Φ(tree) = 1/γ(tree).
    #[test]
    fn methods_have_their_order() {
        for Tableau { name, a, b, c, order, .. } in EXPLICIT {
            let dot = |x: &[f64], y: &dyn Fn(usize) -> f64| -> f64 {
                x.iter().enumerate().map(|(k, x)| x * y(k)).sum()
            };
            let ac = |k: usize| dot(a[k], &|j| c[j]);
            let conditions = [
                (1, dot(b, &|_| 1.0), 1.0),
                (2, dot(b, &|k| c[k]), 1.0 / 2.0),
                (3, dot(b, &|k| c[k] * c[k]), 1.0 / 3.0),
                (3, dot(b, &ac), 1.0 / 6.0),
                (4, dot(b, &|k| c[k].powi(3)), 1.0 / 4.0),
                (4, dot(b, &|k| c[k] * ac(k)), 1.0 / 8.0),
                (4, dot(b, &|k| dot(a[k], &|j| c[j] * c[j])), 1.0 / 12.0),
                (4, dot(b, &|k| dot(a[k], &ac)), 1.0 / 24.0),
            ];
            for (of_order, sum, expected) in conditions {
                assert!(of_order > *order || (sum - expected).abs() < 1e-15, "{name}: {sum}, {expected}");
            }
        }
    }

    #[test]
    fn stages_are_where_their_rows_end() {
        for tableau in EXPLICIT {
            assert!(tableau.is_explicit());
            assert_eq!((tableau.a.len(), tableau.c.len()), (tableau.n_stages(), tableau.n_stages()));
            for (row, c) in tableau.a.iter().zip(tableau.c) {
                assert!((row.iter().sum::<f64>() - c).abs() < 1e-15, "{}", tableau.name);
            }
            let of_error = tableau.b_error.map_or(0.0, |b| b.iter().sum::<f64>());
            assert_eq!(of_error, 0.0);
        }
    }
}
