//! Events, jumps and delays.

use super::*;
use crate::field::{CtRnn, DelayField, DelayedLinear, DelayedLtc, Held, Linear};

fn oscillator() -> Linear<f64> {
    Linear { n: 2, a: vec![0.0, 1.0, -1.0, 0.0] }
}

/// cos t reaches the level at arccos(level).
#[test]
fn events_come_when_they_should() {
    let initial = [1.0, 0.0];
    let times = [0.0, 20.0];
    for (level, rtol, allowed) in [(0.3, 1e-12, 1e-11), (-0.9, 1e-12, 1e-11), (0.0, 1e-6, 1e-6)] {
        let steps = Steps::Adaptive(Control::new(rtol, rtol * 0.1));
        let event = Level { unit: 0, level };
        let solvers: [&dyn Solver<f64, Linear<f64>>; 3] = [&explicit::DOP853, &explicit::DOPRI5, &RODAS5P];
        for solver in solvers {
            let reached =
                solve_until(&oscillator(), solver, &landing(&initial, &times), &event, &steps).unwrap();
            assert!((reached.t - level.acos()).abs() < allowed, "{} {}", reached.t, level.acos());
            assert!((reached.state[0] - level).abs() < 1e-14);
            assert!((reached.state[1] + level.acos().sin()).abs() < allowed);
        }
    }
    let event = Level { unit: 0, level: 2.0 };
    let steps = Steps::Adaptive(Control::default());
    let message = solve_until(&oscillator(), &explicit::DOPRI5, &landing(&initial, &times), &event, &steps)
        .unwrap_err();
    assert!(message.to_string().starts_with("the event has not come until t = 20"), "{message}");
}

/// With y = (r cos(t + p), …) the level is reached at arccos(level/r) − p: derivatives by r and p are known.
#[test]
fn event_times_have_derivatives() {
    let (initial, times, level) = ([1.0, 0.0], [0.0, 20.0], 0.3);
    let event = Level { unit: 0, level };
    let steps = Steps::Adaptive(Control::new(1e-12, 1e-13));
    let field = oscillator();
    let reached = solve_until(&field, &explicit::DOP853, &landing(&initial, &times), &event, &steps).unwrap();
    let by_state = pull_event(&field, &event, &reached, 1.0, &[0.0, 0.0]);
    let times = [0.0, reached.t];
    let states = [&initial[..], &reached.state].concat();
    let by_states = [&[0.0, 0.0], &by_state[..]].concat();
    let problem = landing(&initial, &times);
    let gradient =
        pull_continuous(&field, &explicit::DOP853, &problem, &states, &by_states, &steps).unwrap().0;
    let by_r = level / (1.0 - level * level).sqrt();
    assert!((gradient.initial[0] - by_r).abs() < 1e-10, "{:?}", gradient.initial);
    // y₁(0) = −sin p.
    assert!((gradient.initial[1] - 1.0).abs() < 1e-10, "{:?}", gradient.initial);
}

/// x' = u − x with u a staircase is a sum of exponentials.
#[test]
fn jumps_are_landed_on() {
    let held = Held { times: vec![0.0, 0.7, 1.1], values: vec![1.0, -2.0, 0.5] };
    let exact = |t: f64| {
        let relax = |x: f64, u: f64, t: f64| u + (x - u) * (-t).exp();
        let at = relax(0.0, 1.0, 0.7);
        let later = relax(at, -2.0, 0.4);
        relax(later, 0.5, t - 1.1)
    };
    // tanh is straight near 0: an input of 1e-9 keeps it so.
    let scale = 1e-9;
    let field =
        CtRnn { w: vec![0.0], u: vec![scale], b: vec![0.0], tau: vec![1.0], input: Box::new(held.clone()) };
    let jumps = Input::<f64>::jumps(&held);
    let times = [0.0, 2.0];
    let steps = Steps::Adaptive(Control::new(1e-10, 1e-21));
    let run = |solver: &dyn Solver<f64, CtRnn<f64>>, jumps: &[f64]| {
        let problem = Problem { jumps, ..landing(&[0.0], &times) };
        let solution = solve(&field, solver, &problem, &steps).unwrap();
        ((solution.states[1] / scale - exact(2.0)).abs(), solution.work)
    };
    let solvers: [&dyn Solver<f64, CtRnn<f64>>; 3] = [&explicit::DOPRI5, &explicit::DOP853, &RODAS5P];
    for solver in solvers {
        let (off, told) = run(solver, &jumps);
        assert!(off < 1e-8, "{off:.1e}");
        // Who is not told finds out, by rejected steps.
        let (_, alone) = run(solver, &[]);
        assert!(alone.rates > told.rates, "{alone:?} {told:?}");
    }
}

/// x' = −x(t − 1) from 1: polynomials, one degree more in every unit of time.
#[test]
fn delays_follow_the_closed_form() {
    let exact = |t: f64| {
        (0..=(t.floor() as i32 + 1))
            .fold((0.0, 1.0), |(sum, factorial), k| {
                let factorial = if k == 0 { 1.0 } else { factorial * f64::from(k) };
                let term = (-1.0_f64).powi(k) * (t - f64::from(k) + 1.0).powi(k) / factorial;
                (sum + if t - f64::from(k) + 1.0 >= 0.0 { term } else { 0.0 }, factorial)
            })
            .0
    };
    let field = DelayedLinear { a: vec![0.0], b: vec![-1.0], delay: [1.0] };
    let times: Vec<f64> = (0..25).map(|k| f64::from(k) * 0.25).collect();
    let history = |_: f64, state: &mut [f64]| state[0] = 1.0;
    let steps = Steps::Adaptive(Control::new(1e-12, 1e-13));
    for outputs in [Outputs::Landed, Outputs::Interpolated] {
        let problem = Problem { outputs, ..landing(&[1.0], &times) };
        let states = solve_delayed(&field, &explicit::DOP853, &problem, &history, &steps).unwrap().states;
        for (t, x) in times.iter().zip(states) {
            assert!((x - exact(*t)).abs() < 1e-11, "{t}: {x} {}", exact(*t));
        }
    }
    let field = DelayedLinear { delay: [0.0], ..field };
    let message = solve_delayed(&field, &explicit::DOP853, &landing(&[1.0], &times), &history, &steps);
    assert!(message.unwrap_err().to_string().starts_with("delay 0 is 0, and must be finite and above 0"));
}

/// Without delays it is the network itself; a short one moves it a little; two methods agree on long ones.
#[test]
fn synapses_may_be_late() {
    let (cell, parameters, initial) = dense(9, 2, 8);
    let times = [0.0, 1.0, 3.0];
    let steps = Steps::Adaptive(Control::new(1e-10, 1e-12));
    let field = || field_of(&cell, &parameters, waves(2));
    let history = |_: f64, state: &mut [f64]| state.copy_from_slice(&initial);
    let run = |delays: Vec<f64>, late: &dyn Fn(usize) -> Option<usize>, steps: Steps| {
        let of_synapse: Vec<Option<usize>> = (0..field().n_synapses()).map(late).collect();
        let delayed = DelayedLtc::new(field(), delays, &of_synapse).unwrap();
        assert_eq!(delayed.n_state(), 9);
        solve_delayed(&delayed, &explicit::DOPRI5, &landing(&initial, &times), &history, &steps)
            .unwrap()
            .states
    };
    let without = solve(&field(), &explicit::DOPRI5, &landing(&initial, &times), &steps).unwrap().states;
    // Other kernels, whose roundings move the steps a little.
    assert!(far(&run(Vec::new(), &|_| None, steps), &without) < 1e-9);
    let little = far(&run(vec![1e-3], &|_| Some(0), steps), &without);
    assert!(little > 1e-6 && little < 1e-2, "{little:.1e}");
    let late = |synapse: usize| [None, Some(0), Some(1)][synapse % 3];
    let delays = || vec![0.3, 0.71];
    let fine = run(delays(), &late, Steps::Fixed(2e-3));
    let off = far(&run(delays(), &late, steps), &fine);
    assert!(off < 1e-8, "{off:.1e}");
    assert!(DelayedLtc::new(field(), delays(), &[None]).is_err());
    // One delay is far shorter than a step.
    let delays = || vec![1e-4, 0.71];
    let exact = run(delays(), &late, Steps::Fixed(1e-4));
    let off = far(&run(delays(), &late, steps), &exact);
    assert!(off < 1e-8, "{off:.1e}");
}
