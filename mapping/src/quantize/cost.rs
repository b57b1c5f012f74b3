//! What whole numbers cost: the errors of weights and delays, of neurons, and of rates.

use std::collections::HashSet;

use rheobase_net::{Projection, SynapseKind};

use super::compartment::{Compartment, tau_of};
use super::delays::beyond;
use super::encode::{Encoder, Target, first_above};
use super::format::NumberFormat;
use super::network::QuantizedNeuron;
use super::rates::{Drive, rate};
use super::report::{PopulationReport, RateChange};
use super::scale::Scale;

/// What the weights of a projection have cost.
#[derive(Default)]
pub(super) struct Cost {
    pub saturated: u64,
    pub to_zero: u64,
    pub weight: MeanSquare,
    pub membrane: MeanSquare,
}

/// Sums of squares: of errors, and of what they are errors of.
#[derive(Default)]
pub(super) struct MeanSquare {
    size: f64,
    error: f64,
}

impl MeanSquare {
    /// Adds a square and that of its error, `counts` times.
    pub fn add(&mut self, counts: f64, size: f64, error: f64) {
        self.size += counts * size;
        self.error += counts * error;
    }

    /// The root mean square of errors, relative to that of what they are errors of.
    pub fn relative(&self) -> f64 {
        if self.size > 0.0 { (self.error / self.size).sqrt() } else { 0.0 }
    }
}

/// The mean and the variance of the potential of every neuron, before and after.
pub(super) struct Drives {
    pub before: Vec<Drive>,
    pub after: Vec<Drive>,
}

impl Drives {
    /// What constant currents bring.
    pub fn new(compartments: &[Compartment], neurons: &[QuantizedNeuron], format: &NumberFormat) -> Self {
        let before = compartments.iter().map(|c| Drive { mean: c.settled, variance: 0.0 });
        let after = compartments.iter().zip(neurons).map(|(c, neuron)| {
            let bias = f64::from(neuron.bias) * f64::from(1_u32 << neuron.bias_exp);
            Drive { mean: bias / (1.0 - c.chip.beta) / first_above(neuron, format), variance: 0.0 }
        });
        Self { before: before.collect(), after: after.collect() }
    }
}

impl Encoder<'_> {
    /// How many delays are no whole numbers of steps, and by how much \[ms\] at most.
    pub fn delay_errors(&self, projection: &Projection, lag: u8) -> (u64, f64) {
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

    /// What a population has cost; `current_filled` is told by its weights.
    pub fn population_report(
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
            configs: neurons.iter().map(QuantizedNeuron::config).collect::<HashSet<_>>().len() as u32,
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
            // The time constant of a current that does what two do together.
            let compartment = &target.compartments[*i];
            let loud = [0, 1].map(|port| {
                target.load[port] * compartment.amplitude[port].powi(2) * compartment.float[port].square()
            });
            let (ex, inh) = (lif.tau_syn_ex.get(*i), lif.tau_syn_in.get(*i));
            let all = loud[0] + loud[1];
            let tau_syn = if all > 0.0 { (loud[0] * ex + loud[1] * inh) / all } else { ex };
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
