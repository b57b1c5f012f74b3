//! A run that is taken up from a snapshot is the run that was never stopped: the same bits, for every model
//! and source, in both schedulers, at any time, with any number of threads.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::ops::ControlFlow;

use rheobase_net::{
    CurrentSource, IzhikevichMethod, IzhikevichPopulation, LifPopulation, Model, Network, NodeId, Plasticity,
    Population, PopulationId, Projection, Receptor, Recording, SpikeSource, StdpPair, StdpTriplet,
    SynapseKind, Tsodyks, ValidNetwork, Waveform, generate, validate,
};
use rheobase_sim::checkpoint::{self, Expected, Header};
use rheobase_sim::{Engine, Memory, Record, Run, Scheduler, SimConfig, Snapshot, TraceRequest};
use support::*;

const DURATION: f64 = 120.0;

fn config_on(threads: usize, scheduler: Scheduler, n_nodes: u32) -> SimConfig {
    let nodes = (0..n_nodes).rev().step_by(7).map(NodeId).collect();
    let traces = Some(TraceRequest { nodes, interval: 0.7 });
    let record = Record { traces, rates_bin: Some(7.3), final_weights: true, ..everything() };
    SimConfig { threads: Some(threads), record, ..config(scheduler, 0.1) }
}

/// Everything of a recording in a form in which no bit is overlooked.
fn bits(recording: &Recording) -> (Vec<u64>, Vec<u32>, Vec<u64>, String) {
    let Recording { spikes, traces, rates, final_v, weights, .. } = recording;
    let times = spikes.times().iter().map(|t| t.to_bits()).collect();
    let values = traces.iter().flat_map(|traces| &traces.v).chain(rates.iter().flat_map(|rates| &rates.hz));
    let weights = weights.iter().flatten().flat_map(|projection| &projection.weights);
    let values = values.chain(final_v.iter().flatten()).chain(weights).map(|v| v.to_bits()).collect();
    let rest = format!("{:?} {:?} {:?}", recording.t_stop, recording.counters, recording.provenance);
    (times, spikes.nodes().to_vec(), values, rest)
}

/// What goes through a file, as a checkpoint does.
fn kept(snapshot: &Snapshot) -> Snapshot {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.checkpoint");
    let network = rheobase_net::Fingerprint::of(&liquid(&generate::lsm_delta(10), 1));
    let (program, configuration) = (String::new(), String::new());
    let header = Header { program, network, seed: 0, t_done: 0.0, configuration };
    checkpoint::write(&path, &header, snapshot).unwrap();
    let expected = Expected { network, seed: 0, configuration: "" };
    checkpoint::read(&path, &expected).unwrap().1
}

/// Runs on other numbers of threads from each stop to the next.
fn in_pieces(
    network: &ValidNetwork,
    scheduler: Scheduler,
    warm_up: f64,
    stops: &[f64],
    threads: &[usize],
) -> Recording {
    let run = Run { duration: DURATION, seed: 5, warm_up, ..Run::default() };
    let mut memory = Memory::default();
    let mut snapshot: Option<Snapshot> = None;
    let mut threads = threads.iter().cycle();
    let go_on = &mut |_: f64| ControlFlow::Continue(());
    for stop in stops {
        let config = config_on(*threads.next().unwrap(), scheduler, liquid_nodes(network));
        let engine = Engine::new(network, &config).unwrap();
        let mut simulation = match snapshot.take() {
            None => engine.begin(&run).unwrap(),
            Some(snapshot) => engine.resume(&run, snapshot).unwrap(),
        };
        let head = simulation.head();
        simulation.advance(*stop, &mut memory, go_on).unwrap();
        if simulation.is_finished() {
            let Ok(end) = simulation.finish(&mut memory);
            return memory.recording(head, end);
        }
        snapshot = Some(kept(&simulation.snapshot()));
    }
    panic!("the last stop is not the end");
}

/// Neurons come first in the networks here.
fn liquid_nodes(network: &ValidNetwork) -> u32 {
    network.n_neurons()
}

fn check(name: &str, network: &ValidNetwork, schedulers: &[Scheduler]) {
    for scheduler in schedulers {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(8).build().unwrap();
        pool.install(|| {
            let whole = in_pieces(network, *scheduler, 0.0, &[f64::INFINITY], &[1]);
            let n = whole.counters.spikes;
            assert!(n > 20, "{name}, {scheduler:?}: {n} spikes show nothing");
            let cut = in_pieces(network, *scheduler, 42.0, &[f64::INFINITY], &[1]);
            for (warm_up, stops, threads) in [
                (0.0, &[0.0, f64::INFINITY][..], &[1, 2][..]),
                (0.0, &[0.05, 33.3, DURATION / 2.0, f64::INFINITY], &[8, 1, 2, 8]),
                (0.0, &[1.0, 2.0, 3.1, 50.0, 50.1, 119.95, f64::INFINITY], &[2, 8, 1]),
                (42.0, &[20.0, 41.9, 55.5, f64::INFINITY], &[2, 1]),
            ] {
                let pieces = in_pieces(network, *scheduler, warm_up, stops, threads);
                let expected = if warm_up == 0.0 { &whole } else { &cut };
                assert!(bits(&pieces) == bits(expected), "{name}, {scheduler:?}, {stops:?}, {threads:?}");
            }
        });
    }
}

const BOTH: [Scheduler; 2] = [Scheduler::Grid, Scheduler::Event];

/// A network with everything: recurrence with delays on and off the grid, short-term plasticity, Poisson
/// sources of all kinds, a list, steps of current through a delay.
fn with_everything(neuron: impl Fn(u32) -> Model, weight: f64) -> ValidNetwork {
    let n = 24;
    let mut populations: Vec<Population> = Vec::new();
    let rate = |rate_hz: f64| Model::SpikeSource(SpikeSource::Poisson { rate_hz: rate_hz.into() });
    populations.push(population("exc", n, neuron(0)));
    populations.push(population("inh", n / 2, neuron(1)));
    populations.push(population("slow", n, rate(200.0)));
    populations.push(population("background", n, rate(2500.0)));
    let spikes: Vec<(f64, u32)> =
        (0..240).map(|k| (0.05 + 0.5 * f64::from(k), k % 3)).chain([(50.0, 1), (50.0, 1)]).collect();
    populations.push(population("list", 3, train(3, &spikes)));
    let steps = Waveform::new(2, vec![0.0, 20.0, 49.9, 90.0], vec![0., 3., 8., 1., 2., 9., 4., 4.]).unwrap();
    populations.push(population("steps", 2, Model::CurrentSource(CurrentSource::Steps(steps))));
    let noise = CurrentSource::Noise { mean: 0.5.into(), sd: 4.0.into(), interval: 0.5 };
    populations.push(population("noise", n / 2, Model::CurrentSource(noise)));
    let rates = Waveform::new(1, vec![5.0, 40.0, 70.0], vec![300.0, 20.0, 0.0]).unwrap();
    populations.push(population("fading", n, Model::SpikeSource(SpikeSource::PoissonSteps { rates })));

    let synapses = |from: u32, to: u32, every: u32, sign: f64, delays: &[f64]| -> Vec<(u32, u32, f64, f64)> {
        let all = (0..from).flat_map(|a| (0..to).map(move |b| (a, b)));
        let chosen = all.filter(|(a, b)| (a * 7 + b * 3) % every == 0);
        chosen
            .enumerate()
            .map(|(k, (a, b))| (a, b, sign * weight * (1.0 + 0.1 * (k % 5) as f64), delays[k % delays.len()]))
            .collect()
    };
    let connect = |name: &str, from: (u32, u32), to: (u32, u32), every, sign, delays: &[f64]| {
        projection(name, from, to.0, &synapses(from.1, to.1, every, sign, delays))
    };
    let tsodyks =
        Some(Plasticity::Tsodyks(Tsodyks { u: 0.5, tau_rec: 80.0, tau_fac: 30.0, ..Tsodyks::default() }));
    let (exc, inh) = ((0, n), (1, n / 2));
    let plain = vec![
        connect("exc to exc", exc, exc, 5, 0.4, &[1.5, 0.4, 12.3]),
        connect("slow to exc", (2, n), exc, 9, 1.0, &[0.3, 25.0]),
        connect("list to exc", (4, 3), exc, 2, 1.2, &[1.0, 0.1]),
        Projection { receptor: Receptor::Inhibitory, ..connect("inh to exc", inh, exc, 3, 0.4, &[0.8]) },
        connect("steps to inh", (5, 2), inh, 2, 0.5, &[2.5]),
        connect("noise to inh", (6, n / 2), inh, 7, 0.5, &[0.4]),
        connect("fading to exc", (7, n), exc, 9, 1.0, &[0.7]),
    ];
    let plastic = vec![
        connect("exc to inh", exc, inh, 4, 0.6, &[2.0, 7.7]),
        connect("list to inh", (4, 3), inh, 2, 1.0, &[3.0]),
    ];
    let plastic = plastic.into_iter().map(|p| Projection { plasticity: tsodyks, ..p });
    let w_max = 2.0 * weight;
    let learning = vec![
        Projection {
            plasticity: Some(Plasticity::StdpPair(StdpPair { lambda: 0.05, w_max, ..StdpPair::default() })),
            ..connect("slow to inh", (2, n), inh, 5, 0.5, &[1.1, 20.0])
        },
        Projection {
            plasticity: Some(Plasticity::StdpTriplet(StdpTriplet { w_max, ..StdpTriplet::default() })),
            ..connect("exc to exc, learning", exc, exc, 7, 0.4, &[0.9, 3.3])
        },
    ];
    let mut background = generate_one_to_one(n, 0.2 * weight);
    background.source = PopulationId(3);
    let projections = plain.into_iter().chain(plastic).chain(learning).chain([background]).collect();
    validate(Network { populations, projections, ..Network::default() }).unwrap()
}

/// Neuron `i` of the source to neuron `i` of population 0, all with one weight and delay, so that the grid
/// draws the spikes at their targets.
fn generate_one_to_one(n: u32, weight: f64) -> Projection {
    let mut one =
        projection("background to exc", (3, n), 0, &(0..n).map(|i| (i, i, 1.0, 1.0)).collect::<Vec<_>>());
    one.synapses.weight = rheobase_net::Weights::Shared(weight);
    one.synapses.delay = rheobase_net::Delays::Shared(1.2);
    one
}

/// Both populations alike, but for the bias, which differs from neuron to neuron in the second.
fn lif(synapse: SynapseKind, change: impl Fn(&mut LifPopulation)) -> impl Fn(u32) -> Model {
    move |population| {
        let mut lif = neuron(synapse);
        if population == 1 {
            let bias = (0..12).map(|i| 6.0 + 0.3 * f64::from(i)).collect();
            lif.i_bias = rheobase_net::Param::PerNode(bias);
        }
        change(&mut lif);
        Model::Lif(lif)
    }
}

#[test]
fn jumps() {
    check("delta", &with_everything(lif(SynapseKind::Delta, |_| {}), 2.0), &BOTH);
}

#[test]
fn exponential_currents() {
    check("exp", &with_everything(lif(SynapseKind::Exp, |_| {}), 8.0), &BOTH);
    let one_time_constant = |lif: &mut LifPopulation| lif.tau_syn_in = lif.tau_syn_ex.clone();
    check("exp, one port", &with_everything(lif(SynapseKind::Exp, one_time_constant), 8.0), &BOTH);
    let charged = |lif: &mut LifPopulation| lif.syn_ex_init = 20.0.into();
    check("exp, charged", &with_everything(lif(SynapseKind::Exp, charged), 8.0), &BOTH);
}

#[test]
fn alpha_currents() {
    check("alpha", &with_everything(lif(SynapseKind::Alpha, |_| {}), 8.0), &BOTH);
}

#[test]
fn conductances() {
    let reversal = |lif: &mut LifPopulation| (lif.e_ex, lif.e_in) = (60.0.into(), (-20.0).into());
    check("cond", &with_everything(lif(SynapseKind::Conductance, reversal), 0.2), &BOTH);
}

#[test]
fn thresholds_that_move() {
    let moves = |lif: &mut LifPopulation| {
        (lif.theta_jump, lif.tau_theta) = (1.5.into(), 30.0.into());
    };
    check("adaptive delta", &with_everything(lif(SynapseKind::Delta, moves), 2.0), &BOTH);
    check("adaptive exp", &with_everything(lif(SynapseKind::Exp, moves), 8.0), &BOTH);
    check("adaptive alpha", &with_everything(lif(SynapseKind::Alpha, moves), 8.0), &BOTH);
}

#[test]
fn izhikevich() {
    for method in [IzhikevichMethod::Euler, IzhikevichMethod::RungeKutta4] {
        let model =
            |_| Model::Izhikevich(IzhikevichPopulation { i_bias: 6.0.into(), method, ..Default::default() });
        check("izhikevich", &with_everything(model, 4.0), &BOTH);
    }
}

/// Modes in place of propagators: arrivals are rare and no current is injected.
#[test]
fn liquids() {
    check("lsm-delta", &liquid(&generate::lsm_delta(300), 3), &BOTH);
    check("lsm-exp", &liquid(&generate::lsm_exp(300), 3), &BOTH);
    check("lsm-stp", &liquid(&generate::lsm_stp(300), 3), &BOTH);
}
