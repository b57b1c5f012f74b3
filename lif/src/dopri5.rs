//! One step of Dormand and Prince's embedded Runge–Kutta pair of orders 5 and 4.
//!
//! Source: Dormand & Prince 1980, doi 10.1016/0771-050X(80)90013-3. For an autonomous system `y' = f(y)`
//! of N variables; the pair costs seven evaluations of f.

/// The solution of order 5 after a step of `h` from `y`, and how far the one of order 4 is from it.
#[inline]
pub(crate) fn dopri5_step<const N: usize>(
    f: impl Fn([f64; N]) -> [f64; N],
    y: [f64; N],
    h: f64,
) -> ([f64; N], [f64; N]) {
    let sum = |terms: &[(f64, &[f64; N])]| -> [f64; N] {
        std::array::from_fn(|n| terms.iter().map(|(c, k)| c * k[n]).sum::<f64>() * h)
    };
    let plus = |change: [f64; N]| -> [f64; N] { std::array::from_fn(|n| y[n] + change[n]) };
    let k1 = f(y);
    let k2 = f(plus(sum(&[(1.0 / 5.0, &k1)])));
    let k3 = f(plus(sum(&[(3.0 / 40.0, &k1), (9.0 / 40.0, &k2)])));
    let k4 = f(plus(sum(&[(44.0 / 45.0, &k1), (-56.0 / 15.0, &k2), (32.0 / 9.0, &k3)])));
    let k5 = f(plus(sum(&[
        (19372.0 / 6561.0, &k1),
        (-25360.0 / 2187.0, &k2),
        (64448.0 / 6561.0, &k3),
        (-212.0 / 729.0, &k4),
    ])));
    let k6 = f(plus(sum(&[
        (9017.0 / 3168.0, &k1),
        (-355.0 / 33.0, &k2),
        (46732.0 / 5247.0, &k3),
        (49.0 / 176.0, &k4),
        (-5103.0 / 18656.0, &k5),
    ])));
    let after = plus(sum(&[
        (35.0 / 384.0, &k1),
        (500.0 / 1113.0, &k3),
        (125.0 / 192.0, &k4),
        (-2187.0 / 6784.0, &k5),
        (11.0 / 84.0, &k6),
    ]));
    let k7 = f(after);
    let error = sum(&[
        (71.0 / 57600.0, &k1),
        (-71.0 / 16695.0, &k3),
        (71.0 / 1920.0, &k4),
        (-17253.0 / 339_200.0, &k5),
        (22.0 / 525.0, &k6),
        (-1.0 / 40.0, &k7),
    ]);
    (after, error)
}
