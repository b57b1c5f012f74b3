//! The suite `ltc`: golden vectors of ncps 1.0.1, of the LTC paper's code and of ODE solvers.
//!
//! A file is a case, and its attribute `kind` says of what; [`cells`] has those of cells. Errors are relative to
//! the largest value of an array.

mod cells;
mod dde;
mod events;
mod liquid_tau;
mod models;
mod ode;
mod wirings;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use rheobase_net::file::Hdf5Reader;

use super::{Outcome, Verdict};

/// Runs every case of a folder, but for those that are skipped.
pub fn run(dir: &Path, is_skipped: impl Fn(&str) -> bool) -> Result<Vec<Outcome>> {
    let entries = std::fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))?;
    let paths: Vec<PathBuf> = entries.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let mut paths: Vec<PathBuf> =
        paths.into_iter().filter(|path| path.extension().is_some_and(|ending| ending == "h5")).collect();
    paths.sort();
    ensure!(!paths.is_empty(), "{} has no file that ends in .h5", dir.display());
    let outcome = |path: &PathBuf| {
        let case = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let (verdict, detail) = match () {
            () if is_skipped(&case) => (Verdict::Skipped, "as asked".to_owned()),
            () => match check(path) {
                Ok(Measured::Agrees(detail)) => (Verdict::Passed, detail),
                Ok(Measured::Unsupported(what)) => (Verdict::Unsupported, what),
                Err(error) => (Verdict::Failed, format!("{error:#}")),
            },
        };
        Outcome { case, verdict, detail }
    };
    Ok(paths.iter().map(outcome).collect())
}

enum Measured {
    Agrees(String),
    Unsupported(String),
}

fn check(path: &Path) -> Result<Measured> {
    let file = Hdf5Reader::open(path)?;
    let kind = file.attributes("/")?.text("kind")?.to_owned();
    match kind.as_str() {
        "ltc" | "cfc" | "wired_cfc" | "ltc_ex" | "ltc_rk" | "ctrnn" | "node" | "ctgru" => cells::check(&file),
        "ode" => ode::check(path, &file),
        "ode_event" => events::check(&file),
        "liquid_tau" => liquid_tau::check(&file),
        "dde" => dde::check(&file),
        _ => Ok(Measured::Unsupported(kind)),
    }
}

/// The largest difference, relative to the largest value.
fn error(ours: &[f64], theirs: &[f64]) -> Result<f64> {
    ensure!(ours.len() == theirs.len(), "{} values, and {} in the file", ours.len(), theirs.len());
    let largest = theirs.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let difference = ours.iter().zip(theirs).map(|(x, y)| (x - y).abs());
    // A difference that is no number must not look like none.
    let difference =
        difference.fold(0.0, |most: f64, x| if x.is_nan() { f64::INFINITY } else { most.max(x) });
    Ok(if difference == 0.0 { 0.0 } else { difference / largest })
}
