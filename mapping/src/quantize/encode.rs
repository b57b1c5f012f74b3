//! The whole numbers of a population and of the projections into it, and what they cost.

use std::collections::HashMap;

use rheobase_net::{LifPopulation, Population, Projection, SynapseKind, ValidNetwork};

use super::column::Column;
use super::compartment::{Compartment, compartments, faults, tau_of};
use super::config::QuantizeConfig;
use super::delays::{beyond, bits, delays_beyond, lag};
use super::fault::QuantizeFault;
use super::format::{NumberFormat, WeightFormat};
use super::network::{QuantizedNeuron, QuantizedProjection};
use super::rates::{Drive, rate};
use super::report::{PopulationReport, ProjectionReport, RateChange};
use super::scale::{Bins, Needs, Scale, Spread, choose, step, threshold};
use super::synapses::{each_synapse, sign_of};
use crate::Activity;
use crate::graph::Numbers;

/// A population and the projections into it in the chip's numbers.
pub(super) struct Encoded {
    pub neurons: Vec<QuantizedNeuron>,
    /// Units of the potential for 1 mV; `[neurons]`.
    pub per_mv: Vec<f64>,
    pub report: PopulationReport,
    /// By place in the network's list.
    pub projections: Vec<(usize, QuantizedProjection, ProjectionReport)>,
}

/// What all populations are encoded with.
#[derive(Clone, Copy)]
pub(super) struct Encoder<'a> {
    pub network: &'a ValidNetwork,
    pub numbers: &'a Numbers,
    pub format: &'a NumberFormat,
    pub activity: &'a Activity,
    pub config: &'a QuantizeConfig,
}

/// A population with the chip's decays.
struct Target<'a> {
    population: &'a Population,
    lif: &'a LifPopulation,
    load: [f64; 2],
    compartments: Vec<Compartment>,
    /// The projections into it, by place.
    projections: Vec<(usize, &'a Projection)>,
}

/// The mean and the variance of the potential of every neuron, before and after.
struct Drives {
    before: Vec<Drive>,
    after: Vec<Drive>,
}

impl Encoder<'_> {
    /// Encodes the population at place `p`.
    ///
    /// # Errors
    /// If no scale or no numbers are left for its neurons.
    pub fn encode(&self, p: usize, lif: &LifPopulation) -> Result<Encoded, QuantizeFault> {
        let Self { network, format, config, .. } = *self;
        let population = &network.populations()[p];
        let projections = self.into(p);
        let load = self.load(&projections);
        let compartments = compartments(population, lif, load, format, config)?;
        let target = Target { population, lif, load, compartments, projections };
        let (spreads, current) = self.spreads(&target);
        let needs = Needs::new(&target.compartments, current, &spreads);
        let name = &population.name;
        let scale = choose(name, &target.compartments, &spreads, &needs, format, config)?;
        let neurons: Vec<QuantizedNeuron> =
            target.compartments.iter().map(|c| neuron(c, scale.scale, format)).collect();
        let mut drives = config.counted.map(|_| Drives::new(&target.compartments, &neurons, format));
        let encoded = target.projections.iter().zip(&spreads).zip(&scale.exps);
        let projections = encoded.map(|(((at, projection), spread), exp)| {
            let (quantized, report) = self.projection(
                &target,
                projection,
                spread.format,
                (scale.scale, *exp),
                &neurons,
                &mut drives,
            );
            (*at, quantized, report)
        });
        let projections = projections.collect();
        let filled = current * scale.scale * format.unit() / format.max_state();
        let report = self.report(&target, &scale, &neurons, filled, drives.as_ref());
        let per_mv = target.compartments.iter().map(|c| c.per_mv * scale.scale).collect();
        Ok(Encoded { neurons, per_mv, report, projections })
    }

    /// The time constants of the population at place `p` that are rounded too much, or too far apart.
    pub fn faults(&self, p: usize, lif: &LifPopulation) -> Vec<QuantizeFault> {
        faults(&self.network.populations()[p], lif, self.load(&self.into(p)), self.format, self.config)
    }

    /// The projections into the population at place `p`, by place.
    fn into(&self, p: usize) -> Vec<(usize, &Projection)> {
        let all = self.network.projections().iter().enumerate();
        all.filter(|(_, projection)| projection.target.idx() == p).collect()
    }

    /// The sum of squares of what all spikes bring to each of the two currents.
    fn load(&self, projections: &[(usize, &Projection)]) -> [f64; 2] {
        let mut load = [0.0; 2];
        for (_, projection) in projections {
            each_synapse(projection, self.numbers, self.activity, |synapse| {
                load[synapse.port] += synapse.spikes * synapse.weight * synapse.weight;
            });
        }
        load
    }

    /// The weights of every projection for a scale of 1, and the greatest sum of a neuron's of one sign.
    fn spreads(&self, target: &Target<'_>) -> (Vec<Spread>, f64) {
        let mut sums = vec![[0.0_f64; 2]; target.compartments.len()];
        let mut spreads = Vec::new();
        for (_, projection) in &target.projections {
            let (mut low, mut high) = (0.0_f64, 0.0_f64);
            each_synapse(projection, self.numbers, self.activity, |synapse| {
                let x = synapse.weight * target.compartments[synapse.target].gain[synapse.port];
                (low, high) = (low.min(x), high.max(x));
                sums[synapse.target][usize::from(x < 0.0)] += x.abs();
            });
            let format =
                WeightFormat { bits: self.config.weight_bits, sign: sign_of(projection, self.format) };
            let mut bins = Bins::new(format, low, high);
            each_synapse(projection, self.numbers, self.activity, |synapse| {
                let compartment = &target.compartments[synapse.target];
                let counts = synapse.spikes * compartment.chip.square() / compartment.threshold.powi(2);
                bins.add(synapse.weight * compartment.gain[synapse.port], counts);
            });
            spreads.push(bins.spread());
        }
        (spreads, sums.iter().flatten().copied().fold(0.0, f64::max))
    }

    /// A projection in whole numbers.
    fn projection(
        &self,
        target: &Target<'_>,
        projection: &Projection,
        format: WeightFormat,
        (scale, exp): (f64, i8),
        neurons: &[QuantizedNeuron],
        drives: &mut Option<Drives>,
    ) -> (QuantizedProjection, ProjectionReport) {
        let (unit, step, [least, greatest]) = (self.format.unit(), step(format, exp), format.range());
        let n = projection.synapses.len();
        let mut bytes = vec![0; n];
        let (mut saturated, mut to_zero) = (0, 0);
        let (mut weight_error, mut weight_energy) = (0.0, 0.0);
        let (mut membrane_error, mut membrane_energy) = (0.0, 0.0);
        let per_step = self.config.counted.map(|counted| self.config.dt / counted);
        each_synapse(projection, self.numbers, self.activity, |synapse| {
            let compartment = &target.compartments[synapse.target];
            let gain = scale * compartment.gain[synapse.port];
            let nearest = (synapse.weight * gain / step).round();
            let q = nearest.clamp(least, greatest);
            bytes[synapse.at] = format.to_byte(q);
            saturated += u64::from(q != nearest);
            to_zero += u64::from(q == 0.0 && synapse.weight != 0.0);
            weight_error += (q * step / gain - synapse.weight).powi(2);
            weight_energy += synapse.weight.powi(2);
            // The first step of both courses, as shares of their thresholds.
            let (chip, float) = (compartment.chip, compartment.float[synapse.port]);
            let after = q * step * unit / first_above(&neurons[synapse.target], self.format);
            let before = synapse.weight * compartment.amplitude[synapse.port];
            let energy = before * before * float.square();
            let error = after * after * chip.square() - 2.0 * after * before * chip.dot(float) + energy;
            membrane_error += synapse.spikes * error.max(0.0);
            membrane_energy += synapse.spikes * energy;
            if let (Some(drives), Some(per_step)) = (drives.as_mut(), per_step) {
                let spikes = (synapse.spikes - 1.0) * per_step;
                drives.before[synapse.target].add(spikes, before, float);
                drives.after[synapse.target].add(spikes, after, chip);
            }
        });
        let lag = lag(target.lif.synapse);
        let delays = delays_beyond(&projection.synapses.delay, n, lag, self.config.dt);
        let (delays_rounded, delay_error) = self.delay_errors(projection, lag);
        let delay_bits = bits(&delays);
        let is_one = bytes.windows(2).all(|pair| pair[0] == pair[1]);
        let weights = match bytes.first() {
            Some(byte) if is_one => Column::Shared(*byte),
            _ => Column::Each(bytes),
        };
        let relative = |error: f64, energy: f64| if energy > 0.0 { (error / energy).sqrt() } else { 0.0 };
        let report = ProjectionReport {
            projection: projection.name.clone(),
            synapses: n as u64,
            sign: format.sign,
            weight_exp: exp,
            saturated,
            to_zero,
            weight_error: relative(weight_error, weight_energy),
            membrane_error: relative(membrane_error, membrane_energy),
            delay_bits,
            delays_rounded,
            delay_error,
        };
        (QuantizedProjection::new(format, exp, weights, delays, delay_bits), report)
    }

    /// How many delays are no whole numbers of steps, and by how much \[ms\] at most.
    fn delay_errors(&self, projection: &Projection, lag: u8) -> (u64, f64) {
        let (delays, dt) = (&projection.synapses.delay, self.config.dt);
        let n = projection.synapses.len();
        let looked_at = delays.stored().unwrap_or(n.min(1));
        let errors = (0..looked_at).map(|i| {
            let delay = delays.get(i);
            ((beyond(delay, lag, dt) + 1.0 - f64::from(lag)) * dt - delay).abs()
        });
        let rounded = |error: f64| error > 1e-9 * dt;
        let (found, greatest) = errors.fold((0, 0.0_f64), |(found, greatest), error| {
            (found + u64::from(rounded(error)), greatest.max(if rounded(error) { error } else { 0.0 }))
        });
        (if delays.stored().is_none() { found * n as u64 } else { found }, greatest)
    }

    fn report(
        &self,
        target: &Target<'_>,
        scale: &Scale,
        neurons: &[QuantizedNeuron],
        current_filled: f64,
        drives: Option<&Drives>,
    ) -> PopulationReport {
        let Target { population, lif, load, compartments, projections: _ } = target;
        let (dt, unit) = (self.config.dt, self.format.unit());
        let greatest = |of: &dyn Fn(usize) -> f64| (0..neurons.len()).map(of).fold(0.0, f64::max);
        let has_current = lif.synapse == SynapseKind::Exp;
        let tau_syn =
            |i: usize, port: usize| if port == 0 { lif.tau_syn_ex.get(i) } else { lif.tau_syn_in.get(i) };
        let off = |is: f64, was: f64| ((1.0 - is) / (1.0 - was) - 1.0).abs();
        let current_off = |i: usize, port: usize| {
            let is_used = has_current && load[port] > 0.0;
            if is_used { off(compartments[i].chip.alpha, compartments[i].float[port].alpha) } else { 0.0 }
        };
        let is_two =
            |i: usize| has_current && load[0] > 0.0 && load[1] > 0.0 && tau_syn(i, 0) != tau_syn(i, 1);
        let settled = |i: usize| {
            let bias = f64::from(neurons[i].bias) * f64::from(1_u32 << neurons[i].bias_exp);
            bias / (1.0 - compartments[i].chip.beta) / (unit * scale.scale * compartments[i].threshold)
        };
        let thresholds = neurons.iter().map(|neuron| neuron.threshold);
        PopulationReport {
            population: population.name.clone(),
            neurons: population.size,
            configs: n_configs(neurons),
            threshold: [thresholds.clone().min().unwrap_or(0), thresholds.max().unwrap_or(0)],
            threshold_error: greatest(&|i| {
                let wanted = unit * scale.scale * compartments[i].threshold;
                (first_above(&neurons[i], self.format) / wanted - 1.0).abs()
            }),
            membrane_decay_error: greatest(&|i| {
                off(compartments[i].chip.beta, compartments[i].float[0].beta)
            }),
            current_decay_error: greatest(&|i| current_off(i, 0).max(current_off(i, 1))),
            tau_syn_merged: (0..neurons.len()).any(is_two),
            bias_error: greatest(&|i| (settled(i) - compartments[i].settled).abs()),
            t_ref_error: greatest(&|i| {
                ((f64::from(neurons[i].refractory) - 1.0) * dt - lif.t_ref.get(i)).abs()
            }),
            current_filled,
            rate: drives.map(|drives| self.rate_change(target, neurons, drives)),
        }
    }

    /// The rates of some neurons, evenly, before and after.
    fn rate_change(&self, target: &Target<'_>, neurons: &[QuantizedNeuron], drives: &Drives) -> RateChange {
        const SAMPLE: usize = 1024;
        let (parts, dt, lif) = (self.format.decay_parts(), self.config.dt, target.lif);
        let has_current = lif.synapse == SynapseKind::Exp;
        let some: Vec<usize> = (0..neurons.len()).step_by(neurons.len().div_ceil(SAMPLE)).collect();
        let (mut before, mut after, mut change) = (0.0, 0.0, 0.0);
        for i in &some {
            let neuron = &neurons[*i];
            let tau_syn = if target.load[0] > 0.0 { lif.tau_syn_ex.get(*i) } else { lif.tau_syn_in.get(*i) };
            let current = tau_of(f64::from(neuron.current_decay) + 1.0, parts, dt);
            let of = |tau: f64| if has_current { tau } else { 0.0 };
            let a = rate(drives.before[*i], lif.tau_m.get(*i), of(tau_syn), lif.t_ref.get(*i));
            let tau_m = tau_of(f64::from(neuron.membrane_decay), parts, dt);
            let b = rate(drives.after[*i], tau_m, of(current), (f64::from(neuron.refractory) - 1.0) * dt);
            (before, after, change) = (before + a, after + b, change + (b - a).abs());
        }
        let n = some.len() as f64;
        RateChange { before: before / n, after: after / n, mean_change: change / n }
    }
}

impl Drives {
    /// What constant currents bring.
    fn new(compartments: &[Compartment], neurons: &[QuantizedNeuron], format: &NumberFormat) -> Self {
        let before = compartments.iter().map(|c| Drive { mean: c.settled, variance: 0.0 });
        let after = compartments.iter().zip(neurons).map(|(c, neuron)| {
            let bias = f64::from(neuron.bias) * f64::from(1_u32 << neuron.bias_exp);
            Drive { mean: bias / (1.0 - c.chip.beta) / first_above(neuron, format), variance: 0.0 }
        });
        Self { before: before.collect(), after: after.collect() }
    }
}

/// A neuron in whole numbers.
fn neuron(compartment: &Compartment, scale: f64, format: &NumberFormat) -> QuantizedNeuron {
    let bias = compartment.bias * scale;
    let mantissas = f64::from((1_u32 << format.bias_bits) - 1);
    let fits = |exp: &u8| (bias / f64::from(1_u32 << *exp)).round().abs() <= mantissas;
    let bias_exp = (0..format.bias_exp).find(fits).unwrap_or(format.bias_exp);
    let mantissa = (bias / f64::from(1_u32 << bias_exp)).round().clamp(-mantissas, mantissas);
    let most = format.max_state() - 1.0;
    QuantizedNeuron {
        current_decay: compartment.current_decay,
        membrane_decay: compartment.membrane_decay,
        threshold: threshold(compartment, scale, format),
        bias: mantissa as i16,
        bias_exp: if mantissa == 0.0 { 0 } else { bias_exp },
        refractory: compartment.refractory,
        v_init: (compartment.v_init * scale).round().clamp(-most, most) as i32,
    }
}

/// The least potential at which a neuron fires.
pub(super) fn first_above(neuron: &QuantizedNeuron, format: &NumberFormat) -> f64 {
    f64::from(neuron.threshold) * format.unit() + 1.0
}

/// The number of distinct configurations.
fn n_configs(neurons: &[QuantizedNeuron]) -> u32 {
    let mut seen = HashMap::new();
    neurons.iter().for_each(|neuron| {
        seen.insert(neuron.config(), ());
    });
    seen.len() as u32
}
