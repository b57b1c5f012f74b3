//! Criterion benches of liquid time-constant cells: `cargo bench -p rheobase-benches --bench cells`.
//!
//! Single precision, 8 inputs, 6 unfolds: a step of sixteen sequences side by side, and the way forward and
//! back of a training step. The throughput is that of synapses evaluated. Beside other libraries they are
//! timed by `benches/peers/ltc_cells.py`.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};
use rheobase_ltc::cell::ltc::{Ltc, LtcConfig};
use rheobase_ltc::cell::{Batch, Cell, LANES, Lanes, Step, record};
use rheobase_ltc::wiring::{Ncp, Wiring, fully_connected, ncp};

const N_INPUTS: u32 = 8;

fn ncp19() -> Wiring {
    let ncp19 = Ncp {
        inter: 12,
        command: 6,
        motor: 1,
        sensory_fanout: 4,
        inter_fanout: 4,
        recurrent_command_synapses: 4,
        motor_fanin: 6,
        seed: 22222,
    };
    ncp(N_INPUTS, &ncp19).expect("an NCP of this size can be drawn")
}

fn dense(n_inputs: u32, units: u32) -> Wiring {
    fully_connected(n_inputs, units, units, true, 1111).expect("any size is possible")
}

fn wirings() -> [(&'static str, Wiring); 4] {
    [("ncp19", ncp19()), ("64", dense(8, 64)), ("256", dense(8, 256)), ("1024", dense(8, 1024))]
}

/// Synapses that a step evaluates.
fn n_evaluated(wiring: &Wiring) -> u64 {
    (6 * wiring.synapses().len() + wiring.sensory().len()) as u64
}

fn noise(n: usize) -> Vec<f32> {
    let mut rng = SmallRng::seed_from_u64(n as u64);
    (0..n).map(|_| rng.random_range(-1.0..1.0)).collect()
}

fn cell(wiring: Wiring) -> (Ltc, Vec<f32>) {
    let cell = Ltc::new(wiring, LtcConfig::default()).expect("the defaults are sound");
    let parameters = cell.start(&mut SmallRng::seed_from_u64(1));
    (cell, parameters)
}

fn sixteen(c: &mut Criterion) {
    let mut group = c.benchmark_group("a step of sixteen");
    group.sample_size(10);
    for (name, wiring) in wirings() {
        group.throughput(Throughput::Elements(LANES as u64 * n_evaluated(&wiring)));
        let (cell, parameters) = cell(wiring);
        let effective = cell.effective(&parameters);
        let cell: &dyn Cell<f32> = &cell;
        let zeros = |n: usize| vec![[0.0_f32; LANES]; n];
        let inputs: Vec<Lanes<f32>> = zeros(cell.n_inputs()).iter().map(|lanes| lanes.map(|_| 0.3)).collect();
        let (before, mut after) = (zeros(cell.n_state()), zeros(cell.n_state()));
        let (mut outputs, mut kept) = (zeros(cell.n_outputs()), zeros(cell.n_kept()));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let step = Step {
                    inputs: &inputs,
                    elapsed: &[1.0; LANES],
                    masks: None,
                    before: &before,
                    after: &mut after,
                    outputs: &mut outputs,
                    kept: &mut kept,
                };
                cell.step(&effective, step);
            });
        });
    }
    group.finish();
}

fn training(c: &mut Criterion) {
    let (n_samples, n_steps) = (16, 32);
    let mut group = c.benchmark_group("32 steps of 16 sequences, 32 units, 32 inputs");
    group.sample_size(20);
    let wiring = dense(32, 32);
    group.throughput(Throughput::Elements(n_samples as u64 * n_steps as u64 * n_evaluated(&wiring)));
    let (cell, parameters) = cell(wiring);
    let inputs = noise(n_samples * n_steps * 32);
    let (elapsed, initial) = (vec![1.0; n_samples * n_steps], vec![0.0; n_samples * 32]);
    let batch =
        Batch { n_samples, n_steps, inputs: &inputs, elapsed: &elapsed, initial: &initial, keys: None };
    group.bench_function("forward", |bencher| {
        bencher.iter(|| record(&cell, &parameters, &batch).expect("it is finite").outputs());
    });
    group.bench_function("forward and back", |bencher| {
        bencher.iter(|| {
            let mut tape = record(&cell, &parameters, &batch).expect("it is finite");
            let by_outputs = tape.outputs();
            tape.pull(&by_outputs).expect("the sizes fit")
        });
    });
    group.finish();
}

criterion_group!(benches, sixteen, training);
criterion_main!(benches);
