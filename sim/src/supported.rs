//! What the schedulers run of all that a network may hold; the rest is refused before a run.

use rheobase_net::{CurrentSource, Model, Population, SpikeSource, ValidNetwork};

use crate::SimError;

/// Refuses what no scheduler runs.
pub(crate) fn check(network: &ValidNetwork) -> Result<(), SimError> {
    network.populations().iter().try_for_each(check_population)
}

fn check_population(population: &Population) -> Result<(), SimError> {
    match &population.model {
        Model::Lif(_) | Model::Izhikevich(_) => Ok(()),
        Model::SpikeSource(SpikeSource::PoissonSteps { .. }) => {
            Err(refusal(population, "Poisson trains of a changing rate"))
        }
        Model::CurrentSource(CurrentSource::Noise { .. }) => Err(refusal(population, "noise currents")),
        Model::SpikeSource(SpikeSource::External | SpikeSource::Poisson { .. } | SpikeSource::Train(_))
        | Model::CurrentSource(CurrentSource::External | CurrentSource::Steps(_)) => Ok(()),
    }
}

fn refusal(population: &Population, what: &str) -> SimError {
    SimError::Unsupported { what: format!("population \"{}\": {what}", population.name) }
}
