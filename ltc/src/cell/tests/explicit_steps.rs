//! Explicit steps against closed forms.

use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::{N_INPUTS, run, values_of};
use crate::cell::explicit::{Explicit, FiringRate, FiringRateConfig, Placement, TimeConstant};
use crate::tableau::RK4;

/// Halved steps leave an error that is smaller by 2^order.
#[test]
fn steps_converge_with_the_order_of_their_method() {
    let config = FiringRateConfig::liquid(0.5, 2.0);
    let field = FiringRate::new(N_INPUTS, 5, config).unwrap();
    let parameters: Vec<f64> = field.start(&mut SmallRng::seed_from_u64(2));
    let at_end = |method, n_steps| {
        let cell = Explicit::new(field.clone(), method, n_steps, None).unwrap();
        let mut values = values_of(&cell, 1, 1, 23);
        values[1][0] = 1.0;
        run(&cell, &parameters, 1, &values).states()
    };
    let exact = at_end(&RK4, 2000);
    for method in crate::tableau::EXPLICIT {
        let far =
            |n_steps| -> f64 { at_end(method, n_steps).iter().zip(&exact).map(|(x, y)| (x - y).abs()).sum() };
        let order = (far(8) / far(16)).log2();
        assert!((order - f64::from(method.order)).abs() < 0.2, "{}: {order}", method.name);
    }
}

/// Without drive a state falls to x exp(−T/τ), and rises from 0 to f (1 − exp(−T/τ)) with a drive.
#[test]
fn a_leaky_unit_is_an_exponential() {
    let (tau, b, x, t) = (2.0_f64, 0.7_f64, 0.6_f64, 3.0_f64);
    for (placement, drive) in [(Placement::Beside, tau * b.tanh()), (Placement::Divided, b.tanh())] {
        let config = FiringRateConfig {
            placement,
            time_constant: TimeConstant::Fixed(tau),
            ..FiringRateConfig::ct_rnn()
        };
        let field = FiringRate::new(1, 1, config).unwrap();
        let cell = Explicit::new(field, &RK4, 200, None).unwrap();
        // w, input_w, bias
        let after = run(&cell, &[0.0, 0.0, b], 1, &[vec![0.3], vec![t], vec![x], vec![0.0]]).states()[0];
        let remains = (-t / tau).exp();
        let expected = drive + (x - drive) * remains;
        assert!((after - expected).abs() < 1e-10, "{placement:?}: {after}, {expected}");
    }
}
