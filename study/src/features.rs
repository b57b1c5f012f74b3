//! What a readout sees: numbers of a fixed length from spikes of any length.
//!
//! The same features come from a liquid's [`Recording`], from the encoder's spikes alone and, as
//! means in the same bins, from the front end alone: the two controls that a liquid has to beat.
//!
//! A run of `(t_start, t_stop]` is cut into K equal bins, closed at their ends, for a spike is stamped
//! at the end of its step. Features are ordered by kind, then bin or time, then node.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;
use rheobase_net::{Recording, SpikeTrain};
use serde::{Deserialize, Serialize};

use crate::front_end::Drive;

/// Which features are taken.
///
/// | name | default | unit | meaning |
/// |---|---|---|---|
/// | `bins` | 5 | – | counts of spikes in this many bins; 0 for none |
/// | `window` | 1 | bins | the length of the window around each bin; from 1 on, windows overlap |
/// | `root` | true | – | the square root of the counts, which evens out their variance |
/// | `trace_taus` | – | ms | exponential traces with these time constants |
/// | `trace_samples` | 5 | – | at this many equally spaced times, the last at the end |
/// | `final_v` | false | – | the potential at the end of the run |
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Features {
    /// Counts of spikes in this many equal bins; 0 for none.
    pub bins: usize,
    /// How long a window is, in bins: 1 for the bins themselves, more for windows that overlap and are
    /// cut off at the ends of the run. A count in a wide window depends less on the pace of a speaker.
    pub window: f64,
    /// Take the square root of the counts.
    pub root: bool,
    /// Time constants of exponential traces \[ms\], > 0.
    pub trace_taus: Vec<f64>,
    /// How often the traces are sampled, 1 or more.
    pub trace_samples: usize,
    /// The potential at the end of the run; only from a recording that has it.
    pub final_v: bool,
}

impl Default for Features {
    fn default() -> Self {
        Self { bins: 5, window: 1.0, root: true, trace_taus: Vec::new(), trace_samples: 5, final_v: false }
    }
}

/// Why features cannot be taken.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// A parameter is out of its range.
    #[error("features: {name} is {value}, and must be {must}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// What it is.
        value: f64,
        /// What it must be.
        must: String,
    },
    /// Nothing was asked for.
    #[error("features: nothing is asked for: set bins, trace_taus or final_v")]
    Nothing,
    /// A node that is not there.
    #[error("features: node {node} is asked for, and there are {n_nodes} nodes")]
    Node {
        /// The node.
        node: u32,
        /// The number of nodes.
        n_nodes: u32,
    },
    /// A run without duration.
    #[error("features: the run is from {t_start} to {t_stop} ms: it must last")]
    Duration {
        /// Its start \[ms\].
        t_start: f64,
        /// Its end \[ms\].
        t_stop: f64,
    },
    /// A signal with fewer steps than bins.
    #[error("features: {bins} bins for a signal of {steps} steps: lower bins to {steps} or less")]
    TooFewSteps {
        /// The number of bins.
        bins: usize,
        /// The number of steps.
        steps: usize,
    },
    /// The final potentials were not recorded.
    #[error("features: final_v is asked for, and the run has not recorded it: switch it on or leave it out")]
    NoFinalV,
    /// A final potential that is not a number, as a source's.
    #[error("features: the final potential of node {node} is {value}: ask for neurons only")]
    FinalV {
        /// The node.
        node: u32,
        /// What it is.
        value: f64,
    },
    /// Samples with different numbers of features.
    #[error("features: sample {sample} has {has} features, and sample 0 has {first}")]
    Ragged {
        /// The sample.
        sample: usize,
        /// Its number of features.
        has: usize,
        /// That of sample 0.
        first: usize,
    },
}

/// Windows of time around the bins of a run.
struct Windows {
    /// The number of bins, and so of windows.
    n: usize,
    /// Length of a window, in bins.
    length: f64,
}

impl Windows {
    /// The windows, closed at their end, that hold the time `x`, in bins from the start of the run.
    fn until(&self, x: f64) -> Range<usize> {
        let x = x - ROUNDING;
        self.clamp((x - 0.5 - self.length / 2.0).ceil(), (x - 0.5 + self.length / 2.0).ceil())
    }

    /// The windows, closed at their start, that hold the time `x`, in bins from the start of the run.
    fn from(&self, x: f64) -> Range<usize> {
        let x = x + ROUNDING;
        self.clamp((x - 0.5 - self.length / 2.0).floor() + 1.0, (x - 0.5 + self.length / 2.0).floor() + 1.0)
    }

    fn clamp(&self, first: f64, end: f64) -> Range<usize> {
        // A time at the very start or end of the run belongs to the first or the last window.
        let last = self.n - 1;
        let first = (first.max(0.0) as usize).min(last);
        first..(end.max(0.0) as usize).clamp(first + 1, self.n)
    }
}

/// The most bins, or samples of a trace.
const MAX_BINS: usize = 1 << 16;

/// The features of the nodes `nodes` of a run.
///
/// # Errors
/// A [`FeatureError`] if the configuration does not fit the recording.
pub fn recording_features(
    recording: &Recording,
    nodes: &[u32],
    features: &Features,
) -> Result<Vec<f64>, FeatureError> {
    let mut out = spike_part(&recording.spikes, recording.t_start, recording.t_stop, nodes, features)?;
    if features.final_v {
        let final_v = recording.final_v.as_ref().ok_or(FeatureError::NoFinalV)?;
        for node in nodes {
            let n_nodes = final_v.len() as u32;
            let value = *final_v.get(*node as usize).ok_or(FeatureError::Node { node: *node, n_nodes })?;
            if !value.is_finite() {
                return Err(FeatureError::FinalV { node: *node, value });
            }
            out.push(value);
        }
    }
    Ok(out)
}

/// The same features of spikes alone, of all their nodes: what a readout gets without a liquid.
/// `final_v` is passed over, for a spike has no potential.
///
/// # Errors
/// A [`FeatureError`] if a parameter is out of range.
pub fn spike_features(
    train: &SpikeTrain,
    t_start: f64,
    t_stop: f64,
    features: &Features,
) -> Result<Vec<f64>, FeatureError> {
    let nodes: Vec<u32> = (0..train.n_nodes()).collect();
    spike_part(train, t_start, t_stop, &nodes, features)
}

/// The mean of every channel in the windows of a drive, window by window: what a readout gets without
/// spikes.
///
/// # Errors
/// [`FeatureError::TooFewSteps`] if a bin would be empty.
pub fn drive_features(drive: &Drive, features: &Features) -> Result<Vec<f64>, FeatureError> {
    let Features { bins, window: length, .. } = *features;
    let steps = drive.values.nrows();
    check_count("bins", bins, 1)?;
    if bins > steps {
        return Err(FeatureError::TooFewSteps { bins, steps });
    }
    Ok(windowed_means(drive.values.view(), &Windows { n: bins, length }).into_iter().collect())
}

/// The mean of every channel in windows of time; `[windows, channels]`.
fn windowed_means(values: ArrayView2<f64>, windows: &Windows) -> Array2<f64> {
    let (steps, channels) = values.dim();
    let mut sums = Array2::<f64>::zeros((windows.n, channels));
    let mut counts = vec![0_u32; windows.n];
    for (t, row) in values.rows().into_iter().enumerate() {
        for window in windows.from((t * windows.n) as f64 / steps as f64) {
            counts[window] += 1;
            sums.row_mut(window).scaled_add(1.0, &row);
        }
    }
    for (mut row, count) in sums.rows_mut().into_iter().zip(counts) {
        row /= f64::from(count.max(1));
    }
    sums
}

/// One row a sample, made by `row` for every item, in parallel and in order; `[samples, features]`.
///
/// # Errors
/// The first error of `row`, or [`FeatureError::Ragged`].
pub fn feature_matrix<T: Sync>(
    items: &[T],
    row: impl Fn(&T) -> Result<Vec<f64>, FeatureError> + Sync,
) -> Result<Array2<f64>, FeatureError> {
    let rows = items.par_iter().map(&row).collect::<Result<Vec<_>, _>>()?;
    let first = rows.first().map_or(0, Vec::len);
    if let Some(sample) = rows.iter().position(|row| row.len() != first) {
        return Err(FeatureError::Ragged { sample, has: rows[sample].len(), first });
    }
    let shape = (rows.len(), first);
    Ok(Array2::from_shape_vec(shape, rows.concat()).expect("every row has the length of the first"))
}

/// A name for every feature of `nodes`, in order: `count[2] of 17`.
pub fn feature_names(nodes: &[u32], features: &Features) -> Vec<String> {
    let Features { bins, window: _, root: _, trace_taus, trace_samples, final_v } = features;
    let mut kinds: Vec<String> = (0..*bins).map(|bin| format!("count[{bin}]")).collect();
    for tau in trace_taus {
        kinds.extend((0..*trace_samples).map(|sample| format!("trace_{tau}ms[{sample}]")));
    }
    kinds.extend(final_v.then(|| "final_v".into()));
    kinds.iter().flat_map(|kind| nodes.iter().map(move |node| format!("{kind} of {node}"))).collect()
}

fn spike_part(
    train: &SpikeTrain,
    t_start: f64,
    t_stop: f64,
    nodes: &[u32],
    features: &Features,
) -> Result<Vec<f64>, FeatureError> {
    check(features)?;
    if !(t_start.is_finite() && t_stop.is_finite() && t_start < t_stop) {
        return Err(FeatureError::Duration { t_start, t_stop });
    }
    let n_nodes = train.n_nodes();
    let mut column = vec![None; n_nodes as usize];
    for (k, node) in nodes.iter().enumerate() {
        *column.get_mut(*node as usize).ok_or(FeatureError::Node { node: *node, n_nodes })? = Some(k);
    }
    let chosen = Chosen { train, t_start, t_stop, column, width: nodes.len() };
    let mut out = Vec::new();
    if features.bins > 0 {
        let windows = Windows { n: features.bins, length: features.window };
        out.extend(counts(&chosen, &windows, features.root));
    }
    for tau in &features.trace_taus {
        out.extend(traces(&chosen, *tau, features.trace_samples));
    }
    Ok(out)
}

/// The spikes of some nodes in a stretch of time.
struct Chosen<'a> {
    train: &'a SpikeTrain,
    t_start: f64,
    t_stop: f64,
    /// The place of every node among the chosen ones.
    column: Vec<Option<usize>>,
    width: usize,
}

impl Chosen<'_> {
    /// `(time, place)` of every spike of a chosen node in `(t_start, t_stop]`.
    fn spikes(&self) -> impl Iterator<Item = (f64, usize)> + '_ {
        self.train
            .iter()
            .filter(|(t, _)| *t > self.t_start && *t <= self.t_stop)
            .filter_map(|(t, node)| self.column[node as usize].map(|k| (t, k)))
    }
}

/// Spikes this close to the end of a bin, as a part of it, are at its end: times on a grid are whole
/// multiples of `dt` but for their rounding.
const ROUNDING: f64 = 1e-9;

fn counts(chosen: &Chosen, windows: &Windows, root: bool) -> Vec<f64> {
    let mut counts = Array2::<f64>::zeros((windows.n, chosen.width));
    let per_ms = windows.n as f64 / (chosen.t_stop - chosen.t_start);
    for (t, k) in chosen.spikes() {
        for window in windows.until((t - chosen.t_start) * per_ms) {
            counts[[window, k]] += 1.0;
        }
    }
    if root {
        counts.mapv_inplace(f64::sqrt);
    }
    counts.into_iter().collect()
}

/// `r(t) = Σ exp(−(t − t_spike)/tau)` over the spikes up to and with `t`.
fn traces(chosen: &Chosen, tau: f64, samples: usize) -> Vec<f64> {
    let interval = (chosen.t_stop - chosen.t_start) / samples as f64;
    let mut traces = Array2::<f64>::zeros((samples, chosen.width));
    // First what the spikes of an interval leave at its end …
    for (t, k) in chosen.spikes() {
        let place = ((t - chosen.t_start) / interval - ROUNDING).ceil() - 1.0;
        let sample = (place.max(0.0) as usize).min(samples - 1);
        let end = chosen.t_start + interval * (sample + 1) as f64;
        traces[[sample, k]] += libm::exp((t - end) / tau);
    }
    // … then what is left of the intervals before.
    let decay = libm::exp(-interval / tau);
    for sample in 1..samples {
        for k in 0..chosen.width {
            traces[[sample, k]] += decay * traces[[sample - 1, k]];
        }
    }
    traces.into_iter().collect()
}

fn check(features: &Features) -> Result<(), FeatureError> {
    let Features { bins, window, root: _, trace_taus, trace_samples, final_v } = features;
    if *bins == 0 && trace_taus.is_empty() && !final_v {
        return Err(FeatureError::Nothing);
    }
    check_count("bins", *bins, 0)?;
    if !(window.is_finite() && *window > 0.0) {
        let must = "positive".to_owned();
        return Err(FeatureError::Parameter { name: "window", value: *window, must });
    }
    check_count("trace_samples", *trace_samples, 1)?;
    match trace_taus.iter().find(|tau| !(tau.is_finite() && **tau > 0.0)) {
        Some(tau) => {
            Err(FeatureError::Parameter { name: "trace_taus", value: *tau, must: "positive".into() })
        }
        None => Ok(()),
    }
}

fn check_count(name: &'static str, count: usize, least: usize) -> Result<(), FeatureError> {
    if (least..=MAX_BINS).contains(&count) {
        return Ok(());
    }
    let must = format!("between {least} and {MAX_BINS}");
    Err(FeatureError::Parameter { name, value: count as f64, must })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn train() -> SpikeTrain {
        SpikeTrain::from_unsorted(3, vec![1.0, 2.0, 5.0, 9.0, 10.0, 4.0], vec![0, 0, 0, 0, 0, 2]).unwrap()
    }

    #[test]
    fn counts_are_closed_at_the_end_of_a_bin() {
        let config = Features { bins: 2, root: false, ..Features::default() };
        let features = spike_features(&train(), 0.0, 10.0, &config).unwrap();
        assert_eq!(features, [3.0, 0.0, 1.0, 2.0, 0.0, 0.0]);
        let root = spike_features(&train(), 0.0, 10.0, &Features { bins: 1, ..Features::default() }).unwrap();
        assert_eq!(root, [5_f64.sqrt(), 0.0, 1.0]);
    }

    /// Five windows of three bins in 10 ms: (0, 4], (0, 6], (2, 8], (4, 10], (6, 10].
    #[test]
    fn windows_overlap_and_are_cut_off_at_the_ends() {
        let config = Features { bins: 5, window: 3.0, root: false, ..Features::default() };
        let train = SpikeTrain::from_sorted(1, vec![2.0, 4.0, 5.0, 10.0], vec![0; 4]).unwrap();
        assert_eq!(spike_features(&train, 0.0, 10.0, &config).unwrap(), [2.0, 3.0, 2.0, 2.0, 1.0]);
        let values = array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0], [9.0]];
        let means = drive_features(&Drive { values, dt: 1.0 }, &config).unwrap();
        assert_eq!(means, [1.5, 2.5, 4.5, 6.5, 7.5]);
    }

    /// Steps 0, 1, 2 → bin 0 and 3, 4 → bin 1: ⌊t·2/5⌋.
    #[test]
    fn means_are_taken_in_bins() {
        let drive = Drive { values: array![[1.0], [3.0], [5.0], [7.0], [9.0]], dt: 1.0 };
        let config = Features { bins: 2, ..Features::default() };
        assert_eq!(drive_features(&drive, &config).unwrap(), [3.0, 8.0]);
    }

    /// Ends of bins at 0.1 ms steps, where k·0.1 is not exact.
    #[test]
    fn rounding_moves_no_spike_over_an_edge() {
        let times: Vec<f64> = (1..=1000).map(|k| f64::from(k) * 0.1).collect();
        let train = SpikeTrain::from_sorted(1, times, vec![0; 1000]).unwrap();
        let config = Features { bins: 50, root: false, ..Features::default() };
        assert_eq!(spike_features(&train, 0.0, 100.0, &config).unwrap(), [20.0; 50]);
    }

    #[test]
    fn traces_are_sums_of_exponentials() {
        let config =
            Features { bins: 0, trace_taus: vec![3.0, 7.0], trace_samples: 4, ..Features::default() };
        let features = spike_features(&train(), 0.0, 10.0, &config).unwrap();
        let mut k = 0;
        for tau in [3.0, 7.0] {
            for end in [2.5, 5.0, 7.5, 10.0] {
                for node in 0..3 {
                    let mine = train();
                    let past = mine.iter().filter(|(t, n)| *n == node && *t <= end);
                    let expected: f64 = past.map(|(t, _)| ((t - end) / tau).exp()).sum();
                    assert!((features[k] - expected).abs() < 1e-14, "{tau} {end} {node}");
                    k += 1;
                }
            }
        }
        assert_eq!(k, features.len());
    }

    #[test]
    fn a_recording_gives_chosen_nodes_and_their_potentials() {
        let recording = Recording {
            t_start: 0.0,
            t_stop: 10.0,
            nodes: Vec::new(),
            spikes: train(),
            traces: None,
            rates: None,
            final_v: Some(vec![f64::NAN, -65.0, -52.5]),
            weights: None,
            counters: rheobase_net::Counters::default(),
            provenance: rheobase_net::Provenance::default(),
        };
        let config = Features { bins: 1, root: false, final_v: true, ..Features::default() };
        assert_eq!(recording_features(&recording, &[2, 1], &config).unwrap(), [1.0, 0.0, -52.5, -65.0]);
        let names = ["count[0] of 2", "count[0] of 1", "final_v of 2", "final_v of 1"];
        assert_eq!(feature_names(&[2, 1], &config), names);
        let source = recording_features(&recording, &[0], &config).unwrap_err();
        assert!(source.to_string().contains("node 0 is NaN: ask for neurons only"), "{source}");
        let without = Recording { final_v: None, ..recording };
        assert_eq!(recording_features(&without, &[1], &config), Err(FeatureError::NoFinalV));
        let absent = recording_features(&without, &[3], &config);
        assert_eq!(absent, Err(FeatureError::Node { node: 3, n_nodes: 3 }));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let says = |config: Features| spike_features(&train(), 0.0, 1.0, &config).unwrap_err().to_string();
        assert!(says(Features { bins: 0, ..Features::default() }).contains("nothing is asked for"));
        assert!(says(Features { bins: 1 << 20, ..Features::default() }).contains("bins is 1048576"));
        assert!(says(Features { trace_taus: vec![0.0], ..Features::default() }).contains("trace_taus is 0"));
        let drive = Drive { values: Array2::zeros((4, 2)), dt: 1.0 };
        assert!(
            drive_features(&drive, &Features::default())
                .unwrap_err()
                .to_string()
                .contains("lower bins to 4 or less")
        );
        assert_eq!(drive_features(&drive, &Features { bins: 4, ..Features::default() }).unwrap(), [0.0; 8]);
        let still = spike_features(&train(), 3.0, 3.0, &Features::default());
        assert_eq!(still, Err(FeatureError::Duration { t_start: 3.0, t_stop: 3.0 }));
        let ragged = feature_matrix(&[2, 2, 3], |n| Ok(vec![0.0; *n]));
        assert_eq!(ragged, Err(FeatureError::Ragged { sample: 2, has: 3, first: 2 }));
    }
}
