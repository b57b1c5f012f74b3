//! Derivatives by everything.

use super::{Case, Values, cases, loss, run, values_of};
use crate::cell::Gradients;

/// Central differences, whose error is of order 1e-10 here.
#[test]
fn derivatives_are_those_of_central_differences() {
    let n_samples = 2;
    for Case { name, cell, parameters, .. } in cases() {
        let cell = &*cell;
        let values = values_of(cell, n_samples, 3, 7);
        let mut tape = run(cell, &parameters, n_samples, &values);
        let by_outputs: Vec<f64> = tape.outputs().iter().map(|x| 2.0 * x).collect();
        let Gradients { parameters: by_parameters, inputs, elapsed, initial } =
            tape.pull(&by_outputs).unwrap();

        let check = |what: &str, k: usize, pulled: f64, of: &dyn Fn(f64) -> f64| {
            let expected = (of(1e-5) - of(-1e-5)) / 2e-5;
            let close = (pulled - expected).abs() <= 1e-7 * (1.0 + expected.abs());
            assert!(close, "{name}: {what} {k}: {pulled} against {expected}");
        };
        for (k, pulled) in by_parameters.iter().enumerate() {
            check("parameter", k, *pulled, &|by| {
                let mut parameters = parameters.clone();
                parameters[k] += by;
                loss(cell, &parameters, n_samples, &values)
            });
        }
        for (part, pulled) in
            [("input", inputs), ("elapsed", elapsed), ("initial", initial)].iter().enumerate()
        {
            for (k, of_value) in pulled.1.iter().enumerate() {
                check(pulled.0, k, *of_value, &|by| {
                    let mut values = values.clone();
                    values[part][k] += by;
                    loss(cell, &parameters, n_samples, &values)
                });
            }
        }
    }
}

/// The sums over lanes and time differ from those of samples alone by rounding only.
#[test]
fn a_gradient_is_the_sum_of_those_of_its_samples() {
    let n_samples = 19;
    for Case { name, cell, parameters, .. } in cases() {
        let values = values_of(&*cell, n_samples, 3, 19);
        let pull = |n_samples: usize, values: &Values| {
            let mut tape = run(&*cell, &parameters, n_samples, values);
            let by_outputs = tape.outputs();
            tape.pull(&by_outputs).unwrap().parameters
        };
        let mut sums = vec![0.0; parameters.len()];
        for sample in 0..n_samples {
            let alone = values.clone().map(|of| {
                let n = of.len() / n_samples;
                of[sample * n..(sample + 1) * n].to_vec()
            });
            sums.iter_mut().zip(pull(1, &alone)).for_each(|(sum, g)| *sum += g);
        }
        for (k, (g, sum)) in pull(n_samples, &values).iter().zip(&sums).enumerate() {
            assert!((g - sum).abs() <= 1e-11 * (1.0 + sum.abs()), "{name}: parameter {k}: {g}, {sum}");
        }
    }
}
