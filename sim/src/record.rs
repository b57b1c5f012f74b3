//! What of a run is recorded, gathered in a window and handed on at its end.

use std::collections::VecDeque;

use rheobase_net::file::{RatesHead, TracesHead};
use rheobase_net::{PopulationId, ValidNetwork};
use serde::{Deserialize, Serialize};

use crate::plan::Plan;
use crate::snapshot::Misfit;
use crate::{Record, Recorder, SimError, TraceRequest};

/// What takes the spikes of a run, window by window.
pub(crate) struct SpikeSinks {
    /// What comes until then is dropped \[ms\].
    t_start: f64,
    neurons: bool,
    sources: bool,
    /// The spikes of the window.
    window: Vec<(f64, u32)>,
    times: Vec<f64>,
    nodes: Vec<u32>,
    rates: Option<RateBins>,
}

/// Counts spikes of populations in bins of time.
struct RateBins {
    /// Start of the first bin \[ms\].
    t_first: f64,
    bin: f64,
    n_bins: usize,
    /// The column of every node, or `u32::MAX` for none.
    column: Vec<u32>,
    names: Vec<String>,
    sizes: Vec<u32>,
    open: OpenBins,
}

/// The bins into which spikes may still fall.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct OpenBins {
    /// The number of the first of them.
    first: u64,
    /// `[bins, columns]`
    counts: VecDeque<u64>,
}

impl SpikeSinks {
    /// The sinks that `record` asks for.
    pub fn new(
        network: &ValidNetwork,
        record: &Record,
        t_start: f64,
        duration: f64,
    ) -> Result<Self, SimError> {
        let rates = record.rates_bin.map(|bin| RateBins::new(network, bin, t_start, duration)).transpose()?;
        let (neurons, sources) = (record.spikes, record.source_spikes);
        let (window, times, nodes) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Self { t_start, neurons, sources, window, times, nodes, rates })
    }

    /// Takes spikes of neurons, in order, and says how many of them came after the warm-up.
    pub fn take(&mut self, spikes: &[(f64, u32)]) -> u64 {
        let first = spikes.partition_point(|(t, _)| is_warm_up(self.t_start, *t));
        let spikes = &spikes[first..];
        if self.neurons {
            self.window.extend_from_slice(spikes);
        }
        if let Some(rates) = &mut self.rates {
            spikes.iter().for_each(|(t, node)| rates.count(*t, *node));
        }
        spikes.len() as u64
    }

    /// Takes spikes of sources.
    pub fn take_sources(&mut self, spikes: impl IntoIterator<Item = (f64, u32)>) {
        if self.sources {
            let spikes = spikes.into_iter().filter(|(t, _)| !is_warm_up(self.t_start, *t));
            self.window.extend(spikes);
        }
    }

    /// Whether anybody asked for the spikes of sources.
    pub fn wants_sources(&self) -> bool {
        self.sources
    }

    /// Hands on what is known at the end of a window. No window has a spike that belongs before one of the
    /// window before.
    pub fn hand_over<R: Recorder>(&mut self, t_done: f64, recorder: &mut R) -> Result<(), R::Error> {
        if !self.window.is_empty() {
            let Self { window, times, nodes, .. } = self;
            if self.sources {
                window.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
            }
            times.clear();
            nodes.clear();
            times.extend(window.iter().map(|spike| spike.0));
            nodes.extend(window.iter().map(|spike| spike.1));
            window.clear();
            recorder.spikes(times, nodes)?;
        }
        match &mut self.rates {
            Some(rates) => rates.hand_over_closed(t_done, recorder),
            None => Ok(()),
        }
    }

    /// Hands on the bins that are left at the end of the run.
    pub fn finish<R: Recorder>(self, t_stop: f64, recorder: &mut R) -> Result<(), R::Error> {
        let Some(mut rates) = self.rates else { return Ok(()) };
        while (rates.open.first as usize) < rates.n_bins {
            rates.hand_over_first(t_stop, recorder)?;
        }
        Ok(())
    }

    /// What is known of the rates before the run.
    pub fn rates_head(&self) -> Option<RatesHead> {
        let head = |rates: &RateBins| RatesHead {
            populations: rates.names.clone(),
            t_first: rates.t_first,
            bin: rates.bin,
        };
        self.rates.as_ref().map(head)
    }

    /// The bins that are not handed on yet.
    pub fn open_bins(&self) -> Option<OpenBins> {
        self.rates.as_ref().map(|rates| rates.open.clone())
    }

    /// Goes on with the bins of a snapshot.
    pub fn go_on(&mut self, bins: Option<OpenBins>) -> Result<(), Misfit> {
        match (&mut self.rates, bins) {
            (None, None) => Ok(()),
            (Some(rates), Some(bins)) => {
                let rows = bins.counts.len() as u64 / rates.names.len().max(1) as u64;
                let fits = bins.first.checked_add(rows).is_some_and(|end| end <= rates.n_bins as u64);
                Misfit::unless(fits && bins.counts.len() == rows as usize * rates.names.len(), "the rates")?;
                rates.open = bins;
                Ok(())
            }
            (Some(_), None) | (None, Some(_)) => Err(Misfit("the rates")),
        }
    }
}

/// Whether a spike at `t` comes before a recording from `t_start` on. A spike at the very end of the warm-up
/// belongs to it; a hair of slack is for the rounding of steps.
fn is_warm_up(t_start: f64, t: f64) -> bool {
    t_start > 0.0 && t <= t_start * (1.0 + 1e-12)
}

impl RateBins {
    fn new(network: &ValidNetwork, bin: f64, t_first: f64, duration: f64) -> Result<Self, SimError> {
        let n_bins = ((duration - t_first) / bin - 1e-9).ceil();
        if !(bin.is_finite() && bin > 0.0 && n_bins < 1e8) {
            let must = format!("finite, above 0 and at least {} for {duration} ms", duration / 1e8);
            return Err(SimError::Interval { what: "rate bin", value: bin, must });
        }
        let mut column = vec![u32::MAX; network.n_nodes() as usize];
        let (mut names, mut sizes) = (Vec::new(), Vec::new());
        for (idx, population) in network.populations().iter().enumerate() {
            if population.model.sends_spikes() && !population.model.is_source() {
                let first = network.first_node(PopulationId(idx as u32)).0 as usize;
                column[first..first + population.size as usize].fill(names.len() as u32);
                names.push(population.name.clone());
                sizes.push(population.size);
            }
        }
        let (n_bins, open) = (n_bins as usize, OpenBins::default());
        Ok(Self { t_first, bin, n_bins, column, names, sizes, open })
    }

    fn count(&mut self, t: f64, node: u32) {
        let OpenBins { first, counts } = &mut self.open;
        // A bin is open at its start and closed at its end, like the run and like a step of the grid.
        let bin = ((t - self.t_first) / self.bin - 1e-9).ceil() as usize;
        let bin = bin.saturating_sub(1).min(self.n_bins - 1);
        let n = self.names.len();
        let at = bin.saturating_sub(*first as usize) * n;
        if counts.len() < at + n {
            counts.resize(at + n, 0);
        }
        counts[at + self.column[node as usize] as usize] += 1;
    }

    /// Hands on the bins that ended a bin's length ago: rounding puts no spike into them any more.
    fn hand_over_closed<R: Recorder>(&mut self, t_done: f64, recorder: &mut R) -> Result<(), R::Error> {
        let since = t_done - self.t_first;
        while (self.open.first as usize) < self.n_bins && since >= (self.open.first + 2) as f64 * self.bin {
            self.hand_over_first(t_done, recorder)?;
        }
        Ok(())
    }

    fn hand_over_first<R: Recorder>(&mut self, t_done: f64, recorder: &mut R) -> Result<(), R::Error> {
        let Self { t_first, bin, sizes, open: OpenBins { first, counts }, .. } = self;
        let length = (t_done - *t_first - *first as f64 * *bin).clamp(0.0, *bin);
        *first += 1;
        let mut counts = counts.drain(..sizes.len().min(counts.len()));
        let row = sizes.iter().map(|size| {
            let count = counts.next().unwrap_or(0) as f64;
            if length > 0.0 { 1000.0 * count / (length * f64::from(*size)) } else { 0.0 }
        });
        let row: Vec<f64> = row.collect();
        recorder.rates(&row)
    }
}

/// The neurons whose potential is sampled, and the units whose state is, by the shard that owns them.
pub(crate) struct TracePlan {
    pub interval: f64,
    nodes: Vec<u32>,
    /// For every shard: part, neuron inside the part, column; groups are counted on after parts.
    pub of_shard: Vec<Vec<(u16, u32, usize)>>,
}

impl TracePlan {
    /// Finds the owners of the neurons.
    pub fn new(
        network: &ValidNetwork,
        plan: &Plan,
        request: Option<&TraceRequest>,
        duration: f64,
    ) -> Result<Self, SimError> {
        let Some(TraceRequest { nodes, interval }) = request else {
            return Ok(Self {
                interval: f64::INFINITY,
                nodes: Vec::new(),
                of_shard: vec![Vec::new(); plan.shards.len()],
            });
        };
        if !(interval.is_finite() && *interval > 0.0) {
            let must = "finite and above 0".to_owned();
            return Err(SimError::Interval { what: "trace interval", value: *interval, must });
        }
        /// 8 GB.
        const MAX_VALUES: f64 = 1e9;
        let n = nodes.len() as f64;
        if duration / interval * n > MAX_VALUES {
            let must = format!("at least {} for {n} traces of {duration} ms", duration * n / MAX_VALUES);
            return Err(SimError::Interval { what: "trace interval", value: *interval, must });
        }
        let mut of_shard = vec![Vec::new(); plan.shards.len()];
        for (column, node) in nodes.iter().enumerate() {
            let owner = plan.shards.iter().enumerate().find_map(|(shard, owner)| {
                let within = |part: &crate::plan::Part| node.0.wrapping_sub(part.first_node) < part.size;
                if let Some(part) = owner.parts.iter().position(within) {
                    return Some((shard, part as u16, node.0 - owner.parts[part].first_node));
                }
                let within =
                    |group: &crate::plan::GroupPlan| node.0.wrapping_sub(group.first_node) < group.size;
                let group = owner.groups.iter().position(within)?;
                let place = owner.parts.len() + group;
                Some((shard, place as u16, node.0 - owner.groups[group].first_node))
            });
            let Some((shard, part, neuron)) = owner else {
                let problem = if node.0 < network.n_nodes() {
                    "it is a source and has no potential"
                } else {
                    "the network has no such node"
                };
                return Err(SimError::TraceNode { node: node.0, problem });
            };
            of_shard[shard].push((part, neuron, column));
        }
        Ok(Self { interval: *interval, nodes: nodes.iter().map(|node| node.0).collect(), of_shard })
    }

    /// What is known of the traces, recorded from `t_start` on, before the run.
    pub fn head(&self, t_start: f64) -> Option<TracesHead> {
        let Self { interval, nodes, of_shard: _ } = self;
        let t_first = (self.first_sample(t_start) + 1) as f64 * interval;
        (!nodes.is_empty()).then(|| TracesHead { nodes: nodes.clone(), t_first, interval: *interval })
    }

    /// The number of the first sample after `t_start`, from 0. A sample at the very end of the warm-up belongs
    /// to it.
    pub fn first_sample(&self, t_start: f64) -> u64 {
        (t_start / self.interval * (1.0 + 1e-12)).floor() as u64
    }

    /// The number of traces.
    pub fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// Joins the samples of the shards to rows, `samples` being for every shard the rows of its columns.
    /// All have the same number of rows, but for shards without columns.
    pub fn join(&self, samples: &[Vec<f64>]) -> Vec<f64> {
        let n_values: usize = samples.iter().map(Vec::len).sum();
        let mut rows = vec![0.0; n_values];
        for (columns, values) in self.of_shard.iter().zip(samples).filter(|(columns, _)| !columns.is_empty())
        {
            for (row, values) in rows.chunks_mut(self.nodes.len()).zip(values.chunks(columns.len())) {
                columns.iter().zip(values).for_each(|((_, _, column), v)| row[*column] = *v);
            }
        }
        rows
    }
}
