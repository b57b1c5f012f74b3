//! Feasibility: what is refused can be on no core, what is not refused is bounded rightly, the estimates are
//! those that fillers of cores were measured to need, and messages name thing, need, limit and way out.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod common;

use common::{Budgets, Case, cases, network, neurons, projection, sources};
use proptest::prelude::*;
use proptest::sample::Index;
use rheobase_mapping::check::{Mapping, MappingFault, check};
use rheobase_mapping::chip::{Budget, Chip, Mesh};
use rheobase_mapping::fit::{FitFault, fit};
use rheobase_mapping::{Layout, Partition, Placement};
use rheobase_net::ValidNetwork;

/// A random mapping without empty parts; part `i` is on core `i`.
fn mapped(n_neurons: u32, parts: &[Index]) -> (Partition, Placement) {
    let n_parts = 1 + parts[0].index(n_neurons as usize);
    let mut part: Vec<u32> = (0..n_neurons as usize).map(|i| parts[1 + i].index(n_parts) as u32).collect();
    let mut used = part.clone();
    used.sort_unstable();
    used.dedup();
    part.iter_mut().for_each(|part| *part = used.binary_search(part).unwrap() as u32);
    let n_parts = used.len() as u32;
    (Partition { part, n_parts }, Placement { core: (0..n_parts).collect() })
}

fn is_legal(case: &Case, chip: &Chip, partition: &Partition, placement: &Placement) -> bool {
    let Case { network, layout, activity } = case;
    let mesh = Mesh { chips: [4, 4], ..chip.mesh(None, 1).unwrap() };
    match check(Mapping { network, layout, activity, dt: 1.0, mesh: &mesh, partition, placement }, chip) {
        Ok(_) => true,
        Err(invalid) => {
            let legal = |fault: &MappingFault| {
                matches!(fault, MappingFault::OverBudget { .. } | MappingFault::FanIn { .. })
            };
            assert!(invalid.faults.iter().all(legal), "{invalid}");
            false
        }
    }
}

fn budgets() -> impl Strategy<Value = Budgets> {
    let budget = |most: u64| prop_oneof![2 => 1..most, 1 => Just(u64::MAX)];
    let memory = (1_u32..40, 0_u32..20, 1_u32..6);
    (budget(8), budget(20), budget(12), budget(30), budget(4), budget(20), memory).prop_map(
        |(compartments, input_axons, output_axons, synapse_words, neuron_configs, fan_in, memory)| Budgets {
            compartments,
            input_axons,
            output_axons,
            synapse_words,
            neuron_configs,
            fan_in,
            memory: rheobase_mapping::chip::SynapseMemory {
                word: memory.0,
                header: memory.1,
                block: memory.2,
            },
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    /// A network of which a legal mapping is at hand is not refused, and no bound is above its cores.
    #[test]
    fn a_network_with_a_legal_mapping_fits(
        case in cases(), parts in prop::collection::vec(any::<Index>(), 41), budgets in budgets(),
    ) {
        let chip = budgets.chip();
        let (partition, placement) = mapped(case.network.n_neurons(), &parts);
        prop_assume!(is_legal(&case, &chip, &partition, &placement));
        let fit = fit(&case.network, &case.layout, &chip, None).unwrap();
        for bound in &fit.at_least {
            prop_assert!(bound.cores <= partition.n_parts, "{}: {} > {}", bound.budget, bound.cores, partition.n_parts);
        }
        for (estimate, bound) in fit.unstructured.iter().zip(&fit.at_least) {
            prop_assert!(estimate.cores >= bound.cores && estimate.cores <= case.network.n_neurons().max(bound.cores));
        }
    }

    /// A neuron that is refused breaks the same budget when it has a core for itself and all others share one.
    #[test]
    fn a_neuron_that_is_refused_fits_nowhere(case in cases(), budgets in budgets()) {
        let chip = budgets.chip();
        let faults = match fit(&case.network, &case.layout, &chip, None) {
            Ok(_) => Vec::new(),
            Err(infeasible) => infeasible.faults,
        };
        prop_assume!(!faults.is_empty() && case.network.n_neurons() > 1);
        for fault in faults {
            let (population, neuron, need, budget) = match fault {
                FitFault::FanIn { .. } | FitFault::OutputAxons { .. } => continue,
                FitFault::InputAxons { population, neuron, need, .. } => (population, neuron, need, Budget::InputAxons),
                FitFault::SynapseWords { population, neuron, need, .. } => (population, neuron, need, Budget::SynapseWords),
                other => panic!("{other}"),
            };
            let mut part = vec![1; case.network.n_neurons() as usize];
            part[number(&case.network, &population, neuron)] = 0;
            let Case { network, layout, activity } = &case;
            let (partition, placement) = (Partition { part, n_parts: 2 }, Placement { core: vec![0, 1] });
            let mesh = chip.mesh(None, 2).unwrap();
            let mapping =
                Mapping { network, layout, activity, dt: 1.0, mesh: &mesh, partition: &partition, placement: &placement };
            let broken = check(mapping, &chip).unwrap_err().faults;
            let same = |fault: &MappingFault| matches!(
                fault,
                MappingFault::OverBudget { core: 0, budget: told, used, .. } if *told == budget && *used == need
            );
            prop_assert!(broken.iter().any(same), "{broken:?}");
        }
    }
}

/// The number of a neuron in the whole network.
fn number(network: &ValidNetwork, population: &str, neuron: u32) -> usize {
    let before = network.populations().iter().take_while(|p| p.name != population);
    let before: u32 = before.filter(|p| p.model.is_neuron()).map(|p| p.size).sum();
    (before + neuron) as usize
}

fn layout(network: &ValidNetwork, bits: u16) -> Layout {
    Layout {
        synapse_bits: vec![bits; network.projections().len()],
        config: vec![0; network.n_neurons() as usize],
    }
}

fn refused(network: &ValidNetwork, bits: u16, chip: &str, board: Option<&str>) -> String {
    fit(network, &layout(network, bits), &Chip::named(chip).unwrap(), board).unwrap_err().to_string()
}

/// All of `n` sources to one neuron, each `times` times.
fn star(n: u32, times: u32) -> ValidNetwork {
    let edges: Vec<(u32, u32)> = (0..n * times).map(|i| (i % n, 0)).collect();
    let populations = vec![sources("input", n), neurons("readout", 2)];
    network(populations, vec![projection("input-readout", [0, 1], n, &edges, 1.0)])
}

#[test]
fn a_neuron_with_too_many_sources_is_told_with_the_chips_that_take_it() {
    assert_eq!(
        refused(&star(5000, 1), 18, "loihi1", None),
        "the network does not fit onto loihi1: population \"readout\", neuron 0: spikes reach it from 5000 sources, and a core has 4096 input axons: leave out 904 of its sources
without a change, every neuron fits onto a core of loihi2, spinnaker2, generic"
    );
    assert!(
        refused(&star(300, 1), 1, "truenorth", None).contains("a core has 256 input axons: leave out 44")
    );
    assert!(fit(&star(4096, 1), &layout(&star(4096, 1), 18), &Chip::named("loihi1").unwrap(), None).is_ok());
}

/// 4096 sources with 20 synapses each of 18 bits and a header of 10: 370 bits, 6 words each, 24 576 in all.
/// With 12 bits they are 250 bits, 4 words each, 16 384, which is all there is; with 13 they are 5 words. Or
/// ⌈(24 576 − 16 384) / 6⌉ = 1366 sources go.
#[test]
fn a_neuron_with_too_large_synapses_is_told_with_what_is_enough() {
    let told = refused(&star(4096, 20), 18, "loihi1", None);
    assert!(
        told.contains(
            "neuron 0: its 81920 synapses take 24576 words of synapse memory, and a core has 16384: take weights that are 6 bits narrower, or leave out 1366 of its sources, the largest first"
        ),
        "{told}"
    );
}

#[test]
fn fan_in_and_output_axons_are_told() {
    let chip = Budgets { fan_in: 4, output_axons: 2, compartments: 3, ..Budgets::NONE }.chip();
    let edges: Vec<(u32, u32)> = (0..5).map(|i| (i, 9)).chain((0..8).map(|i| (9, i))).collect();
    let network = network(vec![neurons("exc", 10)], vec![projection("exc-exc", [0, 0], 10, &edges, 1.0)]);
    let told = fit(&network, &layout(&network, 8), &chip, None).unwrap_err();
    assert_eq!(
        told.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
        [
            "population \"exc\", neuron 9: 5 synapses end at it, and 4 may: leave out 1",
            "population \"exc\", neuron 9: its 8 targets fill 3 cores, and its own core has 2 output axons: leave out 2 of its targets"
        ]
    );
}

#[test]
fn a_board_that_is_too_small_is_told_before_any_mapping() {
    let network = network(vec![neurons("exc", 300_000)], vec![]);
    let told = refused(&network, 18, "loihi1", Some("kapoho-bay"));
    assert_eq!(
        told,
        "the network does not fit onto loihi1: no mapping takes fewer cores, by compartments: 293 cores are needed, and the board \"kapoho-bay\" of loihi1 has 256 (2 chips of 128): take the board \"nahuku\", or name none"
    );
    assert!(refused(&network, 18, "loihi1", Some("kapoho")).ends_with("(did you mean `kapoho-bay`?): name one of single, kapoho-bay, nahuku, or none for as many chips as needed"));
    let fit = fit(&network, &layout(&network, 18), &Chip::named("loihi1").unwrap(), Some("nahuku")).unwrap();
    assert_eq!(fit.board_cores, Some(4096));
    assert_eq!(
        fit.to_string(),
        "at least 293 cores (by compartments), and 293 cores (by compartments) if the wiring has no structure to use; the board has 4096"
    );
}

#[test]
fn groups_and_currents_are_told() {
    let mut changed = star(1, 1).into_network();
    changed.populations[0].model = rheobase_net::Model::CurrentSource(rheobase_net::CurrentSource::External);
    let network = rheobase_net::validate(changed).unwrap();
    let told = refused(&network, 18, "loihi1", None);
    assert!(
        told.ends_with("population \"input\" is a source of currents, which no core holds: leave it out"),
        "{told}"
    );
}

/// Every neuron to `degree` others, drawn by a congruential generator.
fn unstructured(n: u32, degree: u32) -> ValidNetwork {
    let mut state = 1_u64;
    let mut row_start = vec![0_u64];
    let mut target = Vec::new();
    for source in 0..n {
        let mut row: Vec<u32> = Vec::new();
        while row.len() < degree as usize {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let drawn = ((state >> 33) % u64::from(n)) as u32;
            if drawn != source && !row.contains(&drawn) {
                row.push(drawn);
            }
        }
        target.extend(row);
        row_start.push(target.len() as u64);
    }
    let mut projection = projection("exc-exc", [0, 0], n, &[], 1.0);
    projection.synapses.row_start = row_start;
    projection.synapses.target = target;
    network(vec![neurons("exc", n)], vec![projection])
}

/// Measured with a network of 10,000 neurons that reach 64 others each, on the same budgets: filling cores in
/// order took 123, the best refinement 112, and the synapses alone would fit into 13. On axons of a crossbar,
/// filling a network of 10,164 neurons and 67 targets each in random order took 3074 cores and in order 2633.
#[test]
fn the_estimate_is_what_fillers_of_cores_were_measured_to_need() {
    let network = unstructured(10_000, 64);
    let layout = layout(&network, 18);
    let loihi = fit(&network, &layout, &Chip::named("loihi1").unwrap(), None).unwrap();
    assert_eq!(loihi.bound().budget, Budget::SynapseWords);
    assert!((11..=13).contains(&loihi.bound().cores), "{loihi}");
    assert_eq!(loihi.binding().budget, Budget::InputAxons);
    assert!((112..=128).contains(&loihi.binding().cores), "{loihi}");
    let output = loihi.unstructured.iter().find(|count| count.budget == Budget::OutputAxons).unwrap();
    assert!((112..=128).contains(&output.cores), "{loihi:?}");
    let truenorth = fit(&network, &layout, &Chip::named("truenorth").unwrap(), None).unwrap();
    assert_eq!(truenorth.binding().budget, Budget::InputAxons);
    assert!((2400..=3100).contains(&truenorth.binding().cores), "{truenorth}");
}
