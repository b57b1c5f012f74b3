//! Adaptive thresholds: crossings against 200-bit arithmetic (`reference.py`, section "thresholds"), and
//! laws that hold in closed form.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use rheobase_lif::adapt::{Adaptation, Adaptive, AdaptiveState, ThresholdStep};
use rheobase_lif::alpha::{AlphaFlow, AlphaState};
use rheobase_lif::cond::{CondFlow, CondState};
use rheobase_lif::delta::{DeltaFlow, DeltaState};
use rheobase_lif::exp::{ExpFlow, ExpState};
use rheobase_lif::{Flow, Membrane, MovableThreshold, Port, SynapticCurrent};

const HORIZON: f64 = 60.0;

#[test]
fn crossings_match_multiprecision_values() {
    let mut worst: f64 = 0.0;
    for line in include_str!("thresholds.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let x: Vec<f64> = fields[1..18].iter().map(|field| field.parse().unwrap()).collect();
        let [tau_m, c_m, tau_syn_ex, tau_syn_in, e_ex, e_in, theta, u, i_bias, ex, d_ex, inh, d_in, ..] =
            x[..]
        else {
            panic!("{line}")
        };
        let [tau_theta, a, b, slope] = x[13..] else { panic!("{line}") };
        let membrane = Membrane { tau_m, c_m, v_rest: 0.0, v_th: theta, v_reset: -99.0, t_ref: 0.0, i_bias };
        let adaptation = Adaptation {
            tau_theta,
            theta_jump: 1.0,
            eta: 1.0,
            target_rate: 1e3 * slope,
            b_min: -3.0,
            b_max: 9.0,
        };
        let u_inf = tau_m / c_m * i_bias;
        let found = match fields[0] {
            "delta" => {
                let flow = DeltaFlow::new(&membrane, &SynapticCurrent::Delta);
                crossing(flow, &adaptation, DeltaState { u, u_inf }, a, b)
            }
            "exp" => {
                let flow = ExpFlow::new(&membrane, &SynapticCurrent::Exp { tau_syn_ex, tau_syn_in });
                crossing(flow, &adaptation, ExpState { u, u_inf, i_ex: ex, i_in: inh }, a, b)
            }
            "alpha" => {
                let flow = AlphaFlow::new(&membrane, &SynapticCurrent::Alpha { tau_syn_ex, tau_syn_in });
                crossing(flow, &adaptation, AlphaState { u, u_inf, ex: (ex, d_ex), inh: (inh, d_in) }, a, b)
            }
            "cond" => {
                let current = SynapticCurrent::Cond { tau_syn_ex, tau_syn_in, e_ex, e_in };
                let flow = CondFlow::new(&membrane, &current);
                crossing(flow, &adaptation, CondState { u, u_inf, g_ex: ex, g_in: inh }, a, b)
            }
            other => panic!("{other}"),
        };
        match (found, fields[18]) {
            (None, "never") => {}
            (Some(t), expected) if expected != "never" => {
                worst = worst.max((t - expected.parse::<f64>().unwrap()).abs());
            }
            (found, _) => panic!("found {found:?}: {line}"),
        }
    }
    println!("largest error {worst} ms");
    assert!(worst <= 1e-9, "a crossing is {worst} ms off");
}

fn crossing<F: MovableThreshold>(
    flow: F,
    adaptation: &Adaptation,
    state: F::State,
    a: f64,
    b: f64,
) -> Option<f64> {
    Adaptive::around(flow, adaptation).next_crossing(&AdaptiveState { state, a, b }, HORIZON)
}

fn membrane(i_bias: f64) -> Membrane {
    Membrane { tau_m: 20.0, c_m: 200.0, v_rest: -60.0, v_th: -50.0, v_reset: -62.0, t_ref: 3.0, i_bias }
}

/// Lets a neuron fire `n` times under its constant current; the times of the spikes, and the state.
fn spikes<F: MovableThreshold>(
    flow: &Adaptive<F>,
    t_ref: f64,
    n: usize,
) -> (Vec<f64>, AdaptiveState<F::State>) {
    let (mut state, mut t, mut times) = (flow.state(-60.0), 0.0, Vec::new());
    for _ in 0..n {
        let ahead = flow.next_crossing(&state, 1e5).unwrap();
        flow.advance(&mut state, ahead);
        t += ahead;
        times.push(t);
        flow.reset(&mut state);
        flow.advance_refractory(&mut state, t_ref);
        t += t_ref;
    }
    (times, state)
}

/// With `tau_theta = tau_m` the distance to the threshold is one exponential, and
/// `u∞ − (u∞ − u) E = θ + a E` gives `E = exp(−t/tau_m) = (u∞ − θ)/(u∞ − u + a)`.
#[test]
fn intervals_of_an_adaptive_neuron_have_a_closed_form() {
    let membrane = membrane(150.0);
    let adaptation = Adaptation { tau_theta: 20.0, theta_jump: 4.0, ..Adaptation::default() };
    assert!(adaptation.faults(&membrane).is_empty());
    let flow = Adaptive::around(DeltaFlow::new(&membrane, &SynapticCurrent::Delta), &adaptation);
    let (times, _) = spikes(&flow, 3.0, 20);
    let (u_inf, theta, mut u, mut a, mut t) = (15.0, 10.0, 0.0, 0.0, 0.0);
    for (k, found) in times.into_iter().enumerate() {
        let decay: f64 = (u_inf - theta) / (u_inf - u + a);
        t -= 20.0 * decay.ln();
        assert!((found - t).abs() < 1e-11, "spike {k} at {found}, expected {t}");
        t += 3.0;
        (u, a) = (-2.0, (a * decay + 4.0) * (-3.0_f64 / 20.0).exp());
    }
}

/// Between its bounds b changes by `eta` for each spike and by `−eta target_rate` in time, so that the
/// rate is the target but for `(b(T) − b(0))/(eta T)`.
#[test]
fn homeostasis_brings_the_rate_to_its_target() {
    let membrane = membrane(150.0);
    let adaptation = Adaptation { eta: 0.01, target_rate: 12.0, b_max: 9.0, ..Adaptation::default() };
    let flow = Adaptive::around(
        ExpFlow::new(&membrane, &SynapticCurrent::Exp { tau_syn_ex: 2.0, tau_syn_in: 2.0 }),
        &adaptation,
    );
    let n = 20_000;
    let (times, state) = spikes(&flow, 3.0, n);
    let t = times[n - 1] + 3.0;
    assert!((state.b - 0.01 * (n as f64 - 12e-3 * t)).abs() < 1e-7, "b = {} mV after {t} ms", state.b);
    let late = 1e3 * 1000.0 / (times[n - 1] - times[n - 1001]);
    assert!((late - 12.0).abs() < 0.05, "{late} Hz");
}

/// A neuron that gets nothing comes to fire when its threshold has fallen to where it is.
#[test]
fn a_silent_neuron_is_woken_at_the_time_in_closed_form() {
    let membrane = membrane(90.0);
    let adaptation = Adaptation { eta: 0.1, target_rate: 2.0, ..Adaptation::default() };
    let flow = Adaptive::around(DeltaFlow::new(&membrane, &SynapticCurrent::Delta), &adaptation);
    // u = 9 mV; 10 mV less 0.2 mV/s is 9 mV after 5 s.
    let t = flow.next_crossing(&flow.state(-51.0), 1e9).unwrap();
    assert!((t - 5000.0).abs() < 1e-8, "{t}");
    let asleep = Adaptation { b_min: -0.5, ..adaptation };
    let flow = Adaptive::around(DeltaFlow::new(&membrane, &SynapticCurrent::Delta), &asleep);
    assert_eq!(flow.next_crossing(&flow.state(-51.0), f64::INFINITY), None);
}

#[test]
fn the_grid_moves_thresholds_as_the_flow_does() {
    let adaptation = Adaptation {
        tau_theta: 40.0,
        theta_jump: 1.5,
        eta: 0.5,
        target_rate: 600.0,
        b_min: -1.0,
        b_max: 1.0,
    };
    let flow = Adaptive::around(DeltaFlow::new(&membrane(0.0), &SynapticCurrent::Delta), &adaptation);
    let step = ThresholdStep::new(&adaptation, 0.1);
    let (mut state, mut threshold) = (flow.state(-60.0), (0.0, 0.0));
    let mut range = (0.0_f64, 0.0_f64);
    for k in 0..2000 {
        flow.advance_refractory(&mut state, 0.1);
        threshold = step.step(threshold);
        let fired = k % 400 < 5 || k % 37 == 0;
        threshold = step.spike(threshold, fired);
        if fired {
            flow.reset(&mut state);
        }
        assert!((state.a - threshold.0).abs() < 1e-11 && (state.b - threshold.1).abs() < 1e-11, "step {k}");
        range = (range.0.min(threshold.1), range.1.max(threshold.1));
    }
    assert_eq!(range, (-1.0, 1.0), "b has been at both of its bounds");
}

#[test]
fn a_threshold_that_stays_changes_no_bit() {
    let flow = ExpFlow::new(&membrane(150.0), &SynapticCurrent::Exp { tau_syn_ex: 2.0, tau_syn_in: 3.0 });
    let still = Adaptive::around(flow, &Adaptation::default());
    let (mut plain, mut wrapped) = (flow.state(-58.0), still.state(-58.0));
    for weight in [300.0, 800.0, 2000.0] {
        flow.receive(&mut plain, Port::Excitatory, weight);
        still.receive(&mut wrapped, Port::Excitatory, weight);
        assert_eq!(flow.next_crossing(&plain, 1e3), still.next_crossing(&wrapped, 1e3));
        flow.advance(&mut plain, 0.7);
        still.advance(&mut wrapped, 0.7);
        assert_eq!(plain, wrapped.state);
    }
}

#[test]
fn faults_are_found() {
    let bad = Adaptation {
        tau_theta: 0.0,
        theta_jump: -1.0,
        eta: f64::NAN,
        target_rate: -3.0,
        b_min: 1.0,
        b_max: -1.0,
    };
    let names: Vec<_> = bad.faults(&membrane(0.0)).into_iter().map(|fault| fault.name).collect();
    assert_eq!(names, ["tau_theta", "theta_jump", "eta", "target_rate", "b_min", "b_max"]);
    let below_reset = Adaptation { eta: 0.1, b_min: -12.0, ..Adaptation::default() };
    assert_eq!(
        below_reset.faults(&membrane(0.0))[0].to_string(),
        "b_min is -12 mV, and must be above v_reset − v_th"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Before the crossing the potential is below the threshold, at it it is there.
    #[test]
    fn no_crossing_is_missed(
        (tau_m, tau_syn_ex, tau_syn_in, bias) in (5.0..30.0_f64, 0.5..20.0_f64, 0.5..20.0_f64, -50.0..250.0_f64),
        (u, ex, inh) in (-15.0..6.0_f64, 0.0..1.0_f64, 0.0..1.0_f64),
        (tau_theta, a, b, target_rate) in (1.0..300.0_f64, 0.0..10.0_f64, -2.0..5.0_f64, 0.0..100.0_f64),
        model in 0..4_u8,
    ) {
        let membrane = Membrane { tau_m, ..membrane(bias) };
        let adaptation = Adaptation { tau_theta, eta: 1.0, target_rate, theta_jump: 1.0, ..Adaptation::default() };
        let u_inf = tau_m / membrane.c_m * bias;
        let gain = 2000.0 / tau_m;
        match model {
            0 => {
                let flow = DeltaFlow::new(&membrane, &SynapticCurrent::Delta);
                none_missed(&Adaptive::around(flow, &adaptation), DeltaState { u, u_inf }, a, b)?;
            }
            1 => {
                let flow = ExpFlow::new(&membrane, &SynapticCurrent::Exp { tau_syn_ex, tau_syn_in });
                let state = ExpState { u, u_inf, i_ex: 15.0 * gain * ex, i_in: -15.0 * gain * inh };
                none_missed(&Adaptive::around(flow, &adaptation), state, a, b)?;
            }
            2 => {
                let flow = AlphaFlow::new(&membrane, &SynapticCurrent::Alpha { tau_syn_ex, tau_syn_in });
                let rise = (15.0 * gain * ex / tau_syn_ex, -15.0 * gain * inh / tau_syn_in);
                let state = AlphaState { u, u_inf, ex: (0.0, rise.0), inh: (0.0, rise.1) };
                none_missed(&Adaptive::around(flow, &adaptation), state, a, b)?;
            }
            _ => {
                let current = SynapticCurrent::Cond { tau_syn_ex, tau_syn_in, e_ex: 0.0, e_in: -80.0 };
                let flow = CondFlow::new(&membrane, &current);
                let state = CondState { u, u_inf, g_ex: 60.0 * ex, g_in: 100.0 * inh };
                none_missed(&Adaptive::around(flow, &adaptation), state, a, b)?;
            }
        }
    }
}

fn none_missed<F: MovableThreshold>(
    flow: &Adaptive<F>,
    state: F::State,
    a: f64,
    b: f64,
) -> Result<(), TestCaseError> {
    let start = AdaptiveState { state, a, b };
    let crossing = flow.next_crossing(&start, HORIZON);
    let above = |state: &AdaptiveState<F::State>| flow.v(state) + 50.0 - state.a - state.b;
    if crossing == Some(0.0) {
        prop_assert!(above(&start) >= -1e-12);
        return Ok(());
    }
    let (mut state, end) = (start, crossing.unwrap_or(HORIZON));
    for _ in 0..600 {
        prop_assert!(above(&state) < 1e-10, "{} mV above before {:?}", above(&state), crossing);
        flow.advance(&mut state, end / 600.0);
    }
    if crossing.is_some() {
        prop_assert!(above(&state).abs() < 1e-9, "{} mV above at {:?}", above(&state), crossing);
    }
    Ok(())
}
