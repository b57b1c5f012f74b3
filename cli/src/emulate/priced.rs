//! What a run costs.

use std::path::Path;

use clap::ValueEnum;
use rheobase_loihi_export::cost::{Architecture, Timing};
use rheobase_loihi_export::emulate::{PricedStep, SourcesAt};
use rheobase_loihi_export::sanafe::CoreOrder;
use serde::Serialize;

use crate::error::{Failure, OrBadInput};
use crate::output::{short, table};
use crate::text_file;

/// The models of time, as the command line names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimingName {
    /// A step takes as long as its slowest core
    Simple,
    /// Messages go through the mesh, and wait for each other
    Detailed,
}

impl From<TimingName> for Timing {
    fn from(name: TimingName) -> Self {
        match name {
            TimingName::Simple => Self::Simple,
            TimingName::Detailed => Self::Detailed,
        }
    }
}

/// The places of sources, as the command line names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourcesName {
    /// Outside of the chip: taking their messages in costs, bringing them does not
    Outside,
    /// On the cores with most room, as an export to SANA-FE puts them: their messages cost as neurons' do
    OnCores,
}

impl From<SourcesName> for SourcesAt {
    fn from(name: SourcesName) -> Self {
        match name {
            SourcesName::Outside => Self::Outside,
            SourcesName::OnCores => Self::Cores,
        }
    }
}

/// What the run cost.
#[derive(Debug, Serialize)]
pub struct Priced {
    /// Whose costs.
    architecture: String,
    timing: TimingName,
    sources: SourcesName,
    /// By component \[J\].
    synapse_j: f64,
    dendrite_j: f64,
    soma_j: f64,
    network_j: f64,
    /// Taking in what sources outside send \[J\].
    input_j: f64,
    /// All steps, as fast as the cores can \[s\].
    time_s: f64,
    /// Time of the slowest step \[s\].
    slowest_step_s: f64,
}

/// The costs of Loihi, or of a file.
///
/// # Errors
/// If the file cannot be read, or is no architecture.
pub fn architecture(name: &str) -> Result<Architecture, Failure> {
    if name == "loihi" {
        return Ok(Architecture::loihi());
    }
    let text = text_file::read(Path::new(name))?;
    Ok(Architecture::read(&text, name).or_bad_input()?.0)
}

/// The order of messages, by SANA-FE's record of a run.
///
/// # Errors
/// If the file cannot be read, or tells no order.
pub fn order(path: &Path, architecture: &Architecture) -> Result<CoreOrder, Failure> {
    let text = text_file::read(path)?;
    CoreOrder::from_messages(&text, architecture).or_bad_input_in(path.display())
}

impl Priced {
    /// The sums over all steps.
    pub fn of(architecture: &str, timing: TimingName, sources: SourcesName, steps: &[PricedStep]) -> Self {
        let sum = |of: fn(&PricedStep) -> f64| steps.iter().map(of).sum::<f64>();
        Self {
            architecture: architecture.to_owned(),
            timing,
            sources,
            synapse_j: sum(|step| step.cost.energy.synapse),
            dendrite_j: sum(|step| step.cost.energy.dendrite),
            soma_j: sum(|step| step.cost.energy.soma),
            network_j: sum(|step| step.cost.energy.network),
            input_j: sum(|step| step.input),
            time_s: sum(|step| step.cost.time),
            slowest_step_s: steps.iter().map(|step| step.cost.time).fold(0.0, f64::max),
        }
    }

    /// The table that people read.
    pub fn to_text(&self) -> String {
        let Self {
            architecture,
            timing,
            sources,
            synapse_j,
            dendrite_j,
            soma_j,
            network_j,
            input_j,
            time_s,
            slowest_step_s,
        } = self;
        let all = synapse_j + dendrite_j + soma_j + network_j + input_j;
        let micro = |value: f64| short(value * 1e6);
        let rows = [
            ("weights fetched (µJ)", micro(synapse_j + dendrite_j)),
            ("compartments looked at, updated, fired (µJ)", micro(*soma_j)),
            ("packets (µJ)", micro(*network_j)),
            match sources {
                SourcesName::Outside => ("taking in what sources send (µJ)", micro(*input_j)),
                SourcesName::OnCores => ("sources, on cores too", "in the rows above".to_owned()),
            },
            ("all (µJ)", micro(all)),
            ("all steps, as fast as the cores can (ms)", short(time_s * 1e3)),
            ("the slowest step (µs)", micro(*slowest_step_s)),
        ];
        let how = match timing {
            TimingName::Simple => "steps as long as their slowest core",
            TimingName::Detailed => "messages through the mesh",
        };
        let title =
            format!("energy and time by the costs of {architecture}, a model and no measurement; {how}");
        table(&title, &["of", ""], rows.map(|(what, value)| vec![what.to_owned(), value]))
    }
}
