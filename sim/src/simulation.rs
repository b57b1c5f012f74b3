//! A run that goes on window by window, and can be kept and taken up between two of them.

use std::ops::ControlFlow;

use rheobase_net::file::{RecordingEnd, RecordingHead};
use rheobase_net::{Provenance, ValidNetwork};

use crate::crew::{Crew, Worker};
use crate::event::Event;
use crate::grid::Grid;
use crate::group::GroupFault;
use crate::job::{Job, Progress};
use crate::record::SpikeSinks;
use crate::snapshot::{Misfit, Moment, Snapshot};
use crate::{Record, Recorder, RunError, SimError};

/// A run that is going on: at its start, between two windows, or at its end.
///
/// ```text
/// Engine::begin ──► Simulation ──advance──► … ──advance──► finish ──► RecordingEnd
///                     ▲    │ snapshot
///      Engine::resume └────┘
/// ```
/// What it records goes to the [`Recorder`] of each call, so memory does not grow with the time that is run.
pub struct Simulation<'a> {
    pub(crate) job: Job<'a>,
    pub(crate) scheduler: Running<'a>,
    pub(crate) sinks: SpikeSinks,
    pub(crate) record: &'a Record,
    /// How many samples of the traces were taken.
    pub(crate) n_samples: u64,
    pub(crate) provenance: Provenance,
}

/// The scheduler of a run.
pub(crate) enum Running<'a> {
    Grid(Grid<'a>),
    Event(Event<'a>),
}

/// A scheduler: it goes through time in windows, in which shards need nothing from each other.
pub(crate) trait Windows {
    /// The state of a shard.
    type Worker: Worker;

    /// The time that is run \[ms\].
    fn t_done(&self, job: &Job<'_>) -> f64;

    /// Whether the end is reached.
    fn is_finished(&self) -> bool;

    /// Goes through the next window.
    fn window(&mut self, job: &Job<'_>, sinks: &mut SpikeSinks, crew: &Crew<Self::Worker>);

    /// The first group that could not go on in the last window.
    fn fault(&self) -> Option<GroupFault>;

    /// The samples that every shard has taken since they were cleared.
    fn samples(&mut self) -> impl Iterator<Item = &mut Vec<f64>>;
}

impl<'a> Simulation<'a> {
    /// The time that is run \[ms\].
    pub fn t_done(&self) -> f64 {
        match &self.scheduler {
            Running::Grid(grid) => grid.t_done(&self.job),
            Running::Event(event) => event.t_done(&self.job),
        }
    }

    /// Whether the end of the run is reached.
    pub fn is_finished(&self) -> bool {
        match &self.scheduler {
            Running::Grid(grid) => grid.is_finished(),
            Running::Event(event) => event.is_finished(),
        }
    }

    /// What is known of the recording before its end.
    pub fn head(&self) -> RecordingHead {
        RecordingHead {
            t_start: self.job.warm_up,
            nodes: self.job.network.node_ranges(),
            traces: self.job.traces.head(self.job.warm_up),
            rates: self.sinks.rates_head(),
            provenance: self.provenance.clone(),
        }
    }

    /// Goes on until `t` \[ms\] is done, the end is reached, or `progress` says to stop; then it may be called
    /// again. It stops between two windows only, and where it stops changes no bit.
    ///
    /// # Errors
    /// What the recorder says, or [`SimError::GroupNotFinite`]. The window is lost then, and so is the run, but for
    /// snapshots before.
    pub fn advance<R: Recorder>(
        &mut self,
        t: f64,
        recorder: &mut R,
        progress: Progress<'_>,
    ) -> Result<(), RunError<R::Error>> {
        let Self { job, scheduler, sinks, record: _, n_samples, provenance: _ } = self;
        let run = Advance { job, sinks, n_samples, t, recorder, progress };
        match scheduler {
            Running::Grid(grid) => run.windows(grid),
            Running::Event(event) => run.windows(event),
        }
    }

    /// The whole state of the run. What is recorded until now belongs to it.
    pub fn snapshot(&mut self) -> Snapshot {
        let moment = match &mut self.scheduler {
            Running::Grid(grid) => Moment::Grid(grid.moment(&self.job)),
            Running::Event(event) => Moment::Event(event.moment(&self.job)),
        };
        let (engine, rates) = (self.provenance.engine.clone(), self.sinks.open_bins());
        Snapshot { engine, rates, n_samples: self.n_samples, moment }
    }

    /// Goes on from a moment; `self` is at its start.
    pub(crate) fn go_on(&mut self, moment: Moment) -> Result<(), Misfit> {
        let populations = self.job.network.populations().len();
        match (&mut self.scheduler, moment) {
            (Running::Grid(grid), Moment::Grid(moment)) => {
                Misfit::unless(moment.populations.len() == populations, "populations")?;
                grid.go_on(moment, &self.job)
            }
            (Running::Event(event), Moment::Event(moment)) => {
                Misfit::unless(moment.populations.len() == populations, "populations")?;
                event.go_on(moment, &self.job)
            }
            (Running::Grid(_), Moment::Event(_)) | (Running::Event(_), Moment::Grid(_)) => {
                Err(Misfit("scheduler"))
            }
        }
    }

    /// Ends the run, here or at its end: gives the recorder what is left, and tells the rest.
    ///
    /// # Errors
    /// What the recorder says.
    pub fn finish<R: Recorder>(mut self, recorder: &mut R) -> Result<RecordingEnd, R::Error> {
        if let Running::Event(event) = &mut self.scheduler {
            event.finish();
        }
        let t_stop = self.t_done();
        let Self { job, mut scheduler, sinks, record, mut n_samples, provenance: _ } = self;
        match &mut scheduler {
            Running::Grid(grid) => hand_over_samples(&job, &mut n_samples, grid.samples(), recorder)?,
            Running::Event(event) => hand_over_samples(&job, &mut n_samples, event.samples(), recorder)?,
        }
        sinks.finish(t_stop, recorder)?;
        let (counters, parts) = match &scheduler {
            Running::Grid(grid) => (grid.counters(&job), grid.final_v()),
            Running::Event(event) => (event.counters(), event.final_v()),
        };
        let final_v = record.final_v.then(|| join_potentials(job.network, parts));
        let weights = record.final_weights.then(|| match &mut scheduler {
            Running::Grid(grid) => grid.weights(job.plan),
            Running::Event(event) => event.weights(job.plan),
        });
        Ok(RecordingEnd { t_stop, counters, final_v, weights })
    }
}

/// What a run goes on with for some time.
struct Advance<'r, 'a, R> {
    job: &'r Job<'a>,
    sinks: &'r mut SpikeSinks,
    n_samples: &'r mut u64,
    /// Until when \[ms\].
    t: f64,
    recorder: &'r mut R,
    progress: Progress<'r>,
}

impl<R: Recorder> Advance<'_, '_, R> {
    fn windows<S: Windows>(self, scheduler: &mut S) -> Result<(), RunError<R::Error>> {
        let Self { job, sinks, n_samples, t, recorder, progress } = self;
        Crew::gather(job.plan.shards.len(), |crew| {
            while !scheduler.is_finished() && scheduler.t_done(job) < t {
                scheduler.window(job, sinks, crew);
                if let Some(fault) = scheduler.fault() {
                    return Err(RunError::Run(fault.to_error(job.network)));
                }
                let t_done = scheduler.t_done(job);
                sinks.hand_over(t_done, recorder).map_err(RunError::Recorder)?;
                hand_over_samples(job, n_samples, scheduler.samples(), recorder)
                    .map_err(RunError::Recorder)?;
                if progress(t_done / job.duration) == ControlFlow::Break(()) {
                    break;
                }
            }
            Ok(())
        })
    }
}

/// Hands on the samples that the shards have taken.
fn hand_over_samples<'s, R: Recorder>(
    job: &Job<'_>,
    n_samples: &mut u64,
    samples: impl Iterator<Item = &'s mut Vec<f64>>,
    recorder: &mut R,
) -> Result<(), R::Error> {
    let traces = &job.traces;
    if traces.n_nodes() == 0 {
        return Ok(());
    }
    let of_shards: Vec<Vec<f64>> = samples.map(std::mem::take).collect();
    let rows = traces.join(&of_shards);
    let skipped = traces.first_sample(job.warm_up).saturating_sub(*n_samples);
    *n_samples += (rows.len() / traces.n_nodes()) as u64;
    match rows.get(skipped as usize * traces.n_nodes()..) {
        None | Some([]) => Ok(()),
        Some(rows) => recorder.samples(rows),
    }
}

fn join_potentials(network: &ValidNetwork, parts: Vec<(u32, Vec<f64>)>) -> Vec<f64> {
    let mut potentials = vec![f64::NAN; network.n_nodes() as usize];
    for (first, v) in parts {
        potentials[first as usize..first as usize + v.len()].copy_from_slice(&v);
    }
    potentials
}

impl From<Misfit> for SimError {
    fn from(Misfit(what): Misfit) -> Self {
        Self::Snapshot { what }
    }
}
