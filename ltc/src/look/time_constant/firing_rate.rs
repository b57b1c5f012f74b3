//! Time constants of firing rates: τ as the field has it.

use super::{TimeConstants, affine, doubles};
use crate::Real;
use crate::cell::Cell;
use crate::cell::explicit::{Explicit, FiringRate, TimeConstant};

/// At the end of steps that had these inputs and ended in these states; none, if units do not leak.
pub(super) fn of_firing_rate<R: Real>(
    cell: &Explicit<FiringRate>,
    parameters: &[R],
    inputs: &[R],
    states: &[R],
) -> Option<TimeConstants> {
    let (layout, units) = (Cell::<f64>::layout(cell), Cell::<f64>::n_state(cell));
    let parameters = doubles(parameters);
    let block = |name: &str| &parameters[layout.range(name).expect("the layout of firing rates has it")];
    let n_steps = states.len() / units;
    let constant = |of_units: Vec<f64>| TimeConstants {
        values: of_units.repeat(n_steps),
        least: of_units.clone(),
        most: of_units,
    };
    match cell.field().config().time_constant {
        TimeConstant::None => None,
        TimeConstant::Fixed(tau) => Some(constant(vec![tau; units])),
        TimeConstant::Learned => Some(constant(block("tau").iter().map(|raw| raw.softplus()).collect())),
        TimeConstant::Liquid { min, max } => {
            let n_inputs = inputs.len() / n_steps.max(1);
            let mut values = Vec::with_capacity(states.len());
            for (k, state) in states.chunks_exact(units).enumerate() {
                let of_states = affine(block("tau_w"), block("tau_bias"), &doubles(state));
                let zeros = vec![0.0; units];
                let of_inputs = match n_inputs {
                    0 => zeros,
                    n => affine(block("tau_input_w"), &zeros, &doubles(&inputs[k * n..(k + 1) * n])),
                };
                let sums = of_states.iter().zip(&of_inputs).map(|(a, b)| a + b);
                values.extend(sums.map(|z| (max - min).mul_add(z.sigmoid(), min)));
            }
            Some(TimeConstants { values, least: vec![min; units], most: vec![max; units] })
        }
    }
}
