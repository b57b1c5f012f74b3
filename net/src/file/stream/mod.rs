//! Recordings that are written while a run goes on, in bounded memory.
//!
//! ```text
//! create ─► spikes, samples, rates ─► position ─► … ─► finish ─► run.h5
//!              │                         │
//!              ▼ run.h5.part/            ▼ into a checkpoint ─► resume
//! ```
//!
//! While a run goes on, numbers are appended to one file each in a folder beside the target, the *spool*.
//! A position says how much of the spool counts, with checksums; it is taken after everything is forced to
//! the disk. After a crash the spool has a tail of unknown content at worst, which `resume` cuts off. At the
//! end the HDF5 file is put together from the spool (`late.rs`), beside the target, and renamed.
//!
//! The key decision: the spool is plain numbers and not HDF5, because an append to a plain file cannot
//! damage what is before it, and because the finished file then holds each list in one piece, as
//! [`write_recording`](super::write_recording) lays it out. The price is that the numbers are on the disk
//! twice for the moment of the copy.

mod column;
mod late;
mod lookup3;
mod spool;

use std::path::{Path, PathBuf};

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use self::column::{Column, Mark};
use self::late::Late;
use self::spool::Spool;
use super::{FileError, recording};
use crate::{
    Counters, NodeRange, ProjectionWeights, Provenance, Rates, Recording, SpikeTrain, SpikeTrainError,
    Traces, spike_train,
};

/// The files of the spool.
const T_MS: &str = "spike_t_ms.f64";
const NODE: &str = "spike_node.u32";
const V: &str = "trace_v_mV.f64";
const HZ: &str = "rate_hz.f64";

/// What is known of a recording before the run.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingHead {
    /// Start of the run \[ms\].
    pub t_start: f64,
    /// The populations.
    pub nodes: Vec<NodeRange>,
    /// Which potentials will be recorded.
    pub traces: Option<TracesHead>,
    /// Which rates will be recorded.
    pub rates: Option<RatesHead>,
    /// How to get the same again.
    pub provenance: Provenance,
}

/// [`Traces`](crate::Traces) without their samples.
#[derive(Debug, Clone, PartialEq)]
pub struct TracesHead {
    /// The nodes, counted over the whole network; `[n]`.
    pub nodes: Vec<u32>,
    /// Time of the first sample \[ms\].
    pub t_first: f64,
    /// Time between samples \[ms\].
    pub interval: f64,
}

/// [`Rates`](crate::Rates) without their bins.
#[derive(Debug, Clone, PartialEq)]
pub struct RatesHead {
    /// The populations' names; `[n]`.
    pub populations: Vec<String>,
    /// Start of the first bin \[ms\].
    pub t_first: f64,
    /// Length of a bin \[ms\].
    pub bin: f64,
}

/// What is known of a recording after the run.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordingEnd {
    /// End of the run \[ms\]; where it stopped, if it was stopped.
    pub t_stop: f64,
    /// The work that was done.
    pub counters: Counters,
    /// Potential of every node at `t_stop` \[mV\], NaN for a source, if it was asked for; `[n_nodes]`.
    pub final_v: Option<Vec<f64>>,
    /// The weights of plastic projections at `t_stop`, if they were asked for.
    pub weights: Option<Vec<ProjectionWeights>>,
}

/// How far a recording was at a moment: enough to take it up again there. Kept inside a checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordingPosition {
    /// Of the file that holds the head.
    head: [u8; 32],
    t_ms: Mark,
    node: Mark,
    v: Mark,
    hz: Mark,
    last_spike: Option<(f64, u32)>,
}

/// Writes a recording while its run goes on. Dropped without [`finish`](RecordingWriter::finish), it leaves
/// its spool, and the target as it was.
pub struct RecordingWriter {
    path: PathBuf,
    head: RecordingHead,
    spool: Spool,
    n_nodes: u32,
    t_ms: Column,
    node: Column,
    v: Column,
    hz: Column,
    last_spike: Option<(f64, u32)>,
}

impl RecordingWriter {
    /// Begins a recording: makes the folder `path` + `.part`.
    ///
    /// # Errors
    /// [`FileError::Write`] if the target's folder is missing or the target is not a file;
    /// [`FileError::SpoolExists`] if a run was stopped that recorded there, [`FileError::SpoolBusy`] if one
    /// is still going on; [`FileError::SpoolWrite`], [`FileError::Text`].
    pub fn create(path: &Path, head: &RecordingHead) -> Result<Self, FileError> {
        let spool = Spool::create(path, head)?;
        let column = |name| Column::create(spool.file(name));
        Ok(Self {
            path: path.to_owned(),
            n_nodes: n_nodes(head),
            head: head.clone(),
            t_ms: column(T_MS)?,
            node: column(NODE)?,
            v: column(V)?,
            hz: column(HZ)?,
            spool,
            last_spike: None,
        })
    }

    /// Takes up a recording at a position; what was recorded behind it is cut off.
    ///
    /// # Errors
    /// [`FileError::SpoolMissing`], [`FileError::SpoolBusy`]; [`FileError::SpoolShort`] or
    /// [`FileError::SpoolChanged`] if the spool is not the one that the position was taken of.
    pub fn resume(path: &Path, position: &RecordingPosition) -> Result<Self, FileError> {
        let RecordingPosition { head, t_ms, node, v, hz, last_spike } = position;
        let (spool, head) = Spool::open(path, head)?;
        let column = |name, mark| Column::resume(spool.file(name), mark);
        Ok(Self {
            path: path.to_owned(),
            n_nodes: n_nodes(&head),
            head,
            t_ms: column(T_MS, t_ms)?,
            node: column(NODE, node)?,
            v: column(V, v)?,
            hz: column(HZ, hz)?,
            spool,
            last_spike: *last_spike,
        })
    }

    /// Removes what a stopped run left beside `path`, if anything: after that nothing resumes it.
    ///
    /// # Errors
    /// [`FileError::SpoolBusy`] if the run is still going on, [`FileError::SpoolWrite`].
    pub fn discard(path: &Path) -> Result<(), FileError> {
        Spool::discard(path)
    }

    /// What was known before the run.
    pub fn head(&self) -> &RecordingHead {
        &self.head
    }

    /// Adds spikes: times \[ms\] and nodes, in the order of a [`SpikeTrain`](crate::SpikeTrain), also across
    /// calls.
    ///
    /// # Errors
    /// [`FileError::Spikes`] for spikes that are out of order or not of this network, before any of them is
    /// taken; [`FileError::SpoolWrite`].
    pub fn spikes(&mut self, times: &[f64], nodes: &[u32]) -> Result<(), FileError> {
        self.check_spikes(times, nodes).map_err(|source| FileError::Spikes {
            file: self.path.clone(),
            object: "spikes".to_owned(),
            source,
        })?;
        self.last_spike = times.last().copied().zip(nodes.last().copied()).or(self.last_spike);
        self.t_ms.push(times.iter().map(|t| t.to_le_bytes()))?;
        self.node.push(nodes.iter().map(|node| node.to_le_bytes()))
    }

    /// Adds samples of the traces: whole rows of potentials \[mV\]; `[samples, nodes]`.
    ///
    /// # Errors
    /// [`FileError::Rows`] if the values are not whole rows, [`FileError::SpoolWrite`].
    pub fn samples(&mut self, rows: &[f64]) -> Result<(), FileError> {
        let columns = self.head.traces.as_ref().map_or(0, |traces| traces.nodes.len());
        whole_rows(&self.path, "traces/v_mV", rows.len(), columns)?;
        self.v.push(rows.iter().map(|v| v.to_le_bytes()))
    }

    /// Adds bins of the rates: whole rows of mean rates \[Hz\]; `[bins, populations]`.
    ///
    /// # Errors
    /// As [`RecordingWriter::samples`].
    pub fn rates(&mut self, rows: &[f64]) -> Result<(), FileError> {
        let columns = self.head.rates.as_ref().map_or(0, |rates| rates.populations.len());
        whole_rows(&self.path, "rates/hz", rows.len(), columns)?;
        self.hz.push(rows.iter().map(|hz| hz.to_le_bytes()))
    }

    /// Forces everything to the disk and says how far that is.
    ///
    /// # Errors
    /// [`FileError::SpoolWrite`]; earlier positions stay good.
    pub fn position(&mut self) -> Result<RecordingPosition, FileError> {
        Ok(RecordingPosition {
            head: self.spool.head_checksum(),
            t_ms: self.t_ms.mark()?,
            node: self.node.mark()?,
            v: self.v.mark()?,
            hz: self.hz.mark()?,
            last_spike: self.last_spike,
        })
    }

    /// Writes the recording, as [`write_recording`](super::write_recording) does, and removes the spool.
    ///
    /// # Errors
    /// As [`RecordingWriter::assemble`] and [`RecordingWriter::remove_spool`].
    pub fn finish(mut self, end: &RecordingEnd) -> Result<(), FileError> {
        self.assemble(end)?;
        self.remove_spool()
    }

    /// Writes the recording and leaves the spool, for a caller who has a checkpoint to remove in between: a
    /// checkpoint without its spool cannot be resumed.
    ///
    /// # Errors
    /// [`FileError::Write`] if the disk is full or a folder is gone, [`FileError::SpoolWrite`],
    /// [`FileError::Text`], [`FileError::Encode`]; the spool is kept.
    pub fn assemble(&mut self, end: &RecordingEnd) -> Result<(), FileError> {
        for column in [&mut self.t_ms, &mut self.node, &mut self.v, &mut self.hz] {
            column.flush()?;
        }
        let columns = |n: Option<usize>| n.unwrap_or(0) as u64;
        let k_v = columns(self.head.traces.as_ref().map(|traces| traces.nodes.len()));
        let k_hz = columns(self.head.rates.as_ref().map(|rates| rates.populations.len()));
        let mut late = Vec::new();
        let mut later = |object, column: &Column, element: u64, row: Option<u64>| {
            let n = column.len() / element;
            let shape = match row {
                Some(k) => vec![n / k.max(1), k],
                None => vec![n],
            };
            if n > 0 {
                late.push(Late { object, shape, element, source: column.path().to_owned() });
            }
            n > 0
        };
        let both = [later("spikes/t_ms", &self.t_ms, 8, None), later("spikes/node", &self.node, 4, None)];
        let has = Lists {
            spikes: both[0],
            samples: later("traces/v_mV", &self.v, 8, Some(k_v)),
            bins: later("rates/hz", &self.hz, 8, Some(k_hz)),
        };
        let skeleton = recording::content(&self.path, &skeleton(&self.head, end, &has))?;
        self.spool.assemble(&self.path, |file| late::write(&self.path, skeleton, &late, file))
    }

    /// Removes the spool. Positions of this recording are of no more use.
    ///
    /// # Errors
    /// [`FileError::SpoolWrite`].
    pub fn remove_spool(self) -> Result<(), FileError> {
        self.spool.remove()
    }

    fn check_spikes(&self, times: &[f64], nodes: &[u32]) -> Result<(), SpikeTrainError> {
        spike_train::check(self.n_nodes, times, nodes)?;
        let spikes = times.iter().copied().zip(nodes.iter().copied());
        let before = self.last_spike.into_iter().chain(spikes.clone());
        // Without a spike in front, the first one is not compared.
        let skip = usize::from(self.last_spike.is_none());
        match before.zip(spikes.skip(skip)).position(|(before, spike)| before > spike) {
            Some(index) => Err(SpikeTrainError::Order { index: index + skip }),
            None => Ok(()),
        }
    }
}

/// Which lists of a recording are not empty.
struct Lists {
    spikes: bool,
    samples: bool,
    bins: bool,
}

/// The recording with one element in every list that is not empty.
fn skeleton(head: &RecordingHead, end: &RecordingEnd, has: &Lists) -> Recording {
    let RecordingHead { t_start, nodes, traces, rates, provenance } = head;
    let RecordingEnd { t_stop, counters, final_v, weights } = end;
    let one = usize::from(has.spikes);
    let spikes = SpikeTrain::from_sorted(n_nodes(head), vec![0.0; one], vec![0; one]);
    let table = |has: bool, columns: usize| match has {
        true => Array2::zeros((1, 1)),
        false => Array2::zeros((0, columns)),
    };
    Recording {
        t_start: *t_start,
        t_stop: *t_stop,
        nodes: nodes.clone(),
        spikes: spikes.expect("whoever has spikes has a node 0"),
        traces: traces.clone().map(|TracesHead { nodes, t_first, interval }| Traces {
            v: table(has.samples, nodes.len()),
            nodes,
            t_first,
            interval,
        }),
        rates: rates.clone().map(|RatesHead { populations, t_first, bin }| Rates {
            hz: table(has.bins, populations.len()),
            populations,
            t_first,
            bin,
        }),
        final_v: final_v.clone(),
        weights: weights.clone(),
        counters: *counters,
        provenance: provenance.clone(),
    }
}

fn n_nodes(head: &RecordingHead) -> u32 {
    head.nodes.iter().map(|range| range.first.saturating_add(range.size)).max().unwrap_or(0)
}

fn whole_rows(path: &Path, object: &'static str, values: usize, columns: usize) -> Result<(), FileError> {
    // Of no columns, no value is a whole row.
    match values == 0 || (columns > 0 && values.is_multiple_of(columns)) {
        true => Ok(()),
        false => Err(FileError::Rows { file: path.to_owned(), object, values, columns }),
    }
}
