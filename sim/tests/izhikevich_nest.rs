//! Networks of Izhikevich's neurons against NEST 3.10, which `izhikevich_nest.py` ran: five kinds of neurons,
//! excitatory and inhibitory synapses of many delays, input from outside.
//!
//! By Euler's method the grid does what NEST does, but for the order in which simultaneous weights are added:
//! all spikes fall in the same steps, and potentials differ by what rounding grows to. Above −62.5 mV an
//! error grows, by `exp ∫(0.08 v + 5) dt`, until the next spike resets it: a neuron that lingers just below
//! its spike may have made 10⁹ times of it.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use rheobase_net::{IzhikevichMethod, IzhikevichPopulation, Model, Param, SpikeSource, SpikeTrain};
use rheobase_sim::{Record, Scheduler, SimConfig};
use serde::Deserialize;
use support::*;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    dt: f64,
    steps: u32,
    /// a, b, c, d.
    kinds: Vec<[f64; 4]>,
    i_bias: Vec<f64>,
    v_init: Vec<f64>,
    /// Source, target, weight, delay in steps.
    synapses: Vec<(u32, u32, f64, u32)>,
    n_inputs: u32,
    input_synapses: Vec<(u32, u32, f64, u32)>,
    /// Step, input.
    input_spikes: Vec<(u32, u32)>,
    /// Step, neuron.
    spikes: Vec<(u32, u32)>,
    /// At the end.
    v: Vec<f64>,
}

#[test]
fn networks_fire_in_the_steps_of_nest() {
    let golden: Golden = serde_json::from_str(include_str!("data/izhikevich_nest.json")).unwrap();
    for case in golden.cases {
        let Case { dt, steps, kinds, .. } = &case;
        let n = kinds.len() as u32;
        let parameter = |k: usize| Param::PerNode(kinds.iter().map(|kind| kind[k]).collect());
        let u_init = kinds.iter().zip(&case.v_init).map(|(kind, v)| kind[1] * v).collect();
        let neurons = IzhikevichPopulation {
            a: parameter(0),
            b: parameter(1),
            c: parameter(2),
            d: parameter(3),
            i_bias: Param::PerNode(case.i_bias.clone()),
            v_init: Param::PerNode(case.v_init.clone()),
            u_init: Param::PerNode(u_init),
            method: IzhikevichMethod::Euler,
            ..IzhikevichPopulation::default()
        };
        let (times, nodes) = case.input_spikes.iter().map(|(step, k)| (f64::from(*step) * dt, *k)).unzip();
        let input = SpikeTrain::from_unsorted(case.n_inputs, times, nodes).unwrap();
        let in_ms = |synapses: &[(u32, u32, f64, u32)]| -> Vec<_> {
            synapses.iter().map(|(i, j, w, delay)| (*i, *j, *w, f64::from(*delay) * dt)).collect()
        };
        let network = network(
            vec![
                population("them", n, Model::Izhikevich(neurons)),
                population("in", case.n_inputs, Model::SpikeSource(SpikeSource::Train(input))),
            ],
            vec![
                projection("recurrent", (0, n), 0, &in_ms(&case.synapses)),
                projection("in", (1, case.n_inputs), 0, &in_ms(&case.input_synapses)),
            ],
        );
        for threads in [1, 2] {
            let record = Record { final_v: true, ..Record::default() };
            let config = SimConfig { record, threads: Some(threads), ..config(Scheduler::Grid, *dt) };
            let recording = run(&network, &config, f64::from(*steps) * dt, 0);
            let spikes = recording.spikes.iter().map(|(t, node)| ((t / dt).round() as u32, node));
            assert!(spikes.eq(case.spikes.iter().copied()), "dt {dt}: other spikes than NEST's");
            let v = recording.final_v.unwrap();
            let apart = v.iter().zip(&case.v).map(|(ours, nest)| (ours - nest).abs());
            let mut apart: Vec<f64> = apart.collect();
            apart.sort_unstable_by(f64::total_cmp);
            println!("dt {dt}: {} spikes, potentials apart {apart:?} mV", case.spikes.len());
            let (middle, most) = (apart[apart.len() / 2], apart[apart.len() - 1]);
            assert!(middle < 1e-12 && most < 1e-3, "dt {dt}: potentials are {apart:?} mV apart");
        }
    }
}
