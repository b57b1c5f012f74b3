//! How fast errors shrink with the step.

use super::*;

type Method = dyn Solver<f64, Follows>;

/// How far a measured order may be off.
const ALLOWED: f64 = 0.2;

/// The slopes of log error over log step.
fn slope(errors: &[f64]) -> f64 {
    let last = errors.len() - 1;
    (errors[last - 1] / errors[last]).log2()
}

fn check(name: &str, slope: f64, order: f64) {
    assert!((slope - order).abs() <= ALLOWED, "{name}: order {slope:.2}, and must be {order}");
}

/// The error at t = 2 for a few numbers of steps, each twice the one before.
fn errors(solver: &dyn Solver<f64, Follows>, steps: &[f64]) -> Vec<f64> {
    let times = [0.0, 2.0];
    let run = |n: &f64| {
        let solution = solve(&Follows, solver, &landing(&[1.0], &times), &Steps::Fixed(2.0 / n)).unwrap();
        (solution.states[1] - target(2.0)).abs()
    };
    steps.iter().map(run).collect()
}

/// The error inside one step from the solution.
fn errors_inside(solver: &dyn Solver<f64, Follows>, lengths: &[f64]) -> Vec<f64> {
    let run = |h: &f64| {
        let t = 0.3;
        let mut stepper = solver.stepper(&Follows);
        let span = Span { t, end: t + h, ends_at_jump: false };
        let (before, mut after, mut error) = ([target(t)], [0.0], [0.0]);
        stepper.attempt(&span, Tried { before: &before, after: &mut after, error: &mut error }).unwrap();
        let mut piece = Piece::empty();
        stepper.piece(&span, &before, &after, &mut piece);
        let off = |x: f64| {
            let mut state = [0.0];
            piece.at(t + x * h, &mut state);
            (state[0] - target(t + x * h)).abs()
        };
        assert!(off(0.0) < 1e-15, "the piece begins elsewhere");
        let mut end = [0.0];
        piece.at(span.end, &mut end);
        assert!((end[0] - after[0]).abs() < 1e-13, "the piece ends elsewhere");
        [0.15, 0.35, 0.6, 0.85].into_iter().map(off).fold(0.0, f64::max)
    };
    lengths.iter().map(run).collect()
}

#[test]
fn explicit_methods_have_their_order() {
    use explicit::*;
    let fine = &[400.0, 800.0][..];
    let all: [(&str, Explicit, f64, &[f64]); 10] = [
        ("euler", EULER, 1.0, fine),
        ("heun", HEUN, 2.0, fine),
        ("midpoint", MIDPOINT, 2.0, fine),
        ("heun3", HEUN3, 3.0, fine),
        ("rk4", RK4, 4.0, &[100.0, 200.0]),
        ("three eighths", THREE_EIGHTHS, 4.0, &[100.0, 200.0]),
        ("bosh3", BOSH3, 3.0, fine),
        ("dopri5", DOPRI5, 5.0, &[160.0, 320.0]),
        ("tsit5", TSIT5, 5.0, &[80.0, 160.0]),
        ("dop853", DOP853, 8.0, &[32.0, 64.0]),
    ];
    for (name, method, order, steps) in all {
        check(name, slope(&errors(&method, steps)), order);
    }
}

#[test]
fn implicit_methods_have_their_order() {
    use implicit::*;
    for (method, steps) in [
        (IMPLICIT_EULER, [400.0, 800.0]),
        (IMPLICIT_MIDPOINT, [100.0, 200.0]),
        (TRAPEZOID, [100.0, 200.0]),
        (GAUSS_4, [40.0, 80.0]),
        (GAUSS_6, [20.0, 40.0]),
        (RADAU_3, [80.0, 160.0]),
        (RADAU_5, [40.0, 80.0]),
        (SDIRK_2, [100.0, 200.0]),
        (TR_BDF_2, [100.0, 200.0]),
    ] {
        let order = f64::from(method.tableau.order);
        check(method.tableau.name, slope(&errors(&method, &steps)), order);
    }
    check("rodas5p", slope(&errors(&RODAS5P, &[80.0, 160.0])), 5.0);
}

#[test]
fn bounded_methods_have_their_order() {
    for (name, method, order) in [
        ("fused", FUSED, 1.0),
        ("exponential euler", EXPONENTIAL_EULER, 1.0),
        ("exponential heun", EXPONENTIAL_HEUN, 2.0),
    ] {
        check(name, slope(&errors(&method, &[800.0, 1600.0])), order);
    }
}

/// Of a largest order, which the first steps by a method of order 4 do not spoil.
#[test]
fn adams_methods_have_their_order() {
    for max_order in [4, 5] {
        let implicit = Adams { max_order, rtol: 1e-14, atol: 1e-15, iterations: 50, ..Adams::IMPLICIT };
        check("implicit", slope(&errors(&implicit, &[400.0, 800.0])), max_order as f64);
        let explicit = Adams { max_order, ..Adams::EXPLICIT };
        check("explicit", slope(&errors(&explicit, &[400.0, 800.0])), max_order as f64 - 1.0);
    }
}

#[test]
fn states_inside_a_step_have_their_order() {
    use explicit::*;
    use implicit::*;
    let all: [(&str, &Method, f64, [f64; 2]); 16] = [
        ("euler", &EULER, 1.0, [0.02, 0.01]),
        ("heun", &HEUN, 2.0, [0.02, 0.01]),
        ("rk4", &RK4, 3.0, [0.02, 0.01]),
        ("bosh3", &BOSH3, 3.0, [0.02, 0.01]),
        ("dopri5", &DOPRI5, 4.0, [0.01, 0.005]),
        ("tsit5", &TSIT5, 4.0, [0.02, 0.01]),
        ("dop853", &DOP853, 7.0, [0.16, 0.08]),
        ("rodas5p", &RODAS5P, 4.0, [0.02, 0.01]),
        ("sdirk2", &SDIRK_2, 2.0, [0.02, 0.01]),
        ("radau 3", &RADAU_3, 3.0, [0.02, 0.01]),
        ("radau 5", &RADAU_5, 4.0, [0.04, 0.02]),
        ("gauss 4", &GAUSS_4, 3.0, [0.02, 0.01]),
        ("gauss 6", &GAUSS_6, 5.0, [0.08, 0.04]),
        ("the first step of adams", &Adams::IMPLICIT, 4.0, [0.02, 0.01]),
        ("exponential euler", &EXPONENTIAL_EULER, 1.0, [0.002, 0.001]),
        ("exponential heun", &EXPONENTIAL_HEUN, 2.0, [0.002, 0.001]),
    ];
    for (name, method, order, lengths) in all {
        check(name, slope(&errors_inside(method, &lengths)), order + 1.0);
    }
}

/// The error follows the tolerance.
#[test]
fn adaptive_steps_keep_the_tolerance() {
    let (cell, parameters, initial) = dense(19, 8, 4);
    let field = field_of(&cell, &parameters, waves(8));
    let times: Vec<f64> = (0..11).map(f64::from).collect();
    let run = |solver: &dyn Solver<f64, LtcField<f64>>, outputs, rtol: f64| {
        let steps = Steps::Adaptive(Control::new(rtol, rtol * 1e-2));
        solve(&field, solver, &Problem { outputs, ..landing(&initial, &times) }, &steps).unwrap().states
    };
    let best = run(&explicit::DOP853, Outputs::Landed, 1e-13);
    let all: [&dyn Solver<f64, LtcField<f64>>; 5] =
        [&explicit::BOSH3, &explicit::DOPRI5, &explicit::TSIT5, &explicit::DOP853, &RODAS5P];
    for (k, solver) in all.into_iter().enumerate() {
        for outputs in [Outputs::Landed, Outputs::Interpolated] {
            for rtol in [1e-4, 1e-6, 1e-8] {
                let off = far(&run(solver, outputs, rtol), &best);
                assert!(off < 60.0 * rtol, "method {k}, {outputs:?}, rtol {rtol:.0e}: {off:.1e}");
            }
        }
    }
}

/// Six evaluations a step, one at the start, one for the first step.
#[test]
fn work_is_counted() {
    let times = [0.0, 3.0];
    let solution =
        solve(&Follows, &explicit::DOPRI5, &landing(&[1.0], &times), &Steps::Adaptive(Control::default()));
    let Work { steps, rejected, rates, jacobians, .. } = solution.unwrap().work;
    assert_eq!((rates, jacobians), (2 + 6 * (steps + rejected), 0));
    let fixed = solve(&Follows, &explicit::DOP853, &landing(&[1.0], &times), &Steps::Fixed(0.5)).unwrap();
    assert_eq!((fixed.work.steps, fixed.work.rates), (6, 6 * 12));
    let stiff = solve(&Follows, &RODAS5P, &landing(&[1.0], &times), &Steps::Fixed(0.5)).unwrap();
    let Work { steps, rates, jacobians, factorizations, .. } = stiff.work;
    assert_eq!((steps, rates, jacobians, factorizations), (6, 6 * 8, 6, 6));
}
