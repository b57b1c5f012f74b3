//! A checksum that says whether two networks are the same for a run.
//!
//! The hash is BLAKE3 of a stream of little-endian bytes in a stated order:
//!
//! 1. a tag with a version; the number of populations; of each, in order: name, size, model;
//! 2. the number of projections; of each, in order: name, source, target, receptor, plasticity, row starts,
//!    targets, weights, delays.
//!
//! A text or list is its length (u64), then its content; a choice is its number (u8), then its content. A
//! long list enters as the hashes of its blocks of 2²⁰ bytes, so that all cores work on it, and the result
//! does not depend on their number. What no result depends on is left out: positions, names of inputs and the
//! description.
//! A value that all share and the same value written out for each are different networks here, and so are 0
//! and -0.
//!
//! Cost: `O(synapses)`, one pass, in memory that does not grow.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;
use rheobase_ltc::cell::Activation;
use rheobase_ltc::cell::cfc::{CfcConfig, FfActivation, Mode};
use rheobase_ltc::cell::ltc::{Constraint, LtcConfig, Map, Unfold};
use rheobase_ltc::wiring::{Synapse, Wiring};
use serde::{Deserialize, Serialize};

use crate::{
    Bounds, CurrentSource, Delays, IzhikevichMethod, IzhikevichPopulation, LifPopulation, LiquidCell,
    LtcOutput, LtcPopulation, Model, Param, Plasticity, Population, Projection, Receptor, SpikeSource,
    SpikeTrain, StdpPair, StdpTriplet, SynapseKind, Synapses, Tsodyks, ValidNetwork, Waveform, Weights,
};

/// A checksum of everything in a network that a run depends on.
///
/// ```
/// use rheobase_net::{Fingerprint, LifPopulation, Model, Network, Population, validate};
///
/// let population = |size| Population {
///     name: "liquid".to_owned(),
///     size,
///     model: Model::Lif(LifPopulation::default()),
///     positions: None,
/// };
/// let network = |size| Network { populations: vec![population(size)], ..Network::default() };
/// let of = |size| Ok(Fingerprint::of(&validate(network(size))?));
/// assert_eq!(of(3)?, of(3)?);
/// assert_ne!(of(3)?, of(4)?);
/// # Ok::<(), rheobase_net::InvalidNetwork>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a network.
    pub fn of(network: &ValidNetwork) -> Self {
        let mut canon = Canon(blake3::Hasher::new());
        canon.text("rheobase network 1");
        canon.u64(network.populations().len() as u64);
        network.populations().iter().for_each(|population| canon.population(population));
        canon.u64(network.projections().len() as u64);
        network.projections().iter().for_each(|projection| canon.projection(projection));
        Self(*canon.0.finalize().as_bytes())
    }
}

impl fmt::Display for Fingerprint {
    /// The first 64 bits, enough to tell networks apart by eye.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0[..8].iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::LowerHex for Fingerprint {
    /// All 256 bits, for files.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A text is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint has 64 hexadecimal digits")]
pub struct NoFingerprint;

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    /// Reads what [`LowerHex`](fmt::LowerHex) writes.
    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let digit = |digit: u8| char::from(digit).to_digit(16).map(|digit| digit as u8).ok_or(NoFingerprint);
        let (mut bytes, digits) = ([0; 32], text.as_bytes());
        if digits.len() != 2 * bytes.len() {
            return Err(NoFingerprint);
        }
        for (byte, digits) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(digits[0])? << 4 | digit(digits[1])?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// The stream of bytes that is hashed.
struct Canon(blake3::Hasher);

impl Canon {
    fn choice(&mut self, number: u8) {
        self.0.update(&[number]);
    }

    fn u32(&mut self, value: u32) {
        self.0.update(&value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.update(&value.to_le_bytes());
    }

    fn f64(&mut self, value: f64) {
        self.0.update(&value.to_le_bytes());
    }

    /// A fixed number of values, in the order of their fields.
    fn f64s(&mut self, values: &[f64]) {
        values.iter().for_each(|value| self.f64(*value));
    }

    fn text(&mut self, text: &str) {
        self.u64(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    /// A list of numbers of `N` bytes each.
    fn list<T: Copy + Sync, const N: usize>(&mut self, values: &[T], bytes: fn(T) -> [u8; N]) {
        const BLOCK: usize = 1 << 20;
        let hash = |block: &[T]| {
            /// Small enough for the second cache, and long enough for the hash's vector instructions.
            const PIECE: usize = 1 << 14;
            let mut hasher = blake3::Hasher::new();
            let mut piece = [[0; N]; PIECE];
            for values in block.chunks(PIECE) {
                piece.iter_mut().zip(values).for_each(|(place, value)| *place = bytes(*value));
                hasher.update(piece[..values.len()].as_flattened());
            }
            *hasher.finalize().as_bytes()
        };
        self.u64(values.len() as u64);
        let hashes: Vec<[u8; 32]> = values.par_chunks(BLOCK / N).map(hash).collect();
        self.0.update(hashes.as_flattened());
    }

    fn param(&mut self, param: &Param) {
        match param {
            Param::Shared(value) => {
                self.choice(0);
                self.f64(*value);
            }
            Param::PerNode(values) => {
                self.choice(1);
                self.list(values, f64::to_le_bytes);
            }
        }
    }

    fn population(&mut self, population: &Population) {
        let Population { name, size, model, positions: _ } = population;
        self.text(name);
        self.u32(*size);
        match model {
            Model::Lif(lif) => {
                self.choice(0);
                self.lif(lif);
            }
            Model::SpikeSource(source) => {
                self.choice(1);
                self.spike_source(source);
            }
            Model::CurrentSource(source) => {
                self.choice(2);
                self.current_source(source);
            }
            Model::Izhikevich(izhikevich) => {
                self.choice(3);
                self.izhikevich(izhikevich);
            }
            Model::Ltc(ltc) => {
                self.choice(4);
                self.ltc(ltc);
            }
        }
    }

    fn lif(&mut self, lif: &LifPopulation) {
        self.choice(match lif.synapse {
            SynapseKind::Delta => 0,
            SynapseKind::Exp => 1,
            SynapseKind::Alpha => 2,
            SynapseKind::Conductance => 3,
        });
        self.params(&lif.params());
    }

    fn izhikevich(&mut self, izhikevich: &IzhikevichPopulation) {
        self.choice(match izhikevich.method {
            IzhikevichMethod::Euler => 0,
            IzhikevichMethod::RungeKutta4 => 1,
        });
        self.params(&izhikevich.params());
    }

    fn ltc(&mut self, ltc: &LtcPopulation) {
        let LtcPopulation { cell, parameters, inputs: _, interval, time_scale, tau_trace, v_init, output } =
            ltc;
        match cell {
            LiquidCell::Ltc { wiring, config } => {
                self.choice(0);
                self.wiring(wiring);
                self.ltc_config(config);
            }
            LiquidCell::Cfc { n_inputs, units, config } => {
                self.choice(1);
                self.u64(*n_inputs as u64);
                self.u64(*units as u64);
                self.cfc_config(config);
            }
            LiquidCell::WiredCfc { wiring, mode } => {
                self.choice(2);
                self.wiring(wiring);
                // Which layer a unit is in says what it hears, and when.
                for layer in wiring.layers() {
                    self.u64(layer.len() as u64);
                    self.list(layer, u32::to_le_bytes);
                }
                self.mode(*mode);
            }
        }
        self.list(parameters, f64::to_le_bytes);
        self.f64s(&[*interval, *time_scale]);
        self.param(tau_trace);
        self.param(v_init);
        match output {
            LtcOutput::Current => self.choice(0),
            LtcOutput::SigmaDelta { threshold } => {
                self.choice(1);
                self.f64(*threshold);
            }
            LtcOutput::Crossing { threshold } => {
                self.choice(2);
                self.f64(*threshold);
            }
            LtcOutput::Rate { hz_per_unit } => {
                self.choice(3);
                self.f64(*hz_per_unit);
            }
        }
    }

    /// Who listens to whom. Layers, kinds and polarities say how parameters started, and a run has those.
    fn wiring(&mut self, wiring: &Wiring) {
        for n in [wiring.units(), wiring.n_inputs(), wiring.n_outputs()] {
            self.u64(n as u64);
        }
        for synapses in [wiring.synapses(), wiring.sensory()] {
            let pairs: Vec<[u32; 2]> =
                synapses.iter().map(|Synapse { target, source, polarity: _ }| [*target, *source]).collect();
            self.list(pairs.as_flattened(), u32::to_le_bytes);
        }
    }

    fn ltc_config(&mut self, config: &LtcConfig) {
        let LtcConfig { unfolds, unfold, input_map, output_map, constraint, epsilon } = config;
        self.u64(*unfolds as u64);
        self.choice(match unfold {
            Unfold::Fused => 0,
            Unfold::Exponential => 1,
        });
        for map in [input_map, output_map] {
            self.choice(match map {
                Map::Affine => 0,
                Map::Linear => 1,
                Map::None => 2,
            });
        }
        self.choice(match constraint {
            Constraint::Clipped => 0,
            Constraint::Softplus => 1,
        });
        self.f64(*epsilon);
    }

    /// Dropout is for training, and changes no run.
    fn cfc_config(&mut self, config: &CfcConfig) {
        let CfcConfig { mode, backbone_layers, backbone_units, activation, dropout: _, ff_activation } =
            config;
        self.mode(*mode);
        self.u64(*backbone_layers as u64);
        self.u64(*backbone_units as u64);
        self.choice(match activation {
            Activation::LecunTanh => 0,
            Activation::Silu => 1,
            Activation::Relu => 2,
            Activation::Tanh => 3,
            Activation::Gelu => 4,
        });
        self.choice(match ff_activation {
            FfActivation::Tanh => 0,
            FfActivation::LecunTanh => 1,
        });
    }

    fn mode(&mut self, mode: Mode) {
        self.choice(match mode {
            Mode::Default => 0,
            Mode::NoGate => 1,
            Mode::Pure => 2,
        });
    }

    /// Every parameter of a population with its name.
    fn params(&mut self, params: &[(&str, &Param)]) {
        for (name, param) in params {
            self.text(name);
            self.param(param);
        }
    }

    fn spike_source(&mut self, source: &SpikeSource) {
        match source {
            SpikeSource::External => self.choice(0),
            SpikeSource::Poisson { rate_hz } => {
                self.choice(1);
                self.param(rate_hz);
            }
            SpikeSource::Train(train) => {
                self.choice(2);
                self.train(train);
            }
            SpikeSource::PoissonSteps { rates } => {
                self.choice(3);
                self.waveform(rates);
            }
        }
    }

    fn train(&mut self, train: &SpikeTrain) {
        self.u32(train.n_nodes());
        self.list(train.times(), f64::to_le_bytes);
        self.list(train.nodes(), u32::to_le_bytes);
    }

    fn current_source(&mut self, source: &CurrentSource) {
        match source {
            CurrentSource::External => self.choice(0),
            CurrentSource::Steps(waveform) => {
                self.choice(1);
                self.waveform(waveform);
            }
            CurrentSource::Noise { mean, sd, interval } => {
                self.choice(2);
                self.param(mean);
                self.param(sd);
                self.f64(*interval);
            }
        }
    }

    fn waveform(&mut self, waveform: &Waveform) {
        self.u32(waveform.n_channels());
        self.list(waveform.times(), f64::to_le_bytes);
        self.list(waveform.values(), f64::to_le_bytes);
    }

    fn projection(&mut self, projection: &Projection) {
        let Projection { name, source, target, receptor, synapses, plasticity } = projection;
        self.text(name);
        self.u32(source.0);
        self.u32(target.0);
        self.choice(match receptor {
            Receptor::BySign => 0,
            Receptor::Excitatory => 1,
            Receptor::Inhibitory => 2,
        });
        self.plasticity(plasticity.as_ref());
        self.synapses(synapses);
    }

    fn plasticity(&mut self, rule: Option<&Plasticity>) {
        match rule {
            None => self.choice(0),
            Some(Plasticity::Tsodyks(rule)) => {
                self.choice(1);
                let Tsodyks { u, tau_rec, tau_fac, u0: _, x0 } = *rule;
                // What is left out is the same as what is written out.
                self.f64s(&[u, tau_rec, tau_fac, rule.initial_u(), x0]);
            }
            Some(Plasticity::StdpPair(rule)) => {
                self.choice(2);
                let StdpPair { tau_plus, tau_minus, lambda, alpha, mu_plus, mu_minus, w_max } = *rule;
                self.f64s(&[tau_plus, tau_minus, lambda, alpha, mu_plus, mu_minus, w_max]);
            }
            Some(Plasticity::StdpTriplet(rule)) => {
                self.choice(3);
                self.stdp_triplet(rule);
            }
        }
    }

    fn stdp_triplet(&mut self, rule: &StdpTriplet) {
        let StdpTriplet {
            tau_plus,
            tau_plus_triplet,
            tau_minus,
            tau_minus_triplet,
            a_plus,
            a_minus,
            a_plus_triplet,
            a_minus_triplet,
            w_max,
            bounds,
        } = *rule;
        self.f64s(&[tau_plus, tau_plus_triplet, tau_minus, tau_minus_triplet]);
        self.f64s(&[a_plus, a_minus, a_plus_triplet, a_minus_triplet, w_max]);
        self.choice(match bounds {
            Bounds::Hard => 0,
            Bounds::Soft => 1,
        });
    }

    fn synapses(&mut self, synapses: &Synapses) {
        let Synapses { row_start, target, weight, delay } = synapses;
        self.list(row_start, u64::to_le_bytes);
        self.list(target, u32::to_le_bytes);
        match weight {
            Weights::Shared(weight) => {
                self.choice(0);
                self.f64(*weight);
            }
            Weights::F32(weights) => {
                self.choice(1);
                self.list(weights, f32::to_le_bytes);
            }
            Weights::F64(weights) => {
                self.choice(2);
                self.list(weights, f64::to_le_bytes);
            }
        }
        match delay {
            Delays::Shared(delay) => {
                self.choice(0);
                self.f64(*delay);
            }
            Delays::Ticks { tick, n } => {
                self.choice(1);
                self.f64(*tick);
                self.list(n, u16::to_le_bytes);
            }
            Delays::F64(delays) => {
                self.choice(2);
                self.list(delays, f64::to_le_bytes);
            }
        }
    }
}
