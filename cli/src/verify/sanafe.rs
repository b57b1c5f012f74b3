//! The suite `sanafe`: networks run by SANA-FE 2.2.9 on its Loihi, one folder a case.
//!
//! Spikes are identical; potentials, what each step cost and every message agree to the digits that SANA-FE printed;
//! totals of energies agree to 1e-12 and of times to 1e-9 relative, simple and detailed. In which order a neuron sends to
//! several cores is an accident of SANA-FE's memory, so it is taken from the messages of the case.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rheobase_loihi_export::cost::{Architecture, Energy, StepCost, Timing};
use rheobase_loihi_export::sanafe::{
    CoreOrder, MessageRecord, Program, Recording, RunConfig, SanaFeNetwork, map, read_network, simulate,
};
use serde::Deserialize;

use super::{Outcome, Verdict};

const ENERGY_TOLERANCE: f64 = 1e-12;
const TIME_TOLERANCE: f64 = 1e-9;
/// How many digits SANA-FE prints of potentials and messages, and of costs.
const DIGITS: usize = 6;
const COST_DIGITS: usize = 7;

/// `summary.json`.
#[derive(Debug, Deserialize)]
struct Summary {
    steps: u64,
    results: Results,
}

#[derive(Debug, Deserialize)]
struct Results {
    simple: Totals,
    detailed: Totals,
}

/// What a run came to.
#[derive(Debug, Deserialize)]
struct Totals {
    energy: Energies,
    sim_time: f64,
    spikes: u64,
    packets_sent: u64,
    neurons_updated: u64,
    neurons_fired: u64,
}

#[derive(Debug, Deserialize)]
struct Energies {
    synapse: f64,
    dendrite: f64,
    soma: f64,
    network: f64,
    total: f64,
}

/// Runs every case of a folder, but for those that are skipped.
pub fn run(dir: &Path, is_skipped: impl Fn(&str) -> bool) -> Result<Vec<Outcome>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))?;
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut folders = paths.with_context(|| format!("reading {}", dir.display()))?;
    folders.retain(|folder| folder.join("summary.json").is_file());
    folders.sort();
    ensure!(!folders.is_empty(), "{} has no folder with a summary.json", dir.display());
    let outcome = |folder: &PathBuf| {
        let case = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (verdict, detail) = match check(folder) {
            _ if is_skipped(&case) => (Verdict::Skipped, "as asked".to_owned()),
            Ok(measured) => (Verdict::Passed, measured),
            Err(error) => (Verdict::Failed, format!("{error:#}")),
        };
        Outcome { case, verdict, detail }
    };
    Ok(folders.iter().map(outcome).collect())
}

/// Runs a case and compares; says what was measured.
fn check(folder: &Path) -> Result<String> {
    let chip = Architecture::read(&text(&folder.join("arch.yaml"))?, "arch.yaml")?.0;
    let network = read_network(&text(&folder.join("net.yaml"))?, "net.yaml")?.0;
    let summary: Summary =
        serde_json::from_str(&text(&folder.join("summary.json"))?).context("summary.json")?;
    let messages = messages(folder)?;
    let program = map(&network, &chip, &order(&chip, &messages)?)?;
    let run = |timing, messages| {
        let config = RunConfig { steps: summary.steps, timing, spikes: true, potentials: true, messages };
        simulate(&program, &config)
    };
    let detailed = run(Timing::Detailed, true);
    check_spikes(folder, &network, &detailed)?;
    check_potentials(folder, &program, &detailed)?;
    check_costs(folder, &detailed.costs)?;
    check_messages(&network, &program, &messages, &detailed.messages)?;
    let simple = run(Timing::Simple, false);
    ensure!(simple.spikes == detailed.spikes, "the two models of time have other spikes");
    let mut worst = [0.0_f64; 2];
    for (name, ours, theirs) in [
        ("simple", &simple.total, &summary.results.simple),
        ("detailed", &detailed.total, &summary.results.detailed),
    ] {
        let off = check_total(ours, theirs).with_context(|| format!("totals of the {name} run"))?;
        worst = [worst[0].max(off[0]), worst[1].max(off[1])];
    }
    let [energy, time] = worst;
    let (spikes, messages) = (detailed.spikes.len(), detailed.total.counts.packets);
    Ok(format!("{spikes} spikes, {messages} messages; energy within {energy:.0e}, time within {time:.0e}"))
}

fn text(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}

/// The lines of a table under its header, in fields.
fn rows(text: &str) -> Vec<Vec<String>> {
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn messages(folder: &Path) -> Result<Vec<Vec<String>>> {
    let (plain, packed) = (folder.join("messages.csv"), folder.join("messages.csv.gz"));
    if plain.is_file() {
        return Ok(rows(&text(&plain)?));
    }
    let file = File::open(&packed).with_context(|| format!("opening {}", packed.display()))?;
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(file).read_to_string(&mut unpacked).context("messages.csv.gz")?;
    Ok(rows(&unpacked))
}

/// The order in which the recorded run sent to cores.
fn order(chip: &Architecture, messages: &[Vec<String>]) -> Result<CoreOrder> {
    let core = |place: &str| -> Option<u32> {
        let (tile, core) = place.split_once('.')?;
        chip.core_index(tile.parse().ok()?, core.parse().ok()?)
    };
    let mut pairs = BTreeSet::new();
    for two in messages.windows(2) {
        let [[step, _, neuron, _, first, ..], [next_step, _, next_neuron, _, second, ..]] =
            [&two[0][..], &two[1][..]]
        else {
            anyhow::bail!("a line of messages.csv is too short");
        };
        let is_same = (step, neuron) == (next_step, next_neuron);
        if let (true, Some(first), Some(second)) = (is_same, core(first), core(second)) {
            pairs.insert((first, second));
        }
    }
    CoreOrder::observed(pairs).context("the messages come in no order of cores")
}

fn check_spikes(folder: &Path, network: &SanaFeNetwork, recording: &Recording) -> Result<()> {
    let expected = rows(&text(&folder.join("spikes.csv"))?);
    let (n, ours) = (expected.len(), recording.spikes.len());
    ensure!(ours == n, "{ours} spikes where SANA-FE has {n}");
    for (i, ((step, neuron), theirs)) in recording.spikes.iter().zip(&expected).enumerate() {
        let ours = [network.name_of(*neuron), step.to_string()];
        ensure!(ours[..] == theirs[..], "spike {i} is {} and SANA-FE's {}", ours.join(","), theirs.join(","));
    }
    Ok(())
}

fn check_potentials(folder: &Path, program: &Program, recording: &Recording) -> Result<()> {
    let expected = rows(&text(&folder.join("potential.csv"))?);
    ensure!(expected.len() == recording.potentials.len(), "potential.csv has {} rows", expected.len());
    for ((theirs, ours), step) in expected.iter().zip(&recording.potentials).zip(1..) {
        // A step before the potentials, and a comma behind them.
        let n = program.logged_potentials().len();
        ensure!(theirs.len() == n + 2, "potential.csv has {} fields in step {step}", theirs.len());
        for (i, (v, shown)) in ours.iter().zip(&theirs[1..]).enumerate() {
            ensure!(is_shown(*v, shown, DIGITS), "potential {i} of step {step} is {v} and SANA-FE's {shown}");
        }
    }
    Ok(())
}

fn check_costs(folder: &Path, costs: &[StepCost]) -> Result<()> {
    let expected = rows(&text(&folder.join("perf.csv"))?);
    ensure!(expected.len() == costs.len(), "perf.csv has {} rows", expected.len());
    for ((theirs, cost), step) in expected.iter().zip(costs).zip(1_u64..) {
        let StepCost { energy, time, counts } = cost;
        let counted =
            [step, counts.fired, counts.updated, counts.packets, counts.hops, counts.synaptic_events];
        let Energy { synapse, dendrite, soma, network } = *energy;
        let numbers = [*time, synapse, dendrite, soma, network, energy.total()];
        ensure!(theirs.len() == 12, "perf.csv has {} fields in step {step}", theirs.len());
        let are_equal = counted.iter().zip(theirs).all(|(ours, theirs)| ours.to_string() == *theirs);
        let are_shown =
            numbers.iter().zip(&theirs[6..]).all(|(ours, theirs)| is_shown(*ours, theirs, COST_DIGITS));
        ensure!(are_equal && are_shown, "step {step} cost {cost:?} and SANA-FE's {}", theirs.join(","));
    }
    Ok(())
}

fn check_messages(
    network: &SanaFeNetwork,
    program: &Program,
    expected: &[Vec<String>],
    ours: &[MessageRecord],
) -> Result<()> {
    let (n, n_ours) = (expected.len(), ours.len());
    ensure!(n_ours == n, "{n_ours} messages where SANA-FE has {n}");
    let place = |core: u32| {
        let (tile, core) = program.place_of(core);
        format!("{tile}.{core}")
    };
    // SANA-FE sorts what closes the lists of cores in no order of its own.
    let mut expected: Vec<&Vec<String>> = expected.iter().collect();
    let key = |row: &&Vec<String>| {
        let closes = row[1] == "-1";
        (
            closes,
            row[3]
                .split_once('.')
                .filter(|_| closes)
                .and_then(|(t, c)| Some((t.parse().ok()?, c.parse().ok()?))),
        )
    };
    for step in expected.chunk_by_mut(|a, b| a[0] == b[0]) {
        step.sort_by_key(|row| -> (bool, Option<(u32, u32)>) { key(row) });
    }
    for (message, theirs) in ours.iter().zip(expected) {
        let MessageRecord { step, number, neuron, times } = *message;
        let names = [
            step.to_string(),
            number.map_or("-1".to_owned(), |number| number.to_string()),
            network.name_of(neuron),
            place(times.core),
            times.axon.map_or("x.x".to_owned(), |axon| place(program.target_of(axon))),
            times.hops.to_string(),
            times.synapses.to_string(),
        ];
        let numbers = [
            times.sent,
            times.received,
            times.processed,
            times.generation_delay,
            times.processing_delay,
            times.network_delay,
            times.blocking_delay,
            times.min_hop_delay,
            times.messages_along_route,
        ];
        ensure!(theirs.len() == names.len() + numbers.len(), "messages.csv has {} fields", theirs.len());
        let (shown_names, shown_numbers) = theirs.split_at(names.len());
        let are_shown =
            numbers.iter().zip(shown_numbers).all(|(ours, theirs)| is_shown(*ours, theirs, DIGITS));
        ensure!(
            names[..] == *shown_names && are_shown,
            "message {} of step {step} is {times:?} and SANA-FE's {}",
            names[1],
            theirs.join(",")
        );
    }
    Ok(())
}

/// How far energy and time are off, each as a share of SANA-FE's.
fn check_total(ours: &StepCost, theirs: &Totals) -> Result<[f64; 2]> {
    let StepCost { energy, time, counts } = ours;
    let counted = [
        ("synaptic events", counts.synaptic_events, theirs.spikes),
        ("packets", counts.packets, theirs.packets_sent),
        ("updates", counts.updated, theirs.neurons_updated),
        ("spikes", counts.fired, theirs.neurons_fired),
    ];
    for (what, ours, theirs) in counted {
        ensure!(ours == theirs, "{ours} {what} and SANA-FE has {theirs}");
    }
    let Energy { synapse, dendrite, soma, network } = *energy;
    let off = |what: &str, ours: f64, theirs: f64, tolerance: f64| -> Result<f64> {
        let off = if ours == theirs { 0.0 } else { (ours - theirs).abs() / theirs.abs() };
        // Written so that a NaN fails.
        let is_near = off <= tolerance;
        ensure!(is_near, "{what} is {ours:e} and SANA-FE's {theirs:e}");
        Ok(off)
    };
    let mut worst: f64 = 0.0;
    for (what, ours, theirs) in [
        ("synapse energy", synapse, theirs.energy.synapse),
        ("dendrite energy", dendrite, theirs.energy.dendrite),
        ("soma energy", soma, theirs.energy.soma),
        ("network energy", network, theirs.energy.network),
        ("total energy", energy.total(), theirs.energy.total),
    ] {
        worst = worst.max(off(what, ours, theirs, ENERGY_TOLERANCE)?);
    }
    Ok([worst, off("time", *time, theirs.sim_time, TIME_TOLERANCE)?])
}

/// Whether a number is the one that was printed with so many digits.
fn is_shown(ours: f64, shown: &str, digits: usize) -> bool {
    let rounded = format!("{ours:.*e}", digits - 1).parse::<f64>();
    matches!((rounded, shown.parse::<f64>()), (Ok(ours), Ok(theirs)) if ours == theirs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_what_is_printed_of_it() {
        assert!(is_shown(72.796_875, "72.7969", DIGITS));
        assert!(!is_shown(72.796_875, "72.7968", DIGITS));
        assert!(is_shown(f64::NEG_INFINITY, "-inf", DIGITS));
        assert!(is_shown(1.4776e-6, "1.477600e-06", COST_DIGITS));
        assert!(!is_shown(f64::NAN, "nan", DIGITS));
    }
}
