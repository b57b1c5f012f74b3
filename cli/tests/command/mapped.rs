//! `rheobase bench map-*`: graphs onto cores, and the files of them.

use std::fs;

use ndarray::Array1;
use ndarray_npy::read_npy;

use super::{error, json};

#[test]
fn a_graph_is_mapped_for_every_seed_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let args = ["bench", "map-liquid", "--n", "1000", "--seeds", "2..3", "--keep", "kept"];
    let told = json(at, &[&args[..], &["--mapper", "sequential"]].concat());
    let runs = told["runs"].as_array().unwrap();
    assert_eq!(runs.iter().map(|run| run["seed"].as_u64().unwrap()).collect::<Vec<_>>(), [2, 3]);
    for run in runs {
        let read = |name: &str| -> Array1<u32> {
            read_npy(at.join(format!("kept/seed-{}/{name}.npy", run["seed"]))).unwrap()
        };
        let (part, target) = (read("part"), read("target"));
        assert_eq!((part.len() as u64, target.len() as u64), (1000, run["synapses"].as_u64().unwrap()));
        assert_eq!(u64::from(*part.iter().max().unwrap()) + 1, run["cores"].as_u64().unwrap());
    }
    assert_eq!(fs::read_dir(at.join("kept/seed-2")).unwrap().count(), 6);
}

#[test]
fn what_has_no_effect_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let told = |args: &[&str]| error(folder.path(), 2, &[&["bench"], args].concat());
    assert!(told(&["map-liquid", "--seconds", "1"]).contains("--seconds is for networks that run"));
    assert!(told(&["cuba", "--seeds", "1..2"]).contains("--seeds is for graphs that are mapped"));
    assert!(told(&["map-liquid", "--chip", "loihi7"]).contains("loihi7"));
    assert!(told(&["map-lenet", "--n", "5"]).contains("--n is 5"));
    assert!(told(&["map-liquid", "--seeds", "3..2"]).contains("1..10"));
}
