//! Suites of the chip emulator: every golden vector becomes a netlist, is written to a file and read back, and is
//! emulated; what the tool that made the vector recorded has to be there at every step.
//!
//! A case is run as it is, and twice more with its neurons dealt to 2 and to 3 cores at random, where nothing may
//! change. Only cases in which Lava rounds the sum of a block are left on one core: cutting such a block changes
//! what is rounded, on Lava as here.

pub mod lava;
pub mod nengo_loihi;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rheobase_loihi_export::emulate::{Chip, Input, Message, Profile, Signal, Variable};
use rheobase_loihi_export::netlist::{self, Link, Netlist, ValidNetlist};
use rheobase_net::random::split_mix;

use super::{Outcome, Verdict};

/// A golden vector, ready to run.
struct Case {
    netlist: Netlist,
    profile: Profile,
    steps: u32,
    /// What sources send, by population.
    inputs: Vec<(String, Vec<Vec<i32>>)>,
    expected: Vec<Expected>,
    /// How far values may be off, relative to the larger of them and 1; 0 where they are whole.
    tolerance: f64,
}

/// What one variable of a population was at every step.
struct Expected {
    population: u32,
    what: What,
    /// `[steps][nodes]`
    values: Vec<Vec<f64>>,
}

/// What is compared.
#[derive(Debug, Clone, Copy)]
enum What {
    /// What is sent.
    Sent,
    /// A state.
    State(Variable),
}

/// Reads the vectors of a folder by `read`, and runs all but those that are skipped.
fn run(
    dir: &Path,
    threads: usize,
    is_skipped: impl Fn(&str) -> bool,
    read: impl Fn(&str) -> Result<Case>,
) -> Result<Vec<Outcome>> {
    let outcome = |path: &PathBuf| {
        let case = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if is_skipped(&case) {
            return Outcome { case, verdict: Verdict::Skipped, detail: "as asked".to_owned() };
        }
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()));
        let (verdict, detail) = match text.and_then(|text| read(&text)).and_then(|case| case.check(threads)) {
            Ok(measured) => (Verdict::Passed, measured),
            Err(error) => (Verdict::Failed, format!("{error:#}")),
        };
        Outcome { case, verdict, detail }
    };
    Ok(vectors(dir)?.iter().map(outcome).collect())
}

/// The vectors of a folder, by name.
fn vectors(dir: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<PathBuf>>>()
        .with_context(|| format!("reading {}", dir.display()))?;
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    ensure!(!paths.is_empty(), "{} has no vectors, which are .json files", dir.display());
    Ok(paths)
}

impl Case {
    /// Runs it on one core, and on 2 and 3; says what was compared.
    fn check(self, threads: usize) -> Result<String> {
        let whole = read_back(self.netlist.clone())?;
        let (values, worst) = self.compare(&whole, threads).context("on one core")?;
        let off =
            if self.tolerance > 0.0 { format!("off by ≤ {worst:.1e}") } else { "0 mismatches".to_owned() };
        if self.rounds_sums() {
            return Ok(format!("{values} values, {off}; sums are rounded, so on one core"));
        }
        for n_cores in [2, 3] {
            let core_of = |population: u32, neuron: u32| {
                let word = split_mix(n_cores, u64::from(population) << 32 | u64::from(neuron));
                (word % n_cores) as u32
            };
            let dealt = read_back(netlist::split(&whole, core_of))?;
            self.compare(&dealt, threads).with_context(|| format!("dealt to {n_cores} cores"))?;
        }
        Ok(format!("{values} values, {off}; also on 2 and 3 cores"))
    }

    /// Compares every value of every step, and says how many there were and how far the worst was off.
    fn compare(&self, netlist: &ValidNetlist, threads: usize) -> Result<(usize, f64)> {
        let signals: Vec<(&str, Signal<'_>)> =
            self.inputs.iter().map(|(name, rows)| (name.as_str(), Signal::Table(rows))).collect();
        let input = Input::new(netlist, &signals)?;
        let mut chip = Chip::new(netlist, self.profile, threads)?;
        let first_nodes = netlist.first_nodes();
        let (mut values, mut worst) = (0, 0.0_f64);
        for t in 1..=self.steps {
            let messages: Vec<Message> =
                input.messages().iter().filter(|(step, _)| *step == t).map(|(_, message)| *message).collect();
            chip.step(&messages);
            for Expected { population, what, values: rows } in &self.expected {
                let row = rows.get(t as usize - 1).with_context(|| format!("the vector has no step {t}"))?;
                for (node, expected) in (first_nodes[*population as usize]..).zip(row) {
                    let ours = match what {
                        What::Sent => sent(&chip, node),
                        What::State(variable) => chip
                            .state(node, *variable)
                            .with_context(|| format!("the model of node {node} has no {variable:?}"))?,
                    };
                    let off = (ours - expected).abs() / expected.abs().max(1.0);
                    // Written so that a NaN fails.
                    let is_near = off <= self.tolerance;
                    ensure!(
                        is_near,
                        "step {t}, node {node}, {what:?}: {ours}, and the vector has {expected}"
                    );
                    (values, worst) = (values + 1, worst.max(off));
                }
            }
        }
        ensure!(values > 0, "nothing is expected");
        Ok((values, worst))
    }

    /// Whether cutting a block would change what is rounded.
    fn rounds_sums(&self) -> bool {
        let blocks = self.netlist.cores.iter().flat_map(|core| &core.blocks);
        self.profile == Profile::Lava010
            && blocks.into_iter().any(|block| match block.link {
                Link::Weights { weight_exp, .. } => weight_exp < 0,
                Link::Scaled | Link::Direct | Link::Ltc | Link::Float { .. } => false,
            })
    }
}

/// What a node sent in the last step.
fn sent(chip: &Chip, node: u32) -> f64 {
    let sent = chip.sent();
    sent.binary_search_by_key(&node, |message| message.node).map_or(0.0, |i| f64::from(sent[i].value))
}

/// The netlist as a file has it: the file is the contract.
fn read_back(netlist: Netlist) -> Result<ValidNetlist> {
    let folder = tempfile::tempdir().context("making a folder")?;
    let path = folder.path().join("netlist.h5");
    netlist::write(&path, &netlist::validate(netlist)?)?;
    Ok(netlist::read(&path)?)
}
