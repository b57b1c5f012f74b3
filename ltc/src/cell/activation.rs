//! What a layer does to the sums of its units.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{CellError, LANES, Lanes};
use crate::Real;

/// A function of the sum of a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// `1.7159 tanh(0.666 z)`, as LeCun, Bottou, Orr & Müller 1998 (doi 10.1007/3-540-49430-8_2) advise.
    #[default]
    LecunTanh,
    /// `z σ(z)`.
    Silu,
    /// `max(z, 0)`.
    Relu,
    /// `tanh z`.
    Tanh,
    /// `z Φ(z)`, with the normal distribution Φ; not vector code, so slower than the others.
    Gelu,
}

pub(super) const LECUN_HEIGHT: f64 = 1.7159;
pub(super) const LECUN_SLOPE: f64 = 0.666;

impl Activation {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::LecunTanh, Self::Silu, Self::Relu, Self::Tanh, Self::Gelu];

    /// What it is called in a file; the names of `ncps`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::LecunTanh => "lecun_tanh",
            Self::Silu => "silu",
            Self::Relu => "relu",
            Self::Tanh => "tanh",
            Self::Gelu => "gelu",
        }
    }

    /// Its value at one number.
    pub(crate) fn at<R: Real>(self, z: R) -> R {
        self.of(&[z; LANES])[0]
    }

    /// Its value at `z`.
    #[inline(always)]
    pub(super) fn of<R: Real>(self, z: &Lanes<R>) -> Lanes<R> {
        self.with_slope(z).0
    }

    /// Its value and its derivative at `z`.
    #[inline(always)]
    pub(super) fn with_slope<R: Real>(self, z: &Lanes<R>) -> (Lanes<R>, Lanes<R>) {
        let (mut value, mut slope) = (*z, *z);
        match self {
            Self::LecunTanh => {
                let (height, steepness) = (R::of(LECUN_HEIGHT), R::of(LECUN_SLOPE));
                for lane in 0..LANES {
                    let y = (steepness * z[lane]).tanh();
                    value[lane] = height * y;
                    slope[lane] = height * steepness * (R::ONE - y * y);
                }
            }
            Self::Silu => {
                for lane in 0..LANES {
                    let s = z[lane].sigmoid();
                    value[lane] = z[lane] * s;
                    slope[lane] = s * (R::ONE - s).mul_add(z[lane], R::ONE);
                }
            }
            Self::Relu => {
                for lane in 0..LANES {
                    // NaN must stay NaN, so that it is found.
                    value[lane] = if z[lane] <= R::ZERO { R::ZERO } else { z[lane] };
                    slope[lane] = if z[lane] > R::ZERO { R::ONE } else { R::ZERO };
                }
            }
            Self::Tanh => {
                for lane in 0..LANES {
                    let y = z[lane].tanh();
                    value[lane] = y;
                    slope[lane] = R::ONE - y * y;
                }
            }
            Self::Gelu => {
                for lane in 0..LANES {
                    let x = z[lane].to_f64();
                    let below = 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
                    let density = libm::exp(-0.5 * x * x)
                        * (0.5 * std::f64::consts::FRAC_2_SQRT_PI)
                        * std::f64::consts::FRAC_1_SQRT_2;
                    value[lane] = R::of(x * below);
                    slope[lane] = R::of(below + x * density);
                }
            }
        }
        (value, slope)
    }
}

impl FromStr for Activation {
    type Err = CellError;

    fn from_str(name: &str) -> Result<Self, CellError> {
        let named = Self::ALL.into_iter().find(|activation| activation.name() == name);
        named.ok_or_else(|| CellError::Activation {
            name: name.to_owned(),
            known: Self::ALL.map(Self::name).join(", "),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_those_of_their_formulas() {
        let at = |activation: Activation, z: f64| activation.of(&[z; LANES])[3];
        for z in [-3.0_f64, -0.5, 0.0, 0.25, 2.0] {
            let close = |x: f64, y: f64| assert!((x - y).abs() < 1e-15 * (1.0 + y.abs()), "{z}: {x}, {y}");
            close(at(Activation::LecunTanh, z), 1.7159 * (0.666 * z).tanh());
            close(at(Activation::Silu, z), z / (1.0 + (-z).exp()));
            close(at(Activation::Relu, z), z.max(0.0));
            close(at(Activation::Tanh, z), z.tanh());
        }
        // Φ(1) = 0.8413447460685429, Abramowitz & Stegun, table 26.1.
        assert!((at(Activation::Gelu, 1.0) - 0.841_344_746_068_542_9).abs() < 1e-15);
        assert!((at(Activation::Gelu, -1.0) + 0.158_655_253_931_457_05).abs() < 1e-15);
    }

    #[test]
    fn slopes_are_those_of_central_differences() {
        for activation in Activation::ALL {
            for z in [-4.0, -1.0, -0.1, 0.3, 2.5] {
                let at = |z: f64| activation.of(&[z; LANES])[0];
                let expected = (at(z + 1e-5) - at(z - 1e-5)) / 2e-5;
                let slope = activation.with_slope(&[z; LANES]).1[7];
                assert!((slope - expected).abs() < 1e-9, "{activation:?} at {z}: {slope}, {expected}");
            }
        }
    }

    #[test]
    fn names_are_known_or_listed() {
        for activation in Activation::ALL {
            assert_eq!(activation.name().parse(), Ok(activation));
        }
        let error = "lecun".parse::<Activation>().unwrap_err().to_string();
        assert_eq!(
            error,
            "the activation \"lecun\" is unknown; there are lecun_tanh, silu, relu, tanh, gelu"
        );
    }
}
