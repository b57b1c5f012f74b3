//! Izhikevich's neuron: the grid against NEST 3.10 (`izhikevich_nest.py`), orders, and the flow against
//! the limit of small steps.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use rheobase_lif::izhikevich::{
    Izhikevich, IzhikevichFlow, IzhikevichMethod, IzhikevichState, IzhikevichStep,
};
use rheobase_lif::{Flow, Port};

fn rows<'a>(what: &str) -> Vec<Vec<&'a str>> {
    let lines = include_str!("izhikevich.csv").lines().map(|line| line.split(',').collect::<Vec<_>>());
    lines.filter(|row| row[0] == what).collect()
}

fn numbers(fields: &[&str]) -> Vec<f64> {
    fields.iter().filter(|field| !field.is_empty()).map(|field| field.parse().unwrap()).collect()
}

/// The neurons that NEST simulated, with the weights of their inputs.
fn neurons() -> Vec<(Izhikevich, f64)> {
    let neuron = |row: Vec<&str>| {
        let [a, b, c, d, i_bias, weight] = numbers(&row[2..])[..] else { panic!("{row:?}") };
        (Izhikevich { a, b, c, d, v_peak: 30.0, i_bias }, weight)
    };
    rows("neuron").into_iter().map(neuron).collect()
}

#[test]
fn eulers_method_has_the_bits_of_nest() {
    const DT: f64 = 0.1;
    let step_of = |t: f64| (t / DT).round() as usize;
    // Delay of 0.1 ms.
    let inputs: Vec<usize> = rows("input").iter().map(|row| step_of(numbers(&row[2..])[0]) + 1).collect();
    let mut n_states = 0;
    for (k, (params, weight)) in neurons().into_iter().enumerate() {
        assert!(params.faults().is_empty());
        let of_neuron = |what: &str| -> Vec<Vec<f64>> {
            let rows = rows(what);
            rows.iter().filter(|row| row[1] == k.to_string()).map(|row| numbers(&row[2..])).collect()
        };
        let expected = of_neuron("state");
        let neuron = IzhikevichStep::new(&params, DT);
        let (mut state, mut spikes) = ((-65.0, params.b * -65.0), Vec::new());
        let mut states = vec![state];
        for n in 1..=3000 {
            let jump = if inputs.contains(&n) { weight } else { 0.0 };
            let fired;
            (state, fired) = neuron.spike(neuron.step(IzhikevichMethod::Euler, state, params.i_bias, jump));
            if fired {
                spikes.push(n);
            }
            states.push(state);
        }
        let expected_spikes: Vec<usize> = of_neuron("spike").iter().map(|row| step_of(row[0])).collect();
        assert_eq!(spikes, expected_spikes, "neuron {k}");
        for row in &expected {
            assert_eq!(states[step_of(row[0])], (row[1], row[2]), "neuron {k} at {} ms", row[0]);
        }
        n_states += expected.len();
    }
    assert_eq!(n_states, 5 * 299);
}

/// A regular spiking neuron with a current of 10, on its way to its first spike: 2 ms, far below the
/// peak. The exact state is mpmath's (`odefun` with 30 digits, from v = −62, u = −12.4).
#[test]
fn the_methods_and_the_flow_have_their_orders() {
    const V: f64 = -41.814_263_912_580_52;
    const U: f64 = -12.338_162_143_243_88;
    let params = Izhikevich { i_bias: 10.0, ..Izhikevich::default() };
    let flow = IzhikevichFlow::new(&params);
    let mut state = flow.state(-62.0);
    flow.advance(&mut state, 2.0);
    println!("flow: {} mV", (state.v - V).abs());
    assert!((state.v - V).abs() < 2e-9 && (state.u - U).abs() < 1e-10, "{state:?}");
    let error = |method: IzhikevichMethod, n: u32| {
        let step = IzhikevichStep::new(&params, 2.0 / f64::from(n));
        let mut state = (-62.0, 0.2 * -62.0);
        (0..n).for_each(|_| state = step.step(method, state, 10.0, 0.0));
        f64::max((state.0 - V).abs(), (state.1 - U).abs())
    };
    for (method, ratio, n) in
        [(IzhikevichMethod::Euler, 2.0, 400), (IzhikevichMethod::RungeKutta4, 16.0, 100)]
    {
        let errors = [n, 2 * n, 4 * n].map(|n| error(method, n));
        println!("{method:?}: {errors:?} mV, {} in steps of 0.1 ms", error(method, 20));
        for pair in errors.windows(2) {
            assert!((pair[0] / pair[1] / ratio - 1.0).abs() < 0.2, "{method:?}: {errors:?}");
        }
    }
}

/// Spike times of the flow, and of Runge–Kutta steps of 0.1 µs which put a spike to the end of one.
#[test]
fn spike_times_are_the_limit_of_small_steps() {
    for (params, _) in neurons() {
        let flow = IzhikevichFlow::new(&params);
        let (mut state, mut t, mut times) = (flow.state(-65.0), 0.0, Vec::new());
        while let Some(ahead) = flow.next_crossing(&state, 60.0 - t) {
            flow.advance(&mut state, ahead);
            assert!((state.v - 30.0).abs() < 1e-6, "{} mV at a crossing", state.v);
            flow.reset(&mut state);
            t += ahead;
            times.push(t);
        }
        let dt = 1e-4;
        let step = IzhikevichStep::new(&params, dt);
        let (mut state, mut expected) = ((-65.0, params.b * -65.0), Vec::new());
        for n in 1..=600_000 {
            let fired;
            (state, fired) = step.spike(step.runge_kutta_4(state, params.i_bias, 0.0));
            if fired {
                expected.push(f64::from(n) * dt);
            }
        }
        assert_eq!(times.len(), expected.len(), "{params:?}");
        // A spike put to the end of its step is up to 0.1 µs late, and so is all that follows.
        for (n, (t, expected)) in times.iter().zip(&expected).enumerate() {
            let late = expected - t;
            assert!(late > -3e-4 && late < 3e-4 * (n + 1) as f64, "spike {n}: {t}, expected {expected}");
        }
    }
}

/// With u held and no current, `v' = 0.04 (v − v₁)(v − v₂)`: the time from v to the peak is
/// `ln((p − v₂)(v − v₁)/((p − v₁)(v − v₂)))/(0.04 (v₂ − v₁))`, for v above the upper zero v₂.
#[test]
fn the_climb_to_the_peak_takes_the_time_in_closed_form() {
    for v_peak in [30.0_f64, 1e3, 1e6] {
        let params = Izhikevich { a: 0.0, v_peak, ..Izhikevich::default() };
        let flow = IzhikevichFlow::new(&params);
        // u = −14: zeros at −70 and −55.
        let state = IzhikevichState { v: -54.0, u: -14.0, ..flow.state(0.0) };
        let expected = ((v_peak + 55.0) * 16.0 / (v_peak + 70.0)).ln() / (0.04 * 15.0);
        let found = flow.next_crossing(&state, 100.0).unwrap();
        assert!((found - expected).abs() < 1e-9, "{found}, expected {expected}");
        assert_eq!(flow.next_crossing(&IzhikevichState { v: -55.1, ..state }, f64::INFINITY), None);
    }
}

/// Whatever the proof of silence says is true for as long as anyone looks.
#[test]
fn silent_neurons_are_silent() {
    let (mut silent, mut fired) = (0, 0);
    for k in 0..400 {
        let [a, b, c, d] = [k % 5, k / 5 % 4, k / 20 % 5, k / 100].map(f64::from);
        let params = Izhikevich { a: 0.02 + 0.02 * a, b: 0.1 + 0.05 * b, i_bias: c, ..Izhikevich::default() };
        let flow = IzhikevichFlow::new(&params);
        let state = IzhikevichState { v: -80.0 + 8.0 * d, u: -18.0 + 2.0 * a, ..flow.state(0.0) };
        let crossing = flow.next_crossing(&state, 500.0);
        let step = IzhikevichStep::new(&params, 0.01);
        let (mut y, mut over) = ((state.v, state.u), None);
        for n in 1..=50_000 {
            y = step.runge_kutta_4(y, params.i_bias, 0.0);
            if y.0 >= 30.0 {
                over = Some(f64::from(n) * 0.01);
                break;
            }
        }
        match (crossing, over) {
            (None, None) => silent += 1,
            (Some(t), Some(expected)) if (t - expected).abs() < 0.02 => fired += 1,
            (found, expected) => panic!("found {found:?}, expected {expected:?}: {params:?}"),
        }
    }
    assert!(silent > 50 && fired > 50, "{silent} silent, {fired} fired");
}

/// A neuron that nobody resets is followed no further than its peak.
#[test]
fn time_ends_at_the_peak() {
    let flow = IzhikevichFlow::new(&Izhikevich { i_bias: 10.0, ..Izhikevich::default() });
    let mut state = flow.state(-50.0);
    flow.advance(&mut state, 100.0);
    assert!(state.v >= 30.0 && state.v.is_finite());
}

#[test]
fn jumps_and_currents_act() {
    let flow = IzhikevichFlow::new(&Izhikevich::default());
    let mut state = flow.state(-70.0);
    assert_eq!(flow.next_crossing(&state, 1e6), None);
    flow.receive(&mut state, Port::Excitatory, 20.0);
    assert_eq!(state.v, -50.0);
    assert!(flow.next_crossing(&state, 1e6).is_some());
    flow.receive(&mut state, Port::Inhibitory, -20.0);
    flow.inject(&mut state, 10.0);
    assert!(flow.next_crossing(&state, 1e6).is_some());
    assert_eq!(
        Izhikevich { c: 40.0, ..Izhikevich::default() }.faults()[0].to_string(),
        "c is 40 mV, and must be below v_peak"
    );
}
