//! Groups with liquid time constants: made from a description, checked, kept in files, told apart.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};
use rheobase_ltc::cell::Activation;
use rheobase_ltc::cell::cfc::{CfcConfig, Mode};
use rheobase_ltc::cell::ltc::{Constraint, LtcConfig, Map, Unfold};
use rheobase_ltc::wiring::{self, AutoNcp, Ncp};
use rheobase_net::generate::{NetworkSpec, generate};
use rheobase_net::{
    Fault, Fingerprint, LiquidCell, LtcOutput, LtcPopulation, Model, Network, Param, Plasticity, Tsodyks,
    file, validate,
};

const SIDE_BY_SIDE: &str = r#"
[[populations]]
name = "input"
size = 3
model.poisson = { rate_hz = 50.0 }

[[populations]]
name = "group"
[populations.model.ltc]
wiring = { kind = "auto_ncp", units = 20, n_outputs = 2, sparsity = 0.5, seed = 7 }
inputs = ["left", "right", "drive"]
config = { unfolds = 4, unfold = "exponential", constraint = "softplus" }
interval = 2.5
time_scale = 0.1
tau_trace = [5.0, 10.0, 20.0]
v_init = 0.25
output.sigma_delta = { threshold = 0.05 }

[[populations]]
name = "neurons"
size = 4

[[projections]]
source = "input"
target = "group"
rule = "one_to_one"
weight = { uniform = { low = 0.1, high = 0.3 } }
delay = 0.5

[[projections]]
source = "group"
target = "neurons"
rule = "all_to_all"
weight = 100.0

[[projections]]
source = "group"
target = "group"
rule.fixed_in_degree.k = 1
weight = 0.5
"#;

fn spec(text: &str) -> NetworkSpec {
    text.parse().unwrap()
}

fn network() -> Network {
    generate(&spec(SIDE_BY_SIDE), 3).unwrap()
}

fn group(network: &mut Network) -> &mut LtcPopulation {
    match &mut network.populations[1].model {
        Model::Ltc(ltc) => ltc,
        model => panic!("{model:?}"),
    }
}

#[test]
fn a_group_is_made_from_its_description() {
    let mut network = validate(network()).unwrap().into_network();
    assert_eq!(network.populations[1].size, 20);
    let ends = |network: &Network, p: usize| {
        let synapses = &network.projections[p].synapses;
        (synapses.row_start.clone(), synapses.target.clone())
    };
    assert_eq!(ends(&network, 0), (vec![0, 1, 2, 3], vec![0, 1, 2]));
    // Only the two outputs have synapses, and these end at every neuron.
    let (rows, targets) = ends(&network, 1);
    assert_eq!((rows.len(), &rows[..4], targets), (21, &[0, 4, 8, 8][..], vec![0, 1, 2, 3, 0, 1, 2, 3]));
    let (rows, mut targets) = ends(&network, 2);
    targets.sort_unstable();
    assert_eq!((rows.len(), rows[20], targets), (21, 3, vec![0, 1, 2]));

    let ltc = group(&mut network);
    let auto = AutoNcp { units: 20, n_outputs: 2, sparsity: 0.5, seed: 7 };
    let config = LtcConfig {
        unfolds: 4,
        unfold: Unfold::Exponential,
        constraint: Constraint::Softplus,
        ..LtcConfig::default()
    };
    assert_eq!(ltc.cell, LiquidCell::Ltc { wiring: wiring::auto_ncp(3, &auto).unwrap(), config });
    assert_eq!(ltc.inputs, ["left", "right", "drive"]);
    let capacitances = ltc.cell.build().unwrap().layout().range("cm").unwrap();
    let capacitances = &ltc.parameters[capacitances];
    assert!(capacitances.iter().all(|cm| (0.4..0.6).contains(cm)) && capacitances[0] != capacitances[1]);
}

/// The wiring that the description asks for.
#[test]
fn every_architecture_can_be_asked_for() {
    let wiring = |text: &str| {
        let text = format!(
            "[[populations]]\nname = 'g'\nmodel.ltc = {{ inputs = 4, wiring = {{ kind = {text} }} }}"
        );
        let mut network = validate(generate(&spec(&text), 1).unwrap()).unwrap().into_network();
        let Model::Ltc(LtcPopulation { cell, inputs, .. }) = network.populations.remove(0).model else {
            panic!("a group")
        };
        assert_eq!(inputs[3], "input 3");
        let LiquidCell::Ltc { wiring, .. } = cell else { panic!("an LTC") };
        wiring
    };
    let ncp = Ncp {
        inter: 12,
        command: 6,
        motor: 1,
        sensory_fanout: 4,
        inter_fanout: 4,
        recurrent_command_synapses: 4,
        motor_fanin: 6,
        seed: 22_222,
    };
    let of_ncp = "'ncp', inter = 12, command = 6, motor = 1, sensory_fanout = 4, inter_fanout = 4, \
                  recurrent_command_synapses = 4, motor_fanin = 6, seed = 22222";
    assert_eq!(wiring(of_ncp), wiring::ncp(4, &ncp).unwrap());
    let full = "'full', units = 5, n_outputs = 2";
    assert_eq!(wiring(full), wiring::fully_connected(4, 5, 2, true, 1111).unwrap());
    let random = "'random', units = 6, sparsity = 0.5, seed = 3";
    assert_eq!(wiring(random), wiring::random(4, 6, 6, 0.5, 3).unwrap());
}

#[test]
fn a_description_that_cannot_be_made_says_why() {
    let fails = |from: &str, to: &str, words: &[&str]| {
        assert!(SIDE_BY_SIDE.contains(from), "{from}");
        let error = generate(&spec(&SIDE_BY_SIDE.replacen(from, to, 1)), 3).unwrap_err();
        let text = error.to_string();
        assert_eq!(error.faults.len(), 1, "{text}");
        words.iter().for_each(|word| assert!(text.contains(word), "{word} is not in {text}"));
    };
    fails("n_outputs = 2", "n_outputs = 40", &["\"group\"", "wiring", "outputs"]);
    fails("unfolds = 4", "unfolds = 0", &["\"group\"", "unfolds", "above 0"]);
    fails("name = \"group\"\n", "name = \"group\"\nsize = 19\n", &["19 nodes", "20 units"]);
    fails(
        "rule = \"all_to_all\"",
        "rule.distance = { c = 0.2, lambda = 2.0 }",
        &["group-neurons", "another rule"],
    );
}

/// The messages of the faults after a change.
fn faults(change: impl FnOnce(&mut Network)) -> Vec<String> {
    let mut network = network();
    change(&mut network);
    validate(network).unwrap_err().faults.iter().map(Fault::to_string).collect()
}

/// The only fault after a change, which has to say all of `parts`.
fn fault(parts: &[&str], change: impl FnOnce(&mut Network)) {
    let faults = faults(change);
    assert_eq!(faults.len(), 1, "{faults:?}");
    parts.iter().for_each(|part| assert!(faults[0].contains(part), "{part:?} is not in {:?}", faults[0]));
}

#[test]
fn every_fault_is_found() {
    fault(&["\"group\"", "2 names of inputs", "3"], |n| _ = group(n).inputs.pop());
    fault(&["\"group\"", "\"left\"", "used twice"], |n| group(n).inputs[1] = "left".to_owned());
    fault(&["2 values of tau_trace", "3"], |n| group(n).tau_trace = Param::PerNode(vec![1.0; 2]));
    fault(&["21 values of v_init", "20"], |n| group(n).v_init = Param::PerNode(vec![0.0; 21]));
    fault(&["node 1", "tau_trace is 0 ms", "1 more"], |n| {
        group(n).tau_trace = Param::PerNode(vec![1.0, 0.0, -1.0]);
    });
    fault(&["interval is 0 ms", "above 0"], |n| group(n).interval = 0.0);
    fault(&["time_scale is inf"], |n| group(n).time_scale = f64::INFINITY);
    fault(&["interval · time_scale is inf"], |n| {
        (group(n).interval, group(n).time_scale) = (1e300, 1e300);
    });
    fault(&["threshold is -1"], |n| group(n).output = LtcOutput::SigmaDelta { threshold: -1.0 });
    fault(&["hz_per_unit is 0 Hz"], |n| group(n).output = LtcOutput::Rate { hz_per_unit: 0.0 });
    fault(&["parameters", "must have"], |n| _ = group(n).parameters.pop());
    fault(&["value 1 of gleak is NaN", "finite"], |n| group(n).parameters[1] = f64::NAN);
    fault(&["value 0 of gleak is -1", "at least 0", "2 more"], |n| {
        let LiquidCell::Ltc { config, .. } = &mut group(n).cell else { panic!("an LTC") };
        config.constraint = Constraint::Clipped;
        group(n).parameters[..3].fill(-1.0);
    });
    fault(&["unfolds is 0"], |n| {
        let LiquidCell::Ltc { config, .. } = &mut group(n).cell else { panic!("an LTC") };
        config.unfolds = 0;
    });
    fault(&["unfolds is 1000000", "at most"], |n| {
        let LiquidCell::Ltc { config, .. } = &mut group(n).cell else { panic!("an LTC") };
        config.unfolds = 1_000_000;
    });
    fault(&["21 units", "20"], |n| {
        n.populations[1].size = 21;
        n.projections.drain(1..);
    });
    fault(&["synapse 1", "its target is input 3", "\"group\" has 3 (0 to 2)"], |n| {
        n.projections[0].synapses.target[1] = 3;
    });
    fault(&["unit 2", "the units 0 to 1", "1 more"], |n| {
        let rows = &mut n.projections[1].synapses.row_start;
        (rows[2], rows[3]) = (6, 7);
    });
    for projection in [0, 1] {
        fault(&["plastic", "\"group\""], |n| {
            n.projections[projection].plasticity = Some(Plasticity::Tsodyks(Tsodyks::default()));
        });
    }
    fault(&["delay is 0 ms", "above 0"], |n| {
        n.projections[1].synapses.delay = rheobase_net::Delays::Shared(0.0);
    });
}

/// Numbers that a conversion through text or a narrower type would change.
const HARD: [f64; 4] = [0.1, f64::MIN_POSITIVE / 8.0, 1.0 / 3.0, -70.000_000_000_000_01];

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    let outputs = [
        LtcOutput::Current,
        LtcOutput::SigmaDelta { threshold: HARD[1] },
        LtcOutput::Crossing { threshold: HARD[3] },
        LtcOutput::Rate { hz_per_unit: HARD[2] },
    ];
    let maps = [Map::Affine, Map::Linear, Map::None, Map::Affine];
    for (k, (output, map)) in outputs.into_iter().zip(maps).enumerate() {
        let mut network = network();
        let ltc = group(&mut network);
        let LiquidCell::Ltc { config, .. } = &mut ltc.cell else { panic!("an LTC") };
        (config.input_map, config.output_map, config.epsilon) = (map, maps[3 - k], HARD[2] * 1e-8);
        let n = ltc.cell.build().unwrap().layout().n_parameters();
        ltc.parameters = (0..n).map(|i| HARD[i % 4] * (i + 1) as f64).collect();
        (ltc.interval, ltc.time_scale, ltc.output) = (HARD[0], HARD[2], output);
        ltc.inputs[1] = "größe / µV".to_owned();
        if k > 1 {
            (ltc.tau_trace, ltc.v_init) = (HARD[0].into(), Param::PerNode(vec![HARD[3]; 20]));
        }
        file::write_network(&path, &network).unwrap();
        assert_eq!(file::read_network(&path).unwrap(), network);
    }
}

/// Groups of CfC cells, in the place of the group of the description.
fn cfc_groups() -> [LiquidCell; 2] {
    let auto = AutoNcp { units: 20, n_outputs: 2, sparsity: 0.5, seed: 7 };
    let config = CfcConfig { backbone_layers: 2, backbone_units: 5, dropout: 0.25, ..CfcConfig::default() };
    let wiring = wiring::auto_ncp(3, &auto).unwrap();
    [LiquidCell::Cfc { n_inputs: 3, units: 20, config }, LiquidCell::WiredCfc { wiring, mode: Mode::NoGate }]
}

fn with_cell(cell: LiquidCell) -> Network {
    let mut network = network();
    let n = cell.build().unwrap().layout().n_parameters();
    let ltc = group(&mut network);
    (ltc.cell, ltc.parameters) = (cell, (0..n).map(|i| HARD[i % 4] * (i + 1) as f64).collect());
    network
}

#[test]
fn closed_forms_are_groups() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.h5");
    let mut fingerprints = vec![Fingerprint::of(&validate(network()).unwrap())];
    for (cell, n_outputs) in cfc_groups().into_iter().zip([20, 2]) {
        assert_eq!((cell.n_units(), cell.n_inputs(), cell.n_outputs()), (20, 3, n_outputs));
        assert!(cell.n_synapses() <= 20 * 23, "{}", cell.n_synapses());
        let mut made = with_cell(cell);
        file::write_network(&path, &made).unwrap();
        assert_eq!(file::read_network(&path).unwrap(), made);
        fingerprints.push(Fingerprint::of(&validate(made.clone()).unwrap()));
        match &mut group(&mut made).cell {
            LiquidCell::Cfc { config, .. } => config.activation = Activation::Silu,
            LiquidCell::WiredCfc { mode, .. } => *mode = Mode::Default,
            LiquidCell::Ltc { .. } => panic!("a CfC"),
        }
        fingerprints.push(Fingerprint::of(&validate(made.clone()).unwrap()));
        group(&mut made).parameters[4] = f64::INFINITY;
        let faults = validate(made).unwrap_err().to_string();
        assert!(faults.contains("is inf, and must be finite"), "{faults}");
    }
    for (i, a) in fingerprints.iter().enumerate() {
        fingerprints[..i].iter().for_each(|b| assert_ne!(a, b));
    }
}

/// A file with one group, some of whose parts are left to the caller.
fn made_file(config: &str, layer_size: &[u32], kind: &[u8], output: &str, gleak: usize) -> Vec<u8> {
    let mut file = FileBuilder::new();
    let text = |text: &str| AttrValue::VarLenString(text.to_owned());
    file.set_attr("format", text("rheobase-network"));
    file.set_attr("version", AttrValue::I64(2));
    let mut populations = file.create_group("populations");
    let mut group = populations.create_group("g");
    group.set_attr("idx", AttrValue::U32(0));
    group.set_attr("size", AttrValue::U32(2));
    for (name, value) in [("model", "ltc"), ("cell", "ltc"), ("config", config), ("output", output)] {
        group.set_attr(name, text(value));
    }
    group.set_attr("interval_ms", AttrValue::F64(1.0));
    group.set_attr("time_scale", AttrValue::F64(1.0));
    group.create_dataset("input").with_vlen_strings(&["x"]);
    for name in ["tau_trace", "v_init"] {
        group.create_dataset(name).with_f64_data(&[1.0]).with_shape(&[]);
    }
    let list = |group: &mut GroupBuilder, name: &str, values: &[u32]| {
        group.create_dataset(name).with_u32_data(values);
    };
    let mut wiring = group.create_group("wiring");
    wiring.set_attr("inputs", AttrValue::U32(1));
    wiring.set_attr("outputs", AttrValue::U32(1));
    wiring.create_dataset("kind").with_u8_data(kind);
    list(&mut wiring, "layer_size", layer_size);
    list(&mut wiring, "layer_unit", &[0, 1]);
    for (prefix, source, target) in [("", 1, 0), ("sensory_", 0, 1)] {
        list(&mut wiring, &format!("{prefix}source"), &[source]);
        list(&mut wiring, &format!("{prefix}target"), &[target]);
        wiring.create_dataset(&format!("{prefix}polarity")).with_i8_data(&[-1]);
    }
    group.add_group(wiring.finish());
    let mut parameters = group.create_group("parameters");
    let blocks = ["gleak", "vleak", "cm", "w", "sigma", "mu", "erev"];
    let sensory = ["sensory_w", "sensory_sigma", "sensory_mu", "sensory_erev"];
    for name in blocks.into_iter().chain(sensory) {
        let n = match name {
            "gleak" => gleak,
            "vleak" | "cm" => 2,
            _ => 1,
        };
        parameters.create_dataset(name).with_f64_data(&vec![0.5; n]);
    }
    group.add_group(parameters.finish());
    populations.add_group(group.finish());
    file.add_group(populations.finish());
    file.finish().unwrap()
}

#[test]
fn a_file_that_is_no_group_says_why() {
    let maps = "{\"input_map\": \"none\", \"output_map\": \"none\"}";
    let read = |bytes: &[u8]| file::read_network_bytes(bytes);
    let network = read(&made_file(maps, &[1, 1], &[0, 2], "current", 2)).unwrap();
    assert_eq!(validate(network).unwrap().n_nodes(), 2);
    let message = |bytes: Vec<u8>| read(&bytes).unwrap_err().to_string();
    for (bytes, words) in [
        (
            made_file("{\"unfold\": \"tanh\"}", &[2], &[0, 2], "current", 2),
            ["unknown variant `tanh`", "fused"],
        ),
        (made_file("{\"unfolds\": 0}", &[2], &[0, 2], "current", 2), ["populations/g", "above 0"]),
        (made_file(maps, &[u32::MAX, 1], &[0, 2], "current", 2), ["layer_unit", "layer_size"]),
        (made_file(maps, &[1], &[0, 2], "current", 2), ["layer_unit", "layer_size"]),
        (made_file(maps, &[2], &[0, 3], "current", 2), ["wiring/kind", "is 3"]),
        (made_file(maps, &[2], &[0, 2, 2], "current", 2), ["unit 2", "0 layers"]),
        (made_file(maps, &[2], &[0], "current", 2), ["populations/g", "unit"]),
        (made_file(maps, &[2], &[0, 2], "loud", 2), ["output", "sigma_delta"]),
        (made_file(maps, &[2], &[0, 2], "rate", 2), ["hz_per_unit", "none of that name"]),
        (made_file(maps, &[2], &[0, 2], "current", 3), ["parameters/gleak", "[2]"]),
        (made_file("{}", &[2], &[0, 2], "current", 2), ["parameters/input_w", "there is no"]),
    ] {
        let message = message(bytes);
        words.iter().for_each(|word| assert!(message.contains(word), "{word} is not in {message}"));
    }
}

#[test]
fn every_change_that_a_result_depends_on_shows() {
    let of = |network: &Network| Fingerprint::of(&validate(network.clone()).unwrap());
    let changes: [fn(&mut LtcPopulation); 11] = [
        |_| {},
        |ltc| ltc.parameters[0] = 0.5,
        |ltc| ltc.interval = 3.0,
        |ltc| ltc.time_scale = 3.0,
        |ltc| ltc.tau_trace = 5.0.into(),
        |ltc| ltc.v_init = 0.5.into(),
        |ltc| ltc.output = LtcOutput::Current,
        |ltc| ltc.output = LtcOutput::SigmaDelta { threshold: 0.5 },
        |ltc| ltc.output = LtcOutput::Crossing { threshold: 0.5 },
        |ltc| ltc.output = LtcOutput::Rate { hz_per_unit: 0.5 },
        |ltc| {
            let LiquidCell::Ltc { config, .. } = &mut ltc.cell else { panic!("an LTC") };
            config.unfold = Unfold::Fused;
        },
    ];
    let changed = |change: &fn(&mut LtcPopulation)| {
        let mut network = network();
        change(group(&mut network));
        of(&network)
    };
    let found: Vec<Fingerprint> = changes.iter().map(changed).collect();
    for (i, a) in found.iter().enumerate() {
        found[..i].iter().enumerate().for_each(|(k, b)| assert_ne!(a, b, "changes {i} and {k}"));
    }
    // The name of an input changes no result.
    let rename: fn(&mut LtcPopulation) = |ltc| ltc.inputs[0] = "other".to_owned();
    assert_eq!(changed(&rename), found[0]);
}
