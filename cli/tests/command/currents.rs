//! Sampled currents from a file reach their neurons.

use std::path::Path;

use rheobase_net::file::{read_recording, write_currents, write_network};
use rheobase_net::{
    CurrentSource, Delays, LifPopulation, Model, Network, Population, PopulationId, Projection, Receptor,
    Synapses, Waveform, Weights,
};

use super::{answer, error, json};

/// Two neurons with a membrane of 10 ms and 1 GΩ, each with an external current.
fn network(at: &Path) {
    let lif = LifPopulation {
        tau_m: 10.0.into(),
        c_m: 10.0.into(),
        v_rest: 0.0.into(),
        v_th: 1000.0.into(),
        v_init: 0.0.into(),
        ..LifPopulation::default()
    };
    let population = |name: &str, model| Population { name: name.into(), size: 2, model, positions: None };
    let projection = Projection {
        name: "drive".into(),
        source: PopulationId(1),
        target: PopulationId(0),
        receptor: Receptor::BySign,
        synapses: Synapses {
            row_start: vec![0, 1, 2],
            target: vec![0, 1],
            weight: Weights::Shared(2.0),
            delay: Delays::Shared(0.0),
        },
        plasticity: None,
    };
    let network = Network {
        populations: vec![
            population("cells", Model::Lif(lif)),
            population("drive", Model::CurrentSource(CurrentSource::External)),
        ],
        projections: vec![projection],
        ..Network::default()
    };
    write_network(&at.join("cells.h5"), &network).unwrap();
}

/// A current I from t on charges the membrane to `R I (1 − exp(−(T − t) / tau_m))`.
#[test]
fn sampled_currents_charge_membranes() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    network(at);
    let currents = Waveform::new(2, vec![5.0, 15.0], vec![3.0, -1.0, 3.0, 0.0]).unwrap();
    write_currents(&at.join("drive.h5"), &currents).unwrap();
    let told = json(at, &["inspect", "drive.h5"]);
    assert_eq!((&told["nodes"], &told["times"], &told["most_pa"]), (&2.into(), &2.into(), &3.0.into()));
    assert!(answer(at, &["inspect", "drive.h5"]).contains("5 to 15"));
    for scheduler in ["grid", "event"] {
        let run = ["simulate", "cells.h5", "--duration", "25", "--currents", "drive=drive.h5", "--final-v"];
        answer(at, &[&run[..], &["--scheduler", scheduler, "-o", "run.h5"]].concat());
        let v = read_recording(&at.join("run.h5")).unwrap().final_v.unwrap();
        let charged = |t: f64| 1.0 - (-t / 10.0_f64).exp();
        assert!((v[0] - 6.0 * charged(20.0)).abs() < 1e-12, "{scheduler}: {v:?}");
        assert!((v[1] + 2.0 * charged(10.0) * (-1.0_f64).exp()).abs() < 1e-12, "{scheduler}: {v:?}");
    }
}

#[test]
fn wrong_currents_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    network(at);
    let three = Waveform::new(3, vec![0.0], vec![1.0; 3]).unwrap();
    write_currents(&at.join("three.h5"), &three).unwrap();
    let refused = |more: &[&str]| {
        error(at, 2, &[&["simulate", "cells.h5", "--duration", "5", "-o", "out.h5"], more].concat())
    };
    assert!(refused(&[]).contains("\"drive\" takes its currents from outside"));
    assert!(refused(&["--currents", "drive=three.h5"]).contains("currents for 3 nodes, and it has 2"));
    assert!(refused(&["--currents", "cells=three.h5"]).contains("takes no currents from outside"));
    assert!(refused(&["--currents", "drive=cells.h5"]).contains("give a file of currents"));
    assert!(refused(&["--currents", "drives=three.h5"]).contains("no population \"drives\""));
    assert!(error(at, 2, &["plot", "raster", "three.h5", "-o", "out.svg"]).contains("holds currents"));
    assert!(!at.join("out.h5").exists());
}
