//! One run of torchdiffeq, and ours beside it.

use anyhow::{Context, Result, bail, ensure};
use rheobase_ltc::field::Smooth;
use rheobase_ltc::ode::{
    Control, Explicit, Gradient, OdeError, Outputs, Problem as Task, Solution, Steps, pull, pull_continuous,
    solve,
};
use rheobase_net::file::Hdf5Reader;
use serde_json::Value;

use super::super::error;
use super::broyden;
use super::methods::Method;
use super::problems::{Place, Problem};

const VALUES: f64 = 1e-12;
const DERIVATIVES: f64 = 1e-9;
/// How far torchdiffeq's iteration may be from the end of it: it stops where residuals are 1e-8.
const ITERATION: f64 = 1e-6;
/// Roundings of the same steps.
const SAME: f64 = 1.0 + 1e-6;
/// What the best derivatives of a file, those of steps of 0.01 of order 4, are off.
const BEST_DERIVATIVES: f64 = 1e-7;

/// A field of which only the trait is known.
type Dynamic = dyn Smooth<f64>;

/// A run of a file.
pub struct Run {
    method: Method,
    steps: Steps,
    is_adjoint: bool,
    evaluations: usize,
    states: Vec<f64>,
    gradient: Vec<(String, Vec<f64>)>,
}

impl Run {
    pub fn read(file: &Hdf5Reader, group: &str) -> Result<Self> {
        let attributes = file.attributes(group)?;
        let options: Value = serde_json::from_str(attributes.text("options")?).context("options")?;
        let option = |name: &str| options.get(name).and_then(Value::as_f64);
        let mut control = Control::new(attributes.f64("rtol")?, attributes.f64("atol")?);
        control.first_step = option("first_step");
        control.safety = option("safety").unwrap_or(control.safety);
        control.largest_growth = option("ifactor").unwrap_or(control.largest_growth);
        control.least_growth = option("dfactor").unwrap_or(control.least_growth);
        let grads = file.datasets(&format!("{group}/grad"))?.into_iter();
        let grads = grads.map(|name| Ok((name.clone(), file.read(&format!("{group}/grad/{name}"))?)));
        Ok(Self {
            method: Method::named(attributes.text("method")?)?,
            steps: option("step_size").map_or(Steps::Adaptive(control), Steps::Fixed),
            is_adjoint: group.contains("_adjoint_"),
            evaluations: attributes.u64("nfe_forward")? as usize,
            states: file.read(&format!("{group}/y"))?,
            gradient: grads.collect::<Result<_>>()?,
        })
    }
}

/// How a run went.
pub enum Kind {
    Fixed {
        values: f64,
        derivatives: f64,
    },
    Implicit {
        values: f64,
        derivatives: f64,
        iteration: f64,
    },
    /// Ours over theirs, and how far ours is from the same tolerance.
    Adaptive {
        evaluations: f64,
        errors: f64,
        decades: f64,
        derivatives: f64,
    },
    Divergent,
}

/// Runs ours beside theirs.
pub fn check(problem: &Problem, run: &Run) -> Result<Kind> {
    let (parameters, places) = problem.parameters()?;
    let field = &*problem.field(&parameters)?;
    let is_far = |states: &[f64]| error(states, &problem.reference).map(|far| far.is_nan() || far >= 1.0);
    if is_far(&run.states)? {
        if let Ok(solution) = forward(problem, run, field, Outputs::Landed) {
            ensure!(is_far(&solution.states)?, "diverges in torchdiffeq, and not here");
        }
        return Ok(Kind::Divergent);
    }
    match (&run.method, &run.steps) {
        (Method::Implicit { ours, theirs }, Steps::Fixed(h)) => {
            let (states, gradient) = broyden::run(problem, theirs, *h, &parameters)?;
            let values = at_most("states", error(&states, &run.states)?, VALUES)?;
            let derivatives = compare(run, &places, &gradient)?;
            let iteration = match theirs.c == ours.tableau.c {
                true => error(&forward(problem, run, field, Outputs::Landed)?.states, &run.states)?,
                false => 0.0,
            };
            at_most("the end of the iteration", iteration, ITERATION)?;
            Ok(Kind::Implicit { values, derivatives, iteration })
        }
        (_, Steps::Fixed(_)) => {
            let solution = forward(problem, run, field, Outputs::Landed)?;
            let values = at_most("states", error(&solution.states, &run.states)?, VALUES)?;
            let gradient = gradient(problem, run, field, &solution, &run.steps)?;
            let derivatives = compare(run, &places, &gradient)?;
            Ok(Kind::Fixed { values, derivatives })
        }
        (_, Steps::Adaptive(control)) => adaptive(problem, run, field, control, &places),
    }
}

/// Ours, with the control that its method has by default, must reach the error of theirs for no more evaluations:
/// at the same tolerance, else at another of the [`ladder`]. Work is measured against precision then, as the same
/// tolerance means other errors to other methods: the estimate of Dormand and Prince's 8 is for order 5.
fn adaptive(
    problem: &Problem,
    run: &Run,
    field: &Dynamic,
    control: &Control,
    places: &[Place],
) -> Result<Kind> {
    let off = |states: &[f64]| {
        states.iter().zip(&problem.reference).fold(0.0_f64, |most, (x, y)| most.max((x - y).abs()))
    };
    let theirs = off(&run.states);
    // The error and the evaluations of ours.
    let measure = |decades: f64, outputs: Outputs| -> Result<Option<(f64, usize)>> {
        let factor = 10.0_f64.powf(decades);
        let (rtol, atol) = (control.rtol * factor, control.atol * factor);
        // More steps than evaluations are of no use.
        let control = Control { rtol, atol, max_steps: run.evaluations, ..*control };
        match solve(field, run.method.reversible(), &task(problem, outputs), &Steps::Adaptive(control)) {
            // So loose a tolerance may lose the solution altogether.
            Err(
                OdeError::TooManySteps { .. } | OdeError::NotFinite { .. } | OdeError::StepUnderflow { .. },
            ) => Ok(None),
            solution => {
                let solution = solution?;
                Ok(Some((off(&solution.states), solution.work.rates)))
            }
        }
    };
    let mut same = None;
    for decades in ladder() {
        // Theirs takes no notice of the times; a step that would go beyond the last may as well end there.
        for outputs in [Outputs::Unbound, Outputs::Interpolated] {
            let Some((error, rates)) = measure(decades, outputs)? else { continue };
            let measured = [error / theirs, rates as f64 / run.evaluations as f64];
            if measured.into_iter().all(|ratio| ratio <= SAME) {
                let [errors, evaluations] = measured;
                // Kept rates have no way back.
                let derivatives =
                    if run.method.keeps_rates() { 0.0 } else { precise(problem, run, field, places)? };
                return Ok(Kind::Adaptive { evaluations, errors, decades, derivatives });
            }
            if decades == 0.0 {
                same.get_or_insert((error, rates));
            }
        }
    }
    let ours = same.map_or("does not come to the end".to_owned(), |(error, rates)| {
        format!("has {error:.2e} for {rates} at its tolerance")
    });
    bail!(
        "error {theirs:.2e} for {} evaluations there; ours {ours}, and no tolerance does as well",
        run.evaluations
    )
}

/// Decades between the tolerance of a run and ours: none, then farther and farther in steps of an eighth, which
/// is 6 % of the evaluations of a method of order 5, to three tighter or looser.
fn ladder() -> impl Iterator<Item = f64> {
    let eighths = (1..=24).map(|k| f64::from(k) / 8.0);
    std::iter::once(0.0).chain(eighths.flat_map(|decades| [-decades, decades]))
}

/// How far the derivatives of very small steps of a method are from the best of the file.
fn precise(problem: &Problem, run: &Run, field: &Dynamic, places: &[Place]) -> Result<f64> {
    let steps = Steps::Adaptive(Control::new(1e-10, 1e-12));
    let solution = solve(field, run.method.reversible(), &task(problem, Outputs::Landed), &steps)?;
    let gradient = gradient(problem, run, field, &solution, &steps)?;
    let mut far = 0.0_f64;
    for (name, ours) in named(&gradient, places) {
        let best = problem.gradient.iter().find(|(of, _)| *of == name);
        let (_, best) = best.with_context(|| format!("grad/{name} is missing"))?;
        far =
            far.max(at_most(&format!("grad/{name} of small steps"), error(&ours, best)?, BEST_DERIVATIVES)?);
    }
    Ok(far)
}

fn forward(problem: &Problem, run: &Run, field: &Dynamic, outputs: Outputs) -> Result<Solution<f64>> {
    Ok(solve(field, run.method.reversible(), &task(problem, outputs), &run.steps)?)
}

fn task(problem: &Problem, outputs: Outputs) -> Task<'_, f64> {
    Task { initial: &problem.initial, times: &problem.times, jumps: &[], outputs }
}

fn gradient(
    problem: &Problem,
    run: &Run,
    field: &Dynamic,
    solution: &Solution<f64>,
    steps: &Steps,
) -> Result<Gradient<f64>> {
    let by_states: Vec<f64> = solution.states.iter().map(|y| 2.0 * y).collect();
    let task = task(problem, Outputs::Landed);
    if !run.is_adjoint {
        return Ok(pull(field, run.method.reversible(), &task, solution, &by_states)?);
    }
    let method: Explicit = match run.method {
        Method::Explicit(method) => method,
        Method::Adams(_) | Method::Implicit { .. } => bail!("this method has no continuous way back here"),
    };
    Ok(pull_continuous(field, &method, &task, &solution.states, &by_states, steps)?.0)
}

/// Derivatives by y0 and by every dataset of parameters.
fn named(gradient: &Gradient<f64>, places: &[Place]) -> Vec<(String, Vec<f64>)> {
    let of_place = |Place { dataset, at }: &Place| {
        (dataset.clone(), at.iter().map(|at| gradient.parameters[*at]).collect())
    };
    let initial = ("y0".to_owned(), gradient.initial.clone());
    std::iter::once(initial).chain(places.iter().map(of_place)).collect()
}

fn compare(run: &Run, places: &[Place], gradient: &Gradient<f64>) -> Result<f64> {
    let mut far = 0.0_f64;
    let ours = named(gradient, places);
    for (name, theirs) in &run.gradient {
        let of_name = ours.iter().find(|(of, _)| of == name);
        let (_, ours) = of_name.with_context(|| format!("there is no grad/{name} here"))?;
        far = far.max(at_most(&format!("grad/{name}"), error(ours, theirs)?, DERIVATIVES)?);
    }
    Ok(far)
}

fn at_most(what: &str, far: f64, allowed: f64) -> Result<f64> {
    ensure!(far <= allowed, "{what}: {far:.1e} from the file's, allowed {allowed:.0e}");
    Ok(far)
}
