//! One sample through a cell.

use rheobase_ltc::cell::{Cell, LANES, Lanes, Step};
use rheobase_net::LtcPopulation;

/// A cell with its parameters, and the space for a step.
pub(super) struct Stepper {
    cell: Box<dyn Cell<f64>>,
    /// The effective parameters.
    parameters: Vec<f64>,
    inputs: Vec<Lanes<f64>>,
    before: Vec<Lanes<f64>>,
    after: Vec<Lanes<f64>>,
    outputs: Vec<Lanes<f64>>,
    kept: Vec<Lanes<f64>>,
}

impl Stepper {
    /// The cell of a group.
    pub fn new(ltc: &LtcPopulation) -> Self {
        let cell = ltc.cell.build().expect("validation has built it");
        let parameters = cell.effective(&ltc.parameters);
        let lanes = |n: usize| vec![[0.0; LANES]; n];
        Self {
            parameters,
            inputs: lanes(cell.n_inputs()),
            before: lanes(cell.n_state()),
            after: lanes(cell.n_state()),
            outputs: lanes(cell.n_outputs()),
            kept: lanes(cell.n_kept()),
            cell,
        }
    }

    /// Takes a step; the sample is the first lane, and no lane knows of the others.
    pub fn step(&mut self, inputs: &[f64], elapsed: f64, state: &mut [f64], outputs: &mut [f64]) {
        let fill = |lanes: &mut [Lanes<f64>], values: &[f64]| {
            lanes.iter_mut().zip(values).for_each(|(lanes, value)| lanes[0] = *value);
        };
        fill(&mut self.inputs, inputs);
        fill(&mut self.before, state);
        let mut of_lanes = [0.0; LANES];
        of_lanes[0] = elapsed;
        let Self { cell, parameters, inputs, before, after, outputs: sent, kept } = self;
        let step = Step { inputs, elapsed: &of_lanes, before, after, outputs: sent, kept };
        cell.step(parameters, step);
        state.iter_mut().zip(after).for_each(|(value, lanes)| *value = lanes[0]);
        outputs.iter_mut().zip(sent).for_each(|(value, lanes)| *value = lanes[0]);
    }
}
