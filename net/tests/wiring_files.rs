//! The same wiring comes from all kinds of files, and what is none is refused with a reason.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fmt::Write;

use hdf5_pure::{AttrValue, FileBuilder};
use rheobase_ltc::wiring::{AutoNcp, UnitKind, Wiring, auto_ncp, random};
use rheobase_net::file::{read_wiring, read_wiring_bytes};

const HEADER: &str = "source_kind,source,target_kind,target,polarity\n";

fn ncp() -> Wiring {
    auto_ncp(5, &AutoNcp { units: 20, n_outputs: 3, sparsity: 0.5, seed: 7 }).unwrap()
}

fn name(kind: UnitKind) -> &'static str {
    match kind {
        UnitKind::Motor => "motor",
        UnitKind::Command => "command",
        UnitKind::Inter => "inter",
    }
}

fn as_csv(wiring: &Wiring) -> String {
    let kind = |unit: u32| name(wiring.kinds()[unit as usize]);
    let mut text = HEADER.to_owned();
    // Backwards, for their order must not matter.
    for s in wiring.synapses().iter().rev() {
        writeln!(text, "{},{},{},{},{}", kind(s.source), s.source, kind(s.target), s.target, s.polarity)
            .unwrap();
    }
    for s in wiring.sensory() {
        writeln!(text, "input, {}, {}, {}, {}", s.source, kind(s.target), s.target, s.polarity).unwrap();
    }
    text
}

fn as_hdf5(wiring: &Wiring, has_kinds: bool) -> Vec<u8> {
    let (units, n_inputs) = (wiring.units(), wiring.n_inputs());
    let mut matrices = [vec![0_i8; units * units], vec![0_i8; n_inputs * units]];
    for (matrix, synapses) in matrices.iter_mut().zip([wiring.synapses(), wiring.sensory()]) {
        synapses.iter().for_each(|s| matrix[s.source as usize * units + s.target as usize] = s.polarity);
    }
    let mut file = FileBuilder::new();
    let mut group = file.create_group("wiring");
    group.create_dataset("adjacency").with_shape(&[units as u64, units as u64]).with_i8_data(&matrices[0]);
    group
        .create_dataset("sensory_adjacency")
        .with_shape(&[n_inputs as u64, units as u64])
        .with_i8_data(&matrices[1]);
    group.set_attr("output_dim", AttrValue::I64(wiring.n_outputs() as i64));
    if has_kinds {
        let kinds: Vec<&str> = wiring.kinds().iter().map(|kind| name(*kind)).collect();
        group.set_attr("neuron_types", AttrValue::VarLenString(serde_json::to_string(&kinds).unwrap()));
    }
    file.add_group(group.finish());
    file.finish().unwrap()
}

#[test]
fn a_wiring_is_the_same_from_csv_json_and_hdf5() {
    let wiring = ncp();
    assert_eq!(read_wiring_bytes(as_csv(&wiring).as_bytes()).unwrap(), wiring);
    assert_eq!(read_wiring_bytes(&serde_json::to_vec(&wiring).unwrap()).unwrap(), wiring);
    assert_eq!(read_wiring_bytes(&as_hdf5(&wiring, true)).unwrap(), wiring);
    let one_layer = random(4, 16, 5, 0.3, 3).unwrap();
    assert_eq!(read_wiring_bytes(as_csv(&one_layer).as_bytes()).unwrap(), one_layer);
    assert_eq!(read_wiring_bytes(&as_hdf5(&one_layer, false)).unwrap(), one_layer);
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a.csv", as_csv(&wiring).into_bytes()), ("a.h5", as_hdf5(&wiring, true))] {
        std::fs::write(folder.path().join(name), bytes).unwrap();
        assert_eq!(read_wiring(&folder.path().join(name)).unwrap(), wiring);
    }
    assert!(read_wiring(&folder.path().join("none.csv")).unwrap_err().to_string().contains("none.csv"));
}

fn refused(text: &str) -> String {
    read_wiring_bytes(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn faults_of_a_list_are_told_with_their_line() {
    let list = |lines: &str| refused(&format!("{HEADER}{lines}"));
    let error = list("input,0,motor,0,1\nsensor,1,motor,0,1\n");
    assert!(error.contains("line 3 cannot be used: the kind of unit 1 is \"sensor\""), "{error}");
    let error = list("input,0,motor,0,1\ninter,1,motor,0,1\ninput,0,command,1,1\n");
    assert!(error.contains("line 4 cannot be used: unit 1 is command, and was inter before"), "{error}");
    let error = list("input,0,motor,0,1\ninput,0,inter,7,1\n");
    assert!(error.contains("unit 7 has no synapse") || error.contains("leave no number out"), "{error}");
    let error = list("input,0,motor,0,two\n");
    assert!(error.contains("line 2") && error.contains(HEADER.trim()), "{error}");
    let error = list("input,0,motor,0,0\n");
    assert!(error.contains("polarity 0, and must have +1 or −1"), "{error}");
    let error = list("input,0,motor,0,1\ninput,0,motor,0,-1\n");
    assert!(error.contains("two synapses"), "{error}");
    let error = list("input,0,inter,0,1\ninter,0,motor,1,1\n");
    assert!(error.contains("unit 0 is inter, and the motor neurons must be units 0 to 0"), "{error}");
    let error = list("input,4294967295,motor,0,1\n");
    assert!(error.contains("there may be 16777216"), "{error}");
    assert!(list("").contains("the number of outputs") || list("").contains("the number of inputs"));
    assert!(refused("from,to\n1,2\n").contains(HEADER.trim()));
}

#[test]
fn faults_of_json_and_matrices_are_told() {
    let error = refused("{\"n_inputs\": 2}");
    assert!(error.contains("its JSON cannot be used: missing field"), "{error}");
    let error = refused(
        "{\"n_inputs\": 4294967295, \"n_outputs\": 1, \"layers\": [[0]], \"kinds\": [\"motor\"], \"synapses\": [], \"sensory\": []}",
    );
    assert!(error.contains("4294967295 inputs, and may have 16777216"), "{error}");
    let mut file = FileBuilder::new();
    file.create_dataset("adjacency").with_shape(&[2, 2]).with_i8_data(&[0, 1, 0, 0]);
    file.create_dataset("sensory_adjacency").with_shape(&[1, 3]).with_i8_data(&[1, 0, 1]);
    let error = read_wiring_bytes(&file.finish().unwrap()).unwrap_err().to_string();
    assert!(error.contains("do not fit"), "{error}");
    let mut file = FileBuilder::new();
    file.create_dataset("adjacency").with_shape(&[2, 2]).with_i8_data(&[0, 3, 0, 0]);
    file.create_dataset("sensory_adjacency").with_shape(&[1, 2]).with_i8_data(&[1, 0]);
    let error = read_wiring_bytes(&file.finish().unwrap()).unwrap_err().to_string();
    assert!(error.contains("polarity 3"), "{error}");
}
