//! What would have to give where there is no room: each change that is named makes the partition legal, by the check,
//! which shares no code with the search or with those who tell.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod common;

use std::ops::ControlFlow;

use common::{Budgets, Case, cases, network, neurons, projection};
use proptest::prelude::*;
use rheobase_mapping::check::{InvalidMapping, Mapping, MappingFault, check};
use rheobase_mapping::chip::{Budget, Chip};
use rheobase_mapping::fit::{Relief, fit, relieve};
use rheobase_mapping::{
    Activity, Graph, Layout, Partition, PartitionConfig, PartitionError, Placement, partition,
};
use rheobase_net::ValidNetwork;

fn go_on(_: f64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

/// The relief of a case without room; `None` if it has room, or some neuron fits nowhere.
fn relief(case: &Case, chip: &Chip, seed: u64) -> Option<Relief> {
    let Case { network, layout, activity } = case;
    let graph = Graph::new(network, layout, activity);
    let config = PartitionConfig { seed, ..PartitionConfig::default() };
    match partition(&graph, &chip.limits(), &config, &mut go_on) {
        Err(error @ PartitionError::NoRoom { .. }) => {
            Some(relieve(network, layout, &graph, chip, &config, &error, &mut go_on).unwrap())
        }
        _ => None,
    }
}

/// The faults of a partition, its parts on cores in their order.
fn faults(case: &Case, chip: &Chip, partition: &Partition) -> Vec<MappingFault> {
    let Case { network, layout, activity } = case;
    let mesh = chip.mesh(None, partition.n_parts).unwrap();
    let placement = Placement { core: (0..partition.n_parts).collect() };
    let mapping =
        Mapping { network, layout, activity, dt: 1.0, mesh: &mesh, partition, placement: &placement };
    check(mapping, chip).map_or_else(|InvalidMapping { faults }| faults, |_| Vec::new())
}

/// A network without some synapses, which are named by numbers of a [`Graph`]: neurons first, then sources.
fn without(network_of: &ValidNetwork, mut leave_out: Vec<[u32; 2]>) -> ValidNetwork {
    let populations = network_of.populations();
    let is_neuron = |i: usize| populations[i].model.is_neuron();
    let number = |population: usize, node: u32| {
        let before = (0..populations.len()).filter(|i| match (is_neuron(*i), is_neuron(population)) {
            (true, false) => true,
            (false, true) => false,
            _ => *i < population,
        });
        before.map(|i| populations[i].size).sum::<u32>() + node
    };
    let mut projections = Vec::new();
    for of in network_of.projections() {
        let mut edges = Vec::new();
        for source in 0..populations[of.source.idx()].size {
            for target in &of.synapses.target[of.synapses.row(source as usize)] {
                let ends = [number(of.source.idx(), source), number(of.target.idx(), *target)];
                match leave_out.iter().position(|left_out| *left_out == ends) {
                    Some(at) => _ = leave_out.swap_remove(at),
                    None => edges.push((source, *target)),
                }
            }
        }
        let ends = [of.source.0, of.target.0];
        projections.push(projection(&of.name, ends, populations[of.source.idx()].size, &edges, 1.0));
    }
    assert!(leave_out.is_empty(), "there are no synapses {leave_out:?}");
    network(populations.to_vec(), projections)
}

/// Six neurons that reach each other fit alone, since their 5 targets fill 3 cores of 2. But in pairs they need
/// 2 × 3 output axons, and one a core 5, where 4 are: the pairs are found, since these have fewer packets. One
/// of a pair reaches the other by one synapse and two other cores by two each, so the fewest that free two output axons of
/// each of three cores are the six between the two of a pair.
#[test]
fn neurons_that_reach_all_others_leave_out_those_beside_them() {
    let edges: Vec<(u32, u32)> =
        (0..6).flat_map(|i| (0..6).filter(move |j| *j != i).map(move |j| (i, j))).collect();
    let network = network(vec![neurons("six", 6)], vec![projection("all", [0, 0], 6, &edges, 1.0)]);
    let layout = Layout { synapse_bits: vec![8], config: vec![0; 6] };
    let case = Case { activity: Activity::uniform(&network), network, layout };
    let chip = Budgets { compartments: 2, output_axons: 4, ..Budgets::NONE }.chip();
    assert!(fit(&case.network, &case.layout, &chip, None).is_ok());
    let relief = relief(&case, &chip, 1).unwrap();
    assert_eq!((relief.budget, relief.need, relief.limit, relief.n_over), (Budget::OutputAxons, 6, 4, 3));
    assert_eq!((relief.leave_out.len(), relief.n_synapses, relief.narrower), (6, 30, None));
    let of_pairs = |[source, target]: &[u32; 2]| {
        relief.partition.part[*source as usize] == relief.partition.part[*target as usize]
    };
    assert!(relief.leave_out.iter().all(of_pairs));
    let told = relief.to_string();
    for part in [
        "3 of 3 cores need too much, most the one of population \"six\", neuron 0 (its targets are on 3 cores)",
        "it needs 6 output axons, and a core has 4",
        "leave out 6 of 30 synapses, such as that of population \"six\", node 0 to population \"six\", neuron",
        "take a chip whose cores have 6 output axons, such as ",
    ] {
        assert!(told.contains(part), "no {part:?} in {told}");
    }
}

fn tight() -> impl Strategy<Value = Budgets> {
    (1_u64..4, 3_u64..16, 1_u64..5, 6_u64..40).prop_map(
        |(compartments, input_axons, output_axons, synapse_words)| Budgets {
            compartments,
            input_axons,
            output_axons,
            synapse_words,
            ..Budgets::NONE
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_left_out_makes_room(case in cases(), budgets in tight(), seed in any::<u64>()) {
        let chip = budgets.chip();
        let relief = relief(&case, &chip, seed);
        prop_assume!(relief.is_some());
        let relief = relief.unwrap();
        // Before: exactly what is said is too much.
        let before = faults(&case, &chip, &relief.partition);
        let mut most = 0;
        for fault in &before {
            let MappingFault::OverBudget { budget, used, limit, .. } = fault else { panic!("{fault}") };
            prop_assert_eq!((*budget, *limit), (relief.budget, relief.limit));
            most = most.max(*used);
        }
        prop_assert_eq!((before.len(), most), (relief.n_over as usize, relief.need));
        // After: nothing.
        let network = without(&case.network, relief.leave_out.clone());
        let after = Case { network, ..case.clone() };
        prop_assert_eq!(faults(&after, &chip, &relief.partition), Vec::new());
        for name in &relief.takers {
            let other = Chip::named(name).unwrap();
            for core in 0..relief.partition.n_parts {
                let held = relief.partition.part.iter().filter(|part| **part == core).count() as u64;
                prop_assert!(held <= other.limit(Budget::Compartments).unwrap());
            }
        }
        if let Some(bits) = relief.narrower {
            let narrow = |width: &u16| width.saturating_sub(bits);
            let synapse_bits = case.layout.synapse_bits.iter().map(narrow).collect();
            let layout = Layout { synapse_bits, ..case.layout.clone() };
            let narrowed = faults(&Case { layout, ..case.clone() }, &chip, &relief.partition);
            let is_budget = |fault: &MappingFault| matches!(fault, MappingFault::OverBudget { .. });
            prop_assert!(!narrowed.iter().any(is_budget));
        }
    }
}
