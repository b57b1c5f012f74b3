use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::*;
use crate::cell::{Batch, Tape, record};
use crate::wiring::{AutoNcp, auto_ncp, fully_connected};

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

/// Inputs, elapsed times and initial states.
fn random_batch(cell: &Ltc, n_samples: usize, n_steps: usize, seed: u64) -> [Vec<f64>; 3] {
    let (n_inputs, n_state) = (cell.wiring().n_inputs(), cell.wiring().units());
    let elapsed = noise(n_samples * n_steps, seed + 1).into_iter().map(|t| t.abs() * 2.0);
    [noise(n_samples * n_steps * n_inputs, seed), elapsed.collect(), noise(n_samples * n_state, seed + 2)]
}

fn loss(cell: &Ltc, parameters: &[f64], n_samples: usize, n_steps: usize, values: &[Vec<f64>; 3]) -> f64 {
    let [inputs, elapsed, initial] = values;
    let tape = record(cell, parameters, &Batch { n_samples, n_steps, inputs, elapsed, initial, keys: None })
        .unwrap();
    tape.outputs().iter().map(|x| x * x).sum()
}

/// Moves one number of parameters, inputs, elapsed times or initial states.
type Change<'c> = dyn Fn(&mut [f64], &mut [Vec<f64>; 3], f64) + 'c;

/// Central differences, whose error is of order 1e-10 here.
#[test]
fn derivatives_are_those_of_central_differences() {
    for unfold in [Unfold::Fused, Unfold::Exponential] {
        for constraint in [Constraint::Clipped, Constraint::Softplus] {
            let cell = cell(LtcConfig { unfold, constraint, unfolds: 3, ..LtcConfig::default() });
            let (n_samples, n_steps) = (2, 4);
            let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(3));
            let values = random_batch(&cell, n_samples, n_steps, 7);
            let [inputs, elapsed, initial] = &values;
            let batch = Batch { n_samples, n_steps, inputs, elapsed, initial, keys: None };
            let mut tape = record(&cell, &parameters, &batch).unwrap();
            let by_outputs: Vec<f64> = tape.outputs().iter().map(|x| 2.0 * x).collect();
            let gradients = tape.pull(&by_outputs).unwrap();

            let difference = |change: &Change<'_>| {
                let of = |by: f64| {
                    let (mut parameters, mut values) = (parameters.clone(), values.clone());
                    change(&mut parameters, &mut values, by);
                    loss(&cell, &parameters, n_samples, n_steps, &values)
                };
                (of(1e-5) - of(-1e-5)) / 2e-5
            };
            let check = |what: &str, k: usize, pulled: f64, expected: f64| {
                let close = (pulled - expected).abs() <= 1e-7 * (1.0 + expected.abs());
                assert!(close, "{unfold:?} {constraint:?} {what} {k}: {pulled} against {expected}");
            };
            for (k, pulled) in gradients.parameters.iter().enumerate() {
                check("parameter", k, *pulled, difference(&|parameters, _, by| parameters[k] += by));
            }
            for (k, pulled) in gradients.inputs.iter().enumerate() {
                check("input", k, *pulled, difference(&|_, values, by| values[0][k] += by));
            }
            for (k, pulled) in gradients.elapsed.iter().enumerate() {
                check("elapsed", k, *pulled, difference(&|_, values, by| values[1][k] += by));
            }
            for (k, pulled) in gradients.initial.iter().enumerate() {
                check("initial", k, *pulled, difference(&|_, values, by| values[2][k] += by));
            }
        }
    }
}

#[test]
fn a_sample_has_the_same_bits_alone_and_in_any_batch() {
    let cell = cell(LtcConfig::default());
    let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(1));
    let (n_samples, n_steps) = (37, 5);
    let [inputs, elapsed, initial] = &random_batch(&cell, n_samples, n_steps, 11);
    let all = Batch { n_samples, n_steps, inputs, elapsed, initial, keys: None };
    let outputs = record(&cell, &parameters, &all).unwrap().outputs();
    for sample in 0..n_samples {
        let row = |values: &'_ [f64]| {
            let n = values.len() / n_samples;
            values[sample * n..(sample + 1) * n].to_vec()
        };
        let (inputs, elapsed, initial) = (row(inputs), row(elapsed), row(initial));
        let alone = Batch {
            n_samples: 1,
            n_steps,
            inputs: &inputs,
            elapsed: &elapsed,
            initial: &initial,
            keys: None,
        };
        assert_eq!(record(&cell, &parameters, &alone).unwrap().outputs(), row(&outputs));
    }
}

/// Training clips capacitances at 0. Then an unfold goes to its rest at once, and at a time of 0 stays: neither
/// has a derivative that is no number, nor has a lane without a sample.
#[test]
fn a_unit_without_capacitance_has_derivatives() {
    for unfold in [Unfold::Fused, Unfold::Exponential] {
        let cell = cell(LtcConfig { unfold, ..LtcConfig::default() });
        let mut parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(1));
        parameters[cell.places.cm.clone()].fill(0.0);
        let [inputs, mut elapsed, initial] = random_batch(&cell, 3, 2, 11);
        elapsed[2..].fill(0.0);
        let batch = Batch {
            n_samples: 3,
            n_steps: 2,
            inputs: &inputs,
            elapsed: &elapsed,
            initial: &initial,
            keys: None,
        };
        let mut tape = record(&cell, &parameters, &batch).unwrap();
        assert!(tape.outputs().iter().all(|output| output.is_finite()), "{unfold:?}");
        let by_outputs = vec![1.0; tape.outputs().len()];
        let gradients = tape.pull(&by_outputs).unwrap();
        for list in [&gradients.parameters, &gradients.inputs, &gradients.initial, &gradients.elapsed] {
            assert!(list.iter().all(|value| value.is_finite()), "{unfold:?}: {list:?}");
        }
        // At a time of 0 the state stays, so the two steps of outputs pass to the initial state whole.
        let output_w = cell.places.output_w.start;
        for unit in 0..3 {
            assert_eq!(gradients.initial[12 + unit], 2.0 * parameters[output_w + unit]);
        }
    }
}

/// Without capacitance a unit is where its conductances pull it, whatever the time: both unfolds are the same
/// quotient there, forward and back, and a capacitance of 1e-5 leaves e⁻¹⁰⁰⁰ of what was.
#[test]
fn without_capacitance_the_exponential_unfold_is_the_rest() {
    let run = |unfold, cm: f64| {
        let cell = cell(LtcConfig { unfold, ..LtcConfig::default() });
        let mut parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(1));
        parameters[cell.places.cm.clone()].fill(cm);
        let [inputs, _, initial] = random_batch(&cell, 3, 2, 11);
        let elapsed = vec![1.0; 6];
        let batch = Batch {
            n_samples: 3,
            n_steps: 2,
            inputs: &inputs,
            elapsed: &elapsed,
            initial: &initial,
            keys: None,
        };
        let mut tape = record(&cell, &parameters, &batch).unwrap();
        let outputs = tape.outputs();
        let by_outputs = vec![1.0; outputs.len()];
        let mut gradients = tape.pull(&by_outputs).unwrap();
        // A fused unfold still feels the capacitance itself, to first order.
        gradients.parameters[cell.places.cm.clone()].fill(0.0);
        [outputs, gradients.parameters, gradients.inputs, gradients.initial]
    };
    let none = run(Unfold::Exponential, 0.0);
    for other in [run(Unfold::Fused, 0.0), run(Unfold::Exponential, 1e-5)] {
        for (list, other) in none.iter().zip(&other) {
            let largest = other.iter().fold(1.0_f64, |most, x| most.max(x.abs()));
            for (x, y) in list.iter().zip(other) {
                assert!((x - y).abs() <= 1e-12 * largest, "{x} {y}");
            }
        }
    }
}

#[test]
fn threads_change_no_bit_of_a_gradient() {
    let cell = cell(LtcConfig::default());
    let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(1));
    let (n_samples, n_steps) = (100, 5);
    let [inputs, elapsed, initial] = &random_batch(&cell, n_samples, n_steps, 11);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let batch = Batch { n_samples, n_steps, inputs, elapsed, initial, keys: None };
            let mut tape = record(&cell, &parameters, &batch).unwrap();
            let by_outputs = tape.outputs();
            tape.pull(&by_outputs).unwrap()
        })
    };
    assert_eq!(run(1), run(2));
    assert_eq!(run(1), run(8));
}

/// Memory that is taken over, of a tape of another size, changes nothing.
#[test]
fn a_tape_goes_again() {
    let cell = cell(LtcConfig::default());
    let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(1));
    let mut tape = None;
    for (n_samples, n_steps) in [(37, 5), (3, 2), (20, 9), (16, 4)] {
        let [inputs, elapsed, initial] = &random_batch(&cell, n_samples, n_steps, 11);
        let batch = Batch { n_samples, n_steps, inputs, elapsed, initial, keys: None };
        let mut fresh = record(&cell, &parameters, &batch).unwrap();
        let mut again = match tape {
            Some(tape) => Tape::again(tape, &parameters, &batch).unwrap(),
            None => record(&cell, &parameters, &batch).unwrap(),
        };
        assert_eq!(again.states(), fresh.states());
        let by_outputs = fresh.outputs();
        assert_eq!(again.pull(&by_outputs).unwrap(), fresh.pull(&by_outputs).unwrap());
        tape = Some(again);
    }
}

/// What does not fit into memory is computed again, to the same bits.
#[test]
fn long_sequences_are_run_again_on_the_way_back() {
    let wiring = fully_connected(1, 40, 1, true, 3).unwrap();
    let cell = Ltc::new(wiring, LtcConfig::default()).unwrap();
    let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(1));
    let kept = <Ltc as Cell<f64>>::n_kept(&cell) * size_of::<Lanes<f64>>();
    let n_steps = (33 << 20) / kept + 1;
    let [inputs, elapsed, initial] = &random_batch(&cell, 1, n_steps, 2);
    let batch = Batch { n_samples: 1, n_steps, inputs, elapsed, initial, keys: None };
    let mut by_outputs = vec![0.0; n_steps];
    by_outputs[n_steps - 1] = 1.0;
    let whole = record(&cell, &parameters, &batch).unwrap().pull(&by_outputs).unwrap();
    // The last steps alone, from the state before them, are kept.
    let (last, n_inputs) = (20, 1);
    let states = record(&cell, &parameters, &batch).unwrap().states();
    let tail = Batch {
        n_samples: 1,
        n_steps: last,
        inputs: &inputs[(n_steps - last) * n_inputs..],
        elapsed: &elapsed[n_steps - last..],
        initial: &states[(n_steps - last - 1) * 40..(n_steps - last) * 40],
        keys: None,
    };
    let mut tape = record(&cell, &parameters, &tail).unwrap();
    let tail = tape.pull(&by_outputs[n_steps - last..]).unwrap();
    assert_eq!(whole.inputs[n_steps - last..], tail.inputs[..]);
    assert_eq!(whole.elapsed[n_steps - last..], tail.elapsed[..]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// The theorem: states stay between the least and the largest of what they are means of.
    #[test]
    fn states_stay_in_their_bounds(seed in 0..1000_u64, exponent in -9.0..9.0_f64, is_fused in any::<bool>()) {
        let unfold = if is_fused { Unfold::Fused } else { Unfold::Exponential };
        let cell = cell(LtcConfig { unfold, ..LtcConfig::default() });
        let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(seed));
        let [inputs, _, initial] = &random_batch(&cell, 1, 8, seed);
        let elapsed = [10.0_f64.powf(exponent); 8];
        let batch = Batch { n_samples: 1, n_steps: 8, inputs, elapsed: &elapsed, initial, keys: None };
        let states = record(&cell, &parameters, &batch).unwrap().states();
        let units = cell.wiring().units();
        for unit in 0..units {
            let vleak = parameters[cell.places.vleak.start + unit];
            let reversals = [(&cell.synapses, &cell.places.synapses), (&cell.sensory, &cell.places.sensory)]
                .into_iter()
                .flat_map(|(incoming, places)| incoming.range(unit).map(|k| parameters[places.erev.start + k]));
            let all: Vec<f64> = reversals.chain([0.0, vleak, initial[unit]]).collect();
            let low = all.iter().copied().fold(f64::INFINITY, f64::min);
            let high = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for step in 0..8 {
                let v = states[step * units + unit];
                // Some roundings of numbers of size 1.
                prop_assert!(v >= low - 1e-14 && v <= high + 1e-14, "{v} of [{low}, {high}]");
            }
        }
    }

    #[test]
    fn no_time_is_no_change(seed in 0..1000_u64, is_fused in any::<bool>()) {
        let unfold = if is_fused { Unfold::Fused } else { Unfold::Exponential };
        let cell = cell(LtcConfig { unfold, ..LtcConfig::default() });
        let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(seed));
        let [inputs, _, initial] = &random_batch(&cell, 3, 1, seed);
        let batch = Batch { n_samples: 3, n_steps: 1, inputs, elapsed: &[0.0; 3], initial, keys: None };
        prop_assert_eq!(&record(&cell, &parameters, &batch).unwrap().states(), initial);
    }
}

#[test]
fn faults_are_named() {
    let cell = cell(LtcConfig::default());
    let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(1));
    let [inputs, mut elapsed, initial] = random_batch(&cell, 2, 3, 1);
    let fault = |inputs: &[f64], elapsed: &[f64], initial: &[f64]| {
        let batch = Batch { n_samples: 2, n_steps: 3, inputs, elapsed, initial, keys: None };
        record(&cell, &parameters, &batch).err().map(|error| error.to_string()).unwrap()
    };
    let error = fault(&inputs[1..], &elapsed, &initial);
    assert_eq!(error, "the list of inputs has 23 values, and must have 24: 2 × 3 × 4");
    elapsed[4] = -1.0;
    assert!(fault(&inputs, &elapsed, &initial).contains("sample 1, step 1 is -1"));
    elapsed[4] = f64::NAN;
    assert!(fault(&inputs, &elapsed, &initial).contains("sample 1, step 1 is NaN"));
    elapsed[4] = 1.0;
    let mut broken = initial;
    broken[12 + 7] = f64::INFINITY;
    assert!(fault(&inputs, &elapsed, &broken).contains("unit 7 of sample 1 is inf after step 0"));
}
