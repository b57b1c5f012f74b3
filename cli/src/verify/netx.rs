//! The suite `netx`: networks of lava-dl 0.6.0's NetX, spike for spike.
//!
//! A network is read from the NetX file, written as a netlist, read back and emulated; the spikes of its last layer
//! are those that NetX gave, in every step. Then the netlist is written as a NetX file of ours and read again, and
//! has to give them too.

use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use rheobase_loihi_export::emulate::{EmulateConfig, Input, Signal, emulate};
use rheobase_loihi_export::export::netx;
use rheobase_loihi_export::netlist::{self, ValidNetlist};
use serde::Deserialize;

use super::{Outcome, Verdict};

/// What lies beside a network.
#[derive(Debug, Deserialize)]
struct Case {
    schema: String,
    name: String,
    /// Arguments that NetX was given; those of the vectors are its defaults.
    kwargs: serde_json::Map<String, serde_json::Value>,
    /// `[steps][nodes]`
    input: Vec<Vec<i32>>,
    /// `[steps][neurons]`
    output_spikes: Vec<Vec<i32>>,
}

/// Runs every case of a folder, but for those that are skipped.
pub fn run(dir: &Path, threads: usize, is_skipped: impl Fn(&str) -> bool) -> Result<Vec<Outcome>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("reading {}", dir.display()))?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            files.push(path);
        }
    }
    files.sort();
    ensure!(!files.is_empty(), "there is no case in {}: a case is NAME.net and NAME.json", dir.display());
    let scratch = tempfile::tempdir().context("making a folder for netlists")?;
    let outcome = |path: &std::path::PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let (verdict, detail) = match is_skipped(&name) {
            true => (Verdict::Skipped, "as asked".to_owned()),
            false => match check(path, threads, scratch.path()) {
                Ok(measured) => (Verdict::Passed, measured),
                Err(error) => (Verdict::Failed, format!("{error:#}")),
            },
        };
        Outcome { case: name, verdict, detail }
    };
    Ok(files.iter().map(outcome).collect())
}

/// Runs a case and says what was measured.
fn check(path: &Path, threads: usize, scratch: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
    let case: Case = serde_json::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
    ensure!(case.schema == "netx-golden/1", "the schema is {:?}, and netx-golden/1 is known", case.schema);
    ensure!(case.kwargs.is_empty(), "NetX was given arguments, which is not known here: {:?}", case.kwargs);
    let network = netx::read(&path.with_extension("net"))?;
    let spikes = compare(&network, &case, threads, scratch).context("their file")?;
    let ours = scratch.join(format!("{}.net", case.name));
    netx::write(&ours, &network, false).context("writing our file")?;
    let again = compare(&netx::read(&ours)?, &case, threads, scratch).context("our file")?;
    ensure!(spikes == again, "{spikes} spikes by their file, {again} by ours");
    Ok(format!("{spikes} spikes identical by their file and by ours"))
}

/// Emulates a network that went through a file, and counts the spikes of its last layer, which are NetX's.
fn compare(network: &ValidNetlist, case: &Case, threads: usize, scratch: &Path) -> Result<usize> {
    let file = scratch.join("netlist.h5");
    netlist::write(&file, network)?;
    let network = netlist::read(&file)?;
    let input = Input::new(&network, &[("input", Signal::Table(&case.input))])?;
    let steps = u32::try_from(case.output_spikes.len()).context("too many steps")?;
    let config = EmulateConfig { steps, threads, ..EmulateConfig::default() };
    let run = emulate(&network, &input, &config, &mut |_| ControlFlow::Continue(()))?;
    let first_nodes = network.first_nodes();
    let [.., first, end] = first_nodes.as_slice() else { bail!("the network has no layer") };
    let mut ours = vec![vec![0; (end - first) as usize]; steps as usize];
    for (t, node) in run.recording.spikes.iter().filter(|(_, node)| node >= first) {
        // A spike of step t is at t · dt; row 0 is step 1.
        let step = (t / network.origin.dt).round() as usize;
        ours[step - 1][(node - first) as usize] = 1;
    }
    let mut spikes = 0;
    for (step, (ours, theirs)) in (1..).zip(ours.iter().zip(&case.output_spikes)) {
        ensure!(ours == theirs, "step {step} has the spikes {ours:?}, and NetX's {theirs:?}");
        spikes += ours.iter().filter(|spike| **spike != 0).count();
    }
    Ok(spikes)
}
