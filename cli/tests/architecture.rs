//! The statements of ARCHITECTURE.md that a machine can check.
//!
//! A crate edge that is not in [`ALLOWED_EDGES`] fails here until someone decides it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Every crate of the workspace, present or coming, by folder, and the crates that it may name.
const ALLOWED_EDGES: [(&str, &[&str]); 11] = [
    ("lif", &[]),
    ("ltc", &[]),
    ("net", &["lif", "ltc"]),
    ("sim", &["net", "lif", "ltc"]),
    ("mapping", &["net", "lif", "ltc"]),
    ("loihi-export", &["mapping", "net", "lif", "ltc"]),
    ("study", &["sim", "loihi-export", "mapping", "net", "lif", "ltc"]),
    ("cli", &["study", "sim", "loihi-export", "mapping", "net", "lif", "ltc"]),
    ("python", &["study", "sim", "loihi-export", "mapping", "net", "lif", "ltc"]),
    ("benches", &["study", "sim", "loihi-export", "mapping", "net", "lif", "ltc"]),
    // One target for every file reader.
    ("fuzz", &["study", "loihi-export", "mapping", "sim", "net"]),
];

/// Crates that read or write HDF5; any other way to name it in a dependency contains `hdf5`.
const HDF5_IN: &str = "net";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("cli lies in the workspace").to_path_buf()
}

fn read_toml(path: &Path) -> toml::Table {
    let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The workspace's members, by folder.
fn members() -> Vec<String> {
    let workspace = read_toml(&root().join("Cargo.toml"));
    let members = workspace["workspace"]["members"].as_array().expect("members is a list");
    members.iter().map(|member| member.as_str().expect("a member is a string").to_owned()).collect()
}

fn package_name(folder: &str) -> String {
    match folder {
        "cli" => "rheobase".to_owned(),
        folder => format!("rheobase-{folder}"),
    }
}

/// The packages that a manifest names in any of its tables of dependencies, target tables included.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (key, value) in manifest {
        let Some(table) = value.as_table() else { continue };
        if matches!(key.as_str(), "dependencies" | "dev-dependencies" | "build-dependencies") {
            for (name, spec) in table {
                // `alias = { package = "…" }` names another package than its key says.
                let package = spec.get("package").and_then(|package| package.as_str());
                found.insert(package.unwrap_or(name).to_owned());
            }
        } else if key == "target" {
            for table in table.values().filter_map(|table| table.as_table()) {
                found.extend(dependencies(table));
            }
        }
    }
    found
}

/// What is wrong with the edges of `manifests` (by folder); empty if nothing is.
fn forbidden_edges(manifests: &BTreeMap<String, toml::Table>) -> Vec<String> {
    let mut faults = Vec::new();
    for (folder, manifest) in manifests {
        let Some((_, allowed)) = ALLOWED_EDGES.iter().find(|(from, _)| from == folder) else {
            faults.push(format!("{folder} is not in the table of allowed edges"));
            continue;
        };
        for package in dependencies(manifest) {
            let target = ALLOWED_EDGES.iter().map(|(to, _)| *to).find(|to| package_name(to) == package);
            match target {
                Some(to) if !allowed.contains(&to) => faults.push(format!("{folder} may not use {to}")),
                None if package.starts_with("rheobase") => {
                    faults
                        .push(format!("{folder} uses {package}, which is not in the table of allowed edges"));
                }
                Some(_) | None => {}
            }
        }
    }
    faults
}

fn manifests() -> BTreeMap<String, toml::Table> {
    members()
        .into_iter()
        .map(|folder| {
            let manifest = read_toml(&root().join(&folder).join("Cargo.toml"));
            (folder, manifest)
        })
        .collect()
}

#[test]
fn crates_use_only_crates_below_them() {
    assert_eq!(forbidden_edges(&manifests()), Vec::<String>::new());
}

#[test]
fn an_edge_outside_the_table_is_found() {
    let manifest = |text: &str| text.parse::<toml::Table>().expect("valid TOML");
    let find =
        |folder: &str, text: &str| forbidden_edges(&BTreeMap::from([(folder.to_owned(), manifest(text))]));
    let edge = "[dependencies]\nrheobase-loihi-export.workspace = true";
    assert_eq!(find("sim", edge), ["sim may not use loihi-export"]);
    let edge = "[dev-dependencies]\nengine = { package = \"rheobase-sim\", path = \"../sim\" }";
    assert_eq!(find("loihi-export", edge), ["loihi-export may not use sim"]);
    let edge = "[target.'cfg(unix)'.build-dependencies]\nrheobase-net = { path = \"../net\" }";
    assert_eq!(find("lif", edge), ["lif may not use net"]);
    assert_eq!(find("viewer", "").len(), 1);
    assert_eq!(find("study", "[dependencies]\nrheobase-viewer.workspace = true").len(), 1);
    assert_eq!(find("study", "[dependencies]\nrheobase-sim.workspace = true").len(), 0);
}

/// The table is a picture of layers: going down it never comes back up.
#[test]
fn the_table_of_edges_has_no_cycle_and_keeps_the_engines_apart() {
    let allowed = |from: &str| ALLOWED_EDGES.iter().find(|(f, _)| *f == from).map_or(&[][..], |(_, to)| to);
    for (from, _) in ALLOWED_EDGES {
        let mut reachable = BTreeSet::new();
        let mut open = allowed(from).to_vec();
        while let Some(to) = open.pop() {
            if reachable.insert(to) {
                open.extend(allowed(to));
            }
        }
        assert!(!reachable.contains(from), "{from} reaches itself");
        match from {
            "lif" | "ltc" => assert!(reachable.is_empty(), "{from} uses {reachable:?}"),
            "sim" => assert!(!reachable.contains("loihi-export") && !reachable.contains("mapping")),
            "loihi-export" | "mapping" => assert!(!reachable.contains("sim")),
            _ => {}
        }
    }
}

#[test]
fn only_net_names_hdf5() {
    for (folder, manifest) in manifests() {
        let names = dependencies(&manifest).into_iter().filter(|name| name.contains("hdf5")).count();
        assert!(names == 0 || folder == HDF5_IN, "{folder} depends on an HDF5 library");
        if folder != HDF5_IN {
            for (path, code) in sources(&folder) {
                for library in ["hdf5_pure", "hdf5_metno", "rust_hdf5", "rustyhdf5"] {
                    assert!(!code.contains(library), "{} names {library}", path.display());
                }
            }
        }
    }
}

#[test]
fn single_neurons_know_no_thread_pool() {
    for (folder, manifest) in manifests() {
        let rayon = dependencies(&manifest).iter().any(|name| name.contains("rayon"));
        assert!(folder != "lif" || !rayon, "lif depends on rayon");
    }
    for folder in ["lif", "ltc"].into_iter().filter(|folder| root().join(folder).is_dir()) {
        for (path, code) in sources(folder) {
            for word in ["std::thread", "std::time", "std::fs", "std::net"] {
                assert!(!code.contains(word), "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn only_cli_prints() {
    // Fuzz targets and benches are programs of their own.
    for folder in
        members().into_iter().filter(|folder| !["cli", "fuzz", "benches"].contains(&folder.as_str()))
    {
        for (path, code) in sources(&folder) {
            for word in [
                "println!",
                "print!(",
                "eprintln!",
                "eprint!(",
                "dbg!(",
                "std::io::stdout",
                "std::io::stderr",
            ] {
                assert!(!code.contains(word), "{} uses {word}", path.display());
            }
        }
    }
}

#[test]
fn folders_are_bare_and_packages_carry_the_projects_name() {
    for (folder, manifest) in manifests() {
        assert!(!folder.contains("rheobase") && !folder.contains('/'), "{folder} is not a bare name");
        assert_eq!(manifest["package"]["name"].as_str(), Some(package_name(&folder).as_str()));
        assert_eq!(
            manifest["lints"]["workspace"].as_bool(),
            Some(true),
            "{folder} leaves the workspace's lints out"
        );
    }
}

/// The Rust files of a crate's `src`, with comment lines and the tests at a file's end left out.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join(folder).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                let code = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]"));
                let code: Vec<&str> = code.filter(|line| !line.trim_start().starts_with("//")).collect();
                files.push((path, code.join("\n")));
            }
        }
    }
    assert!(!files.is_empty(), "{folder} has no sources");
    files
}
