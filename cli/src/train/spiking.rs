//! Training of the readout of a spiking liquid, beside its controls.

use std::path::Path;

use rheobase_net::file::write_network;
use rheobase_study::compare::{CompareError, Comparison, Effort, Method, Trained, compare};
use rheobase_study::data::Dataset;
use rheobase_study::experiment::Experiment;

use super::{prepare, write_json};
use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::{count, short, table};
use crate::plot::{Confusion, confusion};
use crate::{dataset, progress};

/// Compares, writes the folder and tells.
///
/// # Errors
/// If the experiment or the data are faulty, the folder cannot be written, or the work was stopped.
pub fn run(options: &Options, experiment: &Experiment, folder: &Path) -> Result<(), Failure> {
    prepare(folder, "comparison.json")?;
    let dataset = dataset::load(&experiment.data)?;
    let (comparison, trained) = compare_with_progress(options, &dataset, experiment)?;
    write(folder, &comparison, &trained)?;
    options.output().answer(&comparison, || to_text(&comparison))
}

/// Compares, shows progress and listens for Ctrl-C.
pub fn compare_with_progress(
    options: &Options,
    dataset: &Dataset,
    experiment: &Experiment,
) -> Result<(Comparison, Trained), Failure> {
    const STEPS: f64 = 1000.0;
    let stop = progress::stop_on_ctrl_c()?;
    let bar = progress::bar(options.output(), "training", STEPS as u64);
    let watch = |done: f64| {
        bar.set_position((done * STEPS) as u64);
        progress::go_on(&stop)
    };
    let made = match compare(dataset, experiment, &watch) {
        Err(stopped @ CompareError::Stopped { .. }) => Err(Failure::Failed(stopped.into())),
        result => result.or_bad_input(),
    };
    bar.finish_and_clear();
    made
}

/// Writes what was learned and how well.
pub fn write(folder: &Path, comparison: &Comparison, trained: &Trained) -> Result<(), Failure> {
    let Trained { network, front_end, readout, examples: _ } = trained;
    write_network(&folder.join("network.h5"), network.network()).map_err(anyhow::Error::from)?;
    write_json(&folder.join("comparison.json"), comparison)?;
    write_json(&folder.join("readout.json"), &(front_end, readout))?;
    let liquid = &comparison.methods[0];
    let matrix = Confusion { classes: &comparison.classes, counts: &liquid.scores.confusion };
    confusion(&matrix, &folder.join("confusion.png"))?;
    Ok(())
}

/// The tables that people read.
fn to_text(comparison: &Comparison) -> String {
    let Comparison { dataset, classes, methods, chance, majority, effort, experiment } = comparison;
    let mut rows: Vec<Vec<String>> = methods.iter().map(method_row).collect();
    let guess = |name: &str, accuracy: f64| {
        vec![
            name.to_owned(),
            "–".to_owned(),
            format!("{accuracy:.3}"),
            "–".to_owned(),
            "–".to_owned(),
            "–".to_owned(),
        ]
    };
    rows.push(guess("most frequent class", *majority));
    rows.push(guess("chance", *chance));
    let title = format!(
        "{dataset}, {} classes, {}",
        classes.len(),
        match experiment.features.bins {
            1 => "counts over the whole sample".to_owned(),
            n => format!("counts in {n} windows"),
        }
    );
    let header = ["method", "features", "accuracy", "± seeds", "lowest", "highest"];
    let Effort { duration_ms, input_spikes, spikes, input_events, synaptic_events, neuron_updates, rate_hz } =
        *effort;
    let number = |value: f64| count(value.round() as u64);
    let effort = [
        ("duration (ms)", short(duration_ms)),
        ("spikes of the encoder", number(input_spikes)),
        ("spikes of the liquid", number(spikes)),
        ("synaptic operations, input", number(input_events)),
        ("synaptic operations, liquid", number(synaptic_events)),
        ("updates of neurons", number(neuron_updates)),
        ("rate of the liquid (Hz)", short(rate_hz)),
    ];
    format!(
        "{}\n\n{}",
        table(&title, &header, rows),
        table(
            "one sample, on average",
            &["what", ""],
            effort.map(|(what, value)| vec![what.to_owned(), value])
        )
    )
}

fn method_row(method: &Method) -> Vec<String> {
    let Method { name, n_features, accuracy, .. } = method;
    let several = accuracy.n > 1;
    let or_dash = |value: f64| if several { format!("{value:.3}") } else { "–".to_owned() };
    vec![
        (*name).to_owned(),
        count(*n_features as u64),
        format!("{:.3}", accuracy.mean),
        or_dash(accuracy.std),
        or_dash(accuracy.min),
        or_dash(accuracy.max),
    ]
}
