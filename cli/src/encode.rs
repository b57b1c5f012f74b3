//! `rheobase encode`: a sample of data becomes spikes.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use rheobase_net::{SpikeTrain, file};
use rheobase_study::data::{Dataset, Sample, Signal, load_wav};
use rheobase_study::encode::{Encoder, HairCell, Poisson, Regular, encode, sample_seed};
use rheobase_study::front_end::{self, Drive, FrontEnd};
use serde::{Deserialize, Serialize};

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::{count, short, table};
use crate::{dataset, destination, toml_file};

/// Turn a sample of data into spikes
///
/// Ranges of channels are learned from the training samples of the data set: those that its official
/// split does not put aside for testing. Samples of a sensor that spikes by itself are written as they are.
#[derive(Debug, clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_long_help = "\
Examples:
  The first of the vowels that the program carries, as spikes of 12 channels:
    rheobase encode vowels -o vowel.h5

  A clip of your own data set, at random, with at most 200 spikes a second:
    rheobase encode clips/ --sample 17 --encoder poisson --rate 200 -o clip.h5

  One recording, 40 channels, into a liquid whose population \"input\" has 40 nodes:
    rheobase encode seven.wav -o seven.h5
    rheobase simulate liquid.h5 --spikes input=seven.h5 --duration 600 -o run.h5

  A configuration in a file, encode.toml; options of the command line have the last word:
    [front_end]
    dt = 0.5
    log_mel.n_mels = 20

    [encoder]
    kind = \"hair_cell\"
    tau = 20.0"
)]
pub struct Args {
    /// "vowels", an HDF5 data file, a folder of WAV files with index.csv, or one .wav file
    data: String,
    /// The spike file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Which sample of a data set, from 0
    #[arg(long, value_name = "K", default_value_t = 0)]
    sample: usize,
    /// A configuration in TOML
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How values become spikes; regular if the configuration does not say
    #[arg(long)]
    encoder: Option<EncoderName>,
    /// The rate of the value 1 in Hz, for regular and poisson
    #[arg(long, value_name = "HZ")]
    rate: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EncoderName {
    /// Evenly spaced spikes
    Regular,
    /// Spikes at random, by the seed
    Poisson,
    /// A leaky integrator a channel
    HairCell,
}

/// The two stages, as a file describes them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Config {
    front_end: FrontEnd,
    encoder: Encoder,
}

/// Spikes of a sample in numbers.
#[derive(Debug, Serialize)]
struct Encoded {
    file: String,
    data: String,
    sample: usize,
    /// None for a recording that nobody labeled.
    label: Option<String>,
    duration_ms: f64,
    channels: u32,
    spikes: usize,
    /// Mean rate of a channel.
    rate_hz: f64,
}

/// Encodes the sample, writes its spikes and tells how many they are.
///
/// # Errors
/// If the data or the configuration are faulty, or the file cannot be written.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    destination::check(&args.output)?;
    for input in args.config.iter().map(PathBuf::as_path).chain([Path::new(&args.data)]) {
        destination::is_not(&args.output, input)?;
    }
    let config = configuration(args)?;
    // As the sample is encoded among the others of a study with the same seed.
    let seed = sample_seed(options.seed, args.sample as u64);
    let (label, (spikes, duration_ms)) = if is_wav(&args.data) {
        (None, encode_wav(args, &config, seed)?)
    } else {
        let dataset = dataset::load(&args.data)?;
        let sample = chosen(&dataset, args.sample)?;
        let label = dataset.classes()[sample.label as usize].clone();
        (Some(label), encode_sample(args, &config, seed, &dataset, sample)?)
    };
    file::write_spikes(&args.output, &spikes).map_err(anyhow::Error::from)?;
    let node_seconds = f64::from(spikes.n_nodes()) * duration_ms / 1000.0;
    let encoded = Encoded {
        file: args.output.display().to_string(),
        data: args.data.clone(),
        sample: args.sample,
        label,
        duration_ms,
        channels: spikes.n_nodes(),
        spikes: spikes.len(),
        rate_hz: if node_seconds > 0.0 { spikes.len() as f64 / node_seconds } else { 0.0 },
    };
    options.output().answer(&encoded, || encoded.to_text())
}

impl Encoded {
    fn to_text(&self) -> String {
        let row = vec![
            self.data.clone(),
            self.sample.to_string(),
            self.label.clone().unwrap_or_else(|| "–".to_owned()),
            short(self.duration_ms),
            count(self.channels.into()),
            count(self.spikes as u64),
            short(self.rate_hz),
        ];
        let header = ["data", "sample", "label", "duration (ms)", "channels", "spikes", "rate (Hz)"];
        table(&format!("spikes in {}", self.file), &header, [row])
    }
}

fn configuration(args: &Args) -> Result<Config, Failure> {
    let mut config: Config = match &args.config {
        Some(path) => toml_file::read(path)?,
        None => Config::default(),
    };
    // What the file says of the encoder holds if it is the one that is asked for.
    config.encoder = match (args.encoder, config.encoder) {
        (None, encoder)
        | (Some(EncoderName::Regular), encoder @ Encoder::Regular(_))
        | (Some(EncoderName::Poisson), encoder @ Encoder::Poisson(_))
        | (Some(EncoderName::HairCell), encoder @ Encoder::HairCell(_)) => encoder,
        (Some(EncoderName::Regular), _) => Encoder::Regular(Regular::default()),
        (Some(EncoderName::Poisson), _) => Encoder::Poisson(Poisson::default()),
        (Some(EncoderName::HairCell), _) => Encoder::HairCell(HairCell::default()),
    };
    if let Some(rate_hz) = args.rate {
        match &mut config.encoder {
            Encoder::Regular(regular) => regular.rate_hz = rate_hz,
            Encoder::Poisson(poisson) => poisson.rate_hz = rate_hz,
            Encoder::HairCell(_) => {
                let error = anyhow!(
                    "--rate {rate_hz}: the hair cell has no rate: lower encoder.threshold in a --config for \
                     more spikes, or take --encoder regular or poisson"
                );
                return Err(Failure::BadInput(error));
            }
        }
    }
    Ok(config)
}

fn is_wav(data: &str) -> bool {
    let path = Path::new(data);
    !path.is_dir() && path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("wav"))
}

fn chosen(dataset: &Dataset, sample: usize) -> Result<&Sample, Failure> {
    let samples = dataset.samples();
    let last = samples.len() - 1;
    samples
        .get(sample)
        .with_context(|| format!("--sample {sample}: \"{}\" has the samples 0 to {last}", dataset.name()))
        .or_bad_input()
}

/// The spikes of a recording, and how long it lasts \[ms\].
fn encode_wav(args: &Args, config: &Config, seed: u64) -> Result<(SpikeTrain, f64), Failure> {
    if args.sample > 0 {
        let error = anyhow!("--sample {}: {} is one recording, sample 0", args.sample, args.data);
        return Err(Failure::BadInput(error));
    }
    let audio = load_wav(Path::new(&args.data)).or_bad_input_in(&args.data)?;
    let signal = Signal::Audio(audio);
    let fitted = front_end::untrained(&signal, &config.front_end).or_bad_input_in(&args.data)?;
    let sample = Sample { signal, label: 0, group: None, is_test: false };
    spikes_of(&fitted.drive(&sample).or_bad_input_in(&args.data)?, &config.encoder, seed)
}

/// The spikes of a sample of a data set, and how long it lasts \[ms\].
fn encode_sample(
    args: &Args,
    config: &Config,
    seed: u64,
    dataset: &Dataset,
    sample: &Sample,
) -> Result<(SpikeTrain, f64), Failure> {
    if let Signal::Events(events) = &sample.signal {
        if args.encoder.is_some() || args.rate.is_some() || args.config.is_some() {
            let error = anyhow!(
                "the samples of {} are spikes already: leave out --config, --encoder and --rate",
                args.data
            );
            return Err(Failure::BadInput(error));
        }
        return Ok((events.clone(), events.times().last().copied().unwrap_or(0.0)));
    }
    let samples = dataset.samples();
    let mut train: Vec<usize> = (0..samples.len()).filter(|k| !samples[*k].is_test).collect();
    if train.is_empty() {
        train.extend(0..samples.len());
    }
    let fitted = front_end::fit(dataset, &train, &config.front_end).or_bad_input_in(&args.data)?;
    spikes_of(&fitted.drive(sample).or_bad_input_in(&args.data)?, &config.encoder, seed)
}

fn spikes_of(drive: &Drive, encoder: &Encoder, seed: u64) -> Result<(SpikeTrain, f64), Failure> {
    let spikes = encode(drive.values.view(), drive.dt, encoder, seed).or_bad_input()?;
    Ok((spikes, drive.duration()))
}
