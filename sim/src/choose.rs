//! Which scheduler is cheaper.

use rheobase_net::{Model, PopulationId, SpikeSource, SpikeTrain, SynapseKind, ValidNetwork};

use crate::{Scheduler, SimConfig, SimError};

/// Rate \[Hz\] that is taken for every neuron: nobody knows it before the run.
const ASSUMED_RATE: f64 = 5.0;
/// Cost \[ns\] of one update of a neuron on the grid, and of one weight that arrives in the event
/// scheduler, measured on one core; only their ratio matters.
const GRID_UPDATE: f64 = 1.0;
const GRID_EVENT: f64 = 2.0;
const DELTA_EVENT: f64 = 40.0;
const CURRENT_EVENT: f64 = 150.0;

/// The scheduler to use, and the reason in words.
pub(crate) fn choose(
    network: &ValidNetwork,
    config: &SimConfig,
    trains: &[(PopulationId, &SpikeTrain)],
    duration: f64,
    grid_fault: Option<&SimError>,
) -> (Scheduler, String) {
    match config.scheduler {
        Scheduler::Grid => return (Scheduler::Grid, format!("grid, dt {} ms, as asked", config.dt)),
        Scheduler::Event => return (Scheduler::Event, "event, as asked".to_owned()),
        Scheduler::Auto => {}
    }
    if let Some(fault) = grid_fault {
        return (Scheduler::Event, format!("event, because the grid cannot: {fault}"));
    }
    let n_neurons = f64::from(network.n_neurons()).max(1.0);
    let events = events_per_second(network, trains, duration);
    let is_delta = |model: &Model| match model {
        Model::Lif(lif) => lif.synapse == SynapseKind::Delta,
        Model::SpikeSource(_) | Model::CurrentSource(_) => true,
    };
    let all_delta = network.populations().iter().all(|population| is_delta(&population.model));
    let event_cost = events * if all_delta { DELTA_EVENT } else { CURRENT_EVENT };
    let grid_cost = n_neurons * 1000.0 / config.dt * GRID_UPDATE + events * GRID_EVENT;
    let per_step = events / n_neurons * config.dt / 1000.0;
    let (scheduler, name) =
        if event_cost < grid_cost { (Scheduler::Event, "event") } else { (Scheduler::Grid, "grid") };
    let reason = format!(
        "{name}, chosen for {per_step:.3} expected events per neuron and step of {} ms \
         (neurons taken to fire at {ASSUMED_RATE} Hz): event costs about {:.2} of grid",
        config.dt,
        event_cost / grid_cost,
    );
    (scheduler, reason)
}

/// Weights that are expected to arrive in a second.
fn events_per_second(network: &ValidNetwork, trains: &[(PopulationId, &SpikeTrain)], duration: f64) -> f64 {
    let mut events = 0.0;
    for projection in network.projections() {
        let source = network.population(projection.source);
        let size = f64::from(source.size);
        let rate = match &source.model {
            Model::Lif(_) => ASSUMED_RATE,
            Model::CurrentSource(_) => 0.0,
            Model::SpikeSource(SpikeSource::Poisson { rate_hz }) => {
                (0..source.size as usize).map(|i| rate_hz.get(i)).sum::<f64>() / size
            }
            Model::SpikeSource(SpikeSource::External | SpikeSource::Train(_)) => {
                let train = trains.iter().find(|(id, _)| *id == projection.source);
                train.map_or(0.0, |(_, train)| train.len() as f64 / size / (duration / 1000.0))
            }
        };
        events += rate * projection.synapses.len() as f64;
    }
    events
}
