//! `rheobase train`: a network learns a task, and is scored.
//!
//! Two kinds of experiments go by this verb. A *spiking* one has a liquid whose readout alone learns, beside its
//! controls ([`spiking`]); one of *rates* has a liquid time-constant network all of which learns ([`rates`]).
//! An experiment file says which by what it holds: `[cell]` is of rates.

mod kept;
mod on_chip;
mod rates;
mod spiking;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use rheobase_loihi_export::emulate::Profile;
use rheobase_net::file::write_atomically;
use rheobase_study::experiment;
use rheobase_study::rates::Preset as RatesPreset;
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::print;
use crate::{text_file, toml_file};

pub use on_chip::{LOIHI_PRICES, prices_of};
pub use spiking::{compare_with_progress, write};

/// Train a liquid on data
///
/// Of a spiking liquid the readout learns: the same readout, on the same folds, is trained on what the liquid
/// does, on the encoder's spikes alone and on the front end alone. The folder gets comparison.json,
/// confusion.png, the liquid of the first seed (network.h5) and its readout (readout.json).
///
/// A liquid time-constant network learns as a whole, by gradients: an experiment with a table `cell`. The folder
/// gets scores.json, learning.png and the best model (model.h5). Ctrl-C keeps a checkpoint there, from which
/// --resume goes on with the same bits.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  The vowels that the program carries, by a spiking liquid and by an LTC network:
    rheobase train --preset vowels -o vowels
    rheobase train --preset vowels-ltc -o vowels-ltc

  The Free Spoken Digit Dataset, one speaker left out at a time:
    rheobase train --preset spoken-digits --data fsdd.h5 -o digits

  The same on Loihi's cores in software: from recordings to accuracy, spikes and energy a word, in one command:
    rheobase train --preset spoken-digits --data recordings/ --chip loihi1 -o digits-on-chip

  UCI's room occupancy, as in the LTC paper, one seed:
    rheobase train --preset occupancy --data occupancy/ --seeds 1 -o occupancy-ltc

  Your own experiment, starting from a preset; [data] of kind \"table\" reads columns of a CSV file:
    rheobase train --preset table --print > mine.toml
    rheobase train mine.toml -o mine")]
pub struct Args {
    /// The experiment, in TOML
    #[arg(required_unless_present = "preset", conflicts_with = "preset")]
    experiment: Option<PathBuf>,
    /// An experiment that the program knows
    #[arg(long)]
    preset: Option<Preset>,
    /// The data, in place of those that the experiment names: "vowels", an HDF5 file, a folder of WAV
    /// files with index.csv; or the folder or file of a liquid time-constant experiment
    #[arg(long)]
    data: Option<String>,
    /// How many seeds, from --seed on, in place of those of the experiment
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    seeds: Option<u16>,
    /// The folder to write
    #[arg(short, long, value_name = "FOLDER", required_unless_present = "print")]
    output: Option<PathBuf>,
    /// Of a spiking liquid: run it on the cores of a chip in software too, beside the float one and in place of its
    /// controls; a known chip, or the TOML file of one
    ///
    /// Three readouts are tested on the chip. How much is lost by deploying says the one that was trained on a
    /// simulation of the liquid in the chip's numbers, which is what can be done before there is a chip; beside it
    /// are the readout of the float liquid, unchanged, and one that was trained on the chip itself.
    #[arg(long, value_name = "NAME|FILE")]
    chip: Option<String>,
    /// Width of a weight on the chip in bits; by default the chip's that is most like 8
    #[arg(long, value_name = "N", requires = "chip")]
    weight_bits: Option<u8>,
    /// Whose integers the chip has: lava-0.10, nengo-loihi-1.1, brian2-loihi-0.5
    #[arg(long, value_name = "NAME", default_value = "lava-0.10", requires = "chip")]
    profile: Profile,
    /// Print the experiment as TOML and do nothing
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    keeping: kept::Keeping,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Preset {
    /// Japanese vowels: who of nine speaks? 135 spiking neurons
    Vowels,
    /// Spoken digits of a speaker who was never heard; 500 spiking neurons
    SpokenDigits,
    /// The vowels by an LTC network of 135 units
    VowelsLtc,
    /// The vowels by a CfC network of 135 units
    VowelsCfc,
    /// Is somebody in the room? UCI 357; LTC, 32 units
    Occupancy,
    /// How many cars go by? UCI 492; LTC, 32 units
    Traffic,
    /// Is it an ozone day? UCI 172; LTC, 32 units
    Ozone,
    /// What does Half-Cheetah observe next? LTC, 32 units
    HalfCheetah,
    /// What does Walker2d observe next, at irregular times? CfC, 64 units
    Walker2d,
    /// The same; LTC, 128 units
    Walker2dLtc,
    /// Is the number of ones odd? Bits told only where they change; CfC, 192 units
    Xor,
    /// Columns of a CSV file; LTC, 32 units
    Table,
}

/// An experiment of either kind.
enum Experiment {
    Spiking(Box<experiment::Experiment>),
    Rates(Box<rheobase_study::rates::Experiment>),
}

/// Trains, writes the folder and tells.
///
/// # Errors
/// If the experiment or the data are faulty, the folder cannot be written, or the work was stopped.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let experiment = experiment(options, args)?;
    if args.print {
        let text = match &experiment {
            Experiment::Spiking(experiment) => toml::to_string(experiment),
            Experiment::Rates(experiment) => toml::to_string(experiment),
        };
        return print(&text.map_err(|error| Failure::Failed(error.into()))?);
    }
    let Some(folder) = &args.output else { return Err(anyhow!("--output is missing")).or_bad_input() };
    match experiment {
        Experiment::Spiking(_) if args.keeping.is_asked() => Err(Failure::BadInput(anyhow!(
            "a spiking experiment has no checkpoint: leave --resume and --restart out"
        ))),
        Experiment::Spiking(experiment) => match &args.chip {
            Some(chip) => on_chip::run(options, &experiment, chip, args.weight_bits, args.profile, folder),
            None => spiking::run(options, &experiment, folder),
        },
        Experiment::Rates(_) if args.chip.is_some() => Err(Failure::BadInput(anyhow!(
            "--chip is for spiking experiments, and this one is of rates: leave it out"
        ))),
        Experiment::Rates(experiment) => rates::run(options, &experiment, folder, &args.keeping),
    }
}

fn experiment(options: &Options, args: &Args) -> Result<Experiment, Failure> {
    let mut experiment = match (&args.experiment, args.preset) {
        (Some(path), _) => read(path)?,
        (None, preset) => known(preset.unwrap_or(Preset::Vowels)),
    };
    let seeds = args.seeds.map(|n| (options.seed..).take(usize::from(n)).collect::<Vec<u64>>());
    let (data, old_seeds) = match &mut experiment {
        Experiment::Spiking(experiment) => (&mut experiment.data, &mut experiment.seeds),
        Experiment::Rates(experiment) => (&mut experiment.place, &mut experiment.seeds),
    };
    if let Some(place) = &args.data {
        data.clone_from(place);
    }
    if let Some(seeds) = seeds {
        *old_seeds = seeds;
    }
    Ok(experiment)
}

/// The experiment of a spiking liquid by the name of its preset, or from a file.
///
/// # Errors
/// If there is none of that name, the file is faulty, or it is an experiment of rates.
pub fn spiking_experiment(name: &str) -> Result<experiment::Experiment, Failure> {
    let path = Path::new(name);
    let experiment = match Preset::from_str(name, false) {
        Ok(preset) => known(preset),
        Err(_) if path.extension().is_some() || path.exists() => read(path)?,
        Err(_) => {
            let error =
                anyhow!("there is no experiment \"{name}\": give vowels, spoken-digits, or a TOML file");
            return Err(Failure::BadInput(error));
        }
    };
    match experiment {
        Experiment::Spiking(experiment) => Ok(*experiment),
        Experiment::Rates(_) => Err(Failure::BadInput(anyhow!(
            "{name} is an experiment of rates, and spiking neurons are wanted: give vowels, spoken-digits, or a TOML \
             file without a table `cell`"
        ))),
    }
}

fn read(path: &Path) -> Result<Experiment, Failure> {
    let text = text_file::read(path)?;
    // A file that is no TOML at all is explained by the reader of either kind.
    let is_rates = text.parse::<toml::Table>().is_ok_and(|table| table.contains_key("cell"));
    Ok(match is_rates {
        true => Experiment::Rates(toml_file::read(path)?),
        false => Experiment::Spiking(toml_file::read(path)?),
    })
}

fn known(preset: Preset) -> Experiment {
    let rates = |preset: RatesPreset| Experiment::Rates(Box::new(preset.experiment()));
    match preset {
        Preset::Vowels => Experiment::Spiking(Box::new(experiment::vowels())),
        Preset::SpokenDigits => Experiment::Spiking(Box::new(experiment::spoken_digits())),
        Preset::VowelsLtc => rates(RatesPreset::VowelsLtc),
        Preset::VowelsCfc => rates(RatesPreset::VowelsCfc),
        Preset::Walker2d => rates(RatesPreset::Walker2d),
        Preset::Xor => rates(RatesPreset::Xor),
        Preset::Occupancy => rates(RatesPreset::Occupancy),
        Preset::Traffic => rates(RatesPreset::Traffic),
        Preset::Ozone => rates(RatesPreset::Ozone),
        Preset::HalfCheetah => rates(RatesPreset::HalfCheetah),
        Preset::Walker2dLtc => rates(RatesPreset::Walker2dLtc),
        Preset::Table => rates(RatesPreset::Table),
    }
}

/// Makes the folder, before the long work; `file` is one that will be written there.
pub fn prepare(folder: &Path, file: &str) -> Result<(), Failure> {
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))
        .or_bad_input()?;
    crate::destination::check(&folder.join(file))
}

/// Writes a value as JSON, whole or not at all.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::Failed(error.into()))?;
    write_atomically(path, |file| -> anyhow::Result<()> { Ok(file.write_all(text.as_bytes())?) })?;
    Ok(())
}
