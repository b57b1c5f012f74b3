//! Grid against event on the same networks.
//!
//! Where every spike falls on the grid by construction (delta synapses, no crossing without an arrival,
//! inputs and delays that are whole steps, and a step that is a power of two, so that no time is
//! rounded), the two are the same model and the spikes are identical.
//!
//! Elsewhere they differ, and a sub-critical liquid bounds by how much: the grid moves an input spike to
//! the end of its step, so by less than dt; a neuron then fires up to dt later, plus another dt for every
//! synapse on the way to it. Jumps that would have met at the threshold in another order make single
//! spikes come or go. So spikes are paired within a few steps, and unpaired ones are rare.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod support;

use rheobase_net::{
    IzhikevichPopulation, LifPopulation, Model, Network, Population, PopulationId, Recording, SpikeSource,
    SpikeTrain, SynapseKind, ValidNetwork, generate,
    random::{Purpose, Stream},
    validate,
};
use rheobase_sim::{Inputs, Run, Scheduler, simulate};
use support::*;

/// The liquid with its Poisson sources replaced by trains on a grid of `dt`, and delays by whole steps.
fn on_grid(spec: &generate::NetworkSpec, dt: f64, duration: f64) -> ValidNetwork {
    let mut network: Network = generate::generate(spec, 1).unwrap();
    for (part, population) in network.populations.iter_mut().enumerate() {
        let Population { size, model, .. } = population;
        if let Model::SpikeSource(_) = model {
            let (mut times, mut nodes) = (Vec::new(), Vec::new());
            for node in 0..*size {
                let mut stream = Stream::new(11, Purpose::Poisson, part as u32, u64::from(node));
                let mut t = 200.0 * stream.exponential();
                while t < duration {
                    times.push((t / dt).ceil() * dt);
                    nodes.push(node);
                    t += 200.0 * stream.exponential();
                }
            }
            let train = SpikeTrain::from_unsorted(*size, times, nodes).unwrap();
            *model = Model::SpikeSource(SpikeSource::Train(train));
        }
    }
    for projection in &mut network.projections {
        let steps = (projection.synapses.delay.get(0) / dt).round().max(1.0);
        projection.synapses.delay = rheobase_net::Delays::Shared(steps * dt);
    }
    validate(network).unwrap()
}

#[test]
fn on_a_network_that_lives_on_the_grid_they_are_identical() {
    let (dt, duration) = (0.125, 2000.0);
    let network = on_grid(&generate::lsm_delta(1000), dt, duration);
    let grid = run(&network, &config(Scheduler::Grid, dt), duration, 0);
    let event = run(&network, &config(Scheduler::Event, dt), duration, 0);
    assert!(grid.spikes.len() > 500, "{} spikes show nothing", grid.spikes.len());
    assert_eq!(grid.spikes, event.spikes);
    assert_eq!(grid.counters.synaptic_events, event.counters.synaptic_events);
    assert_eq!(grid.counters.input_events, event.counters.input_events);
}

/// How many spikes of `a` have no spike of `b` of the same neuron within `tolerance` ms.
fn unpaired(a: &Recording, b: &Recording, tolerance: f64) -> usize {
    let mut of_node = vec![Vec::new(); b.spikes.n_nodes() as usize];
    b.spikes.iter().for_each(|(t, node)| of_node[node as usize].push(t));
    let is_alone = |(t, node): &(f64, u32)| {
        let times = &of_node[*node as usize];
        let after = times.partition_point(|other| *other < t - tolerance);
        times.get(after).is_none_or(|other| *other > t + tolerance)
    };
    a.spikes.iter().filter(is_alone).count()
}

#[test]
fn on_sub_critical_liquids_the_difference_is_bounded_and_shrinks_with_the_step() {
    for spec in [generate::lsm_delta(1000), generate::lsm_exp(1000)] {
        let network = liquid(&spec, 1);
        let event = run(&network, &config(Scheduler::Event, 0.1), 2000.0, 4);
        let n = event.spikes.len();
        assert!(n > 500, "{n} spikes show nothing");
        let mut shares = Vec::new();
        for dt in [0.1, 0.025] {
            let grid = run(&network, &config(Scheduler::Grid, dt), 2000.0, 4);
            let alone = unpaired(&event, &grid, 5.0 * dt) + unpaired(&grid, &event, 5.0 * dt);
            shares.push(alone as f64 / (2 * n) as f64);
        }
        assert!(shares[0] < 0.10, "{shares:?} of {n} spikes are unpaired");
        assert!(shares[1] < 0.05 && shares[1] <= shares[0], "{shares:?} of {n} spikes are unpaired");
    }
}

/// The event scheduler takes its inputs from outside as the grid does, and a train is only as long as the run.
#[test]
fn external_input_is_the_same_as_input_in_the_network() {
    let dt = 0.125;
    let inside = on_grid(&generate::lsm_delta(135), dt, 500.0);
    let mut network = inside.network().clone();
    let mut inputs = Inputs::default();
    for (idx, population) in network.populations.iter_mut().enumerate() {
        if let Model::SpikeSource(SpikeSource::Train(train)) = &population.model {
            inputs.spikes.push((PopulationId(idx as u32), train.clone()));
            population.model = Model::SpikeSource(SpikeSource::External);
        }
    }
    let outside = validate(network).unwrap();
    for scheduler in [Scheduler::Grid, Scheduler::Event] {
        let config = config(scheduler, dt);
        let given = Run { duration: 300.0, inputs: inputs.clone(), ..Run::default() };
        let a = simulate(&outside, &config, &given, &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
        let b = run(&inside, &config, 300.0, 0);
        assert_eq!(a.spikes, b.spikes);
        assert!(a.spikes.times().iter().all(|t| *t <= 300.0));
    }
}

/// A sparse feed-forward network of neurons of a model, with input spikes that lie on no grid: what a step
/// changes stays small, so the difference of the schedulers is that of their methods.
fn fed(model: Model, weight: f64) -> ValidNetwork {
    let n = 40;
    let mut stream = Stream::new(5, Purpose::Poisson, 0, 0);
    let mut spikes = Vec::new();
    for node in 0..n {
        let mut t = 8.0 * stream.exponential();
        while t < 1000.0 {
            spikes.push((t, node));
            t += 8.0 * stream.exponential();
        }
    }
    let populations = vec![population("them", n, model), population("in", n, train(n, &spikes))];
    // Every fifth source inhibits its second target.
    let of_source = |i: u32| {
        let second = if i.is_multiple_of(5) { -0.5 * weight } else { 0.5 * weight };
        [(i, i, weight, 1.0), (i, (i + 7) % n, second, 2.5)]
    };
    let synapses: Vec<_> = (0..n).flat_map(of_source).collect();
    network(populations, vec![projection("in", (1, n), 0, &synapses)])
}

/// The mean distance \[ms\] of paired spikes of the schedulers, and the share that has no pair within 2 ms.
fn distance(network: &ValidNetwork, dt: f64) -> (f64, f64) {
    let event = run(network, &config(Scheduler::Event, dt), 1000.0, 0);
    let grid = run(network, &config(Scheduler::Grid, dt), 1000.0, 0);
    assert!(event.spikes.len() > 400, "{} spikes show nothing", event.spikes.len());
    let mut of_node = vec![Vec::new(); grid.spikes.n_nodes() as usize];
    grid.spikes.iter().for_each(|(t, node)| of_node[node as usize].push(t));
    let (mut sum, mut pairs) = (0.0, 0);
    for (t, node) in event.spikes.iter() {
        let nearest = of_node[node as usize].iter().map(|other: &f64| (other - t).abs());
        let nearest = nearest.fold(f64::INFINITY, f64::min);
        if nearest < 2.0 {
            sum += nearest;
            pairs += 1;
        }
    }
    let alone = unpaired(&event, &grid, 2.0) + unpaired(&grid, &event, 2.0);
    (sum / f64::from(pairs), alone as f64 / (event.spikes.len() + grid.spikes.len()) as f64)
}

/// Every model: a spike of the grid is late by less than three steps on average (an input's, its own, and what the spikes before it leave), and
/// with a quarter of the step the distance is well below half.
#[test]
fn every_model_differs_by_its_steps_alone() {
    let adaptive = |kind| LifPopulation { theta_jump: 1.0.into(), tau_theta: 60.0.into(), ..neuron(kind) };
    let conductances =
        LifPopulation { e_ex: 60.0.into(), e_in: (-10.0).into(), ..neuron(SynapseKind::Conductance) };
    let izhikevich = IzhikevichPopulation { i_bias: 4.0.into(), ..IzhikevichPopulation::default() };
    for (name, model, weight) in [
        ("conductances", Model::Lif(conductances), 1.2),
        ("adaptive, delta", Model::Lif(adaptive(SynapseKind::Delta)), 8.0),
        ("adaptive, exponential", Model::Lif(adaptive(SynapseKind::Exp)), 45.0),
        ("alpha", Model::Lif(neuron(SynapseKind::Alpha)), 18.0),
        ("Izhikevich", Model::Izhikevich(izhikevich), 6.0),
    ] {
        let network = fed(model, weight);
        let [(coarse, alone), (fine, alone_fine)] = [0.1, 0.025].map(|dt| distance(&network, dt));
        println!("{name}: {coarse} ms, {alone} alone; {fine} ms, {alone_fine} alone");
        assert!(coarse < 0.3 && fine < 0.5 * coarse, "{name}: {coarse} ms, {fine} ms");
        assert!(alone < 0.08 && alone_fine <= 0.02, "{name}: {alone}, {alone_fine} are alone");
    }
}
