//! LeNet-5 as a network: a neuron a unit, a population a layer.

use rheobase_net::generate::{self, Explicit, NetworkSpec, ProjectionSpec, Rule};

use super::{Made, neurons};

/// Height, width and channels of a layer; units are numbered channel by channel, row by row.
#[derive(Debug, Clone, Copy)]
struct Layer(u32, u32, u32);

/// How a layer is reached from the one before.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Every channel, from a square of so many units a side.
    Convolve(u32),
    /// Its own channel, from a square of so many units a side; squares do not overlap.
    Pool(u32),
    /// Everything.
    Dense,
}

const INPUT: Layer = Layer(28, 28, 1);
const LAYERS: [(Step, Layer); 7] = [
    (Step::Convolve(5), Layer(24, 24, 6)),
    (Step::Pool(2), Layer(12, 12, 6)),
    (Step::Convolve(5), Layer(8, 8, 16)),
    (Step::Pool(2), Layer(4, 4, 16)),
    (Step::Dense, Layer(1, 1, 120)),
    (Step::Dense, Layer(1, 1, 84)),
    (Step::Dense, Layer(1, 1, 10)),
];

/// The neurons of LeNet-5.
pub const LENET_SIZE: u32 = 6598;

/// LeNet-5, its input a layer of neurons too (LeCun et al. 1998, doi 10.1109/5.726791).
pub fn lenet(seed: u64) -> Made {
    let mut spec = NetworkSpec { populations: vec![neurons("layer-0", INPUT.size())], ..Default::default() };
    let mut before = INPUT;
    for (i, (step, layer)) in LAYERS.into_iter().enumerate() {
        let (source, target) = (format!("layer-{i}"), format!("layer-{}", i + 1));
        spec.populations.push(neurons(&target, layer.size()));
        let rule = Rule::Explicit(step.pairs(before, layer));
        spec.projections.push(ProjectionSpec::new(source, target, rule));
        before = layer;
    }
    generate::generate(&spec, seed)
}

impl Layer {
    fn size(self) -> u32 {
        self.0 * self.1 * self.2
    }

    fn unit(self, row: u32, column: u32, channel: u32) -> u32 {
        (channel * self.0 + row) * self.1 + column
    }
}

impl Step {
    /// The synapses from one layer to the next.
    fn pairs(self, from: Layer, to: Layer) -> Explicit {
        let mut pairs = Explicit::default();
        for target in 0..to.size() {
            let (channel, place) = (target / (to.0 * to.1), target % (to.0 * to.1));
            let (row, column) = (place / to.1, place % to.1);
            let sources = match self {
                Self::Convolve(side) => square(from, [row, column], side, 0..from.2),
                Self::Pool(side) => square(from, [row * side, column * side], side, channel..channel + 1),
                Self::Dense => (0..from.size()).collect(),
            };
            pairs.targets.extend(sources.iter().map(|_| target));
            pairs.sources.extend(sources);
        }
        pairs
    }
}

/// The units of a square of a layer, from its first row and column on, in some channels.
fn square(layer: Layer, [row, column]: [u32; 2], side: u32, channels: std::ops::Range<u32>) -> Vec<u32> {
    let rows = |channel| (row..row + side).map(move |row| (channel, row));
    let units = |(channel, row)| (column..column + side).map(move |column| layer.unit(row, column, channel));
    channels.flat_map(rows).flat_map(units).collect()
}
