//! What a benchmark of mapping says.

use rheobase_mapping::Graph;
use serde::Serialize;

use super::recount::Recount;
use crate::error::Failure;
use crate::output::{count, short, table};

/// One graph and mapper, over seeds.
#[derive(Debug, Serialize)]
pub struct Measured {
    /// The graph's name.
    pub name: String,
    /// The chip's name.
    pub chip: String,
    /// The mapper's name.
    pub mapper: String,
    /// The number of threads.
    pub threads: usize,
    /// A run a seed.
    pub runs: Vec<Run>,
}

/// One graph, mapped.
#[derive(Debug, Serialize)]
pub struct Run {
    seed: u64,
    neurons: u32,
    synapses: u64,
    cores: u32,
    #[serde(flatten)]
    recount: Recount,
    /// Mapping alone, wall clock and user and system time of all threads \[s\].
    wall_s: f64,
    cpu_s: f64,
    /// The largest resident set of the process until mapping began, generating the graph included, and until
    /// it was over \[MB\].
    rss_before_mb: Option<f64>,
    peak_rss_mb: Option<f64>,
}

impl Run {
    /// Joins what was counted with what was measured.
    pub fn new(
        seed: u64,
        graph: &Graph,
        cores: u32,
        recount: Recount,
        [wall_s, cpu_s]: [f64; 2],
        [rss_before_mb, peak_rss_mb]: [Option<f64>; 2],
    ) -> Self {
        let (neurons, synapses) = (graph.n_neurons, graph.target.len() as u64);
        Self { seed, neurons, synapses, cores, recount, wall_s, cpu_s, rss_before_mb, peak_rss_mb }
    }
}

impl Measured {
    /// One line of JSON.
    ///
    /// # Errors
    /// If a number has no place in JSON.
    pub fn to_json(&self) -> Result<String, Failure> {
        serde_json::to_string(self).map_err(|error| Failure::Failed(error.into()))
    }

    /// A row a seed, and the medians.
    pub fn to_text(&self) -> String {
        let Self { name, chip, mapper, threads, runs } = self;
        let header = [
            "seed",
            "neurons",
            "synapses",
            "cores",
            "illegal",
            "packets",
            "destinations",
            "CPU s",
            "wall s",
            "MB",
        ];
        let row = |run: &Run| {
            vec![
                run.seed.to_string(),
                count(run.neurons.into()),
                count(run.synapses),
                count(run.cores.into()),
                count(run.recount.violating.into()),
                count(run.recount.packets),
                short(run.recount.destinations),
                short(run.cpu_s),
                short(run.wall_s),
                run.peak_rss_mb.map_or("–".to_owned(), short),
            ]
        };
        let title = format!("{name} onto {chip} by {mapper}, {threads} thread(s)");
        let mut text = table(&title, &header, runs.iter().map(row));
        if runs.len() > 1 {
            let of = |value: fn(&Run) -> f64| Spread::of(runs.iter().map(value).collect());
            let rows = [
                ("cores", of(|run| run.cores.into())),
                ("packets", of(|run| run.recount.packets as f64)),
                ("CPU s", of(|run| run.cpu_s)),
                ("wall s", of(|run| run.wall_s)),
            ];
            let rows = rows.map(|(what, Spread { least, median, most })| {
                let spread = if median > 0.0 { 100.0 * (most - least) / median } else { 0.0 };
                vec![what.to_owned(), short(median), short(least), short(most), format!("{spread:.1} %")]
            });
            let header = ["over seeds", "median", "least", "most", "most − least"];
            text += &format!("\n\n{}", table("spread", &header, rows));
        }
        text
    }
}

/// The middle and the ends of some values.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Spread {
    least: f64,
    median: f64,
    most: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        let n = values.len();
        let median = (values[(n - 1) / 2] + values[n / 2]) / 2.0;
        Self { least: values[0], median, most: values[n - 1] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        let wanted = Spread { least: 1.0, median: 3.0, most: 9.0 };
        assert_eq!(Spread::of(vec![9.0, 1.0, 4.0, 2.0]), wanted);
        assert_eq!(Spread::of(vec![3.0, 9.0, 1.0]), wanted);
    }
}
