//! The two schedulers on the benchmark networks, the generator, and the search for crossings.

use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rheobase_lif::exp::{ExpFlow, ExpState};
use rheobase_lif::{Flow, Membrane, SynapticCurrent};
use rheobase_net::{ValidNetwork, generate, validate};
use rheobase_sim::{Engine, Run, Scheduler, SimConfig};

fn liquid(spec: &generate::NetworkSpec) -> ValidNetwork {
    validate(generate::generate(spec, 1).expect("the preset is sound"))
        .expect("generators make valid networks")
}

/// 100 ms of a liquid of 10,000 neurons; the throughput is that of weights delivered.
fn schedulers(c: &mut Criterion) {
    let mut group = c.benchmark_group("100 ms of a liquid of 10,000");
    group.sample_size(10);
    for (name, spec) in [("delta", generate::lsm_delta(10_000)), ("exp", generate::lsm_exp(10_000))] {
        let network = liquid(&spec);
        for scheduler in [Scheduler::Grid, Scheduler::Event] {
            let config = SimConfig { scheduler, threads: Some(1), ..SimConfig::default() };
            let engine = Engine::new(&network, &config).expect("the liquids fit both schedulers");
            let run = Run { duration: 100.0, seed: 1, ..Run::default() };
            let once = || engine.run(&run, &mut |_| ControlFlow::Continue(())).expect("it fits");
            let counters = once().counters;
            group.throughput(Throughput::Elements(counters.synaptic_events + counters.input_events));
            group.bench_function(format!("{name}, {scheduler:?}"), |bencher| bencher.iter(once));
        }
    }
    group.finish();
}

/// 50 ms on the grid of networks in which every neuron is busy; the throughput is that of neurons updated.
fn grid(c: &mut Criterion) {
    let mut group = c.benchmark_group("50 ms on the grid");
    group.sample_size(10);
    for (name, spec) in [
        ("cuba of 4,000, modes", generate::cuba(4000)),
        ("coba of 4,000, conductances", generate::coba(4000)),
        ("brunel-delta of 2,500, background", generate::brunel_delta(2500)),
        ("lsm-stp of 10,000, short-term plasticity", generate::lsm_stp(10_000)),
    ] {
        let network = liquid(&spec);
        let config = SimConfig { scheduler: Scheduler::Grid, threads: Some(1), ..SimConfig::default() };
        let engine = Engine::new(&network, &config).expect("the networks fit the grid");
        let run = Run { duration: 50.0, seed: 1, ..Run::default() };
        let once = || engine.run(&run, &mut |_| ControlFlow::Continue(())).expect("it fits");
        group.throughput(Throughput::Elements(once().counters.neuron_updates));
        group.bench_function(name, |bencher| bencher.iter(once));
    }
    group.finish();
}

fn generator(c: &mut Criterion) {
    let spec = generate::lsm_delta(10_000);
    let mut group = c.benchmark_group("generate");
    group.sample_size(10).throughput(Throughput::Elements(liquid(&spec).n_synapses()));
    group.bench_function("a liquid of 10,000", |bencher| {
        bencher.iter(|| generate::generate(black_box(&spec), 1).expect("the preset is sound"));
    });
    group.finish();
}

/// The bound that spares the search, and the search itself.
fn crossings(c: &mut Criterion) {
    let membrane = Membrane { v_rest: 0.0, v_th: 15.0, v_reset: 0.0, ..Membrane::default() };
    let flow = ExpFlow::new(&membrane, &SynapticCurrent::Exp { tau_syn_ex: 3.0, tau_syn_in: 6.0 });
    let far = ExpState { u: 2.0, u_inf: 5.0, i_ex: 30.0, i_in: -10.0 };
    let near = ExpState { u: 12.0, u_inf: 13.0, i_ex: 900.0, i_in: -400.0 };
    for (name, state) in [("out of reach", far), ("in reach", near)] {
        c.bench_function(&format!("next crossing, {name}"), |bencher| {
            bencher.iter(|| flow.next_crossing(black_box(&state), 1000.0));
        });
    }
}

criterion_group!(benches, schedulers, grid, generator, crossings);
criterion_main!(benches);
