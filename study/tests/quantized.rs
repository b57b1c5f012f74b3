//! What a chip's whole numbers cost a liquid: its spikes and its accuracy.
//!
//! `run` takes the steps of the chip itself, in whole numbers, for a whole network (`specs/loihi.md`, sections 3.1 and
//! 3.2: Lava 0.10, with the refractory count of nengo-loihi), and shares no code with the quantizer or the simulator.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::HashSet;
use std::ops::ControlFlow;

use rheobase_mapping::Activity;
use rheobase_mapping::quantize::{NumberFormat, Parameters, QuantizeConfig, QuantizedNetwork, quantize};
use rheobase_net::generate::generate;
use rheobase_net::{SpikeTrain, ValidNetwork, validate};
use rheobase_sim::{Inputs, Run, Scheduler, SimConfig, simulate};
use rheobase_study::compare::{CompareError, compare, compare_quantized, compare_widths};
use rheobase_study::data::{Dataset, japanese_vowels};
use rheobase_study::experiment::{Experiment, spoken_digits, vowels};
use rheobase_study::readout::Ridge;

/// The steps in which neurons fire, as (step, node), from a list of (step, source). Neurons are all nodes behind the
/// population of sources, which is the first.
fn run(quantized: &QuantizedNetwork<'_>, input: &[(usize, u32)], steps: usize) -> HashSet<(usize, u32)> {
    let network = quantized.network();
    let n_sources = network.populations()[0].size;
    let decay = |x: i64, m: i64| x.signum() * ((x.abs() * m) >> 12);
    let n = quantized.neurons().len();
    let mut arrives = vec![vec![0_i64; n]; steps + 70];
    let (mut u, mut v, mut held) = (vec![0_i64; n], vec![0_i64; n], vec![0_u8; n]);
    for (i, neuron) in quantized.neurons().iter().enumerate() {
        v[i] = i64::from(neuron.v_init);
    }
    let mut fired = HashSet::new();
    for t in 1..=steps {
        let mut senders: Vec<u32> = input.iter().filter(|(at, _)| *at == t).map(|(_, node)| *node).collect();
        for (i, neuron) in quantized.neurons().iter().enumerate() {
            u[i] = decay(u[i], 4095 - i64::from(neuron.current_decay)) + (arrives[t][i] << 6);
            assert!(u[i].abs() < 1 << 23, "the current of neuron {i} wraps around");
            let bias = i64::from(neuron.bias) << neuron.bias_exp;
            v[i] = decay(v[i], 4096 - i64::from(neuron.membrane_decay)) + u[i] + bias;
            v[i] = v[i].clamp(-(1 << 23) + 1, (1 << 23) - 1);
            if held[i] > 0 {
                (held[i], v[i]) = (held[i] - 1, 0);
            } else if v[i] > i64::from(neuron.threshold) << 6 {
                (held[i], v[i]) = (neuron.refractory - 1, 0);
                senders.push(n_sources + i as u32);
                fired.insert((t, n_sources + i as u32));
            }
        }
        for node in senders {
            for (projection, whole) in network.projections().iter().zip(quantized.projections()) {
                let (first, size) =
                    (network.first_node(projection.source).0, network.population(projection.source).size);
                if !(first..first + size).contains(&node) {
                    continue;
                }
                let target = network.first_node(projection.target).0 - n_sources;
                for i in projection.synapses.row((node - first) as usize) {
                    let end = (target + projection.synapses.target[i]) as usize;
                    arrives[t + 1 + usize::from(whole.delay(i))][end] +=
                        i64::from(whole.weight(i)) << whole.weight_exp();
                }
            }
        }
    }
    fired
}

fn simulated(network: &ValidNetwork, input: &[(usize, u32)], steps: usize) -> HashSet<(usize, u32)> {
    let (times, nodes) = input.iter().map(|(t, node)| (*t as f64, *node)).unzip();
    let train = SpikeTrain::from_unsorted(network.populations()[0].size, times, nodes).unwrap();
    let id = network.population_named("input").unwrap();
    let inputs = Inputs { spikes: vec![(id, train)], currents: Vec::new() };
    let config = SimConfig { scheduler: Scheduler::Grid, dt: 1.0, ..SimConfig::default() };
    let run = Run { duration: steps as f64, seed: 1, inputs, ..Run::default() };
    let recording = simulate(network, &config, &run, &mut |_| ControlFlow::Continue(())).unwrap();
    recording.spikes.iter().map(|(t, node)| (t.round() as usize, node)).collect()
}

/// Regular input: source k every 5 + k mod 7 steps.
fn input(n: u32, steps: usize) -> Vec<(usize, u32)> {
    let of = |node: u32| (1..steps).step_by(5 + node as usize % 7).map(move |t| (t, node));
    let mut all: Vec<_> = (0..n).flat_map(of).collect();
    all.sort_unstable();
    all
}

/// The chip in whole numbers and the simulator in floating point, with the same parameters: of the spikes of both,
/// 99 % are the same, in the same step. Those that are not were at the threshold to a part in a thousand.
#[test]
fn the_float_network_of_the_chips_parameters_does_what_the_chip_does() {
    for (experiment, tau_syn_ratio) in [(vowels(), 1.0), (spoken_digits(), 2.0)] {
        let network = validate(generate(&experiment.liquid.network, 1).unwrap()).unwrap();
        for parameters in [Parameters::PerNeuron, Parameters::Groups(16)] {
            let config = QuantizeConfig { parameters, tau_syn_ratio, ..QuantizeConfig::default() };
            let activity = Activity::uniform(&network);
            let quantized = quantize(&network, &NumberFormat::loihi(), &activity, &config).unwrap();
            let input = input(network.populations()[0].size, 300);
            let chip = run(&quantized, &input, 300);
            let float = simulated(&quantized.to_network(), &input, 300);
            let both = chip.intersection(&float).count() as f64;
            let of = chip.union(&float).count() as f64;
            assert!(chip.len() > 500 && both / of > 0.99, "{} {} {both} of {of}", chip.len(), float.len());
        }
    }
}

fn go_on(_: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// A tenth of the vowels, two liquids, and one strength of the readout.
fn small() -> (Dataset, Experiment) {
    let tenth: Vec<usize> = (0..japanese_vowels().samples().len()).step_by(10).collect();
    let readout = Ridge { strengths: vec![10.0] };
    let experiment = Experiment { seeds: vec![3, 4], readout, ..vowels() };
    (japanese_vowels().select(&tenth).unwrap(), experiment)
}

/// Every width is the comparison that it is alone, and its change is the difference of both, seed by seed.
#[test]
fn widths_are_compared_with_the_float_liquid_of_their_seed() {
    let (dataset, experiment) = small();
    let (format, config) = (NumberFormat::loihi(), QuantizeConfig::default());
    let compared = compare_widths(&dataset, &experiment, &format, &config, &[8, 2], &go_on).unwrap();
    assert_eq!(compared.float, compare(&dataset, &experiment, &go_on).unwrap().0);
    let alone = QuantizeConfig { weight_bits: 2, ..config };
    let (comparison, _, reports) = compare_quantized(&dataset, &experiment, &format, &alone, &go_on).unwrap();
    let [eight, two] = &compared.whole[..] else { panic!("two widths") };
    assert_eq!((&two.comparison, &two.reports), (&comparison, &reports));
    for whole in [eight, two] {
        assert!(whole.reports.iter().all(|report| report.weight_bits == whole.weight_bits));
        let accuracy = |seed: usize| {
            let [before, after] =
                [&compared.float, &whole.comparison].map(|of| of.methods[0].seeds[seed].accuracy);
            after - before
        };
        assert_eq!((whole.change.mean, whole.change.n), ((accuracy(0) + accuracy(1)) / 2.0, 2));
    }
}

#[test]
fn what_a_chip_cannot_run_is_refused_before_the_long_work() {
    let (dataset, experiment) = small();
    let never = |_| panic!("the work has begun");
    let widths = |widths: &[u8]| {
        let config = QuantizeConfig::default();
        compare_widths(&dataset, &experiment, &NumberFormat::loihi(), &config, widths, &never).unwrap_err()
    };
    assert!(matches!(widths(&[8, 7]), CompareError::Quantize(_)));
}
