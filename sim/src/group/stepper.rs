//! One step of a group's cell.

use rheobase_ltc::cell::ltc::Stream;
use rheobase_ltc::cell::{CellError, Ltc};
use rheobase_net::{LiquidCell, LtcPopulation};

/// A cell with its parameters and its state.
#[derive(Debug)]
pub(super) enum Stepper {
    /// Vector code runs over units, with the bits of the same sample in a batch.
    Ltc(Stream<f64>),
}

impl Stepper {
    /// The cell of a group at its start.
    pub fn new(ltc: &LtcPopulation) -> Self {
        let start: Vec<f64> = (0..ltc.cell.n_units()).map(|unit| ltc.v_init.get(unit)).collect();
        match &ltc.cell {
            LiquidCell::Ltc { wiring, config } => {
                let cell = Ltc::new(wiring.clone(), config.clone()).expect("validation has built the cell");
                let stream = cell.stream(&ltc.parameters).expect("validation has counted the parameters");
                let mut stepper = Self::Ltc(stream);
                stepper.go_on(&start);
                stepper
            }
        }
    }

    /// Takes a step.
    ///
    /// # Errors
    /// If a state is no number any more, which is the only fault that validation leaves.
    pub fn step(&mut self, inputs: &[f64], elapsed: f64) -> Result<(), CellError> {
        match self {
            Self::Ltc(stream) => stream.step(inputs, elapsed).map(|_| ()),
        }
    }

    /// The states of the units.
    pub fn state(&self) -> &[f64] {
        match self {
            Self::Ltc(stream) => stream.state(),
        }
    }

    /// The outputs of the last step.
    pub fn outputs(&self) -> &[f64] {
        match self {
            Self::Ltc(stream) => stream.outputs(),
        }
    }

    /// Goes on from a state.
    pub fn go_on(&mut self, state: &[f64]) {
        match self {
            Self::Ltc(stream) => stream.start(state).expect("a state has a number for every unit"),
        }
    }
}
