//! The float network that does what the chip does.

use rheobase_lif::Membrane;
use rheobase_lif::exp::ExpStep;
use rheobase_net::{
    Delays, LifPopulation, Model, Network, Param, Population, Projection, SynapseKind, Synapses,
    ValidNetwork, Weights, validate,
};

use super::compartment::tau_of;
use super::delays::lag;
use super::encode::first_above;
use super::network::{QuantizedNetwork, QuantizedProjection};

/// A population as it is again, and the weights \[mV or pA\] that a weight of 1 on the chip is; `[neurons]`.
struct Back {
    population: Population,
    weight: Vec<f64>,
}

impl QuantizedNetwork<'_> {
    /// The float network that has exactly these parameters: on a grid of the chip's step it does what the chip does,
    /// but for what the chip rounds away in every step. It tells what quantization costs.
    ///
    /// `v_reset`, `c_m`, positions and sources stay; `v_rest` is `v_reset`, and what the difference did is in
    /// `i_bias`. The threshold is the least potential at which the chip fires.
    ///
    /// # Panics
    /// Never: numbers of the chip make a valid network.
    pub fn to_network(&self) -> ValidNetwork {
        let back: Vec<Back> = (0..self.network.populations().len()).map(|p| self.population(p)).collect();
        let projections = self.network.projections().iter().zip(&self.projections);
        let projections =
            projections.map(|(was, is)| self.projection(was, is, &back[was.target.idx()])).collect();
        let populations = back.into_iter().map(|back| back.population).collect();
        let mut description = self.network.network().description.clone();
        description.generator = format!("{}, quantized", description.generator);
        let network = Network { populations, projections, description };
        validate(network).expect("every number of the chip is one of a network")
    }

    fn population(&self, p: usize) -> Back {
        let population = &self.network.populations()[p];
        let Model::Lif(lif) = &population.model else {
            return Back { population: population.clone(), weight: Vec::new() };
        };
        let (first, n) = (self.first_neuron(p), population.size as usize);
        let (parts, unit) = (self.format.decay_parts(), self.format.unit());
        let has_current = lif.synapse == SynapseKind::Exp;
        let mut columns: [Vec<f64>; 8] = Default::default();
        let mut weight = Vec::with_capacity(n);
        for i in 0..n {
            let (neuron, per_mv) = (&self.neurons[first + i], self.per_mv[first + i]);
            let tau_m = tau_of(f64::from(neuron.membrane_decay), parts, self.dt);
            let tau_syn = if has_current {
                tau_of(f64::from(neuron.current_decay) + 1.0, parts, self.dt)
            } else {
                self.dt
            };
            let v_reset = lif.v_reset.get(i);
            let v_th = v_reset + first_above(neuron, &self.format) / per_mv;
            let t_ref = (f64::from(neuron.refractory) - 1.0) * self.dt;
            let c_m = lif.c_m.get(i);
            let membrane = Membrane { tau_m, c_m, v_rest: v_reset, v_th, v_reset, t_ref, i_bias: 0.0 };
            let step = ExpStep::new(&membrane, tau_syn, tau_syn, self.dt);
            let bias = f64::from(neuron.bias) * f64::from(1_u32 << neuron.bias_exp);
            let i_bias = bias / per_mv / step.p20;
            let v_init = v_reset + f64::from(neuron.v_init) / per_mv;
            for (column, value) in
                columns.iter_mut().zip([tau_m, v_reset, v_th, t_ref, i_bias, v_init, tau_syn, tau_syn])
            {
                column.push(value);
            }
            weight.push(unit / per_mv / if has_current { step.p21_ex } else { 1.0 });
        }
        let [tau_m, v_rest, v_th, t_ref, i_bias, v_init, tau_syn_ex, tau_syn_in] = columns.map(param);
        let kept = lif.clone();
        let (tau_syn_ex, tau_syn_in) =
            if has_current { (tau_syn_ex, tau_syn_in) } else { (kept.tau_syn_ex, kept.tau_syn_in) };
        let lif = LifPopulation {
            tau_m,
            v_rest,
            v_th,
            t_ref,
            i_bias,
            v_init,
            tau_syn_ex,
            tau_syn_in,
            ..lif.clone()
        };
        let population = Population { model: Model::Lif(lif), ..population.clone() };
        Back { population, weight }
    }

    fn projection(&self, was: &Projection, is: &QuantizedProjection, target: &Back) -> Projection {
        let Synapses { row_start, target: ends, weight, delay } = &was.synapses;
        let factor = libm::exp2(f64::from(is.weight_exp()));
        let of = |i: usize| f64::from(is.weight(i)) * factor * target.weight[ends[i] as usize];
        let weight = match weight {
            Weights::F32(_) => {
                let narrow = |i: usize| of(i).clamp(f64::from(f32::MIN), f64::from(f32::MAX)) as f32;
                Weights::F32((0..ends.len()).map(narrow).collect())
            }
            Weights::Shared(_) | Weights::F64(_) => {
                let weights: Vec<f64> = (0..ends.len()).map(of).collect();
                match weights.first() {
                    Some(first) if weights.iter().all(|weight| weight == first) => Weights::Shared(*first),
                    _ => Weights::F64(weights),
                }
            }
        };
        let Model::Lif(lif) = &self.network.population(was.target).model else {
            return was.clone();
        };
        // What the chip counts beyond its own step, and that step.
        let steps = |i: usize| u16::from(is.delay(i)) + 1 - u16::from(lag(lif.synapse));
        let delay = match delay {
            Delays::Shared(delay) if ends.is_empty() => Delays::Shared(*delay),
            Delays::Shared(_) => Delays::Shared(f64::from(steps(0)) * self.dt),
            Delays::Ticks { .. } | Delays::F64(_) => {
                Delays::Ticks { tick: self.dt, n: (0..ends.len()).map(steps).collect() }
            }
        };
        let synapses = Synapses { row_start: row_start.clone(), target: ends.clone(), weight, delay };
        Projection { synapses, ..was.clone() }
    }
}

/// One value, if all are the same.
fn param(values: Vec<f64>) -> Param {
    match values.first() {
        Some(first) if values.iter().all(|value| value == first) => Param::Shared(*first),
        _ => Param::PerNode(values),
    }
}
