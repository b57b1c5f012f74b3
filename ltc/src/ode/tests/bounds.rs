//! What bounded methods keep.

use proptest::prelude::*;

use super::*;
use crate::cell::{Batch, record};
use crate::field::Constant;
use crate::wiring::{AutoNcp, auto_ncp};

const METHODS: [Bounded; 3] = [FUSED, EXPONENTIAL_EULER, EXPONENTIAL_HEUN];

fn sparse(seed: u64) -> (Ltc, Vec<f64>, Vec<f64>) {
    let auto = AutoNcp { units: 19, n_outputs: 3, sparsity: 0.4, seed: seed as u32 };
    network(auto_ncp(4, &auto).unwrap(), seed)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// The theorem: states stay between the least and the largest of what they are pulled to.
    #[test]
    fn states_stay_in_their_bounds(seed in 0..1000_u64, exponent in -9.0..9.0_f64, x in -3.0..3.0_f64) {
        let (cell, parameters, initial) = sparse(seed);
        let field = field_of(&cell, &parameters, Constant(vec![x, -x, 1.0, 0.0]));
        let layout = Cell::<f64>::layout(&cell);
        let all = |name: &str| parameters[layout.range(name).unwrap()].iter().copied();
        let ends = || all("vleak").chain(all("erev")).chain(all("sensory_erev")).chain([0.0]);
        let low = ends().chain(initial.iter().copied()).fold(f64::INFINITY, f64::min);
        let high = ends().chain(initial.iter().copied()).fold(f64::NEG_INFINITY, f64::max);
        let elapsed = 10.0_f64.powf(exponent);
        let times: Vec<f64> = (0..8).map(|k| f64::from(k) * elapsed).collect();
        for method in METHODS {
            let steps = Steps::Fixed(elapsed);
            let states = solve(&field, &method, &landing(&initial, &times), &steps).unwrap().states;
            for v in states {
                // Some roundings of numbers of size 1.
                prop_assert!(v >= low - 1e-14 && v <= high + 1e-14, "{:?}: {} of [{}, {}]", method, v, low, high);
            }
        }
    }

    #[test]
    fn no_time_is_no_change(seed in 0..1000_u64, t in -5.0..5.0_f64) {
        let (cell, parameters, initial) = sparse(seed);
        let field = field_of(&cell, &parameters, waves(4));
        let times = [t, t, t];
        let solvers: [(&dyn Solver<f64, LtcField<f64>>, Steps); 4] = [
            (&FUSED, Steps::Fixed(0.1)),
            (&EXPONENTIAL_EULER, Steps::Fixed(1e9)),
            (&explicit::DOPRI5, Steps::Adaptive(Control::default())),
            (&RODAS5P, Steps::Adaptive(Control::default())),
        ];
        for (solver, steps) in solvers {
            let states = solve(&field, solver, &landing(&initial, &times), &steps).unwrap().states;
            prop_assert_eq!(&states[..19], &initial[..]);
            prop_assert_eq!(&states[38..], &initial[..]);
        }
    }
}

/// The bounded steps are those of the cell, to the bit.
#[test]
fn steps_are_those_of_the_cell() {
    use crate::cell::ltc::Unfold;
    let x = [0.3, -0.8, 1.2, 0.1];
    for (unfold, method) in [(Unfold::Fused, FUSED), (Unfold::Exponential, EXPONENTIAL_EULER)] {
        let (cell, parameters, initial) = sparse(3);
        let cell = Ltc::new(cell.wiring().clone(), LtcConfig { unfold, unfolds: 4, ..LtcConfig::default() })
            .unwrap();
        let batch =
            Batch { n_samples: 1, n_steps: 1, inputs: &x, elapsed: &[1.5], initial: &initial, keys: None };
        let of_cell = record(&cell, &parameters, &batch).unwrap().states();
        let field = field_of(&cell, &parameters, Constant(x.to_vec()));
        let times = [0.0, 1.5];
        let states = solve(&field, &method, &landing(&initial, &times), &Steps::Fixed(0.375)).unwrap().states;
        assert_eq!(&states[19..], &of_cell[..], "{unfold:?}");
    }
}

/// Samples are solved each for itself: in any number of threads, alone or together.
#[test]
fn threads_change_no_bit() {
    let (cell, parameters, initial) = sparse(5);
    let field = field_of(&cell, &parameters, waves(4));
    let one = |sample: usize| {
        let times = [0.0, 1.0 + sample as f64 * 0.1];
        let steps = Steps::Adaptive(Control::default());
        solve(&field, &explicit::DOPRI5, &landing(&initial, &times), &steps).map(|solution| solution.states)
    };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| solve_all(20, one)).unwrap()
    };
    let alone: Vec<Vec<f64>> = (0..20).map(|sample| one(sample).unwrap()).collect();
    assert_eq!(run(1), alone);
    assert_eq!(run(2), alone);
    assert_eq!(run(8), alone);
}
