//! Conductance-based LIF: the flow against a Taylor series solution with 25 digits (`reference.py`,
//! section "conductances"), the grid step against the flow, and both against NEST 3.10.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::fs::File;
use std::path::{Path, PathBuf};

use ndarray::{Array1, Array2};
use ndarray_npy::NpzReader;
use proptest::prelude::*;
use rheobase_lif::cond::{CondFlow, CondState, CondStep};
use rheobase_lif::{Flow, Membrane, SynapticCurrent};

const HORIZON: f64 = 60.0;

#[test]
fn the_flow_matches_multiprecision_values() {
    let (mut worst_u, mut worst_t) = (0.0_f64, 0.0_f64);
    for line in include_str!("conductances.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let x: Vec<f64> = fields[..13].iter().map(|field| field.parse().unwrap()).collect();
        let [tau_m, c_m, tau_syn_ex, tau_syn_in, e_ex, e_in, theta, u, i_bias, g_ex, g_in, t, u_after] =
            x[..]
        else {
            panic!("{line}")
        };
        let membrane = Membrane { tau_m, c_m, v_rest: 0.0, v_th: theta, v_reset: -99.0, t_ref: 0.0, i_bias };
        let flow = CondFlow::new(&membrane, &SynapticCurrent::Cond { tau_syn_ex, tau_syn_in, e_ex, e_in });
        let state = CondState { g_ex, g_in, ..flow.state(u) };
        let mut later = state;
        flow.advance(&mut later, t);
        worst_u = worst_u.max((later.u - u_after).abs());
        match (flow.next_crossing(&state, HORIZON), fields[13]) {
            (None, "never") => {}
            (Some(t), expected) if expected != "never" => {
                worst_t = worst_t.max((t - expected.parse::<f64>().unwrap()).abs());
            }
            (found, _) => panic!("found {found:?}: {line}"),
        }
    }
    println!("largest errors: potential {worst_u} mV, crossing {worst_t} ms");
    assert!(worst_u <= 1e-12, "a potential is {worst_u} mV off");
    assert!(worst_t <= 1e-11, "a crossing is {worst_t} ms off");
}

fn neuron(tau_m: f64, tau_syn_ex: f64, tau_syn_in: f64, i_bias: f64) -> (Membrane, SynapticCurrent) {
    let membrane =
        Membrane { tau_m, c_m: 200.0, v_rest: -60.0, v_th: -50.0, v_reset: -60.0, t_ref: 5.0, i_bias };
    (membrane, SynapticCurrent::Cond { tau_syn_ex, tau_syn_in, e_ex: 0.0, e_in: -80.0 })
}

/// The largest error of the potential \[mV\] over random states, after 4 ms in steps of `dt`.
fn largest_error(dt: f64) -> f64 {
    let mut worst: f64 = 0.0;
    // 125 states: a grid over the three variables and, in the same rhythm, the time constants.
    for k in 0..125 {
        let [a, b, c] = [k % 5, k / 5 % 5, k / 25].map(f64::from);
        let (membrane, current) = neuron(10.0 + 5.0 * c, 2.0 + b, 3.0 + 2.0 * a, 150.0 * (a - 1.0));
        let flow = CondFlow::new(&membrane, &current);
        let start = CondState { g_ex: 12.0 * b, g_in: 40.0 * c, ..flow.state(-75.0 + 6.0 * a) };
        let mut exact = start;
        flow.advance(&mut exact, 4.0);
        let step = CondStep::new(&membrane, &current, dt);
        let (mut u, mut g_ex, mut g_in) = (start.u, start.g_ex, start.g_in);
        for _ in 0..(4.0 / dt).round() as u32 {
            u = step.step(u, start.u_inf, g_ex, g_in);
            (g_ex, g_in) = (step.ex.step(g_ex, 0.0), step.inh.step(g_in, 0.0));
        }
        worst = worst.max((u - exact.u).abs());
    }
    worst
}

#[test]
fn the_grid_step_has_order_four() {
    let errors = [1.0, 0.5, 0.25, 0.125].map(largest_error);
    println!("largest errors: {errors:?} mV; at 0.1 ms {} mV", largest_error(0.1));
    for pair in errors.windows(2) {
        assert!(pair[0] / pair[1] > 12.0, "errors {errors:?}");
    }
    assert!(largest_error(0.1) < 1e-6, "{} mV at 0.1 ms", largest_error(0.1));
}

/// However long the step and strong the input, an error is never amplified; and in steps of 1 ms with
/// a hundred strong inputs at once the potential stays between the reversal potentials.
#[test]
fn steps_are_stable() {
    let (membrane, current) = neuron(1.0, 0.2, 400.0, 0.0);
    let step = CondStep::new(&membrane, &current, 100.0);
    for (g_ex, g_in) in [(0.0, 1e6), (1e6, 0.0), (1e6, 1e6), (1e3, 1e5)] {
        let apart = step.step(3.0, 0.0, g_ex, g_in) - step.step(2.0, 0.0, g_ex, g_in);
        assert!(apart.abs() < 1e-6, "{apart} mV with {g_ex} and {g_in} nS");
    }
    let (membrane, current) = neuron(20.0, 5.0, 10.0, 0.0);
    let step = CondStep::new(&membrane, &current, 1.0);
    for (g_ex, g_in) in [(0.0, 6700.0), (600.0, 0.0), (600.0, 6700.0)] {
        let u = step.step(3.0, 0.0, g_ex, g_in);
        assert!((-20.0..60.0).contains(&u), "{u} mV with {g_ex} and {g_in} nS");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Before the crossing the potential is below the threshold, at it it is there.
    #[test]
    fn no_crossing_is_missed(
        (tau_m, tau_ex, tau_in, bias) in (5.0..30.0_f64, 0.3..20.0_f64, 0.3..20.0_f64, -100.0..220.0_f64),
        (v, g_ex, g_in) in (-80.0..-50.1_f64, 0.0..60.0_f64, 0.0..200.0_f64),
    ) {
        let (membrane, current) = neuron(tau_m, tau_ex, tau_in, bias);
        let flow = CondFlow::new(&membrane, &current);
        let start = CondState { g_ex, g_in, ..flow.state(v) };
        let crossing = flow.next_crossing(&start, HORIZON);
        let mut state = start;
        let end = crossing.unwrap_or(HORIZON);
        for _ in 0..600 {
            prop_assert!(flow.v(&state) < -50.0 + 1e-10, "{} mV before {crossing:?}", flow.v(&state));
            flow.advance(&mut state, end / 600.0);
        }
        if crossing.is_some() {
            prop_assert!((flow.v(&state) + 50.0).abs() < 1e-9, "{} mV at {crossing:?}", flow.v(&state));
        }
    }
}

/// The folder of vectors that NEST made, if this machine has it.
fn vectors() -> Option<PathBuf> {
    let root = std::env::var_os("RHEOBASE_SHARED").map(PathBuf::from);
    let root = root.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let folder = root.join("vectors/nest");
    if !folder.is_dir() {
        eprintln!("left out: there is no {}", folder.display());
    }
    folder.is_dir().then_some(folder)
}

/// One neuron with three input trains, 200 ms, 13 spikes: NEST 3.10, `iaf_cond_exp`.
#[test]
fn one_neuron_on_the_grid_does_what_it_does_in_nest() {
    const DT: f64 = 0.1;
    let Some(folder) = vectors() else { return };
    let file = File::open(folder.join("p04_iaf_cond_exp_none_n1.npz")).unwrap();
    let mut file = NpzReader::new(file).unwrap();
    let params: Array2<f64> = file.by_name("params").unwrap();
    let mut floats = |name: &str| -> Array1<f64> { file.by_name(name).unwrap() };
    let times = floats("in_times_ms");
    let (weights, delays) = (floats("in_weight"), floats("in_delay_ms"));
    let expected_spikes: Vec<i64> = floats("spike_t_ms").iter().map(|t| (t / DT).round() as i64).collect();
    let expected_v: Array2<f64> = file.by_name("v_mV").unwrap();
    let trains: Array1<i64> = file.by_name("in_ptr").unwrap();
    let sources: Array1<i32> = file.by_name("in_src").unwrap();

    // The columns stand in the alphabetical order of NEST's names.
    let columns: Vec<f64> = params.iter().copied().collect();
    let [c_m, e_l, e_ex, e_in, i_e, v_m, v_reset, v_th, g_l, t_ref, tau_syn_ex, tau_syn_in] = columns[..]
    else {
        panic!("{columns:?}")
    };
    let membrane = Membrane { tau_m: c_m / g_l, c_m, v_rest: e_l, v_th, v_reset, t_ref, i_bias: i_e };
    let current = SynapticCurrent::Cond { tau_syn_ex, tau_syn_in, e_ex, e_in };
    assert!(membrane.faults().is_empty() && current.faults().is_empty());

    // What arrives at the end of each step.
    let n_steps = expected_v.ncols();
    let mut arriving = vec![(0.0, 0.0); n_steps + 1000];
    for ((source, weight), delay) in sources.iter().zip(&weights).zip(&delays) {
        let train = *source as usize;
        for t in &times.as_slice().unwrap()[trains[train] as usize..trains[train + 1] as usize] {
            let slot: &mut (f64, f64) = &mut arriving[((t + delay) / DT).round() as usize];
            *if *weight >= 0.0 { &mut slot.0 } else { &mut slot.1 } += weight.abs();
        }
    }

    let step = CondStep::new(&membrane, &current, DT);
    let u_inf = step.r_m * membrane.i_bias;
    let (mut u, mut g_ex, mut g_in, mut held) = (v_m - e_l, 0.0, 0.0, 0);
    let (mut spikes, mut worst) = (Vec::new(), 0.0_f64);
    for k in 1..=n_steps {
        if held > 0 {
            held -= 1;
        } else {
            u = step.step(u, u_inf, g_ex, g_in);
        }
        (g_ex, g_in) = (step.ex.step(g_ex, arriving[k].0), step.inh.step(g_in, arriving[k].1));
        if u >= step.theta {
            spikes.push(k as i64);
            u = step.reset;
            held = (t_ref / DT).round() as u32;
        }
        worst = worst.max((u + e_l - expected_v[[0, k - 1]]).abs());
    }
    println!("{} spikes, largest difference to NEST {worst} mV", spikes.len());
    assert_eq!(spikes, expected_spikes);
    assert!(worst <= 1e-3, "{worst} mV");
}
