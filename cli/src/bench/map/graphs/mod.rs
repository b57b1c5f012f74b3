//! The benchmark graphs of mapping: networks whose wiring decides how well they can be cut.
//!
//! | kind | wiring | 10,000 asked for |
//! |---|---|---|
//! | liquid | Maass's column in 3-D, neurons in raster order | 10,164 neurons, 679,000 synapses |
//! | liquid-shuffled | the same, neurons in random order | the same |
//! | small-world | a ring of 64 neighbors, a tenth of the synapses rewired | 640,000 synapses |
//! | brunel | 64 random targets a neuron | 638,000 synapses |
//! | scale-free | Chung and Lu's graph, in- and out-weights of a power law, independent | 428,000 synapses |
//! | potjans | the microcircuit's probabilities, its populations scaled | 7,713 neurons, 1,862,000 synapses |
//! | lenet | LeNet-5's layers, a neuron a unit | 6,598 neurons, 286,120 synapses |
//!
//! No two synapses join the same pair, and no neuron reaches itself. How often a neuron spikes is drawn
//! for itself, log-normal with a mean of about ten, from the same seed for every graph.

mod layers;
mod liquid;
mod order;
mod potjans;
mod random;
mod scale_free;

use std::ops::RangeInclusive;

use anyhow::anyhow;
use clap::ValueEnum;
use rheobase_mapping::{Activity, Graph, Layout};
use rheobase_net::generate::{GenerateError, LifSpec, ModelSpec, PopulationSpec};
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{Network, SynapseKind, ValidNetwork, validate};

use crate::error::{Failure, OrBadInput};

/// Bits of a synapse: a weight of 8 and an index of 10; every delay is one step and takes none.
const SYNAPSE_BITS: u16 = 18;
/// The seed of the activity, whatever that of the graph.
const ACTIVITY_SEED: u64 = 1;
/// The most neurons of a graph that can have any number of them.
const MOST: u32 = 10_000_000;

/// Which wiring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// Map a liquid: Maass's column in 3-D, its neurons in raster order
    #[value(name = "map-liquid")]
    Liquid,
    /// Map the same liquid, its neurons in random order
    #[value(name = "map-liquid-shuffled")]
    LiquidShuffled,
    /// Map Watts and Strogatz's ring
    #[value(name = "map-small-world")]
    SmallWorld,
    /// Map a random graph of 64 targets a neuron
    #[value(name = "map-brunel")]
    Brunel,
    /// Map Chung and Lu's graph, of degrees with a power law
    #[value(name = "map-scale-free")]
    ScaleFree,
    /// Map Potjans and Diesmann's microcircuit, as peers were measured: without synapses onto L23E
    #[value(name = "map-potjans")]
    Potjans,
    /// Map the same microcircuit with all its synapses
    #[value(name = "map-potjans-full")]
    PotjansFull,
    /// Map LeNet-5's layers
    #[value(name = "map-lenet")]
    Lenet,
}

impl Kind {
    /// The number of neurons if none is asked for.
    pub fn usual_size(self) -> u32 {
        match self {
            Self::Liquid | Self::LiquidShuffled | Self::SmallWorld | Self::Brunel | Self::ScaleFree => 10_000,
            Self::Potjans | Self::PotjansFull => 7717,
            Self::Lenet => layers::LENET_SIZE,
        }
    }

    /// The sizes that there are.
    fn sizes(self) -> RangeInclusive<u32> {
        match self {
            Self::Liquid | Self::LiquidShuffled | Self::Brunel | Self::ScaleFree => 1..=MOST,
            Self::SmallWorld => random::FAN_OUT + 1..=MOST,
            Self::Potjans | Self::PotjansFull => potjans::LEAST_SIZE..=potjans::FULL_SIZE,
            Self::Lenet => layers::LENET_SIZE..=layers::LENET_SIZE,
        }
    }

    /// The network of about `n` neurons.
    ///
    /// # Errors
    /// If there is none of that size.
    pub fn case(self, n: u32, seed: u64) -> Result<Case, Failure> {
        let sizes = self.sizes();
        if !sizes.contains(&n) {
            let (least, most) = (sizes.start(), sizes.end());
            return Err(anyhow!("--n is {n}, and this graph has from {least} to {most} neurons"))
                .or_bad_input();
        }
        let network = match self {
            Self::Liquid => liquid::network(n, order::raster, seed),
            Self::LiquidShuffled => {
                liquid::network(n, |column| order::shuffled(n_neurons(column), seed), seed)
            }
            Self::SmallWorld => random::small_world(n, seed),
            Self::Brunel => random::fixed_out_degree(n, seed),
            Self::ScaleFree => scale_free::network(n, seed),
            Self::Potjans => potjans::network(n, false, seed),
            Self::PotjansFull => potjans::network(n, true, seed),
            Self::Lenet => layers::lenet(seed),
        };
        let network = validate(network.or_bad_input()?).or_bad_input()?;
        let n_neurons = network.n_neurons();
        let layout = Layout {
            synapse_bits: vec![SYNAPSE_BITS; network.projections().len()],
            config: vec![0; n_neurons as usize],
        };
        Ok(Case { network, layout, activity: activity(n_neurons) })
    }
}

/// What is mapped.
#[derive(Debug)]
pub struct Case {
    /// The network, all of neurons.
    pub network: ValidNetwork,
    /// How it is laid down.
    pub layout: Layout,
    /// How often its neurons spike.
    pub activity: Activity,
}

impl Case {
    /// What a mapper sees of it.
    pub fn graph(&self) -> Graph {
        Graph::new(&self.network, &self.layout, &self.activity)
    }
}

/// Spikes of every neuron: the rounded values of exp(ln 10 − 1/2 + N(0, 1)), whose mean is about 10.
fn activity(n_neurons: u32) -> Activity {
    let spikes = |neuron: u32| {
        let normal = Stream::new(ACTIVITY_SEED, Purpose::Parameter, 0, u64::from(neuron)).normal();
        libm::exp(std::f64::consts::LN_10 - 0.5 + normal).round() as u32
    };
    Activity((0..n_neurons).map(spikes).collect())
}

fn n_neurons(network: &Network) -> u32 {
    network.populations.iter().map(|population| population.size).sum()
}

/// A population of neurons with delta synapses; what else they are like does not matter to a mapping.
fn neurons(name: &str, size: u32) -> PopulationSpec {
    PopulationSpec::new(name, size, ModelSpec::Lif(lif()))
}

fn lif() -> LifSpec {
    LifSpec { synapse: SynapseKind::Delta, ..LifSpec::default() }
}

/// A network, or why there is none of the size that is asked for.
type Made = Result<Network, GenerateError>;

#[cfg(test)]
mod tests;
