//! An experiment: data, how they become spikes, the liquid, what is read out, and how it is scored.
//!
//! It is a TOML file, or one of the functions here: [`vowels`] and [`spoken_digits`].

use rheobase_net::SynapseKind;
use rheobase_net::generate::{
    Distance, Distribution, Drawn, LifSpec, ModelSpec, NetworkSpec, PopulationSpec, ProjectionSpec, Rule,
    SpaceSpec,
};
use rheobase_sim::Scheduler;
use serde::{Deserialize, Serialize};

use crate::encode::{Encoder, Regular};
use crate::features::Features;
use crate::front_end::{FrontEnd, Normalize};
use crate::protocol::Protocol;
use crate::readout::Ridge;

/// Everything that a comparison of a liquid with its controls depends on.
///
/// | name | default | meaning |
/// |---|---|---|
/// | `data` | `vowels` | `vowels`, an HDF5 file, or a folder of WAV files with `index.csv` |
/// | `seeds` | 1 to 5 | one liquid is made, and everything random drawn, from each |
/// | `protocol` | official split | which samples train and which test |
/// | `inner_folds` | 5 | folds inside the training samples that choose the readout's strength |
/// | `front_end`, `encoder`, `features`, `readout` | see each | the stages |
/// | `liquid` | that of [`vowels`] | the network and how it runs |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Experiment {
    /// Where the data come from; the library does not look at it.
    pub data: String,
    /// One liquid is made from each.
    pub seeds: Vec<u64>,
    /// Which samples train and which test.
    pub protocol: Protocol,
    /// Folds inside the training samples, where groups do not give them.
    pub inner_folds: usize,
    /// From signals to channels.
    pub front_end: FrontEnd,
    /// From channels to spikes.
    pub encoder: Encoder,
    /// From the recording to numbers.
    pub features: Features,
    /// From numbers to answers.
    pub readout: Ridge,
    /// The network and how it runs.
    pub liquid: Liquid,
}

/// A liquid: a network with a population of external spike sources, one for each encoded channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Liquid {
    /// How time goes on.
    #[serde(default)]
    pub scheduler: Scheduler,
    /// Step of the grid \[ms\].
    #[serde(default = "one")]
    pub dt: f64,
    /// The population that gets the encoder's spikes.
    #[serde(default = "input")]
    pub input: String,
    /// The network.
    pub network: NetworkSpec,
}

fn one() -> f64 {
    1.0
}

fn input() -> String {
    "input".to_owned()
}

impl Default for Experiment {
    fn default() -> Self {
        vowels()
    }
}

/// Who speaks? The nine speakers of the Japanese vowels, by a liquid of 135 neurons.
///
/// The readout gets the number of spikes of every neuron over the whole utterance and nothing of their
/// time: what it knows of the order of sounds, the liquid has kept. With bins of time the linear front
/// end alone solves this task (0.98 to 0.99 from three bins on), and a liquid has nothing to add.
pub fn vowels() -> Experiment {
    let neuron = LifSpec {
        v_rest: Distribution::normal(0.0, 9.0),
        v_th: lognormal(15.0, 0.4),
        tau_m: lognormal(20.0, 0.6),
        t_ref: 1.0.into(),
        tau_syn_ex: 8.0.into(),
        tau_syn_in: 8.0.into(),
        ..neuron()
    };
    let column = Column {
        channels: 12,
        grid: [15, 3, 3],
        n_exc: 108,
        n_inh: 27,
        neuron,
        lambda: 2.0,
        recurrent: (10.0, 20.0),
        input: Input { p: 0.5, share_positive: 0.8, weight: (410.0, 410.0), longest_delay: 61.0 },
    };
    Experiment {
        data: "vowels".to_owned(),
        seeds: vec![1, 2, 3, 4, 5],
        protocol: Protocol::Official,
        inner_folds: 5,
        front_end: FrontEnd { frame_ms: 60.0, ..FrontEnd::default() },
        encoder: Encoder::Regular(Regular { rate_hz: 200.0, ..Regular::default() }),
        features: Features { bins: 1, ..Features::default() },
        readout: Ridge::default(),
        liquid: Liquid { scheduler: Scheduler::Grid, dt: 1.0, input: input(), network: column.spec() },
    }
}

/// Which digit is spoken, by a speaker who was never heard? A liquid of 500 neurons.
///
/// Wide windows make the counts less dependent on a speaker's pace, delays of the input give the liquid
/// a memory of about 60 ms, and a fifth of the channels' own means is taken out of the spectrum.
pub fn spoken_digits() -> Experiment {
    let neuron = LifSpec {
        v_th: lognormal(15.0, 0.3),
        tau_m: lognormal(10.0, 0.6),
        t_ref: 2.0.into(),
        tau_syn_ex: 3.0.into(),
        tau_syn_in: 4.5.into(),
        ..neuron()
    };
    let column = Column {
        channels: 40,
        grid: [8, 8, 8],
        n_exc: 400,
        n_inh: 100,
        neuron,
        lambda: 3.0,
        recurrent: (150.0, 200.0),
        input: Input { p: 0.2, share_positive: 0.45, weight: (1625.0, 1083.0), longest_delay: 61.0 },
    };
    let normalize = Normalize::Peak { percentile: 99.5, range_db: 45.0, ceiling: 1.2, center: 0.2 };
    Experiment {
        data: "fsdd.h5".to_owned(),
        protocol: Protocol::LeaveOneGroupOut,
        front_end: FrontEnd { normalize: Some(normalize), ..FrontEnd::default() },
        encoder: Encoder::Regular(Regular { rate_hz: 300.0, ..Regular::default() }),
        features: Features { bins: 5, window: 5.0, ..Features::default() },
        readout: Ridge { strengths: vec![100.0, 300.0, 875.0, 1750.0, 3500.0] },
        liquid: Liquid { scheduler: Scheduler::Grid, dt: 1.0, input: input(), network: column.spec() },
        ..vowels()
    }
}

/// A log-normal distribution by its median.
fn lognormal(median: f64, sigma: f64) -> Distribution {
    Distribution::Drawn(Drawn::LogNormal { mu: 0.0, sigma, factor: median })
}

/// What the neurons of both liquids share: rest and reset at 0 mV, 250 pF.
fn neuron() -> LifSpec {
    LifSpec {
        synapse: SynapseKind::Exp,
        c_m: 250.0.into(),
        v_rest: 0.0.into(),
        v_reset: 0.0.into(),
        v_init: Some(0.0.into()),
        ..LifSpec::default()
    }
}

/// Maass's column with gamma-distributed weights, and an input of both signs with drawn delays.
struct Column {
    channels: u32,
    grid: [u32; 3],
    n_exc: u32,
    n_inh: u32,
    neuron: LifSpec,
    lambda: f64,
    /// Mean size of excitatory and inhibitory weights \[pA\].
    recurrent: (f64, f64),
    input: Input,
}

struct Input {
    /// Probability that a channel reaches a neuron.
    p: f64,
    share_positive: f64,
    /// Mean size of positive and negative weights \[pA\].
    weight: (f64, f64),
    /// Delays are even between 1 ms and this \[ms\].
    longest_delay: f64,
}

impl Column {
    fn spec(self) -> NetworkSpec {
        let Self { channels, grid, n_exc, n_inh, neuron, lambda, recurrent, input } = self;
        // Shape 4: a coefficient of variation of 1/2.
        let gamma = |mean: f64| Distribution::Drawn(Drawn::Gamma { shape: 4.0, scale: 0.25, factor: mean });
        let lif = ModelSpec::Lif(neuron);
        let mut projections = Vec::new();
        // Probabilities at distance 0, source first.
        for (source, target, c) in
            [("exc", "exc", 0.45), ("exc", "inh", 0.3), ("inh", "exc", 0.6), ("inh", "inh", 0.15)]
        {
            let weight = if source == "exc" { recurrent.0 } else { -recurrent.1 };
            let rule = Rule::Distance(Distance { c, lambda, cutoff: None });
            projections.push(ProjectionSpec::new(source, target, rule).with(gamma(weight), 1.0));
        }
        let Input { p, share_positive, weight, longest_delay } = input;
        for target in ["exc", "inh"] {
            for (sign, share, weight) in
                [("positive", share_positive, weight.0), ("negative", 1.0 - share_positive, -weight.1)]
            {
                let rule = Rule::FixedProbability { p: p * share };
                let delay = Distribution::uniform(1.0, longest_delay);
                let mut projection = ProjectionSpec::new("input", target, rule).with(gamma(weight), delay);
                projection.name = Some(format!("input-{target}-{sign}"));
                projection.tick = 1.0;
                projections.push(projection);
            }
        }
        NetworkSpec {
            spaces: vec![SpaceSpec { name: "column".to_owned(), grid, spacing: [1.0; 3] }],
            populations: vec![
                PopulationSpec::new("input", channels, ModelSpec::ExternalSpikes),
                PopulationSpec::new("exc", n_exc, lif.clone()).in_space("column"),
                PopulationSpec::new("inh", n_inh, lif).in_space("column"),
            ],
            projections,
        }
    }
}
