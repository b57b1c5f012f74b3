//! Liquids over cores and in files.

use rand::RngExt;
use rheobase_loihi_export::ltc::{Every, Timing};
use rheobase_loihi_export::netlist::{Link, LtcUnits, Model, NetlistFault, read, split, validate, write};
use rheobase_ltc::cell::ltc::{LtcConfig, Unfold};
use rheobase_ltc::cell::{Cfc, Ltc, cfc::CfcConfig};
use rheobase_ltc::model::{AnyCell, Model as Liquid, Start};
use rheobase_mapping::Partition;
use rheobase_mapping::Placement;
use rheobase_mapping::chip::{Budget, Chip};
use rheobase_mapping::liquid::{
    LiquidConfig, LiquidFault, LiquidMappingFault, LiquidSynapse, SourceNode, check_liquid, liquid_graph,
    liquid_limits, quantize_liquid,
};

use crate::liquids::{inputs, liquid, netlist, netlist_of, quantized, random, run, run_on};

#[test]
fn cores_change_nothing() {
    for seed in 0..25 {
        let liquid = liquid(seed);
        let quantized = quantized(&liquid, LiquidConfig::default());
        let n = quantized.n_units() + quantized.n_answers();
        let xs = inputs(&liquid, 10, seed);
        let one = run(
            &quantized,
            &netlist_of(&quantized, &Partition { part: vec![0; n as usize], n_parts: 1 }),
            &xs,
        );
        for n_parts in 2..=4_u32.min(n) {
            let mut rng = random(seed * 10 + u64::from(n_parts));
            let part = (0..n).map(|i| if i < n_parts { i } else { rng.random_range(0..n_parts) }).collect();
            let netlist = netlist_of(&quantized, &Partition { part, n_parts });
            assert_eq!(netlist.cores.len(), n_parts as usize);
            let several = run(&quantized, &netlist, &xs);
            assert_eq!(
                (several.v, several.sums),
                (one.v.clone(), one.sums.clone()),
                "seed {seed}, {n_parts} cores"
            );
            assert_eq!((several.work, several.inputs), (one.work, one.inputs));
            let threads = run_on(&quantized, &netlist, &xs, 8);
            assert_eq!((threads.v, threads.sums, threads.work), (one.v.clone(), one.sums.clone(), one.work));
        }
    }
}

#[test]
fn a_netlist_file_keeps_every_number() {
    let folder = tempfile::tempdir().unwrap();
    for seed in 0..6 {
        let quantized = quantized(&liquid(seed), LiquidConfig::default());
        let netlist = netlist(&quantized);
        let path = folder.path().join(format!("{seed}.h5"));
        write(&path, &netlist).unwrap();
        assert_eq!(read(&path).unwrap(), netlist);
    }
}

#[test]
fn a_checked_mapping_and_its_netlist_count_the_same() {
    for seed in 0..12 {
        let quantized = quantized(&liquid(seed), LiquidConfig::default());
        let chip = Chip::named("loihi2").unwrap();
        let n = quantized.n_units() + quantized.n_answers();
        let part: Vec<u32> = (0..n).map(|i| i % 2).collect();
        let parts = Partition { part, n_parts: 2 };
        let mesh = chip.mesh(None, 2).unwrap();
        let mapping =
            check_liquid(&quantized, &chip, &mesh, &parts, &Placement { core: vec![5, 3] }).unwrap();
        let netlist = netlist_of(&quantized, &parts);
        let mut counted: Vec<[u64; 3]> = mapping
            .usage()
            .values()
            .map(|usage| {
                [Budget::Compartments, Budget::InputAxons, Budget::OutputAxons].map(|of| usage.of(of))
            })
            .collect();
        let mut there: Vec<[u64; 3]> = netlist
            .cores
            .iter()
            .map(|core| {
                [core.n_compartments(), core.input_axons.len(), core.output_axons.core.len()]
                    .map(|n| n as u64)
            })
            .collect();
        counted.sort_unstable();
        there.sort_unstable();
        assert_eq!(counted, there);
        // What the partitioner sees of memory is never less than what is counted.
        let (graph, limits) = (liquid_graph(&quantized, &chip, None), liquid_limits(&quantized, &chip));
        let table = chip.limits().synapse_words - limits.synapse_words;
        let all: u64 = (0..graph.n_sources())
            .flat_map(|source| [0, 1].map(|part| (source, part)))
            .map(|(source, part)| {
                let n = graph
                    .targets(source)
                    .iter()
                    .filter(|target| parts.part[**target as usize] == part)
                    .count();
                limits.memory.words(n as u32, u32::from(graph.synapse_bits[source as usize]))
            })
            .sum();
        let words: u64 = mapping.usage().values().map(|usage| usage.synapse_words).sum();
        assert!(words <= all + 2 * table && words + table >= all, "{words} {all} {table}");
    }
}

#[test]
fn a_netlist_that_is_split_does_the_same() {
    for seed in 0..8 {
        let liquid = liquid(seed);
        let quantized = quantized(&liquid, LiquidConfig::default());
        let netlist = netlist(&quantized);
        let xs = inputs(&liquid, 10, seed);
        let whole = run(&quantized, &netlist, &xs);
        let halves = validate(split(&netlist, |population, node| population + 2 * (node % 3))).unwrap();
        let several = run(&quantized, &halves, &xs);
        assert_eq!((several.v, several.sums, several.work), (whole.v, whole.sums, whole.work), "seed {seed}");
    }
}

#[test]
fn every_value_in_every_step_is_counted_by_synapses_and_axons() {
    for seed in 0..10 {
        let quantized = quantized(&liquid(seed), LiquidConfig::default());
        let netlist = netlist(&quantized);
        let unfolds = quantized.format.unfolds;
        let every = Every::of(&netlist, Timing { unfolds }, 9);
        let heard = |unit: u32| {
            let source = SourceNode::Unit(unit);
            let by_units =
                quantized.units.iter().flat_map(|unit| &unit.synapses).any(|of| of.source == source);
            let n = quantized.n_answers() as usize;
            let weights = quantized.head.weights.chunks_exact(n).nth(unit as usize);
            by_units || weights.is_some_and(|weights| weights.iter().any(|weight| *weight != 0))
        };
        let n_heard = (0..quantized.n_units()).filter(|unit| heard(*unit)).count() as u64;
        let unfolds = 9 * u64::from(unfolds);
        let sensory = |of: &&LiquidSynapse| matches!(of.source, SourceNode::Input(_));
        let n_sensory = quantized.units.iter().flat_map(|unit| &unit.synapses).filter(sensory).count() as u64;
        let n_weights = quantized.head.weights.iter().filter(|weight| **weight != 0).count() as u64;
        assert_eq!(every.messages, unfolds * n_heard);
        assert_eq!(every.inputs, 9 * u64::from(quantized.n_inputs));
        assert_eq!(every.updates, unfolds * u64::from(quantized.n_units()));
        assert_eq!(every.synapses, unfolds * (quantized.n_synapses() as u64 - n_sensory) + 9 * n_sensory);
        assert_eq!(every.head, unfolds * n_weights);
    }
}

#[test]
fn what_cannot_be_said_is_told_at_once() {
    let mut of = liquid(2);
    let range = of.model.layout().range("erev").unwrap();
    of.parameters[range.start + 1] = 3000.0;
    let config = LiquidConfig::default();
    let error = quantize_liquid(&of, &config).unwrap_err();
    assert!(matches!(&error.faults[..], [LiquidFault::Point { name: "erev", index: 1, .. }]), "{error}");
    assert!(error.to_string().contains("lower state_bits"), "{error}");

    let range = of.model.layout().range("gleak").unwrap();
    of.parameters[range.start] = -1.0;
    of.parameters[range.start + 1] = f64::NAN;
    let bad = LiquidConfig { table_bits: 13, threshold: f64::NAN, ..config };
    let error = quantize_liquid(&of, &bad).unwrap_err();
    assert_eq!(error.faults.len(), 3, "{error}");
    assert!(error.to_string().contains("gleak[0] is -1"), "{error}");

    let coarse = LiquidConfig { slope_bits: 4, state_bits: 4, table_bits: 12, ..config };
    let error = quantize_liquid(&liquid(2), &coarse).unwrap_err();
    assert!(matches!(&error.faults[..], [LiquidFault::Coarse { table_bits: 12, .. }]), "{error}");

    let AnyCell::Ltc(cell) = liquid(2).model.cell().clone() else { panic!("it is an LTC") };
    let exponential = LtcConfig { unfold: Unfold::Exponential, ..cell.config().clone() };
    let cells = [
        AnyCell::Ltc(Ltc::new(cell.wiring().clone(), exponential).unwrap()),
        AnyCell::Cfc(Cfc::new(cell.wiring().n_inputs(), 4, CfcConfig::default()).unwrap()),
    ];
    for cell in cells {
        let model = Liquid::new(cell, Some(2)).unwrap();
        let parameters = model.start(Start::Library, &mut random(1));
        let other = rheobase_net::LiquidModel { model, parameters, ..liquid(2) };
        let error = quantize_liquid(&other, &config).unwrap_err();
        assert!(
            matches!(&error.faults[..], [LiquidFault::Unfold | LiquidFault::Cell { kind: "cfc" }]),
            "{error}"
        );
    }
}

#[test]
fn a_mapping_beyond_a_budget_is_refused() {
    let quantized = quantized(&liquid(2), LiquidConfig::default());
    let text = Chip::text("loihi2").unwrap();
    let line = |name: &str| text.lines().find(|line| line.starts_with(name)).unwrap();
    let small = text.replacen(line("compartments"), "compartments = 4", 1);
    let small = small.replacen(line("synapse_words"), "synapse_words = 3000", 1);
    let chip = Chip::from_toml(&small).unwrap();
    let n = (quantized.n_units() + quantized.n_answers()) as usize;
    let mesh = chip.mesh(None, 2).unwrap();
    let parts = Partition { part: vec![0; n], n_parts: 1 };
    let check = |core: Vec<u32>| check_liquid(&quantized, &chip, &mesh, &parts, &Placement { core });
    let faults = check(vec![9]).unwrap_err().faults;
    let budgets: Vec<Budget> = faults
        .iter()
        .map(|fault| match fault {
            LiquidMappingFault::OverBudget { core: 9, budget, .. } => *budget,
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(budgets, [Budget::Compartments, Budget::SynapseWords]);
    let faults = check(vec![mesh.n_cores()]).unwrap_err().faults;
    assert!(matches!(faults[..], [LiquidMappingFault::Core { part: 0, .. }]));
    let faults = check(vec![]).unwrap_err().faults;
    assert!(matches!(faults[0], LiquidMappingFault::Part { neuron: 0, part: 0, n_parts: 0 }));
}

#[test]
fn netlists_whose_programs_could_overflow_are_refused() {
    type Change = fn(&mut LtcUnits);
    let sound = (*netlist(&quantized(&liquid(2), LiquidConfig::default()))).clone();
    let faults_of = |change: Change| {
        let mut netlist = sound.clone();
        let units = netlist.cores[0].groups.iter_mut().find_map(|group| match &mut group.model {
            Model::Ltc(units) => Some(units),
            _ => None,
        });
        change(units.unwrap());
        validate(netlist).unwrap_err().to_string()
    };
    let changes: [(&str, Change); 12] = [
        ("`cm` has 0 at 1", |units| units.cm[1] = 0),
        ("`w` has -1 at 0", |units| units.w[0] = -1),
        ("`erev` has 2147483647 at 0", |units| units.erev[0] = i32::MAX),
        ("sum to", |units| units.w.fill(i32::MAX)),
        ("`mu` has", |units| _ = units.mu.pop()),
        ("`table` has", |units| _ = units.table.pop()),
        ("`table` has", |units| units.table.clear()),
        ("`z_bits` has 2", |units| units.z_bits = 2),
        ("`sigmoid_bits` has 200", |units| units.sigmoid_bits = 200),
        ("`slope_shift` has 63", |units| units.slope_shift = 63),
        ("`threshold` has 0", |units| units.threshold = 0),
        ("`start` has 0", |units| units.start = 0),
    ];
    for (told, change) in changes {
        let faults = faults_of(change);
        assert!(faults.contains(told), "{told}: {faults}");
    }
    let mut netlist = sound.clone();
    netlist.cores[0].blocks[0].link = Link::Scaled;
    let faults = validate(netlist).unwrap_err().faults;
    assert!(matches!(faults[0], NetlistFault::Link { link: "scaled", model: "ltc", .. }), "{faults:?}");
    let mut netlist = sound;
    netlist.cores[0].blocks[0].weight[0] = 1 << 20;
    netlist.cores[0].blocks[0].delay[0] = 1;
    let told = validate(netlist).unwrap_err().to_string();
    assert!(told.contains("`weight` has 1048576 at 0") && told.contains("`delay` has 1 at 0"), "{told}");
}
