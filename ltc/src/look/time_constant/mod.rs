//! Effective time constants: how fast every unit forgets, from moment to moment.
//!
//! Times have the unit of the elapsed times that the network was trained with. What the time constant of a
//! unit is depends on the kind of cell, and stands on its page:
//!
//! | cell | time constant of a unit | its bounds |
//! |---|---|---|
//! | LTC | of its membrane, `cm/(gleak + Σ a)` | `cm/(gleak + Σ w)` and `cm/gleak` |
//! | firing rates | τ, where they have one; liquid, it moves with states and inputs | τ_min and τ_max, or itself |
//! | CfC, pure | of its decay, `1/(\|w_tau\| + \|ff1 x\|)` | 0 and `1/\|w_tau\|` |
//! | CfC with a gate | of the gate's odds, `1/\|time_a x\|` | 0 and ∞ |
//!
//! Others have none: a CT-GRU mixes scales that are fixed, and what stands behind an LSTM forgets at each
//! input as the LSTM wants it.

mod cfc;
mod firing_rate;
mod ltc;

use crate::Real;
use crate::cell::CellError;
use crate::model::AnyCell;

/// The time constants of units over a run.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeConstants {
    /// `[steps, units]`
    pub values: Vec<f64>,
    /// What they cannot fall below; `[units]`.
    pub least: Vec<f64>,
    /// What they cannot rise above, infinite for a unit that may stop forgetting; `[units]`.
    pub most: Vec<f64>,
}

/// The time constants of a cell with these raw parameters in steps that had these inputs, `[steps, inputs]`;
/// `states` are those before the first step and after every step, `[steps + 1, state]`. None for a cell that
/// has no such thing.
///
/// # Errors
/// If a size does not fit.
pub fn time_constants<R: Real>(
    cell: &AnyCell,
    parameters: &[R],
    inputs: &[R],
    states: &[R],
) -> Result<Option<TimeConstants>, CellError> {
    let (n_inputs, n_state) = (cell.n_inputs(), cell.n_state());
    let n_steps = inputs.len() / n_inputs;
    let sizes = [
        ("the list of parameters", parameters.len(), [cell.layout().n_parameters(), 1]),
        ("the list of inputs", inputs.len(), [n_steps, n_inputs]),
        ("the list of states", states.len(), [n_steps + 1, n_state]),
    ];
    for (what, size, [n, of]) in sizes {
        if size != n * of {
            return Err(CellError::Size { what, size, expected: n * of, shape: format!("{n} × {of}") });
        }
    }
    Ok(match cell {
        AnyCell::Ltc(cell) => Some(ltc::of_ltc(cell, parameters, inputs, &states[n_state..])),
        AnyCell::Cfc(cell) => Some(cfc::of_cfc(cell, parameters, inputs, states)),
        AnyCell::FiringRate(_, cell) => {
            firing_rate::of_firing_rate(cell, parameters, inputs, &states[n_state..])
        }
        AnyCell::WiredCfc(_)
        | AnyCell::CtGru(..)
        | AnyCell::MixedLtc(_)
        | AnyCell::MixedCfc(_)
        | AnyCell::MixedWiredCfc(_) => None,
    })
}

/// `weight · x + bias`; `[outputs, inputs]` and `[outputs]`.
fn affine(weight: &[f64], bias: &[f64], x: &[f64]) -> Vec<f64> {
    let row = |(row, bias): (&[f64], &f64)| row.iter().zip(x).fold(*bias, |sum, (w, x)| sum + w * x);
    weight.chunks_exact(x.len()).zip(bias).map(row).collect()
}

fn doubles<R: Real>(values: &[R]) -> Vec<f64> {
    values.iter().map(|value| value.to_f64()).collect()
}
