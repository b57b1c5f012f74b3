//! Training of a liquid time-constant network.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use indicatif::ProgressBar;
use rheobase_ltc::train::{Epoch, Metric};
use rheobase_net::VERSION;
use rheobase_net::file::write_liquid;
use rheobase_study::rates::{Course, Experiment, Moment, Outcome, SeedOutcome, Task};
use serde::Serialize;

use super::kept::{Checkpoint, Keeping};
use super::{prepare, write_json};
use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::{count, table};
use crate::plot::{Captions, Curve, learning};
use crate::progress;

/// A checkpoint is written at the end of an epoch, if the last one is older.
const KEEP_EVERY: Duration = Duration::from_secs(10);

/// The answer: scores, and how long it took.
#[derive(Serialize)]
struct Answer<'a> {
    /// Wall-clock time of this call \[s\].
    seconds: f64,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

/// Trains all seeds, writes the folder and tells.
///
/// # Errors
/// If the data or the experiment are faulty, the folder cannot be written, training diverged or was stopped.
pub fn run(
    options: &Options,
    experiment: &Experiment,
    folder: &Path,
    keeping: &Keeping,
) -> Result<(), Failure> {
    let start = Instant::now();
    prepare(folder, "scores.json")?;
    let task = experiment.task().or_bad_input()?;
    let model = experiment.model(&task).or_bad_input()?;
    let checkpoint = Checkpoint::of(folder, experiment, &task)?;
    let mut course = match checkpoint.read(keeping)? {
        Some(kept) => Course::resume(experiment, &task, &model, kept).or_bad_input()?,
        None => Course::begin(experiment, &task, &model).or_bad_input()?,
    };
    go_on(options, experiment, &mut course, &checkpoint, folder)?;

    let outcome = course.outcome().map_err(|error| Failure::Failed(error.into()))?;
    let answer = Answer { seconds: start.elapsed().as_secs_f64(), outcome: &outcome };
    write_json(&folder.join("scores.json"), &answer)?;
    let configuration = toml::to_string(experiment).map_err(|error| Failure::Failed(error.into()))?;
    if let Some(best) = course.best(VERSION, configuration) {
        write_liquid(&folder.join("model.h5"), &best).map_err(anyhow::Error::from)?;
    }
    draw(&task, experiment, &curves(&course, experiment.training.metric), folder)?;
    checkpoint.remove()?;
    options.output().answer(&answer, || to_text(&answer))
}

/// Trains until all seeds are over, and keeps checkpoints on the way.
fn go_on(
    options: &Options,
    experiment: &Experiment,
    course: &mut Course<'_>,
    checkpoint: &Checkpoint,
    folder: &Path,
) -> Result<(), Failure> {
    let stop = progress::stop_on_ctrl_c()?;
    let (n_seeds, n_epochs) = (experiment.seeds.len(), experiment.training.epochs);
    let bar = progress::bar(options.output(), "training", STEPS * n_seeds as u64);
    checkpoint.write(&course.kept())?;
    let mut last = Instant::now();
    while !course.is_finished() {
        let mut watch = |Moment { n_seeds, n_epochs: done, of_epoch }: Moment| {
            let of_seed = (done as f64 + of_epoch) / n_epochs as f64;
            bar.set_position(((n_seeds as f64 + of_seed) * STEPS as f64) as u64);
            progress::go_on(&stop)
        };
        let gone = course.epoch(&mut watch);
        tell(&bar, experiment.training.metric, course);
        match gone {
            Err(error) => {
                bar.finish_and_clear();
                checkpoint.write(&course.kept())?;
                return Err(Failure::Failed(anyhow!(error).context(format!(
                    "the state before that is kept in {}",
                    folder.join("training.checkpoint").display()
                ))));
            }
            Ok(_) if progress::go_on(&stop).is_break() => {
                bar.finish_and_clear();
                checkpoint.write(&course.kept())?;
                let done = course.now().map_or(0, |(_, epochs)| epochs.len());
                return Err(Failure::Failed(anyhow!(
                    "stopped after {done} of {n_epochs} epochs of this seed; go on with the same command and --resume"
                )));
            }
            Ok(_) if last.elapsed() >= KEEP_EVERY && !course.is_finished() => {
                checkpoint.write(&course.kept())?;
                last = Instant::now();
            }
            Ok(_) => {}
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// Steps of the bar a seed.
const STEPS: u64 = 1000;

/// Says beside the bar how the last epoch went.
fn tell(bar: &ProgressBar, metric: Metric, course: &Course<'_>) {
    if let Some((seed, [.., Epoch { loss, valid, .. }])) = course.now() {
        let epoch = course.now().map_or(0, |(_, epochs)| epochs.len());
        let valid =
            valid.as_ref().map_or(String::new(), |scores| format!(", valid {:.4}", scores.of(metric)));
        bar.set_message(format!("seed {seed}, epoch {epoch}: loss {loss:.4}{valid}"));
    }
}

fn curves(course: &Course<'_>, metric: Metric) -> Vec<Curve> {
    let curve = |seed: u64, epochs: &[Epoch], best: Option<usize>| Curve {
        name: format!("seed {seed}"),
        loss: epochs.iter().map(|epoch| epoch.loss).collect(),
        score: epochs.iter().filter_map(|epoch| Some(epoch.valid.as_ref()?.of(metric))).collect(),
        best,
    };
    let finished = course.finished().iter();
    let finished = finished.map(|seed| curve(seed.seed, &seed.epochs, Some(seed.best_epoch)));
    finished.chain(course.now().map(|(seed, epochs)| curve(seed, epochs, None))).collect()
}

fn draw(task: &Task, experiment: &Experiment, curves: &[Curve], folder: &Path) -> Result<(), Failure> {
    let metric = experiment.training.metric;
    let score = match metric {
        Metric::Loss => "validation loss",
        Metric::Accuracy => "validation accuracy",
        Metric::F1 => "validation F1",
    };
    let title = format!("Training: {}", task.name);
    let captions = Captions { title: &title, score, higher_is_better: metric != Metric::Loss };
    Ok(learning(curves, &captions, &folder.join("learning.png"))?)
}

/// The tables that people read.
fn to_text(answer: &Answer<'_>) -> String {
    let Answer { seconds, outcome } = answer;
    let Outcome { task, cell, n_parameters, n_state, n_sequences, n_steps, metric, test, seeds, .. } =
        outcome;
    let metric_name = match metric {
        Metric::Loss => "loss",
        Metric::Accuracy => "accuracy",
        Metric::F1 => "F1",
    };
    let row = |seed: &SeedOutcome| {
        let valid = seed.valid().map_or("–".to_owned(), |scores| format!("{:.4}", scores.of(*metric)));
        vec![
            seed.seed.to_string(),
            format!("{} of {}", seed.best_epoch, seed.epochs.len()),
            valid,
            format!("{:.4}", seed.test.of(*metric)),
        ]
    };
    let header = [
        "seed".to_owned(),
        "best epoch".to_owned(),
        format!("validation {metric_name}"),
        format!("test {metric_name}"),
    ];
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut rows: Vec<Vec<String>> = seeds.iter().map(row).collect();
    if test.n > 1 {
        let spread = format!("{:.4} ± {:.4}", test.mean, test.std);
        rows.push(vec!["all".to_owned(), "–".to_owned(), "–".to_owned(), spread]);
    }
    let [n_train, n_valid, n_test] = n_sequences.map(|n| count(n as u64));
    format!(
        "{}\n\n{cell}, {n_state} state variables, {} parameters; {n_train} sequences of {n_steps} steps to learn \
         from, {n_valid} for validation, {n_test} for the test; {seconds:.1} s",
        table(task, &header, rows),
        count(*n_parameters as u64),
    )
}
