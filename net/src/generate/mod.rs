//! Generators: networks from a description and a seed.
//!
//! [`generate`] turns a [`NetworkSpec`], which is a TOML file or made by a function such as [`column()`],
//! into a [`Network`]:
//!
//! ```
//! use rheobase_net::{generate, validate};
//!
//! let spec = generate::lsm_delta(135);
//! let network = validate(generate::generate(&spec, 1)?)?;
//! assert_eq!(network.n_neurons(), 135);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The key decision: every row of every projection draws from a stream of its own, named by (seed,
//! projection, row). So the result depends on the description and the seed alone, rows are drawn in
//! parallel, and a row can be drawn twice instead of being kept twice. All rules cost as much as they make
//! synapses, not the square of the number of neurons.

mod check;
mod distribution;
mod draw;
mod error;
mod ltc;
mod model;
mod place;
mod populations;
mod presets;
mod projections;
mod rows;
mod rules;
mod sampler;
mod spec;
mod trained;

pub use distribution::{Distribution, Drawn, Normal};
pub use error::{GenerateError, SpecFault};
pub use ltc::{InputsSpec, LtcSpec};
pub use model::{IzhikevichSpec, LifSpec, ModelSpec};
pub use presets::{
    Background, Channels, ColumnInput, ColumnPlacement, ColumnSpec, Layer, LayeredSpec, PerPair,
    brunel_delta, coba, column, column_grid, cuba, layered, lsm_delta, lsm_exp, lsm_stp, pd14,
    pd14_reference_rates,
};
pub use rules::{Distance, Explicit, Rule, ScaleFree, SmallWorld};
pub use spec::{NetworkSpec, Placement, PopulationSpec, Precision, ProjectionSpec, SpaceSpec};
pub use trained::{TrainedError, TrainedSpec};

use crate::{Description, Network};

/// Makes the network of a description: the same for the same seed, whatever the number of threads.
///
/// `O(nodes + synapses)`. Memory beyond the network itself: one batch of rows, and for fixed in-degrees
/// one counter a source and block of targets.
///
/// # Errors
/// All faults of the description at once. Values that were drawn are left to
/// [`validate`](crate::validate()).
pub fn generate(spec: &NetworkSpec, seed: u64) -> Result<Network, GenerateError> {
    let resolved = check::check(spec).map_err(|faults| GenerateError { faults })?;
    let configuration = toml::to_string(spec)
        .map_err(|error| GenerateError { faults: vec![SpecFault::Toml { problem: error.to_string() }] })?;
    let populations = populations::populations(spec, &resolved, seed);
    let projections = spec
        .projections
        .iter()
        .enumerate()
        .map(|(idx, projection)| projections::projection(projection, idx, &resolved, &populations, seed))
        .collect();
    let description = Description {
        generator: "rheobase generate".to_owned(),
        seed,
        version: crate::VERSION.to_owned(),
        configuration,
    };
    Ok(Network { populations, projections, description })
}
