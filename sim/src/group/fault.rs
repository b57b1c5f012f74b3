//! A group whose state is no number any more.
//!
//! Whatever a network and its inputs say is finite, as validation has seen. So a state or an output that is not
//! has overflown: of weights, parameters or values that are too large. Everything after it would be noise.

use rheobase_ltc::cell::CellError;
use rheobase_net::{PopulationId, ValidNetwork};

use crate::SimError;

/// Where and when a group could not go on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GroupFault {
    pub population: PopulationId,
    /// When \[ms\].
    pub t: f64,
    /// Steps that the group had taken.
    pub steps: u64,
    /// What is no number.
    pub place: Place,
    /// The input that was none before it, if there was one.
    pub input: Option<(usize, f64)>,
}

/// A number of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Place {
    Unit(usize, f64),
    Output(usize, f64),
}

impl GroupFault {
    /// What is no number after a step with these inputs, and the first input that was none.
    #[inline]
    pub fn find(
        inputs: &[f64],
        stepped: Result<(), CellError>,
        state: &[f64],
        outputs: &[f64],
    ) -> Option<(Place, Option<(usize, f64)>)> {
        let not_finite =
            |values: &[f64]| values.iter().position(|x| !x.is_finite()).map(|at| (at, values[at]));
        let place = match stepped {
            Ok(()) => not_finite(outputs).map(|(at, value)| Place::Output(at, value)),
            Err(CellError::NotFinite { unit, value, .. }) => Some(Place::Unit(unit, value)),
            Err(_) => not_finite(state).map(|(at, value)| Place::Unit(at, value)),
        };
        place.map(|place| (place, not_finite(inputs)))
    }

    /// The earliest of all, in the order of populations, so that it does not depend on shards.
    pub fn first(faults: impl Iterator<Item = Self>) -> Option<Self> {
        faults.min_by(|a, b| a.t.total_cmp(&b.t).then(a.population.cmp(&b.population)))
    }

    /// As an error of the run.
    pub fn to_error(self, network: &ValidNetwork) -> SimError {
        let Self { population, t, steps, place, input } = self;
        let (what, index, value) = match place {
            Place::Unit(unit, value) => ("unit", unit, value),
            Place::Output(output, value) => ("output", output, value),
        };
        let population = network.population(population).name.clone();
        SimError::GroupNotFinite { population, what, index, value, t, steps, input }
    }
}
