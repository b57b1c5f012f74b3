//! How many parts a network will take, before they are searched for.

use super::state::Load;
use crate::Graph;
use crate::chip::Limits;

/// The number of parts, from what a network needs at least and from what first partitions took.
pub(super) struct Estimate<'a> {
    limits: &'a Limits,
    neurons: f64,
    least: f64,
    parts: f64,
    /// Sources by their number of targets: (targets, sources).
    degrees: Vec<(u32, u32)>,
    /// Parts and axons of the first partition before.
    before: Option<(f64, f64)>,
}

/// Share of a limit that parts should have on the average when the search begins: closing parts is quicker
/// than opening some.
const BEGIN: f64 = 0.94;
/// The same of compartments, of which parts need more than a few to spare if neurons are to find their place.
const ROOMY: f64 = 0.75;
/// What the search leaves of the axons of a first partition, by experience: of a network without structure
/// the sum, of one with structure less.
const LEFT: f64 = 0.68;
const UNSTRUCTURED: f64 = 0.24;
/// The same where the order of the network is better than what the graph tells.
const ORDERED: f64 = 0.97;

impl<'a> Estimate<'a> {
    pub fn new(graph: &Graph, limits: &'a Limits) -> Self {
        let sources = || 0..graph.n_sources();
        let words = |source: u32| {
            let bits = u32::from(graph.synapse_bits[source as usize]);
            limits.memory.words(graph.targets(source).len() as u32, bits)
        };
        let words: u64 = sources().map(words).sum();
        let neurons = f64::from(graph.n_neurons);
        let least = (neurons / f64::from(limits.compartments))
            .max(words as f64 / limits.synapse_words.max(1) as f64)
            .ceil()
            .clamp(1.0, neurons.max(1.0));
        let mut degrees: Vec<u32> = sources().map(|source| graph.targets(source).len() as u32).collect();
        degrees.sort_unstable();
        let degrees = degrees.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
        Self { limits, neurons, least, parts: least, degrees, before: None }
    }

    /// Axons that sources with random targets have in `n` parts.
    fn unstructured(&self, n: f64) -> f64 {
        let touched = |(degree, count): &(u32, u32)| {
            f64::from(*count) * n * (1.0 - libm::pow(1.0 - 1.0 / n, f64::from(*degree)))
        };
        self.degrees.iter().map(touched).sum()
    }

    /// Takes in what the parts of a first partition hold, and whether it is in the order of the network.
    pub fn learn(&mut self, loads: &[Load], in_order: bool) {
        let n = loads.len() as f64;
        let sum = |of: fn(&Load) -> f64| loads.iter().map(of).sum::<f64>();
        let axons = sum(|load| f64::from(load.input_axons)).max(1.0);
        let outputs = sum(|load| f64::from(load.output_axons)).max(1.0);
        let by_words = sum(|load| load.words as f64) / (BEGIN * self.limits.synapse_words as f64);
        let by_neurons = self.neurons / (ROOMY * f64::from(self.limits.compartments));
        // Input axons that a part may have, or as many as there are when its output axons are used up.
        let per_part =
            f64::from(self.limits.input_axons).min(f64::from(self.limits.output_axons) * axons / outputs);
        let random = self.unstructured(n).max(1.0);
        let share = (axons / random).min(1.0);
        let left = match in_order {
            _ if n == 1.0 => 1.0,
            true => ORDERED,
            false => LEFT + UNSTRUCTURED * share,
        };
        let growth = |n_then: f64| match self.before {
            // As it grew from one to the other.
            Some((n_before, axons_before)) if (n / n_before - 1.0).abs() > 0.02 => {
                let power = libm::log(axons / axons_before) / libm::log(n / n_before);
                libm::pow(n_then / n, power.clamp(0.0, 0.97))
            }
            // As without structure, and the less the more there is.
            _ => libm::pow(self.unstructured(n_then) / random, share),
        };
        let enough = |n: f64| left * axons * growth(n) <= BEGIN * per_part * n;
        let mut low = self.least.max(by_words.ceil()).max(by_neurons.ceil()).min(self.neurons.max(1.0));
        if !enough(low) {
            let mut high = self.neurons.max(low);
            while high - low > 1.0 {
                let middle = (0.5 * (low + high)).floor();
                if enough(middle) { high = middle } else { low = middle }
            }
            low = high;
        }
        self.before = Some((n, axons));
        self.parts = low;
    }

    /// The parts that the search should begin with.
    pub fn parts(&self) -> u32 {
        self.parts as u32
    }
}
