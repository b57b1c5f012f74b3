//! The vowels by networks of rates of the liquid's size: an LTC and a CfC learn them, and are timed.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Context;
use rayon::prelude::*;
use rheobase_ltc::cell::Batch;
use rheobase_ltc::look::{Counted, operations};
use rheobase_ltc::model::AnyCell;
use rheobase_ltc::train::{Metric, Sequences, Targets};
use rheobase_net::LiquidModel;
use rheobase_study::rates::{Course, Experiment, SeedOutcome, Task, vowels_cfc, vowels_ltc};
use rheobase_study::score::{Spread, spread};
use serde::Serialize;

use crate::error::Failure;
use crate::liquid_run::Run;
use crate::options::Options;
use crate::progress;

/// A network of rates, trained and scored.
#[derive(Debug, Serialize)]
pub struct Rated {
    /// What it is.
    pub name: &'static str,
    /// On the test utterances, over seeds.
    pub accuracy: Spread,
    /// All of which are trained.
    pub parameters: usize,
    /// For an utterance of mean length: numbers that inputs and units send, one every time that they change.
    pub values_sent: f64,
    /// Multiplications with an addition, other additions and divisions.
    pub operations: f64,
    /// Sigmoids, hyperbolic tangents and exponentials.
    pub functions: f64,
    /// Of an utterance, in one thread.
    pub seconds: f64,
    /// Seconds that training took, all seeds.
    pub training_seconds: f64,
    /// Every seed.
    pub seeds: Vec<SeedOutcome>,
}

/// A network of rates and its best model.
pub struct Learned {
    /// How well it does.
    pub rated: Rated,
    /// The model that is best on the validation utterances.
    pub model: LiquidModel,
    /// The first test utterance, to be looked at.
    pub run: Run,
}

/// Trains both networks, one model a seed, side by side.
///
/// # Errors
/// If the work was stopped.
pub fn learn(options: &Options, seeds: &[u64]) -> Result<Vec<Learned>, Failure> {
    let kinds = [("LTC network", vowels_ltc(seeds.to_vec())), ("CfC network", vowels_cfc(seeds.to_vec()))];
    let n_epochs: usize = kinds.iter().map(|(_, kind)| kind.training.epochs * seeds.len()).sum();
    let stop = progress::stop_on_ctrl_c()?;
    let bar = progress::bar(options.output(), "learning", n_epochs as u64);
    let done = AtomicU64::new(0);
    let go_on = || progress::go_on(&stop);
    let did = || bar.set_position(done.fetch_add(1, Ordering::Relaxed) + 1);
    let learned = kinds
        .into_iter()
        .map(|(name, experiment)| learn_one(name, &experiment, &go_on, &did))
        .collect::<anyhow::Result<Vec<Learned>>>();
    bar.finish_and_clear();
    Ok(learned?)
}

fn learn_one(
    name: &'static str,
    experiment: &Experiment,
    go_on: &(dyn Fn() -> ControlFlow<()> + Sync),
    did: &(dyn Fn() + Sync),
) -> anyhow::Result<Learned> {
    let start = Instant::now();
    let task = experiment.task()?;
    let model = experiment.model(&task)?;
    let of_seed = |seed: &u64| -> anyhow::Result<(SeedOutcome, LiquidModel)> {
        let experiment = Experiment { seeds: vec![*seed], ..experiment.clone() };
        let mut course = Course::begin(&experiment, &task, &model)?;
        while !course.is_finished() {
            if !course.epoch(&mut |_| go_on())? {
                anyhow::bail!("stopped");
            }
            did();
        }
        let configuration = serde_json::to_string(&experiment)?;
        let best = course.best(env!("CARGO_PKG_VERSION"), configuration).context("the seed is over")?;
        Ok((course.finished()[0].clone(), best))
    };
    let finished = experiment.seeds.par_iter().map(of_seed).collect::<anyhow::Result<Vec<_>>>()?;
    let training_seconds = start.elapsed().as_secs_f64();

    let (seeds, models): (Vec<SeedOutcome>, Vec<LiquidModel>) = finished.into_iter().unzip();
    let accuracies: Vec<f64> = seeds.iter().map(|seed| seed.test.of(Metric::Accuracy)).collect();
    let loss = |seed: &SeedOutcome| seed.valid().map_or(f64::INFINITY, |scores| scores.loss);
    let best = (0..seeds.len()).min_by(|a, b| loss(&seeds[*a]).total_cmp(&loss(&seeds[*b])));
    let model = models.into_iter().nth(best.context("there is a seed")?).context("there is a model")?;

    let cell = model.model.cell();
    let frames = mean_length(&task.test);
    let counted = operations(cell.as_cell::<Counted>(), model.model.of_cell(&model.parameters));
    let head = (model.model.layout().n_parameters() - cell.layout().n_parameters()) as f64;
    let unfolds = match cell {
        AnyCell::Ltc(cell) => cell.config().unfolds,
        _ => 1,
    };
    let rated = Rated {
        name,
        accuracy: spread(&accuracies)?,
        parameters: model.parameters.len(),
        values_sent: frames * (cell.n_inputs() + unfolds * cell.n_state()) as f64,
        operations: frames * (counted.multiply_adds + counted.divisions) + head,
        functions: frames * counted.functions,
        seconds: seconds_a_sample(&model, &task)?,
        training_seconds,
        seeds,
    };
    let run = first_run(&model, &task)?;
    Ok(Learned { rated, model, run })
}

fn mean_length(sequences: &Sequences<f32>) -> f64 {
    let n: usize = (0..sequences.n_samples).map(|sample| sequences.length(sample)).sum();
    n as f64 / sequences.n_samples as f64
}

/// The inputs and elapsed times of a sample, without what fills it up to the length of the longest.
fn sample(sequences: &Sequences<f32>, sample: usize) -> (&[f32], &[f32]) {
    let Sequences { n_steps, n_inputs, inputs, elapsed, .. } = sequences;
    let n = sequences.length(sample);
    (&inputs[sample * n_steps * n_inputs..][..n * n_inputs], &elapsed[sample * n_steps..][..n])
}

/// How long an answer takes: all test utterances, one after the other, in one thread.
fn seconds_a_sample(liquid: &LiquidModel, task: &Task) -> anyhow::Result<f64> {
    let LiquidModel { model, parameters, .. } = liquid;
    let parameters: Vec<f32> = parameters.iter().map(|value| *value as f32).collect();
    let initial = vec![0.0; model.cell().n_state()];
    let test = &task.test;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    pool.install(|| {
        let start = Instant::now();
        for k in 0..test.n_samples {
            let (inputs, elapsed) = sample(test, k);
            let batch = Batch {
                n_samples: 1,
                n_steps: elapsed.len(),
                inputs,
                elapsed,
                initial: &initial,
                keys: None,
            };
            std::hint::black_box(model.record(&parameters, &batch)?.answers());
        }
        Ok(start.elapsed().as_secs_f64() / test.n_samples as f64)
    })
}

/// What the model does in the longest test utterance of the first class.
fn first_run(liquid: &LiquidModel, task: &Task) -> anyhow::Result<Run> {
    let test = &task.test;
    let labels = match &test.targets {
        Targets::Classes { labels, .. } => labels.clone(),
        Targets::Values { .. } => vec![0; test.n_samples],
    };
    let of_first = (0..test.n_samples).filter(|sample| labels[*sample] == labels[0]);
    let longest = of_first.max_by_key(|sample| test.length(*sample)).context("there is a test utterance")?;
    let (inputs, elapsed) = sample(test, longest);
    let double = |values: &[f32]| values.iter().map(|value| f64::from(*value)).collect::<Vec<f64>>();
    Run::scaled(liquid, double(inputs), double(elapsed))
}
