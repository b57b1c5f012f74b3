//! What other golden vectors do not cover, against PyTorch and ncps 1.0.1: `ltc/tests/cells.py`.

use super::N_INPUTS;
use crate::cell::cfc::{Cfc, CfcConfig, Mode};
use crate::cell::explicit::{Explicit, Mlp};
use crate::cell::{Activation, Batch, Cell, Gru, Lstm, Plain, Then, record};
use crate::tableau::RK4;

/// By torch 2.15 in double precision.
const REFERENCE: &str = include_str!("../../../tests/cells.csv");

const N_SAMPLES: usize = 2;
const N_STEPS: usize = 3;
const UNITS: usize = 4;

/// The numbers of `ltc/tests/cells.py`.
fn numbers(n: usize, salt: f64) -> Vec<f64> {
    (0..n).map(|k| (1.7 * k as f64 + salt).sin()).collect()
}

fn cell_of(name: &str) -> Box<dyn Cell<f64>> {
    let gru = || Gru::new(N_INPUTS, UNITS).unwrap();
    match name.split(' ').collect::<Vec<_>>()[..] {
        ["cfc", mode, activation] => {
            let mode = match mode {
                "default" => Mode::Default,
                "no_gate" => Mode::NoGate,
                "pure" => Mode::Pure,
                other => panic!("{other}"),
            };
            let activation = activation.parse().unwrap();
            let (backbone_layers, backbone_units) = (2, 5);
            let config =
                CfcConfig { mode, backbone_layers, backbone_units, activation, ..CfcConfig::default() };
            Box::new(Cfc::new(N_INPUTS, UNITS, config).unwrap())
        }
        ["gru"] => Box::new(gru()),
        ["plain"] => Box::new(Plain::new(N_INPUTS, UNITS, Activation::Tanh).unwrap()),
        ["lstm"] => Box::new(Lstm::new(N_INPUTS, UNITS, 0.0).unwrap()),
        ["ode-rnn"] => {
            let field = Mlp::new(0, UNITS, 6, Activation::Tanh).unwrap();
            let evolves = Explicit::new(field, &RK4, 2, None).unwrap();
            Box::new(Then::new::<f64>(("ode", evolves), ("gru", gru())).unwrap())
        }
        _ => panic!("{name}"),
    }
}

#[test]
fn cells_are_those_of_torch() {
    let mut n = 0;
    for line in REFERENCE.lines().skip(1) {
        let [name, states, derivatives] = line.split(',').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let parse = |of: &str| of.split(' ').map(|x| x.parse().unwrap()).collect::<Vec<f64>>();
        let cell = cell_of(name);
        let parameters: Vec<f64> =
            numbers(cell.layout().n_parameters(), 1.0).iter().map(|x| 0.6 * x).collect();
        let inputs = numbers(N_SAMPLES * N_STEPS * N_INPUTS, 2.0);
        let initial = numbers(N_SAMPLES * cell.n_state(), 3.0);
        let elapsed: Vec<f64> = numbers(N_SAMPLES * N_STEPS, 4.0).iter().map(|t| t.abs()).collect();
        let batch = Batch {
            n_samples: N_SAMPLES,
            n_steps: N_STEPS,
            inputs: &inputs,
            elapsed: &elapsed,
            initial: &initial,
            keys: None,
        };
        let mut tape = record(&*cell, &parameters, &batch).unwrap();
        let by_outputs: Vec<f64> = tape.outputs().iter().map(|x| 2.0 * x).collect();
        let gradients = tape.pull(&by_outputs).unwrap();
        let ours = [gradients.parameters, gradients.inputs, gradients.elapsed, gradients.initial].concat();
        for (what, ours, theirs) in
            [("state", tape.states(), parse(states)), ("derivative", ours, parse(derivatives))]
        {
            assert_eq!(ours.len(), theirs.len(), "{name}: {what}");
            let most = theirs.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            for (k, (x, y)) in ours.iter().zip(&theirs).enumerate() {
                assert!((x - y).abs() <= 1e-13 * most, "{name}: {what} {k}: {x} against {y}");
            }
        }
        n += 1;
    }
    assert_eq!(n, 9);
}
