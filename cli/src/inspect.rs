//! `rheobase inspect`: what is in a file.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use rheobase_net::file::{self, Hdf5Reader, RecordingEnd, RecordingHead};
use rheobase_net::{Counters, NodeRange, ProjectionWeights, Provenance, Recording, Waveform, validate};
use rheobase_sim::checkpoint::{self, CheckpointError, Header};
use rheobase_study::statistics::{self, Intervals, mean_cv};
use serde::{Deserialize, Serialize};

use crate::error::{Failure, OrBadInput};
use crate::liquid_run::Run;
use crate::liquid_summary::LiquidSummary;
use crate::mapping_summary;
use crate::netlist_file;
use crate::netlist_summary;
use crate::options::Options;
use crate::output::{count, short, table};
use crate::plot::of_mapping;
use crate::summary::{NetworkSummary, Spread};

/// Tell what is in a file: network, recording, model, mapping, netlist or input
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  rheobase inspect liquid.h5
  rheobase inspect run.h5 --json | jq '.populations[].rate_hz'
  rheobase inspect run.h5.checkpoint
  rheobase inspect model.h5 --data series.csv

  A mapping onto a chip: all of it, which core a neuron is on, what a core holds:
    rheobase inspect mapping.json
    rheobase inspect mapping.json --neuron exc:17
    rheobase inspect mapping.json --core 3

  A netlist, which of its numbers a neuron has, and what a core holds:
    rheobase inspect netlist.h5
    rheobase inspect netlist.h5 --neuron exc:17
    rheobase inspect netlist.h5 --core 3")]
pub struct Args {
    /// The file
    file: PathBuf,
    /// Inputs for a trained model to go over, as CSV: what its units did is told too
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Of a mapping or netlist: which core this neuron is on
    #[arg(long, value_name = "POPULATION:NEURON", conflicts_with = "core")]
    neuron: Option<String>,
    /// Of a mapping or netlist: what this core holds
    #[arg(long, value_name = "N")]
    core: Option<u32>,
}

/// What a file of ours holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A network.
    Network,
    /// A spike train.
    Spikes,
    /// Currents.
    Currents,
    /// A recording.
    Recording,
    /// A trained liquid time-constant network.
    Liquid,
    /// What the cores of a chip hold.
    Netlist,
}

/// Finds out what a file holds, by its attribute `format`.
///
/// # Errors
/// If the file cannot be read or holds something else.
pub fn kind(path: &Path) -> Result<Kind, Failure> {
    let attributes = Hdf5Reader::open(path).and_then(|file| file.attributes("")).or_bad_input()?;
    match attributes.text("format") {
        Ok("rheobase-network") => Ok(Kind::Network),
        Ok("rheobase-spikes") => Ok(Kind::Spikes),
        Ok("rheobase-currents") => Ok(Kind::Currents),
        Ok("rheobase-recording") => Ok(Kind::Recording),
        Ok("rheobase-liquid") => Ok(Kind::Liquid),
        Ok("rheobase-netlist") => Ok(Kind::Netlist),
        other => {
            let found =
                other.map_or("no attribute \"format\"".to_owned(), |format| format!("the format {format:?}"));
            let known = "networks, spikes, currents, recordings, trained models and netlists of this program have one";
            Err(Failure::BadInput(anyhow!("{} has {found}, and {known}", path.display())))
        }
    }
}

/// Prints what the file holds.
///
/// # Errors
/// If the file is faulty.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let path = &args.file;
    let output = options.output();
    if netlist_file::is_json(path) {
        if netlist_file::says_so(path) {
            let netlist = netlist_file::read(path)?;
            return netlist_summary::tell(output, &netlist, args.neuron.as_deref(), args.core);
        }
        let mapping = of_mapping::read(path)?;
        return mapping_summary::tell(output, &mapping, args.neuron.as_deref(), args.core);
    }
    if (args.neuron.is_some() || args.core.is_some()) && !matches!(kind(path), Ok(Kind::Netlist)) {
        let error = anyhow!(
            "{} is no mapping and no netlist, and --neuron and --core ask for one of these",
            path.display()
        );
        return Err(Failure::BadInput(error));
    }
    match checkpoint::read_header(path) {
        Ok(header) => {
            let summary = CheckpointSummary::of(header);
            return output.answer(&summary, || summary.to_text());
        }
        // What cannot be read as a checkpoint says more about itself when it is read as HDF5.
        Err(CheckpointError::NotACheckpoint { .. } | CheckpointError::Read { .. }) => {}
        Err(error) => return Err(Failure::BadInput(error.into())),
    }
    match kind(path)? {
        Kind::Network => {
            let network =
                validate(file::read_network(path).or_bad_input()?).or_bad_input_in(path.display())?;
            let summary = NetworkSummary::of(&network);
            output.answer(&summary, || summary.to_text())
        }
        Kind::Spikes => {
            let spikes = file::read_spikes(path).or_bad_input()?;
            let t_stop = spikes.times().last().copied().unwrap_or(0.0);
            let all =
                NodeRange { population: "all".to_owned(), first: 0, size: spikes.n_nodes(), is_source: true };
            let t_start = spikes.times().first().copied().unwrap_or(0.0).min(0.0);
            let mut tally = Tally::default();
            tally.add_spikes(spikes.times(), spikes.nodes());
            let summary =
                SpikesSummary { t_last_ms: t_stop, nodes: activity(&tally, &all, t_stop - t_start) };
            output.answer(&summary, || {
                let title = format!("spikes until {} ms", short(t_stop));
                activity_table(&title, std::slice::from_ref(&summary.nodes))
            })
        }
        Kind::Currents => {
            let summary = CurrentsSummary::of(&file::read_currents(path).or_bad_input()?);
            output.answer(&summary, || summary.to_text())
        }
        Kind::Recording => {
            let summary = RecordingSummary::of(&file::read_recording(path).or_bad_input()?);
            output.answer(&summary, || summary.to_text())
        }
        Kind::Netlist => {
            let netlist = netlist_file::read(path)?;
            netlist_summary::tell(output, &netlist, args.neuron.as_deref(), args.core)
        }
        Kind::Liquid => {
            let model = file::read_liquid(path).or_bad_input()?;
            let run = args.data.as_deref().map(|data| Run::of(&model, data)).transpose()?;
            let summary = LiquidSummary::of(&model, run.as_ref())?;
            output.answer(&summary, || summary.to_text())
        }
    }
}

#[derive(Debug, Serialize)]
struct SpikesSummary {
    t_last_ms: f64,
    nodes: Activity,
}

#[derive(Debug, Serialize)]
struct CurrentsSummary {
    nodes: u32,
    times: usize,
    t_first_ms: Option<f64>,
    t_last_ms: Option<f64>,
    least_pa: Option<f64>,
    most_pa: Option<f64>,
}

impl CurrentsSummary {
    fn of(currents: &Waveform) -> Self {
        let values = || currents.values().iter().copied();
        Self {
            nodes: currents.n_channels(),
            times: currents.times().len(),
            t_first_ms: currents.times().first().copied(),
            t_last_ms: currents.times().last().copied(),
            least_pa: values().reduce(f64::min),
            most_pa: values().reduce(f64::max),
        }
    }

    fn to_text(&self) -> String {
        let Self { nodes, times, t_first_ms, t_last_ms, least_pa, most_pa } = self;
        let range = |from: &Option<f64>, to: &Option<f64>| match (from, to) {
            (Some(from), Some(to)) => format!("{} to {}", short(*from), short(*to)),
            (None, _) | (_, None) => "–".to_owned(),
        };
        let rows = [
            ("nodes", count(u64::from(*nodes))),
            ("samples of each", count(*times as u64)),
            ("times (ms)", range(t_first_ms, t_last_ms)),
            ("currents (pA)", range(least_pa, most_pa)),
        ];
        table("currents", &["what", ""], rows.map(|(what, value)| vec![what.to_owned(), value]))
    }
}

/// A recording in numbers.
#[derive(Debug, Serialize)]
pub struct RecordingSummary {
    t_start_ms: f64,
    t_stop_ms: f64,
    populations: Vec<Activity>,
    traced_nodes: usize,
    trace_samples: u64,
    rate_bins: u64,
    /// At the end, of plastic projections.
    weights: Vec<LearnedWeights>,
    counters: Counters,
    provenance: Provenance,
}

/// How active a population was.
#[derive(Debug, Serialize)]
struct Activity {
    name: String,
    size: u32,
    is_source: bool,
    spikes: u64,
    rate_hz: f64,
    /// Mean over the nodes with at least three spikes; none if there is no such node.
    cv_isi: Option<f64>,
    silent_nodes: u32,
}

/// What plastic synapses have learned.
#[derive(Debug, Serialize)]
struct LearnedWeights {
    projection: String,
    synapses: usize,
    weight: Option<Spread>,
}

impl LearnedWeights {
    fn of(weights: Option<&[ProjectionWeights]>) -> Vec<Self> {
        let of_projection = |ProjectionWeights { projection, weights }: &ProjectionWeights| Self {
            projection: projection.clone(),
            synapses: weights.len(),
            weight: Spread::of(weights.iter().copied()),
        };
        weights.unwrap_or_default().iter().map(of_projection).collect()
    }

    fn table(all: &[Self]) -> String {
        let rows = all.iter().map(|Self { projection, synapses, weight }| {
            vec![projection.clone(), count(*synapses as u64), Spread::to_text(*weight)]
        });
        table("weights at the end", &["projection", "synapses", "min / mean / max"], rows)
    }
}

/// What of a recording is counted while it goes on, so that nobody has to keep it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Tally {
    spikes: statistics::Activity,
    /// Numbers in the traces and in the rates.
    trace_values: u64,
    rate_values: u64,
}

impl Tally {
    /// Counts spikes, in order.
    pub fn add_spikes(&mut self, times: &[f64], nodes: &[u32]) {
        times.iter().zip(nodes).for_each(|(t, node)| self.spikes.add(*t, *node));
    }

    /// Counts numbers of the traces.
    pub fn add_samples(&mut self, rows: &[f64]) {
        self.trace_values += rows.len() as u64;
    }

    /// Counts numbers of the rates.
    pub fn add_rates(&mut self, rows: &[f64]) {
        self.rate_values += rows.len() as u64;
    }
}

impl RecordingSummary {
    /// Counts everything in `O(nodes + spikes)`.
    fn of(recording: &Recording) -> Self {
        let Recording {
            t_start,
            t_stop,
            nodes,
            spikes,
            traces,
            rates,
            final_v: _,
            weights,
            counters,
            provenance,
        } = recording;
        let mut tally = Tally::default();
        tally.add_spikes(spikes.times(), spikes.nodes());
        Self {
            t_start_ms: *t_start,
            t_stop_ms: *t_stop,
            populations: nodes.iter().map(|range| activity(&tally, range, t_stop - t_start)).collect(),
            traced_nodes: traces.as_ref().map_or(0, |traces| traces.nodes.len()),
            trace_samples: traces.as_ref().map_or(0, |traces| traces.v.nrows() as u64),
            rate_bins: rates.as_ref().map_or(0, |rates| rates.hz.nrows() as u64),
            weights: LearnedWeights::of(weights.as_deref()),
            counters: *counters,
            provenance: provenance.clone(),
        }
    }

    /// Of a recording that was counted while it went on.
    pub fn of_tally(head: &RecordingHead, end: &RecordingEnd, tally: &Tally) -> Self {
        let RecordingHead { t_start, nodes, traces, rates, provenance } = head;
        let RecordingEnd { t_stop, counters, final_v: _, weights } = end;
        let traced_nodes = traces.as_ref().map_or(0, |traces| traces.nodes.len());
        let populations = rates.as_ref().map_or(0, |rates| rates.populations.len());
        Self {
            t_start_ms: *t_start,
            t_stop_ms: *t_stop,
            populations: nodes.iter().map(|range| activity(tally, range, t_stop - t_start)).collect(),
            traced_nodes,
            trace_samples: tally.trace_values / traced_nodes.max(1) as u64,
            rate_bins: tally.rate_values / populations.max(1) as u64,
            weights: LearnedWeights::of(weights.as_deref()),
            counters: *counters,
            provenance: provenance.clone(),
        }
    }

    /// The tables that people read.
    pub fn to_text(&self) -> String {
        let Counters {
            neuron_updates,
            synaptic_events,
            input_events,
            queue_operations,
            group_updates,
            values_sent,
            spikes,
            input_spikes,
        } = self.counters;
        let work = [
            ("spikes of neurons and groups", spikes),
            ("spikes of sources", input_spikes),
            ("synaptic events", synaptic_events),
            ("input events", input_events),
            ("neuron updates", neuron_updates),
            ("queue operations", queue_operations),
        ];
        let of_groups = [("steps of groups", group_updates), ("values sent by groups", values_sent)];
        // A network without groups need not hear of them.
        let of_groups = of_groups.into_iter().filter(|_| group_updates > 0);
        let Provenance { version, seed, engine, configuration: _, network } = &self.provenance;
        let title = format!("recorded spikes, {} to {} ms", short(self.t_start_ms), short(self.t_stop_ms));
        let mut text = activity_table(&title, &self.populations);
        text.push_str("\n\n");
        text.push_str(&table(
            "work",
            &["counter", "number"],
            work.into_iter().chain(of_groups).map(|(name, number)| vec![name.to_owned(), count(number)]),
        ));
        if self.traced_nodes > 0 {
            text.push_str(&format!(
                "\n\ntraces: {} nodes, {} samples each",
                self.traced_nodes, self.trace_samples
            ));
        }
        if self.rate_bins > 0 {
            text.push_str(&format!("\n\nrates: {} bins", self.rate_bins));
        }
        if !self.weights.is_empty() {
            text.push_str("\n\n");
            text.push_str(&LearnedWeights::table(&self.weights));
        }
        text.push_str(&format!(
            "\n\nrun by version {version}, seed {seed}; engine: {engine}\nnetwork: {}, seed {}",
            network.generator, network.seed
        ));
        text
    }
}

/// What a checkpoint says about its run.
#[derive(Debug, Serialize)]
struct CheckpointSummary {
    t_done_ms: f64,
    seed: u64,
    /// The fingerprint of the network, shortened.
    network: String,
    program: String,
    configuration: serde_json::Value,
}

impl CheckpointSummary {
    fn of(header: Header) -> Self {
        let Header { program, network, seed, t_done, configuration } = header;
        // A configuration of another program is told as it is.
        let configuration = serde_json::from_str(&configuration).unwrap_or(configuration.into());
        Self { t_done_ms: t_done, seed, network: network.to_string(), program, configuration }
    }

    fn to_text(&self) -> String {
        let Self { t_done_ms, seed, network, program, configuration } = self;
        format!(
            "checkpoint of a run at {t_done_ms} ms\n\nrun by version {program}, seed {seed}\n\
             network: {network}\nconfiguration: {configuration}"
        )
    }
}

fn activity_table(title: &str, populations: &[Activity]) -> String {
    let rows = populations.iter().map(|population| {
        vec![
            population.name.clone(),
            count(population.size.into()),
            count(population.spikes),
            short(population.rate_hz),
            population.cv_isi.map_or("–".to_owned(), short),
            count(population.silent_nodes.into()),
        ]
    });
    table(title, &["population", "nodes", "spikes", "rate (Hz)", "CV of intervals", "silent"], rows)
}

fn activity(tally: &Tally, range: &NodeRange, duration_ms: f64) -> Activity {
    let NodeRange { population, first, size, is_source } = range;
    let nodes = tally.spikes.intervals(&(*first..first + size));
    let active = nodes.len() as u32;
    let n: u64 = nodes.iter().map(Intervals::spikes).sum();
    Activity {
        name: population.clone(),
        size: *size,
        is_source: *is_source,
        spikes: n,
        rate_hz: if duration_ms > 0.0 { n as f64 / f64::from(*size) / duration_ms * 1000.0 } else { 0.0 },
        cv_isi: mean_cv(&nodes, 3),
        silent_nodes: size - active,
    }
}

#[cfg(test)]
mod tests {
    use rheobase_net::SpikeTrain;

    use super::*;

    /// Intervals 1 and 3 ms: mean 2, standard deviation 1, CV 1/2.
    #[test]
    fn the_activity_of_a_population_is_counted() {
        let times = vec![0.0, 1.0, 4.0, 5.0];
        let spikes = SpikeTrain::from_sorted(4, times, vec![1, 1, 1, 3]).unwrap();
        let range = NodeRange { population: "exc".to_owned(), first: 1, size: 2, is_source: false };
        let mut tally = Tally::default();
        tally.add_spikes(spikes.times(), spikes.nodes());
        let found = activity(&tally, &range, 10.0);
        assert_eq!((found.spikes, found.silent_nodes, found.cv_isi), (3, 1, Some(0.5)));
        assert_eq!(found.rate_hz, 150.0);
    }
}
