//! One step of a group's cell.

use rheobase_ltc::cell::ltc::Stream;
use rheobase_ltc::cell::{CellError, Ltc};
use rheobase_net::{LiquidCell, LtcPopulation};

use super::alone::Alone;

/// A cell with its parameters and its state.
pub(super) enum Stepper {
    /// Vector code runs over units, with the bits of the same sample in a batch.
    Ltc(Box<Stream<f64>>),
    /// Vector code runs over samples, all of which are the same.
    Alone(Alone),
}

impl Stepper {
    /// The cell of a group at its start.
    pub fn new(ltc: &LtcPopulation) -> Self {
        let start: Vec<f64> = (0..ltc.cell.n_units()).map(|unit| ltc.v_init.get(unit)).collect();
        let mut stepper = match &ltc.cell {
            LiquidCell::Ltc { wiring, config } => {
                let cell = Ltc::new(wiring.clone(), config.clone()).expect("validation has built the cell");
                let stream = cell.stream(&ltc.parameters).expect("validation has counted the parameters");
                Self::Ltc(Box::new(stream))
            }
            LiquidCell::Cfc { .. } | LiquidCell::WiredCfc { .. } => {
                let cell = ltc.cell.build().expect("validation has built the cell");
                Self::Alone(Alone::new(cell, &ltc.parameters))
            }
        };
        stepper.go_on(&start);
        stepper
    }

    /// Takes a step.
    ///
    /// # Errors
    /// If a state is no number any more, which is the only fault that validation leaves.
    pub fn step(&mut self, inputs: &[f64], elapsed: f64) -> Result<(), CellError> {
        match self {
            Self::Ltc(stream) => stream.step(inputs, elapsed).map(|_| ()),
            Self::Alone(cell) => cell.step(inputs, elapsed),
        }
    }

    /// The states of the units.
    pub fn state(&self) -> &[f64] {
        match self {
            Self::Ltc(stream) => stream.state(),
            Self::Alone(cell) => cell.state(),
        }
    }

    /// The outputs of the last step.
    pub fn outputs(&self) -> &[f64] {
        match self {
            Self::Ltc(stream) => stream.outputs(),
            Self::Alone(cell) => cell.outputs(),
        }
    }

    /// Goes on from a state.
    pub fn go_on(&mut self, state: &[f64]) {
        match self {
            Self::Ltc(stream) => stream.start(state).expect("a state has a number for every unit"),
            Self::Alone(cell) => cell.go_on(state),
        }
    }
}
