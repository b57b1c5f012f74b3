//! What the schedulers run of all that a network may hold; the rest is refused before a run.

use rheobase_net::{CurrentSource, Model, Population, SpikeSource, SynapseKind, ValidNetwork};

use crate::SimError;

/// Refuses what no scheduler runs.
pub(crate) fn check(network: &ValidNetwork) -> Result<(), SimError> {
    network.populations().iter().try_for_each(check_population)?;
    match network.projections().iter().find(|projection| projection.plasticity.is_some()) {
        Some(projection) => {
            Err(SimError::Unsupported { what: format!("projection \"{}\": plasticity", projection.name) })
        }
        None => Ok(()),
    }
}

fn check_population(population: &Population) -> Result<(), SimError> {
    match &population.model {
        Model::Lif(lif) => {
            if lif.synapse == SynapseKind::Conductance {
                return Err(refusal(population, "conductance synapses"));
            }
            let starts_at_rest = lif.syn_ex_init.is_zero() && lif.syn_in_init.is_zero();
            if lif.has_moving_threshold() {
                Err(refusal(population, "a moving threshold"))
            } else if !starts_at_rest && lif.synapse != SynapseKind::Delta {
                Err(refusal(population, "synaptic currents at the start"))
            } else {
                Ok(())
            }
        }
        Model::Izhikevich(_) => Err(refusal(population, "Izhikevich's neurons")),
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
