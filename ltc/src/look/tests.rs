use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::*;
use crate::cell::cfc::{CfcConfig, Mode};
use crate::cell::explicit::{FiringRateConfig, TimeConstant};
use crate::cell::ltc::{Constraint, LtcConfig, Unfold};
use crate::cell::{Batch, Cell, Ltc, Step, record, splat};
use crate::model::{AnyCell, CellSpec, CfcSpec, FiringRateSpec, Model, Start};
use crate::wiring::{AutoNcp, Parts, UnitKind, Wiring, auto_ncp};

fn cell(config: LtcConfig) -> Ltc {
    let auto = AutoNcp { units: 12, n_outputs: 3, sparsity: 0.4, seed: 5 };
    Ltc::new(auto_ncp(4, &auto).unwrap(), config).unwrap()
}

/// Numbers between −1 and 1.
fn noise(n: usize, seed: u64) -> Vec<f64> {
    use rand::RngExt;
    let mut rng = SmallRng::seed_from_u64(seed);
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}

/// One unit that nobody talks to.
fn leak() -> (Ltc, Vec<f64>) {
    let parts = Parts {
        n_inputs: 1,
        n_outputs: 1,
        layers: vec![vec![0]],
        kinds: vec![UnitKind::Motor],
        synapses: vec![],
        sensory: vec![],
    };
    let config = LtcConfig { unfold: Unfold::Exponential, epsilon: 0.0, ..LtcConfig::default() };
    let cell = Ltc::new(Wiring::new(parts).unwrap(), config).unwrap();
    let mut parameters = cell.start::<f64>(&mut SmallRng::seed_from_u64(1));
    let layout = Cell::<f64>::layout(&cell);
    parameters[layout.range("gleak").unwrap()].fill(0.5);
    parameters[layout.range("cm").unwrap()].fill(2.0);
    (cell, parameters)
}

/// Without synapses τ is cm/gleak, and a state falls by exp(−t/τ).
#[test]
fn a_leak_alone_has_one_time_constant_and_forgets_with_it() {
    let (cell, parameters) = leak();
    let any = AnyCell::Ltc(cell.clone());
    let tau = time_constants(&any, &parameters, &[0.3, 0.1], &[0.0, 0.7, -0.2]).unwrap().unwrap();
    assert_eq!((tau.values, tau.least, tau.most), (vec![4.0; 2], vec![4.0], vec![4.0]));
    let run = Batch {
        n_samples: 1,
        n_steps: 5,
        inputs: &[0.0; 5],
        elapsed: &[1.0, 2.0, 0.5, 0.0, 3.0],
        initial: &[1.0],
        keys: None,
    };
    let of = [Of::Unit(0), Of::Output(0)];
    let found = sensitivities(&cell, &parameters, &run, &of, &[4, 1], 3).unwrap();
    let falls = |t: f64| (-t / 4.0_f64).exp();
    let expected = [[falls(3.0), falls(3.0), falls(3.5)], [falls(2.0), falls(3.0), f64::NAN]];
    for (time, expected) in expected.iter().enumerate() {
        for of in 0..2 {
            for (lag, expected) in expected.iter().enumerate() {
                let found = found.by_states[(2 * time + of) * 3 + lag];
                let both_none = found.is_nan() && expected.is_nan();
                assert!(both_none || (found - expected).abs() < 1e-15, "{found} for {expected}");
            }
        }
    }
    // Nothing comes from an input without synapses.
    assert!(found.by_inputs[..8].iter().all(|by| *by == 0.0));
}

/// Central differences, whose error is of order 1e-10 here.
#[test]
fn sensitivities_are_those_of_central_differences() {
    for unfold in [Unfold::Fused, Unfold::Exponential] {
        let cell =
            cell(LtcConfig { unfold, constraint: Constraint::Softplus, unfolds: 3, ..LtcConfig::default() });
        let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(3));
        let (n_steps, n_lags, units) = (9, 4, 12);
        let (inputs, initial) = (noise(n_steps * 4, 1), noise(units, 2));
        let elapsed: Vec<f64> = noise(n_steps, 3).into_iter().map(f64::abs).collect();
        let run = Batch {
            n_samples: 1,
            n_steps,
            inputs: &inputs,
            elapsed: &elapsed,
            initial: &initial,
            keys: None,
        };
        let of = [Of::Output(1), Of::Unit(7), Of::Outputs(vec![0.5, -2.0, 1.0])];
        let times = [8, 5, 2, 0, 6, 7];
        let found = sensitivities(&cell, &parameters, &run, &of, &times, n_lags).unwrap();

        let tape = record(&cell, &parameters, &run).unwrap();
        let states = [initial.clone(), tape.states()].concat();
        // The steps from `first` to `last`, begun from their own states.
        let again = |first: usize, last: usize, inputs: &[f64], before: &[f64], of: &Of| -> f64 {
            let batch = Batch {
                n_samples: 1,
                n_steps: last + 1 - first,
                inputs: &inputs[first * 4..(last + 1) * 4],
                elapsed: &elapsed[first..=last],
                initial: before,
                keys: None,
            };
            let tape = record(&cell, &parameters, &batch).unwrap();
            let (outputs, states) = (tape.outputs(), tape.states());
            let outputs = &outputs[outputs.len() - 3..];
            match of {
                Of::Output(k) => outputs[*k],
                Of::Outputs(weights) => outputs.iter().zip(weights).map(|(y, w)| y * w).sum(),
                Of::Unit(k) => states[states.len() - units + k],
            }
        };
        let check = |found: f64, difference: &dyn Fn(f64) -> f64| {
            let expected = (difference(1e-5) - difference(-1e-5)) / 2e-5;
            assert!((found - expected).abs() <= 1e-7 * (1.0 + expected.abs()), "{found} against {expected}");
        };
        for (place, (t, of)) in times.iter().flat_map(|t| of.iter().map(move |of| (*t, of))).enumerate() {
            for lag in 0..n_lags {
                let (by_inputs, by_states) = (
                    &found.by_inputs[(place * n_lags + lag) * 4..][..4],
                    &found.by_states[(place * n_lags + lag) * units..][..units],
                );
                if lag > t {
                    assert!(by_inputs.iter().chain(by_states).all(|by| by.is_nan()));
                    continue;
                }
                let first = t - lag;
                let before = &states[first * units..(first + 1) * units];
                for (k, found) in by_inputs.iter().enumerate() {
                    check(*found, &|by| {
                        let mut inputs = inputs.clone();
                        inputs[first * 4 + k] += by;
                        again(first, t, &inputs, before, of)
                    });
                }
                for (k, found) in by_states.iter().enumerate() {
                    check(*found, &|by| {
                        let mut before = before.to_vec();
                        before[k] += by;
                        again(first, t, &inputs, &before, of)
                    });
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Theorem 1, to the last bit.
    #[test]
    fn time_constants_stay_in_their_bounds(seed in 0..1000_u64, size in -3.0..3.0_f64, softplus in any::<bool>()) {
        let constraint = if softplus { Constraint::Softplus } else { Constraint::Clipped };
        let cell = cell(LtcConfig { constraint, ..LtcConfig::default() });
        let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(seed));
        let scale = |values: Vec<f64>| values.into_iter().map(|x| x * 10.0_f64.powf(size)).collect::<Vec<f64>>();
        let (inputs, states) = (scale(noise(20 * 4, seed)), scale(noise(21 * 12, seed + 1)));
        let found = time_constants(&AnyCell::Ltc(cell), &parameters, &inputs, &states).unwrap();
        let TimeConstants { values, least, most } = found.unwrap();
        prop_assert_eq!(values.len() + 12, states.len());
        for row in values.chunks_exact(12) {
            for (unit, tau) in row.iter().enumerate() {
                prop_assert!(least[unit] <= *tau && *tau <= most[unit], "{unit}: {tau}");
            }
        }
    }
}

/// The time constants of a run of a cell of another kind, by its description in a few numbers.
fn constants(spec: CellSpec, seed: u64) -> (AnyCell, Vec<f64>, TimeConstants) {
    let any = spec.build(3).unwrap();
    let model = Model::new(any.clone(), None).unwrap();
    let parameters: Vec<f64> = model.start(Start::Library, &mut SmallRng::seed_from_u64(seed));
    let (n_steps, n_state) = (12, any.n_state());
    let (inputs, initial, elapsed) = (noise(n_steps * 3, seed), noise(n_state, seed + 1), vec![0.5; n_steps]);
    let run =
        Batch { n_samples: 1, n_steps, inputs: &inputs, elapsed: &elapsed, initial: &initial, keys: None };
    let states = record(any.as_cell::<f64>(), &parameters, &run).unwrap().states();
    let states = [initial.clone(), states].concat();
    let found = time_constants(&any, &parameters, &inputs, &states).unwrap().unwrap();
    (any, parameters, found)
}

#[test]
fn firing_rates_have_the_time_constant_that_they_were_given() {
    let of = |time_constant| {
        let config = FiringRateConfig { time_constant, ..FiringRateConfig::ct_rnn() };
        constants(CellSpec::FiringRate(FiringRateSpec { units: 4, config, ..FiringRateSpec::default() }), 3).2
    };
    assert_eq!(of(TimeConstant::Fixed(2.5)).values, vec![2.5; 48]);
    // It starts as softplus(softplus⁻¹(1)).
    assert!(of(TimeConstant::Learned).values.iter().all(|tau| (tau - 1.0).abs() < 1e-15));
    let TimeConstants { values, least, most } = of(TimeConstant::Liquid { min: 0.5, max: 3.0 });
    assert_eq!((least, most), (vec![0.5; 4], vec![3.0; 4]));
    assert!(values.iter().all(|tau| (0.5..=3.0).contains(tau)) && values[0] != values[4]);
}

/// What a CfC answers to one input after any times, also before time 0, gives its rate: a pure one goes to its
/// limit A as exp(−T/τ), and the odds of a gate are e times as large after τ.
#[test]
fn a_cfc_decays_or_turns_with_its_time_constant() {
    for mode in [Mode::Pure, Mode::Default, Mode::NoGate] {
        let config = CfcConfig { mode, backbone_units: 8, ..CfcConfig::default() };
        let (any, parameters, found) = constants(CellSpec::Cfc(CfcSpec { units: 4, config }), 5);
        let lanes = |values: Vec<f64>| values.into_iter().map(splat).collect::<Vec<_>>();
        let (inputs, before) = (lanes(noise(12 * 3, 5)[..3].to_vec()), lanes(noise(4, 6)));
        let cell = any.as_cell::<f64>();
        let after = |t: f64| {
            let (mut after, mut outputs) = (lanes(vec![0.0; 4]), lanes(vec![0.0; 4]));
            let mut kept = lanes(vec![0.0; cell.n_kept()]);
            let (inputs, before, elapsed) = (&inputs, &before, &splat(t));
            let (after_step, outputs, kept) = (&mut after, &mut outputs, &mut kept);
            cell.step(
                &parameters,
                Step { inputs, elapsed, masks: None, before, after: after_step, outputs, kept },
            );
            after.iter().map(|lanes| lanes[0]).collect::<Vec<f64>>()
        };
        let [first, at_0, at_1, last] = [-1e6, 0.0, 1.0, 1e6].map(after);
        for unit in 0..4 {
            let odds = |at: &[f64]| (at[unit] - first[unit]) / (last[unit] - at[unit]);
            let rate = match mode {
                Mode::Pure => {
                    let a = parameters[any.layout().range("A").unwrap()][unit];
                    ((at_0[unit] - a) / (at_1[unit] - a)).ln()
                }
                Mode::Default | Mode::NoGate => (odds(&at_1) / odds(&at_0)).ln().abs(),
            };
            let tau = found.values[unit];
            assert!((rate * tau - 1.0).abs() < 1e-9, "{mode:?}: {rate} for τ = {tau}");
            assert!(found.least[unit] <= tau && tau <= found.most[unit]);
        }
    }
}

/// A synapse is evaluated once an unfold, a sensory one once a step; a unit is divided once an unfold.
#[test]
fn operations_are_those_of_the_synapses() {
    for unfolds in [1, 6] {
        let cell = cell(LtcConfig { unfolds, ..LtcConfig::default() });
        let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(3));
        let Operations { functions, multiply_adds, divisions } = operations(&cell, &parameters);
        let (synapses, sensory) = (cell.wiring().synapses().len(), cell.wiring().sensory().len());
        assert_eq!(functions, (sensory + unfolds * synapses) as f64);
        // And the length of an unfold, T/unfolds.
        assert_eq!(divisions, (1 + unfolds * 12) as f64);
        assert!(multiply_adds > 2.0 * functions && multiply_adds < 8.0 * functions + 10.0 * divisions);
    }
}

#[test]
fn what_cannot_be_looked_at_is_named() {
    let (cell, parameters) = leak();
    let run = Batch {
        n_samples: 1,
        n_steps: 2,
        inputs: &[0.0; 2],
        elapsed: &[1.0; 2],
        initial: &[1.0],
        keys: None,
    };
    let says = |of: Of, t: usize, n_lags: usize| {
        sensitivities(&cell, &parameters, &run, &[of], &[t], n_lags).unwrap_err().to_string()
    };
    assert_eq!(says(Of::Output(1), 0, 1), "an output is 1, and must be below the number of outputs");
    assert!(says(Of::Unit(1), 0, 1).starts_with("a unit is 1"));
    assert!(says(Of::Outputs(vec![]), 0, 1).starts_with("the number of weights is 0"));
    assert_eq!(says(Of::Unit(0), 2, 1), "a time is 2, and must be below the number of steps");
    assert!(says(Of::Unit(0), 0, 0).starts_with("the number of lags is 0"));
    let any = AnyCell::Ltc(cell);
    let error = time_constants(&any, &parameters, &[0.0; 3], &[0.0; 3]).unwrap_err().to_string();
    assert_eq!(error, "the list of states has 3 values, and must have 4: 4 × 1");
    assert!(time_constants(&any, &parameters[1..], &[0.0; 2], &[0.0; 3]).is_err());
}
