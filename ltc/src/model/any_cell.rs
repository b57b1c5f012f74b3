//! One of the cells that there are.

use rand::Rng;

use super::spec::{CtGruSpec, FiringRateSpec};
use crate::Real;
use crate::cell::explicit::{Explicit, FiringRate};
use crate::cell::{Cell, Cfc, CtGru, Layout, Lstm, Ltc, Then, WiredCfc};

/// A cell of any kind that is trained by experiments.
#[derive(Debug, Clone)]
pub enum AnyCell {
    /// With conductances.
    Ltc(Ltc),
    /// Closed form.
    Cfc(Cfc),
    /// Closed form over a wiring.
    WiredCfc(WiredCfc),
    /// Firing rates, by explicit steps: CT-RNN, Neural ODE, liquid τ.
    FiringRate(FiringRateSpec, Explicit<FiringRate>),
    /// Memory on fixed scales of time.
    CtGru(CtGruSpec, CtGru),
    /// With conductances, behind an LSTM.
    MixedLtc(Then<Lstm, Ltc>),
    /// Closed form, behind an LSTM.
    MixedCfc(Then<Lstm, Cfc>),
    /// Closed form over a wiring, behind an LSTM.
    MixedWiredCfc(Then<Lstm, WiredCfc>),
}

impl AnyCell {
    /// The cell as what all of them are.
    pub fn as_cell<R: Real>(&self) -> &dyn Cell<R> {
        match self {
            Self::Ltc(cell) => cell,
            Self::Cfc(cell) => cell,
            Self::WiredCfc(cell) => cell,
            Self::FiringRate(_, cell) => cell,
            Self::CtGru(_, cell) => cell,
            Self::MixedLtc(cell) => cell,
            Self::MixedCfc(cell) => cell,
            Self::MixedWiredCfc(cell) => cell,
        }
    }

    /// What experiment files and model files call its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Ltc(_) => "ltc",
            Self::Cfc(_) => "cfc",
            Self::WiredCfc(_) => "wired_cfc",
            Self::FiringRate(..) => "firing_rate",
            Self::CtGru(..) => "ct_gru",
            Self::MixedLtc(_) => "mixed_ltc",
            Self::MixedCfc(_) => "mixed_cfc",
            Self::MixedWiredCfc(_) => "mixed_wired_cfc",
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
            Self::Cfc(cell) => cell.start(rng),
            Self::WiredCfc(cell) => cell.start(rng),
            Self::FiringRate(_, cell) => cell.field().start(rng),
            Self::CtGru(_, cell) => cell.start(rng),
            Self::MixedLtc(cell) => {
                let of_lstm = cell.first().start(rng);
                cell.join(of_lstm, &cell.second().start(rng))
            }
            Self::MixedCfc(cell) => {
                let of_lstm = cell.first().start(rng);
                cell.join(of_lstm, &cell.second().start(rng))
            }
            Self::MixedWiredCfc(cell) => {
                let of_lstm = cell.first().start(rng);
                cell.join(of_lstm, &cell.second().start(rng))
            }
        }
    }

    /// Moves parameters back into their range, as the cell's own library does.
    pub(super) fn clip<R: Real>(&self, raw: &mut [R]) {
        match self {
            Self::Ltc(cell) => cell.clip(raw),
            Self::MixedLtc(cell) => {
                let n_lstm = Cell::<R>::layout(cell.first()).n_parameters();
                cell.second().clip(&mut raw[n_lstm..]);
            }
            Self::Cfc(_)
            | Self::WiredCfc(_)
            | Self::FiringRate(..)
            | Self::CtGru(..)
            | Self::MixedCfc(_)
            | Self::MixedWiredCfc(_) => {}
        }
    }
}
