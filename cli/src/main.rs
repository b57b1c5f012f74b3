//! The command `rheobase`: one verb a file, each reading files and writing files.
//!
//! The key decision: verbs hand values on through files alone, so every step of an experiment can be
//! looked at, kept and repeated. This crate is the only one that prints, plots and shows progress.

mod bench;
mod compare_runs;
mod completions;
mod dataset;
mod demo;
mod destination;
mod emulate;
mod encode;
mod error;
mod export;
mod generate;
mod inspect;
mod learn;
mod liquid_run;
mod liquid_summary;
mod man;
mod map;
mod mapping_summary;
mod netlist_file;
mod netlist_summary;
mod options;
mod output;
mod plot;
mod progress;
mod simulate;
mod summary;
mod text_file;
mod toml_file;
mod train;
mod verify;
mod wiring_file;

use std::io::Write;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Failure;
use crate::options::Options;

/// Spiking and liquid networks from the command line.
///
/// Every step reads files and writes files: generate a network, simulate it, look at it. Experiments and
/// networks are described in TOML; networks, spikes and recordings are HDF5.
#[derive(Parser)]
#[command(
    name = "rheobase",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    after_long_help = EXAMPLES,
    max_term_width = 100
)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    verb: Verb,
}

const EXAMPLES: &str = "\
Examples:
  A liquid of 1000 neurons, run for two seconds, and a picture of its spikes:
    rheobase generate --preset lsm-delta -n 1000 -o liquid.h5
    rheobase simulate liquid.h5 --duration 2000 -o run.h5
    rheobase plot raster run.h5 -o raster.png

  What is in a file:
    rheobase inspect run.h5

Exit codes: 0 done, 1 failed, 2 the input is wrong.";

#[derive(Subcommand)]
enum Verb {
    Demo(demo::Args),
    Generate(generate::Args),
    Inspect(inspect::Args),
    Encode(encode::Args),
    Simulate(simulate::Args),
    Learn(learn::Args),
    Train(train::Args),
    Map(map::Args),
    Emulate(emulate::Args),
    Export(export::Args),
    CompareRuns(compare_runs::Args),
    Plot(plot::Args),
    Verify(verify::Args),
    Bench(bench::Args),
    Completions(completions::Args),
    Man(man::Args),
}

fn main() -> ExitCode {
    let Cli { options, verb } = Cli::parse();
    match run(&options, &verb) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // Standard error may be closed; the exit code still tells.
            let _ = writeln!(std::io::stderr(), "error: {}", failure.chain());
            failure.exit_code()
        }
    }
}

fn run(options: &Options, verb: &Verb) -> Result<(), Failure> {
    options.start_threads()?;
    match verb {
        Verb::Demo(args) => demo::run(options, args),
        Verb::Generate(args) => generate::run(options, args),
        Verb::Inspect(args) => inspect::run(options, args),
        Verb::Encode(args) => encode::run(options, args),
        Verb::Simulate(args) => simulate::run(options, args),
        Verb::Learn(args) => learn::run(options, args),
        Verb::Train(args) => train::run(options, args),
        Verb::Map(args) => map::run(options, args),
        Verb::Emulate(args) => emulate::run(options, args),
        Verb::Export(args) => export::run(options, args),
        Verb::CompareRuns(args) => compare_runs::run(options, args),
        Verb::Plot(args) => plot::run(options, args),
        Verb::Verify(args) => verify::run(options, args),
        Verb::Bench(args) => bench::run(options, args),
        Verb::Completions(args) => completions::run(args),
        Verb::Man(args) => man::run(args),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_definition_of_the_command_line_is_sound() {
        super::Cli::command().debug_assert();
    }
}
