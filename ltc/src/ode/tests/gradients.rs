//! Gradients against central differences.

use super::*;
use crate::field::{CtRnn, Held, LiquidTau};
use crate::wiring::{AutoNcp, auto_ncp};

fn squares(states: &[f64]) -> f64 {
    states.iter().map(|y| y * y).sum()
}

fn twice(states: &[f64]) -> Vec<f64> {
    states.iter().map(|y| 2.0 * y).collect()
}

/// A field with these parameters.
type MakeField = dyn Fn(&[f64]) -> Box<dyn Smooth<f64>>;

/// Of parameters, initial state and times.
type Loss<'l> = dyn Fn(&[f64], &[f64], &[f64]) -> f64 + 'l;

/// The gradient of a loss against differences of order 2.
fn check(what: &str, gradient: &Gradient<f64>, at: [&[f64]; 3], loss: &Loss<'_>, allowed: f64) {
    let by = 1e-5;
    let pulled = [&gradient.parameters, &gradient.initial, &gradient.times];
    for (of, name) in ["parameter", "initial", "time"].into_iter().enumerate() {
        assert_eq!(pulled[of].len(), at[of].len(), "{what} {name}");
        for k in 0..at[of].len() {
            let moved = |by: f64| {
                let mut moved = at.map(<[f64]>::to_vec);
                moved[of][k] += by;
                loss(&moved[0], &moved[1], &moved[2])
            };
            let expected = (moved(by) - moved(-by)) / (2.0 * by);
            let pulled = pulled[of][k];
            let is_near = (pulled - expected).abs() <= allowed * (1.0 + expected.abs());
            assert!(is_near, "{what} {name} {k}: {pulled} against {expected}");
        }
    }
}

fn small() -> (Ltc, Vec<f64>, Vec<f64>) {
    let auto = AutoNcp { units: 7, n_outputs: 2, sparsity: 0.3, seed: 3 };
    network(auto_ncp(3, &auto).unwrap(), 6)
}

#[test]
fn methods_know_their_way_back() {
    let (cell, parameters, initial) = small();
    let times = [0.1, 0.1, 0.45, 1.0];
    let steps = Steps::Fixed(0.06);
    let adams = Adams { rtol: 1e-13, atol: 1e-14, iterations: 30, ..Adams::IMPLICIT };
    let once = Adams { iterations: 2, max_order: 6, ..Adams::IMPLICIT };
    let all: [(&str, &dyn Reversible<f64, LtcField<f64>>); 11] = [
        ("euler", &explicit::EULER),
        ("rk4", &explicit::RK4),
        ("dopri5", &explicit::DOPRI5),
        ("dop853", &explicit::DOP853),
        ("implicit euler", &implicit::IMPLICIT_EULER),
        ("trapezoid", &implicit::TRAPEZOID),
        ("radau", &implicit::RADAU_5),
        ("tr-bdf2", &implicit::TR_BDF_2),
        ("adams explicit", &Adams { max_order: 5, ..Adams::EXPLICIT }),
        ("adams implicit", &adams),
        ("adams implicit, not converged", &once),
    ];
    for (name, method) in all {
        let forward = |parameters: &[f64], initial: &[f64], times: &[f64]| {
            let field = field_of(&cell, parameters, waves(3));
            solve(&field, method, &landing(initial, times), &steps).unwrap()
        };
        let solution = forward(&parameters, &initial, &times);
        let field = field_of(&cell, &parameters, waves(3));
        let by_states = twice(&solution.states);
        let gradient = pull(&field, method, &landing(&initial, &times), &solution, &by_states).unwrap();
        let at = [&parameters[..], &initial[..], &times[2..]];
        let loss = |parameters: &[f64], initial: &[f64], later: &[f64]| {
            let times = [&times[..2], later].concat();
            squares(&forward(parameters, initial, &times).states)
        };
        let gradient = Gradient { times: gradient.times[2..].to_vec(), ..gradient };
        check(name, &gradient, at, &loss, 1e-7);
    }
}

/// Steps that were chosen by the error are gone back as they were; inputs that jump are landed on.
#[test]
fn adaptive_steps_have_a_way_back() {
    let (cell, parameters, initial) = small();
    let held =
        Held { times: vec![0.0, 0.4, 0.9], values: vec![0.1, 0.5, -1.0, 1.0, 0.0, 0.3, -0.4, 0.9, 0.2] };
    let times = [0.0, 0.6, 1.3];
    let jumps = Input::<f64>::jumps(&held);
    let steps = Steps::Adaptive(Control::new(1e-9, 1e-11));
    let forward = |parameters: &[f64], initial: &[f64], times: &[f64]| {
        let field = field_of(&cell, parameters, held.clone());
        let problem = Problem { jumps: &jumps, ..landing(initial, times) };
        solve(&field, &explicit::DOPRI5, &problem, &steps).unwrap()
    };
    let solution = forward(&parameters, &initial, &times);
    let by_states = twice(&solution.states);
    let field = field_of(&cell, &parameters, held.clone());
    let problem = Problem { jumps: &jumps, ..landing(&initial, &times) };
    let discrete = pull(&field, &explicit::DOPRI5, &problem, &solution, &by_states).unwrap();
    let continuous =
        pull_continuous(&field, &explicit::DOPRI5, &problem, &solution.states, &by_states, &steps).unwrap().0;
    assert!(far(&discrete.parameters, &continuous.parameters) < 1e-7);
    assert!(far(&discrete.initial, &continuous.initial) < 1e-7);
    let along = [
        pull_along(&field, &explicit::DOPRI5, &problem, &solution.states, &by_states, &steps),
        pull_along(&field, &explicit::DOP853, &problem, &solution.states, &by_states, &steps),
        pull_along(&field, &RODAS5P, &problem, &solution.states, &by_states, &steps),
    ];
    for along in along {
        let along = along.unwrap().0;
        assert!(far(&discrete.parameters, &along.parameters) < 1e-7);
        assert!(far(&discrete.initial, &along.initial) < 1e-7);
        assert!(far(&continuous.times, &along.times) < 1e-7);
    }
    // The first time is where the input begins, so moving it is not what a difference would measure.
    let of_later =
        |gradient: &Gradient<f64>| Gradient { times: gradient.times[1..].to_vec(), ..gradient.clone() };
    let loss = |parameters: &[f64], initial: &[f64], later: &[f64]| {
        squares(&forward(parameters, initial, &[&times[..1], later].concat()).states)
    };
    let at = [&parameters[..], &initial[..], &times[1..]];
    check("continuous", &of_later(&continuous), at, &loss, 1e-6);
}

#[test]
fn fields_know_their_way_back() {
    let numbers =
        |n: usize, scale: f64| -> Vec<f64> { (0..n).map(|k| scale * (k as f64 * 1.7 + 0.3).sin()).collect() };
    let (n, n_inputs) = (4, 2);
    let ct_rnn = move |p: &[f64]| {
        let (w, rest) = p.split_at(n * n);
        let (u, rest) = rest.split_at(n * n_inputs);
        let (b, tau) = rest.split_at(n);
        let (w, u, b, tau) = (w.to_vec(), u.to_vec(), b.to_vec(), tau.to_vec());
        Box::new(CtRnn { w, u, b, tau, input: Box::new(waves(n_inputs)) }) as Box<dyn Smooth<f64>>
    };
    let liquid = move |p: &[f64]| {
        let half = n * n + n * n_inputs + n;
        let (driven, rest) = p.split_at(half);
        let (slow, ends) = rest.split_at(half);
        let [w, a] = [driven, slow].map(|p| p[..n * n].to_vec());
        let [u, b_input] = [driven, slow].map(|p| p[n * n..n * (n + n_inputs)].to_vec());
        let [b, c] = [driven, slow].map(|p| p[n * (n + n_inputs)..].to_vec());
        let input = Box::new(waves(n_inputs));
        let (tau_min, tau_max) = (ends[0], ends[1]);
        Box::new(LiquidTau { w, u, b, a, b_input, c, tau_min, tau_max, input }) as Box<dyn Smooth<f64>>
    };
    let of_rnn = [numbers(n * (n + n_inputs + 1), 0.8), vec![0.5, 1.0, 0.7, 2.0]].concat();
    let of_liquid = [numbers(2 * n * (n + n_inputs + 1), 0.8), vec![0.3, 2.0]].concat();
    let all: [(&str, &MakeField, Vec<f64>); 2] =
        [("ctrnn", &ct_rnn, of_rnn), ("liquid tau", &liquid, of_liquid)];
    for (name, field_of, parameters) in all {
        let (initial, times) = (numbers(n, 1.0), [0.2, 0.9, 1.5]);
        let forward = |parameters: &[f64], initial: &[f64], times: &[f64]| {
            let field = field_of(parameters);
            solve(&*field, &explicit::RK4, &landing(initial, times), &Steps::Fixed(0.13)).unwrap()
        };
        let solution = forward(&parameters, &initial, &times);
        let by_states = twice(&solution.states);
        let field = field_of(&parameters);
        let problem = landing(&initial, &times);
        let gradient = pull(&*field, &explicit::RK4, &problem, &solution, &by_states).unwrap();
        let loss = |parameters: &[f64], initial: &[f64], times: &[f64]| {
            squares(&forward(parameters, initial, times).states)
        };
        check(name, &gradient, [&parameters, &initial, &times], &loss, 1e-7);
    }
}

#[test]
fn what_has_no_way_back_says_so() {
    let (cell, parameters, initial) = small();
    let field = field_of(&cell, &parameters, waves(3));
    let times = [0.0, 1.0];
    let problem = Problem { outputs: Outputs::Interpolated, ..landing(&initial, &times) };
    let solution = solve(&field, &explicit::RK4, &problem, &Steps::Fixed(0.1)).unwrap();
    let message =
        pull(&field, &explicit::RK4, &problem, &solution, &solution.states).unwrap_err().to_string();
    assert!(message.contains("by landing, or the gradient the continuous one"), "{message}");
    let message = pull(&field, &explicit::RK4, &problem, &solution, &[0.0]).unwrap_err().to_string();
    assert!(
        message.contains("the list of derivatives by states has 1 values, and must have 14"),
        "{message}"
    );
}
