//! Dropout in a CfC's backbone; derivatives, bits and threads are tested with all other cells.

use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::{N_INPUTS, Values, run, values_of};
use crate::cell::cfc::{Cfc, CfcConfig, FfActivation};
use crate::cell::{Activation, Batch, Cell, CellError, Lanes, record};

fn config() -> CfcConfig {
    let activation = Activation::Silu;
    CfcConfig { backbone_layers: 2, backbone_units: 9, activation, dropout: 0.3, ..CfcConfig::default() }
}

fn cell(config: CfcConfig) -> (Cfc, Vec<f64>) {
    let cell = Cfc::new(N_INPUTS, 5, config).unwrap();
    let parameters = cell.start(&mut SmallRng::seed_from_u64(8));
    (cell, parameters)
}

fn evaluated(cell: &Cfc, parameters: &[f64], values: &Values) -> Vec<f64> {
    let [inputs, elapsed, initial, keys] = values;
    let n_samples = keys.len();
    let n_steps = elapsed.len() / n_samples;
    let batch = Batch { n_samples, n_steps, inputs, elapsed, initial, keys: None };
    record(cell, parameters, &batch).unwrap().states()
}

#[test]
fn only_training_drops() {
    let ((with, parameters), (without, _)) = (cell(config()), cell(CfcConfig { dropout: 0.0, ..config() }));
    let values = values_of(&with, 3, 4, 41);
    let expected = evaluated(&without, &parameters, &values);
    assert_eq!(evaluated(&with, &parameters, &values), expected);
    assert_eq!(run(&without, &parameters, 3, &values).states(), expected);
    assert_ne!(run(&with, &parameters, 3, &values).states(), expected);
}

/// A key of a sample and a step decide: the same twice, and others elsewhere.
#[test]
fn every_sample_and_step_drops_others() {
    let (cell, parameters) = cell(config());
    let [inputs, elapsed, initial, _] = values_of(&cell, 1, 1, 43);
    let twice = |of: &[f64]| [of, of].concat();
    let after = |n_steps: usize, keys: [u64; 2]| {
        // Both samples, and all steps, have the same inputs and elapsed times.
        let (inputs, elapsed) = (inputs.repeat(2 * n_steps), elapsed.repeat(2 * n_steps));
        let (initial, keys) = (twice(&initial), Some(&keys[..]));
        let batch =
            Batch { n_samples: 2, n_steps, inputs: &inputs, elapsed: &elapsed, initial: &initial, keys };
        record(&cell, &parameters, &batch).unwrap().states()
    };
    let one = after(1, [5, 6]);
    assert_eq!(one, after(1, [5, 6]));
    assert_ne!(one[..5], one[5..]);
    assert_eq!(one[..5], after(1, [5, 5])[5..]);
    // From the state after the first step on, another first step is no second one.
    let two = after(2, [5, 5]);
    assert_eq!(two[..5], one[..5]);
    let batch = Batch {
        n_samples: 1,
        n_steps: 1,
        inputs: &inputs,
        elapsed: &elapsed,
        initial: &two[..5],
        keys: Some(&[5]),
    };
    assert_ne!(record(&cell, &parameters, &batch).unwrap().states(), two[5..10]);
}

/// What does not fit into memory is computed again with the same masks. The first steps alone fit; what comes
/// after them counts for nothing.
#[test]
fn what_is_computed_again_drops_the_same() {
    let config = CfcConfig { backbone_layers: 1, backbone_units: 400, ..config() };
    let cell = Cfc::new(1, 1, config).unwrap();
    let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(9));
    let kept = <Cfc as Cell<f64>>::n_kept(&cell) * size_of::<Lanes<f64>>();
    let (n_steps, n_first) = ((33 << 20) / kept + 1, 30);
    let [inputs, elapsed, initial, keys] = values_of(&cell, 1, n_steps, 44);
    let first = [inputs[..n_first].to_vec(), elapsed[..n_first].to_vec(), initial.clone(), keys.clone()];
    let whole = [inputs, elapsed, initial, keys];
    let mut by_outputs = vec![0.0; n_steps];
    by_outputs[..n_first].copy_from_slice(&run(&cell, &parameters, 1, &first).outputs());
    let whole = run(&cell, &parameters, 1, &whole).pull(&by_outputs).unwrap();
    let first = run(&cell, &parameters, 1, &first).pull(&by_outputs[..n_first]).unwrap();
    assert_eq!(whole.parameters, first.parameters);
    assert_eq!((&whole.inputs[..n_first], whole.initial), (&first.inputs[..], first.initial));
}

/// `1.7159 tanh(0.666 z)` for `tanh z` is the same cell with 0.666 times the maps before it and 1.7159 times the
/// state after it.
#[test]
fn the_scaled_tanh_of_the_papers_code() {
    let (scaled, parameters) = cell(CfcConfig { ff_activation: FfActivation::LecunTanh, ..config() });
    let (plain, mut other) = cell(config());
    let blocks = Cell::<f64>::layout(&plain).blocks().iter();
    for block in blocks.filter(|block| block.name.starts_with("ff")) {
        other[block.range.clone()].iter_mut().for_each(|parameter| *parameter *= 0.666);
    }
    let values = values_of(&plain, 4, 1, 45);
    let pairs = evaluated(&scaled, &parameters, &values).into_iter().zip(evaluated(&plain, &other, &values));
    for (scaled, plain) in pairs {
        assert!((scaled - 1.7159 * plain).abs() < 1e-14, "{scaled}, {plain}");
    }
}

#[test]
fn faults_are_named() {
    for dropout in [-0.1, 1.0, f64::NAN] {
        let error = Cfc::new(3, 4, CfcConfig { dropout, ..config() }).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("dropout is {dropout}, and must be from 0, which is none, to below 1")
        );
    }
    let (cell, parameters) = cell(config());
    let [inputs, elapsed, initial, _] = &values_of(&cell, 2, 1, 46);
    let batch = Batch { n_samples: 2, n_steps: 1, inputs, elapsed, initial, keys: Some(&[1]) };
    let Err(error) = record(&cell, &parameters, &batch) else { panic!("one key for two samples") };
    assert!(matches!(error, CellError::Size { what: "the list of keys", size: 1, expected: 2, .. }));
}
