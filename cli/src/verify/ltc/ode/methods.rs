//! Which of our methods a method of torchdiffeq is.

use anyhow::{Result, bail};
use rheobase_ltc::field::Smooth;
use rheobase_ltc::ode::explicit::{
    ADAPTIVE_HEUN, BOSH3, DOP853, DOPRI5, EULER, HEUN, HEUN3, KEPT_FEHLBERG2, MIDPOINT, THREE_EIGHTHS, TSIT5,
};
use rheobase_ltc::ode::implicit::{
    GAUSS_4, GAUSS_6, IMPLICIT_EULER, IMPLICIT_MIDPOINT, RADAU_3, RADAU_5, SDIRK_2, TR_BDF_2, TRAPEZOID,
};
use rheobase_ltc::ode::{Adams, Explicit, Implicit, Reversible};
use rheobase_ltc::tableau::Tableau;

/// A method.
#[derive(Clone, Copy, PartialEq)]
pub enum Method {
    Explicit(Explicit),
    Adams(Adams),
    Implicit { ours: Implicit, theirs: Tableau },
}

impl Method {
    /// By torchdiffeq's name.
    pub fn named(name: &str) -> Result<Self> {
        let implicit = |ours: Implicit| Self::Implicit { ours, theirs: *ours.tableau };
        Ok(match name {
            "euler" => Self::Explicit(EULER),
            "midpoint" => Self::Explicit(MIDPOINT),
            "heun2" => Self::Explicit(HEUN),
            "heun3" => Self::Explicit(HEUN3),
            "rk4" => Self::Explicit(THREE_EIGHTHS),
            "adaptive_heun" => Self::Explicit(ADAPTIVE_HEUN),
            "fehlberg2" => Self::Explicit(KEPT_FEHLBERG2),
            "bosh3" => Self::Explicit(BOSH3),
            "dopri5" => Self::Explicit(DOPRI5),
            "dopri8" => Self::Explicit(DOP853),
            "tsit5" => Self::Explicit(TSIT5),
            "explicit_adams" => Self::Adams(Adams::EXPLICIT),
            "implicit_adams" => Self::Adams(Adams::IMPLICIT),
            "implicit_euler" => implicit(IMPLICIT_EULER),
            "implicit_midpoint" => implicit(IMPLICIT_MIDPOINT),
            "trapezoid" => implicit(TRAPEZOID),
            "radauIIA3" => implicit(RADAU_3),
            "radauIIA5" => implicit(RADAU_5),
            "gl4" => Self::Implicit {
                ours: GAUSS_4,
                // Its second stage stands where the first does: of order 1 where the field depends on time.
                theirs: Tableau {
                    c: &[0.211_324_865_405_187_13, 0.211_324_865_405_187_13],
                    ..*GAUSS_4.tableau
                },
            },
            "gl6" => implicit(GAUSS_6),
            "sdirk2" => implicit(SDIRK_2),
            "trbdf2" => implicit(TR_BDF_2),
            other => bail!("there is no method {other}"),
        })
    }

    /// Whether it keeps a rate that is not where its step ends, which has no way back here.
    pub fn keeps_rates(&self) -> bool {
        match self {
            Self::Explicit(method) => *method == ADAPTIVE_HEUN || *method == KEPT_FEHLBERG2,
            Self::Adams(_) | Self::Implicit { .. } => false,
        }
    }

    /// As what has a way back.
    pub fn reversible(&self) -> &dyn Reversible<f64, dyn Smooth<f64>> {
        match self {
            Self::Explicit(method) => method,
            Self::Adams(method) => method,
            Self::Implicit { ours, .. } => ours,
        }
    }
}
