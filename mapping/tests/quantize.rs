//! The chip's whole numbers against closed forms and against steps in floating point.
//!
//! `Chip` below takes the steps of `specs/loihi.md`, section 3.2 (Lava 0.10's `LIF`, with the refractory count of
//! nengo-loihi), and shares no code with the crate. Closed forms stand where they are used.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use rheobase_mapping::Activity;
use rheobase_mapping::quantize::{
    NumberFormat, Parameters, QuantizeConfig, QuantizedNetwork, QuantizedNeuron, SignMode, quantize,
};
use rheobase_net::{
    Delays, LifPopulation, Model, Network, Param, Population, PopulationId, Projection, Receptor,
    SpikeSource, SynapseKind, Synapses, ValidNetwork, Weights, validate,
};

/// A neuron of the chip.
#[derive(Default)]
struct Chip {
    u: i64,
    v: i64,
    held: u8,
}

impl Chip {
    /// Takes a step in which `a` arrives, and tells whether the neuron fires.
    fn step(&mut self, neuron: &QuantizedNeuron, a: i64) -> bool {
        let decay = |x: i64, m: i64| x.signum() * ((x.abs() * m) >> 12);
        self.u = decay(self.u, 4096 - (i64::from(neuron.current_decay) + 1)) + (a << 6);
        assert!(self.u.abs() < 1 << 23, "the current wraps around: {}", self.u);
        let bias = i64::from(neuron.bias) << neuron.bias_exp;
        self.v = decay(self.v, 4096 - i64::from(neuron.membrane_decay)) + self.u + bias;
        self.v = self.v.clamp(-(1 << 23) + 1, (1 << 23) - 1);
        if self.held > 0 {
            (self.held, self.v) = (self.held - 1, 0);
            return false;
        }
        let fires = self.v > i64::from(neuron.threshold) << 6;
        if fires {
            (self.held, self.v) = (neuron.refractory - 1, 0);
        }
        fires
    }
}

fn population(name: &str, size: u32, model: Model) -> Population {
    Population { name: name.to_owned(), size, model, positions: None }
}

/// A source for every weight, all onto neuron 0 of one population.
fn onto_one(lif: LifPopulation, weights: &[f64], delay: f64) -> ValidNetwork {
    let n = weights.len() as u32;
    let synapses = Synapses {
        row_start: (0..=u64::from(n)).collect(),
        target: vec![0; weights.len()],
        weight: Weights::F64(weights.to_vec()),
        delay: Delays::Shared(delay),
    };
    let projection = Projection {
        name: "in-n".to_owned(),
        source: PopulationId(0),
        target: PopulationId(1),
        receptor: Receptor::BySign,
        synapses,
        plasticity: None,
    };
    let populations = vec![
        population("in", n, Model::SpikeSource(SpikeSource::External)),
        population("n", 1, Model::Lif(lif)),
    ];
    validate(Network { populations, projections: vec![projection], ..Network::default() }).unwrap()
}

fn quantized<'a>(network: &'a ValidNetwork, config: &QuantizeConfig) -> QuantizedNetwork<'a> {
    quantize(network, &NumberFormat::loihi(), &Activity::uniform(network), config).unwrap()
}

/// Rest, reset and start at 0 mV, threshold 15 mV, 250 pF.
fn neuron(synapse: SynapseKind, tau_m: f64, tau_syn: f64) -> LifPopulation {
    LifPopulation {
        synapse,
        tau_m: tau_m.into(),
        c_m: 250.0.into(),
        v_rest: 0.0.into(),
        v_th: 15.0.into(),
        v_reset: 0.0.into(),
        v_init: 0.0.into(),
        tau_syn_ex: tau_syn.into(),
        tau_syn_in: tau_syn.into(),
        ..LifPopulation::default()
    }
}

/// 4096 (1 − e^(−1/20)) = 199.76 and 4096 (1 − e^(−1/5)) = 742.48; the current's register has one less.
#[test]
fn decays_are_the_nearest_parts_in_4096() {
    let network = onto_one(neuron(SynapseKind::Exp, 20.0, 5.0), &[100.0], 1.0);
    let one = quantized(&network, &QuantizeConfig::default()).neurons()[0];
    assert_eq!((one.membrane_decay, one.current_decay, one.refractory), (200, 741, 3));
    let network = onto_one(neuron(SynapseKind::Delta, 20.0, 5.0), &[1.0], 1.0);
    assert_eq!(quantized(&network, &QuantizeConfig::default()).neurons()[0].current_decay, 4095);
}

/// With x(k) the float potential k steps after arrival: delta w e^(−k/tau_m), one step ahead of the arrival's own
/// step for exponential currents, w R tau_s/(tau_m − tau_s) (e^(−(k+1)/tau_m) − e^(−(k+1)/tau_s)).
///
/// The bound: half a unit of the weight, a twentieth of a part of each decay's (they are off by 0.12 % and 0.07 %) on
/// the way, and what rounding towards zero takes, a unit a step of the current and of the potential, each for as long
/// as it is remembered.
#[test]
fn a_potential_follows_the_float_one() {
    let (tau_m, tau_s, w) = (20.0_f64, 5.0_f64, 700.0_f64);
    for (synapse, w) in [(SynapseKind::Exp, w), (SynapseKind::Delta, 6.0)] {
        let network = onto_one(neuron(synapse, tau_m, tau_s), &[w, w / 3.0], 1.0);
        let quantized = quantized(&network, &QuantizeConfig::default());
        let (neuron, projection) = (quantized.neurons()[0], &quantized.projections()[0]);
        let per_mv = f64::from(neuron.threshold) * 64.0 / 15.0;
        for i in 0..2 {
            let a = i64::from(projection.weight(i)) << projection.weight_exp();
            let w = w / [1.0, 3.0][i];
            let mut chip = Chip::default();
            let mut peak = 0.0_f64;
            for k in 0..200 {
                assert!(!chip.step(&neuron, if k == 0 { a } else { 0 }));
                let (t, t_next) = (f64::from(k), f64::from(k) + 1.0);
                let float = match synapse {
                    SynapseKind::Delta => w * (-t / tau_m).exp(),
                    _ => {
                        let r = tau_m / 250.0;
                        w * r * tau_s / (tau_m - tau_s) * ((-t_next / tau_m).exp() - (-t_next / tau_s).exp())
                    }
                };
                peak = peak.max(float);
                let lost = 20.5 * (1.0 + if synapse == SynapseKind::Exp { 5.6 } else { 0.0 }) / per_mv;
                let unit = f64::from(1 << projection.weight_exp()) / f64::from(a as i32);
                let bound = 0.5 * unit * peak + 2e-3 * peak + lost + float * 1e-3;
                let found = chip.v as f64 / per_mv;
                assert!((found - float).abs() <= bound, "{synapse:?} {i} {k}: {found} {float} ± {bound}");
            }
        }
    }
}

/// Time constants of whole parts: 204 and 745 of 4096. Then nothing but weights and thresholds is rounded.
#[test]
fn back_again_everything_is_within_half_a_unit() {
    let tau = |parts: f64| -1.0 / (-parts / 4096.0_f64).ln_1p();
    for synapse in [SynapseKind::Exp, SynapseKind::Delta] {
        for (bits, signed) in [(8, false), (8, true), (4, false), (4, true), (2, true)] {
            let mut weights: Vec<f64> = (1..40).map(|k| f64::from(k * k) * 0.1).collect();
            if signed {
                weights.iter_mut().step_by(3).for_each(|weight| *weight *= -1.0);
            }
            let lif = LifPopulation { i_bias: 40.0.into(), ..neuron(synapse, tau(204.0), tau(745.0)) };
            let network = onto_one(lif, &weights, 2.0);
            let config = QuantizeConfig { weight_bits: bits, ..QuantizeConfig::default() };
            let quantized = quantized(&network, &config);
            let projection = &quantized.projections()[0];
            assert_eq!(projection.sign(), if signed { SignMode::Mixed } else { SignMode::Excitatory });
            let back = quantized.to_network();
            let [was, is] = [&network, &back].map(|network| match &network.populations()[1].model {
                Model::Lif(lif) => lif.clone(),
                _ => panic!("neurons"),
            });
            assert!((is.tau_m.get(0) / was.tau_m.get(0) - 1.0).abs() < 1e-12);
            // A unit of the threshold is 64 of the potential, of which it is one too many.
            let threshold = f64::from(quantized.neurons()[0].threshold) * 64.0 + 1.0;
            let per_mv = threshold / is.v_th.get(0);
            assert!((is.v_th.get(0) - 15.0).abs() * per_mv <= 32.0 + 1e-6);
            // Where the constant input would hold the potential, R i.
            let [was_at, is_at] = [&was, &is].map(|lif| lif.tau_m.get(0) / 250.0 * lif.i_bias.get(0));
            let half_a_bias = 0.5 * f64::from(1 << quantized.neurons()[0].bias_exp);
            assert!((was_at - is_at).abs() * per_mv <= half_a_bias * 4096.0 / 204.0 + 1e-6);
            let [least, greatest] =
                if signed { [-256, 256 - (512 >> bits)] } else { [0, 256 - (256 >> bits)] };
            let shift = if signed { 9 - bits } else { 8 - bits };
            for (i, weight) in weights.iter().enumerate() {
                let w = projection.weight(i);
                assert!((least..=greatest).contains(&i32::from(w)) && w % (1 << shift) == 0, "{bits} {w}");
                let is = back.projections()[0].synapses.weight.get(i);
                if i32::from(w) == least && signed || i32::from(w) == greatest {
                    continue;
                }
                let unit = if w == 0 { None } else { Some(is / f64::from(w) * f64::from(1 << shift)) };
                let unit = unit.unwrap_or(f64::INFINITY);
                assert!((is - weight).abs() <= 0.5 * unit * (1.0 + 1e-9), "{bits} {signed}: {weight} {is}");
            }
        }
    }
}

#[test]
fn both_signs_cost_the_last_bit() {
    let network = onto_one(neuron(SynapseKind::Delta, 20.0, 5.0), &[1.0, 3.0, 5.0, 7.0, 8.0], 1.0);
    let quantized_one = quantized(&network, &QuantizeConfig::default());
    let one = &quantized_one.projections()[0];
    let network = onto_one(neuron(SynapseKind::Delta, 20.0, 5.0), &[1.0, 3.0, -5.0, 7.0, 8.0], 1.0);
    let quantized_both = quantized(&network, &QuantizeConfig::default());
    let both = &quantized_both.projections()[0];
    assert!((0..5).all(|i| both.weight(i) % 2 == 0 && (-256..=254).contains(&both.weight(i))));
    assert!((0..5).all(|i| (0..=255).contains(&one.weight(i))));
    assert!(quantized_both.report().projections[0].weight_error < 0.01);
    // A chip that never leaves the sign out has no other.
    let format = NumberFormat { one_sign: false, ..NumberFormat::loihi() };
    let network = onto_one(neuron(SynapseKind::Delta, 20.0, 5.0), &[1.0, 3.0], 1.0);
    let mixed =
        quantize(&network, &format, &Activity::uniform(&network), &QuantizeConfig::default()).unwrap();
    assert_eq!(mixed.projections()[0].sign(), SignMode::Mixed);
}

/// A hundred weights of 1 and one of 100, with two bits: 0, 1, 2, 3 units cannot hold both.
#[test]
fn what_saturates_and_what_is_lost_is_counted() {
    let mut weights = vec![0.1; 100];
    weights.push(10.0);
    let network = onto_one(neuron(SynapseKind::Delta, 20.0, 5.0), &weights, 1.0);
    let config = QuantizeConfig { weight_bits: 2, ..QuantizeConfig::default() };
    // The large one fires always: it is what counts. Or it never does, and the small ones are.
    for (spikes, saturated, to_zero) in [([0, 1000], 0, 100), ([100_000, 0], 1, 0)] {
        let mut activity = vec![0; 102];
        activity[1..101].fill(spikes[0]);
        activity[101] = spikes[1];
        let quantized = quantize(&network, &NumberFormat::loihi(), &Activity(activity), &config).unwrap();
        let report = &quantized.report().projections[0];
        assert_eq!((report.saturated, report.to_zero), (saturated, to_zero), "{spikes:?}: {report:?}");
    }
}

/// A leak towards 13 mV from a reset of 10 mV is a constant input of 3 mV / R; the neuron fires like that.
#[test]
fn rest_beside_reset_is_a_constant_input() {
    let lif = LifPopulation {
        v_rest: 17.0.into(),
        v_reset: 10.0.into(),
        v_init: 12.0.into(),
        t_ref: 3.0.into(),
        ..neuron(SynapseKind::Delta, 20.0, 5.0)
    };
    let network = onto_one(lif, &[1.0], 1.0);
    let quantized = quantized(&network, &QuantizeConfig::default());
    let neuron = quantized.neurons()[0];
    let mut chip = Chip { v: i64::from(neuron.v_init), ..Chip::default() };
    let fired: Vec<i32> = (1..200).filter(|_| chip.step(&neuron, 0)).collect();
    // From 12 mV: 7 − 5 e^(−t/20) ≥ 5 at t = 20 ln(5/2) = 18.3, so in step 19; from reset 20 ln(7/2) = 25.06,
    // in step 26, after 3 steps in which it is held.
    let float: Vec<i32> = (0..7).map(|k| 19 + 29 * k).filter(|t| *t < 200).collect();
    assert_eq!(fired, float);
}

#[test]
fn groups_share_decays_and_a_threshold() {
    let n = 60;
    let values = |from: f64, by: f64| Param::PerNode((0..n).map(|i| from + by * f64::from(i)).collect());
    let lif = LifPopulation {
        tau_m: values(10.0, 0.5),
        v_th: values(10.0, 0.2),
        ..neuron(SynapseKind::Exp, 20.0, 5.0)
    };
    let synapses = Synapses {
        row_start: (0..=u64::from(n)).collect(),
        target: (0..n).collect(),
        weight: Weights::Shared(200.0),
        delay: Delays::Shared(1.0),
    };
    let projection = Projection {
        name: "p".to_owned(),
        source: PopulationId(0),
        target: PopulationId(1),
        receptor: Receptor::BySign,
        synapses,
        plasticity: None,
    };
    let populations = vec![
        population("in", n, Model::SpikeSource(SpikeSource::External)),
        population("n", n, Model::Lif(lif)),
    ];
    let network =
        validate(Network { populations, projections: vec![projection], ..Network::default() }).unwrap();
    let of = |parameters| quantized(&network, &QuantizeConfig { parameters, ..QuantizeConfig::default() });
    let each = of(Parameters::PerNeuron);
    assert_eq!(each.layout().config.iter().max(), Some(&(n - 1)));
    let errors = [1, 4, 60].map(|groups| {
        let grouped = of(Parameters::Groups(groups));
        let neurons = grouped.neurons();
        assert!(neurons.iter().all(|neuron| neuron.threshold == neurons[0].threshold));
        assert_eq!(grouped.report().configs, groups);
        grouped.report().projections[0].membrane_error
    });
    assert!(errors[0] > errors[1] && errors[1] > errors[2] && errors[2] < 0.01, "{errors:?}");
}
