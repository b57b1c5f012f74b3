//! Network files that another program or an older version wrote, built by hand.
#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use hdf5_pure::{AttrValue, FileBuilder, GroupBuilder};
use rheobase_net::{LifPopulation, Model, Param, file};

/// The attributes that a network file begins with.
fn begin(version: i64) -> FileBuilder {
    let mut file = FileBuilder::new();
    file.set_attr("format", AttrValue::VarLenString("rheobase-network".to_owned()));
    file.set_attr("version", AttrValue::I64(version));
    file
}

/// Puts texts into the first group of its kind.
fn put_texts(group: &mut GroupBuilder, texts: &[(&str, &str)]) {
    group.set_attr("idx", AttrValue::U32(0));
    for (name, text) in texts {
        group.set_attr(name, AttrValue::VarLenString((*text).to_owned()));
    }
}

/// Version 1 knows no plasticity, no conductances and no moving thresholds: a file of it is one of version 2
/// that leaves them out.
#[test]
fn version_1_reads_with_the_defaults_of_what_it_lacks() {
    for version in [1, 2] {
        let mut file = begin(version);
        let mut populations = file.create_group("populations");
        let mut neurons = populations.create_group("neurons");
        put_texts(&mut neurons, &[("model", "lif"), ("synapse", "alpha")]);
        neurons.set_attr("size", AttrValue::U32(3));
        for (i, name) in VERSION_1.iter().enumerate() {
            neurons.create_dataset(name).with_f64_data(&[i as f64]).with_shape(&[]);
        }
        populations.add_group(neurons.finish());
        file.add_group(populations.finish());
        let network = file::read_network_bytes(&file.finish().unwrap()).unwrap();
        let Model::Lif(lif) = &network.populations[0].model else { panic!("{network:?}") };
        let default = LifPopulation::default();
        for (i, ((name, param), (_, default))) in lif.params().into_iter().zip(default.params()).enumerate() {
            match VERSION_1.contains(&name) {
                true => assert_eq!(*param, Param::Shared(i as f64), "{name}"),
                false => assert_eq!(param, default, "{name}"),
            }
        }
        assert!(!lif.has_moving_threshold());
    }
}

const VERSION_1: [&str; 10] =
    ["tau_m", "c_m", "v_rest", "v_th", "v_reset", "t_ref", "i_bias", "v_init", "tau_syn_ex", "tau_syn_in"];

#[test]
fn a_rule_that_is_not_known_says_what_is_wrong_with_it() {
    let read = |text: &str| {
        let mut file = begin(2);
        let mut populations = file.create_group("populations");
        let mut input = populations.create_group("input");
        put_texts(&mut input, &[("model", "spike_source"), ("source", "external")]);
        input.set_attr("size", AttrValue::U32(1));
        populations.add_group(input.finish());
        file.add_group(populations.finish());
        let mut projections = file.create_group("projections");
        let mut group = projections.create_group("p");
        put_texts(&mut group, &[("source", "input"), ("target", "input")]);
        put_texts(&mut group, &[("receptor", "by_sign"), ("plasticity", text)]);
        projections.add_group(group.finish());
        file.add_group(projections.finish());
        file::read_network_bytes(&file.finish().unwrap()).unwrap_err().to_string()
    };
    for (text, word) in [
        ("stdp", "expected"),
        ("{\"stdp_pair\": {\"tau\": 1}}", "unknown field `tau`"),
        ("{\"stdp\": {}}", "unknown variant `stdp`"),
        ("{\"tsodyks\": {\"u\": null}}", "null"),
    ] {
        let message = read(text);
        assert!(message.contains("projections/p") && message.contains(word), "{message}");
    }
    // The rule is read before the synapses; a rule with defaults alone is one.
    assert!(read("{\"stdp_triplet\": {}}").contains("row_start"));
}
