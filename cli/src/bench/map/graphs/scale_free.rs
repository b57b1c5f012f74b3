//! Chung and Lu's directed graph, a neuron's weights as a source and as a target drawn apart.

use rheobase_net::generate::{self, NetworkSpec};
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{Delays, PopulationId, Projection, Receptor, Synapses, Weights};

use super::order::without_repeats;
use super::{Made, neurons};

/// P(weight > x) falls with this exponent less one.
const EXPONENT: f64 = 2.5;
/// The least weight, with which the mean weight is 45.
const LEAST: f64 = 16.0;
/// The greatest weight: hubs have no more.
const MOST: f64 = 2000.0;

/// Neuron i sends w_i synapses, rounded, to targets drawn in proportion to their weights v_j.
///
/// Both are min(2000, 16·u^(−1/1.5)) with a u of their own, unlike the weights of
/// [`ScaleFree`](rheobase_net::generate::ScaleFree), where the greatest source is the greatest target.
/// Of repeats the first is left. `O(synapses · log n)`. After Chung & Lu 2002, doi 10.1007/PL00012580.
pub fn network(n: u32, seed: u64) -> Made {
    let sum: Vec<f64> = (0..n)
        .scan(0.0, |sum, neuron| {
            *sum += weight(&mut Stream::new(seed, Purpose::Choose, 1, u64::from(neuron)));
            Some(*sum)
        })
        .collect();
    let total = sum.last().copied().unwrap_or(0.0);
    let (mut row_start, mut target) = (vec![0], Vec::new());
    for source in 0..n {
        let degree = weight(&mut Stream::new(seed, Purpose::Choose, 0, u64::from(source))).round() as u32;
        let mut stream = Stream::new(seed, Purpose::Connect, 0, u64::from(source));
        let first = target.len();
        target.extend((0..degree).map(|_| {
            let drawn = total * stream.open01();
            (sum.partition_point(|sum| *sum <= drawn) as u32).min(n - 1)
        }));
        target[first..].sort_unstable();
        row_start.push(target.len() as u64);
    }
    let populations = vec![neurons("neurons", n)];
    let mut network = generate::generate(&NetworkSpec { populations, ..NetworkSpec::default() }, seed)?;
    let mut synapses =
        Synapses { row_start, target, weight: Weights::Shared(1.0), delay: Delays::Shared(1.0) };
    without_repeats(&mut synapses);
    network.projections.push(Projection {
        name: "recurrent".to_owned(),
        source: PopulationId(0),
        target: PopulationId(0),
        receptor: Receptor::BySign,
        synapses,
        plasticity: None,
    });
    Ok(network)
}

fn weight(stream: &mut Stream) -> f64 {
    MOST.min(LEAST * libm::pow(stream.open01(), -1.0 / (EXPONENT - 1.0)))
}
