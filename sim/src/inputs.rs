//! What a run gets from outside.

use rheobase_net::{CurrentSource, Model, PopulationId, SpikeSource, SpikeTrain, ValidNetwork, Waveform};
use serde_json::{Map, Value};

use crate::SimError;
use crate::sources::MOST_INTERVALS;

/// One run: how long, from which seed, with which input. It covers the times `(0, duration]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Run {
    /// Duration \[ms\], > 0.
    pub duration: f64,
    /// Seed of the random sources.
    pub seed: u64,
    /// Time that is run and not recorded \[ms\], ≥ 0 and below the duration. It changes no bit of what follows.
    /// Work is counted from the next exchange of spikes on, so about a minimum delay later.
    pub warm_up: f64,
    /// Input of the external sources.
    pub inputs: Inputs,
}

/// Input of the external sources, one entry a population.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Inputs {
    /// Spikes, nodes counted inside the population, times in `[0, duration]`; later ones are not reached.
    pub spikes: Vec<(PopulationId, SpikeTrain)>,
    /// Currents, one channel a node of the population.
    pub currents: Vec<(PopulationId, Waveform)>,
}

/// The spike trains and waveforms of a run, wherever they come from, by population.
pub(crate) struct Bound<'a> {
    pub trains: Vec<(PopulationId, &'a SpikeTrain)>,
    pub waveforms: Vec<(PopulationId, &'a Waveform)>,
}

/// Joins every source of the network with its input, and finds what is missing or too much.
pub(crate) fn bind<'a>(
    network: &'a ValidNetwork,
    inputs: &'a Inputs,
    duration: f64,
) -> Result<Bound<'a>, SimError> {
    let mut bound = Bound { trains: Vec::new(), waveforms: Vec::new() };
    for (id, train) in &inputs.spikes {
        let model = model_of(network, *id)?;
        let is_external = matches!(model, Model::SpikeSource(SpikeSource::External));
        check(network, *id, is_external, "spikes", train.n_nodes())?;
        if let Some(first) = train.times().first().filter(|t| **t < 0.0) {
            return Err(fault(network, *id, format!("a spike at {first} ms: a run starts at 0")));
        }
    }
    for (id, waveform) in &inputs.currents {
        let model = model_of(network, *id)?;
        let is_external = matches!(model, Model::CurrentSource(CurrentSource::External));
        check(network, *id, is_external, "currents", waveform.n_channels())?;
    }
    for (idx, population) in network.populations().iter().enumerate() {
        let id = PopulationId(idx as u32);
        match &population.model {
            Model::Lif(_) | Model::Izhikevich(_) => {}
            Model::Ltc(ltc) => {
                if duration / ltc.interval > MOST_INTERVALS {
                    let must = format!("at least {} for a run of {duration} ms", duration / MOST_INTERVALS);
                    return Err(SimError::Interval {
                        what: "interval of a group",
                        value: ltc.interval,
                        must,
                    });
                }
            }
            Model::SpikeSource(SpikeSource::Poisson { .. } | SpikeSource::PoissonSteps { .. }) => {}
            Model::CurrentSource(CurrentSource::Noise { interval, .. }) => {
                if duration / interval > MOST_INTERVALS {
                    let must = format!("at least {} for a run of {duration} ms", duration / MOST_INTERVALS);
                    return Err(SimError::Interval { what: "interval of the noise", value: *interval, must });
                }
            }
            Model::SpikeSource(SpikeSource::Train(train)) => bound.trains.push((id, train)),
            Model::CurrentSource(CurrentSource::Steps(waveform)) => bound.waveforms.push((id, waveform)),
            Model::SpikeSource(SpikeSource::External) => {
                let train = only(network, id, &inputs.spikes, "spikes")?;
                bound.trains.push((id, train));
            }
            Model::CurrentSource(CurrentSource::External) => {
                let waveform = only(network, id, &inputs.currents, "currents")?;
                bound.waveforms.push((id, waveform));
            }
        }
    }
    Ok(bound)
}

/// The checksum of every input, by the name of its population: whoever has other input has another run.
pub(crate) fn checksums(network: &ValidNetwork, inputs: &Inputs) -> Value {
    let Inputs { spikes, currents } = inputs;
    let name = |id: &PopulationId| match network.populations().get(id.idx()) {
        Some(population) => population.name.clone(),
        None => id.0.to_string(),
    };
    let mut of_population = Map::new();
    for (id, train) in spikes {
        let mut hash = blake3::Hasher::new();
        add(&mut hash, train.times().iter().map(|t| t.to_le_bytes()));
        add(&mut hash, train.nodes().iter().map(|node| node.to_le_bytes()));
        of_population.insert(name(id), text(&hash));
    }
    for (id, waveform) in currents {
        let mut hash = blake3::Hasher::new();
        add(&mut hash, waveform.times().iter().map(|t| t.to_le_bytes()));
        for k in 0..waveform.times().len() {
            add(&mut hash, waveform.row(k).iter().map(|i| i.to_le_bytes()));
        }
        of_population.insert(name(id), text(&hash));
    }
    Value::Object(of_population)
}

fn add<const N: usize>(hash: &mut blake3::Hasher, values: impl ExactSizeIterator<Item = [u8; N]>) {
    hash.update(&(values.len() as u64).to_le_bytes());
    let bytes: Vec<[u8; N]> = values.collect();
    hash.update(bytes.as_flattened());
}

/// 64 bits, enough to tell inputs apart.
fn text(hash: &blake3::Hasher) -> Value {
    Value::String(hash.finalize().to_hex()[..16].to_owned())
}

fn model_of(network: &ValidNetwork, id: PopulationId) -> Result<&Model, SimError> {
    let n = network.populations().len();
    match network.populations().get(id.idx()) {
        Some(population) => Ok(&population.model),
        None => Err(SimError::Input {
            population: id.0.to_string(),
            problem: format!("the network has {n} populations, counted from 0"),
        }),
    }
}

fn fault(network: &ValidNetwork, id: PopulationId, problem: String) -> SimError {
    SimError::Input { population: format!("\"{}\"", network.population(id).name), problem }
}

fn check(
    network: &ValidNetwork,
    id: PopulationId,
    is_external: bool,
    what: &str,
    width: u32,
) -> Result<(), SimError> {
    let size = network.population(id).size;
    if !is_external {
        return Err(fault(network, id, format!("it takes no {what} from outside")));
    }
    if width != size {
        return Err(fault(network, id, format!("{what} for {width} nodes, and it has {size}")));
    }
    Ok(())
}

fn only<'a, T>(
    network: &ValidNetwork,
    id: PopulationId,
    given: &'a [(PopulationId, T)],
    what: &'static str,
) -> Result<&'a T, SimError> {
    let mut of_population = given.iter().filter(|(population, _)| *population == id);
    let population = || network.population(id).name.clone();
    let Some((_, input)) = of_population.next() else {
        return Err(SimError::MissingInput { population: population(), what });
    };
    match of_population.next() {
        Some(_) => Err(fault(network, id, format!("two inputs of {what}; give one"))),
        None => Ok(input),
    }
}
