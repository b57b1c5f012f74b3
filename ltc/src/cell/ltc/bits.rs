//! The same bits: alone over units, in a batch over samples, for every set of vector instructions.

use proptest::prelude::*;
use pulp::Arch;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::cell::{Batch, record};
use crate::wiring::{AutoNcp, Ncp, Wiring, auto_ncp, fully_connected, ncp, random};

/// All that this machine can run.
pub(in crate::cell) fn archs() -> Vec<Arch> {
    #[cfg(target_arch = "x86_64")]
    return [
        Some(Arch::Scalar),
        pulp::x86::V3::try_new().map(Arch::V3),
        pulp::x86::V4::try_new().map(Arch::V4),
    ]
    .into_iter()
    .flatten()
    .collect();
    #[cfg(not(target_arch = "x86_64"))]
    vec![Arch::Scalar, Arch::new()]
}

/// Wirings that make every form of a slice: shared and own sources, wide and narrow, and none.
fn wiring(kind: usize, seed: u32) -> Wiring {
    let small = Ncp {
        inter: 12,
        command: 6,
        motor: 1,
        sensory_fanout: 4,
        inter_fanout: 4,
        recurrent_command_synapses: 4,
        motor_fanin: 6,
        seed,
    };
    match kind {
        0 => fully_connected(5, 37, 4, false, seed.into()),
        1 => random(5, 50, 3, 0.95, seed.into()),
        2 => random(5, 41, 3, 0.3, seed.into()),
        3 => ncp(5, &small),
        _ => auto_ncp(5, &AutoNcp { units: 60, n_outputs: 3, sparsity: 0.8, seed }),
    }
    .unwrap()
}

fn noise<R: Real>(n: usize, seed: u64) -> Vec<R> {
    let mut rng = SmallRng::seed_from_u64(seed);
    (0..n).map(|_| R::of(rng.random_range(-1.0..1.0))).collect()
}

/// States as bits, −0 apart from 0.
fn bits<R: Real>(values: &[R]) -> Vec<u64> {
    values.iter().map(|x| x.to_f64().to_bits()).collect()
}

fn all_ways_agree<R: Real>(mut cell: Ltc, seed: u64, is_steep: bool) {
    let (n_samples, n_steps) = (3, 4);
    let mut parameters: Vec<R> = cell.start(&mut SmallRng::seed_from_u64(seed));
    if is_steep {
        // Beyond the limits of the powers of two.
        let sigma = cell.places.synapses.sigma.clone();
        parameters[sigma].iter_mut().step_by(3).for_each(|sigma| *sigma *= R::of(1e4));
    }
    let (n_inputs, units) = (cell.wiring().n_inputs(), cell.wiring().units());
    let inputs: Vec<R> = noise(n_samples * n_steps * n_inputs, seed);
    let initial: Vec<R> = noise(n_samples * units, seed + 1);
    // One input lasts no time.
    let mut elapsed: Vec<R> = noise(n_samples * n_steps, seed + 2).into_iter().map(R::abs).collect();
    elapsed[5] = R::ZERO;
    let batch =
        Batch { n_samples, n_steps, inputs: &inputs, elapsed: &elapsed, initial: &initial, keys: None };
    let mut expected = None;
    for arch in archs() {
        cell.arch = arch;
        let mut tape = record(&cell, &parameters, &batch).unwrap();
        let gradients = tape.pull(&tape.outputs()).unwrap();
        let all = [bits(&tape.states()), bits(&tape.outputs()), bits(&gradients.parameters)];
        assert_eq!(*expected.get_or_insert_with(|| all.clone()), all, "{arch:?}");

        let [states, outputs, _] = &all;
        let mut stream = cell.stream(&parameters).unwrap();
        for sample in 0..n_samples {
            stream.start(&initial[sample * units..(sample + 1) * units]).unwrap();
            for step in sample * n_steps..(sample + 1) * n_steps {
                let inputs = &inputs[step * n_inputs..(step + 1) * n_inputs];
                let given = bits(stream.step(inputs, elapsed[step]).unwrap());
                assert_eq!(given, outputs[step * given.len()..(step + 1) * given.len()], "{arch:?}");
                assert_eq!(bits(stream.state()), states[step * units..(step + 1) * units], "{arch:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn alone_in_a_batch_and_by_any_instructions(
        kind in 0..5_usize,
        seed in 0..1000_u32,
        is_fused in any::<bool>(),
        is_steep in any::<bool>(),
    ) {
        let unfold = if is_fused { Unfold::Fused } else { Unfold::Exponential };
        let cell = Ltc::new(wiring(kind, seed), LtcConfig { unfold, ..LtcConfig::default() }).unwrap();
        all_ways_agree::<f64>(cell.clone(), seed.into(), is_steep);
        all_ways_agree::<f32>(cell, seed.into(), is_steep);
    }
}

/// The ODE's right side against its formula, synapse by synapse.
#[test]
fn what_drives_the_units_is_the_formula() {
    for kind in 0..5 {
        let cell = Ltc::new(wiring(kind, 3), LtcConfig::default()).unwrap();
        let parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(2));
        let (n_inputs, units) = (cell.wiring().n_inputs(), cell.wiring().units());
        let (inputs, state): (Vec<f64>, Vec<f64>) = (noise(n_inputs, 5), noise(units, 6));
        let mut stream = cell.stream(&parameters).unwrap();
        stream.hold(&inputs).unwrap();
        let [num, den] = stream.drive(&state);
        let block = |name: &str| &parameters[cell.layout.range(name).unwrap()];
        for unit in 0..units {
            let gleak = block("gleak")[unit];
            let mut expected = [gleak * block("vleak")[unit], gleak + 1e-8];
            let kinds =
                [("", cell.wiring().synapses(), &state), ("sensory_", cell.wiring().sensory(), &inputs)];
            for (prefix, synapses, from) in kinds {
                let of = |name: &str, k: usize| block(&format!("{prefix}{name}"))[k];
                for (k, synapse) in synapses.iter().enumerate().filter(|(_, s)| s.target as usize == unit) {
                    let z = of("sigma", k) * (from[synapse.source as usize] - of("mu", k));
                    let a = of("w", k) / (1.0 + libm::exp(-z));
                    expected = [expected[0] + a * of("erev", k), expected[1] + a];
                }
            }
            assert!((num[unit] - expected[0]).abs() < 1e-13 && (den[unit] - expected[1]).abs() < 1e-13);
        }
    }
}

#[test]
fn a_stream_names_faults() {
    let cell = Ltc::new(wiring(3, 22222), LtcConfig::default()).unwrap();
    let mut parameters: Vec<f64> = cell.start(&mut SmallRng::seed_from_u64(2));
    let error = cell.stream(&parameters[1..]).unwrap_err().to_string();
    assert!(error.contains("the list of parameters has"), "{error}");
    let mut stream = cell.stream(&parameters).unwrap();
    stream.step(&[0.0; 5], 1.0).unwrap();
    assert!(stream.step(&[0.0; 4], 1.0).unwrap_err().to_string().contains("has 4 values, and must have 5"));
    assert!(stream.step(&[0.0; 5], -1.0).unwrap_err().to_string().contains("step 1 is -1"));
    assert!(stream.start(&[0.0; 3]).is_err() && stream.hold(&[0.0; 3]).is_err());
    parameters[cell.places.vleak.start + 4] = f64::NAN;
    let mut broken = cell.stream(&parameters).unwrap();
    assert!(broken.step(&[0.0; 5], 1.0).unwrap_err().to_string().contains("is NaN after step 0"));
}
