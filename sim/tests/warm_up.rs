//! A warm-up changes nothing of what follows: the recording is the end of the recording of the whole run.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use std::ops::ControlFlow;

use rheobase_net::{NodeId, Recording, ValidNetwork, generate};
use rheobase_sim::{Record, Run, Scheduler, SimConfig, TraceRequest, simulate};
use support::*;

const DURATION: f64 = 400.0;

fn after(network: &ValidNetwork, config: &SimConfig, warm_up: f64) -> Recording {
    let run = Run { duration: DURATION, seed: 5, warm_up, ..Run::default() };
    simulate(network, config, &run, &mut |_| ControlFlow::Continue(())).unwrap()
}

#[test]
fn a_warm_up_is_cut_off_and_changes_no_bit() {
    for (spec, scheduler) in [
        (generate::lsm_exp(1000), Scheduler::Grid),
        (generate::lsm_exp(1000), Scheduler::Event),
        (generate::brunel_delta(200), Scheduler::Grid),
    ] {
        let network = liquid(&spec, 3);
        let traces = Some(TraceRequest { nodes: vec![NodeId(0), NodeId(7)], interval: 2.5 });
        let config = SimConfig { record: Record { traces, ..everything() }, ..config(scheduler, 0.1) };
        let whole = after(&network, &config, 0.0);
        let half = after(&network, &config, 150.0);
        assert_eq!((half.t_start, half.t_stop), (150.0, whole.t_stop));
        let first = whole.spikes.times().partition_point(|t| *t <= 150.0 + 1e-9);
        assert!(
            first > 100 && whole.spikes.len() > first + 100,
            "{} spikes show nothing",
            whole.spikes.len()
        );
        assert_eq!(half.spikes.times(), &whole.spikes.times()[first..]);
        assert_eq!(half.spikes.nodes(), &whole.spikes.nodes()[first..]);
        let (rates, all) = (half.rates.unwrap(), whole.rates.unwrap());
        assert_eq!((rates.t_first, rates.hz.nrows()), (150.0, 25));
        assert_eq!(rates.hz, all.hz.slice(ndarray::s![15.., ..]));
        let (traces, all) = (half.traces.unwrap(), whole.traces.unwrap());
        assert_eq!((traces.t_first, traces.v.nrows()), (152.5, 100));
        assert_eq!(traces.v, all.v.slice(ndarray::s![60.., ..]));
        // Work is counted from the end of a window on: 256 steps at most.
        let sources = network.n_nodes() - network.n_neurons();
        let fired = half.spikes.iter().filter(|(_, node)| *node < network.n_nodes() - sources).count();
        assert_eq!(half.counters.spikes, fired as u64);
        let share = half.counters.synaptic_events as f64 / whole.counters.synaptic_events as f64;
        assert!((0.5..0.75).contains(&share), "{share} of the events in 5/8 of the run");
        if scheduler == Scheduler::Grid {
            let steps = half.counters.neuron_updates / u64::from(network.n_neurons());
            assert!((2244..=2500).contains(&steps), "{steps} steps");
        }
    }
}

#[test]
fn a_warm_up_is_shorter_than_the_run() {
    let network = liquid(&generate::lsm_delta(135), 1);
    for warm_up in [-1.0, 400.0, f64::NAN, f64::INFINITY] {
        let run = Run { duration: DURATION, warm_up, ..Run::default() };
        let config = config(Scheduler::Grid, 0.1);
        let fault = simulate(&network, &config, &run, &mut |_| ControlFlow::Continue(())).unwrap_err();
        assert!(fault.to_string().contains("the warm-up is"), "{fault}");
    }
}
