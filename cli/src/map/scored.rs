//! What the chip's whole numbers cost in accuracy: an experiment's liquids, before and after.

use anyhow::anyhow;
use rheobase_mapping::quantize::{NumberFormat, Parameters, QuantizeConfig, QuantizeReport};
use rheobase_study::compare::{CompareError, Comparison, WholeComparison, WidthComparison, compare_widths};
use rheobase_study::score::Spread;
use serde::Serialize;

use super::chip_choice::assumptions;
use super::summary::listed;
use super::{Args, ChosenChip};
use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::{short, table};
use crate::{dataset, progress, train};

/// Which liquids are scored, on what.
#[derive(Debug, clap::Args)]
pub struct Scored {
    /// With --quantize-report: the accuracy of an experiment's liquids before and after, in place of a mapping; a
    /// spiking preset of `train`, or the TOML file of one
    #[arg(long, value_name = "NAME|FILE", requires = "quantize_report", conflicts_with_all = ["network", "board",
        "activity", "rate", "dt", "effort", "objective", "output", "plot", "dry_run"])]
    pub experiment: Option<String>,
    /// The data, in place of those that the experiment names: "vowels", an HDF5 file, or a folder of WAV files with
    /// index.csv
    #[arg(long, value_name = "DATA", requires = "experiment")]
    data: Option<String>,
    /// How many liquids, from --seed on, in place of those of the experiment
    #[arg(long, value_name = "N", requires = "experiment", value_parser = clap::value_parser!(u16).range(1..=1000))]
    seeds: Option<u16>,
}

/// Accuracy before and after.
#[derive(Debug, Serialize)]
struct Told {
    chip: String,
    title: String,
    n_samples: usize,
    compared: WidthComparison,
    assumptions: Vec<String>,
}

/// Scores the liquids of the experiment `name` in floating point and in the numbers of a chip, and tells.
///
/// # Errors
/// If the experiment or the data are faulty, the chip cannot run a liquid, or the work was stopped.
pub fn tell(options: &Options, args: &Args, name: &str, chosen: &ChosenChip) -> Result<(), Failure> {
    let ChosenChip { chip, text: _ } = chosen;
    let Some(format) = NumberFormat::of(chip) else {
        return Err(Failure::BadInput(anyhow!(
            "{} does not say in which numbers it counts, so nothing can be scored in them: take another chip, or say \
             them in its file (map --chips generic)",
            chip.title()
        )));
    };
    let Scored { experiment: _, data, seeds } = &args.scored;
    let mut experiment = train::spiking_experiment(name)?;
    if let Some(data) = data {
        experiment.data.clone_from(data);
    }
    if let Some(n) = seeds {
        experiment.seeds = (options.seed..).take(usize::from(*n)).collect();
    }
    let dataset = dataset::load(&experiment.data)?;
    let config = QuantizeConfig {
        parameters: args.groups.map_or(Parameters::PerNeuron, Parameters::Groups),
        negative_exponents: args.negative_exponents,
        ..QuantizeConfig::default()
    };
    let usual = [chosen.usual_width()];
    let widths = if args.weight_bits.is_empty() { &usual[..] } else { &args.weight_bits };
    const STEPS: f64 = 1000.0;
    let stop = progress::stop_on_ctrl_c()?;
    let bar = progress::bar(options.output(), "scoring", STEPS as u64);
    let watch = |done: f64| {
        bar.set_position((STEPS * done) as u64);
        progress::go_on(&stop)
    };
    let compared = match compare_widths(&dataset, &experiment, &format, &config, widths, &watch) {
        Err(stopped @ CompareError::Stopped { .. }) => Err(Failure::Failed(stopped.into())),
        result => result.or_bad_input(),
    };
    bar.finish_and_clear();
    let told = Told {
        chip: chip.name().to_owned(),
        title: chip.title().to_owned(),
        n_samples: dataset.samples().len(),
        compared: compared?,
        assumptions: assumptions(chip),
    };
    options.output().answer(&told, || told.to_text())
}

impl Told {
    fn to_text(&self) -> String {
        let Self { chip: _, title, n_samples, compared: WidthComparison { float, whole }, assumptions } =
            self;
        let of_float = row("floating point", float, None);
        let rows = whole.iter().map(|whole| {
            let WholeComparison { weight_bits, change, comparison, reports: _ } = whole;
            row(&format!("{weight_bits}-bit weights"), comparison, Some(change))
        });
        let n = float.experiment.seeds.len();
        let of_whole = format!(
            "{}, {n_samples} samples, {n} liquid{}, before and after: {title}",
            float.dataset,
            if n == 1 { "" } else { "s" }
        );
        let header = [
            "numbers",
            "accuracy",
            "± seeds",
            "lowest",
            "highest",
            "change (points)",
            "± seeds",
            "lowest",
            "highest",
            "rate (Hz)",
        ];
        let rounded = whole.iter().map(|whole| rounded(whole.weight_bits, &whole.reports));
        let of_rounded = ["numbers", "weight error", "membrane error", "decay error", "to zero", "saturated"];
        format!(
            "{}\n\n{}{}",
            table(&of_whole, &header, std::iter::once(of_float).chain(rows)),
            table("what was rounded, the most of any liquid", &of_rounded, rounded),
            listed("assumed of the chip, without a source", assumptions)
        )
    }
}

/// A liquid's accuracy, and what it lost in points of a hundred.
fn row(numbers: &str, comparison: &Comparison, change: Option<&Spread>) -> Vec<String> {
    let Spread { mean, std, min, max, n } = comparison.methods[0].accuracy;
    let of_several = |value: String| if n > 1 { value } else { "–".to_owned() };
    let accuracy = |value: f64| format!("{value:.3}");
    let points = |value: f64| format!("{:+.1}", 100.0 * value);
    let mut row = vec![numbers.to_owned(), accuracy(mean)];
    row.extend([std, min, max].map(|value| of_several(accuracy(value))));
    row.extend(match change {
        None => ["–"; 4].map(str::to_owned),
        Some(Spread { mean, std, min, max, n: _ }) => [
            points(*mean),
            of_several(format!("{:.1}", 100.0 * std)),
            of_several(points(*min)),
            of_several(points(*max)),
        ],
    });
    row.push(short(comparison.effort.rate_hz));
    row
}

/// What the numbers of a width rounded, the most of any liquid and projection or population.
fn rounded(weight_bits: u8, reports: &[QuantizeReport]) -> Vec<String> {
    let projections = || reports.iter().flat_map(|report| &report.projections);
    let populations = || reports.iter().flat_map(|report| &report.populations);
    let most = |values: &mut dyn Iterator<Item = f64>| format!("{:.1} %", 100.0 * values.fold(0.0, f64::max));
    let share = |part: u64, all: u64| part as f64 / all.max(1) as f64;
    vec![
        format!("{weight_bits}-bit weights"),
        most(&mut projections().map(|of| of.weight_error)),
        most(&mut projections().map(|of| of.membrane_error)),
        most(&mut populations().map(|of| of.membrane_decay_error.max(of.current_decay_error))),
        most(&mut projections().map(|of| share(of.to_zero, of.synapses))),
        most(&mut projections().map(|of| share(of.saturated, of.synapses))),
    ]
}
