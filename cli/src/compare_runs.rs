//! `rheobase compare-runs`: how far one recording is from another.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::anyhow;
use rheobase_net::file;
use rheobase_net::{NodeRange, Recording};
use rheobase_study::distance::{coincident, van_rossum};
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::{count, short, table};

/// Tell how far one recording is from another
///
/// Both are of one network: the second one is the same network in other numbers, on a chip, by another scheduler
/// or of another seed. Distances are by neuron, and means over the neurons of a population.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  What the chip does otherwise than the float network:
    rheobase simulate liquid.h5 --duration 1000 --source-spikes -o float.h5
    rheobase map liquid.h5 --chip loihi1 --activity float.h5 --netlist netlist.h5
    rheobase emulate netlist.h5 --source-spikes float.h5 -o chip.h5
    rheobase compare-runs float.h5 chip.h5

What is told:
  distance     van Rossum's, squared: a spike without a partner adds 1, so 0 is the same train
  of silence   the same, with the second run replaced by silence: what no resemblance at all would be near
  paired       spikes that have a partner in the other run within the window, of all spikes of both")]
pub struct Args {
    /// The recording to compare with
    first: PathBuf,
    /// The recording that is compared
    second: PathBuf,
    /// How long van Rossum's distance remembers a spike in ms
    #[arg(long, value_name = "MS", default_value_t = 10.0)]
    tau: f64,
    /// How far apart two spikes may be and count as one in ms
    #[arg(long, value_name = "MS", default_value_t = 2.0)]
    window: f64,
}

#[derive(Debug, Serialize)]
struct Told {
    t_start_ms: f64,
    t_stop_ms: f64,
    tau_ms: f64,
    window_ms: f64,
    /// When the first spike differs by more than the window \[ms\].
    first_difference_ms: Option<f64>,
    populations: Vec<PopulationDistance>,
}

#[derive(Debug, Clone, Serialize)]
struct PopulationDistance {
    name: String,
    neurons: u32,
    spikes: [u64; 2],
    rate_hz: [f64; 2],
    /// Mean over neurons of the difference of their numbers of spikes.
    count_difference: f64,
    /// Mean over neurons.
    distance: f64,
    distance_of_silence: f64,
    /// Share of all spikes of both.
    paired: f64,
}

/// Compares the two and tells.
///
/// # Errors
/// If a file is faulty, or the two are not of one network and time.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    for (name, value) in [("--tau", args.tau), ("--window", args.window)] {
        if !(value.is_finite() && value > 0.0) {
            return Err(Failure::BadInput(anyhow!("{name} {value} must be finite and above 0")));
        }
    }
    let first = file::read_recording(&args.first).or_bad_input()?;
    let second = file::read_recording(&args.second).or_bad_input()?;
    let told = compare(&first, &second, args).or_bad_input()?;
    options.output().answer(&told, || told.to_text())
}

fn compare(first: &Recording, second: &Recording, args: &Args) -> anyhow::Result<Told> {
    let Args { tau, window, .. } = *args;
    let neurons = |recording: &Recording| -> Vec<NodeRange> {
        recording.nodes.iter().filter(|range| !range.is_source).cloned().collect()
    };
    let (of_first, of_second) = (neurons(first), neurons(second));
    if of_first.len() != of_second.len()
        || of_first.iter().zip(&of_second).any(|(a, b)| (&a.population, a.size) != (&b.population, b.size))
    {
        let named = |ranges: &[NodeRange]| {
            ranges.iter().map(|of| format!("{} ({})", of.population, of.size)).collect::<Vec<_>>().join(", ")
        };
        anyhow::bail!(
            "{} has the neurons {}, and {} has {}: both have to be of one network",
            args.first.display(),
            named(&of_first),
            args.second.display(),
            named(&of_second)
        );
    }
    let (t_start, t_stop) = (first.t_start.max(second.t_start), first.t_stop.min(second.t_stop));
    if t_start >= t_stop {
        anyhow::bail!(
            "{} is from {} to {} ms, and {} from {} to {} ms: they share no time",
            args.first.display(),
            first.t_start,
            first.t_stop,
            args.second.display(),
            second.t_start,
            second.t_stop
        );
    }
    let mut first_difference: Option<f64> = None;
    let mut populations = Vec::new();
    for (a, b) in of_first.iter().zip(&of_second) {
        // Of those that fire in either run: a file of a few bytes can name billions of silent ones.
        let mut trains: BTreeMap<u32, [Vec<f64>; 2]> = BTreeMap::new();
        for (run, (recording, range)) in [(first, a), (second, b)].into_iter().enumerate() {
            for (t, node) in recording.spikes.iter().filter(|(t, _)| (t_start..t_stop).contains(t)) {
                let neuron = node.wrapping_sub(range.first);
                if neuron < range.size {
                    trains.entry(neuron).or_default()[run].push(t);
                }
            }
        }
        let pairs = || trains.values().map(|[a, b]| (a, b));
        let spikes = [0, 1].map(|run| trains.values().map(|of| of[run].len()).sum::<usize>() as u64);
        let n = f64::from(a.size.max(1));
        let mean = |of: &dyn Fn(&Vec<f64>, &Vec<f64>) -> f64| pairs().map(|(a, b)| of(a, b)).sum::<f64>() / n;
        let paired: usize = pairs().map(|(a, b)| coincident(a, b, window)).sum();
        for differs in pairs().filter_map(|(a, b)| first_unpaired(a, b, window)) {
            first_difference = Some(first_difference.map_or(differs, |known| known.min(differs)));
        }
        populations.push(PopulationDistance {
            name: a.population.clone(),
            neurons: a.size,
            spikes,
            rate_hz: spikes.map(|n_spikes| n_spikes as f64 / n / (t_stop - t_start) * 1000.0),
            count_difference: mean(&|a, b| a.len().abs_diff(b.len()) as f64),
            distance: mean(&|a, b| van_rossum(a, b, tau)),
            distance_of_silence: mean(&|a, _| van_rossum(a, &[], tau)),
            paired: if spikes == [0; 2] { 1.0 } else { 2.0 * paired as f64 / (spikes[0] + spikes[1]) as f64 },
        });
    }
    Ok(Told {
        t_start_ms: t_start,
        t_stop_ms: t_stop,
        tau_ms: tau,
        window_ms: window,
        first_difference_ms: first_difference,
        populations,
    })
}

/// The first spike of either that has no partner when both are gone through in order.
fn first_unpaired(a: &[f64], b: &[f64], window: f64) -> Option<f64> {
    let differs = a.iter().zip(b).find(|(a, b)| (*a - *b).abs() > window).map(|(a, b)| a.min(*b));
    let longer = if a.len() > b.len() { a } else { b };
    differs.or_else(|| longer.get(a.len().min(b.len())).copied())
}

impl Told {
    fn to_text(&self) -> String {
        let Self { t_start_ms, t_stop_ms, tau_ms, window_ms, first_difference_ms, populations } = self;
        let rows = populations.iter().map(|of| {
            let PopulationDistance {
                name,
                neurons,
                spikes,
                rate_hz,
                count_difference,
                distance,
                distance_of_silence,
                paired,
            } = of;
            vec![
                name.clone(),
                count(u64::from(*neurons)),
                count(spikes[0]),
                count(spikes[1]),
                short(rate_hz[0]),
                short(rate_hz[1]),
                short(*count_difference),
                short(*distance),
                short(*distance_of_silence),
                format!("{:.1} %", 100.0 * paired),
            ]
        });
        let title = format!(
            "two runs from {} to {} ms; distance with {} ms, paired within {} ms",
            short(*t_start_ms),
            short(*t_stop_ms),
            short(*tau_ms),
            short(*window_ms)
        );
        let header = [
            "population",
            "neurons",
            "spikes",
            "of the second",
            "rate (Hz)",
            "of the second",
            "counts differ by",
            "distance",
            "of silence",
            "paired",
        ];
        let differs = first_difference_ms.map_or_else(
            || "no spike differs by more than the window".to_owned(),
            |t| format!("the first spike that differs is at {} ms", short(t)),
        );
        format!("{}\n\n{differs}", table(&title, &header, rows))
    }
}
