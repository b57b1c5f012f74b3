//! `rheobase learn`: a network takes the weights that a run has left.

use std::path::PathBuf;

use anyhow::anyhow;
use rheobase_net::{file, learned, validate};

use crate::destination;
use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::summary::NetworkSummary;

/// Make a network of the weights that a run has learned
///
/// The network is the one that was run; its plastic projections get the weights at the end of the run, and
/// stay plastic.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  Ten seconds of learning, and one second of what was learned:
    rheobase simulate plastic.h5 --duration 10000 --final-weights -o lesson.h5
    rheobase learn plastic.h5 lesson.h5 -o learned.h5
    rheobase simulate learned.h5 --duration 1000 -o run.h5")]
pub struct Args {
    /// The network that was run
    network: PathBuf,
    /// The recording of a run with --final-weights
    recording: PathBuf,
    /// The network to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Writes the network and tells what it holds.
///
/// # Errors
/// If a file is faulty, the recording has no weights or those of another network, or the network cannot be
/// written.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let Args { network, recording, output } = args;
    destination::check(output)?;
    destination::is_not(output, network)?;
    destination::is_not(output, recording)?;
    let before = file::read_network(network).or_bad_input()?;
    let Some(weights) = file::read_recording(recording).or_bad_input()?.weights else {
        let error = anyhow!("{} has no weights: run with --final-weights", recording.display());
        return Err(Failure::BadInput(error));
    };
    let after = learned(before, &weights).or_bad_input_in(recording.display())?;
    let after = validate(after).or_bad_input_in(recording.display())?;
    file::write_network(output, after.network()).map_err(anyhow::Error::from)?;
    let summary = NetworkSummary::of(&after);
    options.output().answer(&summary, || summary.to_text())
}
