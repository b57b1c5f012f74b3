//! One population, joined by one rule of the generator.

use rheobase_net::generate::{self, NetworkSpec, ProjectionSpec, Rule, SmallWorld};

use super::order::without_repeats;
use super::{Made, neurons};

/// Synapses a neuron.
pub(super) const FAN_OUT: u32 = 64;

/// A ring of which a tenth of the synapses is rewired. Every neuron keeps its 64 synapses.
pub fn small_world(n: u32, seed: u64) -> Made {
    one_rule(n, Rule::SmallWorld(SmallWorld { k: FAN_OUT, beta: 0.1 }), seed)
}

/// Targets drawn with replacement, the neuron itself among them, and then without repeats.
pub fn fixed_out_degree(n: u32, seed: u64) -> Made {
    let mut network = one_rule(n, Rule::FixedOutDegree { k: FAN_OUT }, seed)?;
    network.projections.iter_mut().for_each(|projection| without_repeats(&mut projection.synapses));
    Ok(network)
}

fn one_rule(n: u32, rule: Rule, seed: u64) -> Made {
    let repeats = matches!(rule, Rule::FixedOutDegree { .. });
    let projection = ProjectionSpec {
        allow_autapses: repeats,
        allow_multapses: repeats,
        ..ProjectionSpec::new("neurons", "neurons", rule)
    };
    let spec = NetworkSpec {
        populations: vec![neurons("neurons", n)],
        projections: vec![projection],
        ..NetworkSpec::default()
    };
    generate::generate(&spec, seed)
}
