//! What the balanced random networks share: two kinds of neurons with inputs in fixed numbers.

use crate::generate::{LifSpec, ModelSpec, NetworkSpec, PopulationSpec, ProjectionSpec, Rule};

/// Populations `exc` and `inh` of the same neurons; every neuron gets the same numbers of excitatory and
/// inhibitory inputs, drawn with replacement from all neurons of the kind, itself not left out.
pub(super) struct Balanced {
    /// All neurons; four in five are excitatory.
    pub(super) n: u32,
    pub(super) neurons: LifSpec,
    /// Excitatory and inhibitory inputs of a neuron.
    pub(super) in_degree: [u32; 2],
    /// Excitatory and inhibitory weight.
    pub(super) weight: [f64; 2],
    /// Delay \[ms\].
    pub(super) delay: f64,
}

impl Balanced {
    /// The number of excitatory and of inhibitory neurons among `n`.
    pub(super) fn sizes(n: u32) -> [u32; 2] {
        let n_exc = (0.8 * f64::from(n)).round() as u32;
        [n_exc, n - n_exc]
    }

    pub(super) fn spec(self) -> NetworkSpec {
        let Self { n, neurons, in_degree, weight, delay } = self;
        let mut network = NetworkSpec::default();
        let kinds = ["exc", "inh"];
        for (kind, size) in kinds.into_iter().zip(Self::sizes(n)) {
            let model = ModelSpec::Lif(neurons.clone());
            network.populations.push(PopulationSpec::new(kind, size, model));
        }
        for (source, (k, weight)) in kinds.into_iter().zip(in_degree.into_iter().zip(weight)) {
            for target in kinds {
                let projection = ProjectionSpec::new(source, target, Rule::FixedInDegree { k });
                network.projections.push(ProjectionSpec {
                    allow_autapses: true,
                    allow_multapses: true,
                    ..projection.with(weight, delay)
                });
            }
        }
        network
    }
}

/// Gives every neuron of a population a Poisson train of its own: population `input-TARGET`.
pub(super) fn add_poisson(
    network: &mut NetworkSpec,
    (target, size): (&str, u32),
    rate_hz: f64,
    weight: f64,
    delay: f64,
) {
    let name = format!("input-{target}");
    let model = ModelSpec::Poisson { rate_hz: rate_hz.into() };
    network.populations.push(PopulationSpec::new(&name, size, model));
    network.projections.push(ProjectionSpec::new(name, target, Rule::OneToOne).with(weight, delay));
}
