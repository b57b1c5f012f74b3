//! Random networks, random chips: never a panic, every number within the chip's, every error within its bound.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use proptest::prelude::*;
use proptest::sample::select;
use rheobase_mapping::quantize::{NumberFormat, Parameters, QuantizeConfig, SignMode, quantize};
use rheobase_mapping::{Activity, Graph};
use rheobase_net::{
    Delays, LifPopulation, Model, Network, Param, Population, PopulationId, Projection, Receptor,
    SpikeSource, SynapseKind, Synapses, ValidNetwork, Weights, validate,
};

/// Numbers between 0 and 1 from a seed, one after the other.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    fn below(&mut self, n: u32) -> u32 {
        (self.next() * f64::from(n)) as u32
    }
}

fn neurons(draw: &mut Draw, size: u32) -> LifPopulation {
    let is_exp = draw.next() < 0.6;
    let mut each = |low: f64, high: f64| {
        let n = if draw.next() < 0.5 { 1 } else { size };
        let values: Vec<f64> = (0..n).map(|_| draw.between(low, high)).collect();
        if n == size && size > 1 { Param::PerNode(values) } else { Param::Shared(values[0]) }
    };
    LifPopulation {
        synapse: if is_exp { SynapseKind::Exp } else { SynapseKind::Delta },
        tau_m: each(2.0, 60.0),
        c_m: each(50.0, 500.0),
        v_rest: each(-75.0, -65.0),
        v_th: each(-58.0, -45.0),
        v_reset: each(-75.0, -60.0),
        t_ref: each(0.0, 5.0),
        i_bias: each(-200.0, 200.0),
        v_init: each(-70.0, -60.0),
        tau_syn_ex: each(1.0, 8.0),
        tau_syn_in: each(1.0, 8.0),
        ..LifPopulation::default()
    }
}

fn network(seed: u64) -> ValidNetwork {
    let mut draw = Draw(seed);
    let mut populations = Vec::new();
    for p in 0..2 + draw.below(3) {
        let size = 1 + draw.below(12);
        let is_source = p == 0 && draw.next() < 0.7;
        let model = if is_source {
            Model::SpikeSource(SpikeSource::External)
        } else {
            Model::Lif(neurons(&mut draw, size))
        };
        populations.push(Population { name: format!("p{p}"), size, model, positions: None });
    }
    let mut projections = Vec::new();
    for k in 0..draw.below(6) {
        let n = populations.len() as u32;
        let (source, target) = (draw.below(n) as usize, draw.below(n) as usize);
        if matches!(populations[target].model, Model::SpikeSource(_)) {
            continue;
        }
        let size = [10.0, 100.0, 1000.0][draw.below(3) as usize];
        let sign = draw.below(3);
        let (mut row_start, mut ends, mut weights, mut delays) = (vec![0], vec![], vec![], vec![]);
        for _ in 0..populations[source].size {
            for end in 0..populations[target].size {
                if draw.next() < 0.4 {
                    ends.push(end);
                    let weight = size * draw.next().powi(3);
                    weights.push(if sign == 0 || sign == 1 && draw.next() < 0.3 { -weight } else { weight });
                    delays.push(draw.between(1.0, 20.0));
                }
            }
            row_start.push(ends.len() as u64);
        }
        let weight = match draw.below(3) {
            0 => Weights::Shared(size * 0.3),
            1 => Weights::F32(weights.iter().map(|weight| *weight as f32).collect()),
            _ => Weights::F64(weights),
        };
        let delay = if draw.next() < 0.5 { Delays::Shared(2.0) } else { Delays::F64(delays) };
        let receptor = [Receptor::BySign, Receptor::Excitatory, Receptor::Inhibitory][draw.below(3) as usize];
        projections.push(Projection {
            name: format!("q{k}"),
            source: PopulationId(source as u32),
            target: PopulationId(target as u32),
            receptor,
            synapses: Synapses { row_start, target: ends, weight, delay },
            plasticity: None,
        });
    }
    validate(Network { populations, projections, ..Network::default() }).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn numbers_stay_within_the_chip_and_errors_within_their_bounds(
        seed in any::<u64>(),
        weight_bits in select(vec![1_u8, 2, 3, 4, 6, 8]),
        groups in 0_u32..5,
        negative_exponents in any::<bool>(),
        dt in select(vec![0.25, 0.5, 1.0]),
        delay in select(vec![1_u8, 20, 62, 255]),
        max_spikes in 0_u32..100,
    ) {
        let network = network(seed);
        let format = NumberFormat { delay, ..NumberFormat::loihi() };
        let parameters = if groups == 0 { Parameters::PerNeuron } else { Parameters::Groups(groups) };
        let config = QuantizeConfig {
            dt, weight_bits, parameters, negative_exponents,
            tau_syn_ratio: 8.0, counted: Some(1000.0), ..QuantizeConfig::default()
        };
        let mut draw = Draw(seed ^ 1);
        let mut activity = Activity::uniform(&network);
        activity.0.iter_mut().for_each(|spikes| *spikes = draw.below(max_spikes + 1));
        let quantized = match quantize(&network, &format, &activity, &config) {
            Ok(quantized) => quantized,
            // Delays, one bit for two signs and constant inputs may be too much; what they say is not empty.
            Err(error) => {
                prop_assert!(!error.faults.is_empty() && error.faults.iter().all(|fault| fault.to_string().len() > 20));
                return Ok(());
            }
        };
        for neuron in quantized.neurons() {
            prop_assert!((1..4096).contains(&neuron.membrane_decay) && neuron.current_decay < 4096);
            prop_assert!(neuron.threshold < 1 << 17 && neuron.threshold > 0);
            prop_assert!(neuron.bias.abs() < 1 << 12 && neuron.bias_exp <= 7);
            prop_assert!((1..=63).contains(&neuron.refractory) && neuron.v_init.abs() < 1 << 23);
        }
        let back = quantized.to_network();
        let layout = quantized.layout();
        Graph::new(&network, &layout, &activity);
        let mut sums = vec![[0.0_f64; 2]; network.n_nodes() as usize];
        for (p, projection) in network.projections().iter().enumerate() {
            let (is, report) = (&quantized.projections()[p], &quantized.report().projections[p]);
            let lowest = if negative_exponents { -7 } else { 0 };
            prop_assert!((lowest..=7).contains(&is.weight_exp()));
            let first = network.first_node(projection.target).0;
            let is_exp = matches!(
                &network.population(projection.target).model,
                Model::Lif(lif) if lif.synapse == SynapseKind::Exp
            );
            let mut n_zero = 0;
            for i in 0..projection.synapses.len() {
                let weight = i32::from(is.weight(i));
                let range = match is.sign() {
                    SignMode::Excitatory => 0..=255,
                    SignMode::Inhibitory => -255..=0,
                    SignMode::Mixed => -256..=255,
                };
                let shift = 8 - u32::from(weight_bits) + u32::from(is.sign() == SignMode::Mixed);
                prop_assert!(range.contains(&weight) && weight % (1 << shift) == 0);
                let steps = (projection.synapses.delay.get(i) / dt).round() as u32 - u32::from(!is_exp);
                prop_assert!(u32::from(is.delay(i)) == steps && is.delay(i) <= delay);
                prop_assert!(u32::from(is.delay(i)) < 1 << is.delay_bits());
                let was = projection.synapses.weight.get(i);
                n_zero += u64::from(weight == 0 && was != 0.0);
                let sum = f64::from(weight.abs()) * f64::from(is.weight_exp()).exp2();
                let end = first + projection.synapses.target[i];
                sums[end as usize][usize::from(weight < 0)] += sum;
                // A weight changes its size, its time constants make up for that, and never its sign.
                let is = back.projections()[p].synapses.weight.get(i);
                prop_assert!(is * was >= 0.0);
            }
            prop_assert_eq!(n_zero, report.to_zero);
            let bits = u16::from(weight_bits) + u16::from(is.delay_bits()) + 10;
            prop_assert_eq!(layout.synapse_bits[p], bits);
        }
        // All synapses of one sign at once fill the current at most, but for what rounding adds.
        for (node, sum) in sums.iter().enumerate() {
            let fan_in = network.projections().iter().map(|projection| {
                let first = network.first_node(projection.target).0 as usize;
                projection.synapses.target.iter().filter(|end| first + **end as usize == node).count()
            });
            let steps = f64::from(8 - weight_bits + 1).exp2() * 128.0 * fan_in.sum::<usize>() as f64;
            prop_assert!(sum[0].max(sum[1]) <= f64::from(1 << 17) + steps / 2.0);
        }
        for population in &quantized.report().populations {
            prop_assert!(population.threshold_error < 1.0 / 64.0);
            prop_assert!(population.current_filled <= 1.0 + 1e-9);
            let rate = population.rate.unwrap();
            prop_assert!(rate.before.is_finite() && rate.after.is_finite() && rate.mean_change.is_finite());
        }
        // With eight bits of one sign, what is off by much is what two currents or groups of neurons share.
        if weight_bits == 8 && groups == 0 {
            for (p, projection) in quantized.report().projections.iter().enumerate() {
                let target = network.projections()[p].target;
                let name = &network.population(target).name;
                let mut populations = quantized.report().populations.iter();
                let report = populations.find(|population| population.population == *name).unwrap();
                let decays = report.membrane_decay_error + report.current_decay_error;
                if !report.tau_syn_merged && projection.saturated == 0 && negative_exponents {
                    let bound = decays + 0.02 + projection.weight_error;
                    prop_assert!(projection.membrane_error <= bound, "{:?} {}", projection, decays);
                }
            }
        }
    }
}
