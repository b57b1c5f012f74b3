//! What the schedulers run of all that a network may hold; the rest is refused before a run.

use rheobase_lif::SynapticCurrent;
use rheobase_net::{CurrentSource, LifPopulation, Model, Population, SpikeSource, SynapseKind, ValidNetwork};

use crate::SimError;

/// The synaptic currents that the schedulers run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Delta,
    Exp,
    Alpha,
}

impl Shape {
    /// The current of the neurons of `population`.
    pub fn of(population: &Population, lif: &LifPopulation) -> Result<Self, SimError> {
        match lif.synapse {
            SynapseKind::Delta => Ok(Self::Delta),
            SynapseKind::Exp => Ok(Self::Exp),
            SynapseKind::Alpha => Ok(Self::Alpha),
            SynapseKind::Conductance => Err(refusal(population, "conductance synapses")),
        }
    }

    /// The current of neuron `i`.
    pub fn current(self, lif: &LifPopulation, i: usize) -> SynapticCurrent {
        let (tau_syn_ex, tau_syn_in) = (lif.tau_syn_ex.get(i), lif.tau_syn_in.get(i));
        match self {
            Self::Delta => SynapticCurrent::Delta,
            Self::Exp => SynapticCurrent::Exp { tau_syn_ex, tau_syn_in },
            Self::Alpha => SynapticCurrent::Alpha { tau_syn_ex, tau_syn_in },
        }
    }
}

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
            Shape::of(population, lif)?;
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
