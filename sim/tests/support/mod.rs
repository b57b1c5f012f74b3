//! Small networks for the tests.

#![allow(dead_code)]

use std::ops::ControlFlow;

use rheobase_net::{
    Delays, LifPopulation, Model, Network, Population, PopulationId, Projection, Receptor, Recording,
    SpikeSource, SpikeTrain, SynapseKind, Synapses, ValidNetwork, Weights, generate, validate,
};
use rheobase_sim::{Record, Run, Scheduler, SimConfig, simulate};

pub fn population(name: &str, size: u32, model: Model) -> Population {
    Population { name: name.to_owned(), size, model, positions: None }
}

/// A membrane without units to remember: rest 0, threshold 10 mV, R = 1 GΩ (10 ms, 10 pF).
pub fn neuron(synapse: SynapseKind) -> LifPopulation {
    LifPopulation {
        synapse,
        tau_m: 10.0.into(),
        c_m: 10.0.into(),
        v_rest: 0.0.into(),
        v_th: 10.0.into(),
        v_reset: 0.0.into(),
        t_ref: 2.0.into(),
        i_bias: 0.0.into(),
        v_init: 0.0.into(),
        tau_syn_ex: 2.0.into(),
        tau_syn_in: 5.0.into(),
        ..LifPopulation::default()
    }
}

pub fn train(n_nodes: u32, spikes: &[(f64, u32)]) -> Model {
    let (times, nodes) = spikes.iter().copied().unzip();
    Model::SpikeSource(SpikeSource::Train(SpikeTrain::from_unsorted(n_nodes, times, nodes).unwrap()))
}

/// A projection from a list of (source, target, weight, delay).
pub fn projection(
    name: &str,
    (source, n_sources): (u32, u32),
    target: u32,
    synapses: &[(u32, u32, f64, f64)],
) -> Projection {
    let mut synapses = synapses.to_vec();
    synapses.sort_by_key(|synapse| synapse.0);
    let ends = (0..=n_sources).map(|s| synapses.partition_point(|synapse| synapse.0 < s) as u64);
    Projection {
        name: name.to_owned(),
        source: PopulationId(source),
        target: PopulationId(target),
        receptor: Receptor::BySign,
        synapses: Synapses {
            row_start: ends.collect(),
            target: synapses.iter().map(|synapse| synapse.1).collect(),
            weight: Weights::F64(synapses.iter().map(|synapse| synapse.2).collect()),
            delay: Delays::F64(synapses.iter().map(|synapse| synapse.3).collect()),
        },
        plasticity: None,
    }
}

pub fn network(populations: Vec<Population>, projections: Vec<Projection>) -> ValidNetwork {
    validate(Network { populations, projections, ..Network::default() }).unwrap()
}

pub fn config(scheduler: Scheduler, dt: f64) -> SimConfig {
    SimConfig { scheduler, dt, ..SimConfig::default() }
}

pub fn run(network: &ValidNetwork, config: &SimConfig, duration: f64, seed: u64) -> Recording {
    let run = Run { duration, seed, ..Run::default() };
    simulate(network, config, &run, &mut |_| ControlFlow::Continue(())).unwrap()
}

/// A benchmark liquid.
pub fn liquid(spec: &generate::NetworkSpec, seed: u64) -> ValidNetwork {
    validate(generate::generate(spec, seed).unwrap()).unwrap()
}

pub fn everything() -> Record {
    Record { source_spikes: true, rates_bin: Some(10.0), final_v: true, ..Record::default() }
}
