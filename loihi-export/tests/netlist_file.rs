//! Netlists as files: what is written is read back, and what is no netlist is refused by name.

#![allow(clippy::unwrap_used, reason = "a test fails by a panic")]

use rheobase_loihi_export::netlist::{
    Activation, Block, Core, Delta, FloatLif, Group, InputAxons, Lif, Link, Model, Netlist, NetlistError,
    NetlistFault, Origin, OutputAxons, Place, Population, Resonator, Sign, ValidNetlist, from_json, read,
    read_bytes, to_json, validate, write,
};

fn lif(n: usize) -> Lif {
    Lif {
        du: vec![100; n],
        dv: vec![4096; n],
        vth: vec![-3; n],
        bias_mant: vec![-7; n],
        bias_exp: vec![2; n],
        refractory: vec![4; n],
        u: vec![1 << 23; n],
        v: vec![-5; n],
        v_min: -(1 << 23) + 1,
        v_max: (1 << 23) - 1,
    }
}

fn delta(n: usize) -> Delta {
    Delta { vth: vec![3; n], spike_exp: 2, state_exp: 6, cum_error: true }
}

/// Every model, one a core, in a chain of two neurons each; every link.
fn every_model() -> Netlist {
    let models = vec![
        Model::Lif(lif(2)),
        Model::LifReset { lif: lif(2), interval: 6, offset: 7 },
        Model::TernaryLif { lif: lif(2), vth_lo: vec![-9, -10] },
        Model::FloatLif(FloatLif {
            du: vec![0.25; 2],
            dv: vec![0.125; 2],
            vth: vec![1.5; 2],
            bias: vec![0.1, -0.1],
            refractory: vec![3; 2],
        }),
        Model::GradedVec { vth: vec![1, 2], rectified: true },
        Model::Product { vth: vec![1, 2], exp: 5 },
        Model::Sigma,
        Model::Delta(delta(2)),
        Model::SigmaDelta { delta: delta(2), bias: vec![-1, 1], activation: Activation::Relu },
        Model::Resonator(Resonator {
            sin_decay: vec![12, 13],
            cos_decay: vec![-12, 13],
            vth: vec![64, 65],
            state_exp: 6,
            decay_bits: 12,
            izhikevich: true,
        }),
    ];
    let links = [
        Link::Weights { weight_exp: -3, weight_bits: 6, sign: Sign::Inhibitory, message_bits: 0 },
        Link::Scaled,
        Link::Direct,
        Link::Float { scale: 8.0 },
        Link::Weights { weight_exp: 7, weight_bits: 8, sign: Sign::Mixed, message_bits: 16 },
    ];
    let n = models.len() as u32;
    let neurons = (0..n).map(|i| Population { name: format!("of {i}"), size: 2, source: None });
    let source = OutputAxons { first: vec![0, 1, 2], core: vec![0, 0], axon: vec![0, 1] };
    let mut populations: Vec<Population> = neurons.collect();
    populations.push(Population { name: "in".to_owned(), size: 2, source: Some(source) });
    let cores = models.into_iter().enumerate().map(|(i, model)| {
        let i = i as u32;
        let before = if i == 0 { n } else { i - 1 };
        let output_axons = match i + 1 < n {
            true => OutputAxons { first: vec![0, 1, 2], core: vec![10 * (i + 1); 2], axon: vec![0, 1] },
            false => OutputAxons { first: vec![0; 3], core: vec![], axon: vec![] },
        };
        Core {
            core: 10 * i,
            groups: vec![Group { population: i, neurons: vec![0, 1], model }],
            input_axons: InputAxons { population: vec![before; 2], node: vec![0, 1] },
            blocks: vec![Block {
                projection: format!("to {i}"),
                group: 0,
                port: 0,
                link: links[i as usize % links.len()],
                axon: vec![0, 1],
                first: vec![0, 2, 3],
                target: vec![0, 1, 1],
                weight: vec![-256, 255, 100_000 * i as i32],
                delay: vec![0; 3],
            }],
            output_axons,
        }
    });
    Netlist {
        origin: Origin { made_from: "a test".to_owned(), dt: 0.1, ..Origin::default() },
        chip: Some(Place { name: "loihi1".to_owned(), file: "…".to_owned(), chips: [2, 1] }),
        populations,
        cores: cores.collect(),
    }
}

fn valid() -> ValidNetlist {
    validate(every_model()).unwrap()
}

#[test]
fn what_is_written_is_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("netlist.h5");
    write(&path, &valid()).unwrap();
    assert_eq!(read(&path).unwrap(), valid());
    assert_eq!(from_json(&to_json(&valid())).unwrap(), valid());
}

#[test]
fn faults_are_told_all_at_once_with_core_and_entry() {
    let mut netlist = every_model();
    netlist.origin.dt = f64::NAN;
    netlist.cores[0].blocks[0].target[2] = 2;
    netlist.cores[1].groups[0].neurons = vec![1, 0];
    let Model::Resonator(resonator) = &mut netlist.cores[9].groups[0].model else { panic!("it is the last") };
    resonator.decay_bits = 40;
    let error = validate(netlist).unwrap_err();
    assert_eq!(error.faults.len(), 4, "{error}");
    let told = error.to_string();
    for part in [
        "a step is NaN ms",
        "core 0, block 0: `target` has 2 at 2, and it may be from 0 to 1",
        "core 10, group 0: `neurons` does not rise at 1",
        "core 90, group 0: `decay_bits` has 40 at 0",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
}

#[test]
fn axons_have_to_name_each_other() {
    let mut netlist = every_model();
    netlist.cores[3].output_axons.axon = vec![1, 0];
    let faults = validate(netlist).unwrap_err().faults;
    assert!(
        matches!(&faults[..], [NetlistFault::Axon { core: 40, axon: 0, node: 0, times: 0, .. }]),
        "{faults:?}"
    );
    let mut netlist = every_model();
    netlist.cores[3].output_axons.core[1] = 41;
    let told = validate(netlist).unwrap_err().to_string();
    assert!(told.contains("core 30: output axon 1 goes to axon 1 of core 41, which is not there"), "{told}");
    let mut netlist = every_model();
    netlist.cores[4].groups[0].population = 3;
    let told = validate(netlist).unwrap_err().to_string();
    assert!(told.contains("neuron 0 of \"of 3\" is on 2 cores"), "{told}");
}

/// Files of which a byte is another, or the end is missing: an error or a netlist, never a panic.
#[test]
fn damaged_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("netlist.h5");
    write(&path, &valid()).unwrap();
    let whole = std::fs::read(&path).unwrap();
    let mut refused = 0;
    for i in 0..60_usize {
        let mut bytes = whole.clone();
        let at = i * 7919 % bytes.len();
        bytes[at] ^= 1 << (i % 8);
        if i % 5 == 0 {
            bytes.truncate(at);
        }
        refused += usize::from(read_bytes(&bytes).is_err());
    }
    assert!(refused > 15, "{refused} of 60");
    let json = to_json(&valid());
    for i in 0..400 {
        let at = i * 7919 % json.len();
        if json.is_char_boundary(at) {
            assert!(from_json(&json[..at]).is_err());
        }
    }
    let other = from_json("{\"format\": \"rheobase-mapping\", \"version\": 1}").unwrap_err();
    assert!(matches!(&other, NetlistError::Format { .. }), "{other}");
}
