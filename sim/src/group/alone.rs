//! A cell of any kind, with one sample in all of its lanes.
//!
//! Vector code of a cell runs over samples, of which a group has one: so a step costs as much as one of
//! [`LANES`] samples. Its bits are those of the sample in any batch.

use rheobase_ltc::cell::{Cell, CellError, LANES, Lanes, Step};

/// A cell with its parameters and its state.
pub(super) struct Alone {
    cell: Box<dyn Cell<f64>>,
    /// Effective ones.
    parameters: Vec<f64>,
    inputs: Vec<Lanes<f64>>,
    before: Vec<Lanes<f64>>,
    after: Vec<Lanes<f64>>,
    outputs: Vec<Lanes<f64>>,
    kept: Vec<Lanes<f64>>,
    /// The state and the outputs after the last step, of one lane.
    state: Vec<f64>,
    answers: Vec<f64>,
}

impl Alone {
    /// A cell with raw parameters, in a state of 0.
    pub fn new(cell: Box<dyn Cell<f64>>, raw: &[f64]) -> Self {
        let zeros = |n: usize| vec![[0.0; LANES]; n];
        Self {
            parameters: cell.effective(raw),
            inputs: zeros(cell.n_inputs()),
            before: zeros(cell.n_state()),
            after: zeros(cell.n_state()),
            outputs: zeros(cell.n_outputs()),
            kept: zeros(cell.n_kept()),
            state: vec![0.0; cell.n_state()],
            answers: vec![0.0; cell.n_outputs()],
            cell,
        }
    }

    /// Takes a step.
    ///
    /// # Errors
    /// If a state is no number any more.
    pub fn step(&mut self, inputs: &[f64], elapsed: f64) -> Result<(), CellError> {
        fill(&mut self.inputs, inputs);
        fill(&mut self.before, &self.state);
        let Self { cell, parameters, inputs, before, after, outputs, kept, state, answers } = self;
        let elapsed = &[elapsed; LANES];
        cell.step(parameters, Step { inputs, elapsed, masks: None, before, after, outputs, kept });
        state.iter_mut().zip(after).for_each(|(state, lanes)| *state = lanes[0]);
        answers.iter_mut().zip(outputs).for_each(|(answer, lanes)| *answer = lanes[0]);
        match state.iter().position(|value| !value.is_finite()) {
            Some(unit) => Err(CellError::NotFinite { unit, sample: 0, step: 0, value: state[unit] }),
            None => Ok(()),
        }
    }

    /// The states of the units.
    pub fn state(&self) -> &[f64] {
        &self.state
    }

    /// The outputs of the last step.
    pub fn outputs(&self) -> &[f64] {
        &self.answers
    }

    /// Goes on from a state.
    pub fn go_on(&mut self, state: &[f64]) {
        self.state.copy_from_slice(state);
    }
}

fn fill(lanes: &mut [Lanes<f64>], values: &[f64]) {
    lanes.iter_mut().zip(values).for_each(|(lanes, value)| *lanes = [*value; LANES]);
}
