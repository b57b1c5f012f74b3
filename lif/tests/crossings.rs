//! Crossing times against 200-bit arithmetic (`reference.py`), and the property that none is missed.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use proptest::prelude::*;
use rheobase_lif::alpha::{AlphaFlow, AlphaState};
use rheobase_lif::delta::{DeltaFlow, DeltaState};
use rheobase_lif::exp::{ExpFlow, ExpState};
use rheobase_lif::{Flow, Membrane, SynapticCurrent};

const HORIZON: f64 = 1e5;

/// A neuron and the state that it starts from.
#[derive(Debug, Clone)]
struct Case {
    membrane: Membrane,
    current: SynapticCurrent,
    u: f64,
    ex: (f64, f64),
    inh: (f64, f64),
}

impl Case {
    fn crossing(&self) -> Option<f64> {
        let Self { membrane, current, u, ex, inh } = self;
        let u_inf = membrane.tau_m / membrane.c_m * membrane.i_bias;
        match current {
            SynapticCurrent::Delta => {
                let flow = DeltaFlow::new(membrane, current);
                flow.next_crossing(&DeltaState { u: *u, u_inf }, HORIZON)
            }
            SynapticCurrent::Exp { .. } => {
                let flow = ExpFlow::new(membrane, current);
                flow.next_crossing(&ExpState { u: *u, u_inf, i_ex: ex.0, i_in: inh.0 }, HORIZON)
            }
            SynapticCurrent::Alpha { .. } => {
                let flow = AlphaFlow::new(membrane, current);
                flow.next_crossing(&AlphaState { u: *u, u_inf, ex: *ex, inh: *inh }, HORIZON)
            }
            SynapticCurrent::Cond { .. } => unreachable!("tested in cond.rs"),
        }
    }

    /// The potential after `t`, relative to rest.
    fn u_after(&self, t: f64) -> f64 {
        let Self { membrane, current, u, ex, inh } = self;
        let u_inf = membrane.tau_m / membrane.c_m * membrane.i_bias;
        match current {
            SynapticCurrent::Delta => {
                let mut state = DeltaState { u: *u, u_inf };
                DeltaFlow::new(membrane, current).advance(&mut state, t);
                state.u
            }
            SynapticCurrent::Exp { .. } => {
                let mut state = ExpState { u: *u, u_inf, i_ex: ex.0, i_in: inh.0 };
                ExpFlow::new(membrane, current).advance(&mut state, t);
                state.u
            }
            SynapticCurrent::Alpha { .. } => {
                let mut state = AlphaState { u: *u, u_inf, ex: *ex, inh: *inh };
                AlphaFlow::new(membrane, current).advance(&mut state, t);
                state.u
            }
            SynapticCurrent::Cond { .. } => unreachable!("tested in cond.rs"),
        }
    }
}

#[test]
fn crossings_match_multiprecision_values() {
    let mut worst: f64 = 0.0;
    for line in include_str!("crossings.csv").lines().skip(1) {
        let fields: Vec<&str> = line.split(',').collect();
        let x: Vec<f64> = fields[1..12].iter().map(|field| field.parse().unwrap()).collect();
        let [tau_m, c_m, tau_syn_ex, tau_syn_in, theta, u, i_bias, i_ex, d_ex, i_in, d_in] = x[..] else {
            panic!("{line}")
        };
        let current = match fields[0] {
            "delta" => SynapticCurrent::Delta,
            "exp" => SynapticCurrent::Exp { tau_syn_ex, tau_syn_in },
            "alpha" => SynapticCurrent::Alpha { tau_syn_ex, tau_syn_in },
            other => panic!("{other}"),
        };
        let membrane = Membrane { tau_m, c_m, v_rest: 0.0, v_th: theta, v_reset: -1.0, t_ref: 0.0, i_bias };
        let case = Case { membrane, current, u, ex: (i_ex, d_ex), inh: (i_in, d_in) };
        match (case.crossing(), fields[12]) {
            (None, "never") => {}
            (Some(t), expected) if expected != "never" => {
                worst = worst.max((t - expected.parse::<f64>().unwrap()).abs());
            }
            (found, _) => panic!("found {found:?}: {line}"),
        }
    }
    assert!(worst <= 1e-9, "a crossing is {worst} ms off");
}

fn cases() -> impl Strategy<Value = Case> {
    let currents = (0..3_u8, 0.3..40.0_f64, 0.3..40.0_f64, prop::bool::weighted(0.2));
    let state = (-20.0..9.9_f64, 0.0..15.0_f64, 0.0..15.0_f64, -15.0..0.0_f64, -15.0..0.0_f64);
    (1.0..50.0_f64, 0.0..1.2_f64, currents, state).prop_map(
        |(tau_m, bias, (model, ex, inh, equal), state)| {
            let (theta, c_m) = (10.0, 100.0);
            let gain = theta * c_m / tau_m;
            let membrane = Membrane {
                tau_m,
                c_m,
                v_rest: 0.0,
                v_th: theta,
                v_reset: -1.0,
                t_ref: 0.0,
                i_bias: bias * gain,
            };
            let tau_syn_ex = if equal { tau_m } else { ex };
            let current = match model {
                0 => SynapticCurrent::Delta,
                1 => SynapticCurrent::Exp { tau_syn_ex, tau_syn_in: inh },
                _ => SynapticCurrent::Alpha { tau_syn_ex, tau_syn_in: inh },
            };
            let (u, i_ex, d_ex, i_in, d_in) = state;
            let ex = (i_ex * gain, d_ex * gain / tau_syn_ex);
            Case { membrane, current, u, ex, inh: (i_in * gain, d_in * gain / inh) }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    /// Before the crossing the potential is below the threshold, at it it is there.
    #[test]
    fn no_crossing_is_missed(case in cases()) {
        let theta = case.membrane.v_th;
        let crossing = case.crossing();
        let (tau_ex, tau_in) = match case.current {
            SynapticCurrent::Delta => (1.0, 1.0),
            SynapticCurrent::Exp { tau_syn_ex, tau_syn_in } | SynapticCurrent::Alpha { tau_syn_ex, tau_syn_in } => {
                (tau_syn_ex, tau_syn_in)
            }
            SynapticCurrent::Cond { .. } => unreachable!("tested in cond.rs"),
        };
        let longest = 15.0 * case.membrane.tau_m.max(tau_ex).max(tau_in);
        let end = crossing.unwrap_or(longest);
        for k in 0..2000 {
            let t = end * f64::from(k) / 2000.0;
            let u = case.u_after(t);
            prop_assert!(u < theta + 1e-9, "u = {} at {} before {:?}", u, t, crossing);
        }
        if let Some(t) = crossing {
            prop_assert!((case.u_after(t) - theta).abs() < 1e-9, "u = {} at the crossing {}", case.u_after(t), t);
        }
    }

    /// One long step and two short ones lead to the same state.
    #[test]
    fn flow_is_a_group(case in cases(), a in 0.0..30.0_f64, b in 0.0..30.0_f64) {
        let SynapticCurrent::Alpha { .. } = case.current else { return Ok(()) };
        let flow = AlphaFlow::new(&case.membrane, &case.current);
        let u_inf = case.membrane.tau_m / case.membrane.c_m * case.membrane.i_bias;
        let mut once = AlphaState { u: case.u, u_inf, ex: case.ex, inh: case.inh };
        let mut twice = once;
        flow.advance(&mut once, a + b);
        flow.advance(&mut twice, a);
        flow.advance(&mut twice, b);
        prop_assert!((once.u - twice.u).abs() < 1e-9 && (once.ex.0 - twice.ex.0).abs() < 1e-9 * case.ex.1.max(1.0));
    }
}
