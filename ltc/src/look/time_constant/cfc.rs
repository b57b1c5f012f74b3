//! Time constants of a CfC.
//!
//! A pure one decays as `exp(−T (|w_tau| + |ff1 x|))`, so its time constant is `1/(|w_tau| + |ff1 x|)`, and no
//! longer than `1/|w_tau|`. One with a gate has no decay; the odds `s/(1 − s) = exp(time_a(x) T + time_b(x))`
//! of its gate change by a factor of e in `1/|time_a(x)|`: how fast it turns from its answer at once
//! to that after a long time. Nothing bounds that.

use super::{TimeConstants, affine, doubles};
use crate::Real;
use crate::cell::cfc::{CfcConfig, Mode};
use crate::cell::{Cell, Cfc};

/// In steps that had these inputs and began in these states; `[steps, inputs]` and `[steps, units]`, which one
/// more may follow.
pub(super) fn of_cfc<R: Real>(cell: &Cfc, parameters: &[R], inputs: &[R], states: &[R]) -> TimeConstants {
    let (layout, units) = (Cell::<f64>::layout(cell), Cell::<f64>::n_state(cell));
    let n_inputs = Cell::<f64>::n_inputs(cell);
    let parameters = doubles(parameters);
    let block = |name: &str| &parameters[layout.range(name).expect("the layout of a CfC has it")];
    let dense =
        |name: &str, x: &[f64]| affine(block(&format!("{name}.weight")), block(&format!("{name}.bias")), x);
    let CfcConfig { mode, backbone_layers, activation, .. } = *cell.config();
    // The slowest rate of a pure one.
    let w_tau: Vec<f64> = match mode {
        Mode::Pure => block("w_tau").iter().map(|w| w.abs()).collect(),
        Mode::Default | Mode::NoGate => vec![0.0; units],
    };
    let mut values = Vec::with_capacity(states.len());
    for (inputs, before) in inputs.chunks_exact(n_inputs).zip(states.chunks_exact(units)) {
        let mut x = doubles(inputs);
        x.extend(doubles(before));
        for layer in 0..backbone_layers {
            x = dense(&format!("backbone.{layer}"), &x).into_iter().map(|z| activation.at(z)).collect();
        }
        let rate = match mode {
            Mode::Pure => dense("ff1", &x),
            Mode::Default | Mode::NoGate => dense("time_a", &x),
        };
        values.extend(rate.iter().zip(&w_tau).map(|(rate, w_tau)| (w_tau + rate.abs()).recip()));
    }
    TimeConstants { values, least: vec![0.0; units], most: w_tau.iter().map(|w_tau| w_tau.recip()).collect() }
}
