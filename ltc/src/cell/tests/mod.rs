//! What holds for every cell: derivatives, bits, identities, faults.

mod bits;
mod derivatives;
mod dropout;
mod explicit_steps;
mod peers;

use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

use super::cfc::{CfcConfig, FfActivation, Mode};
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
        for (layers, activation, dropout, ff_activation) in [
            (0, Activation::LecunTanh, 0.0, FfActivation::Tanh),
            (1, Activation::LecunTanh, 0.0, FfActivation::LecunTanh),
            (1, Activation::Gelu, 0.5, FfActivation::Tanh),
            (2, Activation::Silu, 0.0, FfActivation::Tanh),
            (2, Activation::Tanh, 0.3, FfActivation::LecunTanh),
        ] {
            let config = CfcConfig {
                mode,
                backbone_layers: layers,
                backbone_units: 9,
                activation,
                dropout,
                ff_activation,
            };
            let name = format!("{config:?}");
            let cell = Cfc::new(N_INPUTS, 5, config).unwrap();
            let parameters = cell.start(&mut rng);
            cases.push(case(&name, cell, parameters, false));
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

    let config = CfcConfig { backbone_units: 5, dropout: 0.4, ..CfcConfig::default() };
    let cfc = Cfc::new(N_INPUTS, 6, config).unwrap();
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

/// Inputs, elapsed times, initial states, and a number of every sample whose bits are its key.
type Values = [Vec<f64>; 4];

fn values_of(cell: &dyn Cell<f64>, n_samples: usize, n_steps: usize, seed: u64) -> Values {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut noise = |n: usize| (0..n).map(|_| rng.random_range(-1.0..1.0)).collect::<Vec<f64>>();
    let inputs = noise(n_samples * n_steps * cell.n_inputs());
    let elapsed = noise(n_samples * n_steps).into_iter().map(|t: f64| t.abs() * 2.0).collect();
    [inputs, elapsed, noise(n_samples * cell.n_state()), noise(n_samples)]
}

fn run<'c>(cell: &'c dyn Cell<f64>, parameters: &[f64], n_samples: usize, values: &Values) -> Tape<'c, f64> {
    let [inputs, elapsed, initial, keys] = values;
    let n_steps = elapsed.len() / n_samples;
    let keys: Vec<u64> = keys.iter().map(|key| key.to_bits()).collect();
    let batch = Batch { n_samples, n_steps, inputs, elapsed, initial, keys: Some(&keys) };
    record(cell, parameters, &batch).unwrap()
}

fn loss(cell: &dyn Cell<f64>, parameters: &[f64], n_samples: usize, values: &Values) -> f64 {
    run(cell, parameters, n_samples, values).outputs().iter().map(|x| x * x).sum()
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
