//! `rheobase map`: a network onto the cores of a chip.

mod chip_choice;
mod dry_run;
mod energy;
mod laid;
mod liquid;
mod quantized;
mod scored;
mod stages;
mod summary;

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::ValueEnum;
use rheobase_loihi_export::{lower, netlist};
use rheobase_mapping::chip::{Chip, Fabric};
use rheobase_mapping::file::{Made, MappingFile};
use rheobase_mapping::quantize::NumberFormat;
use rheobase_mapping::{Activity, Objective};
use rheobase_net::file::{self, write_atomically};
use rheobase_net::{ValidNetwork, validate};

pub use self::chip_choice::ChosenChip;
pub use self::laid::{Laid, LayConfig, lay_down};
pub use self::stages::{Finished, Search, Stage, search};
pub use self::summary::Mapped;
use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::Output;
use crate::{destination, inspect, plot, progress, train};

/// Put a network onto the cores of a neuromorphic chip, within every budget of a core
///
/// The network is put into the chip's whole numbers, cut into parts that keep all budgets of a core with as few
/// packets between them as can be found, placed on the mesh, and counted again by code that shares nothing with
/// the search. The number of cores is found, not given. The result depends on the network, the activity, the
/// chip, the seed and the effort, and not on the number of threads. What cannot be mapped is refused with the
/// population, the neuron, the budget, and the smallest change that helps. Ctrl-C ends the search for places and
/// keeps what was found; before there are parts, there is nothing to keep.
#[derive(Debug, clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_long_help = "\
Examples:
  Will it fit, and if not, why not:
    rheobase map liquid.h5 --chip loihi1 --dry-run

  By the spikes of a recording (simulate --source-spikes, if there are sources), with pictures:
    rheobase map liquid.h5 --chip loihi1 --activity run.h5 -o mapping.json --plot pictures

  With the netlist of the cores, and what it does with the same input:
    rheobase map liquid.h5 --chip loihi1 --activity run.h5 --netlist netlist.h5
    rheobase emulate netlist.h5 --source-spikes run.h5 -o chip.h5

  By rates in Hz, one for all and one for a population:
    rheobase map liquid.h5 --chip loihi2 --rate 5 --rate exc=2.5

  What four bits cost, and on which core a neuron is:
    rheobase map liquid.h5 --chip loihi1 --weight-bits 4 --quantize-report
    rheobase inspect mapping.json --neuron exc:17

  What eight and four bits cost in accuracy, on spoken digits of a speaker who was never heard:
    rheobase map --chip loihi1 --quantize-report --experiment spoken-digits --data fsdd.h5 --weight-bits 8,4

  The chips that are known, and one to copy and change:
    rheobase map --chips
    rheobase map --chips generic > mine.toml
    rheobase map liquid.h5 --chip mine.toml"
)]
pub struct Args {
    /// The network, or a trained liquid network
    #[arg(required_unless_present_any = ["chips", "experiment"])]
    network: Option<PathBuf>,
    /// A known chip, or the TOML file of one
    #[arg(long, value_name = "NAME|FILE", required_unless_present = "chips")]
    chip: Option<String>,
    /// List the known chips, or print the file of one
    #[arg(long, value_name = "NAME", num_args = 0..=1, default_missing_value = "",
        conflicts_with_all = ["network", "chip"])]
    chips: Option<String>,
    /// A board of the chip; without it, as many chips as needed
    #[arg(long, value_name = "NAME")]
    board: Option<String>,
    /// A recording of the network, whose spikes weigh who should share a core
    #[arg(long, value_name = "FILE", conflicts_with = "rate")]
    activity: Option<PathBuf>,
    /// Rates in Hz in place of a recording, for all or for a population; without both, every source sends one spike
    #[arg(long, value_name = "[POPULATION=]HZ", value_parser = rate)]
    rate: Vec<Rate>,
    /// Width of a weight in bits, with --experiment several; by default the chip's that is most like 8
    #[arg(long, value_name = "N", value_delimiter = ',')]
    weight_bits: Vec<u8>,
    /// What a step of the chip means in ms
    #[arg(long, value_name = "MS", default_value_t = 0.1)]
    dt: f64,
    /// Neurons of a population share decays and threshold in so many groups at most; by default each has its own
    #[arg(long, value_name = "N")]
    groups: Option<u32>,
    /// Let weights have exponents below 0, whose sums a chip may round once for every core that they come from
    #[arg(long)]
    negative_exponents: bool,
    /// How long to search: 2 takes twice as long
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    effort: f64,
    /// What there is to be least of; by default tree-links where the chip copies spikes on their way, hops elsewhere
    #[arg(long)]
    objective: Option<ObjectiveName>,
    /// The mapping to write, as JSON
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The netlist to write, as HDF5: what every core holds, for rheobase emulate and rheobase export
    #[arg(long, value_name = "FILE")]
    netlist: Option<PathBuf>,
    /// A folder for pictures: the mesh, the traffic between cores, the neurons in space
    #[arg(long, value_name = "FOLDER")]
    plot: Option<PathBuf>,
    /// Tell whether the network fits, and why not, without mapping it
    #[arg(long, conflicts_with_all = ["output", "netlist", "plot"])]
    dry_run: bool,
    /// Tell what the chip's whole numbers cost, by population and projection
    #[arg(long)]
    quantize_report: bool,
    #[command(flatten)]
    scored: scored::Scored,
}

/// A rate, of all populations or of one.
type Rate = (Option<String>, f64);

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ObjectiveName {
    /// Packets between cores, and their steps from tile to tile
    Hops,
    /// Messages to all cores, a neuron's own included, and the energy of steps by the chip's figures
    Energy,
    /// Packets between cores, and the links of the trees by which a multicast fabric copies spikes on their way
    TreeLinks,
}

impl From<ObjectiveName> for Objective {
    fn from(name: ObjectiveName) -> Self {
        match name {
            ObjectiveName::Hops => Self::Hops,
            ObjectiveName::Energy => Self::Energy,
            ObjectiveName::TreeLinks => Self::TreeLinks,
        }
    }
}

fn rate(text: &str) -> Result<Rate, String> {
    let (population, hz) = match text.rsplit_once('=') {
        Some((name, hz)) => (Some(name.to_owned()), hz),
        None => (None, text),
    };
    let hz = hz.parse().map_err(|_| "give a rate in Hz, as 5 or exc=5".to_owned())?;
    Ok((population, hz))
}

/// Maps the network and tells where it is and what it costs.
///
/// # Errors
/// If the input is faulty, the network does not fit, a file cannot be written, or the work was stopped.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    if let Some(name) = &args.chips {
        return chip_choice::print(options, name);
    }
    if let (Some(name), Some(chip)) = (&args.scored.experiment, &args.chip) {
        return scored::tell(options, args, name, &ChosenChip::of(chip)?);
    }
    let (Some(path), Some(chip)) = (&args.network, &args.chip) else {
        return Err(Failure::BadInput(anyhow!("give a network and --chip, or --chips alone")));
    };
    prepare(args)?;
    let chosen = ChosenChip::of(chip)?;
    if matches!(inspect::kind(path), Ok(inspect::Kind::Liquid)) {
        return liquid::run(options, args, path, &chosen);
    }
    let weight_bits = weight_bits(args, &chosen)?;
    let objective = objective(args, &chosen.chip)?;
    let network = validate(file::read_network(path).or_bad_input()?).or_bad_input_in(path.display())?;
    let (activity, counted) = counted(&network, args)?;
    if args.netlist.is_some() && NumberFormat::of(&chosen.chip).is_none() {
        let title = chosen.chip.title();
        let error = anyhow!(
            "{title} does not say in which numbers it counts, so there is no netlist for it: take loihi1 or loihi2, or say them in a file of your own"
        );
        return Err(Failure::BadInput(error));
    }
    let config = LayConfig {
        weight_bits,
        dt: args.dt,
        groups: args.groups,
        negative_exponents: args.negative_exponents,
        counted: counted.duration,
    };
    let laid = lay_down(&network, &chosen.chip, &activity, &config)?;
    let fit = laid.fit(&network, &chosen.chip, args.board.as_deref())?;
    if args.dry_run {
        return dry_run::tell(options, &chosen.chip, &network, &laid, &fit, args.quantize_report);
    }
    let how = Search { board: args.board.clone(), seed: options.seed, effort: args.effort, objective };
    let finished = with_progress(options.output(), &network, &chosen, &activity, &laid, &how)?;
    let made = Made {
        board: args.board.clone(),
        dt_ms: laid.dt,
        weight_bits: laid.weight_bits,
        seed: options.seed,
        effort: args.effort,
        objective,
    };
    let mut mapped = Mapped::of(&finished, &chosen.chip, &laid, &counted.told, args.quantize_report);
    let written =
        MappingFile::of(&finished.checked, &chosen.text, &finished.traffic, &finished.placement, made);
    if let Some(output) = &args.output {
        write_atomically(output, |file| -> anyhow::Result<()> {
            Ok(std::io::Write::write_all(file, written.to_json().as_bytes())?)
        })?;
        mapped.files.push(output.clone());
    }
    if let Some(output) = &args.netlist {
        write_netlist(output, &finished, &laid, &chosen)?;
        mapped.files.push(output.clone());
    }
    if let Some(folder) = &args.plot {
        mapped.files.extend(plot::of_mapping::draw_all(&written, &network, folder)?);
    }
    options.output().answer(&mapped, || mapped.to_text())
}

/// Writes what every core holds.
pub fn write_netlist(
    path: &Path,
    finished: &Finished<'_>,
    laid: &Laid<'_>,
    chosen: &ChosenChip,
) -> Result<(), Failure> {
    let quantized = laid.quantized.as_ref().expect("chips without numbers are refused before the search");
    let lowered = lower(&finished.checked, quantized, &chosen.text);
    Ok(netlist::write(path, &lowered).map_err(anyhow::Error::from)?)
}

/// Checks what can be known before the long work starts.
fn prepare(args: &Args) -> Result<(), Failure> {
    if !(args.effort.is_finite() && args.effort > 0.0 && args.effort <= 1000.0) {
        let error = anyhow!("--effort {} must be above 0 and at most 1000", args.effort);
        return Err(Failure::BadInput(error));
    }
    for output in args.output.iter().chain(&args.netlist) {
        destination::check(output)?;
        for input in args.network.iter().chain(&args.activity) {
            destination::is_not(output, input)?;
        }
    }
    match &args.plot {
        Some(folder) => train::prepare(folder, "mesh.png"),
        None => Ok(()),
    }
}

/// What was counted, and for how long, if that is known.
struct Counted {
    told: String,
    duration: Option<f64>,
}

/// Rates count the spikes of a second.
const RATES_OVER_MS: f64 = 1000.0;

fn counted(network: &ValidNetwork, args: &Args) -> Result<(Activity, Counted), Failure> {
    if let Some(path) = &args.activity {
        let recording = file::read_recording(path).or_bad_input()?;
        let activity = Activity::of_recording(network, &recording).or_bad_input_in(path.display())?;
        let duration = recording.t_stop - recording.t_start;
        let told = format!("the spikes of {}, {duration} ms", path.display());
        return Ok((activity, Counted { told, duration: Some(duration).filter(|duration| *duration > 0.0) }));
    }
    if args.rate.is_empty() {
        let told = "one spike of every source, since no --activity and no --rate was given".to_owned();
        return Ok((Activity::uniform(network), Counted { told, duration: None }));
    }
    let named = |(name, hz): &Rate| Some((name.clone()?, *hz));
    let mut rates: Vec<(String, f64)> = args.rate.iter().filter_map(named).collect();
    let mut for_all = args.rate.iter().filter(|(name, _)| name.is_none());
    if let Some((_, hz)) = for_all.next() {
        if let Some((_, other)) = for_all.next() {
            let error = anyhow!("--rate {hz} and --rate {other} are both for all populations: give one");
            return Err(Failure::BadInput(error));
        }
        let others = network.populations().iter().filter(|p| !rates.iter().any(|(name, _)| *name == p.name));
        let others: Vec<_> = others.map(|population| (population.name.clone(), *hz)).collect();
        rates.extend(others);
    }
    let activity = Activity::of_rates(network, &rates, RATES_OVER_MS).or_bad_input_in("--rate")?;
    let told = "the spikes of a second at the rates given".to_owned();
    Ok((activity, Counted { told, duration: Some(RATES_OVER_MS) }))
}

/// What there is to be least of: what was asked for, or what counts on the chip's fabric.
fn objective(args: &Args, chip: &Chip) -> Result<Objective, Failure> {
    match (args.objective, chip.chip_mesh().fabric) {
        (Some(ObjectiveName::TreeLinks), Fabric::Unicast) => Err(Failure::BadInput(anyhow!(
            "{} sends a packet to every destination core (its fabric is unicast), so spikes have no trees: give \
             --objective hops or energy, or take a chip whose fabric is multicast",
            chip.title()
        ))),
        (Some(name), _) => Ok(name.into()),
        (None, Fabric::Unicast) => Ok(Objective::Hops),
        (None, Fabric::Multicast) => Ok(Objective::TreeLinks),
    }
}

/// The width of weights: the chip's usual one, or the one that was given.
fn weight_bits(args: &Args, chosen: &ChosenChip) -> Result<u8, Failure> {
    match args.weight_bits[..] {
        [] => Ok(chosen.usual_width()),
        [bits] => Ok(bits),
        [first, ..] => Err(Failure::BadInput(anyhow!(
            "a mapping has weights of one width: give --weight-bits {first}, or several with --quantize-report \
             --experiment"
        ))),
    }
}

/// The search, with a bar and an ear for Ctrl-C.
fn with_progress<'a>(
    output: Output,
    network: &'a ValidNetwork,
    chosen: &'a ChosenChip,
    activity: &'a Activity,
    laid: &'a Laid<'_>,
    how: &Search,
) -> Result<Finished<'a>, Failure> {
    const STEPS: f64 = 1000.0;
    let stop = progress::stop_on_ctrl_c()?;
    let bar = progress::bar(output, "partitioning", STEPS as u64);
    let finished = search(network, &chosen.chip, activity, laid, how, &|stage, done| {
        bar.set_message(match stage {
            Stage::Partition => "partitioning",
            Stage::Relief => "no room; why",
            Stage::Place => "placing",
        });
        bar.set_position((STEPS * done) as u64);
        progress::go_on(&stop)
    });
    bar.finish_and_clear();
    finished
}
