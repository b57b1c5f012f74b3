//! `rheobase export`: a netlist becomes what another tool reads.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::ValueEnum;
use rheobase_loihi_export::emulate::{Input, Signal};
use rheobase_loihi_export::export::{Lost, graph, lava, netx, sanafe};
use rheobase_loihi_export::netlist::{self, ValidNetlist};
use rheobase_net::SpikeTrain;
use rheobase_net::file::{self, FileError, Hdf5Reader, write_atomically};
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::count;
use crate::simulate::name_and_file;
use crate::{destination, netlist_file};

/// Write a netlist for Lava, NetX or SANA-FE, as JSON or as a graph
///
/// An export behaves as the netlist does, or it is refused. Where a format cannot carry something, all of it is
/// listed, and --allow-lossy writes what is left. A NetX file is taken as the network that lava-dl runs for it.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Examples:
  A mapped network in Lava: liquid.py runs it, with its data in liquid.npz (needs Python 3.10 and lava-nc 0.10.0):
    rheobase map liquid.h5 --chip loihi1 --rate 5 --netlist netlist.h5
    rheobase export netlist.h5 --format lava -o liquid.py
    python3.10 liquid.py --steps 1000 --input input=spikes.h5 --output run.npz

  A chain of layers for lava-dl, without what NetX has not:
    rheobase export netlist.h5 --format netx -o liquid.net --allow-lossy

  Network, mapping and chip for SANA-FE 2.2.9, with what the source sends in a second:
    rheobase export netlist.h5 --format sanafe --spikes input=spikes.h5 --duration 1000 -o liquid.yaml --allow-lossy

  A network that lava-dl's slayer has exported, on our chip in software:
    rheobase export trained.net --format netlist -o trained.h5
    rheobase emulate trained.h5 --spikes input=spikes.h5 --steps 100 -o run.h5

  Pictures, of cores by Graphviz and of neurons by networkx or Gephi:
    rheobase export netlist.h5 --format dot -o cores.dot
    rheobase export netlist.h5 --format graphml --of neurons -o neurons.graphml")]
pub struct Args {
    /// The netlist, as HDF5 or JSON, or a NetX file
    netlist: PathBuf,
    /// What for
    #[arg(long)]
    format: Format,
    /// The file to write; for Lava the Python program, beside which its data will lie
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Write what the format can carry, and tell what it cannot
    #[arg(long)]
    allow_lossy: bool,
    /// For SANA-FE: what a source sends; sources that are not named send nothing
    #[arg(long, value_name = "POPULATION=FILE", value_parser = name_and_file)]
    spikes: Vec<(String, PathBuf)>,
    /// For SANA-FE: how much of that is written, in ms; by default until the last spike
    #[arg(long, value_name = "MS")]
    duration: Option<f64>,
    /// What a graph shows
    #[arg(long, value_name = "WHAT", default_value = "cores")]
    of: View,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// A Python program and its data for Lava 0.10, one process a core and population
    Lava,
    /// NetX of lava-dl 0.6, a chain of layers
    Netx,
    /// SANA-FE 2.2.9: the network with its mapping, and beside it Loihi's architecture
    Sanafe,
    /// A netlist of ours, as HDF5
    Netlist,
    /// A netlist of ours, as JSON
    Json,
    /// A graph for Graphviz
    Dot,
    /// A graph for networkx, Gephi, yEd
    Graphml,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum View {
    /// Cores and sources, joined where one sends to the other
    Cores,
    /// Neurons, joined by synapses
    Neurons,
}

/// What was written.
#[derive(Debug, Serialize)]
struct Exported {
    format: Format,
    files: Vec<PathBuf>,
    /// What the files hold, in words.
    holds: String,
    /// What the format could not carry.
    lost: Vec<Lost>,
}

/// Writes the netlist and tells what was lost.
///
/// # Errors
/// If the netlist is faulty, the format cannot carry it, or a file cannot be written.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    destination::check(&args.output)?;
    destination::is_not(&args.output, &args.netlist)?;
    if args.of == View::Neurons && !matches!(args.format, Format::Dot | Format::Graphml) {
        let error = anyhow!("--of neurons is for graphs: give --format dot or --format graphml");
        return Err(Failure::BadInput(error));
    }
    if args.format != Format::Sanafe && (!args.spikes.is_empty() || args.duration.is_some()) {
        let error = anyhow!("--spikes and --duration are for --format sanafe, whose files hold the input");
        return Err(Failure::BadInput(error));
    }
    let netlist = read(&args.netlist)?;
    let exported = match args.format {
        Format::Lava => to_lava(&netlist, &args.output)?,
        Format::Netx => {
            let written = netx::write(&args.output, &netlist, args.allow_lossy);
            let lost = written.map_err(|error| match error {
                netx::NetxError::File(error) => Failure::Failed(error.into()),
                error => {
                    Failure::BadInput(anyhow::Error::new(error).context(args.netlist.display().to_string()))
                }
            })?;
            Exported { lost, ..one_file(args, "a chain of layers") }
        }
        Format::Sanafe => to_sanafe(args, &netlist)?,
        Format::Netlist => {
            netlist::write(&args.output, &netlist).map_err(anyhow::Error::from)?;
            one_file(args, "a netlist")
        }
        Format::Json => {
            write_text(&args.output, &netlist::to_json(&netlist))?;
            one_file(args, "a netlist")
        }
        Format::Dot => to_graph(args, &netlist, graph::Graph::to_dot)?,
        Format::Graphml => to_graph(args, &netlist, graph::Graph::to_graphml)?,
    };
    options.output().answer(&exported, || exported.to_text())
}

impl Exported {
    fn to_text(&self) -> String {
        let files: Vec<String> = self.files.iter().map(|file| file.display().to_string()).collect();
        let lost: String = self.lost.iter().map(|lost| format!("\n  lost: {lost}")).collect();
        format!("{}: {}{lost}", files.join(" and "), self.holds)
    }
}

fn one_file(args: &Args, holds: &str) -> Exported {
    let files = vec![args.output.clone()];
    Exported { format: args.format, files, holds: holds.to_owned(), lost: Vec::new() }
}

/// A netlist of ours, or the one that a NetX file stands for.
fn read(path: &Path) -> Result<ValidNetlist, Failure> {
    let is_netx = |file: Hdf5Reader| -> Result<bool, FileError> {
        Ok(file.attributes("")?.text("format").is_err() && file.has_group("layer")?)
    };
    if !netlist_file::is_json(path) && Hdf5Reader::open(path).and_then(is_netx).or_bad_input()? {
        return netx::read(path).or_bad_input_in(path.display());
    }
    netlist_file::read(path)
}

fn to_lava(netlist: &ValidNetlist, output: &Path) -> Result<Exported, Failure> {
    let written = lava::write(output, netlist).map_err(|error| match error {
        error @ (lava::LavaError::NotInLava(_) | lava::LavaError::Name(_)) => Failure::BadInput(error.into()),
        error => Failure::Failed(error.into()),
    })?;
    let lava::Written { script, data, processes, connections, refractory } = written;
    let own = match refractory {
        0 => String::new(),
        n => format!(
            "; {} neurons are refractory, which Lava's are not, and run in a process that the program brings",
            count(n as u64)
        ),
    };
    Ok(Exported {
        format: Format::Lava,
        files: vec![script, data],
        holds: format!(
            "{} processes of neurons and sources, {} of synapses{own}",
            count(processes as u64),
            count(connections as u64)
        ),
        lost: Vec::new(),
    })
}

fn to_sanafe(args: &Args, netlist: &ValidNetlist) -> Result<Exported, Failure> {
    let mut trains: Vec<(&str, SpikeTrain)> = Vec::new();
    for (name, path) in &args.spikes {
        destination::is_not(&args.output, path)?;
        trains.push((name.as_str(), file::read_spikes(path).or_bad_input()?));
    }
    let signals: Vec<(&str, Signal)> =
        trains.iter().map(|(name, train)| (*name, Signal::Spikes(train))).collect();
    let input = Input::new(netlist, &signals).or_bad_input_in("--spikes")?;
    let steps = match args.duration {
        Some(duration) => (duration / netlist.origin.dt).round(),
        None => input.messages().last().map_or(0.0, |(step, _)| f64::from(*step)),
    };
    // A list of spikes has an entry a step for every node of a source.
    if !(0.0..=1e7).contains(&steps) {
        let error =
            anyhow!("--duration: {steps} steps, and SANA-FE's lists of spikes are written up to 10,000,000");
        return Err(Failure::BadInput(error));
    }
    let written = sanafe::write(&args.output, netlist, &input, steps as u32, args.allow_lossy);
    let written = written.map_err(|error| match error {
        sanafe::SanaFeError::File(error) => Failure::Failed(error.into()),
        error => Failure::BadInput(anyhow::Error::new(error).context(args.netlist.display().to_string())),
    })?;
    let sanafe::Written { network, architecture, lost } = written;
    Ok(Exported {
        format: Format::Sanafe,
        files: vec![network, architecture],
        holds: format!("a network with its mapping and {steps} steps of input, and the chip"),
        lost,
    })
}

fn to_graph(
    args: &Args,
    netlist: &ValidNetlist,
    as_text: fn(&graph::Graph) -> String,
) -> Result<Exported, Failure> {
    let graph = match args.of {
        View::Cores => graph::cores(netlist),
        View::Neurons => graph::neurons(netlist).or_bad_input_in(args.netlist.display())?,
    };
    write_text(&args.output, &as_text(&graph))?;
    let holds =
        format!("{} nodes and {} edges", count(graph.nodes.len() as u64), count(graph.edges.len() as u64));
    Ok(one_file(args, &holds))
}

fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    let written: Result<(), FileError> = write_atomically(path, |file| {
        let failed = |source| FileError::Write { file: path.to_owned(), source };
        std::io::Write::write_all(file, text.as_bytes()).map_err(failed)
    });
    Ok(written.map_err(anyhow::Error::from)?)
}
