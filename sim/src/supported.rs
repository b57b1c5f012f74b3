//! What the schedulers run of all that a network may hold; the rest is refused before a run.

use rheobase_net::{Projection, ValidNetwork};

use crate::SimError;

/// Refuses what no scheduler runs.
pub(crate) fn check(network: &ValidNetwork) -> Result<(), SimError> {
    let changes_weights = |p: &&Projection| p.plasticity.is_some_and(|rule| rule.w_max().is_some());
    match network.projections().iter().find(changes_weights) {
        Some(projection) => Err(SimError::Unsupported {
            what: format!("projection \"{}\": plasticity of weights", projection.name),
        }),
        None => Ok(()),
    }
}
