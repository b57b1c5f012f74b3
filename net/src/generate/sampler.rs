//! Draws from a [`Distribution`].
//!
//! The draws are written out here and in [`random`](crate::random) and not taken from a library, because
//! their bits are part of what a seed means.

use super::{Distribution, Drawn, Normal};
use crate::random::{Gamma, Stream};

/// A distribution, prepared for drawing.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sampler {
    Constant(f64),
    Uniform { low: f64, high: f64 },
    Normal { mean: f64, std: f64, low: f64, high: f64, clip: bool },
    LogNormal { mu: f64, sigma: f64, factor: f64 },
    Gamma { gamma: Gamma, factor: f64 },
    Either { a: f64, b: f64, p_a: f64 },
}

impl Sampler {
    /// Prepares a distribution that [`Distribution::faults`] found nothing wrong with.
    pub(super) fn new(distribution: &Distribution) -> Self {
        match *distribution {
            Distribution::Constant(value) => Self::Constant(value),
            Distribution::Drawn(Drawn::Uniform { low, high }) => Self::Uniform { low, high },
            Distribution::Drawn(Drawn::Normal(normal)) => {
                let (low, high) = normal.limits();
                let Normal { mean, std, min: _, max: _, clip } = normal;
                Self::Normal { mean, std, low, high, clip }
            }
            Distribution::Drawn(Drawn::LogNormal { mu, sigma, factor }) => {
                Self::LogNormal { mu, sigma, factor }
            }
            Distribution::Drawn(Drawn::Gamma { shape, scale, factor }) => {
                Self::Gamma { gamma: Gamma::new(shape, scale), factor }
            }
            Distribution::Drawn(Drawn::Either { a, b, p_a }) => Self::Either { a, b, p_a },
        }
    }

    /// One value.
    pub(super) fn draw(&self, stream: &mut Stream) -> f64 {
        let mut value = 0.0;
        self.fill(stream, std::slice::from_mut(&mut value), |value| value);
        value
    }

    /// A value for each place, converted. The kind of distribution is looked up once.
    pub(super) fn fill<T>(&self, stream: &mut Stream, places: &mut [T], convert: impl Fn(f64) -> T) {
        match *self {
            Self::Constant(value) => fill_with(places, convert, || value),
            Self::Uniform { low, high } => {
                fill_with(places, convert, || low + (high - low) * stream.open01());
            }
            Self::Normal { mean, std, low, high, clip: true } => {
                fill_with(places, convert, || (mean + std * stream.normal()).max(low).min(high));
            }
            Self::Normal { mean, std, low, high, clip: false } => fill_with(places, convert, || {
                loop {
                    let value = mean + std * stream.normal();
                    if value >= low && value <= high {
                        return value;
                    }
                }
            }),
            Self::LogNormal { mu, sigma, factor } => {
                fill_with(places, convert, || factor * libm::exp(mu + sigma * stream.normal()));
            }
            Self::Gamma { gamma, factor } => fill_with(places, convert, || factor * gamma.draw(stream)),
            Self::Either { a, b, p_a } => {
                fill_with(places, convert, || if stream.open01() < p_a { a } else { b });
            }
        }
    }
}

#[inline(always)]
fn fill_with<T>(places: &mut [T], convert: impl Fn(f64) -> T, mut draw: impl FnMut() -> f64) {
    places.iter_mut().for_each(|place| *place = convert(draw()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Purpose;

    /// Mean and deviation of n draws; the error of the mean is deviation/√n.
    fn moments(distribution: Distribution) -> (f64, f64) {
        let sampler = Sampler::new(&distribution);
        let mut stream = Stream::new(5, Purpose::Parameter, 0, 0);
        let values: Vec<f64> = (0..100_000).map(|_| sampler.draw(&mut stream)).collect();
        let mean = values.iter().sum::<f64>() / 1e5;
        (mean, (values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5).sqrt())
    }

    /// Closed forms: uniform (high − low)/√12; lognormal exp(mu + sigma²/2); gamma shape·scale and
    /// √shape·scale; two values p a + (1 − p) b; a Gaussian above its mean has mean √(2/π).
    #[test]
    fn draws_have_the_moments_of_the_textbook() {
        let half = Normal { mean: 0.0, std: 1.0, min: Some(0.0), max: None, clip: false };
        let clipped = Normal { clip: true, ..half };
        let drawn = Distribution::Drawn;
        let root = |x: f64| x.sqrt();
        let pi = std::f64::consts::PI;
        let cases = [
            (Distribution::from(2.5), 2.5, 0.0),
            (Distribution::uniform(1.0, 3.0), 2.0, 2.0 / root(12.0)),
            (Distribution::normal(-4.0, 0.5), -4.0, 0.5),
            (drawn(Drawn::Normal(half)), root(2.0 / pi), root(1.0 - 2.0 / pi)),
            (drawn(Drawn::Normal(clipped)), 1.0 / root(2.0 * pi), root(0.5 - 0.5 / pi)),
            (
                drawn(Drawn::LogNormal { mu: 0.0, sigma: 0.5, factor: -2.0 }),
                -2.0 * 0.125_f64.exp(),
                2.0 * root((0.25_f64.exp() - 1.0) * 0.25_f64.exp()),
            ),
            (drawn(Drawn::Gamma { shape: 0.25, scale: 2.0, factor: 1.0 }), 0.5, 1.0),
            (drawn(Drawn::Gamma { shape: 4.0, scale: 0.5, factor: 1.0 }), 2.0, 1.0),
            (drawn(Drawn::Either { a: 1.0, b: -1.0, p_a: 0.8 }), 0.6, 0.8),
        ];
        for (distribution, mean, deviation) in cases {
            let (m, d) = moments(distribution);
            assert!((m - mean).abs() <= 5.0 * deviation / 1e5_f64.sqrt() + 1e-12, "{distribution:?}: {m}");
            assert!((d - deviation).abs() <= 0.02 * deviation + 1e-12, "{distribution:?}: {d}");
        }
    }
}
