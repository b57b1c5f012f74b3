//! Values that are given or drawn: parameters, weights, delays.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A number, or how it is drawn.
///
/// In TOML a plain number, or a table with one key:
/// `{ normal = { mean = 1.5, std = 0.75, min = 0.1 } }`.
///
/// | name | keys | density |
/// |---|---|---|
/// | `uniform` | `low`, `high` | even in \[low, high) |
/// | `normal` | `mean`, `std`, `min`, `max`, `clip` | Gaussian; outside `min…max` it is drawn again, or set to the limit if `clip` |
/// | `lognormal` | `mu`, `sigma`, `factor` | `factor · exp(normal(mu, sigma))`: the median is `factor · exp(mu)` |
/// | `gamma` | `shape`, `scale`, `factor` | `factor` × a gamma variable of mean `shape · scale` |
/// | `either` | `a`, `b`, `p_a` | `a` with probability `p_a`, else `b` |
///
/// A negative `factor` makes the weights of inhibitory synapses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Distribution {
    /// Always this value.
    Constant(f64),
    /// One of the table above.
    Drawn(Drawn),
}

/// The distributions that draw.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Drawn {
    /// Even between two limits.
    Uniform {
        /// Lowest value.
        low: f64,
        /// Above the highest value.
        high: f64,
    },
    /// Gaussian, perhaps within limits.
    Normal(Normal),
    /// The exponential of a Gaussian.
    #[serde(rename = "lognormal")]
    LogNormal {
        /// Mean of the logarithm.
        mu: f64,
        /// Standard deviation of the logarithm, ≥ 0.
        sigma: f64,
        /// What every draw is multiplied with.
        #[serde(default = "one")]
        factor: f64,
    },
    /// Gamma.
    Gamma {
        /// Shape, > 0.
        shape: f64,
        /// Scale, > 0.
        scale: f64,
        /// What every draw is multiplied with.
        #[serde(default = "one")]
        factor: f64,
    },
    /// One of two values.
    Either {
        /// The first value.
        a: f64,
        /// The second value.
        b: f64,
        /// The probability of the first, in \[0, 1\].
        p_a: f64,
    },
}

/// A Gaussian, perhaps within limits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Normal {
    /// Mean, before the limits act.
    pub mean: f64,
    /// Standard deviation, before the limits act, ≥ 0.
    pub std: f64,
    /// Lower limit, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// Upper limit, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// Whether values beyond a limit are set to it; else they are drawn again.
    #[serde(default)]
    pub clip: bool,
}

fn one() -> f64 {
    1.0
}

impl From<f64> for Distribution {
    fn from(value: f64) -> Self {
        Self::Constant(value)
    }
}

impl Distribution {
    /// Even between `low` and `high`.
    pub fn uniform(low: f64, high: f64) -> Self {
        Self::Drawn(Drawn::Uniform { low, high })
    }

    /// Gaussian without limits.
    pub fn normal(mean: f64, std: f64) -> Self {
        Self::Drawn(Drawn::Normal(Normal { mean, std, min: None, max: None, clip: false }))
    }

    /// Everything that is wrong with it, as (key, value, what it must be).
    pub(super) fn faults(&self) -> Vec<(&'static str, f64, &'static str)> {
        let mut faults = Vec::new();
        let mut need = |ok: bool, name, value, must| {
            if !ok {
                faults.push((name, value, must));
            }
        };
        match *self {
            Self::Constant(value) => need(value.is_finite(), "value", value, "finite"),
            Self::Drawn(Drawn::Uniform { low, high }) => {
                need(low.is_finite(), "low", low, "finite");
                need(
                    high.is_finite() && (high >= low || !low.is_finite()),
                    "high",
                    high,
                    "finite and not below low",
                );
                need((high - low).is_finite() || !low.is_finite(), "high", high, "nearer to low");
            }
            Self::Drawn(Drawn::Normal(normal)) => {
                let Normal { mean, std, min, max, clip } = normal;
                need(mean.is_finite(), "mean", mean, "finite");
                need(std.is_finite() && std >= 0.0, "std", std, "finite and at least 0");
                let (low, high) = normal.limits();
                need(!low.is_nan() && low < f64::INFINITY, "min", min.unwrap_or(low), "a number");
                need(!high.is_nan() && high > f64::NEG_INFINITY, "max", max.unwrap_or(high), "a number");
                need(high >= low || low.is_nan() || high.is_nan(), "max", high, "not below min");
                let inside = normal.share_inside();
                let enough = clip || inside.is_nan() || inside >= Normal::LEAST_INSIDE;
                need(
                    enough,
                    "the share of draws within min…max",
                    inside,
                    "at least 0.001, or set clip = true",
                );
            }
            Self::Drawn(Drawn::LogNormal { mu, sigma, factor }) => {
                need(mu.is_finite() && mu.abs() < 300.0, "mu", mu, "between -300 and 300");
                need((0.0..=50.0).contains(&sigma), "sigma", sigma, "from 0 to 50");
                need(factor.is_finite(), "factor", factor, "finite");
            }
            Self::Drawn(Drawn::Gamma { shape, scale, factor }) => {
                need(shape.is_finite() && shape > 0.0, "shape", shape, "finite and above 0");
                need(scale.is_finite() && scale > 0.0, "scale", scale, "finite and above 0");
                need(factor.is_finite(), "factor", factor, "finite");
            }
            Self::Drawn(Drawn::Either { a, b, p_a }) => {
                need(a.is_finite(), "a", a, "finite");
                need(b.is_finite(), "b", b, "finite");
                need((0.0..=1.0).contains(&p_a), "p_a", p_a, "from 0 to 1");
            }
        }
        faults
    }
}

impl Normal {
    /// Redrawing stops being cheap below this share of draws within the limits.
    const LEAST_INSIDE: f64 = 1e-3;

    pub(super) fn limits(&self) -> (f64, f64) {
        (self.min.unwrap_or(f64::NEG_INFINITY), self.max.unwrap_or(f64::INFINITY))
    }

    /// The share of draws within the limits.
    fn share_inside(&self) -> f64 {
        let (low, high) = self.limits();
        if self.std < 0.0 || (low, high) == (f64::NEG_INFINITY, f64::INFINITY) {
            return 1.0;
        }
        if self.std == 0.0 {
            return f64::from(u8::from(low <= self.mean && self.mean <= high));
        }
        let below = |x: f64| 0.5 * libm::erfc((self.mean - x) / (self.std * std::f64::consts::SQRT_2));
        below(high) - below(low)
    }
}

impl Serialize for Distribution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Constant(value) => serializer.serialize_f64(*value),
            Self::Drawn(drawn) => drawn.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrTable;

        impl<'de> de::Visitor<'de> for NumberOrTable {
            type Value = Distribution;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number, or a table such as { normal = { mean = 1.5, std = 0.75 } }")
            }

            fn visit_f64<E>(self, value: f64) -> Result<Distribution, E> {
                Ok(Distribution::Constant(value))
            }

            fn visit_i64<E>(self, value: i64) -> Result<Distribution, E> {
                Ok(Distribution::Constant(value as f64))
            }

            fn visit_u64<E>(self, value: u64) -> Result<Distribution, E> {
                Ok(Distribution::Constant(value as f64))
            }

            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Distribution, A::Error> {
                Drawn::deserialize(de::value::MapAccessDeserializer::new(map)).map(Distribution::Drawn)
            }
        }
        deserializer.deserialize_any(NumberOrTable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Holder {
        x: Distribution,
    }

    #[test]
    fn toml_is_a_number_or_a_table() {
        let read = |text: &str| toml::from_str::<Holder>(text).map(|holder| holder.x);
        assert_eq!(read("x = 2"), Ok(Distribution::Constant(2.0)));
        assert_eq!(read("x = -1.5"), Ok(Distribution::Constant(-1.5)));
        let normal = Normal { mean: 1.5, std: 0.75, min: Some(0.1), max: None, clip: false };
        let text = "x = { normal = { mean = 1.5, std = 0.75, min = 0.1 } }";
        assert_eq!(read(text), Ok(Distribution::Drawn(Drawn::Normal(normal))));
        for wrong in
            ["x = 'a'", "x = { normal = { mean = 1 } }", "x = { uniform = { low = 0, high = 1, q = 2 } }"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let holder = Holder { x: Distribution::Drawn(Drawn::Gamma { shape: 2.0, scale: 1.0, factor: -1.0 }) };
        let text = toml::to_string(&holder).unwrap();
        assert_eq!(toml::from_str::<Holder>(&text), Ok(holder));
    }

    #[test]
    fn impossible_distributions_have_faults() {
        let far = Normal { mean: 0.0, std: 1.0, min: Some(10.0), max: None, clip: false };
        let wrong = [
            Distribution::Constant(f64::NAN),
            Distribution::uniform(2.0, 1.0),
            Distribution::normal(0.0, -1.0),
            Distribution::Drawn(Drawn::Normal(far)),
            Distribution::Drawn(Drawn::Gamma { shape: 0.0, scale: 1.0, factor: 1.0 }),
            Distribution::Drawn(Drawn::Either { a: 0.0, b: 1.0, p_a: 1.5 }),
        ];
        for distribution in wrong {
            assert_eq!(distribution.faults().len(), 1, "{distribution:?}");
        }
        assert!(Distribution::Drawn(Drawn::Normal(Normal { clip: true, ..far })).faults().is_empty());
    }
}
