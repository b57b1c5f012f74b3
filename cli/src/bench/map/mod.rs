//! `rheobase bench map-*`: benchmark graphs onto cores, timed and recounted.

mod agree;
mod graphs;
mod keep;
mod recount;
mod report;

use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use clap::ValueEnum;
use rheobase_mapping::chip::{Chip, Limits};
use rheobase_mapping::{Graph, Partition, PartitionConfig, partition, sequential};

use super::timing::{Clock, peak_rss_mb};
use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::print;
use crate::progress;
pub use graphs::Kind;
use report::{Measured, Run};

/// Options of the graphs that are mapped.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Options of map-*")]
pub struct MapArgs {
    /// The chip whose cores are filled
    #[arg(long, default_value = "loihi1")]
    chip: String,
    /// Seeds of graphs and mapper, both ends included [default: --seed]
    #[arg(long, value_name = "FIRST..LAST", value_parser = Seeds::parse)]
    seeds: Option<Seeds>,
    /// What maps
    #[arg(long, default_value = "partition")]
    mapper: Mapper,
    /// Write every graph and its partition into this folder, as .npy files
    #[arg(long, value_name = "FOLDER")]
    keep: Option<PathBuf>,
}

impl MapArgs {
    /// The options that mean nothing to a network that runs, and whether they are given.
    pub fn given(&self) -> [(&'static str, bool); 2] {
        let Self { chip: _, seeds, mapper: _, keep } = self;
        [("--seeds", seeds.is_some()), ("--keep", keep.is_some())]
    }
}

/// Seeds one after the other.
#[derive(Debug, Clone, Copy)]
struct Seeds {
    first: u64,
    last: u64,
}

/// What makes a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mapper {
    /// The partitioner of this program
    Partition,
    /// One core after the other, in the order of the neurons: what the partition is compared with
    Sequential,
}

impl Seeds {
    fn parse(text: &str) -> Result<Self, String> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        match (first.parse(), last.parse()) {
            (Ok(first), Ok(last)) if first <= last => Ok(Self { first, last }),
            _ => Err("give a seed, or the first and the last, as 1..10".to_owned()),
        }
    }
}

impl Mapper {
    fn map(self, graph: &Graph, limits: &Limits, seed: u64, stop: &AtomicBool) -> Result<Partition, Failure> {
        match self {
            Self::Partition => {
                let config = PartitionConfig { seed, ..PartitionConfig::default() };
                partition(graph, limits, &config, &mut |_| progress::go_on(stop)).or_bad_input()
            }
            Self::Sequential => Ok(sequential(graph, limits).partition),
        }
    }
}

/// Generates, maps, recounts and tells, for every seed.
///
/// # Errors
/// If there is no such chip or size, the mapper refuses, the counts disagree, or a file cannot be written.
pub fn run(options: &Options, kind: Kind, n: Option<u32>, args: &MapArgs) -> Result<(), Failure> {
    let MapArgs { chip, seeds, mapper, keep } = args;
    let chip = Chip::named(chip).or_bad_input()?;
    let limits = chip.limits();
    let Seeds { first, last } = seeds.unwrap_or(Seeds { first: options.seed, last: options.seed });
    let stop = progress::stop_on_ctrl_c()?;
    let mut runs = Vec::new();
    for seed in first..=last {
        let case = kind.case(n.unwrap_or_else(|| kind.usual_size()), seed)?;
        let graph = case.graph();
        let rss_before = peak_rss_mb();
        let clock = Clock::start(0.0);
        let mapped = mapper.map(&graph, &limits, seed, &stop)?;
        let (wall_s, cpu_s, _) = clock.read(0.0);
        let rss_mb = peak_rss_mb();
        let recount = recount::recount(&graph, &mapped, &limits);
        agree::agree(&case, &chip, &mapped, &recount)?;
        if let Some(folder) = keep {
            keep::write(&folder.join(format!("seed-{seed}")), &graph, &mapped)?;
        }
        runs.push(Run::new(seed, &graph, mapped.n_parts, recount, [wall_s, cpu_s], [rss_before, rss_mb]));
    }
    let name = |value: Option<clap::builder::PossibleValue>| {
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    };
    let threads = options.threads.map_or_else(rayon::current_num_threads, usize::from);
    let (graph, mapper) = (name(kind.to_possible_value()), name(mapper.to_possible_value()));
    let measured = Measured { name: graph, chip: chip.name().to_owned(), mapper, threads, runs };
    print(&if options.json { measured.to_json()? } else { measured.to_text() })
}
