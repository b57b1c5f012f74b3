use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::*;
use crate::wiring::{Full, WiringSpec};

fn model() -> Model {
    let wiring = WiringSpec::Full(Full { units: 5, ..Full::default() });
    let cell = CellSpec::Ltc(LtcSpec { wiring, ..LtcSpec::default() }).build(3).unwrap();
    Model::new(cell, Some(2)).unwrap()
}

/// Central differences of the sum of all squared answers.
#[test]
fn derivatives_are_those_of_central_differences() {
    let model = model();
    let parameters: Vec<f64> = model.start(Start::Library, &mut SmallRng::seed_from_u64(1));
    let (n_samples, n_steps) = (2, 3);
    let inputs: Vec<f64> = (0..n_samples * n_steps * 3).map(|k| (k as f64).sin()).collect();
    let (elapsed, initial) = (vec![0.7; n_samples * n_steps], vec![0.1; n_samples * 5]);
    let batch =
        Batch { n_samples, n_steps, inputs: &inputs, elapsed: &elapsed, initial: &initial, keys: None };
    let loss = |parameters: &[f64]| -> f64 {
        model.record(parameters, &batch).unwrap().answers().iter().map(|x| x * x).sum()
    };
    let mut tape = model.record(&parameters, &batch).unwrap();
    let by_answers: Vec<f64> = tape.answers().iter().map(|x| 2.0 * x).collect();
    let gradient = tape.pull(&by_answers).unwrap();
    assert_eq!(gradient.len(), model.layout().n_parameters());
    for (k, pulled) in gradient.iter().enumerate() {
        let moved = |by: f64| {
            let mut parameters = parameters.clone();
            parameters[k] += by;
            loss(&parameters)
        };
        let expected = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        assert!((pulled - expected).abs() <= 1e-7 * (1.0 + expected.abs()), "{k}: {pulled} for {expected}");
    }
}

#[test]
fn the_paper_starts_elsewhere_and_holds_its_ranges() {
    let model = model();
    let mut parameters: Vec<f64> = model.start(Start::Paper, &mut SmallRng::seed_from_u64(1));
    let of = |parameters: &[f64], name: &str| parameters[model.layout().range(name).unwrap()].to_vec();
    assert_eq!(of(&parameters, "gleak"), [1.0; 5]);
    assert_eq!(of(&parameters, "cm"), [0.5; 5]);
    let erev = of(&parameters, "erev");
    assert!(erev.contains(&1.0) && erev.contains(&-1.0));
    parameters.fill(-1.0);
    model.clip(Start::Paper, &mut parameters);
    assert_eq!(of(&parameters, "cm"), [1e-6; 5]);
    assert_eq!(of(&parameters, "sensory_w"), [1e-5; 15]);
    assert_eq!(of(&parameters, "mu"), [-1.0; 25]);
    model.clip(Start::Library, &mut parameters);
    parameters.fill(1e9);
    model.clip(Start::Paper, &mut parameters);
    assert_eq!(of(&parameters, "w"), [1000.0; 25]);
    assert_eq!(of(&parameters, "head.bias"), [1e9; 2]);
}

#[test]
fn sizes_that_do_not_fit_are_named() {
    let model = model();
    assert!(Model::new(model.cell().clone(), Some(0)).is_err());
    let batch = Batch {
        n_samples: 1,
        n_steps: 1,
        inputs: &[0.0; 3],
        elapsed: &[1.0],
        initial: &[0.0; 5],
        keys: None,
    };
    let error = model.record(&[0.0; 7], &batch).err().unwrap().to_string();
    assert!(error.starts_with("the list of parameters has 7 values"), "{error}");
    let parameters: Vec<f64> = model.start(Start::Library, &mut SmallRng::seed_from_u64(1));
    let error = model.record(&parameters, &batch).unwrap().pull(&[0.0]).err().unwrap().to_string();
    assert!(error.contains("derivatives by answers has 1 values, and must have 2"), "{error}");
}
