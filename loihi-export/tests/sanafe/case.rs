//! One case: its files against a run.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rheobase_loihi_export::cost::{Architecture, StepCost, Timing};
use rheobase_loihi_export::sanafe::{
    CoreOrder, MessageRecord, NeuronId, Program, Recording, RunConfig, SanaFeNetwork, map, read_network,
    simulate,
};
use serde_json::Value;

use super::printed::{general, scientific};

pub fn architecture(folder: &Path) -> Architecture {
    let (chip, ignored) = Architecture::read(&text(&folder.join("arch.yaml")), "arch.yaml").unwrap();
    assert_eq!(ignored, []);
    chip
}

pub fn network(folder: &Path) -> SanaFeNetwork {
    let (network, ignored) = read_network(&text(&folder.join("net.yaml")), "net.yaml").unwrap();
    assert_eq!(ignored, []);
    network
}

pub fn check(folder: &Path) {
    let chip = architecture(folder);
    let network = network(folder);
    let messages = messages(folder);
    let order = order(&chip, &messages);
    let program = map(&network, &chip, &order).unwrap();
    let summary: Value = serde_json::from_str(&text(&folder.join("summary.json"))).unwrap();
    let steps = summary["steps"].as_u64().unwrap();
    assert_eq!(summary["neurons"], network.n_neurons());
    assert_eq!(summary["edges"], network.edges.len());
    let run = |timing, messages| {
        simulate(&program, &RunConfig { steps, timing, spikes: true, potentials: true, messages })
    };
    let detailed = run(Timing::Detailed, true);
    check_spikes(folder, &network, &detailed);
    check_potentials(folder, &network, &program, &detailed);
    check_costs(folder, &detailed.costs);
    check_messages(&network, &program, &messages, &detailed.messages);
    check_total(&summary["results"]["detailed"], &detailed.total);
    let simple = run(Timing::Simple, false);
    assert_eq!(simple.spikes, detailed.spikes);
    check_total(&summary["results"]["simple"], &simple.total);
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn rows(path: &Path) -> Vec<Vec<String>> {
    text(path).lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn messages(folder: &Path) -> Vec<Vec<String>> {
    let plain = folder.join("messages.csv");
    if plain.is_file() {
        return rows(&plain);
    }
    let mut text = String::new();
    let file = File::open(folder.join("messages.csv.gz")).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// The order in which the recorded run sent to cores.
fn order(chip: &Architecture, messages: &[Vec<String>]) -> CoreOrder {
    let mut pairs = BTreeSet::new();
    for two in messages.windows(2) {
        let [a, b] = two else { unreachable!() };
        // Same step and same neuron, and none of them closes a list.
        if (&a[0], &a[2]) == (&b[0], &b[2]) && a[1] != "-1" && b[1] != "-1" {
            pairs.insert((core(chip, &a[4]), core(chip, &b[4])));
        }
    }
    CoreOrder::observed(pairs).expect("the recorded order has no circle")
}

fn core(chip: &Architecture, place: &str) -> u32 {
    let (tile, core) = place.split_once('.').unwrap();
    chip.core_index(tile.parse().unwrap(), core.parse().unwrap()).unwrap()
}

fn check_spikes(folder: &Path, network: &SanaFeNetwork, recording: &Recording) {
    let expected = rows(&folder.join("spikes.csv"));
    let ours: Vec<Vec<String>> = (recording.spikes.iter())
        .map(|(step, neuron)| vec![network.name_of(*neuron), step.to_string()])
        .collect();
    assert_eq!(ours.len(), expected.len(), "{}: number of spikes", folder.display());
    for (ours, theirs) in ours.iter().zip(&expected) {
        assert_eq!(ours, theirs, "{}", folder.display());
    }
}

fn check_potentials(folder: &Path, network: &SanaFeNetwork, program: &Program, recording: &Recording) {
    let header = text(&folder.join("potential.csv"));
    let header: Vec<&str> = header.lines().next().unwrap().split(',').collect();
    let names: Vec<String> = (program.logged_potentials().iter())
        .map(|neuron: &NeuronId| format!("neuron {}", network.name_of(*neuron)))
        .collect();
    assert_eq!(header[1..header.len() - 1], names);
    let expected = rows(&folder.join("potential.csv"));
    assert_eq!(expected.len(), recording.potentials.len());
    for (theirs, (ours, step)) in expected.iter().zip(recording.potentials.iter().zip(1..)) {
        let mut row = vec![step.to_string()];
        row.extend(ours.iter().map(|v| general(*v, 6)));
        row.push(String::new());
        assert_eq!(&row, theirs, "{} step {step}", folder.display());
    }
}

fn check_costs(folder: &Path, costs: &[StepCost]) {
    let expected = rows(&folder.join("perf.csv"));
    assert_eq!(expected.len(), costs.len());
    for (theirs, (cost, step)) in expected.iter().zip(costs.iter().zip(1..)) {
        let StepCost { energy, time, counts } = cost;
        let mut row: Vec<String> =
            [step, counts.fired, counts.updated, counts.packets, counts.hops, counts.synaptic_events]
                .iter()
                .map(u64::to_string)
                .collect();
        let numbers = [*time, energy.synapse, energy.dendrite, energy.soma, energy.network, energy.total()];
        row.extend(numbers.iter().map(|number| scientific(*number, 6)));
        assert_eq!(&row, theirs, "{} step {step}", folder.display());
    }
}

fn check_messages(
    network: &SanaFeNetwork,
    program: &Program,
    expected: &[Vec<String>],
    ours: &[MessageRecord],
) {
    assert_eq!(ours.len(), expected.len(), "number of messages");
    let place = |core: u32| {
        let (tile, core) = program.place_of(core);
        format!("{tile}.{core}")
    };
    let row = |message: &MessageRecord| -> Vec<String> {
        let MessageRecord { step, number, neuron, times } = *message;
        let mut row = vec![
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
        row.extend(numbers.iter().map(|number| general(*number, 6)));
        row
    };
    // SANA-FE sorts what closes lists in no order of its own.
    let mut expected: Vec<&Vec<String>> = expected.iter().collect();
    let closing = |row: &[String]| row[1] == "-1";
    for step in expected.chunk_by_mut(|a, b| a[0] == b[0]) {
        step.sort_by_key(|row| (closing(row), if closing(row) { core_number(&row[3]) } else { 0 }));
    }
    for (ours, theirs) in ours.iter().map(row).zip(expected) {
        assert_eq!(&ours, theirs);
    }
}

fn core_number(place: &str) -> u32 {
    let (tile, core) = place.split_once('.').unwrap();
    tile.parse::<u32>().unwrap() * 1000 + core.parse::<u32>().unwrap()
}

fn check_total(expected: &Value, total: &StepCost) {
    let near = |name: &str, ours: f64, theirs: &Value, tolerance: f64| {
        let theirs = theirs.as_f64().unwrap();
        let off = (ours - theirs).abs();
        // Written so that a NaN fails.
        assert!(off <= tolerance * theirs.abs(), "{name} is {ours:e} and SANA-FE's {theirs:e}");
    };
    let energy = &expected["energy"];
    near("synapse", total.energy.synapse, &energy["synapse"], 1e-12);
    near("dendrite", total.energy.dendrite, &energy["dendrite"], 1e-12);
    near("soma", total.energy.soma, &energy["soma"], 1e-12);
    near("network", total.energy.network, &energy["network"], 1e-12);
    near("total", total.energy.total(), &energy["total"], 1e-12);
    near("sim_time", total.time, &expected["sim_time"], 1e-9);
    assert_eq!(expected["spikes"], total.counts.synaptic_events);
    assert_eq!(expected["packets_sent"], total.counts.packets);
    assert_eq!(expected["neurons_updated"], total.counts.updated);
    assert_eq!(expected["neurons_fired"], total.counts.fired);
}
