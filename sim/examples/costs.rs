//! Measures the costs that `choose.rs` reckons with: of a step, of an arrival on the grid, and of an arrival
//! by events, for every kind of neuron.
//!
//! ```sh
//! cargo run --release -p rheobase-sim --example costs
//! ```

use std::error::Error;
use std::ops::ControlFlow;
use std::time::Instant;

use rheobase_net::{
    Delays, IzhikevichPopulation, LifPopulation, Model, Network, Population, PopulationId, Projection,
    Receptor, SpikeSource, SynapseKind, Synapses, ValidNetwork, Weights, validate,
};
use rheobase_sim::{Engine, Run, Scheduler, SimConfig};

const NEURONS: u32 = 4000;
/// Synapses of every source.
const FAN_OUT: u32 = 20;

/// Neurons that hardly fire, each with 20 inputs of the rate.
fn network(model: &Model, rate: f64) -> Result<ValidNetwork, Box<dyn Error>> {
    let population =
        |name: &str, model| Population { name: name.into(), size: NEURONS, model, positions: None };
    let target = |i: u32| (0..FAN_OUT).map(move |k| (i + k * k * 37 + 1) % NEURONS);
    let projection = Projection {
        name: "in".into(),
        source: PopulationId(1),
        target: PopulationId(0),
        receptor: Receptor::BySign,
        synapses: Synapses {
            row_start: (0..=u64::from(NEURONS)).map(|i| i * u64::from(FAN_OUT)).collect(),
            target: (0..NEURONS).flat_map(target).collect(),
            weight: Weights::F32(
                (0..NEURONS * FAN_OUT).map(|i| if i % 5 == 0 { -0.04 } else { 0.01 }).collect(),
            ),
            delay: Delays::Shared(1.5),
        },
        plasticity: None,
    };
    let rate_hz = rate.into();
    let populations = vec![
        population("them", model.clone()),
        population("in", Model::SpikeSource(SpikeSource::Poisson { rate_hz })),
    ];
    Ok(validate(Network { populations, projections: vec![projection], ..Network::default() })?)
}

/// The best of three runs \[s\], and the arrivals.
fn time(model: &Model, rate: f64, scheduler: Scheduler, ms: f64) -> Result<(f64, f64), Box<dyn Error>> {
    let network = network(model, rate)?;
    let engine = Engine::new(&network, &SimConfig { scheduler, threads: Some(1), ..SimConfig::default() })?;
    let mut best = (f64::INFINITY, 0.0);
    for _ in 0..3 {
        let clock = Instant::now();
        let run = Run { duration: ms, seed: 1, ..Run::default() };
        let recording = engine.run(&run, &mut |_| ControlFlow::Continue(()))?;
        best = (clock.elapsed().as_secs_f64().min(best.0), recording.counters.input_events as f64);
    }
    Ok(best)
}

fn main() -> Result<(), Box<dyn Error>> {
    let lif = |synapse| LifPopulation {
        synapse,
        v_init: LifPopulation::default().v_rest.clone(),
        ..LifPopulation::default()
    };
    let two = |lif: LifPopulation| LifPopulation { tau_syn_ex: 3.0.into(), tau_syn_in: 6.0.into(), ..lif };
    let moving = |lif: LifPopulation| LifPopulation { theta_jump: 1.0.into(), ..lif };
    let models = [
        ("delta", lif(SynapseKind::Delta)),
        (
            "exp, one time constant",
            LifPopulation { tau_syn_ex: 3.0.into(), tau_syn_in: 3.0.into(), ..lif(SynapseKind::Exp) },
        ),
        ("exp", two(lif(SynapseKind::Exp))),
        ("alpha", two(lif(SynapseKind::Alpha))),
        ("conductance", two(lif(SynapseKind::Conductance))),
        ("delta, adaptive", moving(lif(SynapseKind::Delta))),
        ("exp, adaptive", moving(two(lif(SynapseKind::Exp)))),
        ("conductance, adaptive", moving(two(lif(SynapseKind::Conductance)))),
    ];
    let models = models.map(|(name, lif)| (name, Model::Lif(lif)));
    let izhikevich = ("Izhikevich", Model::Izhikevich(IzhikevichPopulation::default()));
    println!("{:24} {:>12} {:>12} {:>12} {:>12}", "[ns]", "update", "grid event", "event", "event, dense");
    for (name, model) in models.iter().chain([&izhikevich]) {
        let (quiet, few) = time(model, 1.0, Scheduler::Grid, 500.0)?;
        let (loud, many) = time(model, 100.0, Scheduler::Grid, 500.0)?;
        let arrival = (loud - quiet) / (many - few);
        let update = (quiet - few * arrival) / (f64::from(NEURONS) * 5000.0);
        let (events, n) = time(model, 1.0, Scheduler::Event, 500.0)?;
        let (dense, m) = time(model, 20.0, Scheduler::Event, 200.0)?;
        let [update, arrival, event, dense] = [update, arrival, events / n, dense / m].map(|s| s * 1e9);
        println!("{name:24} {update:12.2} {arrival:12.2} {event:12.0} {dense:12.0}");
    }
    Ok(())
}
