//! Solvers, against torchdiffeq's runs: 0.2.5 in `ode_…`, the implicit methods of its master in `ode_master_…`.
//!
//! | run | must |
//! |---|---|
//! | fixed steps, explicit | states to 1e-12, derivatives to 1e-9 |
//! | fixed steps, implicit | the same, by torchdiffeq's iteration ([`broyden`]); ours, to the end, as far as that one is |
//! | to a tolerance | be as near to SciPy's solution for no more evaluations of the field, with the default control of the same method (options of a run are given to ours, too): at the same tolerance, or at one that is said to be another; derivatives of small steps to 1e-7 |
//! | away from the solution by more than the solution is large | not be compared: it "diverges in torchdiffeq too", and ours must |
//!
//! Errors are relative to the largest value of an array. Derivatives are those of the sum of all squared states.

mod broyden;
mod dual;
mod methods;
mod problems;
mod runs;

use std::path::Path;

use anyhow::{Context, Result, ensure};
use rheobase_net::file::Hdf5Reader;

use super::Measured;
use problems::Problem;
use runs::{Kind, Run};

/// Runs every run of a file.
pub fn check(path: &Path, file: &Hdf5Reader) -> Result<Measured> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // The file of the implicit methods has no solution of SciPy's; that of the others has.
    let beside = path.with_file_name(name.replace("ode_master_", "ode_"));
    let truth = Hdf5Reader::open(&beside).with_context(|| beside.display().to_string())?;
    let problem = Problem::read(file, &truth)?;
    let mut groups = file.groups("/")?;
    groups.retain(|group| group != "params");
    ensure!(!groups.is_empty(), "there is no run");
    let mut sums = Sums::default();
    let mut faults = Vec::new();
    for group in &groups {
        match Run::read(file, group).and_then(|run| runs::check(&problem, &run)) {
            Ok(kind) => sums.add(group, kind),
            Err(error) => faults.push(format!("{group}: {error:#}")),
        }
    }
    ensure!(faults.is_empty(), "{} of {} runs: {}", faults.len(), groups.len(), faults.join("; "));
    Ok(Measured::Agrees(sums.to_text()))
}

/// What the runs of a file have in common.
#[derive(Default)]
struct Sums {
    fixed: usize,
    values: f64,
    derivatives: f64,
    implicit: usize,
    iteration: f64,
    adaptive: usize,
    /// How far from the same tolerance those were that did not do as well there.
    elsewhere: Vec<(String, f64)>,
    /// Derivatives of small steps.
    small_steps: f64,
    /// Ours over theirs, the largest.
    evaluations: f64,
    errors: f64,
    divergent: Vec<String>,
}

impl Sums {
    fn add(&mut self, group: &str, kind: Kind) {
        match kind {
            Kind::Fixed { values, derivatives } => {
                self.fixed += 1;
                self.values = self.values.max(values);
                self.derivatives = self.derivatives.max(derivatives);
            }
            Kind::Implicit { values, derivatives, iteration } => {
                self.implicit += 1;
                self.values = self.values.max(values);
                self.derivatives = self.derivatives.max(derivatives);
                self.iteration = self.iteration.max(iteration);
            }
            Kind::Adaptive { evaluations, errors, decades, derivatives } => {
                self.adaptive += 1;
                if decades != 0.0 {
                    self.elsewhere.push((group.to_owned(), decades));
                }
                self.small_steps = self.small_steps.max(derivatives);
                self.evaluations = self.evaluations.max(evaluations);
                self.errors = self.errors.max(errors);
            }
            Kind::Divergent => self.divergent.push(group.to_owned()),
        }
    }

    fn to_text(&self) -> String {
        let Self { fixed, values, derivatives, implicit, iteration, divergent, .. } = self;
        let Self { adaptive, elsewhere, small_steps, evaluations, errors, .. } = self;
        let mut parts = Vec::new();
        if fixed + implicit > 0 {
            let n = fixed + implicit;
            parts.push(format!("{n} with fixed steps, values {values:.1e}, derivatives {derivatives:.1e}"));
        }
        if *implicit > 0 {
            parts.push(format!("its iteration {iteration:.1e} from the end"));
        }
        if *adaptive > 0 {
            parts.push(format!(
                "{adaptive} to a tolerance, error at most {errors:.2} and evaluations {evaluations:.2} of its, \
                 derivatives {small_steps:.1e}; {} at the same tolerance",
                adaptive - elsewhere.len()
            ));
            let named: Vec<String> =
                elsewhere.iter().map(|(group, decades)| format!("{group} {decades:+} decades off")).collect();
            if !named.is_empty() {
                parts.push(named.join(", "));
            }
        }
        if !divergent.is_empty() {
            parts.push(format!("diverges in torchdiffeq too: {}", divergent.join(", ")));
        }
        parts.join("; ")
    }
}
