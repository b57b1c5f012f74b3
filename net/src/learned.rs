//! A network with the weights that a run has left.

use crate::{Network, ProjectionWeights, Weights};

/// Why weights cannot be put into a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LearnedError {
    /// There is no such projection.
    #[error(
        "the weights are of projection \"{projection}\", which the network does not have: take the network that was run"
    )]
    Unknown {
        /// The projection.
        projection: String,
    },
    /// The projection has another number of synapses.
    #[error(
        "projection \"{projection}\" has {n_synapses} synapses, and there are {n_weights} weights: take the network that was run"
    )]
    Length {
        /// The projection.
        projection: String,
        /// How many synapses it has.
        n_synapses: usize,
        /// How many weights there are.
        n_weights: usize,
    },
}

/// Puts the weights of [`Recording::weights`](crate::Recording::weights) into the network that was run.
/// Everything else stays, the projections' plasticity too.
///
/// # Errors
/// [`LearnedError`] if they are the weights of another network.
pub fn learned(mut network: Network, weights: &[ProjectionWeights]) -> Result<Network, LearnedError> {
    for ProjectionWeights { projection: name, weights } in weights {
        let projection = network.projections.iter_mut().find(|projection| projection.name == *name);
        let Some(projection) = projection else {
            return Err(LearnedError::Unknown { projection: name.clone() });
        };
        let n_synapses = projection.synapses.len();
        if n_synapses != weights.len() {
            let projection = name.clone();
            return Err(LearnedError::Length { projection, n_synapses, n_weights: weights.len() });
        }
        projection.synapses.weight = Weights::F64(weights.clone());
    }
    Ok(network)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Delays, PopulationId, Projection, Receptor, Synapses};

    fn network() -> Network {
        let synapses = Synapses {
            row_start: vec![0, 2],
            target: vec![0, 1],
            weight: Weights::Shared(1.0),
            delay: Delays::Shared(1.0),
        };
        let projection = Projection {
            name: "p".to_owned(),
            source: PopulationId(0),
            target: PopulationId(1),
            receptor: Receptor::BySign,
            synapses,
            plasticity: None,
        };
        Network { projections: vec![projection], ..Network::default() }
    }

    fn put(projection: &str, weights: &[f64]) -> Result<Network, LearnedError> {
        let weights = weights.to_vec();
        learned(network(), &[ProjectionWeights { projection: projection.to_owned(), weights }])
    }

    #[test]
    fn weights_go_to_the_projection_of_their_name() {
        let network = put("p", &[0.5, 0.25]).unwrap();
        assert_eq!(network.projections[0].synapses.weight, Weights::F64(vec![0.5, 0.25]));
    }

    #[test]
    fn weights_of_another_network_are_refused() {
        let message = |result: Result<Network, LearnedError>| result.unwrap_err().to_string();
        assert!(message(put("q", &[])).contains("projection \"q\""));
        assert!(message(put("p", &[0.5])).contains("2 synapses, and there are 1 weights"));
    }
}
