//! Liquid networks that meet numbers which are none, times that run backward, and names that nobody knows: each is
//! told with its place and what to try, and what was good before is kept.

use std::fs;
use std::path::Path;

use rheobase_ltc::cell::ltc::LtcConfig;
use rheobase_ltc::cell::{Cell, Ltc};
use rheobase_ltc::wiring;
use rheobase_net::file::write_network;
use rheobase_net::{
    CurrentSource, Delays, LiquidCell, LtcPopulation, Model, Network, Population, PopulationId, Projection,
    Receptor, Synapses, Waveform, Weights,
};

use super::{answer, error, json};

/// A group of four units that hears two sampled values with opposite weights. From 100 ms on both are so large
/// that their sum is an infinite value less another.
fn overflowing(at: &Path) {
    let wiring = wiring::fully_connected(1, 4, 1, true, 1).unwrap();
    let cell = Ltc::new(wiring.clone(), LtcConfig::default()).unwrap();
    let parameters = vec![0.5; Cell::<f64>::layout(&cell).n_parameters()];
    let group = LtcPopulation::new(LiquidCell::Ltc { wiring, config: LtcConfig::default() }, parameters);
    let drive = Waveform::new(2, vec![0.0, 100.0], vec![0.1, 0.2, 1e308, 1e308]).unwrap();
    let population = |name: &str, size, model| Population { name: name.into(), size, model, positions: None };
    let network = Network {
        populations: vec![
            population("wild", 4, Model::Ltc(group)),
            population("drive", 2, Model::CurrentSource(CurrentSource::Steps(drive))),
        ],
        projections: vec![Projection {
            name: "in".to_owned(),
            source: PopulationId(1),
            target: PopulationId(0),
            receptor: Receptor::BySign,
            synapses: Synapses {
                row_start: vec![0, 1, 2],
                target: vec![0, 0],
                weight: Weights::F64(vec![10.0, -10.0]),
                delay: Delays::F64(vec![0.0, 0.0]),
            },
            plasticity: None,
        }],
        ..Network::default()
    };
    write_network(&at.join("wild.h5"), &network).unwrap();
}

#[test]
fn a_group_that_overflows_ends_the_run_and_keeps_its_checkpoint() {
    for scheduler in ["grid", "event"] {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        overflowing(at);
        let run = ["simulate", "wild.h5", "--duration", "1000", "--scheduler", scheduler, "-o", "run.h5"];
        let told = error(at, 1, &[&run[..], &["--checkpoint-every", "5"]].concat());
        let what =
            "of population \"wild\" is NaN at 101 ms, after 100 of its steps, when its input 0 was NaN";
        assert!(told.contains("unit 0") && told.contains(what) && told.contains("try smaller"), "{told}");
        assert!(told.contains("of 1000 ms, and its checkpoint of") && told.contains("is kept"), "{told}");
        let t_kept = json(at, &["inspect", "run.h5.checkpoint"])["t_done_ms"].as_f64().unwrap();
        assert!((1.0..=101.0).contains(&t_kept), "{scheduler}: {t_kept}");
        assert!(!at.join("run.h5").exists());
        // The same command leads there again, from the checkpoint.
        let again = error(at, 1, &[&run[..], &["--checkpoint-every", "5", "--resume"]].concat());
        assert!(again.contains(what), "{again}");
    }
}

/// A series of two inputs and an answer, with a time; and an experiment that learns it.
fn table(at: &Path) -> (Vec<Vec<String>>, String) {
    let row = |k: i32| {
        let t = f64::from(k);
        [t, (t / 3.0).sin(), (t / 5.0).cos(), (t / 3.0 + 0.3).sin()].map(|x| x.to_string()).to_vec()
    };
    let experiment = "place = \"table.csv\"\nseeds = [1]\n\n[data]\nkind = \"table\"\ninputs = [\"a\", \"b\"]\n\
                      targets = [\"y\"]\ntime = \"t\"\n\n[cell]\nkind = \"cfc\"\nunits = 8\n\n[cell.config]\n\
                      backbone_units = 8\nactivation = \"silu\"\n\n[training]\nepochs = 2\n";
    fs::write(at.join("table.toml"), experiment).unwrap();
    ((0..200).map(row).collect(), experiment.to_owned())
}

fn write(at: &Path, rows: &[Vec<String>]) {
    let lines: Vec<String> = rows.iter().map(|row| row.join(",") + "\n").collect();
    fs::write(at.join("table.csv"), format!("t,a,b,y\n{}", lines.concat())).unwrap();
}

#[test]
fn a_table_is_told_by_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (rows, experiment) = table(at);
    let with = |row: usize, change: &dyn Fn(&mut Vec<String>)| {
        let mut rows = rows.clone();
        change(&mut rows[row]);
        write(at, &rows);
        error(at, 2, &["train", "table.toml", "-o", "out"])
    };
    for text in ["NaN", "inf", "1e999", "high", ""] {
        let told = with(57, &|row| row[2] = text.to_owned());
        let what = format!("table.csv, line 59: column \"b\": {text:?} is not a finite number; give one");
        assert!(told.contains(&what), "{told}");
    }
    let told = with(80, &|row| row[0] = "12".to_owned());
    let what = "line 82: the time 12 is before that of the row above, 79: sort the rows";
    assert!(told.contains(what), "{told}");
    let told = with(80, &|row| row.truncate(2));
    assert!(told.contains("line 82: 2 fields, and the first line has 4"), "{told}");

    write(at, &rows);
    fs::write(at.join("table.toml"), experiment.replace("silu", "sillu")).unwrap();
    let told = error(at, 2, &["train", "table.toml", "-o", "out"]);
    assert!(told.contains("unknown variant `sillu`") && told.contains("did you mean `silu`?"), "{told}");
}

/// An activation in the file of a model that this program does not know; as many letters, so that the file's
/// layout stays.
#[test]
fn an_unknown_activation_in_a_model_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (rows, _) = table(at);
    write(at, &rows);
    answer(at, &["train", "table.toml", "-o", "out"]);
    let mut model = fs::read(at.join("out/model.h5")).unwrap();
    let (known, unknown) = (b"\"activation\":\"silu\"", b"\"activation\":\"sine\"");
    let place = model.windows(known.len()).position(|bytes| bytes == known).unwrap();
    model[place..place + known.len()].copy_from_slice(unknown);
    fs::write(at.join("other.h5"), model).unwrap();
    let told = error(at, 2, &["inspect", "other.h5"]);
    assert!(told.contains("other.h5: cell") && told.contains("unknown variant `sine`"), "{told}");
    assert!(told.contains("`lecun_tanh`, `silu`"), "{told}");
}

/// Runs of a robot as NumPy writes them: one file a run.
#[test]
fn a_rollout_with_a_value_that_is_none_is_told_by_run_and_step() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let run = |name: &str, faulty: Option<usize>| {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (100, 17), }";
        let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
        bytes.extend(format!("{header:<117}\n").bytes());
        for k in 0..1700_usize {
            let value = if faulty == Some(k) { f32::NAN } else { (k as f32 * 0.37).sin() };
            bytes.extend(value.to_le_bytes());
        }
        fs::write(at.join(name), bytes).unwrap();
    };
    run("a.npy", None);
    run("b.npy", Some(40 * 17 + 3));
    let told = error(at, 2, &["train", "--preset", "half-cheetah", "--data", ".", "-o", "out"]);
    let what = "b.npy: channel 3 of step 40 of run 1 is NaN, and must be finite; leave the run out";
    assert!(told.contains(what), "{told}");
}
