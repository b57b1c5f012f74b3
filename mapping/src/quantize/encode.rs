//! The whole numbers of a population and of the projections into it.

use rheobase_net::{LifPopulation, Population, Projection, ValidNetwork};

use super::column::Column;
use super::compartment::{Compartment, compartments, faults};
use super::config::QuantizeConfig;
use super::cost::{Cost, Drives};
use super::delays::{bits, delays_beyond, lag};
use super::fault::QuantizeFault;
use super::format::{NumberFormat, WeightFormat};
use super::network::{QuantizedNeuron, QuantizedProjection};
use super::report::{PopulationReport, ProjectionReport};
use super::scale::{Bins, Needs, Spread, choose, step, threshold};
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
pub(super) struct Target<'a> {
    pub population: &'a Population,
    pub lif: &'a LifPopulation,
    pub load: [f64; 2],
    pub compartments: Vec<Compartment>,
    /// The projections into it, by place.
    pub projections: Vec<(usize, &'a Projection)>,
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
        let report = self.population_report(&target, &scale, &neurons, filled, drives.as_ref());
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
        let mut cost = Cost::default();
        let per_step = self.config.counted.map(|counted| self.config.dt / counted);
        each_synapse(projection, self.numbers, self.activity, |synapse| {
            let compartment = &target.compartments[synapse.target];
            let gain = scale * compartment.gain[synapse.port];
            let nearest = (synapse.weight * gain / step).round();
            let q = nearest.clamp(least, greatest);
            bytes[synapse.at] = format.to_byte(q);
            cost.saturated += u64::from(q != nearest);
            cost.to_zero += u64::from(q == 0.0 && synapse.weight != 0.0);
            cost.weight.add(1.0, synapse.weight.powi(2), (q * step / gain - synapse.weight).powi(2));
            // The first step of both courses, as shares of their thresholds.
            let (chip, float) = (compartment.chip, compartment.float[synapse.port]);
            let after = q * step * unit / first_above(&neurons[synapse.target], self.format);
            let before = synapse.weight * compartment.amplitude[synapse.port];
            let size = before * before * float.square();
            let error = after * after * chip.square() - 2.0 * after * before * chip.dot(float) + size;
            cost.membrane.add(synapse.spikes, size, error.max(0.0));
            if let (Some(drives), Some(per_step)) = (drives.as_mut(), per_step) {
                let spikes = (synapse.spikes - 1.0) * per_step;
                drives.before[synapse.target].add(spikes, before, float);
                drives.after[synapse.target].add(spikes, after, chip);
            }
        });
        let is_one = bytes.windows(2).all(|pair| pair[0] == pair[1]);
        let weights = match bytes.first() {
            Some(byte) if is_one => Column::Shared(*byte),
            _ => Column::Each(bytes),
        };
        let lag = lag(target.lif.synapse);
        let delays = delays_beyond(&projection.synapses.delay, n, lag, self.config.dt);
        let delay_bits = bits(&delays);
        let (delays_rounded, delay_error) = self.delay_errors(projection, lag);
        let Cost { saturated, to_zero, weight, membrane } = cost;
        let report = ProjectionReport {
            projection: projection.name.clone(),
            synapses: n as u64,
            sign: format.sign,
            weight_exp: exp,
            saturated,
            to_zero,
            weight_error: weight.relative(),
            membrane_error: membrane.relative(),
            delay_bits,
            delays_rounded,
            delay_error,
        };
        (QuantizedProjection::new(format, exp, weights, delays, delay_bits), report)
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
