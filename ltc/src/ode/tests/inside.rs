//! States inside of steps converge as fast as where steps end: as outputs, at events, through delays.

use super::*;
use crate::field::{DelayedLinear, Linear};
use crate::tableau::Tableau;

/// How far below its order a method may be measured.
const ALLOWED: f64 = 0.3;

enum Any {
    Explicit(Explicit),
    Adams(Adams),
    Implicit(Implicit),
    Rosenbrock(Rosenbrock),
}

type Late = dyn for<'p> Solver<f64, WithPast<'p, f64, DelayedLinear<f64>>>;

impl Any {
    fn smooth<F: Smooth<f64>>(&self) -> &dyn Solver<f64, F> {
        match self {
            Self::Explicit(method) => method,
            Self::Adams(method) => method,
            Self::Implicit(method) => method,
            Self::Rosenbrock(method) => method,
        }
    }

    /// Fields with a past have no derivatives.
    fn late(&self) -> Option<&Late> {
        match self {
            Self::Explicit(method) => Some(method),
            Self::Adams(method) => Some(method),
            Self::Implicit(_) | Self::Rosenbrock(_) => None,
        }
    }
}

/// All methods: their names, their orders, and numbers of steps at which errors show these.
fn all() -> Vec<(&'static str, Any, f64, f64)> {
    use explicit::*;
    use implicit::*;
    let explicit = [
        ("heun", HEUN, 200.0),
        ("heun3", HEUN3, 100.0),
        ("rk4", RK4, 60.0),
        ("bosh3", BOSH3, 100.0),
        ("dopri5", DOPRI5, 80.0),
        ("tsit5", TSIT5, 60.0),
        ("dop853", DOP853, 20.0),
    ];
    let explicit = explicit
        .map(|(name, method, steps)| (name, Any::Explicit(method), f64::from(method.tableau().order), steps));
    let adams = [4, 5].into_iter().flat_map(|max_order| {
        let implicit = Adams { max_order, rtol: 1e-14, atol: 1e-15, iterations: 50, ..Adams::IMPLICIT };
        let explicit = Adams { max_order, ..Adams::EXPLICIT };
        let order = max_order as f64;
        [
            ("explicit adams", Any::Adams(explicit), order - 1.0, 200.0),
            ("implicit adams", Any::Adams(implicit), order, 200.0),
        ]
    });
    let implicit = [
        (IMPLICIT_EULER, 200.0),
        (IMPLICIT_MIDPOINT, 100.0),
        (TRAPEZOID, 100.0),
        (GAUSS_4, 40.0),
        (GAUSS_6, 30.0),
        (RADAU_3, 80.0),
        (RADAU_5, 40.0),
        (SDIRK_2, 100.0),
        (TR_BDF_2, 100.0),
    ];
    let implicit = implicit.map(|(method, steps)| {
        let Tableau { name, order, .. } = method.tableau;
        (*name, Any::Implicit(method), f64::from(*order), steps)
    });
    let rodas = ("rodas5p", Any::Rosenbrock(RODAS5P), 5.0, 80.0);
    explicit.into_iter().chain(adams).chain(implicit).chain([rodas]).collect()
}

fn check(name: &str, what: &str, [coarse, fine]: [f64; 2], order: f64) {
    let measured = (coarse / fine).log2();
    let is_right = measured >= order - ALLOWED;
    assert!(is_right, "{name}, {what}: order {measured:.2} of {order}, errors {coarse:.1e} and {fine:.1e}");
}

#[test]
fn outputs() {
    // So many that they lie everywhere in a step.
    let times: Vec<f64> = (0..=500).map(|k| f64::from(k) / 250.0).collect();
    for (name, solver, order, steps) in all() {
        let off = |steps: f64| {
            let problem = Problem { outputs: Outputs::Interpolated, ..landing(&[1.0], &times) };
            let states =
                solve(&Follows, solver.smooth(), &problem, &Steps::Fixed(2.0 / steps)).unwrap().states;
            let exact: Vec<f64> = times.iter().map(|t| target(*t)).collect();
            far(&states, &exact)
        };
        check(name, "outputs", [off(steps), off(2.0 * steps)], order);
    }
}

/// cos t reaches −0.4; the steps before it, and the part of a step that leads there, have the method's order.
#[test]
fn events() {
    let (initial, times) = ([1.0, 0.0], [0.0, 4.0]);
    let field = Linear { n: 2, a: vec![0.0, 1.0, -1.0, 0.0] };
    let level = -0.4_f64;
    for (name, solver, order, steps) in all() {
        // Longer steps show more than roundings.
        let steps = if order > 4.0 { steps / 2.0 } else { steps };
        let off = |steps: f64| {
            let event = Level { unit: 0, level };
            let h = Steps::Fixed(4.0 / steps);
            let reached =
                solve_until(&field, solver.smooth(), &landing(&initial, &times), &event, &h).unwrap();
            assert!((reached.state[0] - level).abs() < 1e-14);
            (reached.t - level.acos()).abs().max((reached.state[1] + level.acos().sin()).abs())
        };
        check(name, "event", [off(steps), off(2.0 * steps)], order);
    }
}

/// sin t solves x' = −x(t − π/2).
#[test]
fn delays() {
    let field = DelayedLinear { a: vec![0.0], b: vec![-1.0], delay: [std::f64::consts::FRAC_PI_2] };
    let history = |t: f64, state: &mut [f64]| state[0] = t.sin();
    let times: Vec<f64> = (0..=500).map(|k| f64::from(k) / 100.0).collect();
    let problem = Problem { outputs: Outputs::Interpolated, ..landing(&[0.0], &times) };
    let exact: Vec<f64> = times.iter().map(|t| t.sin()).collect();
    for (name, solver, order, steps) in all() {
        let Some(solver) = solver.late() else { continue };
        // The solution is so smooth that steps of order 8 must be long to show more than roundings.
        let steps = if order > 6.0 { steps / 4.0 } else { steps };
        let off = |h: f64| {
            let states = solve_delayed(&field, solver, &problem, &history, &Steps::Fixed(h)).unwrap().states;
            far(&states, &exact)
        };
        check(name, "delay", [off(4.0 / steps), off(2.0 / steps)], order);
    }
}

/// e^(λ t) with a complex λ solves x' = a x + b x(t − d) for b = (λ − a) e^(λ d), from a history without a kink.
struct Spiral {
    lambda: [f64; 2],
    field: DelayedLinear<f64>,
}

impl Spiral {
    fn new(delay: f64) -> Self {
        let (lambda, a) = ([-0.1, 1.3], -1.0);
        let (size, angle) = ((lambda[0] * delay).exp(), lambda[1] * delay);
        let [re, im] = [lambda[0] - a, lambda[1]];
        let b = [size * (re * angle.cos() - im * angle.sin()), size * (re * angle.sin() + im * angle.cos())];
        let field =
            DelayedLinear { a: vec![a, 0.0, 0.0, a], b: vec![b[0], -b[1], b[1], b[0]], delay: [delay] };
        Self { lambda, field }
    }

    fn at(&self, t: f64) -> [f64; 2] {
        let size = (self.lambda[0] * t).exp();
        [size * (self.lambda[1] * t).cos(), size * (self.lambda[1] * t).sin()]
    }

    fn solve(&self, solver: &Late, times: &[f64], steps: Steps) -> (f64, Work) {
        let history = |t: f64, state: &mut [f64]| state.copy_from_slice(&self.at(t));
        let problem = Problem { outputs: Outputs::Interpolated, ..landing(&[1.0, 0.0], times) };
        let solution = solve_delayed(&self.field, solver, &problem, &history, &steps).unwrap();
        let exact: Vec<f64> = times.iter().flat_map(|t| self.at(*t)).collect();
        (far(&solution.states, &exact), solution.work)
    }
}

#[test]
fn delays_shorter_than_a_step() {
    let times: Vec<f64> = (0..=400).map(|k| f64::from(k) / 100.0).collect();
    let spiral = Spiral::new(0.003);
    for (name, solver, order, steps) in all() {
        let Some(solver) = solver.late() else { continue };
        let off = |h: f64| spiral.solve(solver, &times, Steps::Fixed(h)).0;
        check(name, "short delay", [off(4.0 / steps), off(2.0 / steps)], order);
    }
}

/// Ten thousand delays take as many steps as the solution asks for, as accurate as without a delay.
#[test]
fn short_delays_need_few_steps() {
    let times = [0.0, 3.3, 10.0];
    let solvers: [(&str, &Late); 3] =
        [("dopri5", &explicit::DOPRI5), ("tsit5", &explicit::TSIT5), ("dop853", &explicit::DOP853)];
    for delay in [1e-3, 1e-5] {
        let spiral = Spiral::new(delay);
        for (name, solver) in solvers {
            for rtol in [1e-5, 1e-8, 1e-10] {
                let steps = Steps::Adaptive(Control::new(rtol, 0.1 * rtol));
                let (off, work) = spiral.solve(solver, &times, steps);
                assert!(off < 100.0 * rtol, "{name}, delay {delay:.0e}, rtol {rtol:.0e}: {off:.1e}");
                assert!(
                    work.steps + work.rejected < 300,
                    "{name}, delay {delay:.0e}, rtol {rtol:.0e}: {work:?}"
                );
            }
        }
    }
}
