//! A run that goes on window by window, and can be kept and taken up between two of them.

use std::ops::ControlFlow;

use rheobase_net::file::{RecordingEnd, RecordingHead};
use rheobase_net::{Provenance, ValidNetwork};

use crate::event::Event;
use crate::grid::Grid;
use crate::job::{Job, Progress};
use crate::record::SpikeSinks;
use crate::snapshot::{Misfit, Moment, Snapshot};
use crate::{Record, Recorder, SimError};

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

impl<'a> Simulation<'a> {
    /// The time that is run \[ms\].
    pub fn t_done(&self) -> f64 {
        match &self.scheduler {
            Running::Grid(grid) => grid.t_done(&self.job),
            Running::Event(event) => event.t_done(),
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
    /// What the recorder says. The window is lost then, and so is the run, but for snapshots before.
    pub fn advance<R: Recorder>(
        &mut self,
        t: f64,
        recorder: &mut R,
        progress: Progress<'_>,
    ) -> Result<(), R::Error> {
        if self.job.plan.shards.len() > 1 {
            // The caller's thread becomes one of the pool, so that a window costs no wake-up.
            rayon::scope(|_| self.windows(t, recorder, progress))
        } else {
            self.windows(t, recorder, progress)
        }
    }

    fn windows<R: Recorder>(
        &mut self,
        t: f64,
        recorder: &mut R,
        progress: Progress<'_>,
    ) -> Result<(), R::Error> {
        while !self.is_finished() && self.t_done() < t {
            match &mut self.scheduler {
                Running::Grid(grid) => grid.window(&self.job, &mut self.sinks),
                Running::Event(event) => event.window(&self.job, &mut self.sinks),
            }
            self.sinks.hand_over(self.t_done(), recorder)?;
            self.hand_over_samples(recorder)?;
            if progress(self.t_done() / self.job.duration) == ControlFlow::Break(()) {
                break;
            }
        }
        Ok(())
    }

    fn hand_over_samples<R: Recorder>(&mut self, recorder: &mut R) -> Result<(), R::Error> {
        let samples: Vec<&mut Vec<f64>> = match &mut self.scheduler {
            Running::Grid(grid) => grid.samples().collect(),
            Running::Event(event) => event.samples().collect(),
        };
        if samples.iter().all(|values| values.is_empty()) {
            return Ok(());
        }
        let of_shards: Vec<&[f64]> = samples.iter().map(|values| values.as_slice()).collect();
        let traces = &self.job.traces;
        let rows = traces.join(&of_shards);
        samples.into_iter().for_each(Vec::clear);
        let skipped = traces.first_sample(self.job.warm_up).saturating_sub(self.n_samples);
        self.n_samples += (rows.len() / traces.n_nodes()) as u64;
        match rows.get(skipped as usize * traces.n_nodes()..) {
            None | Some([]) => Ok(()),
            Some(rows) => recorder.samples(rows),
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
                grid.go_on(moment)
            }
            (Running::Event(event), Moment::Event(moment)) => {
                Misfit::unless(moment.populations.len() == populations, "populations")?;
                event.go_on(moment, self.job.duration)
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
        self.hand_over_samples(recorder)?;
        let t_stop = self.t_done();
        let Self { job, mut scheduler, sinks, record, n_samples: _, provenance: _ } = self;
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
