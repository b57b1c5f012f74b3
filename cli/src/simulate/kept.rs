//! A run whose recording grows on the disk, with a checkpoint beside it until it is whole.
//!
//! ```text
//! run.h5.checkpoint   where the run was, and how much of the spool counts
//! run.h5.part/        what is recorded: the spool
//! run.h5              the recording, when the run is at its end or was stopped
//! ```
//! At every moment there is a checkpoint that fits to the spool, from the first one on: the spool is forced
//! to the disk before the checkpoint that tells its length, and at the end the recording is put together
//! before the checkpoint goes, and the spool last.

use std::ffi::OsString;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow};
use indicatif::ProgressBar;
use rheobase_net::Fingerprint;
use rheobase_net::file::{FileError, RecordingPosition, RecordingWriter};
use rheobase_sim::checkpoint::{self, CheckpointError, Expected, Header};
use rheobase_sim::{Engine, Recorder, Run, RunError, Simulation, Snapshot};
use serde::{Deserialize, Serialize};

use crate::error::{Failure, OrBadInput};
use crate::inspect::{RecordingSummary, Tally};
use crate::output::Output;
use crate::progress;

/// A run that took longer is kept before its recording is put together, asked or not.
const WORTH_KEEPING: Duration = Duration::from_secs(10);

/// When a run is kept, and whether it goes on from where one was.
#[derive(Debug, clap::Args)]
pub struct Keeping {
    /// Write a checkpoint whenever so much biological time is run, in ms
    #[arg(long, value_name = "MS", value_parser = above_zero)]
    checkpoint_every: Option<f64>,
    /// Write a checkpoint whenever so much wall-clock time has gone by, in minutes
    #[arg(long, value_name = "MIN", value_parser = above_zero)]
    checkpoint_minutes: Option<f64>,
    /// Go on from the checkpoint beside the output; all else as in the run that was stopped
    #[arg(long, conflicts_with = "restart")]
    resume: bool,
    /// Run from the start, and forget the checkpoint of a stopped run
    #[arg(long)]
    restart: bool,
}

fn above_zero(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 => Ok(number),
        _ => Err("give a number above 0".to_owned()),
    }
}

impl Keeping {
    /// Checks that what was asked for can be, before anything is read.
    ///
    /// # Errors
    /// If there is no checkpoint to go on from, or one that would be lost.
    pub fn check(&self, output: &Path) -> Result<(), Failure> {
        let file = beside(output);
        let problem = match (file.exists(), checkpoint::read_header(&file)) {
            (false, _) if self.resume && output.exists() => anyhow!(
                "there is no checkpoint {}, and {} is there: that run is at its end, or it was never kept",
                file.display(),
                output.display()
            ),
            (false, _) if self.resume => {
                anyhow!("there is no checkpoint {}: run without --resume", file.display())
            }
            (false, _) => return Ok(()),
            (true, Err(error @ CheckpointError::NotACheckpoint { .. })) => {
                anyhow!(error).context(format!("{} is in the way of the checkpoint", file.display()))
            }
            (true, Ok(_) | Err(_)) if self.resume || self.restart => return Ok(()),
            (true, Ok(Header { t_done, .. })) => anyhow!(
                "{} is of a run that was stopped at {t_done} ms: go on with --resume, or begin again with --restart",
                file.display()
            ),
            (true, Err(error)) => anyhow!(error).context("begin again with --restart"),
        };
        Err(Failure::BadInput(problem))
    }

    /// Whether checkpoints were asked for.
    fn is_asked(&self) -> bool {
        self.checkpoint_every.is_some() || self.checkpoint_minutes.is_some()
    }
}

/// What a run is beside its seed, so that its checkpoint is refused elsewhere.
pub struct Identity {
    /// The network.
    pub network: Fingerprint,
    /// [`Engine::configuration`]
    pub configuration: String,
}

/// What a checkpoint of a run holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    simulation: Snapshot,
    recording: RecordingPosition,
    tally: Tally,
}

/// `run.h5.checkpoint` for `run.h5`.
fn beside(output: &Path) -> PathBuf {
    let mut name = OsString::from(output.as_os_str());
    name.push(".checkpoint");
    PathBuf::from(name)
}

/// The recording on the disk, and what is told of it.
struct Recorded {
    writer: RecordingWriter,
    tally: Tally,
}

impl Recorder for Recorded {
    type Error = FileError;

    fn spikes(&mut self, times: &[f64], nodes: &[u32]) -> Result<(), FileError> {
        self.tally.add_spikes(times, nodes);
        self.writer.spikes(times, nodes)
    }

    fn samples(&mut self, rows: &[f64]) -> Result<(), FileError> {
        self.tally.add_samples(rows);
        self.writer.samples(rows)
    }

    fn rates(&mut self, rows: &[f64]) -> Result<(), FileError> {
        self.tally.add_rates(rows);
        self.writer.rates(rows)
    }
}

/// Runs to the end, or until somebody stops it; leaves the recording either way.
///
/// # Errors
/// If the run is faulty, was stopped, or its recording or checkpoint cannot be written.
pub fn run(
    output: Output,
    engine: &Engine<'_>,
    run: &Run,
    identity: &Identity,
    path: &Path,
    keeping: &Keeping,
) -> Result<RecordingSummary, Failure> {
    let mut kept = KeptRun::begin(engine, run, identity, path, keeping)?;
    let stop = progress::stop_on_ctrl_c()?;
    let start = Instant::now();
    /// Steps of the bar: finer than a terminal shows.
    const STEPS: f64 = 1000.0;
    let bar = progress::bar(output, "simulating", STEPS as u64);
    let show = |bar: &ProgressBar, done: f64| bar.set_position((done * STEPS) as u64);
    kept.go_on(keeping, &stop, &mut |done| show(&bar, done))?;
    bar.finish_and_clear();
    if !kept.simulation.is_finished() {
        return Err(kept.stop());
    }
    if keeping.is_asked() || keeping.resume || start.elapsed() > WORTH_KEEPING {
        kept.keep()?;
    }
    kept.finish()
}

/// A run that is going on.
struct KeptRun<'a> {
    identity: &'a Identity,
    path: &'a Path,
    duration: f64,
    seed: u64,
    simulation: Simulation<'a>,
    recorded: Recorded,
    /// Where the last checkpoint was \[ms\].
    t_kept: Option<f64>,
}

impl<'a> KeptRun<'a> {
    fn begin(
        engine: &'a Engine<'_>,
        run: &'a Run,
        identity: &'a Identity,
        path: &'a Path,
        keeping: &Keeping,
    ) -> Result<Self, Failure> {
        let file = beside(path);
        let (seed, duration) = (run.seed, run.duration);
        if keeping.resume {
            let Identity { network, configuration } = identity;
            let expected = Expected { network: *network, seed, configuration };
            let (header, kept) = checkpoint::read(&file, &expected).or_bad_input()?;
            let Kept { simulation, recording, tally } = kept;
            let simulation = engine.resume(run, simulation).or_bad_input_in(file.display())?;
            let writer = RecordingWriter::resume(path, &recording).or_bad_input()?;
            let (recorded, t_kept) = (Recorded { writer, tally }, Some(header.t_done));
            return Ok(Self { identity, path, duration, seed, simulation, recorded, t_kept });
        }
        let simulation = engine.begin(run).or_bad_input()?;
        // The checkpoint goes first: without its spool it would be of no use. A spool without a checkpoint,
        // of a run that was killed before its first one, cannot be taken up by anybody.
        if keeping.restart {
            remove(&file)?;
        }
        RecordingWriter::discard(path).or_bad_input()?;
        let writer = RecordingWriter::create(path, &simulation.head()).or_bad_input()?;
        let recorded = Recorded { writer, tally: Tally::default() };
        let mut begun = Self { identity, path, duration, seed, simulation, recorded, t_kept: None };
        if keeping.is_asked() {
            begun.keep()?;
        }
        Ok(begun)
    }

    /// Runs until the end or until it is to stop, and writes checkpoints on the way.
    fn go_on(
        &mut self,
        keeping: &Keeping,
        stop: &AtomicBool,
        show: &mut (dyn FnMut(f64) + Send),
    ) -> Result<(), Failure> {
        let minutes = keeping.checkpoint_minutes.map(|minutes| 60.0 * minutes);
        // A time that no clock reaches is none.
        let interval = minutes.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let mut last = Instant::now();
        loop {
            let t_done = self.simulation.t_done();
            let next = keeping.checkpoint_every.map_or(f64::INFINITY, |every| {
                let next = ((t_done / every).floor() + 1.0) * every;
                if next > t_done { next } else { f64::INFINITY }
            });
            let is_due = || interval.is_some_and(|interval| last.elapsed() >= interval);
            let advanced = self.simulation.advance(next, &mut self.recorded, &mut |done| {
                show(done);
                if is_due() { std::ops::ControlFlow::Break(()) } else { progress::go_on(stop) }
            });
            advanced.map_err(|error| match error {
                RunError::Recorder(error) => self.lost(error),
                RunError::Run(error) => self.ended(error, ""),
            })?;
            if self.simulation.is_finished() || progress::go_on(stop).is_break() {
                return Ok(());
            }
            self.keep()?;
            last = Instant::now();
        }
    }

    /// Writes a checkpoint.
    fn keep(&mut self) -> Result<(), Failure> {
        let recording = self.recorded.writer.position().map_err(|error| self.lost(error))?;
        let simulation = self.simulation.snapshot();
        let kept = Kept { simulation, recording, tally: self.recorded.tally.clone() };
        let t_done = self.simulation.t_done();
        let header = Header {
            program: rheobase_net::VERSION.to_owned(),
            network: self.identity.network,
            seed: self.seed,
            t_done,
            configuration: self.identity.configuration.clone(),
        };
        checkpoint::write(&beside(self.path), &header, &kept).map_err(|error| self.lost(error))?;
        self.t_kept = Some(t_done);
        Ok(())
    }

    /// The failure of a run that cannot go on because something cannot be written.
    fn lost(&self, error: impl Into<anyhow::Error>) -> Failure {
        self.ended(error, ": make room, and go on with the same command and --resume")
    }

    /// The failure of a run that cannot go on, and what there is to do with its checkpoint.
    fn ended(&self, error: impl Into<anyhow::Error>, way_out: &str) -> Failure {
        let at = self.simulation.t_done();
        let rest = match self.t_kept {
            Some(t) => format!(
                "the run ended at {at} of {} ms, and its checkpoint of {t} ms is kept{way_out}",
                self.duration
            ),
            None => format!("the run ended at {at} of {} ms, and no checkpoint was written", self.duration),
        };
        Failure::Failed(error.into().context(rest))
    }

    /// Ends a run that somebody stopped: a checkpoint to go on from, and a recording of what happened so far.
    fn stop(mut self) -> Failure {
        if let Err(failure) = self.keep() {
            return failure;
        }
        let Self { path, duration, simulation, recorded: Recorded { mut writer, .. }, .. } = self;
        let t_stop = simulation.t_done();
        let assembled = simulation.finish(&mut writer).and_then(|end| writer.assemble(&end));
        let how = "go on with the same command and --resume";
        match assembled {
            Ok(()) => Failure::Failed(anyhow!(
                "stopped at {t_stop} of {duration} ms; what was recorded until then is in {}; {how}",
                path.display()
            )),
            Err(error) => {
                let what = format!("stopped at {t_stop} of {duration} ms, without a recording yet; {how}");
                Failure::Failed(anyhow!(error).context(what))
            }
        }
    }

    /// Puts the recording together and removes what was kept on the way.
    fn finish(self) -> Result<RecordingSummary, Failure> {
        let Self { path, simulation, mut recorded, t_kept, .. } = self;
        let head = recorded.writer.head().clone();
        let finished = simulation.finish(&mut recorded).and_then(|end| {
            recorded.writer.assemble(&end)?;
            Ok(end)
        });
        let end = finished.map_err(anyhow::Error::from).with_context(|| match t_kept {
            Some(_) => "the run is at its end and its checkpoint is kept: \
                        make room, and put the recording together with the same command and --resume"
                .to_owned(),
            None => "the run is at its end, and its recording cannot be put together".to_owned(),
        })?;
        remove(&beside(path))?;
        recorded.writer.remove_spool().map_err(anyhow::Error::from)?;
        Ok(RecordingSummary::of_tally(&head, &end, &recorded.tally))
    }
}

/// Removes a file, if it is there.
fn remove(file: &Path) -> Result<(), Failure> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(anyhow!(error).context(format!("cannot remove {}", file.display())).into())
        }
        _ => Ok(()),
    }
}
