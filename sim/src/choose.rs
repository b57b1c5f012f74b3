//! Which scheduler is cheaper.

use rheobase_net::{
    CurrentSource, Model, Population, PopulationId, SpikeSource, SpikeTrain, SynapseKind, ValidNetwork,
    Waveform,
};

use crate::plan::Plan;
use crate::{Scheduler, SimConfig};

/// Rate \[Hz\] that is taken for every neuron: nobody knows it before the run.
pub(crate) const ASSUMED_RATE: f64 = 5.0;
/// Costs \[ns\] of one update of a neuron on the grid, of one weight that arrives there, and of one weight
/// that arrives in the event scheduler, measured on one core by `examples/costs.rs` and on the benchmark
/// liquids; only their ratios matter.
#[derive(Debug, Clone, Copy)]
struct Costs {
    update: f64,
    grid_event: f64,
    event: f64,
}

/// What a step of the grid costs, however few neurons it has \[ns\].
const STEP: f64 = 90.0;
const DELTA: Costs = Costs { update: 0.11, grid_event: 8.0, event: 60.0 };
const EXP: Costs = Costs { update: 0.3, grid_event: 8.0, event: 300.0 };
const ALPHA: Costs = Costs { update: 1.6, grid_event: 10.0, event: 350.0 };
/// Between two arrivals of a sparse input the crossing is looked for by quadrature: the fewer, the longer.
const CONDUCTANCE: Costs = Costs { update: 2.7, grid_event: 8.0, event: 3800.0 };
const IZHIKEVICH: Costs = Costs { update: 3.2, grid_event: 8.0, event: 8700.0 };
/// What a moving threshold adds to an update.
const MOVING_THRESHOLD: f64 = 4.4;

impl Costs {
    /// The costs of a neuron of a population; a source or a group costs nothing here.
    fn of(model: &Model) -> Self {
        match model {
            Model::Lif(lif) => {
                let costs = match lif.synapse {
                    SynapseKind::Delta => DELTA,
                    SynapseKind::Exp => EXP,
                    SynapseKind::Alpha => ALPHA,
                    SynapseKind::Conductance => CONDUCTANCE,
                };
                let moving = if lif.has_moving_threshold() { MOVING_THRESHOLD } else { 0.0 };
                Self { update: costs.update + moving, ..costs }
            }
            Model::Izhikevich(_) => IZHIKEVICH,
            // A group costs the same in both.
            Model::Ltc(_) | Model::SpikeSource(_) | Model::CurrentSource(_) => {
                Self { update: 0.0, grid_event: 0.0, event: 0.0 }
            }
        }
    }
}

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
    let steps = 1000.0 / config.dt;
    let update = |population: &Population| f64::from(population.size) * Costs::of(&population.model).update;
    let mut grid_cost = steps * (STEP + network.populations().iter().map(update).sum::<f64>());
    let (mut event_cost, mut events) = (0.0, 0.0);
    for (projection, n_synapses) in network.projections().iter().zip(&plan.n_synapses) {
        let arrivals = rate_of(network, projection.source, trains, duration) * *n_synapses as f64;
        let costs = Costs::of(&network.population(projection.target).model);
        events += arrivals;
        grid_cost += arrivals * costs.grid_event;
        event_cost += arrivals * costs.event;
    }
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

/// How often \[Hz\] a node of a population is expected to send something.
fn rate_of(
    network: &ValidNetwork,
    id: PopulationId,
    trains: &[(PopulationId, &SpikeTrain)],
    duration: f64,
) -> f64 {
    let source = network.population(id);
    let size = f64::from(source.size.max(1));
    match &source.model {
        Model::Lif(_) | Model::Izhikevich(_) => ASSUMED_RATE,
        Model::Ltc(ltc) if ltc.output.is_spikes() => ASSUMED_RATE,
        Model::Ltc(ltc) => 1000.0 / ltc.interval,
        Model::CurrentSource(currents) => rows_per_second(currents, duration),
        Model::SpikeSource(SpikeSource::Poisson { rate_hz }) => {
            (0..source.size as usize).map(|i| rate_hz.get(i)).sum::<f64>() / size
        }
        Model::SpikeSource(SpikeSource::PoissonSteps { rates }) => mean_rate(rates, duration),
        Model::SpikeSource(SpikeSource::External | SpikeSource::Train(_)) => {
            let train = trains.iter().find(|(known, _)| *known == id);
            train.map_or(0.0, |(_, train)| train.len() as f64 / size / (duration / 1000.0))
        }
    }
}
