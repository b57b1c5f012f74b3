//! One of the cells that there are.

use rand::Rng;

use crate::Real;
use crate::cell::{Cell, Layout, Ltc};

/// A cell of any kind.
#[derive(Debug, Clone)]
pub enum AnyCell {
    /// With conductances.
    Ltc(Ltc),
}

impl AnyCell {
    /// The cell as what all of them are.
    pub fn as_cell<R: Real>(&self) -> &dyn Cell<R> {
        match self {
            Self::Ltc(cell) => cell,
        }
    }

    /// What experiment files and model files call its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Ltc(_) => "ltc",
        }
    }

    /// Number of inputs.
    pub fn n_inputs(&self) -> usize {
        self.as_cell::<f64>().n_inputs()
    }

    /// Number of state variables.
    pub fn n_state(&self) -> usize {
        self.as_cell::<f64>().n_state()
    }

    /// Number of outputs.
    pub fn n_outputs(&self) -> usize {
        self.as_cell::<f64>().n_outputs()
    }

    /// Where which parameter stands.
    pub fn layout(&self) -> &Layout {
        self.as_cell::<f64>().layout()
    }

    /// Raw parameters to start from, as the cell's own library draws them.
    pub(super) fn start<R: Real>(&self, rng: &mut impl Rng) -> Vec<R> {
        match self {
            Self::Ltc(cell) => cell.start(rng),
        }
    }

    /// Moves parameters back into their range, as the cell's own library does.
    pub(super) fn clip<R: Real>(&self, raw: &mut [R]) {
        match self {
            Self::Ltc(cell) => cell.clip(raw),
        }
    }
}
