//! `rheobase verify`: golden vectors of other tools, run and compared.

mod chip;
mod ltc;
mod nest;
mod netx;
mod sanafe;

use std::path::PathBuf;

use anyhow::anyhow;
use clap::ValueEnum;
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::table;

/// Run golden vectors of other tools and compare
///
/// Ends with one line, "verify SUITE: C cases, F failed, S skipped"; the exit code is 1 if any fails. A case that
/// cannot be run counts as failed unless --skip names it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  Spikes and potentials against NEST's, on two threads:
    rheobase verify nest vectors/nest --threads 2

  Liquid time-constant cells against those of ncps and of the LTC paper:
    rheobase verify ltc vectors/ltc

  The chip emulator against Lava's fixed-point models, integer for integer:
    rheobase verify lava vectors/lava

  NetX files of lava-dl, by our reader, writer and chip:
    rheobase verify netx vectors/netx

  Energy, time and spikes of a chip against those of SANA-FE:
    rheobase verify sanafe vectors/sanafe

  For programs:
    rheobase verify nest vectors/nest --json")]
pub struct Args {
    /// What to compare with
    suite: Suite,
    /// The folder of the vectors
    dir: PathBuf,
    /// Cases not to run, by the start of their names
    #[arg(long, value_name = "CASE,…", value_delimiter = ',')]
    skip: Vec<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Suite {
    /// Spike trains and membrane potentials of NEST 3.10.0
    Nest,
    /// Outputs, states and derivatives of ncps 1.0.1, of the LTC paper's code, of torchdiffeq and of SciPy
    Ltc,
    /// Messages and states of Lava 0.10.0's fixed-point models, on the chip emulator
    Lava,
    /// Spikes and states of nengo-loihi 1.1.0's emulator, on ours
    NengoLoihi,
    /// Spikes of networks of lava-dl 0.6.0's NetX
    Netx,
    /// Spikes, potentials, energies and times of SANA-FE 2.2.9 on its Loihi
    Sanafe,
}

/// What became of one case.
#[derive(Debug, Serialize)]
struct Outcome {
    case: String,
    verdict: Verdict,
    /// What was measured, or why it was not.
    detail: String,
}

/// How a case went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Verdict {
    /// It agrees.
    Passed,
    /// It does not agree.
    Failed,
    /// It could not be run.
    Unsupported,
    /// It was not to be run.
    Skipped,
}

/// All cases of a suite.
#[derive(Debug, Serialize)]
struct Report {
    suite: &'static str,
    threads: usize,
    cases: usize,
    failed: usize,
    outcomes: Vec<Outcome>,
}

/// Runs a suite.
///
/// # Errors
/// If the folder cannot be read, or a case fails.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let threads = options.threads.map_or(1, usize::from);
    let is_skipped = |case: &str| args.skip.iter().any(|skip| !skip.is_empty() && case.starts_with(skip));
    let (suite, outcomes) = match args.suite {
        Suite::Nest => ("nest", nest::run(&args.dir, threads, is_skipped).or_bad_input()?),
        Suite::Ltc => ("ltc", ltc::run(&args.dir, is_skipped).or_bad_input()?),
        Suite::Lava => ("lava", chip::lava::run(&args.dir, threads, is_skipped).or_bad_input()?),
        Suite::NengoLoihi => {
            ("nengo-loihi", chip::nengo_loihi::run(&args.dir, threads, is_skipped).or_bad_input()?)
        }
        Suite::Netx => ("netx", netx::run(&args.dir, threads, is_skipped).or_bad_input()?),
        Suite::Sanafe => ("sanafe", sanafe::run(&args.dir, is_skipped).or_bad_input()?),
    };
    for skip in &args.skip {
        if !outcomes.iter().any(|outcome| outcome.case.starts_with(skip)) {
            return Err(anyhow!("--skip {skip} fits no case of the suite {suite}")).or_bad_input();
        }
    }
    let is_failure = |outcome: &&Outcome| matches!(outcome.verdict, Verdict::Failed | Verdict::Unsupported);
    let failed = outcomes.iter().filter(is_failure).count();
    let report = Report { suite, threads, cases: outcomes.len(), failed, outcomes };
    options.output().answer(&report, || report.to_text())?;
    match failed {
        0 => Ok(()),
        n => Err(Failure::Failed(anyhow!("{n} of {} cases failed", report.cases))),
    }
}

impl Report {
    fn to_text(&self) -> String {
        let Self { suite, threads, cases, failed, outcomes } = self;
        let verdict = |verdict| match verdict {
            Verdict::Passed => "passed",
            Verdict::Failed => "FAILED",
            Verdict::Unsupported => "UNSUPPORTED",
            Verdict::Skipped => "skipped",
        };
        let rows = outcomes.iter().map(|outcome| {
            vec![outcome.case.clone(), verdict(outcome.verdict).to_owned(), outcome.detail.clone()]
        });
        let title = format!("{suite} on {threads} thread(s)");
        let cases_table = table(&title, &["case", "verdict", "measured"], rows);
        let skipped = match outcomes.iter().filter(|outcome| outcome.verdict == Verdict::Skipped).count() {
            0 => String::new(),
            n => format!(", {n} skipped"),
        };
        format!("{cases_table}\nverify {suite}: {cases} cases, {failed} failed{skipped}\n")
    }
}
