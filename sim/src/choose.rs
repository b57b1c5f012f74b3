//! Which scheduler is cheaper.

use rheobase_net::{
    CurrentSource, Model, PopulationId, SpikeSource, SpikeTrain, SynapseKind, ValidNetwork, Waveform,
};

use crate::plan::Plan;
use crate::{Scheduler, SimConfig};

/// Rate \[Hz\] that is taken for every neuron: nobody knows it before the run.
pub(crate) const ASSUMED_RATE: f64 = 5.0;
/// Costs \[ns\] of one update of a neuron on the grid, of one weight that arrives there, and of one weight
/// that arrives in the event scheduler, measured on one core; only their ratios matter.
struct Costs {
    update: f64,
    grid_event: f64,
    event: f64,
}

const DELTA: Costs = Costs { update: 0.8, grid_event: 2.0, event: 50.0 };
const CURRENT: Costs = Costs { update: 2.8, grid_event: 2.0, event: 330.0 };

/// The scheduler to use, and the reason in words.
pub(crate) fn choose(
    network: &ValidNetwork,
    config: &SimConfig,
    trains: &[(PopulationId, &SpikeTrain)],
    duration: f64,
    plan: &Plan,
) -> (Scheduler, String) {
    match config.scheduler {
        Scheduler::Grid => return (Scheduler::Grid, format!("grid, dt {} ms, as asked", config.dt)),
        Scheduler::Event => return (Scheduler::Event, "event, as asked".to_owned()),
        Scheduler::Auto => {}
    }
    if let Some(fault) = &plan.grid_fault {
        return (Scheduler::Event, format!("event, because the grid cannot: {fault}"));
    }
    let n_neurons = f64::from(network.n_neurons()).max(1.0);
    let events = events_per_second(network, plan, trains, duration);
    let is_delta = |model: &Model| match model {
        Model::Lif(lif) => lif.synapse == SynapseKind::Delta,
        Model::Izhikevich(_) => false,
        Model::SpikeSource(_) | Model::CurrentSource(_) => true,
    };
    let all_delta = network.populations().iter().all(|population| is_delta(&population.model));
    let Costs { update, grid_event, event } = if all_delta { DELTA } else { CURRENT };
    let event_cost = events * event;
    let grid_cost = n_neurons * 1000.0 / config.dt * update + events * grid_event;
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

/// The mean over channels and time \[Hz\] of rates that change in steps.
fn mean_rate(rates: &Waveform, duration: f64) -> f64 {
    let times = rates.times();
    let span = |k: usize| {
        let end = times.get(k + 1).copied().unwrap_or(duration).clamp(0.0, duration);
        (end - times[k].clamp(0.0, duration)).max(0.0)
    };
    let summed = |k: usize| span(k) * rates.row(k).iter().sum::<f64>();
    (0..times.len()).map(summed).sum::<f64>() / (duration * f64::from(rates.n_channels().max(1)))
}

/// How often \[Hz\] the currents of a source change; those from outside are taken not to.
fn rows_per_second(currents: &CurrentSource, duration: f64) -> f64 {
    match currents {
        CurrentSource::External => 0.0,
        CurrentSource::Steps(waveform) => waveform.times().len() as f64 / (duration / 1000.0),
        CurrentSource::Noise { interval, .. } => 1000.0 / interval,
    }
}

/// Weights and currents that are expected to arrive in a second.
fn events_per_second(
    network: &ValidNetwork,
    plan: &Plan,
    trains: &[(PopulationId, &SpikeTrain)],
    duration: f64,
) -> f64 {
    let mut events = 0.0;
    for (projection, n_synapses) in network.projections().iter().zip(&plan.n_synapses) {
        let source = network.population(projection.source);
        let size = f64::from(source.size);
        let rate = match &source.model {
            Model::Lif(_) | Model::Izhikevich(_) => ASSUMED_RATE,
            Model::CurrentSource(currents) => rows_per_second(currents, duration),
            Model::SpikeSource(SpikeSource::Poisson { rate_hz }) => {
                (0..source.size as usize).map(|i| rate_hz.get(i)).sum::<f64>() / size
            }
            Model::SpikeSource(SpikeSource::PoissonSteps { rates }) => mean_rate(rates, duration),
            Model::SpikeSource(SpikeSource::External | SpikeSource::Train(_)) => {
                let train = trains.iter().find(|(id, _)| *id == projection.source);
                train.map_or(0.0, |(_, train)| train.len() as f64 / size / (duration / 1000.0))
            }
        };
        events += rate * *n_synapses as f64;
    }
    events
}
