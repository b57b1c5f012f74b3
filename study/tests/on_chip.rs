//! A liquid network on the emulated chip beside itself in floating point: fine numbers change nothing, coarse ones
//! send less, and what a chip cannot do is refused.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use rheobase_loihi_export::ltc::Costs;
use rheobase_ltc::model::{CellSpec, LtcSpec, Model, Start};
use rheobase_ltc::train::{Loss, Metric, Sequences, Targets, evaluate};
use rheobase_ltc::wiring::{Full, WiringSpec};
use rheobase_mapping::chip::Chip;
use rheobase_mapping::liquid::LiquidConfig;
use rheobase_net::random::{Purpose, Stream};
use rheobase_net::{Answers, Channel, Description, LiquidModel};
use rheobase_study::rates::RatesError;
use rheobase_study::rates::on_chip::{OnChip, OnChipConfig, compare_on_chip};

fn liquid() -> LiquidModel {
    let wiring = WiringSpec::Full(Full { units: 8, ..Full::default() });
    let cell = CellSpec::Ltc(LtcSpec { wiring, ..LtcSpec::default() }).build(2).unwrap();
    let model = Model::new(cell, Some(3)).unwrap();
    // As it was trained: in single precision.
    let start: Vec<f32> = model.start(Start::Library, &mut Stream::new(4, Purpose::Parameter, 0, 0));
    LiquidModel {
        parameters: start.iter().map(|value| f64::from(*value)).collect(),
        is_single: true,
        inputs: vec![Channel::plain("sine"), Channel::plain("step")],
        answers: Answers::Values(["a", "b", "c"].map(Channel::plain).to_vec()),
        every_step: true,
        step: 1.0,
        description: Description::default(),
        model,
    }
}

/// Slow waves with jumps, of several lengths; targets are anything.
fn sequences(n_samples: usize, n_steps: usize) -> Sequences<f32> {
    let of = |sample: usize, t: usize| {
        let phase = sample as f32 + t as f32 * 0.2;
        [phase.sin(), if (sample + t / 6).is_multiple_of(2) { 1.0 } else { -0.5 }]
    };
    let target = |k: usize| (k as f32 * 0.37).cos();
    Sequences {
        n_samples,
        n_steps,
        n_inputs: 2,
        inputs: (0..n_samples).flat_map(|s| (0..n_steps).flat_map(move |t| of(s, t))).collect(),
        elapsed: vec![1.0; n_samples * n_steps],
        lengths: Some((0..n_samples).map(|sample| n_steps - sample % 3).collect()),
        every_step: true,
        targets: Targets::Values { n: 3, values: (0..n_samples * n_steps * 3).map(target).collect() },
    }
}

fn compare(numbers: LiquidConfig, sequences: &Sequences<f32>) -> Result<OnChip, RatesError> {
    let text = Chip::text("loihi2").unwrap();
    let chip = Chip::from_toml(text).unwrap();
    let config = OnChipConfig {
        numbers,
        chip: (&chip, text),
        costs: Costs::default(),
        loss: &Loss::SquaredError,
        metric: Metric::Loss,
    };
    compare_on_chip(&liquid(), sequences, &config)
}

#[test]
fn fine_numbers_do_what_the_float_network_does() {
    let numbers = LiquidConfig {
        state_bits: 17,
        conductance_bits: 22,
        slope_bits: 16,
        sigmoid_bits: 20,
        table_bits: 11,
        threshold: 0.0,
        input_threshold: 0.0,
        ..LiquidConfig::default()
    };
    // More than are kept in floating point at once.
    let sequences = sequences(70, 12);
    let report = compare(numbers, &sequences).unwrap();
    let liquid = liquid();
    let parameters: Vec<f32> = liquid.parameters.iter().map(|value| *value as f32).collect();
    let float = evaluate(&liquid.model, &parameters, &sequences, &Loss::SquaredError).unwrap();
    assert_eq!(report.float, float);
    // The head has 8 bits.
    assert!((report.chip.loss - float.loss).abs() < 0.01 * float.loss, "{} {}", report.chip.loss, float.loss);
    assert!(report.deviations.all.max < 1e-4, "{:?}", report.deviations.all);
    assert_eq!(report.deviations.units.len(), 8);
    assert_eq!(report.deviations.unfolds.len(), 12 * 6);
    let n_steps: usize = (0..70).map(|sample| sequences.length(sample)).sum();
    assert_eq!(report.steps, n_steps as u64 * 6);
    assert_eq!(report.every.messages, report.steps * 8);
    assert_eq!(report.every.inputs, n_steps as u64 * 2);
    assert_eq!(report.every.synapses, report.steps * 64 + n_steps as u64 * 16);
}

#[test]
fn thresholds_save_messages_and_cost_little() {
    let sequences = sequences(9, 30);
    let at = |threshold: f64| {
        let numbers = LiquidConfig { threshold, input_threshold: threshold, ..LiquidConfig::default() };
        compare(numbers, &sequences).unwrap()
    };
    let reports = [0.0, 0.001, 0.01, 0.05].map(at);
    for two in reports.windows(2) {
        assert!(two[1].work.messages < two[0].work.messages);
        assert!(two[1].energy.total() < two[0].energy.total());
        assert!(two[1].deviations.all.rms > two[0].deviations.all.rms);
    }
    assert!(reports[3].share_of_messages() < 0.5, "{}", reports[3].share_of_messages());
    assert!(reports[2].loss < 0.02, "{}", reports[2].loss);
}

#[test]
fn steps_of_other_lengths_and_other_inputs_are_refused() {
    let mut irregular = sequences(2, 5);
    irregular.elapsed[3] = 2.0;
    let error = compare(LiquidConfig::default(), &irregular).unwrap_err().to_string();
    assert!(error.contains("an elapsed time is 2") && error.contains("1 in every step"), "{error}");
    let mut other = sequences(2, 5);
    (other.n_inputs, other.inputs) = (1, vec![0.0; 10]);
    let error = compare(LiquidConfig::default(), &other).unwrap_err().to_string();
    assert!(error.contains("the number of inputs is 1"), "{error}");
}
