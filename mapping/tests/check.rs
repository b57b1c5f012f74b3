//! The check of mappings: it agrees with a recount that is written out here without thought of speed, it
//! finds whatever is broken in a legal mapping, and its messages name things.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{Budgets, Case, cases, network, neurons, projection, sources};
use proptest::prelude::*;
use proptest::sample::Index;
use rheobase_mapping::check::{Mapping, MappingFault, check, split_shifts};
use rheobase_mapping::chip::{Budget, Mesh, Usage};
use rheobase_mapping::{Activity, Layout, Partition, Placement};
use rheobase_net::{Network, ValidNetwork, validate};

/// Four chips side by side, two by two, with 12 cores each.
fn mesh() -> Mesh {
    Mesh { chips: [2, 2], ..Budgets::NONE.chip().mesh(None, 1).unwrap() }
}

/// Parts for all neurons, none empty, and cores for all parts, none twice.
fn assigned(n_neurons: u32, parts: &[Index], cores: &[Index]) -> (Partition, Placement) {
    let n = n_neurons as usize;
    let n_parts = 1 + parts[0].index(n);
    let mut part: Vec<u32> = (0..n).map(|i| parts[1 + i].index(n_parts) as u32).collect();
    let mut used: Vec<u32> = part.clone();
    used.sort_unstable();
    used.dedup();
    part.iter_mut().for_each(|part| *part = used.binary_search(part).unwrap() as u32);
    let mut free: Vec<u32> = (0..mesh().n_cores()).collect();
    let core = (0..used.len()).map(|i| free.remove(cores[i].index(free.len()))).collect();
    (Partition { part, n_parts: used.len() as u32 }, Placement { core })
}

/// A node: population and place in it.
type Node = (usize, u32);

/// What a mapping uses, counted in maps.
struct Naive {
    usage: BTreeMap<u32, Usage>,
    fan_in: BTreeMap<Node, u64>,
    packets: u64,
    packets_in: u64,
    km1: u64,
    hops: u64,
    hop_energy: f64,
}

fn naive(case: &Case, core_of: &BTreeMap<Node, u32>, memory: rheobase_mapping::chip::SynapseMemory) -> Naive {
    let Case { network, layout, activity } = case;
    // Every synapse with its width.
    let mut synapses: Vec<(Node, Node, u64)> = Vec::new();
    for (projection, bits) in network.projections().iter().zip(&layout.synapse_bits) {
        let (from, to) = (projection.source.idx(), projection.target.idx());
        for source in 0..network.populations()[from].size {
            for i in projection.synapses.row(source as usize) {
                synapses.push(((from, source), (to, projection.synapses.target[i]), u64::from(*bits)));
            }
        }
    }
    // Activity and configurations go by neurons first, then sources.
    let is_neuron = |node: &Node| network.populations()[node.0].model.is_neuron();
    let all = (0..network.populations().len())
        .flat_map(|p| (0..network.populations()[p].size).map(move |i| (p, i)));
    let (mut order, outside): (Vec<Node>, Vec<Node>) = all.partition(is_neuron);
    order.extend(outside);

    let mut usage: BTreeMap<u32, Usage> = BTreeMap::new();
    let mut configs: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for (neuron, config) in order.iter().zip(&layout.config) {
        usage.entry(core_of[neuron]).or_default().compartments += 1;
        configs.entry(core_of[neuron]).or_default().insert(*config);
    }
    for (core, configs) in configs {
        usage.get_mut(&core).unwrap().neuron_configs = configs.len() as u64;
    }
    let mut result =
        Naive { usage, fan_in: BTreeMap::new(), packets: 0, packets_in: 0, km1: 0, hops: 0, hop_energy: 0.0 };
    for (source, spikes) in order.iter().zip(&activity.0) {
        let spikes = u64::from(*spikes);
        let rows: Vec<_> = synapses.iter().filter(|synapse| synapse.0 == *source).collect();
        let bits = rows.iter().map(|row| row.2).max().unwrap_or(0);
        let mut cores: BTreeMap<u32, u64> = BTreeMap::new();
        for row in rows {
            *cores.entry(core_of[&row.1]).or_default() += 1;
            *result.fan_in.entry(row.1).or_default() += 1;
        }
        for (core, n) in &cores {
            let usage = result.usage.get_mut(core).unwrap();
            usage.input_axons += 1;
            let mut left = *n;
            while left > 0 {
                let block = left.min(u64::from(memory.block));
                let in_bits = u64::from(memory.header) + block * bits;
                usage.synapse_words +=
                    in_bits / u64::from(memory.word) + u64::from(in_bits % u64::from(memory.word) > 0);
                left -= block;
            }
        }
        let mut union: BTreeSet<u32> = cores.keys().copied().collect();
        match core_of.get(source) {
            Some(home) => {
                result.usage.get_mut(home).unwrap().output_axons += cores.len() as u64;
                union.insert(*home);
                for core in cores.keys().filter(|core| *core != home) {
                    result.packets += spikes;
                    let (hops, energy) = distance(*home, *core);
                    result.hops += spikes * hops;
                    result.hop_energy += spikes as f64 * energy;
                }
            }
            None => result.packets_in += spikes * cores.len() as u64,
        }
        result.km1 += spikes * union.len().saturating_sub(1) as u64;
    }
    result
}

/// Hops and energy between two cores of the board, walked tile by tile: first along x, then along y.
fn distance(from: u32, to: u32) -> (u64, f64) {
    // 3 cores a tile, 2 × 2 tiles a chip, 2 × 2 chips.
    let tile = |core: u32| {
        let (chip, tile) = (core / 12, core % 12 / 3);
        [(chip % 2) * 2 + tile % 2, (chip / 2) * 2 + tile / 2]
    };
    let ([mut x, mut y], [to_x, to_y]) = (tile(from), tile(to));
    let (mut hops, mut energy) = (0, 0.0);
    while x != to_x {
        let next = if to_x > x { x + 1 } else { x - 1 };
        energy += if next / 2 == x / 2 { 3.0 } else { 32.0 };
        (x, hops) = (next, hops + 1);
    }
    while y != to_y {
        let next = if to_y > y { y + 1 } else { y - 1 };
        energy += if next / 2 == y / 2 { 4.25 } else { 42.5 };
        (y, hops) = (next, hops + 1);
    }
    (hops, energy)
}

fn core_of(network: &ValidNetwork, partition: &Partition, placement: &Placement) -> BTreeMap<Node, u32> {
    let mut part = partition.part.iter();
    let mut cores = BTreeMap::new();
    for (p, population) in network.populations().iter().enumerate() {
        if population.model.is_neuron() {
            for i in 0..population.size {
                cores.insert((p, i), placement.core[*part.next().unwrap() as usize]);
            }
        }
    }
    cores
}

fn mapping<'a>(case: &'a Case, mesh: &'a Mesh, parts: &'a (Partition, Placement)) -> Mapping<'a> {
    let Case { network, layout, activity } = case;
    Mapping { network, layout, activity, dt: 1.0, mesh, partition: &parts.0, placement: &parts.1 }
}

/// The most that any core uses, as the budgets of a chip on which the mapping is just legal.
fn tight(naive: &Naive) -> Budgets {
    let most = |budget| naive.usage.values().map(|usage| usage.of(budget)).max().unwrap().max(1);
    Budgets {
        compartments: most(Budget::Compartments),
        input_axons: most(Budget::InputAxons),
        output_axons: most(Budget::OutputAxons),
        synapse_words: most(Budget::SynapseWords),
        neuron_configs: most(Budget::NeuronConfigs),
        fan_in: naive.fan_in.values().copied().max().unwrap_or(1),
        ..Budgets::NONE
    }
}

fn indices(n: usize) -> impl Strategy<Value = Vec<Index>> {
    prop::collection::vec(any::<Index>(), n)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn a_legal_mapping_is_counted_as_by_hand(case in cases(), parts in indices(41), cores in indices(40)) {
        let mesh = mesh();
        let parts = assigned(case.network.n_neurons(), &parts, &cores);
        let core_of = core_of(&case.network, &parts.0, &parts.1);
        let naive = naive(&case, &core_of, Budgets::NONE.memory);
        let chip = tight(&naive).chip();
        let checked = check(mapping(&case, &mesh, &parts), &chip).unwrap();
        let usage: BTreeMap<u32, Usage> = checked.cores().iter().map(|core| (core.core, core.usage)).collect();
        prop_assert_eq!(&usage, &naive.usage);
        let cores: Vec<u32> = core_of.values().copied().collect();
        prop_assert_eq!(checked.core_of_neuron(), &cores);
        for core in checked.cores() {
            let neurons: Vec<u32> = (0..cores.len() as u32).filter(|n| cores[*n as usize] == core.core).collect();
            prop_assert_eq!(checked.neurons_of_core(core.core), &neurons);
        }
        let traffic = checked.traffic();
        prop_assert_eq!(
            (traffic.packets, traffic.packets_in, traffic.km1, traffic.hops),
            (naive.packets, naive.packets_in, naive.km1, naive.hops)
        );
        prop_assert!((traffic.hop_energy - naive.hop_energy).abs() <= 1e-9 * naive.hop_energy);
    }

    /// One neuron of a legal mapping is moved, and the chip has no more room than before: the cores that are
    /// too full by hand are those that are told, with the same numbers.
    #[test]
    fn what_one_moved_neuron_breaks_is_told(
        case in cases(), parts in indices(41), cores in indices(40), who in any::<Index>(), to in any::<Index>(),
    ) {
        let mesh = mesh();
        let legal = assigned(case.network.n_neurons(), &parts, &cores);
        let memory = Budgets::NONE.memory;
        let budgets = tight(&naive(&case, &core_of(&case.network, &legal.0, &legal.1), memory));
        let chip = budgets.chip();
        let mut broken = legal.clone();
        let who = who.index(broken.0.part.len());
        broken.0.part[who] = to.index(broken.0.n_parts as usize) as u32;
        prop_assume!((0..broken.0.n_parts).all(|part| broken.0.part.contains(&part)));
        let naive = naive(&case, &core_of(&case.network, &broken.0, &broken.1), memory);
        let mut expected = Vec::new();
        for (core, usage) in &naive.usage {
            for budget in Budget::ALL {
                if usage.of(budget) > chip.limit(budget).unwrap() {
                    expected.push((*core, budget.to_string(), usage.of(budget)));
                }
            }
        }
        let faults = check(mapping(&case, &mesh, &broken), &chip).map_or_else(|error| error.faults, |_| Vec::new());
        let mut told = Vec::new();
        for fault in faults {
            let MappingFault::OverBudget { core, budget, used, limit, holds } = fault else { panic!("{fault}") };
            prop_assert_eq!(Some(limit), chip.limit(budget));
            prop_assert_eq!(
                holds.iter().map(|share| u64::from(share.neurons)).sum::<u64>(),
                naive.usage[&core].compartments
            );
            told.push((core, budget.to_string(), used));
        }
        told.sort();
        expected.sort();
        prop_assert_eq!(told, expected);
    }

    /// Every budget alone, one less than what is used, is told for the cores that use it.
    #[test]
    fn a_budget_that_is_one_too_small_is_told(
        case in cases(), parts in indices(41), cores in indices(40), which in 0_usize..6,
    ) {
        let mesh = mesh();
        let parts = assigned(case.network.n_neurons(), &parts, &cores);
        let naive = naive(&case, &core_of(&case.network, &parts.0, &parts.1), Budgets::NONE.memory);
        let mut budgets = tight(&naive);
        let budget = match which {
            0 => &mut budgets.compartments,
            1 => &mut budgets.input_axons,
            2 => &mut budgets.output_axons,
            3 => &mut budgets.synapse_words,
            4 => &mut budgets.neuron_configs,
            _ => &mut budgets.fan_in,
        };
        prop_assume!(*budget > 1);
        *budget -= 1;
        let limit = *budget;
        let chip = budgets.chip();
        let faults = check(mapping(&case, &mesh, &parts), &chip).unwrap_err().faults;
        if which == 5 {
            let told: usize = faults
                .iter()
                .map(|fault| match fault {
                    MappingFault::FanIn { others, .. } => 1 + others,
                    other => panic!("{other}"),
                })
                .sum();
            prop_assert_eq!(told, naive.fan_in.values().filter(|used| **used > limit).count());
        } else {
            let budget = Budget::ALL[which];
            prop_assert_eq!(faults.len(), naive.usage.values().filter(|usage| usage.of(budget) > limit).count());
        }
    }

    /// A list that is damaged in one place is told, and never makes the check panic.
    #[test]
    fn damaged_mappings_are_refused(
        case in cases(), parts in indices(41), cores in indices(40), at in any::<Index>(), what in 0_u8..9, with in any::<u32>(),
    ) {
        let mut case = case;
        let mesh = mesh();
        let mut parts = assigned(case.network.n_neurons(), &parts, &cores);
        let n_parts = parts.0.n_parts;
        match what {
            0 => { let i = at.index(parts.0.part.len()); parts.0.part[i] = n_parts.saturating_add(with); }
            1 => parts.0.n_parts = n_parts.saturating_add(with.max(1)),
            2 => { parts.0.part.pop(); }
            3 => { let i = at.index(parts.1.core.len()); parts.1.core[i] = mesh.n_cores().saturating_add(with); }
            4 => { prop_assume!(n_parts > 1); parts.1.core[0] = parts.1.core[n_parts as usize - 1]; }
            5 => { parts.1.core.push(0); }
            6 => { case.activity.0.pop(); }
            7 => { case.layout.config.pop(); }
            _ => case.layout.synapse_bits.push(8),
        }
        prop_assert!(check(mapping(&case, &mesh, &parts), &Budgets::NONE.chip()).is_err());
    }
}

/// Two populations and a source on two cores: what the tests below break.
fn sound() -> (Case, (Partition, Placement)) {
    let populations = vec![sources("input", 2), neurons("exc", 3), neurons("inh", 1)];
    let projections = vec![
        projection("input-exc", [0, 1], 2, &[(0, 0), (0, 1), (1, 2)], 1.0),
        projection("exc-inh", [1, 2], 3, &[(0, 0), (1, 0), (2, 0)], 3.0),
    ];
    let network = network(populations, projections);
    let layout = Layout { synapse_bits: vec![8, 13], config: vec![0, 0, 0, 1] };
    let activity = Activity(vec![5, 6, 7, 8, 9, 10]);
    let parts = (Partition { part: vec![0, 0, 1, 1], n_parts: 2 }, Placement { core: vec![4, 1] });
    (Case { network, layout, activity }, parts)
}

fn told(case: &Case, parts: &(Partition, Placement), budgets: &Budgets) -> String {
    check(mapping(case, &mesh(), parts), &budgets.chip()).unwrap_err().to_string()
}

#[test]
fn a_core_that_is_too_full_is_told_with_whom_it_holds() {
    let (case, parts) = sound();
    assert!(check(mapping(&case, &mesh(), &parts), &Budgets::NONE.chip()).is_ok());
    let budgets = Budgets { input_axons: 3, compartments: 1, ..Budgets::NONE };
    assert_eq!(
        told(&case, &parts, &budgets),
        "the mapping has 3 faults:
  - core 4 uses 2 compartments, and the limit is 1 (1 too many); it holds 2 neurons of \"exc\": move some of them to another core
  - core 1 uses 2 compartments, and the limit is 1 (1 too many); it holds 1 neuron of \"exc\", 1 neuron of \"inh\": move some of them to another core
  - core 1 uses 4 input axons, and the limit is 3 (1 too many); it holds 1 neuron of \"exc\", 1 neuron of \"inh\": put neurons together that share sources, or move some to another core"
    );
    let budgets = Budgets { fan_in: 2, ..Budgets::NONE };
    assert_eq!(
        told(&case, &parts, &budgets),
        "population \"inh\", neuron 0: 3 synapses end at it, and the limit is 2: leave out 1"
    );
}

#[test]
fn parts_and_cores_that_are_not_there_are_told_all_at_once() {
    let (case, mut parts) = sound();
    parts.0.part[3] = 2;
    parts.1.core = vec![48, 48];
    assert_eq!(
        told(&case, &parts, &Budgets::NONE),
        "the mapping has 4 faults:
  - population \"inh\", neuron 0 is in part 2, and there are 2 parts
  - part 0 is on core 48, and the board has 48: take a larger board
  - part 1 is on core 48, and the board has 48: take a larger board
  - parts 0 and 1 are both on core 48: move one"
    );
    let (case, mut parts) = sound();
    parts.0.part = vec![1; 4];
    assert_eq!(told(&case, &parts, &Budgets::NONE), "part 0 has no neuron: leave it out");
}

#[test]
fn widths_and_delays_that_the_chip_does_not_have_are_told() {
    // 7 bits are 2 of a weight, 4 of the index and one more; the second projection needs two for its delay.
    let (mut case, parts) = sound();
    case.layout.synapse_bits = vec![9, 7];
    assert_eq!(
        told(&case, &parts, &Budgets::NONE),
        "projection \"exc-inh\": its synapses have 7 bits, and the chip's have 2, 4, 7 for the weight, 4 for the index and 2 to 3 for the delay: quantize it for this chip"
    );
    case.layout.synapse_bits = vec![8, 15];
    assert!(told(&case, &parts, &Budgets::NONE).contains("its synapses have 15 bits"));
    let (mut case, parts) = sound();
    let mut changed: Network = case.network.into_network();
    changed.projections[1].synapses.delay = rheobase_net::Delays::Shared(9.0);
    case.network = validate(changed).unwrap();
    assert_eq!(
        told(&case, &parts, &Budgets::NONE),
        "projection \"exc-inh\": its longest delay is 9 ms, and the chip's is 8 ms (7 steps beyond the first): shorten it or take a longer step"
    );
    let mesh = mesh();
    let mapping = Mapping { dt: f64::NAN, ..mapping(&case, &mesh, &parts) };
    assert!(
        check(mapping, &Budgets::NONE.chip())
            .unwrap_err()
            .to_string()
            .contains("a step of the chip is NaN ms")
    );
}

#[test]
fn a_mesh_of_another_chip_and_currents_are_told() {
    let (mut case, parts) = sound();
    let mut changed: Network = case.network.into_network();
    changed.populations.push(rheobase_net::Population {
        name: "noise".to_owned(),
        size: 1,
        model: rheobase_net::Model::CurrentSource(rheobase_net::CurrentSource::External),
        positions: None,
    });
    case.network = validate(changed).unwrap();
    case.activity.0.push(0);
    let mesh = Mesh { cores_per_tile: 4, ..mesh() };
    assert_eq!(
        check(mapping(&case, &mesh, &parts), &Budgets::NONE.chip()).unwrap_err().to_string(),
        "the mapping has 2 faults:
  - population \"noise\" is a source of currents, which no core holds: leave it out
  - the mesh has other tiles or costs than small: make it by `Chip::mesh`"
    );
}

#[test]
fn sums_that_are_split_and_shifted_are_told() {
    let (case, parts) = sound();
    let (mesh, chip) = (mesh(), Budgets::NONE.chip());
    let checked = check(mapping(&case, &mesh, &parts), &chip).unwrap();
    assert_eq!(split_shifts(&checked, &[-1, 0]), []);
    let flags = split_shifts(&checked, &[0, -3]);
    assert_eq!(flags.len(), 1);
    assert_eq!(
        flags[0].to_string(),
        "projection \"exc-inh\" has the weight exponent -3, and core 1 gets its spikes from 2 cores, so the sums of 1 of its neurons are rounded down several times in place of once; quantize it with an exponent of at least 0, or keep its sources on one core"
    );
    let together = (Partition { part: vec![0, 0, 0, 1], n_parts: 2 }, parts.1);
    let checked = check(mapping(&case, &mesh, &together), &chip).unwrap();
    assert_eq!(split_shifts(&checked, &[-1, -3]), []);
}

#[test]
fn the_binding_budget_is_the_fullest_on_average() {
    let (case, parts) = sound();
    let chip = Budgets { compartments: 4, input_axons: 5, ..Budgets::NONE }.chip();
    let mesh = mesh();
    let checked = check(mapping(&case, &mesh, &parts), &chip).unwrap();
    // Core 4 has 2 of 4 compartments and 1 of 5 input axons, core 1 has 2 of 4 and 4 of 5: 4/8 and 5/10 tie,
    // and the first of the list is told.
    assert_eq!(checked.binding(), Budget::Compartments);
    let chip = Budgets { compartments: 5, input_axons: 5, ..Budgets::NONE }.chip();
    assert_eq!(check(mapping(&case, &mesh, &parts), &chip).unwrap().binding(), Budget::InputAxons);
    assert_eq!(checked.fullest(Budget::InputAxons), Some((1, 0.8)));
    assert_eq!(checked.fullest(Budget::OutputAxons), None);
}

/// The check is evidence only as long as it counts by itself: of the crate it takes types that hold data, and
/// of the chip its figures, but neither the graph nor the rule by which others lay synapses into words.
#[test]
fn the_check_shares_no_code_with_those_who_make_mappings() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/check");
    let mut taken = BTreeSet::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        for (at, _) in text.match_indices("crate::") {
            let path = text[at..].split(';').next().unwrap().replace("crate::", "");
            taken.extend(
                path.split([':', '{', '}', ',', ' ']).filter(|name| !name.is_empty()).map(str::to_owned),
            );
        }
        for shared in [".words(", ".tile(", ".bits(", ".limits("] {
            assert!(!text.contains(shared), "{shared}");
        }
    }
    let allowed = [
        "Activity",
        "Budget",
        "Chip",
        "Layout",
        "Mesh",
        "Partition",
        "Placement",
        "SynapseFormat",
        "Usage",
        "chip",
    ];
    assert_eq!(taken, allowed.map(str::to_owned).into());
}
