//! Recorders: where spikes and samples go while a run goes on.

use ndarray::Array2;
use rheobase_net::{PopulationId, Rates, SpikeTrain, Traces, ValidNetwork};

use crate::plan::Plan;
use crate::{Record, SimError, TraceRequest};

/// What takes the spikes of a run, window by window.
pub(crate) struct SpikeSinks {
    /// What comes until then is dropped \[ms\].
    t_start: f64,
    neurons: bool,
    sources: bool,
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
    /// `[bins, columns]`
    counts: Vec<u64>,
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
        Ok(Self { t_start, neurons, sources, times: Vec::new(), nodes: Vec::new(), rates })
    }

    /// Takes spikes of neurons, in order, and says how many of them came after the warm-up.
    pub fn take(&mut self, spikes: &[(f64, u32)]) -> u64 {
        let spikes = self.after_start(spikes);
        if self.neurons {
            self.keep(spikes);
        }
        if let Some(rates) = &mut self.rates {
            spikes.iter().for_each(|(t, node)| rates.count(*t, *node));
        }
        spikes.len() as u64
    }

    /// Takes spikes of sources, in order.
    pub fn take_sources(&mut self, spikes: &[(f64, u32)]) {
        if self.sources {
            self.keep(self.after_start(spikes));
        }
    }

    /// Whether anybody asked for the spikes of sources.
    pub fn wants_sources(&self) -> bool {
        self.sources
    }

    /// A spike at the very end of the warm-up belongs to it; a hair of slack is for the rounding of steps.
    fn after_start<'s>(&self, spikes: &'s [(f64, u32)]) -> &'s [(f64, u32)] {
        let end = self.t_start * (1.0 + 1e-12);
        &spikes[if end > 0.0 { spikes.partition_point(|(t, _)| *t <= end) } else { 0 }..]
    }

    fn keep(&mut self, spikes: &[(f64, u32)]) {
        self.times.extend(spikes.iter().map(|spike| spike.0));
        self.nodes.extend(spikes.iter().map(|spike| spike.1));
    }

    /// The recorded spikes and rates, until `t_stop`.
    pub fn finish(self, n_nodes: u32, t_stop: f64) -> (SpikeTrain, Option<Rates>) {
        let train = if self.sources {
            SpikeTrain::from_unsorted(n_nodes, self.times, self.nodes)
        } else {
            SpikeTrain::from_sorted(n_nodes, self.times, self.nodes)
        };
        let train = train.expect("the schedulers give finite times and existing nodes in order");
        (train, self.rates.map(|rates| rates.finish(t_stop)))
    }
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
            if population.model.is_neuron() {
                let first = network.first_node(PopulationId(idx as u32)).0 as usize;
                column[first..first + population.size as usize].fill(names.len() as u32);
                names.push(population.name.clone());
                sizes.push(population.size);
            }
        }
        let n_bins = n_bins as usize;
        let counts = vec![0; n_bins * names.len()];
        Ok(Self { t_first, bin, n_bins, column, names, sizes, counts })
    }

    fn count(&mut self, t: f64, node: u32) {
        // A bin is open at its start and closed at its end, like the run and like a step of the grid.
        let bin =
            (((t - self.t_first) / self.bin - 1e-9).ceil() as usize).saturating_sub(1).min(self.n_bins - 1);
        self.counts[bin * self.names.len() + self.column[node as usize] as usize] += 1;
    }

    fn finish(self, t_stop: f64) -> Rates {
        let Self { t_first, bin, n_bins, column: _, names, sizes, counts } = self;
        let n = names.len();
        let hz = Array2::from_shape_fn((n_bins, n), |(k, column)| {
            let length = (t_stop - t_first - k as f64 * bin).clamp(0.0, bin);
            let count = counts[k * n + column] as f64;
            if length > 0.0 { 1000.0 * count / (length * f64::from(sizes[column])) } else { 0.0 }
        });
        Rates { populations: names, t_first, bin, hz }
    }
}

/// The neurons whose potential is sampled, by the shard that owns them.
pub(crate) struct TracePlan {
    pub interval: f64,
    nodes: Vec<u32>,
    /// For every shard: part, neuron inside the part, column.
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
                let part = owner.parts.iter().position(within)?;
                Some((shard, part as u16, node.0 - owner.parts[part].first_node))
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

    /// Joins the samples of the shards after `t_start`, `samples[shard]` being rows of the shard's columns.
    pub fn finish(self, samples: Vec<Vec<f64>>, t_start: f64) -> Option<Traces> {
        if self.nodes.is_empty() {
            return None;
        }
        let lengths = self.of_shard.iter().zip(&samples).filter(|(columns, _)| !columns.is_empty());
        let n_samples = lengths.map(|(columns, values)| values.len() / columns.len()).min().unwrap_or(0);
        // A sample at the very end of the warm-up belongs to it.
        let first = (t_start / self.interval * (1.0 + 1e-12)).floor() as usize;
        let n_samples = n_samples.saturating_sub(first);
        let mut v = Array2::zeros((n_samples, self.nodes.len()));
        for (columns, values) in self.of_shard.iter().zip(&samples) {
            for (i, (_, _, column)) in columns.iter().enumerate() {
                for k in 0..n_samples {
                    v[(k, *column)] = values[(first + k) * columns.len() + i];
                }
            }
        }
        let t_first = (first + 1) as f64 * self.interval;
        Some(Traces { nodes: self.nodes, t_first, interval: self.interval, v })
    }
}
