//! What holds for every cell: derivatives, bits, identities, faults.

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::cfc::{CfcConfig, Mode};
use super::ct_gru::Decay;
use super::explicit::{FiringRate, FiringRateConfig, Mlp, Placement, TimeConstant};
use super::ltc::{Constraint, LtcConfig, Map};
use super::*;
use crate::tableau::{EULER, HEUN, MIDPOINT, RK4, THREE_EIGHTHS, Tableau};
use crate::wiring::{AutoNcp, auto_ncp, fully_connected};

/// A cell, and parameters to start from.
struct Case {
    name: String,
    cell: Box<dyn Cell<f64>>,
    parameters: Vec<f64>,
    /// Whether elapsed time 0 changes nothing.
    is_identity_at_0: bool,
}

fn case(name: &str, cell: impl Cell<f64> + 'static, parameters: Vec<f64>, is_identity_at_0: bool) -> Case {
    Case { name: name.to_owned(), cell: Box::new(cell), parameters, is_identity_at_0 }
}

const N_INPUTS: usize = 3;

fn cases() -> Vec<Case> {
    let mut cases = closed_forms();
    cases.extend(discrete());
    cases.extend(explicit());
    cases.extend(composed());
    cases
}

fn closed_forms() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut rng = SmallRng::seed_from_u64(31);
    for mode in [Mode::Default, Mode::NoGate, Mode::Pure] {
        for (layers, activation) in [
            (0, Activation::LecunTanh),
            (1, Activation::LecunTanh),
            (1, Activation::Gelu),
            (2, Activation::Silu),
            (2, Activation::Tanh),
        ] {
            let config = CfcConfig { mode, backbone_layers: layers, backbone_units: 9, activation };
            let cell = Cfc::new(N_INPUTS, 5, config).unwrap();
            let parameters = cell.start(&mut rng);
            cases.push(case(&format!("{mode:?} {layers} {activation:?}"), cell, parameters, false));
        }
        let auto = AutoNcp { units: 13, n_outputs: 2, sparsity: 0.6, seed: 3 };
        let cell = WiredCfc::new(auto_ncp(N_INPUTS as u32, &auto).unwrap(), mode).unwrap();
        let parameters = cell.start(&mut rng);
        cases.push(case(&format!("wired {mode:?}"), cell, parameters, false));
    }
    cases
}

fn discrete() -> Vec<Case> {
    let mut rng = SmallRng::seed_from_u64(32);
    let lstm = Lstm::new(N_INPUTS, 5, 1.0).unwrap();
    let gru = Gru::new(N_INPUTS, 5).unwrap();
    let plain = Plain::new(N_INPUTS, 5, Activation::Tanh).unwrap();
    let corrected = CtGru::new(N_INPUTS, 4, 6, Decay::Corrected).unwrap();
    let published = CtGru::new(N_INPUTS, 4, 6, Decay::AsPublished).unwrap();
    let parameters = [
        lstm.start(&mut rng),
        gru.start(&mut rng),
        plain.start(&mut rng),
        corrected.start(&mut rng),
        published.start(&mut rng),
    ];
    let [of_lstm, of_gru, of_plain, of_corrected, of_published] = parameters;
    vec![
        case("lstm", lstm, of_lstm, false),
        case("gru", gru, of_gru, false),
        case("plain", plain, of_plain, false),
        case("ct-gru corrected", corrected, of_corrected, false),
        case("ct-gru as published", published, of_published, false),
    ]
}

fn explicit() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut rng = SmallRng::seed_from_u64(33);
    let methods: [&'static Tableau; 5] = [&EULER, &HEUN, &MIDPOINT, &RK4, &THREE_EIGHTHS];
    let mut methods = methods.into_iter().cycle();
    let time_constants = [
        TimeConstant::None,
        TimeConstant::Fixed(1.5),
        TimeConstant::Learned,
        TimeConstant::Liquid { min: 0.5, max: 3.0 },
    ];
    for time_constant in time_constants {
        for placement in [Placement::Beside, Placement::Divided] {
            for feedback in [true, false] {
                let activation = Activation::Tanh;
                let config = FiringRateConfig { activation, feedback, time_constant, placement };
                let field = FiringRate::new(N_INPUTS, 6, config.clone()).unwrap();
                let parameters = field.start(&mut rng);
                let method = methods.next().unwrap();
                let cell = Explicit::new(field, method, 3, None).unwrap();
                cases.push(case(&format!("{} {config:?}", method.name), cell, parameters, true));
            }
        }
    }
    let clipped = FiringRate::new(N_INPUTS, 6, FiringRateConfig::ct_rnn()).unwrap();
    let parameters = clipped.start(&mut rng);
    let cell = Explicit::new(clipped, &HEUN, 4, Some(0.4)).unwrap();
    cases.push(case("clipped", cell, parameters, false));

    let mlp = Mlp::new(N_INPUTS, 4, 7, Activation::Tanh).unwrap();
    let parameters = mlp.start(&mut rng);
    cases.push(case("mlp", Explicit::new(mlp, &MIDPOINT, 2, None).unwrap(), parameters, true));

    let wiring = auto_ncp(3, &AutoNcp { units: 8, n_outputs: 2, sparsity: 0.4, seed: 5 }).unwrap();
    for (method, constraint) in [(&EULER, Constraint::Clipped), (&RK4, Constraint::Softplus)] {
        let config = LtcConfig { constraint, output_map: Map::Affine, ..LtcConfig::default() };
        let ltc = Ltc::new(wiring.clone(), config).unwrap();
        let parameters = ltc.start(&mut rng);
        let cell = Explicit::new(ltc, method, 40, None).unwrap();
        cases.push(case(&format!("ltc {}", method.name), cell, parameters, true));
    }
    cases
}

fn composed() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut rng = SmallRng::seed_from_u64(34);
    let ltc = Ltc::new(fully_connected(3, 5, 2, true, 1).unwrap(), LtcConfig::default()).unwrap();
    let of_ltc: Vec<f64> = ltc.start(&mut rng);
    let cell = mixed_memory::<f64, _>(ltc).unwrap();
    let parameters = cell.join(cell.first().start(&mut rng), &of_ltc);
    cases.push(case("mixed ltc", cell, parameters, false));

    let cfc = Cfc::new(N_INPUTS, 6, CfcConfig { backbone_units: 5, ..CfcConfig::default() }).unwrap();
    let of_cfc: Vec<f64> = cfc.start(&mut rng);
    let cell = mixed_memory::<f64, _>(cfc).unwrap();
    let parameters = cell.join(cell.first().start(&mut rng), &of_cfc);
    cases.push(case("mixed cfc", cell, parameters, false));

    let evolves = Explicit::new(Mlp::new(0, 5, 8, Activation::Tanh).unwrap(), &RK4, 2, None).unwrap();
    let gru = Gru::new(N_INPUTS, 5).unwrap();
    let cell = Then::new::<f64>(("ode", evolves), ("gru", gru)).unwrap();
    let parameters = cell.join(cell.first().field().start(&mut rng), &cell.second().start(&mut rng));
    cases.push(case("ode-rnn", cell, parameters, false));

    let evolves = Explicit::new(Mlp::new(0, 5, 8, Activation::Tanh).unwrap(), &HEUN, 3, None).unwrap();
    let lstm = Lstm::new(N_INPUTS, 5, 0.0).unwrap();
    let cell = Then::new::<f64>(("lstm", lstm), ("ode", evolves)).unwrap();
    let parameters = cell.join(cell.first().start(&mut rng), &cell.second().field().start(&mut rng));
    cases.push(case("ode-lstm", cell, parameters, false));
    cases
}

/// Inputs, elapsed times and initial states.
type Values = [Vec<f64>; 3];

fn values_of(cell: &dyn Cell<f64>, n_samples: usize, n_steps: usize, seed: u64) -> Values {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut noise = |n: usize| (0..n).map(|_| rng.random_range(-1.0..1.0)).collect::<Vec<f64>>();
    let inputs = noise(n_samples * n_steps * cell.n_inputs());
    let elapsed = noise(n_samples * n_steps).into_iter().map(|t: f64| t.abs() * 2.0).collect();
    [inputs, elapsed, noise(n_samples * cell.n_state())]
}

fn run<'c>(cell: &'c dyn Cell<f64>, parameters: &[f64], n_samples: usize, values: &Values) -> Tape<'c, f64> {
    let [inputs, elapsed, initial] = values;
    let n_steps = elapsed.len() / n_samples;
    record(cell, parameters, &Batch { n_samples, n_steps, inputs, elapsed, initial }).unwrap()
}

fn loss(cell: &dyn Cell<f64>, parameters: &[f64], n_samples: usize, values: &Values) -> f64 {
    run(cell, parameters, n_samples, values).outputs().iter().map(|x| x * x).sum()
}

/// Central differences, whose error is of order 1e-10 here.
#[test]
fn derivatives_are_those_of_central_differences() {
    let n_samples = 2;
    for Case { name, cell, parameters, .. } in cases() {
        let cell = &*cell;
        let values = values_of(cell, n_samples, 3, 7);
        let mut tape = run(cell, &parameters, n_samples, &values);
        let by_outputs: Vec<f64> = tape.outputs().iter().map(|x| 2.0 * x).collect();
        let Gradients { parameters: by_parameters, inputs, elapsed, initial } =
            tape.pull(&by_outputs).unwrap();

        let check = |what: &str, k: usize, pulled: f64, of: &dyn Fn(f64) -> f64| {
            let expected = (of(1e-5) - of(-1e-5)) / 2e-5;
            let close = (pulled - expected).abs() <= 1e-7 * (1.0 + expected.abs());
            assert!(close, "{name}: {what} {k}: {pulled} against {expected}");
        };
        for (k, pulled) in by_parameters.iter().enumerate() {
            check("parameter", k, *pulled, &|by| {
                let mut parameters = parameters.clone();
                parameters[k] += by;
                loss(cell, &parameters, n_samples, &values)
            });
        }
        for (part, pulled) in
            [("input", inputs), ("elapsed", elapsed), ("initial", initial)].iter().enumerate()
        {
            for (k, of_value) in pulled.1.iter().enumerate() {
                check(pulled.0, k, *of_value, &|by| {
                    let mut values = values.clone();
                    values[part][k] += by;
                    loss(cell, &parameters, n_samples, &values)
                });
            }
        }
    }
}

#[test]
fn a_sample_has_the_same_bits_alone_and_in_any_order() {
    let n_samples = 21;
    for Case { name, cell, parameters, .. } in cases() {
        let values = values_of(&*cell, n_samples, 4, 11);
        let states = run(&*cell, &parameters, n_samples, &values).states();
        let row = |of: &[f64], sample: usize| {
            let n = of.len() / n_samples;
            of[sample * n..(sample + 1) * n].to_vec()
        };
        let reversed = values.clone().map(|of| (0..n_samples).rev().flat_map(|k| row(&of, k)).collect());
        let of_reversed = run(&*cell, &parameters, n_samples, &reversed).states();
        for sample in 0..n_samples {
            let alone = values.clone().map(|of| row(&of, sample));
            let alone = run(&*cell, &parameters, 1, &alone).states();
            assert_eq!(alone, row(&states, sample), "{name}, sample {sample}");
            assert_eq!(alone, row(&of_reversed, n_samples - 1 - sample), "{name}, sample {sample}");
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let n_samples = 70;
    for Case { name, cell, parameters, .. } in cases() {
        let values = values_of(&*cell, n_samples, 4, 13);
        let run_on = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut tape = run(&*cell, &parameters, n_samples, &values);
                let by_outputs = tape.outputs();
                (tape.states(), tape.pull(&by_outputs).unwrap())
            })
        };
        let one = run_on(1);
        assert_eq!(one, run_on(2), "{name}");
        assert_eq!(one, run_on(8), "{name}");
    }
}

#[test]
fn no_time_is_no_change_where_a_cell_evolves() {
    for Case { name, cell, parameters, is_identity_at_0 } in cases() {
        let mut values = values_of(&*cell, 3, 2, 17);
        values[1].fill(0.0);
        let states = run(&*cell, &parameters, 3, &values).states();
        let n = cell.n_state();
        let last: Vec<f64> = states.chunks(2 * n).flat_map(|of_sample| of_sample[n..].to_vec()).collect();
        assert_eq!(last == values[2], is_identity_at_0, "{name}");
    }
}

/// Halved steps leave an error that is smaller by 2^order.
#[test]
fn steps_converge_with_the_order_of_their_method() {
    let config = FiringRateConfig::liquid(0.5, 2.0);
    let field = FiringRate::new(N_INPUTS, 5, config).unwrap();
    let parameters: Vec<f64> = field.start(&mut SmallRng::seed_from_u64(2));
    let at_end = |method, n_steps| {
        let cell = Explicit::new(field.clone(), method, n_steps, None).unwrap();
        let mut values = values_of(&cell, 1, 1, 23);
        values[1][0] = 1.0;
        run(&cell, &parameters, 1, &values).states()
    };
    let exact = at_end(&RK4, 2000);
    for method in crate::tableau::EXPLICIT {
        let far =
            |n_steps| -> f64 { at_end(method, n_steps).iter().zip(&exact).map(|(x, y)| (x - y).abs()).sum() };
        let order = (far(8) / far(16)).log2();
        assert!((order - f64::from(method.order)).abs() < 0.2, "{}: {order}", method.name);
    }
}

/// Without drive a state falls to x exp(−T/τ), and rises from 0 to f (1 − exp(−T/τ)) with a drive.
#[test]
fn a_leaky_unit_is_an_exponential() {
    let (tau, b, x, t) = (2.0_f64, 0.7_f64, 0.6_f64, 3.0_f64);
    for (placement, drive) in [(Placement::Beside, tau * b.tanh()), (Placement::Divided, b.tanh())] {
        let config = FiringRateConfig {
            placement,
            time_constant: TimeConstant::Fixed(tau),
            ..FiringRateConfig::ct_rnn()
        };
        let field = FiringRate::new(1, 1, config).unwrap();
        let cell = Explicit::new(field, &RK4, 200, None).unwrap();
        // w, input_w, bias
        let after = run(&cell, &[0.0, 0.0, b], 1, &[vec![0.3], vec![t], vec![x]]).states()[0];
        let remains = (-t / tau).exp();
        let expected = drive + (x - drive) * remains;
        assert!((after - expected).abs() < 1e-10, "{placement:?}: {after}, {expected}");
    }
}

/// The sums over lanes and time differ from those of samples alone by rounding only.
#[test]
fn a_gradient_is_the_sum_of_those_of_its_samples() {
    let n_samples = 19;
    for Case { name, cell, parameters, .. } in cases() {
        let values = values_of(&*cell, n_samples, 3, 19);
        let pull = |n_samples: usize, values: &Values| {
            let mut tape = run(&*cell, &parameters, n_samples, values);
            let by_outputs = tape.outputs();
            tape.pull(&by_outputs).unwrap().parameters
        };
        let mut sums = vec![0.0; parameters.len()];
        for sample in 0..n_samples {
            let alone = values.clone().map(|of| {
                let n = of.len() / n_samples;
                of[sample * n..(sample + 1) * n].to_vec()
            });
            sums.iter_mut().zip(pull(1, &alone)).for_each(|(sum, g)| *sum += g);
        }
        for (k, (g, sum)) in pull(n_samples, &values).iter().zip(&sums).enumerate() {
            assert!((g - sum).abs() <= 1e-11 * (1.0 + sum.abs()), "{name}: parameter {k}: {g}, {sum}");
        }
    }
}

#[test]
fn faults_are_named() {
    let text = |error: CellError| error.to_string();
    let none = CfcConfig { backbone_units: 0, ..CfcConfig::default() };
    assert_eq!(
        text(Cfc::new(3, 4, none).unwrap_err()),
        "backbone_units is 0, and must be above 0, or backbone_layers 0"
    );
    assert!(text(Cfc::new(0, 4, CfcConfig::default()).unwrap_err()).contains("number of inputs"));
    let implicit = Tableau { name: "implicit-euler", a: &[&[1.0]], b: &[1.0], c: &[1.0], ..EULER };
    let field = FiringRate::new(2, 3, FiringRateConfig::ct_rnn()).unwrap();
    let error = Explicit::new(field.clone(), Box::leak(Box::new(implicit)), 6, None).unwrap_err();
    assert_eq!(
        text(error),
        "the method implicit-euler is implicit, and must be explicit: one of euler, heun, midpoint, rk4, \
         three-eighths"
    );
    assert!(text(Explicit::new(field.clone(), &RK4, 0, None).unwrap_err()).contains("number of steps"));
    assert!(text(Explicit::new(field, &RK4, 6, Some(-1.0)).unwrap_err()).contains("clip is -1"));
    let liquid = |min, max| FiringRate::new(2, 3, FiringRateConfig::liquid(min, max)).unwrap_err();
    assert!(text(liquid(0.0, 1.0)).contains("least time constant is 0"));
    assert!(text(liquid(2.0, 1.0)).contains("largest time constant is 1"));
    let (small, large) = (Gru::new(3, 4).unwrap(), Gru::new(3, 5).unwrap());
    let error = Then::new::<f64>(("a", small.clone()), ("b", large)).unwrap_err();
    assert_eq!(
        text(error),
        "a has 4 state variables and b has 5; the first must have at least as many as the second"
    );
    let other = Gru::new(2, 4).unwrap();
    let error = Then::new::<f64>(("a", small), ("b", other)).unwrap_err();
    assert!(text(error).contains("a has 3 inputs and b has 2"));
}
