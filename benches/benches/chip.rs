//! The chip emulator on one thread: weights delivered, and steps of small and of delayed networks.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rheobase_loihi_export::emulate::{Chip, Profile};
use rheobase_loihi_export::netlist::{
    Block, Core, Group, InputAxons, Lif, Link, Model, Netlist, Origin, OutputAxons, Population, Sign,
    ValidNetlist, split, validate,
};
use rheobase_net::random::split_mix;

/// A recurrent network on one core, kept going by its bias: every neuron has `n_out` synapses with delays from 0 to
/// `most_delay`, half of them inhibitory.
fn network(n: u32, n_out: u32, most_delay: u64, period: i32) -> ValidNetlist {
    let all = |value| vec![value; n as usize];
    // A potential without leak reaches the threshold about once a period, each neuron in its own.
    let vth = 1000;
    let bias = (0..n).map(|i| vth * 64 / period + (split_mix(1, u64::from(i)) % 200) as i32 - 100);
    let lif = Lif {
        du: all(2000),
        dv: all(0),
        vth: all(vth),
        bias_mant: bias.collect(),
        bias_exp: all(0),
        refractory: all(1),
        u: all(0),
        v: (0..n).map(|i| (split_mix(2, u64::from(i)) % (vth as u64 * 64)) as i32).collect(),
        v_min: 1 - (1 << 23),
        v_max: (1 << 23) - 1,
    };
    let mut block = Block {
        projection: "recurrent".to_owned(),
        group: 0,
        port: 0,
        link: Link::Weights { weight_exp: 0, weight_bits: 8, sign: Sign::Mixed, message_bits: 0 },
        axon: (0..n).collect(),
        first: (0..=n).map(|row| row * n_out).collect(),
        target: Vec::new(),
        weight: Vec::new(),
        delay: Vec::new(),
    };
    for source in 0..n {
        let mut row: Vec<(u8, u32)> = (0..n_out)
            .map(|k| {
                let word = split_mix(3, u64::from(source) << 32 | u64::from(k));
                let target = if n_out == n { k } else { (word % u64::from(n)) as u32 };
                ((word >> 32) as u8 % (most_delay as u8 + 1), target)
            })
            .collect();
        row.sort_unstable();
        block.weight.extend(row.iter().map(|(_, target)| if (target + source) % 2 == 0 { 8 } else { -8 }));
        block.delay.extend(row.iter().map(|(delay, _)| *delay));
        block.target.extend(row.iter().map(|(_, target)| *target));
    }
    let netlist = Netlist {
        origin: Origin { dt: 1.0, ..Origin::default() },
        chip: None,
        populations: vec![Population { name: "liquid".to_owned(), size: n, source: None }],
        cores: vec![Core {
            core: 0,
            groups: vec![Group { population: 0, neurons: (0..n).collect(), model: Model::Lif(lif) }],
            input_axons: InputAxons { population: vec![0; n as usize], node: (0..n).collect() },
            blocks: vec![block],
            output_axons: OutputAxons {
                first: (0..=n).collect(),
                core: vec![0; n as usize],
                axon: (0..n).collect(),
            },
        }],
    };
    validate(netlist).expect("it has no faults")
}

/// Steps; the throughput is that of weights delivered.
fn steps(c: &mut Criterion) {
    const STEPS: u32 = 1000;
    let mut group = c.benchmark_group("1,000 steps of a chip");
    let delayed = network(1000, 100, 31, 80);
    let on_16 = split(&delayed, |_, neuron| neuron % 16);
    for (name, netlist) in [
        ("100 neurons, dense", network(100, 100, 0, 50)),
        ("1,000 neurons, dense", network(1000, 1000, 0, 50)),
        ("10,000 neurons, 1,000 synapses each", network(10_000, 1000, 0, 50)),
        ("1,000 neurons, delays", delayed),
        ("the same on 16 cores", validate(on_16).expect("splitting makes no faults")),
    ] {
        let mut chip = Chip::new(&netlist, Profile::Lava010, 1).expect("Lava has all of it");
        (0..2 * STEPS).for_each(|_| chip.step(&[]));
        let before = chip.work().synaptic_events;
        (0..STEPS).for_each(|_| chip.step(&[]));
        group.throughput(Throughput::Elements(chip.work().synaptic_events - before)).sample_size(10);
        group.bench_function(name, |bencher| bencher.iter(|| (0..STEPS).for_each(|_| chip.step(&[]))));
    }
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
