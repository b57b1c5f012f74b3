//! One step on the chip against one unfold of the float cell from the same states, within the bound that
//! `quantize_liquid` proves; and the cell's theorem, in whole numbers and without any tolerance.

use rheobase_loihi_export::ltc::Timing;
use rheobase_ltc::cell::ltc::LtcConfig;
use rheobase_ltc::cell::{Batch, Ltc, record};
use rheobase_ltc::model::AnyCell;
use rheobase_mapping::liquid::LiquidConfig;
use rheobase_net::LiquidModel;

use crate::liquids::{inputs, liquid, netlist, quantized, run};

/// Numbers of many widths.
fn configs() -> Vec<LiquidConfig> {
    let plain = LiquidConfig::default();
    vec![
        LiquidConfig { threshold: 0.0, input_threshold: 0.0, ..plain },
        plain,
        LiquidConfig { threshold: 0.05, input_threshold: 0.1, ..plain },
        LiquidConfig {
            state_bits: 8,
            conductance_bits: 10,
            slope_bits: 8,
            sigmoid_bits: 10,
            table_bits: 5,
            ..plain
        },
        LiquidConfig {
            state_bits: 17,
            conductance_bits: 24,
            slope_bits: 16,
            sigmoid_bits: 20,
            table_bits: 12,
            threshold: 0.0,
            input_threshold: 0.0,
            ..plain
        },
    ]
}

/// The state of the float cell one unfold after every row of states and inputs.
fn unfold(liquid: &LiquidModel, states: &[f64], inputs: &[f64], unfolds: u32) -> Vec<f64> {
    let AnyCell::Ltc(cell) = liquid.model.cell() else { panic!("it is an LTC") };
    let config = LtcConfig { unfolds: 1, ..cell.config().clone() };
    let once = Ltc::new(cell.wiring().clone(), config).unwrap();
    let n_samples = states.len() / cell.wiring().units();
    let elapsed = vec![liquid.step / f64::from(unfolds); n_samples];
    let batch = Batch { n_samples, n_steps: 1, inputs, elapsed: &elapsed, initial: states, keys: None };
    record(&once, liquid.model.of_cell(&liquid.parameters), &batch).unwrap().states()
}

#[test]
fn one_step_is_off_by_no_more_than_the_bound() {
    let (mut worst, mut tightest) = (0.0_f64, f64::INFINITY);
    for seed in 0..24 {
        let liquid = liquid(seed);
        for config in configs() {
            let quantized = quantized(&liquid, config);
            let unfolds = quantized.format.unfolds;
            let xs = inputs(&liquid, 25, seed);
            let shown = run(&quantized, &netlist(&quantized), &xs);
            let n_steps = xs.len() as u32 * unfolds;
            // Step t takes the states of step t − 1 to its own; the first that is taken is START.
            let first = Timing::START as usize;
            let steps = first..first + n_steps as usize;
            let states: Vec<f64> =
                steps.clone().flat_map(|t| &shown.v[t - 2]).map(|v| quantized.state(*v)).collect();
            let input = |t: usize| &xs[(t - first) / unfolds as usize];
            let seen: Vec<f64> = steps.clone().flat_map(input).copied().collect();
            let float = unfold(&liquid, &states, &seen, unfolds);
            let chip = steps.clone().flat_map(|t| &shown.v[t - 1]).map(|v| quantized.state(*v));
            for (k, (float, chip)) in float.iter().zip(chip).enumerate() {
                let unit = k % quantized.units.len();
                let bound = quantized.bound[unit];
                let share = (chip - float).abs() / bound;
                assert!(
                    share <= 1.0,
                    "seed {seed}, {config:?}: unit {unit} is off by {share} of its bound {bound:e}"
                );
                worst = worst.max(share);
                tightest = tightest.min(bound);
            }
        }
    }
    println!("worst share of a bound {worst}, least bound {tightest:e}");
    // A bound that is never nearly met would say little.
    assert!(worst > 0.3, "at most {worst} of the bound was met");
    assert!(tightest < 1e-4, "the finest numbers give a bound of {tightest:e}");
}

#[test]
fn states_stay_between_reversals_for_every_input() {
    for seed in 0..16 {
        let liquid = liquid(seed);
        for config in configs() {
            let quantized = quantized(&liquid, config);
            let mut xs = inputs(&liquid, 12, seed);
            for (k, x) in xs.iter_mut().flatten().enumerate() {
                *x = match k % 7 {
                    0 => f64::MAX,
                    1 => f64::MIN,
                    2 => f64::INFINITY,
                    3 => -1e9,
                    _ => *x,
                };
            }
            for v in run(&quantized, &netlist(&quantized), &xs).v {
                for (unit, v) in quantized.units.iter().zip(v) {
                    let [low, high] = unit.hull();
                    assert!((low..=high).contains(&v), "seed {seed}: {v} is not in {low}..={high}");
                }
            }
        }
    }
}

#[test]
fn finer_numbers_follow_the_float_cell_over_time() {
    for seed in 0..20 {
        let liquid = liquid(seed);
        let [.., finest] = configs()[..] else { panic!("there are some") };
        let quantized = quantized(&liquid, finest);
        let xs = inputs(&liquid, 15, seed);
        let shown = run(&quantized, &netlist(&quantized), &xs);
        let flat: Vec<f64> = xs.iter().flatten().copied().collect();
        let (n_steps, n_units) = (xs.len(), quantized.units.len());
        let (elapsed, initial) = (vec![liquid.step; n_steps], vec![0.0; n_units]);
        let batch =
            Batch { n_samples: 1, n_steps, inputs: &flat, elapsed: &elapsed, initial: &initial, keys: None };
        let tape = liquid.model.record(&liquid.parameters, &batch).unwrap();
        let cell =
            record(liquid.model.cell().as_cell(), liquid.model.of_cell(&liquid.parameters), &batch).unwrap();
        let timing = Timing { unfolds: quantized.format.unfolds };
        for (k, float) in cell.states().chunks_exact(n_units).enumerate() {
            let chip = &shown.v[timing.state(k as u32) as usize - 1];
            for (float, chip) in float.iter().zip(chip) {
                let off = (quantized.state(*chip) - float).abs();
                assert!(off < 1e-3, "seed {seed}, step {k}: {off:e}");
            }
        }
        // Answers are read a step later, and have 8-bit weights.
        let n_answers = quantized.n_answers() as usize;
        for (k, float) in tape.answers().chunks_exact(n_answers).enumerate() {
            let sums = &shown.sums[timing.answer(k as u32) as usize - 1];
            for (answer, (float, sum)) in float.iter().zip(sums).enumerate() {
                let off = (quantized.head.answer(answer, *sum) - float).abs();
                let hulls = quantized.units.iter().map(|unit| unit.hull().map(|v| quantized.state(v).abs()));
                let reach: f64 = hulls.map(|[low, high]| low.max(high)).sum();
                let step = quantized.head.scale[answer] / quantized.state(1) * 2.0;
                assert!(off < 0.5 * step * reach + 1e-2, "seed {seed}, answer {answer} of step {k}: {off:e}");
            }
        }
    }
}
