//! Layers: a chain of populations, each reaching the next.

use serde::{Deserialize, Serialize};

use crate::generate::{Distribution, LifSpec, ModelSpec, NetworkSpec, PopulationSpec, ProjectionSpec, Rule};

/// Layers of neurons behind a layer of inputs: what [`layered`] makes a [`NetworkSpec`] from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayeredSpec {
    /// The number of sources in front of the first layer, whose spikes are given with the run; none if 0.
    #[serde(default)]
    pub n_inputs: u32,
    /// The layers, first to last.
    pub layers: Vec<Layer>,
}

/// One layer, and how it is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// The number of neurons, > 0.
    pub size: u32,
    /// The neurons.
    #[serde(default)]
    pub neurons: LifSpec,
    /// Which pairs of the layer before and this layer are joined.
    #[serde(default = "all_to_all")]
    pub rule: Rule,
    /// Weights of the synapses into the layer \[mV for delta synapses, else pA\].
    pub weight: Distribution,
    /// Delays of the synapses into the layer \[ms\].
    pub delay: Distribution,
}

fn all_to_all() -> Rule {
    Rule::AllToAll
}

/// The description of a layered network: populations `input`, `layer-1`, `layer-2`, …, each joined to the
/// next only. The rule of the first layer is not used where there are no inputs.
pub fn layered(spec: &LayeredSpec) -> NetworkSpec {
    let mut network = NetworkSpec::default();
    if spec.n_inputs > 0 {
        network.populations.push(PopulationSpec::new("input", spec.n_inputs, ModelSpec::ExternalSpikes));
    }
    for (i, layer) in spec.layers.iter().enumerate() {
        let Layer { size, neurons, rule, weight, delay } = layer;
        let name = format!("layer-{}", i + 1);
        if let Some(before) = network.populations.last() {
            let projection = ProjectionSpec::new(&before.name, &name, rule.clone());
            network.projections.push(projection.with(*weight, *delay));
        }
        network.populations.push(PopulationSpec::new(name, *size, ModelSpec::Lif(neurons.clone())));
    }
    network
}
