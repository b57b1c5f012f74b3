//! What solvers refuse, and how they say it.

use super::*;
use crate::field::Linear;

/// `y' = y²`, which from 1 is infinite at t = 1.
struct Explodes;

impl Field<f64> for Explodes {
    fn n_state(&self) -> usize {
        1
    }

    fn rate(&self, _: f64, y: &[f64], rate: &mut [f64]) {
        rate[0] = y[0] * y[0];
    }
}

fn fault<F: Field<f64>>(field: &F, problem: &Problem<'_, f64>, steps: Steps) -> String {
    solve(field, &explicit::DOPRI5, problem, &steps).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn faults_are_named() {
    let adaptive = Steps::Adaptive(Control::default());
    let line = Linear { n: 2, a: vec![0.0, 1.0, -1.0, 0.0] };
    let (initial, times) = ([1.0, 0.0], [0.0, 1.0]);
    let good = landing(&initial, &times);
    let message = fault(&line, &landing(&initial[..1], &times), adaptive);
    assert_eq!(message, "the initial state has 1 values, and must have 2");
    let message = fault(&line, &landing(&initial, &[0.0, 2.0, 1.0]), adaptive);
    assert!(message.starts_with("output time 2 is 1, after 2: time does not run backward"), "{message}");
    let message = fault(&line, &landing(&[f64::NAN, 0.0], &times), adaptive);
    assert!(message.starts_with("unit 0 is NaN at t = 0, after 0 steps"), "{message}");
    let message = fault(&line, &good, Steps::Fixed(0.0));
    assert_eq!(message, "the step is 0, and must be above 0");
    let message = fault(&line, &good, Steps::Adaptive(Control::new(1e-6, 0.0)));
    assert_eq!(message, "atol is 0, and must be finite and above 0");
    let message = solve(&line, &explicit::RK4, &good, &adaptive).unwrap_err().to_string();
    assert!(message.contains("fixed, as this method has no estimate"), "{message}");
    assert!(fault(&line, &landing(&initial, &[]), adaptive).contains("the list of times has 0"));
    assert!(fault(&line, &landing(&initial, &[0.0, f64::NAN]), adaptive).contains("a time is NaN"));
}

#[test]
fn divergence_says_where() {
    let times = [0.0, 2.0];
    let problem = landing(&[1.0], &times);
    let message = fault(&Explodes, &problem, Steps::Adaptive(Control::default()));
    assert!(message.contains("does not move the time") || message.contains("unit 0 is"), "{message}");
    let message = fault(&Explodes, &problem, Steps::Fixed(0.01));
    assert!(message.starts_with("unit 0 is ") && message.contains(" at t = 1.0"), "{message}");
    assert!(message.contains("with fixed steps try shorter ones or a bounded method"), "{message}");
}

#[test]
fn too_many_steps_say_what_to_try() {
    let stiff = Linear { n: 1, a: vec![-1e6] };
    let times = [0.0, 10.0];
    let control = Control { max_steps: 1000, ..Control::default() };
    let message = fault(&stiff, &landing(&[1.0], &times), Steps::Adaptive(control));
    assert!(message.starts_with("1000 steps lead from t = 0 to "), "{message}");
    assert!(message.contains("a stiff method (Rosenbrock)"), "{message}");
    let steps = Steps::Adaptive(control);
    assert!(solve(&stiff, &RODAS5P, &landing(&[1.0], &times), &steps).unwrap().work.steps < 60);
}
