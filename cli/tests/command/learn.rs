//! `simulate --final-weights`, what `inspect` tells of it, and `learn`.

use rheobase_net::file::{read_network, read_recording, write_network};
use rheobase_net::{Plasticity, StdpPair, Weights};

use super::{answer, error, json};

#[test]
fn a_network_learns_and_is_run_with_what_it_has_learned() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    answer(at, &["generate", "--preset", "lsm-delta", "-n", "135", "-o", "liquid.h5"]);
    let mut network = read_network(&at.join("liquid.h5")).unwrap();
    let excitatory = network.projections.iter().position(|p| p.synapses.weight.get(0) > 0.0).unwrap();
    let (w, w_max) = (network.projections[excitatory].synapses.weight.get(0), 10.0);
    let rule = StdpPair { w_max, lambda: 0.05, ..StdpPair::default() };
    network.projections[excitatory].plasticity = Some(Plasticity::StdpPair(rule));
    write_network(&at.join("plastic.h5"), &network).unwrap();
    let name = network.projections[excitatory].name.as_str();

    let simulate = ["simulate", "plastic.h5", "--duration", "2000", "-o"];
    answer(at, &[&simulate[..], &["plain.h5"]].concat());
    let told = error(at, 2, &["learn", "plastic.h5", "plain.h5", "-o", "learned.h5"]);
    assert!(told.contains("plain.h5 has no weights") && told.contains("--final-weights"), "{told}");

    answer(at, &[&simulate[..], &["lesson.h5", "--final-weights"]].concat());
    let weights = read_recording(&at.join("lesson.h5")).unwrap().weights.unwrap();
    assert_eq!((weights.len(), weights[0].projection.as_str()), (1, name));
    let values = &weights[0].weights;
    assert!(values.iter().any(|value| *value != w), "nothing was learned");
    let summary = &json(at, &["inspect", "lesson.h5"])["weights"][0];
    assert_eq!(summary["projection"], name);
    assert_eq!(summary["synapses"], values.len());
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert_eq!((&summary["weight"]["min"], &summary["weight"]["max"]), (&least.into(), &greatest.into()));
    let text = answer(at, &["inspect", "lesson.h5"]);
    assert!(text.contains("weights at the end") && text.contains(name), "{text}");

    answer(at, &["learn", "plastic.h5", "lesson.h5", "-o", "learned.h5"]);
    let mut learned = read_network(&at.join("learned.h5")).unwrap();
    let taken = std::mem::replace(
        &mut learned.projections[excitatory].synapses.weight,
        network.projections[excitatory].synapses.weight.clone(),
    );
    assert_eq!(taken, Weights::F64(values.clone()));
    assert_eq!(learned, network, "something else than the weights has changed");

    answer(at, &["generate", "--preset", "lsm-delta", "-n", "1000", "-o", "other.h5"]);
    let told = error(at, 2, &["learn", "other.h5", "lesson.h5", "-o", "no.h5"]);
    assert!(told.contains(name) && told.contains("take the network that was run"), "{told}");
}
