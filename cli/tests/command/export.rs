//! Netlists for other tools, from the command line.

use std::fs;
use std::path::Path;

use super::{answer, error, json, with_run};

/// The liquid of [`with_run`] on a chip, as a netlist.
fn with_netlist() -> tempfile::TempDir {
    let folder = with_run();
    let map = ["map", "liquid.h5", "--chip", "loihi1", "--activity", "run.h5", "--effort", "0.2"];
    answer(folder.path(), &[&map[..], &["-o", "mapping.json", "--netlist", "netlist.h5"]].concat());
    folder
}

fn is_there(folder: &Path, name: &str) -> bool {
    folder.join(name).is_file()
}

#[test]
fn a_mapped_liquid_becomes_what_each_tool_reads() {
    let folder = with_netlist();
    let at = folder.path();
    let export = |format: &str, output: &str| {
        json(at, &["export", "netlist.h5", "--format", format, "-o", output, "--allow-lossy"])
    };
    let lava = export("lava", "liquid.py");
    assert_eq!(lava["files"].as_array().unwrap().len(), 2, "{lava}");
    assert!(is_there(at, "liquid.py") && is_there(at, "liquid.npz"));
    assert!(fs::read_to_string(at.join("liquid.py")).unwrap().contains("with_name(\"liquid.npz\")"));
    let sanafe = export("sanafe", "liquid.yaml");
    assert!(is_there(at, "liquid.yaml") && is_there(at, "liquid.arch.yaml"), "{sanafe}");
    // The JSON twin is the same netlist, and is taken for one.
    export("json", "netlist.json");
    answer(at, &["export", "netlist.json", "--format", "netlist", "-o", "again.h5"]);
    let summary = |file: &str| json(at, &["inspect", file]);
    assert_eq!(summary("netlist.h5"), summary("again.h5"));
    for of in ["cores", "neurons"] {
        let xml = format!("{of}.graphml");
        answer(at, &["export", "netlist.h5", "--format", "graphml", "--of", of, "-o", &xml]);
        assert!(fs::read_to_string(at.join(&xml)).unwrap().ends_with("</graphml>\n"));
    }
    let told = answer(at, &["export", "netlist.h5", "--format", "dot", "-o", "cores.dot"]);
    assert!(told.starts_with("cores.dot: ") && told.contains(" nodes and "), "{told}");
}

#[test]
fn what_a_format_cannot_carry_is_told_and_nothing_is_written() {
    let folder = with_netlist();
    let at = folder.path();
    // NetX is a chain that begins at one input.
    let netx = error(at, 2, &["export", "netlist.h5", "--format", "netx", "-o", "liquid.net"]);
    assert!(netx.contains("NetX has one input, and 2 sources of this network have synapses"), "{netx}");
    let sanafe = error(at, 2, &["export", "netlist.h5", "--format", "sanafe", "-o", "liquid.yaml"]);
    assert!(sanafe.contains("--allow-lossy") && sanafe.contains(" (core "), "{sanafe}");
    assert!(!is_there(at, "liquid.net") && !is_there(at, "liquid.yaml"));
    let cases: [(&[&str], &str); 6] = [
        (&["export", "netlist.h5", "--format", "lava", "-o", "liquid.txt"], "give one that ends with .py"),
        (&["export", "liquid.h5", "--format", "lava", "-o", "liquid.py"], "rheobase-netlist"),
        (&["export", "netlist.h5", "--format", "json", "-o", "netlist.h5"], "is the input"),
        (
            &["export", "netlist.h5", "--format", "json", "--of", "neurons", "-o", "a.json"],
            "--of neurons is for graphs",
        ),
        (
            &["export", "netlist.h5", "--format", "lava", "--duration", "3", "-o", "a.py"],
            "--spikes and --duration are for --format sanafe",
        ),
        (
            &["export", "netlist.h5", "--format", "sanafe", "--spikes", "no=run.h5", "-o", "a.yaml"],
            "rheobase-spikes",
        ),
    ];
    for (args, part) in cases {
        let told = error(at, 2, args);
        assert!(told.contains(part), "{part}: {told}");
    }
}
