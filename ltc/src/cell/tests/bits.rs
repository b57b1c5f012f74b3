//! The same bits: alone and in any batch, for any number of threads and every set of vector instructions.

use pulp::Arch;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::{Case, N_INPUTS, cases, run, values_of};
use crate::Real;
use crate::cell::cfc::{Cfc, CfcConfig, FfActivation, Mode, WiredCfc};
use crate::cell::ct_gru::{CtGru, Decay};
use crate::cell::explicit::{FiringRate, FiringRateConfig, Mlp};
use crate::cell::ltc::bits::archs;
use crate::cell::{Activation, Batch, Cell, Explicit, Gru, Lstm, Plain, record};
use crate::tableau::{HEUN, RK4};
use crate::wiring::{AutoNcp, auto_ncp};

#[test]
fn a_sample_has_the_same_bits_alone_and_in_any_order() {
    let n_samples = 21;
    for Case { name, cell, parameters, .. } in cases() {
        let values = values_of(&*cell, n_samples, 4, 11);
        let states = run(&*cell, &parameters, n_samples, &values).states();
        let row = |of: &[f64], sample: usize| {
            let n = of.len() / n_samples;
            of[sample * n..(sample + 1) * n].to_vec()
        };
        let reversed = values.clone().map(|of| (0..n_samples).rev().flat_map(|k| row(&of, k)).collect());
        let of_reversed = run(&*cell, &parameters, n_samples, &reversed).states();
        for sample in 0..n_samples {
            let alone = values.clone().map(|of| row(&of, sample));
            let alone = run(&*cell, &parameters, 1, &alone).states();
            assert_eq!(alone, row(&states, sample), "{name}, sample {sample}");
            assert_eq!(alone, row(&of_reversed, n_samples - 1 - sample), "{name}, sample {sample}");
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let n_samples = 70;
    for Case { name, cell, parameters, .. } in cases() {
        let values = values_of(&*cell, n_samples, 4, 13);
        let run_on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut tape = run(&*cell, &parameters, n_samples, &values);
                let by_outputs = tape.outputs();
                (tape.states(), tape.pull(&by_outputs).unwrap())
            })
        };
        let one = run_on(1);
        assert_eq!(one, run_on(2), "{name}");
        assert_eq!(one, run_on(8), "{name}");
    }
}

/// Runs a cell with every set of instructions that this machine has.
fn instructions_change_no_bit<R: Real, C: Cell<R>>(
    mut cell: C,
    parameters: &[R],
    name: &str,
    arch_of: impl Fn(&mut C) -> &mut Arch,
) {
    let (n_samples, n_steps) = (5, 3);
    let mut rng = SmallRng::seed_from_u64(29);
    let mut noise = |n: usize| (0..n).map(|_| R::of(rng.random_range(-1.0..1.0))).collect::<Vec<R>>();
    let inputs = noise(n_samples * n_steps * cell.n_inputs());
    let elapsed: Vec<R> = noise(n_samples * n_steps).into_iter().map(R::abs).collect();
    let initial = noise(n_samples * cell.n_state());
    let keys: Vec<u64> = (0..n_samples as u64).collect();
    let batch = Batch {
        n_samples,
        n_steps,
        inputs: &inputs,
        elapsed: &elapsed,
        initial: &initial,
        keys: Some(&keys),
    };
    let mut expected = None;
    for arch in archs() {
        *arch_of(&mut cell) = arch;
        let mut tape = record(&cell, parameters, &batch).unwrap();
        let by_outputs = tape.outputs();
        let all = (tape.states(), tape.pull(&by_outputs).unwrap());
        assert_eq!(*expected.get_or_insert_with(|| all.clone()), all, "{name} with {arch:?}");
    }
}

fn all_instructions<R: Real>() {
    let mut rng = SmallRng::seed_from_u64(30);
    for (mode, activation, ff_activation) in [
        (Mode::Default, Activation::LecunTanh, FfActivation::Tanh),
        (Mode::NoGate, Activation::Silu, FfActivation::LecunTanh),
        (Mode::Pure, Activation::Gelu, FfActivation::Tanh),
    ] {
        let (backbone_layers, backbone_units, dropout) = (2, 19, 0.3);
        let config = CfcConfig { mode, backbone_layers, backbone_units, activation, dropout, ff_activation };
        let cell = Cfc::new(N_INPUTS, 11, config).unwrap();
        let parameters: Vec<R> = cell.start(&mut rng);
        instructions_change_no_bit(cell, &parameters, "cfc", |cell| &mut cell.arch);
    }
    let auto = AutoNcp { units: 23, n_outputs: 2, sparsity: 0.6, seed: 3 };
    let cell = WiredCfc::new(auto_ncp(N_INPUTS as u32, &auto).unwrap(), Mode::Default).unwrap();
    let parameters: Vec<R> = cell.start(&mut rng);
    instructions_change_no_bit(cell, &parameters, "wired cfc", |cell| &mut cell.arch);
    let cell = Lstm::new(N_INPUTS, 11, 1.0).unwrap();
    let parameters: Vec<R> = cell.start(&mut rng);
    instructions_change_no_bit(cell, &parameters, "lstm", |cell| &mut cell.arch);
    let cell = Gru::new(N_INPUTS, 11).unwrap();
    let parameters: Vec<R> = cell.start(&mut rng);
    instructions_change_no_bit(cell, &parameters, "gru", |cell| &mut cell.arch);
    let cell = Plain::new(N_INPUTS, 11, Activation::Relu).unwrap();
    let parameters: Vec<R> = cell.start(&mut rng);
    instructions_change_no_bit(cell, &parameters, "plain", |cell| &mut cell.arch);
    let cell = CtGru::new(N_INPUTS, 5, 8, Decay::Corrected).unwrap();
    let parameters: Vec<R> = cell.start(&mut rng);
    instructions_change_no_bit(cell, &parameters, "ct-gru", |cell| &mut cell.arch);
    let field = FiringRate::new(N_INPUTS, 11, FiringRateConfig::liquid(0.5, 2.0)).unwrap();
    let parameters: Vec<R> = field.start(&mut rng);
    let cell = Explicit::new(field, &RK4, 3, None).unwrap();
    instructions_change_no_bit(cell, &parameters, "firing rate", |cell| &mut cell.arch);
    let field = Mlp::new(N_INPUTS, 11, 17, Activation::Tanh).unwrap();
    let parameters: Vec<R> = field.start(&mut rng);
    let cell = Explicit::new(field, &HEUN, 3, Some(0.9)).unwrap();
    instructions_change_no_bit(cell, &parameters, "mlp", |cell| &mut cell.arch);
}

#[test]
fn instructions_change_no_bit_of_doubles_and_singles() {
    all_instructions::<f64>();
    all_instructions::<f32>();
}
