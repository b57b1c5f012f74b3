//! A liquid beside its controls: the same data, folds, windows and readout.
//!
//! ```text
//! for every seed: a liquid is made
//!   for every fold: the front end is fitted to the training samples
//!     drives → spikes → recordings → features       made again only if the fit differs
//!     for liquid, encoder, front end: readout, answers to the test samples, scores
//! ```
//! Samples run in parallel; a comparison has the same bits for any number of threads.

mod on_chip;
mod outcome;
mod quantized;
mod stage;

use std::ops::ControlFlow;

use ndarray::{Array2, Axis};
use rheobase_net::generate::generate;
use rheobase_net::{Model, PopulationId, SpikeSource, ValidNetwork, validate};

pub use on_chip::{ChipComparison, ChipEffort, OnChip, Price, answers_on_chip, compare_on_chip};
pub use outcome::{
    ChipError, CompareError, Comparison, Effort, Example, FoldScore, Method, SeedScore, Trained,
};
pub use quantized::{WholeComparison, WidthComparison, compare_quantized, compare_widths};
use stage::{Stage, Views, Work};

use crate::data::Dataset;
use crate::encode::Encoder;
use crate::experiment::Experiment;
use crate::front_end::{self, Fitted};
use crate::protocol::{Fold, Protocol, inner_folds, inner_seed, split};
use crate::readout::{self, Readout, Training};
use crate::score::{Scores, chance, majority, pool, score, spread};

/// Is told the fraction that is done, from any thread, and may stop the work.
pub type Progress<'a> = &'a (dyn Fn(f64) -> ControlFlow<()> + Sync);

const METHODS: [&str; 3] = ["liquid", "encoder alone", "front end alone"];

/// Scores a liquid and its controls.
///
/// # Errors
/// A [`CompareError`]; those of the configuration come before the long work.
pub fn compare(
    dataset: &Dataset,
    experiment: &Experiment,
    progress: Progress<'_>,
) -> Result<(Comparison, Trained), CompareError> {
    compare_made(dataset, experiment, progress, Ok)
}

/// [`compare`], with what `make` makes of every liquid in its place.
fn compare_made(
    dataset: &Dataset,
    experiment: &Experiment,
    progress: Progress<'_>,
    mut make: impl FnMut(ValidNetwork) -> Result<ValidNetwork, CompareError>,
) -> Result<(Comparison, Trained), CompareError> {
    let Experiment { seeds, protocol, encoder, .. } = experiment;
    let first_seed = *seeds.first().ok_or(CompareError::NoSeed)?;
    let folds_of = |seed| split(dataset, protocol, seed);
    let n_folds = folds_of(first_seed)?.len();
    let work = Work::new(seeds.len() * (dataset.samples().len() + n_folds * READOUT_STEPS), progress);
    // A control that draws nothing is the same for every seed.
    let control_is_random =
        matches!(encoder, Encoder::Poisson(_)) || matches!(protocol, Protocol::KFold { .. });

    let mut scored: [Vec<SeedScore>; 3] = Default::default();
    let mut answers: [Vec<Scores>; 3] = Default::default();
    let (mut n_features, mut efforts, mut majorities) = ([0; 3], Vec::new(), Vec::new());
    let mut trained = None;
    for seed in seeds.iter().copied() {
        let network = make(validate(generate(&experiment.liquid.network, seed)?)?)?;
        let input = input_of(&network, &experiment.liquid.input)?;
        let mut views: Option<(Fitted, Views)> = None;
        let mut fold_scores: [Vec<FoldScore>; 3] = Default::default();
        for (k, fold) in folds_of(seed)?.iter().enumerate() {
            let fitted = front_end::fit(dataset, &fold.train, &experiment.front_end)?;
            if views.as_ref().is_none_or(|(known, _)| *known != fitted) {
                let stage = Stage { dataset, experiment, network: &network, input, seed };
                let made = stage.views(&fitted, &work)?;
                efforts.extend_from_slice(&made.efforts);
                views = Some((fitted.clone(), made));
            }
            let (_, views) = views.as_ref().expect("made above");
            let labels = Labels::of(dataset, fold);
            majorities.push(majority(&labels.train, &labels.test, dataset.classes().len())?);
            for (m, features) in views.features.iter().enumerate() {
                if m > 0 && seed != first_seed && !control_is_random {
                    continue;
                }
                n_features[m] = features.ncols();
                let readout = train(dataset, experiment, fold, &labels, features, inner_seed(seed, k))?;
                let test = features.select(Axis(0), &fold.test);
                let scores = score(&labels.test, &readout.answers(test.view())?, dataset.classes().len())?;
                let (accuracy, strength) = (scores.accuracy, readout.strength());
                let chosen = readout.candidates().iter().find(|tried| tried.strength == strength);
                let inner_accuracy = chosen.map(|tried| tried.accuracy);
                let name = fold.name.clone();
                fold_scores[m].push(FoldScore { name, accuracy, strength, inner_accuracy });
                answers[m].push(scores);
                if trained.is_none() && m == 0 {
                    let stage = Stage { dataset, experiment, network: &network, input, seed };
                    let examples = stage.examples(&fitted, &readout, &fold.test)?;
                    let network = network.clone();
                    trained = Some(Trained { network, front_end: fitted.clone(), readout, examples });
                }
            }
            work.did(READOUT_STEPS)?;
        }
        for (m, folds) in fold_scores.into_iter().enumerate().filter(|(_, folds)| !folds.is_empty()) {
            let accuracy = folds.iter().map(|fold| fold.accuracy).sum::<f64>() / folds.len() as f64;
            scored[m].push(SeedScore { seed, accuracy, folds });
        }
    }
    let mut methods = Vec::new();
    for (m, seeds) in scored.into_iter().enumerate() {
        let accuracies: Vec<f64> = seeds.iter().map(|seed| seed.accuracy).collect();
        let (accuracy, scores) = (spread(&accuracies)?, pool(&answers[m])?);
        methods.push(Method { name: METHODS[m], n_features: n_features[m], accuracy, seeds, scores });
    }
    let comparison = Comparison {
        dataset: dataset.name().to_owned(),
        classes: dataset.classes().to_vec(),
        methods,
        chance: chance(dataset.classes().len()),
        majority: majorities.iter().sum::<f64>() / majorities.len() as f64,
        effort: Effort::mean(&efforts),
        experiment: experiment.clone(),
    };
    Ok((comparison, trained.expect("there is a seed and a fold")))
}

/// The answers of a trained liquid to some samples, all the way from the signal, one sample after the other in
/// this thread.
///
/// # Errors
/// A [`CompareError`], if the experiment is not the one that it was trained in.
pub fn answers(
    dataset: &Dataset,
    experiment: &Experiment,
    trained: &Trained,
    samples: &[usize],
) -> Result<Vec<u32>, CompareError> {
    let Trained { network, front_end, readout, examples: _ } = trained;
    let seed = *experiment.seeds.first().ok_or(CompareError::NoSeed)?;
    let input = input_of(network, &experiment.liquid.input)?;
    Stage { dataset, experiment, network, input, seed }.answers(front_end, readout, samples)
}

/// How many samples' worth of work the readouts of a fold are taken for, in the progress that is told.
const READOUT_STEPS: usize = 100;

struct Labels {
    train: Vec<u32>,
    test: Vec<u32>,
}

impl Labels {
    fn of(dataset: &Dataset, fold: &Fold) -> Self {
        let labels = |part: &[usize]| part.iter().map(|k| dataset.samples()[*k].label).collect();
        Self { train: labels(&fold.train), test: labels(&fold.test) }
    }
}

fn train(
    dataset: &Dataset,
    experiment: &Experiment,
    fold: &Fold,
    labels: &Labels,
    features: &Array2<f64>,
    seed: u64,
) -> Result<Readout, CompareError> {
    let Experiment { protocol, inner_folds: k, readout, .. } = experiment;
    let folds = inner_folds(dataset, &fold.train, protocol, *k, seed)?;
    let features = features.select(Axis(0), &fold.train);
    let training = Training {
        features: features.view(),
        labels: &labels.train,
        n_classes: dataset.classes().len(),
        folds: &folds,
    };
    Ok(readout::fit(&training, readout)?)
}

fn input_of(network: &ValidNetwork, input: &str) -> Result<PopulationId, CompareError> {
    let is_external = |id: &PopulationId| {
        matches!(network.population(*id).model, Model::SpikeSource(SpikeSource::External))
    };
    let found = network.population_named(input).filter(is_external);
    found.ok_or_else(|| CompareError::NoInput { input: input.to_owned() })
}
