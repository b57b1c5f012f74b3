//! Sources: nodes that send spikes or currents and receive nothing.

use crate::{Param, SpikeTrain, Waveform};

/// Where the spikes of a source population come from.
#[derive(Debug, Clone, PartialEq)]
pub enum SpikeSource {
    /// They are given with the run.
    External,
    /// Each source draws its own Poisson train from the run's seed.
    Poisson {
        /// Rate \[Hz\], ≥ 0.
        rate_hz: Param,
    },
    /// Each source draws its own Poisson train from the run's seed, of a rate that changes in steps.
    PoissonSteps {
        /// Rate \[Hz\], ≥ 0; 0 before its first time. One channel for all nodes, or one a node.
        rates: Waveform,
    },
    /// They are part of the network; times \[ms\], nodes counted inside the population.
    Train(SpikeTrain),
}

/// Where the currents of a source population come from.
#[derive(Debug, Clone, PartialEq)]
pub enum CurrentSource {
    /// They are given with the run.
    External,
    /// They are part of the network, one channel a node.
    Steps(Waveform),
    /// Each source draws its own Gaussian noise from the run's seed (NEST's `noise_generator`): in every
    /// interval `[k · interval, (k + 1) · interval)` its current is `mean + sd · z`, with `z` drawn from
    /// the standard normal distribution for the node and `k`. All targets of a node get the same current;
    /// independent noise takes a node a neuron.
    ///
    /// The variance of a membrane that it drives grows with `interval`: it is a part of the model, and not
    /// the step of a scheduler.
    Noise {
        /// Mean \[pA\].
        mean: Param,
        /// Standard deviation \[pA\], ≥ 0.
        sd: Param,
        /// How long a value holds \[ms\], > 0.
        interval: f64,
    },
}
