//! Which cell, in a few numbers: as experiment files say it.

use serde::{Deserialize, Serialize};

use super::AnyCell;
use crate::cell::cfc::{Cfc, CfcConfig, Mode, WiredCfc};
use crate::cell::ct_gru::{CtGru, Decay};
use crate::cell::explicit::{Explicit, FiringRate, FiringRateConfig};
use crate::cell::ltc::LtcConfig;
use crate::cell::{CellError, Ltc, mixed_memory};
use crate::tableau::EXPLICIT;
use crate::wiring::{Full, Wiring, WiringError, WiringSpec};

/// What a cell is made from, but for the number of inputs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CellSpec {
    /// [`Ltc`]
    Ltc(LtcSpec),
    /// [`Cfc`]
    Cfc(CfcSpec),
    /// [`WiredCfc`]
    WiredCfc(WiredCfcSpec),
    /// [`FiringRate`], by explicit steps
    FiringRate(FiringRateSpec),
    /// [`CtGru`]
    CtGru(CtGruSpec),
    /// [`Ltc`] behind an LSTM
    MixedLtc(LtcSpec),
    /// [`Cfc`] behind an LSTM
    MixedCfc(CfcSpec),
    /// [`WiredCfc`] behind an LSTM
    MixedWiredCfc(WiredCfcSpec),
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

/// What a [`Cfc`] is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CfcSpec {
    /// Number of units.
    pub units: usize,
    /// What it is made of.
    pub config: CfcConfig,
}

/// What a [`WiredCfc`] is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WiredCfcSpec {
    /// How elapsed time enters.
    pub mode: Mode,
    /// Who listens to whom.
    pub wiring: WiringSpec,
}

/// What firing rates are made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FiringRateSpec {
    /// Number of units.
    pub units: usize,
    /// The vector field.
    pub config: FiringRateConfig,
    /// The explicit method: `euler`, `heun`, `midpoint`, `rk4`, ….
    pub method: String,
    /// Its steps in an elapsed time.
    pub n_steps: usize,
}

/// What a [`CtGru`] is made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CtGruSpec {
    /// Number of units.
    pub units: usize,
    /// Scales of time that each has.
    pub n_scales: usize,
    /// How memory decays.
    pub decay: Decay,
}

impl Default for LtcSpec {
    fn default() -> Self {
        Self { config: LtcConfig::default(), wiring: WiringSpec::Full(Full::default()) }
    }
}

impl Default for CfcSpec {
    fn default() -> Self {
        Self { units: 32, config: CfcConfig::default() }
    }
}

impl Default for WiredCfcSpec {
    fn default() -> Self {
        Self { mode: Mode::default(), wiring: WiringSpec::Full(Full::default()) }
    }
}

impl Default for FiringRateSpec {
    /// The CT-RNN of the LTC paper's experiments, by its method.
    fn default() -> Self {
        Self { units: 32, config: FiringRateConfig::ct_rnn(), method: "euler".to_owned(), n_steps: 6 }
    }
}

impl Default for CtGruSpec {
    fn default() -> Self {
        Self { units: 32, n_scales: 8, decay: Decay::default() }
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
    /// A method that is not known.
    #[error("there is no explicit method {method:?}; there are {known}")]
    Method {
        /// What it was called.
        method: String,
        /// Those that there are.
        known: String,
    },
}

impl CellSpec {
    /// Makes the cell for so many inputs.
    ///
    /// # Errors
    /// [`SpecError`] if a number is out of its range.
    pub fn build(&self, n_inputs: usize) -> Result<AnyCell, SpecError> {
        let draw = |wiring: &WiringSpec| -> Result<Wiring, WiringError> { wiring.draw(n_inputs as u32) };
        let ltc = |LtcSpec { config, wiring }: &LtcSpec| -> Result<Ltc, SpecError> {
            Ok(Ltc::new(draw(wiring)?, config.clone())?)
        };
        let cfc = |CfcSpec { units, config }: &CfcSpec| Cfc::new(n_inputs, *units, config.clone());
        let wired = |WiredCfcSpec { mode, wiring }: &WiredCfcSpec| -> Result<WiredCfc, SpecError> {
            Ok(WiredCfc::new(draw(wiring)?, *mode)?)
        };
        Ok(match self {
            Self::Ltc(spec) => AnyCell::Ltc(ltc(spec)?),
            Self::Cfc(spec) => AnyCell::Cfc(cfc(spec)?),
            Self::WiredCfc(spec) => AnyCell::WiredCfc(wired(spec)?),
            Self::FiringRate(spec) => AnyCell::firing_rate(n_inputs, spec.clone())?,
            Self::CtGru(spec) => AnyCell::ct_gru(n_inputs, spec.clone())?,
            Self::MixedLtc(spec) => AnyCell::MixedLtc(mixed_memory::<f64, _>(ltc(spec)?)?),
            Self::MixedCfc(spec) => AnyCell::MixedCfc(mixed_memory::<f64, _>(cfc(spec)?)?),
            Self::MixedWiredCfc(spec) => AnyCell::MixedWiredCfc(mixed_memory::<f64, _>(wired(spec)?)?),
        })
    }
}

impl AnyCell {
    /// Firing rates.
    ///
    /// # Errors
    /// [`SpecError`] if a number is out of its range, or the method is not known.
    pub fn firing_rate(n_inputs: usize, spec: FiringRateSpec) -> Result<Self, SpecError> {
        let method = EXPLICIT.into_iter().find(|method| method.name == spec.method).ok_or_else(|| {
            let known = EXPLICIT.map(|method| method.name).join(", ");
            SpecError::Method { method: spec.method.clone(), known }
        })?;
        let field = FiringRate::new(n_inputs, spec.units, spec.config.clone())?;
        let cell = Explicit::new(field, method, spec.n_steps, None)?;
        Ok(Self::FiringRate(spec, cell))
    }

    /// A CT-GRU.
    ///
    /// # Errors
    /// [`SpecError`] if a number is out of its range.
    pub fn ct_gru(n_inputs: usize, spec: CtGruSpec) -> Result<Self, SpecError> {
        let cell = CtGru::new(n_inputs, spec.units, spec.n_scales, spec.decay)?;
        Ok(Self::CtGru(spec, cell))
    }
}
