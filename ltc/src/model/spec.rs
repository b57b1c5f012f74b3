//! Which cell, in a few numbers: as experiment files say it.

use serde::{Deserialize, Serialize};

use super::AnyCell;
use crate::cell::ltc::LtcConfig;
use crate::cell::{CellError, Ltc};
use crate::wiring::{Full, WiringError, WiringSpec};

/// What a cell is made from, but for the number of inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CellSpec {
    /// [`Ltc`]
    Ltc(LtcSpec),
}

/// What an [`Ltc`] is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LtcSpec {
    /// What it does.
    pub config: LtcConfig,
    /// Who listens to whom.
    pub wiring: WiringSpec,
}

impl Default for LtcSpec {
    fn default() -> Self {
        Self { config: LtcConfig::default(), wiring: WiringSpec::Full(Full::default()) }
    }
}

/// Why there is no such cell.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// The wiring cannot be drawn.
    #[error("the wiring cannot be drawn: {0}")]
    Wiring(#[from] WiringError),
    /// The cell cannot be made.
    #[error("the cell cannot be made: {0}")]
    Cell(#[from] CellError),
}

impl CellSpec {
    /// Makes the cell for so many inputs.
    ///
    /// # Errors
    /// [`SpecError`] if a number is out of its range.
    pub fn build(&self, n_inputs: usize) -> Result<AnyCell, SpecError> {
        match self {
            Self::Ltc(LtcSpec { config, wiring }) => {
                Ok(AnyCell::Ltc(Ltc::new(wiring.draw(n_inputs as u32)?, config.clone())?))
            }
        }
    }
}
