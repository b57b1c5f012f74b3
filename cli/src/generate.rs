//! `rheobase generate`: a description becomes a network in a file.

use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::ValueEnum;
use rheobase_net::generate::{
    ColumnSpec, LayeredSpec, NetworkSpec, PopulationSpec, ProjectionSpec, SpaceSpec, brunel_delta, coba,
    column, cuba, generate, layered, lsm_delta, lsm_exp, lsm_stp, pd14,
};
use rheobase_net::{file, validate};
use serde::{Deserialize, Serialize};

use crate::error::{Failure, OrBadInput};
use crate::options::Options;
use crate::output::print;
use crate::summary::NetworkSummary;
use crate::{destination, toml_file};

/// Make a network from a description
///
/// The description is a TOML file with populations and projections, or a preset. The network depends on
/// the description and the seed alone.
#[derive(Debug, clap::Args)]
#[command(
    allow_negative_numbers = true,
    after_long_help = "\
Examples:
  A benchmark liquid of 1000 neurons:
    rheobase generate --preset lsm-delta -n 1000 -o liquid.h5

  The same, but another draw of its synapses:
    rheobase generate --preset lsm-delta -n 1000 -o liquid.h5 --seed 2

  A tenth of the microcircuit of Potjans and Diesmann:
    rheobase generate --preset pd14 --scale 0.1 -o microcircuit.h5

  A column to change: print its description, edit it, make it:
    rheobase generate --preset column --print > column.toml
    rheobase generate column.toml -o column.h5

  A description with its own populations:
    [[populations]]
    name = \"exc\"
    size = 80
    model.lif = { tau_m = 20.0 }

    [[projections]]
    source = \"exc\"
    target = \"exc\"
    rule.fixed_in_degree.k = 10
    weight = 30.0
    delay = 1.5

  Side by side with spikes: sensors whose spikes a liquid time-constant group hears through traces, and
  neurons that hear its outputs as currents (pA = weight times output):
    [[populations]]
    name = \"sensors\"
    size = 3
    model.poisson = { rate_hz = 80.0 }

    [[populations]]
    name = \"group\"
    [populations.model.ltc]
    wiring = { kind = \"auto_ncp\", units = 20, n_outputs = 2, sparsity = 0.5, seed = 22222 }
    inputs = [\"left\", \"right\", \"touch\"]
    interval = 1.0      # ms between two steps
    time_scale = 0.1    # units of the cell's time in a ms
    tau_trace = 20.0    # ms
    output = \"current\" # or output.sigma_delta.threshold, .crossing.threshold, .rate.hz_per_unit

    [[populations]]
    name = \"neurons\"
    size = 10

    [[projections]]
    source = \"sensors\"
    target = \"group\"    # ends at its inputs
    rule = \"one_to_one\"
    weight = 0.5

    [[projections]]
    source = \"group\"     # starts at its outputs
    target = \"neurons\"
    rule = \"all_to_all\"
    weight = 2000.0

  The same with a model that `rheobase train` has made, an LTC or a CfC, in place of the group; its inputs
  are scaled as in training:
    [[populations]]
    name = \"group\"
    [populations.model.trained]
    file = \"model.h5\"   # beside the description
    interval = 20.0      # ms between two steps of the model"
)]
pub struct Args {
    /// The description, a TOML file
    #[arg(required_unless_present = "preset", conflicts_with = "preset")]
    spec: Option<PathBuf>,
    /// A well-known network in place of a file
    #[arg(long)]
    preset: Option<Preset>,
    /// Number of neurons of a preset
    #[arg(short = 'n', long, default_value_t = 135, requires = "preset",
          value_parser = clap::value_parser!(u32).range(1..))]
    neurons: u32,
    /// Size of the preset pd14, relative to the whole
    #[arg(long, default_value_t = 0.1, requires = "preset", conflicts_with = "neurons", value_parser = scale)]
    scale: f64,
    /// The file to write
    #[arg(short, long, value_name = "FILE", required_unless_present = "print")]
    output: Option<PathBuf>,
    /// Print the description as TOML and make nothing
    #[arg(long, conflicts_with = "output")]
    print: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Preset {
    /// Maass's column: excitatory and inhibitory neurons in space, joined by distance, without input
    Column,
    /// The benchmark liquid with delta synapses, driven by Poisson trains
    LsmDelta,
    /// The benchmark liquid with exponential synaptic currents, driven by Poisson trains
    LsmExp,
    /// The same with short-term plasticity of its synapses
    LsmStp,
    /// Vogels and Abbott's network with synaptic currents, which keeps itself going
    Cuba,
    /// Vogels and Abbott's network with conductances
    Coba,
    /// Brunel's network with delta synapses, asynchronous and irregular
    BrunelDelta,
    /// Potjans and Diesmann's microcircuit: 77,169 neurons and 299 million synapses at --scale 1
    Pd14,
}

/// A description's file: a network's parts, or the parameters of one of the well-known networks.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Description {
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<ColumnSpec>,
    #[serde(skip_serializing_if = "Option::is_none")]
    layered: Option<LayeredSpec>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    spaces: Vec<SpaceSpec>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    populations: Vec<PopulationSpec>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    projections: Vec<ProjectionSpec>,
}

impl From<NetworkSpec> for Description {
    fn from(NetworkSpec { spaces, populations, projections }: NetworkSpec) -> Self {
        Self { spaces, populations, projections, column: None, layered: None }
    }
}

/// Makes the network, writes it and tells what it is.
///
/// # Errors
/// If the description is faulty or the file cannot be written.
pub fn run(options: &Options, args: &Args) -> Result<(), Failure> {
    let description = describe(args)?;
    let Some(path) = &args.output else {
        let text = toml::to_string(&description).context("the description cannot be written as TOML")?;
        return print(&text);
    };
    destination::check(path)?;
    if let Some(input) = &args.spec {
        destination::is_not(path, input)?;
    }
    let mut spec = resolve(description).or_bad_input()?;
    let folder = args.spec.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
    spec.read_models(folder).or_bad_input()?;
    let network = generate(&spec, options.seed).or_bad_input()?;
    let network = validate(network).or_bad_input()?;
    file::write_network(path, network.network()).map_err(anyhow::Error::from)?;
    let summary = NetworkSummary::of(&network);
    options.output().answer(&summary, || summary.to_text())
}

fn scale(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(scale) if scale > 0.0 && scale <= 1.0 => Ok(scale),
        _ => Err("give a number above 0 and at most 1".to_owned()),
    }
}

fn describe(args: &Args) -> Result<Description, Failure> {
    match (&args.spec, args.preset) {
        (Some(path), _) => toml_file::read(path),
        (None, Some(Preset::Column)) => {
            let column = ColumnSpec { n: args.neurons, ..ColumnSpec::default() };
            Ok(Description { column: Some(column), ..Description::default() })
        }
        (None, Some(Preset::LsmDelta)) => Ok(lsm_delta(args.neurons).into()),
        (None, Some(Preset::LsmExp)) => Ok(lsm_exp(args.neurons).into()),
        (None, Some(Preset::LsmStp)) => Ok(lsm_stp(args.neurons).into()),
        (None, Some(Preset::Cuba)) => Ok(cuba(args.neurons).into()),
        (None, Some(Preset::Coba)) => Ok(coba(args.neurons).into()),
        (None, Some(Preset::BrunelDelta)) => Ok(brunel_delta(args.neurons).into()),
        (None, Some(Preset::Pd14)) => Ok(pd14(args.scale).into()),
        (None, None) => unreachable!("clap asks for one of the two"),
    }
}

fn resolve(description: Description) -> anyhow::Result<NetworkSpec> {
    let Description { column: of_column, layered: of_layers, spaces, populations, projections } = description;
    let has_parts = !(spaces.is_empty() && populations.is_empty() && projections.is_empty());
    match (of_column, of_layers, has_parts) {
        (Some(spec), None, false) => Ok(column(&spec)),
        (None, Some(spec), false) => Ok(layered(&spec)),
        (None, None, true) => Ok(NetworkSpec { spaces, populations, projections }),
        (None, None, false) => Err(anyhow!(
            "the description is empty: add [[populations]], or one of the tables [column] and [layered]"
        )),
        _ => Err(anyhow!(
            "the description has more than one network: keep [column], or [layered], or the lists of populations"
        )),
    }
}
