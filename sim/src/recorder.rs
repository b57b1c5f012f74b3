//! Where a recording goes while a run goes on: into memory, into a file, or wherever a caller likes.

use std::convert::Infallible;

use ndarray::Array2;
use rheobase_net::file::{FileError, RatesHead, RecordingEnd, RecordingHead, RecordingWriter, TracesHead};
use rheobase_net::{Rates, Recording, SpikeTrain, Traces};

/// What takes a recording, window by window. An error stops the run there.
pub trait Recorder: Send {
    /// Why something could not be taken.
    type Error: Send;

    /// Takes spikes: times \[ms\] and nodes, in the order of a [`SpikeTrain`], also across calls.
    ///
    /// # Errors
    /// If they cannot be taken.
    fn spikes(&mut self, times: &[f64], nodes: &[u32]) -> Result<(), Self::Error>;

    /// Takes samples of the traces \[mV, or states\]: whole rows; `[samples, nodes]`.
    ///
    /// # Errors
    /// If they cannot be taken.
    fn samples(&mut self, rows: &[f64]) -> Result<(), Self::Error>;

    /// Takes bins of the rates \[Hz\]: whole rows; `[bins, populations]`.
    ///
    /// # Errors
    /// If they cannot be taken.
    fn rates(&mut self, rows: &[f64]) -> Result<(), Self::Error>;
}

impl Recorder for RecordingWriter {
    type Error = FileError;

    fn spikes(&mut self, times: &[f64], nodes: &[u32]) -> Result<(), FileError> {
        RecordingWriter::spikes(self, times, nodes)
    }

    fn samples(&mut self, rows: &[f64]) -> Result<(), FileError> {
        RecordingWriter::samples(self, rows)
    }

    fn rates(&mut self, rows: &[f64]) -> Result<(), FileError> {
        RecordingWriter::rates(self, rows)
    }
}

/// A recording in memory.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Memory {
    times: Vec<f64>,
    nodes: Vec<u32>,
    v: Vec<f64>,
    hz: Vec<f64>,
}

impl Recorder for Memory {
    type Error = Infallible;

    fn spikes(&mut self, times: &[f64], nodes: &[u32]) -> Result<(), Infallible> {
        self.times.extend_from_slice(times);
        self.nodes.extend_from_slice(nodes);
        Ok(())
    }

    fn samples(&mut self, rows: &[f64]) -> Result<(), Infallible> {
        self.v.extend_from_slice(rows);
        Ok(())
    }

    fn rates(&mut self, rows: &[f64]) -> Result<(), Infallible> {
        self.hz.extend_from_slice(rows);
        Ok(())
    }
}

impl Memory {
    /// The recording of a run that has ended, between what was known before and after it.
    pub fn recording(self, head: RecordingHead, end: RecordingEnd) -> Recording {
        let Self { times, nodes: spike_nodes, v, hz } = self;
        let RecordingHead { t_start, nodes, traces, rates, provenance } = head;
        let RecordingEnd { t_stop, counters, final_v, weights } = end;
        let n_nodes = nodes.last().map_or(0, |range| range.first + range.size);
        let spikes = SpikeTrain::from_sorted(n_nodes, times, spike_nodes);
        Recording {
            t_start,
            t_stop,
            nodes,
            spikes: spikes.expect("the schedulers give finite times and existing nodes in order"),
            traces: traces.map(|TracesHead { nodes, t_first, interval }| {
                let v = rows(v, nodes.len());
                Traces { nodes, t_first, interval, v }
            }),
            rates: rates.map(|RatesHead { populations, t_first, bin }| {
                let hz = rows(hz, populations.len());
                Rates { populations, t_first, bin, hz }
            }),
            final_v,
            weights,
            counters,
            provenance,
        }
    }
}

fn rows(values: Vec<f64>, columns: usize) -> Array2<f64> {
    let n = values.len() / columns.max(1);
    Array2::from_shape_vec((n, columns), values).expect("a recorder is given whole rows")
}
