//! The microcircuit with its populations scaled and its probabilities kept.

use rheobase_net::generate::{self, ModelSpec, NetworkSpec, ProjectionSpec, Rule, pd14};

use super::{Made, neurons};

/// The neurons of the full model.
pub const FULL_SIZE: u32 = 77_169;
/// The least size at which every population has a neuron.
pub const LEAST_SIZE: u32 = 73;

/// The population whose incoming synapses the graph lacks on which other partitioners were measured.
///
/// Their figures are for 1.87 million synapses at 7,713 neurons. The published probabilities give 2.85
/// million; without the row of L23E they give 1.86 million, and sequential filling takes the published
/// number of cores, of illegal cores and of destinations. So that graph is what they are compared on.
const WITHOUT: &str = "L23E";

/// The microcircuit of about `n` neurons; with all its synapses, or as peers were measured.
pub fn network(n: u32, whole: bool, seed: u64) -> Made {
    let full = pd14(1.0);
    let size_at_full_scale = |name: &str| {
        let is_it = |population: &&generate::PopulationSpec| population.name == name;
        full.populations.iter().find(is_it).and_then(|population| population.size).unwrap_or(0)
    };
    let mut spec = NetworkSpec::default();
    for population in &full.populations {
        if matches!(population.model, ModelSpec::Lif(_)) {
            let size = u64::from(size_at_full_scale(&population.name)) * u64::from(n) / u64::from(FULL_SIZE);
            spec.populations.push(neurons(&population.name, size as u32));
        }
    }
    for projection in &full.projections {
        // Poisson input is joined by other rules.
        let Rule::TotalNumber { n: synapses } = projection.rule else { continue };
        let (source, target) = (&projection.source, &projection.target);
        if target == WITHOUT && !whole {
            continue;
        }
        // So many pairs drawn with replacement leave a pair unjoined with probability 1 − p.
        let pairs = f64::from(size_at_full_scale(source)) * f64::from(size_at_full_scale(target));
        let p = -libm::expm1(synapses as f64 * libm::log1p(-1.0 / pairs));
        spec.projections.push(ProjectionSpec::new(source, target, Rule::FixedProbability { p }));
    }
    generate::generate(&spec, seed)
}
