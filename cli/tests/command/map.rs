//! A network onto the cores of a chip, as a user or a script asks for it.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::{answer, error, json, with_run};

/// Loihi with cores of 40 compartments and 60 output axons: a small liquid takes several of them.
fn small_chip(at: &Path) {
    let loihi = answer(at, &["map", "--chips", "loihi1"]);
    let small = loihi
        .replace("compartments = { value = 1024", "compartments = { value = 40")
        .replace("output_axons = { value = 4096", "output_axons = { value = 400")
        .replace("name = \"loihi1\"", "name = \"small\"");
    fs::write(at.join("small.toml"), small).unwrap();
}

fn with_chip() -> TempDir {
    let folder = with_run();
    small_chip(folder.path());
    folder
}

#[test]
fn a_liquid_is_mapped_inspected_and_plotted() {
    let folder = with_chip();
    let at = folder.path();
    let map = ["map", "liquid.h5", "--chip", "small.toml", "--activity", "run.h5", "-o", "mapping.json"];
    let told = json(at, &[&map[..], &["--plot", "pictures", "--quantize-report"]].concat());
    let cores = told["cores"].as_u64().unwrap();
    // 135 neurons in cores of 40.
    assert!((4..=8).contains(&cores), "{told}");
    assert_eq!(told["budgets"][0]["limit"], 40);
    assert!(told["budgets"].as_array().unwrap().iter().all(|of| of["most"].as_u64() <= of["limit"].as_u64()));
    assert!(told["packets"].as_u64() < told["in_order"]["packets"].as_u64(), "{told}");
    assert_eq!(told["quantized"]["weight_bits"], 8);
    // A packet that leaves a core costs 111 pJ and a synaptic event 33.6 pJ (SANA-FE 2.2.9, loihi.yaml).
    let energy = &told["energy"];
    let number = |of: &str, what: &str| energy[of][what].as_f64().unwrap();
    assert!((number("mapped_pj", "sent") - 111.0 * number("events", "sent")).abs() < 1e-3);
    assert!((number("mapped_pj", "synapses") - 33.6 * number("events", "synapses")).abs() < 1e-3);
    assert_eq!(energy["mapped_pj"]["hops"], told["hop_energy_pj"]);
    assert!(number("mapped_pj", "sent") < number("in_order_pj", "sent"), "{energy}");
    assert_eq!(number("events", "updates"), 135.0 * 2000.0, "200 ms are 2000 steps");
    for picture in ["mesh.png", "traffic.png", "cores.png"] {
        assert!(fs::metadata(at.join("pictures").join(picture)).unwrap().len() > 1000, "{picture}");
    }
    let file: Value = serde_json::from_str(&fs::read_to_string(at.join("mapping.json")).unwrap()).unwrap();
    assert_eq!((file["format"].as_str(), file["chip"].as_str()), (Some("rheobase-mapping"), Some("small")));
    // What inspect says of a neuron and of its core is what the file says.
    let told = json(at, &["inspect", "mapping.json"]);
    assert_eq!(
        (told["neurons"].as_u64(), told["cores"].as_array().unwrap().len() as u64),
        (Some(135), cores)
    );
    let core = file["populations"][0]["core"][7].as_u64().unwrap();
    let neuron = json(at, &["inspect", "mapping.json", "--neuron", "exc:7"]);
    assert_eq!(neuron["core"].as_u64(), Some(core));
    let held = json(at, &["inspect", "mapping.json", "--core", &core.to_string()]);
    assert_eq!(held["budgets"][0]["used"].as_u64().unwrap(), neuron["shares_with"].as_u64().unwrap() + 1);
    let exc = &held["populations"][0];
    let ranges = exc["ranges"].as_array().unwrap().iter();
    let mut ranges = ranges.map(|range| (range[0].as_u64().unwrap(), range[1].as_u64().unwrap()));
    assert!(ranges.any(|(from, to)| (from..=to).contains(&7)), "{held}");
    for figure in ["mesh", "traffic"] {
        answer(at, &["plot", figure, "mapping.json", "-o", "figure.svg"]);
    }
    answer(at, &["plot", "cores", "mapping.json", "--network", "liquid.h5", "-o", "figure.svg"]);
    let text = answer(at, &["map", "liquid.h5", "--chip", "small.toml", "--rate", "5"]);
    for told in [
        "which binds",
        "filled in order",
        "assumed of the chip",
        "hops.chip_x",
        "partition ",
        "energy (µJ) by the Davies 2018 pre-silicon model",
        "synaptic events",
    ] {
        assert!(text.contains(told), "{told} is missing in\n{text}");
    }
}

/// Where a chip copies spikes on their way, trees are what is shortened; where it does not, nobody can ask for it.
#[test]
fn trees_are_shortened_where_the_fabric_has_them() {
    let folder = with_chip();
    let at = folder.path();
    let spinnaker = answer(at, &["map", "--chips", "spinnaker2"]);
    let small = spinnaker
        .replace("compartments = { value = ", "compartments = { value = 20, source = \"a test\" } # ");
    assert_ne!(small, spinnaker);
    fs::write(at.join("copies.toml"), small).unwrap();
    let map = ["map", "liquid.h5", "--chip", "copies.toml", "--activity", "run.h5", "-o", "mapping.json"];
    let by_default = json(at, &map);
    let made: Value = serde_json::from_str(&fs::read_to_string(at.join("mapping.json")).unwrap()).unwrap();
    assert_eq!(made["made"]["objective"], "tree-links");
    let links = |told: &Value| told["tree_links"].as_u64().unwrap();
    let by_hops = json(at, &[&map[..], &["--objective", "hops"]].concat());
    assert!(links(&by_default) <= links(&by_hops), "{by_default} {by_hops}");
    assert!(links(&by_default) < by_default["in_order"]["tree_links"].as_u64().unwrap());
    // It has no costs of events, and says so.
    assert_eq!(by_default["energy"], Value::Null);
    assert!(by_default["remarks"].to_string().contains("has no costs of events"), "{by_default}");
    let told = error(at, 2, &["map", "liquid.h5", "--chip", "loihi1", "--objective", "tree-links"]);
    assert!(told.contains("Intel Loihi sends a packet to every destination core"), "{told}");
}

#[test]
fn a_mapping_depends_on_no_number_of_threads() {
    let folder = with_chip();
    let at = folder.path();
    let mapped = |threads: &str| {
        let map = ["map", "liquid.h5", "--chip", "small.toml", "--rate", "3", "--rate", "exc=7"];
        answer(at, &[&map[..], &["-o", "mapping.json", "--threads", threads]].concat());
        fs::read(at.join("mapping.json")).unwrap()
    };
    let one = mapped("1");
    assert!(one == mapped("2") && one == mapped("8"));
}

#[test]
fn a_dry_run_tells_whether_it_fits() {
    let folder = with_chip();
    let at = folder.path();
    let told = json(at, &["map", "liquid.h5", "--chip", "loihi1", "--dry-run"]);
    assert_eq!((told["cores_at_least"].as_u64(), told["chip_cores"].as_u64()), (Some(1), Some(128)));
    assert!(told["verdict"].as_str().unwrap().contains("onto one chip"), "{told}");
    let text = answer(at, &["map", "liquid.h5", "--chip", "small.toml", "--dry-run"]);
    assert!(text.contains("take 4 cores at least") && text.contains("output axons"), "{text}");
    let told = json(at, &["map", "liquid.h5", "--chip", "truenorth", "--dry-run"]);
    assert!(
        told["remarks"][0].as_str().unwrap().contains("does not say in which numbers it counts"),
        "{told}"
    );
}

#[test]
fn what_fits_on_no_core_is_refused_with_the_way_out() {
    let folder = with_chip();
    let at = folder.path();
    let small = fs::read_to_string(at.join("small.toml")).unwrap();
    let few = small.replace("input_axons = { value = 4096", "input_axons = { value = 3");
    fs::write(at.join("few.toml"), few).unwrap();
    for dry_run in [&["--dry-run"][..], &["-o", "mapping.json"]] {
        let told = error(at, 2, &[&["map", "liquid.h5", "--chip", "few.toml"][..], dry_run].concat());
        for part in
            ["population \"exc\", neuron", "a core has 3 input axons", "leave out", "fits onto a core of"]
        {
            assert!(told.contains(part), "no {part:?} in {told}");
        }
    }
    assert!(!at.join("mapping.json").exists());
    let told = error(at, 2, &["map", "liquid.h5", "--chip", "loihi1", "--dt", "40"]);
    assert!(told.contains("a spike takes a step of 40 ms at least: use dt"), "{told}");
    let told = error(at, 2, &["map", "liquid.h5", "--chip", "loihi1", "--weight-bits", "7"]);
    assert!(told.contains("weights of 7 bits") && told.contains("the nearest is 6"), "{told}");
    let told = error(at, 2, &["map", "liquid.h5", "--chip", "loihi1", "--effort", "NaN"]);
    assert!(told.contains("--effort NaN must be above 0 and at most 1000"), "{told}");
}

/// Every neuron fits alone, and all together do not: who reaches all others needs output axons for all cores.
#[test]
fn a_network_without_room_is_refused_with_the_smallest_change() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let all = "
        [[populations]]
        name = 'all'
        size = 6
        model = { lif = {} }

        [[projections]]
        source = 'all'
        target = 'all'
        rule = 'all_to_all'
        weight = 10
        delay = 1";
    fs::write(at.join("all.toml"), all).unwrap();
    answer(at, &["generate", "all.toml", "-o", "all.h5"]);
    let loihi = answer(at, &["map", "--chips", "loihi1"]);
    let tiny = loihi
        .replace("compartments = { value = 1024", "compartments = { value = 2")
        .replace("output_axons = { value = 4096", "output_axons = { value = 4");
    fs::write(at.join("tiny.toml"), tiny).unwrap();
    let told = error(at, 2, &["map", "all.h5", "--chip", "tiny.toml", "-o", "mapping.json"]);
    for part in [
        "no partition within the limits of a core was found",
        "population \"all\", neuron 0 (its targets are on 3 cores): it needs 6 output axons, and a core has 4",
        "leave out 6 of ",
        "such as that of population \"all\", node ",
        "take a chip whose cores have 6 output axons, such as loihi2",
    ] {
        assert!(told.contains(part), "no {part:?} in {told}");
    }
    assert!(!at.join("mapping.json").exists());
}

#[test]
fn accuracy_is_told_before_and_after_quantization() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let preset = answer(at, &["train", "--preset", "vowels", "--print"]);
    let quick = preset.replace("strengths = [", "strengths = [10.0] # [");
    assert_ne!(quick, preset);
    fs::write(at.join("quick.toml"), quick).unwrap();
    let map = ["map", "--chip", "loihi1", "--quantize-report", "--experiment", "quick.toml", "--seeds", "1"];
    let told = json(at, &[&map[..], &["--weight-bits", "8,4"]].concat());
    let before = told["compared"]["float"]["methods"][0]["accuracy"]["mean"].as_f64().unwrap();
    let whole = told["compared"]["whole"].as_array().unwrap();
    assert_eq!(whole.iter().map(|of| of["weight_bits"].as_u64().unwrap()).collect::<Vec<_>>(), [8, 4]);
    for (of, most) in whole.iter().zip([0.01, 0.03]) {
        let after = of["comparison"]["methods"][0]["accuracy"]["mean"].as_f64().unwrap();
        assert_eq!(of["change"]["mean"].as_f64(), Some(after - before));
        assert!(before > 0.95 && before - after <= most, "{before} {after}");
        assert_eq!(of["reports"][0]["weight_bits"], of["weight_bits"]);
    }
    let text = answer(at, &map);
    for told in ["640 samples, 1 liquid", "floating point", "8-bit weights", "change (points)", "to zero"] {
        assert!(text.contains(told), "{told} is missing in\n{text}");
    }
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let folder = with_chip();
    let at = folder.path();
    let map = |args: &[&str]| error(at, 2, &[&["map", "--quantize-report"], args].concat());
    let told = map(&["--chip", "loihi1", "--experiment", "digits"]);
    assert!(told.contains("there is no experiment \"digits\": give vowels, spoken-digits"), "{told}");
    let told = map(&["--chip", "loihi1", "--experiment", "vowels-ltc"]);
    assert!(told.contains("vowels-ltc is an experiment of rates"), "{told}");
    let told = map(&["--chip", "truenorth", "--experiment", "vowels"]);
    assert!(told.contains("does not say in which numbers it counts"), "{told}");
    let told = map(&["--chip", "loihi1", "--experiment", "vowels", "--weight-bits", "8,7"]);
    assert!(told.contains("weights of 7 bits") && told.contains("the nearest is 6"), "{told}");
    let told = map(&["--chip", "loihi1", "--experiment", "vowels", "--dt", "1"]);
    assert!(told.contains("cannot be used with"), "{told}");
    let told = map(&["liquid.h5", "--chip", "loihi1", "--weight-bits", "8,4"]);
    assert!(told.contains("a mapping has weights of one width: give --weight-bits 8"), "{told}");
}

#[test]
fn wrong_chips_boards_and_activities_are_named() {
    let folder = with_chip();
    let at = folder.path();
    let map = |args: &[&str]| error(at, 2, &[&["map", "liquid.h5"], args].concat());
    let told = map(&["--chip", "loihi11"]);
    assert!(told.contains("there is no chip \"loihi11\" (did you mean `loihi1`?)"), "{told}");
    let told = map(&["--chip", "gone.toml"]);
    assert!(told.contains("cannot open gone.toml"), "{told}");
    fs::write(at.join("bad.toml"), "name = 3\nthreads = 2\n").unwrap();
    let told = map(&["--chip", "bad.toml"]);
    assert!(told.contains("bad.toml: the chip has") && told.contains("line 2: there is no field"), "{told}");
    let told = map(&["--chip", "loihi1", "--board", "nahuki"]);
    assert!(told.contains("loihi1 has no board \"nahuki\" (did you mean `nahuku`?)"), "{told}");
    answer(at, &["generate", "--preset", "lsm-delta", "-n", "200", "-o", "other.h5"]);
    let told = error(at, 2, &["map", "other.h5", "--chip", "loihi1", "--activity", "run.h5"]);
    assert!(told.contains("in the recording") && told.contains("take a recording of this network"), "{told}");
    let told = map(&["--chip", "loihi1", "--rate", "5", "--rate", "exk=2"]);
    assert!(told.contains("no such population; did you mean \"exc\"?"), "{told}");
    let told = map(&["--chip", "loihi1", "--rate", "5", "--rate", "6"]);
    assert!(told.contains("both for all populations"), "{told}");
    let told = map(&["--chip", "loihi1", "-o", "liquid.h5"]);
    assert!(told.contains("is the input"), "{told}");
}

#[test]
fn files_that_are_no_mapping_are_refused() {
    let folder = with_chip();
    let at = folder.path();
    answer(at, &["map", "liquid.h5", "--chip", "small.toml", "-o", "mapping.json"]);
    let text = fs::read_to_string(at.join("mapping.json")).unwrap();
    fs::write(at.join("damaged.json"), text.replacen("\"compartments\":", "\"compartments\":9", 1)).unwrap();
    let told = error(at, 2, &["inspect", "damaged.json"]);
    assert!(told.contains("damaged.json: ") && told.contains("says that it holds"), "{told}");
    fs::write(at.join("half.json"), &text[..text.len() / 2]).unwrap();
    let told = error(at, 2, &["inspect", "half.json"]);
    assert!(told.contains("half.json: line 1, column"), "{told}");
    let told = error(at, 2, &["inspect", "mapping.json", "--neuron", "exc:9000"]);
    assert!(told.contains("population \"exc\" has the neurons 0 to 107"), "{told}");
    let told = error(at, 2, &["inspect", "mapping.json", "--neuron", "liquid:1"]);
    assert!(told.contains("the mapping has exc, inh"), "{told}");
    let told = error(at, 2, &["inspect", "mapping.json", "--core", "4000"]);
    assert!(told.contains("the board has the cores 0 to 127"), "{told}");
    let told = error(at, 2, &["inspect", "liquid.h5", "--core", "0"]);
    assert!(told.contains("is no mapping"), "{told}");
    answer(at, &["generate", "--preset", "lsm-delta", "-n", "200", "-o", "other.h5"]);
    let plot = ["plot", "cores", "mapping.json", "--network", "other.h5", "-o", "cores.png"];
    assert!(error(at, 2, &plot).contains("a mapping of another network"));
    let told = error(at, 2, &["plot", "cores", "mapping.json", "-o", "cores.png"]);
    assert!(told.contains("give its network by --network"), "{told}");
}

#[test]
fn chips_are_listed_and_printed_to_be_copied() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let list = answer(at, &["map", "--chips"]);
    for chip in ["loihi1", "loihi2", "truenorth", "spinnaker2", "generic"] {
        assert!(list.contains(chip), "{chip}");
    }
    assert!(answer(at, &["map", "--chips", "generic"]).contains("copy this file, change what you know"));
    assert!(error(at, 2, &["map", "--chips", "none"]).contains("there is no chip \"none\""));
}
