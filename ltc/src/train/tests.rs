use std::ops::ControlFlow;

use rand::SeedableRng;
use rand::rngs::SmallRng;

use super::*;
use crate::cell::Layout;
use crate::cell::cfc::CfcConfig;
use crate::model::{CellSpec, CfcSpec, LtcSpec, Model, Start};
use crate::wiring::{Full, WiringSpec};

fn model(n_answers: usize) -> Model {
    let wiring = WiringSpec::Full(Full { units: 6, ..Full::default() });
    let cell = CellSpec::Ltc(LtcSpec { wiring, ..LtcSpec::default() }).build(1).unwrap();
    Model::new(cell, Some(n_answers)).unwrap()
}

/// One that is trained with dropout.
fn closed_form() -> Model {
    let config = CfcConfig { backbone_units: 8, dropout: 0.3, ..CfcConfig::default() };
    let cell = CellSpec::Cfc(CfcSpec { units: 5, config }).build(1).unwrap();
    Model::new(cell, Some(1)).unwrap()
}

fn start(model: &Model) -> Vec<f32> {
    model.start(Start::Library, &mut SmallRng::seed_from_u64(1))
}

/// Waves of several frequencies, and the wave a quarter of a turn later.
fn waves(n_samples: usize, n_steps: usize) -> Sequences<f32> {
    let phase = |sample: usize, step: usize| (sample as f32).mul_add(0.7, step as f32 * 0.3);
    let all = (0..n_samples).flat_map(|sample| (0..n_steps).map(move |step| phase(sample, step)));
    let phases: Vec<f32> = all.collect();
    Sequences {
        n_samples,
        n_steps,
        n_inputs: 1,
        inputs: phases.iter().map(|phase| phase.sin()).collect(),
        elapsed: vec![1.0; n_samples * n_steps],
        lengths: None,
        every_step: true,
        targets: Targets::Values { n: 1, values: phases.iter().map(|phase| phase.cos()).collect() },
    }
}

fn go_on(_: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// With a constant gradient g, a step t of Adam is that of the learning rate over 1 + ε/(|g|√(1 − β₂ᵗ)).
#[test]
fn adam_moves_by_the_learning_rate() {
    let optimizer = Optimizer::Adam(Adam::default());
    let (mut moments, mut parameters) = (Moments::new(2), vec![1.0_f64, -1.0]);
    let mut expected = parameters.clone();
    for step in 1..=100 {
        let gradient = [3.0, -0.5];
        optimizer.step(0.01, &gradient, &mut moments, &mut parameters);
        for k in 0..2 {
            let root = (1.0 - 0.999_f64.powi(step)).sqrt();
            expected[k] -= 0.01 * gradient[k].signum() / (1.0 + 1e-8 / (gradient[k].abs() * root));
            assert!((parameters[k] - expected[k]).abs() < 1e-13, "{} for {}", parameters[k], expected[k]);
        }
    }
}

/// v of a constant gradient is (1 − ρᵗ)g².
#[test]
fn rms_prop_divides_by_the_root_of_the_mean_square() {
    let optimizer = Optimizer::RmsProp(RmsProp::default());
    let (mut moments, mut parameters) = (Moments::new(1), vec![0.0_f64]);
    let mut expected = 0.0;
    for step in 1..=50 {
        optimizer.step(0.01, &[-2.0], &mut moments, &mut parameters);
        expected += 0.02 / ((1.0 - 0.9_f64.powi(step)) * 4.0 + 1e-7).sqrt();
        assert!((parameters[0] - expected).abs() < 1e-12, "{} for {expected}", parameters[0]);
    }
}

#[test]
fn gradients_are_made_shorter() {
    let layout = Layout::new([("a", 2), ("b", 2)]);
    let mut gradient = [3.0, 4.0, 0.0, 0.6];
    Clip { norm: 1.0, each_block: true }.shorten(&mut gradient, &layout);
    assert_eq!(gradient, [0.6000000000000001, 0.8, 0.0, 0.6]);
    let mut gradient = [2.0, 4.0, 4.0, 8.0_f64];
    Clip { norm: 5.0, each_block: false }.shorten(&mut gradient, &layout);
    assert_eq!(gradient, [1.0, 2.0, 2.0, 4.0]);
    Clip { norm: 50.0, each_block: false }.shorten(&mut gradient, &layout);
    assert_eq!(gradient, [1.0, 2.0, 2.0, 4.0]);
}

/// The derivative of λw² is 2λw; biases have none.
#[test]
fn weights_decay() {
    let layout = Layout::new([("ff1.weight", 2), ("ff1.bias", 1), ("w_tau", 1)]);
    let mut gradient = [1.0, 2.0, 3.0, 4.0];
    let plan = Plan { weight_decay: 0.25, ..Plan::default() };
    plan.decay_weights(&[4.0, -8.0, 16.0, 32.0], &mut gradient, &layout);
    assert_eq!(gradient, [3.0, -2.0, 3.0, 4.0]);
}

/// What is dropped depends on the epoch, and scores are those without dropout.
#[test]
fn dropout_is_for_training_alone() {
    let model = closed_form();
    let plan = Plan { epochs: 2, batch: 4, rate: 1e-30, ..Plan::default() };
    let train = waves(4, 12);
    let parameters = start(&model);
    let mut training = Training::begin(&model, &plan, &train, Some(&train), parameters.clone(), 1).unwrap();
    while !training.is_finished() {
        training.epoch(&mut go_on).unwrap();
    }
    // A step of 1e-30 changes no parameter.
    let State { epochs, .. } = training.state();
    let loss = evaluate(&model, &parameters, &train, &plan.loss).unwrap().loss;
    for Epoch { loss: dropped, valid, .. } in epochs {
        assert_eq!(valid.as_ref().unwrap().loss, loss);
        assert!((dropped - loss).abs() > 1e-3, "{dropped} and {loss}");
    }
    let [first, second] = [0, 1].map(|k| epochs[k].loss);
    assert!((first - second).abs() > 1e-3, "{first} and {second}");
}

/// Equal scores of two classes have a cross entropy of ln 2 and derivatives of ±1/2, times the weights
/// 0.1 and 1.6 and over two terms.
#[test]
fn cross_entropy_weighs_its_classes() {
    let sequences = Sequences { targets: Targets::Classes { n: 2, labels: vec![0, 1] }, ..waves(1, 2) };
    let loss = Loss::CrossEntropy { class_weights: vec![0.1, 1.6] };
    let (sum, n_terms, by_answers) = loss.of(&sequences, &[0], 2, &[3.0, 3.0, -1.0, -1.0]);
    assert!((sum / n_terms - 1.7 * std::f64::consts::LN_2 / 2.0).abs() < 1e-15);
    assert_eq!(by_answers, [-0.025, 0.025, 0.4, -0.4]);
    // Nothing overflows.
    let (sum, _, _) = loss.of(&sequences, &[0], 2, &[1e30, -1e30, 0.0, 1e30]);
    assert_eq!(sum, 0.0);
}

/// Of eight labels three are of class 1, and every answer is.
#[test]
fn scores_of_classes() {
    let model = model(2);
    let mut parameters = start(&model);
    // The head answers by its bias alone: always class 1.
    let head = model.layout().range("head.weight").unwrap();
    parameters[head].fill(0.0);
    let bias = model.layout().range("head.bias").unwrap();
    parameters[bias].copy_from_slice(&[0.0, 1.0]);
    let labels = vec![1, 1, 0, 1, 0, 0, 0, 0];
    let sequences = Sequences { targets: Targets::Classes { n: 2, labels }, ..waves(2, 4) };
    let loss = Loss::CrossEntropy { class_weights: vec![] };
    let scores = evaluate(&model, &parameters, &sequences, &loss).unwrap();
    assert_eq!(scores.accuracy, Some(3.0 / 8.0));
    // Precision 3/8, recall 1.
    let f1 = 2.0 * (3.0 / 8.0) / (3.0 / 8.0 + 1.0);
    assert!((scores.f1.unwrap() - f1).abs() < 1e-15);
}

#[test]
fn a_model_learns_and_its_best_epoch_is_kept() {
    let model = model(1);
    let plan = Plan { epochs: 60, batch: 8, patience: Some(20), ..Plan::default() };
    let (train, valid) = (waves(40, 12), waves(9, 12));
    let mut training = Training::begin(&model, &plan, &train, Some(&valid), start(&model), 1).unwrap();
    while !training.is_finished() {
        assert!(training.epoch(&mut go_on).unwrap());
    }
    let State { epochs, best, .. } = training.state();
    let best = best.as_ref().unwrap();
    let losses: Vec<f64> = epochs.iter().map(|epoch| epoch.valid.as_ref().unwrap().loss).collect();
    let least = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert_eq!(losses[best.epoch - 1], least);
    assert!(least < 0.15, "{losses:?}");
    assert_eq!(evaluate(&model, &best.parameters, &valid, &plan.loss).unwrap().loss, least);
}

fn trained(model: &Model, threads: usize, stop_after: Option<usize>) -> State<f32> {
    let clip = Some(Clip { norm: 0.5, each_block: true });
    let plan = Plan { epochs: 3, batch: 40, drop_last: false, decay: 0.9, clip, ..Plan::default() };
    let (train, valid) = (waves(100, 6), waves(20, 6));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| {
        let mut training = Training::begin(model, &plan, &train, Some(&valid), start(model), 7).unwrap();
        let mut n_batches = 0;
        while !training.is_finished() {
            let is_over = training
                .epoch(&mut |_| {
                    n_batches += 1;
                    if stop_after == Some(n_batches) { ControlFlow::Break(()) } else { go_on(0.0) }
                })
                .unwrap();
            if !is_over {
                let state = training.state().clone();
                training = Training::resume(model, &plan, &train, Some(&valid), state).unwrap();
            }
        }
        training.state().clone()
    })
}

#[test]
fn threads_and_pauses_change_no_bit() {
    for model in [model(1), closed_form()] {
        let whole = trained(&model, 1, None);
        for threads in [2, 8] {
            assert_eq!(whole, trained(&model, threads, None));
        }
        for stop_after in [1, 3, 5, 9] {
            assert_eq!(whole, trained(&model, 1, Some(stop_after)));
        }
    }
}

/// A sample that ends earlier is the sample without its last steps.
#[test]
fn what_comes_after_the_end_of_a_sample_counts_for_nothing() {
    let model = model(1);
    let parameters = start(&model);
    let whole = waves(1, 9);
    for every_step in [true, false] {
        let cut = |n: usize| match (&whole.targets, every_step) {
            (Targets::Values { n: 1, values }, true) => {
                Targets::Values { n: 1, values: values[..n].to_vec() }
            }
            _ => Targets::Values { n: 1, values: vec![0.25] },
        };
        let short = Sequences {
            n_steps: 5,
            inputs: whole.inputs[..5].to_vec(),
            elapsed: whole.elapsed[..5].to_vec(),
            every_step,
            targets: cut(5),
            ..whole.clone()
        };
        let padded = Sequences { lengths: Some(vec![5]), every_step, targets: cut(9), ..whole.clone() };
        let scores = |sequences| evaluate(&model, &parameters, sequences, &Loss::SquaredError).unwrap();
        assert_eq!(scores(&short), scores(&padded));
    }
}

#[test]
fn divergence_names_its_place_and_leaves_a_sound_state() {
    let model = model(1);
    let plan = Plan { rate: 1e30, batch: 8, ..Plan::default() };
    let train = waves(40, 12);
    let mut training = Training::begin(&model, &plan, &train, None, start(&model), 1).unwrap();
    let error = loop {
        if let Err(error) = training.epoch(&mut go_on) {
            break error.to_string();
        }
    };
    assert!(error.contains("diverged in epoch 1, batch 2, at a learning rate of 1.000e30"), "{error}");
    assert!(error.contains("try a lower learning rate"), "{error}");
    assert_eq!(training.state().n_batches, 1);
}

#[test]
fn what_does_not_fit_is_told_before_the_work() {
    let model = model(1);
    let begin = |plan: Plan, train: &Sequences<f32>| {
        let error = Training::begin(&model, &plan, train, None, start(&model), 1).err().unwrap();
        error.to_string()
    };
    let train = waves(4, 3);
    let error = begin(Plan::default(), &train);
    assert_eq!(error, "batch is 16, and must be at most 4, the samples, or drop_last = false");
    let plan = || Plan { batch: 2, ..Plan::default() };
    assert!(begin(Plan { decay: 0.0, ..plan() }, &train).starts_with("decay is 0, and must be finite"));
    let decay = |weight_decay| begin(Plan { weight_decay, ..plan() }, &train);
    assert_eq!(decay(-1.0), "weight_decay is -1, and must be finite and at least 0");
    assert_eq!(decay(0.5), "weight_decay is 0.5, and must be 0: a cell of kind ltc has no dense layers");
    let loss = Loss::CrossEntropy { class_weights: vec![] };
    assert!(begin(Plan { loss, ..plan() }, &train).contains("take the squared error"));
    let error = begin(Plan { metric: Metric::Accuracy, ..plan() }, &train);
    assert_eq!(error, "the metric accuracy needs targets that are classes");
    let mut broken = train.clone();
    broken.inputs[5] = f32::NAN;
    assert_eq!(begin(plan(), &broken), "input 5 of the sequences is NaN, and must be finite");
    broken.inputs.pop();
    assert_eq!(
        begin(plan(), &broken),
        "the inputs of the sequences: 11 values, and 12 are needed: 4 × 3 × 1"
    );
    let two = Sequences { n_inputs: 2, inputs: vec![0.0; 24], ..train };
    assert_eq!(begin(plan(), &two), "the number of inputs is 2, and must be 1, that of the model");
}

/// Answers of a model are scored alike, whoever made them.
#[test]
fn answers_are_scored_as_a_model_is() {
    let (model, sequences) = (model(1), waves(300, 9));
    let parameters = start(&model);
    let batch = crate::cell::Batch {
        n_samples: 300,
        n_steps: 9,
        inputs: &sequences.inputs,
        elapsed: &sequences.elapsed,
        initial: &vec![0.0; 300 * model.cell().n_state()],
        keys: None,
    };
    let answers = model.record(&parameters, &batch).unwrap().answers().to_vec();
    let own = score_answers(&answers, &sequences, &Loss::SquaredError).unwrap();
    let theirs = evaluate(&model, &parameters, &sequences, &Loss::SquaredError).unwrap();
    assert!((own.loss - theirs.loss).abs() < 1e-12 * theirs.loss);
    let few = score_answers(&answers[1..], &sequences, &Loss::SquaredError);
    assert!(matches!(few, Err(TrainError::Size { size: 2699, expected: 2700, .. })));
}
