//! Exports hold the whole netlist, in the words of the tool that they are for.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::ops::ControlFlow;

use ndarray::Array1;
use ndarray_npy::NpzReader;
use rheobase_loihi_export::cost::Timing;
use rheobase_loihi_export::cost::architecture::Architecture;
use rheobase_loihi_export::emulate::{EmulateConfig, Input, Signal, emulate};
use rheobase_loihi_export::export::{graph, lava, sanafe};
use rheobase_loihi_export::netlist::{
    Block, Core, Group, InputAxons, Lif, Link, Model, Netlist, Origin, OutputAxons, Population, Sign,
    ValidNetlist, validate,
};
use rheobase_loihi_export::sanafe::{CoreOrder, NeuronId, RunConfig, map, simulate};
use serde_json::Value;

/// Two inputs, and three neurons of which the second is on a core of its own; all know each other. Currents do not
/// outlast their step.
fn netlist() -> Netlist {
    let lif = |vth: &[i32]| Lif {
        du: vec![4095; vth.len()],
        dv: vec![400; vth.len()],
        vth: vth.to_vec(),
        bias_mant: vec![70; vth.len()],
        bias_exp: vec![2; vth.len()],
        refractory: vec![1; vth.len()],
        u: vec![0; vth.len()],
        v: vec![0; vth.len()],
        v_min: -(1 << 23) + 1,
        v_max: (1 << 23) - 1,
    };
    let link =
        |exp: i8| Link::Weights { weight_exp: exp, weight_bits: 8, sign: Sign::Mixed, message_bits: 0 };
    let block = |projection: &str, axon: Vec<u32>, targets: &[&[u32]], weights: &[i32], exp: i8| Block {
        projection: projection.to_owned(),
        group: 0,
        port: 0,
        link: link(exp),
        axon,
        first: std::iter::once(0)
            .chain(targets.iter().scan(0, |n, row| {
                *n += row.len() as u32;
                Some(*n)
            }))
            .collect(),
        target: targets.concat(),
        weight: weights.to_vec(),
        delay: vec![0; weights.len()],
    };
    let cores = vec![
        Core {
            core: 0,
            groups: vec![Group { population: 1, neurons: vec![0, 2], model: Model::Lif(lif(&[100, 150])) }],
            input_axons: InputAxons { population: vec![0, 0, 1, 1, 1], node: vec![0, 1, 0, 1, 2] },
            blocks: vec![
                block("in", vec![0, 1], &[&[0, 1], &[1]], &[90, -20, 40], 1),
                block("rec", vec![2, 4], &[&[1], &[0]], &[33, -17], 0),
                block("rec", vec![3], &[&[0, 0, 1]], &[51, 3, -80], 0),
            ],
            output_axons: OutputAxons {
                first: vec![0, 2, 4],
                core: vec![0, 5, 0, 5],
                axon: vec![2, 0, 4, 1],
            },
        },
        Core {
            core: 5,
            groups: vec![Group { population: 1, neurons: vec![1], model: Model::Lif(lif(&[120])) }],
            input_axons: InputAxons { population: vec![1, 1], node: vec![0, 2] },
            blocks: vec![block("rec", vec![0, 1], &[&[0], &[0]], &[120, 7], 0)],
            output_axons: OutputAxons { first: vec![0, 1], core: vec![0], axon: vec![3] },
        },
    ];
    let source = OutputAxons { first: vec![0, 1, 2], core: vec![0, 0], axon: vec![0, 1] };
    Netlist {
        origin: Origin { made_from: "a \"test\"".to_owned(), dt: 0.5, ..Origin::default() },
        chip: None,
        populations: vec![
            Population { name: "in & out".to_owned(), size: 2, source: Some(source) },
            Population { name: "liquid".to_owned(), size: 3, source: None },
        ],
        cores,
    }
}

fn valid() -> ValidNetlist {
    validate(netlist()).unwrap()
}

fn input(netlist: &Netlist, steps: usize) -> Input {
    let rows: Vec<Vec<i32>> = (0..steps).map(|t| vec![i32::from(t % 3 == 0), i32::from(t % 7 < 2)]).collect();
    Input::new(netlist, &[("in & out", Signal::Table(&rows))]).unwrap()
}

#[test]
fn lava_gets_a_program_and_a_process_for_every_group_and_block() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("two cores.py");
    let written = lava::write(&script, &valid()).unwrap();
    assert_eq!((written.processes, written.connections, written.refractory), (3, 4, 0));
    let program = std::fs::read_to_string(&script).unwrap();
    assert!(program.contains("with_name(\"two cores.npz\")"));
    let mut data = NpzReader::new(std::fs::File::open(&written.data).unwrap()).unwrap();
    let plan: Array1<u8> = data.by_name("plan").unwrap();
    let plan: Value = serde_json::from_slice(plan.as_slice().unwrap()).unwrap();
    let names: Vec<&str> =
        plan["processes"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["source_in___out", "core0_liquid", "core5_liquid"]);
    assert_eq!(plan["processes"][1]["nodes"], serde_json::json!([2, 4]));
    // Two synapses of one pair of neurons are two columns of a matrix.
    let twice = &plan["connections"][2];
    assert_eq!((&twice["from"], &twice["to"]), (&"core5_liquid".into(), &"core0_liquid".into()));
    assert_eq!((&twice["repeats"], &twice["shape"]), (&2.into(), &serde_json::json!([2, 1])));
    assert_eq!((&twice["sign_mode"], &twice["num_weight_bits"]), (&"mixed".into(), &8.into()));
    let columns: Array1<u32> =
        data.by_name(&format!("connections/{}/pre", twice["name"].as_str().unwrap())).unwrap();
    assert_eq!(columns.to_vec(), [0, 1, 0]);
    let thresholds: Array1<i32> = data.by_name("processes/core0_liquid/vth").unwrap();
    assert_eq!(thresholds.to_vec(), [100, 150]);
}

#[test]
fn what_lava_cannot_run_is_told_by_core_and_group() {
    let refused = |change: fn(&mut Netlist)| {
        let mut netlist = netlist();
        change(&mut netlist);
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("net.py");
        let error = lava::write(&script, &validate(netlist).unwrap()).unwrap_err().to_string();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        error
    };
    let scaled = refused(|netlist| netlist.cores[1].blocks[0].link = Link::Scaled);
    assert!(
        scaled.starts_with("Lava cannot run this netlist: core 5, block 0 has weights that are scaled"),
        "{scaled}"
    );
    let range = refused(|netlist| {
        let Model::Lif(lif) = &mut netlist.cores[0].groups[0].model else { panic!("it is LIF") };
        lif.v_min = 0;
        netlist.cores[0].blocks[1].link = Link::Float { scale: 2.0 };
    });
    assert!(range.contains("- core 0, group 0 has potentials in another range than Lava's"), "{range}");
    for name in ["net.npz", "lava.py", "a\"b.py"] {
        let told = lava::write(std::path::Path::new(name), &valid()).unwrap_err().to_string();
        assert!(told.contains("give one that ends with .py"), "{told}");
    }
}

#[test]
fn graphs_have_all_cores_axons_neurons_and_synapses() {
    let cores = graph::cores(&valid());
    let labels: Vec<&str> = cores.nodes.iter().map(|node| node.label.as_str()).collect();
    assert_eq!(labels, ["in & out", "core0", "core5"]);
    let edges: Vec<_> = cores.edges.iter().map(|edge| (edge.from, edge.to, edge.values.clone())).collect();
    let values = |axons: i64, synapses: i64| {
        vec![("axons", graph::Value::Integer(axons)), ("synapses", graph::Value::Integer(synapses))]
    };
    assert_eq!(
        edges,
        [(0, 1, values(2, 3)), (1, 1, values(2, 2)), (1, 2, values(2, 2)), (2, 1, values(1, 3))]
    );
    let xml = cores.to_graphml();
    assert!(xml.contains("<data key=\"label\">in &amp; out</data>"), "{xml}");
    let neurons = graph::neurons(&valid()).unwrap();
    assert_eq!((neurons.nodes.len(), neurons.edges.len()), (5, 10));
    assert_eq!(neurons.nodes[3].label, "liquid:1");
    assert!(neurons.to_dot().contains("  n0 -> n2 [tooltip=\"projection: in, weight: 180, delay: 0\"];"));
}

/// SANA-FE, as `sanafe` runs it, gives the spikes of the chip where nothing is lost.
#[test]
fn sana_fe_gives_the_spikes_of_the_chip() {
    let netlist = valid();
    let steps = 200;
    let input = input(&netlist, steps);
    let chip = Architecture::loihi();
    let (network, lost) = sanafe::network(&netlist, &input, steps as u32, &chip).unwrap();
    assert_eq!(lost, []);
    let program = map(&network, &chip, &CoreOrder::ascending()).unwrap();
    let config = RunConfig {
        steps: steps as u64,
        timing: Timing::Simple,
        spikes: true,
        potentials: false,
        messages: false,
    };
    let mut theirs: Vec<(u64, NeuronId)> = simulate(&program, &config).spikes;
    theirs.retain(|(_, neuron)| neuron.0 >= 2);
    theirs.sort_unstable();
    let config = EmulateConfig { steps: steps as u32, ..EmulateConfig::default() };
    let run = emulate(&netlist, &input, &config, &mut |_| ControlFlow::Continue(())).unwrap();
    let ours: Vec<(u64, NeuronId)> = run
        .recording
        .spikes
        .iter()
        .filter(|(_, node)| *node >= 2)
        .map(|(t, node)| ((t / 0.5).round() as u64, NeuronId(node)))
        .collect();
    assert!(ours.len() > 50, "{} spikes", ours.len());
    assert_eq!(theirs, ours);
}

#[test]
fn what_sana_fe_does_otherwise_is_listed_and_asked_for() {
    let mut changed = netlist();
    changed.cores[0].blocks[0].link =
        Link::Weights { weight_exp: -3, weight_bits: 8, sign: Sign::Mixed, message_bits: 0 };
    changed.cores[1].blocks[0].delay = vec![0, 4];
    let Model::Lif(lif) = &mut changed.cores[0].groups[0].model else { panic!("it is LIF") };
    (lif.du[1], lif.refractory[1]) = (1000, 3);
    let changed = validate(changed).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("net.yaml");
    let input = input(&changed, 10);
    let error = sanafe::write(&path, &changed, &input, 10, false).unwrap_err().to_string();
    for part in [
        "the cut of decaying currents to whole numbers: SANA-FE's are fractions (core 0, group 0, entry 1)",
        "currents of refractory neurons, which take nothing in (core 0, group 0, entry 1)",
        "the rounding of sums by an exponent below 0: SANA-FE adds fractions (core 0, block 0, entry 0, and 1 more)",
        "delays: spikes arrive in the next step (core 5, block 0, entry 1)",
    ] {
        assert!(error.contains(part), "{part}: {error}");
    }
    assert!(!path.exists());
    let written = sanafe::write(&path, &changed, &input, 10, true).unwrap();
    assert_eq!((written.lost.len(), written.architecture), (4, folder.path().join("net.arch.yaml")));
}
